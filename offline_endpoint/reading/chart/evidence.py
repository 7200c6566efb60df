"""Evidence: how much of a plot's ink and print a reading explains, and what speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from offline_endpoint.reading.chart.data import Chart
from offline_endpoint.reading.chart.layers import all_ink
from offline_endpoint.reading.chart.plot import Plot
from offline_endpoint.reading.text import TextLine

ENOUGH = 0.75  # Least share of ink and print that a reading must explain
_CLOSE = 0.05  # Difference in shares explained below which two readings explain as much
_PRINT = 0.25  # Share of a line's box that is ink


@dataclass(frozen=True)
class Kind:
    """A kind of chart: its name, what one and several of its marks are called, and whether they start at zero."""

    name: str
    mark: str
    marks: str
    starts_at_zero: bool = False


UNREAD = Chart("bar", None, None, None, ())  # The chart of a reading that only says what speaks against it


@dataclass(frozen=True)
class Reading:
    """What a detector made of a plot."""

    chart: Chart
    share: float  # of the ink and print in the plot, explained by the data, 0 to 1
    against: tuple[str, ...] = ()  # what contradicts it, each so that it can follow `I saw`


@dataclass(frozen=True)
class Detector:
    """Reads the kinds of chart of one module."""

    read: Callable[..., Reading | None]  # None where it sees no such chart
    kinds: tuple[Kind, ...]
    of: Literal["picture", "plot"] = "plot"  # `picture` where it looks for a plot of its own


def boxes_of(size: tuple[int, int], boxes: Iterable[tuple[float, float, float, float]]) -> np.ndarray:
    """A mask of boxes (left, top, right, bottom), their edges taken in."""
    marks = np.zeros(size, bool)
    for left, top, right, bottom in boxes:
        marks[max(0, round(top) - 3) : round(bottom) + 3, max(0, round(left) - 3) : round(right) + 3] = True
    return marks


def share_explained(plot: Plot, marks: np.ndarray, lines: Iterable[TextLine] = ()) -> float:
    """The share, 0 to 1, of the ink and print in a plot that a reading explains."""
    ink = all_ink(plot.layers, plot.picture.size)
    total, known = float(ink.sum()), float((ink & marks).sum())
    spoken_for = {*lines, *(e.line for e in plot.legend)}
    for line in plot.words.free:
        if plot.frame.holds((line.left + line.right) / 2, (line.top + line.bottom) / 2) and _is_number(line):
            size = _PRINT * (line.right - line.left) * (line.bottom - line.top)
            total += size
            known += size * (line in spoken_for)
    return known / total if total else 0.0


def _is_number(line: TextLine) -> bool:
    return sum(c.isdigit() for c in line.text) * 2 > len(line.text.replace(" ", ""))


def best_of(readings: Iterable[Reading | None]) -> Reading | None:
    """The reading that explains most; of those that explain about as much, one that something speaks against."""
    found = [r for r in readings if r is not None]
    return max(found, key=lambda r: r.share + _CLOSE * bool(r.against), default=None)
