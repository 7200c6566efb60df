"""The checks of lesson 08 know a branch and a cheaper request, and say what is missing where there is none."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from helpers import exercises
from helpers.playground.attachments import from_sample
from helpers.playground.conversation import Conversation, Exchange
from helpers.playground.request import Options, Request, Turn
from helpers.playground.sending import Run, Usage

CHART = from_sample("charts/cafe_drinks.png")


def run(words, tokens=None, attachments=(CHART,)):
    made = Run(Request("", (Turn("user", words, tuple(attachments)),), Options("gpt-4o")))
    made.usage = Usage(tokens, 5, tokens + 5) if tokens else None
    return made


def conversation(*parents):
    talk, exchanges = Conversation(), []
    for parent in parents:
        exchanges.append(Exchange(None if parent is None else exchanges[parent].id, run("Hello.")))
        talk.add(exchanges[-1])
    return talk


@pytest.mark.parametrize("parents", [(None, None), (None, 0, 0), (None, 0, None)])
def test_branches_are_found(parents):
    assert exercises.two_branches(conversation(*parents)).startswith("Right")


@pytest.mark.parametrize(("parents", "hint"), [((), "empty"), ((None, 0, 1), "one branch")])
def test_a_straight_conversation_is_not_enough(parents, hint):
    said = exercises.two_branches(conversation(*parents))
    assert said.startswith("Not yet")
    assert hint in said


@pytest.mark.parametrize("other", [None, 3, "runs", SimpleNamespace()])
def test_what_is_no_conversation_is_named(other):
    assert "tool.playground.conversation" in exercises.two_branches(other)


def test_half_the_price():
    said = exercises.half_the_price([run("How many?", 1600), run("Why?", 50), run("How many? ", 120)])
    assert said.startswith("Right")
    assert "8%" in said


@pytest.mark.parametrize(
    ("runs", "hint"),
    [
        (None, "no reply about a picture"),
        ([], "no reply about a picture"),
        ([run("How many?")], "no reply about a picture"),
        ([run("How many?", 10, ()), run("How many?", 5, ())], "no reply about a picture"),
        ([run("How many?", 1600), run("Why?", 100)], "asked twice"),
        ([run("How many?", 1600), run("How many?", 900)], "more than half"),
        ([run("How many?", 100), run("How many?", 1600)], "more than half"),
    ],
)
def test_what_costs_as_much_is_not_enough(runs, hint):
    said = exercises.half_the_price(runs)
    assert said.startswith("Not yet")
    assert hint in said
