"""Calls a function that a learner wrote, so that its failure becomes a sentence and not a traceback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


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
        said = str(error).strip().partition("\n")[0]
        stop = "" if said.endswith((".", "?", "!")) else "."
        return None, f"Not yet: your function stopped with {type(error).__name__}: {said}{stop}"
