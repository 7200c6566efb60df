"""Legend: which name belongs to which color."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import cv2
import numpy as np

from offline_endpoint.reading.chart.labels import clean_name, is_symbol
from offline_endpoint.reading.chart.layers import Layer, misfit
from offline_endpoint.reading.chart.canvas import Canvas, common_color
from offline_endpoint.reading.chart.samples import INK, Sample
from offline_endpoint.reading.text import TextLine


@dataclass(frozen=True)
class Entry:
    """A name and the layer it stands for.

    Attributes:
        name: as printed.
        layer: index into the layers.
        line: where the name is printed.
        box: (left, top, right, bottom) from the middle of the sample to the end of the name, in pixels.
        half: half of the sample's width, in pixels; 0 where it is not known.
    """

    name: str
    layer: int
    line: TextLine
    box: tuple[float, float, float, float]
    half: float = 0.0


def _swatch(
    picture: Canvas, line: TextLine, layers: list[Layer], from_x: float, to_x: float
) -> tuple[int, float] | None:
    """The layer whose color fills most of the strip before a name, and the middle of that ink."""
    height = line.bottom - line.top
    top, bottom = round(line.top + 0.1 * height), round(line.bottom - 0.1 * height)
    left, right = max(0, round(from_x)), max(0, round(to_x))
    patch = picture.pixels[max(0, top) : bottom, left:right].astype(np.float32)
    if patch.size == 0:
        return None
    flat, ground = patch.reshape(-1, 3), picture.ground.astype(np.float32)
    far = np.stack([misfit(flat, layer.color.astype(np.float32), ground) for layer in layers])
    # The paper under the legend fits every layer as a very pale blend.
    far[:, np.abs(flat - common_color(patch)).max(axis=1) <= INK] = np.inf
    far = far.reshape(len(layers), *patch.shape[:2])
    owner = far.argmin(axis=0)
    owner[far.min(axis=0) > 48] = -1
    # The side of a box round the legend, or of the frame, runs through from top to bottom; a sample does not.
    full = np.flatnonzero((owner >= 0).mean(axis=0) > 0.9)
    for run in np.split(full, np.flatnonzero(np.diff(full) > 1) + 1):
        if 0 < len(run) < 0.25 * height:
            owner[:, run] = -1
    counts = [int((owner == k).sum()) for k in range(len(layers))]
    # Borders and grid lines pass for pale blends of a layer; a sample has more of its layer's strength.
    away = np.abs(patch - common_color(patch)).max(axis=2)
    contrasts = [max(1.0, float(np.abs(layer.color - common_color(patch)).max())) for layer in layers]
    weights = [float(np.minimum(1.0, away[owner == k] / c).sum()) for k, c in enumerate(contrasts)]
    best = int(np.argmax(weights))
    if counts[best] < max(6, 0.01 * patch.shape[0] * patch.shape[1]):
        return None
    rows, columns = np.nonzero(owner == best)
    # A mark of the chart may lie within reach too; the sample is what stands nearest to the name.
    filled = np.unique(columns)
    runs = np.split(filled, np.flatnonzero(np.diff(filled) > 0.5 * height) + 1)
    nearest = min(runs, key=lambda run: min(abs(left + run[0] - line.left), abs(left + run[-1] - line.left)))
    kept = (columns >= nearest[0]) & (columns <= nearest[-1])
    if kept.sum() >= 0.25 * len(columns):
        rows, columns = rows[kept], columns[kept]
    # A sample stands level with its name; the mark that a label belongs to may stand higher or lower.
    if abs(float(np.median(rows)) - patch.shape[0] / 2) > 0.3 * height:
        return None
    return best, left + float(np.median(columns))


def find_legend(
    picture: Canvas, lines: list[TextLine], layers: list[Layer], samples: list[Sample] | None = None
) -> list[Entry]:
    """Find the names printed beside samples of the layers' colors.

    A legend is a column of names that start at one place, or a row of names, each after a sample of another
    color that is a small shape of its own.

    Args:
        picture: the picture.
        lines: text that is no tick label, title or axis label.
        layers: the colors in the plot.
        samples: the legend as far as it was known before the layers; names that it misses are looked for.

    Returns:
        One entry a name, in reading order; empty when there is no legend. A sample whose color is not in the
        plot gives no entry.
    """
    if not layers:
        return []
    known = _entries(samples or [], layers)
    found = _by_layers(picture, lines, layers)
    return known if len(known) >= len(found) else found


def _by_layers(picture: Canvas, lines: list[TextLine], layers: list[Layer]) -> list[Entry]:
    """The names that stand beside ink of the layers' colors."""
    entries = []
    for line in lines:
        sample = re.match(r"[\dlI|oO*] (?=[^\W\d])", line.text)
        if sample:
            # The sample before the name was read as a character.
            shift = (line.right - line.left) * 2 / len(line.text)
            line = replace(line, text=line.text[2:], left=line.left + shift)
        name = clean_name(line.text)
        if is_symbol(line) or line.is_vertical or not name:
            continue
        height = line.bottom - line.top
        tries = [(line.left - 3.2 * height, line.left + 0.15 * height), (line.left, line.left + 1.6 * height)]
        if name != line.text.strip():
            tries.reverse()
        for from_x, to_x in tries:
            found = _swatch(picture, line, layers, from_x, to_x)
            if found:
                box = (min(found[1], line.left), line.top, line.right, line.bottom)
                entries.append(Entry(name, found[0], line, box))
                break
    best: list[Entry] = []
    for seed in entries:
        height = seed.line.bottom - seed.line.top
        column = [e for e in entries if abs(e.line.left - seed.line.left) < 0.6 * height]
        column = _run(sorted(column, key=lambda e: e.line.top), 2.6 * height)
        row = [e for e in entries if abs(e.line.bottom - seed.line.bottom) < 0.3 * height]
        # Samples stand at one distance from their names; the ends of lines need not.
        groups = [[e for e in g if abs(_offset(e) - _offset(seed)) < 0.5 * height] for g in (column, row)]
        for group in (*groups, _at_ends(entries, layers)):
            if seed in group and len({e.layer for e in group}) == len(group) and len(group) > len(best):
                best = group
    others = [e for e in entries if e not in best and e.layer in {b.layer for b in best}]
    # Labels beside the marks of a scatter chart repeat the colors; a legend names each color once.
    if len(others) >= len(best):
        return []
    if len(best) == 1 and (
        len([t for t in lines if not is_symbol(t)]) > 1 or not _is_separate(best[0], layers)
    ):
        return []
    return (
        sorted(best, key=lambda e: (round(e.line.top / 8), e.line.left))
        if len(best) > 1 or len(layers) == 1
        else []
    )


def _entries(samples: list[Sample], layers: list[Layer]) -> list[Entry]:
    entries = []
    for sample in samples:
        layer = next((k for k, layer in enumerate(layers) if np.array_equal(layer.color, sample.color)), None)
        if layer is not None:
            line = sample.line
            box = (min(sample.middle, line.left), line.top, line.right, line.bottom)
            entries.append(Entry(sample.name, layer, line, box, sample.width / 2))
    return entries


def _offset(entry: Entry) -> float:
    """From the middle of the sample to the name, in pixels."""
    return entry.line.left - entry.box[0]


def _at_ends(entries: list[Entry], layers: list[Layer]) -> list[Entry]:
    """Names that stand to the right of all the ink of their color, as labels at the ends of lines do."""
    ends = []
    for layer in layers:
        gathered = layer.mask.sum(axis=0).cumsum()
        # The few last columns may be remnants of tick marks.
        ends.append(int(np.searchsorted(gathered, 0.97 * gathered[-1])) if gathered[-1] else 10**9)
    return [e for e in entries if 0 < e.line.left - ends[e.layer] + 4 < 3 * (e.line.bottom - e.line.top)]


def _run(entries: list[Entry], gap: float) -> list[Entry]:
    """The longest run of entries that follow one another closely."""
    runs: list[list[Entry]] = []
    for entry in entries:
        if runs and entry.line.top - runs[-1][-1].line.top <= gap:
            runs[-1].append(entry)
        else:
            runs.append([entry])
    return max(runs, key=len, default=[])


def _is_separate(entry: Entry, layers: list[Layer]) -> bool:
    """Whether the sample before a name is a small shape of its own rather than a part of the chart."""
    left, top, _, bottom = (round(v) for v in entry.box)
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(
        layers[entry.layer].mask.astype(np.uint8), connectivity=8
    )
    near = set(np.unique(parts[max(0, top) : bottom, max(0, left) : round(entry.line.left) + 4]).tolist()) - {
        0
    }
    height = bottom - top
    return all(boxes[i][2] <= 3.5 * height and boxes[i][3] <= 1.3 * height for i in near) and count > 1


def is_apart(entries: list[Entry], layers: list[Layer]) -> bool:
    """Whether the samples are shapes of their own, not the ends of the lines that the names label."""
    return sum(_is_separate(e, layers) for e in entries) * 2 > len(entries)


def erase_legend(entries: list[Entry], layers: list[Layer]) -> list[Layer]:
    """Take the samples, the names and the box around them out of the layers.

    What only passes through the box stays.
    """
    height = float(np.median([e.line.bottom - e.line.top for e in entries]))
    left = max(0, round(min(e.box[0] for e in entries) - 2.6 * height))
    top = max(0, round(min(e.box[1] for e in entries) - height))
    right = round(max(e.box[2] for e in entries) + height)
    bottom = round(max(e.box[3] for e in entries) + height)
    result = []
    for layer in layers:
        mask = layer.mask.copy()
        kept = _beside(mask, entries, height)
        for entry in entries:
            rows = slice(max(0, round(entry.box[1])), round(entry.box[3]))
            mask[rows, max(0, round(entry.box[0] - 1.2 * height)) : round(entry.box[2])] = False
        mask |= kept
        window = mask[top:bottom, left:right]
        _, parts, boxes, _ = cv2.connectedComponentsWithStats(window.astype(np.uint8), connectivity=8)
        inner = (boxes[:, 0] > 0) & (boxes[:, 1] > 0)
        inner &= (boxes[:, 0] + boxes[:, 2] < window.shape[1]) & (boxes[:, 1] + boxes[:, 3] < window.shape[0])
        # Marks are compact and small; only what is as wide or high as the legend, or close to it, is its box.
        inner &= (boxes[:, 2] > 0.5 * (right - left)) | (boxes[:, 3] > 0.5 * (bottom - top))
        inner[0] = False
        window[inner[parts]] = False
        result.append(Layer(layer.color, mask))
    return result


def _beside(mask: np.ndarray, entries: list[Entry], height: float) -> np.ndarray:
    """The marks of the chart that stand left of the samples, near enough to be cut off with them."""
    kept = np.zeros_like(mask)
    left = max(0, round(min(e.box[0] for e in entries) - 3 * height))
    right = round(min(e.box[0] - max(0.3 * height, e.half + 2) for e in entries))
    top, bottom = max(0, round(entries[0].box[1] - height)), round(max(e.box[3] for e in entries) + height)
    window = mask[top:bottom, left : max(left, right)]
    if not window.any():
        return kept
    _, parts, boxes, _ = cv2.connectedComponentsWithStats(window.astype(np.uint8), connectivity=8)
    # A sample reaches on to the right; a mark ends before it.
    whole = (boxes[:, 0] + boxes[:, 2] < window.shape[1]) & (boxes[:, 2] < 1.5 * height) & (boxes[:, 2] > 3)
    whole &= boxes[:, 3] < 1.5 * height
    whole[0] = False
    kept[top:bottom, left : max(left, right)] = whole[parts]
    return kept
