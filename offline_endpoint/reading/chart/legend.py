"""Legend: which name belongs to which color."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np

from offline_endpoint.reading.chart.frame import Frame
from offline_endpoint.reading.chart.labels import clean_name, is_symbol, parse_quantity
from offline_endpoint.reading.chart.layers import Layer, parts_within
from offline_endpoint.reading.chart.samples import Sample
from offline_endpoint.reading.text import TextLine


@dataclass(frozen=True)
class Entry:
    """A name and the layer it stands for; the box reaches from the middle of the sample to the end of the name."""

    name: str
    layer: int  # index into the layers
    line: TextLine
    box: tuple[float, float, float, float]
    half: float = 0.0  # of the sample's width; 0 where it is not known


def find_legend(
    frame: Frame, lines: list[TextLine], layers: list[Layer], samples: list[Sample]
) -> list[Entry]:
    """The names of the colors in a plot: beside samples of a color that is in it, or at the ends of lines."""
    known = _entries(samples, layers)
    if len(known) > 1 or not layers:
        return known
    plain = [t for t in lines if not is_symbol(t) and not t.is_vertical]
    name = re.compile(r"[^\W\d]{2}|^(?:19|20)\d\d$")
    words = [t for t in plain if name.search(t.text.strip()) and parse_quantity(t.text) is None]
    return _at_ends(frame, words, layers)


def _entries(samples: list[Sample], layers: list[Layer]) -> list[Entry]:
    numbers = {tuple(layer.color): k for k, layer in reversed(list(enumerate(layers)))}
    entries = []
    for sample in samples:
        if tuple(sample.color) in numbers:
            line, layer = sample.line, numbers[tuple(sample.color)]
            box = (min(sample.middle, line.left), line.top, line.right, line.bottom)
            entries.append(Entry(sample.name, layer, line, box, sample.width / 2))
    return entries


def _at_ends(frame: Frame, lines: list[TextLine], layers: list[Layer]) -> list[Entry]:
    """Names at the right ends of lines: of each line the one that is nearest, where none is nearer to another line."""
    right = [t for t in lines if (t.left + t.right) / 2 > frame.left + 0.6 * frame.width]
    right = [t for t in right if frame.top - 10 < (t.top + t.bottom) / 2 < frame.bottom + 10]
    pairs = []
    contrasts = [float(np.abs(layer.color - frame.color).max()) for layer in layers]
    for index, layer in enumerate(layers):
        columns = np.flatnonzero(layer.mask.any(axis=0))
        if (
            len(columns) == 0
            or contrasts[index] < 0.3 * max(contrasts)
            or np.ptp(columns) < 0.2 * frame.width
            or len(columns) < 0.5 * np.ptp(columns)
        ):
            continue
        # The last few columns may be remnants of letters.
        gathered = layer.mask.sum(axis=0).cumsum()
        x = int(np.searchsorted(gathered, 0.985 * gathered[-1]))
        y = float(np.median(np.flatnonzero(layer.mask[:, max(0, x - 2) : x + 1].any(axis=1))))
        for line in right:
            aside = max(line.left - x, x - line.right, 0.0)
            off = abs((line.top + line.bottom) / 2 - y)
            height = line.bottom - line.top
            if aside < 2.5 * height and off < 1.2 * height:
                pairs.append((off + 0.3 * aside, index, line))
    entries: dict[int, Entry] = {}
    taken: set[TextLine] = set()
    for _, index, line in sorted(pairs, key=lambda p: p[0]):
        if index not in entries and line not in taken:
            taken.add(line)
            box = (line.left, line.top, line.right, line.bottom)
            entries[index] = Entry(clean_name(line.text), index, line, box)
    return list(entries.values()) if len(entries) > 1 else []


def _is_separate(entry: Entry, layers: list[Layer]) -> bool:
    """Whether the sample before a name is a small shape of its own rather than a part of the chart."""
    left, top, _, bottom = (max(0, round(v)) for v in entry.box)
    mask, height = layers[entry.layer].mask.astype(np.uint8), bottom - top
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    near = set(np.unique(parts[top:bottom, left : round(entry.line.left) + 4]).tolist()) - {0}
    return all(boxes[i][2] <= 3.5 * height and boxes[i][3] <= 1.3 * height for i in near) and count > 1


def is_apart(entries: list[Entry], layers: list[Layer]) -> bool:
    """Whether the samples are shapes of their own, not the ends of the lines that the names label."""
    return sum(_is_separate(e, layers) for e in entries) * 2 > len(entries)


def erase_legend(entries: list[Entry], layers: list[Layer]) -> list[Layer]:
    """Take the samples, the names and the box around them out of the layers; what only passes through stays."""
    height = float(np.median([e.line.bottom - e.line.top for e in entries]))
    left, top = (max(0, round(min(e.box[k] for e in entries) - height * (2.6, 1)[k])) for k in (0, 1))
    right, bottom = (round(max(e.box[k] for e in entries) + height) for k in (2, 3))
    result = []
    for layer in layers:
        mask = layer.mask.copy()
        for entry in entries:
            rows = slice(max(0, round(entry.box[1])), round(entry.box[3]))
            mask[rows, max(0, round(entry.box[0] - 1.2 * height)) : round(entry.box[2])] = False
            # A sample may show its mark several times.
            reach = 2.4 * height if entry.half else 0.0
            strip = mask[rows, max(0, round(entry.box[0] - reach)) : round(entry.box[2])]
            parts, _, inner = parts_within(strip)
            strip[inner[parts]] = False
        window = mask[top:bottom, left:right]
        parts, boxes, inner = parts_within(window)
        # Marks are compact and small; only what is as wide or high as the legend, or close to it, is its box.
        inner &= (boxes[:, 2] > 0.5 * (right - left)) | (boxes[:, 3] > 0.5 * (bottom - top))
        window[inner[parts]] = False
        result.append(Layer(layer.color, mask))
    return result
