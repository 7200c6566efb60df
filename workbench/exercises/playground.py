"""Checks of the lesson on the playground."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from workbench.exercises.contract import KEEP_IT, NotYet, called, check, function_of
from workbench.exercises.sent import says

PRESS_SECONDS = 60
"""Most seconds that the check of a tool waits for a reply."""


@check("Use the tool, then keep tool.playground.conversation.")
def two_branches(conversation: Any) -> str:
    """Was an earlier turn edited and sent again, so that a playground's conversation has two branches?"""
    if not hasattr(conversation, "exchanges") or not hasattr(conversation, "branches"):
        raise NotYet("this check reads tool.playground.conversation.")
    exchanges = conversation.exchanges
    if not exchanges:
        raise NotYet("the conversation is empty. Ask something in the tool first.")
    places = [branches for one in exchanges if len(branches := conversation.branches(one.id)) > 1]
    if not places:
        raise NotYet(
            "there is one branch. Press Edit and resend below a turn, change the prompt and send it."
        )
    if not any(turn.attachments for one in exchanges for turn in one.run.request.turns):
        raise NotYet("no request held a chart. Attach a sample before you ask.")
    if all(one.run.error for branches in places for one in branches):
        raise NotYet("these requests failed, so there is no reply to lead to. Send them again.")
    most = max(map(len, places))
    return f"one place of the conversation has {most} branches, and the arrows lead from one to the next."


@check("Use the tool, then keep tool.playground.runs.")
def half_the_price(runs: Any) -> str:
    """Was one question about a picture asked twice, the second time for half the tokens or less?"""
    if not isinstance(runs, list | tuple) or not all(hasattr(run, "request") for run in runs):
        raise NotYet("this check reads tool.playground.runs.")
    counted = [
        ((run.request.prompt.text.strip(), _names(run)), run.usage.prompt_tokens)
        for run in runs
        if run.usage and run.usage.prompt_tokens and run.request.prompt.attachments
    ]
    if not counted:
        raise NotYet("the history holds no reply about a picture. Attach a sample chart and ask about it.")
    ratios = [
        later / earlier
        for place, (asked, earlier) in enumerate(counted)
        for same, later in counted[place + 1 :]
        if same == asked
    ]
    if not ratios:
        raise NotYet(
            "no question was asked twice about one picture. Use Edit and resend, and change a setting only."
        )
    if min(ratios) > 0.5:
        raise NotYet("the second reply cost more than half. Try the other deployment, and low detail.")
    return f"the same question for {min(ratios):.0%} of the tokens. Did the answer stay as good?"


@check()
def own_tool(function: Any, playground: Any) -> str:
    """Does the box that a function makes for a playground ask about the chosen chart, and show the reply safely?

    The playground is a new one whose news comes straight from where a request runs, since the check waits for it.
    """
    function_of(function, "Replace the line with def chart_tool(playground): ...", KEEP_IT)
    made = called(function, playground)
    if made is None:
        raise NotYet("your function returns nothing. Return the box.")
    chart, button, reply = _parts(made)
    # The last one: a tool that always asks about the first would otherwise pass.
    chart.index = len(chart.options) - 1
    button.click()
    if not playground.runs:
        raise NotYet("pressing the button sent nothing. Does button.on_click call send()?")
    run = playground.runs[-1]
    if not run.wait(PRESS_SECONDS):
        playground.stop()
        raise NotYet(f"no reply came within {PRESS_SECONDS} seconds. Run the check again.")
    names, chosen = _names(run), str(chart.value).rpartition("/")[2]
    if not names:
        raise NotYet("the prompt went out alone. Attach the chart before you send.")
    if names != [chosen]:
        raise NotYet(
            f"{chart.value} was chosen, and {' and '.join(names)} was sent. Read the list when it is pressed."
        )
    if run.error:
        raise NotYet(f"the request failed. {run.error}")
    if not says(run.request.prompt.text, "describe"):
        raise NotYet(f"the button asks {run.request.prompt.text!r}. Ask it to describe the chart.")
    _look_at_shown(reply.value, run.text)
    return "your tool asks about the chosen chart, and nothing in a reply can act on its page."


def _parts(made: Any) -> list[Any]:
    """The list, the button and the place for the reply in a learner's box."""
    import ipywidgets as widgets

    wanted = (widgets.Dropdown, widgets.Button, widgets.HTML)
    found: list[Any] = [
        next((one for one in _within(made) if isinstance(one, kind)), None) for kind in wanted
    ]
    if missing := [kind.__name__ for kind, one in zip(wanted, found, strict=True) if one is None]:
        raise NotYet(f"the box holds no {' and no '.join(missing)}.")
    if len(found[0].options) < 2:
        raise NotYet("the list offers less than two charts.")
    return found


def _within(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _within(child)


def _names(run: Any) -> list[str]:
    return [one.name for one in run.request.prompt.attachments]


def _look_at_shown(html: str, text: str) -> None:
    from helpers import display

    if display.show_reply(text).html in html or escape(text) in html:
        return
    if text in html:
        raise NotYet("the reply stands there as it is. Put it through display.show_reply first.")
    raise NotYet("the reply came, and the place for it does not show the whole of it. Do you listen for it?")
