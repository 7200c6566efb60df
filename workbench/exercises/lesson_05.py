"""Checks for the exercises of lesson 05."""

from __future__ import annotations

from typing import Any

from workbench.score import Score

WALKS = 26
"""Points in `data/charts/walk_to_school.csv`."""


def scored_walk(result: Any) -> str:
    """Was the chart of walks to school scored against its own truth?

    Args:
        result: what `workbench.score.score` returned.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if result is None:
        return "Not yet: the variable is still None. Read the chart, load its CSV, and pass both to score()."
    if not isinstance(result, Score):
        return f"Not yet: keep what score() returned, not a {type(result).__name__}."
    if result.points != WALKS:
        return f"Not yet: the truth has {result.points} points, the CSV of this chart has {WALKS}."
    if not result.found:
        return "Not yet: no point was found. Are x (distance) and y (minutes) the right way round?"
    return f"Right: {result.found} of {WALKS} points were found, and {len(result.invented)} were invented."


def own_score(truth: Any, result: Any) -> str:
    """Was a chart of the learner's own measured?

    Args:
        truth: the points that were drawn.
        result: what `workbench.score.score` returned.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if truth is None or result is None:
        return "Not yet: keep the points you drew in the first variable and the score in the second."
    if not isinstance(result, Score):
        return f"Not yet: keep what score() returned, not a {type(result).__name__}."
    if not isinstance(truth, list) or len(truth) < 4:
        return "Not yet: draw at least four bars, and keep one point for each in a list."
    if result.points != len(truth):
        return f"Not yet: the score was taken against {result.points} points, and you drew {len(truth)}."
    if not result.found:
        return "Not yet: no bar was found. Did you send the chart that you drew these points in?"
    return f"Right: you measured it. {result.found} of {result.points} bars were read correctly."


def read_tea(chart: Any) -> str:
    """Was the chart of the cooling tea read and turned from JSON text into a dictionary?

    Args:
        chart: the learner's dictionary in the lesson's form.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if chart is None:
        return "Not yet: the variable is still None. Call the function of the lesson that reads a chart."
    if isinstance(chart, str):
        return "Not yet: this is text. Turn it from JSON into a dictionary first."
    if isinstance(chart, list):
        return "Not yet: this is a list. Keep the whole chart, with its kind, title and series."
    if not isinstance(chart, dict) or not {"kind", "title", "series"} <= chart.keys():
        return "Not yet: a chart is a dictionary with the keys kind, title and series. What did you keep?"
    if chart["kind"] == "none" or not chart["series"]:
        return "Not yet: no chart was read from this picture. Is it the right file?"
    title = str(chart["title"])
    if "tea" not in title.lower():
        return f"Not yet: this is the chart {title!r}. Which file did you read?"
    return f"Right: {title!r} was read as a chart of the kind {chart['kind']!r}."
