"""A file from Python as a widget: made and saved when its button is pressed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from helpers.errors import LearnerError
from workbench.playground.view.handled_here import HandledHere

HERE = Path(__file__).parent


class Download(HandledHere, anywidget.AnyWidget):
    """A button that saves a file.

    Attributes:
        label: what the button says.
    """

    _esm = HERE / "download.js"
    _css = HERE / "style.css"
    label = traitlets.Unicode("Download").tag(sync=True)

    def on_make(self, make: Callable[[], tuple[str, str, bytes]]) -> None:
        """Call a function when the file is wanted.

        Args:
            make: returns the file's name, its media type and its bytes. What it raises as a `LearnerError` is
                shown beside the button.
        """

        def receive(_: Any, message: dict[str, Any], __: Any) -> None:
            if message.get("kind") != "make":
                return
            try:
                name, media_type, data = make()
            except LearnerError as error:
                self.send({"reason": str(error)})
                return
            self.send({"filename": name, "media_type": media_type}, buffers=[data])

        self.on_msg(receive)
