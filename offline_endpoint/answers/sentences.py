"""Sentences that several kinds of charts share: how a line runs, what is highest, how y goes with x over points."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np

from offline_endpoint.answers.figures import (
    Value,
    Words,
    agreeing,
    counted,
    joined,
    mid_sentence,
    points_of,
    y_of,
)
from offline_endpoint.answers.names import CALENDAR
from offline_endpoint.reading.chart.data import Chart, Series

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


LISTED = 6  # names in a list at most
# Share of a line's range below which its two ends count as equally high.
_NO_CHANGE = 0.1


def course(words: Words, series: Series, name: str, brief: bool = False) -> str:
    """How a line runs: from where to where, and where it turns. A clause that begins with the name.

    Where it is to be brief, turns are told only of a line that ends as high as it began.
    """
    points = points_of(series)
    first, last = points[0], points[-1]

    def does(verb: str) -> str:
        # Only what an axis measures can be a plural; a line's own name, such as Texas, is a single thing.
        return f"{name} {agreeing(verb, name) if name == words.y_name else verb}"

    if len(points) == 1:
        return f"{name} is a single point, {at(words, first)}"
    ys = [each.y for each in points]
    if max(ys) == min(ys):
        return f"{does('stays')} at {words.value(first)} throughout"
    change = last.y - first.y
    ends = f"from {at(words, first)} to {at(words, last)}"
    if abs(change) < _NO_CHANGE * (max(ys) - min(ys)):
        whole = f"{does('ends')} about level, {ends}"
    else:
        whole = f"{does('rises' if change > 0 else 'falls')} {ends}"
        if brief:
            return whole
    turns = turning_points(ys)
    if len(turns) > 3:
        return f"{whole}, with several turning points on the way"
    if turns:
        peaks = (f"{'a peak' if ys[i] >= ys[i + 1] else 'a low'} of {at(words, points[i])}" for i in turns)
        return f"{whole}, with {joined(peaks)} on the way"
    steps = [after - before for before, after in itertools.pairwise(ys)]
    is_straight = min(steps) >= 0 or max(steps) <= 0
    return f"{whole}, {'without turning back' if is_straight else 'with small ups and downs'}"


def extremes(words: Words, points: Sequence[Value], name: str = "") -> str:
    """A sentence that names the highest and the lowest value, and what was measured where a name is given."""
    before = f"{name}: " if name else ""
    ends = [pick(points, key=y_of) for pick in (max, min)]
    # As exact as figures are told: two bars of about 840 are both the highest.
    top, bottom = ([each for each in points if words.value(each) == words.value(end)] for end in ends)
    high, low = map(words.value, ends)
    if all(each.point.label for each in ends):
        highest, lowest = (joined(map(words.place, alike), most=LISTED) for alike in (top, bottom))
        return f"{before}{highest} {'is' if len(top) == 1 else 'are'} highest at {high}, {lowest} lowest at {low}."
    there, here = (
        "; ".join(words.place(each, in_brackets=True) for each in alike)
        if len(alike) < 4
        else f"{len(alike)} points"
        for alike in (top, bottom)
    )
    the = "the" if before else "The"
    return f"{before}{the} highest value is {high} ({there}), the lowest {low} ({here})."


def called(chart: Chart) -> str:
    """`bar chart`, `table`."""
    return chart.kind if chart.kind == "table" else f"{chart.kind} chart"


def kind_of(chart: Chart, untitled: str = "") -> str:
    """`a bar chart titled "Visitors"`, `a table`; `untitled` stands where there is no title."""
    return f"a {called(chart)}" + (f' titled "{chart.title}"' if chart.title else untitled)


def at(words: Words, value: Value) -> str:
    """A value with its place in brackets."""
    return f"{words.value(value)} ({words.place(value, in_brackets=True)})"


def two_digits(number: float) -> str:
    """A number in two digits, without an exponent where it can be."""
    text = f"{float(f'{number:.2g}'):,.10f}".rstrip("0").rstrip(".")
    return text if text != "0" else f"{number:.2g}"


def relation(words: Words, points: Sequence[Value]) -> list[str]:
    """How y goes with x over some points, in a sentence; then how closely, where that can be told."""
    strength = _strength(points)
    x_name, y_name = words.x_name_inside, words.y_name_inside
    if strength is None:
        why = f"With {counted(len(points), 'point')}"
        if len(points) > 2:
            same = x_name if len({each.point.x for each in points}) == 1 else y_name
            why = f"All points have the same {same}, so"
        return [f"{why} no relation between {x_name} and {y_name} can be told."]
    closeness = (
        f"How closely the two go together: {strength:.2f} over {counted(len(points), 'point')}, where 1 or -1 is "
        "without exception and 0 is not at all."
    )
    way = "rise" if strength > 0 else "fall"
    ways = agreeing(f"{way}s", y_name)
    tends = f"{agreeing('tends', y_name)} to {way}"
    manners = {0.9: f"clearly {ways}", 0.7: f"mostly {ways}", 0.4: tends, 0.2: f"{ways} slightly"}
    manner = next((manner for least, manner in manners.items() if abs(strength) >= least), None)
    if manner is None:
        return [f"There is no clear relation between {x_name} and {y_name}.", closeness]
    return [f"As {x_name} {agreeing('grows', x_name)}, {y_name} {manner}.", closeness]


def relations(words: Words, several: Sequence[Series]) -> list[str]:
    """The same for each series that has a name, without how closely."""
    return [f"{s.name}: {mid_sentence(relation(words, points_of(s))[0])}" for s in several if s.name]


def _strength(points: Sequence[Value]) -> float | None:
    """Rank correlation of three points or more that have an x; None where there is none."""
    if len(points) < 3 or any(each.point.x is None for each in points):
        return None
    return rank_correlation([each.x for each in points], [each.y for each in points])


def cloud(words: Words) -> list[str]:
    """The sentences of a conclusion on a scatter chart."""
    chart, points = words.chart, words.values
    if len(chart.series) > 1:
        return [*relations(words, chart.series[:3]), extremes(words, points)]
    sentence, *closeness = relation(words, points)
    sentences = [sentence, extremes(words, points)]
    strength = _strength(points)
    if strength is None or abs(strength) < 0.2:
        return sentences + closeness
    against = exceptions(points, chart.x_scale == "log", rises=strength > 0)
    if against:
        sentences.append(_against(words, against))
    elif not any(value.point.label for value in points):
        sentences += _slope(words, points, strength)
    return sentences + closeness


def _against(words: Words, pairs: Sequence[tuple[Value, Value]]) -> str:
    def named(value: Value) -> str:
        return f"{value.point.label} ({words.x(value.x, value.point.estimated, unit=False)})"

    measured = (words.y_name or "").lower()
    scored = any(word in measured for word in ("score", "quality", "accuracy", "grade"))
    verbs = ["scores higher than" if scored else "lies higher than", *["higher than"] * (len(pairs) - 1)]
    clauses = [f"{named(high)} {verb} {named(low)}" for verb, (high, low) in zip(verbs, pairs, strict=True)]
    measure = f"{words.x_name_inside} in {words.x_unit}" if words.x_unit else words.x_name_inside
    return f"Exceptions (in brackets: {measure}): {joined(clauses)}."


def _slope(words: Words, points: Sequence[Value], strength: float) -> list[str]:
    is_linear = words.chart.x_scale == words.chart.y_scale == "linear"
    if abs(strength) < 0.7 or not is_linear or not words.x_unit:
        return []
    slope = float(np.polyfit([each.x for each in points], [each.y for each in points], 1)[0])
    if slope * strength <= 0:
        return []
    unit = f" {words.y_unit}" if words.y_unit else ""
    return [
        f"On a straight line through the points, {words.y_name_inside} {'rises' if slope > 0 else 'falls'} by about "
        f"{two_digits(abs(slope))}{unit} for each 1 {words.x_unit}."
    ]
