"""Checks for the exercises of lesson 03."""

from __future__ import annotations

import math
from difflib import SequenceMatcher
from typing import Any

from helpers import tokens
from workbench.exercises import replies


def clip_in_french(reply: Any) -> str:
    """Was the clip "Good morning" translated to French?

    Args:
        reply: what `client.complete` returned.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if reply is None:
        return "Not yet: the variable is still None. Send the clip with a prompt and keep what complete() returns."
    text = replies.content(reply)
    if text is None:
        return "Not yet: keep the whole reply that complete() returned."
    said = text.lower()
    if "bonjour" in said:
        return "Right: that is the greeting in French."
    if "buenos" in said:
        return "Not yet: that is Spanish. The prompt asks for the language."
    if "good morning" in said:
        return "Not yet: that is the transcript. Ask for a translation to French."
    return f"Not yet: {text!r} is not the greeting. Did you send the clip good_morning.mp3?"


def seconds_for_tokens(answer: Any) -> str:
    """How many seconds of sound do 1,000 tokens buy on Phi-4-multimodal-instruct?

    Args:
        answer: the learner's number of seconds.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if answer is None:
        return "Not yet: the variable is still None."
    if not isinstance(answer, int | float) or isinstance(answer, bool) or not math.isfinite(answer):
        return f"Not yet: {answer!r} is not a number of seconds."
    if abs(answer - 80) <= 0.1:
        return "Right: a token lasts 80 milliseconds, so 1,000 tokens last 80 seconds."
    if abs(answer - 80_000) <= 100:
        return "Not yet: that is milliseconds. Divide by 1,000."
    return f"Not yet: {answer:g} seconds would cost {tokens.phi4_multimodal_audio_tokens(max(answer, 0)):,} tokens."


SAID = {
    "can_you_help_me.wav": "can you help me please",
    "how_much_does_it_cost.mp3": "how much does it cost",
    "red_flowers.mp3": "the garden is full of red flowers",
}
"""What the three clips of the exercise say."""
ALIKE = 0.6
"""Share of characters that have to agree; our choice: one misheard word passes, another sentence does not."""


def transcripts(answer: Any) -> str:
    """Were three clips written down, each under its file's name?

    Args:
        answer: the learner's dictionary from file name to transcript.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if answer is None:
        return "Not yet: the variable is still None. Make a dictionary with one entry for each of the three clips."
    if not isinstance(answer, dict):
        return f"Not yet: this is of type {type(answer).__name__}; make a dictionary."
    if missing := sorted(SAID.keys() - answer.keys()):
        return f"Not yet: there is no entry for {missing[0]!r}. The file's name is the key, as text, ending included."
    if any(replies.content(answer[name]) is not None for name in SAID):
        return "Not yet: the values are whole replies. Keep the text of each."
    if not all(isinstance(answer[name], str) for name in SAID):
        return "Not yet: each value has to be the transcript, as text."
    if len({answer[name] for name in SAID}) == 1:
        return "Not yet: all three say the same. Does each request carry its own clip?"
    for name, words in SAID.items():
        heard = "".join(letter for letter in answer[name].lower() if letter.isalpha() or letter == " ")
        if SequenceMatcher(None, heard, words).ratio() < ALIKE:
            return (
                f"Not yet: {answer[name]!r} is not what {name} says. Is it the right clip, and a transcript?"
            )
    return "Right: three clips, three transcripts."
