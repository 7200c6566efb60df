"""Scatter charts: dots, the labels beside them, and the groups that a legend names."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from offline_endpoint.reading.chart.canvas import letter_at
from offline_endpoint.reading.chart.data import Point, Series, count_of
from offline_endpoint.reading.chart.dots import Dot, find_dots
from offline_endpoint.reading.chart.evidence import Detector, Kind, Reading, share_explained
from offline_endpoint.reading.chart.labels import clean_name, is_symbol
from offline_endpoint.reading.chart.plot import Plot, axis_value, make_chart
from offline_endpoint.reading.chart.veiled import find_veiled
from offline_endpoint.reading.text import TextLine

Found = list[tuple[int, Dot]]
"""Dots, each with the index of its layer."""


def read_scatter(plot: Plot) -> Reading | None:
    """Read a scatter chart, or None when an axis or the dots are missing."""
    if plot.x_axis is None or plot.y_axis is None:
        return None
    found = _dots(plot)
    # A block as wide as a quarter of the plot is no mark.
    if not found or float(np.median([d.width for _, d in found])) > 0.25 * min(plot.frame.width, plot.frame.height):
        return None
    found, veiled = _with_veiled(plot, found)
    labels = _label_dots(plot, [d for _, d in found])
    named = {e.layer for e in plot.legend}
    groups = sorted({i for i, _ in found if i in named}) if len(named) > 1 else [None]
    series = []
    for group in groups:
        points = [
            Point(label, axis_value(plot.x_axis, dot.x), axis_value(plot.y_axis, dot.y))
            for (index, dot), label in zip(found, labels, strict=True)
            if group is None or index == group
        ]
        points.sort(key=lambda p: (p.x, p.y))
        series.append(
            Series(
                plot.name(group) if group is not None else (plot.legend[0].name if plot.legend else None),
                tuple(points),
            )
        )
    chart = make_chart(plot, "scatter", series)
    if chart is None:
        return None
    marks = np.zeros(plot.picture.size, bool)
    for _, dot in found:
        rows, columns = _box(dot)
        marks[max(0, rows.start - 3) : rows.stop + 3, max(0, columns.start - 3) : columns.stop + 3] = True
    return Reading(replace(chart, unsure=_doubts(labels, veiled)), share_explained(plot, marks))


def _dots(plot: Plot) -> Found:
    """The dots of all layers, each once."""
    found: Found = []
    for index, layer in enumerate(plot.layers):
        found += [(index, dot) for dot in find_dots(_mended(plot, layer.mask))]
    if not found:
        return []
    # Remnants of text are many but small, so the usual size is that of most of the ink.
    areas = np.sort([d.area for _, d in found])
    usual = float(areas[np.searchsorted(areas.cumsum(), areas.sum() / 2)])
    named = {e.layer for e in plot.legend}
    contrasts = [float(np.abs(layer.color - plot.frame.color).max()) for layer in plot.layers]
    # Jpeg puts a pale ring round marks, which has their shape and is larger.
    pale = {k for k, contrast in enumerate(contrasts) if contrast < 0.4 * max(contrasts)}
    found = sorted(
        ((i, d) for i, d in found if 0.3 * usual < d.area < 5 * usual),
        key=lambda f: (f[0] not in named, f[0] in pale, -f[1].area),
    )
    kept: Found = []
    for index, dot in found:
        # An outline in another color, or the fringe that jpeg gives an edge, lies upon the mark it goes round.
        if not any(_lies_upon(dot, other) for _, other in kept):
            kept.append((index, dot))
    return sorted(kept, key=lambda f: (f[1].x, f[1].y))


def _lies_upon(dot: Dot, other: Dot) -> bool:
    apart = math.hypot(dot.x - other.x, dot.y - other.y)
    if apart <= 0.35 * max(dot.width, other.width):
        return True
    within = abs(dot.x - other.x) <= other.width / 2 + 2 and abs(dot.y - other.y) <= other.height / 2 + 2
    return within and dot.area < 0.7 * other.area


def _mended(plot: Plot, mask: np.ndarray) -> np.ndarray:
    """A mask with the cuts closed that grid lines made in marks that they show through."""
    near = np.zeros(mask.shape, bool)
    frame = plot.frame
    for axis, low, high, along in (
        (plot.y_axis, frame.top, frame.bottom, True),
        (plot.x_axis, frame.left, frame.right, False),
    ):
        for at in axis.grid(low, high) if axis else ():
            strip = slice(max(0, round(at) - 3), round(at) + 4)
            near[strip if along else slice(None), slice(None) if along else strip] = True
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return mask | (closed.astype(bool) & near)


def _box(dot: Dot) -> tuple[slice, slice]:
    left, top = round(dot.x - dot.width / 2), round(dot.y - dot.height / 2)
    return slice(max(0, top), top + round(dot.height) + 1), slice(max(0, left), left + round(dot.width) + 1)


def _with_veiled(plot: Plot, found: Found) -> tuple[Found, int]:
    """The dots with those added that a legend covers, wholly or in part, and how many those are."""
    if not plot.legend or not found:
        return found, 0
    usual = float(np.median([d.area for _, d in found]))
    index, model = min(found, key=lambda f: abs(f[1].area - usual))
    shape = plot.layers[index].mask[_box(model)]
    shape = shape[shape.any(axis=1)][:, shape.any(axis=0)]
    if shape.size == 0:
        return found, 0
    veiled = find_veiled(plot.picture, plot.layers, plot.legend, shape, plot.frame.color)
    whole = [(i, d) for i, d in found if d.area > 0.8 * usual]
    added = [
        (i, v)
        for i, v in veiled
        if plot.frame.holds(v.x, v.y)
        and all(math.hypot(v.x - d.x, v.y - d.y) > 0.6 * v.width for _, d in whole)
    ]
    # What peeps out from under the legend is a smaller dot in the wrong place.
    parts = [
        (i, d)
        for i, d in found
        if d.area <= 0.8 * usual and all(math.hypot(v.x - d.x, v.y - d.y) > v.width for _, v in added)
    ]
    return sorted([*whole, *added, *parts], key=lambda f: (f[1].x, f[1].y)), len(added)


def _doubts(labels: list[str | None], veiled: int) -> tuple[str, ...]:
    """What to say of points behind the legend, and of those without a name where most have one."""
    said = []
    missing = labels.count(None)
    if missing and missing * 2 <= len(labels):
        said.append(
            f"The name{'s' if missing > 1 else ''} of {count_of(missing, 'point')} could not be read."
        )
    if veiled:
        said.append(
            f"The legend covers {count_of(veiled, 'point')}, whose place{'s are' if veiled > 1 else ' is'} less sure."
        )
    return tuple(said)


def _label_dots(plot: Plot, dots: list[Dot]) -> list[str | None]:
    """The text beside each dot: the nearest, then the one at the offset that most labels share."""
    legend_lines = {e.line for e in plot.legend}
    texts = [t for t in plot.words.free if t not in legend_lines and not is_symbol(t) and not t.is_vertical]
    frame = plot.frame
    texts = [t for t in texts if frame.holds(min(t.right, frame.right) - 1, (t.top + t.bottom) / 2)]
    pairs, offset = _paired(plot, dots, texts)
    if offset:
        texts = _parted(plot, dots, texts, set(pairs), offset)
        pairs, _ = _paired(plot, dots, texts)
    return [clean_name(texts[pairs[i]].text) or None if i in pairs else None for i in range(len(dots))]


def _paired(
    plot: Plot, dots: list[Dot], texts: list[TextLine]
) -> tuple[dict[int, int], tuple[float, float] | None]:
    """The text of each dot that has one, by index, and the offset that most of those texts share."""
    boxes = [plot.picture.ink_box(t) for t in texts]
    pairs: dict[int, int] = {}
    offset: tuple[float, float] | None = None
    for _ in range(2):
        costs = []
        for i, dot in enumerate(dots):
            for k, box in enumerate(boxes):
                x = min(max(dot.x, box[0]), box[2])
                y = min(max(dot.y, box[1]), box[3])
                # The end of a label may reach over the next dot, which is no nearer to it for that.
                gap = max(0.0, math.hypot(x - dot.x, y - dot.y) - dot.width / 2)
                if gap > 1.2 * plot.picture.text_height:
                    continue
                shift = _shift(dot, box)
                extra = math.hypot(shift[0] - offset[0], shift[1] - offset[1]) if offset else 0.0
                costs.append((gap + extra, i, k))
        pairs, taken = {}, set()
        for _, i, k in sorted(costs):
            if i not in pairs and k not in taken:
                pairs[i] = k
                taken.add(k)
        if not pairs:
            return {}, None
        shifts = [_shift(dots[i], boxes[k]) for i, k in pairs.items()]
        offset = (float(np.median([s[0] for s in shifts])), float(np.median([s[1] for s in shifts])))
    return pairs, offset


def _parted(
    plot: Plot, dots: list[Dot], texts: list[TextLine], named: set[int], offset: tuple[float, float]
) -> list[TextLine]:
    """The texts, those that run on from one label to that of a nameless dot parted where the dot's label begins."""
    texts = list(texts)
    height = plot.picture.text_height
    for i in sorted(set(range(len(dots))) - named, key=lambda i: -dots[i].x):
        start, level = dots[i].x + offset[0], dots[i].y + offset[1]
        for k, text in enumerate(texts):
            if (
                abs((text.top + text.bottom) / 2 - level) < 0.6 * height
                and text.left + height < start < text.right - height
            ):
                at = letter_at(text.text, (start - text.left) / (text.right - text.left))
                before, after = text.text[:at].strip(), text.text[at:].strip()
                if before and after:
                    end = min(start, dots[i].x - dots[i].width / 2) - 2
                    texts[k] = replace(text, text=before, right=max(end, text.left + 2))
                    texts.append(replace(text, text=after, left=start - 1))
                break
    return texts


def _shift(dot: Dot, box: tuple[float, float, float, float]) -> tuple[float, float]:
    """How far right of its dot a label starts, or left of it ends, and how far below its middle is.

    Negative to the side for a label that reaches over its dot, as one above it does.
    """
    start, end = box[0] - dot.x, dot.x - box[2]
    return start if abs(start) <= abs(end) else end, (box[1] + box[3]) / 2 - dot.y


DETECTOR = Detector(read_scatter, (Kind("scatter", "point", "points"),))
