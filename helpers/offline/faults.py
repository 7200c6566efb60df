"""Trouble on request: a header asks the endpoint to fail the way the service fails on a bad day."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Literal, get_args

from helpers.offline.errors import ServiceError

HEADER = "x-offline-fault"

Name = Literal["429", "500", "503", "slow", "pace", "content-filter", "cut-stream"]

_OPTIONS = {"retry-after": 3600.0, "seconds": 60.0, "times": 1000.0}


@dataclass(frozen=True)
class Fault:
    """One kind of trouble.

    Attributes:
        name: what goes wrong.
        retry_after: seconds to name in a Retry-After header, or None for no such header.
        seconds: how long a slow reply takes to begin, or how long a paced stream waits after each piece.
        times: after how many requests with the same header text the trouble is over, or None for never.
    """

    name: Name
    retry_after: float | None = None
    seconds: float = 1.0
    times: int | None = None


def parse_fault(text: str) -> Fault:
    """Read the header, for example `429; retry-after=1; times=2` or `slow; seconds=3`.

    Raises:
        ServiceError: a 400 that says which word is not known.
    """
    name, *options = [word.strip().lower() for word in text.split(";")]
    values: dict[str, float] = {}
    for option in options:
        key, _, number = option.partition("=")
        try:
            values[key.strip()] = float(number)
            if not 0 <= values[key.strip()] <= _OPTIONS[key.strip()]:
                raise ValueError
        except (ValueError, KeyError):
            known = ", ".join(f"{key}=0 to {most:.0f}" for key, most in _OPTIONS.items())
            raise ServiceError(400, "BadRequest", f"{HEADER}: {option!r} is not one of {known}.") from None
    if name not in get_args(Name):
        raise ServiceError(
            400, "BadRequest", f"{HEADER}: {name!r} is not one of {', '.join(get_args(Name))}."
        )
    times = values.get("times")
    return Fault(
        name,  # type: ignore[arg-type]
        retry_after=values.get("retry-after"),
        seconds=values.get("seconds", 1.0),
        times=None if times is None else int(times),
    )


class Faults:
    """Counts how often each header text was seen, for faults that end after a number of times."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def next(self, text: str) -> Fault | None:
        """The fault that a request with this header text meets, or None when its times are over.

        Raises:
            ServiceError: the header text is not understood.
        """
        fault = parse_fault(text)
        with self._lock:
            self._seen[text] += 1
            over = fault.times is not None and self._seen[text] > fault.times
        return None if over else fault


def refusal(fault: Fault) -> ServiceError | None:
    """The refusal that a fault stands for, or None for the faults that only slow or cut the reply."""
    if fault.name == "429":
        wait = fault.retry_after
        hint = f" Please retry after {wait:g} seconds." if wait is not None else ""
        return ServiceError(
            429,
            "RateLimitReached",
            "Your requests exceeded the token rate limit of this deployment." + hint,
            details={"status": 429},
            headers={} if wait is None else {"Retry-After": f"{wait:g}"},
        )
    if fault.name == "500":
        return ServiceError(500, "InternalServerError", "The server had an error while handling the request.")
    if fault.name == "503":
        headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
        return ServiceError(
            503, "ServiceUnavailable", "The service is temporarily unable to respond.", headers=headers
        )
    if fault.name == "content-filter":
        verdicts = {
            category: {
                "filtered": category == "violence",
                "severity": "medium" if category == "violence" else "safe",
            }
            for category in ("hate", "self_harm", "sexual", "violence")
        }
        return ServiceError(
            400,
            "content_filter",
            "The prompt was refused by the content filter of this deployment. Change the prompt and try again.",
            details={
                "status": 400,
                "type": None,
                "param": "prompt",
                "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": verdicts},
            },
        )
    return None
