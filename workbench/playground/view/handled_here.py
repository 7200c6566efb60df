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


def _here(kind: type) -> Any:
    return type(kind.__name__, (HandledHere, kind), {})


Button, Checkbox, Combobox, Dropdown = map(
    _here, (widgets.Button, widgets.Checkbox, widgets.Combobox, widgets.Dropdown)
)
Tab, Text, Textarea = map(_here, (widgets.Tab, widgets.Text, widgets.Textarea))
