"""Checks of the lesson on setting up a client."""

from __future__ import annotations

from typing import Any

from workbench.exercises.contract import NotYet, called, check, function_of, kind
from workbench.exercises.sent import arrivals, content, request_for, says, text_of, words_sent

WHOLE = "keep the whole reply, not a part of it; this check reads reply.choices[0].message.content."
THANKS = "Thank you very much."


@check("Send a request and keep what complete() returns.")
def french_thanks(reply: Any, here: Any = None) -> str:
    """Was "Thank you very much." translated to French?"""
    text = text_of(reply, WHOLE)
    if not says(text, "merci"):
        if says(text, "gracias"):
            raise NotYet("that is Spanish. Change the language that the prompt asks for.")
        raise NotYet(f"no French thank-you in {text!r}. Put the language and the sentence into one prompt.")
    if (arrival := request_for(reply, here)) and says(words_sent(arrival), "merci"):
        raise NotYet("your prompt holds the French words already. Send the English sentence.")
    return "the reply says thank you in French."


@check("Send a request with a limit and keep what complete() returns.")
def cut_short(reply: Any, here: Any = None) -> str:
    """Was a reply cut at five tokens?"""
    if content(reply) is None and not hasattr(reply, "usage"):
        text_of(reply, "keep the whole reply, not a part of it; this check reads finish_reason and usage.")
    used, reason = reply.usage.completion_tokens, reply.choices[0].finish_reason
    if used > 5:
        raise NotYet(f"the reply has {used} tokens. Which option limits it to five?")
    # One client gives a text, the other an enumeration.
    if str(getattr(reason, "value", reason)) != "length":
        raise NotYet("the reply was short enough to end by itself. Ask for more, and keep the limit.")
    if arrival := request_for(reply, here):
        limit = arrival.body.get("max_tokens", arrival.body.get("max_completion_tokens"))
        if limit != 5:
            raise NotYet(f"the limit that arrived is {limit}. Allow five tokens.")
    return "the reply stopped at the limit, and finish_reason says so."


GREETINGS = {
    (THANKS, "French"): "merci",
    (THANKS, "German"): "dank",
    ("Good morning.", "German"): "morgen",
}
"""A text and a language, and a word that no translation of it does without."""


@check()
def translator(function: Any, here: Any = None) -> str:
    """Does a function of a text and a language translate it and return the text alone? It is called three times."""
    function_of(function, "Replace the line with def translate(text, language): ...")
    said = {asked: called(function, *asked) for asked in GREETINGS}
    first = said[THANKS, "French"]
    if first is None:
        raise NotYet("your function returns nothing. What print() shows is not what a function returns.")
    if content(first) is not None:
        raise NotYet("your function returns the whole reply. Which part of it is the text?")
    for text in said.values():
        if not isinstance(text, str):
            raise NotYet(f"your function returns a value of type {kind(text)}, and a translation is text.")
    if first == said[THANKS, "German"]:
        raise NotYet("French and German came out the same. Is the language in your prompt?")
    if said[THANKS, "German"] == said["Good morning.", "German"]:
        raise NotYet("two sentences got the same translation. Is the text in your prompt?")
    for (text, language), word in GREETINGS.items():
        if word not in said[text, language].casefold():
            raise NotYet(f"{said[text, language]!r} does not look like {text!r} in {language}.")
        _was_asked(text, said[text, language], here)
    return "your function translates what it is given, to the language it is given."


def _was_asked(text: str, translation: str, here: Any) -> None:
    """Make sure that a translation came from the endpoint; a function may keep what it was told before."""
    there = arrivals(here)
    if there is None:
        return
    # What is long is cut in the record, so that the sentence may be out of sight.
    asked = [one for one in there if says(sent := words_sent(one), text) or "… (" in sent]
    if not any(translation.strip(" \n\"'.") in one.said for one in asked):
        raise NotYet(f"{translation!r} did not come from the endpoint. Does your function send a request?")
