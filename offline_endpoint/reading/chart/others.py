"""What speaks against any reading: a second axis, tick labels that fit no scale, marks of charts that are not read."""

from __future__ import annotations

import numpy as np

from offline_endpoint.reading.chart.axes import Axis, fit_axis
from offline_endpoint.reading.chart.canvas import Canvas
from offline_endpoint.reading.chart.frame import Frame
from offline_endpoint.reading.chart.labels import parse_number, read_numbers
from offline_endpoint.reading.chart.layers import Layer
from offline_endpoint.reading.text import TextLine

FLOATING = "bars that start at different places, as those of a Gantt chart, a waterfall, a box plot or candlesticks do"
AREAS = "areas filled with color, as an area chart has them"


def odd_axes(picture: Canvas, frame: Frame, y_axis: Axis | None, known: set[TextLine]) -> tuple[str, ...]:
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


def is_area(ink: np.ndarray, frame: Frame) -> bool:
    """Whether ink fills a plot from a slanting edge down to its foot, over most of its width."""
    area = ink[frame.top : frame.bottom - 2, frame.left + 2 : frame.right - 2]
    first = np.where(area.any(axis=0), area.argmax(axis=0), area.shape[0])
    high = area.shape[0] - first
    filled = area.sum(axis=0) / np.maximum(high, 1)
    solid = (filled > 0.85) & (high > 0.05 * area.shape[0])
    # Bars have few heights and steps between them; the edge of an area changes from column to column.
    steps = np.abs(np.diff(first[solid])) if solid.sum() > 1 else np.zeros(1)
    return bool(solid.mean() > 0.6 and (steps > 0).mean() > 0.12)


def all_ink(layers: list[Layer], size: tuple[int, int]) -> np.ndarray:
    """The ink of all layers, shape of the picture, bool."""
    return np.logical_or.reduce([layer.mask for layer in layers]) if layers else np.zeros(size, bool)
