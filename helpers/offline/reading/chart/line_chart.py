"""Line charts: traces read at their markers, at the category names, or at their corners."""

from __future__ import annotations

import numpy as np

from helpers.offline.reading.chart.data import Chart, Point, Series
from helpers.offline.reading.chart.dots import Dot, find_markers
from helpers.offline.reading.chart.labels import clean_name, mend_months
from helpers.offline.reading.chart.plot import Plot, axis_value, make_chart
from helpers.offline.reading.chart.traces import Trace, find_trace, find_vertices
from helpers.offline.reading.chart.words import spacing


def read_lines(plot: Plot) -> Chart | None:
    """Read a line chart, or None when no trace runs through the plot."""
    if plot.y_axis is None:
        return None
    named = {e.layer for e in plot.legend}
    traces: dict[int, Trace] = {}
    for index, layer in enumerate(plot.layers):
        trace = find_trace(layer.mask, 0.2 * plot.frame.width)
        if trace is None:
            continue
        # What runs along the frame's edge is left of a spine.
        from_edge = np.minimum(trace.heights - plot.frame.top, plot.frame.bottom - 1 - trace.heights)
        if (from_edge > 5).mean() > 0.2:
            traces[index] = trace
    if traces:
        contrast = {i: np.abs(plot.layers[i].color - plot.frame.color).max() for i in traces}
        # What is far paler than the strongest line and in no legend is ringing along a spine or grid line.
        least = 0.3 * max(contrast.values())
        traces = {i: t for i, t in traces.items() if i in named or contrast[i] > least}
    known = [t.right - t.left for i, t in traces.items() if i in named]
    if len(known) > 1:
        # Beside the lines that the legend names, only one that runs as far and is no pale gray remnant of
        # the grid is a line.
        traces = {
            i: t
            for i, t in traces.items()
            if i in named or (t.right - t.left > 0.8 * max(known) and _stands_out(plot, i))
        }
    if not traces:
        return None
    markers = {i: find_markers(plot.layers[i].mask) for i in traces}
    names = (
        mend_months([(plot.picture.middle(t)[0], clean_name(t.text)) for t in plot.words.below])
        if plot.x_axis is None
        else []
    )
    if plot.x_axis is None and len(names) < 2:
        return None
    places = _places(plot, traces, markers, [n[0] for n in names])
    regular = bool(places)
    reach = max(4.0, 0.35 * spacing(places)) if len(places) > 1 else 8.0
    step = spacing([n[0] for n in names])
    # A line that starts on the frame loses its end with the spine.
    slack = max(4.0, 0.12 * step) if names else 4.0
    series = []
    order = [e.layer for e in plot.legend]
    for index in sorted(traces, key=lambda i: order.index(i) if i in order else len(order)):
        points = []
        own_places = places if regular else _corners(plot, traces[index])
        for place in own_places:
            own = [m for m in markers[index] if abs(m.x - place) <= 0.3 * max(m.width, 6.0)]
            height = (
                min(own, key=lambda m: abs(m.x - place)).y
                if own
                else traces[index].at(place, min(reach, 12.0))
            )
            if height is None or not traces[index].left - slack <= place <= traces[index].right + slack:
                continue
            label = min(names, key=lambda n: abs(n[0] - place)) if names else None
            label_text = label[1] if label and abs(label[0] - place) < 0.5 * step else None
            x = axis_value(plot.x_axis, place) if plot.x_axis else None
            points.append(Point(label_text, x, axis_value(plot.y_axis, height)))
        if points:
            series.append(Series(plot.name(index), tuple(points)))
    return make_chart(plot, "line", series) if series else None


def _stands_out(plot: Plot, layer: int) -> bool:
    """Whether a layer has a hue or a strong contrast, which grid lines have not."""
    color = plot.layers[layer].color
    return bool(np.ptp(color) > 50 or np.abs(color - plot.frame.color).max() > 140)


def _places(
    plot: Plot, traces: dict[int, Trace], markers: dict[int, list[Dot]], names: list[float]
) -> list[float]:
    """The pixel columns at which all lines have their points.

    Empty when each line has only corners of its own.
    """
    left, right = min(t.left for t in traces.values()), max(t.right for t in traces.values())
    if names:
        step = spacing(names)
        return [n for n in names if left - 0.12 * step <= n <= right + 0.12 * step]
    marked = [m for dots in markers.values() if len(dots) > 2 for m in dots]
    if marked:
        gap = max(3.0, 0.4 * float(np.median([m.width for m in marked])))
        places = _merge([m.x for m in marked], gap)
        # A mark on the frame's edge is cut and may be missed, but the line ends there.
        step = spacing(places)
        ends = [
            e
            for t in traces.values()
            for e in (t.left, t.right)
            if min(abs(e - p) for p in places) > 0.7 * step
        ]
        return sorted([*places, *_merge(ends, step / 2)])
    corners = _merge(
        [x for t in traces.values() for x in _corners(plot, t)], max(4.0, 0.01 * plot.frame.width)
    )
    return _regular(corners) or []


def _corners(plot: Plot, trace: Trace) -> list[float]:
    return [x for x, _ in find_vertices(trace, max(1.5, 0.004 * plot.frame.height))]


def _merge(places: list[float], gap: float) -> list[float]:
    """The means of places that are closer to each other than the gap."""
    groups: list[list[float]] = []
    for place in sorted(places):
        if groups and place - groups[-1][-1] <= gap:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [float(np.mean(g)) for g in groups]


def _regular(corners: list[float]) -> list[float] | None:
    """The even spacing that the corners of all lines fall on, as dates and years do.

    None when they do not.
    """
    if len(corners) < 3:
        return None
    start, length = corners[0], corners[-1] - corners[0]
    for count in range(2, min(60, int(length / 8)) + 1):
        step = length / count
        slack = max(2.0, 0.06 * step)
        share = np.mean(
            [abs((c - start) / step - round((c - start) / step)) * step <= slack for c in corners]
        )
        # Where lines cross there are false corners; more must fit than would by chance.
        if share >= max(0.7, 2 * slack / step + 0.5) and share * len(corners) >= 0.35 * count:
            return [start + k * step for k in range(count + 1)]
    return None
