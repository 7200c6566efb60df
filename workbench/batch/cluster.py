"""The same requests, sent by the workers of a Dask cluster: one client a worker, as many at once as its threads."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from distributed import Client, KilledWorker, Worker, WorkerPlugin, get_worker
from distributed.client import FutureCancelledError

from workbench.batch.attempt import Ask, Connect, Outcome, attempt, failure_row
from workbench.batch.plan import Task
from workbench.batch.run import Room, Send
from workbench.batch.stopping import BatchError, no_client


class _OneClient(WorkerPlugin):
    """Makes a worker's client when the worker joins, and closes it when the run is over or the worker leaves."""

    def __init__(self, name: str, ask: Ask, connect: Connect) -> None:
        self.name = name
        self.ask = ask
        self._connect = connect

    async def setup(self, worker: Worker) -> None:
        self._open = self._connect()
        self.client = await self._open.__aenter__()

    async def teardown(self, worker: Worker) -> None:
        await self._open.__aexit__(None, None, None)


async def _on_worker(name: str, task: Task) -> Outcome:
    plugin: Any = get_worker().plugins[name]
    return await attempt(plugin.ask, plugin.client, task)


@asynccontextmanager
async def from_cluster(cluster: Client, ask: Ask, connect: Connect) -> AsyncIterator[tuple[Send, Room]]:
    """Prepare the workers, and close their clients afterwards; gives what sends a task, and how many at once.

    The files have to be where the workers can read them under the same path, and the settings that `connect` reads in
    the workers' environment. No key travels with a task. Limits are kept here, where every request passes.

    Raises:
        BatchError: the Dask client is not asynchronous, a worker lacks a setting, or the cluster was lost.
    """
    if not getattr(cluster, "asynchronous", False):
        raise BatchError("cluster is a Dask client made with Client(..., asynchronous=True).")
    name = f"batch-{uuid.uuid4().hex}"
    try:
        await cluster.register_plugin(_OneClient(name, ask, connect), name=name)
    except KeyError as error:
        raise no_client(error) from error

    async def send(task: Task, turn: AbstractAsyncContextManager[None]) -> Outcome:
        async with turn:
            # Not pure: the same task may be sent again, and then it must be sent.
            future = cluster.submit(_on_worker, name, task, pure=False)
            try:
                outcome: Outcome = await future
            except FutureCancelledError:
                said = "The cluster was lost. The answers so far are kept: start it and run again."
                raise BatchError(said) from None
            except KilledWorker:
                said = "The workers that took this file ended one after another, so it was given up."
                remedy = "Look at the workers' logs: did they run out of memory?"
                return Outcome(failure_row(task, said, remedy))
            finally:
                future.release()
            return outcome

    async def room() -> int:
        threads: dict[str, int] = await cluster.nthreads()
        return max(1, sum(threads.values()))

    try:
        yield send, room
    finally:
        if cluster.status == "running":
            await cluster.unregister_worker_plugin(name)
