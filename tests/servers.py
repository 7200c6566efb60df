"""Servers that the tests start as processes of their own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]
PATIENCE = 300  # seconds, a guard against hangs on a machine with other work


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def serving(
    command: Sequence[str], url: str, *, folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen]:
    """Run a Python module as a server until the block ends; the block begins when the URL answers."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while not _answers(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise AssertionError(f"{command[0]} did not start:\n{log.read()}")
                time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)


@contextlib.contextmanager
def offline_endpoint(
    key: str, *, environment: Mapping[str, str] | None = None, routes: str = "both"
) -> Iterator[tuple[str, subprocess.Popen]]:
    """Run the offline endpoint until the block ends; gives its origin and its process."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    settings = {**(environment or os.environ), "AZURE_INFERENCE_CREDENTIAL": key}
    command = ["offline_endpoint", "--port", str(port), "--routes", routes]
    with serving(command, f"{origin}/health", environment=settings) as process:
        yield origin, process


@contextlib.contextmanager
def answering(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Answer from a thread of this process until the block ends, quietly; gives the origin."""
    quiet = type("Quiet", (handler,), {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), quiet) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False
