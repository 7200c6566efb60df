"""Bars: filled rectangles that stand on, hang from or are stacked upon a common base line."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from offline_endpoint.reading.chart.dots import regions


@dataclass(frozen=True)
class Bar:
    """A filled rectangle, in pixels; right and bottom are exclusive. `layer` is the index of its color."""

    left: float
    top: float
    right: float
    bottom: float
    layer: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom

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
    """The filled rectangles of a mask, at least 3 pixels a side."""
    solid = cv2.copyMakeBorder(mask.astype(np.uint8), mend, mend, mend, mend, cv2.BORDER_CONSTANT)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((mend, 1) if upright else (1, mend), np.uint8))
    # Opening takes off hairs: value labels, error bars and edges that touch a bar.
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))[mend:-mend, mend:-mend]
    bars = []
    for x, y, filled in regions(solid):
        height, width = filled.shape
        # Round marks leave the corners of their box free.
        high, wide = max(2, height // 6), max(2, width // 6)
        corners = filled[:high, :wide], filled[:high, -wide:], filled[-high:, :wide], filled[-high:, -wide:]
        square = min(c.mean() for c in corners) >= 0.5 or max(width, height) >= 2.5 * min(width, height)
        if min(width, height) > 2 and filled.mean() >= 0.9 and square:
            bars.append(Bar(float(x), float(y), float(x + width), float(y + height), layer))
    return bars


def _usual(values: list[float], bars: list[Bar]) -> float:
    """The median by area: remnants of text are many but small."""
    order = np.argsort(values)
    areas = np.array([(b.right - b.left) * (b.bottom - b.top) for b in bars])[order].cumsum()
    return float(values[order[int(np.searchsorted(areas, areas[-1] / 2))]])


def is_upright(standing: list[Bar], lying: list[Bar]) -> bool:
    """Whether bars stand (True) or lie (False): those of one chart are alike in thickness."""
    return len(alike(standing, True)) >= len(alike(lying, False))


def alike(bars: list[Bar], upright: bool) -> list[Bar]:
    """The bars whose thickness is the usual one, within 20 %."""
    if not bars:
        return []
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


def without_outlines(bars: list[Bar]) -> list[Bar]:
    """Bars without those that lie within another: an outline's color gives the same rectangle again."""
    kept: list[Bar] = []
    for bar in sorted(bars, key=lambda b: -(b.right - b.left) * (b.bottom - b.top)):
        left, top, right, bottom = bar.left + 3, bar.top + 3, bar.right - 3, bar.bottom - 3
        if not any(k.left <= left and right <= k.right and k.top <= top and bottom <= k.bottom for k in kept):
            kept.append(bar)
    return kept


def without_cuts(bars: list[Bar], upright: bool, gap: float, ground: np.ndarray) -> list[Bar]:
    """Bars of which the halves that a grid line cuts along are one again; `ground`, a mask, parts two bars."""
    whole: list[Bar] = []
    for bar in sorted(bars, key=lambda b: (b.layer, b.span(upright), b.middle(upright))):
        last = whole[-1] if whole else bar
        low, high = last.span(not upright)[1], bar.span(not upright)[0]
        level = (
            bar.layer == last.layer and np.abs(np.subtract(bar.span(upright), last.span(upright))).max() <= 1
        )
        (start, end), (a, b) = bar.span(upright), (low, high)
        between = (
            ground[int(start) : int(end), int(a) : int(b)]
            if upright
            else ground[int(a) : int(b), int(start) : int(end)]
        )
        if level and 0 < high - low <= gap and between.mean() < 0.1:
            whole[-1] = replace(last, right=bar.right) if upright else replace(last, bottom=bar.bottom)
        else:
            whole.append(bar)
    return whole


def stacks_on(bars: list[Bar], base: float, upright: bool, tolerance: float) -> list[list[Bar]]:
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
