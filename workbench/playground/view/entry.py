"""A field with its button as a widget: what stands in the field arrives with the press of the button."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from workbench.playground.view.handled_here import HandledHere

HERE = Path(__file__).parent


class Entry(HandledHere, anywidget.AnyWidget):
    """A list to choose from or a field to type into, with a button that takes what is there and empties it.

    It is no pair of ipywidgets because there a choice and the press are messages of their own: a choice is held
    back until the kernel has taken the one before, and the press is not.

    Attributes:
        label: what stands above the field.
        action: what the button says.
        options: pairs of words and value, the first of them for no choice; without any, it is a field to type into.
        placeholder: what stands in an empty field.
    """

    _esm = HERE / "entry.js"
    _css = HERE / "style.css"
    label = traitlets.Unicode("").tag(sync=True)
    action = traitlets.Unicode("").tag(sync=True)
    options = traitlets.List().tag(sync=True)
    placeholder = traitlets.Unicode("").tag(sync=True)

    def on_entry(self, take: Callable[[str], object]) -> None:
        """Call a function with what is entered.

        Args:
            take: is given the value, which is never empty.
        """

        def receive(_: Any, message: dict[str, Any], __: Any) -> None:
            if message.get("kind") == "take" and message.get("value"):
                take(str(message["value"]))

        self.on_msg(receive)
