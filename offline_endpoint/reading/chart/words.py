"""Words: which text line is the title, an axis label, a category name, or stands in the plot."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from offline_endpoint.reading.chart.axes import Axis
from offline_endpoint.reading.chart.canvas import Canvas, is_slanted
from offline_endpoint.reading.chart.frame import Frame
from offline_endpoint.reading.chart.labels import is_symbol
from offline_endpoint.reading.text import TextLine


@dataclass(frozen=True)
class Words:
    """The text lines of a chart by what they are for; x and y as they stand in the picture."""

    title: TextLine | None
    x_label: TextLine | None
    y_label: TextLine | None
    below: tuple[TextLine, ...]  # labels under the plot, from left to right
    beside: tuple[TextLine, ...]  # labels left of the plot, from top to bottom
    free: tuple[TextLine, ...]  # what is left: legend, labels of marks, notes


def _row_below(picture: Canvas, frame: Frame, x_axis: Axis | None, y_axis: Axis | None) -> list[TextLine]:
    height = picture.text_height
    under = [
        t
        for t in picture.lines
        if not (y_axis and t in y_axis.ticks)
        and t.top > frame.bottom - 0.6 * height
        and (t.bottom + t.top) / 2 > frame.bottom
        and frame.left - 3 * height < (t.left + t.right) / 2 < frame.right + 3 * height
        and not is_symbol(t)
    ]
    tops = [float(np.median([t.top for t in x_axis.ticks]))] if x_axis else [t.top for t in under]
    top = min(tops, default=math.inf)
    if not x_axis and top > frame.bottom + 3 * height:
        return []
    near = 0.7 if any(is_slanted(t, height) for t in under) else 0.45
    row = [t for t in under if abs(t.top - top) < near * height]
    if x_axis and not any(is_slanted(t, height) for t in x_axis.ticks):
        # The label of the axis may begin while the ticks' labels end, but it stands lower.
        middle = float(np.median([t.top + t.bottom for t in x_axis.ticks])) / 2
        row = [t for t in row if t in x_axis.ticks or abs((t.top + t.bottom) / 2 - middle) < 0.5 * height]
    return sorted(row, key=lambda t: t.left + t.right)


def _column_beside(picture: Canvas, frame: Frame, y_axis: Axis | None) -> list[TextLine]:
    height = picture.text_height
    near = [
        t
        for t in picture.lines
        if t.right < frame.left + 1.5 * height
        and (t.left + t.right) / 2 < frame.left
        and not (t.is_vertical and len(t.text) > 2)
        and frame.top - height < (t.top + t.bottom) / 2 < frame.bottom + 0.8 * height
        and not is_symbol(t)
    ]
    if not near:
        return []
    edge = float(np.median([t.right for t in (y_axis.ticks if y_axis else near)]))
    return sorted((t for t in near if abs(t.right - edge) < 1.5 * height), key=lambda t: t.top + t.bottom)


def sort_words(
    picture: Canvas, frame: Frame, x_axis: Axis | None, y_axis: Axis | None, notes: set[TextLine]
) -> Words:
    """Tell what each text line is for, by where it stands; `notes` are spoken for already."""
    below, beside = _row_below(picture, frame, x_axis, y_axis), _column_beside(picture, frame, y_axis)
    # A lone line under the plot with nothing under it is the axis label, not a name of a category.
    used = set(below) | set(beside)
    rest = [t for t in picture.lines if t not in used and t not in notes]
    center = (frame.left + frame.right) / 2
    foot = max((t.bottom for t in below), default=float(frame.bottom))
    slanted = any(is_slanted(t, picture.text_height) for t in below)
    under = [
        t
        for t in rest
        if t.top > (foot - (1.2 if slanted else 0.6) * picture.text_height)
        and abs((t.left + t.right) / 2 - center) < 0.12 * frame.width
        and not is_symbol(t)
    ]
    x_label = min(under, key=lambda t: t.top, default=None)
    if x_label:
        # The entries of a legend stand in one row close by.
        row = [t for t in rest if t is not x_label and abs(t.top - x_label.top) < 0.5 * picture.text_height]
        gaps = [min(abs(t.left - x_label.right), abs(x_label.left - t.right)) for t in row]
        x_label = None if min(gaps, default=math.inf) < 6 * picture.text_height else x_label
    upright = [
        t
        for t in rest
        if t.is_vertical and len(t.text) > 2 and t.right < frame.left + 0.3 * picture.text_height
    ]
    y_label = max(upright, key=lambda t: t.bottom - t.top, default=None)
    above = [
        t
        for t in rest
        if (t.top + t.bottom) / 2 < frame.top + 0.2 * picture.text_height
        and not t.is_vertical
        and not is_symbol(t)
        and not (t.right < frame.left and t.bottom > frame.top)
    ]
    title = max(above, key=lambda t: (round((t.bottom - t.top) / 4), -t.top), default=None)
    used |= {t for t in (title, x_label, y_label) if t is not None}
    return Words(
        title, x_label, y_label, tuple(below), tuple(beside), tuple(t for t in picture.lines if t not in used)
    )


def spacing(positions: list[float]) -> float:
    """The usual distance between neighbors, in pixels; infinite for fewer than two."""
    gaps = [b - a for a, b in itertools.pairwise(sorted(positions)) if b > a]
    return float(np.median(gaps)) if gaps else float("inf")
