"""The microphone as a widget: what was said arrives as the bytes of a wav file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from helpers.errors import LearnerError
from workbench.playground.view.handled_here import HandledHere

HERE = Path(__file__).parent


class Recorder(HandledHere, anywidget.AnyWidget):
    """Records from the microphone, with a level meter.

    Attributes:
        max_seconds: when a recording stops by itself.
    """

    _esm = HERE / "recorder.js"
    _css = HERE / "style.css"
    max_seconds = traitlets.Int(60, min=1).tag(sync=True)

    def on_recording(self, take: Callable[[bytes], object]) -> None:
        """Call a function with each recording.

        Args:
            take: is given the bytes of a wav file: 16 kHz, one channel, 16 bits. What it raises as a
                `LearnerError` is shown beside the button.
        """

        def receive(_: Any, message: dict[str, Any], buffers: list[memoryview]) -> None:
            if message.get("kind") != "recording" or not buffers:
                return
            try:
                take(bytes(buffers[0]))
            except LearnerError as error:
                self.send({"kind": "refused", "reason": str(error)})

        self.on_msg(receive)
