"""A session as a JSON file: everything that is in the playground but the key, with the media inside."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pybase64
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from helpers.errors import LearnerError
from workbench.explain import Explanation
from workbench.playground import attachments
from workbench.playground.attachments import Attachment, Origin
from workbench.playground.conversation import Conversation, Exchange
from workbench.playground.history import Price
from workbench.playground.keys import without_key
from workbench.playground.request import Message, Options, Request
from workbench.playground.sending import Run, Status, Usage

FORMAT = "image-and-audio-prompting playground session"
VERSION: Literal[1] = 1
MAX_BYTES = 400 * 1024 * 1024  # most bytes of a file that is read: twenty pictures of the largest size


class SessionError(LearnerError):
    """A session cannot be saved or loaded; the message says why and what to do."""


@dataclass(frozen=True)
class State:
    """What a session holds; its runs may lack some of the conversation, and hold others."""

    system: str
    options: Options
    attachments: list[Attachment]
    conversation: Conversation
    runs: list[Run]
    prices: dict[str, Price]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Medium(_Strict):
    id: str
    name: str
    origin: Origin
    note: str
    url: str | None
    shrunk_from: str | None
    sha256: str
    data: str


_KNOWN = ("id", "name", "origin", "note", "url")
"""What is kept of an attachment besides its bytes and its original."""


class _Turn(_Strict):
    role: Literal["user", "assistant"]
    text: str
    attachments: list[str]


class _Run(_Strict):
    id: str
    system: str
    turns: list[_Turn]
    options: Options
    status: Literal[Status.DONE, Status.STOPPED, Status.FAILED]
    text: str
    usage: Usage | None
    finish_reason: str
    model: str
    first_seconds: float | None
    seconds: float | None
    error: Explanation | None
    rating: int = Field(default=0, ge=0, le=5)
    note: str = ""


_KEPT = tuple(name for name in _Run.model_fields if name not in ("system", "turns", "options"))
"""What a run has besides its request."""


class _Exchange(_Strict):
    id: str
    parent: str | None
    run: str


class _Session(_Strict):
    format: str = FORMAT
    version: Literal[1] = VERSION
    system: str
    options: Options
    attachments: list[str]
    exchanges: list[_Exchange]
    current: str | None
    history: list[str]
    prices: dict[str, Price]
    runs: list[_Run]
    media: list[_Medium]


def save(state: State, path: str | Path) -> Path:
    """Write a session to a file that its owner alone can read, a `.json` if no other; SessionError if it cannot be."""
    path = Path(path)
    if not path.name or "\0" in path.name:
        raise SessionError(f"{str(path)!r} does not name a file: give a name such as session.json.")
    path = path if path.suffix else path.with_suffix(".json")
    unfinished = None
    try:
        # Written aside and put in place when whole, so that a full disk does not cost the session saved before; by a
        # name that nobody can have put a link at.
        handle, unfinished = tempfile.mkstemp(".part", f".{path.name}.", path.parent)
        os.close(handle)
        Path(unfinished).write_text(dump(state), encoding="utf-8")
        Path(unfinished).replace(path)
    except OSError as error:
        if unfinished:
            Path(unfinished).unlink(missing_ok=True)
        reason = error.strerror or error
        raise SessionError(f"{path.name} cannot be written ({reason}): choose another folder.") from error
    return path


def load(source: str | Path | bytes) -> State:
    """Read a session from the path of a file, or the bytes of an uploaded one.

    SessionError if it is missing, no session, damaged, or of a newer version than this one reads.
    """
    name, data = ("The file", source) if isinstance(source, bytes) else _read(Path(source))
    saved = _checked(name, data)
    try:
        return _state(saved)
    except LearnerError as error:
        raise SessionError(f"{name} cannot be loaded: {error}") from error


def _read(path: Path) -> tuple[str, bytes]:
    try:
        # A device or a pipe of that name would be read for ever.
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            raise OSError("no file of a session's size")
        return path.name, path.read_bytes()
    except (OSError, ValueError) as error:
        said = f"{path.name} cannot be read: check its name and the folder you run in."
        raise SessionError(said) from error


def dump(state: State) -> str:
    """Write a session as JSON text, its media inside; none of its runs may be under way."""
    talk = state.conversation
    runs = {run.id: run for run in (*state.runs, *(item.run for item in talk.exchanges))}
    used = [*state.attachments]
    used += [item for run in runs.values() for turn in run.request.turns for item in turn.attachments]
    saved = _Session(
        system=state.system,
        options=state.options,
        attachments=[item.id for item in state.attachments],
        exchanges=[_Exchange(id=one.id, parent=one.parent, run=one.run.id) for one in talk.exchanges],
        current=talk.current,
        history=[run.id for run in state.runs],
        prices=state.prices,
        runs=[_saved_run(run) for run in runs.values()],
        media=[],
    )
    document = without_key(saved.model_dump(mode="json"))
    for item in _originals_first(used):
        known = {name: getattr(item, name) for name in _KNOWN}
        known["shrunk_from"] = item.shrunk_from.id if item.shrunk_from else None
        known = without_key(known) | {"sha256": hashlib.sha256(item.data).hexdigest()}
        document["media"].append(known | {"data": pybase64.b64encode_as_string(item.data)})
    return json.dumps(document, ensure_ascii=False, indent=1)


def _saved_run(run: Run) -> _Run:
    request = run.request
    turns = [
        _Turn(role=turn.role, text=turn.text, attachments=[item.id for item in turn.attachments])
        for turn in request.turns
    ]
    kept = {name: getattr(run, name) for name in _KEPT}
    return _Run(system=request.system, turns=turns, options=request.options, **kept)


def _originals_first(used: Iterable[Attachment]) -> Iterable[Attachment]:
    """Each attachment once, behind the one that it was shrunk from."""
    pairs = ((item.shrunk_from, item) for item in used)
    return {item.id: item for pair in pairs for item in pair if item}.values()


def _checked(name: str, data: bytes) -> _Session:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SessionError(f"{name} is no session: it is not JSON, or cut short. Save it again.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SessionError(
            f"{name} is JSON but no session of the playground: choose one that was saved here."
        )
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        raise SessionError(
            f"{name} was saved by a newer playground (version {version}; this one reads {VERSION}): "
            "update the lessons."
        )
    try:
        return _Session.model_validate(document)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"])) or "its top"
        raise SessionError(f"{name} is damaged at {place}: {problem['msg']}. Save it again.") from None


def _state(saved: _Session) -> State:
    media: dict[str, Attachment] = {}
    for item in saved.media:
        original = None if item.shrunk_from is None else _known(media, item.shrunk_from, "a picture")
        kept = {name: getattr(item, name) for name in _KNOWN if name != "name"}
        media[item.id] = attachments.restored(_bytes(item), item.name, shrunk_from=original, **kept)
    runs = {run.id: _run(run, media) for run in saved.runs}
    conversation = Conversation()
    for exchange in saved.exchanges:
        conversation.add(Exchange(exchange.parent, _known(runs, exchange.run, "a run"), exchange.id))
    conversation.stand_at(saved.current)
    attached = [_known(media, item, "an attachment") for item in saved.attachments]
    history = [_known(runs, item, "a run") for item in saved.history]
    return State(saved.system, saved.options, attached, conversation, history, saved.prices)


def _run(saved: _Run, media: dict[str, Attachment]) -> Run:
    turns = []
    for turn in saved.turns:
        items = tuple(_known(media, item, "an attachment") for item in turn.attachments)
        turns.append(Message(turn.role, turn.text, items))
    kept = {name: getattr(saved, name) for name in _KEPT}
    return Run(Request(saved.system, tuple(turns), saved.options), **kept)


def _known(things: dict[str, Any], key: str, what: str) -> Any:
    if key not in things:
        raise SessionError(f"{what} that it speaks of is not in it. Save it again.")
    return things[key]


def _bytes(item: _Medium) -> bytes:
    try:
        data = pybase64.b64decode(item.data, validate=True)
    except ValueError as error:
        raise SessionError(f"the bytes of {item.name} are damaged. Save it again.") from error
    if hashlib.sha256(data).hexdigest() != item.sha256:
        raise SessionError(f"{item.name} is not what it was when the session was saved.")
    return data
