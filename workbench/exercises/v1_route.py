"""Checks of the lesson on the OpenAI v1 route."""

from __future__ import annotations

import json
from typing import Any

from workbench.exercises.contract import NotYet, called, check, function_of
from workbench.exercises.sent import request_for, says, text_of, words_sent
from workbench.exercises.setup import WHOLE


@check("Send the request and keep what create() returns.")
def moved_request(reply: Any, here: Any = None) -> str:
    """Was the German greeting asked for with the `openai` client, seed included?"""
    text = text_of(reply, WHOLE)
    # The Azure client makes a datetime of this number.
    if not isinstance(getattr(reply, "created", None), int):
        raise NotYet("this reply came through the Azure client. Send the request with v1_client.")
    arrival = request_for(reply, here)
    asked = not arrival or says(words_sent(arrival), "Good morning")
    if not says(text, "guten morgen") or not asked:
        raise NotYet(f"{text!r} is not the German greeting. Change the client only, not the question.")
    if arrival and arrival.body.get("seed") != 7:
        raise NotYet(
            "the seed of 7 did not arrive. What does v1 call the parameters that a client does not know?"
        )
    return "the request has moved, and the reply is the same."


@check("Stream a reply and keep list(...) of it.")
def streamed_usage(pieces: Any, here: Any = None) -> str:
    """Was a reply streamed on v1 so that its last piece tells the usage? It takes all the pieces, in a list."""
    if not isinstance(pieces, list | tuple) or not pieces:
        raise NotYet("this is no list of pieces. Put list(...) around the call, with stream=True in it.")
    if not all(hasattr(piece, "choices") and hasattr(piece, "usage") for piece in pieces):
        raise NotYet("keep the pieces themselves, not their texts.")
    last = pieces[-1]
    if last.usage is None:
        raise NotYet("no piece tells the usage. Ask for it with stream_options.")
    if last.choices:
        raise NotYet("these pieces came from the old route, which tells the usage unasked. Use v1_client.")
    if not any(piece.choices and piece.choices[0].delta.content for piece in pieces):
        raise NotYet("the pieces with the text are missing. Keep all of them, the last one too.")
    request_for(last, here)
    return f"the last piece has no text and tells the cost, {last.usage.total_tokens} tokens."


@check()
def plain_messages(function: Any, messages: Any) -> str:
    """Does a function turn a list of messages of the Azure package into plain dictionaries?

    It is called with the messages of the lesson, one of them with a picture, and with some others.
    """
    from azure.ai.inference.models import AssistantMessage, UserMessage

    function_of(function, "Replace the line with def as_dictionaries(messages): ...")
    _look_at_messages(function, messages)
    _look_at_messages(function, [UserMessage(content="Hello."), AssistantMessage(content="Good morning.")])
    return "these messages hold no class of the old package, and both clients take them."


def _look_at_messages(function: Any, messages: Any) -> None:
    wanted = [message.as_dict() for message in messages]
    plain = called(function, list(messages))
    if plain is None:
        raise NotYet("your function returns nothing.")
    if not isinstance(plain, list | tuple) or len(plain) != len(wanted):
        raise NotYet(f"return a list with one entry for each of the {len(wanted)} messages.")
    if any(isinstance(message, str) for message in plain):
        raise NotYet("the list holds text. A message has to stay a dictionary, with role and content.")
    if not all(isinstance(message, dict) for message in plain):
        raise NotYet("the messages are still objects of the Azure package.")
    try:
        sent = json.loads(json.dumps(plain))
    except (TypeError, ValueError):
        raise NotYet(
            "the messages are dictionaries, and inside them are still objects of the Azure package."
        ) from None
    for message, true in zip(sent, wanted, strict=True):
        if message != true:
            raise NotYet(f"in the {message.get('role', 'first')} message something was lost or changed.")
