"""Checks of the lesson on choosing a model."""

from __future__ import annotations

import math
from typing import Any

from workbench.exercises.contract import (
    KEEP_IT,
    STILL_NONE,
    NotYet,
    called,
    check,
    function_of,
    kind,
    number,
    shown,
)
from workbench.exercises.sent import arrivals

PROMPT_TOKENS, REPLY_TOKENS = 1_100, 150
"""What a request in the exercise uses."""
PROMPT_PRICE, REPLY_PRICE = 2.00, 8.00
"""Dollars for a million tokens, made up for the exercise."""
TASKS = {"leaflet_top.png", "receipt.jpg", "screen.jpg", "street_sign.jpg"}
VARIANTS = {"low", "high"}
"""The lesson's own."""
RANGES = (
    ([0.81, 0.86, 0.83], [0.85, 0.84, 0.88], True, "the ranges overlap"),
    ([0.70, 0.95], [0.80, 0.85], True, "one range lies within the other"),
    ([0.80, 0.85], [0.70, 0.95], True, "one range lies within the other"),
    ([0.90, 0.92], [0.60, 0.65], False, "the first model is better each time"),
    ([0.60, 0.65], [0.90, 0.92], False, "the second model is better each time"),
    ([0.75, 0.70], [0.75, 0.80], True, "the ranges touch"),
    ([1.0, 1.0], [1.0, 1.0], True, "both always have the same score"),
)
"""What a learner's function is tried on: scores of both models, whether it may be luck, and why."""


@check("Put in a number of dollars, or the sum that gives it.")
def thousand_price(answer: Any) -> str:
    """What do a thousand requests cost, at two dollars a million tokens in and eight out?"""
    dollars = number(answer, "a number of dollars")
    one = (PROMPT_TOKENS * PROMPT_PRICE + REPLY_TOKENS * REPLY_PRICE) / 1_000_000
    swapped = (PROMPT_TOKENS * REPLY_PRICE + REPLY_TOKENS * PROMPT_PRICE) / 1_000
    slips = {
        one: "that is one request. How much are a thousand?",
        one * 1_000_000_000: "the prices are for a million tokens. Divide by that.",
        one * 1_000_000: "these would be a million requests, or prices for a thousand tokens.",
        one * 100_000: "that is cents. The question asks for dollars.",
        swapped: "each price went to the other kind of token.",
        (PROMPT_TOKENS + REPLY_TOKENS) * PROMPT_PRICE / 1_000: "the reply has a price of its own.",
        PROMPT_TOKENS * PROMPT_PRICE / 1_000: "that is the prompts alone. The replies cost as well.",
        REPLY_TOKENS * REPLY_PRICE / 1_000: "those are the replies alone. The prompts cost as well.",
    }
    if math.isclose(dollars, one * 1_000, rel_tol=0.001):
        return "2.20 dollars for the prompts and 1.20 for the replies."
    for slip, what in slips.items():
        if math.isclose(dollars, slip, rel_tol=0.001):
            raise NotYet(what)
    raise NotYet(f"{dollars:g} dollars is not the price. Each kind of token has its own.")


@check("Define a function of two lists, and keep it without calling it.")
def may_be_luck(function: Any) -> str:
    """Does a function tell whether the ranges of two lists of scores overlap or touch?"""
    function_of(function, "Define a function of two lists, and keep it without calling it.", KEEP_IT)
    for first, second, is_luck, why in RANGES:
        said = called(function, list(first), list(second))
        if said is None:
            raise NotYet("the function returns nothing. Is there a return line?")
        if hasattr(said, "dtype") and getattr(said, "size", 0) == 1:
            said = said.item()
        if not isinstance(said, bool):
            raise NotYet(f"it returns {shown(said)}. Return True or False.")
        if said != is_luck:
            raise NotYet(f"for {first} and {second} it returns {said}, but {why}.")
    return "it tells apart ranges that overlap or touch from those that do not."


@check(not_begun=f"{STILL_NONE} Keep the table that compare() returns.")
def own_variant(rows: Any, here: Any = None) -> str:
    """Were a variant of the lesson and one of the learner's own compared over all tasks?"""
    from pandas import DataFrame

    if not isinstance(rows, DataFrame):
        raise NotYet(f"keep the table that compare() returns, not a {kind(rows)}.")
    if not {"variant", "deployment", "file", "score", "refusal", "answer"} <= set(rows.columns):
        raise NotYet("this is another table. Keep the one of compare() as it is, without summary().")
    names = list(dict.fromkeys(rows["variant"]))
    own = [name for name in names if name not in VARIANTS]
    if not own:
        raise NotYet("all variants are those of the lesson. Make one with a name of its own.")
    if len(own) == len(names):
        raise NotYet("there is nothing to compare with. Put a variant of the lesson into the list as well.")
    for name in names:
        asked = rows[rows["variant"] == name]
        if lacking := sorted(TASKS - set(asked["file"])):
            raise NotYet(
                f"the variant {name} was not asked about {', '.join(lacking)}. Take the whole folder."
            )
        if asked["score"].isna().any():
            raise NotYet(f"the variant {name} has files without a score. Pass the truth of the lesson.")
        if (asked["answer"].fillna("") == "").all():
            raise NotYet(f"the variant {name} got no answer. It says: {asked['refusal'].iloc[0]}")
    if (there := arrivals(here)) is not None:
        said = {one.said for one in there}
        if strange := [name for name in own if not set(rows[rows["variant"] == name]["answer"]) & said]:
            raise NotYet(f"no reply held the answers of {strange[0]}. Ask for them with compare().")
    means = rows.groupby("variant", sort=False)["score"].mean()
    return f"the mean scores are {', '.join(f'{means[name]:.2f} for {name}' for name in names)}."
