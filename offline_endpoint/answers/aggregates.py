"""Answers that take values together: extremes, rankings, sums, averages, and what lies above or below a limit."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from offline_endpoint.answers.asked_values import LISTED, AskedValues
from offline_endpoint.answers.chart_questions import (
    AMOUNT,
    DOWN,
    EQUAL,
    NTH,
    NUMBER,
    OVER,
    SCALE,
    UNDER,
    UP,
    topic_of,
)
from offline_endpoint.answers.figures import Value, joined
from offline_endpoint.answers.names import is_collective

_OF_A_KIND = r"(?:which|what) (?!is|are|was|were|has|had|of)[a-z]+"


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
        of = f"Of all {self._noun(len(self.scope))}, " if self._goes_for_all_series() else ""
        return f"{of}{places} {'is' if len(hits) == 1 else 'are'} {rank}{what}, at {level}."

    def _goes_for_all_series(self) -> bool:
        return len(self.chart.series) > 1 and not self.asked.names

    def _highest(self) -> str | None:
        return self._best(max, "highest")

    def _lowest(self) -> str | None:
        return self._best(min, "lowest")

    def _best(self, pick: Callable[..., Any], word: str) -> str | None:
        if not self.asked.is_yes_no:
            if self.chart.kind == "stacked bar" and len(self.chart.series) > 1 and not self.series:
                return None  # the tallest stack may be meant, or one of its parts
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
            if self._is_a_time(limit) or self._is_of_other_axis(rest[found.end() :]):
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

    def _is_of_other_axis(self, after: str) -> bool:
        """Whether what follows a number is a unit that is not that of the axis asked about."""
        unit, other = (self.words.x_unit, self.words.y_unit)[:: 1 if self.on_x else -1]
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
