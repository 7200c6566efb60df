"""A record of what arrived: what a lesson or a test reads to see a request from the server's side."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

KEPT = 2_000
"""Requests kept; older ones are forgotten, so that memory does not grow with use."""

KEPT_CHARACTERS = 8_000_000
"""Characters of headers and shortened bodies kept in all, for the same reason."""

LARGEST_BODY = 100_000
"""Characters of one shortened body; of a larger one only its size is kept."""

_SECRET = re.compile(
    r"key|token|auth|secret|cookie|passw|pwd|credential|signature|session|jwt|^sig$|^code$|^x-forwarded-access",
    re.IGNORECASE,
)
"""Names of headers and query parameters that can carry a key."""


@dataclass(frozen=True)
class Arrival:
    """One request and how it was answered.

    Attributes:
        method: for example POST.
        path: without the query.
        query: the query's text; keys and tokens are replaced by `***`, here and in the headers.
        headers: names in lower case.
        body: the parsed JSON with long strings cut, or None.
        body_bytes: the size of the body on the wire.
        status: of the reply.
        seconds: when it arrived, on the clock of `time.monotonic`.
        reply_id: the `id` of the reply, empty where the request was refused.
        said: the text of the reply.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any
    body_bytes: int
    status: int
    seconds: float
    reply_id: str = ""
    said: str = ""


class Record:
    """The newest arrivals, oldest first; `secrets`, the endpoint's own keys, are blanked wherever they stand."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        self._secrets = [secret for secret in secrets if secret]
        self._arrivals: deque[tuple[Arrival, int]] = deque()
        self._size = 0

    def add(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: Any,
        body_bytes: int,
        status: int,
        seconds: float,
        reply: tuple[str, str] = ("", ""),
    ) -> None:
        """Note one request, its body cut by `shorten`; its secrets are blanked before they are stored."""
        short = json.dumps(body)
        texts = self._blank(
            [path[:1_000], _blank_query(query[:4_000]), short if len(short) < LARGEST_BODY else "null"]
        )
        kept = {
            name[:200]: _blank_value(value) if _SECRET.search(name) else self._blank([value[:1_000]])[0]
            for name, value in headers.items()
        }
        size = sum(map(len, (*texts, *reply))) + sum(len(name) + len(value) for name, value in kept.items())
        arrival = Arrival(
            method, texts[0], texts[1], kept, json.loads(texts[2]), body_bytes, status, seconds, *reply
        )
        self._arrivals.append((arrival, size))
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

    def _blank(self, texts: list[str]) -> list[str]:
        for secret in self._secrets:
            texts = [text.replace(secret, "***") for text in texts]
        return texts


def _blank_value(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} ***" if space and scheme.isalpha() else "***"


def _blank_query(query: str) -> str:
    fields = parse_qsl(query, keep_blank_values=True)
    if not any(_SECRET.search(name) for name, _ in fields):
        return query
    return urlencode([(name, "***" if _SECRET.search(name) else value) for name, value in fields], safe="*")
