"""Pies: slices with their names and printed shares."""

from __future__ import annotations

import math
import re

import numpy as np

from offline_endpoint.reading.chart.canvas import Canvas
from offline_endpoint.reading.chart.data import Chart, Point, Series, count_of
from offline_endpoint.reading.chart.evidence import Detector, Kind, Reading
from offline_endpoint.reading.chart.labels import clean_name, is_symbol, parse_number
from offline_endpoint.reading.chart.samples import find_samples
from offline_endpoint.reading.chart.slices import Disc, Slice, angle_of, find_disc, find_slices
from offline_endpoint.reading.text import TextLine

_LIKE = 60  # Grades of 255 that a slice's color may differ from its sample's, most like first
_SHARE = re.compile(r"\(?(\d{1,3}(?:[.,]\d+)?)\s*[%\uff05]\)?")


def read_pie(picture: Canvas) -> Reading | None:
    """Read a pie or a donut; None when no disc is cut into slices or fewer than half of them have a name.

    A printed share is taken if it agrees with the angle within three points of a hundred; else the angle counts.
    """
    disc = find_disc(picture)
    slices = find_slices(picture, disc) if disc else []
    if not slices or disc is None or sum(s.share for s in slices) < 95:
        return None
    names, shares = _around(picture, disc, slices)
    _with_legend(picture, disc, slices, names, shares)
    if len(names) < 0.5 * len(slices) or len(names) < 2:
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
        angle = angle_of(disc, *place)
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
