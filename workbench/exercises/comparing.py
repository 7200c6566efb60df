"""Checks of the lessons on wording a question, on asking a recording, and on choosing a model."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Any

from helpers.models import MODELS
from workbench.compare import Variant
from workbench.exercises.contract import NotYet, called, check, kind, need, number, refuse, shown
from workbench.exercises.sent import arrivals, plain, says

MOST = 50
"""Tokens that a short answer may have."""
FORM = (
    r"\b(?:words?|sentences?|phrases?|lines?|numbers?|integers?|names?|digits?|characters?|bullets?|lists?|"
    r"tables?|json|csv|units?|figures?|percent\w*|brief\w*|short\w*|concise\w*|single|only|alone|nothing else|"
    r"yes or no|at most|one of|format|form|(?:answer|reply) (?:with|as) (?:an?|the|one))\b"
)
"""Words of which a question has at least one when it names the form of its answer."""
CONDITION = (
    r"\b(?:if|when\w*|where\w*|unless|otherwise|else|should|in case|for (?:what|any|every|all)\w*|as needed|cannot|"
    r"does not|do not|is not|are not|\w+n't|absent|missing|unclear|unreadable)\b"
)
"""Words of which a sentence has at least one when it says for which case an answer is meant."""
_PICTURE: dict[str, Any] = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
_OTHER: dict[str, Any] = {"type": "image_url", "image_url": {"url": "data:image/png;base64,R0lGODlh"}}
_ASKED: dict[str, Any] = {"type": "text", "text": "Which month has the most visitors?"}


@check(7, "Make a Variant with a name and a question.")
def way_out(variant: Any) -> str:
    """Does a variant ask its question, name the form of the answer and leave a way out?"""
    refuse(isinstance(variant, str), "this is the question alone. Put it into a Variant, after a name.")
    need(variant, Variant, "Keep a Variant.")
    if not isinstance(variant.name, str) or not variant.name.strip():
        raise NotYet("the variant has no name, and its answers are kept under that.")
    question = variant.question
    refuse(not isinstance(question, str), f"the question is a text, not a {kind(question)}, after the name.")
    try:
        fields = {name for _, name, _, _ in string.Formatter().parse(question) if name is not None}
        question.format_map(dict.fromkeys(fields, ""))
    except (ValueError, LookupError):
        raise NotYet("one of the braces in the question has no partner, or more in it than a name.") from None
    refuse("{ask}" in variant.name and "ask" not in fields, "name and question are swapped. Name it first.")
    refuse("ask" not in fields, "each picture's question is put in for {ask}, and yours has no such place.")
    if more := fields - {"ask", "kind"}:
        raise NotYet(f"there is nothing to put in for {{{min(more)}}}. Use {{ask}}, or {{kind}} as well.")
    rest = question.replace("{ask}", " ").replace("{kind}", " ")
    refuse(not says(rest, "not visible"), 'the words "not visible" are not agreed on in your question.')
    sentences = re.split(r"(?<=[.?!])\s", rest)
    out = " ".join(each for each in sentences if says(each, "not visible"))
    if not re.search(CONDITION, out.replace("\u2019", "'"), re.I):
        raise NotYet('your question does not say when the answer is "not visible". Begin with if.')
    if not re.search(FORM, re.sub(r"(?i)(?:\bwords?\b)?[^\w.?!]+not visible", " ", rest), re.I):
        raise NotYet("the form of the answer is not named. Say how long it may be, or of what it consists.")
    return "it asks, it names the form, and there is a way out. Try it with tried(my_variant)."


@check(7, "Define a function and keep it, without calling it.", function=True)
def picture_first(change: Any) -> str:
    """Does a function put the picture before the text in the messages of a request?"""
    for content in ([_ASKED, _PICTURE], [_PICTURE, _ASKED], [_ASKED, _OTHER]):
        given = [{"role": "user", "content": [dict(part) for part in content]}]
        _picture_leads(plain(called(change, given, what="the messages")), content)
    earlier = [{"role": "user", "content": [_ASKED, _OTHER]}, {"role": "assistant", "content": [_ASKED]}]
    made = plain(called(change, [*earlier, {"role": "user", "content": [_ASKED, _PICTURE]}]))
    if not isinstance(made, list) or [_role(message) for message in made] != ["user", "assistant", "user"]:
        raise NotYet("a request with an example has three messages, and not all came back in their order.")
    _picture_leads(made[:1], [_ASKED, _OTHER])
    _picture_leads(made[2:], [_ASKED, _PICTURE])
    refuse(made[1]["content"] != [_ASKED], "the assistant's message did not stay as it was.")
    return "the picture comes first, and nothing is lost. Give it to a Variant as change."


def _picture_leads(made: Any, content: list[dict[str, Any]]) -> None:
    if not isinstance(made, list) or len(made) != 1 or not isinstance(made[0], dict):
        raise NotYet("return a list with each message that came in, as dictionaries.")
    parts = made[0].get("content")
    refuse(_role(made[0]) != "user", "the message's role is not user any more. Change its content alone.")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise NotYet("the content of a message is a list of its parts.")
    for part in content:
        if part not in parts:
            what = "text" if part is _ASKED else "picture"
            raise NotYet(f"the {what} is lost or changed on the way. Keep its part as it is.")
    refuse(len(parts) != len(content), f"the message had {len(content)} parts, and now it has {len(parts)}.")
    refuse(parts[0].get("type") != "image_url", "the text still comes before the picture.")


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None


@check(7, "Define a function that takes a model and returns a dictionary.", function=True)
def fitting_options(function: Any) -> str:
    """Does a function make options that each model takes?"""
    for model in MODELS.values():
        options = called(function, model, gives=Mapping, what="a dictionary")
        right = model.limit_parameter
        (wrong,) = {"max_tokens", "max_completion_tokens"} - {right}
        refuse(wrong in options, f"{model.name} calls the limit {right}, and your options have {wrong}.")
        refuse(right not in options, f"the options for {model.name} have no limit under {right}.")
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


STAMPS = {0: "0:00", 7.28: "0:07", 59.99: "0:59", 60: "1:00", 114: "1:54", 605.5: "10:05", 3600: "60:00"}
"""Seconds that the learner's function is tried on."""


@check(9, "Define a function of one parameter, the seconds.", function=True)
def time_stamp(function: Any) -> str:
    """Does a function write seconds as minutes and seconds?"""
    for seconds, wanted in STAMPS.items():
        text = called(function, seconds, gives=str, what="text")
        refuse(text != wanted, f"for {seconds} seconds it gives {text!r}, and {wanted!r} is asked for.")
    return f"it is right for all {len(STAMPS)} times that it was tried on."


RANGES = (
    ([0.81, 0.86, 0.83], [0.85, 0.84, 0.88], True, "the ranges overlap"),
    ([0.70, 0.95], [0.80, 0.85], True, "one range lies within the other"),
    ([0.80, 0.85], [0.70, 0.95], True, "one range lies within the other"),
    ([0.90, 0.92], [0.60, 0.65], False, "the first model is better each time"),
    ([0.60, 0.65], [0.90, 0.92], False, "the second model is better each time"),
    ([0.75, 0.70], [0.75, 0.80], True, "the ranges touch"),
    ([0.80, 0.81], [0.82, 0.83], False, "the second model is better each time, if by little"),
    (
        [0.90, 0.60, 0.90, 0.90],
        [0.50, 0.61, 0.50, 0.50],
        True,
        "one score of the second is above one of the first",
    ),
    ([1.0, 1.0], [1.0, 1.0], True, "both always have the same score"),
)
"""What a learner's function is tried on: scores of both models, whether it may be luck, and why."""


@check(10, "Define a function of two lists, and keep it without calling it.", function=True)
def may_be_luck(function: Any) -> str:
    """Does a function tell whether the ranges of two lists of scores overlap or touch?"""
    for first, second, is_luck, why in RANGES:
        said = called(function, list(first), list(second), gives=bool, what="True or False")
        refuse(said != is_luck, f"for {first} and {second} it returns {said}, but {why}.")
    return "it tells apart ranges that overlap or touch from those that do not."


TASKS = {"leaflet_top.png", "receipt.jpg", "screen.jpg", "street_sign.jpg"}
VARIANTS = {"low", "high"}
"""The lesson's own."""


@check(10, "Keep the table that compare() returns.")
def own_variant(rows: Any, here: Any = None) -> str:
    """Were a variant of the lesson and one of the learner's own compared over all tasks?"""
    from pandas import DataFrame

    need(rows, DataFrame, "Keep the table that compare() returns.")
    if not {"variant", "deployment", "file", "score", "refusal", "answer"} <= set(rows.columns):
        raise NotYet("this is another table. Keep the one of compare() as it is, without summary().")
    names = list(dict.fromkeys(rows["variant"]))
    own = [name for name in names if name not in VARIANTS]
    refuse(not own, "all variants are those of the lesson. Make one with a name of its own.")
    refuse(len(own) == len(names), "there is nothing to compare with. List a variant of the lesson, too.")
    there = arrivals(here)
    for name in names:
        asked = rows[rows["variant"] == name]
        if lacking := sorted(TASKS - set(asked["file"])):
            files = ", ".join(lacking)
            raise NotYet(f"the variant {name} was not asked about {files}. Take the whole folder.")
        refuse(asked["score"].isna().any(), f"the variant {name} has files without a score. Pass the truth.")
        if (asked["answer"].fillna("") == "").all():
            raise NotYet(f"the variant {name} got no answer. It says: {asked['refusal'].iloc[0]}")
        if there is not None and name in own and not set(asked["answer"]) & {one.said for one in there}:
            raise NotYet(f"no reply held the answers of {name}. Ask for them with compare().")
    means = rows.groupby("variant", sort=False)["score"].mean()
    return f"the mean scores are {', '.join(f'{means[name]:.2f} for {name}' for name in names)}."
