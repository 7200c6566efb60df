"""Widgets whose messages from the browser are handled on the thread that made them."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from workbench.playground.delivery import deliver_here


class HandledHere(widgets.Widget):
    """A base that brings what the browser says to the thread that made the widget.

    JupyterLab gives the messages of widgets to a subshell of the kernel, which is a second thread
    (`commsOverSubshells` in its settings for kernels). What a click draws there would race what a reply draws on the
    main thread, and an old part of a reply could be drawn last.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._deliver = deliver_here()
        super().__init__(*args, **kwargs)

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        handle = super()._handle_msg
        self._deliver(lambda: handle(msg))


class Button(HandledHere, widgets.Button):
    """A button."""


class Checkbox(HandledHere, widgets.Checkbox):
    """A box to tick."""


class Combobox(HandledHere, widgets.Combobox):
    """A field with suggestions."""


class Dropdown(HandledHere, widgets.Dropdown):
    """A list to choose from."""


class Tab(HandledHere, widgets.Tab):
    """Panels of which one is in view."""


class Text(HandledHere, widgets.Text):
    """A field for one line."""


class Textarea(HandledHere, widgets.Textarea):
    """A field for several lines."""
