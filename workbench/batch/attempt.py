"""One request about one file, and what became of it; it runs in this process or on a cluster's worker alike."""

from __future__ import annotations

import asyncio
import json
import time
import traceback
import zlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from helpers.errors import LearnerError
from workbench.batch.elsewhere import is_elsewhere
from workbench.batch.journal import Row
from workbench.batch.plan import Task, messages
from workbench.explain import explain
from workbench.explain.failure import is_passing, read_failure

Ask = Callable[[Any, Task, list[dict[str, Any]]], Awaitable[Any]]
"""Sends the messages of a task with a client and returns the client's reply."""
Connect = Callable[[], AbstractAsyncContextManager[Any]]
"""Makes an async client: the vendor's `ChatCompletionsClient` or `AsyncOpenAI`."""
_QUICK = 2**16
"""Bytes up to which a file is read and encoded in less time than a thread takes to be handed the work."""

# What is wrong with one of these is wrong with every request: the key, the address, the deployment.
_HOPELESS = {401, 403, 404}
_CLIENTS = {"azure", "openai", "aiohttp", "httpx", "httpx2", "httpcore", "httpcore2", "requests"}
_NO_REPLY = "The service answered with a success, and what it sent is no reply of a model"
_WHO_ANSWERS = (
    "Run again with again=True. If it goes on, look at what answers at this address: a proxy or a sign-in page may, "
    "in place of the service."
)
# By finish reason, why a reply has no text, and what to do.
# fmt: off
_EMPTY = {
    "length": ("The limit of the reply was reached before any text was written.",
               "Raise max_tokens, or max_completion_tokens; a model that thinks first needs room for its thoughts."),
    "content_filter": ("A content filter stopped the reply before any text was written.",
                       "Change the question or the file. Sending the same again gives the same."),
    "tool_calls": ("The model asked for a tool in place of writing a reply.",
                   "Leave tools out of the request: a run keeps text only."),
}
# fmt: on


@dataclass(frozen=True)
class Outcome:
    """What became of one request."""

    row: Row
    passes: bool = False  # whether the same one may succeed later
    wait: float | None = None  # after which seconds
    concerns_all: bool = False  # whether every other would fail in the same way
    said: str = ""


async def attempt(
    ask: Ask, client: Any, task: Task, turn: AbstractAsyncContextManager[None] | None = None
) -> Outcome:
    """Send one request, inside its turn; a failure is an outcome too, save for a mistake of `ask` itself."""
    begin = time.perf_counter()
    try:
        # Reading and encoding a large file, or one elsewhere, takes a while; the other requests go on meanwhile.
        is_quick = task.size < _QUICK and bool(task.as_is) and not is_elsewhere(task.path)
        content = messages(task) if is_quick else await asyncio.to_thread(messages, task)
        async with turn or nullcontext():
            begin = time.perf_counter()
            reply = await ask(client, task, content)
        return judged(task, reply, time.perf_counter() - begin)
    except Exception as error:
        took = time.perf_counter() - begin
        if _is_unreadable(error):
            return _no_reply(task, took, " (it cannot be read as JSON)")
        if not _is_expected(error):
            raise
        return _failed(task, error, took)


def failure_row(task: Task, error: str, remedy: str = "", **rest: Any) -> Row:
    """The row of a task without an answer; `rest` is what else is known, such as `status`."""
    return _row(task, 0, error=error, remedy=remedy, **rest)


def _row(task: Task, took: float, **rest: Any) -> Row:
    kept = {"key": task.key, "file": task.file, "deployment": task.deployment, "prompt": task.prompt}
    empty = dict.fromkeys(("answer", "finish_reason", "prompt_tokens", "completion_tokens"))
    clean = {"error": "", "remedy": "", "status": None, "seconds": round(took, 3), "attempts": 1}
    return {**kept, **empty, **clean, **rest}


def judged(task: Task, reply: Any, took: float) -> Outcome:
    """What a reply is worth: an answer, or a failure that says what it is in place of one."""
    if hasattr(reply, "__aiter__"):
        said = (
            "ask() returned a stream and not a whole reply: return what create() gives, without stream=True."
        )
        return Outcome(_row(task, took, error=said))
    try:
        choice: Any = next(iter(reply.choices), None)
        message, reason = choice.message, choice.finish_reason
        # One client makes a text of whatever came; the message itself is a mapping that has it as it came.
        text = _text(message.get("content") if hasattr(message, "get") else message.content)
    except (AttributeError, IndexError, TypeError, ValueError, KeyError):
        # Words may be the reply of a proxy as well as what `ask` took out of a reply, and the model would be paid
        # for writing them again; a web page or nothing at all cost nothing.
        passes = reply is not None and not (isinstance(reply, str) and reply.strip()[:1].isalnum())
        return _no_reply(task, took, _shown(reply), passes=passes)
    # One client gives a string, the other an enumeration.
    reason = str(getattr(reason, "value", reason))
    usage = getattr(reply, "usage", None)
    counts = {name: getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens")}
    counted: dict[str, Any] = {name: count if type(count) is int else None for name, count in counts.items()}
    counted |= {"finish_reason": reason, "status": 200}
    if text.strip():
        return Outcome(_row(task, took, answer=text, **counted))
    # The vendor's class has no such attribute, but it is a mapping of all that came.
    refusal = getattr(message, "refusal", None) or (hasattr(message, "get") and message.get("refusal"))
    error, remedy = no_text(reason, refusal or "")
    return Outcome(_row(task, took, error=error, remedy=remedy, **counted))


def no_text(reason: str, refusal: str) -> tuple[str, str]:
    """Why a reply that ended for this reason has no text, and what to do."""
    if refusal:
        return f"The model refused: {refusal}", "Change the question, or leave this file out."
    unknown = f"The reply holds no text; its finish reason is {reason}."
    return _EMPTY.get(reason, (unknown, "Change the question or the file."))


def _text(content: Any) -> str:
    """The text of a reply; some services send it in parts."""
    if isinstance(content, list):
        content = "".join(part["text"] for part in content if part["type"] == "text")
    if content is not None and not isinstance(content, str):
        raise TypeError
    return content or ""


def _shown(reply: Any) -> str:
    words = " ".join(reply.split()) if isinstance(reply, str) else ""
    if words:
        return f". It begins: {words[:80]!r}"
    if not hasattr(reply, "choices"):
        return f" but {type(reply).__name__}"
    error = reply.get("error") if hasattr(reply, "get") else getattr(reply, "error", None)
    said = error.get("message") if isinstance(error, dict) else error
    return f" but an error: {str(said)[:200]}" if said else " (its choices are missing, or of another form)"


def _no_reply(task: Task, took: float, why: str, *, passes: bool = True) -> Outcome:
    return Outcome(_row(task, took, error=f"{_NO_REPLY}{why}.", remedy=_WHO_ANSWERS, status=200), passes)


def _is_unreadable(error: Exception) -> bool:
    """Whether a client, and not `ask` itself, failed to unpack a body or to read it as JSON."""
    if isinstance(error, zlib.error):
        return True
    if not isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError):
        return False
    frames = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)]
    readers = [number for number, name in enumerate(frames) if name == "json"]
    return bool(readers) and frames[readers[0] - 1].partition(".")[0] in _CLIENTS


def _is_expected(error: Exception) -> bool:
    """Whether a failure is the file's, the network's or the service's, and no slip in the code of `ask`."""
    modules = {cls.__module__.partition(".")[0] for cls in type(error).__mro__}
    return isinstance(error, LearnerError | OSError) or not modules.isdisjoint(_CLIENTS)


def _failed(task: Task, error: Exception, took: float) -> Outcome:
    explained, failure = explain(error), read_failure(error)
    row = _row(task, took, error=explained.cause, remedy=explained.remedy, status=failure.status)
    if isinstance(error, LearnerError):
        return Outcome(row, said=str(explained))
    concerns_all = failure.status in _HOPELESS or failure.has_no_quota
    return Outcome(row, is_passing(failure), failure.wait, concerns_all, str(explained))
