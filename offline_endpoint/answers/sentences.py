"""Clauses and sentences that several kinds of charts share: how a line runs, what is highest and lowest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from offline_endpoint.answers.figures import Value, Words, agreeing, joined, points_of, y_of
from offline_endpoint.answers.relations import turning_points
from offline_endpoint.reading.chart.data import Chart, Series

LISTED = 6  # names in a list at most
# Share of a line's range below which its two ends count as equally high.
_NO_CHANGE = 0.1


def course(words: Words, series: Series, name: str) -> str:
    """How a line runs: from where to where, and where it turns. A clause that begins with the name."""
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
    turns = turning_points(ys)
    if len(turns) > 3:
        return f"{whole}, with {len(turns)} turning points on the way"
    if turns:
        peaks = (f"{'a peak' if ys[i] >= ys[i + 1] else 'a low'} of {at(words, points[i])}" for i in turns)
        return f"{whole}, with {joined(peaks)} on the way"
    steps = [after - before for before, after in pairwise(ys)]
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
    return (
        f"{before}{'the' if before else 'The'} highest value is {high} ({there}), the lowest {low} ({here})."
    )


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
