"""Traces: the height of a drawn line at each pixel column, and the columns at which lines have their points."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from offline_endpoint.reading.chart.canvas import in_runs
from offline_endpoint.reading.chart.dots import Dot
from offline_endpoint.reading.chart.words import spacing

_LOOK_BACK = 24  # Runs of ink looked back at for the one that a line comes from


@dataclass(frozen=True)
class Trace:
    """A line read column by column."""

    columns: np.ndarray  # pixel columns, rising
    heights: np.ndarray  # the line's middle in each, in pixels from the top
    thickness: float = 1.0  # height of its ink in the usual column
    top: float = math.inf  # highest and lowest pixel of its ink
    foot: float = -math.inf

    @property
    def left(self) -> float:
        """The first column."""
        return float(self.columns[0])

    @property
    def right(self) -> float:
        """The last column."""
        return float(self.columns[-1])

    def at(self, column: float, reach: float, beyond: float = 0.0) -> float | None:
        """The height at a column, from straight fits on either side, which meet in a vertex; None far from the line."""
        beyond = max(beyond, reach)
        if column < self.left - beyond or column > self.right + beyond:
            return None
        inner = min(max(column, self.left), self.right)
        sides = []
        for low, high in ((inner - reach, inner - 1.0), (inner + 1.0, inner + reach)):
            here = (self.columns >= low) & (self.columns <= high)
            if here.sum() >= 3:
                slope, intercept = np.polyfit(self.columns[here], self.heights[here], 1)
                sides.append(float(slope * column + intercept))
        if sides:
            return float(np.mean(sides))
        return float(np.interp(column, self.columns, self.heights))


def find_trace(mask: np.ndarray, least_width: float) -> Trace | None:
    """Follow the line in a mask from left to right; None when the ink is too narrow, too thick or full of gaps."""
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count < 2:
        return None
    # Specks that are far from being a stretch of line would bend the trace.
    keep = [i for i in range(1, count) if max(boxes[i][2], boxes[i][3]) >= 5]
    if not keep:
        return None
    line = np.isin(parts, keep)
    columns = np.flatnonzero(line.any(axis=0))
    if columns[-1] - columns[0] < least_width or len(columns) < 0.5 * (columns[-1] - columns[0]):
        return None
    filled = line[:, columns].sum(axis=0)
    if np.median(filled) > 0.12 * mask.shape[0]:
        return None
    runs = _runs(line)
    path = _path(runs)
    if len(path) < 0.5 * (columns[-1] - columns[0]) or runs[path[-1], 0] - runs[path[0], 0] < least_width:
        return None
    # The ink beside a line's path is little: what other lines of its color or texture leave is much.
    inked = runs[path, 2] - runs[path, 1] + 1
    if inked.sum() < 0.5 * filled.sum():
        return None
    return Trace(
        runs[path, 0].astype(float),
        (runs[path, 1] + runs[path, 2]) / 2.0,
        float(np.percentile(inked, 10)),
        float(runs[path, 1].min()),
        float(runs[path, 2].max()),
    )


def _runs(line: np.ndarray) -> np.ndarray:
    """The upright runs of ink in a mask, shape (count, 3): column, first row, last row; by column."""
    padded = np.zeros((line.shape[1], line.shape[0] + 2), np.int8)
    padded[:, 1:-1] = line.T
    edges = np.diff(padded, axis=1)
    columns, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    return np.stack([columns, starts, ends - 1], axis=1)


def _path(runs: np.ndarray) -> np.ndarray:
    """The runs that a line goes through, one a column: the longest way without jumps (Viterbi, 1967).

    A column counts one, a jump its height less what a steep line rises over hidden columns, each of which costs 0.2.
    """
    count = len(runs)
    if (np.diff(runs[:, 0]) > 0).all():
        return np.arange(count)
    columns, first, last = runs.T
    score, before = np.ones(count), np.full(count, -1)
    for k in range(1, count):
        low = max(0, k - _LOOK_BACK)
        steps = columns[k] - columns[low:k]
        jumps = np.maximum(0, np.maximum(first[k] - last[low:k], first[low:k] - last[k]) - 1)
        cost = np.maximum(0, jumps - 3.0 * (steps - 1)) + 0.2 * (steps - 1)
        gain = np.where(steps > 0, score[low:k] - cost, -np.inf)
        best = int(gain.argmax())
        if gain[best] > 0:
            score[k], before[k] = 1 + gain[best], low + best
    path = [int(score.argmax())]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1])


def find_vertices(trace: Trace, tolerance: float) -> list[tuple[float, float]]:
    """(column, height) of the fewest corners of a polyline close to a trace (Douglas and Peucker, 1973)."""
    points = np.stack([trace.columns, trace.heights], axis=1).astype(np.float32).reshape(-1, 1, 2)
    corners = cv2.approxPolyDP(points, tolerance, closed=False).reshape(-1, 2)
    return sorted((float(x), float(y)) for x, y in corners)


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
