"""The parts that need a piece of JavaScript: what they say travels with the press, and files travel in pieces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from helpers.errors import LearnerError
from helpers.media import MAX_BYTES, MediaError
from workbench.playground.view.handled_here import HandledHere

HERE = Path(__file__).parent
File = tuple[str, str, bytes]  # A file to be saved: its name, its media type and its bytes


def _module(name: str) -> str:
    """A part's script behind what all of them share; a part is loaded as one module, which cannot import another."""
    return "\n".join((HERE / f"{each}.js").read_text(encoding="utf-8") for each in ("common", name))


def _synced(default: Any) -> Any:
    """A trait of the default's kind that the browser sees, too."""
    kinds = {bool: traitlets.Bool, int: traitlets.Int, str: traitlets.Unicode, list: traitlets.List}
    return kinds[type(default)](default).tag(sync=True)


class Part(HandledHere, anywidget.AnyWidget):
    """A part whose browser side sends messages of several kinds."""

    def on(self, **calls: Callable[[dict[str, Any], list[memoryview]], object]) -> None:
        """Call a function for each kind of message, with the message and its buffers.

        The browser is told that the message was taken, and what came of it: a `File` that the function returns, or
        the reason of a `LearnerError`.
        """

        def receive(_: Any, message: dict[str, Any], buffers: list[memoryview]) -> None:
            if message.get("kind") not in calls:
                return
            self.send({"kind": "taken"})
            answer = {name: message.get(name) for name in ("view", "number")}
            data: list[bytes] = []
            try:
                made = calls[message["kind"]](message, buffers)
            except LearnerError as error:
                answer |= {"kind": "refused", "reason": str(error)}
            else:
                if isinstance(made, tuple):
                    answer["filename"], answer["media_type"], *data = made
            self.send(answer, buffers=data)

        self.on_msg(receive)


class Composer(Part):
    """Prompt, Send and Stop, with the system message folded away.

    It is no set of ipywidgets because of what Send must carry: there, the words and the click are messages of their
    own, and with a busy kernel the click can come first.
    """

    _esm = _module("composer")
    _css = HERE / "style.css"
    system, prompt, recall, status = _synced(""), _synced(""), _synced(""), _synced("")
    busy, editing, is_trouble = _synced(False), _synced(False), _synced(False)
    presets = _synced([])

    def say(self, status: str, *, is_trouble: bool = False) -> None:
        """Show a status, marked if something failed."""
        with self.hold_sync():
            self.status, self.is_trouble = status, is_trouble


class Entry(Part):
    """A list to choose from or a field to type into, with a button that takes what is there and empties it."""

    _esm = _module("entry")
    label, action, placeholder = _synced(""), _synced(""), _synced("")
    options = _synced([])


class TurnView(Part):
    """Shows a turn; a reply that streams in changes one attribute of it and nothing else on the page."""

    _esm = _module("turn")
    title, prompt, media, branch, note = _synced(""), _synced(""), _synced(""), _synced(""), _synced("")
    reply, explained, facts, state = _synced(""), _synced(""), _synced(""), _synced("")
    editing, rating = _synced(False), _synced(0)


class Recorder(Part):
    """Records from the microphone, with a level meter, and sends a wav; stops by itself after `max_seconds`."""

    _esm = _module("recorder")
    max_seconds = _synced(60)


class Scripts(Part):
    """Files to be saved: scripts with a tab each, or one button alone, which has the `label`.

    Scripts are dicts: "label" of the tab, "text", "note" (a sentence above the text or ""), and "shell", whether it is
    one for a shell. The part sends "make" with a script's place, `index`, when that is to be saved.
    """

    _esm = _module("scripts")
    scripts = _synced([])
    label = _synced("")


class DropZone(Part):
    """A place to drop or paste files of at most `limit` bytes, with a button that chooses them.

    `accept` is what the browser's dialog offers: endings or media types, separated by commas; with `takes_paste` files
    pasted anywhere in the playground come here.
    """

    _esm = _module("dropzone")
    label, hint, accept = _synced("Choose files"), _synced(""), _synced("")
    limit, multiple, takes_paste = _synced(MAX_BYTES), _synced(True), _synced(False)

    def on_file(self, take: Callable[[str, bytes], object]) -> None:
        """Call a function with each file's name and bytes; a `LearnerError` is shown beside the button."""
        under_way: dict[Any, tuple[str, int, bytearray]] = {}

        def receive(message: dict[str, Any], buffers: list[memoryview]) -> None:
            view = message.get("view")
            if message["kind"] == "start":
                under_way[view] = str(message.get("name")), int(message.get("size", 0)), bytearray()
            name, size, data = under_way.get(view, ("The file", -1, bytearray()))
            for buffer in buffers:
                data += buffer
            is_whole = message["kind"] == "end"
            if is_whole or len(data) > self.limit:
                under_way.pop(view, None)
            if len(data) > self.limit:
                raise MediaError(f"{name} is larger than the limit of {self.limit:,} bytes.")
            if is_whole and len(data) != size:
                raise MediaError(f"{name} did not arrive whole. Choose it again.")
            if is_whole:
                take(name, bytes(data))

        self.on(start=receive, piece=receive, end=receive)
