"""From a checked request to what is said: decode the media, count, read and answer. Runs in a worker thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from helpers import tokens
from helpers.models import Model
from offline_endpoint.wire import contract, deployments, parts
from offline_endpoint.wire.conversation import Picture, Turn
from offline_endpoint.wire.schemas import check_reply
from offline_endpoint.wire.service_error import refused_value

# Hidden tokens that a reasoning deployment counts for each effort, "medium" unless told otherwise. The reader does not
# reason: the numbers are made up, multiples of 64 as reports of the service have them, so that what they do to `usage`
# and to a limit can be seen.
REASONING_TOKENS = {"minimal": 0, "low": 64, "medium": 192, "high": 640}


@dataclass(frozen=True)
class Reply:
    """What is said, why it ended, and what it cost."""

    text: str
    finish_reason: str
    usage: dict[str, Any]


def make_reply(chat: contract.ChatRequest, model: Model, own: tuple[str, int]) -> Reply:
    """Answer a request that `deployments.check` let through; raises a 400 for media or a schema that cannot be used.

    `own` is host and port of the endpoint, whose samples it may fetch.
    """
    turns = _turns(chat, model, own)
    prompt_tokens = _prompt_tokens(turns, model)
    if prompt_tokens > model.input_tokens:
        message = (
            f"The messages weigh {prompt_tokens} tokens; {model.name} takes {model.input_tokens}. "
            "Shorten them or send smaller pictures."
        )
        raise refused_value(["body", "messages"], "context_length_exceeded", message)
    # Imported late: the readers behind it take longer to import than the endpoint takes to start.
    from offline_endpoint.answers import answer

    as_json = deployments.wants_json(chat)
    text = answer(turns, as_json=as_json, most_tokens=_tokens_for(chat, model)[1])
    wanted = chat.response_format
    schema = wanted.json_schema.schema_ if wanted and wanted.json_schema else None
    if as_json and schema is not None:
        check_reply(text, schema)
    return _finish(text, chat, model, prompt_tokens)


def _turns(chat: contract.ChatRequest, model: Model, own: tuple[str, int]) -> list[Turn]:
    turns = []
    for number, message in enumerate(chat.messages):
        pictures, clips, texts = [], [], []
        for index, part in enumerate(message.parts):
            at: list[str | int] = ["body", "messages", number, "content", index, part.type]
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
    most = model.pictures_a_request
    if most is not None and sum(len(turn.pictures) for turn in turns) > most:
        raise deployments.too_many_pictures(most, ["body", "messages"])
    last = max((number for number, turn in enumerate(turns) if turn.pictures), default=None)
    if model.keeps_last_picture:
        turns = [turn if number == last else replace(turn, pictures=()) for number, turn in enumerate(turns)]
    return [replace(turn, pictures=tuple(_as_seen(each, model) for each in turn.pictures)) for turn in turns]


def _as_seen(picture: Picture, model: Model) -> Picture:
    """The picture at the size at which the model sees it, so that small print is lost here as it is there."""
    if model.picture_size is None:
        return picture
    try:
        return picture.seen_at(model.picture_size(picture.width, picture.height, picture.detail))
    except ValueError as error:
        raise refused_value(["body", "messages"], "invalid_image", str(error)) from None


def _prompt_tokens(turns: list[Turn], model: Model) -> int:
    # Four tokens a message and three for the reply's start are what OpenAI's cookbook counts for its chat format.
    count = 3
    for turn in turns:
        count += 4 + tokens.text_tokens(turn.text)
        if model.picture_tokens is not None:
            count += sum(model.picture_tokens(pic.width, pic.height, pic.detail) for pic in turn.pictures)
        if model.sound_tokens is not None:
            count += sum(model.sound_tokens(clip.seconds) for clip in turn.clips)
    return count


def _tokens_for(chat: contract.ChatRequest, model: Model) -> tuple[int, int]:
    """How many tokens reasoning takes, and how many are left for what is said."""
    limit = chat.reply_limit or model.output_tokens
    reasoning = REASONING_TOKENS[chat.reasoning_effort or "medium"] if model.reasoning_efforts else 0
    return min(limit, reasoning), max(0, limit - reasoning)


def _finish(text: str, chat: contract.ChatRequest, model: Model, prompt_tokens: int) -> Reply:
    """Cut the text at the first stop sequence or at the token limit, whichever comes first, and count."""
    finish_reason = "stop"
    ends = [text.index(sequence) for sequence in chat.stop_sequences if sequence in text]
    text = text[: min(ends, default=len(text))]
    reasoning, most = _tokens_for(chat, model)
    if tokens.text_tokens(text) > most:
        text = text[: most * tokens.CHARACTERS_PER_TOKEN]
        finish_reason = "length"
    completion = reasoning + tokens.text_tokens(text)
    usage: dict[str, Any] = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion,
        "total_tokens": prompt_tokens + completion,
    }
    if model.reasoning_efforts:
        usage["completion_tokens_details"] = {"reasoning_tokens": reasoning}
    return Reply(text, finish_reason, usage)
