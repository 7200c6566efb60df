"""What a picture is when no chart can be read from it."""

from __future__ import annotations

from typing import Literal

import numpy as np

from offline_endpoint.reading.chart.picture import distance, prepare
from offline_endpoint.reading.chart.plot import find_plot
from offline_endpoint.reading.text import TextLine

Instead = Literal["blank picture", "empty plot", "page of text", "photo", "drawing"]


def describe_instead(pixels: np.ndarray, lines: list[TextLine]) -> Instead:
    """Say what a picture is when `read_chart` gave None.

    Args:
        pixels: shape (height, width, 3), uint8, RGB.
        lines: the text in it, as `offline_endpoint.reading.text.read_text` gives it.

    Returns:
        `empty plot` for axes with tick labels and next to no ink between them; `page of text` for eight
        lines or more that cover a tenth of the picture; `photo` for hundreds of colors, as photos, noise
        and smooth runs of color have; `blank picture` for one color; else `drawing`, which takes in
        diagrams and screenshots.

    Raises:
        ValueError: if the pixels are not of that shape and type.
    """
    picture = prepare(pixels, lines)
    if (distance(picture.pixels, picture.ground) > 24).mean() < 1e-4:
        return "blank picture"
    plot = find_plot(picture)
    if plot is not None and plot.x_axis is not None and plot.y_axis is not None:
        ink = sum(int(layer.mask.sum()) for layer in plot.layers)
        if ink < 0.005 * plot.frame.width * plot.frame.height:
            return "empty plot"
    words = [t for t in picture.lines if len(t.text) > 2]
    covered = sum((t.right - t.left) * (t.bottom - t.top) for t in words)
    height, width = picture.size
    if len(words) >= 8 and covered > 0.1 * height * width:
        return "page of text"
    codes = (picture.pixels >> 3).reshape(-1, 3).astype(np.int32) @ np.array([1024, 32, 1])
    # Flat drawings have a few colors and the blends along their edges, each on a small share of the pixels.
    shares = np.bincount(codes) / codes.size
    top_eight = np.sort(shares)[-8:].sum()
    return "photo" if top_eight < 0.7 else "drawing"
