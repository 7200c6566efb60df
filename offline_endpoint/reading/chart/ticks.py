"""Ticks: the grid lines that tick labels stand at, which show where slanted or raised labels belong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from offline_endpoint.reading.chart.axes import Axis
from offline_endpoint.reading.chart.canvas import Canvas, is_slanted
from offline_endpoint.reading.chart.frame import Frame

_LEAN = 0.56
"""How far the end of a slanted label's ink lies left of its tick, in widths of a letter along the axis.

Measured on labels turned by 30 degrees without tick marks: 4 pixels where a letter takes 7.
"""


def find_grid(picture: Canvas, frame: Frame, level: bool) -> list[float]:
    """The pixel rows of the level grid lines in a plot, or the columns of the upright ones, however pale."""
    area = picture.pixels[frame.top : frame.bottom, frame.left : frame.right].astype(np.int16)
    apart = np.abs(np.median(area, axis=1 if level else 0) - frame.color).max(axis=1)
    places = np.flatnonzero(apart >= 4)
    if len(places) == 0:
        return []
    strokes = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    thin = max(6, 0.4 * picture.text_height)
    start = frame.top if level else frame.left
    return [start + float(np.average(s, weights=apart[s])) for s in strokes if len(s) <= thin]


def settle(picture: Canvas, frame: Frame, axis: Axis, level: bool) -> Axis:
    """An axis moved to the grid lines that its labels stand beside; slanted labels are moved by what they lean."""
    if axis.scale == "log":
        return axis
    slanted = [t for t in axis.ticks if is_slanted(t, picture.text_height)] if not level else []
    lean = 0.0
    if 2 * len(slanted) > len(axis.ticks):
        lean = _LEAN * float(np.median([(t.right - t.left) / len(t.text) for t in slanted]))
    reach = min(0.9 * picture.text_height, 0.4 * float(np.min(np.diff(axis.positions))))
    grid = find_grid(picture, frame, level)
    shifts = []
    for at in axis.positions:
        near = min(grid, key=lambda line: abs(line - at - lean), default=None)
        if near is not None and abs(near - at - lean) <= reach:
            shifts.append(near - at)
    # All labels stand off their lines alike; other thin strokes pass for lines here and there.
    usual = float(np.median(shifts)) if shifts else 0.0
    alike = [s for s in shifts if abs(s - usual) <= max(2.0, 0.12 * picture.text_height)]
    if len(alike) >= max(3, 0.7 * len(axis.ticks)):
        shift = float(np.mean(alike))
        # Half a line's thickness is no reason to move an axis whose labels stand at its lines.
        if abs(shift) < max(2.0, 0.12 * picture.text_height) and not lean:
            return axis
    elif lean:
        shift = lean
    else:
        return axis
    return replace(
        axis,
        intercept=axis.intercept - axis.slope * shift,
        positions=tuple(p + shift for p in axis.positions),
    )
