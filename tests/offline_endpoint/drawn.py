"""Charts drawn by hand with the text known, so that rooms of the chart reader are tested without OCR."""

from __future__ import annotations

import cv2
import numpy as np

from offline_endpoint.reading.chart import Chart, read_chart
from offline_endpoint.reading.text import TextLine

BLUE, ORANGE, GREEN = (31, 119, 180), (255, 127, 14), (44, 160, 44)


class Sheet:
    """A white picture to draw on; each text drawn is also a line that an OCR would have found."""

    def __init__(self, width: int = 640, height: int = 480) -> None:
        self.pixels = np.full((height, width, 3), 255, np.uint8)
        self.lines: list[TextLine] = []

    def text(self, text: str, x: float, y: float, read_as: str | None = None) -> TextLine:
        """Print text around a middle; `read_as` is what the OCR made of it."""
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
        left, bottom = round(x - width / 2), round(y + height / 2)
        cv2.putText(
            self.pixels, text, (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA
        )
        line = TextLine(
            read_as or text, left - 2.0, bottom - height - 4.0, left + width + 2.0, bottom + 4.0, 0.99
        )
        self.lines.append(line)
        return line

    def upright(self, text: str, x: float, y: float) -> TextLine:
        """A line that runs up the picture, as the label of a y axis does; only its box is drawn."""
        half = 4.5 * len(text)
        line = TextLine(text, x - 8, y - half, x + 8, y + half, 0.99)
        self.lines.append(line)
        return line

    def frame(self, left: int = 80, top: int = 50, right: int = 600, bottom: int = 400) -> None:
        """The four sides of a plot."""
        cv2.rectangle(self.pixels, (left, top), (right, bottom), (0, 0, 0), 1)

    def y_ticks(self, left: int = 80, bottom: int = 400) -> None:
        """The values 0 to 60, 100 pixels for 20."""
        for k in range(4):
            self.text(str(20 * k), left - 20, bottom - 100 * k)

    def x_ticks(self, left: int = 80, bottom: int = 400) -> None:
        """The values 0 to 50, 100 pixels for 10."""
        for k in range(6):
            self.text(str(10 * k), left + 100 * k, bottom + 15)

    def dot(self, x: int, y: int, color: tuple[int, int, int] = BLUE, radius: int = 6) -> None:
        """A disc."""
        cv2.circle(self.pixels, (x, y), radius, color, cv2.FILLED)

    def box(self, left: int, top: int, right: int, bottom: int, color: tuple[int, int, int] = BLUE) -> None:
        """A filled rectangle; right and bottom are exclusive."""
        self.pixels[top:bottom, left:right] = color

    def read(self) -> Chart | None:
        """What the chart reader makes of it."""
        return read_chart(self.pixels, self.lines) or None
