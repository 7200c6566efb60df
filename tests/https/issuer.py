"""A test token issuer: the part of Microsoft Entra ID that azure-identity's ClientSecretCredential talks to."""

from __future__ import annotations

import hmac
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from offline_endpoint.wire.identity import AUDIENCES, TOKEN_SECONDS, sign_token

RESOURCES = (*AUDIENCES, "https://ml.azure.com")
"""What tokens are given out for. The last is azure-ai-inference's default scope; the endpoint refuses its tokens."""

MAX_FORM_BYTES = 100_000
"""The largest token request taken; the issuer's own limit."""


@dataclass(frozen=True)
class Registration:
    """The one application that the issuer knows, as an app registration in Entra ID would be written down.

    Attributes:
        authority: the issuer's address.
        tenant_id: directory the application is in.
        client_id: the application.
        client_secret: its secret.
        ca_file: certificate to trust the issuer by.
    """

    authority: str
    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)
    ca_file: Path

    def options(self) -> dict[str, Any]:
        """Keywords for azure-identity's ClientSecretCredential, sync or async.

        Instance discovery asks Microsoft's own servers whether an authority is known, which this one is not.
        """
        return {
            "authority": self.authority,
            "tenant_id": self.tenant_id,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "disable_instance_discovery": True,
            "connection_verify": str(self.ca_file),
        }


def issuer_routes(registration: Registration, secret: str) -> list[Route]:
    """The two addresses of a tenant that a credential uses: what it offers, and where it gives tokens.

    Args:
        registration: who may ask.
        secret: what tokens are signed with.
    """
    base = f"{registration.authority}/{registration.tenant_id}"

    async def describe(request: Request) -> Response:
        if request.path_params["tenant"] != registration.tenant_id:
            return _refusal(
                400, "invalid_tenant", 90002, "Tenant not found. Check that it is the right tenant ID."
            )
        return JSONResponse(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
            }
        )

    async def give_token(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_FORM_BYTES:
                return _refusal(400, "invalid_request", 90100, "The request body is too large.")
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        return _answer(form, request.path_params["tenant"], registration, secret)

    return [
        Route("/{tenant}/v2.0/.well-known/openid-configuration", describe, methods=["GET"]),
        Route("/{tenant}/oauth2/v2.0/token", give_token, methods=["POST"]),
    ]


def _answer(form: dict[str, str], tenant: str, registration: Registration, secret: str) -> Response:
    """Give a token or refuse, with the codes of Microsoft's page "Microsoft Entra authentication error codes"."""
    if tenant != registration.tenant_id:
        return _refusal(
            400, "invalid_request", 90002, "Tenant not found. Check that it is the right tenant ID."
        )
    if form.get("grant_type") != "client_credentials":
        message = "The app requested an unsupported grant type. This issuer knows client_credentials only."
        return _refusal(400, "unsupported_grant_type", 70003, message)
    if form.get("client_id") != registration.client_id:
        message = "Application with this identifier was not found in the directory."
        return _refusal(400, "unauthorized_client", 700016, message)
    if not hmac.compare_digest(form.get("client_secret", "").encode(), registration.client_secret.encode()):
        return _refusal(401, "invalid_client", 7000215, "Invalid client secret provided.")
    # A credential may add scopes of OpenID Connect by itself; what is left names the resource.
    scopes = [
        scope
        for scope in form.get("scope", "").split()
        if scope not in ("openid", "profile", "offline_access")
    ]
    if len(scopes) != 1 or not scopes[0].endswith("/.default"):
        message = (
            "The provided value for scope is not valid. Client credential flows must have a scope value with "
            "/.default suffixed to the resource identifier (application ID URI)."
        )
        return _refusal(400, "invalid_scope", 1002012, message)
    resource = scopes[0].removesuffix("/.default").rstrip("/")
    if resource not in RESOURCES:
        message = "The resource principal of this scope was not found in the tenant."
        return _refusal(400, "invalid_resource", 500011, message)
    token = sign_token(resource, secret, expires=int(time.time()) + TOKEN_SECONDS)
    return JSONResponse(
        {
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "ext_expires_in": TOKEN_SECONDS,
            "access_token": token,
        },
        headers={"Cache-Control": "no-store"},
    )


def _refusal(status: int, error: str, code: int, message: str) -> Response:
    trace = str(uuid.uuid4())
    body = {
        "error": error,
        "error_description": f"AADSTS{code}: {message} Trace ID: {trace}",
        "error_codes": [code],
        "trace_id": trace,
    }
    return JSONResponse(body, status_code=status)
