"""What a cloud of points shows: how y goes with x, how closely, and which points stand against it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from offline_endpoint.answers.figures import Value, Words, agreeing, counted, joined, mid_sentence, points_of
from offline_endpoint.answers.relations import exceptions, rank_correlation
from offline_endpoint.answers.sentences import extremes, two_digits
from offline_endpoint.reading.chart.data import Series


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
        "without exception and 0 is not at all (rank correlation)."
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
