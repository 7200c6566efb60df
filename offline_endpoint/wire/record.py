"""A record of what arrived: what a lesson or a test reads to see a request from the server's side."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import Any

from offline_endpoint.wire.service_error import shorten

KEPT = 2_000
"""Requests kept; older ones are forgotten, so that memory does not grow with use."""

LARGEST_BODY = 2_000_000
"""Bytes of a body that are parsed for the record; of a larger one only its size is kept."""

_SECRET_HEADERS = {"api-key", "authorization", "cookie"}


@dataclass(frozen=True)
class Arrival:
    """One request and how it was answered.

    Attributes:
        method: for example POST.
        path: without the query.
        query: the query's text.
        headers: names in lower case; keys and tokens are replaced by `***`.
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
    """The newest arrivals, oldest first."""

    def __init__(self) -> None:
        self._arrivals: deque[Arrival] = deque(maxlen=KEPT)

    def add(
        self,
        method: str,
        path: str,
        query: str,
        headers: dict[str, str],
        body: bytes,
        status: int,
        seconds: float,
        reply: tuple[str, str] = ("", ""),
    ) -> None:
        """Note one request; its secrets are blanked before they are stored."""
        blanked = {
            name: _blank(value) if name in _SECRET_HEADERS else value for name, value in headers.items()
        }
        self._arrivals.append(
            Arrival(method, path, query, blanked, _parse(body), len(body), status, seconds, *reply)
        )

    def arrivals(self) -> list[Arrival]:
        """What has arrived so far."""
        return list(self._arrivals)

    def clear(self) -> None:
        """Forget everything."""
        self._arrivals.clear()


def _blank(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} ***" if space else "***"


def _parse(body: bytes) -> Any:
    if not body or len(body) > LARGEST_BODY:
        return None
    try:
        return shorten(json.loads(body))
    except (ValueError, RecursionError):
        return None
