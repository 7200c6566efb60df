"""The offline endpoint over https, with an issuer of tokens: what the sign-in with Entra ID is rehearsed against."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path

from offline_endpoint.server import Running, start
from offline_endpoint.wire.record import Record
from tests.https.certificate import Certificate, make_certificate
from tests.https.issuer import Registration, issuer_routes


@dataclass(frozen=True)
class Secure:
    """An endpoint that speaks TLS with a throwaway certificate, and the application that may ask it for tokens."""

    running: Running
    certificate: Certificate
    registration: Registration

    @property
    def origin(self) -> str:
        return self.running.origin

    @property
    def key(self) -> str:
        return self.running.key

    @property
    def secret(self) -> str:
        return self.running.secret

    @property
    def record(self) -> Record:
        return self.running.record

    @property
    def ca_file(self) -> Path:
        return self.certificate.ca_file

    def stop(self) -> None:
        self.running.stop()
        self.certificate.remove()


def start_secure() -> Secure:
    """Start the endpoint over https, with a new certificate, tenant and application."""
    certificate = make_certificate()
    made = []

    def routes(origin, secret):
        known = str(uuid.uuid4()), str(uuid.uuid4()), secrets.token_hex(32)
        made.append(Registration(origin, *known, certificate.ca_file))
        return issuer_routes(made[0], secret)

    running = start(more=routes, context=certificate.context)
    return Secure(running, certificate, made[0])
