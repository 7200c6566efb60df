"""A throwaway certificate for this computer, so that clients can talk https to the offline endpoint and verify it."""

from __future__ import annotations

import atexit
import shutil
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

import trustme

NAMES = ("127.0.0.1", "localhost")
"""What the certificate is made out to."""


@dataclass(frozen=True)
class Certificate:
    """A certificate and the authority that signed it; both are forgotten with the process.

    Attributes:
        context: what the server answers with.
        ca_file: the authority's certificate in PEM, for clients to trust.
    """

    context: ssl.SSLContext
    ca_file: Path

    def remove(self) -> None:
        """Delete the file of the authority. It holds no private key."""
        shutil.rmtree(self.ca_file.parent, ignore_errors=True)


def make_certificate() -> Certificate:
    """Make an authority and let it sign one certificate for this computer; the file is deleted when Python ends."""
    authority = trustme.CA(organization_name="Offline endpoint, for rehearsal only")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(context)
    ca_file = Path(tempfile.mkdtemp(prefix="offline-endpoint-")) / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    certificate = Certificate(context, ca_file)
    atexit.register(certificate.remove)
    return certificate
