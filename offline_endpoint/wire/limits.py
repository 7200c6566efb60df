"""Bounds on what comes in: who is asked for, how many headers, how large a body, and how much it holds."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import time
import uuid
from collections.abc import Callable, Collection

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offline_endpoint.wire.record import Arrival, Record
from offline_endpoint.wire.service_error import ServiceError, invalid_body

# All of these are the offline endpoint's own limits. The largest request: the largest picture and the largest clip,
# both in base64; the most strings, lists and objects in it; and the longest wait for its next piece.
MAX_BODY_BYTES = 64_000_000
MAX_VALUES = 250_000
BODY_SECONDS = 30.0
MAX_HEADERS = 100

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
                state = scope.get("state", {})
                said, query = state.get("reply", ("", "")), scope["query_string"].decode("latin-1")
                asked = scope["method"], scope["path"], query, headers, state.get("fields"), size
                self._record.add(Arrival(*asked, message["status"], arrived, *said))
                reply_headers = MutableHeaders(scope=message)
                reply_headers["x-request-id"] = reply_headers["apim-request-id"] = str(uuid.uuid4())
                if "x-ms-client-request-id" in headers:
                    reply_headers["x-ms-client-request-id"] = headers["x-ms-client-request-id"]
            await send(message)

        refused = self._refusal(scope, headers.get("host", ""))
        if refused is not None:
            # What the headers were is left out: they may be many, or another's.
            headers = {}
        app = self._app if refused is None else JSONResponse(refused.body, status_code=refused.status)
        await app(scope, receive_and_count, note_and_send)

    def _refusal(self, scope: Scope, host: str) -> ServiceError | None:
        if len(scope["headers"]) > MAX_HEADERS:
            message = f"More than {MAX_HEADERS} headers were sent."
            return ServiceError(431, "RequestHeaderFieldsTooLarge", message)
        host = host.lower()
        name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0].rstrip(".")
        if name in self._names or name == (scope.get("server") or ("",))[0] or is_loopback(name):
            return None
        message = "The offline endpoint does not answer to this host name: start it with --name if it should."
        return ServiceError(421, "MisdirectedRequest", message)


def is_loopback(host: str) -> bool:
    """Whether a host, a name or an address, is this computer alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def read_body(request: Request, most: int = MAX_BODY_BYTES) -> bytearray:
    """The body of a request, if it is called JSON, of at most so many bytes and on its way; else a 415, 413 or 408."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        message = "The request body must be JSON, sent with Content-Type: application/json."
        raise ServiceError(415, "UnsupportedMediaType", message)
    body = bytearray()
    await receive(request, body.extend, most, f"The request is larger than {most / 1_000_000:g} MB.")
    return body


async def receive(request: Request, put: Callable[[bytes], object], most: int, too_large: str) -> None:
    """Hand over the pieces of a body as they come; a 413 beyond so many bytes, a 408 if the next does not arrive."""
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS) as clock:
            async for piece in request.stream():
                clock.reschedule(asyncio.get_running_loop().time() + BODY_SECONDS)
                size += len(piece)
                if size > most:
                    raise ServiceError(413, "RequestEntityTooLarge", too_large)
                put(piece)
    except TimeoutError:
        raise ServiceError(408, "RequestTimeout", "The request's body did not arrive.") from None


def check_values(body: bytes | bytearray) -> None:
    """Refuse a large body of many small values before it is parsed, which would take gigabytes; a 422."""
    if len(body) <= _SMALL:
        return
    for number, _ in enumerate(_VALUE.finditer(body)):
        if number > MAX_VALUES:
            raise invalid_body("too_many_values", f"The body holds more than {MAX_VALUES:,} values")
