"""Checks for the exercises of lesson 08."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from workbench.exercises.functions import KEEP_IT, called, unusable

PRESS_SECONDS = 60
"""Most seconds that the check of a tool waits for a reply."""


def two_branches(conversation: Any) -> str:
    """Lesson 08: was an earlier turn edited and sent again, so that the conversation has two branches?

    Args:
        conversation: a playground's `conversation`.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if conversation is None:
        return "Not yet: the variable is still None. Use the tool, then keep tool.playground.conversation."
    exchanges = getattr(conversation, "exchanges", None)
    if exchanges is None:
        return "Not yet: this check reads tool.playground.conversation."
    if not exchanges:
        return "Not yet: the conversation is empty. Ask something in the tool first."
    most = max(len(conversation.branches(exchange.id)) for exchange in exchanges)
    if most < 2:
        return (
            "Not yet: there is one branch. Press Edit and resend below a turn, change the prompt and send it."
        )
    return (
        f"Right: one place of the conversation has {most} branches, and the arrows lead from one to the next."
    )


def half_the_price(runs: Any) -> str:
    """Lesson 08: was one question about a picture asked twice, the second time for half the tokens or less?

    Args:
        runs: a playground's `runs`, oldest first.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if runs is None:
        return "Not yet: the variable is still None. Use the tool, then keep tool.playground.runs."
    if not isinstance(runs, list) or not all(hasattr(run, "request") for run in runs):
        return "Not yet: this check reads tool.playground.runs."
    counted = [
        ((run.request.prompt.text.strip(), _names(run)), run.usage.prompt_tokens)
        for run in runs
        if run.usage and run.request.prompt.attachments
    ]
    if not counted:
        return "Not yet: the history holds no reply about a picture. Attach a sample chart and ask about it."
    ratios = [
        later / earlier
        for place, (asked, earlier) in enumerate(counted)
        for same, later in counted[place + 1 :]
        if same == asked
    ]
    if not ratios:
        return "Not yet: no question was asked twice about one picture. Use Edit and resend, and change a setting only."
    if min(ratios) > 0.5:
        return "Not yet: the second reply cost more than half. Try the other deployment, and low detail."
    return f"Right: the same question for {min(ratios):.0%} of the tokens. Did the answer stay as good?"


def own_tool(function: Any, playground: Any) -> str:
    """Does the learner's tool ask about the chart that is chosen in it, and show the reply safely?

    Args:
        function: takes a playground and returns a box with a list, a button and a place for the reply.
        playground: a new one whose news comes straight from where a request runs, since the check waits for it.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if problem := unusable(function, "Replace the line with def chart_tool(playground): ...", KEEP_IT):
        return problem
    made, problem = called(function, playground)
    if problem:
        return problem
    if made is None:
        return "Not yet: your function returns nothing. Return the box."
    parts, problem = _parts(made)
    if problem:
        return problem
    return _pressed(*parts, playground)


def _parts(made: Any) -> tuple[tuple[Any, Any, Any], str | None]:
    import ipywidgets as widgets

    wanted = (widgets.Dropdown, widgets.Button, widgets.HTML)
    found = [next((one for one in _within(made) if isinstance(one, kind)), None) for kind in wanted]
    missing = [kind.__name__ for kind, one in zip(wanted, found, strict=True) if one is None]
    if missing:
        return (None, None, None), f"Not yet: the box holds no {' and no '.join(missing)}."
    if len(found[0].options) < 2:
        return (None, None, None), "Not yet: the list offers less than two charts."
    return tuple(found), None


def _within(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _within(child)


def _pressed(chart: Any, button: Any, reply: Any, playground: Any) -> str:
    # The last one: a tool that always asks about the first would otherwise pass.
    chart.index = len(chart.options) - 1
    button.click()
    if not playground.runs:
        return "Not yet: pressing the button sent nothing. Does button.on_click call send()?"
    run = playground.runs[-1]
    if not run.wait(PRESS_SECONDS):
        playground.stop()
        return f"Not yet: no reply came within {PRESS_SECONDS} seconds. Run the check again."
    names = _names(run)
    if not names:
        return "Not yet: the prompt went out alone. Attach the chart before you send."
    if names[-1] != str(chart.value).rpartition("/")[2]:
        return (
            f"Not yet: {chart.value} was chosen, and {names[-1]} was sent. Read the list when it is pressed."
        )
    if run.error:
        return f"Not yet: the request failed. {run.error}"
    return _shown(reply.value, run.text)


def _names(run: Any) -> list[str]:
    return [one.name for one in run.request.prompt.attachments]


def _shown(html: str, text: str) -> str:
    from helpers import display

    if display.show_reply(text).html in html or escape(text) in html:
        return "Right: your tool asks about the chosen chart, and nothing in a reply can act on its page."
    if text in html:
        return "Not yet: the reply stands there as it is. Put it through display.show_reply first."
    return (
        "Not yet: the reply came, and the place for it does not show the whole of it. Do you listen for it?"
    )
