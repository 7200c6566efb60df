"""Whatever a picture or a request holds, the answers are text that can be sent, and JSON is JSON."""

# ruff: noqa: E501 - a list of texts stands in one piece

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offline_endpoint import answers
from offline_endpoint.answers import answer
from offline_endpoint.answers.chart_answers import answer_question
from offline_endpoint.answers.chart_json import chart_json, chart_text
from offline_endpoint.answers.conclusions import chart_comparison, conclusion, outline
from offline_endpoint.answers.phrasebook import translation_reply
from offline_endpoint.reading.chart.data import Chart, Declined, Point, Series
from offline_endpoint.reading.text import Page, TextLine
from offline_endpoint.wire.conversation import Picture, Turn

NASTY = st.sampled_from(
    ["A{x}", "{}", "{0}", "{", "}}", "%s", "%(a)s %d", "100%", "\\", "\\1\\g<0>", r"C:\new", "\x00", "\x1b[0m", "\ud800",
     "\u202e", "\ue000\ue001", "(a+)+$", "[", "*", "$&", "a" * 3000, "2019", "'19", "5", "-1e400", "No", "the", "nan",
     "A\nB", '"quoted"', "<b>", "${HOME}", "the highest", " ", "''", "\u0130"]
)  # fmt: skip
TEXT = NASTY | st.text(max_size=12) | st.tuples(NASTY, NASTY).map(" ".join)
NUMBER = st.floats(-1e15, 1e15, allow_nan=False) | st.sampled_from([0.0, -0.0, 1e-300, 1.0])
KINDS = ["scatter", "bar", "grouped bar", "stacked bar", "line", "pie", "table"]


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    has_x = draw(st.booleans())
    points = st.builds(Point, st.none() | TEXT, NUMBER if has_x else st.none(), NUMBER, st.booleans())
    series = st.builds(Series, st.none() | TEXT, st.lists(points, min_size=1, max_size=5).map(tuple))
    return Chart(
        draw(st.sampled_from(KINDS)),
        *draw(st.tuples(*[st.none() | TEXT] * 3)),
        draw(st.lists(series, min_size=1, max_size=3).map(tuple)),
        draw(st.sampled_from(["linear", "log", "date"])) if has_x else "category",
        draw(st.sampled_from(["linear", "log"])),
        draw(st.booleans()),
        draw(st.lists(TEXT, max_size=2).map(tuple)),
        draw(st.booleans()),
        draw(st.none() | TEXT),
        draw(st.lists(TEXT, max_size=2).map(tuple)),
    )


QUESTIONS = [
    "What is the value of {}?", "Compare {} and {}", "Is {} more than {}?", "What is the sum of {} and {}?", "{}",
    "What is the average from {} to {}?", "Which is highest in {}?", "top 3", "What is the median?", "List all values",
    "Which are above 5?", "What is the difference between the highest and the lowest?", "How many bars?", "What is x at 5?",
    "What is the trend of {}?", "Is there a correlation?", "What is the range?", "What is the title?", "Which axes?",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(charts(), st.sampled_from(QUESTIONS), TEXT, TEXT)
def test_charts_with_hostile_texts(chart, question, one, other):
    if chart:
        names = [point.label for series in chart.series for point in series.points if point.label] or [one]
        asked = question.replace("{}", names[0], 1).replace("{}", names[-1] if len(names) > 1 else other, 1)
        assert isinstance(answer_question(chart, asked) or "", str)
        assert isinstance(answer_question(chart, f"And {other}?", asked) or "", str)
    told = conclusion(chart)
    assert told
    assert outline(chart)
    assert "bar 1" not in told.replace(one, "") or "bar 1" in str(chart)
    found = json.loads(chart_text(chart))
    assert found == json.loads(json.dumps(chart_json(chart)))
    assert chart_comparison(chart, chart)


@settings(max_examples=60, deadline=None)
@given(charts(), st.integers(1, 4000))
def test_json_is_whole_within_any_limit(chart, most_tokens):
    text = chart_text(chart, most_tokens)
    assert isinstance(json.loads(text), dict)
    assert len(text) <= 4 * most_tokens


@pytest.fixture
def reading(monkeypatch):
    """Readings put in place of those of a picture."""

    def give(chart: Chart | None, lines: list[TextLine]) -> None:
        monkeypatch.setattr(answers.pictures, "picture_chart", lambda picture: chart)
        monkeypatch.setattr(answers.pictures, "picture_page", lambda picture: Page(lines, 1))
        monkeypatch.setattr(
            answers.pictures, "picture_instead", lambda picture: Declined("chart", "I saw {x}.")
        )
        monkeypatch.setattr(answers, "picture_chart", lambda picture: chart)

    return give


@pytest.mark.parametrize("order", [
    "Which conclusion can be extracted?", "Describe the picture.", "List the text.", "Translate the text to French.",
    'Find "{0}"', "Where is %s?", "Return the data as JSON.", "What is the value of A{x}?", "Who is \ud800?", "Compare them.",
    "Translate the title to Klingon: {y}", "{}", "\ud800\udc00",
])  # fmt: skip
@pytest.mark.parametrize("label", ["A{x}", "%s%n", "\\N{DEL}", "\ud800", "a" * 5000, "\x00\x07"])
@pytest.mark.parametrize("as_json", [False, True])
def test_whole_replies_can_be_sent(reading, order, label, as_json):
    chart = Chart(
        "bar",
        label,
        None,
        label,
        (Series(label, (Point(label, None, 1.0), Point("B", None, 2.0))),),
        "category",
    )
    for given_chart in (chart, None):
        reading(given_chart, [TextLine(label, 0, 0, 900, 10, 0.99)])
        shown = tuple(
            Picture(str(n), "image/png", 90, 90, b"") for n in range(2 if "Compare" in order else 1)
        )
        text = answer([Turn("user", order, shown)], as_json=as_json)
        assert text.encode()
        if as_json:
            json.loads(text)


@given(TEXT)
@settings(max_examples=60, deadline=None)
def test_translations_of_hostile_texts(text):
    if text.strip():
        assert translation_reply(text, ("spanish", "klingon"))
