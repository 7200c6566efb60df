"""The panels that carry something away: a request as code, and the session as a file."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from helpers.errors import LearnerError
from workbench.playground.autosave import Autosave
from workbench.playground.export import Export, Language, export
from workbench.playground.sending import Run
from workbench.playground.tool import Playground
from workbench.playground.view import fields
from workbench.playground.view.handled_here import Checkbox
from workbench.playground.view.looking_back import RunChoice
from workbench.playground.view.parts import DropZone, Scripts

_LABELS = {
    Language.AZURE: "Python, azure-ai-inference",
    Language.OPENAI: "Python, openai",
    Language.CURL: "curl",
}
COPIED_BYTES = 400_000
"""Most bytes of media that stand inside a script without being asked for."""
_SESSION_BYTES = 200 * 1024 * 1024
"""Most bytes of a session that is loaded: ten pictures of the largest size."""


class CodePanel:
    """Shows the exact request of a run, or the next one, as scripts."""

    def __init__(self, playground: Playground, prompt: Callable[[], str]) -> None:
        """Make the panel."""
        self._playground, self._prompt = playground, prompt
        self._choice = RunChoice("Request", first=[("the next request, as it stands now", "")])
        self._embed = Checkbox(description="Large media inside the script, too", indent=False)
        self._note = widgets.HTML()
        self._exports: list[Export] = []
        self._scripts = Scripts()
        self._scripts.on_make(self._file)
        self.box = widgets.VBox(
            [
                fields.row(self._choice.field, fields.button("Show", self.draw)),
                self._embed,
                self._note,
                self._scripts,
            ]
        )
        self._choice.field.observe(lambda _: self.draw(), "value")
        self._embed.observe(lambda _: self.draw(), "value")

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
        run = self._choice.run
        try:
            request = run.request if run else self._playground.request(self._prompt())
            media = [item for turn in request.turns for item in turn.attachments]
            # Copied code has no folder beside it that its pictures could lie in.
            small = sum(item.wire_bytes for item in media) <= COPIED_BYTES
            embed = self._embed.value or small
            self._exports = [export(request, language, embed=embed) for language in Language]
        except LearnerError as error:
            self._note.value = f'<p class="pg-soft">{escape(str(error))}</p>'
            self._scripts.scripts = []
            return
        self._note.value = ""
        self._scripts.scripts = [
            {
                "label": _LABELS[language],
                "text": one.text,
                "note": _beside(one),
                "shell": language is Language.CURL,
            }
            for language, one in zip(Language, self._exports, strict=True)
        ]

    def _file(self, index: int) -> tuple[str, str, bytes]:
        return self._exports[index].packed()


class SessionPanel:
    """Saves and loads the session."""

    def __init__(
        self,
        playground: Playground,
        report: Callable[[str], None],
        attempt: Callable[[Callable[[], object]], None],
        autosave: Autosave,
    ) -> None:
        """Make the panel."""
        self._playground, self._report = playground, report
        save = Scripts(label="Download the session")
        save.on_make(lambda _: ("session.json", "application/json", playground.dump().encode()))
        load = DropZone(
            label="Load a session",
            hint="a session.json, chosen or dropped here; it replaces what is in the tool",
            accept=".json",
            limit=_SESSION_BYTES,
            multiple=False,
        )
        load.on_file(lambda _, data: playground.load(data))
        self._path = fields.text("File on the computer that runs this notebook", "session.json")
        keep = Checkbox(
            value=autosave.is_on,
            description="Keep the session on this computer by itself, without the key",
            indent=False,
        )
        keep.observe(lambda change: self._turn(autosave, change.new), "value")
        self.box = widgets.VBox(
            [
                keep,
                save,
                load,
                fields.row(
                    self._path,
                    fields.button("Save there", lambda: attempt(self._save)),
                    fields.button(
                        "Load from there", lambda: attempt(lambda: playground.load(self._path.value.strip()))
                    ),
                ),
            ]
        )

    def _turn(self, autosave: Autosave, on: bool) -> None:
        try:
            autosave.turn(on)
        except OSError as error:
            self._report(f"That cannot be changed: {error.strerror}.")
        else:
            self._report(
                "The session is kept." if on else "The session is not kept, and what was kept is deleted."
            )

    def _save(self) -> None:
        path = self._playground.save(self._path.value.strip())
        self._report(f"The session was saved as {path.name}.")


def _beside(one: Export) -> str:
    if not one.files:
        return ""
    names = ", ".join(one.files)
    return (
        f"The script reads {names} from its own folder, or the one it runs in: Download gives both, in a zip."
    )
