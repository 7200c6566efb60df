"""Answers to questions about the data of a chart: values, extremes, comparisons, counts, sums, trends."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from offline_endpoint.answers.chart_questions import (
    AMOUNT,
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
    understand_question,
)
from offline_endpoint.answers.conclusions import conclusion, course, extremes, relation
from offline_endpoint.answers.figures import (
    NOUNS,
    NamelessError,
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
_TAKEN = 6
"""Values that a sum or an average names one by one at most."""
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
    try:
        return _Answers(chart, asked).reply() if asked else None
    except NamelessError:
        return None


class _Answers:
    """The replies to one question about one chart."""

    def __init__(self, chart: Chart, asked: Question) -> None:
        self.chart = chart
        self.words = Words(chart)
        self.asked = asked
        self.series = [each.name for each in chart.series if each.name in asked.names]
        self.labels = [name for name in asked.names if name not in self.series]
        self.span = self._span()
        self.scope = self._scope()
        self.on_x = self._is_about_x()

    def reply(self) -> str | None:
        """The answer, or None."""
        if self.asked.kind not in ("value", "filter") and self._names_two_measures():
            return None
        if not self.scope:
            return f"The chart gives no value for {joined(self.asked.names)} together."
        if (
            len(self.series) > 1
            and len(self.labels) > 1
            and self.asked.kind != "difference"
            and not self.span
        ):
            return None
        kind, _, aggregate = self.asked.kind.partition(" ")
        if aggregate:
            return self._best_group(kind, aggregate)
        return getattr(self, f"_{kind}")()

    def _span(self) -> list[str] | None:
        """The labels of a stretch of time that the question names: `from 2010 to 2015`, `since 2012`."""
        text, labels = self.asked.text, list(dict.fromkeys(map(self.words.label, values(self.chart))))
        if not in_time_order(labels) and not in_time_order(labels[::-1]):
            return None
        ends = [labels.index(name) for name in self.labels if name in labels]
        if len(ends) == 2 and re.search(
            r"\b(?:from|between)\b.*[\ue000-\uf8ff]\W*(?:to|and|until|till|through|-)\b", text
        ):
            return labels[min(ends) : max(ends) + 1]
        found = re.search(r"\b(since|after|before|until|till)\b(?: the year)? *[\ue000-\uf8ff]", text)
        if len(ends) != 1 or not found:
            return None
        at, forward = ends[0], labels[0] < labels[-1] or not labels[0].isdecimal()
        later = found[1] in ("since", "after")
        kept = labels[at:] if later == forward else labels[: at + 1]
        return [label for label in kept if label != labels[at] or found[1] not in ("after", "before")]

    def _scope(self) -> list[Value]:
        """The values that the question is about: those of the series and labels it names, or all."""
        # A lone series has no name in `Value`, so its name excludes nothing.
        chosen = self.series if len(self.chart.series) > 1 else []
        labels = self.labels
        if self.span is not None and self.asked.kind != "difference":
            labels = self.span or [""]
        return [
            value
            for value in values(self.chart)
            if (not chosen or value.series in chosen) and (not labels or self.words.label(value) in labels)
        ]

    def _measures(self) -> tuple[bool, bool]:
        """Whether the question names what the x axis measures and what the y axis does."""
        if any(value.point.x is None for value in self.scope) or self.chart.x_scale == "date":
            return False, False
        sides = ((self.words.x_name, self.words.x_unit), (self.words.y_name, self.words.y_unit))
        x, y = (topic_of(f"{name or ''} {unit}") for name, unit in sides)
        said = topic_of(self.asked.text)
        if "size" in x and "size" not in y and said & {"largest", "smallest", "biggest"}:
            said.add("size")
        return bool(said & (x - y)), bool(said & (y - x))

    def _names_two_measures(self) -> bool:
        """Whether it weighs one measure against the other: `the best quality for the smallest size`."""
        return self.asked.kind in (*_ON_EITHER_AXIS, "sum") and all(self._measures())

    def _is_about_x(self) -> bool:
        """Whether the figures asked for are those of the x axis: `Which model has the largest size?`."""
        return self.asked.kind in _ON_EITHER_AXIS and self._measures() == (True, False)

    def _read(self, value: Value) -> float:
        return value.point.x if self.on_x else value.point.y

    def _say(self, number: float, of: Sequence[Value]) -> str:
        estimated = any(value.point.estimated for value in of)
        return self.words.x(number, estimated) if self.on_x else self.words.y(number, estimated)

    def _named(self, value: Value) -> str:
        return f"{self._place(value)} ({self._say(self._read(value), [value])})"

    def _place(self, value: Value) -> str:
        if not self.words.has_name(value):
            raise NamelessError
        return self.words.place(value)

    def _noun(self, number: int) -> str:
        return counted(number, NOUNS[self.chart.kind])

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
        rest = self.asked.text
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
        nth = next((n for name, n in NTH.items() if re.search(rf"\b{name}\b", self.asked.text)), 1)
        # Values that are told alike share a rank: pixels do not tell them apart.
        ranked = sorted(self.scope, key=self._read, reverse=pick is max)
        levels = list(dict.fromkeys(self._say(self._read(value), [value]) for value in ranked))
        if nth > len(levels):
            return f"There are only {self._noun(len(self.scope))}, so there is no such rank."
        hits = [value for value in self.scope if self._say(self._read(value), [value]) == levels[nth - 1]]
        ordinal = next((name for name, n in NTH.items() if n == nth), "")
        rank = f"{ordinal} {word}".strip()
        if not all(map(self.words.has_name, hits)):
            return f"The {rank} {self._what()} is {levels[nth - 1]}; I could not read what it belongs to."
        places = joined([self._place(value) for value in hits[:_LISTED]])
        if not any(value.point.label for value in hits):
            where = joined(map(self.words.value, hits[:_LISTED])) if self.on_x else places
            return f"The {rank} {self._what()} is {levels[nth - 1]} ({where})."
        what = "" if self._what() in ("value", "share") else f" in {self._what()}"
        return f"{places} {'is' if len(hits) == 1 else 'are'} {rank}{what}, at {levels[nth - 1]}."

    def _highest(self) -> str | None:
        return self._best(max, "highest")

    def _lowest(self) -> str | None:
        return self._best(min, "lowest")

    def _best(self, pick: Callable, word: str) -> str | None:
        if not self.asked.is_yes_no:
            return self._value() if len(self.scope) == 1 and self.asked.names else self._extreme(pick, word)
        if len(self.asked.names) != 1 or len(self.scope) != 1 or any(n in self.asked.text for n in NTH):
            return None
        (mine,), self.scope = self.scope, values(self.chart)
        best = self._read(pick(self.scope, key=self._read))
        is_best = self._say(self._read(mine), [mine]) == self._say(best, [mine])
        return f"{'Yes' if is_best else 'No'}: {self._extreme(pick, word)}"

    def _extremes(self) -> str:
        return f"{self._extreme(max, 'highest')} {self._extreme(min, 'lowest')}"

    def _few(self) -> tuple[int, bool] | None:
        """How many of the values are asked for and whether from below: `top 2`, `the three lowest`."""
        number = "|".join([*COUNTS, r"\d{1,2}"])
        text = self.asked.text
        found = re.search(rf"\b(top|bottom|{UP}|{DOWN}) ({number})\b", text)
        word, many = (found[1], found[2]) if found else ("", "")
        if not found and (found := re.search(rf"\b({number}) ({UP}|{DOWN})\b", text)):
            many, word = found[1], found[2]
        if not found:
            return None
        return COUNTS.get(many) or int(many), re.fullmatch(rf"bottom|{DOWN}", word) is not None

    def _in_order(self, from_below: bool) -> list[Value]:
        return sorted(self.scope, key=lambda value: self._read(value) * (1 if from_below else -1))

    def _ranking(self) -> str:
        number, from_below = self._few() or (
            len(self.scope),
            re.search(r"\bascending", self.asked.text) is not None,
        )
        shown = [self._named(value) for value in self._in_order(from_below)[: min(number, 40)]]
        return f"From the {'bottom' if from_below else 'top'}: {', '.join(shown)}."

    def _taken(self) -> list[Value] | None:
        """The values that a sum or an average is over; None where there are not as many as asked for."""
        few = self._few()
        if few:
            return self._in_order(few[1])[: few[0]] if few[0] <= len(self.scope) else None
        if re.search(rf"\b(?:{UP})\b", self.asked.text) and re.search(rf"\b(?:{DOWN})\b", self.asked.text):
            order = self._in_order(from_below=False)
            return [order[0], order[-1]]
        return self.scope

    def _sum(self) -> str | None:
        taken = self._taken()
        if self.asked.is_yes_no or self.on_x or not taken:
            return None
        if len(taken) == 1:
            return self._value() if self.asked.names else None
        return f"Together, {self._those(taken)} make {self.words.total(taken)}."

    def _average(self) -> str | None:
        return self._middle("average", np.mean)

    def _median(self) -> str | None:
        return self._middle("median", np.median)

    def _middle(self, name: str, of: Callable) -> str | None:
        taken = self._taken()
        if self.asked.is_yes_no or not taken:
            return None
        middle = float(of([self._read(value) for value in taken]))
        return f"The {name} {self._what()} over {self._those(taken)} is {self._say(middle, taken)}."

    def _range(self) -> str:
        low, high = min(self.scope, key=self._read), max(self.scope, key=self._read)
        ends = [self._say(self._read(end), [end]) for end in (low, high)]
        width = self._say(self._read(high) - self._read(low), [low, high])
        return f"The values run from {ends[0]} to {ends[1]}, a range of {width}."

    def _best_group(self, word: str, aggregate: str) -> str | None:
        """Which series, or which label, has the highest sum or average."""
        noun = re.search(r"\b(?:which|what) (\w+)", self.asked.text)
        by_label = self._is_label_noun(noun[1]) if noun else None
        if by_label is None or len(self.chart.series) < 2 or self.asked.is_yes_no:
            return None
        groups: dict[str, list[Value]] = {}
        for value in self.scope:
            name = value.point.label if by_label else value.series
            if not name:
                return None
            groups.setdefault(name, []).append(value)
        of = np.sum if aggregate == "sum" else np.mean
        figures = {name: float(of([value.y for value in group])) for name, group in groups.items()}
        best = (max if word == "highest" else min)(figures, key=figures.__getitem__)
        told = (
            self.words.total(groups[best])
            if of is np.sum
            else self.words.y(figures[best], groups[best][0].point.estimated)
        )
        name = "total" if aggregate == "sum" else "average"
        return f"{best} has the {word} {name}, {told}, over {self._noun(len(groups[best]))}."

    def _is_label_noun(self, noun: str) -> bool | None:
        """Whether a noun means the labels (True) or the series (False); None where it could be either."""
        stem = noun.removesuffix("s")[:5]
        if noun in ("series", "line", "color") or any(
            w.startswith(stem) for w in topic_of(self.chart.y_label)
        ):
            return False
        if any(w.startswith(stem) for w in topic_of(self.chart.x_label)):
            return True
        if in_time_order([point.label for point in self.chart.series[0].points]):
            return noun in ("year", "month", "day", "week", "weekday", "quarter", "season")
        return None

    def _filter(self) -> str | None:
        found = self._limits()
        if found is None:
            return self._difference() if len(self.asked.names) > 1 else None
        low, high, rule, scope = found
        edges = [edge for edge in (low, high) if np.isfinite(edge)]
        closed = bool(re.search(rf"\b(?:at (?:least|most)|between|{EQUAL})\b|[<>]=", self.asked.text))
        inside, near = [], []
        for value in scope:
            number = self._read(value)
            if value.point.estimated and any(self._rounded(number) == self._rounded(edge) for edge in edges):
                near.append(value)
            elif low < number < high or (closed and number in edges):
                inside.append(value)
        if self.asked.is_yes_no and len(scope) == 1:
            if near:
                return f"{self._named(scope[0])} is too near the limit to tell from pixels."
            return f"{'Yes' if inside else 'No'}: {self._place(scope[0])} is at {self._say(self._read(scope[0]), scope)}."
        told = f"{len(inside) or 'None'} of {self._noun(len(scope))} {'is' if len(inside) == 1 else 'are'} {rule}"
        best = self._best_of(inside)
        if best:
            told += f"; of these, {best}"
        elif inside and all(map(self.words.has_name, inside)):
            more = f" and {len(inside) - _LISTED} more" if len(inside) > _LISTED else ""
            told += f": {', '.join(map(self._named, inside[:_LISTED]))}{more}"
        if near:
            told += f". Too near the limit to tell from pixels: {joined(map(self._place, near[:_LISTED]))}"
        return f"{told}."

    def _limits(self) -> tuple[float, float, str, list[Value]] | None:
        """Limits below and above, the rule in words, and the values it goes for."""
        rest = self.asked.text
        between = re.search(rf"\bbetween\s+{NUMBER}\s*%?\s*and\s+{NUMBER}", rest)
        if between:
            low, high = sorted([self._amount(between[1], between[2]), self._amount(between[3], between[4])])
            return low, high, f"between {self._bound(low)} and {self._bound(high)}", self.scope
        over, under = (re.search(rf"\b(?:{words}){AMOUNT}", rest) for words in (OVER, UNDER))
        same = re.search(rf"\b{EQUAL}\s+{NUMBER}", rest)
        found = over or under or same or re.search(rf"[<>]=?\s*{NUMBER}", rest)
        above = bool(over) or (not under and ">" in rest)
        scope = self.scope
        if found:
            limit, mark = self._amount(found[1], found[2]), ""
            if self._is_a_time(limit):
                return None
        elif re.search(r"\b(?:average|mean)\b", rest):
            limit, mark = float(np.mean([self._read(value) for value in scope])), "the average"
            above = bool(re.search(rf"\b(?:{OVER})\b", rest))
        elif len(self.asked.names) == 1 and len(self.labels) == len(scope) == 1:
            # Which models are higher than Llama 2 70B?
            limit, mark = self._read(scope[0]), self._place(scope[0])
            scope = [value for value in values(self.chart) if value != scope[0]]
            above = bool(re.search(rf"\b(?:{OVER})\b", rest))
        else:
            return None
        told = f"{mark} ({self._say(limit, self.scope)})" if mark else self._bound(limit)
        if same and not over and not under:
            return limit, limit, f"at {told}", scope
        ends = (limit, np.inf) if above else (-np.inf, limit)
        least = re.search(r"\bat (?:least|most)\b", rest)
        return *ends, f"{least[0] if least else 'above' if above else 'below'} {told}", scope

    def _is_a_time(self, limit: float) -> bool:
        """Whether a limit is a year of the chart's time axis: `after 2010` is not asked of the values."""
        labels = [self.words.label(value) or "" for value in values(self.chart)]
        return 1500 <= limit <= 2200 and any(
            re.search(r"(?<!\d)(?:1[5-9]|2[01])\d\d(?!\d)", each) for each in labels
        )

    def _best_of(self, inside: list[Value]) -> str | None:
        """The highest or lowest of the values within limits, where the question asks for it as well."""
        rest = re.sub(rf"\b(?:{OVER}|{UNDER})\b", " ", self.asked.text)
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
        text, names = self.asked.text, self.asked.names
        pair = self._pair()
        if pair:
            return self._compare(*pair)
        if len(names) < 2 or len(self.series) + len(self.labels) > len(names):
            few = self._taken()
            nth = next((n for name, n in NTH.items() if re.search(rf"\b{name}\b", text)), 0)
            if nth and nth <= len(self.scope):
                order = self._in_order(re.search(rf"\b(?:{DOWN})\b", text) is not None)
                return self._compare(order[0], order[nth - 1])
            return self._compare(*few) if few and len(few) == 2 else None
        if len(self.series) == 2 and not self.labels:
            return self._compare_series(*self.series)
        if self.asked.is_yes_no or (self.series and len(self.labels) > 1) or len(self.scope) > _LISTED:
            return None
        told = "; ".join(f"{self._place(value)} {self.words.value(value)}" for value in self.scope)
        return f"{told}. {extremes(self.words, self.scope)}"

    _ratio = _difference

    def _pair(self) -> tuple[Value, Value] | None:
        """The two values that a question compares, in its order: two labels, two series, or two of both in turn."""
        names = self.asked.names
        if len(self.series) == len(self.labels) == 2:
            halves = (names[:2], names[2:])
            if any(len(set(half) & set(self.labels)) != 1 for half in halves):
                return None
            hits = [v for half in halves for v in self.scope if {v.series, self.words.label(v)} == set(half)]
            return (hits[0], hits[1]) if len(hits) == 2 else None
        if len(self.scope) != 2 or len(names) < 2:
            return None
        first = next(
            (n for n in names if sum(n in (v.series, self.words.label(v)) for v in self.scope) == 1), None
        )
        a, b = self.scope
        return (a, b) if first in (a.series, self.words.label(a)) else (b, a)

    def _compare(self, a: Value, b: Value) -> str | None:
        high, low = (a, b) if a.y >= b.y else (b, a)
        both = f"{self._place(a)} is at {self.words.value(a)} and {self._place(b)} at {self.words.value(b)}"
        estimated = a.point.estimated or b.point.estimated
        if self.asked.kind == "ratio" and not re.search(r"how many times", self.asked.text):
            if a.y < 0 or b.y <= 0:
                return None
            return f"{both}: the ratio of the first to the second is {'about ' if estimated else ''}{a.y / b.y:.3g}."
        if self.words.value(high) == self.words.value(low):
            return f"{both}: they are equal{' as far as pixels tell' if high.point.estimated else ''}."
        told = f"{both}: {self._place(high)} is higher by {self.words.gap(high.y - low.y, estimated)}"
        if low.y > 0:
            told += f", about {float(f'{high.y / low.y:.2g}'):g} times as high"
        return f"{self._verdict(a, b)}{told}."

    def _verdict(self, first: Value, second: Value) -> str:
        """`Yes: ` or `No: ` where the question asks for it."""
        if not self.asked.is_yes_no:
            return ""
        text = self.asked.text
        if re.search(rf"\b(?:{OVER}|more|higher|bigger|greater|larger|better)\b", text):
            holds = first.y > second.y
        elif re.search(rf"\b(?:{UNDER}|less|lower|smaller|fewer|worse)\b", text):
            holds = first.y < second.y
        elif re.search(r"\b(?:increas|grow|grew|ris|rose)", text):
            holds = first.y < second.y
        elif re.search(r"\b(?:decreas|fall|fell|drop|declin)", text):
            holds = first.y > second.y
        else:
            return ""
        return "Yes: " if holds else "No: "

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
        if self.asked.is_yes_no or self.asked.kind == "ratio":
            return None
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
        if self.asked.is_yes_no:
            return None
        if not self.asked.names:
            return self._at_x()
        unfound = self.asked.unfound
        if unfound and (
            len(self.scope) != 1 or any(each.isdecimal() and self._is_a_time(float(each)) for each in unfound)
        ):
            return None
        told = []
        for value in self.scope[:_LISTED]:
            text = f"{self._place(value)}: {self._what()} {self.words.value(value)}"
            if value.point.label and value.point.x is not None:
                x_name = mid_sentence(self.words.x_name) if self.words.x_name else "x"
                text += f", {x_name} {self.words.x(value.point.x, value.point.estimated)}"
            told.append(text)
        more = f" {len(self.scope) - _LISTED} more are not listed." if len(self.scope) > _LISTED else ""
        if unfound:
            quoted = joined((f'"{word}"' for word in unfound), "or")
            more = f" I did not find {quoted} in the chart."
        return f"{'; '.join(told)}.{more}"

    def _at_x(self) -> str | None:
        """The value at a place on the x axis: `What is the temperature at 20 minutes?`."""
        found = re.search(NUMBER, self.asked.text)
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
