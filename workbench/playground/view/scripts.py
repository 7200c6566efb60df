"""A request as scripts, in a widget: a tab for each, to be copied or downloaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from workbench.playground.view.handled_here import HandledHere

HERE = Path(__file__).parent


class Scripts(HandledHere, anywidget.AnyWidget):
    """Shows scripts.

    Attributes:
        scripts: a dict each: "label" of the tab, "text", and "note", a sentence above the text or "".
    """

    _esm = HERE / "scripts.js"
    _css = HERE / "style.css"
    scripts = traitlets.List(traitlets.Dict()).tag(sync=True)

    def on_download(self, make: Callable[[int], tuple[str, str, bytes]]) -> None:
        """Call a function when a script is to be saved.

        Args:
            make: is given the script's place in the list; returns the file's name, its media type and its bytes.
        """

        def receive(_: Any, message: dict[str, Any], __: Any) -> None:
            index = message.get("index")
            if message.get("kind") != "make" or index not in range(len(self.scripts)):
                return
            name, media_type, data = make(index)
            answer = {"view": message.get("view"), "filename": name, "media_type": media_type}
            self.send(answer, buffers=[data])

        self.on_msg(receive)
