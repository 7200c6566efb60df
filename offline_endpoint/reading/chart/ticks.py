"""Ticks: the strokes across the frame's lower edge, which show where slanted labels belong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from offline_endpoint.reading.chart.axes import Axis, fit_axis
from offline_endpoint.reading.chart.frame import Frame
from offline_endpoint.reading.chart.canvas import Canvas, common_color, is_slanted
from offline_endpoint.reading.text import TextLine

_LEAN = 0.56
"""How far the end of a slanted label's ink lies left of its tick, in widths of a letter along the axis.

Measured on labels turned by 30 degrees without tick marks: 4 pixels where a letter takes 7.
"""


def find_ticks(picture: Canvas, frame: Frame) -> list[float]:
    """The pixel columns of the tick marks under a frame, and of the tick marks or grid lines inside its foot."""
    height = picture.text_height
    columns: set[int] = set()
    for low, high in ((1.0, 1.0 + 0.13 * height), (-0.2 * height, -0.1 * height)):
        strip = picture.pixels[
            round(frame.bottom + low) : round(frame.bottom + high), frame.left : frame.right
        ]
        if strip.shape[0] < 2:
            continue
        ink = np.abs(strip.astype(np.int16) - common_color(strip.astype(np.int16))).max(axis=2) > 20
        columns |= set((np.flatnonzero(ink.all(axis=0)) + frame.left).tolist())
    places = np.array(sorted(columns))
    if len(places) == 0:
        return []
    strokes = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return [float(s.mean()) for s in strokes if len(s) <= max(4, 0.2 * height)]


def find_grid(picture: Canvas, frame: Frame) -> list[float]:
    """The pixel columns of the upright grid lines in a plot, however pale; seldom is half of one drawn over."""
    area = picture.pixels[frame.top : frame.bottom, frame.left : frame.right].astype(np.int16)
    apart = np.abs(np.median(area, axis=0) - frame.color).max(axis=1)
    columns = np.flatnonzero(apart >= 4)
    if len(columns) == 0:
        return []
    strokes = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    thin = max(6, 0.4 * picture.text_height)
    return [frame.left + float(np.average(s, weights=apart[s])) for s in strokes if len(s) <= thin]


def settle(picture: Canvas, frame: Frame, axis: Axis) -> Axis:
    """An x axis with slanted labels, fitted to the ticks they belong to.

    Where neither ticks nor grid lines are drawn the labels are moved by what they lean.

    Args:
        picture: the picture.
        frame: the plot area.
        axis: the axis as the labels alone give it; others than those with slanted labels come back unchanged.
    """
    slanted = [t for t in axis.ticks if is_slanted(t, picture.text_height)]
    if axis.scale == "log" or len(slanted) * 2 <= len(axis.ticks):
        return axis
    lean = _LEAN * float(np.median([(t.right - t.left) / len(t.text) for t in slanted]))
    found = [(line, at + lean) for line, at in zip(axis.ticks, axis.positions, strict=True)]
    for find in (find_ticks, find_grid):
        pairs = _nearest(axis, find(picture, frame), 0.45 * picture.text_height)
        shifts = [near - at for _, at, near in pairs]
        # All labels lean alike; letters that reach up to the frame pass for ticks here and there.
        alike = bool(shifts) and np.ptp(shifts) <= max(4.0, 0.2 * picture.text_height)
        if alike and len(pairs) >= max(2, 0.7 * len(axis.ticks)):
            found = [(line, near) for line, _, near in pairs]
            break
    settled = fit_axis(
        [line for line, _ in found], [at for _, at in found], tolerance=0.6 * picture.text_height
    )
    return replace(settled, percent=axis.percent) if settled and settled.scale == axis.scale else axis


def _nearest(axis: Axis, places: list[float], reach: float) -> list[tuple[TextLine, float, float]]:
    """Each label with its position and the place nearest to it, without labels that have none within reach."""
    return [
        (line, at, near)
        for line, at in zip(axis.ticks, axis.positions, strict=True)
        if places and abs((near := min(places, key=lambda place: abs(place - at))) - at) <= reach
    ]
