"""The plot: what frame, axes, words, layers and legend say about a picture, and the chart made of its points."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np

from offline_endpoint.reading.chart.axes import Axis, find_axes, fit_axis
from offline_endpoint.reading.chart.bars import Bar, alike, find_rectangles
from offline_endpoint.reading.chart.canvas import Canvas, distance, is_slanted
from offline_endpoint.reading.chart.data import Chart, Series
from offline_endpoint.reading.chart.frame import Frame, find_frame
from offline_endpoint.reading.chart.labels import parse_number, parse_scale_note, read_numbers
from offline_endpoint.reading.chart.layers import Layer, erase_text, find_layers
from offline_endpoint.reading.chart.legend import Entry, erase_legend, find_legend, is_apart
from offline_endpoint.reading.chart.samples import Sample, find_samples
from offline_endpoint.reading.chart.words import Words, sort_words
from offline_endpoint.reading.text import TextLine


@dataclass(frozen=True)
class Plot:
    """All that the rooms found, before it becomes a chart; `odd` is what no reading of it takes in."""

    picture: Canvas
    frame: Frame
    x_axis: Axis | None
    y_axis: Axis | None
    words: Words
    layers: list[Layer]
    legend: list[Entry]
    samples: list[Sample]
    odd: tuple[str, ...] = ()

    def name(self, layer: int) -> str | None:
        """What the legend calls a layer, or None."""
        return next((e.name for e in self.legend if e.layer == layer), None)


def find_plot(picture: Canvas) -> Plot | None:
    """Find everything around the marks; None when there is no axis or no plot area."""
    # The names of a legend may be numbers that stand in a row as ticks do.
    legend = {s.line for s in find_samples(picture, list(picture.lines)) if np.ptp(s.color) > 40}
    lines = [t for t in picture.lines if t not in legend]
    x_axis, y_axis = find_axes(lines, picture)
    if x_axis is None and y_axis is None:
        return None
    frame = find_frame(picture, x_axis, y_axis)
    if frame is None:
        return None
    # What looks like an axis but stands in the middle of the plot is something else, such as values
    # printed on bars.
    if y_axis and np.median([t.left for t in y_axis.ticks]) > frame.left + 0.1 * frame.width:
        y_axis = None
    if x_axis and np.median([t.bottom for t in x_axis.ticks]) < frame.bottom - 0.1 * frame.height:
        x_axis = None
    if not frame.drawn:
        # Two numbers in line are a scale only where lines show a plot.
        x_axis, y_axis = (a if a and len(a.ticks) > 2 else None for a in (x_axis, y_axis))
    if x_axis is None and y_axis is None:
        return None
    x_axis = _at_ticks(picture, frame, x_axis) if x_axis else None
    y_axis = _on_grid(picture, frame, y_axis) if y_axis else None
    x_axis, y_axis, notes = _with_notes(picture, frame, x_axis, y_axis)
    return _fill(picture, frame, x_axis, y_axis, notes)


def _fill(
    picture: Canvas, frame: Frame, x_axis: Axis | None, y_axis: Axis | None, notes: set[TextLine]
) -> Plot:
    """The plot with the words, colors and legend that belong to a frame."""
    words = sort_words(picture, frame, x_axis, y_axis, notes)
    # The label of a mark near the edge may reach beyond the frame; only what is within can be ink of a layer.
    reaching = {t for t in words.free if t.left < frame.right and frame.left < t.right}
    inside = [
        replace(t, left=max(t.left, frame.left), right=min(t.right, frame.right + 2.0))
        for t in picture.lines
        if (t in reaching or frame.left <= (t.left + t.right) / 2 < frame.right)
        and frame.top <= (t.top + t.bottom) / 2 < frame.bottom
    ]
    samples = find_samples(picture, list(words.free))
    layers = erase_text(find_layers(picture, frame, x_axis, y_axis, [s.color for s in samples]), inside)
    legend = find_legend(frame, list(words.free), layers, samples)
    if legend and is_apart(legend, layers):
        layers = erase_legend(legend, layers)
    else:
        # Names at the ends of lines: what is left of their letters would draw the lines out.
        for entry, layer in itertools.product(legend, layers):
            left, top, right, bottom = (max(0, round(v)) for v in (entry.line.left, *entry.box[1:]))
            layer.mask[top:bottom, left:right] = False
    odd = _odd_axes(picture, frame, y_axis, {e.line for e in legend} | {s.line for s in samples})
    return Plot(picture, frame, x_axis, y_axis, words, layers, legend, samples, odd)


def bare_plot(picture: Canvas) -> Plot | None:
    """The plot of bars without an axis, whose values are printed on them; None where there are no bars."""
    height, width = picture.size
    everything = Frame(0, 0, width, height, picture.ground, drawn=False)
    colors = [s.color for s in find_samples(picture, list(picture.lines))]
    layers = erase_text(find_layers(picture, everything, None, None, colors), list(picture.lines))
    best: list[Bar] = []
    for upright in (True, False):
        found = [b for k, layer in enumerate(layers) for b in find_rectangles(layer.mask, k, 3, upright)]
        thick = [
            b for b in found if min(b.thickness(True), b.thickness(False)) > 5 and b.span(not upright)[0] > 3
        ]
        best = max(best, alike(thick, upright), key=len)
    if len(best) < 2:
        return None
    left, top = (max(0, round(min(v)) - 3) for v in ([b.left for b in best], [b.top for b in best]))
    right = min(width, round(max(b.right for b in best)) + 3)
    bottom = min(height, round(max(b.bottom for b in best)) + 3)
    if right - left < 40 or bottom - top < 40:
        return None
    frame = Frame(left, top, right, bottom, picture.ground, drawn=False)
    return _fill(picture, frame, None, None, set())


def _at_ticks(picture: Canvas, frame: Frame, axis: Axis) -> Axis:
    """An axis of slanted labels, whose ends or middles stand at its tick marks or grid lines."""
    if 2 * sum(is_slanted(t, picture.text_height) for t in axis.ticks) <= len(axis.ticks):
        return axis
    grid = _stands_out(picture, frame, 0)
    below = picture.pixels[frame.bottom + 1 : frame.bottom + 4, frame.left : frame.right]
    marks = (distance(np.ascontiguousarray(below), picture.ground) > 40).all(axis=0)
    strokes = [at for ink in (grid, marks) for at in _strokes(np.flatnonzero(ink), frame.left)]
    best, least = axis, 0.6 * picture.text_height if strokes else 0.0
    for places in (list(axis.positions), [(t.left + t.right) / 2 for t in axis.ticks]):
        shifts = [min((s - p for s in strokes), key=abs, default=0.0) for p in places]
        usual = float(np.median(shifts)) if strokes else 0.0
        agree = sum(abs(s - usual) <= 3 for s in shifts) >= max(2, 0.7 * len(shifts))
        moved = fit_axis(list(axis.ticks), [p + usual for p in places], None, 0.4 * picture.text_height)
        if agree and moved and abs(usual) < least:
            best, least = moved, abs(usual)
    return best


def _on_grid(picture: Canvas, frame: Frame, axis: Axis) -> Axis:
    """A value axis whose labels all stand equally far above or below their grid lines, put on the grid lines."""
    lines = _strokes(np.flatnonzero(_stands_out(picture, frame, 1)), frame.top)
    shifts = [min((at - p for at in lines), key=abs, default=0.0) for p in axis.positions]
    usual = float(np.median(shifts))
    agree = sum(abs(s - usual) < 1.5 for s in shifts) >= max(3, 0.8 * len(shifts))
    if not agree or not 2 < abs(usual) < picture.text_height:
        return axis
    moved = fit_axis(list(axis.ticks), [p + usual for p in axis.positions], None, 0.4 * picture.text_height)
    return moved or axis


def _stands_out(picture: Canvas, frame: Frame, along: int) -> np.ndarray:
    """The columns (`along` 0) or rows (1) of the plot of which most has another color than the plot."""
    inside = picture.pixels[frame.top : frame.bottom, frame.left : frame.right].astype(np.int16)
    usual: np.ndarray = np.abs(np.median(inside, axis=along) - frame.color).max(axis=1) >= 4
    return usual


def _strokes(columns: np.ndarray, start: int) -> list[float]:
    """The middles of runs of neighboring columns that are no wider than a stroke."""
    runs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1) if len(columns) else []
    return [start + float(r.mean()) for r in runs if len(r) < 8]


def _odd_axes(picture: Canvas, frame: Frame, y_axis: Axis | None, known: set[TextLine]) -> tuple[str, ...]:
    """What is seen of the axes that no reading takes in, each so that it can follow `I saw`."""
    said = []
    height = picture.text_height
    level = [t for t in picture.lines if frame.top - height < (t.top + t.bottom) / 2 < frame.bottom + height]
    right = [t for t in level if t.left > frame.right - 0.3 * height and t not in known and _is_plain(t)]
    if y_axis and y_axis.ticks and len(right) > 2:
        edge = float(np.median([t.left for t in right]))
        column = [t for t in right if abs(t.left - edge) < 2 * height]
        second = fit_axis(column, [picture.middle(t)[1] for t in column], None, 0.3 * height)
        if second and len(second.ticks) > 2 and np.ptp(second.positions) > 0.5 * frame.height:
            said.append("a second axis at the right")
    if y_axis and len(y_axis.ticks) > 1:
        edge = float(np.median([t.right for t in y_axis.ticks]))
        column = [t for t in level if abs(t.right - edge) < 0.4 * height and _is_plain(t)]
        if len(column) > 4 and len(y_axis.ticks) < 0.6 * len(column):
            said.append("tick labels at the left that fit no scale")
    return tuple(said)


def _is_plain(line: TextLine) -> bool:
    return read_numbers([line.text])[0] is not None or parse_number(line.text) is not None


def _with_notes(
    picture: Canvas, frame: Frame, x_axis: Axis | None, y_axis: Axis | None
) -> tuple[Axis | None, Axis | None, set[TextLine]]:
    """The axes with the factor or offset printed at their ends taken in, and the lines that print it."""
    notes: set[TextLine] = set()
    for line in picture.lines:
        note = parse_scale_note(line.text)
        if note is None:
            continue
        at = (line.left - frame.left) / frame.width
        above = line.bottom < frame.top + 0.3 * picture.text_height and at < 0.3
        below = line.top > frame.bottom and at > 0.6
        if y_axis and y_axis.scale == "linear" and above and line not in y_axis.ticks:
            y_axis = y_axis.scaled(*note)
            notes.add(line)
        elif x_axis and x_axis.scale == "linear" and below and line not in x_axis.ticks:
            x_axis = x_axis.scaled(*note)
            notes.add(line)
    return x_axis, y_axis, notes


def axis_value(axis: Axis, pixel: float) -> float:
    """The value at a pixel, rounded to what a pixel is good for."""
    value = axis.value(pixel)
    if axis.scale == "date":
        return float(round(value))
    # To the power of ten that is at most two pixels' worth.
    step = abs(axis.value(pixel + 0.5) - axis.value(pixel - 0.5))
    return round(value, -math.floor(math.log10(2 * step))) + 0.0 if 0 < step < math.inf else value


def _text(line: TextLine | None) -> str | None:
    return line.text.strip() if line else None


def make_chart(plot: Plot, kind: str, series: list[Series], upright: bool = True) -> Chart | None:
    """Put the series under the plot's title and axis labels; None when no series has a point."""
    if not any(s.points for s in series):
        return None
    words = plot.words
    x_label, y_label = _text(words.x_label), _text(words.y_label)
    if not upright:
        x_label, y_label = y_label, x_label
    value_axis = plot.y_axis if upright else plot.x_axis
    category = kind.endswith("bar") or plot.x_axis is None
    return Chart(
        kind,  # type: ignore[arg-type]
        _text(words.title),
        x_label,
        y_label,
        tuple(s for s in series if s.points),
        "category" if category else plot.x_axis.scale,  # type: ignore[union-attr]
        "log" if value_axis and value_axis.scale == "log" else "linear",
        bool(value_axis and value_axis.percent),
    )
