"""Bar charts: single, grouped and stacked bars, standing or lying, with the names of their categories."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from offline_endpoint.reading.chart.axes import Axis
from offline_endpoint.reading.chart.bars import (
    Bar,
    alike,
    base_line,
    find_rectangles,
    is_upright,
    stacks_on,
    without_cuts,
    without_outlines,
)
from offline_endpoint.reading.chart.canvas import distance
from offline_endpoint.reading.chart.data import Chart, Point, Series, count_of
from offline_endpoint.reading.chart.evidence import (
    UNREAD,
    Detector,
    Kind,
    Reading,
    best_of,
    boxes_of,
    share_explained,
)
from offline_endpoint.reading.chart.labels import read_numbers
from offline_endpoint.reading.chart.names import Name, names_below, names_beside
from offline_endpoint.reading.chart.plot import Plot, axis_value, make_chart
from offline_endpoint.reading.chart.printed import Printed, match_printed, numbers_on
from offline_endpoint.reading.chart.samples import INK
from offline_endpoint.reading.chart.traces import merged
from offline_endpoint.reading.chart.words import spacing
from offline_endpoint.reading.text import TextLine

_FLOATING = "bars that start at different places, as those of a Gantt chart, a waterfall, a box plot or candlesticks do"
_STACKED = 0.3  # Least share of places on the category axis where bars stand upon one another


def read_bars(plot: Plot) -> Reading | None:
    """Read a bar chart, or None when the marks are no bars on a common base line."""
    standing, lying = _rectangles(plot, True), _rectangles(plot, False)
    if max(len(standing), len(lying)) < 2:
        return None
    one_axis = (plot.x_axis is None) != (plot.y_axis is None)
    upright = plot.x_axis is None if one_axis else is_upright(standing, lying)
    reading = _read(plot, standing if upright else lying, upright)
    if reading is None or reading.against:
        # Categories such as years may pass for an axis of values.
        reading = best_of([reading, _read(plot, lying if upright else standing, not upright)])
    return reading


def _rectangles(plot: Plot, upright: bool) -> list[Bar]:
    mend = max(3, round(0.13 * plot.picture.text_height))
    masks = [_with_print(layer.mask, plot.picture.lines) for layer in plot.layers]
    found = [b for i, mask in enumerate(masks) for b in find_rectangles(mask, i, mend, upright)]
    ground = distance(plot.picture.pixels, plot.frame.color) <= INK
    return without_outlines(without_cuts(found, upright, mend, ground))


def _with_print(mask: np.ndarray, lines: Sequence[TextLine]) -> np.ndarray:
    """A mask that goes on under the print that stands on it, which may be as wide as a bar."""
    filled = mask.copy()
    for line in lines:
        top, bottom, left, right = (max(3, round(v)) for v in (line.top, line.bottom, line.left, line.right))
        above, below = mask[top - 3 : top, left:right], mask[bottom : bottom + 3, left:right]
        if min(above.size, below.size) and min(above.mean(), below.mean()) > 0.7:
            filled[top:bottom, left:right] |= above.any(axis=0) & below.any(axis=0)
    return filled


def _read(plot: Plot, found: list[Bar], upright: bool) -> Reading | None:
    axis = plot.y_axis if upright else plot.x_axis
    bars = alike(found, upright) if found else []
    if len(bars) < 2:
        return None
    tolerance = max(2.5, 0.006 * (plot.frame.height if upright else plot.frame.width))
    base = _base(plot, bars, axis, upright, tolerance)
    stacks = stacks_on(bars, base, upright, tolerance) if base is not None else []
    standing = [bar for stack in stacks for bar in stack]
    floating = [bar for bar in bars if bar not in standing]
    if base is None or len(stacks) < 2 or len(floating) > 0.25 * len(bars):
        share = share_explained(plot, boxes_of(plot.picture.size, [b.box for b in bars]))
        long = sum(max(b.right - b.left, b.bottom - b.top) > 2 * b.thickness(upright) for b in bars)
        floats = axis is not None and len(bars) > 2 and 2 * long > len(bars) and share > 0.5
        return Reading(UNREAD, share, (_FLOATING,)) if floats else None
    stacked = sum(len(stack) > 1 for stack in stacks) > _STACKED * len(stacks)
    if not stacked:
        stacks = [stack[:1] for stack in stacks]
    bars = [bar for stack in stacks for bar in stack]
    layers = sorted({b.layer for b in bars})
    middles = [stack[0].middle(upright) for stack in stacks]
    candidates = numbers_on(_free_numbers(plot), bars, upright)
    printed = match_printed(candidates, bars, axis, base, upright, stacked)
    if axis is None:
        axis = printed.scale
        if axis is None:
            return None
    named = {e.layer for e in plot.legend}
    grouped = not stacked and len(named & set(layers)) > 1
    names = names_below(plot) if upright else names_beside(plot, base, middles, printed.lines)
    names = [n for n in names if not set(n.lines) & printed.lines]
    if upright:
        groups = merged(middles, 1.6 * bars[0].thickness(upright)) if grouped else middles
        names = _apart(names, groups, grouped)
    slots, spare = _slots(middles, names, grouped)
    if upright and not grouped and plot.x_axis and plot.x_axis.scale == "linear" and len(slots) != len(names):
        slots, spare = _numbers_at(plot.x_axis, names, middles), []
    repeated = len({s for s in slots if s}) < len([s for s in slots if s])
    kind = "stacked bar" if stacked else "grouped bar" if grouped and repeated else "bar"
    values = {bar: _value(bar, axis, base, upright, stacked, printed) for bar in bars}
    series = _series(plot, kind, stacks, slots, layers, values, printed)
    if kind == "bar":
        thin = _thin_bars(plot, spare, axis, base, upright, printed)
        spare = [n for n in spare if n.text not in thin]
        series = [replace(series[0], points=(*series[0].points, *thin.values()))]
    chart = make_chart(plot, kind, series, upright)
    if chart is None:
        return None
    explained = boxes_of(plot.picture.size, [b.box for b in bars])
    start = axis.value(base) if axis.scale == "linear" and axis.ticks and not stacked else 0.0
    longest = max(abs(v) for v, _ in values.values())
    unusual: tuple[str, ...] = ()
    if abs(start) > 0.05 * longest:
        unusual = (f"The value axis starts at {start:.3g}, not at zero, so the lengths of the bars mislead.",)
    unit = next((n.unit for n in printed.values.values() if n.unit), None)
    chart = replace(chart, percent=axis.percent, unit=unit, unusual=unusual, **_doubts(series, slots, spare))
    against = _against(plot, chart, printed, len(middles), len(names), spare, len(candidates))
    if sum(_changes_color(plot, bar, upright) for bar in bars) > 0.25 * len(bars):
        against = (*against, "bars that change their color along the way")
    lines = {t for n in names for t in n.lines} | printed.lines
    return Reading(chart, share_explained(plot, explained, lines), against)


def _changes_color(plot: Plot, bar: Bar, upright: bool) -> bool:
    """Whether a bar has another color near one end than near the other: parts of like colors that ran together."""
    patch = plot.picture.pixels[
        round(bar.top) : round(bar.bottom), round(bar.left) : round(bar.right)
    ].astype(np.int16)
    length = patch.shape[0] if upright else patch.shape[1]
    if length < 12:
        return False
    low, high = round(0.1 * length), max(2, round(0.25 * length))
    ends = (slice(low, high), slice(length - high, length - low))
    colors = [np.median((patch[e] if upright else patch[:, e]).reshape(-1, 3), axis=0) for e in ends]
    return bool(np.abs(colors[0] - colors[1]).max() > 30)


def _numbers_at(axis: Axis, names: list[Name], middles: list[float]) -> list[str | None]:
    """The whole numbers of a scale, such as years, that bars stand at; none where one stands between them."""
    values = [axis.value(middle - 0.5) for middle in middles]
    whole = all(abs(v - round(v)) < 0.15 for v in values) and len({round(v) for v in values}) == len(values)
    # 30.05, 31.05 and 01.06 are days.
    whole &= not any(re.match(r"0\d", name.text) for name in names)
    whole &= len({line for name in names for line in name.lines} - set(axis.ticks)) < 2
    return [str(round(v)) if whole else None for v in values]


def _apart(names: list[Name], centers: list[float], grouped: bool) -> list[Name]:
    """The names, those that were run together parted, one word for each bar or group above them."""
    parted: list[Name] = []
    for name in names:
        line, words = name.lines[0], re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.text).split()
        under = [c for c in centers if line.left < c < line.right]
        # Of a group some bars may be missing; it then seems to be two, over a name of two words.
        if len(name.lines) == 1 and len(words) == len(under) > 1 + grouped:
            parted += [Name([replace(line, text=word)], at) for word, at in zip(words, under, strict=True)]
        elif grouped or len(under) < 3 or len(name.lines) > 1:
            parted.append(name)
    return parted


def _free_numbers(plot: Plot) -> list[TextLine]:
    """Lines in or near the plot that may be values printed on bars."""
    frame, height = plot.frame, plot.picture.text_height
    spoken_for = {t for axis in (plot.x_axis, plot.y_axis) if axis for t in axis.ticks} | set(
        plot.words.below
    )
    return [
        t
        for t in plot.picture.lines
        if t not in spoken_for
        and not t.is_vertical
        and frame.left - 3 * height < (t.left + t.right) / 2 < frame.right + 5 * height
        and frame.top - 2 * height < (t.top + t.bottom) / 2 < frame.bottom + height
    ]


def _value(
    bar: Bar, axis: Axis, base: float, upright: bool, stacked: bool, printed: Printed
) -> tuple[float, bool]:
    """A bar's value and whether it was measured."""
    if bar in printed.values:
        return printed.values[bar].value, False
    low, high = bar.span(upright)
    if stacked:
        return abs(axis_value(axis, low) - axis_value(axis, high)), True
    # Spans are measured between pixel edges, labels between pixel middles.
    end = low if abs(low - base) > abs(high - base) else high
    return axis_value(axis, end - 0.5), True


def _series(
    plot: Plot,
    kind: str,
    stacks: list[list[Bar]],
    slots: list[str | None],
    layers: list[int],
    values: dict[Bar, tuple[float, bool]],
    printed: Printed,
) -> list[Series]:
    if kind == "bar":
        points = [Point(label, None, *values[stack[0]]) for label, stack in zip(slots, stacks, strict=True)]
        name = plot.name(layers[0]) if len(layers) == 1 and plot.legend else None
        return [Series(name, tuple(points))]
    order = [e.layer for e in plot.legend]
    ranked = sorted(layers, key=lambda layer: (order.index(layer) if layer in order else len(order), layer))
    return [
        Series(
            plot.name(layer),
            tuple(
                Point(label, None, *values[bar])
                for label, stack in zip(slots, stacks, strict=True)
                for bar in stack
                if bar.layer == layer
            ),
        )
        for layer in ranked
    ]


def _thin_bars(
    plot: Plot, spare: list[Name], axis: Axis, base: float, upright: bool, printed: Printed
) -> dict[str, Point]:
    """The points of names without a bar whose small value is printed at the base, by name."""
    numbers = [t for t in _free_numbers(plot) if t not in printed.lines] if printed.values and spare else []
    height, least = plot.picture.text_height, abs(axis.value(base + 5) - axis.value(base))
    found = {}
    for line, number in zip(numbers, read_numbers([t.text for t in numbers]), strict=True):
        at = (line.left + line.right if upright else line.top + line.bottom) / 2
        beside = base - line.bottom if upright else line.left - base
        name = min(spare, key=lambda n: abs(n.at - at))
        level = abs(name.at - at) < 0.5 * height
        if number and level and -2 < beside < 1.2 * height and abs(number.value) <= least:
            found[name.text] = Point(name.text, None, number.value, estimated=False)
            printed.lines.add(line)
    return found


def _doubts(series: list[Series], slots: list[str | None], spare: list[Name]) -> dict[str, Any]:
    """What could not be read: names of bars, and of series where others have one."""
    said = []
    missing = slots.count(None)
    if missing:
        said.append(f"The name{'s' if missing > 1 else ''} of {count_of(missing, 'bar')} could not be read.")
    unnamed = [s.name for s in series].count(None)
    if unnamed and len(series) > 1:
        said.append(f"The legend's name for {count_of(unnamed, 'color')} could not be read.")
    if spare:
        said.append(f"No bar could be found for {' and '.join(n.text for n in spare)}.")
    places = len({p.label for s in series for p in s.points})
    for each in series if len(series) > 1 else ():
        if len(each.points) < places:
            what = f"of {each.name}" if each.name else "of one color"
            said.append(f"Only {len(each.points)} of {places} bars {what} could be measured.")
    return {"unsure": tuple(said), "partial": bool(said)}


def _against(
    plot: Plot, chart: Chart, printed: Printed, bars: int, names: int, spare: list[Name], with_print: int
) -> tuple[str, ...]:
    """What speaks against a reading."""
    said = []
    if len(spare) > 0.2 * names and chart.kind == "bar":
        said.append(f"{names} labels but only {count_of(bars, 'bar')}")
    for series in chart.series:
        labels = [p.label for p in series.points if p.label]
        twice = next((label for label in labels if labels.count(label) > 1), None)
        if twice:
            said.append(f'what reads as the label "{twice}" twice in one series')
            break
    named = {s.name for s in chart.series}
    lost = [e.name for e in plot.legend if e.name not in named] if len(plot.legend) > 1 else []
    if lost:
        said.append(f"the name {lost[0]} and its color, but no bars that I could tell by it")
    if printed.misfits > max(1, 0.3 * with_print):
        said.append(f"{count_of(printed.misfits, 'printed value')} that the lengths of the bars contradict")
    return tuple(said)


def _base(plot: Plot, bars: list[Bar], axis: Axis | None, upright: bool, tolerance: float) -> float | None:
    """Where the bars start: at nought if they do, else at the frame's edge; None when they share no start."""
    shared = base_line(bars, upright, tolerance)
    if axis is None:
        return shared
    low, high = (plot.frame.top, plot.frame.bottom) if upright else (plot.frame.left, plot.frame.right)
    wanted = [axis.pixel(0.0)] if axis.scale == "linear" else []
    for place in [*wanted, float(high if upright else low)]:
        touching = [b for b in bars if min(abs(e - place) for e in b.span(upright)) <= 2 * tolerance]
        if low - 3 * tolerance <= place <= high + 3 * tolerance and len(touching) >= min(2, len(bars)):
            return place
    # Where the axis shows nought, bars that start far from it float.
    off = abs(wanted[0] - shared) if wanted and shared is not None and wanted[0] < high + tolerance else 0.0
    return shared if off < plot.picture.text_height else None


def _slots(middles: list[float], names: list[Name], grouped: bool) -> tuple[list[str | None], list[Name]]:
    """The nearest name for each place, within half a step, and the names that no bar stands at."""
    # One name is the name of one bar, unless the bars are a group.
    step = spacing([n.at for n in names] if len(names) > 1 or grouped else middles)
    found: list[str | None] = []
    used: set[int] = set()
    for middle in middles:
        near = min(range(len(names)), key=lambda k: abs(names[k].at - middle), default=None)
        if near is None or abs(names[near].at - middle) > 0.5 * min(step, 1e9):
            found.append(None)
            continue
        used.add(near)
        found.append(names[near].text or None)
    return found, [n for k, n in enumerate(names) if k not in used]


DETECTOR = Detector(
    read_bars,
    (
        Kind("bar", "bar", "bars", starts_at_zero=True),
        Kind("grouped bar", "bar", "bars", starts_at_zero=True),
        Kind("stacked bar", "part", "parts", starts_at_zero=True),
    ),
)
