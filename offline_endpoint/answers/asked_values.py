"""The values that a question about a chart is about, and how they are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from offline_endpoint.answers.chart_questions import COUNT, COUNTS, DOWN, UP, Question, topic_of
from offline_endpoint.answers.figures import (
    NamelessError,
    Value,
    Words,
    counted,
    joined,
    mid_sentence,
    noun_of,
)
from offline_endpoint.answers.sentences import in_time_order
from offline_endpoint.reading.chart.data import Chart

LISTED = 12  # values that a reply lists at most
_TAKEN = 6  # values that a sum or an average names one by one at most
_ON_EITHER_AXIS = {"filter", "average", "median", "range", "highest", "lowest", "extremes", "ranking", "sum"}


class AskedValues:
    """The values of a chart that a question takes together: those of the names and the time that it gives.

    Where `on_x` is true, the figures asked for are those of the x axis: `Which model has the largest size?`. Where
    `weighs_measures` is, one measure is weighed against the other: `the best quality for the smallest size`. Where
    `asks_labels` is, labels are numbers that the question speaks of: `more than 2 siblings`.
    """

    def __init__(self, chart: Chart, asked: Question) -> None:
        self.chart, self.asked, self.words = chart, asked, Words(chart)
        self.text = asked.text
        self.series = [each.name for each in chart.series if each.name in asked.names]
        self.labels = [name for name in asked.names if name not in self.series]
        self.span = self._span()
        self.scope = self._scope()
        measures = self._measures() if asked.kind in _ON_EITHER_AXIS else (False, False)
        self.on_x, self.weighs_measures = measures == (True, False), all(measures)
        said, numbers = topic_of(self.text), [self.words.label(value) or "" for value in self.scope]
        self.asks_labels = all(map(str.isdecimal, numbers)) and bool(said & topic_of(chart.x_label))
        self.names_measure = bool(said & topic_of(chart.y_label))

    def _says(self, pattern: str) -> bool:
        return re.search(rf"\b(?:{pattern})\b", self.text) is not None

    def _span(self) -> list[str] | None:
        """The labels of a stretch of time that the question names: `from 2010 to 2015`, `since 2012`."""
        labels = list(dict.fromkeys(self.words.label(value) or "" for value in self.words.values))
        if not in_time_order(labels) and not in_time_order(labels[::-1]):
            return None
        ends = [labels.index(name) for name in self.labels if name in labels]
        between = r"\b(?:from|between)\b.*[\ue000-\uf8ff]\W*(?:to|and|until|till|through|-)\b"
        if len(ends) == 2 and re.search(between, self.text):
            return labels[min(ends) : max(ends) + 1]
        found = re.search(r"\b(since|after|before|until|till)\b(?: the year)? *[\ue000-\uf8ff]", self.text)
        if len(ends) != 1 or not found:
            return None
        at, forward = ends[0], labels[0] < labels[-1] or not labels[0].isdecimal()
        later = found[1] in ("since", "after")
        kept = labels[at:] if later == forward else labels[: at + 1]
        return [label for label in kept if label != labels[at] or found[1] not in ("after", "before")]

    def _needs_span(self) -> bool:
        """Whether the question speaks of a stretch, so that its two ends alone would answer another question."""
        if self._says("since|after|before|until|till|through"):
            return self.asked.kind != "difference"
        stretch = r"\b(?:from|between)\b[^\ue000-\uf8ff]*[\ue000-\uf8ff] *(?:to|and)"
        return self.asked.kind not in ("difference", "ratio", "trend") and bool(re.search(stretch, self.text))

    def _scope(self) -> list[Value]:
        """The values that the question is about: those of the series and labels it names, or all."""
        # A lone series has no name in `Value`, so its name excludes nothing.
        chosen = self.series if len(self.chart.series) > 1 else []
        labels = self.labels if self.span is None or self.asked.kind == "difference" else self.span or [""]
        return [
            value
            for value in self.words.values
            if (not chosen or value.series in chosen) and (not labels or self.words.label(value) in labels)
        ]

    def _measures(self) -> tuple[bool, bool]:
        """Whether the question names what the x axis measures and what the y axis does."""
        if any(value.point.x is None for value in self.scope) or self.chart.x_scale == "date":
            return False, False
        sides = ((self.words.x_name, self.words.x_unit), (self.words.y_name, self.words.y_unit))
        x, y = (topic_of(f"{name or ''} {unit}") for name, unit in sides)
        said = topic_of(self.text)
        if "size" in x and "size" not in y and said & {"largest", "smallest", "biggest"}:
            said.add("size")
        return bool(said & (x - y)), bool(said & (y - x))

    def _read(self, value: Value) -> float:
        return value.x if self.on_x else value.y

    def _say(self, number: float, of: Sequence[Value]) -> str:
        estimated = any(value.point.estimated for value in of)
        return self.words.x(number, estimated) if self.on_x else self.words.y(number, estimated)

    def _said(self, value: Value) -> str:
        return self._say(self._read(value), [value])

    def _named(self, value: Value) -> str:
        return f"{self._place(value)} ({self._said(value)})"

    def _place(self, value: Value) -> str:
        if not self.words.has_name(value):
            raise NamelessError
        return self.words.place(value)

    def _noun(self, number: int) -> str:
        return counted(number, noun_of(self.chart))

    def _those(self, scope: Sequence[Value]) -> str:
        """What was taken together: a few values by name and value, or how many of what."""
        if 1 < len(scope) <= _TAKEN and all(map(self.words.has_name, scope)):
            return joined(map(self._named, scope))
        of = f" of {joined(self.series)}" if self.series and len(self.chart.series) > 1 else ""
        if self.span:
            of += f" from {self.span[0]} to {self.span[-1]}" if len(self.span) > 1 else f" at {self.span[0]}"
        elif self.labels:
            of += f" at {joined(self.labels)}"
        return f"{self._noun(len(scope))}{of}"

    def _what(self) -> str:
        name = self.words.x_name if self.on_x else self.words.y_name
        return mid_sentence(name) if name else "share" if self.chart.kind == "pie" else "value"

    def _is_a_time(self, limit: float) -> bool:
        """Whether a limit is a year of the chart's time axis: `after 2010` is not asked of the values."""
        labels = " ".join(self.words.label(value) or "" for value in self.words.values)
        return 1500 <= limit <= 2200 and bool(re.search(r"(?<!\d)(?:1[5-9]|2[01])\d\d(?!\d)", labels))

    def _few(self) -> tuple[int, bool] | None:
        """How many of the values are asked for and whether from below: `top 2`, `the three lowest`."""
        before = re.search(rf"\b(?P<word>top|bottom|{UP}|{DOWN}) (?P<many>{COUNT})\b", self.text)
        found = before or re.search(rf"\b(?P<many>{COUNT}) (?P<word>{UP}|{DOWN})\b", self.text)
        if not found:
            return None
        is_low = re.fullmatch(f"bottom|{DOWN}", found["word"]) is not None
        return COUNTS.get(found["many"]) or int(found["many"]), is_low

    def _in_order(self, from_below: bool) -> list[Value]:
        return sorted(self.scope, key=lambda value: self._read(value) * (1 if from_below else -1))

    def _mean(self, taken: Sequence[Value], of: Callable[..., Any] = np.mean) -> float:
        """An average, with two digits more than the values have."""
        numbers = [self._read(value) for value in taken]
        places = max(len(f"{number:.6f}".rstrip("0").partition(".")[2]) for number in numbers)
        return round(float(of(numbers)), places + 2)

    def _taken(self) -> list[Value] | None:
        """The values that a sum or an average is over; None where there are not as many as asked for."""
        few = self._few()
        if few:
            return self._in_order(few[1])[: few[0]] if few[0] <= len(self.scope) else None
        if self._says(UP) and self._says(DOWN):
            order = self._in_order(from_below=False)
            return [order[0], order[-1]]
        return self.scope
