"""One request about one file, and what became of it; it runs in this process or on a cluster's worker alike."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from helpers.errors import LearnerError
from workbench.batch.journal import Row
from workbench.batch.plan import Task, messages
from workbench.explain import explain
from workbench.explain.failure import read_failure

Ask = Callable[[Any, Task, list[dict[str, Any]]], Awaitable[Any]]
"""Sends the messages of a task with a client and returns the client's reply."""

Connect = Callable[[], AbstractAsyncContextManager[Any]]
"""Makes an async client: the vendor's `ChatCompletionsClient` or `AsyncOpenAI`."""

# Worth another try: what passes by itself. 429 and 503 are the service's own words for "later".
_PASSING = {408, 409, 429, 500, 502, 503, 504}
# What is wrong with one of these is wrong with every request: the key, the address, the deployment.
_HOPELESS = {401, 403, 404}
_CLIENTS = ("azure", "openai", "aiohttp", "httpx", "httpcore", "requests")


@dataclass(frozen=True)
class Outcome:
    """What became of one request.

    Attributes:
        row: as it would be kept.
        passes: whether the same request may well succeed later.
        wait: seconds that the service asks to wait, or None.
        concerns_all: whether every other request would fail in the same way.
        said: an explanation of a failure, in full.
    """

    row: Row
    passes: bool = False
    wait: float | None = None
    concerns_all: bool = False
    said: str = ""


async def attempt(ask: Ask, client: Any, task: Task) -> Outcome:
    """Send one request.

    Returns:
        The outcome; a failure of the file, the network or the service is one too.

    Raises:
        Exception: what `ask` raises by a mistake of its own.
    """
    begin = time.perf_counter()
    try:
        # Reading and encoding a large file takes a while; the other requests go on meanwhile.
        content = await asyncio.to_thread(messages, task)
        reply = await ask(client, task, content)
        return Outcome(_answer(task, reply, time.perf_counter() - begin))
    except Exception as error:
        if not _is_expected(error):
            raise
        return _failed(task, error, time.perf_counter() - begin)


def failure_row(task: Task, error: str, remedy: str, *, status: int | None = None, seconds: float = 0) -> Row:
    """The row of a task without an answer."""
    return _row(task, seconds, error=error, remedy=remedy, status=status)


def _row(task: Task, seconds: float, **rest: Any) -> Row:
    kept = {"key": task.key, "file": task.file, "deployment": task.deployment, "prompt": task.prompt}
    empty = {"answer": None, "finish_reason": None, "prompt_tokens": None, "completion_tokens": None}
    clean = {"error": "", "remedy": "", "status": None, "seconds": round(seconds, 3), "attempts": 1}
    return {**kept, **empty, **clean, **rest}


def _answer(task: Task, reply: Any, seconds: float) -> Row:
    try:
        choice, usage = reply.choices[0], reply.usage
        text, reason = choice.message.content, choice.finish_reason
    except (AttributeError, IndexError, TypeError):
        raise LearnerError(
            f"ask() returned a {type(reply).__name__} and not a whole reply: return what complete() or create() gives, "
            "without stream=True."
        ) from None
    # One client gives a string, the other an enumeration.
    reason = str(getattr(reason, "value", reason))
    counted = {
        "finish_reason": reason,
        "prompt_tokens": getattr(usage, "prompt_tokens", None),
        "completion_tokens": getattr(usage, "completion_tokens", None),
        "status": 200,
    }
    if not text:
        error = f"The reply holds no text; its finish reason is {reason}."
        return _row(task, seconds, error=error, remedy="Change the question or the file.", **counted)
    return _row(task, seconds, answer=text, **counted)


def _is_expected(error: Exception) -> bool:
    """Whether a failure is the file's, the network's or the service's, and no slip in the code of `ask`."""
    modules = {cls.__module__.partition(".")[0] for cls in type(error).__mro__}
    return isinstance(error, LearnerError | OSError) or not modules.isdisjoint(_CLIENTS)


def _failed(task: Task, error: Exception, seconds: float) -> Outcome:
    explained, status = explain(error), read_failure(error).status
    row = failure_row(task, explained.cause, explained.remedy, status=status, seconds=seconds)
    if isinstance(error, LearnerError):
        return Outcome(row, said=str(explained))
    # No status, or one of success: the connection failed on the way there or on the way back.
    passes = status is None or status < 400 or status in _PASSING
    return Outcome(row, passes, _retry_after(error), status in _HOPELESS, str(explained))


def _retry_after(error: Exception) -> float | None:
    """Seconds that the reply's header asks to wait (RFC 9110, section 10.2.3: a number, or a date)."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    text = str(headers.get("retry-after") or "").strip()
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
