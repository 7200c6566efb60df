"""Checks for the exercises of lesson 09."""

from __future__ import annotations

from typing import Any


def requests_a_minute(answer: Any) -> str:
    """How many requests a minute fit 60,000 tokens and 360 requests, at 3,200 tokens a request?

    Args:
        answer: the learner's number.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if answer is None:
        return "Not yet: the variable is still None. Both limits count; work out which one is met first."
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        return f"Not yet: {answer!r} is no number of requests."
    if answer == 18:
        return "Right: the tokens are used up after 18 whole requests, long before 360."
    if answer == 360:
        return "Not yet: so many requests would weigh 1,152,000 tokens. Look at the other limit."
    if 18 < answer < 19:
        return "Not yet: a part of a request cannot be sent. Round down."
    if answer == 20:
        return "Not yet: the reply counts too, 200 tokens each."
    return f"Not yet: {answer:g} requests weigh {answer * 3200:,.0f} tokens, and 60,000 are allowed."


def asked_sounds(counts: Any, sounds: int) -> str:
    """Was a second question asked about the sounds, and only about them?

    Args:
        counts: what `batch.run` returned.
        sounds: how many sounds the folder holds.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if counts is None:
        return "Not yet: the variable is still None. Plan with a question under 'audio', and keep what run() returns."
    if not isinstance(counts, dict) or "answered" not in counts:
        return f"Not yet: keep what batch.run returned, not a {type(counts).__name__}; did you write await?"
    if counts["answered"] > sounds:
        return f"Not yet: {counts['answered']} files were answered. Leave out the question under 'image'."
    if counts["answered"] == sounds:
        return f"Right: all {sounds} sounds were asked, and nothing was sent about the pictures."
    if not counts["answered"] and counts.get("there"):
        return "Not yet: nothing was sent, since these answers are there already. Ask something else."
    return f"Not yet: {counts['answered']} of {sounds} sounds were answered. Look at the errors in the table."
