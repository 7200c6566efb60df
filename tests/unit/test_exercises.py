"""Each check knows the right result and says what is off with the likely wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace as Thing

import matplotlib.pyplot as plt
import openai
import pytest

from helpers import exercises
from helpers.exercises import lesson_05
from helpers.score import Score

DATA = Path(__file__).parents[2] / "data"


def reply(content, finish_reason="stop", completion_tokens=3):
    choice = Thing(message=Thing(content=content), finish_reason=finish_reason)
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return Thing(choices=[choice], created=created, usage=Thing(completion_tokens=completion_tokens))


def v1_reply(content):
    return Thing(**(vars(reply(content)) | {"created": 1}))


def piece(text=None, usage=None):
    return Thing(choices=[Thing(delta=Thing(content=text))] if text else [], usage=usage)


@pytest.fixture
def figure():
    figure, axes = plt.subplots()
    axes.set_title("Cakes sold")
    yield figure
    plt.close(figure)


RIGHT = [
    (exercises.french_thanks, reply("Merci beaucoup.")),
    (exercises.cut_short, reply("A reply that w", "length", 5)),
    (exercises.picture_tokens, 1065),
    (exercises.clip_in_french, reply("Bonjour.")),
    (exercises.seconds_for_tokens, 80),
    (exercises.seconds_for_tokens, 80.0),
    (
        exercises.audio_url_part,
        {"type": "audio_url", "audio_url": {"url": "https://example.com/good_morning.mp3"}},
    ),
    (exercises.base64_size, 400_000),
    (exercises.scored_walk, Score(26, 25, ("a",), (), (0.0,) * 25)),
    (exercises.repaired_request, reply("Guten Morgen.")),
    (exercises.patient_client, openai.OpenAI(api_key="none", max_retries=4, timeout=30)),
    (exercises.patient_client, openai.OpenAI(api_key="none", max_retries=4, timeout=openai.Timeout(30))),
    (exercises.moved_request, v1_reply("Guten Morgen.")),
    (exercises.streamed_usage, [piece("Hola."), piece(usage=Thing(total_tokens=9))]),
]
WRONG = [
    (exercises.french_thanks, reply("Muchas gracias."), "Spanish"),
    (exercises.french_thanks, reply("42"), "no French thank-you"),
    (exercises.french_thanks, "Merci", "whole reply"),
    (exercises.french_thanks, reply(None), "whole reply"),
    (exercises.cut_short, reply("Hi", "stop", 1), "ask for more"),
    (exercises.cut_short, reply("A long reply", "stop", 40), "40 tokens"),
    (exercises.cut_short, 5, "whole reply"),
    (exercises.picture_tokens, 765, "gpt-4o"),
    (exercises.picture_tokens, 1073, "width comes first"),
    (exercises.picture_tokens, "many", "not the count"),
    (exercises.clip_in_french, reply("Buenos días."), "Spanish"),
    (exercises.clip_in_french, reply("good morning"), "transcript"),
    (exercises.clip_in_french, reply("Hallo"), "did you send"),
    (exercises.clip_in_french, reply, "whole reply"),
    (exercises.seconds_for_tokens, 80_000, "milliseconds"),
    (exercises.seconds_for_tokens, 10, "125 tokens"),
    (exercises.seconds_for_tokens, -5, "0 tokens"),
    (exercises.seconds_for_tokens, "80", "not a number"),
    (exercises.seconds_for_tokens, float("nan"), "not a number"),
    (exercises.audio_url_part, [], "dictionary"),
    (exercises.audio_url_part, {"type": "input_audio"}, "'audio_url'"),
    (exercises.audio_url_part, {"type": "audio_url", "audio_url": "https://example.com"}, "one level deeper"),
    (exercises.audio_url_part, {"type": "audio_url"}, "key url"),
    (exercises.audio_url_part, {"type": "audio_url", "audio_url": {"url": "clip.mp3"}}, "http"),
    (
        exercises.audio_url_part,
        {"type": "audio_url", "audio_url": {"url": "https://a.b"}, "text": "x"},
        "leave out text",
    ),
    (exercises.base64_size, 300_000, "size of the file"),
    (exercises.base64_size, 225_000, "other way round"),
    (exercises.base64_size, 1, "not the length"),
    (exercises.scored_walk, "Found 26", "what score() returned"),
    (exercises.scored_walk, Score(12, 12, (), (), ()), "12 points"),
    (exercises.scored_walk, Score(26, 0, ("a",) * 26, (), ()), "right way round"),
    (exercises.repaired_request, ValueError("no"), "that is the error"),
    (exercises.repaired_request, "Guten Morgen", "whole reply"),
    (exercises.repaired_request, reply("Buenos días."), "mistakes only"),
    (exercises.patient_client, openai.OpenAI(api_key="none", max_retries=5), "six times"),
    (exercises.patient_client, openai.OpenAI(api_key="none"), "3 times in all"),
    (exercises.patient_client, openai.OpenAI(api_key="none", max_retries=4), "timeout to 30"),
    (exercises.patient_client, openai.OpenAI(api_key="none", max_retries=4, timeout=30_000), "in seconds"),
    (exercises.patient_client, "OpenAI()", "type str"),
    (exercises.moved_request, reply("Guten Morgen."), "Azure client"),
    (exercises.moved_request, v1_reply("Buenos días."), "not the question"),
    (exercises.moved_request, "Guten Morgen.", "whole reply"),
    (exercises.streamed_usage, v1_reply("Hola."), "no list"),
    (exercises.streamed_usage, [], "no list"),
    (exercises.streamed_usage, ["Ho", "la"], "not their texts"),
    (exercises.streamed_usage, [piece("Hola.")], "stream_options"),
    (exercises.streamed_usage, [piece("Hola.", usage=Thing(total_tokens=9))], "old route"),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right(check, answer):
    assert check(answer).startswith("Right: ")


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_wrong(check, answer, hint):
    said = check(answer)
    assert said.startswith("Not yet: ")
    assert hint.lower() in said.lower()


@pytest.mark.parametrize("check", {check for check, _ in RIGHT})
def test_not_begun(check):
    assert check(None).startswith("Not yet: the variable is still None")


def test_own_chart(figure):
    assert exercises.own_chart(figure, reply('The chart is called "Cakes sold".')).startswith("Right")
    assert "does not name" in exercises.own_chart(figure, reply("A bar chart."))
    assert "whole reply" in exercises.own_chart(figure, "Cakes sold")
    assert "keep both" in exercises.own_chart(figure, None)
    figure.axes[0].set_title("")
    assert "no title" in exercises.own_chart(figure, reply("Cakes sold"))
    assert "no title" in exercises.own_chart(plt.Figure(), reply("Cakes sold"))


def test_the_number_of_walks_is_the_charts_own():
    rows = (DATA / "charts" / "walk_to_school.csv").read_text(encoding="utf-8").split()
    assert len(rows) - 1 == lesson_05.WALKS


def test_own_score():
    four = [{"label": name, "x": None, "y": 1} for name in "ABCD"]
    assert exercises.own_score(four, Score(4, 3, ("A",), (), (0.0,) * 3)).startswith("Right")
    assert "first variable" in exercises.own_score(None, None)
    assert "what score() returned" in exercises.own_score(four, 4)
    assert "at least four" in exercises.own_score(four[:3], Score(3, 3, (), (), ()))
    assert "against 5 points" in exercises.own_score(four, Score(5, 5, (), (), ()))
    assert "no bar was found" in exercises.own_score(four, Score(4, 0, (), (), ()))
