"""Dots: the compact marks of a scatter chart, and those that sit on a line."""

from __future__ import annotations

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


def find_dots(mask: np.ndarray) -> list[Dot]:
    """The compact connected regions of a mask, all of about one size.

    Outlined marks count as filled; specks, long shapes and marks run together are left out.
    """
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    regions = []
    for outline in outlines:
        x, y, width, height = cv2.boundingRect(outline)
        if min(width, height) < 4:
            continue
        filled = np.zeros((height, width), np.uint8)
        cv2.drawContours(filled, [outline - (x, y)], -1, 1, cv2.FILLED)
        area = int(filled.sum())
        regions.append((x, y, width, height, area, filled))
    single = [r for r in regions if 0.6 < r[2] / r[3] < 1.7 and r[4] > 0.42 * r[2] * r[3]]
    if not single:
        return []
    usual = float(np.median([r[4] for r in single]))
    dots = []
    for x, y, width, height, area, filled in regions:
        if area < 0.4 * usual:
            continue
        if area <= 2.5 * usual and 0.55 < width / height < 1.8 and area > 0.42 * width * height:
            dots.append(_dot(x, y, filled))
        elif area <= 1.45 * usual:
            dots.extend(_without_hairs(x, y, filled, usual))
    return sorted(dots, key=lambda d: (d.x, d.y))


def _dot(x: int, y: int, filled: np.ndarray) -> Dot:
    height, width = filled.shape
    return Dot(x + (width - 1) / 2, y + (height - 1) / 2, float(width), float(height), float(filled.sum()))


def _without_hairs(x: int, y: int, filled: np.ndarray, usual: float) -> list[Dot]:
    """The mark in a region that a stroke of a letter or a remnant of a grid line hangs on; none if there is no mark."""
    side = max(3, round(0.4 * np.sqrt(usual)))
    core = cv2.morphologyEx(np.pad(filled, side), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(core, connectivity=8)
    if count < 2:
        return []
    best = 1 + int(boxes[1:, 4].argmax())
    left, top, width, height, area = (int(v) for v in boxes[best])
    if area < 0.4 * usual or not 0.55 < width / height < 1.8:
        return []
    return [_dot(x + left - side, y + top - side, (parts == best)[top : top + height, left : left + width])]


def find_markers(mask: np.ndarray) -> list[Dot]:
    """The marks that sit on a line: the places where the line's ink is clearly thicker than the line.

    Returns:
        Dots from left to right; empty when the line carries none.
    """
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
