"""One turn of the conversation as a widget: asked, attached, replied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from workbench.playground.view.handled_here import HandledHere

HERE = Path(__file__).parent


class TurnView(HandledHere, anywidget.AnyWidget):
    """Shows a turn; a reply that streams in changes one attribute of it and nothing else on the page.

    Attributes:
        title: the turn's heading.
        prompt: the user's words, shown as plain text.
        media: inert HTML of what was attached.
        reply: inert HTML of the reply so far.
        explained: why no reply came, as plain text.
        facts: deployment, tokens and seconds.
        branch: such as "2 of 3", or nothing where the conversation has one branch.
        state: "streaming", "done", "stopped" or "failed".
    """

    _esm = HERE / "turn.js"
    _css = HERE / "style.css"
    title = traitlets.Unicode("").tag(sync=True)
    prompt = traitlets.Unicode("").tag(sync=True)
    media = traitlets.Unicode("").tag(sync=True)
    reply = traitlets.Unicode("").tag(sync=True)
    explained = traitlets.Unicode("").tag(sync=True)
    facts = traitlets.Unicode("").tag(sync=True)
    branch = traitlets.Unicode("").tag(sync=True)
    state = traitlets.Unicode("").tag(sync=True)

    def on_action(self, act: Callable[[str], None]) -> None:
        """Call a function when one of the turn's buttons is pressed.

        Args:
            act: is given "edit", "branch", "code", "previous" or "next".
        """

        def receive(_: Any, message: dict[str, Any], __: Any) -> None:
            if message.get("kind") in ("edit", "branch", "code", "previous", "next"):
                act(message["kind"])

        self.on_msg(receive)
