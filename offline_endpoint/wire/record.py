"""A record of what arrived: what a lesson or a test reads to see a request from the server's side."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

# What is kept, so that memory does not grow with use: requests, characters of headers and shortened bodies in all, and
# characters of one shortened body, of which only the size is kept when it is larger.
KEPT = 2_000
KEPT_CHARACTERS = 8_000_000
LARGEST_BODY = 100_000

# Names of headers and query parameters that can carry a key.
_SECRET = re.compile(
    r"key|token|auth|secret|cookie|passw|pwd|credential|signature|session|jwt|^sig$|^code$|^x-forwarded-access",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Arrival:
    """One request and how it was answered; keys and tokens in its query and headers are replaced by `***`."""

    method: str
    path: str  # without the query
    query: str
    headers: dict[str, str]  # names in lower case
    body: Any  # the parsed JSON with long strings cut, or None
    body_bytes: int  # on the wire
    status: int
    seconds: float  # when it arrived, on the clock of `time.monotonic`
    reply_id: str = ""  # empty where the request was refused
    said: str = ""


class Record:
    """The newest arrivals, oldest first; `secrets`, the endpoint's own keys, are blanked wherever they stand."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        self._secrets = [secret for secret in secrets if secret]
        self._arrivals: deque[tuple[Arrival, int]] = deque()
        self._size = 0

    def add(self, arrival: Arrival) -> None:
        """Note one request, its body cut by `shorten`; its secrets are blanked before they are stored."""
        body = json.dumps(arrival.body)
        kept = replace(
            arrival,
            path=self._blanked(arrival.path[:1_000]),
            query=self._blanked(_blank_query(arrival.query[:4_000])),
            headers={
                name[:200]: _blank_value(value) if _SECRET.search(name) else self._blanked(value[:1_000])
                for name, value in arrival.headers.items()
            },
            body=json.loads(self._blanked(body)) if len(body) < LARGEST_BODY else None,
        )
        size = sum(map(len, (kept.path, kept.query, body[:LARGEST_BODY], kept.reply_id, kept.said)))
        size += sum(len(name) + len(value) for name, value in kept.headers.items())
        self._arrivals.append((kept, size))
        self._size += size
        while len(self._arrivals) > KEPT or self._size > KEPT_CHARACTERS:
            self._size -= self._arrivals.popleft()[1]

    def arrivals(self) -> list[Arrival]:
        """What has arrived so far."""
        return [arrival for arrival, _ in self._arrivals]

    def clear(self) -> None:
        """Forget everything."""
        self._arrivals.clear()
        self._size = 0

    def _blanked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _blank_value(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} ***" if space and scheme.isalpha() else "***"


def _blank_query(query: str) -> str:
    fields = parse_qsl(query, keep_blank_values=True)
    if not any(_SECRET.search(name) for name, _ in fields):
        return query
    return urlencode([(name, "***" if _SECRET.search(name) else value) for name, value in fields], safe="*")
