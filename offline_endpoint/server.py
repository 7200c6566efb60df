"""The offline endpoint as a running server: in a thread of this process, or alone."""

from __future__ import annotations

import secrets
import socket
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import uvicorn

from offline_endpoint.wire.app import create_app
from offline_endpoint.wire.issuer import Registration
from offline_endpoint.wire.record import Record

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.applications import Starlette

    from offline_endpoint.wire.certificate import Certificate

START_SECONDS = 20.0


@dataclass(frozen=True)
class Running:
    """An endpoint that runs in this process.

    Attributes:
        origin: scheme, host and port, for example `http://127.0.0.1:50123`.
        key: the key it takes.
        secret: what it checks the signatures of bearer tokens with.
        record: what arrived at it.
        registration: over https, how to ask its token issuer for tokens; else None.
    """

    origin: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    record: Record = field(repr=False)
    _server: uvicorn.Server = field(repr=False)
    _thread: threading.Thread = field(repr=False)
    registration: Registration | None = field(default=None, repr=False)
    _certificate: Certificate | None = field(default=None, repr=False)

    @property
    def ca_file(self) -> Path | None:
        """Over https, the certificate that clients need to trust the endpoint by; else None."""
        return self._certificate.ca_file if self._certificate else None

    def stop(self) -> None:
        """Close the port and wait for the thread to end."""
        self._server.should_exit = True
        self._thread.join(timeout=START_SECONDS)
        if self._certificate:
            self._certificate.remove()


def _server(app: Starlette, host: str, port: int, certificate: Certificate | None = None) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
            ssl_context_factory=(lambda _config, _default: certificate.context) if certificate else None,
        )
    )


def start(*, https: bool = False) -> Running:
    """Start the endpoint in a background thread, on a free loopback port, with a new random key.

    Args:
        https: use TLS with a throwaway certificate, and give out tokens too. Clients have to trust `Running.ca_file`:
            `connection_verify=` for Azure's clients, an `ssl.SSLContext` in the `http_client` for `openai`.

    Raises:
        RuntimeError: it did not come up in time.
    """
    key, secret, record = secrets.token_hex(32), secrets.token_hex(32), Record()
    # The port is bound here, so that no other program can take it before the server listens.
    listener = socket.create_server(("127.0.0.1", 0))
    # asyncio sets this for sockets that it makes itself. Without it the words of a stream wait, up to 40 ms, for the
    # client's system to confirm the words before.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    origin = f"{'https' if https else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    certificate = registration = None
    if https:
        # Imported late: the lessons start over http, and cryptography would slow the start of each of them.
        from offline_endpoint.wire.certificate import make_certificate

        certificate = make_certificate()
        registration = Registration(
            origin, str(uuid.uuid4()), str(uuid.uuid4()), secrets.token_hex(32), certificate.ca_file
        )
    app = create_app(key=key, secret=secret, record=record, registration=registration)
    server = _server(app, "127.0.0.1", 0, certificate)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="offline-endpoint", daemon=True
    )
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("The offline endpoint did not start. Restart the kernel and try again.")
        time.sleep(0.005)
    return Running(origin, key, secret, record, server, thread, registration, certificate)


def run(*, host: str, port: int, key: str | None) -> None:
    """Run the endpoint until it is interrupted.

    Args:
        host: address to listen on.
        port: port to listen on.
        key: the key callers must send, or None to take any.
    """
    app = create_app(key=key, secret=secrets.token_hex(32), record=Record())
    # Imported late: the readers take longer to import than the endpoint in a notebook takes to start.
    from offline_endpoint import reading

    try:
        _server(app, host, port).run()
    finally:
        reading.stop()
