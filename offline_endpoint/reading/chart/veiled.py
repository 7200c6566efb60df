"""Veiled dots: marks that show through the half-transparent paper of a legend, or peep out from under it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from offline_endpoint.reading.chart.dots import Dot
from offline_endpoint.reading.chart.layers import Layer
from offline_endpoint.reading.chart.legend import Entry
from offline_endpoint.reading.chart.canvas import Canvas, common_color

_PALEST, _STRONGEST = 0.08, 0.45
"""Share of a mark's color that shows through: legends are opaque to 80 % or so."""
_SEEN = 0.3
"""Share of a mark that samples and names must leave free for its shape to be told."""
_FITS = 0.75
"""Share of the free part of a mark's shape that must be in its color."""
_SPILLS = 0.35
"""Most of the ring around a mark's shape that may be in its color too."""


@dataclass(frozen=True)
class _Window:
    """The legend with a mark's width around it, and how far its pixels are from its paper."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)


def find_veiled(
    picture: Canvas, layers: list[Layer], legend: list[Entry], shape: np.ndarray, ground: np.ndarray
) -> list[tuple[int, Dot]]:
    """Find marks behind a legend.

    Args:
        picture: the picture.
        layers: the colors; ink of the legend itself is no longer in their masks.
        legend: the entries, each with its layer.
        shape: the usual mark, filled, shape (height, width), bool.
        ground: the color of the plot around the legend, RGB.

    Returns:
        The layer and the dot of each; empty when the legend is opaque or hides nothing.
    """
    window = _window(picture, legend, max(shape.shape))
    patch = np.ascontiguousarray(picture.pixels[window.area]).astype(np.float32)
    if min(patch.shape[:2]) <= max(shape.shape):
        return []
    named = sorted({e.layer for e in legend})
    paper = common_color(picture.pixels[_names(legend)]).astype(np.float32)
    away = patch - paper
    rays = [layers[k].color.astype(np.float32) - paper for k in named]
    shares = np.stack([away @ ray / max(1.0, float(ray @ ray)) for ray in rays])
    misses = np.stack(
        [np.abs(away - s[..., None] * ray).max(axis=2) for s, ray in zip(shares, rays, strict=True)]
    )
    strength = np.abs(away).max(axis=2)
    owner = misses.argmin(axis=0)
    share, miss = (np.take_along_axis(a, owner[None], axis=0)[0] for a in (shares, misses))
    pale = (share > _PALEST) & (share < _STRONGEST) & (miss < 12) & (strength > 7)
    # Beside a legend on paper of its own, the plot's ground may pass for a pale blend of a mark and that paper.
    pale &= np.abs(patch - ground).max(axis=2) > 7
    bright = np.stack([layers[k].mask[window.area] for k in named])
    other = (strength > 60) & ~pale & ~bright.any(axis=0)
    free = ~cv2.dilate(other.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    found: list[tuple[float, int, Dot]] = []
    for index, layer in enumerate(named):
        ink = ((pale & (owner == index)) | bright[index]) & free
        found += [(fit, layer, dot) for fit, dot in _matches(ink, free, shape, window)]
    found.sort(key=lambda f: -f[0])
    kept: list[tuple[int, Dot]] = []
    for _, layer, dot in found:
        taken = any(max(abs(dot.x - k.x), abs(dot.y - k.y)) <= 0.6 * dot.width for _, k in kept)
        if not taken and not any(_is_sample(dot, e) for e in legend):
            kept.append((layer, dot))
    return kept


def _window(picture: Canvas, legend: list[Entry], mark: int) -> _Window:
    height = float(np.median([e.line.bottom - e.line.top for e in legend]))
    reach = height + mark
    return _Window(
        max(0, round(min(e.box[0] for e in legend) - 1.6 * height - reach)),
        max(0, round(min(e.box[1] for e in legend) - reach)),
        min(picture.size[1], round(max(e.box[2] for e in legend) + reach)),
        min(picture.size[0], round(max(e.box[3] for e in legend) + reach)),
    )


def _names(legend: list[Entry]) -> tuple[slice, slice]:
    """The part of a picture that holds the names of a legend and the paper between them."""
    top, bottom = min(e.line.top for e in legend), max(e.line.bottom for e in legend)
    left, right = min(e.line.left for e in legend), max(e.line.right for e in legend)
    return slice(max(0, round(top)), round(bottom)), slice(max(0, round(left)), round(right))


def _is_sample(dot: Dot, entry: Entry) -> bool:
    middle = (entry.line.top + entry.line.bottom) / 2
    return abs(dot.x - entry.box[0]) < 0.3 * dot.width and abs(dot.y - middle) < 0.3 * dot.height


def _matches(
    ink: np.ndarray, free: np.ndarray, shape: np.ndarray, window: _Window
) -> list[tuple[float, Dot]]:
    """Places where the free part of the shape is filled and the ring around it is not, the best fit first."""
    if not ink.any():
        return []
    padded = np.pad(shape.astype(np.uint8), 3)
    near, far = (cv2.dilate(padded, np.ones((k, k), np.uint8)) for k in (3, 7))
    fills = _share(ink, free, padded, _SEEN)
    spills = _share(ink, free, far - near, _SEEN)
    fit = np.where((fills > _FITS) & (spills < _SPILLS), fills - spills, -1.0)
    height, width = shape.shape
    found = []
    while fit.max() > 0:
        y, x = np.unravel_index(int(fit.argmax()), fit.shape)
        # Many places may fit a mark that is half hidden equally well; their middle is the best guess.
        around = np.argwhere(
            fit[max(0, y - height) : y + height, max(0, x - width) : x + width] >= fit[y, x] - 0.03
        )
        row, column = around.mean(axis=0) + np.array([max(0, y - height), max(0, x - width)])
        dot = Dot(
            window.left + float(column),
            window.top + float(row),
            float(width),
            float(height),
            float(shape.sum()),
        )
        found.append((float(fit[y, x]), dot))
        fit[max(0, y - height) : y + height, max(0, x - width) : x + width] = -1.0
    return found


def _share(ink: np.ndarray, free: np.ndarray, shape: np.ndarray, least: float) -> np.ndarray:
    """At each place, the share of a shape's free pixels that are ink; 0 where less than `least` of it is free."""
    kernel = shape.astype(np.float32)
    filled, seen = (
        cv2.filter2D(a.astype(np.float32), -1, kernel, borderType=cv2.BORDER_CONSTANT) for a in (ink, free)
    )
    return np.where(seen >= least * kernel.sum(), filled / np.maximum(seen, 1.0), 0.0)
