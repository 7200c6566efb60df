"""What a run would send: one row for each file and question, counted and checked before anything is sent."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pybase64

from helpers import tokens
from helpers.encoding import MediaError, audio_part, image_part
from helpers.media import MAX_BYTES, NamedBytes, too_large
from helpers.models import MODELS, Model, model_for
from workbench.batch import elsewhere
from workbench.batch.look import Look, Looks
from workbench.batch.stopping import BatchError

_AROUND_A_MESSAGE = 7
"""Tokens beside a message's content: four for the message and three for the reply's start, as OpenAI's cookbook
counts them (https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken)."""


@dataclass(frozen=True, slots=True)
class Task:
    """One question about one file, or one file that nothing can be asked about."""

    key: str  # stands for the file's content, the deployment and the question; equal content has an equal key
    file: str  # its name below the folder, with `/` between folders; `path` is where it is
    path: str
    media: str  # "image" or "audio"; empty, as the prompt, if it was refused
    size: int  # bytes of the file
    tokens: int  # what a request about it should weigh, by the model's published rule; 0 if it was refused
    deployment: str
    prompt: str
    refused: str = ""  # why nothing would be sent and what to do, or empty
    as_is: str = ""  # the type under which the very bytes are sent; empty if it is turned or converted first


def plan(
    files: str | Path | Iterable[str | Path],
    questions: Mapping[str, str | Sequence[str]],
    *,
    deployment: str,
    model: str = "",
    saved: str | Path | None = None,
) -> list[Task]:
    """Look at each file and say what would be sent about it, and what would not and why. Nothing is sent.

    Args:
        files: a folder, searched to its depths without hidden files, or the paths themselves. Each may be an address
            such as abfs://container/folder, if fsspec and the package for it are installed.
        questions: one question, or several, under "image" and under "audio".
        deployment: the `model` of the requests.
        model: whose rules count the tokens and set the limits, as in `helpers.models`; left out, the model that the
            deployment's name tells.
        saved: a file that keeps what was found out about each file. The next plan with it opens only files that are
            new or have another size or time.

    Returns:
        One task for each file and question, in the order of the names; one for each file that is refused.

    Raises:
        BatchError: there is no such folder, no question, or no rule for the model.
    """
    rules = model_for(deployment, model)
    if rules is None:
        one_of = ", ".join(MODELS)
        raise BatchError(f"No token rule for {model or deployment!r}: pass model=, one of {one_of}.")
    asked = _checked_questions(questions)
    prompts = {prompt for texts in asked.values() for prompt in texts}
    around = {prompt: tokens.text_tokens(prompt) + _AROUND_A_MESSAGE for prompt in prompts}
    tasks, looks = [], Looks(saved)
    for name, place, stamp in _found(files):
        look = looks.at(place, stamp)
        try:
            weight = _weight(name.rpartition("/")[2], look, rules, asked)
        except MediaError as error:
            key = _key("refused", name, str(error), deployment)
            tasks.append(Task(key, name, place, "", look.size, 0, deployment, "", refused=str(error)))
            continue
        for prompt in asked[look.media]:
            key, weighs = _key(look.digest, deployment, prompt), weight + around[prompt]
            kept = (key, name, place, look.media, look.size, weighs, deployment, prompt)
            tasks.append(Task(*kept, as_is=look.as_is))
    looks.save()
    return tasks


def cost(tasks: Iterable[Task], prices: Mapping[str, float], *, reply_tokens: int) -> float:
    """Estimate what sending these tasks costs, in the currency of the prices; equal content is paid for once.

    Args:
        tasks: as `plan` returns them; refused ones cost nothing.
        prices: what a million tokens cost: "image" and "audio" for tokens in, "reply" for tokens out. The price page
            of your deployment has them; a service may price sound and pictures alike.
        reply_tokens: how long you expect a reply to be.

    Raises:
        BatchError: a price is missing or is no amount, or the length of a reply is below zero.
    """
    for name in ("image", "audio", "reply"):
        price = prices.get(name)
        if isinstance(price, bool) or not isinstance(price, int | float) or not 0 <= price < math.inf:
            raise BatchError(f"The price under {name!r} is an amount for a million tokens, not {price!r}.")
    if reply_tokens < 0:
        raise BatchError(f"A reply has 0 tokens or more, not {reply_tokens}.")
    each = {task.key: task for task in tasks if not task.refused}.values()
    return sum(prices[task.media] * task.tokens + prices["reply"] * reply_tokens for task in each) / 1e6


def messages(task: Task) -> list[dict[str, Any]]:
    """Make the messages of one request: the question and the file; the question alone where there is no file.

    Raises:
        MediaError: the file is not the one that was planned, or cannot be sent any more.
    """
    if not task.path:
        return [{"role": "user", "content": task.prompt}]
    data = _bytes(task)
    if data is None or _key(hashlib.sha256(data).hexdigest(), task.deployment, task.prompt) != task.key:
        raise MediaError(f"{task.file} was changed after it was planned: make the plan again.")
    named = NamedBytes(task.file.rpartition("/")[2], data)
    # What the plan has decoded and found whole, and has the same bytes, is not decoded again.
    if task.media == "image" and task.as_is:
        url = f"data:{task.as_is};base64,{pybase64.b64encode_as_string(data)}"
        part = {"type": "image_url", "image_url": {"url": url}}
    elif task.as_is:
        sound = {"data": pybase64.b64encode_as_string(data), "format": task.as_is}
        part = {"type": "input_audio", "input_audio": sound}
    else:
        part = image_part(named) if task.media == "image" else audio_part(named, quiet=True)
    return [{"role": "user", "content": [{"type": "text", "text": task.prompt}, part]}]


def _bytes(task: Task) -> bytes | None:
    """The file's bytes, or None if there are more or fewer than planned."""
    if elsewhere.is_elsewhere(task.path):
        return elsewhere.read_file(task.path)
    try:
        with Path(task.path).open("rb") as file:
            data = file.read(task.size + 1)
    except FileNotFoundError:
        remedy = "put it back, or make the plan again."
        raise MediaError(f"There is no file {task.file} any more: {remedy}") from None
    except OSError as error:
        raise MediaError(f"{task.file} cannot be opened ({error.strerror}): check its permissions.") from None
    return data if len(data) == task.size else None


def _found(files: str | Path | Iterable[str | Path]) -> list[tuple[str, str, str]]:
    """Name, place and stamp of each file; those of a folder are sorted by name."""
    if not isinstance(files, str | Path):
        return [
            (elsewhere.name_of(path), str(path), "")
            if elsewhere.is_elsewhere(path)
            else (Path(path).name, str(Path(path).absolute()), _stamp(path))
            for path in files
        ]
    if elsewhere.is_elsewhere(files):
        below = elsewhere.found(str(files))
    elif Path(files).is_dir():
        below = _below(str(Path(files).absolute()))
    else:
        raise BatchError(
            f"There is no folder {Path(files).name or files}: check its spelling and where you run."
        )
    return sorted(entry for entry in below if not any(part.startswith(".") for part in entry[0].split("/")))


def _below(folder: str) -> Iterator[tuple[str, str, str]]:
    # A hundred thousand names as text; as Path objects they would take three times the memory.
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118
            yield os.path.relpath(path, folder).replace(os.sep, "/"), path, _stamp(path)


def _stamp(path: str | Path) -> str:
    try:
        state = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return ""
    return f"{state.st_size} {state.st_mtime_ns}"


def _checked_questions(questions: Mapping[str, str | Sequence[str]]) -> dict[str, list[str]]:
    asked = {}
    for media, given in questions.items():
        prompts = [given] if isinstance(given, str) else list(given)
        if media not in ("image", "audio"):
            raise BatchError(f"Questions stand under 'image' and 'audio', not under {media!r}.")
        if not all(isinstance(prompt, str) and prompt.strip() for prompt in prompts):
            raise BatchError(f"A question under {media!r} is empty or no text.")
        asked[media] = list(dict.fromkeys(prompts))
    if not any(asked.values()):
        raise BatchError("There is no question. Put one under 'image', under 'audio', or under both.")
    return asked


def _weight(name: str, look: Look, model: Model, asked: Mapping[str, list[str]]) -> int:
    """Tokens of one file; MediaError for one that would be refused."""
    if look.problem:
        raise MediaError(look.problem)
    if look.media == "image":
        if model.picture_tokens is None:
            raise MediaError(f"{name} is a picture, and this model takes none: choose one that does.")
        try:
            weight = model.picture_tokens(look.width, look.height, "high")
        except ValueError as error:
            raise MediaError(f"{name}: {error}") from None
    elif model.sound_tokens is None:
        raise MediaError(f"{name} is a sound, and this model takes none: choose one that does.")
    elif model.sound_seconds and look.seconds > model.sound_seconds:
        raise MediaError(
            f"{name} lasts {look.seconds / 60:.0f} minutes, and the model hears at most "
            f"{model.sound_seconds / 60:.0f}: cut it into shorter clips."
        )
    elif look.sent > MAX_BYTES:
        raise MediaError(too_large(f"{name}, converted to wav,", look.sent))
    else:
        weight = model.sound_tokens(look.seconds)
    if weight > model.input_tokens:
        raise MediaError(
            f"{name} weighs {weight:,} tokens, and the model takes {model.input_tokens:,}: "
            "send a smaller picture or a shorter clip."
        )
    if not asked.get(look.media):
        kind = "pictures" if look.media == "image" else "sounds"
        raise MediaError(f"{name}: there is no question for {kind}. Add one under {look.media!r}.")
    return weight


def _key(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
