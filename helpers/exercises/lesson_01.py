"""Checks for the exercises of lesson 01."""

from __future__ import annotations

from typing import Any

from helpers.exercises import replies


def french_thanks(reply: Any) -> str:
    """Was "Thank you very much." translated to French?

    Args:
        reply: what `client.complete` returned.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if reply is None:
        return "Not yet: the variable is still None. Send a request and keep what complete() returns."
    text = replies.content(reply)
    if text is None:
        return "Not yet: keep the whole reply, not a part of it; this check reads reply.choices[0].message.content."
    if "merci" in text.lower():
        return "Right: the reply says thank you in French."
    if "gracias" in text.lower():
        return "Not yet: that is Spanish. Change the language that the prompt asks for."
    return f"Not yet: no French thank-you in {text!r}. Put the language and the sentence into one prompt."


def cut_short(reply: Any) -> str:
    """Was a reply cut at five tokens?

    Args:
        reply: what `client.complete` returned.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if reply is None:
        return "Not yet: the variable is still None. Send a request with max_tokens and keep what complete() returns."
    if replies.content(reply) is None:
        return "Not yet: keep the whole reply, not a part of it; this check reads finish_reason and usage."
    used = reply.usage.completion_tokens
    if used > 5:
        return f"Not yet: the reply has {used} tokens. Pass max_tokens=5."
    if replies.finish_reason(reply) != "length":
        return "Not yet: the reply was short enough to end by itself. Ask for something longer, and keep max_tokens=5."
    return "Right: the reply stopped at the limit, and finish_reason says so."
