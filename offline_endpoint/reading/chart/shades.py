"""Shades: colors of one hue, such as two grays, that came into one layer although each fills areas of its own."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from offline_endpoint.reading.chart.labels import is_symbol
from offline_endpoint.reading.chart.layers import Layer
from offline_endpoint.reading.chart.legend import erase_legend, find_legend, is_apart
from offline_endpoint.reading.chart.plot import Plot

_APART = 40
"""Grades of 255 between two shades; more than jpeg makes within one area."""
_LEAST = 0.06
"""Share of a layer's solid pixels that a shade of its own must fill."""


def with_shades_parted(plot: Plot) -> Plot:
    """The plot with layers parted that hold several shades, and its legend read anew where that is the case.

    A layer takes in the blends of its color with the ground, which thin strokes and soft edges need. A blend
    that fills whole areas is a color that the chart uses for something else.
    """
    layers = [part for layer in plot.layers for part in _parted(plot, layer)]
    if len(layers) == len(plot.layers):
        return plot
    legend = find_legend(plot.picture, [t for t in plot.words.free if not is_symbol(t)], layers)
    if legend and is_apart(legend, layers):
        layers = erase_legend(legend, layers)
    return replace(plot, layers=layers, legend=legend)


def _parted(plot: Plot, layer: Layer) -> list[Layer]:
    solid = cv2.erode(layer.mask.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    colors = plot.picture.pixels[solid].astype(np.int16)
    if len(colors) < 200:
        return [layer]
    shades: list[np.ndarray] = []
    left = colors[:: max(1, len(colors) // 20000)]
    least = max(20, _LEAST * len(left))
    while len(left) >= least:
        codes = (left >> 3).astype(np.int64) @ np.array([1024, 32, 1])
        shade = np.median(left[codes == np.bincount(codes).argmax()], axis=0)
        near = np.abs(left - shade).max(axis=1) <= _APART
        if near.sum() >= least:
            shades.append(shade)
        left = left[~near]
    if len(shades) < 2:
        return [layer]
    rows, columns = np.nonzero(layer.mask)
    pixels = plot.picture.pixels[rows, columns].astype(np.int16)
    owner = np.stack([np.abs(pixels - s).max(axis=1) for s in shades]).argmin(axis=0)
    parts = []
    for index, shade in enumerate(shades):
        mask = np.zeros_like(layer.mask)
        mask[rows[owner == index], columns[owner == index]] = True
        parts.append(Layer(shade.astype(np.float64), mask))
    return parts
