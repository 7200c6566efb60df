"""Trouble on request: a header asks the endpoint to fail the way the service fails on a bad day."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import Any

from offline_endpoint.wire.deployments import gone
from offline_endpoint.wire.service_error import ServiceError

HEADER = "x-offline-fault"
MOST_TEXTS = 1_000  # header texts that requests are counted for
MOST_FAULTS = 20
NAMES = (
    *("429", "500", "503", "slow", "pace", "content-filter", "cut-stream", "cut", "rate-limit"),
    *("insufficient-quota", "gone", "no-delta"),
)
SAFE = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}

_OPTIONS = {
    **{"retry-after": 3600.0, "retry-after-ms": 3_600_000.0, "seconds": 60.0, "times": 1000.0},
    **{"every": 1000.0, "requests": 1000.0},
}


@dataclass(frozen=True)
class Fault:
    """One kind of trouble."""

    name: str
    retry_after: float | None = None  # seconds for a Retry-After header
    retry_after_ms: float | None = None
    seconds: float = 1.0  # before a slow reply, after each piece of a paced stream, or of a rate limit
    times: int | None = None  # after so many requests with the same header text it is over, or None for never
    every: int = 1  # one in so many requests meets it, always the same ones
    requests: int = 10  # the most that a rate limit lets in within any window


def parse_faults(text: str) -> list[Fault]:
    """Read the header: one fault, or several between commas; raises a 400 that says which word is not known."""
    listed = text.split(",")
    if len(listed) > MOST_FAULTS:
        raise ServiceError(400, "BadRequest", f"{HEADER}: {MOST_FAULTS} faults at most.")
    return [parse_fault(fault) for fault in listed]


def parse_fault(text: str) -> Fault:
    """Read one fault, for example `429; retry-after=1; times=2` or `slow; seconds=3`."""
    name, *options = [word.strip().lower() for word in text.split(";")]
    values: dict[str, Any] = {}
    for option in options:
        key, _, number = option.partition("=")
        try:
            values[key.strip()] = float(number)
            if not 0 <= values[key.strip()] <= _OPTIONS[key.strip()]:
                raise ValueError
        except (ValueError, KeyError):
            known = ", ".join(f"{key}=0 to {most:.0f}" for key, most in _OPTIONS.items())
            raise ServiceError(400, "BadRequest", f"{HEADER}: {option!r} is not one of {known}.") from None
    if name not in NAMES:
        raise ServiceError(400, "BadRequest", f"{HEADER}: {name!r} is not one of {', '.join(NAMES)}.")
    times = values.pop("times", None)
    whole = {name: max(1, int(values.pop(name))) for name in ("every", "requests") if name in values}
    seconds = {option.replace("-", "_"): number for option, number in values.items()}
    return Fault(name, times=None if times is None else int(times), **whole, **seconds)


class Faults:
    """Counts the requests with each header text, for faults that meet some of them only."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._let_in: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def next(self, text: str) -> list[Fault]:
        """The faults that a request with this header text meets; none when their times are over."""
        listed = parse_faults(text)
        with self._lock:
            number = self._seen.pop(text, 0)
            self._seen[text] = number + 1
            # The texts that were used last are kept.
            if len(self._seen) > MOST_TEXTS:
                oldest = next(iter(self._seen))
                del self._seen[oldest]
                self._let_in.pop(oldest, None)
            # Each fault starts counting at its own place, so that one in five and one in fifty can both happen.
            met = [
                fault
                for place, fault in enumerate(listed)
                if (number - place) % fault.every == 0 and (fault.times is None or number < fault.times)
            ]
            return [fault for each in met if (fault := self._limited(text, each))]

    def _limited(self, text: str, fault: Fault) -> Fault | None:
        """The fault itself; for a rate limit None while there is room, else a 429 that says when there is again."""
        if fault.name != "rate-limit":
            return fault
        let_in = self._let_in[text]
        now = time.monotonic()
        while let_in and let_in[0] <= now - fault.seconds:
            let_in.popleft()
        if len(let_in) < fault.requests:
            let_in.append(now)
            return None
        room = let_in[0] + fault.seconds - now
        return replace(fault, name="429", retry_after=max(0.001, round(room, 3)))


def refusal(fault: Fault) -> ServiceError | None:
    """The refusal that a fault stands for, or None for the faults that only slow or cut the reply."""
    wait, wait_ms = fault.retry_after, fault.retry_after_ms
    headers = {} if wait is None else {"Retry-After": f"{wait:g}"}
    if fault.name == "429":
        seconds = wait if wait is not None or wait_ms is None else wait_ms / 1000
        hint = f" Please retry after {seconds:g} seconds." if seconds is not None else ""
        headers |= {} if wait_ms is None else {"retry-after-ms": f"{wait_ms:g}"}
        message = "Your requests exceeded the token rate limit of this deployment." + hint
        return ServiceError(429, "RateLimitReached", message, details={"status": 429}, headers=headers)
    if fault.name == "insufficient-quota":
        message = "You exceeded your current quota, please check your plan and billing details."
        details = {"type": "insufficient_quota", "param": None, "status": 429}
        return ServiceError(429, "insufficient_quota", message, details=details)
    if fault.name == "gone":
        return gone("The model behind this deployment was retired")
    if fault.name == "500":
        return ServiceError(500, "InternalServerError", "The server had an error while handling the request.")
    if fault.name == "503":
        message = "The service is temporarily unable to respond."
        return ServiceError(503, "ServiceUnavailable", message, headers=headers)
    if fault.name == "content-filter":
        verdicts = SAFE | {"violence": {"filtered": True, "severity": "medium"}}
        inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": verdicts}
        message = "The prompt was refused by the content filter of this deployment. Change the prompt and try again."
        why: dict[str, Any] = {"status": 400, "type": None, "param": "prompt", "innererror": inner}
        return ServiceError(400, "content_filter", message, details=why)
    return None
