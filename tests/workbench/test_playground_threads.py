"""What a browser or another thread asks for is drawn on the thread that the playground was made on, and in order."""

from __future__ import annotations

import asyncio
import threading

import ipywidgets as widgets
import pytest

from workbench.playground.delivery import deliver_here
from workbench.playground.tool import Playground
from workbench.playground.view import PlaygroundView
from workbench.playground.view.handled_here import HandledHere

SECONDS = 60


def parts(widget):
    """The widgets below one, which shows them as its children."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def from_another_thread(call):
    thread = threading.Thread(target=call)
    thread.start()
    thread.join(SECONDS)


def test_listeners_are_told_on_one_thread_and_in_order(here):
    told = []

    async def ask():
        over = asyncio.Event()
        playground = Playground(here)

        def note(event):
            told.append((event.kind, threading.current_thread()))
            if event.kind == "ended":
                over.set()

        playground.listen(note)
        await asyncio.to_thread(playground.send, 'Translate to Spanish: "Good morning."')
        await asyncio.wait_for(over.wait(), SECONDS)
        playground.close()

    asyncio.run(ask())
    kinds = [kind for kind, _ in told]
    assert (kinds[0], kinds[-1]) == ("sent", "ended")
    assert set(kinds[1:-1]) == {"text"}
    assert {thread for _, thread in told} == {threading.current_thread()}


def test_browser_is_answered_on_the_thread_of_the_tool(here):
    heard, sent = [], []

    async def say():
        tool = PlaygroundView(Playground(here))
        tool.playground.attach_sample("charts/cafe_drinks.png")
        for widget in parts(tool._box):
            if hasattr(widget, "value") and isinstance(widget, widgets.Text | widgets.Checkbox):
                widget.observe(lambda _: heard.append(threading.current_thread()), "value")
                sent.append(widget)
        for widget in sent:
            value = not widget.value if isinstance(widget, widgets.Checkbox) else f"{widget.value}1"
            message = {"content": {"data": {"method": "update", "state": {"value": value}}}}
            from_another_thread(lambda widget=widget, message=message: widget.comm.handle_msg(message))
        assert not heard
        await asyncio.sleep(0)
        tool.playground.close()

    asyncio.run(say())
    assert sent
    assert heard == [threading.current_thread()] * len(sent)


def test_every_part_that_can_be_used_is_handled_on_the_thread_of_the_tool(here):
    async def make():
        tool = PlaygroundView(Playground(here))
        tool.playground.attach_sample("charts/cafe_drinks.png")
        tool.playground.close()
        return list(parts(tool._box))

    inert = (widgets.HTML, widgets.VBox, widgets.HBox)
    used = [one for one in asyncio.run(make()) if type(one) not in (*inert, widgets.Box)]
    assert len(used) > 20
    assert [type(one).__name__ for one in used if not isinstance(one, HandledHere)] == []


def test_calls_are_run_at_once_at_home_and_handed_over_from_elsewhere():
    async def go():
        deliver, order = deliver_here(), []
        from_another_thread(lambda: deliver(lambda: order.append("elsewhere")))
        deliver(lambda: order.append("here"))
        assert order == ["here"]
        await asyncio.sleep(0)
        assert order == ["here", "elsewhere"]
        return deliver

    closed = asyncio.run(go())
    from_another_thread(lambda: closed(lambda: pytest.fail("the loop is closed")))


def test_without_a_loop_calls_run_where_they_come_from():
    deliver, threads = deliver_here(), []
    from_another_thread(lambda: deliver(lambda: threads.append(threading.current_thread())))
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()
