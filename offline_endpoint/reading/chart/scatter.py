"""Scatter charts: dots, the labels beside them, and the groups that a legend names."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from offline_endpoint.reading.chart.data import Point, Series, count_of
from offline_endpoint.reading.chart.dots import Dot, find_dots
from offline_endpoint.reading.chart.evidence import Detector, Kind, Reading, share_explained
from offline_endpoint.reading.chart.labels import clean_name, is_symbol
from offline_endpoint.reading.chart.plot import Plot, axis_value, make_chart
from offline_endpoint.reading.text import TextLine

Found = list[tuple[int, Dot]]  # Dots, each with the index of its layer


def read_scatter(plot: Plot) -> Reading | None:
    """Read a scatter chart, or None when an axis or the dots are missing."""
    if plot.x_axis is None or plot.y_axis is None:
        return None
    found = _dots(plot)
    # A block as wide as a quarter of the plot is no mark.
    if not found or float(np.median([d.width for _, d in found])) > 0.25 * min(
        plot.frame.width, plot.frame.height
    ):
        return None
    labels = _label_dots(plot, [d for _, d in found])
    named = {e.layer for e in plot.legend}
    split = len(named) > 1
    groups = sorted({i for i, _ in found if i in named}) if split else []
    rest = [(i, d) for i, d in found if not split or i not in named]
    series = []
    for group in (*groups, None):
        points = [
            Point(label, axis_value(plot.x_axis, dot.x), axis_value(plot.y_axis, dot.y))
            for (index, dot), label in zip(found, labels, strict=True)
            if (index == group if group is not None else (index, dot) in rest)
        ]
        points.sort(key=lambda p: (p.x, p.y))
        name = (
            plot.name(group) if group is not None else plot.legend[0].name if len(plot.legend) == 1 else None
        )
        series.append(Series(name, tuple(points)))
    chart = make_chart(plot, "scatter", series)
    if chart is None:
        return None
    marks = np.zeros(plot.picture.size, bool)
    for _, dot in found:
        rows, columns = _box(dot)
        marks[max(0, rows.start - 3) : rows.stop + 3, max(0, columns.start - 3) : columns.stop + 3] = True
    unsure = _doubts(labels)
    nameless = len(rest) if split else 0
    if nameless:
        unsure += (f"The legend's name for {count_of(nameless, 'point')} could not be read.",)
    return Reading(replace(chart, unsure=unsure, partial=nameless > 0), share_explained(plot, marks))


def _dots(plot: Plot) -> Found:
    """The dots of all layers, each once."""
    found: Found = []
    for index, layer in enumerate(plot.layers):
        found += [(index, dot) for dot in find_dots(layer.mask)]
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


def _box(dot: Dot) -> tuple[slice, slice]:
    left, top = round(dot.x - dot.width / 2), round(dot.y - dot.height / 2)
    return slice(max(0, top), top + round(dot.height) + 1), slice(max(0, left), left + round(dot.width) + 1)


def _doubts(labels: list[str | None]) -> tuple[str, ...]:
    """What to say of points without a name where most have one."""
    said = []
    missing = labels.count(None)
    if missing and missing * 2 <= len(labels):
        said.append(
            f"The name{'s' if missing > 1 else ''} of {count_of(missing, 'point')} could not be read."
        )
    return tuple(said)


def _label_dots(plot: Plot, dots: list[Dot]) -> list[str | None]:
    """The text beside each dot: the nearest, then the one at the offset that most labels share."""
    legend_lines = {e.line for e in plot.legend}
    texts = [t for t in plot.words.free if t not in legend_lines and not is_symbol(t) and not t.is_vertical]
    frame = plot.frame
    texts = [t for t in texts if frame.holds(min(t.right, frame.right) - 1, (t.top + t.bottom) / 2)]
    pairs = _paired(plot, dots, texts)
    return [clean_name(texts[pairs[i]].text) or None if i in pairs else None for i in range(len(dots))]


def _paired(plot: Plot, dots: list[Dot], texts: list[TextLine]) -> dict[int, int]:
    """The text of each dot that has one, by index."""
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
            return {}
        shifts = [_shift(dots[i], boxes[k]) for i, k in pairs.items()]
        offset = (float(np.median([s[0] for s in shifts])), float(np.median([s[1] for s in shifts])))
    return pairs


def _shift(dot: Dot, box: tuple[float, float, float, float]) -> tuple[float, float]:
    """How far right of its dot a label starts, or left of it ends, and how far below its middle is."""
    start, end = box[0] - dot.x, dot.x - box[2]
    return start if abs(start) <= abs(end) else end, (box[1] + box[3]) / 2 - dot.y


DETECTOR = Detector(read_scatter, (Kind("scatter", "point", "points"),))
