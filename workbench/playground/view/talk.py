"""The panel with the conversation: its turns, and what to do with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ipywidgets as widgets

from helpers import display
from workbench.playground.conversation import Exchange
from workbench.playground.sending import Run, Status
from workbench.playground.tool import Playground
from workbench.playground.view import fields, markup
from workbench.playground.view.turn import TurnView

_STATES = {Status.DONE: "done", Status.STOPPED: "stopped", Status.FAILED: "failed"}
_EMPTY = '<p class="pg-soft">Nothing here yet. Attach a sample, write a prompt and send it.</p>'


class ConversationPanel:
    """Shows the branch of the conversation that is in view.

    Attributes:
        box: the panel's widget.
    """

    def __init__(
        self,
        playground: Playground,
        acts: Mapping[str, Callable[[Exchange], None]],
        attempt: Callable[[Callable[[], object]], None],
    ) -> None:
        """Make the panel.

        Args:
            playground: the model.
            acts: what to call for a turn's "edit", "branch" and "code".
            attempt: calls a function and shows a `LearnerError` of it.
        """
        self._playground, self._acts, self._attempt = playground, acts, attempt
        self._views: dict[str, TurnView] = {}
        self._empty = widgets.HTML(_EMPTY)
        self._turns = widgets.VBox([self._empty])
        self._turns.add_class("pg-conversation")
        head = fields.row(
            widgets.HTML("<h3>Conversation</h3>"),
            fields.button(
                "Clear", lambda: attempt(playground.clear), about="Empty the conversation; the history stays"
            ),
        )
        head.add_class("pg-head")
        self.box = widgets.VBox([head, self._turns])

    def refresh(self) -> None:
        """Draw the turns of the branch in view."""
        path = self._playground.conversation.path
        for number, exchange in enumerate(path, 1):
            if exchange.id not in self._views:
                self._views[exchange.id] = self._made(exchange)
            view = self._views[exchange.id]
            beside = self._playground.conversation.branches(exchange.id)
            places = [one.id for one in beside]
            with view.hold_sync():
                view.title = f"Turn {number}"
                view.branch = f"{places.index(exchange.id) + 1} of {len(places)}" if len(places) > 1 else ""
            self.update(exchange.run)
        shown = tuple(self._views[exchange.id] for exchange in path) or (self._empty,)
        if self._turns.children != shown:
            self._turns.children = shown

    def update(self, run: Run) -> None:
        """Draw the reply of one turn as far as it has come.

        Args:
            run: the turn's run.
        """
        view = self._view_of(run)
        if view is None:
            return
        with view.hold_sync():
            view.reply = display.show_reply(run.text).html if run.text or not run.is_over else ""
            view.explained = str(run.error) if run.error else ""
            view.facts = markup.facts(run)
            view.state = _STATES.get(run.status, "streaming")

    def forget(self) -> None:
        """Drop the views of all turns, after another session was loaded."""
        self._turns.children = (self._empty,)
        for view in self._views.values():
            view.close()
        self._views.clear()

    def _view_of(self, run: Run) -> TurnView | None:
        exchange = next((one for one in self._playground.conversation.path if one.run is run), None)
        return self._views.get(exchange.id) if exchange else None

    def _made(self, exchange: Exchange) -> TurnView:
        view = TurnView(
            prompt=exchange.prompt.text,
            media="".join(f"<div>{markup.media(one)}</div>" for one in exchange.prompt.attachments),
        )
        view.on_action(lambda action: self._act(exchange, action))
        return view

    def _act(self, exchange: Exchange, action: str) -> None:
        if action in self._acts:
            self._attempt(lambda: self._acts[action](exchange))
            return
        beside = [one.id for one in self._playground.conversation.branches(exchange.id)]
        step = 1 if action == "next" else -1
        other = beside[(beside.index(exchange.id) + step) % len(beside)]
        self._attempt(lambda: self._playground.switch(other))
