"""Keeps the session of a tool on this computer, so that a page that was closed or a kernel that ended loses nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from helpers.errors import LearnerError
from workbench.playground.tool import Playground


def default_path() -> Path:
    """One file for each folder that notebooks run in, beside Jupyter's own data, where only its owner looks."""
    name = hashlib.sha256(str(Path.cwd()).encode()).hexdigest()[:16]
    return Path(jupyter_data_dir()) / "playground" / f"{name}.json"


class Autosave:
    """Saves a playground's session to `path`, without the key as every session, until somebody turns that off."""

    def __init__(self, playground: Playground, path: Path | None = None) -> None:
        self._playground, self.path = playground, path or default_path()
        self._off = self.path.with_suffix(".off")

    @property
    def is_on(self) -> bool:
        """Whether sessions are kept; the choice outlives the kernel."""
        return not self._off.exists()

    def turn(self, on: bool) -> None:
        """Turn it on or off; off, what was kept is deleted. OSError if the choice cannot be written."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if on:
            self._off.unlink(missing_ok=True)
        else:
            self._off.touch()
            self.path.unlink(missing_ok=True)

    def keep(self) -> str:
        """Save the session if no reply is on its way; tells why it could not be kept, or nothing."""
        if not self.is_on or self._playground.running:
            return ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._playground.save(self.path)
        except (OSError, LearnerError) as error:
            return f"The session is not kept: {error}"
        return ""

    def restore(self) -> str:
        """Load what was kept into a playground in which nothing was done yet; tells what to say of it, or nothing."""
        untouched = not (self._playground.runs or self._playground.attachments or self._playground.system)
        if not (self.is_on and untouched and self.path.is_file()):
            return ""
        try:
            self._playground.load(self.path)
        except LearnerError as error:
            return f"The session that was kept cannot be brought back: {error}"
        return "Your last session is back. Clear starts a new conversation."
