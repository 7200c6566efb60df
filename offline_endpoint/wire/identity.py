"""Who may call: the endpoint's key in either header, or a bearer token for the service's audience."""

from __future__ import annotations

import hmac
import time
from typing import Any

import jwt
from azure.core.credentials import AccessToken

from offline_endpoint.wire.service_error import ServiceError

# What a token may be made out to: the first is meant for /models, the second for /openai/v1; either opens both.
AUDIENCES = ("https://cognitiveservices.azure.com", "https://ai.azure.com")
_ALGORITHM = "HS256"
# How long a token is good for: an hour, the least that Entra ID gives; source: its page on token lifetimes.
TOKEN_SECONDS = 3600


def sign_token(audience: str, secret: str, *, expires: int) -> str:
    """A token as the offline endpoint checks it; `expires` is Unix time in seconds."""
    return jwt.encode({"aud": audience, "exp": expires}, secret, algorithm=_ALGORITHM)


class StandInCredential:
    """A token credential for rehearsing: it has the interface of azure-identity's credentials.

    Where those ask Microsoft Entra ID for a token, this one signs a token itself, for the audience that the scope
    names. The offline endpoint checks signature, audience and expiry, so a wrong scope fails as it does in the cloud.
    `secret` is what the endpoint checks signatures with; `seconds` less than 0 make expired tokens.
    """

    def __init__(self, secret: str, *, seconds: int = TOKEN_SECONDS) -> None:
        self._secret, self._seconds = secret, seconds

    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        """Sign a token for the first scope's audience; ValueError if there is none."""
        if not scopes:
            raise ValueError(f"A token needs a scope, for example {AUDIENCES[0]}/.default.")
        expires = int(time.time()) + self._seconds
        audience = scopes[0].removesuffix(".default").rstrip("/")
        return AccessToken(sign_token(audience, self._secret, expires=expires), expires)


def check_caller(api_key: str, authorization: str, *, key: str | None, secret: str) -> None:
    """Let a caller in or refuse.

    Both headers are empty when absent. `key` is what to compare with, None to take any, `secret` what tokens are
    signed with. Raises a 401, worded as the service words it for a wrong key and for a wrong token.
    """
    scheme, _, bearer = authorization.partition(" ")
    given = [value for value in (api_key, bearer.strip() if scheme.lower() == "bearer" else "") if value]
    if key is None and given:
        return
    if any(hmac.compare_digest(value.encode(), (key or "").encode()) for value in given):
        return
    # A JSON Web Token has three parts between dots; anything else was meant as a key.
    if given and given[-1].count(".") == 2:
        _check_token(given[-1], secret)
        return
    message = "auth token validation failed: the key is missing or is not a key of this resource."
    raise ServiceError(401, "Unauthorized", message, details={"status": 401})


def _check_token(token: str, secret: str) -> None:
    audience = [name + end for name in AUDIENCES for end in ("", "/")]
    try:
        jwt.decode(token, secret, [_ALGORITHM], {"require": ["exp", "aud"]}, audience=audience)
    except jwt.InvalidTokenError:
        message = (
            "Unauthorized. Access token is missing, invalid, audience is incorrect "
            f"({' or '.join(AUDIENCES)}), or have expired."
        )
        raise ServiceError(401, "Unauthorized", message, bare=True) from None
