"""What an exception of any client tells about a failed request: status, code, fields, and what lies underneath."""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_LONGEST_SENTENCE = 300
"""Characters of the service's message that are kept."""

_CLIENTS = ("azure.", "openai")
_KEY_VARIABLES = (
    "AZURE_INFERENCE_CREDENTIAL",
    "OPENAI_API_KEY",
    "AZURE_OPENAI_API_KEY",
    "AZURE_CLIENT_SECRET",
)
# A JSON Web Token, the signature of a signed link, and the long run of letters and digits that a key is.
_SECRET = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*|(?<=sig=)[^&\s]+|\b[A-Za-z0-9]{32,}\b")


@dataclass(frozen=True)
class Failure:
    """The facts of one failed request; what the exception does not tell is empty or None.

    Attributes:
        kinds: names of the exception's classes, and of those of the exceptions that caused it.
        said: the texts of all these exceptions. They may hold a key: for looking up, never for showing.
        setting: the environment variable that was looked for in vain.
        status: HTTP status of the reply.
        code: the service's short name for what was wrong.
        message: the service's sentence, with secrets blanked.
        fields: `place: problem` for each wrong field of the request.
        categories: what a content filter objected to, between commas.
        retry_after: how long the reply's header asks to wait, as words, or None.
        path: of the request's address, without the query.
        audience: whom the token sent was made out to.
        is_expired: whether the token sent had expired.
    """

    kinds: frozenset[str]
    said: str
    setting: str = ""
    status: int | None = None
    code: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()
    categories: str = ""
    retry_after: str | None = None
    path: str = ""
    audience: str | None = None
    is_expired: bool = False


def read_failure(error: BaseException) -> Failure:
    """Gather the facts from an exception of azure-core, azure-identity, openai or requests."""
    chain = list(_chain(error))
    kinds = frozenset(cls.__name__ for link in chain for cls in type(link).__mro__)
    said = "\n".join(str(link) for link in chain)
    response = getattr(error, "response", None)
    if response is None:
        return Failure(kinds, said, setting=_setting(error))
    request = getattr(response, "request", None)
    headers = {
        _text(name).lower(): _text(value) for name, value in (getattr(request, "headers", None) or {}).items()
    }
    body = _error_object(error, response)
    audience, is_expired = _token_claims(headers.get("authorization", ""))

    def clean(text: Any) -> str:
        return _without_secrets(" ".join(str(text).split()), headers)[:_LONGEST_SENTENCE]

    return Failure(
        kinds,
        said,
        status=response.status_code,
        code=clean(body.get("code") or ""),
        message=clean(body.get("message") or ""),
        fields=tuple(clean(line) for line in _fields(body)),
        categories=clean(", ".join(_categories(body))),
        retry_after=_wait(clean(response.headers.get("retry-after") or "")),
        path=urlsplit(str(getattr(request, "url", ""))).path,
        audience=audience and clean(audience),
        is_expired=is_expired,
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, down to the operating system's own."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        yield link
        seen.add(id(link))
        # azure-core keeps the cause in `inner_exception`, httpcore only as the context.
        link = link.__cause__ or getattr(link, "inner_exception", None) or link.__context__
        # Another client's error down here is one that was being handled already: a failure of its own.
        if type(link).__module__.startswith(_CLIENTS):
            return


def _text(header: str | bytes) -> str:
    return header.decode("latin-1") if isinstance(header, bytes) else header


def _setting(error: BaseException) -> str:
    name = str(error.args[0]) if isinstance(error, KeyError) and error.args else ""
    return name if re.fullmatch(r"(AZURE|OPENAI)_[A-Z_]+", name) else ""


def _error_object(error: BaseException, response: Any) -> dict[str, Any]:
    """The `error` object of the reply's JSON, whichever form the server has for it."""
    try:
        body = response.json()
    except Exception:
        # Each client has exceptions of its own for a body that is no JSON or was never read. What `openai` kept is
        # then all there is; explaining one error must not raise another.
        body = getattr(error, "body", None)
    if not isinstance(body, Mapping):
        return {}
    inner = body.get("error", body)
    # What FastAPI, which many local servers are made with, calls the sentence.
    if isinstance(body.get("detail"), str) and "error" not in body and "message" not in body:
        return {"message": body["detail"]}
    if isinstance(inner, str):
        return {"code": inner, "message": body.get("error_description") or body.get("message") or inner}
    return dict(inner) if isinstance(inner, Mapping) else {}


def _fields(body: Mapping[str, Any]) -> Iterator[str]:
    details = body.get("details")
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, Mapping) and isinstance(detail.get("loc"), list):
            place = ".".join(str(step) for step in detail["loc"] if step != "body")
            yield f"{place or 'body'}: {detail.get('msg', 'not accepted')}"


def _categories(body: Mapping[str, Any]) -> Iterator[str]:
    inner = body.get("innererror")
    if not isinstance(inner, Mapping):
        return
    # The service's pages show the name in both numbers.
    verdicts = inner.get("content_filter_result") or inner.get("content_filter_results")
    for category, verdict in verdicts.items() if isinstance(verdicts, Mapping) else ():
        if isinstance(verdict, Mapping) and verdict.get("filtered"):
            yield str(category).replace("_", " ")


def _wait(retry_after: str) -> str | None:
    """The header in words: RFC 9110 allows seconds or a date, and the service also sends fractions of a second."""
    if not retry_after:
        return None
    is_number = retry_after.replace(".", "", 1).isdecimal()
    return f"{retry_after} seconds" if is_number else f"until {retry_after}"


def _token_claims(authorization: str) -> tuple[str | None, bool]:
    """Audience and expiry of a bearer token, unverified: for words about it, not for deciding anything."""
    token = authorization.partition(" ")[2].split(".")
    if len(token) != 3:
        return None, False
    try:
        claims = json.loads(base64.urlsafe_b64decode(token[1] + "=" * (-len(token[1]) % 4)))
        return str(claims["aud"]), float(claims["exp"]) < time.time()
    except (ValueError, KeyError, TypeError):
        return None, False


def _without_secrets(text: str, headers: Mapping[str, str]) -> str:
    sent = (headers.get("api-key"), headers.get("authorization", "").partition(" ")[2])
    for secret in (*sent, *map(os.environ.get, _KEY_VARIABLES)):
        if secret:
            # As a whole word: a key that was mistaken for one letter would blank that letter everywhere.
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", text)
    return _SECRET.sub("***", text)
