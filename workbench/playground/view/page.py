"""The playground as one widget: its panels, and which of them follows which event of the model."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets as widgets

from helpers.errors import LearnerError
from workbench.playground.autosave import Autosave
from workbench.playground.conversation import Exchange
from workbench.playground.grid import Grid
from workbench.playground.sending import Status
from workbench.playground.tool import Event, Playground
from workbench.playground.view import markup
from workbench.playground.view.attaching import AttachPanel
from workbench.playground.view.fields import classed
from workbench.playground.view.gridding import GridPanel
from workbench.playground.view.handled_here import Tab
from workbench.playground.view.keeping import CodePanel, SessionPanel
from workbench.playground.view.looking_back import ComparePanel, HistoryPanel
from workbench.playground.view.parts import Composer
from workbench.playground.view.settings import SettingsPanel
from workbench.playground.view.talk import ConversationPanel

_TABS = ("History", "Compare", "Code", "Session", "Grid")
_CODE = _TABS.index("Code")
_PRESETS = [
    ("Short answers", "Answer in one short sentence."),
    ("Numbers with units", "Give each number with its unit, and say which ones you are not sure of."),
    ("Only what is there", "Say only what can be seen or heard. If something cannot be told, say so."),
    ("Translator", "You translate into English. Reply with the translation alone."),
    (
        "Describe for the blind",
        "Describe it for a person who cannot see: first what it shows, then the details.",
    ),
]
_COMING = "The reply is coming in."
_ENDINGS = {
    Status.DONE: "The reply is complete.",
    Status.STOPPED: "Stopped.",
    Status.FAILED: "The request failed. The conversation says why and what to do.",
}
# A page of Voila shows no cell of the lesson but the tool, and needs a heading of its own.
_HEADING = """<h1>Explore prompts in a playground</h1>
<p>Try prompts, pictures and clips: attach something, ask about it, and compare what comes back.</p>"""


class PlaygroundView:
    """Shows a playground in a notebook or a Voila page."""

    def __init__(self, playground: Playground, *, autosave: Autosave | None = None) -> None:
        """Make the widgets and follow the model; bring back what an earlier page or kernel left."""
        self.playground = playground
        self._autosave = autosave or Autosave(playground)
        # What code does with the playground is nobody's session.
        self._is_used, self._left = False, ""
        restored = self._autosave.restore()
        last = playground.runs[-1].request.prompt.text if playground.runs else ""
        self._composer = Composer(system=playground.system, presets=_PRESETS, recall=last)
        self._composer.on(
            send=self._send, stop=lambda *_: playground.stop(), cancel=lambda *_: self._try(self._cancel)
        )
        self._composer.observe(self._typed, ["system", "prompt"])
        self._estimate = widgets.HTML()
        self._attach = AttachPanel(playground, self._try)
        self._settings = SettingsPanel(playground, self._checked)
        acts = {"edit": self._edit, "branch": self._branch, "retry": self._retry, "code": self._show_code}
        self._talk = ConversationPanel(playground, acts, self._try)
        self._history = HistoryPanel(playground, self._try)
        self._compare = ComparePanel(playground)
        self._code = CodePanel(playground, lambda: self._composer.prompt)
        self._session = SessionPanel(playground, self._composer.say, self._try, self._autosave)
        self._grid = GridPanel(playground, self._try)
        panels = (self._history, self._compare, self._code, self._session, self._grid)
        self._tabs = Tab([panel.box for panel in panels], titles=_TABS)
        self._tabs.observe(lambda _: self._open_tab(), "selected_index")
        self._box = self._laid_out()
        self._draw()
        self._composer.say(restored)
        playground.listen(self._follow)
        playground.warm()

    @property
    def grid(self) -> Grid | None:
        """The grid that was run last; its `frame()` is a table for pandas."""
        return self._grid.grid

    def __repr__(self) -> str:
        return "The playground. Run this cell to open it."

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle = self._box._repr_mimebundle_()
        # Shown where the widget is not: on a page that only displays the saved notebook.
        return {**bundle, "text/plain": repr(self), "text/html": f"<p><b>{escape(repr(self))}</b></p>"}

    def _laid_out(self) -> widgets.Widget:
        talk = [self._talk.head, self._talk.turns, self._attach.cards, self._composer, self._estimate]
        main = classed(classed(widgets.VBox(talk), "pg-panel"), "pg-main")
        beside = [classed(panel.box, "pg-panel") for panel in (self._attach, self._settings)]
        columns = classed(widgets.Box([main, classed(widgets.VBox(beside), "pg-side")]), "pg-columns")
        is_voila = os.environ.get("SERVER_SOFTWARE", "").startswith("voila")
        heading = [widgets.HTML(_HEADING)] if is_voila else []
        return classed(widgets.VBox([*heading, columns, classed(self._tabs, "pg-panel")]), "pg-root")

    def _follow(self, event: Event) -> None:
        run = event.run
        if event.kind == "text" and run:
            self._talk.update(run)
            if run.status is Status.STREAMING and self._composer.status != _COMING:
                self._composer.say(_COMING)
        elif event.kind == "sent":
            self._composer.busy = True
            self._composer.say("Sent. Waiting for the first words.")
            self._talk.refresh()
            self._attach.refresh()
        elif event.kind == "refused":
            self._composer.say(event.message, is_trouble=True)
        elif event.kind == "loaded":
            self._reload()
        else:
            if event.kind == "ended" and run:
                self._composer.busy = False
                self._composer.say(_ENDINGS[run.status], is_trouble=run.status is Status.FAILED)
            elif event.attachment:
                self._composer.say(f"{event.attachment.name} is attached.")
            self._draw()
        if event.kind not in ("sent", "text") and self._is_used and (lost := self._autosave.keep()):
            self._composer.say(lost, is_trouble=True)

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
        playground = self.playground
        playground.system = self._composer.system
        expected = playground.estimate(self._composer.prompt)
        price = playground.prices.get(playground.options.deployment)
        self._estimate.value = markup.estimate(expected, price, playground.spent)

    def _checked(self, trouble: str) -> None:
        self._composer.say(trouble, is_trouble=bool(trouble))
        if not trouble:
            self._attach.refresh()
            self._typed()

    def _send(self, message: Mapping[str, Any], _: Any) -> None:
        def send() -> None:
            # The words are what the fields showed at the press, whatever came since.
            self._composer.system, self._composer.prompt = str(message["system"]), str(message["prompt"])
            self._settings.apply()
            times = message.get("times")
            run = self.playground.send(self._composer.prompt, times=times if isinstance(times, int) else 1)
            self._composer.recall = run.request.prompt.text
            self._composer.prompt, self._composer.editing = "", False

        self._try(send)

    def _edit(self, exchange: Exchange) -> None:
        self._composer.prompt = self.playground.edit(exchange.id)
        self._begin_branch("You are editing an earlier turn. Sending makes a new branch; the old one stays.")

    def _branch(self, exchange: Exchange) -> None:
        self._left = exchange.id
        self.playground.go_on_from(exchange.id)
        self._begin_branch("What you send now follows this turn. Later turns stay on their own branch.")

    def _retry(self, exchange: Exchange) -> None:
        self._settings.apply()
        self.playground.retry(exchange.id)

    def _begin_branch(self, words: str) -> None:
        self._composer.editing = True
        self._composer.send({"kind": "focus"})
        self._composer.say(words)

    def _cancel(self) -> None:
        if self.playground.editing:
            self.playground.leave_edit()
        else:
            self.playground.switch(self._left)
        self._composer.prompt, self._composer.editing = "", False
        self._composer.say("Nothing was changed.")

    def _try(self, act: Callable[[], object]) -> None:
        self._is_used = True
        try:
            act()
        except LearnerError as error:
            self._composer.say(str(error), is_trouble=True)

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
