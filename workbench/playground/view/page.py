"""The playground as one widget: its panels, and which of them follows which event of the model."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from helpers.errors import LearnerError
from workbench.playground.conversation import Exchange
from workbench.playground.sending import Run, Status
from workbench.playground.tool import Event, Playground
from workbench.playground.view import markup
from workbench.playground.view.attaching import AttachPanel
from workbench.playground.view.composer import Composer
from workbench.playground.view.handled_here import Tab
from workbench.playground.view.keeping import CodePanel, SessionPanel
from workbench.playground.view.looking_back import ComparePanel, HistoryPanel
from workbench.playground.view.settings import SettingsPanel
from workbench.playground.view.talk import ConversationPanel

_TABS = ("History", "Compare", "Code", "Session")
_CODE = _TABS.index("Code")


class PlaygroundView:
    """Shows a playground in a notebook or a Voila page.

    Attributes:
        playground: the model: what is composed, the conversation and the history.
    """

    def __init__(self, playground: Playground) -> None:
        """Make the widgets and follow the model.

        Args:
            playground: the model.
        """
        self.playground = playground
        self._left = ""
        self._composer = Composer(system=playground.system)
        self._composer.on_action(send=self._send, stop=playground.stop, cancel=self._cancel)
        self._composer.observe(self._typed, ["system", "prompt"])
        self._estimate = widgets.HTML()
        self._attach = AttachPanel(playground, self._try)
        self._settings = SettingsPanel(playground, self._checked)
        acts = {"edit": self._edit, "branch": self._branch, "code": self._show_code}
        self._talk = ConversationPanel(playground, acts, self._try)
        self._history = HistoryPanel(playground, self._try)
        self._compare = ComparePanel(playground)
        self._code = CodePanel(playground, lambda: self._composer.prompt)
        self._session = SessionPanel(playground, self._composer.say, self._try)
        self._tabs = Tab(
            [self._history.box, self._compare.box, self._code.box, self._session.box], titles=_TABS
        )
        self._tabs.observe(lambda _: self._open_tab(), "selected_index")
        self._box = self._laid_out()
        self._draw()
        playground.listen(self._follow)
        playground.warm()

    def __repr__(self) -> str:
        return "The playground. Run this cell to open it."

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle = self._box._repr_mimebundle_()
        # Shown where the widget is not: on a page that only displays the saved notebook.
        return {**bundle, "text/plain": repr(self), "text/html": f"<p><b>{escape(repr(self))}</b></p>"}

    def _laid_out(self) -> widgets.Widget:
        ask = widgets.VBox([widgets.HTML("<h3>Ask</h3>"), self._composer, self._estimate])
        left = widgets.VBox([_panel(self._attach.box), _panel(ask), _panel(self._settings.box)])
        left.add_class("pg-side")
        columns = widgets.Box([left, _panel(self._talk.box)])
        columns.add_class("pg-columns")
        root = widgets.VBox([columns, _panel(self._tabs)])
        root.add_class("pg-root")
        return root

    def _follow(self, event: Event) -> None:
        match event.kind:
            case "text":
                self._talk.update(event.run)
                if event.run.status is Status.STREAMING and self._composer.status != _COMING:
                    self._composer.say(_COMING)
            case "sent":
                self._composer.busy = True
                self._composer.say("Sent. Waiting for the first words.")
                self._talk.refresh()
                self._attach.refresh()
            case "ended":
                self._composer.busy = False
                self._composer.say(_ending(event.run), is_trouble=event.run.status is Status.FAILED)
                self._draw()
            case "attached":
                self._composer.say(f"{event.attachment.name} is attached.")
                self._draw()
            case "refused":
                self._trouble(event.message)
            case "loaded":
                self._reload()
            case _:
                self._draw()

    def _draw(self) -> None:
        self._attach.refresh()
        self._talk.refresh()
        self._typed()
        self._draw_tab()

    def _open_tab(self) -> None:
        self._draw_tab()
        if self._tabs.selected_index == _CODE:
            self._code.draw()

    def _draw_tab(self) -> None:
        """Draw what is in view: the plot costs time that a reply under way would have to wait for."""
        panels = (self._history, self._compare, self._code)
        index = self._tabs.selected_index
        if index is not None and index < len(panels):
            panels[index].refresh()

    def _typed(self, _: Any = None) -> None:
        self.playground.system = self._composer.system
        self._estimate.value = markup.estimate(self.playground.estimate(self._composer.prompt))

    def _checked(self, trouble: str) -> None:
        self._composer.say(trouble, is_trouble=bool(trouble))
        if not trouble:
            self._attach.refresh()
            self._typed()

    def _trouble(self, words: str) -> None:
        self._composer.say(words, is_trouble=True)

    def _send(self) -> None:
        def send() -> None:
            self._settings.apply()
            self.playground.send(self._composer.prompt)
            self._composer.prompt, self._composer.editing = "", False

        self._try(send)

    def _edit(self, exchange: Exchange) -> None:
        self._composer.prompt = self.playground.edit(exchange.id)
        self._begin_branch(exchange)
        self._composer.say("You are editing an earlier turn. Sending makes a new branch; the old one stays.")

    def _branch(self, exchange: Exchange) -> None:
        self.playground.go_on_from(exchange.id)
        self._begin_branch(exchange)
        self._composer.say("What you send now follows this turn. Later turns stay on their own branch.")

    def _begin_branch(self, exchange: Exchange) -> None:
        self._left = exchange.id
        self._composer.editing = True
        self._composer.focus()

    def _cancel(self) -> None:
        def leave() -> None:
            self.playground.switch(self._left)
            self.playground.drop_attachments()
            self._composer.prompt, self._composer.editing = "", False
            self._composer.say("Nothing was changed.")

        self._try(leave)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except LearnerError as error:
            self._trouble(str(error))

    def _show_code(self, exchange: Exchange) -> None:
        self._code.show(exchange.run)
        self._tabs.selected_index = _CODE
        self._composer.say("The request of that turn is shown as code, in the tab below.")

    def _reload(self) -> None:
        self._composer.editing = False
        self._talk.forget()
        self._composer.system = self.playground.system
        self._settings.refresh()
        self._draw()
        self._composer.say("The session was loaded.")


_COMING = "The reply is coming in."


def _ending(run: Run) -> str:
    if run.status is Status.FAILED:
        return "The request failed. The conversation says why and what to do."
    if run.status is Status.STOPPED:
        return "Stopped."
    return "The reply is complete."


def _panel(content: widgets.Widget) -> widgets.Box:
    content.add_class("pg-panel")
    return content
