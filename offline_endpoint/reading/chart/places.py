"""Places: the pixel columns at which the lines of a chart have their points."""

from __future__ import annotations

import numpy as np

from offline_endpoint.reading.chart.canvas import in_runs
from offline_endpoint.reading.chart.dots import Dot
from offline_endpoint.reading.chart.traces import Trace, find_vertices
from offline_endpoint.reading.chart.words import spacing


def find_places(traces: list[Trace], markers: list[list[Dot]], names: list[float]) -> list[float]:
    """The rising columns at which all lines have their points: at names, else at marks; empty if there are none."""
    left, right = min(t.left for t in traces), max(t.right for t in traces)
    marked = [dots for dots in markers if len(dots) > 2]
    places = merged([m.x for dots in marked for m in dots], _gap(marked)) if marked else []
    if names:
        beyond = 0.12 * spacing(names)
        return [n for n in names if left - beyond <= n <= right + beyond]
    if marked:
        # A mark on the frame's edge is cut and may be missed, but the line ends there.
        step = spacing(places)
        ends = [e for t in traces for e in (t.left, t.right) if min(abs(e - p) for p in places) > 0.7 * step]
        return sorted([*places, *merged(ends, step / 2)])
    return []


def _gap(marked: list[list[Dot]]) -> float:
    """How far apart the marks of two lines at one place may be, in pixels."""
    return max(3.0, 0.4 * float(np.median([m.width for dots in marked for m in dots])))


def stand_apart(
    traces: dict[int, Trace], markers: dict[int, list[Dot]], places: list[float], height: int
) -> bool:
    """Whether lines have their marks at uneven places of their own: one runs straight on where another has one."""
    steps = np.diff(places)
    if len(steps) < 2 or steps.max() < 1.5 * steps.min():
        return False
    for i, trace in traces.items():
        bends, marks = corners(trace, height, 0.016), markers[i]
        for p in places if marks else ():
            near = max(3.0, 0.5 * marks[0].width)
            at = np.interp(p, trace.columns, trace.heights)
            others = [np.interp(p, t.columns, t.heights) for k, t in traces.items() if k != i]
            hidden = any(abs(other - at) < 2 * marks[0].width for other in others)
            plain = min(abs(p - x) for x in [*(m.x for m in marks), *bends]) > near
            if plain and not hidden and trace.left + near < p < trace.right - near:
                return True
    return False


def corners(trace: Trace, height: int, share: float = 0.004) -> list[float]:
    """The columns of a line's corners; `share` of the plot's height is how far a corner must stand out."""
    found = find_vertices(trace, max(1.5, share * height, 0.4 * trace.thickness))
    gap = 2.0 * trace.thickness
    # The few corners at a blunt bend are one; the many of a zigzag are not.
    runs = in_runs([x for x, _ in found], float, gap)
    return [x for run in runs for x in ([float(np.mean(run))] if np.ptp(run) < 2 * gap else run)]


def merged(places: list[float], gap: float) -> list[float]:
    """The means of places that are closer to each other than the gap."""
    return [float(np.mean(g)) for g in in_runs(places, float, gap)]
