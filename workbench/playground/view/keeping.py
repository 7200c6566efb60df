"""The panels that carry something away: a request as code, and the session as a file."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from helpers.errors import LearnerError
from workbench.playground.export import Export, Language, export
from workbench.playground.sending import Run
from workbench.playground.tool import Playground
from workbench.playground.view import fields
from workbench.playground.view.download import Download
from workbench.playground.view.dropzone import DropZone
from workbench.playground.view.handled_here import Checkbox
from workbench.playground.view.looking_back import RunChoice
from workbench.playground.view.scripts import Scripts

_LABELS = {
    Language.AZURE: "Python, azure-ai-inference",
    Language.OPENAI: "Python, openai",
    Language.CURL: "curl",
}
_SESSION_BYTES = 200 * 1024 * 1024
"""Most bytes of a session that is loaded: ten pictures of the largest size."""


class CodePanel:
    """Shows the exact request of a run, or the next one, as scripts.

    Attributes:
        box: the panel's widget.
    """

    def __init__(self, playground: Playground, prompt: Callable[[], str]) -> None:
        """Make the panel.

        Args:
            playground: the model.
            prompt: gives the words of the next request.
        """
        self._playground, self._prompt = playground, prompt
        self._choice = RunChoice("Request", first=[("the next request, as it stands now", "")])
        self._embed = Checkbox(description="Media inside the script", indent=False)
        self._note = widgets.HTML()
        self._exports: list[Export] = []
        self._scripts = Scripts()
        self._scripts.on_download(self._file)
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
        """Show one run as code.

        Args:
            run: a run of the history.
        """
        self.refresh()
        self._choice.field.value = run
        self.draw()

    def draw(self) -> None:
        """Write the scripts of the chosen request."""
        run = self._choice.run
        try:
            request = run.request if run else self._playground.request(self._prompt())
            embed = True if self._embed.value else None
            self._exports = [export(request, language, embed=embed) for language in Language]
        except LearnerError as error:
            self._note.value = f'<p class="pg-soft">{escape(str(error))}</p>'
            self._scripts.scripts = []
            return
        self._note.value = ""
        self._scripts.scripts = [
            {"label": _LABELS[language], "text": one.text, "note": _beside(one)}
            for language, one in zip(Language, self._exports, strict=True)
        ]

    def _file(self, index: int) -> tuple[str, str, bytes]:
        one = self._exports[index]
        if one.files:
            return f"{one.name.partition('.')[0]}.zip", "application/zip", one.zip()
        return one.name, "text/plain", one.text.encode()


class SessionPanel:
    """Saves and loads the session.

    Attributes:
        box: the panel's widget.
    """

    def __init__(
        self,
        playground: Playground,
        report: Callable[[str], None],
        attempt: Callable[[Callable[[], object]], None],
    ) -> None:
        """Make the panel.

        Args:
            playground: the model.
            report: shows what happened, in words.
            attempt: calls a function and shows a `LearnerError` of it.
        """
        self._playground, self._report = playground, report
        save = Download(label="Download the session")
        save.on_make(lambda: ("session.json", "application/json", playground.dump().encode()))
        load = DropZone(
            label="Load a session",
            hint="a session.json, chosen or dropped here; it replaces what is in the tool",
            accept=".json",
            limit=_SESSION_BYTES,
            multiple=False,
        )
        load.on_file(lambda _, data: playground.load(data))
        self._path = fields.text("File on the computer that runs this notebook", "session.json")
        self._media = fields.choice(
            "Pictures and clips", [("inside the file", "inside"), ("as files beside it", "beside")], "inside"
        )
        self.box = widgets.VBox(
            [
                save,
                load,
                fields.row(
                    self._path,
                    self._media,
                    fields.button("Save there", lambda: attempt(self._save)),
                    fields.button(
                        "Load from there", lambda: attempt(lambda: playground.load(self._path.value.strip()))
                    ),
                ),
            ]
        )

    def _save(self) -> None:
        path = self._playground.save(self._path.value.strip(), media=self._media.value)
        self._report(f"The session was saved as {path.name}.")


def _beside(one: Export) -> str:
    if not one.files:
        return ""
    names = ", ".join(one.files)
    return f"The script reads {names} from its own folder: Download gives both, in a zip."
