"""Connections that end: each has a time to say what it wants, and too many that say nothing make room."""

from __future__ import annotations

import asyncio
import json

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

# How long a client may take for the head of a request; the offline endpoint's own limit.
HEAD_SECONDS = 15.0
# Connections beyond which the oldest that asks for nothing is closed: half of what macOS lets a process open.
MOST_CONNECTIONS = 128


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with a time limit for heads, and refusals in the service's shape."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock; make room if there are too many."""
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > MOST_CONNECTIONS:
            each_one = (each for each in self.connections if isinstance(each, BoundedProtocol))
            silent = [(each._waiting.when(), each) for each in each_one if each._waiting]
            if silent:
                min(silent, key=lambda pair: pair[0])[1]._give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._unwatch()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Let the clock run while a head is on its way, and only then."""
        super().handle_events()
        if self.conn.their_state is not h11.IDLE:
            self._unwatch()
        self._watch()

    def on_response_complete(self) -> None:
        """A connection that is kept open asks for nothing again."""
        super().on_response_complete()
        self._watch()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, as the service's gateway refuses it."""
        body = json.dumps({"error": {"code": "BadRequest", "message": msg}}).encode()
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        head = h11.Response(status_code=400, headers=headers)
        for event in (head, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch(self) -> None:
        if self.conn.their_state is h11.IDLE and self._waiting is None and not self.transport.is_closing():
            self._waiting = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _unwatch(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._unwatch()
        # Without a goodbye: a client that reads nothing would keep the socket open.
        self.transport.abort()
