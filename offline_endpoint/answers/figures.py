"""Names and figures of a chart in words: what an axis measures, its unit, and numbers as exact as they were read."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from offline_endpoint.reading.chart import KINDS
from offline_endpoint.reading.chart.data import Chart, Point, Series

_EPOCH = datetime.date(1970, 1, 1).toordinal()
_SCALES = {"percent": "%", "thousands": "thousand", "millions": "million", "billions": "billion"}
_IN_SCALE = re.compile(r"(.*\S),? in ((?:thousand|million|billion)s?(?: \S+){0,3}|percent|%)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"(.*\S)\s*[(\[]([^()\[\]]+)[)\]]")
_CUT = re.compile(r"^of\b|\bof$")
_NO_UNIT = re.compile(r"\b(?:scale|log|logarithmic|linear)\b|=")
_YEARS = (1500, 2200)
_ABOUT_TIME = re.compile(r"\b(?:years?|date|time|season)\b", re.IGNORECASE)


class NamelessError(ValueError):
    """A sentence would have to call something by a name that was not read."""


@dataclass(frozen=True)
class Value:
    """A point with the name of its series; None where there is one series only or it has no name."""

    series: str | None
    point: Point

    @property
    def x(self) -> float:
        """The value on the x axis, which only points of charts with numbers on both axes have."""
        assert self.point.x is not None
        return self.point.x

    @property
    def y(self) -> float:
        """The value on the value axis."""
        return self.point.y


y_of = attrgetter("y")


def noun_of(chart: Chart) -> str:
    """What one value of a chart is called."""
    return KINDS[chart.kind].mark if chart.kind in KINDS else "value"


def points_of(series: Series) -> list[Value]:
    """The points of one series, called by their labels alone."""
    return [Value(None, point) for point in series.points]


def joined(parts: Iterable[str], joint: str = "and", most: int = 1000) -> str:
    """`a`, `a and b`, `a, b and c`; of more than `most` how many more there are, as a list cut short would be false."""
    parts = list(parts)
    *before, last = [*parts[:most], f"{len(parts) - most} more"] if len(parts) > most else parts
    return f"{', '.join(before)} {joint} {last}" if before else last


def counted(number: int, noun: str) -> str:
    """`1 bar`, `2 bars`, `2 series`."""
    return f"{number:,} {noun}" if number == 1 or noun == "series" else f"{number:,} {noun}s"


def mid_sentence(name: str) -> str:
    """A name as it stands inside a sentence: `Size` becomes `size`, `MMLU` and `CO2` stay."""
    rest = name.split(" ")[0][1:]
    return name[:1].lower() + name[1:] if rest.isalpha() and rest.islower() else name


def agreeing(verb: str, name: str) -> str:
    """`rises` after a name in the singular, `rise` after one in the plural such as `Visitors`."""
    # The noun stands before the first preposition or participle: visitors per day, cups sold, number of visitors.
    noun = re.split(r"\s(?:per|of|by|in|with|for|at|to|on|from|sold|made)\b", name.lower())[0]
    return verb[:-1] if re.search(r"(?<![sui])s$", noun) else verb


class Words:
    """How one chart's names and figures are worded; its `values` are all its points, series by series.

    Figures measured in pixels carry `about` and are rounded to a power of ten between 0.2 % and 2 % of the range
    that the values span (on a logarithmic axis to two digits): finer digits would only repeat where a pixel lies.
    Printed figures stay as they are.
    """

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        # The name of a lone series tells nothing apart.
        alone = len(chart.series) == 1
        self.values = [Value(None if alone else s.name, point) for s in chart.series for point in s.points]
        self.x_name, self.x_unit = _name_and_unit(chart.x_label)
        self.y_name, self.y_unit = _name_and_unit(chart.y_label)
        self.y_unit = "%" if chart.percent else self.y_unit or chart.unit or ""
        self.x_name_inside = mid_sentence(self.x_name or "x")
        self.y_name_inside = mid_sentence(self.y_name or "y")
        starts_at_zero = chart.kind in KINDS and KINDS[chart.kind].starts_at_zero
        ys = [value.y for value in self.values] + ([0.0] if starts_at_zero else [])
        xs = [value.x for value in self.values if value.point.x is not None]
        self._y_step = None if chart.y_scale == "log" else _step(ys)
        self._x_step = None if chart.x_scale == "log" else _step(xs)
        self._dates = [_date(x) for x in xs] if chart.x_scale == "date" else []
        in_range = chart.x_scale == "linear" and bool(xs) and _YEARS[0] <= min(xs) <= max(xs) <= _YEARS[1]
        self._in_years = in_range and (not chart.x_label or bool(_ABOUT_TIME.search(chart.x_label)))
        # How many values have no name by which a sentence could call them.
        self.nameless = sum(not self.has_name(value) for value in self.values)

    def misread(self) -> str | None:
        """What tells that names or places, though all are there, cannot be right; None where nothing does."""
        labels = [value.point.label for value in self.values if value.point.label]
        starts = {bool(re.match("[a-z](?![A-Z])", label)) for label in labels}  # `iPhone` is whole
        if self.chart.kind == "pie" and len(starts) > 1:
            return "Some of the names begin in the middle."
        if all(len(label) == 1 for label in labels) and len({label.isdecimal() for label in labels}) > 1:
            return "Some of the names may be digits or letters."
        has_places = self.chart.kind == "line" and self.chart.x_scale == "linear"
        for series in self.chart.series if has_places else ():
            xs = [point.x for point in series.points if point.x is not None]
            steps = [b - a for a, b in pairwise(sorted(xs))]
            off = sum(0.2 < x % 1 < 0.8 for x in xs) if self._in_years else 0
            if len(steps) > 3 and 0.8 < min(steps) <= max(steps) < 1.2 and off > len(xs) / 2:
                return "The years stand between whole ones."
        return None

    def number(self, y: float, estimated: bool) -> str:
        """A value of the value axis with its unit and without `about`."""
        return _with_unit(_number(y, self._y_step, estimated), self.y_unit)

    def y(self, y: float, estimated: bool) -> str:
        """A value of the value axis: `about 79.6%`, `about 12 minutes`, `34%`."""
        return _about(estimated) + self.number(y, estimated)

    def total(self, of: Sequence[Value]) -> str:
        """The sum of some values; a sum of measured values has three digits at most that can be trusted."""
        total = sum(value.y for value in of)
        if not any(value.point.estimated for value in of):
            return self.y(total, estimated=False)
        return f"about {self.number(float(f'{total:.3g}'), estimated=True)}"

    def gap(self, y: float, estimated: bool) -> str:
        """A difference between two values; between two percentages it is one of percentage points."""
        if self.y_unit != "%":
            return self.y(y, estimated)
        points = _number(y, self._y_step, estimated)
        return f"{_about(estimated)}{points} percentage point{'s' * (points != '1')}"

    def times(self, high: Value, low: Value) -> str | None:
        """How many times as high one value is; None where the lower is not above zero as far as pixels tell."""
        # Of a bar of two pixels one more is half as much again.
        least = max(self._y_step or 0.0, high.y / 30) if low.point.estimated else 0.0
        if low.y <= 0 or low.y < least:
            return None
        text = f"{float(f'{high.y / low.y:.2g}'):,.10f}".rstrip("0").rstrip(".")
        return f"about {text} times as high"

    def value(self, value: Value) -> str:
        """The value of a point."""
        return self.y(value.y, value.point.estimated)

    def x(self, x: float, estimated: bool, unit: bool = True) -> str:
        """A value of the x axis: `about 7 billion parameters`, a date as `March 2021`, a year as `1998`."""
        if self.chart.x_scale == "date":
            return self._as_date(_date(x))
        if self._in_years:
            return f"{x:.0f}" if abs(x - round(x)) < 0.2 else f"{x:.1f}"
        text = _number(x, self._x_step, estimated)
        return _about(estimated) + (_with_unit(text, self.x_unit) if unit else text)

    def has_name(self, value: Value) -> bool:
        """Whether a sentence can call one of `values` by a name or a place, its series included."""
        named = bool(value.series) or len(self.chart.series) == 1
        return named and bool(value.point.label or value.point.x is not None)

    def label(self, value: Value) -> str | None:
        """What a question may call a point: its label, or its year or date."""
        x = value.point.x
        if value.point.label or x is None or not (self._in_years or self._dates):
            return value.point.label
        return self.x(x, value.point.estimated)

    def place(self, value: Value, in_brackets: bool = False) -> str:
        """What a point is called: its label, or where it stands on the x axis, and its series where there are more.

        Raises:
            NamelessError: nothing tells the point from others.
        """
        point, where = value.point, self.label(value)
        if where is None and point.x is None:
            raise NamelessError
        where = where or f"{self.x_name_inside} {self.x(point.x or 0.0, point.estimated)}"
        if value.series:
            return f"{value.series}, {where}" if in_brackets else f"{value.series} ({where})"
        return where

    def named(self, value: Value) -> str:
        """A point and its value: `Bus (22%)`."""
        return f"{self.place(value)} ({self.value(value)})"

    def _as_date(self, day: datetime.date) -> str:
        if all(each.month == each.day == 1 for each in self._dates):
            return str(day.year)
        if all(each.day == 1 for each in self._dates):
            return f"{day:%B} {day.year}"
        return day.isoformat()


def _about(estimated: bool) -> str:
    return "about " if estimated else ""


def _name_and_unit(label: str | None) -> tuple[str | None, str]:
    """Part `Size (billion parameters, log scale)` into `Size` and `billion parameters`."""
    if not label:
        return None, ""
    label = label.strip()
    if _CUT.search(label):
        return None, ""
    found = _IN_BRACKETS.fullmatch(label) or _IN_SCALE.fullmatch(label)
    if not found:
        return label, ""
    parts = [part.strip() for part in found[2].split(",")]
    parts = [part for part in parts if part and not _NO_UNIT.search(part)]
    unit = parts[-1] if parts else ""
    if unit in ("x", "y", "z", "n", "i", "j", "u", "v"):
        return label, ""  # sin (x)
    return found[1], _SCALES.get(unit.lower().removeprefix("in "), unit)


def _date(days: float) -> datetime.date:
    last = datetime.date.max.toordinal()
    return datetime.date.fromordinal(min(max(round(days) + _EPOCH, 1), last))


def _step(numbers: Sequence[float]) -> float:
    spread = max(numbers, default=0.0) - min(numbers, default=0.0) or abs(max(numbers, default=0.0)) or 1.0
    return 10.0 ** math.ceil(math.log10(max(spread / 500, 1e-300)))


def _number(number: float, step: float | None, estimated: bool) -> str:
    """A number in digits: as printed, or rounded to `step`, or to two digits where there is no step."""
    if number and not 1e-4 <= abs(number) < 1e12:
        return f"{number:.2g}" if estimated else f"{number:.10g}"
    places = 10
    if estimated:
        size = math.floor(math.log10(abs(number))) - 1 if step is None and number else 0
        places = -(size if step is None else round(math.log10(step)))
    text = f"{round(number, places):,.{max(places, 0)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _with_unit(text: str, unit: str) -> str:
    if unit in ("$", "€", "£"):
        return f"-{unit}{text[1:]}" if text.startswith("-") else unit + text
    return text + ("" if unit in ("", "%", "k", "M", "B", "bn") else " ") + unit
