"""The playground's form fields: ipywidgets with their label above, and what is typed into them as numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as widgets

from helpers.errors import LearnerError
from workbench.playground.view import handled_here


def text(label: str, value: str = "", *, placeholder: str = "", lines: int = 1) -> Any:
    """Make a field that tells its value when it is left."""
    made = handled_here.Text if lines == 1 else handled_here.Textarea
    field = made(value=value, description=label, placeholder=placeholder, continuous_update=False)
    if lines > 1:
        field.rows = lines
        field.add_class("pg-wide")
    return _labeled(field)


def choice(label: str, options: Iterable[Any], value: Any = None) -> widgets.Dropdown:
    """Make a list to choose from: values, or pairs of words and value."""
    return _labeled(handled_here.Dropdown(options=list(options), value=value, description=label))


def suggestion(label: str, options: Iterable[str], value: str) -> widgets.Combobox:
    """Make a field with suggestions, which takes other words too."""
    made = handled_here.Combobox(
        options=list(options), value=value, description=label, ensure_option=False, continuous_update=False
    )
    return _labeled(made)


def button(label: str, press: Callable[[], object], *, about: str = "") -> widgets.Button:
    """Make a button; `about` is told where the pointer rests on it."""
    made = handled_here.Button(description=label, tooltip=about)
    made.on_click(lambda _: press())
    return made


def row(*children: widgets.Widget) -> widgets.Box:
    """Put fields side by side, as many as fit."""
    box = widgets.Box(children)
    box.add_class("pg-line")
    return box


def number(field: widgets.Text, convert: Callable[[str], Any]) -> Any:
    """Read a field by `int` or `float`; None if it is empty."""
    typed = field.value.strip()
    if not typed:
        return None
    try:
        return convert(typed)
    except ValueError:
        kind = "a whole number" if convert is int else "a number, with a point for decimals"
        raise LearnerError(f"{field.description} is {kind} or empty, not {typed!r}.") from None


def _labeled(field: Any) -> Any:
    field.add_class("pg-labeled")
    return field
