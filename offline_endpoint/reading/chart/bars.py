"""Bars: filled rectangles that stand on, hang from or are stacked upon a common base line."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_LONG = 2.5
"""A region this many times as long as wide is no mark of a scatter chart."""


@dataclass(frozen=True)
class Bar:
    """A filled rectangle, in pixels; right and bottom are exclusive. `layer` is the index of its color."""

    left: float
    top: float
    right: float
    bottom: float
    layer: int

    def span(self, upright: bool) -> tuple[float, float]:
        """Its extent along the value axis: (top, bottom) for upright bars, (left, right) for lying ones."""
        return (self.top, self.bottom) if upright else (self.left, self.right)

    def middle(self, upright: bool) -> float:
        """Its middle along the category axis."""
        return (self.left + self.right) / 2 if upright else (self.top + self.bottom) / 2

    def thickness(self, upright: bool) -> float:
        """Its extent along the category axis."""
        return self.right - self.left if upright else self.bottom - self.top


def find_rectangles(mask: np.ndarray, layer: int, mend: int, upright: bool) -> list[Bar]:
    """The filled, upright rectangles of a mask.

    Returns:
        Rectangles at least 3 pixels a side.
    """
    solid = cv2.copyMakeBorder(mask.astype(np.uint8), mend, mend, mend, mend, cv2.BORDER_CONSTANT)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((mend, 1) if upright else (1, mend), np.uint8))
    # Opening takes off hairs: value labels, error bars and edges that touch a bar.
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))[mend:-mend, mend:-mend]
    outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    bars = []
    for outline in outlines:
        x, y, width, height = cv2.boundingRect(outline)
        if min(width, height) < 3:
            continue
        filled = np.zeros((height, width), np.uint8)
        cv2.drawContours(filled, [outline - (x, y)], -1, 1, cv2.FILLED)
        # contourArea measures between pixel middles, so one pixel is missing a side.
        full = cv2.contourArea(outline) >= 0.9 * (width - 1) * (height - 1)
        if full and (max(width, height) >= _LONG * min(width, height) or _has_corners(filled)):
            bars.append(Bar(float(x), float(y), float(x + width), float(y + height), layer))
    return bars


def _has_corners(filled: np.ndarray) -> bool:
    """Whether a region fills the four corners of its box; round marks do not, nor do two bars that touch."""
    high, wide = (max(2, n // 6) for n in filled.shape)
    ends = [
        filled[y, x] for y in (slice(high), slice(-high, None)) for x in (slice(wide), slice(-wide, None))
    ]
    return all(end.mean() >= 0.5 for end in ends)


def _usual(values: list[float], bars: list[Bar]) -> float:
    """The median by area: remnants of text are many but small."""
    order = np.argsort(values)
    areas = np.array([(b.right - b.left) * (b.bottom - b.top) for b in bars])[order].cumsum()
    return float(values[order[int(np.searchsorted(areas, areas[-1] / 2))]])


def is_upright(standing: list[Bar], lying: list[Bar]) -> bool:
    """Whether bars stand (True) or lie (False), from the rectangles found either way.

    Bars of one chart are alike in thickness and differ in length; where their lengths are alike too, the
    thickness differs less.
    """
    one, other = alike(standing, True) if standing else [], alike(lying, False) if lying else []
    if len(one) != len(other):
        return len(one) > len(other)
    return _spread(one, True) <= _spread(other, False)


def _spread(bars: list[Bar], upright: bool) -> float:
    """How much the thickness of bars differs, as a share of it."""
    thickness = np.array([b.thickness(upright) for b in bars])
    return float(thickness.std() / thickness.mean())


def alike(bars: list[Bar], upright: bool) -> list[Bar]:
    """The bars whose thickness is the usual one, within 20 %."""
    usual = _usual([b.thickness(upright) for b in bars], bars)
    return [b for b in bars if abs(b.thickness(upright) - usual) <= max(2.0, 0.2 * usual)]


def base_line(bars: list[Bar], upright: bool, tolerance: float) -> float | None:
    """The pixel that most bars start from, or None when fewer than half of them share one."""
    ends = np.array([end for b in bars for end in b.span(upright)])
    counts = [(np.abs(ends - e) <= tolerance).sum() for e in ends]
    best = int(np.argmax(counts))
    if counts[best] < max(2, 0.5 * len(bars)):
        return None
    return float(np.median(ends[np.abs(ends - ends[best]) <= tolerance]))
