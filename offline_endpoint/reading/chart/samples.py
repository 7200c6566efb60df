"""Samples: the small shapes of a legend that show which color each name stands for."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace

import cv2
import numpy as np

from offline_endpoint.reading.chart.canvas import Canvas, common_color, in_runs
from offline_endpoint.reading.chart.labels import clean_name, is_symbol, parse_number
from offline_endpoint.reading.text import TextLine

INK = 26  # Grades of 255 a color must differ from the ground to be ink. More than the ringing of a jpeg of quality 60
_APART = 22
"""Grades of 255 that two samples of one legend differ by at least; two shades of gray may differ by no more."""


@dataclass(frozen=True)
class Sample:
    """A name and the sample that stands before it."""

    name: str
    line: TextLine
    color: np.ndarray  # RGB, float
    middle: float  # in pixels from the left
    width: float  # in pixels

    @property
    def offset(self) -> float:
        """From the middle of the sample to the name, in pixels."""
        return self.line.left - self.middle


def strongest_color(colors: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """The color (RGB, float) that most of the strong ink has: a thin line has more pixels on its pale edges."""
    codes = (colors.astype(np.int64) >> 4) @ np.array([256, 16, 1])
    strength = np.abs(colors.astype(np.int64) - ground.astype(np.int64)).max(axis=1).astype(float)
    weight = np.bincount(codes, weights=strength**2, minlength=4096)
    near = np.abs(colors - np.median(colors[codes == weight.argmax()], axis=0)).max(axis=1) <= 20
    return np.asarray(np.median(colors[near], axis=0), float)


def named(line: TextLine) -> tuple[TextLine, str] | None:
    """A line that may name a color, without a sample that was read as a character before it; None if none."""
    found = re.match(r"[\dlI|oO*] (?=[^\W\d])", line.text)
    if found:
        shift = (line.right - line.left) * 2 / len(line.text)
        line = replace(line, text=line.text[2:], left=line.left + shift)
    name = clean_name(line.text)
    # Values printed on marks are no names; years may be.
    if parse_number(name) is not None and not re.fullmatch(r"(?:19|20)\d\d", name):
        return None
    return None if is_symbol(line) or line.is_vertical or not name else (line, name)


def find_samples(picture: Canvas, lines: list[TextLine]) -> list[Sample]:
    """The legend by its samples alone: two or more of different colors in a row or column; else empty."""
    samples = [s for line in lines if (entry := named(line)) and (s := _sample(picture, *entry))]
    best: list[Sample] = []
    for seed in samples:
        height = seed.line.bottom - seed.line.top
        like = [s for s in samples if _alike(s, seed, height)]
        column = [s for s in like if abs(s.line.left - seed.line.left) < 0.6 * height]
        level = seed.line.bottom + seed.line.top
        row = [s for s in like if abs(s.line.bottom + s.line.top - level) < 0.6 * height]
        # Names of a column follow one another closely.
        runs = in_runs(column, lambda s: s.line.top, 2.6 * height)
        near = next((r for r in runs if any(s is seed for s in r)), [])
        for group in (near, sorted(row, key=lambda s: s.line.left)):
            if len(group) > len(best) and differ(group) and len({s.name for s in group}) == len(group):
                best = group
    # Labels beside the marks of a scatter chart repeat the colors; a legend names each color once.
    twins = [(s, b) for s in samples if s not in best for b in best if not differ([s, b])]
    others = {s.line for s, b in twins if _alike(s, b, s.line.bottom - s.line.top)}
    return best if len(best) > 1 and len(others) < len(best) else []


def _alike(a: Sample, b: Sample, height: float) -> bool:
    return abs(a.offset - b.offset) < 0.4 * height and abs(a.width - b.width) < 0.5 * height


def _sample(picture: Canvas, line: TextLine, name: str) -> Sample | None:
    """The small shape before a name: level with it, with paper on both sides."""
    height = line.bottom - line.top
    top, bottom = max(0, round(line.top + 0.05 * height)), round(line.bottom - 0.05 * height)
    # The box of a name without tall letters may be flat; how wide a sample is goes by the letters' size.
    reach = 3.4 * max(height, min(picture.text_height, 1.5 * height))
    left, right = max(0, round(line.left - reach)), round(line.left + height)
    patch = picture.pixels[top:bottom, left:right].astype(np.int16)
    if 0 in patch.shape:
        return None
    # A wide sample may fill most of the strip; the paper shows above it and below it too.
    around = picture.pixels[max(0, top - round(0.3 * height)) : bottom + round(0.3 * height), left:right]
    paper = common_color(around.astype(np.int16))
    apart = np.abs(patch - paper).max(axis=2)
    # A grid line that passes under the legend is paler than the sample it touches; letters may be darker.
    before = apart[:, : max(1, round(line.left + 0.1 * height) - left)]
    ink = (apart > max(INK, 0.25 * before.max())).astype(np.uint8)
    _, parts, boxes, middles = cv2.connectedComponentsWithStats(ink, connectivity=8)
    # The compact piece of ink nearest to the name that lies before it, level with it.
    x, _, wide, high, area = boxes.T
    fits = (np.abs(middles[:, 1] - patch.shape[0] / 2) <= 0.25 * height) & (x > 0)
    fits &= (x + wide <= line.left - left + 0.3 * height) & (wide >= 0.25 * height)
    fits &= (high <= 1.3 * wide) & (area >= 0.5 * wide)
    fits[0] = False
    if not fits.any():
        return None
    best = int(np.where(fits, x, -1).argmax())
    colors = patch[(parts == best) & (ink > 0)]
    if high[best] <= max(4, 0.25 * height):
        # Jpeg pales most of a thin line; the third of it that is least pale has its color.
        strength = np.abs(colors - paper).max(axis=1)
        colors = colors[strength >= np.percentile(strength, 67)]
    color = strongest_color(colors, paper)
    return Sample(name, line, color, left + x[best] + (wide[best] - 1) / 2, float(wide[best]))


def differ(samples: list[Sample]) -> bool:
    """Whether no two samples have one color."""
    return all(np.abs(a.color - b.color).max() > _APART for a, b in itertools.combinations(samples, 2))
