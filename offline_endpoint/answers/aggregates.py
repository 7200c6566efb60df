"""What a question about a chart is about, and answers that take those values together or hold them to a limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from offline_endpoint.answers.chart_questions import (
    AMOUNT,
    COUNT,
    COUNTS,
    DOWN,
    EQUAL,
    NTH,
    NUMBER,
    OVER,
    SCALE,
    UNDER,
    UP,
    Question,
    topic_of,
)
from offline_endpoint.answers.figures import (
    NamelessError,
    Value,
    Words,
    counted,
    joined,
    mid_sentence,
    noun_of,
)
from offline_endpoint.answers.names import is_collective
from offline_endpoint.answers.sentences import in_time_order
from offline_endpoint.reading.chart.data import Chart

LISTED = 12  # values that a reply lists at most
_TAKEN = 6  # values that a sum or an average names one by one at most
_OF_A_KIND = r"(?:which|what) (?!is|are|was|were|has|had|of)[a-z]+"
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


class Aggregates(AskedValues):
    """Replies over several values."""

    def _nth(self) -> str:
        return next((name for name in NTH if self._says(name)), "")

    def _extreme(self, pick: Callable[..., Any], word: str) -> str | None:
        ordinal = self._nth()
        # Values that are told alike share a rank: pixels do not tell them apart.
        ranked = sorted(self.scope, key=self._read, reverse=pick is max)
        levels = list(dict.fromkeys(map(self._said, ranked)))
        nth = NTH.get(ordinal, 1)
        if nth > len(levels):
            return f"There are only {self._noun(len(self.scope))}, so there is no such rank."
        level = levels[nth - 1]
        hits = [value for value in self.scope if self._said(value) == level]
        rank = f"{ordinal} {word}".strip()
        if not all(map(self.words.has_name, hits)):
            return f"The {rank} {self._what()} is {level}; I could not read what it belongs to."
        if any(is_collective(self.words.label(value)) for value in hits) and self._says(_OF_A_KIND):
            return None  # `Rest of the world` is no country
        places = joined(map(self._place, hits), most=LISTED)
        if not any(map(self.words.label, hits)):
            where = joined(map(self.words.value, hits), most=LISTED) if self.on_x else places
            return f"The {rank} {self._what()} is {level} ({where})."
        what = "" if self._what() in ("value", "share") else f" in {self._what()}"
        goes_for_all = len(self.chart.series) > 1 and not self.asked.names
        of = f"Of all {self._noun(len(self.scope))}, " if goes_for_all else ""
        return f"{of}{places} {'is' if len(hits) == 1 else 'are'} {rank}{what}, at {level}."

    def _highest(self) -> str | None:
        return self._best(max, "highest")

    def _lowest(self) -> str | None:
        return self._best(min, "lowest")

    def _best(self, pick: Callable[..., Any], word: str) -> str | None:
        if not self.asked.is_yes_no:
            is_stacked = self.chart.kind == "stacked bar" and len(self.chart.series) > 1
            if is_stacked and not self.series and len(self.labels) != 1:
                return None  # the tallest stack may be meant, or one of its parts
            by_size = self._says("most|least|smallest|largest|biggest|greatest")
            if by_size and pick(self.scope, key=self._read) != pick(
                self.scope, key=lambda v: abs(self._read(v))
            ):
                return None  # -4 is the lowest change, and not the smallest
            return None if len(self.scope) == 1 and self.labels else self._extreme(pick, word)
        if len(self.asked.names) != 1 or len(self.scope) != 1 or self._nth():
            return None
        (mine,), self.scope = self.scope, self.words.values
        best = self._extreme(pick, word)
        is_best = self._said(mine) == self._said(pick(self.scope, key=self._read))
        return best and f"{'Yes' if is_best else 'No'}: {best}"

    def _extremes(self) -> str | None:
        both = self._extreme(max, "highest"), self._extreme(min, "lowest")
        return " ".join(filter(None, both)) if all(both) else None

    def _ranking(self) -> str:
        number, from_below = self._few() or (len(self.scope), self._says("ascending"))
        shown = [self._named(value) for value in self._in_order(from_below)[: min(number, 40)]]
        return f"From the {'bottom' if from_below else 'top'}: {', '.join(shown)}."

    def _sum(self) -> str | None:
        taken = self._taken()
        if self.asked.is_yes_no or self.on_x or not taken:
            return None
        return f"Together, {self._those(taken)} make {self.words.total(taken)}."

    def _average(self) -> str | None:
        return self._middle("average", np.mean)

    def _median(self) -> str | None:
        return self._middle("median", np.median)

    def _middle(self, name: str, of: Callable[..., Any]) -> str | None:
        taken = self._taken()
        if self.asked.is_yes_no or not taken:
            return None
        middle = self._say(self._mean(taken, of), taken)
        return f"The {name} {self._what()} over {self._those(taken)} is {middle}."

    def _range(self) -> str:
        low, high = (pick(self.scope, key=self._read) for pick in (min, max))
        width = self._say(self._read(high) - self._read(low), [low, high])
        return f"The values run from {self._said(low)} to {self._said(high)}, a range of {width}."

    def _filter(self) -> str | None:
        if self.asks_labels:
            return None
        found = self._limits()
        if found is None:
            return None
        low, high, rule, scope = found
        edges = [edge for edge in (low, high) if np.isfinite(edge)]
        closed = bool(re.search(rf"\b(?:at (?:least|most)|between|{EQUAL})\b|[<>]=", self.text))
        told_edges = [self._bound(edge, True) for edge in edges]
        inside: list[Value] = []
        near: list[Value] = []
        for value in scope:
            number = self._read(value)
            if value.point.estimated and self._bound(number, True) in told_edges:
                (inside if low == high else near).append(value)
            elif low < number < high or (closed and number in edges):
                inside.append(value)
        if len(scope) == 1:
            if not self.asked.is_yes_no:
                return None
            if near:
                return f"{self._named(scope[0])} is too near the limit to tell from pixels."
            return f"{'Yes' if inside else 'No'}: {self._place(scope[0])} is at {self._said(scope[0])}."
        told = f"{len(inside) or 'None'} of {self._noun(len(scope))} {'is' if len(inside) == 1 else 'are'} {rule}"
        best = self._best_of(inside)
        if best:
            told += f"; of these, {best}"
        elif inside and all(map(self.words.has_name, inside)):
            more = f" and {len(inside) - LISTED} more" if len(inside) > LISTED else ""
            told += f": {', '.join(map(self._named, inside[:LISTED]))}{more}"
        if near:
            told += f". Too near the limit to tell from pixels: {joined(map(self._place, near), most=LISTED)}"
        return f"{told}."

    def _limits(self) -> tuple[float, float, str, list[Value]] | None:
        """Limits below and above, the rule in words, and the values it goes for."""
        rest, scope = self.text, self.scope
        between = re.search(rf"\bbetween\s+{NUMBER}\s*%?\s*and\s+{NUMBER}", rest)
        if between:
            low, high = sorted([self._amount(between[1], between[2]), self._amount(between[3], between[4])])
            return low, high, f"between {self._bound(low)} and {self._bound(high)}", scope
        over, under = (re.search(rf"\b(?:{words}){AMOUNT}", rest) for words in (OVER, UNDER))
        same = re.search(rf"\b{EQUAL}\s+{NUMBER}", rest)
        found = over or under or same or re.search(rf"[<>]=?\s*{NUMBER}", rest)
        above = bool(over) or (not under and ">" in rest) if found else self._says(OVER)
        if found:
            limit, mark = self._amount(found[1], found[2]), ""
            if self._is_a_time(limit) or self._is_of_other_axis(rest[found.end() :], self.on_x):
                return None
        elif self._says("average|mean"):
            limit, mark = self._mean(scope), "the average"
        elif len(self.asked.names) == 1 and len(self.labels) == len(scope) == 1:
            # Which models are higher than Llama 2 70B?
            limit, mark = self._read(scope[0]), self._place(scope[0])
            scope = [value for value in self.words.values if value != scope[0]]
        else:
            return None
        told = f"{mark} ({self._say(limit, self.scope)})" if mark else self._bound(limit)
        if same and not over and not under:
            return limit, limit, f"at {told}", scope
        ends = (limit, np.inf) if above else (-np.inf, limit)
        least = re.search(r"\bat (?:least|most)\b", rest)
        return *ends, f"{least[0] if least else 'above' if above else 'below'} {told}", scope

    def _is_of_other_axis(self, after: str, on_x: bool) -> bool:
        """Whether what follows a number is a unit that is not that of the axis asked about."""
        unit, other = (self.words.x_unit, self.words.y_unit)[:: 1 if on_x else -1]
        if after.lstrip().startswith("%"):
            return unit not in ("%", "")
        return bool(topic_of(after) & (topic_of(other) - topic_of(unit)))

    def _best_of(self, inside: list[Value]) -> str | None:
        """The highest or lowest of the values within limits, where the question asks for it as well."""
        rest = re.sub(rf"\b(?:{OVER}|{UNDER})\b", " ", self.text)
        for word, names, pick in (("highest", UP, max), ("lowest", DOWN, min)):
            if inside and re.search(rf"\b(?:{names})\b", rest):
                best = pick(inside, key=lambda value: value.y)
                return f"{self._place(best)} is {word} at {self.words.value(best)}"
        return None

    def _bound(self, limit: float, estimated: bool = False) -> str:
        """A limit in words, or a number as exact as pixels give it."""
        return self.words.x(limit, estimated) if self.on_x else self.words.number(limit, estimated)

    def _amount(self, number: str, scale: str | None, unit: str | None = None) -> float:
        """A number with its scale word, which counts for nothing where the axis is in thousands or millions itself."""
        if unit is None:
            unit = self.words.x_unit if self.on_x else self.words.y_unit
        of_axis = [word[0] for word in unit.lower().split() if word in SCALE]
        factor = 1.0 if scale and scale[0] in of_axis else SCALE.get(scale or "", 1.0)
        return float(number.replace(",", "")) * factor
