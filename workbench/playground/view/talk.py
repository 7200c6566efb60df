"""The panel with the conversation: its turns, and what to do with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from workbench.playground.conversation import Exchange
from workbench.playground.sending import Run, Status
from workbench.playground.tool import Playground
from workbench.playground.view import fields, markup
from workbench.playground.view.parts import TurnView

_STATES = {Status.DONE: "done", Status.STOPPED: "stopped", Status.FAILED: "failed"}


class ConversationPanel:
    """Shows the branch of the conversation that is in view."""

    def __init__(
        self, playground: Playground, acts: Mapping[str, Callable[[Exchange], None]], attempt: fields.Attempt
    ) -> None:
        self._playground, self._acts, self._attempt = playground, acts, attempt
        self._views: dict[str, TurnView] = {}
        self._empty = widgets.HTML(
            markup.soft("Nothing here yet. Attach a sample, write a prompt and send it.")
        )
        self.turns = fields.classed(widgets.VBox([self._empty]), "pg-conversation")
        about = "Empty the conversation; the history stays"
        clear = fields.button("Clear", lambda: attempt(playground.clear), about=about)
        about = "Bring back what was cleared last"
        undo = fields.button("Undo clear", lambda: attempt(playground.restore), about=about)
        title = widgets.HTML("<h3>Conversation</h3>")
        self.head = fields.classed(fields.row(title, fields.row(clear, undo)), "pg-head")

    def refresh(self) -> None:
        """Draw the turns of the branch in view."""
        path = self._playground.conversation.path
        for number, exchange in enumerate(path, 1):
            if exchange.id not in self._views:
                self._views[exchange.id] = self._made(exchange)
            view = self._views[exchange.id]
            places = [one.id for one in self._playground.conversation.branches(exchange.id)]
            with view.hold_sync():
                view.title = f"Turn {number}"
                view.branch = f"{places.index(exchange.id) + 1} of {len(places)}" if len(places) > 1 else ""
                view.editing = exchange.id == self._playground.editing
                view.rating, view.note = exchange.run.rating, exchange.run.note
            self.update(exchange.run)
        shown = tuple(self._views[exchange.id] for exchange in path) or (self._empty,)
        if self.turns.children != shown:
            self.turns.children = shown

    def update(self, run: Run) -> None:
        """Draw the reply of one turn as far as it has come."""
        exchange = next((one for one in self._playground.conversation.path if one.run is run), None)
        view = self._views.get(exchange.id) if exchange else None
        if view is None:
            return
        with view.hold_sync():
            view.reply = markup.reply(run.text) if run.text or not run.is_over else ""
            view.explained = str(run.error) if run.error else ""
            view.facts = markup.facts(run)
            view.state = _STATES.get(run.status, "streaming")

    def forget(self) -> None:
        """Drop the views of all turns, after another session was loaded."""
        self.turns.children = (self._empty,)
        for view in self._views.values():
            view.close()
        self._views.clear()

    def _made(self, exchange: Exchange) -> TurnView:
        view = TurnView(
            prompt=markup.beginning(exchange.prompt.text),
            media="".join(f"<div>{markup.media(one)}</div>" for one in exchange.prompt.attachments),
        )
        playground, attempt = self._playground, self._attempt

        def rate(message: Mapping[str, Any], _: Any) -> None:
            attempt(lambda: playground.rate(exchange.run, int(message["rating"]), str(message["note"])))

        def step(message: Mapping[str, Any], _: Any) -> None:
            beside = [one.id for one in playground.conversation.branches(exchange.id)]
            place = beside.index(exchange.id) + (1 if message["kind"] == "next" else -1)
            attempt(lambda: playground.switch(beside[place % len(beside)]))

        def act(message: Mapping[str, Any], _: Any) -> None:
            attempt(lambda: self._acts[message["kind"]](exchange))

        view.on(rate=rate, next=step, previous=step, **dict.fromkeys(self._acts, act))
        return view
