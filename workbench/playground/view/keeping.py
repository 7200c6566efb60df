"""The panels that carry something away: a request as code, and the session as a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from helpers.errors import LearnerError
from workbench.playground.autosave import Autosave
from workbench.playground.export import Export, Language, export
from workbench.playground.sending import Run
from workbench.playground.tool import Playground
from workbench.playground.view import fields, markup
from workbench.playground.view.handled_here import Checkbox
from workbench.playground.view.looking_back import RunChoice
from workbench.playground.view.parts import DropZone, File, Scripts

COPIED_BYTES = 400_000  # most bytes of media that stand inside a script without being asked for

_LABELS = {
    Language.AZURE: "Python, azure-ai-inference",
    Language.OPENAI: "Python, openai",
    Language.CURL: "curl",
}
# Ten pictures of the largest size.
_SESSION_BYTES = 200 * 1024 * 1024


class CodePanel:
    """Shows the exact request of a run, or the next one, as scripts."""

    def __init__(self, playground: Playground, prompt: Callable[[], str]) -> None:
        self._playground, self._prompt = playground, prompt
        self._choice = RunChoice("Request", first=[("the next request, as it stands now", "")])
        self._embed = Checkbox(description="Large media inside the script, too", indent=False)
        self._note, self._scripts = widgets.HTML(), Scripts()
        self._exports: list[Export] = []
        self._scripts.on(make=self._file)
        head = fields.row(self._choice.field, fields.button("Show", self.draw))
        self.box = widgets.VBox([head, self._embed, self._note, self._scripts])
        for field in (self._choice.field, self._embed):
            field.observe(lambda _: self.draw(), "value")

    def refresh(self) -> None:
        """Offer the runs there are."""
        self._choice.refresh(self._playground.runs)

    def show(self, run: Run) -> None:
        """Show one run as code."""
        self.refresh()
        self._choice.field.value = run
        self.draw()

    def draw(self) -> None:
        """Write the scripts of the chosen request."""
        run, problem = self._choice.run, ""
        try:
            request = run.request if run else self._playground.request(self._prompt())
            media = [item for turn in request.turns for item in turn.attachments]
            # Copied code has no folder beside it that its pictures could lie in.
            embed = self._embed.value or sum(item.wire_bytes for item in media) <= COPIED_BYTES
            self._exports = [export(request, language, embed=embed) for language in Language]
        except LearnerError as error:
            self._exports, problem = [], str(error)
        self._note.value = markup.soft(problem)
        self._scripts.scripts = [
            {
                "label": _LABELS[language],
                "text": one.text,
                "note": _beside(one),
                "shell": language is Language.CURL,
            }
            for language, one in zip(Language, self._exports, strict=False)
        ]

    def _file(self, message: dict[str, Any], _: Any) -> File | None:
        # What a page asks for may not be there any more.
        return next(
            (one.packed() for place, one in enumerate(self._exports) if place == message["index"]), None
        )


class SessionPanel:
    """Saves and loads the session."""

    def __init__(
        self,
        playground: Playground,
        report: Callable[[str], None],
        attempt: fields.Attempt,
        autosave: Autosave,
    ) -> None:
        self._playground, self._report = playground, report
        save = Scripts(label="Download the session")
        save.on(make=lambda *_: ("session.json", "application/json", playground.dump().encode()))
        hint = "a session.json, chosen or dropped here; it replaces what is in the tool"
        load = DropZone(
            label="Load a session", hint=hint, accept=".json", limit=_SESSION_BYTES, multiple=False
        )
        load.on_file(lambda _, data: playground.load(data))
        self._path = fields.text("File on the computer that runs this notebook", "session.json")
        there = fields.button("Save there", lambda: attempt(self._save))
        back = fields.button(
            "Load from there", lambda: attempt(lambda: playground.load(self._path.value.strip()))
        )
        words = "Keep the session on this computer by itself, without the key"
        keep = Checkbox(value=autosave.is_on, description=words, indent=False)
        keep.observe(lambda change: self._turn(autosave, change.new), "value")
        self.box = widgets.VBox([keep, save, load, fields.row(self._path, there, back)])

    def _turn(self, autosave: Autosave, on: bool) -> None:
        words = "The session is kept." if on else "The session is not kept, and what was kept is deleted."
        try:
            autosave.turn(on)
        except OSError as error:
            words = f"That cannot be changed: {error.strerror}."
        self._report(words)

    def _save(self) -> None:
        path = self._playground.save(self._path.value.strip())
        self._report(f"The session was saved as {path.name}.")


def _beside(one: Export) -> str:
    names = ", ".join(one.files)
    words = (
        f"The script reads {names} from its own folder, or the one it runs in: Download gives both, in a zip."
    )
    return words if names else ""
