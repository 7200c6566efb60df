"""How well a chart was read: points that were read, compared with the points it was drawn from."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from statistics import median
from typing import Any

from helpers.errors import LearnerError

CLOSE_ENOUGH = 0.05
"""How far off a value may be and still count as found, as a share of its axis: our choice, about a tick's width."""
Point = Mapping[str, Any]
"""A point with the keys `label`, `x` and `y`; `label` and `x` may be None, `y` is a number."""


class ScoreError(LearnerError):
    """What was read cannot be compared with the truth; the message says why."""


@dataclass(frozen=True)
class Score:
    """Each of the true `points` is one of four: `found`, by its name if it has one, and close enough; or under a name
    in `wrong` (the value is too far off), `nameless` (the value is there without its name) or `missing`.

    `invented` names points that were read and belong to no true one; `errors` holds for each found point how far off
    it is, as a share of the axis, the larger of both axes. `read` and `truth` are what was compared.
    """  # noqa: D205

    points: int
    found: int
    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()
    errors: tuple[float, ...] = ()
    read: tuple[Point, ...] = field(default=(), repr=False)
    truth: tuple[Point, ...] = field(default=(), repr=False)

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of all true points that were not found, whatever the reason."""
        return self.wrong + self.nameless + self.missing

    def __str__(self) -> str:
        lines = [f"Found {self.found} of {self.points}, missed {listed(self.missed)}"]
        if self.wrong or self.nameless:
            why = {"wrong value": self.wrong, "no name": self.nameless, "not read": self.missing}
            lines += [f"- {reason} {listed(names)}" for reason, names in why.items() if names]
        lines.append(f"Invented {listed(self.invented)}")
        if self.errors:
            middle, worst = _off(median(self.errors)), _off(max(self.errors))
            lines.append(f"Error, as a share of the axis: {middle} in the middle, {worst} at worst")
        return "\n".join(lines)


def score(read: Sequence[Point], truth: Sequence[Point], *, log_x: bool = False) -> Score:
    """Compare points that were read with the true ones.

    Points with a label belong to the true point of the same label; points without one to the nearest true point that
    is left. With `log_x`, distances along the x axis are ratios.

    Raises:
        ScoreError: a point has no number for `y`, some have an `x` and some have none, or there is no truth.
    """
    if not truth:
        raise ScoreError("There are no true points to compare with.")
    true_places, read_places = _places(truth, "the truth", log_x), _places(read, "what was read", log_x)
    if read and len(read_places[0]) != len(true_places[0]):
        raise ScoreError("Either both the truth and what was read have x values, or neither has.")
    spans = [max(values) - min(values) or 1.0 for values in zip(*true_places, strict=True)]

    def error(one: int, other: int) -> float:
        pairs = zip(read_places[one], true_places[other], spans, strict=False)
        return max(abs(a - b) / span for a, b, span in pairs)

    named = _name_pairs(read, truth)
    free = [number for number in range(len(truth)) if number not in named.values()]
    bare = [number for number, point in enumerate(read) if not _label(point)]
    near: dict[int, int] = {}
    for distance, one, other in sorted((error(one, other), one, other) for one in bare for other in free):
        if distance <= CLOSE_ENOUGH and one not in near and other not in near.values():
            near[one] = other
    wrong = {one: other for one, other in named.items() if error(one, other) > CLOSE_ENOUGH}
    nameless = {one: other for one, other in near.items() if _label(truth[other])}
    found = {one: other for one, other in (named | near).items() if one not in wrong and one not in nameless}
    missing = set(range(len(truth))) - {*named.values(), *near.values()}
    # A point with a right name and a wrong value is a miss, not an invention.
    invented = tuple(_name(point) for number, point in enumerate(read) if number not in named | near)
    lost, off, bare_ones = (
        tuple(_name(truth[number]) for number in sorted(some))
        for some in (missing, wrong.values(), nameless.values())
    )
    errors = tuple(error(one, other) for one, other in found.items())
    counts = len(truth), len(found)
    return Score(*counts, lost, off, bare_ones, invented, errors, tuple(read), tuple(truth))


def percent(share: float) -> str:
    """A share in whole percent, rounded so that only all of it is "100 %" and only nothing "0 %"."""
    whole = min(99, round(100 * share)) if share < 1 else max(100 + (share > 1), round(100 * share))
    return f"{whole} %" if whole or not share else "under 1 %"


def listed(names: Sequence[str]) -> str:
    """How many names there are, and which."""
    return f"{len(names)}: {', '.join(names)}" if names else "0"


def _places(points: Sequence[Point], whose: str, log_x: bool) -> list[tuple[float, ...]]:
    places: list[tuple[float, ...]] = []
    for point in points:
        if not isinstance(point, Mapping):
            raise ScoreError(f"A point in {whose} is not a mapping with label, x and y: {point!r}.")
        values: list[Any] = [point.get("y")] if point.get("x") is None else [point.get("y"), point["x"]]
        for value in values:
            if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
                said = f"has {value!r} where a number should be: {dict(point)!r}."
                raise ScoreError(f"A point in {whose} {said}")
        if log_x and len(values) == 2:
            if values[1] <= 0:
                raise ScoreError(f"A log axis has no place for {values[1]!r}, in {whose}.")
            values[1] = math.log10(values[1])
        places.append(tuple(values))
    if len({len(place) for place in places}) > 1:
        raise ScoreError(f"In {whose} some points have an x value and some have none.")
    return places


def _name_pairs(read: Sequence[Point], truth: Sequence[Point]) -> dict[int, int]:
    """Numbers of the read points that carry the label of a true point, each true point taken once."""
    true_numbers: dict[str, int] = {}
    for number, point in enumerate(truth):
        true_numbers.setdefault(_label(point), number)
    true_numbers.pop("", None)
    matches = ((number, true_numbers.pop(_label(point), None)) for number, point in enumerate(read))
    return {number: match for number, match in matches if match is not None}


def _label(point: Point) -> str:
    """A label as it is compared: without capitals and spaces, a number by its value; empty where there is none."""
    flat = "".join(str("" if point.get("label") is None else point["label"]).casefold().split())
    return f"{float(flat):.12g}" if re.fullmatch(r"-?\d+(\.\d+)?", flat) else flat


def _name(point: Point) -> str:
    if _label(point):
        return str(point["label"])
    return f"y = {point['y']:.3g}" if point.get("x") is None else f"({point['x']:.3g}, {point['y']:.3g})"


def _off(error: float) -> str:
    """An error in percent; what is not zero is not called so."""
    return "0 %" if not error else "under 0.1 %" if error < 0.001 else f"{100 * error:.1f} %"
