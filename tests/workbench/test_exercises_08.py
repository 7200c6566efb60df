"""The checks of lesson 08 know a branch and a cheaper request, and say what is missing where there is none."""

from __future__ import annotations

from html import escape
from types import SimpleNamespace

import ipywidgets as widgets
import pytest

from helpers import display
from workbench import exercises
from workbench.playground.attachments import from_sample
from workbench.playground.conversation import Conversation, Exchange
from workbench.playground.request import Options, Request, Turn
from workbench.playground.sending import Run, Usage

CHART, OTHER = from_sample("charts/cafe_drinks.png"), from_sample("charts/favorite_fruit.png")


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


def test_nothing_yet():
    assert "still None" in exercises.two_branches(None)


@pytest.mark.parametrize("other", [3, "runs", SimpleNamespace()])
def test_what_is_no_conversation_is_named(other):
    assert "tool.playground.conversation" in exercises.two_branches(other)


def test_half_the_price():
    said = exercises.half_the_price([run("How many?", 1600), run("Why?", 50), run("How many? ", 120)])
    assert said.startswith("Right")
    assert "8%" in said


@pytest.mark.parametrize(
    ("runs", "hint"),
    [
        (None, "still None"),
        ("runs", "tool.playground.runs"),
        (SimpleNamespace(), "tool.playground.runs"),
        ([1], "tool.playground.runs"),
        ([], "no reply about a picture"),
        ([run("How many?")], "no reply about a picture"),
        ([run("How many?", 10, ()), run("How many?", 5, ())], "no reply about a picture"),
        ([run("How many?", 1600), run("Why?", 100)], "asked twice"),
        ([run("How many?", 1600), run("How many?", 100, (OTHER,))], "asked twice"),
        ([run("How many?", 1600), run("How many?", 900)], "more than half"),
        ([run("How many?", 100), run("How many?", 1600)], "more than half"),
    ],
)
def test_what_costs_as_much_is_not_enough(runs, hint):
    said = exercises.half_the_price(runs)
    assert said.startswith("Not yet")
    assert hint in said


class Asked:
    """Stands in for a playground: keeps what is sent, and tells its listeners of a reply at once."""

    def __init__(self, text='He said "yes" & left.'):
        self.runs, self.listeners, self.attached, self.text = [], [], [], text

    def attach_sample(self, name):
        self.attached.append(from_sample(name))

    def listen(self, callback):
        self.listeners.append(callback)

    def send(self, words):
        made = run(words, 10, self.attached)
        made.text = self.text
        self.runs.append(made)
        for callback in self.listeners:
            callback(SimpleNamespace(run=made))
        made._over.set()


def tool_that(*, shows=lambda text: display.show_reply(text).html, names=("cafe_drinks", "library_visitors")):
    def make(playground):
        chart = widgets.Dropdown(options=[f"charts/{name}.png" for name in names])
        button, reply = widgets.Button(), widgets.HTML()
        button.on_click(lambda _: (playground.attach_sample(chart.value), playground.send("Describe it.")))
        playground.listen(lambda event: setattr(reply, "value", shows(event.run.text)))
        return widgets.VBox([widgets.HBox([chart, button]), reply])

    return make


@pytest.mark.parametrize("shows", [lambda text: display.show_reply(text).html, escape])
def test_a_tool_of_ones_own(shows):
    assert exercises.own_tool(tool_that(shows=shows), Asked()).startswith("Right")


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (None, "still None"),
        (3, "type int"),
        (lambda: None, "TypeError"),
        (lambda playground: None, "returns nothing"),
        (lambda playground: "a box", "no Dropdown and no Button and no HTML"),
        (tool_that(names=["cafe_drinks"]), "less than two"),
        (tool_that(shows=str), "as it is"),
        (tool_that(shows=lambda text: text[:3]), "the whole of it"),
    ],
)
def test_a_tool_that_lacks_something(function, hint):
    said = exercises.own_tool(function, Asked())
    assert said.startswith("Not yet")
    assert hint in said
