"""What figures say about each other: ranks, rises and falls, turning points, pairs that go against the rule."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np

from offline_endpoint.answers.figures import Value
from offline_endpoint.answers.names import CALENDAR

# Share of the range that a line has to go back for a turning point; less counts as wobble.
_TURN = 0.15
# Share of the range by which a value has to beat another to be worth naming.
_APART = 0.05
# Share of the x axis's range (of its logarithm on a log axis) between two points that differ clearly in x.
_CLEARLY_SMALLER = 0.15
_YEAR = re.compile(r"(\d{2}|\d{4})(?:[/\u2013-]\d{2,4})?")


def rank_correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Spearman's rank correlation, -1 to 1, ties given their mean rank; None where x or y does not vary."""
    arrays = (np.asarray(numbers, dtype=float)[:, None] for numbers in (xs, ys))
    ranks = [(array > array.T).sum(axis=1) + (array == array.T).sum(axis=1) / 2 for array in arrays]
    if any(np.ptp(each) == 0 for each in ranks):
        return None
    # Rounded, so that the words chosen by it do not hang on the last bit.
    return round(float(np.corrcoef(*ranks)[0, 1]), 6)


def turning_points(ys: Sequence[float]) -> list[int]:
    """Indices where a line turns from rising to falling or back by at least `_TURN` of its range."""
    wobble = _TURN * (max(ys) - min(ys))
    turns: list[int] = []
    low = high = direction = 0
    for i, y in enumerate(ys):
        low, high = (i if y < ys[low] else low), (i if y > ys[high] else high)
        if direction >= 0 and y < ys[high] - wobble:
            turns += [high] * (direction > 0)
            direction, low = -1, i
        elif direction <= 0 and y > ys[low] + wobble:
            turns += [low] * (direction < 0)
            direction, high = 1, i
        # Only the far end of the way that it goes counts.
        low, high = (i if direction > 0 else low), (i if direction < 0 else high)
    return turns


def exceptions(points: Sequence[Value], log_x: bool, rises: bool, most: int = 3) -> list[tuple[Value, Value]]:
    """Labeled pairs (higher, lower) that go against a relation, the most striking first, each point named once.

    Points without x or label are passed over. Where the relation rises with x, `higher` has the smaller x.
    """
    known = [each for each in points if each.point.x is not None and each.point.label]
    known = [each for each in known if not log_x or each.x > 0]
    if len({each.x for each in known}) < 2 or len({each.y for each in known}) < 2 or len(known) < 3:
        return []
    xs, ys = np.array([each.x for each in known], dtype=float), np.array([each.y for each in known])
    xs = np.log(xs) if log_x else xs
    xs, ys = xs / np.ptp(xs), ys / np.ptp(ys)
    pairs = []
    for i, j in itertools.permutations(range(len(known)), 2):
        ahead, above = (xs[j] - xs[i]) * (1 if rises else -1), ys[i] - ys[j]
        if ahead >= _CLEARLY_SMALLER and above >= _APART:
            # Rounded, so that the order of near ties does not hang on the last bits of a figure read from pixels.
            pairs.append((-round(ahead * above, 2), i, j))
    named: set[int] = set()
    chosen: list[tuple[Value, Value]] = []
    for _, i, j in sorted(pairs):
        if named.isdisjoint((i, j)) and len(chosen) < most:
            named |= {i, j}
            chosen.append((known[i], known[j]))
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
    for names in CALENDAR:
        order = [name[:3] for name in names]
        places = [order.index(label.lower()[:3]) if label.lower()[:3] in order else -1 for label in plain]
        if min(places) >= 0:
            # A year or a week may begin anywhere in the chart, and runs on from its last name to its first.
            return all((b - a) % len(order) == 1 for a, b in itertools.pairwise(places))
    return False
