"""What a run would send: one row for each file and question, counted and checked before anything is sent."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import tokens
from helpers.encoding import MediaError, audio_part, image_part, ready_size
from helpers.media import MAX_BYTES, Media, open_media, sound_info, too_large
from workbench.batch.stopping import BatchError

_AROUND_A_MESSAGE = 7
"""Tokens beside a message's content: four for the message and three for the reply's start, as OpenAI's cookbook
counts them (https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken)."""


@dataclass(frozen=True)
class _Model:
    """How a model counts, and what it takes.

    Attributes:
        picture_tokens: width and height in pixels to tokens.
        sound_tokens: seconds to tokens, or None where no sound is taken.
        input_tokens: the most tokens of a request.
        sound_seconds: the longest clip.
    """

    picture_tokens: Callable[[int, int], int]
    sound_tokens: Callable[[float], int] | None
    input_tokens: int
    sound_seconds: float


# Tokens: the models' entries in the Foundry catalog. Half an hour of sound: the card of Phi-4-multimodal-instruct
# (https://huggingface.co/microsoft/Phi-4-multimodal-instruct). No sound on gpt-4o: the service's own refusal.
_MODELS = {
    "phi-4-multimodal": _Model(
        tokens.phi4_multimodal_image_tokens, tokens.phi4_multimodal_audio_tokens, 131_072, 1800
    ),
    "gpt-4o": _Model(tokens.gpt_4o_image_tokens, None, 128_000, 0),
}


@dataclass(frozen=True)
class Task:
    """One question about one file, or one file that nothing can be asked about.

    Attributes:
        key: stands for the file's content, the deployment and the question; equal content has an equal key.
        file: the file's name below the folder, with `/` between folders.
        path: where it is.
        media: "image" or "audio"; empty if it was refused before that was known.
        size: bytes of the file.
        tokens: what a request about it should weigh, by the model's published rule; 0 if it was refused.
        deployment: the `model` of the request.
        prompt: the question; empty if it was refused.
        refused: why nothing would be sent and what to do, or empty.
    """

    key: str
    file: str
    path: str
    media: str
    size: int
    tokens: int
    deployment: str
    prompt: str
    refused: str = ""


def plan(
    files: str | Path | Iterable[str | Path],
    questions: Mapping[str, str | Sequence[str]],
    *,
    deployment: str,
    model: str = "phi-4-multimodal",
) -> list[Task]:
    """Look at each file and say what would be sent about it, and what would not and why. Nothing is sent.

    Each file is opened, checked and hashed, one at a time.

    Args:
        files: a folder, searched to its depths without hidden files, or the paths themselves.
        questions: one question, or several, under "image" and under "audio".
        deployment: the `model` of the requests.
        model: "phi-4-multimodal" or "gpt-4o": whose rules count the tokens and set the limits.

    Returns:
        One task for each file and question, in the order of the names; one for each file that is refused.

    Raises:
        BatchError: there is no such folder, no question, or no rule for the model.
    """
    if model not in _MODELS:
        raise BatchError(f"No token rule for {model!r}: use one of {', '.join(_MODELS)}.")
    asked = _checked_questions(questions)
    tasks = []
    for name, path in _found(files):
        try:
            digest, media, size, weight = _look_at(path, _MODELS[model])
            if not asked.get(media):
                kind = {"image": "pictures", "audio": "sounds"}[media]
                raise MediaError(f"{path.name}: there is no question for {kind}. Add one under {media!r}.")
            tasks += [
                Task(
                    _key(digest, deployment, prompt),
                    name,
                    str(path.absolute()),
                    media,
                    size,
                    weight + tokens.text_tokens(prompt) + _AROUND_A_MESSAGE,
                    deployment,
                    prompt,
                )
                for prompt in asked[media]
            ]
        except MediaError as error:
            # Two files that cannot be read may have the same content, or none: their names tell them apart.
            key = _key("refused", name, str(error), deployment)
            tasks.append(
                Task(key, name, str(path.absolute()), "", _size(path), 0, deployment, "", refused=str(error))
            )
    return tasks


def cost(tasks: Iterable[Task], prices: Mapping[str, float], *, reply_tokens: int) -> float:
    """Estimate what sending these tasks costs; files with the same content are paid for once.

    Args:
        tasks: as `plan` returns them; refused ones cost nothing.
        prices: what a million tokens cost in your currency: "image" and "audio" for tokens in, "reply" for tokens
            out. The price page of your deployment has them; a service may price sound and pictures alike.
        reply_tokens: how long you expect a reply to be, in tokens.

    Returns:
        The sum, in the currency of the prices.

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
    """Make the messages of one request: the question and the file.

    Raises:
        MediaError: the file is not the one that was planned, or cannot be sent any more.
    """
    with open_media(task.path) as media:
        digest = _digest(media)
    if _key(digest, task.deployment, task.prompt) != task.key:
        raise MediaError(f"{task.file} was changed after it was planned: make the plan again.")
    part = image_part(task.path) if task.media == "image" else audio_part(task.path, quiet=True)
    return [{"role": "user", "content": [{"type": "text", "text": task.prompt}, part]}]


def _found(files: str | Path | Iterable[str | Path]) -> list[tuple[str, Path]]:
    """Names and paths, sorted by name."""
    if not isinstance(files, str | Path):
        return [(Path(path).name, Path(path)) for path in files]
    folder = Path(files)
    if not folder.is_dir():
        raise BatchError(f"There is no folder {folder.name or folder}: check its spelling and where you run.")
    below = [path for path in folder.rglob("*") if not path.is_dir()]
    names = [(path.relative_to(folder).as_posix(), path) for path in below]
    return sorted(pair for pair in names if not any(part.startswith(".") for part in pair[0].split("/")))


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


def _look_at(path: Path, model: _Model) -> tuple[str, str, int, int]:
    """Digest, media, bytes and tokens of one file; raises MediaError for one that would be refused."""
    if path.is_symlink() and not path.exists():
        raise MediaError(
            f"{path.name} is a link to a file that is not there: put the file back, or copy it here."
        )
    with open_media(path) as media:
        digest = _digest(media)
        weight = _picture_tokens(media, model) if media.is_image else _sound_tokens(media, model)
        if weight > model.input_tokens:
            raise MediaError(
                f"{media.name} weighs {weight:,} tokens, and the model takes {model.input_tokens:,}: "
                "send a smaller picture or a shorter clip."
            )
        return digest, "image" if media.is_image else "audio", media.size, weight


def _digest(media: Media) -> str:
    media.file.seek(0)
    return hashlib.file_digest(media.file, "sha256").hexdigest()


def _picture_tokens(media: Media, model: _Model) -> int:
    # As it would be sent: a photo that lies on its side is turned upright first, and may weigh something else.
    try:
        return model.picture_tokens(*ready_size(media))
    except ValueError as error:
        raise MediaError(f"{media.name}: {error}") from None


def _sound_tokens(media: Media, model: _Model) -> int:
    if model.sound_tokens is None:
        raise MediaError(f"{media.name} is a sound, and this model takes none: choose one that does.")
    info = sound_info(media)
    if info.duration > model.sound_seconds:
        raise MediaError(
            f"{media.name} lasts {info.duration / 60:.0f} minutes, and the model hears at most "
            f"{model.sound_seconds / 60:.0f}: cut it into shorter clips."
        )
    # What is not sent as it is becomes a wav with two bytes a sample.
    size = media.size if media.is_plain else info.frames * info.channels * 2
    if size > MAX_BYTES:
        raise MediaError(too_large(f"{media.name}, converted to wav,", size))
    return model.sound_tokens(info.duration)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0


def _key(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
