"""Whether a server can be reached: the proxy, its name, its port, its certificate; each within a time."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from helpers.settings import ENDPOINT
from workbench.check.report import Finding, failed, passed, skipped

Result = TypeVar("Result")

CONNECT_SECONDS = 10.0
NAMES = ("proxy", "name resolution", "connection", "TLS")

# Which variables the clients look for their own certificates in; with none they trust those of the package certifi.
_CA_VARIABLES = {
    "azure-ai-inference": ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    "openai and the async clients": ("SSL_CERT_FILE",),
}


def within(seconds: float, action: Callable[[], Result]) -> Result:
    """Run something that may hang, and stop waiting after a time.

    Args:
        seconds: how long to wait. The action itself goes on in the background until Python ends.
        action: what to run.

    Raises:
        TimeoutError: it was not done in time.
    """
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


def check_connection(url: str) -> Iterator[Finding]:
    """Look at the proxy, resolve, connect and shake hands, one finding each; nothing is tried after a failure.

    Args:
        url: http or https, well-formed.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme]
    proxies = {} if proxy_bypass(host) else getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    steps: list[Callable[[], Finding]] = [lambda: _check_name(host), lambda: _check_port(host, port)]
    if parts.scheme == "https":
        steps.append(lambda: _check_certificate(host, port))
    found = _check_proxy(proxy, parts.scheme) if proxy else passed("proxy", "none stands in between")
    yield found
    for name, step in zip(NAMES[1:], [*steps, None], strict=False):
        if found.remedy:
            yield skipped(name, f"needs the {found.name}")
        elif proxy:
            yield skipped(name, "requests go through the proxy")
        elif step is None:
            yield skipped(name, "the address starts with http://")
        else:
            found = step()
            yield found


def _check_proxy(proxy: str, scheme: str) -> Finding:
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    where = f"{parts.hostname}:{parts.port or 80}"
    if parts.scheme.startswith("socks"):
        remedy = (
            "Name an http:// proxy instead, or install PySocks and socksio; Azure's async client takes none."
        )
        return failed("proxy", f"the proxy {where} is of the kind SOCKS", remedy)
    if scheme not in getproxies():
        remedy = (
            f"Put what ALL_PROXY says into {scheme.upper()}_PROXY too: Azure's async client reads that alone."
        )
        return failed("proxy", f"{where} is set in ALL_PROXY, which only some of the clients read", remedy)
    opened = _check_port(parts.hostname or "", parts.port or 80)
    if opened.remedy:
        remedy = f"Correct or unset {scheme.upper()}_PROXY, or put the host of {ENDPOINT} into NO_PROXY."
        return failed("proxy", f"requests go through {where}, and there {opened.detail}", remedy)
    return passed("proxy", f"requests go through {where}")


def _check_name(host: str) -> Finding:
    remedy = (
        f"Compare the host in {ENDPOINT} with the resource's page, and see whether this computer is online."
    )
    try:
        found = within(CONNECT_SECONDS, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except TimeoutError:
        return failed(NAMES[1], f"{host} was not resolved within {CONNECT_SECONDS:.0f} seconds", remedy)
    except (OSError, UnicodeError):
        return failed(NAMES[1], f"no computer of the name {host} is known", remedy)
    return passed(NAMES[1], f"{host} has {len(found)} address{'es' if len(found) > 1 else ''}")


def _check_port(host: str, port: int) -> Finding:
    try:
        within(CONNECT_SECONDS, lambda: socket.create_connection((host, port), CONNECT_SECONDS).close())
    except ConnectionRefusedError:
        remedy = f"Start the server, or put its port into {ENDPOINT}."
        return failed(NAMES[2], f"port {port} is refused: nothing listens there", remedy)
    except OSError:
        remedy = (
            "A firewall or a private network may be in between. Ask whoever runs the network or the resource."
        )
        return failed(NAMES[2], f"port {port} did not answer within {CONNECT_SECONDS:.0f} seconds", remedy)
    return passed(NAMES[2], f"port {port} is open")


def _check_certificate(host: str, port: int) -> Finding:
    """Shake hands as each client would: with the certificates of the variable that it reads."""
    untrusted, version = {}, ""
    for clients, variables in _CA_VARIABLES.items():
        variable = next((name for name in variables if os.environ.get(name)), "")
        try:
            context = ssl.create_default_context(cafile=os.environ.get(variable) or _public_authorities())
        except (OSError, ssl.SSLError):
            remedy = f"Correct or unset {variable}: it names a PEM file of certificates."
            return failed(NAMES[3], f"the file that {variable} names cannot be read", remedy)
        try:
            version = within(CONNECT_SECONDS, lambda context=context: _handshake(host, port, context))
        except ssl.SSLCertVerificationError as error:
            untrusted[clients] = error.verify_message
        except TimeoutError:
            remedy = "A firewall may hold the connection. Ask whoever runs the network."
            return failed(NAMES[3], f"no handshake within {CONNECT_SECONDS:.0f} seconds", remedy)
        except OSError:
            remedy = f"If it is a server of your own without TLS, start {ENDPOINT} with http://."
            return failed(NAMES[3], "the server broke off the handshake", remedy)
    if untrusted:
        remedy = (
            "If your company checks traffic with its own certificate, put its PEM file into both REQUESTS_CA_BUNDLE "
            "and SSL_CERT_FILE. Never turn the check off."
        )
        some = "" if len(untrusted) == len(_CA_VARIABLES) else f" by {next(iter(untrusted))}"
        return failed(
            NAMES[3], f"the certificate is not trusted{some}: {next(iter(untrusted.values()))}", remedy
        )
    return passed(NAMES[3], f"{version}, the certificate is trusted")


def _handshake(host: str, port: int, context: ssl.SSLContext) -> str:
    with (
        socket.create_connection((host, port), CONNECT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        return secure.version() or "TLS"


def _public_authorities() -> str | None:
    """The certificates of certifi, which the clients trust unless a variable says otherwise; else the system's own."""
    try:
        import certifi
    except ModuleNotFoundError:
        return None
    return certifi.where()
