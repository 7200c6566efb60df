"""The frame: which part of the picture the marks are drawn in, and on what color."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from offline_endpoint.reading.chart.axes import Axis
from offline_endpoint.reading.chart.canvas import Canvas, common_color, distance, is_slanted
from offline_endpoint.reading.chart.labels import is_symbol


@dataclass(frozen=True)
class Frame:
    """The plot area, in pixels of the picture; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int
    color: np.ndarray  # what it is filled with, RGB, int16
    drawn: bool = True  # shown by lines or a fill, not worked out from the labels alone

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.bottom - self.top

    def holds(self, x: float, y: float) -> bool:
        """Whether a place in the picture lies in the frame."""
        return self.left <= x < self.right and self.top <= y < self.bottom


def find_frame(picture: Canvas, x_axis: Axis | None, y_axis: Axis | None) -> Frame | None:
    """The plot area: the box around long straight runs of ink by the labels; None if under 40 pixels a side."""
    height, width = picture.size
    left, bottom = 0, height
    if y_axis:
        left = round(float(np.median([picture.ink_box(t)[2] for t in y_axis.ticks])))
    if x_axis:
        bottom = round(float(np.median([picture.ink_box(t)[1] for t in x_axis.ticks])))
    elif y_axis:
        bottom = top_of_row_below(picture, y_axis, left)
    ink = (distance(picture.pixels, picture.ground) > 12).astype(np.uint8)
    # A border round the whole picture is not part of the plot.
    margin = 4
    ink[:margin] = ink[-margin:] = 0
    ink[:, :margin] = ink[:, -margin:] = 0
    ink[bottom:] = 0
    ink[:, :left] = 0
    # Nothing of the plot lies more than a step beyond the last tick; a legend's box may.
    if y_axis:
        step = float(np.median(np.diff(y_axis.positions)))
        ink[: max(0, int(y_axis.positions[0] - 1.1 * step))] = 0
        ink[int(y_axis.positions[-1] + 1.1 * step) :] = 0
    if x_axis:
        step = float(np.median(np.diff(x_axis.positions)))
        ink[:, int(x_axis.positions[-1] + (1.1 if len(x_axis.positions) > 3 else 1.6) * step) :] = 0
    for t in picture.lines:
        side = 0.4 * (t.bottom - t.top)
        # The large box of a slanted label may cover a piece of the frame.
        over = 0.15 * picture.text_height if is_slanted(t, picture.text_height) else 0.0
        ink[
            max(0, round(t.top + over)) : round(t.bottom - over),
            max(0, round(t.left + side)) : max(0, round(t.right - side)),
        ] = 0
    # White grid lines on a tinted plot cut its fill into squares.
    ink = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)).astype(np.uint8)
    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, max(30, width // 4)), np.uint8))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((max(30, height // 4), 1), np.uint8))
    rows, columns = (np.flatnonzero(level.any(axis=a) | upright.any(axis=a)) for a in (1, 0))
    if len(rows) and rows[-1] - rows[0] > 0.3 * height and columns[-1] - columns[0] > 0.3 * width:
        box, drawn = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1), True
        box = _without_ticks(level, upright, box, max(4, round(0.33 * picture.text_height)))
        if y_axis and not _has_sides(upright, box[0], box[2] - 1):
            # Level grid lines alone do not show where the plot ends: data may rise above the highest.
            step = abs(float(np.median(np.diff(y_axis.positions))))
            title = min((t.bottom for t in picture.lines if t.bottom < rows[0]), default=0.0)
            labels = min(
                (
                    t.top
                    for t in picture.lines
                    if t.top > rows[-1] - 0.4 * (t.bottom - t.top) - 2 and t not in y_axis.ticks
                ),
                default=height,
            )
            first, last = min(rows[0], y_axis.positions[0]), max(rows[-1] + 1, y_axis.positions[-1])
            top = max(int(min(title, rows[0])), int(first - step), margin)
            bottom = min(int(max(labels, rows[-1] + 1)), int(last + step), height - margin)
            box = (box[0], top, box[2], bottom)
        elif not y_axis and not _has_sides(upright, box[0], box[2] - 1):
            # The first of lying bars may be too short to show where the plot starts.
            begun = np.flatnonzero(ink[: box[1], box[0] : box[0] + 6].mean(axis=1) > 0.5)
            if len(begun):
                box = (box[0], max(int(begun[0]) - 2, margin), box[2], box[3])
    else:
        title = max((t.bottom for t in picture.lines if t.bottom < 0.15 * height), default=0.0)
        box, drawn = (left + 2, int(title), width - margin, bottom - 2), False
    left, top, right, bottom = (int(v) for v in box)
    if right - left < 40 or bottom - top < 40:
        return None
    inside = picture.pixels[top:bottom, left:right]
    if (distance(np.ascontiguousarray(inside[::2, ::2]), picture.ground) <= 12).mean() > 0.12:
        return Frame(left, top, right, bottom, picture.ground, drawn)
    # Bars may cover most of a plot, but they seldom reach its top and its right side.
    inset = max(3, (bottom - top) // 50)
    band = np.concatenate(
        [inside[inset : 3 * inset].reshape(-1, 3), inside[:, -3 * inset : -inset].reshape(-1, 3)]
    )
    return Frame(left, top, right, bottom, common_color(band[None]), drawn)


def top_of_row_below(picture: Canvas, y_axis: Axis, left: int, least: int = 2) -> int:
    """The upper edge of the first row of names under the lowest y label; the picture's foot if there is none."""
    height = picture.text_height
    under = [
        t
        for t in picture.lines
        if t not in y_axis.ticks
        and not is_symbol(t)
        and (t.top + t.bottom) / 2 > y_axis.positions[-1] + 0.25 * height
        and t.right > left
        and not (t.is_vertical and len(t.text) > 2)
    ]
    tops = [t.top for t in under if sum(abs(o.top - t.top) < 0.35 * height for o in under) >= least]
    return round(min(tops)) if tops else picture.size[0]


def _without_ticks(
    level: np.ndarray, upright: np.ndarray, box: tuple[int, int, int, int], most: int
) -> tuple[int, int, int, int]:
    """The box drawn in to the spines: tick marks that go on from grid lines reach a little beyond them."""
    left, top, right, bottom = box
    row_share = level[top:bottom, left:right].mean(axis=1)
    column_share = upright[top:bottom, left:right].mean(axis=0)
    full_rows, full_columns = np.flatnonzero(row_share > 0.85), np.flatnonzero(column_share > 0.85)
    if len(full_rows) and len(row_share) - 1 - full_rows[-1] <= most:
        bottom = top + int(full_rows[-1]) + 1
    if len(full_columns) and full_columns[0] <= most:
        left = left + int(full_columns[0])
    return left, top, right, bottom


def _has_sides(upright: np.ndarray, left: int, right: int) -> bool:
    """Whether upright lines stand at either side of the plot, as spines and fills do."""
    return any(upright[:, max(0, x - 3) : x + 4].any() for x in (left, right))
