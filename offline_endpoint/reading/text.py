"""Text in a picture: RapidOCR, whose models come inside its package."""

from __future__ import annotations

import functools
import logging
import threading
from dataclasses import dataclass

import cv2
import numpy as np

_lock = threading.Lock()

LEAST_SIDE = 736
"""Pixels: the shorter side of a small picture is enlarged to this for the detector.

Measured on 30 charts 600 to 4000 pixels wide with 219 names in them: with shorter sides of 480, 608, 736, 864
and 1024 pixels 217, 217, 217, 216 and 217 were read exactly, in 1.3, 1.6, 2.0, 2.3 and 3.2 seconds a
picture on a busy machine. More pixels bring time and no more text; 736, the detector's own figure, leaves a
margin for smaller print.
"""

MOST_SIDE = 1600
"""Pixels: the longer side of a large picture is reduced to this.

In the same measure the large charts lost no name when their shorter side was reduced to 480, and a picture
of 4000 by 2600 pixels has six times the pixels of its reduced copy.
"""

_SURE = 0.85


@dataclass(frozen=True)
class TextLine:
    """One line of text found in a picture.

    Attributes:
        text: the characters, as read.
        left, top, right, bottom: the box around it, in pixels of the picture, origin at the top left.
        confidence: 0 to 1, the recognizer's own score.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float

    @property
    def is_vertical(self) -> bool:
        """Whether the line runs up or down the picture, as the label of a y axis does."""
        return len(self.text) > 1 and (self.bottom - self.top) > 1.5 * (self.right - self.left)


@functools.cache
def _engine():  # noqa: ANN202 - the type lives in a package that is imported late
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    from rapidocr import RapidOCR

    return RapidOCR(
        params={"Global.log_level": "error", "Global.max_side_len": 4000, "Det.limit_side_len": LEAST_SIDE}
    )


def load_models() -> None:
    """Load the models, which `read_text` otherwise does at its first call."""
    _engine()


def read_text(pixels: np.ndarray) -> list[TextLine]:
    """Find the lines of text in a picture.

    Lines that run up or down are turned both ways and read the way that reads better. The model that tells
    upside-down
    lines is not asked: it turns short labels such as Q3 over, and charts have no text that is upside down.
        Short labels
    that the detector passes over are looked for again, as rows of small shapes, and kept if they read well.

    Args:
        pixels: shape (height, width, 3), uint8, RGB.

    Returns:
        Lines in reading order, top to bottom; empty when the picture holds no text.

    Raises:
        ValueError: if the pixels are not of that shape and type.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or 0 in pixels.shape:
        raise ValueError(
            "A picture must be an array of shape (height, width, 3) and type uint8; "
            f"this one has shape {pixels.shape} "
            f"and type {pixels.dtype}. Convert it to RGB first."
        )
    scale = min(1.0, MOST_SIDE / max(pixels.shape[:2]))
    small = (
        cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    )
    image = np.ascontiguousarray(small[:, :, ::-1])
    with _lock:
        found = _engine()(image, use_det=True, use_cls=False, use_rec=True)
        boxes = [] if found.boxes is None else list(found.boxes)
        lines = []
        for box, text, score in zip(boxes, found.txts or (), found.scores or (), strict=True):
            left, top, right, bottom = (float(v) for v in (*box.min(axis=0), *box.max(axis=0)))
            if bottom - top >= 1.5 * (right - left):
                stacked = _read_stacked(image, (left, top, right, bottom))
                lines += stacked
                if stacked:
                    continue
                text, score = _read_upright(image, (left, top, right, bottom), text, score)
            lines.append(TextLine(text, left, top, right, bottom, float(score)))
        lines += _missed(image, lines)
    lines.sort(key=lambda t: (round(t.top / 10), t.left))
    return [
        TextLine(t.text, t.left / scale, t.top / scale, t.right / scale, t.bottom / scale, t.confidence)
        for t in lines
        if t.text
    ]


def _recognize(images: list[np.ndarray]) -> list[tuple[str, float]]:
    """Read crops that hold one line each: (text, score)."""
    if not images:
        return []
    found = _engine().recognize_txt(images)
    return [(text.strip(), float(score)) for text, score in zip(found.txts, found.scores, strict=True)]


def _read_stacked(image: np.ndarray, box: tuple[float, float, float, float]) -> list[TextLine]:
    """The short lines that a tall box holds one below the other, such as the names of a legend; else none.

    The letters of a line that runs up or down stand closer than lines do.
    """
    left, top, right, bottom = (max(0, round(v)) for v in box)
    crop = image[top:bottom, left:right]
    if crop.size == 0:
        return []
    ground = np.median(crop.reshape(-1, 3), axis=0)
    has_ink = (np.abs(crop - ground).max(axis=2) > 70).any(axis=1).astype(np.int8)
    edges = np.flatnonzero(np.diff(has_ink, prepend=0, append=0)).reshape(-1, 2)
    heights, gaps = edges[:, 1] - edges[:, 0], edges[1:, 0] - edges[:-1, 1]
    if len(edges) < 2 or heights.min() < 0.6 * heights.max() or gaps.min() < 0.35 * heights.max():
        return []
    pads = [(max(0, low - gaps.min() // 2), high + gaps.min() // 2) for low, high in edges]
    readings = _recognize([np.ascontiguousarray(crop[low:high]) for low, high in pads])
    if any(score < _SURE for _, score in readings):
        return []
    return [
        TextLine(text, float(left), float(top + low), float(right), float(top + high), score)
        for (low, high), (text, score) in zip(pads, readings, strict=True)
    ]


def _read_upright(
    image: np.ndarray, box: tuple[float, float, float, float], text: str, score: float
) -> tuple[str, float]:
    """The best reading of a tall box.

    A line running up, a line running down, or one tall figure such as 1.
    """
    left, top, right, bottom = (max(0, round(v)) for v in box)
    crop = image[top:bottom, left:right]
    if crop.size == 0:
        return text, score
    turns = [np.rot90(crop, -1), np.rot90(crop, 1)]
    if crop.shape[0] < 2.6 * crop.shape[1]:
        turns.append(crop)
    readings = _recognize([np.ascontiguousarray(t) for t in turns])
    return max([*readings, (text, score)], key=lambda r: r[1])


def _missed(image: np.ndarray, lines: list[TextLine]) -> list[TextLine]:
    """Lines that the detector passed over.

    Rows of shapes the size of letters, on the picture's ground, that read well.
    """
    words = [t for t in lines if any(c.isalnum() for c in t.text)]
    sizes = [(t.right - t.left, t.bottom - t.top) for t in words]
    # Slanted lines have boxes that are much higher than their print.
    heights = [min(size) for size in sizes if max(size) > 1.5 * min(size)]
    if len(heights) < 2:
        heights = [high for wide, high in sizes if high < 1.2 * wide]
    if len(heights) < 2:
        return []
    height = float(np.median(heights))
    step = max(1, image.size // 300_000)
    codes = (image[::step, ::step] >> 4).reshape(-1, 3).astype(np.int32) @ np.array([256, 16, 1])
    most = np.bincount(codes).argmax()
    ground = np.array([most >> 8, (most >> 4) & 15, most & 15]) * 16 + 8
    ink = (np.abs(image.astype(np.int16) - ground).max(axis=2) > 70).astype(np.uint8)
    for t in lines:
        # A bar that was read as a stroke has a box that may cover the labels beside it.
        if len(t.text.strip()) < 2 and t.bottom - t.top > 3 * height:
            continue
        ink[
            max(0, round(t.top) - 1) : round(t.bottom) + 1, max(0, round(t.left) - 1) : round(t.right) + 1
        ] = 0
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    fits = np.zeros(count, bool)
    for i in range(1, count):
        _, _, wide, high, area = boxes[i]
        fits[i] = (
            0.22 * height <= high <= 0.95 * height and wide <= 1.6 * height and area < 0.75 * wide * high + 8
        )
    letters = fits[parts].astype(np.uint8)
    reach = max(3, round(0.45 * height))
    rows = cv2.dilate(letters, np.ones((1, reach), np.uint8))
    count, _, boxes, _ = cv2.connectedComponentsWithStats(rows, connectivity=8)
    crops, places = [], []
    for left, top, wide, high, _ in boxes[1:count]:
        if not 0.3 * height <= high <= 1.1 * height or wide < 0.5 * height:
            continue
        pad = round(0.25 * height)
        box = (max(0, left - pad // 2), max(0, top - pad), left + wide + pad // 2, top + high + pad)
        crops.append(np.ascontiguousarray(image[box[1] : box[3], box[0] : box[2]]))
        places.append(box)
    # More than this is texture, not labels.
    if len(crops) > 40:
        return []
    return [
        TextLine(text, *(float(v) for v in box), confidence=score)
        for box, (text, score) in zip(places, _recognize(crops), strict=True)
        if score >= _SURE and any(c.isalnum() for c in text) and (len(text) > 1 or text.isdigit())
    ]
