"""Line charts: traces read at their markers, at the category names, or at their corners."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import cv2
import numpy as np

from offline_endpoint.reading.chart.canvas import distance
from offline_endpoint.reading.chart.data import Point, Series, count_of
from offline_endpoint.reading.chart.dots import Dot, find_markers
from offline_endpoint.reading.chart.evidence import UNREAD, Detector, Kind, Reading, share_explained
from offline_endpoint.reading.chart.frame import Frame
from offline_endpoint.reading.chart.layers import all_ink
from offline_endpoint.reading.chart.names import names_below
from offline_endpoint.reading.chart.plot import Plot, axis_value, make_chart
from offline_endpoint.reading.chart.printed import numbers_at
from offline_endpoint.reading.chart.traces import Trace, corners, find_places, find_trace, merged, stand_apart
from offline_endpoint.reading.chart.words import spacing

_AREAS = "areas filled with color, as an area chart has them"
_LOST = 0.025  # Share of the plot that a line may go beyond its points
_FULL = 0.4  # Share of a line's contrast by which a pixel that has its color in full may differ


@dataclass(frozen=True)
class Spot:
    """A place on a line where it has a point: pixels, the name under it and its x value."""

    layer: int
    at: float
    height: float
    label: str | None
    x: float | None


def read_lines(plot: Plot) -> Reading | None:
    """Read a line chart, or None when no trace runs through the plot or nothing gives its heights a scale."""
    if plot.y_axis is None:
        return None
    traces = _find_lines(plot)
    names = [] if plot.x_axis else [(n.at, n.text) for n in names_below(plot)]
    if not traces:
        ink = all_ink(plot.layers, plot.picture.size)
        return Reading(UNREAD, 0.9, (_AREAS,)) if _is_area(ink, plot.frame) else None
    if plot.x_axis is None and len(names) < 2:
        return None
    markers = {i: _marks(plot, i, trace) for i, trace in traces.items()}
    places = find_places(list(traces.values()), list(markers.values()), [at for at, _ in names])
    apart = plot.x_axis is not None and stand_apart(traces, markers, places, plot.frame.height)
    order = [e.layer for e in plot.legend]
    ranked = sorted(traces, key=lambda i: order.index(i) if i in order else len(order))
    spots = []
    for i in ranked:
        own = _spots(plot, i, traces[i], markers[i], [] if apart else places, names)
        if not names and _goes_on(plot, traces[i], own, markers[i]):
            # Places that a line runs on beside are not its own; its corners are.
            own, markers[i] = _spots(plot, i, traces[i], [], [], names), []
        spots += own
    between = [s for s in spots if apart and not _is_named(plot, s)]
    spots = [s for s in spots if s not in between]
    free = [t for t in plot.words.free if t not in {e.line for e in plot.legend}]
    printed = numbers_at(free, [(s.at, s.height) for s in spots], plot.y_axis, plot.picture.text_height)
    values = [
        (printed.values[k].value, False)
        if k in printed.values
        else (axis_value(plot.y_axis, spot.height), True)
        for k, spot in enumerate(spots)
    ]
    series = [
        Series(
            plot.name(i),
            tuple(Point(s.label, s.x, *v) for s, v in zip(spots, values, strict=True) if s.layer == i),
        )
        for i in ranked
    ]
    chart = make_chart(plot, "line", [s for s in series if s.points])
    if chart is None:
        return None
    unsure = _unsure(plot, series)
    if any(
        _goes_on(plot, trace, [s for s in spots if s.layer == i], markers[i]) for i, trace in traces.items()
    ):
        unsure += ("The lines go higher, lower or farther than the points that were read on them.",)
    if any(_meets_the_frame(plot, trace) for trace in traces.values()):
        unsure += ("The end of a line may be cut off, as it is steep where it meets the frame.",)
    labels = [p.label for p in series[0].points if p.label]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice:
        unsure += (f"Several places are called {twice}.",)
    if between:
        unsure += (f"{count_of(len(between), 'point')} between the years that the axis names are left out.",)
    against = _against(plot, series)
    if printed.misfits > max(1, 0.3 * len(printed.values)):
        against.append(
            f"{count_of(printed.misfits, 'printed value')} that the heights of the line contradict"
        )
    share = share_explained(plot, _marks_of(plot, traces, markers), printed.lines)
    return Reading(replace(chart, unsure=unsure, partial=bool(unsure)), share, tuple(against))


def _against(plot: Plot, series: list[Series]) -> list[str]:
    said = []
    if _is_area(all_ink(plot.layers, plot.picture.size), plot.frame):
        said.append(_AREAS)
    named = {s.name for s in series}
    lost = [e.name for e in plot.legend if e.name not in named]
    if lost:
        said.append(f"the name {lost[0]} and its color, but no line that I could tell by it")
    if any(s.name for s in series if s.points) and any(s.name is None for s in series if s.points):
        said.append("what may be a line without a name beside lines that have one")
    return said


def _marks_of(plot: Plot, traces: dict[int, Trace], markers: dict[int, list[Dot]]) -> np.ndarray:
    """Where the lines and the marks on them run, a few pixels to either side taken in."""
    ink = np.zeros(plot.picture.size, np.uint8)
    for index, trace in traces.items():
        columns = plot.layers[index].mask.sum(axis=0)
        thick = int(np.median(columns[columns > 0])) + 5
        way = np.stack([trace.columns, trace.heights], axis=1).round().astype(np.int32)
        cv2.polylines(ink, [way], False, 1, min(thick, 25))
        for mark in markers[index]:
            cv2.circle(ink, (round(mark.x), round(mark.y)), round(0.75 * mark.width) + 2, 1, cv2.FILLED)
    return ink.astype(bool)


def _find_lines(plot: Plot) -> dict[int, Trace]:
    """The lines in the plot by the number of their layer, without what is left of spines and grid lines."""
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
    if not traces:
        return {}
    contrast = {i: np.abs(plot.layers[i].color - plot.frame.color).max() for i in traces}
    # What is far paler than the strongest line and in no legend is ringing along a spine or grid line.
    least = 0.3 * max(contrast.values())
    return {i: t for i, t in traces.items() if i in named or contrast[i] > least}


def _marks(plot: Plot, layer: int, trace: Trace) -> list[Dot]:
    """The marks on a line; none where most of its corners have none, as thick places of a bare line are no marks."""
    bends = [x for x in corners(trace, plot.frame.height, 0.016) if trace.left + 3 < x < trace.right - 3]
    fine = [
        m for m in _fine_marks(plot, layer) if abs(np.interp(m.x, trace.columns, trace.heights) - m.y) < 3
    ]
    for marks, least in ((find_markers(plot.layers[layer].mask), 0.5), (fine, 0.8)):
        carried = [any(abs(m.x - x) <= max(3.0, 0.75 * m.width) for m in marks) for x in bends]
        if marks and sum(carried) >= least * len(bends) and (bends or len(marks) > 2):
            return marks
    return []


def _fine_marks(plot: Plot, layer: int) -> list[Dot]:
    """Marks hardly wider than their line: places where it has its full color over three pixels either way."""
    area = plot.layers[layer]
    columns = area.mask.sum(axis=0)
    if np.median(columns[columns > 0]) > 3:
        return []
    contrast = float(np.abs(area.color - plot.frame.color).max())
    strong = area.mask & (distance(plot.picture.pixels, area.color) < _FULL * contrast)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    core = cv2.morphologyEx(strong.astype(np.uint8), cv2.MORPH_OPEN, cross)
    count, _, boxes, middles = cv2.connectedComponentsWithStats(core, connectivity=8)
    if count < 3 or core.sum() > 0.5 * strong.sum():
        return []
    wide = boxes[1:count, 2:4].max(axis=1)
    usual = float(np.median(wide))
    if (np.abs(wide - usual) > 2).mean() > 0.2:
        return []
    dots = [
        Dot(float(x), float(y), usual + 1, usual + 1, usual**2)
        for (x, y), size in zip(middles[1:count], wide, strict=True)
        if abs(size - usual) <= 2
    ]
    dots.sort(key=lambda d: d.x)
    return dots if spacing([d.x for d in dots]) > 4 * usual else []


def _spots(
    plot: Plot,
    layer: int,
    trace: Trace,
    markers: list[Dot],
    places: list[float],
    names: list[tuple[float, str]],
) -> list[Spot]:
    """The points of one line: at the places that all lines share, or at its own corners if there are none."""
    reach = max(4.0, min(12.0, 0.35 * spacing(places))) if len(places) > 1 else 8.0
    step = spacing([at for at, _ in names])
    # A line that starts on the frame loses its end with the spine, and a mark on top may hide its last one.
    beyond = max(4.0, *(1.2 * m.width for m in markers[:1]), 0.12 * step if names else 0.0)
    if markers and not places and not names:
        places = merged([m.x for m in markers], 0.8 * markers[0].width)
    spots = []
    for place in places or corners(trace, plot.frame.height):
        if not trace.left - beyond <= place <= trace.right + beyond:
            continue
        near = [m for m in markers if abs(m.x - place) <= 0.3 * max(m.width, 6.0)]
        nearest = min(near, key=lambda m: abs(m.x - place), default=None)
        height = nearest.y if nearest else trace.at(place, reach, beyond)
        if height is None:
            continue
        label = min(names, key=lambda n: abs(n[0] - place), default=None)
        text = label[1] if label and abs(label[0] - place) < 0.5 * step else None
        spots.append(
            Spot(layer, place, height, text, axis_value(plot.x_axis, place) if plot.x_axis else None)
        )
    return spots


def _goes_on(plot: Plot, trace: Trace, spots: list[Spot], marks: list[Dot]) -> bool:
    """Whether a line leaves the straight way through its points, or goes on beyond them."""
    if len(spots) < 2:
        return True
    at, heights = np.array(sorted((s.at, s.height) for s in spots)).T
    inner = (trace.columns >= at[0]) & (trace.columns <= at[-1])
    half = max(trace.thickness, *(m.width for m in marks)) / 2 if marks else trace.thickness / 2
    off = np.abs(np.interp(trace.columns, at, heights) - trace.heights)[inner]
    beyond = max(heights.min() - trace.top - half, trace.foot - half - heights.max())
    aside = max(at[0] - trace.left, trace.right - at[-1]) - half
    slack = _LOST * plot.frame.height + 2
    return bool(
        beyond > slack or aside > _LOST * plot.frame.width + 2 or (off.size and off.max() > 2 * slack)
    )


def _meets_the_frame(plot: Plot, trace: Trace) -> bool:
    """Whether a line comes steeply to the left or right edge of the plot, whose spine may hide how far it goes."""
    heights = trace.heights
    at_left, at_right = trace.left - plot.frame.left <= 4, plot.frame.right - trace.right <= 5
    ends = [(heights[0], heights[:9][-1])] * at_left + [(heights[-1], heights[-9:][0])] * at_right
    return any(abs(end - before) > 0.04 * plot.frame.height for end, before in ends)


def _is_named(plot: Plot, spot: Spot) -> bool:
    """Whether the axis names the place of a point; only axes of years leave some out that can be told apart."""
    ticks = plot.x_axis.ticks if plot.x_axis else ()
    years = [float(t.text) for t in ticks if re.fullmatch(r"(?:1\d|20)\d\d", t.text.strip())]
    return len(years) < len(ticks) or any(abs(year - (spot.x or 0.0)) < 0.3 for year in years)


def _unsure(plot: Plot, series: list[Series]) -> tuple[str, ...]:
    """What could not be told of the lines: names without a line, and lines without a name."""
    found = {s.name for s in series}
    lost = [s.name for s in plot.samples if s.name not in found]
    sentences = []
    if lost:
        sentences.append(
            f"The legend names {' and '.join(lost)} too, but no line in that color could be followed."
        )
    elif len(series) > 1 and None in found:
        sentences.append("Not every line could be given a name.")
    return tuple(sentences)


def _is_area(ink: np.ndarray, frame: Frame) -> bool:
    """Whether ink fills a plot from a slanting edge down to its foot, over most of its width."""
    area = ink[frame.top : frame.bottom - 2, frame.left + 2 : frame.right - 2]
    first = np.where(area.any(axis=0), area.argmax(axis=0), area.shape[0])
    high = area.shape[0] - first
    filled = area.sum(axis=0) / np.maximum(high, 1)
    solid = (filled > 0.85) & (high > 0.05 * area.shape[0])
    # Bars have few heights and steps between them; the edge of an area changes from column to column.
    steps = np.abs(np.diff(first[solid])) if solid.sum() > 1 else np.zeros(1)
    return bool(solid.mean() > 0.6 and (steps > 0).mean() > 0.12)


DETECTOR = Detector(read_lines, (Kind("line", "point", "points"),))
