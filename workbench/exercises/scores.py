"""Checks of the lesson on measuring how well a chart is read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from typing import Any

from workbench.exercises.contract import NotYet, check, kind
from workbench.exercises.sent import DATA, arrivals, is_file, pictures, sample_sent, says
from workbench.score import Score

CHARTS = DATA / "charts"
LUCK = 4
"""A quarter of the points has to be found; our choice: fewer may be near by luck, and no chart is read so badly."""


@check("Call the function of the lesson that reads a chart.")
def read_tea(chart: Any, here: Any = None) -> str:
    """Was the chart of the cooling tea read and turned from JSON text into a dictionary?"""
    if isinstance(chart, str):
        raise NotYet("this is text. Turn it from JSON into a dictionary first.")
    if isinstance(chart, list):
        raise NotYet("this is a list. Keep the whole chart, with its kind, title and series.")
    if not isinstance(chart, dict) or not {"kind", "title", "series"} <= chart.keys():
        raise NotYet("a chart is a dictionary with the keys kind, title and series. What did you keep?")
    if chart["kind"] == "none" or not chart["series"]:
        raise NotYet("no chart was read from this picture. Is it the right file?")
    title = str(chart["title"])
    if not says(title, "tea"):
        raise NotYet(f"this is the chart {title!r}. Which file did you read?")
    points = chart["series"][0]["points"]
    if not points or not all(isinstance(point["y"], int | float) for point in points):
        raise NotYet("this chart holds no points with a number for y. Keep what the function returned.")
    if (there := arrivals(here)) is not None:
        readings = [pictures(one) for one in there if _json(one.said) == chart]
        if not readings:
            raise NotYet("no reply held this chart. Send the picture and keep what was read, unchanged.")
        sample_sent(readings[-1], CHARTS / "cooling_tea.png", "picture")
    return f"{title!r} was read as a chart of the kind {chart['kind']!r}."


@check("Read the chart, load its CSV, and pass both to score().")
def scored_walk(result: Any, here: Any = None) -> str:
    """Was the chart of walks to school scored against its own truth?"""
    _need_score(result)
    with (CHARTS / "walk_to_school.csv").open(encoding="utf-8", newline="") as file:
        walks = [{"x": float(row["distance_km"]), "y": float(row["minutes"])} for row in csv.DictReader(file)]
    truth, turned = _places(walks), _places({"x": walk["y"], "y": walk["x"]} for walk in walks)
    if _places(result.truth) == turned:
        raise NotYet(
            "in the truth, x and y are swapped. Are x (distance) and y (minutes) the right way round?"
        )
    if _places(result.read) == truth != _places(result.truth):
        raise NotYet("what was read and the truth are swapped. score() takes what was read first.")
    if result.points != len(walks):
        raise NotYet(f"the truth has {result.points} points, the CSV of this chart has {len(walks)}.")
    if _places(result.truth) != truth:
        raise NotYet("the truth is not what stands in walk_to_school.csv.")
    if not result.found:
        raise NotYet("no point was found. Are x (distance) and y (minutes) the right way round?")
    _need_reading(result, here)
    for sent in _readings(result, here):
        sample_sent(sent, CHARTS / "walk_to_school.png", "picture")
    return f"{result.found} of {result.points} points were found, and {len(result.invented)} were invented."


@check(not_begun="keep the points you drew in the first variable and the score in the second.", answers=2)
def own_score(truth: Any, result: Any, here: Any = None) -> str:
    """Was a chart of the learner's own measured?"""
    _need_score(result)
    points = list(truth) if isinstance(truth, list | tuple) else []
    if len(points) < 4 or not all(isinstance(point, Mapping) and "y" in point for point in points):
        raise NotYet("draw at least four bars, and keep one point for each in a list.")
    if result.points != len(points):
        raise NotYet(f"the score was taken against {result.points} points, and you drew {len(points)}.")
    if _places(result.truth) != _places(points):
        if _places(result.read) == _places(points):
            raise NotYet("what was read and the truth are swapped. score() takes what was read first.")
        raise NotYet("the score was taken against other points than you keep in the first variable.")
    if not result.found:
        raise NotYet("no bar was found. Did you send the chart that you drew these points in?")
    _need_reading(result, here)
    if any(
        is_file(url, path)
        for sent in _readings(result, here)
        for url in sent
        for path in CHARTS.glob("*.png")
    ):
        raise NotYet("that is a reading of one of the sample charts. Draw your own.")
    return f"you measured it. {result.found} of {result.points} bars were read correctly."


def _need_score(result: Any) -> None:
    if not isinstance(result, Score):
        raise NotYet(f"keep what score() returned, not a {kind(result)}.")


def _need_reading(result: Score, here: Any) -> None:
    """Make sure that the score is of a whole reading, and of one that came from an endpoint."""
    if any(one is other for one in result.read for other in result.truth):
        raise NotYet("the truth was scored against itself. The first list is what a model read.")
    if arrivals(here) is not None and not _readings(result, here):
        raise NotYet(
            "no reply held these points. Score what was read from your chart, all of it and unchanged."
        )
    if result.found * LUCK < result.points:
        raise NotYet(
            f"only {result.found} of {result.points} points were found. Is it the whole of this chart?"
        )


def _readings(result: Score, here: Any) -> list[list[str]]:
    """The pictures of each request whose reply held the points that were scored."""
    places = _places(result.read, named=True)
    return [
        pictures(one)
        for one in arrivals(here) or []
        if pictures(one) and any(_places(points, named=True) == places for points in _series(_json(one.said)))
    ]


def _places(points: Iterable[Any], *, named: bool = False) -> list[tuple[Any, ...]]:
    """Points as they can be compared, in an order of their own."""
    places = [
        (
            str(point.get("label") or "") if named else "",
            *(round(float(point.get(key) or 0), 9) for key in "xy"),
        )
        for point in points
    ]
    return sorted(places)


def _json(text: str) -> Any:
    try:
        return json.loads(text[text.find("{") : text.rfind("}") + 1])
    except ValueError:
        return None


def _series(chart: Any) -> list[list[Any]]:
    """The points of each series of a chart, and those of all together."""
    try:
        each = [list(series["points"]) for series in chart["series"]]
    except (KeyError, TypeError):
        return []
    return [*each, [point for points in each for point in points]]
