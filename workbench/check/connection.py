"""What stands between this computer and a server, and how long to wait for either."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from helpers.settings import ENDPOINT
from workbench.check.report import Finding, failed, passed

Result = TypeVar("Result")

CONNECT_SECONDS = 10.0


def within(seconds: float, action: Callable[[], Result]) -> Result:
    """Run something that may hang, and leave it behind after a time; a TimeoutError if it was not done by then."""
    results: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(action())
        except BaseException as error:
            # Handed on to the caller below, whatever it is.
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]


def check_proxy(url: str) -> Finding:
    """Which proxy the settings send requests to this URL through, and whether each client can use it."""
    parts = urlsplit(url)
    proxies = {} if proxy_bypass(parts.hostname or "") else getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy:
        return passed("proxy", "none stands in between")
    variable = f"{parts.scheme.upper()}_PROXY"
    means = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    where = f"{means.hostname}:{means.port or 80}"
    if means.scheme.startswith("socks"):
        remedy = "Name an http:// proxy, or install PySocks and socksio; Azure's async client takes none."
        return failed("proxy", f"the proxy {where} is of the kind SOCKS", remedy)
    if parts.scheme not in proxies:
        remedy = f"Put what ALL_PROXY says into {variable} too: Azure's async client reads that alone."
        return failed("proxy", f"{where} is set in ALL_PROXY, which only some of the clients read", remedy)
    try:
        address = (means.hostname or "", means.port or 80)
        within(CONNECT_SECONDS, lambda: socket.create_connection(address, CONNECT_SECONDS).close())
    except OSError:
        remedy = f"Correct or unset {variable}, or put the host of {ENDPOINT} into NO_PROXY."
        return failed("proxy", f"requests go through {where}, and nothing answers there", remedy)
    return passed("proxy", f"requests go through {where}")
