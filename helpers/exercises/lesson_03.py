"""Checks for the exercises of lesson 03."""

from __future__ import annotations

import math
from typing import Any

from helpers import tokens
from helpers.exercises import replies


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
