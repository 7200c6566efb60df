"""Media by URL: fetched over http or https within limits, never from a private address."""

from __future__ import annotations

import re
import socket
import threading
import time
import zlib
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpcore2

from formats.addresses import is_public

MAX_SECONDS = 15.0  # for all of it: names, redirects, heads and body
MAX_REDIRECTS = 3
_RESOLVING = threading.BoundedSemaphore(16)


class FetchError(ValueError):
    """A URL that cannot be used; the text says why."""


class _Deadline:
    """What is left of the time for one fetch."""

    def __init__(self) -> None:
        self._end = time.monotonic() + MAX_SECONDS

    def left(self) -> float:
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise FetchError(f"it took longer than {MAX_SECONDS:.0f} seconds")
        return seconds


class _InTime(httpcore2.NetworkStream):
    """A stream whose every step gets what is left of the time, so that no number of steps takes longer in all."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline
        self.close, self.get_extra_info = stream.close, stream.get_extra_info  # type: ignore[method-assign]

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def start_tls(self, context: Any, name: str | None = None, timeout: float | None = None) -> _InTime:
        return _InTime(self._stream.start_tls(context, name, self._deadline.left()), self._deadline)


class _Backend(httpcore2.SyncBackend):
    """Connects within the time, and only to addresses of the public internet unless it is the endpoint's own.

    The name is resolved here and the connection goes to the address that was checked, so that a name cannot
    answer with one address for the check and another for the connection.
    """

    def __init__(self, deadline: _Deadline, *, is_own: bool) -> None:
        super().__init__()
        self._deadline, self._is_own = deadline, is_own

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *more: Any, **options: Any
    ) -> httpcore2.NetworkStream:
        address = host if self._is_own else _resolved(host, port, self._deadline.left())
        if not self._is_own and not is_public(address):
            raise FetchError("it leads to a private or local address, which the endpoint does not fetch from")
        stream = super().connect_tcp(address, port, self._deadline.left(), *more, **options)
        return _InTime(stream, self._deadline)


def _resolved(host: str, port: int, seconds: float) -> str:
    """The first address of a host; a system's resolver has no time limit of its own, so it runs beside."""
    found: list[str] = []

    def resolve() -> None:
        with _RESOLVING:
            try:
                found.append(str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]))
            except (OSError, UnicodeError):
                return

    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise FetchError("its host name could not be resolved")
    return found[0]


def fetch(url: str, *, own: tuple[str, int], own_path: str, max_bytes: int) -> bytes:
    """Download what an http or https URL points to, at most `max_bytes`.

    `own` is host and port of the endpoint itself, whose samples below `own_path` may be fetched though it is local.
    Raises FetchError if the URL is malformed, unreachable, private, too slow, too large, or answers anything but 200.
    """
    deadline = _Deadline()
    for _ in range(MAX_REDIRECTS + 1):
        is_own = _check(url, own, own_path)
        status, location, body = _get(url, _Backend(deadline, is_own=is_own), max_bytes)
        if status == 200:
            return body
        if status not in (301, 302, 303, 307, 308) or not location:
            raise FetchError(f"the server answered with status {status}")
        try:
            url = urljoin(url, location)
        except ValueError:
            raise FetchError("it redirects to what is no URL") from None
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
    if not parts.hostname or not re.fullmatch(r"[!-~]+", url):
        raise FetchError("it is not a well-formed URL")
    inside = parts.path.startswith(own_path) and ".." not in parts.path
    return parts.scheme == "http" and (parts.hostname, port) == tuple(own) and inside


def _get(url: str, backend: _Backend, max_bytes: int) -> tuple[int, str, bytes]:
    headers: dict[bytes | str, bytes | str] = {
        "User-Agent": "offline-endpoint",
        "Accept-Encoding": "identity",
    }
    headers["Host"] = urlsplit(url).netloc.rpartition("@")[2]
    try:
        with (
            httpcore2.ConnectionPool(network_backend=backend) as pool,
            pool.stream("GET", url, headers=headers) as reply,
        ):
            said = {name.lower(): value for name, value in reply.headers}
            if reply.status != 200:
                return reply.status, _location(said.get(b"location", b"")), b""
            return 200, "", _body(reply, said.get(b"content-encoding", b"").strip().lower(), max_bytes)
    except httpcore2.TimeoutException:
        raise FetchError("its server did not answer in time") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol):
        raise FetchError("its server could not be reached") from None


def _body(reply: httpcore2.Response, encoding: bytes, max_bytes: int) -> bytes:
    """The body, unpacked where a server packs it without being asked; never more than `max_bytes` of it."""
    if encoding not in (b"", b"identity", b"gzip", b"x-gzip", b"deflate"):
        raise FetchError(f"it is packed as {encoding[:20].decode('ascii', 'replace')}")
    # 47: gzip or zlib, whichever its head says.
    unpack = zlib.decompressobj(47) if encoding not in (b"", b"identity") else None
    body = bytearray()
    for chunk in reply.iter_stream():
        try:
            body += unpack.decompress(chunk, max_bytes + 1 - len(body)) if unpack else chunk
        except zlib.error:
            raise FetchError("it is packed, and damaged") from None
        if len(body) > max_bytes:
            raise FetchError(f"it is larger than {max_bytes // 2**20} MB")
    if unpack and not unpack.eof:
        raise FetchError("it is packed, and cut short")
    return bytes(body)


def _location(value: bytes) -> str:
    """Where a redirect leads; servers put spaces and letters beyond ASCII there, which a URL has escaped."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return quote(text.strip(), safe="%/:=&?~#+!$,;'@()*[]")
