"""Clauses and sentences that several kinds of charts share: how a line runs, what is highest and lowest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from offline_endpoint.answers.figures import Value, Words, agreeing, joined, points_of
from offline_endpoint.answers.relations import turning_points
from offline_endpoint.reading.chart.data import Chart, Series

LISTED = 6
"""Names in a list at most."""
_NO_CHANGE = 0.1
"""Share of a line's range below which its two ends count as equally high."""


def course(words: Words, series: Series, name: str) -> str:
    """How a line runs: from where to where, and where it turns. A clause that begins with the name."""
    points = points_of(series)
    first, last = points[0], points[-1]
    if len(points) == 1:
        return f"{name} is a single point, {at(words, first)}"
    ys = [each.y for each in points]
    if max(ys) == min(ys):
        return f"{name} {_plural_only(words, name, 'stays')} at {words.value(first)} throughout"
    ends = f"from {at(words, first)} to {at(words, last)}"
    change = last.y - first.y
    if abs(change) < _NO_CHANGE * (max(ys) - min(ys)):
        whole = f"{name} {_plural_only(words, name, 'ends')} about level, {ends}"
    else:
        whole = f"{name} {_plural_only(words, name, 'rises' if change > 0 else 'falls')} {ends}"
    turns = turning_points(ys)
    if len(turns) > 3:
        return f"{whole}, with {len(turns)} turning points on the way"
    if turns:
        peaks = (f"{'a peak' if ys[i] >= ys[i + 1] else 'a low'} of {at(words, points[i])}" for i in turns)
        return f"{whole}, with {joined(peaks)} on the way"
    steps = [after - before for before, after in pairwise(ys)]
    return whole + (
        ", without turning back" if min(steps) >= 0 or max(steps) <= 0 else ", with small ups and downs"
    )


def extremes(words: Words, points: Sequence[Value], name: str = "") -> str:
    """A sentence that names the highest and the lowest value, and what was measured where a name is given."""
    high, low = max(points, key=y_of), min(points, key=y_of)
    before = f"{name}: " if name else ""
    if high.point.label and low.point.label:
        highest, lowest = (_all_at(words, points, each) for each in (high, low))
        top = f"{joined(highest)} {'is' if len(highest) == 1 else 'are'} highest at {words.value(high)}"
        return f"{before}{top}, {joined(lowest)} lowest at {words.value(low)}."
    the = "the" if before else "The"
    return f"{before}{the} highest value is {at(words, high)}, the lowest {at(words, low)}."


def called(chart: Chart) -> str:
    """`bar chart`, `table`."""
    return chart.kind if chart.kind == "table" else f"{chart.kind} chart"


def kind_of(chart: Chart) -> str:
    """`a bar chart`, `a table`."""
    return f"a {called(chart)}"


def at(words: Words, value: Value) -> str:
    """A value with its place in brackets."""
    return f"{words.value(value)} ({words.place(value, in_brackets=True)})"


def _all_at(words: Words, points: Sequence[Value], like: Value) -> list[str]:
    # As exact as figures are told: two bars of about 840 are both the highest.
    places = [words.place(each) for each in points if words.value(each) == words.value(like)]
    return places if len(places) <= LISTED else [*places[:LISTED], f"{len(places) - LISTED} more"]


def _plural_only(words: Words, name: str, verb: str) -> str:
    # Only what an axis measures can be a plural; a line's own name, such as Texas, is a single thing.
    return agreeing(verb, name) if name == words.y_name else verb


def y_of(value: Value) -> float:
    """The value on the value axis."""
    return value.y


def two_digits(number: float) -> str:
    """A number in two digits, without an exponent where it can be."""
    text = f"{float(f'{number:.2g}'):,.10f}".rstrip("0").rstrip(".")
    return text if text != "0" else f"{number:.2g}"
