"""How well a chart was read: points that were read, compared with the points it was drawn from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from helpers.errors import LearnerError

CLOSE_ENOUGH = 0.05
"""How far off a value may be and still count as found, as a share of its axis: our choice, about a tick's width."""


class ScoreError(LearnerError):
    """The points cannot be compared; the message says why."""


@dataclass(frozen=True)
class Score:
    """The result of a comparison.

    Attributes:
        points: how many points the truth has.
        found: how many of them were read, close enough.
        missed: names of the true points that were not.
        invented: names of points that were read and belong to no true point.
        errors: for each found point how far off it is, as a share of the axis; the larger of both axes.
    """

    points: int
    found: int
    missed: tuple[str, ...]
    invented: tuple[str, ...]
    errors: tuple[float, ...]

    def __str__(self) -> str:
        """Three lines for a person."""
        missed = f": {', '.join(self.missed)}" if self.missed else ""
        invented = f": {', '.join(self.invented)}" if self.invented else ""
        lines = [f"Found {self.found} of {self.points}, missed {len(self.missed)}{missed}"]
        lines.append(f"Invented {len(self.invented)}{invented}")
        if self.errors:
            lines.append(
                f"Error, as a share of the axis: {100 * median(self.errors):.0f} % in the middle, "
                f"{100 * max(self.errors):.0f} % at worst"
            )
        return "\n".join(lines)


def score(
    read: Sequence[Mapping[str, Any]], truth: Sequence[Mapping[str, Any]], *, log_x: bool = False
) -> Score:
    """Compare points that were read with the true ones.

    A point is a mapping with the keys `label`, `x` and `y`; `label` and `x` may be None, `y` is a number. Points with
    a label belong to the true point of the same label; points without one to the nearest true point that is left.

    Args:
        read: the points a model gave.
        truth: the points the chart was drawn from, at least one.
        log_x: whether the x axis is logarithmic; distances along it are then ratios.

    Raises:
        ScoreError: a point has no number for `y`, some have an `x` and some have none, or there is no truth.
    """
    if not truth:
        raise ScoreError("There are no true points to compare with.")
    true_places = _places(truth, "the truth", log_x)
    read_places = _places(read, "what was read", log_x)
    spans = [max(values) - min(values) or 1.0 for values in zip(*true_places, strict=True)]

    def error(one: int, other: int) -> float:
        pairs = zip(read_places[one], true_places[other], spans, strict=False)
        return max(abs(a - b) / span for a, b, span in pairs)

    if read and len(read_places[0]) != len(true_places[0]):
        raise ScoreError("Either both the truth and what was read have x values, or neither has.")
    by_label = _name_pairs(read, truth)
    free_read = [number for number in range(len(read)) if number not in by_label]
    free_true = [number for number in range(len(truth)) if number not in by_label.values()]
    unlabeled = [one for one in free_read if not read[one].get("label")]
    nearest = sorted((error(one, other), one, other) for one in unlabeled for other in free_true)
    pairs = {one: other for one, other in by_label.items() if error(one, other) <= CLOSE_ENOUGH}
    for distance, one, other in nearest:
        if distance <= CLOSE_ENOUGH and one not in pairs and other not in pairs.values():
            pairs[one] = other
    errors = tuple(error(one, other) for one, other in pairs.items())
    missed = tuple(_name(point) for number, point in enumerate(truth) if number not in pairs.values())
    # A point with a right name and a wrong value is a miss, not an invention.
    known = set(pairs) | set(by_label)
    invented = tuple(_name(point) for number, point in enumerate(read) if number not in known)
    return Score(len(truth), len(pairs), missed, invented, errors)


def _places(points: Sequence[Mapping[str, Any]], whose: str, log_x: bool) -> list[tuple[float, ...]]:
    places = []
    for point in points:
        if not isinstance(point, Mapping):
            raise ScoreError(f"A point in {whose} is not a mapping with label, x and y: {point!r}.")
        values = [point.get("y")] if point.get("x") is None else [point.get("y"), point["x"]]
        for value in values:
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ScoreError(
                    f"A point in {whose} has {value!r} where a number should be: {dict(point)!r}."
                )
        if log_x and len(values) == 2:
            if values[1] <= 0:
                raise ScoreError(f"A log axis has no place for {values[1]!r}, in {whose}.")
            values[1] = math.log10(values[1])
        places.append(tuple(values))
    if len({len(place) for place in places}) > 1:
        raise ScoreError(f"In {whose} some points have an x value and some have none.")
    return places


def _name_pairs(read: Sequence[Mapping[str, Any]], truth: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Numbers of the read points that carry the label of a true point, each true point taken once."""
    true_numbers: dict[str, int] = {}
    for number, point in enumerate(truth):
        if point.get("label"):
            true_numbers.setdefault(_same(point["label"]), number)
    pairs: dict[int, int] = {}
    for number, point in enumerate(read):
        match = true_numbers.pop(_same(point["label"]), None) if point.get("label") else None
        if match is not None:
            pairs[number] = match
    return pairs


def _same(label: Any) -> str:
    return "".join(str(label).casefold().split())


def _name(point: Mapping[str, Any]) -> str:
    if point.get("label"):
        return str(point["label"])
    return f"y = {point['y']:.3g}" if point.get("x") is None else f"({point['x']:.3g}, {point['y']:.3g})"
