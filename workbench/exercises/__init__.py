"""Checks for the "try it yourself" exercises: each takes a learner's result and says what is right or wrong with it.

A lesson writes `from workbench import exercises` and then `exercises.<check>(...)`. What every check keeps to stands in
`workbench.exercises.contract`; a check is listed where it is written, under the number of its lesson.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.exercises import charts, comparing, numbers, pictures, replies, runs  # noqa: F401
from workbench.exercises.contract import LESSONS

CHECKS = {check.__name__: check for checks in LESSONS.values() for check in checks}
__all__ = sorted(CHECKS)


def __getattr__(name: str) -> Callable[..., Any]:
    try:
        return CHECKS[name]
    except KeyError:
        raise AttributeError(f"There is no check called {name!r}.") from None


def __dir__() -> list[str]:
    return sorted([*globals(), *CHECKS])
