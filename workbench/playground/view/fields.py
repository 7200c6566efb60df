"""The playground's form fields: ipywidgets with their label above, and what is typed into them as numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as widgets

from helpers.errors import LearnerError
from workbench.playground.view import handled_here

Attempt = Callable[[Callable[[], object]], None]  # calls a function and shows a `LearnerError` of it


def text(label: str, value: str = "", *, placeholder: str = "", lines: int = 1) -> Any:
    """Make a field that tells its value when it is left."""
    options = {"value": value, "description": label, "placeholder": placeholder, "continuous_update": False}
    if lines == 1:
        return classed(handled_here.Text(**options), "pg-labeled")
    return classed(classed(handled_here.Textarea(**options, rows=lines), "pg-labeled"), "pg-wide")


def choice(label: str, options: Iterable[Any], value: Any = None) -> Any:
    """Make a list to choose from: values, or pairs of words and value."""
    return classed(handled_here.Dropdown(options=list(options), value=value, description=label), "pg-labeled")


def suggestion(label: str, options: Iterable[str], value: str) -> Any:
    """Make a field with suggestions, which takes other words too."""
    box = {"value": value, "description": label, "ensure_option": False, "continuous_update": False}
    return classed(handled_here.Combobox(options=list(options), **box), "pg-labeled")


def button(label: str, press: Callable[[], object], *, about: str = "") -> Any:
    """Make a button; `about` is told where the pointer rests on it."""
    made = handled_here.Button(description=label, tooltip=about)
    made.on_click(lambda _: press())
    return made


def row(*children: widgets.Widget) -> widgets.Box:
    """Put fields side by side, as many as fit."""
    return classed(widgets.Box(children), "pg-line")


def classed(widget: Any, name: str) -> Any:
    """The widget, with a class of the style sheet."""
    widget.add_class(name)
    return widget


def number(field: widgets.Text, convert: Callable[[str], Any]) -> Any:
    """Read a field by `int` or `float`; None if it is empty."""
    typed = field.value.strip()
    try:
        return convert(typed) if typed else None
    except ValueError:
        kind = "a whole number" if convert is int else "a number, with a point for decimals"
        raise LearnerError(f"{field.description} is {kind} or empty, not {typed!r}.") from None
