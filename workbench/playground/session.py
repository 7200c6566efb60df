"""A session as a JSON file: everything that is in the playground but the key, with the media inside or beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import pybase64
from pydantic import BaseModel, ConfigDict, ValidationError

from helpers.errors import LearnerError
from workbench.explain import Explanation
from workbench.playground import attachments
from workbench.playground.attachments import Attachment, Origin
from workbench.playground.conversation import Conversation, Exchange
from workbench.playground.history import Price
from workbench.playground.keys import without_key
from workbench.playground.request import Options, Request, Turn
from workbench.playground.sending import Run, Status, Usage

FORMAT = "image-and-audio-prompting playground session"
VERSION = 1

Where = Literal["inside", "beside"]


class SessionError(LearnerError):
    """A session cannot be saved or loaded; the message says why and what to do."""


@dataclass(frozen=True)
class State:
    """What a session holds.

    Attributes:
        system: the system message being written.
        options: the options chosen.
        attachments: what goes along with the next prompt.
        conversation: all exchanges, and where it stands.
        runs: the history, oldest first; it may lack runs of the conversation, and hold others.
        prices: by deployment.
    """

    system: str
    options: Options
    attachments: list[Attachment]
    conversation: Conversation
    runs: list[Run]
    prices: dict[str, Price]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Medium(_Strict):
    """An attachment; its bytes are in `data` as base64, or in the file at `path` below the session's folder."""

    id: str
    name: str
    origin: Origin
    note: str
    url: str | None
    shrunk_from: str | None
    sha256: str
    data: str | None = None
    path: str | None = None


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


def dump(state: State) -> str:
    """Write a session as JSON text, its media inside.

    Args:
        state: what to keep; none of its runs may be under way.
    """
    return _text(state, lambda medium: {"data": pybase64.b64encode_as_string(medium.data)})


def save(state: State, path: str | Path, *, media: Where = "inside") -> Path:
    """Write a session to a file.

    Args:
        state: as for `dump`.
        path: of the file; `.json` is added where it has no ending.
        media: "inside" the file, or "beside" it in a folder that has its name with `_media` behind.

    Returns:
        The file's path.

    Raises:
        SessionError: the file cannot be written.
    """
    path = Path(path)
    if not path.name or "\0" in path.name:
        raise SessionError(f"{str(path)!r} does not name a file: give a name such as session.json.")
    path = path if path.suffix else path.with_suffix(".json")
    folder = path.with_name(f"{path.stem}_media")

    def write(medium: Attachment) -> dict[str, str]:
        # Named by its content: an older session in the same place keeps what it refers to.
        file = folder / f"{_sha256(medium.data)[:16]}.{medium.format}"
        folder.mkdir(exist_ok=True)
        file.write_bytes(medium.data)
        return {"path": f"{folder.name}/{file.name}"}

    # Written aside and put in place when whole, so that a full disk does not cost the session saved before.
    unfinished = path.with_name(f"{path.name}.part")
    try:
        text = dump(state) if media == "inside" else _text(state, write)
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise SessionError(f"{path.name} cannot be written ({reason}): choose another folder.") from error
    return path


def load(source: str | Path | bytes) -> State:
    """Read a session.

    Args:
        source: the path of the file, or the bytes of an uploaded one, whose media then have to be inside.

    Raises:
        SessionError: it is missing, no session, damaged, or of a newer version than this one reads.
    """
    if isinstance(source, bytes):
        name, data, folder = "The file", source, None
    else:
        path = Path(source)
        name, folder = path.name, path.parent
        try:
            data = path.read_bytes()
        except (OSError, ValueError) as error:
            raise SessionError(f"{name} cannot be read: check its name and the folder you run in.") from error
    saved = _checked(name, data)
    try:
        return _state(saved, folder)
    except LearnerError as error:
        raise SessionError(f"{name} cannot be loaded: {error}") from error


def _text(state: State, keep: Callable[[Attachment], dict[str, str]]) -> str:
    runs = {run.id: run for run in (*state.runs, *(item.run for item in state.conversation.exchanges))}
    used = [*state.attachments]
    used += [item for run in runs.values() for turn in run.request.turns for item in turn.attachments]
    saved = _Session(
        system=state.system,
        options=state.options,
        attachments=[item.id for item in state.attachments],
        exchanges=[
            _Exchange(id=item.id, parent=item.parent, run=item.run.id)
            for item in state.conversation.exchanges
        ],
        current=state.conversation.current,
        history=[run.id for run in state.runs],
        prices=state.prices,
        runs=[_saved_run(run) for run in runs.values()],
        media=[],
    )
    document = without_key(saved.model_dump(mode="json"))
    document["media"] = [
        {
            **without_key(
                {
                    "id": item.id,
                    "name": item.name,
                    "origin": item.origin,
                    "note": item.note,
                    "url": item.url,
                    "shrunk_from": item.shrunk_from and item.shrunk_from.id,
                }
            ),
            "sha256": _sha256(item.data),
            **keep(item),
        }
        for item in _originals_first(used)
    ]
    return json.dumps(document, ensure_ascii=False, indent=1)


def _saved_run(run: Run) -> _Run:
    return _Run(
        id=run.id,
        system=run.request.system,
        turns=[
            _Turn(role=turn.role, text=turn.text, attachments=[item.id for item in turn.attachments])
            for turn in run.request.turns
        ],
        options=run.request.options,
        status=run.status,
        text=run.text,
        usage=run.usage,
        finish_reason=run.finish_reason,
        model=run.model,
        first_seconds=run.first_seconds,
        seconds=run.seconds,
        error=run.error,
    )


def _originals_first(used: Iterable[Attachment]) -> list[Attachment]:
    """Each attachment once, behind the one that it was shrunk from."""
    found: dict[str, Attachment] = {}
    for item in used:
        if item.shrunk_from:
            found.setdefault(item.shrunk_from.id, item.shrunk_from)
        found.setdefault(item.id, item)
    return list(found.values())


def _checked(name: str, data: bytes) -> _Session:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SessionError(f"{name} is no session: it is not JSON, or cut short. Save it again.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SessionError(
            f"{name} is JSON but no session of the playground: choose a file that was saved here."
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


def _state(saved: _Session, folder: Path | None) -> State:
    media: dict[str, Attachment] = {}
    for item in saved.media:
        original = None if item.shrunk_from is None else _known(media, item.shrunk_from, "a picture")
        media[item.id] = attachments.restored(
            _bytes(item, folder),
            item.name,
            origin=item.origin,
            url=item.url,
            note=item.note,
            shrunk_from=original,
            id=item.id,
        )
    runs = {run.id: _run(run, media) for run in saved.runs}
    conversation = Conversation()
    for exchange in saved.exchanges:
        conversation.add(Exchange(exchange.parent, _known(runs, exchange.run, "a run"), exchange.id))
    conversation.stand_at(saved.current)
    return State(
        saved.system,
        saved.options,
        [_known(media, item, "an attachment") for item in saved.attachments],
        conversation,
        [_known(runs, item, "a run") for item in saved.history],
        saved.prices,
    )


def _run(saved: _Run, media: dict[str, Attachment]) -> Run:
    turns = tuple(
        Turn(turn.role, turn.text, tuple(_known(media, item, "an attachment") for item in turn.attachments))
        for turn in saved.turns
    )
    run = Run(
        Request(saved.system, turns, saved.options),
        id=saved.id,
        status=Status(saved.status),
        text=saved.text,
        usage=saved.usage,
        finish_reason=saved.finish_reason,
        model=saved.model,
        first_seconds=saved.first_seconds,
        seconds=saved.seconds,
        error=saved.error,
    )
    run._over.set()
    return run


def _known(things: dict[str, Any], key: str, what: str) -> Any:
    if key not in things:
        raise SessionError(f"{what} that it speaks of is not in it. Save it again.")
    return things[key]


def _bytes(item: _Medium, folder: Path | None) -> bytes:
    if item.data is not None:
        try:
            data = pybase64.b64decode(item.data, validate=True)
        except ValueError as error:
            raise SessionError(f"the bytes of {item.name} are damaged. Save it again.") from error
    elif item.path is None:
        raise SessionError(f"the bytes of {item.name} are missing. Save it again.")
    elif folder is None:
        raise SessionError(
            "its media are in files beside it. Load it by its path, or save it with media inside."
        )
    else:
        relative = PurePosixPath(item.path)
        if len(relative.parts) != 2 or ".." in relative.parts or "\\" in item.path or ":" in item.path:
            raise SessionError(f"{item.path} leads out of the session's folder, so it is not read.")
        try:
            data = folder.joinpath(*relative.parts).read_bytes()
        except OSError as error:
            raise SessionError(f"{item.path} is missing. Keep that folder beside the file.") from error
    if _sha256(data) != item.sha256:
        raise SessionError(f"{item.name} is not what it was when the session was saved.")
    return data


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
