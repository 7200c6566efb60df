"""How fast a run may send: no faster than a rate limit, and not at all while the service asks to wait."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from workbench.batch.stopping import BatchError


class RateLimit:
    """At most so many requests in any window of so many seconds, counted where they arrive.

    Each request takes a lease, and the lease is given back one whole window after the reply. A request arrives before
    its reply, so two requests on one lease arrive at least a window apart, however long the way is: with ten leases no
    window sees more than ten. The price is speed: a lease also rests while its reply is awaited, so a run reaches
    `requests / (seconds + reply time)` a second.
    """

    def __init__(self, requests: int, *, seconds: float = 1.0, semaphore: Any = None) -> None:
        """Set the limit.

        Services count in short windows: 600 requests a minute are 10 a second to them, and should be to you.

        Args:
            requests: the most requests in any window.
            seconds: the length of the window.
            semaphore: where the leases are kept: for a whole cluster a `distributed.Semaphore` with
                `max_leases=requests`, which everybody shares who gives it the same name. Left out, they are kept here.

        Raises:
            BatchError: the limit lets nothing through, or differs from the semaphore's.
        """
        if isinstance(requests, bool) or not isinstance(requests, int) or requests < 1 or not seconds > 0:
            raise BatchError(
                f"A limit is one request or more in some time, not {requests!r} in {seconds!r} seconds."
            )
        leases = getattr(semaphore, "max_leases", requests)
        if leases != requests:
            raise BatchError(
                f"The semaphore has {leases} leases and the limit is {requests}: make them equal."
            )
        self._seconds = seconds
        self._semaphore = semaphore or asyncio.Semaphore(requests)
        self._resting: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[None]:
        """Wait for a lease, hold it for one request, and give it back a window later."""
        await self._semaphore.acquire()
        try:
            yield
        finally:
            rest = asyncio.create_task(self._give_back())
            self._resting.add(rest)
            rest.add_done_callback(self._resting.discard)

    async def settle(self) -> None:
        """Wait until every lease is back: a cluster keeps those of a run that left too early for half a minute."""
        await asyncio.gather(*self._resting)

    async def _give_back(self) -> None:
        await asyncio.sleep(self._seconds)
        released = self._semaphore.release()
        if inspect.isawaitable(released):
            await released


class Gate:
    """Holds back every request of a run while one of them was asked to wait."""

    def __init__(self) -> None:
        self._opens = 0.0

    def close_for(self, seconds: float) -> None:
        """Let nothing through for so long; a longer wait that is running stays."""
        self._opens = max(self._opens, asyncio.get_running_loop().time() + seconds)

    async def pass_through(self) -> None:
        """Wait until the gate is open."""
        while (left := self._opens - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(left)
