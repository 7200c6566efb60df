"""Fetches what a pasted URL leads to: within one total time and one size, and past no private address unseen."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import time
import zlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import httpcore2

from helpers.media import MAX_BYTES, MediaError

TOTAL_SECONDS = 15.0
"""How long a download may take in all, in seconds, redirects included."""
MAX_REDIRECTS = 5

_REDIRECTS = (301, 302, 303, 307, 308)
# Azure's host agent, which hands out secrets of a virtual machine (Microsoft's page on 168.63.129.16), and the
# address of IANA's special registry for port control (RFC 7723).
_NEVER = {ipaddress.ip_address(address) for address in ("168.63.129.16", "192.0.0.9", "192.0.0.10")}
_NO_SERVER = "The URL cannot be fetched from this computer: check it in a browser, or upload the file."
_TOO_SLOW = f"The URL took longer than {TOTAL_SECONDS:.0f} seconds, so it was given up: upload the file."
_HIDDEN = "The URL leads to a private address by a redirect, which is not followed: upload the file."
_REFUSED = "The URL leads to an address of this computer's own network that is never read: upload the file."


@dataclass(frozen=True)
class Found:
    """What a URL led to, and whether its host is on a private network, where a service cannot reach it."""

    data: bytes
    is_private: bool


def is_public(address: str) -> bool:
    """Whether an IP address is of the public internet, also where it holds another one (NAT64, 6to4, mapped)."""
    ip = _meant(address)
    return ip.is_global and not ip.is_multicast and ip not in _NEVER


def _meant(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if int(ip) >> 32 in (0, 0xFFFF, 0x64FF9B << 64) and int(ip) > 1:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        return ip.sixtofour or ip
    return ip


def fetch(url: str) -> Found:
    """Download a file.

    Args:
        url: http or https; a blank or a letter outside ASCII in it is written as browsers do.

    Raises:
        MediaError: it cannot be reached, is too slow or too large, answers with no file, or leads from a public
            address to a private one, or to an address that only attacks name.
    """
    guard = _Guard(time.monotonic() + TOTAL_SECONDS)
    url = _written(url)
    try:
        for _ in range(MAX_REDIRECTS + 1):
            url, data = _asked(url, guard)
            if data is not None:
                return Found(data, guard.is_private)
    except httpcore2.TimeoutException as error:
        raise MediaError(_TOO_SLOW) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError, zlib.error, UnicodeError) as error:
        raise MediaError(_NO_SERVER) from error
    raise MediaError(
        f"The URL redirects more than {MAX_REDIRECTS} times: open it in a browser, and save the file."
    )


class _Guard(httpcore2.SyncBackend):
    """Connects to the address that was checked, so that a name cannot answer one way here and another way there."""

    def __init__(self, deadline: float) -> None:
        super().__init__()
        self.deadline, self.is_private, self.is_first, self.proxy = deadline, False, True, ""

    def left(self) -> float:
        """Seconds that are left of the whole."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise httpcore2.ReadTimeout
        return seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore2.NetworkStream:
        more: dict[str, Any] = {"local_address": local_address, "socket_options": socket_options}
        if host == self.proxy:
            # A proxy resolves names by itself, and decides whom it lets be reached.
            return _Timed(super().connect_tcp(host, port, timeout=self.left(), **more), self)
        address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
        ip, is_private = _meant(address), not is_public(address)
        if ip in _NEVER or ip.is_link_local or ip.is_multicast:
            raise MediaError(_REFUSED)
        if is_private and not (self.is_first or self.is_private):
            raise MediaError(_HIDDEN)
        self.is_private, self.is_first = is_private or self.is_private, False
        return _Timed(super().connect_tcp(address, port, timeout=self.left(), **more), self)


class _Timed(httpcore2.NetworkStream):
    """A connection whose every read and write ends with the whole, however little each brings."""

    def __init__(self, inner: httpcore2.NetworkStream, guard: _Guard) -> None:
        self._inner, self._guard = inner, guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=self._guard.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout=self._guard.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, ssl_context: ssl.SSLContext, *names: Any, **more: Any) -> _Timed:
        more["timeout"] = self._guard.left()
        return _Timed(self._inner.start_tls(ssl_context, *names, **more), self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _asked(url: str, guard: _Guard) -> tuple[str, bytes | None]:
    """The file, or None with the URL to ask next."""
    parts = urlsplit(url)
    # Some hosts refuse a client that does not look like a browser.
    headers = {
        "Host": parts.netloc.rpartition("@")[2],
        "User-Agent": "Mozilla/5.0",
        "Accept-Encoding": "identity",
    }
    with (
        _pool(parts.scheme, parts.hostname or "", guard) as pool,
        pool.stream("GET", url, headers=headers) as reply,
    ):
        given = {name.lower(): value for name, value in reply.headers}
        if reply.status in _REDIRECTS and given.get(b"location"):
            return _written(urljoin(url, given[b"location"].decode("utf-8", "replace"))), None
        if reply.status != 200:
            raise MediaError(
                f"The URL answers with status {reply.status}, not with a file: open it in a browser and check that "
                "it needs no sign-in."
            )
        packed = given.get(b"content-encoding", b"").lower() in (b"gzip", b"deflate")
        # 47 takes either of the two by its first bytes.
        unpack = zlib.decompressobj(47) if packed else None
        data = bytearray()
        for piece in reply.iter_stream():
            data += unpack.decompress(piece, MAX_BYTES + 1) if unpack else piece
            if len(data) > MAX_BYTES:
                raise MediaError(f"What the URL leads to is larger than the limit of {MAX_BYTES:,} bytes.")
    return url, bytes(data)


def _pool(scheme: str, host: str, guard: _Guard) -> Any:
    bundle = os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE") or certifi.where()
    made: dict[str, Any] = {
        "ssl_context": ssl.create_default_context(cafile=bundle),
        "network_backend": guard,
    }
    proxy = getproxies().get(scheme)
    if not proxy or proxy_bypass(host) or host in ("localhost", "127.0.0.1", "::1"):
        return httpcore2.ConnectionPool(**made)
    guard.proxy, guard.is_first = urlsplit(proxy).hostname or "", False
    return httpcore2.HTTPProxy(proxy, **made)


def _written(url: str) -> str:
    """A URL in ASCII, as browsers send it."""
    try:
        parts = urlsplit(url)
        # Reading them checks them, and the client speaks of neither.
        _, host = parts.port, (parts.hostname or "").encode("idna")
    except ValueError as error:
        raise MediaError("It is not a whole URL: copy it again, with its host.") from error
    if parts.scheme not in ("http", "https") or not host:
        raise MediaError("Only http and https URLs can be fetched.")
    netloc = (
        parts.netloc if parts.netloc.isascii() else host.decode() + (f":{parts.port}" if parts.port else "")
    )
    safe = "%/:=&?~+!$,;'@()*[]"
    return urlunsplit((parts.scheme, netloc, quote(parts.path, safe), quote(parts.query, safe), ""))
