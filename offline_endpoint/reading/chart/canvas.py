"""The picture as the chart reader works on it: sized, with its ground color and the finer places of labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np

from offline_endpoint.reading.chart.labels import parse_date, parse_number, part_words
from offline_endpoint.reading.text import TextLine, check_pixels

T = TypeVar("T")

MAX_SIDE = 1700  # Pixels of the longer side worked on: marks are known to 0.1 % of an axis

_FILLED = 0.44  # Least share of its box that a filled mark covers; a triangle covers 0.5, a bold A about 0.4


@dataclass(frozen=True)
class Canvas:
    """A picture to read a chart from, at most `MAX_SIDE` pixels a side, with its text lines in those pixels."""

    pixels: np.ndarray  # (height, width, 3), uint8, RGB
    lines: tuple[TextLine, ...]
    text_height: float  # the usual height of a line, in pixels
    ground: np.ndarray  # the color round the plot, RGB

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def ink_box(self, line: TextLine, wider: float = 0.0) -> tuple[float, float, float, float]:
        """The tight box (left, top, right, bottom) around the ink inside a line's box; the box if it has none."""
        left, top = max(0, round(line.left - wider)), max(0, round(line.top))
        patch = self.pixels[top : round(line.bottom), left : round(line.right + wider)].astype(np.int16)
        if patch.size == 0:
            return line.left, line.top, line.right, line.bottom
        apart = np.abs(patch - common_color(patch)).max(axis=2)
        ink = apart > max(40, 0.45 * apart.max())
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        if len(rows) == 0:
            return line.left, line.top, line.right, line.bottom
        return left + columns[0], top + rows[0], left + columns[-1] + 1.0, top + rows[-1] + 1.0

    def is_mark(self, line: TextLine) -> bool:
        """Whether a line of one character is a mark taken for a letter: about as wide as high, and filling its box."""
        if len(line.text.strip()) != 1 or line.confidence > 0.995:
            return False
        left, top, right, bottom = (round(v) for v in self.ink_box(line))
        patch = self.pixels[top:bottom, left:right].astype(np.int16)
        if patch.size == 0 or not 0.8 < (right - left) / (bottom - top) < 1.25:
            return False
        around = self.pixels[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2]
        paper = common_color(np.concatenate([around[:1], around[-1:]], axis=1))
        apart = np.abs(patch - paper).max(axis=2)
        return bool((apart > max(40, 0.45 * apart.max())).mean() > _FILLED)

    def middle(self, line: TextLine) -> tuple[float, float]:
        """The place that a tick label stands for: the middle of its ink, or its right end when it is slanted."""
        left, top, right, bottom = self.ink_box(line)
        if is_slanted(line, self.text_height):
            return right - 1.0, (top + bottom) / 2
        if left <= line.left + 1 or right >= line.right - 1:
            # The box cuts into the label; there is room beside it, as labels do not touch.
            left, _, right, _ = self.ink_box(line, 0.35 * self.text_height)
        return (left + right) / 2 - 0.5, (top + bottom) / 2 - 0.5

    def is_raised(self, line: TextLine) -> bool:
        """Whether the last figures of a line stand raised, as the exponent of a power does."""
        left, top, right, bottom = (round(v) for v in self.ink_box(line))
        patch = self.pixels[top:bottom, left:right].astype(np.int16)
        if patch.size == 0 or len(line.text) < 2:
            return False
        apart = np.abs(patch - common_color(patch)).max(axis=2)
        ink = apart > max(40, 0.45 * apart.max())
        # The last figure, or the last fifth where the figures touch.
        gaps = np.flatnonzero(~ink.any(axis=0))
        width = ink.shape[1] - 1 - int(gaps[-1]) if len(gaps) else ink.shape[1]
        fifth = max(2, round(0.2 * ink.shape[1]))
        tail = ink[:, -(width if 2 <= width <= 2 * fifth else fifth) :]
        foot = np.flatnonzero(tail.any(axis=1))
        return len(foot) > 0 and foot[-1] + 1 < 0.8 * ink.shape[0]


def is_slanted(line: TextLine, text_height: float) -> bool:
    """Whether a line runs at an angle, as crowded category names do."""
    height, width = line.bottom - line.top, line.right - line.left
    return len(line.text) > 2 and height > 1.6 * text_height and width > 1.3 * text_height


def split_line(pixels: np.ndarray, line: TextLine) -> list[TextLine]:
    """The labels that the OCR ran together: cut at the wide gaps in the ink if they part it as its blanks do."""
    words = part_words(line.text)
    left, top = max(0, round(line.left)), max(0, round(line.top))
    patch = pixels[top : round(line.bottom), left : round(line.right)].astype(np.int16)
    if len(words) < 2 or line.is_vertical or patch.size == 0 or parse_date(line.text) is not None:
        return [line]
    apart = np.abs(patch - common_color(patch)).max(axis=2)
    columns = np.flatnonzero((apart > max(40, 0.45 * apart.max())).any(axis=0))
    gaps, height = np.diff(columns), line.bottom - line.top
    wide = np.flatnonzero(gaps > 0.55 * height)
    if len(wide) != len(words) - 1:
        numbers = all(parse_number(w) is not None for w in words) and parse_number(line.text) is None
        if not numbers or len(gaps) < len(words):
            return [line]
        wide = np.sort(np.argsort(-gaps, kind="stable")[: len(words) - 1])
    starts, ends = np.r_[columns[0], columns[wide + 1]], np.r_[columns[wide], columns[-1]]
    # A sample of a legend in the line's box leaves a gap too, but not between words as wide as they have letters.
    letters = np.subtract(ends, starts) / [len(word) for word in words]
    if letters.max() > 3.5 * max(letters.min(), 0.25 * height):
        return [line]
    return [
        replace(line, text=word, left=float(left + a - 2), right=float(left + b + 3))
        for word, a, b in zip(words, starts, ends, strict=True)
    ]


def in_runs(items: Iterable[T], key: Callable[[T], float], gap: float) -> list[list[T]]:
    """Items sorted by a key, parted where two neighbors are farther from each other than the gap."""
    runs: list[list[T]] = []
    for item in sorted(items, key=key):
        if runs and key(item) - key(runs[-1][-1]) <= gap:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def distance(pixels: np.ndarray, color: np.ndarray) -> np.ndarray:
    """How far each pixel is from a color: the largest difference of its three channels, uint8, 0 to 255."""
    apart = cv2.absdiff(pixels, np.broadcast_to(color.astype(np.uint8), pixels.shape))
    return np.maximum(np.maximum(apart[:, :, 0], apart[:, :, 1]), apart[:, :, 2])


def common_color(patch: np.ndarray) -> np.ndarray:
    """The most common color of a patch, shape (3,), as int16."""
    flat = patch.reshape(-1, 3).astype(np.int32)
    codes = ((flat[:, 0] >> 3) << 10) | ((flat[:, 1] >> 3) << 5) | (flat[:, 2] >> 3)
    most = np.bincount(codes).argmax()
    return np.asarray(np.median(flat[codes == most], axis=0)).astype(np.int16)


def prepare(pixels: np.ndarray, lines: list[TextLine]) -> Canvas:
    """Size a picture and its text lines for reading. Raises ValueError if they are not (height, width, 3), uint8."""
    check_pixels(pixels)
    scale = min(1.0, MAX_SIDE / max(pixels.shape[:2]))
    if scale < 1.0:
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        lines = [t.scaled(scale) for t in lines]
    lines = [part for line in lines for part in split_line(pixels, line)]
    words = [t for t in lines if any(c.isalnum() for c in t.text) and not t.is_vertical]
    # The box of a slanted label is high, but its letters are not: they are about half as wide as high.
    heights = [
        min(h, 2.4 * w / len(t.text))
        for t in words
        if (h := t.bottom - t.top) < 1.2 * (w := t.right - t.left)
    ]
    text_height = float(np.median(heights)) if heights else 20.0
    # Bars and blocks are read as a stroke or a figure at times; no label is that much taller than the others.
    lines = [t for t in lines if len(t.text.strip()) > 2 or t.bottom - t.top < 2.5 * text_height]
    side = max(2, min(pixels.shape[:2]) // 60)
    ends = slice(side), slice(-side, None)
    corners = [pixels[rows, columns].reshape(-1, 3) for rows in ends for columns in ends]
    picture = Canvas(
        np.ascontiguousarray(pixels), tuple(lines), text_height, common_color(np.concatenate(corners))
    )
    return replace(picture, lines=tuple(t for t in lines if not picture.is_mark(t)))
