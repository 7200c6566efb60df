"""The limit and the gate, on a clock of their own, so that no test waits."""

from __future__ import annotations

import asyncio
import selectors
from types import SimpleNamespace

import pytest

from workbench import batch
from workbench.batch.pace import Pace


class _NoWaiting(selectors.DefaultSelector):
    """Turns waiting into a jump of the loop's clock."""

    now = 0.0

    def select(self, timeout=None):
        # A wait shorter than the clock can tell would never end.
        _NoWaiting.now += max(timeout, 1e-6) if timeout else 0
        return super().select(0)


@pytest.fixture
def on_own_clock():
    loop = asyncio.SelectorEventLoop(_NoWaiting())
    loop.time = lambda: _NoWaiting.now
    yield loop.run_until_complete
    loop.close()


def now():
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize(("requests", "window"), [(1, 1.0), (4, 1.0), (10, 60.0), (7, 0.2)])
@pytest.mark.parametrize("reply", [0.0, 0.05, 3.0])
def test_no_window_sees_more_than_the_limit(on_own_clock, requests, window, reply):
    arrivals = []

    async def request(pace, number):
        async with pace.turn(1):
            # Each takes another way, so requests overtake each other.
            await asyncio.sleep(number * 7 % 5 * 0.02)
            arrivals.append(now())
            await asyncio.sleep(reply + number * 3 % 4 * 0.1)

    async def all_of_them():
        pace = Pace([batch.RateLimit(requests, seconds=window)])
        await asyncio.gather(*(request(pace, number) for number in range(5 * requests + 3)))

    on_own_clock(all_of_them())
    arrivals.sort()
    assert len(arrivals) == 5 * requests + 3
    assert all(
        later - earlier >= window - 1e-6
        for earlier, later in zip(arrivals, arrivals[requests:], strict=False)
    )


def sent_a_second(make_turn, on_own_clock, count=300, reply=3.0):
    """Requests a second of a long run with slow replies, without its first ten seconds."""
    sent = []

    async def request(turn):
        async with turn():
            sent.append(now())
            await asyncio.sleep(reply)

    async def all_of_them():
        turn = make_turn()
        await asyncio.gather(*(request(turn) for _ in range(count)))

    on_own_clock(all_of_them())
    begin = sent[0] + 10
    return sum(when > begin for when in sent) / (sent[-1] - begin)


def test_slow_replies_cost_no_speed(on_own_clock):
    def turns():
        pace = Pace([batch.RateLimit(10, seconds=1)])
        return lambda: pace.turn(1)

    assert sent_a_second(turns, on_own_clock) >= 9


@pytest.mark.parametrize("reply", [0.0, 8.0])
def test_no_minute_sees_more_tokens_than_the_limit(on_own_clock, reply):
    sent = []

    async def request(pace, tokens):
        async with pace.turn(tokens):
            sent.append((now(), tokens + 100))
            await asyncio.sleep(reply)

    async def all_of_them():
        pace = Pace([batch.RateLimit(5, seconds=1), batch.TokenLimit(6000, reply_tokens=100)])
        await asyncio.gather(*(request(pace, 100 + number * 37 % 1500) for number in range(60)))

    on_own_clock(all_of_them())
    for begin, _ in sent:
        assert sum(weight for when, weight in sent if begin <= when < begin + 60) <= 6000
    # It is used, too: a whole minute is never left half empty.
    assert sent[-1][0] - sent[0][0] < 60 * sum(weight for _, weight in sent) / 3000


def test_what_never_fits_is_said_before_anything_is_sent():
    with pytest.raises(batch.BatchError, match=r"weighs 1,100 tokens, reply included.*lets 1,000 through"):
        batch.TokenLimit(1000, reply_tokens=100).weight(1000)
    with pytest.raises(batch.BatchError, match="A reply has 0 tokens or more"):
        batch.TokenLimit(1000, reply_tokens=1000)


def test_a_request_that_fails_and_one_that_is_cancelled_give_their_leases_back(on_own_clock):
    limit = batch.RateLimit(1)

    async def fail_often():
        pace = Pace([limit])
        for _ in range(3):
            with pytest.raises(ValueError, match="no"):
                async with pace.turn(1):
                    raise ValueError("no")
        pace.close_for(5)
        waiting = asyncio.create_task(pace.turn(1).__aenter__())
        await asyncio.sleep(2)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with Pace([limit]).turn(1):
            pass

    on_own_clock(asyncio.wait_for(fail_often(), 60))


class Shared:
    """What a run needs of Dask's semaphore, which has a time of its own."""

    def __init__(self, leases):
        self.max_leases = leases
        self._semaphore = asyncio.Semaphore(leases)
        self.acquire = self._semaphore.acquire

    async def release(self):
        self._semaphore.release()


def test_a_shared_limit_is_kept_by_two_runs(on_own_clock):
    sent = []

    async def request(pace):
        async with pace.turn(1):
            sent.append(now())
            await asyncio.sleep(4)

    async def both():
        shared = Shared(3)
        limits = [batch.RateLimit(3, semaphore=shared) for _ in range(2)]
        paces = [Pace([limit]) for limit in limits]
        await asyncio.gather(*(request(pace) for pace in paces for _ in range(10)))
        for limit in limits:
            await limit.settle()

    on_own_clock(both())
    sent.sort()
    assert all(later - earlier >= 1 - 1e-6 for earlier, later in zip(sent, sent[3:], strict=False))
    assert sent[-1] - sent[0] < 10


def test_a_closed_gate_holds_everybody_for_the_longest_wait(on_own_clock):
    passed = []

    async def pass_one(pace):
        async with pace.turn(1):
            passed.append(now())

    async def close_twice():
        pace, begin = Pace([]), now()
        pace.close_for(5)
        pace.close_for(2)
        await asyncio.gather(*(pass_one(pace) for _ in range(3)))
        return begin

    begin = on_own_clock(close_twice())
    assert [when - begin for when in passed] == pytest.approx([5, 5, 5], abs=0.01)


@pytest.mark.parametrize(
    ("requests", "seconds"), [(0, 1), (-1, 1), (1.5, 1), (True, 1), (1, 0), (1, float("nan"))]
)
def test_limits_that_let_nothing_through(requests, seconds):
    with pytest.raises(batch.BatchError, match="A limit is one request"):
        batch.RateLimit(requests, seconds=seconds)


def test_a_semaphore_of_another_size():
    with pytest.raises(batch.BatchError, match="3 leases and the limit is 4"):
        batch.RateLimit(4, semaphore=SimpleNamespace(max_leases=3))
