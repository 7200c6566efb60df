"""Axes: the tick labels of one row or column, fitted to a scale that turns pixels into values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from offline_endpoint.reading.chart.canvas import Canvas
from offline_endpoint.reading.chart.labels import (
    parse_date,
    parse_number,
    parse_power,
    parse_quantity,
    read_numbers,
)
from offline_endpoint.reading.text import TextLine

Scale = Literal["linear", "log", "date"]


@dataclass(frozen=True)
class Axis:
    """A calibrated axis: value = slope * pixel + intercept, on a log scale its decimal logarithm."""

    scale: Scale
    slope: float
    intercept: float
    ticks: tuple[TextLine, ...]  # the labels it was fitted to, in pixel order
    positions: tuple[float, ...]  # the middle of each label, in pixels
    percent: bool = False  # whether the labels carry percent signs

    def value(self, pixel: float) -> float:
        """The value at a pixel."""
        value = self.slope * pixel + self.intercept
        return 10.0**value if self.scale == "log" else value

    def pixel(self, value: float) -> float:
        """The pixel of a value; on a log scale the value must be above zero."""
        return ((math.log10(value) if self.scale == "log" else value) - self.intercept) / self.slope

    def scaled(self, factor: float, offset: float) -> Axis:
        """The axis with a factor and an offset that its labels leave out; linear axes only."""
        return replace(self, slope=self.slope * factor, intercept=self.intercept * factor + offset)

    def grid(self, low: float, high: float) -> list[float]:
        """The pixels from low to high at which grid lines may run: the ticks, and where unread ticks would be."""
        step = min(b - a for a, b in itertools.pairwise(self.positions))
        before = int((self.positions[0] - low) // step)
        after = int((high - self.positions[-1]) // step)
        first, last = self.positions[0], self.positions[-1]
        inner = [first + k * step for k in range(1, round((last - first) / step))]
        return [
            *(first - k * step for k in range(before, 0, -1)),
            *sorted({*self.positions, *inner}),
            *(last + k * step for k in range(1, after + 1)),
        ]


@dataclass(frozen=True)
class _Reading:
    line: TextLine
    at: float
    value: float
    percent: bool


def _fit(
    readings: list[_Reading], tolerance: float, logarithmic: bool
) -> tuple[list[_Reading], float, float, float] | None:
    """The line through most readings: (inliers, slope, intercept, root mean square residual in pixels)."""
    usable = [r for r in readings if r.value > 0] if logarithmic else readings
    values = [math.log10(r.value) if logarithmic else r.value for r in usable]
    best: tuple[list[int], tuple[float, ...]] | None = None
    for i, j in itertools.combinations(range(len(usable)), 2):
        rise, run = values[j] - values[i], usable[j].at - usable[i].at
        if abs(run) < 2 * tolerance or rise == 0:
            continue
        slope = rise / run
        errors = [
            abs((v - values[i]) / slope - (r.at - usable[i].at)) for v, r in zip(values, usable, strict=True)
        ]
        inliers = [k for k, e in enumerate(errors) if e <= tolerance]
        # Of two fits to two labels each, the one with smaller steps is right: a figure too many is read easily.
        key = (len(inliers), -round(sum(errors[k] for k in inliers), 3), -abs(slope))
        if best is None or key > best[1]:
            best = (inliers, key)
    if best is None:
        return None
    at = np.array([usable[k].at for k in best[0]])
    value = np.array([values[k] for k in best[0]])
    slope, intercept = np.polyfit(at, value, 1)
    if slope == 0:
        return None
    residual = float(np.sqrt(np.mean(((value - intercept) / slope - at) ** 2)))
    return [usable[k] for k in best[0]], float(slope), float(intercept), residual


def fit_axis(
    lines: list[TextLine], positions: list[float], raised: list[bool] | None = None, tolerance: float = 3.0
) -> Axis | None:
    """The scale that most labels agree with, misread ones left out; None if fewer than two do."""
    raised = raised or [False] * len(lines)
    numbers, dates, powers = [], [], []
    measured = read_numbers([line.text for line in lines])
    for line, at, is_raised, number in zip(lines, positions, raised, measured, strict=True):
        date, power = parse_date(line.text), parse_power(line.text)
        if number is not None:
            numbers.append(_Reading(line, at, number.value, number.percent))
        if date is not None:
            dates.append(_Reading(line, at, date, False))
        if power is not None:
            powers.append((_Reading(line, at, power, False), is_raised or number is None))
    tries: list[tuple[Scale, list[_Reading], bool, float]] = [
        # Where one label can be nothing but a power, the others are powers too.
        ("log", [p for p, _ in powers] if any(sure for _, sure in powers) else [], True, 0.2),
        ("date", dates, False, 0.0),
        ("linear", numbers, False, 0.1),
        ("log", numbers, True, 0.0),
    ]
    best, best_key = None, (0.0, 0.0)
    for scale, readings, logarithmic, preference in tries:
        found = _fit(readings, tolerance, logarithmic) if len(readings) > 1 else None
        if found is None or len(found[0]) < 2:
            continue
        inliers, slope, intercept, residual = found
        if scale == "log" and all(math.isclose(math.log10(r.value) % 1, 0, abs_tol=1e-9) for r in inliers):
            preference += 0.2
        key = (len(inliers) + preference, -residual)
        if best is None or key > best_key:
            inliers = sorted(inliers, key=lambda r: r.at)
            inliers = [r for k, r in enumerate(inliers) if k == 0 or r.at - inliers[k - 1].at > 2 * tolerance]
            if len(inliers) < 2:
                continue
            percent = sum(r.percent for r in inliers) * 2 > len(inliers)
            best = Axis(
                scale, slope, intercept, tuple(r.line for r in inliers), tuple(r.at for r in inliers), percent
            )
            best_key = key
    return best


def _groups(
    lines: list[TextLine], key: Callable[[TextLine], float], tolerance: float
) -> list[list[TextLine]]:
    """Lines whose keys lie within the tolerance of a common one; a line may be in several groups."""
    seen: set[tuple[int, ...]] = set()
    groups = []
    for seed in lines:
        members = [i for i, line in enumerate(lines) if abs(key(line) - key(seed)) <= tolerance]
        if len(members) > 1 and tuple(members) not in seen:
            seen.add(tuple(members))
            groups.append([lines[i] for i in members])
    return groups


def _is_value(line: TextLine) -> bool:
    parsers = (parse_number, parse_date, parse_power, parse_quantity)
    return any(parse(line.text) is not None for parse in parsers)


def find_axes(lines: list[TextLine], picture: Canvas) -> tuple[Axis | None, Axis | None]:
    """The x axis and the y axis among the lines of a picture; None where no row or column agrees on a scale."""
    values, height = [line for line in lines if _is_value(line)], picture.text_height
    row, column = _best(values, picture, False), _best(values, picture, True)
    if row and column:
        # The x labels stand under the y labels and to their right. Labels that do not, such as values printed
        # on bars, are no axis. A label at the corner may fit both axes; it belongs to the one that has more
        # labels without it.
        level = float(np.median([(t.top + t.bottom) / 2 for t in row.ticks]))
        side = float(np.median([t.right for t in column.ticks]))
        crossing = level < column.positions[-1] - height or side > row.positions[0] + 2 * height
        if crossing or set(row.ticks) & set(column.ticks):
            wins = len(row.ticks) >= len(column.ticks)
            taken = {*row.ticks, *column.ticks} if crossing else set(row.ticks if wins else column.ticks)
            left = row.positions[0] + 2 * height if crossing and wins else math.inf
            top = column.positions[-1] - height if crossing and not wins else -math.inf
            rest = [v for v in values if v not in taken and v.right <= left and v.top + v.bottom >= 2 * top]
            row, column = (row, _best(rest, picture, True)) if wins else (_best(rest, picture, False), column)
    return row, column


_COLUMN_KEYS = (lambda t: t.right, lambda t: t.left, lambda t: (t.left + t.right) / 2)
_ROW_KEYS = (lambda t: (t.top + t.bottom) / 2,)


def _best(values: list[TextLine], picture: Canvas, upright: bool) -> Axis | None:
    """The column (upright) or the row of labels of which most agree on a scale."""
    height, best, most = picture.text_height, None, (0.0, 0.0)
    for key in _COLUMN_KEYS if upright else _ROW_KEYS:
        for group in _groups(
            [v for v in values if not (upright and v.is_vertical)], key, height * (0.7 if upright else 0.5)
        ):
            tolerance = height * (0.3 if upright else 0.4)
            at = [picture.middle(t)[1 if upright else 0] for t in group]
            axis = fit_axis(group, at, [picture.is_raised(t) for t in group], tolerance)
            if axis is None or not _credible(axis) or (upright and 2 * len(axis.ticks) < len(group)):
                continue
            edge = -min(t.left for t in axis.ticks) if upright else max(t.bottom for t in axis.ticks)
            if best is None or (len(axis.ticks), edge) > most:
                best, most = axis, (len(axis.ticks), edge)
    return best


def _credible(axis: Axis) -> bool:
    """Whether the labels look like ticks: three that agree do, two only if they are round numbers."""
    if len(axis.ticks) > 2 or axis.scale == "date":
        return True
    low, high = sorted(axis.value(p) for p in axis.positions)
    return all(v == 0 or math.isclose(v, float(f"{v:.1e}"), rel_tol=1e-6) for v in (low, high))
