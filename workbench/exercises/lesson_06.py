"""Checks for the exercises of lesson 06."""

from __future__ import annotations

from typing import Any

from workbench.exercises import replies
from workbench.exercises.functions import called, unusable


def repaired_request(reply: Any) -> str:
    """Were both mistakes of the request put right, so that a reply came?

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
        return "Right: both mistakes are gone, and the service understood the request."
    return f"Not yet: {text!r} is not the German greeting. Change the mistakes only, not the question."


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


HELLO = [{"role": "user", "content": 'Translate to German: "Good morning."'}]


def status_or_text(function: Any, client: Any) -> str:
    """Does the learner's function return a reply's text, or the status of a refusal, and let other errors out?

    Args:
        function: takes a function without arguments that sends a request. It is called three times.
        client: the lesson's `ChatCompletionsClient`; two requests are sent with it.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if problem := unusable(function, "Replace the line with def ask(request): ..."):
        return problem
    said, problem = called(function, lambda: client.complete(messages=HELLO))
    if problem:
        return problem
    if replies.content(said) is not None:
        return "Not yet: for a request that works your function returns the whole reply. Return its text."
    if callable(said) or not isinstance(said, str):
        return f"Not yet: for a request that works your function returns {said!r}. Call request() and return the text."
    status, problem = called(function, lambda: client.complete(messages=HELLO, model="no-such-deployment"))
    if problem:
        return f"{problem} A refusal should not get out. Which class do the errors of this client share?"
    if isinstance(status, str):
        return "Not yet: for a refusal your function returns text. Return the status, a number."
    if status != 404:
        return (
            f"Not yet: a deployment that does not exist gives status 404; your function returns {status!r}."
        )
    hidden, problem = called(function, lambda: int("twelve"))
    if problem is None:
        return f"Not yet: a mistake in Python, no refusal, was hidden: your function returned {hidden!r}. Catch less."
    if "stopped with ValueError" not in problem:
        return f"{problem} That was no refusal, and it has no status. Catch less."
    return "Right: you get the text or the status, and mistakes in your own code stay visible."
