"""Pictures of charts drawn stroke by stroke, with the text lines that an OCR would give; no OCR needed."""

from __future__ import annotations

import cv2
import numpy as np

from offline_endpoint.reading.chart.canvas import Canvas, prepare
from offline_endpoint.reading.text import TextLine

BLUE, RED, GRAY, DARK = (31, 119, 180), (214, 39, 40), (171, 171, 171), (89, 89, 89)
LEFT, TOP, RIGHT, BOTTOM = 80, 40, 560, 340
"""The frame of the drawn charts, in pixels."""


class Drawn:
    """A white picture of 700 by 420 pixels to draw on; remembers where text was written."""

    def __init__(self, ground: tuple[int, int, int] = (255, 255, 255)) -> None:
        self.pixels = np.full((420, 700, 3), ground, np.uint8)
        self.lines: list[TextLine] = []

    def text(self, text: str, x: int, y: int, confidence: float = 1.0) -> TextLine:
        """Write text with its middle at y and its left end at x."""
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)
        ink = (0, 0, 0) if self.pixels[0, 0].sum() > 380 else (255, 255, 255)
        cv2.putText(
            self.pixels, text, (x, y + height // 2), cv2.FONT_HERSHEY_SIMPLEX, 0.45, ink, 1, cv2.LINE_AA
        )
        line = TextLine(text, x - 2.0, y - height / 2 - 4, x + width + 2.0, y + height / 2 + 4, confidence)
        self.lines.append(line)
        return line

    def frame(self, names: list[str] | None = None) -> Drawn:
        """The frame with 0 to 40 at the side and 0 to 4, or names, below; 10 are 60 pixels, 1 is 100 pixels."""
        cv2.rectangle(self.pixels, (LEFT, TOP), (RIGHT, BOTTOM), (0, 0, 0), 1)
        for value in (0, 10, 20, 30, 40):
            y = BOTTOM - 30 - 6 * value
            self.text(str(value), 45 if value else 54, y)
            cv2.line(self.pixels, (LEFT - 4, y), (LEFT, y), (0, 0, 0), 1)
        for k, name in enumerate(names or ["0", "1", "2", "3", "4"]):
            (width, _), _ = cv2.getTextSize(name, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)
            self.text(name, 120 + 100 * k - width // 2, BOTTOM + 16)
        return self

    def line(self, values: list[float], color: tuple[int, int, int], thickness: int = 2) -> Drawn:
        """A line with one value a step, from the first step on."""
        places = [(120 + 100 * k, round(BOTTOM - 30 - 6 * v)) for k, v in enumerate(values)]
        cv2.polylines(self.pixels, [np.array(places)], False, color, thickness, cv2.LINE_AA)
        return self

    def legend(self, names: dict[str, tuple[int, int, int]], x: int = 600, y: int = 60) -> Drawn:
        """A column of names, each after 24 pixels of line in its color."""
        for k, (name, color) in enumerate(names.items()):
            cv2.line(self.pixels, (x - 32, y + 22 * k), (x - 8, y + 22 * k), color, 2)
            self.text(name, x, y + 22 * k)
        return self

    def picture(self) -> Canvas:
        """The picture as the chart reader works on it."""
        return prepare(self.pixels, self.lines)
