"""Whether a server can be reached: its name, its port, its certificate; each within a time."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from helpers.settings import ENDPOINT
from workbench.check.report import Finding, failed, passed, skipped

Result = TypeVar("Result")

CONNECT_SECONDS = 10.0
NAMES = ("name resolution", "connection", "TLS")


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


def check_connection(url: str) -> list[Finding]:
    """Resolve, connect and shake hands, one finding each; after the first failure the others are skipped.

    Args:
        url: http or https, well-formed.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    if parts.scheme in getproxies() and not proxy_bypass(host):
        return [
            skipped(name, "requests go through the proxy that this computer is set up with") for name in NAMES
        ]
    findings = [_check_name(host)]
    if findings[-1].remedy:
        return _rest_skipped(findings)
    findings.append(_check_port(host, port))
    if findings[-1].remedy:
        return _rest_skipped(findings)
    if parts.scheme == "http":
        return [*findings, skipped("TLS", "the address starts with http://")]
    return [*findings, _check_certificate(host, port)]


def _rest_skipped(findings: list[Finding]) -> list[Finding]:
    reason = f"needs the {findings[-1].name}"
    return findings + [skipped(name, reason) for name in NAMES[len(findings) :]]


def _check_name(host: str) -> Finding:
    remedy = (
        f"Compare the host in {ENDPOINT} with the resource's page, and see whether this computer is online."
    )
    try:
        found = within(CONNECT_SECONDS, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except TimeoutError:
        return failed(NAMES[0], f"{host} was not resolved within {CONNECT_SECONDS:.0f} seconds", remedy)
    except (OSError, UnicodeError):
        return failed(NAMES[0], f"no computer of the name {host} is known", remedy)
    return passed(NAMES[0], f"{host} has {len(found)} address{'es' if len(found) > 1 else ''}")


def _check_port(host: str, port: int) -> Finding:
    try:
        within(CONNECT_SECONDS, lambda: socket.create_connection((host, port), CONNECT_SECONDS).close())
    except ConnectionRefusedError:
        remedy = f"Start the server, or put its port into {ENDPOINT}."
        return failed(NAMES[1], f"port {port} is refused: nothing listens there", remedy)
    except OSError:
        remedy = (
            "A firewall or a private network may be in between. Ask whoever runs the network or the resource."
        )
        return failed(NAMES[1], f"port {port} did not answer within {CONNECT_SECONDS:.0f} seconds", remedy)
    return passed(NAMES[1], f"port {port} is open")


def _check_certificate(host: str, port: int) -> Finding:
    ca_file = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or _public_authorities()
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError):
        remedy = (
            "Correct or unset REQUESTS_CA_BUNDLE and SSL_CERT_FILE: they name a PEM file of certificates."
        )
        return failed(NAMES[2], "the file of trusted certificates cannot be read", remedy)

    def shake_hands() -> str:
        with (
            socket.create_connection((host, port), CONNECT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            return secure.version() or "TLS"

    try:
        version = within(CONNECT_SECONDS, shake_hands)
    except ssl.SSLCertVerificationError as error:
        remedy = (
            "If your company checks traffic with its own certificate, put its PEM file into REQUESTS_CA_BUNDLE and "
            "SSL_CERT_FILE. Never turn the check off."
        )
        return failed(NAMES[2], f"the certificate is not trusted: {error.verify_message}", remedy)
    except TimeoutError:
        remedy = "A firewall may hold the connection. Ask whoever runs the network."
        return failed(NAMES[2], f"no handshake within {CONNECT_SECONDS:.0f} seconds", remedy)
    except OSError:
        remedy = f"If it is a server of your own without TLS, start {ENDPOINT} with http://."
        return failed(NAMES[2], "the server broke off the handshake", remedy)
    return passed(NAMES[2], f"{version}, the certificate is trusted")


def _public_authorities() -> str | None:
    """The certificates that `requests`, and so Azure's client, trusts; else the system's own."""
    try:
        import certifi
    except ModuleNotFoundError:
        return None
    return certifi.where()
