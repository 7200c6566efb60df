"""How fast a run may send: within its limits, and not at all while the service asks to wait."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from workbench.batch.stopping import BatchError

_LOOK_AGAIN = 0.001
"""Share of a window between two looks at one that is full: a reply may free a part of it at any time."""


def _now() -> float:
    return asyncio.get_running_loop().time()


class Limit:
    """At most so much in any window of so many seconds, counted where the requests arrive.

    A request arrives before its reply, and no later than `on_the_way` seconds after it was sent. So its part of the
    window is free again `seconds` after the first of the two: no window at the service sees more than the limit, and
    a slow reply costs no speed.
    """

    def __init__(self, most: int, seconds: float, on_the_way: float) -> None:
        if isinstance(most, bool) or not isinstance(most, int) or most < 1 or not seconds > 0:
            said = f"not {most!r} in {seconds!r} seconds."
            raise BatchError(f"A limit is one request, one token or more in some time, {said}")
        if not on_the_way >= 0:
            raise BatchError(f"A request is on its way for 0 seconds or more, not {on_the_way!r}.")
        self.most, self.seconds, self.on_the_way = most, seconds, on_the_way
        self._held: list[_Part] = []

    def weight(self, tokens: int) -> int:
        """What a request of so many tokens takes of this limit; BatchError if it would never be let through."""
        return 1

    async def take(self, tokens: int) -> _Part | _SharedLease:
        """Wait for room, and hold it."""
        weight = self.weight(tokens)
        while True:
            now = _now()
            self._held = [part for part in self._held if part.until > now]
            if sum(part.weight for part in self._held) + weight <= self.most:
                self._held.append(_Part(self, weight))
                return self._held[-1]
            soon = min(part.until for part in self._held) - now
            await asyncio.sleep(min(max(0.01, _LOOK_AGAIN * self.seconds), soon))

    async def settle(self) -> None:
        """Wait until what was lent is given back."""


@dataclass(eq=False)
class _Part:
    """What one request takes of a limit: `begin` when it is sent, `replied` when its reply is there."""

    limit: Limit
    weight: int
    until: float = math.inf

    def begin(self) -> None:
        self.until = _now() + self.limit.on_the_way + self.limit.seconds

    def replied(self) -> None:
        self.until = min(self.until, _now() + self.limit.seconds)


class RateLimit(Limit):
    """At most so many requests in any window of so many seconds."""

    def __init__(
        self, requests: int, *, seconds: float = 1.0, semaphore: Any = None, on_the_way: float = 0.1
    ) -> None:
        """Set the limit; BatchError if it lets nothing through, or differs from the semaphore's.

        Args:
            requests: the most requests in any window.
            seconds: of the window. Services count in short ones: 600 requests a minute are 10 a second to them.
            semaphore: for several runs on one cluster a `distributed.Semaphore` with `max_leases=requests`: everybody
                who gives it the same name shares its leases. One run on a cluster needs none.
            on_the_way: seconds until a request has arrived at the latest. Raise it for a slow line.
        """
        super().__init__(requests, seconds, on_the_way)
        leases = getattr(semaphore, "max_leases", requests)
        if leases != requests:
            raise BatchError(
                f"The semaphore has {leases} leases and the limit is {requests}: make them equal."
            )
        self._semaphore = semaphore
        self.resting: set[asyncio.Task[None]] = set()

    async def take(self, tokens: int) -> _Part | _SharedLease:
        """Wait for room here, or for a lease of the semaphore."""
        if self._semaphore is None:
            return await super().take(tokens)
        await self._semaphore.acquire()
        return _SharedLease(self, self._semaphore)

    async def settle(self) -> None:
        """Wait until every lease is back: a cluster keeps those of a run that left too early for half a minute."""
        await asyncio.gather(*self.resting)


class _SharedLease:
    """A lease of a cluster's semaphore, which goes back to it when its window is over."""

    def __init__(self, limit: RateLimit, semaphore: Any) -> None:
        self._limit, self._semaphore, self._replied = limit, semaphore, asyncio.Event()
        self._return: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._return = asyncio.create_task(self._give_back())
        self._limit.resting.add(self._return)
        self._return.add_done_callback(self._limit.resting.discard)

    def replied(self) -> None:
        self._replied.set()
        if self._return is None:
            self.begin()

    async def _give_back(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._replied.wait(), self._limit.on_the_way)
        await asyncio.sleep(self._limit.seconds)
        await self._semaphore.release()


class TokenLimit(Limit):
    """At most so many tokens in any window: the quota that requests with pictures meet first."""

    def __init__(
        self, tokens: int, *, reply_tokens: int, seconds: float = 60.0, on_the_way: float = 0.1
    ) -> None:
        """Set the limit; BatchError if it lets nothing through.

        Args:
            tokens: the deployment's tokens a minute.
            reply_tokens: what your `ask` allows for a reply, as `max_tokens`. The service counts it in full before
                the reply is there (https://learn.microsoft.com/azure/ai-foundry/openai/how-to/quota).
            seconds: of the window.
            on_the_way: as for `RateLimit`.
        """
        super().__init__(tokens, seconds, on_the_way)
        if not 0 <= reply_tokens < tokens:
            raise BatchError(f"A reply has 0 tokens or more and fewer than {tokens:,}, not {reply_tokens!r}.")
        self._reply_tokens = reply_tokens

    def weight(self, tokens: int) -> int:
        """The request's tokens, and those of the longest reply; BatchError if it would never be let through."""
        weight = tokens + self._reply_tokens
        if weight > self.most:
            raise BatchError(
                f"One request weighs {weight:,} tokens, reply included, and the limit lets {self.most:,} through in "
                f"{self.seconds:g} seconds: leave the file out, or send it smaller."
            )
        return weight


class Pace:
    """The limits of one run, and its gate, which its requests pass one by one in the order they came."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._limits, self._opens, self._order = limits, 0.0, asyncio.Lock()

    def close_for(self, seconds: float) -> None:
        """Let nothing through for so long; a longer wait that is running stays."""
        self._opens = max(self._opens, _now() + seconds)

    @asynccontextmanager
    async def turn(self, tokens: int) -> AsyncIterator[None]:
        """Wait until a request of so many tokens may be sent; the block sends it and ends with its reply."""
        leases: list[_Part | _SharedLease] = []
        try:
            async with self._order:
                for limit in self._limits:
                    leases.append(await limit.take(tokens))
                while (left := self._opens - _now()) > 0:
                    await asyncio.sleep(left)
            for lease in leases:
                lease.begin()
            yield
        finally:
            for lease in leases:
                lease.replied()
