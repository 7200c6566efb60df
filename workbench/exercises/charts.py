"""Checks of the lessons on asking about a chart, and on measuring how well one is read."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from rapidfuzz import fuzz

from helpers.encoding import image_part
from workbench.exercises import sent
from workbench.exercises.contract import NotYet, check, need, refuse
from workbench.exercises.sent import (
    LIBRARY,
    arrivals,
    content,
    parts,
    pictures,
    plain,
    request_for,
    says,
    words,
)
from workbench.score import Score

CHARTS = sent.DATA / "charts"
READ_ALIKE = 85
"""Least likeness in percent of a title and of what was read of it; our choice: a letter in seven may be misread."""
LUCK = 4
"""A quarter of the points has to be found; our choice: fewer may be near by luck, and no chart is read so badly."""
SWAPPED = "what was read and the truth are swapped. score() takes what was read first."


@check(2, not_begun="draw a figure, send it, and keep both the figure and the reply.", answers=2)
def own_chart(figure: Any, reply: Any, here: Any = None) -> str:
    """Does the reply name the title of the chart that the learner drew?"""
    figure = _drawn(figure)
    titles = _titles(figure)
    refuse(not titles, "the figure has no title to look for. Add one with ax.set_title(...).")
    text = sent.text_of(reply)
    named = next((title for title in titles if _names(text, title)), None)
    if named is None:
        asked = "Did you send this figure, and ask about its text?"
        raise NotYet(f"the reply does not name the title {titles[0]!r}. {asked}")
    if arrival := request_for(reply, here):
        seen = pictures(arrival)
        refuse(not seen, "that request carried no picture. Put image_part(my_figure) beside the text.")
        # It may have been saved in another size. Then the title must have come from the picture.
        if not any(sent.same(image_part(figure)["image_url"]["url"], one) for one in seen):
            refuse(_are_samples(seen), "you sent one of the sample charts, and not this figure.")
            if says(sent.words_sent(arrival), named):
                raise NotYet("another picture was sent, and your question holds the title. Send this figure.")
    return "the reply names your chart's title, so the model saw your picture."


def _are_samples(seen: list[str]) -> bool:
    return any(sent.is_file(one, path) for one in seen for path in CHARTS.glob("*.png"))


def _drawn(figure: Any) -> Any:
    """The figure, also where its axes were kept, or several in an array."""
    from matplotlib.figure import FigureBase

    for _ in range(4):
        if isinstance(figure, FigureBase):
            return figure
        if isinstance(figure, tuple | list) or hasattr(figure, "flat"):
            figure = next(iter(getattr(figure, "flat", figure)), None)
        else:
            figure = getattr(figure, "figure", None)
            figure = figure if isinstance(figure, FigureBase) else None
    raise NotYet("keep the figure itself, the first of the two that plt.subplots() returns.")


def _titles(figure: Any) -> list[str]:
    texts = [figure.get_suptitle(), *(text.get_text() for text in figure.texts)]
    texts += [axes.get_title(loc) for axes in figure.axes for loc in ("center", "left", "right")]
    return list(dict.fromkeys(line for line in map(_as_printed, texts) if words(line)))


def _as_printed(title: str) -> str:
    r"""A title as a picture shows it: of `$\mathrm{CO}_2$` stays CO2."""

    def letter(command: re.Match[str]) -> str:
        size = "CAPITAL" if command[1][0].isupper() else "SMALL"
        try:
            return unicodedata.lookup(f"GREEK {size} LETTER {command[1].upper()}")
        except KeyError:
            return ""

    def printed(formula: re.Match[str]) -> str:
        return re.sub(r"[{}_^]|\\[ ,;!]", "", re.sub(r"\\([A-Za-z]+)", letter, formula[1]))

    return re.sub(r"(?<!\\)\$(.*?)(?<!\\)\$", printed, title, flags=re.DOTALL).replace("\\$", "$")


def _names(text: str, title: str) -> bool:
    """Whether a text names a title, or one of its lines, since a reader may take each for itself."""
    read = " ".join(words(text))
    for line in (title, *(line for line in title.splitlines() if len("".join(words(line))) >= 3)):
        wanted = " ".join(words(line))
        if says(text, line) or (len(wanted) >= 7 and fuzz.partial_ratio(wanted, read) >= READ_ALIKE):
            return True
        # What prints a raised 2 beside its letter may put a space between, or none.
        if len(wanted) >= 7 and wanted.replace(" ", "") in read.replace(" ", ""):
            return True
    return False


@check(
    2,
    not_begun="keep the list of messages in the first variable and the second reply in the other.",
    answers=2,
)
def second_question(messages: Any, reply: Any, here: Any = None) -> str:
    """Do the messages hold the library's chart, a question, the answer to it and a second question?"""
    turns: list[Any] = plain(messages) if isinstance(messages, list | tuple) else [None]
    refuse(not all(isinstance(turn, dict) for turn in turns), "keep the messages as a list of dictionaries.")
    if len(turns) > 3 and turns[-1].get("role") == "assistant" and turns[-1].get("content") == content(reply):
        del turns[-1]  # The conversation went on: the second answer is noted as well.
    _look_at_turns(turns)
    told = turns[-2].get("content")
    refuse(not isinstance(told, str), "the assistant's message holds its answer's text, not the whole reply.")
    refuse(not content(reply), "keep the whole second reply that complete() returned.")
    if arrival := request_for(reply, here):
        if not sent.same(turns, plain(arrival.body.get("messages"))):
            raise NotYet("this reply answers other messages. Keep those that were sent for it.")
        before = [one for one in arrivals(here) or [] if pictures(one) and one.seconds < arrival.seconds]
        if not any(one.said.strip() == told.strip() for one in before):
            raise NotYet("no model said what the assistant's message holds. Put the first reply's text in.")
    return "the second request holds the picture and all that was said about it."


ROLES = {
    ("user", "assistant"): "your second question is missing at the end.",
    ("user",): "this is the first request alone. What was said before has to go along with the second.",
    ("user", "user"): "both questions are there. What was said between them?",
}


def _look_at_turns(turns: list[dict[str, Any]]) -> None:
    roles = tuple(str(turn.get("role")) for turn in turns if turn.get("role") not in ("system", "developer"))
    seen = list(parts(turns, ("image_url",)))
    refuse(not seen, "there is no picture in these messages. What could the model look at?")
    if roles != ("user", "assistant", "user"):
        raise NotYet(ROLES.get(roles, f"the roles are {', '.join(roles)}. Who speaks, in which order?"))
    first, second = (words(" ".join(parts([turns[place]], ("text",)))) for place in (-3, -1))
    refuse(not first or not second, f"the {'second' if first else 'first'} question has no words.")
    refuse(not any(sent.shows(url, LIBRARY) for url in seen), "this is another picture, not the library's.")
    refuse(first == second, "both questions are the same. Ask for the other end of the months.")


@check(5, "Call the function of the lesson that reads a chart.")
def read_tea(chart: Any, here: Any = None) -> str:
    """Was the chart of the cooling tea read and turned from JSON text into a dictionary?"""
    refuse(isinstance(chart, str), "this is text. Turn it from JSON into a dictionary first.")
    refuse(isinstance(chart, list), "this is a list. Keep the whole chart, with its kind, title and series.")
    if not isinstance(chart, dict) or not {"kind", "title", "series"} <= chart.keys():
        raise NotYet("a chart is a dictionary with the keys kind, title and series. What did you keep?")
    refuse(chart["kind"] == "none" or not chart["series"], "no chart was read. Is it the right file?")
    title = str(chart["title"])
    refuse(not says(title, "tea"), f"this is the chart {title!r}. Which file did you read?")
    points = chart["series"][0]["points"]
    if not points or not all(isinstance(point["y"], int | float) for point in points):
        raise NotYet("this chart holds no points with a number for y. Keep what the function returned.")
    if (there := arrivals(here)) is not None:
        readings = [pictures(one) for one in there if _json(one.said) == chart]
        refuse(not readings, "no reply held this chart. Send the picture and keep what was read, unchanged.")
        sent.sample_sent(readings[-1], CHARTS / "cooling_tea.png", "picture")
    return f"{title!r} was read as a chart of the kind {chart['kind']!r}."


@check(5, "Read the chart, load its CSV, and pass both to score().")
def scored_walk(result: Any, here: Any = None) -> str:
    """Was the chart of walks to school scored against its own truth?"""
    need(result, Score, "Keep what score() returned.")
    with (CHARTS / "walk_to_school.csv").open(encoding="utf-8", newline="") as file:
        walks = [{"x": float(row["distance_km"]), "y": float(row["minutes"])} for row in csv.DictReader(file)]
    truth, turned = _places(walks), _places({"x": walk["y"], "y": walk["x"]} for walk in walks)
    right_way = "Are x (distance) and y (minutes) the right way round?"
    refuse(_places(result.truth) == turned, f"in the truth, x and y are swapped. {right_way}")
    if _places(result.read) == truth != _places(result.truth):
        raise NotYet(SWAPPED)
    refuse(result.points != len(walks), f"the truth has {result.points} points, and its CSV {len(walks)}.")
    refuse(_places(result.truth) != truth, "the truth is not what stands in walk_to_school.csv.")
    refuse(not result.found, f"no point was found. {right_way}")
    for seen in _readings(result, here):
        sent.sample_sent(seen, CHARTS / "walk_to_school.png", "picture")
    return f"{result.found} of {result.points} points were found, and {len(result.invented)} were invented."


@check(5, not_begun="keep the points you drew in the first variable and the score in the second.", answers=2)
def own_score(truth: Any, result: Any, here: Any = None) -> str:
    """Was a chart of the learner's own measured?"""
    need(result, Score, "Keep what score() returned.")
    points = list(truth) if isinstance(truth, list | tuple) else []
    if len(points) < 4 or not all(isinstance(point, Mapping) and "y" in point for point in points):
        raise NotYet("draw at least four bars, and keep one point for each in a list.")
    if result.points != len(points):
        raise NotYet(f"the score is against {result.points} points; you drew {len(points)}.")
    if _places(result.truth) != _places(points):
        if _places(result.read) == _places(points):
            raise NotYet(SWAPPED)
        raise NotYet("the score was taken against other points than you keep in the first variable.")
    refuse(not result.found, "no bar was found. Did you send the chart that you drew these points in?")
    refuse(any(map(_are_samples, _readings(result, here))), "it is one of the sample charts. Draw your own.")
    return f"you measured it. {result.found} of {result.points} bars were read correctly."


def _readings(result: Score, here: Any) -> list[list[str]]:
    """The pictures of each request whose reply held the points that were scored.

    Raises:
        NotYet: the score is of no whole reading, or of one that came from no endpoint.
    """
    if any(one is other for one in result.read for other in result.truth):
        raise NotYet("the truth was scored against itself. The first list is what a model read.")
    places = _places(result.read, named=True)
    there = arrivals(here)
    readings = [
        pictures(one)
        for one in there or []
        if pictures(one) and any(_places(points, named=True) == places for points in _series(_json(one.said)))
    ]
    refuse(there is not None and not readings, "no reply held these points. Score all of one, unchanged.")
    if result.found * LUCK < result.points:
        raise NotYet(f"only {result.found} of {result.points} were found. Is it all?")
    return readings


def _places(points: Iterable[Any], *, named: bool = False) -> list[tuple[Any, ...]]:
    """Points as they can be compared, in an order of their own."""
    return sorted(
        (
            str(point.get("label") or "") if named else "",
            *(round(float(point.get(key) or 0), 9) for key in "xy"),
        )
        for point in points
    )


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
