"""What figures say about each other: ranks, rises and falls, turning points, pairs that go against the rule."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np

from offline_endpoint.answers.figures import Value

_TURN = 0.15
"""Share of the range that a line has to go back for a turning point; less counts as wobble."""
_YEAR = re.compile(r"(\d{2}|\d{4})(?:[/\u2013-]\d{2,4})?")
_APART = 0.05
"""Share of the range by which a value has to beat another to be worth naming."""
_CALENDAR = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "mon tue wed thu fri sat sun",
    "spr sum aut win",
    "q1 q2 q3 q4",
)
_CLEARLY_SMALLER = 0.15
"""Share of the x axis's range (of its logarithm on a log axis) between two points that differ clearly in x."""


def rank_correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Spearman's rank correlation, -1 to 1, ties given their mean rank; None where x or y does not vary."""
    ranked_x, ranked_y = _ranks(xs), _ranks(ys)
    if np.ptp(ranked_x) == 0 or np.ptp(ranked_y) == 0:
        return None
    # Rounded, so that the words chosen by it do not hang on the last bit.
    return round(float(np.corrcoef(ranked_x, ranked_y)[0, 1]), 6)


def _ranks(numbers: Sequence[float]) -> np.ndarray:
    array = np.asarray(numbers, dtype=float)
    below = np.sum(array[:, None] > array, axis=1)
    return np.asarray(below + (np.sum(array[:, None] == array, axis=1) - 1) / 2)


def turning_points(ys: Sequence[float]) -> list[int]:
    """Indices where a line turns from rising to falling or back by at least `_TURN` of its range."""
    wobble = _TURN * (max(ys) - min(ys))
    turns: list[int] = []
    low = high = 0
    direction = 0
    for i, y in enumerate(ys):
        if y > ys[high]:
            high = i
        if y < ys[low]:
            low = i
        if direction >= 0 and y < ys[high] - wobble:
            turns += [high] * (direction > 0)
            direction, low = -1, i
        elif direction <= 0 and y > ys[low] + wobble:
            turns += [low] * (direction < 0)
            direction, high = 1, i
        if direction > 0:
            low = i
        elif direction < 0:
            high = i
    return turns


def exceptions(points: Sequence[Value], log_x: bool, rises: bool, most: int = 3) -> list[tuple[Value, Value]]:
    """Labeled pairs (higher, lower) that go against a relation, the most striking first, each point named once.

    Points without x or label are passed over. Where the relation rises with x, `higher` has the smaller x.
    """
    known = [each for each in points if each.point.x is not None and each.point.label]
    if log_x:
        known = [each for each in known if each.x > 0]
    if len(known) < 3:
        return []
    xs = np.array([each.x for each in known], dtype=float)
    xs = np.log(xs) if log_x else xs
    ys = np.array([each.y for each in known])
    if np.ptp(xs) == 0 or np.ptp(ys) == 0:
        return []
    xs, ys = xs / np.ptp(xs), ys / np.ptp(ys)
    pairs = []
    for i, j in itertools.permutations(range(len(known)), 2):
        ahead, above = (xs[j] - xs[i]) * (1 if rises else -1), ys[i] - ys[j]
        if ahead >= _CLEARLY_SMALLER and above >= _APART:
            # Rounded, so that the order of near ties does not hang on the last bits of a figure read from pixels.
            pairs.append((round(ahead * above, 2), -i, -j))
    named: set[int] = set()
    chosen: list[tuple[Value, Value]] = []
    for _, i, j in sorted(pairs, reverse=True):
        if -i not in named and -j not in named and len(chosen) < most:
            named |= {-i, -j}
            chosen.append((known[-i], known[-j]))
    return chosen


def in_time_order(labels: Sequence[str | None]) -> bool:
    """Whether at least three labels are months, weekdays, quarters or years in their order."""
    plain = [label.strip(" *.'\u2018\u2019") for label in labels if label is not None]
    if len(plain) < max(3, len(labels)):
        return False
    years = [found[1] for found in map(_YEAR.fullmatch, plain) if found]
    if len(years) == len(plain) and len({len(year) for year in years}) == 1:
        # '98 and '99 come before '00.
        numbers = [int(year) + (100 if len(year) == 2 and int(year) < 50 else 0) for year in years]
        return numbers == sorted(numbers)
    short = [label.lower()[:3] for label in plain]
    for names in _CALENDAR:
        order = names.split()
        places = [order.index(name) if name in order else -1 for name in short]
        if min(places) >= 0:
            # A year or a week may begin anywhere in the chart, and runs on from its last name to its first.
            return all((b - a) % len(order) == 1 for a, b in itertools.pairwise(places))
    return False
