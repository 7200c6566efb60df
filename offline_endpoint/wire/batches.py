"""The service's batch offer: a file of requests comes up, each is answered as if it were sent, two files go back.

What is kept lies in a temporary folder and is never listed: who has no id, which nobody can guess, reads nothing.
"""

from __future__ import annotations

import asyncio
import email
import json
import mmap
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message

from helpers.models import BATCH_BYTES, BATCH_REQUESTS
from offline_endpoint.wire.limits import check_values, read_body, receive
from offline_endpoint.wire.service_error import ServiceError

MOST_KEPT, MOST_BYTES_KEPT = 30, 1_000_000_000
"""Files, and batches, and bytes in all; the endpoint's own limit. The oldest go first, those at work never."""
MOST_AT_WORK = 5  # batches at a time; the endpoint's own limit

CHAT = "/openai/v1/chat/completions"
_NAMES_OF_CHAT = ("/v1/chat/completions", "/chat/completions")
_PIECE = 1_000_000
_LONGEST_HEAD, _LONGEST_ASKED = 8_000, 100_000
"""Bytes of what stands around the file in a form, and of what asks for a batch, which is parsed at once."""


def routes(let_in: Callable[[Request], None]) -> list[Route]:
    """The routes of one endpoint's offer; `let_in` refuses a caller who has no right to it."""
    offer = _Offer(let_in)
    return [
        Route("/openai/v1/files", offer.upload, methods=["POST"]),
        Route("/openai/v1/files/{id}", offer.file, methods=["GET"]),
        Route("/openai/v1/files/{id}/content", offer.content, methods=["GET"]),
        Route("/openai/v1/batches", offer.create, methods=["POST"]),
        Route("/openai/v1/batches/{id}", offer.batch, methods=["GET"]),
    ]


class _Offer:
    def __init__(self, let_in: Callable[[Request], None]) -> None:
        self._let_in = let_in
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: dict[str, dict[str, Any]] = {}
        self._batches: dict[str, dict[str, Any]] = {}
        self._at_work: dict[str, asyncio.Task[None]] = {}

    async def upload(self, request: Request) -> Response:
        self._let_in(request)
        raw, taken = self._path(_new("raw")), self._path(name := _new("file"))
        try:
            with raw.open("wb") as form:
                too_large = f"The file is larger than {BATCH_BYTES // 1_000_000} MB."
                await receive(request, form.write, BATCH_BYTES + _LONGEST_HEAD, too_large)
            boundary = request.headers.get("content-type", "").partition("boundary=")[2].strip('"').encode()
            fields = await anyio.to_thread.run_sync(_take_out, raw, boundary, taken)
        finally:
            raw.unlink(missing_ok=True)
        if fields.get("purpose") != "batch" or not taken.exists():
            taken.unlink(missing_ok=True)
            raise ServiceError(400, "invalidPayload", "Send a form with a file and the purpose batch.")
        return JSONResponse(self._keep(name, fields["filename"], "batch"), status_code=201)

    async def file(self, request: Request) -> Response:
        return JSONResponse(self._found(request, self._files))

    async def content(self, request: Request) -> Response:
        name = self._found(request, self._files)["id"]
        return FileResponse(self._path(name), media_type="application/octet-stream")

    async def create(self, request: Request) -> Response:
        self._let_in(request)
        try:
            asked = json.loads(await read_body(request, _LONGEST_ASKED))
            source, endpoint = asked["input_file_id"], asked["endpoint"]
            is_known = source in self._files and asked["completion_window"] == "24h"
        except (ValueError, KeyError, TypeError, RecursionError):
            is_known = False
        if not is_known or endpoint not in _NAMES_OF_CHAT:
            said = "A batch has the id of an uploaded file, an endpoint /v1/chat/completions and a window of 24h."
            raise ServiceError(400, "invalidPayload", said)
        if len(self._at_work) >= MOST_AT_WORK:
            raise ServiceError(429, "tooManyBatches", f"{MOST_AT_WORK} batches are at work already.")
        batch = {"id": _new("batch"), "object": "batch", "endpoint": endpoint, "input_file_id": source}
        batch |= {"completion_window": "24h", "created_at": int(time.time()), "status": "validating"}
        batch |= dict.fromkeys(("output_file_id", "error_file_id", "errors", "completed_at", "failed_at"))
        self._batches[batch["id"]] = batch
        while len(self._batches) > MOST_KEPT:
            del self._batches[next(name for name in self._batches if name not in self._at_work)]
        work = self._at_work[batch["id"]] = asyncio.create_task(self._work(batch, request))
        work.add_done_callback(lambda _: self._at_work.pop(batch["id"]))
        return JSONResponse(batch, status_code=201)

    async def batch(self, request: Request) -> Response:
        return JSONResponse(self._found(request, self._batches))

    async def _work(self, batch: dict[str, Any], request: Request) -> None:
        """Answer each request of a batch, one after another."""
        source = self._path(batch["input_file_id"])
        counts = {"total": 0, "completed": 0, "failed": 0}
        batch["request_counts"] = counts
        good, bad = _new("file"), _new("file")
        try:
            counts["total"] = await anyio.to_thread.run_sync(_checked, source)
            batch |= {"status": "in_progress", "in_progress_at": int(time.time())}
            with (
                source.open("rb") as lines,
                self._path(good).open("w") as right,
                self._path(bad).open("w") as wrong,
            ):
                for line in filter(bytes.strip, lines):
                    asked = json.loads(line)
                    status, body = await _answer(request, json.dumps(asked["body"]).encode())
                    response = {"status_code": status, "request_id": str(uuid.uuid4()), "body": body}
                    result = {"custom_id": asked["custom_id"], "response": response, "error": None}
                    print(json.dumps(result), file=right if status == 200 else wrong)
                    counts["completed" if status == 200 else "failed"] += 1
            for name, kind, count in ((good, "output", "completed"), (bad, "error", "failed")):
                if counts[count]:
                    batch[f"{kind}_file_id"] = self._keep(name, f"{kind}.jsonl", "batch_output")["id"]
            batch |= {"status": "completed", "completed_at": int(time.time())}
        except ServiceError as error:
            batch["errors"] = {"object": "list", "data": [error.body["error"]]}
        except OSError as error:
            told = {"code": "internal", "message": f"The results cannot be written ({error.strerror})."}
            batch["errors"] = {"object": "list", "data": [told]}
        finally:
            # Whatever ended it: who waits for a batch must see its end.
            if batch["status"] != "completed":
                batch |= {"status": "failed", "failed_at": int(time.time())}

    def _path(self, name: str) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="batches-", ignore_cleanup_errors=True)
        return Path(self._folder.name, name)

    def _keep(self, name: str, filename: str, purpose: str) -> dict[str, Any]:
        made: dict[str, Any] = {"id": name, "object": "file", "filename": filename, "purpose": purpose}
        made |= {
            "bytes": self._path(name).stat().st_size,
            "created_at": int(time.time()),
            "status": "processed",
        }
        self._files[name] = made
        busy = {name, *(self._batches[one]["input_file_id"] for one in self._at_work)}
        for old in [one for one in self._files if one not in busy]:
            size = sum(one["bytes"] for one in self._files.values())
            if len(self._files) > MOST_KEPT or size > MOST_BYTES_KEPT:
                del self._files[old]
                self._path(old).unlink(missing_ok=True)
        return made

    def _found(self, request: Request, among: dict[str, dict[str, Any]]) -> dict[str, Any]:
        self._let_in(request)
        found = among.get(request.path_params["id"])
        if found is None:
            raise ServiceError(404, "resourceNotFound", "There is no such file or batch, or not any more.")
        return found


def _new(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex}"


def _take_out(raw: Path, boundary: bytes, into: Path) -> dict[str, str]:
    """Write the file in a form (RFC 7578) to a file of its own, and return the form's other fields."""
    fields: dict[str, str] = {}
    if not boundary or not raw.stat().st_size:
        return fields
    mark = b"--" + boundary
    with raw.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        begin = data.find(mark, 0, _LONGEST_HEAD)
        while begin >= 0:
            inside = data.find(b"\r\n\r\n", begin, begin + _LONGEST_HEAD) + 4
            end = data.find(b"\r\n" + mark, inside)
            if inside < 4 or end < 0:
                break
            head = email.message_from_bytes(data[begin + len(mark) + 2 : inside])
            if (filename := head.get_filename()) is not None:
                fields["filename"] = str(filename)[:200]
                with into.open("wb") as kept:
                    for at in range(inside, end, _PIECE):
                        kept.write(data[at : min(at + _PIECE, end)])
            else:
                name = str(head.get_param("name", "", "content-disposition"))
                fields[name[:200]] = data[inside : min(end, inside + 200)].decode("utf-8", "replace")
            begin = end + 2
    return fields


def _checked(source: Path) -> int:
    """How many requests a file holds; ServiceError if one is none, two share an id, or there are too many."""
    seen: set[str] = set()
    with source.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                check_values(line)
                asked = json.loads(line)
                name, url, body = asked["custom_id"], asked["url"], asked["body"]
                is_right = asked["method"] == "POST" and url in _NAMES_OF_CHAT and isinstance(name, str)
                is_right = is_right and isinstance(body, dict) and not body.get("stream")
            except (ValueError, KeyError, TypeError, RecursionError, ServiceError):
                is_right = False
            if not is_right:
                said = f"Line {number} is no request: it has custom_id, method POST, url and body, and no stream."
                raise ServiceError(400, "invalid_json_line", said)
            if name in seen or len(seen) == BATCH_REQUESTS:
                said = f"Line {number}: each custom_id stands once, and there are at most {BATCH_REQUESTS:,}."
                raise ServiceError(400, "duplicate_custom_id", said)
            seen.add(name)
    if not seen:
        raise ServiceError(400, "empty_file", "The file holds no request.")
    return len(seen)


async def _answer(request: Request, body: bytes) -> tuple[int, Any]:
    """Status and body of what this endpoint's own chat route replies to whoever made the batch."""
    names = {b"host", b"api-key", b"authorization"}
    headers = [(name, value) for name, value in request.scope["headers"] if name in names]
    kept = ("type", "asgi", "http_version", "scheme", "server", "client")
    scope: dict[str, Any] = {key: request.scope[key] for key in kept}
    scope |= {"method": "POST", "path": CHAT, "raw_path": CHAT.encode(), "root_path": "", "query_string": b""}
    scope["headers"] = [*headers, (b"content-type", b"application/json")]
    coming: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop() if coming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await request.app(scope, receive, send)
    except Exception:
        # A fault of the endpoint is raised once more behind the 500 that tells of it, for the server's log.
        if not sent:
            raise
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent))
