"""A request on its way: sent by the vendor's own async client on a thread of its own, streamed, timed and stopped."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from helpers.settings import API_VERSION, CREDENTIAL, ENDPOINT, V1_BASE_URL
from workbench.batch.attempt import no_text
from workbench.explain import Explanation, explain
from workbench.playground.delivery import Deliver
from workbench.playground.request import Request, Route, for_azure

CLOSE_SECONDS = 5  # how long closing waits for connections to be given up, in seconds

_CUT = Explanation(
    "The stream ended before the service said that the reply was complete.",
    "Take the part that came as cut, and send the request again.",
)
_NO_STREAM = Explanation(
    "The service answered, and not with a stream of pieces.",
    "Check the address: a page, or a server that does not know how to stream, may be what answers there.",
)


class Status(StrEnum):
    """How far a run is."""

    WAITING = "waiting"
    STREAMING = "streaming"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class Usage:
    """The tokens of one reply, as the service counted them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


@dataclass
class Run:
    """One request and what came of it so far.

    The text is kept when a run is stopped or fails. `first_seconds` lasts to the first character, `seconds` to the end,
    both from sending; what the service did not tell is None or empty. A rating is 1 to 5, or 0 for none.
    """

    request: Request
    status: Status = Status.WAITING
    text: str = ""
    usage: Usage | None = None
    finish_reason: str = ""
    model: str = ""
    first_seconds: float | None = None
    seconds: float | None = None
    error: Explanation | None = None
    rating: int = 0
    note: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    _over: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.is_over:
            self._over.set()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.status not in (Status.WAITING, Status.STREAMING)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, in a script or a test; on a kernel's main thread it would wait for itself."""
        return self._over.wait(timeout)

    def begin_again(self) -> None:
        """Wait for another end."""
        self.status, self.error = Status.WAITING, None
        self._over.clear()

    def end(self, status: Status) -> None:
        """Say how it ended, and let those go on who wait."""
        self.status = status
        self._over.set()


@dataclass
class _Journey:
    """What the sending thread knows of a run before the listeners' thread has taken it over."""

    run: Run
    tell: Callable[[Run, str], None]
    started: float
    pieces: deque[tuple[str, float]] = field(default_factory=deque)
    facts: dict[str, Any] = field(default_factory=dict)
    refusal: str = ""
    has_text: bool = False


class Sender:
    """Sends requests and tells how they go, by `deliver`, which runs a call on the thread where runs may change.

    The async clients live on a thread with an event loop of its own: a busy cell does not hold up a reply, and a long
    reply does not hold up a cell. To stop is to cancel a task there, which closes its connection. Azure's `/models`
    sends the usage of a stream by itself; others are asked for it.
    """

    def __init__(self, deliver: Deliver, *, asks_for_usage: bool = False) -> None:
        self._deliver, self._asks_for_usage = deliver, asks_for_usage
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._clients: dict[tuple[str, ...], Any] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def warm(self, route: Route) -> None:
        """Load and make the client of a route ahead, on the sending thread."""

        def load() -> None:
            # Whatever is wrong with the settings, the request will meet it again and say it.
            with contextlib.suppress(Exception):
                self._client(route)

        self._running_loop().call_soon_threadsafe(load)

    def start(
        self, run: Run, keywords: dict[str, Any], headers: Mapping[str, str], tell: Callable[[Run, str], None]
    ) -> None:
        """Send a request; nothing is left to prepare here, since a person waits."""
        journey = _Journey(run, tell, time.perf_counter())
        work = self._send(journey, keywords, dict(headers))
        self.begin(run.id, work, lambda task: self._end(journey, task))

    def begin(
        self, key: str, work: Coroutine[Any, Any, None], over: Callable[[asyncio.Task[None]], object]
    ) -> None:
        """Do some work on the sending thread, where `ask` belongs; `over` is told there how it ended."""
        self._running_loop().call_soon_threadsafe(self._begin, key, work, over)

    def stop(self, key: str) -> None:
        """Break off a run, by its id, or other work; its end is told as any other, and its connection closed."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._cancel, key)

    def close(self) -> None:
        """Break everything off, close the connections and end the thread; the next request starts another."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._loop = self._thread = None
        atexit.unregister(self.close)
        closing = asyncio.run_coroutine_threadsafe(self._close(), loop)
        closing.add_done_callback(lambda _future: loop.call_soon_threadsafe(loop.stop))
        thread.join(CLOSE_SECONDS)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            loop = self._loop = asyncio.new_event_loop()
            run = lambda: (loop.run_forever(), loop.close())  # noqa: E731
            self._thread = threading.Thread(target=run, name="playground-sender", daemon=True)
            self._thread.start()
            atexit.register(self.close)
        return self._loop

    # What follows runs on the sending thread.

    def _begin(self, key: str, work: Coroutine[Any, Any, None], over: Callable[[Any], object]) -> None:
        task = self._tasks[key] = asyncio.get_running_loop().create_task(work)
        # Told from here, since a task that is canceled before its first step never gets to say anything.
        task.add_done_callback(lambda task: (self._tasks.pop(key), over(task)))

    async def _send(self, journey: _Journey, keywords: dict[str, Any], headers: dict[str, str]) -> None:
        route = journey.run.request.options.route
        async with await self.ask(route, keywords, headers, stream=True) as updates:
            async for update in updates:
                self._note(journey, update)

    async def ask(
        self, route: Route, keywords: dict[str, Any], headers: Mapping[str, str], *, stream: bool = False
    ) -> Any:
        """What the client gives for a request: the whole reply without retries, or a stream of its pieces."""
        client = self._client(route)
        if stream:
            keywords = {**keywords, "stream": True}
            if route is Route.V1 or self._asks_for_usage:
                keywords["stream_options"] = {"include_usage": True}
        if route is Route.V1:
            client = client if stream else client.with_options(max_retries=0)
            return await client.chat.completions.create(**keywords, extra_headers=dict(headers))
        retries = {} if stream else {"retry_total": 0}
        return await client.complete(**for_azure(keywords), headers=dict(headers), **retries)

    def _client(self, route: Route) -> Any:
        """The route's client, made on first use; loading the vendors' packages takes up to a second."""
        key = os.environ[CREDENTIAL]
        settings: tuple[str, ...] = (os.environ[V1_BASE_URL], key)
        if route is Route.MODELS:
            settings = (os.environ[ENDPOINT], key, os.environ[API_VERSION])
        if settings not in self._clients:
            make: Callable[..., Any] = _v1_client if route is Route.V1 else _azure_client
            self._clients[settings] = make(*settings)
        return self._clients[settings]

    def _note(self, journey: _Journey, update: Any) -> None:
        facts = journey.facts
        facts["model"] = str(getattr(update, "model", None) or facts.get("model", ""))
        if usage := getattr(update, "usage", None):
            counts = (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens)
            # A server of another make may leave one out; half a count would be plotted as if it were whole.
            if all(isinstance(count, int) for count in counts):
                facts["usage"] = Usage(*counts)
        for choice in (getattr(update, "choices", None) or ())[:1]:
            if choice.finish_reason:
                facts["finish_reason"] = getattr(choice.finish_reason, "value", choice.finish_reason)
            # With Azure's asynchronous filter a piece may bring the filter's findings and no delta.
            delta = getattr(choice, "delta", None)
            if refusal := getattr(delta, "refusal", None):
                journey.refusal += refusal
            if delta and delta.content:
                journey.has_text = True
                journey.pieces.append((delta.content, time.perf_counter() - journey.started))
                self._deliver(lambda: _take_over(journey))

    def _end(self, journey: _Journey, task: asyncio.Task[None]) -> None:
        seconds = time.perf_counter() - journey.started
        failure = None if task.cancelled() else task.exception()
        # A connection that is given up may complain on its way out.
        if task.cancelled() or (failure and task.cancelling()):
            status, error = Status.STOPPED, None
        elif failure:
            status, error = Status.FAILED, explain(failure)
        elif "finish_reason" not in journey.facts:
            # The Azure client reads over an error inside a stream and ends as if all were well.
            status, error = Status.FAILED, _CUT if journey.facts else _NO_STREAM
        elif not journey.has_text:
            told = no_text(journey.facts["finish_reason"], journey.refusal)
            status, error = Status.FAILED, Explanation(*told)
        else:
            status, error = Status.DONE, None
        self._deliver(lambda: _finish(journey, status, seconds, error))

    def _cancel(self, key: str) -> None:
        if task := self._tasks.get(key):
            task.cancel()

    async def _close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in self._clients.values():
            await client.close()
        self._clients.clear()


def _take_over(journey: _Journey) -> None:
    """Add what has come to the run, on the listeners' thread; several pieces that waited are told as one."""
    run, pieces = journey.run, []
    while journey.pieces:
        piece, seconds = journey.pieces.popleft()
        if run.first_seconds is None:
            run.first_seconds = seconds
        pieces.append(piece)
    if pieces:
        run.status = Status.STREAMING
        run.text += "".join(pieces)
        journey.tell(run, "".join(pieces))


def _finish(journey: _Journey, status: Status, seconds: float, error: Explanation | None) -> None:
    _take_over(journey)
    run = journey.run
    for name, value in journey.facts.items():
        setattr(run, name, value)
    run.status, run.seconds, run.error = status, seconds, error
    journey.tell(run, "")
    run.end(status)


def _azure_client(url: str, key: str, version: str) -> Any:
    from azure.ai.inference.aio import ChatCompletionsClient
    from azure.core.credentials import AzureKeyCredential

    # It also logs each error that it raises, and with no handler set Python would print that below some cell.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    return ChatCompletionsClient(endpoint=url, credential=AzureKeyCredential(key), api_version=version)


def _v1_client(base_url: str, key: str) -> Any:
    from openai import AsyncOpenAI

    return AsyncOpenAI(base_url=base_url, api_key=key)
