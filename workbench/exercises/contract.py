"""What every check keeps to, and what checks have in common.

A check takes what a learner kept, and gives one sentence that starts with "Right: " or "Not yet: ", whatever it was
given. `check` makes one of a function that returns what is right as a sentence and raises `NotYet` with what is off.
"""

from __future__ import annotations

import functools
import inspect
import math
import re
import reprlib
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from numbers import Real
from typing import Any

LESSONS: dict[int, list[Callable[..., Any]]] = defaultdict(list)
"""The number of a lesson, and the checks of its exercises; the name of each is its function's."""

_short = reprlib.Repr()
_short.maxstring, _short.maxother = 200, 120


class NotYet(Exception):
    """What is off with an answer, and what to do, as sentences."""


def check(
    lesson: int, begin: str = "", *, not_begun: str = "", answers: int = 1, function: bool = False
) -> Callable[..., Any]:
    """Make a check of a function, or of a coroutine function, and list it.

    Args:
        lesson: the number of the lesson whose exercise it is.
        begin: how to begin, as a sentence.
        not_begun: what to say of an answer of None, in place of that.
        answers: how many of the first arguments are a learner's answers.
        function: whether the answer has to be a function.
    """
    start = "Define the function, and keep it without calling it." if function else "Put in your answer."
    empty = not_begun or f"the variable is still None. {begin or start}"

    def look_at(given: tuple[Any, ...]) -> None:
        for answer in given[:answers]:
            if answer is None:
                raise NotYet(empty)
            if inspect.iscoroutine(answer):
                answer.close()
                raise NotYet(
                    "this is a call that nobody waited for. Put await before it, or keep a function without calling it."
                )
            if function and not callable(answer):
                raise NotYet(f"this is of type {kind(answer)}. Keep the function itself, without calling it.")

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

        made = checked_later if inspect.iscoroutinefunction(judge) else checked
        LESSONS[lesson].append(made)
        return made

    return decorate


def kind(value: Any) -> str:
    """The name of a value's type."""
    return str(type.__dict__["__name__"].__get__(type(value)))


def shown(value: Any) -> str:
    """A value as Python writes it, cut where it is long, and without its address in memory."""
    try:
        return re.sub(r" at 0x[0-9A-Fa-f.]+", "", _short.repr(value))
    except Exception:
        return f"a value of type {kind(value)}"


def number(value: Any, what: str) -> float:
    """An answer as a number, from whichever package its type is; NotYet if it is not `what`, or no finite one."""
    value = item(value)
    if isinstance(value, Real | Decimal) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise NotYet(f"{shown(value)} is not {what}.")


def item(value: Any) -> Any:
    """A value of numpy, also one in an array of its own, as Python's."""
    return value.item() if hasattr(value, "dtype") and getattr(value, "size", 0) == 1 else value


def refuse(is_off: Any, why: str) -> None:
    """Raise `NotYet` if something is off with an answer."""
    if is_off:
        raise NotYet(why)


def need(value: Any, kinds: Any, remedy: str) -> Any:
    """An answer of one of these types; NotYet if it is of another."""
    if not isinstance(value, kinds):
        raise NotYet(f"this is of type {kind(value)}. {remedy}")
    return value


def called(function: Callable[..., Any], *arguments: Any, gives: Any = object, what: str = "") -> Any:
    """What a learner's function returns; NotYet if it stopped with an error, its cause, or gave something else."""
    try:
        made = item(function(*arguments))
    except (Exception, SystemExit) as error:
        raise stopped(error) from error
    if made is None:
        raise NotYet(f"your function returns nothing. Put {what or 'the answer'} behind return.")
    if not isinstance(made, gives):
        raise NotYet(f"your function returns a value of type {kind(made)}. Return {what}.")
    return made


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
