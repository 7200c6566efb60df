"""The HTTP application: routes, auth, errors and streaming as the service has them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Literal

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from helpers.models import Model
from offline_endpoint.wire import batches, contract, deployments, faults, parts, streams
from offline_endpoint.wire.identity import check_caller
from offline_endpoint.wire.limits import Gate, check_values, read_body
from offline_endpoint.wire.record import Record
from offline_endpoint.wire.replies import make_reply
from offline_endpoint.wire.service_error import ServiceError, shorten

DATA = Path(__file__).parents[2] / "data"

# Versions of the model inference API that were published; the client sends the first unless told otherwise.
MODELS_VERSIONS = {"2024-05-01-preview", "2024-08-01-preview", "2024-12-01-preview", "2025-04-01"}
# The v1 route needs no version and takes these two.
V1_VERSIONS = {"v1", "preview"}
# Threads that work on replies, most of them waiting for a reader. They are apart from the threads that serve samples:
# a reply to a URL waits for a sample of this very server.
REPLIES_AT_ONCE = 100
# The longest work on one reply; the offline endpoint's own limit.
REPLY_SECONDS = 600.0

Routes = Literal["v1", "models", "both"]


def create_app(
    *,
    key: str | None,
    secret: str,
    record: Record,
    routes: Routes = "both",
    deployment: str | None = None,
    names: Collection[str] = (),
    more: Sequence[BaseRoute] = (),
) -> Starlette:
    """Build the application.

    Callers must send `key`, or any if it is None; bearer tokens are signed with `secret`. `deployment` is the one that
    is served and need not be named, as serverless endpoints have it; `names` are host names that are answered, beside
    those of this computer, and `more` further routes.
    """
    served: list[BaseRoute] = [Route("/health", _health, methods=["GET"]), *more]
    if routes != "v1":
        served.append(Route("/models/chat/completions", _chat, methods=["POST"]))
        # Only serverless and managed-compute endpoints have it (the SDK's own docstring; langchain-azure#138).
        served += [Route("/models/info", _model_info, methods=["GET"])] if deployment else []
    if routes != "models":
        served.append(Route("/openai/v1/chat/completions", _chat, methods=["POST"]))
        served.append(Route("/openai/v1/models", _model_list, methods=["GET"]))
        served += batches.routes(_let_in)
    for folder in ("charts", "clips"):
        served.append(Mount(f"{parts.SAMPLES_PATH}{folder}", StaticFiles(directory=DATA / folder)))
    app = Starlette(
        routes=served,
        middleware=[Middleware(Gate, record=record, names=names)],
        exception_handlers={ServiceError: _refuse, HTTPException: _refuse_http, Exception: _fail},
    )
    app.router.redirect_slashes = False
    app.state.key, app.state.secret, app.state.deployment = key, secret, deployment
    app.state.faults = faults.Faults()
    app.state.replies = anyio.CapacityLimiter(REPLIES_AT_ONCE)
    # One at a time: it is quick, and memory for many large bodies is not there.
    app.state.parsing = anyio.CapacityLimiter(1)
    return app


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _model_info(request: Request) -> Response:
    _let_in(request)
    info = {"model_name": deployments.REPLY_MODEL, "model_type": "chat-completion"}
    return JSONResponse({**info, "model_provider_name": "offline endpoint"})


async def _model_list(request: Request) -> Response:
    _let_in(request)
    only = request.app.state.deployment
    models = [
        {"id": name, "object": "model", "created": 0, "owned_by": model.maker}
        for name, model in deployments.DEPLOYMENTS.items()
        if only in (None, name)
    ]
    return JSONResponse({"object": "list", "data": models})


async def _chat(request: Request) -> Response:
    _let_in(request)
    state = request.app.state
    asked_for = request.headers.get(faults.HEADER)
    met: list[faults.Fault] = state.faults.next(asked_for) if asked_for is not None else []
    names = {fault.name for fault in met}
    body = await read_body(request)
    in_turn: dict[str, Any] = {"limiter": state.parsing, "abandon_on_cancel": True}
    chat = await anyio.to_thread.run_sync(_parse, request, body, **in_turn)
    del body  # tens of megabytes, while the reply may wait for its turn
    for refused in filter(None, map(faults.refusal, met)):
        raise refused
    await asyncio.sleep(sum(fault.seconds for fault in met if fault.name == "slow"))
    named = chat.model or request.headers.get("x-ms-model-mesh-model-name")
    model = deployments.pick(named, state.deployment)
    try:
        # Abandoned when the server stops or the time is over: a thread cannot be ended, but need not be waited for.
        with anyio.fail_after(REPLY_SECONDS):
            in_turn = {**in_turn, "limiter": state.replies}
            reply = await anyio.to_thread.run_sync(_answer, chat, model, request.scope["server"], **in_turn)
    except TimeoutError:
        raise ServiceError(408, "Timeout", f"No reply was ready after {REPLY_SECONDS:.0f} seconds.") from None
    is_v1 = _is_v1(request)
    around = streams.envelope(is_v1=is_v1)
    request.state.reply = (around["id"], reply.text)
    if not chat.stream:
        message = {"role": "assistant", "content": reply.text, "refusal": None, "tool_calls": None}
        choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason, "logprobs": None}
        completion = {**around, "object": "chat.completion", "choices": [choice], "usage": reply.usage}
        whole = JSONResponse(completion)
        if "cut" in names:
            return StreamingResponse(streams.send_half(bytes(whole.body)), headers=dict(whole.headers))
        return whole
    pieces = streams.chunks(
        reply,
        around,
        is_v1=is_v1,
        wants_usage=chat.stream_options is not None and chat.stream_options.include_usage,
        filtered=is_v1 and model.maker == "OpenAI",
        no_delta="no-delta" in names,
    )
    pace = sum(fault.seconds for fault in met if fault.name == "pace")
    sent = streams.send(pieces, cut=not names.isdisjoint(("cut", "cut-stream")), pace=pace)
    return StreamingResponse(sent, media_type="text/event-stream")


def _parse(request: Request, body: bytearray) -> contract.ChatRequest:
    check_values(body)
    fields = contract.read_json(body)
    request.state.fields = shorten(fields)
    unknown: Any = request.headers.get("extra-parameters", "error")
    if unknown not in ("error", "drop", "pass-through"):
        message = "The header extra-parameters must be error, drop or pass-through."
        raise ServiceError(400, "BadRequest", message)
    return contract.parse(fields, unknown=unknown)


def _answer(chat: contract.ChatRequest, model: Model, own: tuple[str, int]) -> Any:
    deployments.check(chat, model)
    return make_reply(chat, model, own)


def _is_v1(request: Request) -> bool:
    return request.url.path.startswith("/openai/v1/")


def _let_in(request: Request) -> None:
    """Check who calls, and for which version."""
    state, headers = request.app.state, request.headers
    given = headers.get("api-key", ""), headers.get("authorization", "")
    check_caller(*given, key=state.key, secret=state.secret)
    version = request.query_params.get("api-version")
    if version is None and not _is_v1(request):
        raise ServiceError(404, "404", "Resource not found: the query parameter api-version is missing.")
    if version is not None and version not in (V1_VERSIONS if _is_v1(request) else MODELS_VERSIONS):
        raise ServiceError(400, "BadRequest", f"API version not supported: {version[:40]}")


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    return JSONResponse(error.body, status_code=error.status, headers=error.headers)


async def _refuse_http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = "MethodNotAllowed" if error.status_code == 405 else str(error.status_code)
    message = "Resource not found" if error.status_code == 404 else error.detail
    body = {"error": {"code": code, "message": message}}
    return JSONResponse(body, status_code=error.status_code, headers=dict(error.headers or {}))


async def _fail(_request: Request, _error: Exception) -> Response:
    message = "The offline endpoint has a fault; please report it."
    return JSONResponse({"error": {"code": "InternalServerError", "message": message}}, status_code=500)
