"""Checks of the lesson on asking questions of a recording."""

from __future__ import annotations

from typing import Any

from workbench.exercises.contract import NotYet, called, check, function_of, kind, number

SLIPS, WORDS, HEARD = 3, 7, 7
"""One wrong, one missing and one invented word in the exercise's two sentences, and the words of each."""
STAMPS = {0: "0:00", 7.28: "0:07", 59.99: "0:59", 60: "1:00", 114: "1:54", 605.5: "10:05", 3600: "60:00"}
"""Seconds that the learner's function is tried on."""


@check("Count the slips of each kind, and divide them by the words that were said.")
def rate_by_hand(answer: Any) -> str:
    """What is the word error rate of the two sentences?"""
    rate = number(answer, "a rate, such as 0.25")
    if abs(rate - SLIPS / WORDS) <= 0.005:
        return "three slips for seven words, about 43 %."
    if abs(rate - 100 * SLIPS / WORDS) <= 0.5:
        raise NotYet("that is in percent. Keep the rate itself, a number such as 0.25.")
    if rate == SLIPS:
        raise NotYet("that is the number of slips. Divide it by the words that were said.")
    if abs(rate - WORDS / SLIPS) <= 0.01:
        raise NotYet("that is words for each slip. Turn the division round.")
    for slips, left_out in ((2, "one slip is"), (1, "two slips are")):
        if abs(rate - slips / WORDS) <= 0.005:
            raise NotYet(f"{left_out} left out: count the wrong, the missing and the invented words.")
    if abs(rate - (1 - SLIPS / WORDS)) <= 0.005:
        raise NotYet("that is the share of words that are right. The rate counts the slips.")
    raise NotYet(f"{rate:g} is not the rate. Write the sentences below each other, and mark each slip.")


@check("Work out how many bytes a minute takes.")
def minutes_that_fit(answer: Any) -> str:
    """How many whole minutes of 16 kHz mono wav fit into 20 MB?"""
    minutes = number(answer, "a number of minutes")
    if minutes == 10:
        return "a second takes 32,000 bytes, so that ten minutes fit and eleven do not."
    slips = {
        625: "that is seconds. Divide by 60.",
        655: "that is seconds. Divide by 60.",
        20: "a sample has two bytes, not one.",
        21: "a sample has two bytes, not one.",
        5: "this is one channel: mono, not stereo.",
        1: "those are bits. A sample has two bytes.",
    }
    if (slip := slips.get(int(minutes))) is not None:
        raise NotYet(slip)
    if 10 < minutes < 11:
        raise NotYet("only whole minutes are asked for. Leave out the rest.")
    raise NotYet(f"{minutes:g} minutes would take {minutes * 60 * 32_000 / 1_000_000:,.1f} million bytes.")


@check("Define a function of one parameter, the seconds.")
def time_stamp(stamp: Any) -> str:
    """Does a function write seconds as minutes and seconds?"""
    function = function_of(stamp, "Define a function of one parameter, the seconds.")
    for seconds, wanted in STAMPS.items():
        text = called(function, seconds)
        if text is None:
            raise NotYet("your function returns nothing. End it with return.")
        if not isinstance(text, str):
            raise NotYet(f"your function returns a value of type {kind(text)}. Return text.")
        if text != wanted:
            raise NotYet(f"for {seconds} seconds it gives {text!r}, and {wanted!r} is asked for.")
    return f"it is right for all {len(STAMPS)} times that it was tried on."
