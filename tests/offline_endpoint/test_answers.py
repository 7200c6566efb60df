"""Replies to whole conversations, with pictures drawn here and the clips of the lessons."""

# ruff: noqa: E501 - a reply that is expected stands in one piece

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import soundfile
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from offline_endpoint.answers import NOTHING_TO_READ, answer
from offline_endpoint.wire.conversation import Clip, Picture, Turn

DATA = Path(__file__).parents[2] / "data"
FONT = ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", 40)


def picture(encoded: bytes) -> Picture:
    with Image.open(io.BytesIO(encoded)) as image:
        return Picture(hashlib.sha256(encoded).hexdigest(), "image/png", *image.size, encoded)


def sign(*lines: str) -> Picture:
    """Lines of text at the left, each in a third of a 900 by 600 picture."""
    image = Image.new("RGB", (900, 600), "white")
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        draw.text((40, 60 + 200 * i), line, fill="black", font=FONT)
    buffer = io.BytesIO()
    image.save(buffer, "png")
    return picture(buffer.getvalue())


def bars(**heights: float) -> Picture:
    figure = Figure(figsize=(8, 5), dpi=100)
    axes = figure.subplots()
    axes.bar(list(heights), list(heights.values()))
    axes.set_title("Votes for the class pet")
    axes.set_ylabel("Votes")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return picture(buffer.getvalue())


def turned(shown: Picture) -> Picture:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(shown.encoded)).rotate(180).save(buffer, "png")
    return picture(buffer.getvalue())


def silence() -> Clip:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(16_000), 16_000, format="wav")
    encoded = buffer.getvalue()
    return Clip(hashlib.sha256(encoded).hexdigest(), "audio/wav", 1.0, encoded)


def clip(name: str) -> Clip:
    encoded = (DATA / "clips" / name).read_bytes()
    seconds = soundfile.info(io.BytesIO(encoded)).duration
    return Clip(hashlib.sha256(encoded).hexdigest(), "audio/x", seconds, encoded)


def user(text: str, *media: Picture | Clip) -> Turn:
    pictures = tuple(each for each in media if isinstance(each, Picture))
    return Turn("user", text, pictures, tuple(each for each in media if isinstance(each, Clip)))


def system(text: str) -> Turn:
    return Turn("system", text)


SAID = Turn("assistant", "An earlier reply.")
HELLO = clip("hello_how_are_you.mp3")
FLOWERS = clip("red_flowers.mp3")
NOTICE = sign("Welcome!", "Where is the hotel?", "Room 204")
OPEN, CLOSED = sign("Bakery", "Open"), sign("Bakery", "Closed")
RUSSIAN = sign("Библиотека закрыта", "Большое спасибо")
UPSIDE_DOWN = turned(NOTICE)
SILENCE = silence()
PETS = bars(Rabbit=12, Hamster=30, Turtle=21)


@pytest.mark.parametrize(
    ("turns", "reply"),
    [
        ([user("Translate this audio snippet to spanish.", HELLO)], "Hola. ¿Cómo estás?"),
        ([user("Transcribe the clip.", HELLO)], "hello how are you"),
        ([user("What does it say?", HELLO)], "hello how are you"),
        ([user("Transcribe the clip.", FLOWERS)], "the garden is full of red flowers"),
        ([user("Translate to German and French.", HELLO)], "German: Guten Tag. Wie geht es Ihnen?\nFrench: Bonjour. Comment allez-vous ?"),
        ([user("Translate to Spanish.", HELLO), SAID, user("And in French?")], "Bonjour. Comment allez-vous ?"),
        ([user("Translate to Spanish.", HELLO), SAID, user("And this one?", clip("good_morning.mp3"))], "Buenos días."),
        ([user("Transcribe it.", HELLO), SAID, user("Now translate it to Italian.")], "Salve. Come sta?"),
        ([system("Translate all speech to Portuguese."), user("", HELLO)], "Olá. Como você está?"),
        ([system("You transcribe clips."), user("Here it is.", HELLO)], "hello how are you"),
        ([system("You translate into French."), user("Good morning")], "Bonjour."),
        ([system("You translate into French."), user("Good morning"), SAID, user("And in German?")], "Guten Morgen."),
        ([system("You are helpful."), user("Translate to Spanish: Good morning")], "Buenos días."),
        ([user('Translate "Thank you." to Italian'), SAID, user("And in German?")], "Danke."),
        ([user("How do you say thank you in Italian?")], "Grazie."),
        ([user("Translate to Spanish: Thank you.", HELLO)], "Gracias."),
        ([user("List the text in the picture.", NOTICE)], "Welcome!\nWhere is the hotel?\nRoom 204"),
        (
            [user("Translate the text in the picture to German.", NOTICE)],
            'Willkommen!\nWo ist das Hotel?\nRoom 204\n\nThe phrasebook has no German for "Room 204", so that stays as written.',
        ),
        ([user('Find "Welcome!"', NOTICE)], '"Welcome!" stands at the top left.'),
        ([user("Where is room 204?", NOTICE)], '"room 204" stands at the bottom left.'),
        ([user('Does it say "hotel"?', NOTICE)], '"hotel" stands at the left, halfway down, in the line "Where is the hotel?".'),
        ([user('Find "Exit"', NOTICE)], 'I did not find "Exit" among the 3 lines of text in the picture.'),
        ([user("List the text", sign())], "I found no text in the picture."),
        ([user("Transcribe both.", HELLO, FLOWERS)], "Clip 1: hello how are you\n\nClip 2: the garden is full of red flowers"),
        ([user("List the text.", OPEN, CLOSED)], "Picture 1: Bakery\nOpen\n\nPicture 2: Bakery\nClosed"),
        (
            [user("Compare the two pictures.", OPEN, CLOSED)],
            'All pictures hold the text "Bakery". Only picture 1: "Open". Only picture 2: "Closed". '
            "What else tells them apart needs a model.",
        ),
        ([user("Transcribe the clip.", NOTICE, HELLO)], "hello how are you"),
        ([user("List the text in the picture.", NOTICE, HELLO)], "Welcome!\nWhere is the hotel?\nRoom 204"),
    ],
)  # fmt: skip
def test_reply(turns, reply):
    assert answer(turns) == reply


@pytest.mark.parametrize(
    ("turns", "parts"),
    [
        ([user("Which conclusion can be extracted from the following chart?", PETS)], ["Hamster is highest at about 30", "Rabbit lowest at about 12", "by about 9"]),
        ([user("Describe the picture.", PETS)], ['bar chart titled "Votes for the class pet"', "3 bars"]),
        ([user("Which pet has the fewest votes?", PETS)], ["Rabbit is lowest in votes, at about 12."]),
        ([user("How many votes for the turtle?", PETS), SAID, user("And the hamster?")], ["Hamster: votes about 30."]),
        ([user("Why do they like hamsters?", PETS)], ["cannot answer that", "Votes for the class pet"]),
        ([user("Which conclusion can be extracted?", NOTICE)], ["I could not read a chart's data", '"Room 204"']),
        ([user("Which conclusion can be extracted?", sign())], ["no text and no chart"]),
        ([user("List the text", RUSSIAN)], ["2 lines of writing that I cannot read"]),
        ([user("Describe the picture", RUSSIAN)], ["2 lines of writing that I cannot read", "needs a model"]),
        ([user("Which conclusion can be extracted?", RUSSIAN)], ["so I draw no conclusion", "cannot read"]),
        ([user("Translate the text to French", RUSSIAN)], ["cannot read"]),
        ([user("List the text", UPSIDE_DOWN)], ["Room 204\n\nThe picture stands upside down; I read it turned."]),
        ([user("Transcribe the clip.", SILENCE)], ["no English speech in the clip that I understood"]),
        ([user("Describe it", NOTICE)], ["900 by 600 pixels", "with 3 lines of text", '"Welcome!"']),
        ([user("Describe it", sign())], ["without text or chart data"]),
        ([user("Who painted this?", NOTICE)], ['"Welcome!"', "needs a model"]),
        ([user("What is the mood of the speaker?", HELLO)], ['"hello how are you"', "needs a model"]),
        ([user("", HELLO)], ["1.7 seconds", '"hello how are you"']),
        ([user("What do you see and hear?", NOTICE, HELLO)], ["hello how are you", "Welcome!"]),
        ([user("Translate to Japanese", HELLO)], ['"hello how are you"', "Japanese needs a model"]),
        ([user("Translate this", HELLO)], ["Say which language"]),
        ([user("Translate this")], ["nothing to translate"]),
        ([user("Translate this to Klingon")], ["Say which language to translate into: Spanish,"]),
        ([system("x")], ["no user message"]),
        ([], ["no user message"]),
    ],
)  # fmt: skip
def test_reply_holds(turns, parts):
    reply = answer(turns)
    assert [part for part in parts if part not in reply] == []


@pytest.mark.parametrize(
    "text", ["Write a poem about the sea.", "", "Which is the highest?", "List the text", "\u202e\u0000"]
)
def test_what_a_reader_cannot_do_is_declined(text):
    assert answer([user(text)]) == NOTHING_TO_READ


def test_a_change_in_the_content_changes_the_reply():
    ask = "Which conclusion can be extracted from the following chart?"
    replies = [answer([user(ask, each)]) for each in (PETS, bars(Rabbit=12, Gerbil=18, Turtle=21))]
    assert "Turtle is highest at about 21" in replies[1]
    assert "Gerbil (about 18)" in replies[1]
    spoken = [
        answer([user("Transcribe", clip(name))]) for name in ("good_morning.mp3", "what_time_is_it.flac")
    ]
    assert len({*replies, *spoken}) == 4


def test_the_same_turns_get_the_same_reply():
    turns = [user("Describe what you see and hear", PETS, HELLO)]
    assert answer(turns) == answer(turns)


def test_json():
    found = json.loads(answer([user("Return the data behind this chart as JSON.", PETS)], as_json=True))
    assert (found["kind"], found["title"], found["y_label"]) == ("bar", "Votes for the class pet", "Votes")
    points = found["series"][0]["points"]
    assert [(point["label"], point["x"]) for point in points] == [
        ("Rabbit", None),
        ("Hamster", None),
        ("Turtle", None),
    ]
    assert [point["y"] for point in points] == pytest.approx([12, 30, 21], abs=0.3)
    assert json.loads(answer([user("As JSON, please", PETS)])) == found


def test_json_within_a_token_limit_is_whole_and_says_what_it_leaves_out():
    asked = [user("Return the data behind this chart as JSON.", PETS)]
    short = answer(asked, as_json=True, most_tokens=60)
    assert len(short) <= 240
    assert json.loads(short)["note"].startswith(
        "3 of 3 points are left out; with all of them the reply needs "
    )
    assert "note" not in json.loads(answer(asked, as_json=True, most_tokens=80))
    assert list(json.loads(answer(asked, most_tokens=30))) == ["note"]


@pytest.mark.parametrize("turns", [[user("x")], [], [user("data", NOTICE)], [user("data", HELLO)]])
def test_json_without_a_chart_holds_no_data(turns):
    expected = {"kind": "none", "title": None, "x_label": None, "y_label": None, "series": []}
    assert json.loads(answer(turns, as_json=True)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a" * 300_000,
        "'" * 100_000,
        "translate to spanish: " * 5000,
        "find " * 50_000,
        "(a+)+$" * 5000,
        "\ud800\U0001f4a5" * 999,
    ],
    ids=lambda text: repr(text[:10]),
)
@pytest.mark.parametrize("media", [(), (NOTICE,), (PETS,), (HELLO,)], ids=["text", "notice", "chart", "clip"])
def test_hostile_text_gets_a_reply(text, media):
    assert answer([user(text, *media)])


def empty_plot() -> Picture:
    figure = Figure(figsize=(8, 5), dpi=100)
    figure.subplots().set_xlim(0, 10)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return picture(buffer.getvalue())


@pytest.mark.parametrize(
    ("shown", "sort"),
    [
        (sign(), "a blank area of one color"),
        (empty_plot(), "a plot with axes and no data"),
        (picture((DATA / "charts" / "shop_notice.png").read_bytes()), "a page of text"),
    ],
)
def test_what_is_no_chart_is_described_as_what_it_is(shown, sort):
    assert sort in answer([user("Describe this picture.", shown)])
    assert "conclusion" in answer([user("Which conclusion can be drawn?", shown)])
