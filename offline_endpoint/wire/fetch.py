"""Media by URL: fetched over http or https within limits, never from a private address."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore2

MAX_SECONDS = 15.0
MAX_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}


class FetchError(ValueError):
    """A URL that cannot be used; the text says why."""


class _PublicOnly(httpcore2.SyncBackend):
    """Connects only to addresses of the public internet.

    The name is resolved here and the connection goes to the address that was checked, so that a name cannot
    answer with one address for the check and another for the connection.
    """

    def connect_tcp(self, host: str, port: int, **options: Any) -> httpcore2.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise FetchError("its host name could not be resolved") from None
        address = found[0][4][0]
        if not ipaddress.ip_address(address.partition("%")[0]).is_global:
            raise FetchError("it leads to a private or local address, which the endpoint does not fetch from")
        return super().connect_tcp(address, port, **options)


def fetch(url: str, *, own: tuple[str, int], own_path: str, max_bytes: int) -> bytes:
    """Download what a URL points to.

    Args:
        url: http or https.
        own: host and port of the endpoint itself, whose sample media may be fetched though it is local.
        own_path: the path below which those samples are.
        max_bytes: the largest body taken.

    Raises:
        FetchError: the URL is malformed, of another scheme, unreachable, private, too slow, too large, or answers
            with anything but 200.
    """
    deadline = time.monotonic() + MAX_SECONDS
    for _ in range(MAX_REDIRECTS + 1):
        is_own = _check(url, own, own_path)
        backend = httpcore2.SyncBackend() if is_own else _PublicOnly()
        status, location, body = _get(url, backend, max_bytes, lambda: deadline - time.monotonic())
        if status == 200:
            return body
        if status in _REDIRECTS and location:
            url = urljoin(url, location)
            continue
        raise FetchError(f"the server answered with status {status}")
    raise FetchError(f"it redirects more than {MAX_REDIRECTS} times")


def _check(url: str, own: tuple[str, int], own_path: str) -> bool:
    """Refuse what is no http(s) URL; say whether it is one of the endpoint's own samples."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        raise FetchError("it is not a well-formed URL") from None
    if parts.scheme not in ("http", "https"):
        raise FetchError("only http and https URLs can be fetched")
    if not parts.hostname or not url.isascii() or any(character.isspace() for character in url):
        raise FetchError("it is not a well-formed URL")
    inside = parts.path.startswith(own_path) and ".." not in parts.path
    return parts.scheme == "http" and (parts.hostname, port) == own and inside


def _get(
    url: str, backend: httpcore2.SyncBackend, max_bytes: int, seconds_left: Callable[[], float]
) -> tuple[int, str, bytes]:
    seconds = max(seconds_left(), 0.001)
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), min(seconds, MAX_SECONDS / 3))
    headers = {"Host": urlsplit(url).netloc.rpartition("@")[2], "User-Agent": "offline-endpoint"}
    try:
        with (
            httpcore2.ConnectionPool(network_backend=backend) as pool,
            pool.stream("GET", url, headers=headers, extensions={"timeout": timeout}) as reply,
        ):
            location = dict(reply.headers).get(b"location") or dict(reply.headers).get(b"Location") or b""
            if reply.status != 200:
                return reply.status, location.decode("ascii", "replace"), b""
            body = bytearray()
            for chunk in reply.iter_stream():
                body += chunk
                if len(body) > max_bytes:
                    raise FetchError(f"it is larger than {max_bytes // 2**20} MB")
                if seconds_left() < 0:
                    raise FetchError(f"it took longer than {MAX_SECONDS:.0f} seconds")
            return 200, "", bytes(body)
    except httpcore2.TimeoutException:
        raise FetchError("its server did not answer in time") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol):
        raise FetchError("its server could not be reached") from None
