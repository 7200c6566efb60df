"""Answers to questions about the data of a chart: values, extremes, comparisons, counts, sums, trends."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from offline_endpoint.answers.chart_questions import (
    COUNTS,
    DOWN,
    NTH,
    NUMBER,
    OVER,
    SCALE,
    UNDER,
    UP,
    Question,
    understand_question,
)
from offline_endpoint.answers.conclusions import conclusion, course, extremes, relation
from offline_endpoint.answers.figures import (
    NOUNS,
    Value,
    Words,
    counted,
    joined,
    mid_sentence,
    points_of,
    values,
)
from offline_endpoint.answers.relations import in_time_order
from offline_endpoint.reading.chart.data import Chart

_LISTED = 12
"""Values that a reply lists at most."""
_ON_EITHER_AXIS = ("filter", "average", "median", "range", "highest", "lowest", "extremes", "ranking")
"""Kinds of question that can be about either axis."""
_NEAR_X = 0.02
"""Share of the x axis's range within which a point counts as standing at the x that was asked for."""


def answer_question(chart: Chart, question: str, before: str = "") -> str | None:
    """Answer a question from a chart's data.

    Args:
        chart: what was read.
        question: the message.
        before: the message before, for questions that lean on it: `And Tea?`, `And the lowest?`.

    Returns:
        One or two sentences, or None for a question that the data does not answer.
    """
    asked = understand_question(chart, question, before)
    return _Answers(chart, asked).reply() if asked else None


class _Answers:
    """The replies to one question about one chart."""

    def __init__(self, chart: Chart, asked: Question) -> None:
        self.chart = chart
        self.words = Words(chart)
        self.asked = asked
        self.series = [each.name for each in chart.series if each.name in asked.names]
        self.labels = [name for name in asked.names if name not in self.series]
        self.scope = self._scope()
        self.on_x = self._is_about_x()

    def reply(self) -> str | None:
        """The answer, or None."""
        if not self.scope:
            return f"The chart gives no value for {joined(self.asked.names)} together."
        answers: dict[str, Callable[[], str | None]] = {
            "kind": self._kind, "title": self._title, "axes": self._axes, "difference": self._difference,
            "filter": self._filter, "sum": self._sum, "average": self._average, "median": self._median,
            "range": self._range, "ranking": self._ranking, "extremes": self._extremes, "highest": self._highest,
            "lowest": self._lowest, "trend": self._trend, "relation": self._relation, "count": self._count,
            "list": self._list, "value": self._value,
        }  # fmt: skip
        return answers[self.asked.kind]()

    def _scope(self) -> list[Value]:
        """The values that the question is about: those of the series and labels it names, or all."""
        # A lone series has no name in `Value`, so its name excludes nothing.
        chosen = self.series if len(self.chart.series) > 1 else []
        return [
            value
            for value in values(self.chart)
            if (not chosen or value.series in chosen)
            and (not self.labels or value.point.label in self.labels)
        ]

    def _is_about_x(self) -> bool:
        """Whether the figures asked for are those of the x axis: `Which model has the largest size?`."""
        if any(value.point.x is None for value in self.scope) or self.chart.x_scale == "date":
            return False
        if self.asked.kind not in _ON_EITHER_AXIS:
            return False
        rest = self.asked.rest
        sides = ((self.words.x_name, self.words.x_unit), (self.words.y_name, self.words.y_unit))
        x, y = (set(re.findall(r"\w{3,}", f"{name or ''} {unit}".lower())) for name, unit in sides)
        said = set(re.findall(r"\w+", rest))
        if "size" in x and "size" not in y and said & {"largest", "smallest", "biggest"}:
            said.add("size")
        return bool(said & x) and not said & y

    def _read(self, value: Value) -> float:
        return value.point.x if self.on_x else value.point.y

    def _say(self, number: float, of: Sequence[Value]) -> str:
        estimated = any(value.point.estimated for value in of)
        return self.words.x(number, estimated) if self.on_x else self.words.y(number, estimated)

    def _named(self, value: Value) -> str:
        return f"{self._place(value)} ({self._say(self._read(value), [value])})"

    def _place(self, value: Value) -> str:
        return self.words.place(value)

    def _noun(self, number: int) -> str:
        return counted(number, NOUNS[self.chart.kind])

    def _what(self) -> str:
        name = self.words.x_name if self.on_x else self.words.y_name
        return mid_sentence(name) if name else "share" if self.chart.kind == "pie" else "value"

    def _kind(self) -> str:
        return f"It is a {self.chart.kind}{'' if self.chart.kind == 'table' else ' chart'}."

    def _title(self) -> str:
        return f'The title is "{self.chart.title}".' if self.chart.title else "I read no title in the chart."

    def _axes(self) -> str:
        sides = [("x", self.chart.x_label, self.chart.x_scale), ("y", self.chart.y_label, self.chart.y_scale)]
        told = []
        for side, label, scale in sides:
            named = f'The {side} axis is labeled "{label}"' if label else f"The {side} axis has no label"
            told.append(f"{named} and is {'logarithmic' if scale == 'log' else f'a {scale} axis'}.")
        return " ".join(told)

    def _count(self) -> str | None:
        rest = self.asked.rest
        named = [series.name for series in self.chart.series if series.name]
        if re.search(r"\b(?:series|lines|curves|colors|columns)\b", rest) and self.chart.kind != "bar":
            number = len(self.chart.series)
            return f"The chart holds {number} series{f': {joined(named)}' if named else ''}."
        categories = list(dict.fromkeys(value.point.label for value in self.scope if value.point.label))
        if re.search(r"\b(?:categories|groups|rows)\b", rest) and categories:
            return f"The chart holds {len(categories)}: {joined(categories[:_LISTED])}."
        if re.search(
            r"\b(?:bars?|points?|dots?|slices?|values?|parts?|marks?|items?|entries|models|labels|names)\b",
            rest,
        ):
            return f"The chart holds {self._noun(len(self.scope))}."
        return f"I read {self._noun(len(self.scope))} in the chart."

    def _list(self) -> str:
        shown = [self.words.named(value) for value in self.scope[:40]]
        more = f", and {len(self.scope) - 40} more" if len(self.scope) > 40 else ""
        return f"I read {self._noun(len(self.scope))}: {', '.join(shown)}{more}."

    def _extreme(self, pick: Callable, word: str) -> str:
        nth = next((n for name, n in NTH.items() if re.search(rf"\b{name}\b", self.asked.rest)), 1)
        # Values that are told alike share a rank: pixels do not tell them apart.
        ranked = sorted(self.scope, key=self._read, reverse=pick is max)
        levels = list(dict.fromkeys(self._say(self._read(value), [value]) for value in ranked))
        if nth > len(levels):
            return f"There are only {self._noun(len(self.scope))}, so there is no such rank."
        hits = [value for value in self.scope if self._say(self._read(value), [value]) == levels[nth - 1]]
        ordinal = next((name for name, n in NTH.items() if n == nth), "")
        rank = f"{ordinal} {word}".strip()
        places = joined([self._place(value) for value in hits[:_LISTED]])
        if not any(value.point.label for value in hits):
            where = joined(map(self.words.value, hits[:_LISTED])) if self.on_x else places
            return f"The {rank} {self._what()} is {levels[nth - 1]} ({where})."
        what = "" if self._what() in ("value", "share") else f" in {self._what()}"
        return f"{places} {'is' if len(hits) == 1 else 'are'} {rank}{what}, at {levels[nth - 1]}."

    def _highest(self) -> str:
        return self._extreme(max, "highest")

    def _lowest(self) -> str:
        return self._extreme(min, "lowest")

    def _extremes(self) -> str:
        return f"{self._highest()} {self._lowest()}"

    def _ranking(self) -> str:
        found = re.search(r"\b(top|bottom) (\w+)", self.asked.rest)
        number = len(self.scope)
        if found:
            number = int(found[2]) if found[2].isdecimal() and len(found[2]) < 4 else COUNTS.get(found[2], 3)
        from_below = bool(found and found[1] == "bottom") or "ascending" in self.asked.rest
        order = sorted(self.scope, key=lambda value: self._read(value) * (1 if from_below else -1))
        shown = [self._named(value) for value in order[: min(number, 40)]]
        return f"From the {'bottom' if from_below else 'top'}: {', '.join(shown)}."

    def _sum(self) -> str:
        total = self.words.total(self.scope)
        return f"Together, {self._noun(len(self.scope))} make {total}."

    def _average(self) -> str:
        mean = float(np.mean([self._read(value) for value in self.scope]))
        return (
            f"The average {self._what()} over {self._noun(len(self.scope))} is {self._say(mean, self.scope)}."
        )

    def _median(self) -> str:
        middle = float(np.median([self._read(value) for value in self.scope]))
        return f"The median {self._what()} over {self._noun(len(self.scope))} is {self._say(middle, self.scope)}."

    def _range(self) -> str:
        low, high = min(self.scope, key=self._read), max(self.scope, key=self._read)
        ends = [self._say(self._read(end), [end]) for end in (low, high)]
        width = self._say(self._read(high) - self._read(low), [low, high])
        return f"The values run from {ends[0]} to {ends[1]}, a range of {width}."

    def _filter(self) -> str | None:
        found = self._limits()
        if found is None:
            return self._difference() if len(self.asked.names) > 1 else None
        low, high, rule, scope = found
        edges = [edge for edge in (low, high) if np.isfinite(edge)]
        closed = bool(re.search(r"\b(?:at (?:least|most)|between)\b|[<>]=", self.asked.rest))
        inside, near = [], []
        for value in scope:
            number = self._read(value)
            if value.point.estimated and any(self._rounded(number) == self._rounded(edge) for edge in edges):
                near.append(value)
            elif low < number < high or (closed and number in edges):
                inside.append(value)
        told = f"{len(inside) or 'None'} of {self._noun(len(scope))} {'is' if len(inside) == 1 else 'are'} {rule}"
        best = self._best_of(inside)
        if best:
            told += f"; of these, {best}"
        elif inside and all(value.point.label or value.series for value in inside):
            more = f" and {len(inside) - _LISTED} more" if len(inside) > _LISTED else ""
            told += f": {', '.join(map(self._named, inside[:_LISTED]))}{more}"
        if near:
            told += f". Too near the limit to tell from pixels: {joined(map(self._place, near[:_LISTED]))}"
        return f"{told}."

    def _limits(self) -> tuple[float, float, str, list[Value]] | None:
        """Limits below and above, the rule in words, and the values it goes for."""
        rest = self.asked.rest
        between = re.search(rf"\bbetween\s+{NUMBER}\s*%?\s*and\s+{NUMBER}", rest)
        if between:
            low, high = sorted([self._amount(between[1], between[2]), self._amount(between[3], between[4])])
            return low, high, f"between {self._bound(low)} and {self._bound(high)}", self.scope
        over, under = (re.search(rf"\b(?:{words})[^\d-]{{0,12}}{NUMBER}", rest) for words in (OVER, UNDER))
        found = over or under or re.search(rf"[<>]=?\s*{NUMBER}", rest)
        above = bool(over) or (not under and ">" in rest)
        if found:
            limit, mark, scope = self._amount(found[1], found[2]), "", self.scope
        elif len(self.asked.names) == 1 and len(self.labels) == len(self.scope) == 1:
            # Which models are higher than Llama 2 70B?
            limit, mark = self._read(self.scope[0]), self._place(self.scope[0])
            scope = [value for value in values(self.chart) if value != self.scope[0]]
            above = bool(re.search(rf"\b(?:{OVER})\b", rest))
        else:
            return None
        told = f"{mark} ({self._say(limit, self.scope)})" if mark else self._bound(limit)
        ends = (limit, np.inf) if above else (-np.inf, limit)
        return *ends, f"{'above' if above else 'below'} {told}", scope

    def _best_of(self, inside: list[Value]) -> str | None:
        """The highest or lowest of the values within limits, where the question asks for it as well."""
        rest = re.sub(rf"\b(?:{OVER}|{UNDER})\b", " ", self.asked.rest)
        for word, names, pick in (("highest", UP, max), ("lowest", DOWN, min)):
            if inside and re.search(rf"\b(?:{names})\b", rest):
                best = pick(inside, key=lambda value: value.y)
                return f"{self._place(best)} is {word} at {self.words.value(best)}"
        return None

    def _bound(self, limit: float) -> str:
        return (
            self.words.x(limit, estimated=False) if self.on_x else self.words.number(limit, estimated=False)
        )

    def _rounded(self, number: float) -> str:
        """A number as exact as pixels give it."""
        return (
            self.words.x(number, estimated=True) if self.on_x else self.words.number(number, estimated=True)
        )

    def _difference(self) -> str | None:
        names = self.asked.names
        if len(self.scope) == 1:
            return self._value()
        if len(names) < 2:
            if len(self.scope) == 2:
                return self._compare(*self.scope)
            if re.search(rf"\b(?:{UP})\b", self.asked.rest) and re.search(
                rf"\b(?:{DOWN})\b", self.asked.rest
            ):
                return self._compare(max(self.scope, key=self._read), min(self.scope, key=self._read))
            return self._extremes() if len(names) == 1 else None
        if len(self.scope) == 2:
            first = next((v for v in self.scope if names[0] in (v.series, v.point.label)), self.scope[0])
            return self._compare(first, next(v for v in self.scope if v is not first))
        if len(self.series) == 2 and not self.labels:
            return self._compare_series(*self.series)
        told = "; ".join(f"{self._place(value)} {self.words.value(value)}" for value in self.scope[:_LISTED])
        return f"{told}. {extremes(self.words, self.scope)}"

    def _compare(self, a: Value, b: Value) -> str:
        high, low = (a, b) if a.y >= b.y else (b, a)
        both = f"{self._place(a)} is at {self.words.value(a)} and {self._place(b)} at {self.words.value(b)}"
        if self.words.value(high) == self.words.value(low):
            return f"{both}: they are equal{' as far as pixels tell' if high.point.estimated else ''}."
        estimated = a.point.estimated or b.point.estimated
        told = f"{both}: {self._place(high)} is higher by {self.words.gap(high.y - low.y, estimated)}"
        if low.y > 0:
            told += f", about {float(f'{high.y / low.y:.2g}'):g} times as high"
        return f"{told}."

    def _compare_series(self, first: str, second: str) -> str:
        columns = {name: [v for v in self.scope if v.series == name] for name in (first, second)}
        pairs = [
            (a, b)
            for a in columns[first]
            for b in columns[second]
            if a.point.label == b.point.label and (a.point.label or a.point.x == b.point.x)
        ]
        means = [float(np.mean([value.y for value in columns[name]])) for name in (first, second)]
        on_average = [self.words.y(mean, any(v.point.estimated for v in self.scope)) for mean in means]
        told = f"On average {first} is at {on_average[0]} and {second} at {on_average[1]}."
        ahead = [self.words.place(replace(a, series=None)) for a, b in pairs if a.y > b.y]
        if pairs and len(ahead) in (0, len(pairs)) and all(a.y != b.y for a, b in pairs):
            return f"{told} {first if ahead else second} is higher throughout."
        if ahead:
            return f"{told} {first} is higher for {joined(ahead[:_LISTED])}, in {len(ahead)} of {len(pairs)} places."
        return told

    def _trend(self) -> str | None:
        chart = self.chart
        chosen = [each for each in chart.series if not self.series or each.name in self.series]
        if chart.kind == "scatter":
            return self._relation()
        ordered = chart.kind == "line" or all(
            in_time_order([p.label for p in each.points]) for each in chosen
        )
        if not ordered:
            return None
        several = len(chart.series) > 1
        names = [each.name if several and each.name else self.words.y_name or "The value" for each in chosen]
        return (
            ". ".join(course(self.words, each, name) for each, name in zip(chosen[:6], names, strict=False))
            + "."
        )

    def _relation(self) -> str | None:
        if any(value.point.x is None for value in self.scope):
            return conclusion(self.chart)
        if len(self.chart.series) > 1 and not self.series:
            clouds = [(each.name or "Unnamed", points_of(each)) for each in self.chart.series[:6]]
            return " ".join(
                f"{name}: {mid_sentence(relation(self.words, cloud)[0])}" for name, cloud in clouds
            )
        return relation(self.words, self.scope)[0]

    def _value(self) -> str | None:
        if not self.asked.names:
            return self._at_x()
        told = []
        for value in self.scope[:_LISTED]:
            text = f"{self._place(value)}: {self._what()} {self.words.value(value)}"
            if value.point.label and value.point.x is not None:
                x_name = mid_sentence(self.words.x_name) if self.words.x_name else "x"
                text += f", {x_name} {self.words.x(value.point.x, value.point.estimated)}"
            told.append(text)
        more = f" {len(self.scope) - _LISTED} more are not listed." if len(self.scope) > _LISTED else ""
        return f"{'; '.join(told)}.{more}"

    def _at_x(self) -> str | None:
        """The value at a place on the x axis: `What is the temperature at 20 minutes?`."""
        found = re.search(NUMBER, self.asked.rest)
        known = [value for value in self.scope if value.point.x is not None]
        if not found or not known:
            return None
        if self.chart.x_scale == "date":
            hits = [value for value in known if found[1] in self._place(value)]
            return "; ".join(map(self.words.named, hits[:_LISTED])) + "." if hits else None
        x = self._amount(found[1], found[2], self.words.x_unit)
        xs = [value.point.x for value in known]
        reach = _NEAR_X * (max(xs) - min(xs))
        hits = [value for value in known if abs(value.point.x - x) <= reach]
        if hits:
            return f"{self._what().capitalize()} at {'; at '.join(map(self.words.named, hits[:_LISTED]))}."
        if not min(xs) <= x <= max(xs):
            first, last = (self.words.x(end, known[0].point.estimated) for end in (min(xs), max(xs)))
            return f"The chart shows nothing there: its points run from {first} to {last}."
        if self.chart.kind != "line":
            nearest = min(known, key=lambda value: abs(value.point.x - x))
            return f"No point stands there; the nearest is {self.words.named(nearest)}."
        told = []
        for each in self.chart.series:
            if self.series and each.name not in self.series:
                continue
            line = sorted((point.x, point.y) for point in each.points if point.x is not None)
            y = float(np.interp(x, *zip(*line, strict=True)))
            told.append(
                f"{each.name + ': ' if each.name and len(self.chart.series) > 1 else ''}{self.words.y(y, True)}"
            )
        return f"Between the points read, the line passes {joined(told)}."

    def _amount(self, number: str, scale: str | None, unit: str | None = None) -> float:
        """A number with its scale word, which counts for nothing where the axis is in thousands or millions itself."""
        if unit is None:
            unit = self.words.x_unit if self.on_x else self.words.y_unit
        factor = (
            1.0
            if scale and scale[0] in [word[0] for word in unit.lower().split() if word in SCALE]
            else SCALE.get(scale or "", 1.0)
        )
        return float(number.replace(",", "")) * factor
