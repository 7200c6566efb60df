"""Each check knows the right result and says what is off with the likely wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace as Thing

import matplotlib.pyplot as plt
import openai
import pytest

from workbench import exercises
from workbench.exercises import lesson_03, lesson_04, lesson_05
from workbench.score import Score

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


def refuse(*arguments):
    raise ValueError("first line\nsecond line")


NO_FUNCTIONS = [
    (exercises.translator, ()),
    (exercises.part_by_size, ()),
    (exercises.status_or_text, (Thing(),)),
    (exercises.plain_messages, ([],)),
]


@pytest.mark.parametrize(("check", "more"), NO_FUNCTIONS)
def test_functions_that_are_none_or_fail(check, more):
    assert check(None, *more).startswith("Not yet: the variable is still None")
    assert "Write a function" in check("text", *more)
    assert "stopped with ValueError: first line." in check(refuse, *more)
    assert "stopped with TypeError" in check(lambda: "takes nothing", *more)


def test_translator():
    said = {("French", "T"): "Merci.", ("German", "T"): "Vielen Dank.", ("German", "G"): "Guten Morgen."}
    assert exercises.translator(lambda text, language: said[language, text[0]]).startswith("Right: ")
    assert "does not look like" in exercises.translator(lambda text, language: f"{text} in {language}")
    assert "a translation is text" in exercises.translator(lambda text, language: 5)


PICTURE = {"type": "image_url", "image_url": {"url": "https://example.com/chart.png"}}
ASKED = {"role": "user", "content": [{"type": "text", "text": "How many?"}, PICTURE]}
TOLD = {"role": "assistant", "content": "Twelve."}
AGAIN = {"role": "user", "content": "And the last?"}


def test_second_question():
    check = exercises.second_question
    assert check([ASKED, TOLD, AGAIN], reply("Dec.")).startswith("Right: ")
    assert check([{"role": "system", "content": "."}, ASKED, TOLD, AGAIN], reply("Dec.")).startswith(
        "Right: "
    )
    for messages, answer, hint in (
        (None, None, "keep the list"),
        ("messages", reply("Dec."), "list of dictionaries"),
        ([AGAIN], reply("Dec."), "no picture"),
        ([ASKED], reply("Dec."), "first request alone"),
        ([ASKED, TOLD], reply("Dec."), "second question is missing"),
        ([ASKED, AGAIN], reply("Dec."), "between them"),
        ([ASKED, AGAIN, TOLD], reply("Dec."), "in which order"),
        (
            [ASKED, {"role": "assistant", "content": reply("Twelve.")}, AGAIN],
            reply("Dec."),
            "text of its answer",
        ),
        ([ASKED, TOLD, AGAIN], "Dec.", "whole second reply"),
        ([{}, {"content": [None]}], reply("Dec."), "no picture"),
    ):
        assert hint in check(messages, answer)


def test_transcripts():
    check, said = exercises.transcripts, lesson_03.SAID
    assert check(said).startswith("Right: ")
    assert check({name: words.capitalize() + "!" for name, words in said.items()}).startswith("Right: ")
    assert check(None).startswith("Not yet: the variable is still None")
    assert "make a dictionary" in check(list(said))
    assert "no entry for" in check({name.partition(".")[0]: words for name, words in said.items()})
    assert "whole replies" in check({name: reply(words) for name, words in said.items()})
    assert "as text" in check(dict.fromkeys(said, 5))
    assert "say the same" in check(dict.fromkeys(said, "can you help me please"))
    assert "is not what" in check(dict(zip(said, reversed(said.values()), strict=True)))


@pytest.mark.parametrize("name", lesson_03.SAID)
def test_the_words_of_the_clips_are_their_own(name):
    words = (DATA / "clips" / name).with_suffix(".txt").read_text(encoding="utf-8")
    assert (
        "".join(letter for letter in words.lower() if letter.isalpha() or letter == " ")
        == lesson_03.SAID[name]
    )


def test_part_by_size():
    def part(url):
        return {"type": "image_url", "image_url": {"url": url}}

    check = exercises.part_by_size
    assert (lesson_04.CHARTS / lesson_04.SMALL).stat().st_size <= 30_000
    assert (lesson_04.CHARTS / lesson_04.LARGE).stat().st_size > 30_000
    for function, hint in (
        (lambda path, url: part("data:,") if path.stat().st_size <= 30_000 else part(url), "Right: "),
        (lambda path, url: part(url) if path.stat().st_size <= 30_000 else part("data:,"), "other way round"),
        (lambda path, url: part(url), "both pictures go by URL"),
        (lambda path, url: part("data:,"), "both pictures go in base64"),
        (lambda path, url: part("chart.png"), "start with chart.png and chart.png"),
        (lambda path, url: {"type": "image_url", "image_url": url}, "under image_url and url"),
        (lambda path, url: url, "a part is a dictionary"),
        (lambda path, url: None, "returns nothing for favorite_fruit.png"),
    ):
        assert hint in check(function)


def test_read_tea():
    chart = {"kind": "line", "title": "Cooling tea", "series": [{"name": None, "points": []}]}
    assert exercises.read_tea(chart).startswith("Right: ")
    for answer, hint in (
        (None, "the variable is still None"),
        ("{}", "this is text"),
        ([chart], "this is a list"),
        ({"title": "Cooling tea"}, "the keys kind, title and series"),
        (5, "the keys kind, title and series"),
        (chart | {"kind": "none"}, "no chart was read"),
        (chart | {"series": []}, "no chart was read"),
        (chart | {"title": None}, "the chart 'None'"),
    ):
        assert hint in exercises.read_tea(answer)
