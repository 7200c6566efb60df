"""Bar charts: single, grouped and stacked bars, standing or lying, with the names of their categories."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from offline_endpoint.reading.chart.axes import Axis
from offline_endpoint.reading.chart.bars import Bar, alike, base_line, find_rectangles, is_upright
from offline_endpoint.reading.chart.data import Chart, Point, Series, count_of
from offline_endpoint.reading.chart.labels import clean_name, continue_names
from offline_endpoint.reading.chart.picture import is_slanted
from offline_endpoint.reading.chart.plot import Plot, axis_value, make_chart
from offline_endpoint.reading.chart.shades import with_shades_parted
from offline_endpoint.reading.chart.words import spacing
from offline_endpoint.reading.text import TextLine


def read_bars(plot: Plot) -> Chart | None:
    """Read a bar chart, or None when the marks are no bars on a common base line."""
    plot = with_shades_parted(plot)
    mend = max(3, round(0.13 * plot.picture.text_height))
    bars = [b for i, layer in enumerate(plot.layers) for b in find_rectangles(layer.mask, i, mend)]
    bars = [
        b
        for b in bars
        if b.right - b.left < 0.9 * plot.frame.width or b.bottom - b.top < 0.5 * plot.frame.height
    ]
    if len(bars) < 2:
        return None
    upright = plot.x_axis is None if (plot.x_axis is None) != (plot.y_axis is None) else is_upright(bars)
    value_axis = plot.y_axis if upright else plot.x_axis
    if value_axis is None:
        return None
    bars = alike(_without_outlines(bars), upright)
    if len(bars) < 2:
        return None
    tolerance = max(2.5, 0.006 * (plot.frame.height if upright else plot.frame.width))
    base = _base(plot, bars, value_axis, upright, tolerance)
    if base is None:
        return None
    groups = _stand(bars, base, upright, tolerance)
    ink = sum(int(layer.mask.sum()) for layer in plot.layers)
    area = sum((b.right - b.left) * (b.bottom - b.top) for stack in groups for b in stack)
    # Where there are bars they are most of the ink; a few squares that happen to stand in line are not.
    if len(groups) < 2 or area < 0.6 * ink:
        return None
    middles = [stack[0].middle(upright) for stack in groups]
    stacked = sum(len(stack) > 1 for stack in groups) > 0.3 * len(groups)
    named = {e.layer for e in plot.legend}
    layers = {b.layer for stack in groups for b in stack}
    grouped = not stacked and len(named & layers) > 1
    labels = plot.words.below if upright else plot.words.beside
    if upright and not grouped:
        labels = _parted(labels, middles, plot.picture.text_height)
    names = [(plot.picture.middle(t)[0 if upright else 1], clean_name(t.text)) for t in labels]
    slots = _slots(middles, names, grouped)
    steps = np.diff(middles)
    if None in slots and not grouped and np.ptp(steps) <= 0.2 * steps.mean():
        slots = continue_names(slots)
    if not stacked:
        groups = [stack[:1] for stack in groups]
    layers = sorted({b.layer for stack in groups for b in stack})
    kind = "stacked bar" if stacked else "bar"
    if not stacked and len(named & set(layers)) > 1 and _crowded(slots):
        kind = "grouped bar"
    if kind == "bar":
        points = [
            Point(label, None, _length(value_axis, stack[0], base, upright))
            for label, stack in zip(slots, groups, strict=True)
        ]
        name = plot.name(layers[0]) if len(layers) == 1 and plot.legend else None
        return _with_doubts(make_chart(plot, kind, [Series(name, tuple(points))], upright), slots)
    series = []
    for layer in layers:
        points = []
        for label, stack in zip(slots, groups, strict=True):
            for bar in stack:
                if bar.layer == layer:
                    low, high = bar.span(upright)
                    ends = abs(axis_value(value_axis, low) - axis_value(value_axis, high))
                    points.append(
                        Point(label, None, ends if stacked else _length(value_axis, bar, base, upright))
                    )
        series.append(Series(plot.name(layer), tuple(points)))
    order = [e.layer for e in plot.legend]
    ranked = sorted(
        zip(layers, series, strict=True), key=lambda p: order.index(p[0]) if p[0] in order else len(order)
    )
    return _with_doubts(make_chart(plot, kind, [s for _, s in ranked], upright), slots)


def _with_doubts(chart: Chart | None, slots: list[str | None]) -> Chart | None:
    """The chart with what could not be read of its names: of bars, and of series where others have one."""
    if chart is None:
        return None
    said = []
    missing = slots.count(None)
    if missing:
        said.append(f"The name{'s' if missing > 1 else ''} of {count_of(missing, 'bar')} could not be read.")
    unnamed = [s.name for s in chart.series].count(None)
    if unnamed and len(chart.series) > 1:
        said.append(f"The legend's name for {count_of(unnamed, 'color')} could not be read.")
    return replace(chart, unsure=(*chart.unsure, *said))


def _without_outlines(bars: list[Bar]) -> list[Bar]:
    """Bars without those that lie within another: an outline's color gives the same rectangle again."""
    kept: list[Bar] = []
    for bar in sorted(bars, key=lambda b: -(b.right - b.left) * (b.bottom - b.top)):
        if not any(
            k.left - 3 <= bar.left
            and bar.right <= k.right + 3
            and k.top - 3 <= bar.top
            and bar.bottom <= k.bottom + 3
            for k in kept
        ):
            kept.append(bar)
    return kept


def _base(plot: Plot, bars: list[Bar], axis: Axis, upright: bool, tolerance: float) -> float | None:
    """Where the bars start: at nought if they do, else at the frame's edge; None when they share no start."""
    shared = base_line(bars, upright, tolerance)
    low, high = (plot.frame.top, plot.frame.bottom) if upright else (plot.frame.left, plot.frame.right)
    wanted = [axis.pixel(0.0)] if axis.scale == "linear" else []
    for place in [*wanted, float(high if upright else low)]:
        touching = [b for b in bars if min(abs(e - place) for e in b.span(upright)) <= 2 * tolerance]
        if (
            low - 3 * tolerance <= place <= high + 3 * tolerance
            and touching
            and len(touching) >= min(2, len(bars))
        ):
            return place
    return shared


def _stand(bars: list[Bar], base: float, upright: bool, tolerance: float) -> list[list[Bar]]:
    """Bars sorted into stacks along the category axis, each from the base outwards."""
    stacks: list[list[Bar]] = []
    for bar in sorted(bars, key=lambda b: (b.middle(upright), b.layer)):
        if stacks and abs(bar.middle(upright) - stacks[-1][0].middle(upright)) < 0.3 * bar.thickness(upright):
            stacks[-1].append(bar)
        else:
            stacks.append([bar])
    for stack in stacks:
        stack.sort(key=lambda b: min(abs(e - base) for e in b.span(upright)))
    # What does not reach down to the base, itself or by what it stands on, is no bar.
    return [s for s in stacks if min(abs(e - base) for e in s[0].span(upright)) <= 4 * tolerance]


def _parted(lines: Sequence[TextLine], middles: list[float], text_height: float) -> list[TextLine]:
    """The names under bars; a line that stands under several bars is as many names that were run together.

    Blanks and capitals inside show the seams. Where there are not as many, it is not known which name is whose,
    and none of the bars gets one.
    """
    parted = []
    for line in lines:
        under = sorted(m for m in middles if line.left <= m <= line.right)
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", line.text).split()
        if len(under) < 2 or len(words) < 2 or is_slanted(line, text_height):
            parted.append(line)
        elif len(words) == len(under):
            half = 0.2 * (under[1] - under[0])
            parted += [
                replace(line, text=w, left=m - half, right=m + half)
                for w, m in zip(words, under, strict=True)
            ]
    return parted


def _slots(middles: list[float], names: list[tuple[float, str]], grouped: bool) -> list[str | None]:
    """The category name for each place along the category axis.

    The nearest, unless it is farther off than half a step.
    """
    # One name is the name of one bar, unless the bars are a group.
    step = spacing([n[0] for n in names] if len(names) > 1 or grouped else middles)
    found: list[str | None] = []
    for middle in middles:
        name = min(names, key=lambda n: abs(n[0] - middle), default=None)
        found.append(name[1] if name and abs(name[0] - middle) <= 0.5 * min(step, 1e9) else None)
    return found


def _crowded(slots: list[str | None]) -> bool:
    named = [s for s in slots if s is not None]
    return len(set(named)) < len(named)


def _length(axis: Axis, bar: Bar, base: float, upright: bool) -> float:
    """The value at the end of a bar that is not the base."""
    low, high = bar.span(upright)
    # Spans are measured between pixel edges, labels between pixel middles.
    end = low if abs(low - base) > abs(high - base) else high
    return axis_value(axis, end - 0.5)
