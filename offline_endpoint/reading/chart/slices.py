"""Slices: the sectors of a pie or a donut, by the colors along a circle around its middle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from offline_endpoint.reading.chart.canvas import Canvas, distance

_SHADE = (
    16  # Grades of 255 between two slices' colors at least; jpeg changes the color within a slice by less
)


_RINGS = (0.64, 0.7, 0.9, 0.93, 0.96)
"""Radii that colors are taken at, in radii of the disc; a share printed on a slice or a ring seldom covers three."""


@dataclass(frozen=True)
class Disc:
    """A round shape: its middle and radius in pixels."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Slice:
    """A sector; angles in degrees, clockwise from the right; end is above start and may pass 360."""

    start: float
    end: float
    color: np.ndarray

    @property
    def middle(self) -> float:
        """The angle halfway, 0 to 360."""
        return ((self.start + self.end) / 2) % 360

    @property
    def share(self) -> float:
        """Percent of the full turn."""
        return (self.end - self.start) / 3.6

    def holds(self, angle: float) -> bool:
        """Whether an angle lies in the sector."""
        return (angle - self.start) % 360 <= self.end - self.start


def find_disc(picture: Canvas) -> Disc | None:
    """The largest filled round shape, or None when none spans a quarter of the picture's shorter side."""
    apart = distance(picture.pixels, picture.ground)
    ink = cv2.morphologyEx((apart > 20).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    ink = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11)))
    outlines, _ = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    best: Disc | None = None
    for outline in outlines:
        hull = cv2.convexHull(outline)
        x, y, width, height = cv2.boundingRect(hull)
        if min(width, height) < 0.25 * min(picture.size) or not 0.94 < width / height < 1.06:
            continue
        fill = cv2.contourArea(hull) / (width * height)
        if not 0.74 < fill < 0.82 or cv2.contourArea(outline) < 0.9 * cv2.contourArea(hull):
            continue
        disc = Disc(x + (width - 1) / 2, y + (height - 1) / 2, (width + height) / 4)
        if best is None or disc.radius > best.radius:
            best = disc
    return best


def _ring(picture: Canvas, disc: Disc, share: float) -> np.ma.MaskedArray:
    """The colors along a circle at each half degree, clockwise from the right; shape (720, 3), masked at text."""
    angles = np.deg2rad(np.arange(720) / 2)
    x = np.clip(disc.x + share * disc.radius * np.cos(angles), 0, picture.size[1] - 1)
    y = np.clip(disc.y + share * disc.radius * np.sin(angles), 0, picture.size[0] - 1)
    in_text = np.zeros(720, bool)
    for line in picture.lines:
        in_text |= (line.left <= x) & (x <= line.right) & (line.top <= y) & (y <= line.bottom)
    colors = picture.pixels[np.rint(y).astype(int), np.rint(x).astype(int)].astype(np.int16)
    return np.ma.masked_array(colors, np.repeat(in_text[:, None], 3, axis=1))


def _colors_around(picture: Canvas, disc: Disc) -> tuple[np.ndarray, float]:
    """The median color at each angle, shape (720, 3), and how far the circles agree on it, 0 to 1."""
    rings = np.ma.stack([_ring(picture, disc, s) for s in _RINGS])
    median = np.ma.median(rings, axis=0)  # type: ignore[no-untyped-call] # numpy gives it no types
    agree = float((np.abs(rings - median).max(axis=2) <= 40).mean() or 0.0)
    # Where text covers every circle, the color goes on as it was before.
    known = ~np.ma.getmaskarray(median)[:, 0]
    if not known.any():
        return median.filled(0), 0.0
    places = np.flatnonzero(known)
    before = places[np.searchsorted(places, np.arange(720), side="right") - 1]
    return median.filled(0)[before], agree


def find_slices(picture: Canvas, disc: Disc) -> list[Slice]:
    """Two or more sectors, clockwise, by the median color along several circles; empty where circles disagree."""
    colors, agree = _colors_around(picture, disc)
    if agree < 0.7:
        return []
    steps = np.abs(colors - np.roll(colors, 1, axis=0)).max(axis=1)
    # Soft edges spread the change between like colors over several steps; over four it shows.
    change = np.abs(np.roll(colors, -2, axis=0) - np.roll(colors, 2, axis=0)).max(axis=1)
    still = (steps <= 24) & (change <= _SHADE)
    if still.all():
        return []
    # Start at a change of color, so that no run wraps round.
    first = int(np.flatnonzero(~still)[0])
    colors, still = np.roll(colors, -first, axis=0), np.roll(still, -first)
    runs: list[tuple[int, int, np.ndarray]] = []
    start = 0
    for k in range(1, 721):
        if k == 720 or not still[k]:
            if k - start >= 5:
                runs.append((start, k, np.median(colors[start:k], axis=0)))
            start = k
    # Lines between the slices are thin and in the ground's color; both neighbors share their width.
    runs = [r for r in runs if np.abs(r[2] - picture.ground).max() > 20 or r[1] - r[0] > 20]
    merged: list[list[Any]] = []
    for low, high, color in runs:
        # Text printed on a slice cuts its run in two.
        if merged and np.abs(merged[-1][2] - color).max() <= _SHADE and low - merged[-1][1] <= 50:
            merged[-1][1] = high
        else:
            merged.append([low, high, color])
    if len(merged) > 2 and np.abs(merged[-1][2] - merged[0][2]).max() <= _SHADE:
        merged[0][0] = merged.pop()[0] - 720
    if len(merged) < 2 or sum(high - low for low, high, _ in merged) < 0.85 * 720:
        return []
    slices = []
    for k, (low, high, color) in enumerate(merged):
        before = merged[k - 1][1] - (720 if k == 0 else 0)
        after = merged[(k + 1) % len(merged)][0] + (720 if k == len(merged) - 1 else 0)
        slices.append(Slice((low + before) / 4 + first / 2, (high + after) / 4 + first / 2, color))
    return slices


def angle_of(disc: Disc, x: float, y: float) -> float:
    """The direction of a place from the disc's middle, degrees clockwise from the right, 0 to 360."""
    return math.degrees(math.atan2(y - disc.y, x - disc.x)) % 360
