"""Pies: slices with their names and printed shares."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from offline_endpoint.reading.chart.canvas import Canvas, distance
from offline_endpoint.reading.chart.data import Chart, Point, Series, count_of
from offline_endpoint.reading.chart.evidence import Detector, Kind, Reading
from offline_endpoint.reading.chart.labels import clean_name, is_symbol, parse_number
from offline_endpoint.reading.chart.samples import find_samples
from offline_endpoint.reading.text import TextLine

_LIKE = 60  # Grades of 255 that a slice's color may differ from its sample's, most like first
_SHARE = re.compile(r"\(?(\d{1,3}(?:[.,]\d+)?)\s*[%\uff05]\)?")
# Grades of 255 between two slices' colors at least; jpeg changes the color within a slice by less
_SHADE = 16
# Radii that colors are taken at, in radii of the disc; a share printed on a slice or a ring seldom covers three.
_RINGS = (0.64, 0.7, 0.9, 0.93, 0.96)


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


def _angle_of(disc: Disc, x: float, y: float) -> float:
    """The direction of a place from the disc's middle, degrees clockwise from the right, 0 to 360."""
    return math.degrees(math.atan2(y - disc.y, x - disc.x)) % 360


def read_pie(picture: Canvas) -> Reading | None:
    """Read a pie or donut of which half of the slices have names; a printed share counts if it fits the angle."""
    disc = find_disc(picture)
    slices = find_slices(picture, disc) if disc else []
    if not slices or disc is None or sum(s.share for s in slices) < 95:
        return None
    names, shares = _around(picture, disc, slices)
    _with_legend(picture, disc, slices, names, shares)
    if len(names) < 0.5 * len(slices) or len(names) < 2:
        return None
    # Figures alone around a disc are those of a dial.
    if not shares and all(parse_number(name) is not None for name in names.values()):
        return None
    misfits = [k for k, printed in shares.items() if abs(printed - slices[k].share) > 3]
    # Slices of like colors that ran together would give shares that nobody drew.
    if len(misfits) > 1 and len(misfits) * 2 > len(shares):
        return None
    points = []
    unsure = []
    for k, part in enumerate(slices):
        printed = shares.get(k)
        if printed is not None and k not in misfits:
            points.append(Point(names.get(k), None, printed, estimated=False))
        else:
            points.append(Point(names.get(k), None, round(part.share, 1)))
            if printed is not None:
                whose = names.get(k) or "a slice"
                unsure.append(f"The share printed for {whose} does not fit its size, so its size is given.")
    nameless = len(slices) - len(names)
    if nameless:
        unsure.append(
            f"The name{'s' if nameless > 1 else ''} of {count_of(nameless, 'slice')} could not be read."
        )
    title = _title(picture, disc, set(names.values()))
    chart = Chart(
        "pie",
        title,
        None,
        None,
        (Series(None, tuple(points)),),
        "category",
        percent=True,
        unsure=tuple(unsure),
        partial=bool(nameless),
    )
    return Reading(chart, sum(s.share for s in slices) / 100)


def _with_legend(
    picture: Canvas, disc: Disc, slices: list[Slice], names: dict[int, str], shares: dict[int, float]
) -> None:
    """Add the names that stand beside samples of the slices' colors, and the shares printed with them."""
    samples = find_samples(picture, _outside(picture, disc))
    pairs = sorted(
        (
            (float(np.abs(s.color - part.color).max()), s.name, k)
            for s in samples
            for k, part in enumerate(slices)
        ),
        key=lambda p: p[0],
    )
    found: dict[int, str] = {}
    for far, name, k in pairs:
        if k not in found and name not in found.values() and far < _LIKE:
            found[k] = name
    for k, name in found.items():
        share = _SHARE.search(name)
        names[k] = clean_name(_SHARE.sub("", name)) if share else name
        if share:
            shares.setdefault(k, float(share[1].replace(",", ".")))


def _distance(disc: Disc, line: TextLine) -> float:
    """From the disc's middle to the nearest place of a line's box, in radii."""
    x = min(max(disc.x, line.left), line.right)
    y = min(max(disc.y, line.top), line.bottom)
    return math.hypot(x - disc.x, y - disc.y) / disc.radius


def _outside(picture: Canvas, disc: Disc) -> list[TextLine]:
    return [
        t
        for t in picture.lines
        if math.hypot((t.left + t.right) / 2 - disc.x, (t.top + t.bottom) / 2 - disc.y) > disc.radius
    ]


def _around(picture: Canvas, disc: Disc, slices: list[Slice]) -> tuple[dict[int, str], dict[int, float]]:
    """Names and shares by the slice they are printed on or beside."""
    names: dict[int, list[tuple[TextLine, str]]] = {}
    shares: dict[int, float] = {}
    for line in picture.lines:
        if is_symbol(line) or _distance(disc, line) > 1.25:
            continue
        center = ((line.left + line.right) / 2, (line.top + line.bottom) / 2)
        inside = math.hypot(center[0] - disc.x, center[1] - disc.y) < disc.radius
        # A label outside begins at the slice's own direction; its far end does not count.
        place = center if inside else (min(max(disc.x, line.left), line.right), center[1])
        angle = _angle_of(disc, *place)
        index = next((k for k, s in enumerate(slices) if s.holds(angle)), None)
        if index is None:
            continue
        share = _SHARE.search(line.text)
        if share:
            shares[index] = float(share[1].replace(",", "."))
        name = clean_name(_SHARE.sub("", line.text))
        if (
            name
            and (share is None or any(c.isalpha() for c in name))
            and not (share is None and inside and parse_number(name))
        ):
            names.setdefault(index, []).append((line, name))
    return {k: _joined(disc, found, picture.text_height) for k, found in names.items()}, shares


def _joined(disc: Disc, found: list[tuple[TextLine, str]], text_height: float) -> str:
    """The name nearest to the disc, with the lines set close above or below it."""
    nearest = min(found, key=lambda f: _distance(disc, f[0]))[0]
    close = [
        (line.top, name)
        for line, name in found
        if line is nearest
        or (
            abs(line.top - nearest.top) < 1.1 * text_height
            and line.left < nearest.right
            and nearest.left < line.right
        )
    ]
    return " ".join(name for _, name in sorted(close))


def _title(picture: Canvas, disc: Disc, names: set[str]) -> str | None:
    above = [
        t
        for t in picture.lines
        if t.bottom < disc.y - 0.95 * disc.radius and clean_name(t.text) not in names and not is_symbol(t)
    ]
    line = max(above, key=lambda t: (round((t.bottom - t.top) / 4), -t.top), default=None)
    return line.text.strip() if line else None


DETECTOR = Detector(read_pie, (Kind("pie", "slice", "slices", starts_at_zero=True),), of="picture")
