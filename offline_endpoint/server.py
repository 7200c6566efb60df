"""The offline endpoint as a running server: in a thread of this process, or alone."""

from __future__ import annotations

import base64
import secrets
import socket
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn

from helpers.media import MEDIA_TYPES
from offline_endpoint.wire.app import DATA, Routes, create_app
from offline_endpoint.wire.connections import BoundedProtocol
from offline_endpoint.wire.parts import clip_from_url, picture_from_url
from offline_endpoint.wire.record import Record

if TYPE_CHECKING:
    import ssl

    from starlette.applications import Starlette
    from starlette.routing import BaseRoute

START_SECONDS = 20.0


@dataclass(frozen=True)
class Running:
    """An endpoint that runs in this process: its address, its key, what it checks tokens with, and what arrived."""

    origin: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    record: Record = field(repr=False)
    _server: uvicorn.Server = field(repr=False)
    _thread: threading.Thread = field(repr=False)

    def stop(self) -> None:
        """Close the port and wait for the thread to end."""
        self._server.should_exit = True
        self._thread.join(timeout=START_SECONDS)


def _server(app: Starlette, host: str, port: int, context: ssl.SSLContext | None = None) -> uvicorn.Server:
    quiet = {
        "log_config": None,
        "log_level": "critical",
        "access_log": False,
        "lifespan": "off",
        "ws": "none",
    }
    tls = {"ssl_context_factory": (lambda _config, _default: context) if context else None}
    kinds: dict[str, Any] = {**quiet, **tls, "http": BoundedProtocol, "timeout_graceful_shutdown": 1}
    return uvicorn.Server(uvicorn.Config(app, host=host, port=port, **kinds))


def start(
    *,
    routes: Routes = "both",
    deployment: str | None = None,
    names: Collection[str] = (),
    more: Callable[[str, str], Sequence[BaseRoute]] | None = None,
    context: ssl.SSLContext | None = None,
) -> Running:
    """Start the endpoint in a background thread, on a free loopback port, with a new random key.

    `routes`, `deployment` and `names` are those of `create_app`; `more` makes further routes of the origin and the
    secret that tokens are signed with; `context` is for TLS. RuntimeError if it does not come up in time.
    """
    key, secret = secrets.token_hex(32), secrets.token_hex(32)
    record = Record([key, secret])
    # The port is bound here, so that no other program can take it before the server listens.
    listener = socket.create_server(("127.0.0.1", 0))
    # asyncio sets this for sockets that it makes itself. Without it the words of a stream wait, up to 40 ms, for the
    # client's system to confirm the words before.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    origin = f"{'https' if context else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    kinds: dict[str, Any] = {"routes": routes, "deployment": deployment, "names": names}
    kinds["more"] = more(origin, secret) if more else ()
    app = create_app(key=key, secret=secret, record=record, **kinds)
    server = _server(app, "127.0.0.1", 0, context)
    thread = threading.Thread(target=server.run, args=([listener],), name="offline-endpoint", daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("The offline endpoint did not start. Restart the kernel and try again.")
        time.sleep(0.005)
    return Running(origin, key, secret, record, server, thread)


def run(*, host: str, port: int, names: Collection[str], reads_samples: bool = False, **offered: Any) -> None:
    """Run the endpoint until it is interrupted; `offered` are key, routes and deployment as for `create_app`.

    `reads_samples` is for a room: the lessons' samples are read at once, so that none waits behind people's own files.
    """
    record = Record([offered["key"] or ""])
    app = create_app(secret=secrets.token_hex(32), record=record, names=[host, *names], **offered)
    # Imported late: the readers take longer to import than the endpoint in a notebook takes to start.
    from offline_endpoint import reading

    if reads_samples:
        threading.Thread(target=_read_samples, name="samples").start()
    try:
        _server(app, host, port).run()
    finally:
        reading.stop()


def _read_samples() -> None:
    from offline_endpoint import reading

    for path in sorted(path for folder in ("charts", "clips") for path in (DATA / folder).iterdir()):
        media_type = MEDIA_TYPES.get({".jpg": "jpeg"}.get(path.suffix, path.suffix[1:]), "")
        url = f"data:{media_type};base64,{base64.b64encode(path.read_bytes()).decode()}"
        try:
            if media_type.startswith("image/"):
                reading.picture_chart(picture_from_url(url, "auto", [], ("", 0)))
            elif media_type in (MEDIA_TYPES["mp3"], MEDIA_TYPES["wav"]):
                reading.clip_words(clip_from_url(url, [], ("", 0)))
        except (CancelledError, RuntimeError):
            # The readers were stopped, and the endpoint with them.
            return
    print("The lessons' samples are read: nobody waits for them.", flush=True)
