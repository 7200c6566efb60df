"""Checks for the exercises of lesson 06."""

from __future__ import annotations

from typing import Any

from helpers.exercises import replies


def repaired_request(reply: Any) -> str:
    """Were both slips of the request put right, so that a reply came?

    Args:
        reply: what `client.complete` returned.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if reply is None:
        return "Not yet: the variable is still None. Put the request right, send it, and keep what complete() returns."
    if isinstance(reply, BaseException):
        return "Not yet: that is the error. Read its explanation, change the request, and keep the reply."
    text = replies.content(reply)
    if text is None:
        return "Not yet: keep the whole reply, not a part of it; this check reads reply.choices[0].message.content."
    if "guten morgen" in text.lower():
        return "Right: both slips are gone, and the service understood the request."
    return f"Not yet: {text!r} is not the German greeting. Change the slips only, not the question."


def patient_client(client: Any) -> str:
    """Does this `openai` client try five times in all and wait at most 30 seconds for each reply?

    Args:
        client: the learner's `openai.OpenAI`.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if client is None:
        return "Not yet: the variable is still None. Make a client with OpenAI(...) and its two options."
    retries, timeout = getattr(client, "max_retries", None), getattr(client, "timeout", None)
    if retries is None:
        return f"Not yet: this is of type {type(client).__name__}. Keep the client that OpenAI(...) returns."
    if retries == 5:
        return "Not yet: max_retries counts the tries after the first one, so this client tries six times."
    if retries != 4:
        return f"Not yet: with max_retries={retries} it tries {retries + 1} times in all."
    # The option takes a number of seconds, or an object with one number for each phase.
    if getattr(timeout, "read", timeout) == 30:
        return "Right: one try and four more, and 30 seconds for each."
    return "Not yet: the retries are right. Set timeout to 30; it counts in seconds."
