"""Right and wrong answers to the exercises, made with the real clients, libraries and widgets.

The answers of a lesson stand in a list of their own. A part of what the check says stands beside each wrong one.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from html import escape
from pathlib import Path
from types import SimpleNamespace as Thing
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import httpx
import ipywidgets as widgets
import markupsafe
import matplotlib.pyplot as plt
import numpy as np
import openai
import pandas as pd
import pydantic
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference import models as azure
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from PIL import Image, ImageOps

from helpers import display, endpoint
from helpers.encoding import audio_part, image_part
from helpers.models import MODELS
from workbench.compare import Variant
from workbench.exercises import comparing
from workbench.playground.attachments import from_sample
from workbench.playground.conversation import Conversation, Exchange
from workbench.playground.request import Message, Options, Request
from workbench.playground.sending import Run, Usage
from workbench.score import Score, score

DATA = Path(__file__).parents[2] / "data"
CHARTS, CLIPS = DATA / "charts", DATA / "clips"
THANKS = "Thank you very much."
LONG = 'Translate to Spanish: "Good morning. How are you? Thank you very much."'
GERMAN = 'Translate to German: "Good morning."'


@dataclass(frozen=True)
class Answer:
    """A check's name, what makes its arguments, and a part of its sentence; None for a right answer."""

    check: str
    make: Callable[[Kit], tuple[Any, ...]]
    hint: str | None = None


class Kit:
    """What a lesson's cells have: an endpoint, both clients, and some shortcuts."""

    def __init__(self, here: Any) -> None:
        self.here = here
        self.asked = {}
        settings = {
            "endpoint": os.environ["AZURE_INFERENCE_ENDPOINT"],
            "credential": AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
            "api_version": os.environ["AZURE_INFERENCE_API_VERSION"],
        }
        self.client = ChatCompletionsClient(**settings, model=here.deployment)
        self.v1 = openai.OpenAI(
            base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["AZURE_INFERENCE_CREDENTIAL"]
        )

    def forget(self):
        """Empty the record, for a check that looks at all that arrived."""
        self.asked.clear()
        endpoint._offline().record.clear()

    def send(self, messages, **options):
        return self.client.complete(messages=messages, **options)

    def send_v1(self, messages, **options):
        return self.v1.chat.completions.create(model=self.here.deployment, messages=messages, **options)

    def ask(self, text, *parts, **options):
        """Ask each question once; a picture takes the reader a while."""
        key = json.dumps([text, parts, options], default=str)
        if options.get("stream") or key not in self.asked:
            self.asked[key] = self.send([user(text, *parts)], **options)
        return self.asked[key]

    def ask_v1(self, text, *parts, **options):
        return self.send_v1([user(text, *parts)], **options)

    def say(self, text, *parts):
        return self.ask(text, *parts).choices[0].message.content

    @property
    def first(self):
        return self.say("Which month has the most visitors?", PICTURE)

    def read(self, source):
        answer = self.ask(
            "Return the data behind this chart as JSON.", image_part(source), response_format="json_object"
        )
        return json.loads(answer.choices[0].message.content)

    @property
    def tea(self):
        return self.read(CHARTS / "cooling_tea.png")

    @property
    def walk(self):
        return self.read(CHARTS / "walk_to_school.png")["series"][0]["points"]


def user(text, *parts):
    return {"role": "user", "content": [{"type": "text", "text": text}, *parts] if parts else text}


def reply(text, **more):
    """A reply that no endpoint gave."""
    choice = Thing(message=Thing(content=text), finish_reason=more.pop("finish_reason", "stop"))
    return Thing(choices=[choice], usage=Thing(completion_tokens=3), created=1, id="made-up", **more)


class Unwilling:
    """Fails whatever is done with it."""

    def __getattr__(self, name):
        # Those of Python and of its tools are theirs.
        raise (AttributeError if name.startswith("_") else RuntimeError)(name)

    def __repr__(self):
        raise RuntimeError("repr")

    def __eq__(self, other):
        raise RuntimeError("eq")

    __hash__ = None

    def __bool__(self):
        raise RuntimeError("bool")


def rights(check, *makers):
    return [Answer(check, make) for make in makers]


def wrongs(check, *pairs):
    return [Answer(check, make, hint) for make, hint in pairs]


# Set up a client.


def translator(kit, prompt='Translate to {language}: "{text}"', *, after=lambda said: said):
    return lambda text, language: after(kit.say(prompt.format(text=text, language=language)))


def with_system(kit):
    def translate(text, language):
        system = azure.SystemMessage(content=f"You translate to {language}.")
        said = kit.send([system, azure.UserMessage(content=f'Translate to {language}: "{text}"')])
        return said.choices[0].message.content

    return translate


def through_v1(kit):
    def translate(text, language):
        return kit.ask_v1(f'Translate "{text}" to {language}.').choices[0].message.content

    return translate


FRENCH = f'Translate to French: "{THANKS}"'
SETUP = [
    *rights(
        "french_thanks",
        lambda kit: (kit.ask(FRENCH), kit.here),
        lambda kit: (kit.ask_v1(FRENCH), kit.here),
        lambda kit: (kit.send([azure.UserMessage(content=FRENCH)]), kit.here),
        lambda kit: (kit.send([{"role": "system", "content": "You translate."}, user(FRENCH)]), kit.here),
        lambda kit: (kit.send([user(FRENCH)], temperature=0, max_tokens=50), kit.here),
        lambda kit: (kit.send([{"role": "user", "content": [{"type": "text", "text": FRENCH}]}]), kit.here),
        lambda kit: (kit.ask(FRENCH),),
        lambda _: (reply('Sure! In French, you would say: "Merci beaucoup."'), Thing(is_offline=False)),
        lambda _: (reply("Je vous remercie beaucoup."), Thing(is_offline=False)),
    ),
    *wrongs(
        "french_thanks",
        (lambda kit: (kit.ask(f'Translate to Spanish: "{THANKS}"'), kit.here), "that is Spanish"),
        (lambda kit: (kit.say(FRENCH), kit.here), "keep the whole reply"),
        (lambda kit: (kit.ask("Say thank you."), kit.here), "no French thank-you"),
        (lambda kit: (reply("Merci beaucoup."), kit.here), "no request for this reply"),
        (lambda kit: (kit.ask(FRENCH).choices[0], kit.here), "keep the whole reply"),
        (lambda kit: (kit.ask(FRENCH).usage, kit.here), "keep the whole reply"),
        (lambda kit: (kit.client.complete, kit.here), "keep the whole reply"),
        (lambda kit: (kit.send([user(FRENCH)], stream=True), kit.here), "keep the whole reply"),
        (lambda kit: (reply("It was merciless."), kit.here), "no French thank-you"),
        (lambda kit: (HttpResponseError("no"), kit.here), "that is the error"),
        (lambda kit: ([kit.ask(FRENCH)], kit.here), "keep the whole reply"),
        (lambda kit: (edited(kit.send([user(GERMAN)]), "Merci."), kit.here), "replied something else"),
    ),
    *rights(
        "cut_short",
        lambda kit: (kit.ask(LONG, max_tokens=5), kit.here),
        lambda kit: (kit.ask_v1(LONG, max_tokens=5), kit.here),
        lambda kit: (kit.ask_v1(LONG, max_completion_tokens=5), kit.here),
        lambda kit: (kit.send([azure.UserMessage(content=LONG)], max_tokens=np.int64(5).item()), kit.here),
    ),
    *wrongs(
        "cut_short",
        (lambda kit: (kit.ask(LONG), kit.here), "Which option limits it"),
        (lambda kit: (kit.ask('Translate to Spanish: "Hello."', max_tokens=5), kit.here), "end by itself"),
        (lambda _: (5,), "keep the whole reply"),
        (lambda kit: (kit.say(LONG), kit.here), "keep the whole reply"),
        (lambda kit: (kit.ask(LONG, max_tokens=3), kit.here), "the limit that arrived is 3"),
        (lambda kit: (reply("A reply", finish_reason="length"), kit.here), "no request for this reply"),
    ),
    *rights(
        "translator",
        lambda kit: (translator(kit), kit.here),
        lambda kit: (translator(kit, after=str.strip), kit.here),
        lambda kit: (translator(kit, after=str.upper), None),
        lambda kit: (functools.cache(translator(kit)), kit.here),
        lambda kit: (with_system(kit), kit.here),
        lambda kit: (through_v1(kit), kit.here),
    ),
    *wrongs(
        "translator",
        (lambda kit: (lambda text, language: print(kit.say(FRENCH)), kit.here), "returns nothing"),
        (lambda kit: (lambda text, language: kit.ask(FRENCH), kit.here), "returns the whole reply"),
        (lambda kit: (translator(kit, 'Translate to French: "{text}"'), kit.here), "language in your prompt"),
        (lambda kit: (translator(kit, 'Translate to {language}: "Hello."'), kit.here), "text in your prompt"),
        (lambda _: (lambda text: text,), "stopped with TypeError"),
        (lambda _: ("Merci",), "Keep the function itself"),
        (lambda _: (lambda text, language: f"{text} in {language}",), "does not look like"),
        (lambda _: (lambda text, language: 5,), "a translation is text"),
        (
            lambda kit: (lambda text, language: WORDS[text, language], kit.here),
            "did not come from the endpoint",
        ),
        (lambda _: (lambda text, language: exit(),), "stopped with"),
        (lambda kit: (translator(kit, "{text}, {language}"), kit.here), "came out the same"),
        (lambda kit: (translator(kit, after=str.split), kit.here), "returns a list"),
    ),
]
WORDS = {
    (THANKS, "French"): "Un grand merci.",
    (THANKS, "German"): "Danke sehr.",
    ("Good morning.", "German"): "Schönen Morgen.",
}


def edited(given, text):
    given.choices[0].message.content = text
    return given


# Ask about a chart.

PICTURE = image_part(CHARTS / "library_visitors.png")
MOST, FEWEST = "Which month has the most visitors?", "Which month has the fewest visitors?"
TITLE_QUESTION = "What is the title of this chart?"


def drawn(draw, title="Fruit sold on Monday", **options):
    # Small, since each is really read.
    figure, axes = plt.subplots(**{"figsize": (4.4, 3.2)} | options)
    axes.bar(["Apples", "Pears", "Plums"], [12, 7, 9])
    draw(figure, axes, title)
    plt.close(figure)
    return figure


def plain_title(figure, axes, title):
    axes.set_title(title)


def chart(kit, draw=plain_title, title="Fruit sold on Monday", *, keep=lambda figure: figure, source=None):
    figure = drawn(draw, title)
    sent = image_part(source(figure) if source else figure)
    return keep(figure), kit.ask(TITLE_QUESTION, sent), kit.here


def saved(figure, **options):
    file = io.BytesIO()
    figure.savefig(file, **options)
    return file.getvalue()


def as_picture(figure):
    return Image.open(io.BytesIO(saved(figure, dpi=130)))


def talk(kit, first=None, told=None, last=FEWEST, part=PICTURE, before=()):
    first = first or user(MOST, part)
    told = told or {"role": "assistant", "content": kit.first}
    return [*before, first, told, user(last)]


def second(kit, **changes):
    messages = talk(kit, **changes)
    return messages, kit.send(messages), kit.here


def azure_talk(kit):
    parts = [
        azure.TextContentItem(text=MOST),
        azure.ImageContentItem(image_url=azure.ImageUrl(url=PICTURE["image_url"]["url"])),
    ]
    messages = [azure.UserMessage(content=parts)]
    first = kit.send(messages)
    messages += [
        azure.AssistantMessage(content=first.choices[0].message.content),
        azure.UserMessage(content=FEWEST),
    ]
    return messages, kit.send(messages), kit.here


def v1_talk(kit):
    messages = [user(MOST, PICTURE)]
    first = kit.send_v1(messages)
    messages += [first.choices[0].message, user(FEWEST)]
    return messages, kit.send_v1(messages), kit.here


def streamed_talk(kit):
    pieces = kit.send([user(MOST, PICTURE)], stream=True)
    told = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
    return second(kit, told={"role": "assistant", "content": told})


def went_on(kit):
    messages, last, here = second(kit)
    return [*messages, {"role": "assistant", "content": last.choices[0].message.content}], last, here


def smaller(path=CHARTS / "library_visitors.png"):
    with Image.open(path) as picture:
        return image_part(picture.convert("RGB").resize((800, 450)))


def suptitle(figure, axes, title):
    figure.suptitle(title)


def at_left(figure, axes, title):
    axes.set_title(title, loc="left")


ABOUT_CHARTS = [
    *rights(
        "picture_tokens",
        lambda _: (1065,),
        lambda _: (np.int64(1065),),
        lambda _: (1065.0,),
        lambda _: (np.array(1065),),
        lambda _: (Decimal(1065),),
    ),
    *wrongs(
        "picture_tokens",
        (lambda _: (765,), "the rule of gpt-4o"),
        (lambda _: (1073,), "width comes first"),
        (lambda _: ("many",), "is not the count"),
        (lambda _: (800 * 600,), "is not the count"),
        (lambda _: (True,), "is not the count"),
        (lambda _: ([1065, 765],), "is not the count"),
        (lambda _: (float("nan"),), "is not the count"),
        (lambda _: ("1065",), "is not the count"),
    ),
    *rights(
        "own_chart",
        chart,
        lambda kit: chart(kit, suptitle),
        lambda kit: chart(kit, at_left),
        lambda kit: chart(kit, title="Fruit sold at the market\non a Monday in May"),
        lambda kit: chart(kit, title=r"Fruit with $CO_2$ in the air"),
        lambda kit: chart(kit, title=r"Growth of $x^2$ for $\alpha$ plants"),
        lambda kit: chart(kit, lambda figure, axes, title: figure.text(0.3, 0.94, title, fontsize=14)),
        lambda kit: chart(kit, keep=lambda figure: figure.axes[0]),
        lambda kit: chart(kit, keep=lambda figure: (figure, figure.axes[0])),
        lambda kit: chart(kit, keep=lambda figure: np.array(figure.axes)),
        lambda kit: chart(kit, source=lambda figure: saved(figure, dpi=140)),
        lambda kit: chart(
            kit, source=lambda figure: saved(figure, format="jpg", dpi=120, bbox_inches="tight")
        ),
        lambda kit: chart(kit, source=as_picture),
        lambda kit: (*chart(kit)[:2], None),
    ),
    *wrongs(
        "own_chart",
        (lambda kit: chart(kit, title=""), "no title"),
        (lambda kit: chart(kit, source=lambda _: CHARTS / "favorite_fruit.png"), "does not name the title"),
        (lambda kit: (drawn(plain_title), "Fruit sold on Monday", kit.here), "keep the whole reply"),
        (lambda kit: (drawn(plain_title), reply("It is Fruit sold on Monday."), kit.here), "no request for"),
        (lambda kit: (drawn(plain_title), None), "keep both"),
        (lambda kit: (plt, kit.ask("Hello."), kit.here), "keep the figure itself"),
        (lambda kit: (plt.Figure(), kit.ask("Hello."), kit.here), "no title"),
        (lambda kit: ("my_figure", kit.ask("Hello."), kit.here), "keep the figure itself"),
        (lambda kit: chart(kit)[1::-1], "keep the figure itself"),
        (
            lambda kit: (drawn(plain_title, "Hola"), kit.ask('Translate to Spanish: "Hello."'), kit.here),
            "no picture",
        ),
        (
            lambda kit: (
                drawn(plain_title, "Visitors to the town library"),
                kit.ask(TITLE_QUESTION, PICTURE),
                kit.here,
            ),
            "one of the sample charts",
        ),
        (
            lambda kit: (
                drawn(plain_title, "Fruit sold on Monday"),
                kit.ask(
                    'Is this "Fruit sold on Monday"?',
                    image_part(drawn(plain_title, "Fruit sold on Monday", dpi=150)),
                ),
                kit.here,
            ),
            "another picture was sent",
        ),
        (lambda kit: (saved(drawn(plain_title)), kit.ask("Hello."), kit.here), "keep the figure itself"),
    ),
    *rights(
        "second_question",
        second,
        azure_talk,
        v1_talk,
        streamed_talk,
        went_on,
        lambda kit: second(kit, before=[{"role": "system", "content": "You read charts."}]),
        lambda kit: second(kit, first={"role": "user", "content": [PICTURE, {"type": "text", "text": MOST}]}),
        lambda kit: (tuple(talk(kit)), *second(kit)[1:]),
        lambda kit: second(
            kit,
            first=user(MOST, smaller()),
            told={"role": "assistant", "content": kit.say(MOST, smaller())},
        ),
        lambda kit: second(
            kit,
            part=(
                by_url := {
                    "type": "image_url",
                    "image_url": {"url": kit.here.sample_url("charts/library_visitors.png")},
                }
            ),
            told={"role": "assistant", "content": kit.say(MOST, by_url)},
        ),
        lambda kit: (*second(kit)[:2], Thing(is_offline=False)),
    ),
    *wrongs(
        "second_question",
        (
            lambda kit: second(kit, told={"role": "assistant", "content": "It is July, I think."}),
            "no model said",
        ),
        (lambda kit: second(kit, part=image_part(CHARTS / "cafe_drinks.png")), "this is another picture"),
        (lambda kit: second(kit, first=user(MOST)), "no picture"),
        (lambda kit: (talk(kit)[:2], kit.ask("Hello."), kit.here), "second question is missing"),
        (lambda kit: (talk(kit)[:1], kit.ask("Hello."), kit.here), "the first request alone"),
        (lambda kit: ([user(MOST, PICTURE), user(FEWEST)], kit.ask("Hello."), kit.here), "said between them"),
        (lambda kit: ([talk(kit)[n] for n in (1, 0, 2)], kit.ask("Hello."), kit.here), "in which order"),
        (lambda kit: ("messages", kit.ask("Hello."), kit.here), "list of dictionaries"),
        (lambda kit: (kit.ask("Hello."), talk(kit), kit.here), "list of dictionaries"),
        (lambda kit: (talk(kit), "December", kit.here), "whole second reply"),
        (lambda kit: (talk(kit), reply("December"), kit.here), "no request for this reply"),
        (lambda kit: (talk(kit), kit.ask(MOST, PICTURE), kit.here), "answers other messages"),
        (lambda kit: second(kit, last=MOST), "both questions are the same"),
        (lambda kit: (talk(kit, last=" "), kit.ask("Hello."), kit.here), "has no words"),
        (
            lambda kit: (
                talk(kit, told={"role": "assistant", "content": kit.ask("Hello.")}),
                kit.ask("Hello."),
            ),
            "not the whole reply",
        ),
        (lambda kit: ([None], kit.ask("Hello."), kit.here), "list of dictionaries"),
        (lambda kit: ([], kit.ask("Hello."), kit.here), "no picture"),
    ),
]


# Translate a spoken clip.


def heard(kit, names=("can_you_help_me.wav", "how_much_does_it_cost.mp3", "red_flowers.mp3"), change=str):
    return {name: change(kit.say("Transcribe this audio.", audio_part(CLIPS / name))) for name in names}


def clip(kit, words="Translate this audio to French.", name="good_morning.mp3", **options):
    return kit.ask(words, audio_part(CLIPS / name), **options), kit.here


BY_HAND = {
    "can_you_help_me.wav": "Can you help me, please?",
    "how_much_does_it_cost.mp3": "How much does it cost?",
    "red_flowers.mp3": "The garden is full of red flowers.",
}
AROUND = "Sure! Here is the transcription: "
ABOUT_CLIPS = [
    *rights(
        "clip_in_french",
        clip,
        lambda kit: clip(kit, temperature=0),
        lambda kit: (
            kit.ask_v1("Translate this audio to French.", audio_part(CLIPS / "good_morning.mp3")),
            kit.here,
        ),
        lambda _: (reply('Sure! Here is the translation: "Bonjour !"'),),
    ),
    *wrongs(
        "clip_in_french",
        (lambda kit: clip(kit, "Translate this to Spanish."), "that is Spanish"),
        (lambda kit: clip(kit, "Transcribe this audio."), "that is the transcript"),
        (lambda kit: clip(kit, name="red_flowers.mp3"), "Did you send the clip good_morning.mp3?"),
        (lambda kit: (kit.ask('Translate to French: "Good morning."'), kit.here), "carried no clip"),
        (lambda kit: (reply("Bonjour."), kit.here), "no request for this reply"),
        (
            lambda kit: (kit.say("Translate this audio to French.", audio_part(CLIPS / "good_morning.mp3")),),
            "whole",
        ),
    ),
    *rights(
        "seconds_for_tokens",
        *(
            lambda _, value=value: (value,)
            for value in (80, 80.0, np.int64(80), np.float32(80), Fraction(80))
        ),
    ),
    *wrongs(
        "seconds_for_tokens",
        (lambda _: (80_000,), "that is milliseconds"),
        (lambda _: (12.5,), "would cost 156 tokens"),
        (lambda _: ("80 seconds",), "is not a number of seconds"),
        (lambda _: (-5,), "would cost 0 tokens"),
        (lambda _: (float("nan"),), "is not a number"),
        (lambda _: (10**400,), "can make nothing"),
        (lambda _: (80 + 1j,), "is not a number"),
        (lambda _: ([80],), "is not a number"),
    ),
    *rights(
        "transcripts",
        lambda kit: (heard(kit), kit.here),
        lambda kit: (heard(kit, change=str.upper), kit.here),
        lambda kit: ({CLIPS / name: said for name, said in heard(kit).items()}, kit.here),
        lambda kit: (heard(kit, change=lambda said: AROUND + said), kit.here),
        lambda _: (
            {name: f'{AROUND}"{said}" Let me know if you need more!' for name, said in BY_HAND.items()},
        ),
        lambda _: (OrderedDict(BY_HAND),),
        lambda _: ({**BY_HAND, "good_morning.mp3": "Good morning."},),
    ),
    *wrongs(
        "transcripts",
        (lambda _: (list(BY_HAND),), "Make a dictionary"),
        (lambda _: ({name[:-4]: said for name, said in BY_HAND.items()},), "ending included"),
        (lambda _: ({name: reply(said) for name, said in BY_HAND.items()},), "Keep the text of each"),
        (lambda _: (dict.fromkeys(BY_HAND, 5),), "as text"),
        (lambda _: (dict.fromkeys(BY_HAND, "Can you help me, please?"),), "its own clip"),
        (lambda _: (dict(zip(BY_HAND, reversed(BY_HAND.values()), strict=True)),), "is not what"),
        (
            lambda _: (dict(zip(BY_HAND, ("¿Puede ayudarme?", "¿Cuánto?", "Flores rojas"), strict=True)),),
            "is not what",
        ),
        (lambda _: (dict(zip(BY_HAND, "abc", strict=True)),), "is not what"),
        (
            lambda _: ({name: f"{n} {' '.join(BY_HAND.values())}" for n, name in enumerate(BY_HAND)},),
            "is not what",
        ),
        (lambda _: ({name: Unwilling() for name in BY_HAND},), "can make nothing"),
    ),
]

# Send media by URL.

CLIP_URL = "https://example.com/good_morning.mp3"


def url_part(url=CLIP_URL, **more):
    return {"type": "audio_url", "audio_url": {"url": url}, **more}


def by_size(small=lambda path, url: image_part(path), large=lambda path, url: image_part(url), limit=30_000):
    return lambda path, url: (small if path.stat().st_size <= limit else large)(path, url)


def azure_image(path, url):
    if len(path.read_bytes()) <= 30_000:
        return azure.ImageContentItem(image_url=azure.ImageUrl.load(image_file=str(path), image_format="png"))
    return azure.ImageContentItem(image_url=azure.ImageUrl(url=url))


def by_hand(path, url):
    data = path.read_bytes()
    inside = base64.b64encode(data).decode()
    return {
        "type": "image_url",
        "image_url": {
            "url": f"data:image/png;base64,{inside}" if len(data) < 30_001 else url,
            "detail": "low",
        },
    }


ABOUT_URLS = [
    *rights(
        "audio_url_part",
        lambda _: (url_part(),),
        lambda _: (OrderedDict(url_part()),),
        lambda _: (json.loads(json.dumps(url_part())),),
        lambda _: ({"audio_url": {"url": CLIP_URL}, "type": "audio_url"},),
    ),
    *wrongs(
        "audio_url_part",
        (lambda _: ({"type": "audio_url", "audio_url": CLIP_URL},), "one level deeper"),
        (lambda _: ({"type": "image_url", "image_url": {"url": CLIP_URL}},), "'image_url'"),
        (lambda _: (url_part("good_morning.mp3"),), "start with https"),
        (lambda _: (url_part("https://example.com/other.mp3"),), "points to"),
        (lambda _: (url_part(format="mp3"),), "leave out format"),
        (
            lambda _: ({"type": "audio_url", "audio_url": {"url": CLIP_URL, "format": "mp3"}},),
            "leave out format",
        ),
        (lambda _: ([url_part()],), "type list"),
        (lambda _: (user("Listen.", url_part()),), "type is None"),
        (lambda _: ({"type": "audio_url"},), "key url"),
        (lambda _: (json.dumps(url_part()),), "type str"),
    ),
    *rights("base64_size", *(lambda _, value=value: (value,) for value in (400_000, 4e5, np.int32(400_000)))),
    *wrongs(
        "base64_size",
        (lambda _: (300_000,), "size of the file"),
        (lambda _: (225_000,), "other way round"),
        (lambda _: (1_200_000,), "is not the length"),
        (lambda _: ("400000",), "is not the length"),
    ),
    *rights(
        "part_by_size",
        lambda _: (by_size(),),
        lambda _: (azure_image,),
        lambda _: (by_hand,),
        lambda _: (by_size(lambda path, url: image_part(path.read_bytes())),),
    ),
    *wrongs(
        "part_by_size",
        (lambda _: (by_size(limit=-1),), "both pictures go by URL"),
        (lambda _: (by_size(limit=10**9),), "both pictures go in base64"),
        (
            lambda _: (by_size(lambda path, url: image_part(url), lambda path, url: image_part(path)),),
            "other way round",
        ),
        (lambda _: (by_size(limit=29_999),), "a file of 30,000 bytes"),
        (lambda _: (by_size(limit=30_720),), "a file of 30,001 bytes"),
        (lambda _: (by_size(large=lambda path, url: None),), "a part for model_quality"),
        (lambda _: (lambda path, url: url,), "a part is a dictionary"),
        (lambda _: (by_size(large=lambda path, url: image_part(CLIP_URL)),), "the larger picture is at"),
        (lambda _: (by_size(lambda path, url: image_part(CHARTS / "cafe_drinks.png")),), "another picture"),
        (lambda _: (by_size(lambda path, url: PICTURE | {"image_url": {"url": "data:,"}}),), "are damaged"),
        (
            lambda _: (by_size(lambda path, url: {"type": "image_url", "image_url": url}),),
            "under image_url and url",
        ),
        (lambda _: (lambda path: image_part(path),), "stopped with TypeError"),
    ),
]

# Measure how well a chart is read.


def walks(x="distance_km", y="minutes"):
    import csv

    with (CHARTS / "walk_to_school.csv").open(encoding="utf-8", newline="") as file:
        return [{"label": None, "x": float(row[x]), "y": float(row[y])} for row in csv.DictReader(file)]


BARS = [{"label": name, "x": None, "y": y} for name, y in zip("ABCD", (12, 7, 9, 16), strict=True)]


def bars(kit, truth=BARS, number=float):
    figure, axes = plt.subplots(figsize=(8, 5), dpi=120)
    axes.bar([point["label"] for point in truth], [point["y"] for point in truth])
    axes.set(title="Fruit sold on Monday", xlabel="Fruit", ylabel="Number sold")
    plt.close(figure)
    read = kit.read(figure)["series"][0]["points"]
    return truth, read


def own(kit, truth=BARS, change=lambda read, truth: (read, truth)):
    truth, read = bars(kit, truth)
    return truth, score(*change(read, truth)), kit.here


NUMBERED = [{"label": name, "x": None, "y": y} for name, y in zip((1, 2, 3, 4), (12, 7, 9, 16), strict=True)]
TEA = {
    "kind": "line",
    "title": "Cooling tea",
    "series": [{"name": None, "points": [{"label": None, "x": 0, "y": 90}]}],
}
MEASURED = [
    *rights(
        "read_tea",
        lambda kit: (kit.tea, kit.here),
        lambda kit: (OrderedDict(kit.tea), kit.here),
        lambda _: (TEA | {"title": "Tea, as it cools"},),
    ),
    *wrongs(
        "read_tea",
        (lambda _: (json.dumps(TEA),), "this is text"),
        (lambda _: ([TEA],), "this is a list"),
        (lambda kit: (kit.read(CHARTS / "favorite_fruit.png"), kit.here), "Which file did you read?"),
        (lambda kit: (kit.read(CHARTS / "shop_notice.png"), kit.here), "no chart was read"),
        (lambda kit: (TEA, kit.here), "no reply held this chart"),
        (lambda _: (TEA | {"series": [{"points": []}]},), "no points"),
        (lambda _: (TEA | {"title": None},), "the chart 'None'"),
        (lambda kit: (kit.ask("Hello."), kit.here), "the keys kind, title and series"),
    ),
    *rights(
        "scored_walk",
        lambda kit: (score(kit.walk, walks()), kit.here),
        lambda kit: (score(kit.walk[::-1], walks()[::-1]), kit.here),
        lambda kit: (score(tuple(kit.walk), tuple(walks())), kit.here),
        lambda kit: (score(kit.walk, walks()),),
    ),
    *wrongs(
        "scored_walk",
        (lambda kit: (score(truth := walks(), truth), kit.here), "against itself"),
        (lambda kit: (score(walks(), walks()), kit.here), "no reply held these points"),
        (lambda kit: (score(walks(), kit.walk), kit.here), "are swapped"),
        (lambda kit: (score(kit.walk, walks("minutes", "distance_km")), kit.here), "the right way round"),
        (lambda kit: (score(kit.walk[:1], walks()), kit.here), "no reply held these points"),
        (lambda kit: (score(kit.walk[:1], walks()),), "only 1 of 26"),
        (lambda kit: (score(kit.walk, walks()[:13]), kit.here), "the truth has 13 points"),
        (lambda kit: (str(score(kit.walk, walks())), kit.here), "type str"),
        (lambda kit: (kit.walk, kit.here), "type list"),
        (
            lambda kit: (score(kit.walk, [p | {"y": p["y"] + 1} for p in walks()]), kit.here),
            "not what stands in",
        ),
        (lambda kit: (Score(26, 26), kit.here), "not what stands in"),
    ),
    *rights(
        "own_score",
        own,
        lambda kit: own(kit, NUMBERED),
        lambda kit: own(kit, [point | {"label": str(point["label"])} for point in NUMBERED]),
        lambda kit: own(kit, [point | {"y": np.int64(point["y"])} for point in BARS]),
        lambda kit: own(kit, tuple(BARS)),
        lambda kit: own(kit)[:2],
    ),
    *wrongs(
        "own_score",
        (lambda kit: own(kit, change=lambda read, truth: (truth, truth)), "against itself"),
        (
            lambda kit: own(kit, change=lambda read, truth: (list(map(dict, truth)), truth)),
            "no reply held these",
        ),
        (lambda kit: own(kit, change=lambda read, truth: (truth, read)), "are swapped"),
        (lambda kit: own(kit, BARS[:3]), "at least four bars"),
        (lambda kit: own(kit, change=lambda read, truth: (read[:1], truth)), "no reply held these"),
        (lambda kit: own(kit, change=lambda read, truth: (read, truth[:3])), "against 3 points"),
        (lambda kit: (BARS, BARS, kit.here), "type list"),
        (
            lambda kit: (
                BARS,
                score(kit.read(CHARTS / "favorite_fruit.png")["series"][0]["points"], BARS),
                kit.here,
            ),
            "no bar was found",
        ),
    ),
]


# Read errors and put them right.


def see(kit, *, catch=HttpResponseError, give=lambda error: error.status_code, take=None):
    take = take or (lambda reply: reply.choices[0].message.content)

    def ask(request):
        try:
            return take(request())
        except catch as error:
            return give(error)

    return ask, kit.client


def lean(**options):
    return (openai.OpenAI(base_url="https://example.com", api_key="none", **options),)


REPAIRED = [
    *rights(
        "repaired_request",
        lambda kit: (kit.ask(GERMAN, max_tokens=20), kit.here),
        lambda kit: (kit.send([{"role": "user", "content": [{"type": "text", "text": GERMAN}]}]), kit.here),
        lambda kit: (kit.ask_v1(GERMAN), kit.here),
        lambda kit: (kit.ask(GERMAN), None),
    ),
    *wrongs(
        "repaired_request",
        (lambda kit: (ValueError("no"), kit.here), "that is the error"),
        (lambda kit: (kit.say(GERMAN), kit.here), "keep the whole reply"),
        (
            lambda kit: (kit.ask('Translate to Spanish: "Good morning."'), kit.here),
            "Change the mistakes only",
        ),
        (lambda kit: (reply("Guten Morgen."), kit.here), "no request for this reply"),
        (lambda kit: ({"messages": [user(GERMAN)]}, kit.here), "keep the whole reply"),
    ),
    *rights(
        "patient_client",
        lambda _: lean(max_retries=4, timeout=30),
        lambda _: lean(max_retries=4, timeout=httpx.Timeout(30, connect=5)),
        lambda _: lean(max_retries=4, timeout=np.float64(30)),
        lambda kit: (kit.v1.with_options(max_retries=4, timeout=30.0),),
        lambda _: (
            openai.AsyncOpenAI(base_url="https://example.com", api_key="no", max_retries=4, timeout=30),
        ),
    ),
    *wrongs(
        "patient_client",
        (lambda _: lean(max_retries=5, timeout=30), "tries six times"),
        (lambda _: lean(timeout=30), "it tries 3 times in all"),
        (lambda _: lean(max_retries=4, timeout=30_000), "counts in seconds"),
        (lambda _: lean(max_retries=4), "Set timeout to 30"),
        (lambda _: (Thing(max_retries=4, timeout=30),), "type SimpleNamespace"),
        (lambda _: (openai.OpenAI,), "type type"),
        (lambda kit: (kit.client,), "type ChatCompletionsClient"),
    ),
    *rights(
        "status_or_text",
        see,
        lambda kit: see(kit, take=lambda reply: reply.choices[0].message.content.strip()),
        lambda kit: see(kit, take=lambda reply: reply["choices"][0]["message"]["content"]),
        lambda kit: see(kit, give=lambda error: error.response.status_code),
    ),
    *wrongs(
        "status_or_text",
        (lambda kit: see(kit, catch=ClientAuthenticationError), "A refusal should not get out"),
        (
            lambda kit: see(kit, catch=Exception, give=lambda error: getattr(error, "status_code", None)),
            "was hidden",
        ),
        (lambda kit: see(kit, catch=Exception), "it has no status"),
        (lambda kit: see(kit, give=str), "Return the status, a number"),
        (lambda kit: see(kit, take=lambda reply: reply), "returns the whole reply"),
        (lambda kit: (lambda request: request, kit.client), "Call request()"),
        (lambda kit: see(kit, give=lambda error: 404), "a refusal like this gives status"),
        (
            lambda kit: see(kit, catch=AzureError, give=lambda error: getattr(error, "status_code", None)),
            "no connection, no refusal, was hidden",
        ),
        (lambda kit: (lambda request: "Guten Morgen.", kit.client), "Call request()"),
        (lambda kit: see(kit, take=lambda reply: "Hallo."), "the reply was"),
        (lambda kit: see(kit, give=lambda error: True), "returns True"),
    ),
]

# Move to the OpenAI v1 route.

OLD = [
    azure.SystemMessage(content="You read charts."),
    azure.UserMessage(
        content=[
            azure.TextContentItem(text="How many?"),
            azure.ImageContentItem(image_url=azure.ImageUrl(url="https://example.com/chart.png")),
        ]
    ),
]


def streamed(kit, **options):
    pieces = kit.ask_v1(GERMAN, stream=True, **options)
    return (list(pieces), kit.here)


WITH_USAGE = {"stream_options": {"include_usage": True}}


def taking_apart(messages):
    for message in messages:
        yield message.as_dict()


def by_role(message):
    names = {"system": "You read charts.", "user": OLD[1].as_dict()["content"]}
    return {"role": str(message.role.value), "content": names[message.role.value]}


MOVED = [
    *rights(
        "moved_request",
        lambda kit: (kit.ask_v1(GERMAN, extra_body={"seed": 7}), kit.here),
        lambda kit: (kit.ask_v1(GERMAN, seed=7), kit.here),
        lambda kit: (kit.ask_v1(GERMAN, seed=7, temperature=0), kit.here),
        lambda kit: (kit.ask_v1(GERMAN), None),
    ),
    *wrongs(
        "moved_request",
        (lambda kit: (kit.ask(GERMAN), kit.here), "came through the Azure client"),
        (
            lambda kit: (kit.ask_v1("Good morning.").choices[0].message.content, kit.here),
            "keep the whole reply",
        ),
        (
            lambda kit: (kit.ask_v1('Translate to Spanish: "Good morning."', seed=7), kit.here),
            "not the question",
        ),
        (lambda kit: (kit.ask_v1(GERMAN), kit.here), "the seed of 7 did not arrive"),
        (lambda kit: (kit.ask_v1(GERMAN, seed=8), kit.here), "the seed of 7 did not arrive"),
        (lambda kit: (reply("Guten Morgen."), kit.here), "no request for this reply"),
        (lambda kit: (kit.v1.chat.completions.with_raw_response, kit.here), "keep the whole reply"),
    ),
    *rights(
        "streamed_usage",
        lambda kit: streamed(kit, **WITH_USAGE),
        lambda kit: (tuple(streamed(kit, **WITH_USAGE)[0]), kit.here),
        lambda kit: streamed(kit, **WITH_USAGE)[:1],
    ),
    *wrongs(
        "streamed_usage",
        (streamed, "stream_options"),
        (lambda kit: (list(kit.ask(GERMAN, stream=True)), kit.here), "came from the old route"),
        (lambda kit: (kit.ask_v1(GERMAN, stream=True), kit.here), "this is no list"),
        (lambda kit: (["Guten", "Morgen"], kit.here), "not their texts"),
        (lambda kit: (streamed(kit, **WITH_USAGE)[0][-1:], kit.here), "with the text are missing"),
        (lambda kit: ([kit.ask_v1(GERMAN)], kit.here), "old route"),
        (lambda kit: ([], kit.here), "this is no list"),
    ),
    *rights(
        "plain_messages",
        lambda _: (lambda messages: [message.as_dict() for message in messages], OLD),
        lambda _: (lambda messages: tuple(message.as_dict() for message in messages), OLD),
        lambda _: (lambda messages: [json.loads(json.dumps(message.as_dict())) for message in messages], OLD),
    ),
    *wrongs(
        "plain_messages",
        (lambda _: (lambda messages: messages, OLD), "still objects of the Azure package"),
        (
            lambda _: (lambda messages: [{"role": m.role, "content": m.content} for m in messages], OLD),
            "inside the dictionaries are still objects",
        ),
        (lambda _: (lambda messages: list(map(str, messages)), OLD), "holds text"),
        (
            lambda _: (lambda messages: [m.as_dict() | {"content": "?"} for m in messages], OLD),
            "lost or changed",
        ),
        (lambda _: (print, OLD), "returns nothing"),
        (lambda _: (taking_apart, OLD), "Return a list"),
        (lambda _: (lambda messages: [message.as_dict() for message in messages[1:]], OLD), "Return a list"),
        (
            lambda _: (lambda messages: [by_role(message) for message in messages], OLD),
            "stopped with AttributeError",
        ),
    ),
]

# Ask about many files.


async def right_ask(client, task, messages):
    limit = 400 if task.media == "image" else 50
    return await client.complete(messages=messages, model=task.deployment, max_tokens=limit)


def asking(image=400, audio=50, option="max_tokens", **more):
    async def ask(client, task, messages):
        limit = image if task.media == "image" else audio
        return await client.complete(**{"messages": messages, "model": task.deployment, option: limit} | more)

    return ask


async def ask_v1(client, task, messages):
    limit = {"image": 400, "audio": 50}[task.media]
    return await client.chat.completions.create(
        messages=messages, model=task.deployment, max_completion_tokens=limit
    )


async def with_a_system_message(client, task, messages):
    messages.insert(0, {"role": "system", "content": "Be short."})
    return await right_ask(client, task, messages)


async def in_a_body(client, task, messages):
    limit = 400 if task.media == "image" else 50
    return await client.complete({"messages": messages, "model": task.deployment, "max_tokens": limit})


def plain_function(client, task, messages):
    # Not async itself, but what it returns can be awaited, so a run takes it.
    return right_ask(client, task, messages)


async def no_return(client, task, messages):
    await right_ask(client, task, messages)


async def no_await(client, task, messages):
    return client.complete(messages=messages, model=task.deployment, max_tokens=50)


async def nothing_sent(client, task, messages):
    return messages


async def sent_twice(client, task, messages):
    await right_ask(client, task, messages)
    return await right_ask(client, task, messages)


async def a_slip(client, task, messages):
    return task.medium


async def by_ending(client, task, messages):
    limit = 400 if task.file.endswith(".png") else 50
    return await client.complete(messages=messages, model=task.deployment, max_tokens=limit)


def counts(kit, prompt="Transcribe this audio.", names=("good_morning.mp3", "red_flowers.mp3"), **changes):
    kit.forget()
    for name in names:
        kit.ask(prompt, audio_part(CLIPS / name))
    return {"answered": 2, "failed": 0, "refused": 5, "sent": 2, "there": 0} | changes, 2, kit.here


ABOUT_MANY = [
    *rights("requests_a_minute", *(lambda _, v=v: (v,) for v in (18, 18.0, np.int64(18), Fraction(18)))),
    *wrongs(
        "requests_a_minute",
        (lambda _: (360,), "other limit"),
        (lambda _: (18.75,), "Round down"),
        (lambda _: (20,), "reply counts"),
        (lambda _: (25,), "80,000 tokens"),
        (lambda _: ("18",), "is not a number"),
        (lambda _: (True,), "is not a number"),
    ),
    *rights(
        "asked_sounds",
        counts,
        lambda kit: counts(kit, answered=0, sent=0, there=7),
        lambda _: ({"answered": 4, "there": 2}, 4),
        lambda _: ({"answered": np.int64(4)}, 4),
    ),
    *wrongs(
        "asked_sounds",
        (lambda _: ([], 4), "await"),
        (lambda _: ({"answered": 12}, 4), "under 'image'"),
        (lambda _: ({"answered": 0, "there": 4}, 4), "there already"),
        (lambda _: ({"answered": 3, "there": 0}, 4), "3 of 4"),
        (lambda kit: counts(kit, 'Translate this audio snippet to "Spanish".'), "were asked something else"),
        (lambda kit: counts(kit, names=("red_flowers.mp3",) * 2), "were asked something else"),
        (lambda kit: counts(kit, answered="2"), "is not a number of files"),
    ),
    *rights(
        "own_ask",
        *(
            lambda _, ask=ask: (ask,)
            for ask in (
                right_ask,
                plain_function,
                ask_v1,
                with_a_system_message,
                in_a_body,
                asking(np.int64(400), np.int64(50)),
                asking(model_extras={"seed": 7}),
            )
        ),
    ),
    *wrongs(
        "own_ask",
        (lambda _: ("my_ask",), "type str"),
        (lambda _: (asking(50, 400),), "wrong way round"),
        (lambda _: (asking(option="temperature"),), "as long as it likes"),
        (lambda _: (asking(400, 400),), "same limit"),
        (lambda _: (asking(400, 60),), "sound is limited to 60"),
        (lambda _: (no_return,), "return line"),
        (lambda _: (no_await,), "Put await before"),
        (lambda _: (asking(model=None),), "name its model"),
        (lambda _: (asking(messages=[]),), "messages that the function is given"),
        (lambda _: (nothing_sent,), "nothing was sent"),
        (lambda _: (sent_twice,), "2 requests"),
        (lambda _: (a_slip,), "AttributeError"),
        (lambda _: (lambda client, task: None,), "TypeError"),
        (lambda _: (right_ask(None, Thing(media="image", deployment=""), []),), "without calling it"),
        (lambda _: (by_ending,), "same limit"),
    ),
]

# Write a report.

FRUIT_IMG = f'<img src="{image_part(CHARTS / "favorite_fruit.png")["image_url"]["url"]}" alt="Chart: fruit.">'
LIBRARY_IMG = f'<h2>Visitors</h2><img src="{PICTURE["image_url"]["url"]}" alt="Chart: visitors.">'


def page(body):
    return f"<!DOCTYPE html><html><body>{body}</body></html>"


FIRST_TRIED = '<b title="sale">5 > 3 & 2 < 4</b>'


def refuse(text):
    raise KeyError(text)


REPORT = [
    *rights("run_cost", *(lambda _, v=v: (v,) for v in (0.0078, np.float64(0.0078), Decimal("0.0078")))),
    *wrongs(
        "run_cost",
        (lambda _: (7800.0,), "a million"),
        (lambda _: (0.78,), "cents"),
        (lambda _: (0.02445,), "the other kind"),
        (lambda _: (0.00645,), "one price"),
        (lambda _: (3,), "not the cost"),
        (lambda _: ("0.0078",), "not a number"),
        (lambda _: (float("inf"),), "not a number"),
    ),
    *rights(
        "safe_item",
        lambda _: (lambda text: f"<li>{escape(text)}</li>",),
        lambda _: (lambda text: f"<li>{escape(text, quote=False)}</li>",),
        lambda _: (lambda text: f"\n<li class='note'>\n  {escape(text)}\n</li>\n",),
        lambda _: (lambda text: markupsafe.Markup("<li>{}</li>").format(text),),
        lambda _: (lambda text: "<LI>" + text.replace("&", "&amp;").replace("<", "&lt;") + "</LI>",),
    ),
    *wrongs(
        "safe_item",
        (lambda _: ("<li></li>",), "Keep the function itself"),
        (lambda _: (lambda text: f"<li>{text}</li>",), "became one of the page"),
        (lambda _: (lambda text: f"<li>{escape(escape(text))}</li>",), "twice"),
        (lambda _: (lambda text: f"<li>{text.replace('<', '').replace('>', '')}</li>",), "lost"),
        (lambda _: (escape,), "one <li>"),
        (lambda _: (lambda text: escape(f"<li>{text}</li>"),), "one <li>"),
        (lambda _: (lambda text: None,), "returns nothing"),
        (lambda _: (lambda text: 5,), "type int"),
        (lambda _: (lambda: "<li></li>",), "TypeError"),
        (lambda _: (refuse,), "KeyError"),
        (
            lambda _: (lambda text: f"<li>{escape(FIRST_TRIED)}</li>",),
            "lost",
        ),
        (lambda _: (lambda text: f"<ul><li>{escape(text)}</li></ul>",), "one <li> and no other"),
        (
            lambda _: (lambda text: f'<li onclick="{escape(text)}">{escape(text)}</li>',),
            "one <li> and no other",
        ),
        (lambda _: (lambda text: f"<li>{text.replace('<', '&lt;')}</li>",), "lost"),
    ),
    *rights(
        "own_report",
        lambda _: (page(FRUIT_IMG + LIBRARY_IMG),),
        lambda _: (page(LIBRARY_IMG + FRUIT_IMG),),
        lambda _: (page(FRUIT_IMG + f'<img alt="Chart" src="{smaller()["image_url"]["url"]}">'),),
    ),
    *wrongs(
        "own_report",
        (lambda _: (5,), "which is a text"),
        (lambda _: (LIBRARY_IMG,), "no whole page"),
        (lambda _: (page(FRUIT_IMG),), "not in the report"),
        (lambda _: (page(LIBRARY_IMG),), "new chart alone"),
        (lambda _: (page(LIBRARY_IMG + LIBRARY_IMG),), "new chart alone"),
        (lambda _: (page(LIBRARY_IMG + '<img src="fruit.png" alt="Fruit">'),), "by its path"),
        (lambda _: (page(LIBRARY_IMG + FRUIT_IMG.replace("Chart: fruit.", " ")),), "no alternative text"),
        (lambda _: (page("<h2>Visitors to the town library</h2>"),), "holds no picture"),
        (
            lambda _: (
                page(FRUIT_IMG + '<img alt="Visitors to the town library" src="data:image/png;base64,AA==">'),
            ),
            "damaged",
        ),
        (lambda _: (page(FRUIT_IMG).encode(),), "type bytes"),
    ),
]

# Explore prompts in a playground.

CHART, OTHER = from_sample("charts/cafe_drinks.png"), from_sample("charts/favorite_fruit.png")


def run(words, tokens=None, attachments=(CHART,), error=None):
    made = Run(Request("", (Message("user", words, tuple(attachments)),), Options("gpt-4o")))
    made.usage = Usage(tokens, 5, tokens + 5) if tokens is not None else None
    made.error = error
    return made


def conversation(*parents, **options):
    talk, exchanges = Conversation(), []
    for parent in parents:
        exchanges.append(Exchange(None if parent is None else exchanges[parent].id, run("Hello.", **options)))
        talk.add(exchanges[-1])
    return (talk,)


def runs(*pairs, **options):
    return ([run(*pair, **options) for pair in pairs],)


class Asked:
    """Stands in for a playground: keeps what is sent, and tells its listeners of a reply at once."""

    def __init__(self, text='He said "yes" & left.'):
        self.runs, self.listeners, self.attached, self.text = [], [], [], text

    def attach_sample(self, name):
        self.attached.append(from_sample(name))

    def listen(self, callback):
        self.listeners.append(callback)

    def send(self, words):
        made = run(words, 10, self.attached)
        made.text = self.text
        self.runs.append(made)
        for callback in self.listeners:
            callback(Thing(run=made))
        made.end(made.status)


def tool(
    *,
    shows=lambda text: display.show_reply(text).html,
    names=("cafe_drinks", "library_visitors"),
    words="Describe the chart.",
    box=widgets.VBox,
    attach=lambda playground, chart: playground.attach_sample(chart.value),
):
    def make(playground):
        chart = widgets.Dropdown(options=[(name, f"charts/{name}.png") for name in names])
        button, reply = widgets.Button(), widgets.HTML()
        button.on_click(lambda _: (attach(playground, chart), playground.send(words)))
        playground.listen(lambda event: setattr(reply, "value", shows(event.run.text)))
        return box([widgets.HBox([chart, button]), reply])

    return make, Asked()


def both(playground, chart):
    for _, name in chart.options:
        playground.attach_sample(name)


EXPLORED = [
    *rights(
        "two_branches",
        lambda _: conversation(None, None),
        lambda _: conversation(None, 0, 0),
        lambda _: conversation(None, 0, None),
        lambda _: conversation(None, 0, 0, 0),
    ),
    *wrongs(
        "two_branches",
        (lambda _: conversation(), "empty"),
        (lambda _: conversation(None, 0, 1), "one branch"),
        (lambda _: conversation(None, None, attachments=()), "no request held a chart"),
        (lambda _: conversation(None, None, error="Stopped."), "requests failed"),
        (lambda _: runs(("Hello.",)), "tool.playground.conversation"),
        (lambda _: (3,), "tool.playground.conversation"),
    ),
    *rights(
        "half_the_price",
        lambda _: runs(("How many?", 1600), ("Why?", 50), ("How many? ", 120)),
        lambda _: runs(("How many?", 1600), ("How many?", 800)),
        lambda _: (tuple(runs(("How many?", 1600), ("How many?", 100))[0]),),
    ),
    *wrongs(
        "half_the_price",
        (lambda _: ("runs",), "tool.playground.runs"),
        (lambda _: ([1],), "tool.playground.runs"),
        (lambda _: ([],), "no reply about a picture"),
        (lambda _: runs(("How many?",)), "no reply about a picture"),
        (lambda _: runs(("How many?", 10), ("How many?", 5), attachments=()), "no reply about a picture"),
        (lambda _: runs(("How many?", 1600), ("Why?", 100)), "asked twice"),
        (lambda _: ([run("How many?", 1600), run("How many?", 100, (OTHER,))],), "asked twice"),
        (lambda _: runs(("How many?", 1600), ("How many?", 900)), "more than half"),
        (lambda _: runs(("How many?", 100), ("How many?", 1600)), "more than half"),
        (lambda _: runs(("How many?", 0), ("How many?", 0)), "no reply about a picture"),
    ),
    *rights(
        "own_tool",
        lambda _: tool(),
        lambda _: tool(shows=escape),
        lambda _: tool(box=widgets.HBox),
        lambda _: tool(names=("cafe_drinks", "favorite_fruit", "library_visitors")),
        lambda _: tool(words="Please describe this chart."),
    ),
    *wrongs(
        "own_tool",
        (lambda _: (3, Asked()), "type int"),
        (lambda _: (lambda: None, Asked()), "TypeError"),
        (lambda _: (lambda playground: None, Asked()), "returns nothing"),
        (lambda _: (lambda playground: "a box", Asked()), "no Dropdown and no Button and no HTML"),
        (lambda _: tool(names=["cafe_drinks"]), "less than two"),
        (lambda _: tool(shows=str), "as it is"),
        (lambda _: tool(shows=lambda text: text[:3]), "the whole of it"),
        (lambda _: tool(words="Hello."), "Ask it to describe"),
        (lambda _: tool(attach=lambda playground, chart: None), "went out alone"),
        (lambda _: tool(attach=both), "cafe_drinks.png and library_visitors.png was sent"),
    ),
]

# Turn forms, receipts and photos into data.

SIGN = {"street": "Old Mill Street", "district": "Norrvik Harbor"}


def off(rows):
    numbers = ([row[key] for key in ("seats", "booked", "free")] for row in rows)
    return [
        row["name"]
        for row, (seats, booked, free) in zip(rows, numbers, strict=True)
        if None in (seats, booked, free) or seats - booked != free
    ]


def without_gaps(rows):
    whole = [row for row in rows if None not in row.values()]
    return [row["name"] for row in whole if row["seats"] - row["booked"] != row["free"]]


def gaps_as_zero(rows):
    return [row["name"] for row in rows if (row["seats"] or 0) - (row["booked"] or 0) != (row["free"] or 0)]


def ticket(base=pydantic.BaseModel, **changes):
    fields = {"plate": (str, ...), "euros": (float | None, ...), "minutes": (int | None, ...)}
    wanted = {name: field for name, field in (fields | changes).items() if field}
    return (pydantic.create_model("Ticket", __base__=base, **wanted),)


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")


def sign(kit, fields=SIGN, *, file="documents/street_sign.jpg", keep=dict):
    kit.forget()
    if file:
        kit.say("Transcribe the text in this picture.", image_part(DATA / file))
    return keep(fields), kit.here


FORMS = [
    *rights(
        "rows_checked",
        lambda _: (off,),
        lambda _: (lambda rows: tuple(off(rows)),),
        lambda _: (lambda rows: off(rows)[::-1],),
        lambda _: (functools.partial(off),),
    ),
    *wrongs(
        "rows_checked",
        (lambda _: (without_gaps,), "does not name it: {'name': 'Holly'"),
        (lambda _: (gaps_as_zero,), "does not name it: {'name': 'Oak'"),
        (lambda _: (lambda rows: print(off(rows)),), "returns nothing"),
        (lambda _: (lambda rows: [row["name"] for row in rows],), "this row is right"),
        (lambda _: (lambda rows: [],), "this row is off"),
        (lambda _: (lambda rows: [row for row in rows if row["name"] in off(rows)],), "names of the rows"),
        (lambda _: (lambda rows: len(off(rows)),), "type int"),
        (lambda _: (lambda rows: off(rows) * 2,), "Name each row that is off once"),
        (lambda _: (lambda: [],), "stopped with TypeError"),
        (lambda _: (["Birch"],), "Keep the function itself"),
    ),
    *rights(
        "ticket_class",
        lambda _: ticket(Strict),
        lambda _: ticket(Strict, minutes=(pydantic.NonNegativeInt | None, ...)),
        lambda _: ticket(Strict, euros=(Decimal | None, ...)),
        lambda _: ticket(Strict, euros=(float | None, pydantic.Field(description="Euros paid"))),
    ),
    *wrongs(
        "ticket_class",
        (lambda _: ticket(), "Forbid what is extra"),
        (lambda _: ticket(Strict, euros=(float, ...)), "euros cannot be null"),
        (lambda _: ticket(Strict, minutes=(int | None, None)), "minutes may be left out"),
        (lambda _: ticket(Strict, minutes=(float | None, ...)), "a whole number"),
        (lambda _: ticket(Strict, plate=(str | None, ...)), "plate may be null"),
        (lambda _: ticket(Strict, plate=(int, ...)), "does not take this ticket"),
        (lambda _: ticket(Strict, euros=(float | str | None, ...)), "the word 'free'"),
        (lambda _: ticket(Strict, minutes=None), "the fields are to be"),
        (lambda _: (Strict(),), "an object of the class"),
        (lambda _: (dict,), "derived from BaseModel"),
        (lambda _: ({"plate": str},), "type dict"),
    ),
    *rights(
        "read_sign",
        sign,
        lambda kit: sign(kit, {"street": "OLD MILL STREET", "district": "norrvik  harbor"}),
        lambda kit: sign(
            kit, keep=lambda fields: pydantic.create_model("Sign", street=str, district=str)(**fields)
        ),
        lambda _: (SIGN, None),
    ),
    *wrongs(
        "read_sign",
        (lambda kit: sign(kit, keep=lambda fields: fields["street"]), "this is text"),
        (lambda kit: sign(kit, keep=list), "type list"),
        (lambda kit: sign(kit, {"street": "Old Mill Street"}), "the keys are to be"),
        (lambda kit: sign(kit, {**SIGN, "district": None}), "both values are to be text"),
        (lambda kit: sign(kit, {"street": SIGN["district"], "district": SIGN["street"]}), "swapped"),
        (lambda kit: sign(kit, {**SIGN, "street": "Old Mill"}), "is not the street"),
        (lambda kit: sign(kit, file=None), "no reply about a picture"),
    ),
]


# Ask questions of a recording.


def stamp(seconds):
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


RECORDINGS = [
    *rights(
        "rate_by_hand",
        lambda _: (3 / 7,),
        lambda _: (0.43,),
        lambda _: (Fraction(3, 7),),
        lambda _: (np.float64(0.4286),),
    ),
    *wrongs(
        "rate_by_hand",
        (lambda _: (43,), "in percent"),
        (lambda _: (3,), "the number of slips"),
        (lambda _: (7 / 3,), "Turn the division round"),
        (lambda _: (2 / 7,), "one slip is left out"),
        (lambda _: (1 / 7,), "two slips are left out"),
        (lambda _: (4 / 7,), "words that are right"),
        (lambda _: (0.9,), "0.9 is not the rate"),
        (lambda _: ("43 %",), "is not a rate"),
    ),
    *rights(
        "minutes_that_fit",
        lambda _: (10,),
        lambda _: (10.0,),
        lambda _: (np.int64(10),),
    ),
    *wrongs(
        "minutes_that_fit",
        (lambda _: (625,), "that is seconds"),
        (lambda _: (20,), "two bytes, not one"),
        (lambda _: (5,), "mono, not stereo"),
        (lambda _: (10.4,), "only whole minutes"),
        (lambda _: (30,), "would take 57.6 million bytes"),
        (lambda _: (True,), "is not a number of minutes"),
    ),
    *rights(
        "time_stamp",
        lambda _: (stamp,),
        lambda _: (lambda seconds: f"{int(seconds // 60)}:{int(seconds % 60):02d}",),
        lambda _: (functools.cache(stamp),),
    ),
    *wrongs(
        "time_stamp",
        (lambda _: (lambda seconds: print(stamp(seconds)),), "returns nothing"),
        (lambda _: (lambda seconds: seconds / 60,), "type float"),
        (lambda _: (lambda seconds: stamp(round(seconds)),), "for 59.99 seconds"),
        (
            lambda _: (lambda seconds: f"{int(seconds) // 60}:{int(seconds) % 60}",),
            "for 0 seconds it gives '0:0'",
        ),
        (lambda _: (stamp(7.28),), "Keep the function itself"),
        (lambda _: (lambda: "0:07",), "stopped with TypeError"),
    ),
]


# Prepare a picture so that it can be read.

DOCUMENTS = DATA / "documents"
PRICES = "Soup of the day: 5.80 euros\nFish roll: 4.90 euros\nCake: 3.40 euros a slice"
ROOMS = "Rooms on Tuesday\nBirch 24\nCedar 40\nLinden 16\nMaple 60"
LIST = "List all text in this picture, line by line."
STRIP = [(0, 0, 1654, 170)]
BELOW = [(x, y, x + 827, y + 1000) for y in (170, 1170) for x in (0, 827)]


def costing(text, tokens=103):
    """A reply that no endpoint gave, with the tokens of its prompt."""
    made = reply(text)
    made.usage.prompt_tokens = tokens
    return made


def seen(kit, picture, text=LIST, detail="low"):
    """What the deployment that knows `detail` says of a picture."""
    part = image_part(picture, detail=detail)
    return kit.ask(text, part, model=kit.here.gpt_deployment), kit.here


def cafe(box=(827, 1170, 1654, 1400)):
    with Image.open(DOCUMENTS / "leaflet.png") as page:
        return page.convert("RGB").crop(box)


def pale():
    with Image.open(DOCUMENTS / "screen.jpg") as photo:
        return photo.convert("RGB").point(lambda value: int(200 + (value - 200) * 0.06))


PREPARED = [
    *rights(
        "cafe_prices",
        lambda kit: seen(kit, cafe()),
        lambda _: (costing(PRICES), None),
        lambda _: (costing(PRICES.upper(), 110), None),
        lambda _: (costing(f"The cafe has:\n- {PRICES}\n- Terrace seats: 48"), None),
    ),
    *wrongs(
        "cafe_prices",
        (lambda kit: seen(kit, cafe(), detail="high"), "Which detail costs less?"),
        (lambda kit: seen(kit, cafe((827, 1170, 1654, 1225))), "none of the prices"),
        (lambda _: (costing(PRICES.partition("\n")[0]), None), "2 are not in this reply"),
        (lambda _: (costing(PRICES, 1123), None), "for 1123 tokens"),
        (lambda _: (PRICES, None), "keep the whole reply"),
        (lambda kit: (costing(PRICES), kit.here), "no request for this reply"),
        (lambda kit: (kit.ask(f'Transcribe this: "{PRICES}"'), kit.here), "none of the prices"),
    ),
    *rights(
        "pale_screen",
        lambda kit: seen(kit, ImageOps.autocontrast(pale())),
        lambda _: (costing(ROOMS), None),
        lambda _: (costing("In the table: Birch, Cedar, Linden, Maple."), None),
    ),
    *wrongs(
        "pale_screen",
        (lambda kit: seen(kit, pale()), "Raise the contrast"),
        (lambda kit: seen(kit, DOCUMENTS / "screen.jpg"), "before it faded"),
        (lambda _: (costing(ROOMS.replace("Linden", "Lindon")), None), "1 are not in this reply: Linden"),
        (lambda _: (pale(), None), "keep the whole reply"),
        (lambda kit: (costing(ROOMS), kit.here), "no request for this reply"),
    ),
    *rights(
        "whole_lines",
        lambda _: (STRIP + BELOW,),
        lambda _: ([list(map(float, box)) for box in STRIP + BELOW],),
        lambda _: (np.array(STRIP + BELOW),),
        lambda _: (tuple(box for box in reversed(STRIP + BELOW)),),
        lambda _: ([(0, 0, 1100, 900), (800, 160, 1654, 900), (0, 850, 827, 1950), (820, 850, 1654, 1950)],),
    ),
    *wrongs(
        "whole_lines",
        (lambda _: ([(0, 0, 1654, 2339)],), "so large that its print is lost"),
        (lambda _: (BELOW,), "at y = 98 is whole in none"),
        (lambda _: ([(x, y, x + 827, y + 1000) for y in (0, 1000) for x in (0, 827)],), "whole in none"),
        (lambda _: ([(0, y, 1654, y + 300) for y in range(0, 2100, 300)],), "7 tiles"),
        (lambda _: ([(0, 170, 0, 827)],), "none of this page"),
        (lambda _: ([(0, 0, 1654, 5000)],), "none of this page"),
        (lambda _: ((0, 0, 1654, 170),), "is no tile"),
        (lambda _: ([Image.new("RGB", (827, 1000))],), "is no tile"),
        (lambda _: ([(0, 0, 1654, "170")],), "number of pixels"),
        (lambda _: ([],), "the list is empty"),
        (lambda _: (5,), "no list of tiles"),
    ),
]

# Choose a model by measuring.


ALL_TASKS = tuple(sorted(comparing.TASKS))


def compared(names=("low", "brief"), files=ALL_TASKS, score=0.5, answer="Old Mill", **columns):
    """A table as compare() returns it, with answers that no endpoint gave."""
    lines = [
        {"variant": name, "deployment": "gpt-4o", "time": 1, "file": file, "score": score, "refusal": ""}
        | {"answer": answer, "prompt_tokens": 103, "completion_tokens": 9}
        | columns
        for name in names
        for file in files
    ]
    return pd.DataFrame(lines)


def said_of(kit):
    """A table whose answers came from the endpoint."""
    return compared(answer=kit.say('Translate to French: "Good morning."')), kit.here


def overlap(first, second):
    return max(first) >= min(second) and max(second) >= min(first)


def touching(first, second):
    return not (min(first) > max(second) or min(second) > max(first))


def of_numpy(first, second):
    return np.max(first) >= np.min(second) and np.max(second) >= np.min(first)


def by_mean(first, second):
    return sum(first) / len(first) == sum(second) / len(second)


def by_spread(first, second):
    """Whether the means lie within each other's standard deviation: another question than the one that is asked."""
    (low, far), (high, near) = ((np.mean(each), np.std(each, ddof=1)) for each in (first, second))
    return abs(low - high) <= far + near


def near_means(first, second):
    return abs(np.mean(first) - np.mean(second)) < 0.1


def firsts(first, second):
    return min(first) <= second[0] <= max(first) or min(second) <= first[0] <= max(second)


CHOSEN = [
    *rights(
        "thousand_price",
        lambda _: (3.4,),
        lambda _: (Decimal("3.40"),),
        lambda _: (np.float64(3.4),),
        lambda _: (Fraction(34, 10),),
    ),
    *wrongs(
        "thousand_price",
        (lambda _: (0.0034,), "one request"),
        (lambda _: (3_400_000,), "Divide by that"),
        (lambda _: (3_400,), "a million requests"),
        (lambda _: (340,), "cents"),
        (lambda _: (9.1,), "other kind of token"),
        (lambda _: (2.5,), "price of its own"),
        (lambda _: (2.2,), "prompts alone"),
        (lambda _: (1.2,), "replies alone"),
        (lambda _: (7,), "is not the price"),
        (lambda _: ("3.40",), "a number of dollars"),
    ),
    *rights("may_be_luck", lambda _: (overlap,), lambda _: (touching,), lambda _: (of_numpy,)),
    *wrongs(
        "may_be_luck",
        (lambda _: (by_mean,), "the ranges overlap"),
        (lambda _: (lambda first, second: bool(by_spread(first, second)),), "is above one of the first"),
        (lambda _: (lambda first, second: bool(near_means(first, second)),), "if by little"),
        (lambda _: (firsts,), "is above one of the first"),
        (lambda _: (lambda first, second: True,), "better each time"),
        (lambda _: (lambda first, second: max(first) >= min(second),), "first model is better"),
        (lambda _: (lambda first, second: max(second) >= min(first),), "second model is better"),
        (lambda _: (lambda first, second: max(first) > min(second) and max(second) > min(first),), "touch"),
        (lambda _: (lambda first, second: None,), "returns nothing"),
        (lambda _: (lambda first, second: "yes",), "Return True or False"),
        (lambda _: (lambda first: True,), "TypeError"),
        (lambda _: (True,), "Keep the function itself"),
    ),
    *rights(
        "own_variant",
        lambda _: (compared(), None),
        lambda _: (compared(("high", "low", "cropped")), None),
        said_of,
    ),
    *wrongs(
        "own_variant",
        (lambda _: (compared(("low", "high")), None), "those of the lesson"),
        (lambda _: (compared(("brief",)), None), "nothing to compare with"),
        (lambda _: (compared(files=("receipt.jpg",)), None), "leaflet_top.png, screen.jpg"),
        (lambda _: (compared(score=float("nan")), None), "without a score"),
        (lambda _: (compared(answer="", refusal="Too many requests."), None), "It says: Too many requests."),
        (lambda _: (compared().groupby("variant")[["score"]].mean(), None), "another table"),
        (lambda _: ([compared()], None), "type list"),
        (lambda kit: (compared(answer="Nobody said this."), kit.here), "no reply held"),
    ),
]


def swapped(messages):
    return [{**each, "content": each["content"][::-1]} for each in messages]


def pictures_first(messages):
    return [
        {**each, "content": sorted(each["content"], key=lambda part: part["type"] != "image_url")}
        for each in messages
    ]


def first_in_place(messages):
    for each in messages:
        each["content"].sort(key=lambda part: part["type"])
    return messages


def by_kind(messages):
    made = []
    for each in messages:
        seen = [part for part in each["content"] if part["type"] == "image_url"]
        made.append({"role": each["role"], "content": seen + [p for p in each["content"] if p not in seen]})
    return made


def only_last(messages):
    return pictures_first(messages[-1:])


def short_options(model):
    made = {model.limit_parameter: 50}
    return made | {"temperature": 0} if model.takes("temperature") else made


def options_by_name(model):
    made = {"temperature": 0.0} if model.takes("temperature") else {}
    made[model.limit_parameter] = 50
    return made


IN_WORDS = "{ask} Answer in one word. If the picture does not show it, answer: not visible."
WORDED = [
    *rights(
        "way_out",
        lambda _: (Variant("mine", IN_WORDS),),
        lambda _: (Variant("mine", "This is {kind}. " + IN_WORDS),),
        lambda _: (Variant("mine", 'Give a number only, or "not visible" where it is not shown. {ask}'),),
        lambda _: (Variant("mine", IN_WORDS.upper().replace("{ASK}", "{ask}"), options={"max_tokens": 9}),),
        lambda _: (Variant("mine", '{ask} In a word. Should the picture not show it, reply "not visible".'),),
        lambda _: (Variant("mine", "{ask} One word. Write 'not visible' for anything you do not see."),),
        lambda _: (Variant("mine", "{ask} Keep it to five words. Not visible is right where it is absent."),),
        lambda _: (Variant("mine", "{ask} Be concise. When in doubt: not visible."),),
        lambda _: (Variant("mine", "{ask} Answer as a percentage, or not visible unless it is shown."),),
    ),
    *wrongs(
        "way_out",
        (lambda _: (IN_WORDS,), "question alone"),
        (lambda _: ({"question": IN_WORDS},), "type dict"),
        (lambda _: (Variant(" ", IN_WORDS),), "no name"),
        (lambda _: (Variant(IN_WORDS, "mine"),), "swapped"),
        (lambda _: (Variant("mine", IN_WORDS.replace("{ask}", "Which month?")),), "no such place"),
        (lambda _: (Variant("mine", IN_WORDS + " {"),), "no partner"),
        (lambda _: (Variant("mine", IN_WORDS + " {answer}"),), "nothing to put in for {answer}"),
        (
            lambda _: (Variant("mine", IN_WORDS.replace("{ask}", "{ask!r:>{wide}}")),),
            "more in it than a name",
        ),
        (lambda _: (Variant("mine", "{ask} Answer in one word."),), "not agreed on"),
        (lambda _: (Variant("mine", "{ask} Answer in one word. Not visible."),), "when the answer"),
        (lambda _: (Variant("mine", "{ask} If it is not there, say not visible."),), "form of the answer"),
        (lambda _: (Variant("mine", None),), "is a text"),
    ),
    *rights(
        "picture_first",
        lambda _: (pictures_first,),
        lambda _: (first_in_place,),
        lambda _: (by_kind,),
    ),
    *wrongs(
        "picture_first",
        (lambda _: (pictures_first([]),), "without calling it"),
        (lambda _: (lambda messages: messages,), "text still comes before"),
        (lambda _: (lambda messages: None,), "returns nothing"),
        (lambda _: (swapped,), "text still comes before"),
        (lambda _: (lambda messages: messages[0],), "return a list"),
        (lambda _: (lambda messages: messages[0]["content"][::-1],), "return a list"),
        (lambda _: (lambda _: [{"role": "user", "content": []}],), "text is lost"),
        (lambda _: (lambda m: [{**m[0], "content": m[0]["content"][1:]}],), "is lost"),
        (lambda _: (lambda m: [{**each, "role": "system"} for each in pictures_first(m)],), "not user"),
        (lambda _: (only_last,), "not all came back"),
        (lambda _: (lambda m: m[7],), "IndexError"),
    ),
    *rights(
        "fitting_options",
        lambda _: (short_options,),
        lambda _: (options_by_name,),
        lambda _: (lambda model: OrderedDict(short_options(model)),),
    ),
    *wrongs(
        "fitting_options",
        (lambda _: (short_options(MODELS["gpt-4o"]),), "Keep the function itself"),
        (lambda _: (lambda model: {"max_tokens": 50, "temperature": 0},), "calls the limit"),
        (lambda _: (lambda model: None,), "returns nothing"),
        (lambda _: (lambda model: [50],), "Return a dictionary"),
        (lambda _: (lambda model: {"temperature": 0},), "no limit under"),
        (lambda _: (lambda model: {model.limit_parameter: 5},), "Make it 50"),
        (lambda _: (lambda model: {model.limit_parameter: 50, "temperature": 0},), "takes no temperature"),
        (lambda _: (lambda model: {model.limit_parameter: 50},), "is not set"),
        (lambda _: (lambda model: short_options(model) | {"temperature": 1},), "is 1. Make it 0"),
        (lambda _: (lambda model: short_options(model) | {"top_p": 1},), "'top_p'"),
        (lambda _: (lambda: {},), "TypeError"),
    ),
]

ANSWERS = {
    1: SETUP,
    2: ABOUT_CHARTS,
    3: ABOUT_CLIPS,
    4: ABOUT_URLS,
    5: MEASURED,
    8: FORMS,
    9: RECORDINGS,
    6: PREPARED,
    10: CHOSEN,
    7: WORDED,
    11: REPAIRED,
    12: MOVED,
    13: EXPLORED,
    14: ABOUT_MANY,
    15: REPORT,
}
