"""Values printed on marks: which number belongs to which bar, and the scale that the bars' lengths prove."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from offline_endpoint.reading.chart.axes import Axis
from offline_endpoint.reading.chart.bars import Bar
from offline_endpoint.reading.chart.labels import Number, read_numbers
from offline_endpoint.reading.text import TextLine

_NEAR = 0.04
"""Share of the longest bar that a printed value may differ from what the bar's length gives; print is rounded."""


@dataclass
class Printed:
    """Numbers printed on bars."""

    values: dict[Any, Number] = field(default_factory=dict)  # by bar or number of a point, where they agree
    lines: set[TextLine] = field(default_factory=set)
    misfits: int = 0  # bars with numbers of which none agrees
    scale: Axis | None = None  # pixels to values, where no axis gave it


def numbers_on(
    lines: list[TextLine], bars: list[Bar], upright: bool
) -> dict[Bar, list[tuple[TextLine, Number]]]:
    """The numbers printed on bars or beyond their ends, the nearest first."""
    numbers = read_numbers([t.text for t in lines])
    found: dict[Bar, list[tuple[float, TextLine, Number]]] = {}
    for line, number in zip(lines, numbers, strict=True):
        if number is None:
            continue
        high = min(line.bottom - line.top, line.right - line.left)
        x, y = (line.left + line.right) / 2, (line.top + line.bottom) / 2
        across, along = (x, y) if upright else (y, x)
        half = (line.bottom - line.top if upright else line.right - line.left) / 2
        costs = []
        for bar in bars:
            low, top = bar.span(upright)
            aside = abs(across - bar.middle(upright))
            # Print on narrow bars is wider than they are.
            if aside > max(0.5 * bar.thickness(upright), 0.4 * high) + 1:
                continue
            beyond = max(low - along, along - top, 0.0) - half
            if beyond < 1.2 * high:
                costs.append((aside + max(0.0, beyond), bar))
        if costs:
            cost, bar = min(costs, key=lambda c: c[0])
            found.setdefault(bar, []).append((cost, line, number))
    return {b: [(t, n) for _, t, n in sorted(f, key=lambda e: e[0])] for b, f in found.items()}


def match_printed(
    candidates: dict[Bar, list[tuple[TextLine, Number]]],
    bars: list[Bar],
    axis: Axis | None,
    base: float,
    upright: bool,
    stacked: bool,
) -> Printed:
    """Take the numbers that agree with the lengths of their bars."""
    result = Printed()
    if not candidates or (axis and axis.scale != "linear"):
        return result
    sized = {bar: _signed_length(bar, base, upright, stacked) for bar in bars}
    longest = max(abs(v) for v in sized.values())
    start = axis.value(base) if axis and not stacked else 0.0
    if axis:
        per_pixel = -axis.slope if upright else axis.slope
    else:
        first = [(n.value, sized[bar]) for bar, ((_, n), *_) in candidates.items()]
        ratios = [value / length for value, length in first if abs(length) > 4]
        per_pixel = float(np.median(ratios)) if len(ratios) > 1 else 0.0
        if per_pixel == 0:
            return result
    slack = max(_NEAR * longest, 2.0) * abs(per_pixel)
    missed = []
    for bar, found in candidates.items():
        expected = start + per_pixel * sized[bar]
        best = min(found, key=lambda f: abs(f[1].value - expected))
        off = abs(best[1].value - expected)
        if off <= slack:
            result.values[bar] = best[1]
            result.lines.add(best[0])
        else:
            missed.append((bar, best, off))
    for bar, (line, number), off in missed:
        # Where nearly all print agrees, a bar whose end is blurred or covered is worth what stands on it.
        if off <= 3 * slack and len(result.values) >= 4 * len(missed):
            result.values[bar] = number
            result.lines.add(line)
        else:
            result.misfits += 1
    enough = len(result.values) >= max(2, 0.8 * len(candidates)) and len(result.values) >= 0.6 * len(bars)
    if axis is None and enough:
        slope = -per_pixel if upright else per_pixel
        percent = sum(n.percent for n in result.values.values()) * 2 > len(result.values)
        result.scale = Axis("linear", slope, -slope * base, (), (), percent)
    return result


def _signed_length(bar: Bar, base: float, upright: bool, stacked: bool) -> float:
    """How far a bar reaches from the base, upwards or rightwards; a part of a stack is as long as it is."""
    low, high = bar.span(upright)
    if stacked:
        return high - low
    end = low if abs(low - base) > abs(high - base) else high
    return base - end if upright else end - base


def numbers_at(
    lines: list[TextLine], places: list[tuple[float, float]], axis: Axis, text_height: float
) -> Printed:
    """Take the numbers printed beside points that agree with the heights of the points."""
    result = Printed()
    if axis.scale != "linear" or not places:
        return result
    slack = max(2.5, 0.03 * float(np.ptp([y for _, y in places])))
    for line, number in zip(lines, read_numbers([t.text for t in lines]), strict=True):
        x, y = (line.left + line.right) / 2, (line.top + line.bottom) / 2
        reach = max(0.6 * (line.right - line.left), text_height)
        around = [
            k for k, p in enumerate(places) if abs(p[0] - x) < reach and abs(p[1] - y) < 2.2 * text_height
        ]
        if number is None or not around:
            continue
        around.sort(key=lambda k: abs(places[k][0] - x) + abs(places[k][1] - y))
        off = {k: abs(axis.pixel(number.value) - places[k][1]) for k in around}
        best = min(around, key=off.__getitem__)
        if off[best] > slack:
            result.misfits += 1
        elif best not in result.values:
            result.values[best] = number
            result.lines.add(line)
    return result
