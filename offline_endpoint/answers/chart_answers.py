"""Answers to questions about the data of a chart: values, comparisons, trends, and all that `Aggregates` has."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from offline_endpoint.answers.aggregates import LISTED, Aggregates
from offline_endpoint.answers.chart_questions import DOWN, NTH, NUMBER, OVER, UNDER, UP, understand_question
from offline_endpoint.answers.conclusions import conclusion
from offline_endpoint.answers.figures import NamelessError, Value, Words, counted, joined
from offline_endpoint.answers.sentences import called, course, extremes, in_time_order, relation, relations
from offline_endpoint.reading.chart.data import Chart

_MARKS = "bars?|points?|dots?|slices?|values?|parts?|marks?|items?|entries|labels|names"
# What can be asked of a chart of which only a part was read.
_OF_PARTS = ("kind", "title", "axes", "value", "difference", "ratio", "list")
# Share of the x axis's range within which a point counts as standing at the x that was asked for.
_NEAR_X = 0.02


def answer_question(chart: Chart, question: str, before: str = "") -> str | None:
    """One or two sentences from a chart's data; None for a question that they do not answer.

    `before` is the message before, for questions that lean on it: `And Tea?`, `And the lowest?`.
    """
    asked = None if Words(chart).misread() else understand_question(chart, question, before)
    try:
        return _Answers(chart, asked).reply() if asked else None
    except NamelessError:
        return None


class _Answers(Aggregates):
    """The replies to one question about one chart."""

    def reply(self) -> str | None:
        """The answer, or None."""
        if self.chart.partial and self.asked.kind not in _OF_PARTS:
            return None
        if not self.scope:
            return f"The chart gives no value for {joined(self.asked.names)} together."
        if self.weighs_measures or (self.span is None and self._needs_span()):
            return None
        if self.asks_labels and not self.names_measure and self.asked.kind in ("sum", "average", "median"):
            return None
        if len(self.series) > 1 and len(self.labels) > 1 and not self.span:
            pair = self._pair()
            if pair is None or self.asked.kind not in ("difference", "ratio", "sum", "average"):
                return None
            self.scope = list(pair)
        if self.asked.kind in ("sum", "average", "median") and len(self.scope) == 1:
            return self._value() if self.asked.names else None
        reply: str | None = getattr(self, f"_{self.asked.kind}")()
        if reply is None and self.asked.kind == "filter" and len(self.asked.names) > 1:
            return self._difference()
        return reply

    def _kind(self) -> str:
        return f"It is a {called(self.chart)}."

    def _title(self) -> str:
        return f'The title is "{self.chart.title}".' if self.chart.title else "I read no title in the chart."

    def _axes(self) -> str:
        chart, told = self.chart, []
        for side, text, scale in (("x", chart.x_label, chart.x_scale), ("y", chart.y_label, chart.y_scale)):
            named = f'is labeled "{text}"' if text else "has no label"
            kind = "logarithmic" if scale == "log" else f"a {scale} axis"
            told.append(f"The {side} axis {named} and is {kind}.")
        return " ".join(told)

    def _count(self) -> str | None:
        names = list(dict.fromkeys(filter(None, (each.name for each in self.chart.series))))
        labels = list(dict.fromkeys(filter(None, map(self.words.label, self.scope))))
        noun = re.search(r"\b(?:how many|number of|count(?: the)?) (?:different )?([a-z]+)", self.text)
        word = noun[1] if noun else ""
        if re.fullmatch(r"series|lines|curves|colors|columns", word) and self.chart.kind != "bar":
            number = len(self.chart.series)
            return f"The chart holds {number} series{f': {joined(names)}' if names else ''}."
        is_mark = re.fullmatch(_MARKS, word) is not None
        if is_mark or not labels or len(self.chart.series) == 1:
            few = word and not is_mark and 1 < len(labels) == len(self.scope) <= LISTED // 2
            return f"The chart holds {self._noun(len(self.scope))}{f': {joined(labels)}' if few else ''}."
        told = [f"{counted(len(labels), 'name')}: {joined(labels, most=LISTED)}"]
        told += [f"{len(names)} series: {joined(names, most=LISTED)}"] * bool(names)
        return f"The chart holds {'; and '.join(told)}."

    def _list(self) -> str:
        shown = [self._named(value) for value in self.scope[:40]]
        more = f", and {len(self.scope) - 40} more" if len(self.scope) > 40 else ""
        return f"I read {self._noun(len(self.scope))}: {', '.join(shown)}{more}."

    def _difference(self) -> str | None:
        names = self.asked.names
        pair = self._pair()
        if pair:
            return self._compare(*pair)
        if len(names) < 2 or len(self.series) + len(self.labels) > len(names):
            few, nth = self._taken(), NTH.get(self._nth(), 0)
            if nth and nth <= len(self.scope):
                order = self._in_order(self._says(DOWN))
                return self._compare(order[0], order[nth - 1])
            return self._compare(*few) if few and len(few) == 2 else None
        if len(self.series) == 2 and not self.labels:
            return self._compare_series(*names)
        if self.asked.is_yes_no or (self.series and len(self.labels) > 1) or len(self.scope) > LISTED:
            return None
        told = "; ".join(f"{self._place(value)} {self.words.value(value)}" for value in self.scope)
        return f"{told}. {extremes(self.words, self.scope)}"

    _ratio = _difference

    def _pair(self) -> tuple[Value, Value] | None:
        """The two values that a question compares, in its order: two labels, two series, or two of both in turn."""
        names = self.asked.names
        called_by = [{value.series, self.words.label(value)} for value in self.scope]
        if len(self.series) == len(self.labels) == 2:
            halves = (set(names[:2]), set(names[2:]))
            if any(len(half & set(self.labels)) != 1 for half in halves):
                return None
            hits = [v for half in halves for v, by in zip(self.scope, called_by, strict=True) if by == half]
            return (hits[0], hits[1]) if len(hits) == 2 else None
        if len(self.scope) != 2 or len(names) < 2:
            return None
        first = next((name for name in names if (name in called_by[0]) != (name in called_by[1])), None)
        a, b = self.scope
        return (a, b) if first in called_by[0] else (b, a)

    def _compare(self, a: Value, b: Value) -> str | None:
        high, low = (a, b) if a.y >= b.y else (b, a)
        both = f"{self._place(a)} is at {self.words.value(a)} and {self._place(b)} at {self.words.value(b)}"
        estimated = a.point.estimated or b.point.estimated
        if self.asked.kind == "ratio" and not re.search(r"how many times", self.text):
            if a.y < 0 or b.y <= 0:
                return None
            return f"{both}: the ratio of the first to the second is {'about ' if estimated else ''}{a.y / b.y:.3g}."
        if self.words.value(high) == self.words.value(low):
            return f"{both}: they are equal{' as far as pixels tell' if high.point.estimated else ''}."
        told = f"{both}: {self._place(high)} is higher by {self.words.gap(high.y - low.y, estimated)}"
        times = self.words.times(high, low)
        if times and high.y / low.y >= 1.05:
            told += f", {times}"
        return f"{self._verdict(a, b)}{told}."

    def _verdict(self, first: Value, second: Value) -> str:
        """`Yes: ` or `No: ` where the question asks for it."""
        if not self.asked.is_yes_no:
            return ""
        earlier, later = sorted((first, second), key=self._when)
        if self._says(f"{OVER}|more|higher|bigger|greater|larger|better"):
            holds = first.y > second.y
        elif self._says(f"{UNDER}|less|lower|smaller|fewer|worse"):
            holds = first.y < second.y
        elif self._says(r"(?:increas|grow|grew|ris|rose)\w*"):
            holds = earlier.y < later.y
        elif self._says(r"(?:decreas|fall|fell|drop|declin)\w*"):
            holds = earlier.y > later.y
        else:
            return ""
        return "Yes: " if holds else "No: "

    def _when(self, value: Value) -> int:
        label = self.words.label(value) or ""
        return int(label) if label.isdecimal() else self.words.values.index(value)

    def _compare_series(self, first: str, second: str) -> str | None:
        if self.asked.is_yes_no or self.asked.kind == "ratio":
            return None
        rows = [[v for v in self.scope if v.series == name] for name in (first, second)]
        here, there = ({self.words.place(replace(v, series=None)): v for v in row} for row in rows)
        shared = [place for place in here if place in there]
        ahead = [place for place in shared if here[place].y > there[place].y]
        if shared and (self._says(UP) or self._says(DOWN)):
            gaps = {place: abs(here[place].y - there[place].y) for place in shared}
            word, pick = ("narrowest", min) if self._says(DOWN) else ("widest", max)
            place = pick(gaps, key=lambda each: gaps[each])
            pair = self._compare(here[place], there[place])
            return (
                pair
                and f"The gap between {first} and {second} is {word} at {place}, of {len(shared)} places: {pair}"
            )
        if re.search(r"\b(?:which|when|what)\b.* [\ue000-\uf8ff].*than", self.text):
            # In which year was wind higher than coal?
            behind = [place for place in shared if here[place].y < there[place].y]
            is_less = self._says(f"{UNDER}|less|lower|smaller|fewer")
            hits, word = (behind, "lower") if is_less else (ahead, "higher")
            where = (
                f"in {len(hits)} of {len(shared)} places: {joined(hits, most=LISTED)}" if hits else "nowhere"
            )
            return f"{first} is {word} than {second} {where}."
        estimated = any(v.point.estimated for v in self.scope)
        means = [self.words.y(self._mean(row), estimated) for row in rows]
        told = f"On average {first} is at {means[0]} and {second} at {means[1]}."
        if shared and len(ahead) in (0, len(shared)) and all(here[p].y != there[p].y for p in shared):
            return f"{told} {first if ahead else second} is higher throughout."
        if ahead:
            told += f" {first} is higher for {joined(ahead, most=LISTED)}, in {len(ahead)} of {len(shared)} places."
        return told

    def _trend(self) -> str | None:
        chart = self.chart
        if chart.kind == "scatter":
            return self._relation()
        several = len(chart.series) > 1
        chosen = [each for each in chart.series if not self.series or each.name in self.series]
        timed = all(in_time_order([point.label for point in each.points]) for each in chosen)
        nameless = several and not all(each.name for each in chosen)
        if self.labels or not (chart.kind == "line" or timed) or nameless or len(chosen) > LISTED // 2:
            return None
        names = [(several and each.name) or self.words.y_name or "The value" for each in chosen]
        courses = (course(self.words, each, name) for each, name in zip(chosen, names, strict=True))
        return f"{'. '.join(courses)}."

    def _relation(self) -> str | None:
        if any(value.point.x is None for value in self.scope):
            return None if self.asked.names else conclusion(self.chart)
        if len(self.chart.series) > 1 and not self.series:
            return " ".join(relations(self.words, self.chart.series)) or None
        return " ".join(relation(self.words, self.scope))

    def _value(self) -> str | None:
        if self.asked.is_yes_no:
            return None
        if not self.asked.names:
            return self._at_x()
        unfound = self.asked.unfound
        is_a_time = any(each.isdecimal() and self._is_a_time(float(each)) for each in unfound)
        if unfound and (len(self.scope) != 1 or is_a_time):
            return None
        told = []
        for value in self.scope[:LISTED]:
            text = f"{self._place(value)}: {self._what()} {self.words.value(value)}"
            if value.point.label and value.point.x is not None:
                text += f", {self.words.x_name_inside} {self.words.x(value.point.x, value.point.estimated)}"
            told.append(text)
        more = f" {len(self.scope) - LISTED} more are not listed." if len(self.scope) > LISTED else ""
        if unfound:
            quoted = joined((f'"{word}"' for word in unfound), "or")
            more = f" I did not find {quoted} in the chart."
        return f"{'; '.join(told)}.{more}"

    def _at_x(self) -> str | None:
        """The value at a place on the x axis: `What is the temperature at 20 minutes?`."""
        found = re.search(NUMBER, self.text)
        known = [value for value in self.scope if value.point.x is not None]
        if not found or self._is_of_other_axis(self.text[found.end() :], on_x=True):
            return None
        if not known or self._says("when|which|what (?:year|time|place)"):
            return None
        if self.chart.x_scale == "date":
            hits = [value for value in known if found[1] in self._place(value)]
            return f"{joined(map(self._named, hits), most=LISTED)}." if hits else None
        x = self._amount(found[1], found[2], self.words.x_unit)
        xs = [value.x for value in known]
        hits = [value for value in known if abs(value.x - x) <= _NEAR_X * (max(xs) - min(xs))]
        if hits:
            return f"{self._what().capitalize()} at {joined(map(self._named, hits), most=LISTED)}."
        if not min(xs) <= x <= max(xs):
            first, last = (self.words.x(end, known[0].point.estimated) for end in (min(xs), max(xs)))
            return f"The chart shows nothing there: its points run from {first} to {last}."
        if self.chart.kind != "line":
            nearest = min(known, key=lambda value: abs(value.x - x))
            return f"No point stands there; the nearest is {self._named(nearest)}."
        told = []
        for each in self.chart.series:
            line = sorted((point.x, point.y) for point in each.points if point.x is not None)
            if not line or (self.series and each.name not in self.series):
                continue
            y = self.words.y(float(np.interp(x, [at for at, _ in line], [y for _, y in line])), True)
            told.append(f"{each.name}: {y}" if each.name and len(self.chart.series) > 1 else y)
        return f"Between the points read, the line passes {joined(told)}."
