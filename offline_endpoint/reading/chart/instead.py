"""What a picture is when no chart can be read from it."""

from __future__ import annotations

import numpy as np

from offline_endpoint.reading.chart.canvas import Canvas, distance
from offline_endpoint.reading.chart.data import Sort
from offline_endpoint.reading.chart.plot import Plot


def sort_of(picture: Canvas, plot: Plot | None) -> Sort:
    """Say what a picture is that no chart was read from; `drawing` takes in diagrams and screenshots."""
    if (distance(picture.pixels, picture.ground) > 24).mean() < 1e-4:
        return "blank picture"
    if plot is not None and plot.x_axis is not None and plot.y_axis is not None:
        ink = sum(int(layer.mask.sum()) for layer in plot.layers)
        if ink < 0.005 * plot.frame.width * plot.frame.height:
            return "empty plot"
    words = [t for t in picture.lines if len(t.text) > 2]
    covered = sum((t.right - t.left) * (t.bottom - t.top) for t in words)
    height, width = picture.size
    if len(words) >= 8 and covered > 0.1 * height * width:
        return "page of text"
    return "photo" if is_photo(picture) else "drawing"


def is_photo(picture: Canvas) -> bool:
    """Whether a picture has hundreds of colors; flat drawings have a few, and the blends along their edges."""
    codes = (picture.pixels >> 3).reshape(-1, 3).astype(np.int32) @ np.array([1024, 32, 1])
    shares = np.bincount(codes) / codes.size
    return bool(np.sort(shares)[-8:].sum() < 0.7)
