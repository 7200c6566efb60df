"""Checks for the exercises of lesson 07."""

from __future__ import annotations

import json
from typing import Any

from workbench.exercises import replies
from workbench.exercises.functions import called, unusable


def moved_request(reply: Any) -> str:
    """Was the German greeting asked for with the `openai` client?

    Args:
        reply: what `chat.completions.create` returned.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if reply is None:
        return "Not yet: the variable is still None. Send the request and keep what create() returns."
    text = replies.content(reply)
    if text is None:
        return "Not yet: keep the whole reply, not a part of it; this check reads reply.choices[0].message.content."
    # The Azure client makes a datetime of this number.
    if not isinstance(getattr(reply, "created", None), int):
        return "Not yet: this reply came through the Azure client. Send the request with v1_client."
    if "guten morgen" in text.lower():
        return "Right: the request has moved, and the reply is the same."
    return f"Not yet: {text!r} is not the German greeting. Change the client only, not the question."


def streamed_usage(pieces: Any) -> str:
    """Was a reply streamed on v1 so that its last piece tells the usage?

    Args:
        pieces: all pieces of the stream, in a list.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if pieces is None:
        return "Not yet: the variable is still None. Stream a reply and keep list(...) of it."
    if not isinstance(pieces, list) or not pieces:
        return "Not yet: this is no list of pieces. Put list(...) around the call, with stream=True in it."
    if not all(hasattr(piece, "choices") and hasattr(piece, "usage") for piece in pieces):
        return "Not yet: keep the pieces themselves, not their texts."
    last = pieces[-1]
    if last.usage is None:
        return "Not yet: no piece tells the usage. Ask for it with stream_options."
    if last.choices:
        return "Not yet: these pieces came from the old route, which tells the usage unasked. Use v1_client."
    return f"Right: the last piece has no text and tells the cost, {last.usage.total_tokens} tokens."


def plain_messages(function: Any, messages: Any) -> str:
    """Does the learner's function turn messages of the Azure package into plain dictionaries?

    Args:
        function: takes a list of messages and returns a list.
        messages: messages made with the classes of `azure.ai.inference.models`, one of them with a picture.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if problem := unusable(function, "Replace the line with def as_dictionaries(messages): ..."):
        return problem
    plain, problem = called(function, messages)
    if problem:
        return problem
    if plain is None:
        return "Not yet: your function returns nothing."
    if not isinstance(plain, list) or len(plain) != len(messages):
        return f"Not yet: return a list with one entry for each of the {len(messages)} messages."
    if any(isinstance(message, str) for message in plain):
        return "Not yet: the list holds text. A message has to stay a dictionary, with role and content."
    if not all(type(message) is dict for message in plain):
        return "Not yet: the messages are still objects of the Azure package."
    try:
        sent = json.loads(json.dumps(plain))
    except TypeError:
        return (
            "Not yet: the messages are dictionaries, and inside them are still objects of the Azure package."
        )
    for message, wanted in zip(sent, messages, strict=True):
        if message != wanted.as_dict():
            return f"Not yet: in the {message.get('role', 'first')} message something was lost or changed."
    return "Right: these messages hold no class of the old package, and both clients take them."
