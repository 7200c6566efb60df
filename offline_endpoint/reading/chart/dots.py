"""Dots: the compact marks of a scatter chart, and those that sit on a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Dot:
    """A mark: its middle and its extent, in pixels."""

    x: float
    y: float
    width: float
    height: float
    area: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        across, down = self.width / 2, self.height / 2
        return self.x - across, self.y - down, self.x + across + 1, self.y + down + 1


def regions(mask: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
    """The connected regions of a mask: left, top and the shape (uint8, 0 or 1) with its holes filled."""
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        x, y, width, height = cv2.boundingRect(outline)
        filled = np.zeros((height, width), np.uint8)
        cv2.drawContours(filled, [outline - (x, y)], -1, 1, cv2.FILLED)
        yield x, y, filled


def find_dots(mask: np.ndarray) -> list[Dot]:
    """The compact connected regions of a mask, all of about one size; outlined marks count as filled."""
    found = [(x, y, f, int(f.sum())) for x, y, f in regions(mask) if min(f.shape) > 3]
    single = [a for _, _, f, a in found if 0.6 < f.shape[1] / f.shape[0] < 1.7 and a > 0.42 * f.size]
    usual = float(np.median(single)) if single else 0.0
    dots = [
        Dot(
            x + (f.shape[1] - 1) / 2, y + (f.shape[0] - 1) / 2, float(f.shape[1]), float(f.shape[0]), float(a)
        )
        for x, y, f, a in found
        if 0.4 * usual <= a <= 2.5 * usual and 0.55 < f.shape[1] / f.shape[0] < 1.8 and a > 0.42 * f.size
    ]
    return sorted(dots, key=lambda d: (d.x, d.y))


def find_markers(mask: np.ndarray) -> list[Dot]:
    """The marks on a line, from left to right: where its ink is clearly thicker than the line."""
    solid = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    depth = cv2.distanceTransform(cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5)[
        1:-1, 1:-1
    ]
    if not mask.any():
        return []
    # Along each column that the line runs through, half its thickness is the largest depth; the usual
    # one is the line's.
    ridge = depth.max(axis=0)
    ridge = ridge[ridge > 0]
    line = float(np.percentile(ridge, 35))
    peak = float(np.percentile(ridge, 99))
    if peak < line + 1.2 or peak < 1.6 * line:
        return []
    cut = line + 0.45 * (peak - line)
    core = (depth > cut).astype(np.uint8)
    count, _, boxes, middles = cv2.connectedComponentsWithStats(core, connectivity=8)
    reach = peak * 2
    dots = [
        Dot(float(middles[i][0]), float(middles[i][1]), reach, reach, float(boxes[i][4]))
        for i in range(1, count)
    ]
    areas = [d.area for d in dots]
    usual = float(np.median(areas)) if areas else 0.0
    return sorted((d for d in dots if d.area >= 0.2 * usual), key=lambda d: d.x)
