"""The HTTP application: routes, auth, errors and streaming as the service has them."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import string
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpers import tokens
from offline_endpoint.wire import contract, faults, parts
from offline_endpoint.wire.conversation import Turn
from offline_endpoint.wire.deployments import DEFAULT, DEPLOYMENTS, REPLY_MODEL, Deployment
from offline_endpoint.wire.identity import check_caller
from offline_endpoint.wire.issuer import Registration, issuer_routes
from offline_endpoint.wire.record import Record
from offline_endpoint.wire.service_error import ServiceError, refused_value

DATA = Path(__file__).parents[2] / "data"

MAX_BODY_BYTES = 64_000_000
"""The largest request; the offline endpoint's own limit: the largest picture and the largest clip, both in base64."""

MODELS_VERSIONS = {"2024-05-01-preview", "2024-08-01-preview", "2024-12-01-preview", "2025-04-01"}
"""Versions of the model inference API that were published; the client sends the first unless told otherwise."""

V1_VERSIONS = {"v1", "preview"}
"""The v1 route needs no version and takes these two."""


REPLIES_AT_ONCE = 100
"""Threads that work on replies, most of them waiting for a reader; others wait for one of these.

They are apart from the threads that serve samples: a reply to a URL waits for a sample of this very server.
"""


@dataclass(frozen=True)
class _Reply:
    """What is said, why it ended, and what it cost."""

    text: str
    finish_reason: str
    usage: dict[str, int]


def create_app(
    *, key: str | None, secret: str, record: Record, registration: Registration | None = None
) -> Starlette:
    """Build the application.

    Args:
        key: the key callers must send, or None to take any.
        secret: what bearer tokens are signed with.
        record: where arrivals are noted.
        registration: the application that may ask for tokens, or None to give none out.
    """
    routes = [
        Route("/models/chat/completions", _chat, methods=["POST"]),
        Route("/models/info", _model_info, methods=["GET"]),
        Route("/openai/v1/chat/completions", _chat, methods=["POST"]),
        Route("/openai/v1/models", _model_list, methods=["GET"]),
        Route("/health", _health, methods=["GET"]),
        *(
            Mount(f"{parts.SAMPLES_PATH}{folder}", StaticFiles(directory=DATA / folder))
            for folder in ("charts", "clips")
        ),
        *(issuer_routes(registration, secret) if registration else ()),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(_Arrivals, record=record)],
        exception_handlers={ServiceError: _refuse, HTTPException: _refuse_http, Exception: _fail},
    )
    app.state.key = key
    app.state.secret = secret
    app.state.faults = faults.Faults()
    app.state.replies = anyio.CapacityLimiter(REPLIES_AT_ONCE)
    return app


class _Arrivals:
    """Middleware that notes each request in the record and gives each reply a request id."""

    def __init__(self, app: ASGIApp, record: Record) -> None:
        self._app = app
        self._record = record

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        arrived = time.monotonic()
        body = bytearray()
        headers = Headers(scope=scope)

        async def receive_and_keep() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def note_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                query = scope["query_string"].decode("latin-1")
                self._record.add(
                    scope["method"],
                    scope["path"],
                    query,
                    dict(headers),
                    body,
                    message["status"],
                    arrived,
                    scope.get("state", {}).get("reply", ("", "")),
                )
                request_id = str(uuid.uuid4())
                reply_headers = MutableHeaders(scope=message)
                reply_headers["x-request-id"] = request_id
                reply_headers["apim-request-id"] = request_id
                if "x-ms-client-request-id" in headers:
                    reply_headers["x-ms-client-request-id"] = headers["x-ms-client-request-id"]
            await send(message)

        await self._app(scope, receive_and_keep, note_and_send)


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _model_info(request: Request) -> Response:
    _let_in(request)
    _check_version(request)
    return JSONResponse(
        {
            "model_name": REPLY_MODEL,
            "model_type": "chat-completion",
            "model_provider_name": "offline endpoint",
        }
    )


async def _model_list(request: Request) -> Response:
    _let_in(request)
    _check_version(request)
    models = [
        {"id": deployment.name, "object": "model", "created": 0, "owned_by": deployment.provider}
        for deployment in DEPLOYMENTS.values()
    ]
    return JSONResponse({"object": "list", "data": models})


async def _chat(request: Request) -> Response:
    _let_in(request)
    _check_version(request)
    met: list[faults.Fault] = []
    if faults.HEADER in request.headers:
        met = request.app.state.faults.next(request.headers[faults.HEADER])
    body = await _read_body(request)
    for refused in filter(None, map(faults.refusal, met)):
        raise refused
    await asyncio.sleep(sum(fault.seconds for fault in met if fault.name == "slow"))
    chat = await run_in_threadpool(contract.parse, body, unknown=_unknown_parameters(request))
    deployment = _deployment(chat.model)
    host, port = request.scope["server"]
    reply = await anyio.to_thread.run_sync(
        _reply, chat, deployment, (host, port), limiter=request.app.state.replies
    )
    is_v1 = _is_v1(request)
    envelope = _envelope(is_v1=is_v1)
    request.state.reply = (envelope["id"], reply.text)
    if not chat.stream:
        message = {"role": "assistant", "content": reply.text, "refusal": None, "tool_calls": None}
        choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason, "logprobs": None}
        whole = JSONResponse(
            {**envelope, "object": "chat.completion", "choices": [choice], "usage": reply.usage}
        )
        if any(fault.name == "cut" for fault in met):
            return StreamingResponse(_send_half(whole.body), headers=dict(whole.headers))
        return whole
    chunks = _chunks(reply, envelope, is_v1=is_v1, chat=chat)
    return StreamingResponse(
        _send_stream(
            chunks,
            cut=any(fault.name in ("cut", "cut-stream") for fault in met),
            pace=sum(fault.seconds for fault in met if fault.name == "pace"),
        ),
        media_type="text/event-stream",
    )


def _is_v1(request: Request) -> bool:
    return request.url.path.startswith("/openai/v1/")


def _let_in(request: Request) -> None:
    state = request.app.state
    headers = request.headers
    check_caller(
        headers.get("api-key", ""), headers.get("authorization", ""), key=state.key, secret=state.secret
    )


def _check_version(request: Request) -> None:
    version = request.query_params.get("api-version")
    if version is None and not _is_v1(request):
        raise ServiceError(404, "404", "Resource not found: the query parameter api-version is missing.")
    if version is not None and version not in (V1_VERSIONS if _is_v1(request) else MODELS_VERSIONS):
        raise ServiceError(400, "BadRequest", f"API version not supported: {version[:40]}")


def _unknown_parameters(request: Request) -> Any:
    wanted = request.headers.get("extra-parameters", "error")
    if wanted not in ("error", "drop", "pass-through"):
        raise ServiceError(
            400, "BadRequest", "The header extra-parameters must be error, drop or pass-through."
        )
    return wanted


async def _read_body(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ServiceError(
            415,
            "UnsupportedMediaType",
            "The request body must be JSON, sent with Content-Type: application/json.",
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise ServiceError(
                413, "RequestEntityTooLarge", f"The request is larger than {MAX_BODY_BYTES // 1_000_000} MB."
            )
    return bytes(body)


def _deployment(name: str | None) -> Deployment:
    # The service's default deployment answers where a request names none, which is how many clients send it.
    if name is None:
        return DEPLOYMENTS[DEFAULT]
    if name not in DEPLOYMENTS:
        message = (
            f"The API deployment {name[:60]!r} for this resource does not exist. "
            f"This endpoint has: {', '.join(DEPLOYMENTS)}."
        )
        raise ServiceError(404, "DeploymentNotFound", message, details={"status": 404})
    return DEPLOYMENTS[name]


def _reply(chat: contract.ChatRequest, deployment: Deployment, own: tuple[str, int]) -> _Reply:
    """Decode, check the deployment's limits, read and answer; runs in a worker thread."""
    as_json = _wants_json(chat)
    limit = chat.reply_limit
    if limit is not None and limit > deployment.output_tokens:
        field = "max_tokens" if chat.max_completion_tokens is None else "max_completion_tokens"
        message = f"{limit} is more than the {deployment.output_tokens} tokens that {deployment.name} can reply with."
        raise refused_value(["body", field], "invalid_value", message, limit)
    turns = _turns(chat, deployment, own)
    try:
        prompt_tokens = _prompt_tokens(turns, deployment)
    except ValueError as error:
        raise refused_value(["body", "messages"], "invalid_image", str(error)) from None
    if prompt_tokens > deployment.input_tokens:
        message = (
            f"The messages weigh {prompt_tokens} tokens; {deployment.name} takes {deployment.input_tokens}. "
            "Shorten them or send smaller pictures."
        )
        raise refused_value(["body", "messages"], "context_length_exceeded", message)
    # Imported late: the readers behind it take longer to import than the endpoint takes to start.
    from offline_endpoint.answers import answer

    text = answer(turns, as_json=as_json, most_tokens=_most_tokens(chat, deployment))
    if as_json:
        _check_schema(text, chat)
    return _finish(text, chat, deployment, prompt_tokens)


def _turns(chat: contract.ChatRequest, deployment: Deployment, own: tuple[str, int]) -> list[Turn]:
    turns = []
    for number, message in enumerate(chat.messages):
        place = ["body", "messages", number, "content"]
        if isinstance(message.content, str):
            turns.append(Turn(message.role, message.content))
            continue
        _check_parts(message, deployment, place)
        pictures, clips, texts = [], [], []
        for index, part in enumerate(message.content):
            at = [*place, index, part.type]
            if isinstance(part, contract.TextPart):
                texts.append(part.text)
            elif isinstance(part, contract.ImagePart):
                url = part.image_url
                pictures.append(parts.picture_from_url(url.url, url.detail, [*at, "url"], own))
            elif isinstance(part, contract.InputAudioPart):
                clips.append(parts.clip_from_base64(part.input_audio.data, part.input_audio.format, at))
            else:
                clips.append(parts.clip_from_url(part.audio_url.url, [*at, "url"], own))
        turns.append(Turn(message.role, "\n".join(texts), tuple(pictures), tuple(clips)))
    most = deployment.pictures_a_request
    if most is not None and sum(len(turn.pictures) for turn in turns) > most:
        raise _too_many_pictures(most, ["body", "messages"])
    return _keep_last_picture(turns) if deployment.keeps_last_picture else turns


def _check_parts(message: contract.Message, deployment: Deployment, place: list[str | int]) -> None:
    kinds = [part.type for part in message.content if not isinstance(part, str)]
    for index, kind in enumerate(kinds):
        if kind != "text" and message.role != "user":
            text = f"Only a user message may hold {kind}, this one is from {message.role}."
            raise refused_value([*place, index, "type"], "invalid_value", text, kind)
        if kind in ("input_audio", "audio_url") and not deployment.takes_sound:
            text = (
                f"Invalid value: '{kind}'. Supported values are: 'text','image_url','audio_url',and 'refusal'"
            )
            if kind == "audio_url":
                text = f"Invalid value: '{kind}'. {deployment.name} takes no audio."
            raise refused_value([*place, index, "type"], "invalid_value", text, kind, verbatim=True)
    if kinds.count("image_url") > deployment.pictures_a_turn:
        raise _too_many_pictures(deployment.pictures_a_turn, place)


def _too_many_pictures(most: int, place: list[str | int]) -> ServiceError:
    message = f"At most {most} image(s) may be provided in one request."
    return refused_value(place, "too_many_images", message, verbatim=True)


def _keep_last_picture(turns: list[Turn]) -> list[Turn]:
    last = max((number for number, turn in enumerate(turns) if turn.pictures), default=None)
    return [turn if number == last else replace(turn, pictures=()) for number, turn in enumerate(turns)]


def _prompt_tokens(turns: list[Turn], deployment: Deployment) -> int:
    # Four tokens a message and three for the reply's start are what OpenAI's cookbook counts for its chat format.
    count = 3
    for turn in turns:
        count += 4 + tokens.text_tokens(turn.text)
        count += sum(deployment.picture_tokens(pic.width, pic.height, pic.detail) for pic in turn.pictures)
        count += sum(deployment.sound_tokens(clip.seconds) for clip in turn.clips)
    return count


def _most_tokens(chat: contract.ChatRequest, deployment: Deployment) -> int:
    return min(chat.reply_limit or deployment.output_tokens, deployment.output_tokens)


def _finish(text: str, chat: contract.ChatRequest, deployment: Deployment, prompt_tokens: int) -> _Reply:
    """Cut the text at the first stop sequence or at the token limit, whichever comes first, and count."""
    finish_reason = "stop"
    ends = [text.index(sequence) for sequence in chat.stop_sequences if sequence in text]
    text = text[: min(ends, default=len(text))]
    limit = _most_tokens(chat, deployment)
    if tokens.text_tokens(text) > limit:
        text = text[: limit * tokens.CHARACTERS_PER_TOKEN]
        finish_reason = "length"
    completion = tokens.text_tokens(text)
    usage = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion,
        "total_tokens": prompt_tokens + completion,
    }
    return _Reply(text, finish_reason, usage)


def _wants_json(chat: contract.ChatRequest) -> bool:
    wanted = chat.response_format
    if wanted is None or wanted.type == "text":
        return False
    place: list[str | int] = ["body", "response_format"]
    if wanted.type == "json_schema" and (wanted.json_schema is None or wanted.json_schema.schema_ is None):
        raise refused_value(
            [*place, "json_schema"], "invalid_value", "A schema is needed for type json_schema."
        )
    if wanted.type == "json_object" and "json" not in chat.model_dump_json(include={"messages"}).lower():
        # OpenAI's API reference asks for this, so that a model does not go on writing white space for ever.
        message = "The messages must contain the word 'json' to use response_format of type json_object."
        raise refused_value(place, "invalid_value", message)
    return True


def _check_schema(text: str, chat: contract.ChatRequest) -> None:
    """Refuse a schema that the reader's one form of JSON does not follow."""
    wanted = chat.response_format
    if wanted is None or wanted.json_schema is None or wanted.json_schema.schema_ is None:
        return
    import jsonschema

    place = ["body", "response_format", "json_schema", "schema"]
    found = json.loads(text)
    try:
        jsonschema.validate(found, wanted.json_schema.schema_)
    except jsonschema.SchemaError as error:
        raise refused_value(place, "invalid_json_schema", f"Invalid schema: {error.message[:200]}") from None
    except jsonschema.ValidationError as error:
        message = (
            "The offline reader writes one form of JSON, the data behind a chart, and it does not fit this schema: "
            f"{error.message[:200]}"
        )
        if "note" in found:
            message = f"The data behind the chart do not fit into this reply: {found['note']}."
        raise refused_value(place, "unsupported_json_schema", message) from None


def _envelope(*, is_v1: bool) -> dict[str, Any]:
    letters = string.ascii_letters + string.digits
    made_up = "chatcmpl-" + "".join(secrets.choice(letters) for _ in range(29)) if is_v1 else uuid.uuid4().hex
    return {"id": made_up, "created": int(time.time()), "model": REPLY_MODEL}


def _chunks(
    reply: _Reply, envelope: dict[str, Any], *, is_v1: bool, chat: contract.ChatRequest
) -> Iterator[dict[str, Any]]:
    """A reply as stream chunks: the role comes first, the finish reason last.

    On /models the last chunk also holds the usage; on v1 the usage is a chunk of its own, sent when asked for.
    """

    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return {**envelope, "object": "chat.completion.chunk", "choices": [choice]}

    yield chunk({"role": "assistant", "content": ""})
    for word in re.findall(r"\s*\S+|\s+$", reply.text):
        yield chunk({"content": word})
    last = chunk({}, reply.finish_reason)
    if not is_v1:
        yield {**last, "usage": reply.usage}
        return
    yield last
    if chat.stream_options and chat.stream_options.include_usage:
        yield {**last, "choices": [], "usage": reply.usage}


async def _send_stream(chunks: Iterator[dict[str, Any]], *, cut: bool, pace: float) -> AsyncIterator[bytes]:
    # Exactly this form and no other: one client takes no carriage return, comment or event name, the other needs
    # the blank line.
    for number, chunk in enumerate(chunks):
        if cut and number == 2:
            raise _CutStreamError
        yield b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"
        # Each chunk leaves as a piece of its own, so that a client sees the reply grow.
        await asyncio.sleep(pace)
    yield b"data: [DONE]\n\n"


async def _send_half(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    raise _CutStreamError


class _CutStreamError(Exception):
    """Ends a stream in the middle: the server drops the connection when the application raises."""


async def _refuse(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ServiceError):
        raise error
    return JSONResponse(error.body, status_code=error.status, headers=error.headers)


async def _refuse_http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = "MethodNotAllowed" if error.status_code == 405 else str(error.status_code)
    message = "Resource not found" if error.status_code == 404 else error.detail
    body = {"error": {"code": code, "message": message}}
    return JSONResponse(body, status_code=error.status_code, headers=dict(error.headers or {}))


async def _fail(_request: Request, _error: Exception) -> Response:
    body = {
        "error": {
            "code": "InternalServerError",
            "message": "The offline endpoint has a fault; please report it.",
        }
    }
    return JSONResponse(body, status_code=500)
