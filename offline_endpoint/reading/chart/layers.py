"""Layers: the ink of the plot area sorted by color, without grid lines and without text."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from offline_endpoint.reading.chart.axes import Axis
from offline_endpoint.reading.chart.canvas import Canvas, distance
from offline_endpoint.reading.chart.frame import Frame
from offline_endpoint.reading.chart.labels import is_symbol
from offline_endpoint.reading.chart.samples import INK, strongest_color
from offline_endpoint.reading.text import TextLine

_SAME = 46
_MOST = 10
_FEWEST = 24  # Pixels that a layer has at least


@dataclass(frozen=True)
class Layer:
    """All ink of one color."""

    color: np.ndarray  # RGB, float
    mask: np.ndarray  # shape of the picture, bool


def _straight_lines(
    picture: Canvas, frame: Frame, ink: np.ndarray, x_axis: Axis | None, y_axis: Axis | None
) -> np.ndarray:
    """Spines and grid lines: thin, colorless and long, or at a tick."""
    area = picture.pixels[frame.top : frame.bottom, frame.left : frame.right].astype(np.int16)
    red, green, blue = area[:, :, 0], area[:, :, 1], area[:, :, 2]
    strongest, weakest = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    tint = (strongest - weakest) - int(frame.color.max() - frame.color.min())
    gray = (ink & (np.abs(tint) < 36)).astype(np.uint8)
    thick = max(4, round(0.25 * picture.text_height))
    found = np.zeros_like(ink)
    # Beyond the frame there is no ink: a spine along its edge is no block.
    pad = thick + 1
    padded = cv2.copyMakeBorder(ink.astype(np.uint8), pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    solid = cv2.morphologyEx(padded, cv2.MORPH_OPEN, np.ones((thick + 1, thick + 1), np.uint8))
    thin = gray & ~solid[pad:-pad, pad:-pad].astype(np.uint8)
    for across, axis, offset in ((True, y_axis, frame.top), (False, x_axis, frame.left)):
        length = max(25, (frame.width if across else frame.height) // 5)
        long = cv2.morphologyEx(
            thin, cv2.MORPH_OPEN, np.ones((1, length) if across else (length, 1), np.uint8)
        )
        # Jpeg gives a line a pale edge that breaks off here and there.
        long = cv2.dilate(long, np.ones((3, 1) if across else (1, 3), np.uint8)) & thin
        # A line of data cuts a grid line into pieces, of which some are short.
        whole = long.mean(axis=1 if across else 0) > 0.3
        if whole.any():
            shade = np.median(area[long.astype(bool)], axis=0)
            rest = thin.astype(bool) & (whole[:, None] if across else whole[None])
            found |= rest & (np.abs(area - shade).max(axis=2) < 40)
        found |= long.astype(bool)
        # Grid lines that are dashed, or cut by marks, are known by their place, or by how far they go.
        aside = np.roll(ink, 3, axis=1 - across) | np.roll(ink, -3, axis=1 - across)
        far = offset + np.flatnonzero((thin.astype(bool) & ~aside).mean(axis=1 if across else 0) > 0.3)
        for at in axis.grid(offset, offset + (frame.height if across else frame.width)) if axis else far:
            low, high = max(0, round(at) - offset - 3), max(0, round(at) - offset + 4)
            strip = np.s_[low:high] if across else np.s_[:, low:high]
            along = thin[strip].any(axis=0 if across else 1)
            if (
                along.mean() < 0.3
                or along[: along.size // 4].mean() < 0.15
                or along[-along.size // 4 :].mean() < 0.15
            ):
                continue
            # A gray line of data may run along a grid line; only what has the grid's own color goes.
            shades = area[strip][thin[strip].astype(bool)]
            alike = np.abs(area[strip] - np.median(shades, axis=0)).max(axis=2) < 40
            found[strip] |= thin[strip].astype(bool) & alike
    # Spines may be thick and colored, but they lie on the frame's edge.
    edge = max(2, thick // 2)
    for side in (np.s_[:edge], np.s_[-edge:], np.s_[:, :edge], np.s_[:, -edge:]):
        if gray[side].mean() > 0.5:
            found[side] |= gray[side].astype(bool)
    return found


def _peaks(colors: np.ndarray, ground: np.ndarray, least: int, known: list[np.ndarray]) -> list[np.ndarray]:
    """The colors that the ink is made of: those known, then the others, commonest and strongest first."""
    peaks = list(known)
    left = colors
    for color in known:
        left = left[misfit(left, color, ground) > _SAME]
    while len(left) >= least and len(peaks) < _MOST:
        color = strongest_color(left, ground)
        if (np.abs(left - color).max(axis=1) <= 20).sum() < max(8, least // 4):
            break
        peaks.append(color)
        left = left[misfit(left, color, ground) > _SAME]
    return peaks


def misfit(colors: np.ndarray, layer: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """How far colors are from a layer's color or a blend of it with the ground, in grades of 255."""
    ray = (layer - ground).astype(np.float32)
    away = (colors - ground).astype(np.float32)
    share = np.clip(away @ ray / max(1.0, float(ray @ ray)), 0.2, 1.25)
    # Colors in one direction from the ground may still be two colors, so a blend must fit better
    # than the color itself.
    blend = 1.5 * np.sqrt(((away - share[:, None] * ray) ** 2).sum(axis=1)) + 14 * (share < 0.8)
    return np.asarray(np.minimum(blend, np.sqrt(((colors - layer) ** 2).sum(axis=1))))


def find_layers(
    picture: Canvas,
    frame: Frame,
    x_axis: Axis | None,
    y_axis: Axis | None,
    known: list[np.ndarray] | None = None,
) -> list[Layer]:
    """Sort the ink of the plot area by color, the largest layer first; masks have the picture's shape."""
    area = picture.pixels[frame.top : frame.bottom, frame.left : frame.right].astype(np.int16)
    ink = distance(np.ascontiguousarray(area.astype(np.uint8)), frame.color) > INK
    ink &= ~_straight_lines(picture, frame, ink, x_axis, y_axis)
    colors = area[ink].astype(np.float32)
    least = max(_FEWEST, int(2e-4 * ink.size))
    sample = colors[:: max(1, len(colors) // 60000)]
    ground = frame.color.astype(np.float32)
    known = list(known or ())
    peaks = _peaks(
        sample.astype(np.int16),
        ground.astype(np.int16),
        max(12, least * len(sample) // max(1, len(colors))),
        known,
    )
    if not peaks:
        return []
    misfits = np.stack([misfit(colors, p.astype(np.float32), ground) for p in peaks])
    owner = misfits.argmin(axis=0)
    owner[misfits.min(axis=0) > 75] = -1
    parts = np.full(ink.shape, -1, np.int8)
    parts[ink] = owner
    layers = []
    for index, peak in enumerate(peaks):
        mask = np.zeros(picture.size, bool)
        part = parts == index
        mask[frame.top : frame.bottom, frame.left : frame.right] = part
        # A color that the legend shows may be that of a single mark.
        if part.sum() >= (_FEWEST if index < len(known) else least):
            layers.append((index >= len(known), Layer(peak.astype(np.float64), mask)))
    layers.sort(key=lambda entry: (entry[0], -int(entry[1].mask.sum())))
    return _without_fringes([layer for _, layer in layers], frame, sum(not unknown for unknown, _ in layers))


def _without_fringes(layers: list[Layer], frame: Frame, known: int = 0) -> list[Layer]:
    """Join outlines and jpeg's shades along edges to their layer; drop ringing. Those known from a legend are none."""
    kept: list[Layer] = []
    masks: list[np.ndarray] = []
    ground = frame.color.astype(np.float64)
    area = np.s_[frame.top : frame.bottom, frame.left : frame.right]
    for number, layer in enumerate(layers):
        mask = layer.mask[area].astype(np.uint8)
        size, contrast = int(mask.sum()), np.abs(layer.color - ground).max()
        if number >= known and kept:
            contrasts = [np.abs(k.color - ground).max() for k in kept]
            thin = cv2.erode(mask, np.ones((3, 3), np.uint8)).sum() < 0.12 * size
            beside = [_shared(mask, other, 5) for other in masks] if thin else []
            host = next((k for k, shared in enumerate(beside) if shared > 0.75 * size), None)
            if host is not None:
                # An outline goes round the fills of several layers; it would join them to one.
                solid = cv2.erode(masks[host], np.ones((5, 5), np.uint8)).sum() > 0.3 * masks[host].sum()
                if not solid and contrast > 0.5 * contrasts[host]:
                    masks[host] |= mask
                continue
            # Ringing goes along several layers.
            pale = thin and contrast < 0.4 * max(contrasts)
            if pale and _shared(mask, np.bitwise_or.reduce(masks), 5) > 0.7 * size:
                continue
            # Jpeg gives the thin and the thick parts of one line different strengths of one hue.
            alike = [k for k, other in enumerate(kept) if _one_hue(layer.color, other.color, ground)]
            host = next((k for k in alike if _shared(mask, masks[k], 9) > 0.75 * size), None)
            if host is not None:
                masks[host] |= mask
                continue
        kept.append(layer)
        masks.append(mask)
    result = []
    for layer, mask in zip(kept, masks, strict=True):
        whole = np.zeros_like(layer.mask)
        whole[area] = mask.astype(bool)
        result.append(Layer(layer.color, whole))
    return result


def _shared(mask: np.ndarray, other: np.ndarray, reach: int) -> int:
    """How many pixels of a mask lie within half the reach of another."""
    return int((mask & cv2.dilate(other, np.ones((reach, reach), np.uint8))).sum())


def _one_hue(a: np.ndarray, b: np.ndarray, ground: np.ndarray) -> bool:
    """Whether two colors lie in one direction from the ground, within 14 degrees."""
    a, b = a - ground, b - ground
    return float(a @ b) > 0.97 * float(np.linalg.norm(a) * np.linalg.norm(b))


def erase_text(layers: list[Layer], lines: list[TextLine]) -> list[Layer]:
    """Take the text out: pieces within a line's box go where they run along it; marks that it covers stay."""
    masks = [layer.mask.copy() for layer in layers]
    for line in lines:
        # A single character in the plot that reads badly may be a mark.
        if is_symbol(line) or (len(line.text.strip()) == 1 and line.confidence < 0.85):
            continue
        top, bottom, left, right = (
            max(0, round(v)) for v in (line.top - 1, line.bottom + 1, line.left - 1, line.right + 1)
        )
        for mask in masks:
            window = mask[top:bottom, left:right]
            if not window.any():
                continue
            parts, _, inner = parts_within(window)
            pieces = inner[parts]
            if pieces.any(axis=0).sum() > 0.35 * window.shape[1]:
                window[pieces] = False
    return [Layer(layer.color, mask) for layer, mask in zip(layers, masks, strict=True) if mask.sum() >= 24]


def parts_within(window: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The connected parts of a mask, their boxes, and which of them touch no edge of it."""
    _, parts, boxes, _ = cv2.connectedComponentsWithStats(window.astype(np.uint8), connectivity=8)
    ends = boxes[:, :2] + boxes[:, 2:4]
    inner = np.all((boxes[:, :2] > 0) & (ends < np.array(window.shape[::-1])), axis=1)
    return parts, boxes, np.asarray(inner) & (np.arange(len(boxes)) > 0)


def all_ink(layers: list[Layer], size: tuple[int, int]) -> np.ndarray:
    """The ink of all layers, shape of the picture, bool."""
    return np.logical_or.reduce([layer.mask for layer in layers]) if layers else np.zeros(size, bool)
