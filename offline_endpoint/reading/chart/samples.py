"""Samples: the ink that stands before the names of a legend, or before names at the ends of lines."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace

import cv2
import numpy as np

from offline_endpoint.reading.chart.frame import Frame
from offline_endpoint.reading.chart.labels import clean_name, is_symbol
from offline_endpoint.reading.chart.picture import Picture, common_color
from offline_endpoint.reading.text import TextLine

INK = 26
"""Grades of 255 a color must differ from the ground to be ink.

More than the ringing of a jpeg of quality 60.
"""
_APART = 22
"""Grades of 255 that two samples of one legend differ by at least; two shades of gray may differ by no more."""


@dataclass(frozen=True)
class Sample:
    """A name and the sample that stands before it.

    Attributes:
        name: as printed.
        line: where the name is printed.
        color: of the sample, RGB, float.
        middle: the middle of the sample, in pixels from the left.
        width: its extent, in pixels.
    """

    name: str
    line: TextLine
    color: np.ndarray
    middle: float
    width: float


def strongest_color(colors: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """The color that most of the strong ink has.

    Thin lines have more pixels on their pale edges than in their full color, so what is far from the ground
    weighs more.

    Args:
        colors: shape (count, 3), at least one row.
        ground: RGB.

    Returns:
        RGB, float, shape (3,).
    """
    codes = (colors.astype(np.int64) >> 4) @ np.array([256, 16, 1])
    strength = np.abs(colors.astype(np.int64) - ground.astype(np.int64)).max(axis=1).astype(float)
    weight = np.bincount(codes, weights=strength**2, minlength=4096)
    near = np.abs(colors - np.median(colors[codes == weight.argmax()], axis=0)).max(axis=1) <= 20
    return np.median(colors[near], axis=0).astype(float)


def named(line: TextLine) -> tuple[TextLine, str] | None:
    """A line that may name a color, without a sample that was read as a character before it; None if none."""
    found = re.match(r"[\dlI|oO*] (?=[^\W\d])", line.text)
    if found:
        shift = (line.right - line.left) * 2 / len(line.text)
        line = replace(line, text=line.text[2:], left=line.left + shift)
    name = clean_name(line.text)
    return None if is_symbol(line) or line.is_vertical or not name else (line, name)


def find_samples(picture: Picture, lines: list[TextLine]) -> list[Sample]:
    """Find the legend by its samples alone, before anything is known of the colors in the plot.

    Args:
        picture: the picture.
        lines: text that is no tick label, title or axis label.

    Returns:
        Two or more samples of different colors in one row or column, in reading order; empty when no names
        stand so. A legend of one name cannot be told from a label beside a mark by its sample alone.
    """
    samples = [s for line in lines if (entry := named(line)) and (s := _sample(picture, *entry))]
    best: list[Sample] = []
    for seed in samples:
        height = seed.line.bottom - seed.line.top
        like = [
            s
            for s in samples
            if abs(_offset(s) - _offset(seed)) < 0.4 * height and abs(s.width - seed.width) < 0.5 * height
        ]
        column = sorted(
            (s for s in like if abs(s.line.left - seed.line.left) < 0.6 * height), key=lambda s: s.line.top
        )
        row = [
            s
            for s in like
            if abs(s.line.bottom + s.line.top - seed.line.bottom - seed.line.top) < 0.6 * height
        ]
        for group in (_run(column, seed, 2.6 * height), sorted(row, key=lambda s: s.line.left)):
            if len(group) > len(best) and _differ(group):
                best = group
    # Labels beside the marks of a scatter chart repeat the colors; a legend names each color once.
    others = [s for s in samples if s not in best and any(not _differ([s, b]) for b in best)]
    return best if len(best) > 1 and len(others) < len(best) else []


def find_ends(picture: Picture, frame: Frame, lines: list[TextLine]) -> list[Sample]:
    """Find the names that stand to the right of the ends of lines, one under another.

    Args:
        picture: the picture.
        frame: the plot area, which the names stand in or beside.
        lines: text that is no tick label, title or axis label.

    Returns:
        Two or more samples of different colors; empty when most of the names in the plot stand elsewhere, as
        the labels of a scatter chart do.
    """
    inside = [
        entry
        for line in lines
        if frame.top <= (line.top + line.bottom) / 2 < frame.bottom and (entry := named(line)) is not None
    ]
    ends = [s for line, name in inside if (s := _end(picture, line, name)) is not None]
    if len(ends) < 2 or len(ends) < 0.7 * len(inside) or not _differ(ends):
        return []
    left = float(np.median([s.line.left for s in ends]))
    aligned = all(abs(s.line.left - left) < 0.6 * (s.line.bottom - s.line.top) for s in ends)
    if not aligned or left <= (frame.left + frame.right) / 2:
        return []
    # A box that starts before the others has the end of its line in it.
    return [replace(s, line=replace(s.line, left=max(s.line.left, left - 2))) for s in ends]


def _end(picture: Picture, line: TextLine, name: str) -> Sample | None:
    """The ink right before a name, which a line of the chart ends in."""
    height = line.bottom - line.top
    top, bottom = max(0, round(line.top + 0.15 * height)), round(line.bottom - 0.15 * height)
    left, right = max(0, round(line.left - 1.2 * height)), round(line.left - 0.1 * height)
    patch = picture.pixels[top:bottom, left:right].astype(np.int16)
    if 0 in patch.shape:
        return None
    paper = common_color(patch)
    apart = np.abs(patch - paper).max(axis=2)
    ink = apart > max(INK, 0.25 * apart.max())
    columns = np.flatnonzero(ink.any(axis=0))
    if ink.sum() < 8 or apart.max() < 2 * INK:
        return None
    middle = left + (columns[0] + columns[-1]) / 2
    return Sample(name, line, strongest_color(patch[ink], paper), middle, float(np.ptp(columns)) + 1.0)


def _sample(picture: Picture, line: TextLine, name: str) -> Sample | None:
    """The small shape before a name: level with it, with paper on both sides."""
    height = line.bottom - line.top
    top, bottom = max(0, round(line.top + 0.05 * height)), round(line.bottom - 0.05 * height)
    # The box of a name without tall letters may be flat; how wide a sample is goes by the letters' size.
    reach = 3.4 * max(height, min(picture.text_height, 1.5 * height))
    left, right = max(0, round(line.left - reach)), round(line.left + 0.05 * height)
    patch = picture.pixels[top:bottom, left:right].astype(np.int16)
    if 0 in patch.shape:
        return None
    # A wide sample may fill most of the strip; the paper shows above it and below it too.
    around = picture.pixels[max(0, top - round(0.3 * height)) : bottom + round(0.3 * height), left:right]
    paper = common_color(around.astype(np.int16))
    apart = np.abs(patch - paper).max(axis=2)
    # A grid line that passes under the legend is paler than the sample it touches.
    ink = (apart > max(INK, 0.25 * apart.max())).astype(np.uint8)
    count, parts, boxes, middles = cv2.connectedComponentsWithStats(
        cv2.dilate(ink, np.ones((1, 3), np.uint8)), connectivity=8
    )
    best: int | None = None
    for i in range(1, count):
        x, _, wide, high, area = (int(v) for v in boxes[i])
        level = abs(float(middles[i][1]) - patch.shape[0] / 2) <= 0.25 * height
        free = x > 0 and x + wide < patch.shape[1]
        compact = wide >= 0.25 * height and high <= 1.3 * wide and area >= 0.5 * wide
        # The nearest is the sample; what stands farther off may be the name before it in a row.
        if level and free and compact and (best is None or x > boxes[best][0]):
            best = i
    if best is None:
        return None
    like = _row_of_marks(boxes[:count], middles, best, height)
    x, right = min(int(boxes[i][0]) for i in like), int(boxes[best][0] + boxes[best][2])
    wide, high = right - x, int(boxes[best][3])
    colors = patch[(parts == best) & (ink > 0)]
    if high <= max(4, 0.25 * height):
        # Jpeg pales most of a thin line; the third of it that is least pale has its color.
        strength = np.abs(colors - paper).max(axis=1)
        colors = colors[strength >= np.percentile(strength, 67)]
    color = strongest_color(colors, paper)
    return Sample(name, line, color, left + x + (wide - 1) / 2, float(wide))


def _row_of_marks(boxes: np.ndarray, middles: np.ndarray, last: int, height: float) -> list[int]:
    """The marks that make one sample, which may show a mark several times, by the number of their box.

    Args:
        boxes: shape (count, 5): left, top, width, height and area of each piece of ink.
        middles: shape (count, 2).
        last: the number of the mark nearest to the name.
        height: of the name, in pixels.
    """
    row, left = [last], int(boxes[last][0])
    for i in sorted(range(1, len(boxes)), key=lambda i: -boxes[i][0]):
        gap = left - int(boxes[i][0] + boxes[i][2])
        same = np.abs(boxes[i][2:4] - boxes[last][2:4]).max() <= 2
        if (
            i != last
            and same
            and 0 <= gap <= boxes[last][2]
            and abs(middles[i][1] - middles[last][1]) < 0.4 * height
        ):
            row.append(i)
            left = int(boxes[i][0])
    return row


def _offset(sample: Sample) -> float:
    """From the middle of the sample to the name, in pixels."""
    return sample.line.left - sample.middle


def _run(column: list[Sample], seed: Sample, gap: float) -> list[Sample]:
    """The part of a column around a seed in which the names follow one another closely."""
    runs: list[list[Sample]] = []
    for sample in column:
        if runs and sample.line.top - runs[-1][-1].line.top <= gap:
            runs[-1].append(sample)
        else:
            runs.append([sample])
    return next((r for r in runs if any(s is seed for s in r)), [])


def _differ(samples: list[Sample]) -> bool:
    """Whether no two samples have one color."""
    return all(np.abs(a.color - b.color).max() > _APART for a, b in itertools.combinations(samples, 2))
