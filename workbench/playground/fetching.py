"""Fetches what a pasted URL leads to: within one total time and one size, and past no private address unseen."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.request import getproxies, proxy_bypass

from formats.addresses import is_public
from helpers.media import MAX_BYTES, MediaError

TOTAL_SECONDS = 15.0  # how long a download may take in all, in seconds, redirects included
MAX_REDIRECTS = 5

# Azure's host agent, which hands out secrets of a virtual machine (Microsoft's page on 168.63.129.16), and the
# address of IANA's special registry for port control (RFC 7723).
_NEVER = {ipaddress.ip_address(address) for address in ("168.63.129.16", "192.0.0.9", "192.0.0.10")}
_NO_SERVER = "The URL cannot be fetched from this computer: check it in a browser, or upload the file."
_TOO_SLOW = f"The URL took longer than {TOTAL_SECONDS:.0f} seconds, so it was given up: upload the file."
_HIDDEN = "The URL leads to a private address by a redirect, which is not followed: upload the file."
_REFUSED = "The URL leads to an address of this computer's own network that is never read: upload the file."
# Some hosts refuse a client that does not look like a browser.
_HEADERS = {"User-Agent": "Mozilla/5.0", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Found:
    """What a URL led to, and whether its host is on a private network, where a service cannot reach it."""

    data: bytes
    is_private: bool


def meant(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Where an address leads: to the one of version 4 that it holds (NAT64, 6to4, mapped), or to itself."""
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
    # A notebook's own thread has a loop already, which could not run another.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _fetched(url)).result()


class _Guard:
    """Looks at each address at the moment of connecting: a name cannot answer one way before and another way then."""

    def __init__(self) -> None:
        self.is_private, self.is_first, self.has_proxy = False, True, False

    def connect(self, found: Any) -> socket.socket:
        # A proxy resolves names by itself, and decides whom it lets be reached.
        if not self.has_proxy:
            ip = meant(str(found[4][0]))
            is_private = not is_public(str(ip))
            if ip in _NEVER or ip.is_link_local or ip.is_multicast:
                raise MediaError(_REFUSED)
            if is_private and not (self.is_first or self.is_private):
                raise MediaError(_HIDDEN)
            self.is_private = is_private or self.is_private
        self.is_first = False
        return socket.socket(*found[:3])


async def _fetched(given: str) -> Found:
    import aiohttp
    import certifi
    from yarl import URL

    guard = _Guard()
    bundle = os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE") or certifi.where()
    connector = aiohttp.TCPConnector(
        ssl=ssl.create_default_context(cafile=bundle), socket_factory=guard.connect
    )
    try:
        async with (
            asyncio.timeout(TOTAL_SECONDS),
            aiohttp.ClientSession(connector=connector, headers=_HEADERS) as session,
        ):
            url = _joined(URL(), given)
            for _ in range(MAX_REDIRECTS + 1):
                host = url.host or ""
                is_near = proxy_bypass(host) or host in ("localhost", "127.0.0.1", "::1")
                proxy = None if is_near else getproxies().get(url.scheme)
                guard.has_proxy = bool(proxy)
                async with session.get(url, proxy=proxy, allow_redirects=False) as reply:
                    if reply.status not in (301, 302, 303, 307, 308) or "location" not in reply.headers:
                        return Found(await _body(reply), guard.is_private)
                    url = _joined(url, reply.headers["location"])
    except TimeoutError as error:
        raise MediaError(_TOO_SLOW) from error
    except (aiohttp.ClientError, OSError, UnicodeError) as error:
        raise MediaError(_NO_SERVER) from error
    raise MediaError(
        f"The URL redirects more than {MAX_REDIRECTS} times: open it in a browser, and save the file."
    )


async def _body(reply: Any) -> bytes:
    if reply.status != 200:
        raise MediaError(
            f"The URL answers with status {reply.status}, not with a file: open it in a browser and check that it "
            "needs no sign-in."
        )
    data = bytearray()
    async for piece in reply.content.iter_any():
        data += piece
        if len(data) > MAX_BYTES:
            raise MediaError(f"What the URL leads to is larger than the limit of {MAX_BYTES:,} bytes.")
    return bytes(data)


def _joined(url: Any, given: str) -> Any:
    try:
        found = url.join(type(url)(given.replace(" ", "%20")))
    except ValueError as error:
        raise MediaError("It is not a whole URL: copy it again, with its host.") from error
    if found.scheme not in ("http", "https") or not found.host:
        raise MediaError("Only http and https URLs can be fetched.")
    return found
