"""Checks of the lesson on reading errors."""

from __future__ import annotations

from typing import Any

from workbench.exercises.contract import NotYet, called, check, function_of, kind, shown
from workbench.exercises.sent import content, request_for, says, text_of, words_sent
from workbench.exercises.setup import WHOLE


@check("Put the request right, send it, and keep what complete() returns.")
def repaired_request(reply: Any, here: Any = None) -> str:
    """Were both mistakes of the request put right, so that a reply came?"""
    text = text_of(reply, WHOLE)
    arrival = request_for(reply, here)
    asked = not arrival or says(words_sent(arrival), "Good morning")
    if not says(text, "guten morgen") or not asked:
        raise NotYet(f"{text!r} is not the German greeting. Change the mistakes only, not the question.")
    return "both mistakes are gone, and the service understood the request."


@check("Make a client with OpenAI(...) and its two options.")
def patient_client(client: Any) -> str:
    """Does this `openai` client try five times in all and wait at most 30 seconds for each reply?"""
    import openai

    if not isinstance(client, openai.OpenAI | openai.AsyncOpenAI):
        raise NotYet(f"this is of type {kind(client)}. Keep the client that OpenAI(...) returns.")
    retries = client.max_retries
    if retries == 5:
        raise NotYet("max_retries counts the tries after the first one, so this client tries six times.")
    if retries != 4:
        raise NotYet(f"with max_retries={retries} it tries {retries + 1} times in all.")
    # The option takes a number of seconds, or an object with one number for each phase.
    if getattr(client.timeout, "read", client.timeout) != 30:
        raise NotYet("the retries are right. Set timeout to 30; it counts in seconds.")
    return "one try and four more, and 30 seconds for each."


HELLO = [{"role": "user", "content": 'Translate to German: "Good morning."'}]


@check()
def status_or_text(function: Any, client: Any) -> str:
    """Does a function return a reply's text, or the status of a refusal, and let other errors out?

    It is called five times, with a function that sends a request; three requests are sent with the lesson's client.
    """
    from azure.core.exceptions import ServiceRequestError

    function_of(function, "Replace the line with def ask(request): ...")
    hello = _Request(client)
    said = called(function, hello)
    if content(said) is not None:
        raise NotYet("for a request that works your function returns the whole reply. Return its text.")
    if callable(said) or not isinstance(said, str) or not hello.sent:
        raise NotYet(
            f"for a request that works your function returns {shown(said)}. Call request() and return the text."
        )
    if said.strip() != (content(hello.reply) or "").strip():
        raise NotYet(f"the reply was {content(hello.reply)!r}, and your function returns {shown(said)}.")
    for options in ({"model": "no-such-deployment"}, {"max_tokens": -1}):
        _look_at_refusal(function, _Request(client, **options))
    for error, what in (
        (ValueError("twelve"), "a mistake in Python"),
        (ServiceRequestError("none"), "no connection"),
    ):
        _look_at_other(function, error, what)
    return "you get the text or the status, and mistakes in your own code stay visible."


class _Request:
    """Sends a request, as the lesson's own do, and remembers what came of it."""

    def __init__(self, client: Any, **options: Any) -> None:
        self._client, self._options = client, options
        self.sent, self.reply, self.status = False, None, None

    def __call__(self) -> Any:
        self.sent = True
        try:
            self.reply = self._client.complete(messages=HELLO, **self._options)
        except Exception as error:
            self.status = getattr(error, "status_code", None)
            raise
        return self.reply


def _look_at_refusal(function: Any, request: _Request) -> None:
    try:
        status = called(function, request)
    except NotYet as problem:
        raise NotYet(
            f"{problem} A refusal should not get out. Which class do the errors of this client share?"
        ) from None
    if isinstance(status, str):
        raise NotYet("for a refusal your function returns text. Return the status, a number.")
    if request.status is not None and (isinstance(status, bool) or status != request.status):
        what = "a deployment that does not exist" if request.status == 404 else "a refusal like this"
        raise NotYet(f"{what} gives status {request.status}; your function returns {shown(status)}.")


def _look_at_other(function: Any, error: Exception, what: str) -> None:
    def fail() -> None:
        raise error

    try:
        hidden = called(function, fail)
    except NotYet as problem:
        if problem.__cause__ is error:
            return
        raise NotYet(f"{problem} That was no refusal, and it has no status. Catch less.") from None
    raise NotYet(f"{what}, no refusal, was hidden: your function returned {shown(hidden)}. Catch less.")
