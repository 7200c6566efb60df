"""Scatter charts: dots, the labels beside them, and the groups that a legend names."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from offline_endpoint.reading.chart.data import Point, Series, count_of
from offline_endpoint.reading.chart.dots import Dot, find_dots
from offline_endpoint.reading.chart.evidence import Detector, Kind, Reading, boxes_of, share_explained
from offline_endpoint.reading.chart.labels import clean_name, is_symbol
from offline_endpoint.reading.chart.plot import Plot, axis_value, make_chart

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
    marks = boxes_of(plot.picture.size, [d.box for _, d in found])
    missing = labels.count(None)
    unsure = []
    if missing and missing * 2 <= len(labels):
        unsure = [f"The name{'s' if missing > 1 else ''} of {count_of(missing, 'point')} could not be read."]
    nameless = len(rest) if split else 0
    if nameless:
        unsure.append(f"The legend's name for {count_of(nameless, 'point')} could not be read.")
    chart = replace(chart, unsure=tuple(unsure), partial=nameless > 0)
    return Reading(chart, share_explained(plot, marks))


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
    found = sorted(
        ((i, d) for i, d in found if 0.3 * usual < d.area < 5 * usual),
        key=lambda f: (f[0] not in named, -f[1].area),
    )
    kept: Found = []
    for index, dot in found:
        # An outline in another color, or the fringe that jpeg gives an edge, lies upon the mark it goes round.
        if all(math.hypot(dot.x - o.x, dot.y - o.y) > 0.35 * max(dot.width, o.width) for _, o in kept):
            kept.append((index, dot))
    return sorted(kept, key=lambda f: (f[1].x, f[1].y))


def _label_dots(plot: Plot, dots: list[Dot]) -> list[str | None]:
    """The text beside each dot, the nearest first."""
    legend, frame = {e.line for e in plot.legend}, plot.frame
    texts = [t for t in plot.words.free if t not in legend and not is_symbol(t) and not t.is_vertical]
    texts = [t for t in texts if frame.holds(min(t.right, frame.right) - 1, (t.top + t.bottom) / 2)]
    boxes = [plot.picture.ink_box(t) for t in texts]
    pairs: dict[int, int] = {}
    for _ in range(2):
        # The nearest, then the one at the offset that most labels share.
        shifts = [_shift(dots[i], boxes[k]) for i, k in pairs.items()]
        usual = np.median(shifts, axis=0) if shifts else None
        costs = []
        for i, dot in enumerate(dots):
            for k, (left, top, right, bottom) in enumerate(boxes):
                x, y = min(max(dot.x, left), right), min(max(dot.y, top), bottom)
                # The end of a label may reach over the next dot, which is no nearer to it for that.
                gap = max(0.0, math.hypot(x - dot.x, y - dot.y) - dot.width / 2)
                off = 0.0 if usual is None else math.hypot(*(_shift(dot, boxes[k]) - usual))
                if gap <= 1.2 * plot.picture.text_height:
                    costs.append((gap + off, i, k))
        pairs = {}
        for _, i, k in sorted(costs):
            if i not in pairs and k not in pairs.values():
                pairs[i] = k
    return [clean_name(texts[pairs[i]].text) or None if i in pairs else None for i in range(len(dots))]


def _shift(dot: Dot, box: tuple[float, float, float, float]) -> np.ndarray:
    """How far right of its dot a label starts, or left of it ends, and how far below its middle is."""
    across = min(box[0] - dot.x, dot.x - box[2], key=abs)
    return np.array([across, (box[1] + box[3]) / 2 - dot.y])


DETECTOR = Detector(read_scatter, (Kind("scatter", "point", "points"),))
