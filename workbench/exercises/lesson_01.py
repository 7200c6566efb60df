"""Checks for the exercises of lesson 01."""

from __future__ import annotations

from typing import Any

from workbench.exercises import replies
from workbench.exercises.functions import called, unusable


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
        return "Not yet: the variable is still None. Send a request with a limit and keep what complete() returns."
    if replies.content(reply) is None:
        return "Not yet: keep the whole reply, not a part of it; this check reads finish_reason and usage."
    used = reply.usage.completion_tokens
    if used > 5:
        return f"Not yet: the reply has {used} tokens. Which option limits it to five?"
    if replies.finish_reason(reply) != "length":
        return "Not yet: the reply was short enough to end by itself. Ask for more, and keep the limit."
    return "Right: the reply stopped at the limit, and finish_reason says so."


GREETINGS = {
    ("Thank you very much.", "French"): "merci",
    ("Thank you very much.", "German"): "dank",
    ("Good morning.", "German"): "morgen",
}
"""A text and a language, and a word that no translation of it does without."""


def translator(function: Any) -> str:
    """Does the learner's function translate any text to any language and return the text alone?

    Args:
        function: takes a text and the name of a language, and returns the translation. It is called three times.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if problem := unusable(function, "Replace the line with def translate(text, language): ..."):
        return problem
    said = {}
    for text, language in GREETINGS:
        said[text, language], problem = called(function, text, language)
        if problem:
            return problem
    first = next(iter(said.values()))
    if first is None:
        return "Not yet: your function returns nothing. What print() shows is not what a function returns."
    if replies.content(first) is not None:
        return "Not yet: your function returns the whole reply. Which part of it is the text?"
    if not isinstance(first, str):
        return f"Not yet: your function returns a value of type {type(first).__name__}, and a translation is text."
    if said["Thank you very much.", "French"] == said["Thank you very much.", "German"]:
        return "Not yet: French and German came out the same. Is the language in your prompt?"
    if said["Thank you very much.", "German"] == said["Good morning.", "German"]:
        return "Not yet: two sentences got the same translation. Is the text in your prompt?"
    for (text, language), word in GREETINGS.items():
        if word not in said[text, language].lower():
            return f"Not yet: {said[text, language]!r} does not look like {text!r} in {language}."
    return "Right: your function translates what it is given, to the language it is given."
