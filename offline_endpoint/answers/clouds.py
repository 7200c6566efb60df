"""What a cloud of points shows: how y goes with x, how closely, and which points stand against it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from offline_endpoint.answers.figures import (
    Value,
    Words,
    agreeing,
    counted,
    joined,
    mid_sentence,
    points_of,
    values,
)
from offline_endpoint.answers.relations import exceptions, rank_correlation
from offline_endpoint.answers.sentences import extremes, two_digits


def relation(words: Words, points: Sequence[Value]) -> list[str]:
    """How y goes with x over some points, in a sentence; then how closely, where that can be told."""
    strength = _strength(points)
    x_name = mid_sentence(words.x_name) if words.x_name else "x"
    y_name = mid_sentence(words.y_name) if words.y_name else "y"
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
    manners = (
        (0.9, f"clearly {ways}"),
        (0.7, f"mostly {ways}"),
        (0.4, f"{agreeing('tends', y_name)} to {way}"),
        (0.2, f"{ways} slightly"),
    )
    for least, manner in manners:
        if abs(strength) >= least:
            return [f"As {x_name} {agreeing('grows', x_name)}, {y_name} {manner}.", closeness]
    return [f"There is no clear relation between {x_name} and {y_name}.", closeness]


def _strength(points: Sequence[Value]) -> float | None:
    """Rank correlation of three points or more that have an x; None where there is none."""
    if len(points) < 3 or any(each.point.x is None for each in points):
        return None
    return rank_correlation([each.x for each in points], [each.y for each in points])


def cloud(words: Words) -> list[str]:
    """The sentences of a conclusion on a scatter chart."""
    chart = words.chart
    if len(chart.series) > 1:
        told = [(series.name, relation(words, points_of(series))[0]) for series in chart.series[:3]]
        return [
            *(f"{name}: {mid_sentence(sentence)}" for name, sentence in told),
            extremes(words, values(chart)),
        ]
    points = values(chart)
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
    x_name = mid_sentence(words.x_name) if words.x_name else "x"
    measure = f"{x_name} in {words.x_unit}" if words.x_unit else x_name
    return f"Exceptions (in brackets: {measure}): {joined(clauses)}."


def _slope(words: Words, points: Sequence[Value], strength: float) -> list[str]:
    chart = words.chart
    if abs(strength) < 0.7 or chart.x_scale != "linear" or chart.y_scale != "linear" or not words.x_unit:
        return []
    slope = float(np.polyfit([each.x for each in points], [each.y for each in points], 1)[0])
    if slope * strength <= 0:
        return []
    y_name = mid_sentence(words.y_name) if words.y_name else "y"
    return [
        f"On a straight line through the points, {y_name} {'rises' if slope > 0 else 'falls'} by about "
        f"{two_digits(abs(slope))}{f' {words.y_unit}' if words.y_unit else ''} for each 1 {words.x_unit}."
    ]
