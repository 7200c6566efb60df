"""Files as a widget: dropped, pasted or chosen in the browser, they arrive as a name and bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from helpers.errors import LearnerError
from helpers.media import MAX_BYTES
from workbench.playground.view.handled_here import HandledHere

HERE = Path(__file__).parent


class DropZone(HandledHere, anywidget.AnyWidget):
    """A place to drop or paste files, with a button that chooses them.

    Attributes:
        label: what the button says.
        hint: what is taken and how large it may be.
        accept: what the browser's dialog offers: endings or media types, separated by commas.
        limit: most bytes of one file.
        multiple: whether several files may come at once.
        takes_paste: whether files pasted anywhere in the playground come here.
    """

    _esm = HERE / "dropzone.js"
    _css = HERE / "style.css"
    label = traitlets.Unicode("Choose files").tag(sync=True)
    hint = traitlets.Unicode("").tag(sync=True)
    accept = traitlets.Unicode("").tag(sync=True)
    limit = traitlets.Int(MAX_BYTES).tag(sync=True)
    multiple = traitlets.Bool(True).tag(sync=True)
    takes_paste = traitlets.Bool(False).tag(sync=True)

    def on_file(self, take: Callable[[str, bytes], object]) -> None:
        """Call a function with each file.

        Args:
            take: is given the file's name and its bytes. What it raises as a `LearnerError` is shown beside
                the button.
        """
        under_way: dict[Any, tuple[str, int, bytearray]] = {}

        def receive(_: Any, message: dict[str, Any], buffers: list[memoryview]) -> None:
            view = message.get("view")
            if message.get("kind") == "start":
                under_way[view] = str(message.get("name")), int(message.get("size", 0)), bytearray()
            name, size, data = under_way.get(view, ("The file", -1, bytearray()))
            for buffer in buffers:
                data += buffer
            answer = {"number": message.get("number")}
            if len(data) > self.limit:
                under_way.pop(view, None)
                answer["reason"] = f"{name} is larger than the limit of {self.limit:,} bytes."
            elif message.get("kind") == "end":
                under_way.pop(view, None)
                answer |= self._handed_over(take, name, bytes(data), size)
            self.send(answer)

        self.on_msg(receive)

    @staticmethod
    def _handed_over(
        take: Callable[[str, bytes], object], name: str, data: bytes, size: int
    ) -> dict[str, str]:
        if len(data) != size:
            return {"reason": f"{name} did not arrive whole. Choose it again."}
        try:
            take(name, data)
        except LearnerError as error:
            return {"reason": str(error)}
        return {}
