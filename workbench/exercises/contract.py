"""What every check keeps to, and what checks have in common.

A check takes what a learner kept, and gives one sentence that starts with "Right: " or "Not yet: ", whatever it was
given. `check` makes one of a function that returns what is right as a sentence and raises `NotYet` with what is off.
"""

from __future__ import annotations

import functools
import inspect
import math
import reprlib
from collections.abc import Callable
from decimal import Decimal
from numbers import Real
from typing import Any

STILL_NONE = "the variable is still None."
KEEP_IT = "Keep the function itself, without calling it."
"""The remedy where a function is kept in a variable."""

_short = reprlib.Repr()
_short.maxstring, _short.maxother = 200, 120


class NotYet(Exception):
    """What is off with an answer, and what to do, as sentences."""


def check(begin: str = "", *, not_begun: str = "", answers: int = 1) -> Callable[..., Any]:
    """Make a check of a function, or of a coroutine function.

    Args:
        begin: how to begin, as a sentence; it follows `STILL_NONE`.
        not_begun: what to say instead where an answer is None.
        answers: how many of the first arguments are a learner's answers.
    """
    empty = not_begun or f"{STILL_NONE} {begin}"

    def look_at(given: tuple[Any, ...]) -> None:
        for answer in given[:answers]:
            if answer is None:
                raise NotYet(empty)
            if inspect.iscoroutine(answer):
                answer.close()
                raise NotYet(
                    "this is a call that nobody waited for. Put await before it, or keep a function without calling it."
                )

    def off(error: BaseException, given: tuple[Any, ...]) -> str:
        if isinstance(error, NotYet):
            return _line(f"Not yet: {error}")
        # Any object can be an answer, also one whose own methods fail.
        kinds = " and ".join(kind(answer) for answer in given[:answers])
        return _line(f"Not yet: this check can make nothing of what was kept, of type {kinds}. {begin}")

    def decorate(judge: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(judge)
        def checked(*given: Any, **options: Any) -> str:
            try:
                look_at(given)
                return _line(f"Right: {judge(*given, **options)}")
            except (Exception, SystemExit) as error:
                return off(error, given)

        @functools.wraps(judge)
        async def checked_later(*given: Any, **options: Any) -> str:
            try:
                look_at(given)
                return _line(f"Right: {await judge(*given, **options)}")
            except (Exception, SystemExit) as error:
                return off(error, given)

        return checked_later if inspect.iscoroutinefunction(judge) else checked

    return decorate


def kind(value: Any) -> str:
    """The name of a value's type."""
    return str(type.__dict__["__name__"].__get__(type(value)))


def shown(value: Any) -> str:
    """A value as Python writes it, cut where it is long."""
    try:
        return _short.repr(value)
    except Exception:
        return f"a value of type {kind(value)}"


def number(value: Any, what: str) -> float:
    """An answer as a number, from whichever package its type is.

    Args:
        value: the answer.
        what: what it should be, for example "a number of seconds".

    Raises:
        NotYet: it is none, or not a finite one.
    """
    # A value of numpy, also one in an array of its own, turns into Python's with item().
    if hasattr(value, "dtype") and getattr(value, "size", 0) == 1:
        value = value.item()
    if isinstance(value, Real | Decimal) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise NotYet(f"{shown(value)} is not {what}.")


def function_of(
    value: Any, begin: str, remedy: str = "Write a function, and do not call it yourself."
) -> Any:
    """An answer that has to be a function.

    Args:
        value: the answer.
        begin: how to begin, for an answer of None.
        remedy: what to do where it is something else.

    Raises:
        NotYet: it is none.
    """
    if value is None:
        raise NotYet(f"{STILL_NONE} {begin}")
    if not callable(value):
        raise NotYet(f"this is of type {kind(value)}. {remedy}")
    return value


def called(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a learner's function returns.

    Raises:
        NotYet: it raised an error; that one is the cause.
    """
    try:
        return function(*arguments)
    except (Exception, SystemExit) as error:
        raise stopped(error) from error


def stopped(error: BaseException) -> NotYet:
    """Say what a learner's function raised."""
    try:
        said = str(error).strip().partition("\n")[0]
    except Exception:
        said = "an error without words"
    stop = "" if said.endswith((".", "?", "!")) else "."
    return NotYet(f"your function stopped with {kind(error)}: {said}{stop}")


def _line(sentence: str) -> str:
    """One line that can be printed: half a character, as a cut emoji leaves it, becomes a question mark."""
    return " ".join(sentence.split()).encode("utf-8", "replace").decode("utf-8")
