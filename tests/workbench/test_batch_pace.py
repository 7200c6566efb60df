"""The limit and the gate, on a clock of their own, so that no test waits."""

from __future__ import annotations

import asyncio
import selectors

import pytest

from workbench import batch
from workbench.batch.pace import Gate


class _NoWaiting(selectors.DefaultSelector):
    """Turns waiting into a jump of the loop's clock."""

    now = 0.0

    def select(self, timeout=None):
        _NoWaiting.now += timeout or 0
        return super().select(0)


@pytest.fixture
def on_own_clock():
    loop = asyncio.SelectorEventLoop(_NoWaiting())
    loop.time = lambda: _NoWaiting.now
    yield loop.run_until_complete
    loop.close()


@pytest.mark.parametrize(("requests", "window"), [(1, 1.0), (4, 1.0), (10, 60.0)])
def test_no_window_sees_more_than_the_limit(on_own_clock, requests, window):
    arrivals = []

    async def request(limit, number):
        async with limit.lease():
            # Each takes another way, so requests overtake each other.
            await asyncio.sleep(number * 7 % 5 * 0.1)
            arrivals.append(asyncio.get_running_loop().time())
            await asyncio.sleep(number * 3 % 4 * 0.1)

    async def all_of_them():
        limit = batch.RateLimit(requests, seconds=window)
        await asyncio.gather(*(request(limit, number) for number in range(5 * requests + 3)))
        await limit.settle()

    on_own_clock(all_of_them())
    arrivals.sort()
    assert len(arrivals) == 5 * requests + 3
    assert all(
        later - earlier >= window - 1e-6
        for earlier, later in zip(arrivals, arrivals[requests:], strict=False)
    )


def test_a_request_that_fails_gives_its_lease_back(on_own_clock):
    async def fail_often():
        limit = batch.RateLimit(1)
        for _ in range(3):
            with pytest.raises(ValueError, match="no"):
                async with limit.lease():
                    raise ValueError("no")

    on_own_clock(fail_often())


def test_a_closed_gate_holds_everybody_for_the_longest_wait(on_own_clock):
    passed = []

    async def pass_one(gate):
        await gate.pass_through()
        passed.append(asyncio.get_running_loop().time())

    async def close_twice():
        gate, begin = Gate(), asyncio.get_running_loop().time()
        gate.close_for(5)
        gate.close_for(2)
        await asyncio.gather(*(pass_one(gate) for _ in range(3)))
        return begin

    begin = on_own_clock(close_twice())
    assert [when - begin for when in passed] == pytest.approx([5, 5, 5], abs=0.01)


@pytest.mark.parametrize(
    ("requests", "seconds"), [(0, 1), (-1, 1), (1.5, 1), (True, 1), (1, 0), (1, float("nan"))]
)
def test_limits_that_let_nothing_through(requests, seconds):
    with pytest.raises(batch.BatchError, match="one request or more"):
        batch.RateLimit(requests, seconds=seconds)


def test_a_semaphore_of_another_size():
    class Shared:
        max_leases = 3

    with pytest.raises(batch.BatchError, match="3 leases and the limit is 4"):
        batch.RateLimit(4, semaphore=Shared())
