"""The parts that need a piece of JavaScript: what they say travels with the press, and files travel in pieces."""

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
File = tuple[str, str, bytes]
"""A file to be saved: its name, its media type and its bytes."""


def _module(name: str) -> str:
    """A part's script behind what all of them share; a part is loaded as one module, which cannot import another."""
    return "\n".join((HERE / f"{each}.js").read_text(encoding="utf-8") for each in ("common", name))


def _synced(trait: Any) -> Any:
    return trait.tag(sync=True)


class Part(HandledHere, anywidget.AnyWidget):
    """A part whose browser side sends messages of several kinds."""

    def on(self, **calls: Callable[..., object]) -> None:
        """Call a function for each kind of message, with the message; the browser is told that it was taken."""

        def receive(_: Any, message: dict[str, Any], __: Any) -> None:
            if call := calls.get(str(message.get("kind"))):
                self.send({"kind": "taken"})
                call(message)

        self.on_msg(receive)


class Composer(Part):
    """Prompt, Send and Stop, with the system message folded away.

    It is no set of ipywidgets because of what Send must carry: there, the words and the click are messages of their
    own, and with a busy kernel the click can come first.
    """

    _esm = _module("composer")
    _css = HERE / "style.css"
    system = _synced(traitlets.Unicode(""))
    presets = _synced(traitlets.List())
    prompt = _synced(traitlets.Unicode(""))
    recall = _synced(traitlets.Unicode(""))
    busy = _synced(traitlets.Bool(False))
    editing = _synced(traitlets.Bool(False))
    status = _synced(traitlets.Unicode(""))
    is_trouble = _synced(traitlets.Bool(False))

    def say(self, status: str, *, is_trouble: bool = False) -> None:
        """Show a status, marked if something failed."""
        with self.hold_sync():
            self.status, self.is_trouble = status, is_trouble

    def focus(self) -> None:
        """Put the cursor into the prompt."""
        self.send({"kind": "focus"})


class Entry(Part):
    """A list to choose from or a field to type into, with a button that takes what is there and empties it."""

    _esm = _module("entry")
    label = _synced(traitlets.Unicode(""))
    action = _synced(traitlets.Unicode(""))
    options = _synced(traitlets.List())
    placeholder = _synced(traitlets.Unicode(""))


class TurnView(Part):
    """Shows a turn; a reply that streams in changes one attribute of it and nothing else on the page."""

    _esm = _module("turn")
    title = _synced(traitlets.Unicode(""))
    prompt = _synced(traitlets.Unicode(""))
    media = _synced(traitlets.Unicode(""))
    reply = _synced(traitlets.Unicode(""))
    explained = _synced(traitlets.Unicode(""))
    facts = _synced(traitlets.Unicode(""))
    branch = _synced(traitlets.Unicode(""))
    state = _synced(traitlets.Unicode(""))
    editing = _synced(traitlets.Bool(False))
    rating = _synced(traitlets.Int(0))
    note = _synced(traitlets.Unicode(""))


class Recorder(Part):
    """Records from the microphone, with a level meter; stops by itself after `max_seconds`."""

    _esm = _module("recorder")
    max_seconds = _synced(traitlets.Int(60, min=1))

    def on_recording(self, take: Callable[[bytes], object]) -> None:
        """Call a function with each recording, a 16 kHz mono wav; a `LearnerError` is shown beside the button."""

        def receive(_: Any, message: dict[str, Any], buffers: list[memoryview]) -> None:
            if message.get("kind") == "recording" and buffers:
                try:
                    take(bytes(buffers[0]))
                except LearnerError as error:
                    self.send({"kind": "refused", "reason": str(error)})

        self.on_msg(receive)


class Scripts(Part):
    """Files to be saved: scripts with a tab each, to be copied or downloaded, or one button alone.

    Attributes:
        scripts: a dict each: "label" of the tab, "text", "note", a sentence above the text or "", and "shell", whether
            it is one for a shell.
        label: of the one button, where there are no scripts.
    """

    _esm = _module("scripts")
    scripts = _synced(traitlets.List(traitlets.Dict()))
    label = _synced(traitlets.Unicode(""))

    def on_make(self, make: Callable[[int], File]) -> None:
        """Call a function with a script's place when it is to be saved; a `LearnerError` is shown beside the button."""

        def receive(_: Any, message: dict[str, Any], __: Any) -> None:
            index = message.get("index")
            if message.get("kind") != "make" or not isinstance(index, int):
                return
            if index not in range(max(1, len(self.scripts))):
                return
            answer = {"view": message.get("view")}
            try:
                name, media_type, data = make(index)
            except LearnerError as error:
                self.send({**answer, "reason": str(error)})
            else:
                self.send({**answer, "filename": name, "media_type": media_type}, buffers=[data])

        self.on_msg(receive)


class DropZone(Part):
    """A place to drop or paste files, with a button that chooses them.

    Attributes:
        label: what the button says.
        hint: what is taken and how large it may be.
        accept: what the browser's dialog offers: endings or media types, separated by commas.
        limit: most bytes of one file.
        multiple: whether several files may come at once.
        takes_paste: whether files pasted anywhere in the playground come here.
    """

    _esm = _module("dropzone")
    label = _synced(traitlets.Unicode("Choose files"))
    hint = _synced(traitlets.Unicode(""))
    accept = _synced(traitlets.Unicode(""))
    limit = _synced(traitlets.Int(MAX_BYTES))
    multiple = _synced(traitlets.Bool(True))
    takes_paste = _synced(traitlets.Bool(False))

    def on_file(self, take: Callable[[str, bytes], object]) -> None:
        """Call a function with each file's name and bytes; a `LearnerError` is shown beside the button."""
        under_way: dict[Any, tuple[str, int, bytearray]] = {}

        def receive(_: Any, message: dict[str, Any], buffers: list[memoryview]) -> None:
            view, answer = message.get("view"), {"number": message.get("number")}
            if message.get("kind") == "start":
                under_way[view] = str(message.get("name")), int(message.get("size", 0)), bytearray()
            name, size, data = under_way.get(view, ("The file", -1, bytearray()))
            for buffer in buffers:
                data += buffer
            if len(data) > self.limit:
                under_way.pop(view, None)
                answer["reason"] = f"{name} is larger than the limit of {self.limit:,} bytes."
            elif message.get("kind") == "end":
                under_way.pop(view, None)
                if len(data) != size:
                    answer["reason"] = f"{name} did not arrive whole. Choose it again."
                else:
                    try:
                        take(name, bytes(data))
                    except LearnerError as error:
                        answer["reason"] = str(error)
            self.send(answer)

        self.on_msg(receive)
