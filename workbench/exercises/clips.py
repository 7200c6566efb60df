"""Checks of the lesson on translating a spoken clip."""

from __future__ import annotations

from typing import Any

from rapidfuzz import fuzz

from helpers import tokens
from workbench.exercises.contract import NotYet, check, kind, number
from workbench.exercises.sent import (
    DATA,
    arrivals,
    clips,
    content,
    request_for,
    sample_sent,
    says,
    text_of,
    words,
    words_sent,
)

CLIPS = DATA / "clips"
SAID = {
    "can_you_help_me.wav": "can you help me please",
    "how_much_does_it_cost.mp3": "how much does it cost",
    "red_flowers.mp3": "the garden is full of red flowers",
}
"""What the three clips of the exercise say."""
ALIKE = 70
"""Percent of characters that agree at the best place; our choice: one misheard word passes, another sentence does
not."""
AROUND = 25
"""Most words that may stand around a transcript, such as "Sure! Here is the transcription:"; our choice."""


@check("Send the clip with a prompt and keep what complete() returns.")
def clip_in_french(reply: Any, here: Any = None) -> str:
    """Was the clip "Good morning" translated to French?"""
    text = text_of(reply, "keep the whole reply that complete() returned.")
    if not says(text, "bonjour"):
        if says(text, "buenos") or says(text, "buenas"):
            raise NotYet("that is Spanish. The prompt asks for the language.")
        if says(text, "good morning"):
            raise NotYet("that is the transcript. Ask for a translation to French.")
        raise NotYet(f"{text!r} is not the greeting. Did you send the clip good_morning.mp3?")
    if arrival := request_for(reply, here):
        sample_sent(clips(arrival), CLIPS / "good_morning.mp3", "clip")
        if says(words_sent(arrival), "bonjour"):
            raise NotYet("your prompt holds the French word already. Let the clip say it.")
    return "that is the greeting in French."


@check()
def seconds_for_tokens(answer: Any) -> str:
    """How many seconds of sound do 1,000 tokens buy on Phi-4-multimodal-instruct?"""
    seconds = number(answer, "a number of seconds")
    if abs(seconds - 80) <= 0.1:
        return "a token lasts 80 milliseconds, so 1,000 tokens last 80 seconds."
    if abs(seconds - 80_000) <= 100:
        raise NotYet("that is milliseconds. Divide by 1,000.")
    weight = tokens.phi4_multimodal_audio_tokens(max(seconds, 0))
    raise NotYet(f"{seconds:g} seconds would cost {weight:,} tokens.")


@check("Make a dictionary with one entry for each of the three clips.")
def transcripts(answer: Any, here: Any = None) -> str:
    """Were three clips written down, each under its file's name?"""
    if not isinstance(answer, dict):
        raise NotYet(f"this is of type {kind(answer)}; make a dictionary.")
    # A path is as good a name as a text.
    named = {str(key).replace("\\", "/").rpartition("/")[2]: value for key, value in answer.items()}
    if missing := sorted(SAID.keys() - named.keys()):
        raise NotYet(
            f"there is no entry for {missing[0]!r}. The file's name is the key, as text, ending included."
        )
    if any(content(named[name]) is not None for name in SAID):
        raise NotYet("the values are whole replies. Keep the text of each.")
    if not all(isinstance(named[name], str) for name in SAID):
        raise NotYet("each value has to be the transcript, as text.")
    if len({named[name] for name in SAID}) == 1:
        raise NotYet("all three say the same. Does each request carry its own clip?")
    for name in SAID:
        if not _is_heard(named[name], name):
            raise NotYet(f"{named[name]!r} is not what {name} says. Is it the right clip, and a transcript?")
        _was_heard(named[name], name, here)
    return "three clips, three transcripts."


def _is_heard(text: str, name: str) -> bool:
    heard = words(text)
    fits = {one: fuzz.partial_ratio(said, " ".join(heard)) for one, said in SAID.items()}
    enough = len(heard) >= 0.5 * len(SAID[name].split())
    return (
        enough
        and len(heard) <= len(SAID[name].split()) + AROUND
        and max(fits, key=fits.__getitem__) == name
        and (fits[name] >= ALIKE and all(fit < ALIKE for one, fit in fits.items() if one != name))
    )


def _was_heard(text: str, name: str, here: Any) -> None:
    there = arrivals(here)
    if there is None:
        return
    heard = " ".join(words(text))
    for one in there:
        if clips(one) and one.said and fuzz.partial_ratio(" ".join(words(one.said)), heard) >= 90:
            return
    raise NotYet(f"no reply to a clip said {text!r}. Send {name} and keep what comes back.")
