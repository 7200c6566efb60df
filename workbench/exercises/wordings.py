"""Checks of the lesson on wording a question about a picture."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Any

from helpers.models import MODELS
from workbench.compare import Variant
from workbench.exercises.contract import KEEP_IT, NotYet, called, check, function_of, kind, number, shown
from workbench.exercises.sent import plain, says

MOST = 50
"""Tokens that a short answer may have."""
FORM = (
    r"\b(?:words?|sentences?|lines?|numbers?|names?|digits?|characters?|lists?|tables?|json|units?|figures?|brief|"
    r"short|only|alone|nothing else|yes or no|at most|one of|format|form)\b"
)
"""Words of which a question has at least one when it names the form of its answer."""
_PICTURE: dict[str, Any] = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
_OTHER: dict[str, Any] = {"type": "image_url", "image_url": {"url": "data:image/png;base64,R0lGODlh"}}
_ASKED: dict[str, Any] = {"type": "text", "text": "Which month has the most visitors?"}


@check("Make a Variant with a name and a question.")
def way_out(variant: Any) -> str:
    """Does a variant ask its question, name the form of the answer and leave a way out?"""
    if isinstance(variant, str):
        raise NotYet("this is the question alone. Put it into a Variant, after a name.")
    if not isinstance(variant, Variant):
        raise NotYet(f"keep a Variant, not a {kind(variant)}.")
    if not isinstance(variant.name, str) or not variant.name.strip():
        raise NotYet("the variant has no name, and its answers are kept under that.")
    question = variant.question
    if not isinstance(question, str):
        raise NotYet(
            f"the question is a text, not a {kind(question)}. The name comes first, then the question."
        )
    try:
        fields = {name for _, name, _, _ in string.Formatter().parse(question) if name is not None}
    except ValueError:
        raise NotYet("one of the braces in the question has no partner.") from None
    if "{ask}" in variant.name and "ask" not in fields:
        raise NotYet("name and question are swapped. The name comes first.")
    if "ask" not in fields:
        raise NotYet("the question of each picture is put in for {ask}, and yours has no such place.")
    if more := fields - {"ask", "kind"}:
        raise NotYet(
            f"there is nothing to put in for {{{min(more)}}}. Use {{ask}}, and {{kind}} if you like."
        )
    rest = question.replace("{ask}", " ").replace("{kind}", " ")
    if not says(rest, "not visible"):
        raise NotYet('the words "not visible" are not agreed on in your question.')
    sentences = re.split(r"(?<=[.?!])\s", rest)
    out = " ".join(each for each in sentences if says(each, "not visible"))
    if not re.search(r"\b(?:if|when|where|unless|otherwise|else|for what|in case)\b", out, re.I):
        raise NotYet('your question does not say when the answer is "not visible". Begin with if.')
    if not re.search(FORM, re.sub(r"(?i)(?:\bwords?\b)?\W+not visible", " ", rest), re.I):
        raise NotYet("the form of the answer is not named. Say how long it may be, or of what it consists.")
    return "it asks, it names the form, and there is a way out. Try it with tried(my_variant)."


@check("Define a function and keep it, without calling it.")
def picture_first(change: Any) -> str:
    """Does a function put the picture before the text in the messages of a request?"""
    function = function_of(change, KEEP_IT, KEEP_IT)
    for content in ([_ASKED, _PICTURE], [_PICTURE, _ASKED], [_ASKED, _OTHER]):
        given = [{"role": "user", "content": [dict(part) for part in content]}]
        _picture_leads(plain(called(function, given)), content)
    earlier = [{"role": "user", "content": [_ASKED, _OTHER]}, {"role": "assistant", "content": [_ASKED]}]
    made = plain(called(function, [*earlier, {"role": "user", "content": [_ASKED, _PICTURE]}]))
    if not isinstance(made, list) or [_role(message) for message in made] != ["user", "assistant", "user"]:
        raise NotYet("a request with an example has three messages, and not all came back in their order.")
    _picture_leads(made[:1], [_ASKED, _OTHER])
    _picture_leads(made[2:], [_ASKED, _PICTURE])
    if made[1]["content"] != [_ASKED]:
        raise NotYet("the assistant's message holds no picture, and it did not stay as it was.")
    return "the picture comes first, and nothing is lost. Give it to a Variant as change."


@check("Define a function that takes a model and returns a dictionary.")
def fitting_options(options_of: Any) -> str:
    """Does a function make options that each model takes?"""
    function = function_of(options_of, KEEP_IT, KEEP_IT)
    for model in MODELS.values():
        options = called(function, model)
        if options is None:
            raise NotYet("your function returns nothing. End it with return and the dictionary.")
        if not isinstance(options, Mapping):
            raise NotYet(f"your function returns a {kind(options)}, and options are a dictionary.")
        right = model.limit_parameter
        wrong = ({"max_tokens", "max_completion_tokens"} - {right}).pop()
        if wrong in options:
            raise NotYet(f"{model.name} calls the limit {right}, and your options have {wrong}.")
        if right not in options:
            raise NotYet(f"the options for {model.name} have no limit under {right}.")
        if (limit := number(options[right], "a number of tokens")) != MOST:
            raise NotYet(f"the limit for {model.name} is {limit:g} tokens. Make it {MOST}.")
        if "temperature" in options and not model.takes("temperature"):
            raise NotYet(f"{model.name} takes no temperature and would refuse the request.")
        if "temperature" not in options and model.takes("temperature"):
            raise NotYet(f"{model.name} takes a temperature, and it is not set.")
        if "temperature" in options and number(options["temperature"], "a temperature") != 0:
            raise NotYet(f"the temperature for {model.name} is {shown(options['temperature'])}. Make it 0.")
        if more := set(options) - {right, "temperature"}:
            raise NotYet(f"{shown(sorted(map(str, more))[0])} was not asked for. Leave it out.")
    return f"these options fit each of the {len(MODELS)} models."


def _picture_leads(made: Any, content: list[dict[str, Any]]) -> None:
    if made is None:
        raise NotYet("your function returns nothing. End it with return and the messages.")
    if not isinstance(made, list) or len(made) != 1 or not isinstance(made[0], dict):
        raise NotYet("return a list with each message that came in, as dictionaries.")
    parts = made[0].get("content")
    if _role(made[0]) != "user":
        raise NotYet("the role of the message is not user any more. Change its content alone.")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise NotYet("the content of a message is a list of its parts.")
    for part, what in ((next(p for p in content if p["type"] == "image_url"), "picture"), (_ASKED, "text")):
        if part not in parts:
            raise NotYet(f"the {what} is lost or changed on the way. Keep its part as it is.")
    if len(parts) != len(content):
        raise NotYet(f"the message had {len(content)} parts, and now it has {len(parts)}.")
    if parts[0].get("type") != "image_url":
        raise NotYet("the text still comes before the picture.")


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None
