"""Text in a picture: RapidOCR, whose models come inside its package."""

from __future__ import annotations

import functools
import logging
import re
import threading
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

_lock = threading.Lock()
_SIDES = ("left", "top", "right", "bottom")

LEAST_SIDE = 736
"""Pixels: the shorter side of a small picture is enlarged to this for the detector.

On 30 charts with 219 names, 480 to 1024 pixels all read 216 or 217 of them, in 1.3 to 3.2 seconds a picture; 736, the
detector's own figure, leaves a margin for smaller print.
"""

MOST_SIDE = (
    1600  # Pixels: the longer side of a large picture is reduced to this. In the same measure it lost no name
)

_SURE = 0.85
_KEPT = 0.5  # Least score of a line that is kept, RapidOCR's own figure
_LEGIBLE = 0.8
"""Score below which a word is noise. Of 128 words on drawn charts none was below 0.85; of 39 lines in Thai, Hebrew,
Hindi, Hangul, Tamil, Bengali, Georgian and Armenian, none of which the model has, 34 were."""
_SPARSE = 0.6
"""Least characters for each height of a line that its length holds: Latin print has 2 to 3, a line of a script that
the model lacks comes out as a few commas."""
_TURNED = 0.93
"""Score of a line read upside down that shows it stands so: Latin print has 0.96 or more, Hebrew turned over 0.91."""
_FOREIGN = (
    0.25  # Share of lines that cannot be read from which on none of the unsure ones is taken for a word
)
_UNREAD = "\ufffd"
_ROW = 48  # Pixels of the height at which the recognizer sees a line
_CROWD = 150  # Lines from which on they are read in batches as narrow as they are, not 320 pixels wide
_MOST_WRITING = 40_000, 80_000
"""Pixels of lines, end to end at `_ROW`, that are read in any picture, and more for each megapixel of the reduced
picture. A page of 1,500 words in print of 7 points comes to nine tenths of it; reading that much takes about 12 seconds
on two processors."""


@dataclass(frozen=True)
class TextLine:
    """One line of text in a picture: its box in pixels, and the recognizer's score from 0 to 1."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float

    def scaled(self, scale: float) -> TextLine:
        """The line in a picture of another size."""
        return replace(self, **{side: getattr(self, side) * scale for side in _SIDES})

    @property
    def is_vertical(self) -> bool:
        """Whether the line runs up or down the picture, as the label of a y axis does."""
        return len(self.text) > 1 and (self.bottom - self.top) > 1.5 * (self.right - self.left)

    @property
    def is_legible(self) -> bool:
        """Whether the text is what stands there, rather than what a model made of a script that it does not know."""
        short, long = sorted([self.right - self.left, self.bottom - self.top])
        plain = self.text.replace(" ", "")
        if len(plain) < 3 and long < 2 * short:
            return self.confidence >= 0.7 or plain.isascii()
        if len(plain) < _SPARSE * long / max(short, 1) or len(re.findall("[\u0370-\u03ff]", plain)) > 2:
            return False
        # Letters of phonetic script stand in no label; `\u0259` alone is a letter of Azerbaijani.
        return self.confidence >= (0.9 if re.search("[\u0250-\u02af]", plain) else _LEGIBLE)


@dataclass(frozen=True)
class Page:
    """What is written in a picture, in reading order."""

    lines: list[TextLine]
    unread: int = 0  # lines of writing that could not be read
    turned: int = 0  # degrees, counterclockwise, by which it was turned for reading
    left_out: int = 0  # lines beyond those that are read in one picture


@functools.cache
def _engine() -> Any:
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    from rapidocr import RapidOCR
    from rapidocr.inference_engine.onnxruntime import OrtInferSession

    make_options = OrtInferSession._init_sess_opts

    def options(settings: Any) -> Any:
        """Threads that wait sleep: spinning, they took two fifths of the processor, and as long beside other work."""
        made = make_options(settings)
        made.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return made

    OrtInferSession._init_sess_opts = staticmethod(options)  # type: ignore[method-assign, assignment]

    class Engine(RapidOCR):
        """Keeps the boxes in which nothing was recognized, as they hold writing, too; and reads no more than it can."""

        left_out = 0  # lines of the last picture that were not read

        def detect_and_crop(self, img: Any, op_record: Any) -> Any:
            self.left_out = 0
            crops, found = super().detect_and_crop(img, op_record)
            boxes: Any = found.boxes
            scores: Any = found.scores
            widths = np.cumsum([_ROW * crop.shape[1] / crop.shape[0] for crop in crops])
            least, more = _MOST_WRITING
            count = max(1, int((widths <= least + more * img.shape[0] * img.shape[1] / 1e6).sum()))
            self.left_out = len(crops) - count
            found.boxes, found.scores = boxes[:count], scores[:count]
            return crops[:count], found

        def recognize_txt(self, img_list: Any) -> Any:
            recognizer = self._load_rec_model()  # type: ignore[no-untyped-call] # rapidocr gives it no types
            usual = recognizer.rec_image_shape
            if len(img_list) > _CROWD:
                recognizer.rec_image_shape = [usual[0], _ROW, _ROW]
            try:
                return super().recognize_txt(img_list)
            finally:
                recognizer.rec_image_shape = usual

        def build_final_output(
            self, ori_img: Any, det_res: Any, cls_res: Any, rec_res: Any, *rest: Any
        ) -> Any:
            rec_res.txts = rec_res.txts and tuple(text if text.strip() else _UNREAD for text in rec_res.txts)
            return super().build_final_output(ori_img, det_res, cls_res, rec_res, *rest)

    sizes = {"Global.max_side_len": 4000, "Det.limit_side_len": LEAST_SIDE}
    return Engine(params={"Global.log_level": "error", "Global.text_score": 0.0, **sizes})


def load_models() -> None:
    """Load the models, which `read_text` otherwise does at its first call."""
    with _lock:
        _engine()


def read_text(pixels: np.ndarray) -> list[TextLine]:
    """The lines of `read_page`."""
    return read_page(pixels).lines


def check_pixels(pixels: np.ndarray) -> None:
    """Raise ValueError unless pixels are of shape (height, width, 3), uint8, and some."""
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or 0 in pixels.shape:
        raise ValueError(
            "A picture must be an array of shape (height, width, 3) and type uint8; "
            f"this one has shape {pixels.shape} and type {pixels.dtype}. Convert it to RGB first."
        )


def read_page(pixels: np.ndarray) -> Page:
    """Find the lines of text in a picture, shape (height, width, 3), uint8, RGB; raises ValueError for others.

    Upright lines are read the way that reads better, and so is a picture upside down. The model that tells
    upside-down lines is not asked: it turns short labels such as Q3 over.
    """
    check_pixels(pixels)
    scale = min(1.0, MOST_SIDE / max(pixels.shape[:2]))
    small = (
        cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    )
    image = np.ascontiguousarray(small[:, :, ::-1])
    with _lock:
        lines, ways = _lines(image)
        left_out = _engine().left_out
        kept = [t for t in lines if t.confidence >= _KEPT]
        words = [t for t in kept if len(t.text) > 2]
        turned = 0
        if words and sum(t.is_legible for t in words) < 0.5 * len(words):
            over = _upside_down(image, kept)
            if over:
                kept, lines, turned = over, over, 180
        unread = sum(not t.is_legible and len(t.text) > 2 for t in kept)
        blank = sum(t.confidence < _KEPT and t.right - t.left > 2 * (t.bottom - t.top) for t in lines)
        if unread + blank > _FOREIGN * (len(words) + blank):
            unread += blank
            kept = [t for t in kept if t.is_legible]
        else:
            kept += _missed(image, kept)
    kept.sort(key=lambda t: (round(t.top / 10), t.left))
    if turned == 180:
        kept.reverse()
    elif len(words) > 1 and sum(t.is_vertical for t in words) > 0.6 * len(words):
        turned = 270 if ways > 0 else 90
        kept.sort(key=lambda t: t.left if ways > 0 else -t.right)
    return Page([t.scaled(1 / scale) for t in kept], unread, turned, left_out)


def _lines(image: np.ndarray) -> tuple[list[TextLine], int]:
    """All lines that the detector finds, and how many more of the tall ones run up than down."""
    found = _engine()(image, use_det=True, use_cls=False, use_rec=True)
    boxes = [] if found.boxes is None else list(found.boxes)
    lines, ways = [], 0
    for box, text, score in zip(boxes, found.txts or (), found.scores or (), strict=True):
        left, top, right, bottom = (float(v) for v in (*box.min(axis=0), *box.max(axis=0)))
        # Hundreds of tall boxes are texture.
        if bottom - top >= 1.5 * (right - left) and score >= _KEPT and len(boxes) <= 2 * _CROWD:
            stacked = _read_stacked(image, (left, top, right, bottom))
            lines += stacked
            if stacked:
                continue
            text, score, way = _read_upright(_crop(image, (left, top, right, bottom)), text, score)
            ways += way
        if text:
            lines.append(TextLine(text, left, top, right, bottom, 0.0 if text == _UNREAD else float(score)))
    return lines, ways


def _crop(image: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    left, top, right, bottom = (max(0, round(v)) for v in box)
    return image[top:bottom, left:right]


def _upside_down(image: np.ndarray, lines: list[TextLine]) -> list[TextLine]:
    """The lines read turned over, where most of them read well so; else none."""
    crops = [_crop(image, (t.left, t.top, t.right, t.bottom))[::-1, ::-1] for t in lines]
    readings = zip(lines, _recognize(crops), strict=True)
    over = [replace(t, text=text, confidence=score) for t, (text, score) in readings if text]
    return over if sum(t.confidence >= _TURNED for t in over) > 0.6 * len(lines) else []


def _recognize(images: list[np.ndarray]) -> list[tuple[str, float]]:
    """Read crops that hold one line each: (text, score)."""
    if not images:
        return []
    found = _engine().recognize_txt([np.ascontiguousarray(image) for image in images])
    return [(text.strip(), float(score)) for text, score in zip(found.txts, found.scores, strict=True)]


def _read_stacked(image: np.ndarray, box: tuple[float, float, float, float]) -> list[TextLine]:
    """The short lines that a tall box holds one below the other, such as the names of a legend; else none."""
    left, top, right, _ = (float(max(0, round(v))) for v in box)
    crop = _crop(image, box)
    if crop.size == 0:
        return []
    ground = np.median(crop.reshape(-1, 3), axis=0)
    has_ink = (np.abs(crop - ground).max(axis=2) > 70).any(axis=1).astype(np.int8)
    edges = np.flatnonzero(np.diff(has_ink, prepend=0, append=0)).reshape(-1, 2)
    heights, gaps = edges[:, 1] - edges[:, 0], edges[1:, 0] - edges[:-1, 1]
    if len(edges) < 2 or heights.min() < 0.6 * heights.max() or gaps.min() < 0.35 * heights.max():
        return []
    pads = [(max(0, low - gaps.min() // 2), high + gaps.min() // 2) for low, high in edges]
    readings = _recognize([crop[low:high] for low, high in pads])
    if any(score < _SURE for _, score in readings):
        return []
    return [
        TextLine(text, left, float(top + low), right, float(top + high), score)
        for (low, high), (text, score) in zip(pads, readings, strict=True)
    ]


def _read_upright(crop: np.ndarray, text: str, score: float) -> tuple[str, float, int]:
    """The best reading of a tall box: a line running up (1) or down (-1), or one tall figure such as 1 (0)."""
    if crop.size == 0:
        return text, score, 0
    turns = [np.rot90(crop, -1), np.rot90(crop, 1)]
    if crop.shape[0] < 2.6 * crop.shape[1]:
        turns.append(crop)
    ways = [(*reading, way) for reading, way in zip(_recognize(turns), (1, -1, 0), strict=False)]
    best = max([*ways, (text, score, 0)], key=lambda r: r[1])
    return best if best[2] else (*best[:2], max(ways, key=lambda r: r[1])[2] if len(best[0]) > 1 else 0)


def _missed(image: np.ndarray, lines: list[TextLine]) -> list[TextLine]:
    """Lines that the detector passed over: rows of shapes of a letter's size, on plain ground, that read well."""
    sizes = [(t.right - t.left, t.bottom - t.top) for t in lines if any(c.isalnum() for c in t.text)]
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
        if len(t.text.strip()) > 1 or t.bottom - t.top <= 3 * height:
            _crop(ink, (t.left - 1, t.top - 1, t.right + 1, t.bottom + 1))[:] = 0
    _, parts, boxes, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    wide, high, area = boxes[:, 2], boxes[:, 3], boxes[:, 4]
    fits = (0.22 * height <= high) & (high <= 0.95 * height) & (wide <= 1.6 * height)
    fits &= area < 0.75 * wide * high + 8
    fits[0] = False
    reach = np.ones((1, max(3, round(0.45 * height))), np.uint8)
    rows = cv2.dilate(fits[parts].astype(np.uint8), reach)
    pad = round(0.25 * height)
    places = [
        (max(0, left - pad // 2), max(0, top - pad), left + wide + pad // 2, top + high + pad)
        for left, top, wide, high, _ in cv2.connectedComponentsWithStats(rows, connectivity=8)[2][1:]
        if 0.3 * height <= high <= 1.1 * height and wide >= 0.5 * height
    ]
    # More than this is texture, not labels.
    if len(places) > 40:
        return []
    return [
        TextLine(text, float(box[0]), float(box[1]), float(box[2]), float(box[3]), score)
        for box, (text, score) in zip(places, _recognize([_crop(image, box) for box in places]), strict=True)
        if score >= _SURE and any(c.isalnum() for c in text) and (len(text) > 1 or text.isdigit())
    ]
