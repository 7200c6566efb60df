"""A run: sends what is missing, so many at once, and keeps each answer before it goes on."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.batch.attempt import Ask, Connect, Outcome, attempt, failure_row
from workbench.batch.journal import Journal, Row, still_missing
from workbench.batch.pace import Limit, Pace
from workbench.batch.plan import Task
from workbench.batch.progress import progress_bar
from workbench.batch.stopping import BatchError, Stopped, no_client

if TYPE_CHECKING:
    from distributed import Client

LONGEST_WAIT = 600.0
"""Seconds; a service that asks for more ends the run, so that nobody waits for it without knowing."""
_MOST_WAITS = 50
"""How often one file is sent again because the service was busy: it says nothing about the file."""
_AT_ONCE = 16
_LOOK_FOR_WORKERS = 1.0  # seconds between two looks at how many requests a cluster can have on their way

# Sends a task inside its turn.
Send = Callable[[Task, AbstractAsyncContextManager[None]], Awaitable[Outcome]]
# Tells how many requests may be on their way now.
Room = Callable[[], Awaitable[int]]


async def run(
    tasks: Iterable[Task],
    ask: Ask,
    connect: Connect,
    path: str | Path,
    *,
    at_once: int | None = None,
    limit: Limit | Sequence[Limit] | None = None,
    again: bool = False,
    tries: int = 4,
    cluster: Client | None = None,
    title: str = "files",
    told: Callable[[Row], object] | None = None,
) -> dict[str, int]:
    """Send what is missing and keep each answer on disk the moment it arrives.

    A run may be stopped anywhere: the next one sends what has no row yet. A request that was on its way when the run
    stopped is sent again, since nobody knows what became of it.

    Args:
        tasks: as `plan` returns them.
        ask: `async def ask(client, task, messages)`, which sends the messages and returns the client's reply. Switch
            the client's own retries off: they know nothing of the limit, nor of the other requests.
        connect: makes the async client; called once, on a cluster once on each worker.
        path: the file of answers, in JSON Lines; made if it does not exist. At an address such as
            abfs://container/answers it is a folder of such files.
        at_once: requests on their way at the same time; left out, 16, or as many as the cluster has threads, also
            when workers join.
        limit: a RateLimit, a TokenLimit or several in a list, which hold for the whole cluster too; None for as many
            as go through.
        again: whether to try again what has a row with a failure.
        tries: how often a request is sent before its failure is kept. A busy service (429) does not count.
        cluster: an asynchronous Dask client to send from its workers, or None to send from here.
        title: what the progress bar counts.
        told: called with each row in place of a progress bar, once the row is kept.

    Returns:
        How many were `answered`, how many `failed`, how many were `refused` before sending, how many were `there`
        already, and how many requests were `sent`.

    Raises:
        BatchError: every request would fail in the same way, the service asks for a long wait, another run writes to
            the same file, the disk is full, a setting is missing or an option is wrong.
        Stopped: the run was cancelled.
    """
    if (at_once is not None and at_once < 1) or tries < 1:
        raise BatchError(f"at_once and tries are 1 or more, not {at_once} and {tries}.")
    tasks = list(tasks)
    limits = [limit] if isinstance(limit, Limit) else list(limit or ())
    counts = Counter(answered=0, failed=0, refused=0, sent=0)
    with Journal(path) as journal:
        todo = still_missing(tasks, journal.is_answer, again=again)
        counts["there"] = len({task.key for task in tasks}) - len(todo)
        if journal.torn_bytes:
            print("The last row was cut off when the run before stopped. It is dropped and asked for again.")
        for task in todo:
            if task.refused:
                journal.append(failure_row(task, task.refused, attempts=0))
                counts["refused"] += 1
        waiting = [task for task in todo if not task.refused]
        if not waiting:
            return dict(counts)
        for each in limits:
            each.weight(max(task.tokens for task in waiting))
        async with AsyncExitStack() as stack:
            if told is None:
                bar = stack.enter_context(progress_bar(len(waiting), title))
            send: Send
            room: Room | int
            if cluster is None:
                send, room = await stack.enter_async_context(_from_here(ask, connect))
            else:
                from workbench.batch.cluster import from_cluster

                send, room = await stack.enter_async_context(from_cluster(cluster, ask, connect))
            sender = _Sender(send, Pace(limits), tries, counts)

            async def keep(row: Row) -> None:
                # No waiting between an answer and its row, so that the stop button cannot come in between.
                journal.add(row)
                counts["failed" if row["error"] else "answered"] += 1
                bar.update() if told is None else told(row)
                await journal.on_disk()

            for each in limits:
                stack.push_async_callback(each.settle)
            await _send_all(waiting, sender, keep, at_once or room)
    return dict(counts)


@asynccontextmanager
async def _from_here(ask: Ask, connect: Connect) -> AsyncIterator[tuple[Send, int]]:
    try:
        made = connect()
    except KeyError as error:
        raise no_client(error) from error
    async with made as client:
        yield lambda task, turn: attempt(ask, client, task, turn), _AT_ONCE


async def _send_all(
    tasks: list[Task], sender: _Sender, keep: Callable[[Row], Awaitable[None]], room: Room | int
) -> None:
    queue = iter(tasks)
    going: set[asyncio.Task[None]] = set()
    is_all_sent = False

    async def work() -> None:
        nonlocal is_all_sent
        for task in queue:
            await keep(await sender.settle(task))
        is_all_sent = True

    try:
        async with asyncio.TaskGroup() as group:
            while not is_all_sent:
                most = room if isinstance(room, int) else await room()
                for _ in range(min(most, len(tasks)) - len(going)):
                    worker = group.create_task(work())
                    going.add(worker)
                    worker.add_done_callback(going.discard)
                await asyncio.wait(set(going), timeout=_LOOK_FOR_WORKERS, return_when=asyncio.FIRST_COMPLETED)
        return
    except asyncio.CancelledError:
        raise Stopped("Stopped. The answers so far are kept; run it again to send what is missing.") from None
    except BaseExceptionGroup as several:
        # One is enough to say what stopped the run; the others are the same or were stopped by it.
        first = several.exceptions[0]
    # Out here no group is behind it: IPython would print that one as text, count no error, and run the next cells.
    raise first


class _Sender:
    """Sends a task until there is an answer or a failure to keep, at the pace of the whole run."""

    def __init__(self, send: Send, pace: Pace, tries: int, counts: Counter[str]) -> None:
        self._send, self._pace, self._tries, self._counts = send, pace, tries, counts

    async def settle(self, task: Task) -> Row:
        attempts = waits = 0
        while True:
            outcome = await self._send(task, self._turn(task))
            attempts += 1
            if outcome.concerns_all:
                raise BatchError(
                    f"The run stopped, since every request would meet this:\n{outcome.said}\n"
                    "The answers so far are kept. Run again when it is put right."
                )
            busy = outcome.row["status"] == 429
            waits += busy
            is_over = waits > _MOST_WAITS if busy else attempts - waits >= self._tries
            if not outcome.passes or is_over:
                return {**outcome.row, "attempts": attempts}
            await self._rest(outcome, busy, waits if busy else attempts - waits)

    @asynccontextmanager
    async def _turn(self, task: Task) -> AsyncIterator[None]:
        async with self._pace.turn(task.tokens):
            self._counts["sent"] += 1
            yield

    async def _rest(self, outcome: Outcome, busy: bool, number: int) -> None:
        """Wait before the next try; where the service is busy, everybody waits."""
        if outcome.wait is not None and outcome.wait > LONGEST_WAIT:
            raise BatchError(
                f"The service asks to wait {outcome.wait / 60:.0f} minutes. The answers so far are kept: "
                "run again then, and only what is missing will be sent."
            )
        # Doubled each time and never the same for two requests, so that they do not all come back at once.
        pause = min(30.0, 0.25 * 2**number) * random.uniform(0.5, 1.0)  # noqa: S311
        if busy or outcome.wait is not None:
            self._pace.close_for(pause if outcome.wait is None else outcome.wait)
        else:
            await asyncio.sleep(pause)
