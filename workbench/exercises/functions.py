"""Checks and calls a function that a learner wrote, so that what is wrong with it becomes a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

KEEP_IT = "Keep the function itself, without calling it."
"""The remedy where a function is kept in a variable."""


def called(function: Callable[..., Any], *arguments: Any) -> tuple[Any, str | None]:
    """Call a learner's function.

    Args:
        function: the function.
        arguments: what to call it with.

    Returns:
        What the function returned and None, or None and a sentence that starts with "Not yet" when it raised an error.
    """
    try:
        return function(*arguments), None
    except Exception as error:
        return None, stopped(error)


def stopped(error: Exception) -> str:
    """Say what a learner's function raised.

    Args:
        error: what was raised.

    Returns:
        A sentence that starts with "Not yet".
    """
    said = str(error).strip().partition("\n")[0]
    stop = "" if said.endswith((".", "?", "!")) else "."
    return f"Not yet: your function stopped with {type(error).__name__}: {said}{stop}"


def unusable(
    function: Any, to_begin: str, remedy: str = "Write a function, and do not call it yourself."
) -> str | None:
    """Say why what a learner handed in is no function.

    Args:
        function: what was handed in; None where the exercise was not begun.
        to_begin: what to do to begin, as a sentence.
        remedy: what to do where it is something else than a function, as a sentence.

    Returns:
        A sentence that starts with "Not yet"; None for a function.
    """
    if function is None:
        return f"Not yet: the variable is still None. {to_begin}"
    if not callable(function):
        return f"Not yet: this is of type {type(function).__name__}. {remedy}"
    return None
