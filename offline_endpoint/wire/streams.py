"""A reply as the bytes of a stream, and the envelope that each reply and each of its pieces has."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import string
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

from offline_endpoint.wire.deployments import REPLY_MODEL
from offline_endpoint.wire.faults import SAFE
from offline_endpoint.wire.replies import Reply

# The envelope of pieces that the service's content filter adds by itself (openai-python#2313).
_FILTERED = {"id": "", "object": "", "created": 0, "model": ""}


class CutStreamError(Exception):
    """Ends a reply in the middle: the server drops the connection when the application raises."""


def envelope(*, is_v1: bool) -> dict[str, Any]:
    """Id, time and model of a reply, the id in the form of its route."""
    letters = string.ascii_letters + string.digits
    made_up = "chatcmpl-" + "".join(secrets.choice(letters) for _ in range(29)) if is_v1 else uuid.uuid4().hex
    return {"id": made_up, "created": int(time.time()), "model": REPLY_MODEL}


def chunks(
    reply: Reply, around: dict[str, Any], *, is_v1: bool, wants_usage: bool, filtered: bool, no_delta: bool
) -> Iterator[dict[str, Any]]:
    """A reply as stream chunks inside the envelope `around`: the role comes first, the finish reason last.

    On v1 the usage is a chunk of its own, sent when asked for; else the last chunk also holds it. `filtered` begins
    with a chunk that has no choices, as Azure OpenAI does; `no_delta` puts a piece without a delta in.
    """

    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return {**around, "object": "chat.completion.chunk", "choices": [choice]}

    if filtered:
        results = [{"prompt_index": 0, "content_filter_results": SAFE}]
        yield {**_FILTERED, "choices": [], "prompt_filter_results": results}
    yield chunk({"role": "assistant", "content": ""})
    if no_delta:
        offsets = {"check_offset": 0, "start_offset": 0, "end_offset": len(reply.text)}
        choice = {
            "index": 0,
            "finish_reason": None,
            "content_filter_results": SAFE,
            "content_filter_offsets": offsets,
        }
        yield {**_FILTERED, "choices": [choice]}
    for word in re.findall(r"\s*\S+|\s+$", reply.text):
        yield chunk({"content": word})
    last = chunk({}, reply.finish_reason)
    if not is_v1:
        yield {**last, "usage": reply.usage}
        return
    yield last
    if wants_usage:
        yield {**last, "choices": [], "usage": reply.usage}


async def send(pieces: Iterator[dict[str, Any]], *, cut: bool, pace: float) -> AsyncIterator[bytes]:
    """The bytes of a stream, each piece `pace` seconds after the one before; `cut` ends it after two."""
    # Exactly this form and no other: one client takes no carriage return, comment or event name, the other needs
    # the blank line.
    for number, piece in enumerate(pieces):
        if cut and number == 2:
            raise CutStreamError
        yield b"data: " + json.dumps(piece, ensure_ascii=False).encode() + b"\n\n"
        # Each piece leaves by itself, so that a client sees the reply grow.
        await asyncio.sleep(pace)
    yield b"data: [DONE]\n\n"


async def send_half(body: bytes) -> AsyncIterator[bytes]:
    """The first half of a reply, then nothing more."""
    yield body[: len(body) // 2]
    raise CutStreamError
