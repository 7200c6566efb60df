"""Bounds on what comes in: who is asked for, how many headers, how large a body, and how much it holds."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import time
import uuid
from collections.abc import Collection
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offline_endpoint.wire.record import Record
from offline_endpoint.wire.service_error import ServiceError, invalid_input

# All of these are the offline endpoint's own limits.
MAX_BODY_BYTES = 64_000_000
"""The largest request: the largest picture and the largest clip, both in base64."""
MAX_HEADERS = 100
MAX_VALUES = 250_000
"""The most strings, lists and objects in a body."""
BODY_SECONDS = 30.0
"""The longest wait for the next piece of a body."""

_SMALL = 1_000_000
# A string without an end runs to the body's: were it no match, each quote in it would be tried again.
_VALUE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{,]', re.DOTALL)


class Gate:
    """Middleware that answers only those who ask for this endpoint by its name, and notes each request.

    A page in a browser can make a name of its own lead to this computer; such a request says that name in its Host.
    """

    def __init__(self, app: ASGIApp, record: Record, names: Collection[str]) -> None:
        self._app = app
        self._record = record
        self._names = {"localhost", *(name.lower().rstrip(".") for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        arrived = time.monotonic()
        size = 0
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}

        async def receive_and_count() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            return message

        async def note_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                query = scope["query_string"].decode("latin-1")
                body = scope.get("state", {}).get("fields")
                status = message["status"]
                self._record.add(
                    scope["method"],
                    scope["path"],
                    query,
                    headers,
                    body,
                    size,
                    status,
                    arrived,
                    scope.get("state", {}).get("reply", ("", "")),
                )
                reply_headers = MutableHeaders(scope=message)
                reply_headers["x-request-id"] = reply_headers["apim-request-id"] = str(uuid.uuid4())
                if "x-ms-client-request-id" in headers:
                    reply_headers["x-ms-client-request-id"] = headers["x-ms-client-request-id"]
            await send(message)

        refused = self._refusal(scope, headers.get("host", ""))
        if refused is None:
            await self._app(scope, receive_and_count, note_and_send)
        else:
            # What the headers were is left out: they may be many, or another's.
            headers = {}
            await JSONResponse(refused.body, status_code=refused.status)(scope, receive, note_and_send)

    def _refusal(self, scope: Scope, host: str) -> ServiceError | None:
        if len(scope["headers"]) > MAX_HEADERS:
            return ServiceError(
                431, "RequestHeaderFieldsTooLarge", f"More than {MAX_HEADERS} headers were sent."
            )
        name = _without_port(host)
        if name in self._names or name == (scope.get("server") or ("",))[0] or _is_loopback(name):
            return None
        message = "The offline endpoint does not answer to this host name: start it with --name if it should."
        return ServiceError(421, "MisdirectedRequest", message)


def _without_port(host: str) -> str:
    host = host.lower()
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0].rstrip(".")


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


async def read_body(request: Request) -> bytearray:
    """The body of a request, if it is called JSON, in bounds and on its way; else a 415, 413 or 408."""
    media_type = Headers(scope=request.scope).get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        message = "The request body must be JSON, sent with Content-Type: application/json."
        raise ServiceError(415, "UnsupportedMediaType", message)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS) as clock:
            async for piece in request.stream():
                clock.reschedule(asyncio.get_running_loop().time() + BODY_SECONDS)
                body += piece
                if len(body) > MAX_BODY_BYTES:
                    message = f"The request is larger than {MAX_BODY_BYTES // 1_000_000} MB."
                    raise ServiceError(413, "RequestEntityTooLarge", message)
    except TimeoutError:
        raise ServiceError(408, "RequestTimeout", "The request's body did not arrive.") from None
    return body


def check_values(body: bytearray) -> None:
    """Refuse a large body of many small values before it is parsed, which would take gigabytes; a 422."""
    if len(body) <= _SMALL:
        return
    for number, _ in enumerate(_VALUE.finditer(body)):
        if number > MAX_VALUES:
            detail: dict[str, Any] = {"type": "too_many_values", "loc": ["body"], "input": None}
            raise invalid_input([{**detail, "msg": f"The body holds more than {MAX_VALUES:,} values"}])
