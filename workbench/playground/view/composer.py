"""What is asked as a widget: system message, prompt, Send and Stop, and the keys for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from workbench.playground.view.handled_here import HandledHere

HERE = Path(__file__).parent


class Composer(HandledHere, anywidget.AnyWidget):
    """Two text fields with Send and Stop.

    It is no pair of ipywidgets because of what Send must carry: there, the words and the click are messages of
    their own, and with a busy kernel the click can come first.

    Attributes:
        system: the system message.
        prompt: the user's words.
        busy: whether a reply is under way, so that Stop can be used and Send cannot.
        editing: whether Send replaces an earlier turn.
        status: what a screen reader is told, and what stands below the buttons.
        is_trouble: whether the status says that something failed.
    """

    _esm = HERE / "composer.js"
    _css = HERE / "style.css"
    system = traitlets.Unicode("").tag(sync=True)
    prompt = traitlets.Unicode("").tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    editing = traitlets.Bool(False).tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    is_trouble = traitlets.Bool(False).tag(sync=True)

    def say(self, status: str, *, is_trouble: bool = False) -> None:
        """Show a status.

        Args:
            status: the words.
            is_trouble: whether something failed.
        """
        with self.hold_sync():
            self.status, self.is_trouble = status, is_trouble

    def focus(self) -> None:
        """Put the cursor into the prompt."""
        self.send({"kind": "focus"})

    def on_action(
        self, *, send: Callable[[], None], stop: Callable[[], None], cancel: Callable[[], None]
    ) -> None:
        """Call functions when the buttons or their keys are pressed.

        Args:
            send: called after `system` and `prompt` hold what the fields show.
            stop: called to end the reply that is under way.
            cancel: called to leave the edit of an earlier turn.
        """

        def receive(_: Any, message: dict[str, Any], __: Any) -> None:
            match message.get("kind"):
                case "send":
                    self.system, self.prompt = str(message.get("system")), str(message.get("prompt"))
                    send()
                case "stop":
                    stop()
                case "cancel":
                    cancel()

        self.on_msg(receive)
