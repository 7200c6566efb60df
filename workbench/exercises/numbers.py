"""Checks of the exercises whose answer is a number: the right one, and what the likeliest slips give.

The function of each says what is wrong with any other number.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from helpers import tokens
from workbench.exercises.contract import NotYet, check, number

Place = float | tuple[float, float]
"""A number, or a range: its least, and where it ends."""


def _check(
    lesson: int,
    begin: str,
    what: str,
    right: Mapping[Place, str],
    slips: Mapping[Place, str],
    *,
    near: float = 1e-9,
) -> Callable[..., Any]:
    """Make a check of a number, which should be `what`; answers may be so `near` to a number, as a share of it."""

    def decorate(otherwise: Callable[[float], str]) -> Callable[..., Any]:
        @functools.wraps(otherwise)
        def judge(answer: Any) -> str:
            given = number(answer, what)
            for place, said in {**right, **slips}.items():
                least, end = place if isinstance(place, tuple) else (place * (1 - near), place * (1 + near))
                if least <= given < end:
                    if place in right:
                        return said
                    raise NotYet(said)
            raise NotYet(otherwise(given))

        checked: Callable[..., str] = check(lesson, begin)(judge)
        return checked

    return decorate


@_check(
    2,
    "Call the function of the tokens module for this model.",
    "the count. The size is 800 wide and 600 high",
    {tokens.phi4_multimodal_image_tokens(800, 600): "a picture of two crops by two, scaled to fill them."},
    {
        tokens.gpt_4o_image_tokens(800, 600): "that is the rule of gpt-4o. Use the one for Phi-4-multimodal.",
        **dict.fromkeys(
            (tokens.gpt_5_mini_image_tokens(800, 600, detail) for detail in ("high", "low")),
            "that is the rule of gpt-5-mini. Use the one for Phi-4-multimodal.",
        ),
        tokens.phi4_multimodal_image_tokens(600, 800): "width comes first, then height.",
    },
)
def picture_tokens(given: float) -> str:
    """How many tokens does an 800 x 600 picture cost on Phi-4-multimodal-instruct?"""
    return f"{given:.10g} is not the count. The size is 800 wide and 600 high."


@_check(
    3,
    "",
    "a number of seconds",
    {(79.9, 80.1): "a token lasts 80 milliseconds, so 1,000 tokens last 80 seconds."},
    {(79_900, 80_100): "that is milliseconds. Divide by 1,000."},
)
def seconds_for_tokens(given: float) -> str:
    """How many seconds of sound do 1,000 tokens buy on Phi-4-multimodal-instruct?"""
    return f"{given:g} seconds would cost {tokens.phi4_multimodal_audio_tokens(max(given, 0)):,} tokens."


@_check(
    4,
    "",
    "the length. Base64 writes three bytes as four characters",
    {400_000: "three bytes become four characters, so base64 is a third longer."},
    {
        300_000: "that is the size of the file. Base64 needs more characters than the file has bytes.",
        225_000: "the other way round. Base64 makes a file longer.",
    },
)
def base64_size(given: float) -> str:
    """How many characters is a file of 300,000 bytes in base64?"""
    return f"{given:.10g} is not the length. Base64 writes three bytes as four characters."


@_check(
    9,
    "Count the slips of each kind, and divide them by the words that were said.",
    "a rate, such as 0.25",
    {(0.423, 0.434): "three slips for seven words, about 43 %."},
    {
        (42.3, 43.4): "that is in percent. Keep the rate itself, a number such as 0.25.",
        3: "that is the number of slips. Divide it by the words that were said.",
        (2.32, 2.35): "that is words for each slip. Turn the division round.",
        (0.28, 0.291): "one slip is left out: count the wrong, the missing and the invented words.",
        (0.137, 0.148): "two slips are left out: count the wrong, the missing and the invented words.",
        (0.566, 0.577): "that is the share of words that are right. The rate counts the slips.",
    },
)
def rate_by_hand(given: float) -> str:
    """What is the word error rate of the two sentences?"""
    return f"{given:g} is not the rate. Write the sentences below each other, and mark each slip."


@_check(
    9,
    "Work out how many bytes a minute takes.",
    "a number of minutes",
    {10: "a second takes 32,000 bytes, so that ten minutes fit and eleven do not."},
    # A MB may be a million bytes, or 1,048,576.
    {
        (625, 656): "that is seconds. Divide by 60.",
        (20, 22): "a sample has two bytes, not one.",
        (5, 6): "this is one channel: mono, not stereo.",
        (1, 2): "those are bits. A sample has two bytes.",
        (10, 11): "only whole minutes are asked for. Leave out the rest.",
    },
)
def minutes_that_fit(given: float) -> str:
    """How many whole minutes of 16 kHz mono wav fit into 20 MB?"""
    return f"{given:g} minutes would take {given * 60 * 32_000 / 1_000_000:,.1f} million bytes."


@_check(
    10,
    "Put in a number of dollars, or the sum that gives it.",
    "a number of dollars",
    {3.40: "2.20 dollars for the prompts and 1.20 for the replies."},
    # A request has 1,100 tokens in and 150 out.
    {
        0.0034: "that is one request. How much are a thousand?",
        3_400_000: "the prices are for a million tokens. Divide by that.",
        3_400: "these would be a million requests, or prices for a thousand tokens.",
        340: "that is cents. The question asks for dollars.",
        9.10: "each price went to the other kind of token.",
        2.50: "the reply has a price of its own.",
        2.20: "that is the prompts alone. The replies cost as well.",
        1.20: "those are the replies alone. The prompts cost as well.",
    },
    near=0.001,
)
def thousand_price(given: float) -> str:
    """What do a thousand requests cost, at two dollars a million tokens in and eight out?"""
    return f"{given:g} dollars is not the price. Each kind of token has its own."


@_check(
    14,
    "Both limits count; work out which one is met first.",
    "a number of requests",
    {18: "the tokens are used up after 18 whole requests, long before 360."},
    {
        360: "so many requests would weigh 1,152,000 tokens. Look at the other limit.",
        (18, 19): "a part of a request cannot be sent. Round down.",
        20: "the reply counts too, 200 tokens each.",
    },
)
def requests_a_minute(given: float) -> str:
    """How many requests a minute fit 60,000 tokens and 360 requests, at 3,200 tokens a request?"""
    return f"{given:g} requests weigh {given * 3200:,.0f} tokens, and 60,000 are allowed."


@_check(
    15,
    "Put in a number of dollars, or the sum that gives it.",
    "a number of dollars",
    {0.0078: "0.6 cents for the prompt and 0.18 cents for the completion."},
    {
        7_800: "the prices are for a million tokens, and this is a million times too much.",
        0.78: "that is cents. The question asks for dollars.",
        0.02445: "each price went to the other kind of token.",
        0.00645: "all tokens were counted at one price. Completion tokens have their own.",
    },
    near=0.001,
)
def run_cost(given: float) -> str:
    """What does a run of 12,000 prompt and 900 completion tokens cost, at 0.50 and 2.00 dollars a million?"""
    return f"{given:g} dollars is not the cost. Each kind of token has its own price."
