"""From a picture or a sound to the content part that carries it in a chat message."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pybase64
from PIL import Image

from formats import pictures
from formats.kinds import kind_of
from formats.pieces import without_metadata
from formats.sounds import as_wav
from helpers import tokens
from helpers.media import (
    MAX_BYTES,
    MAX_BYTES_TO_SHRINK,
    Media,
    blocks,
    is_data_url,
    named,
    open_media,
    remote_url,
    sound_info,
    too_large,
)
from helpers.media import MediaError as MediaError

_PIECE = 3 * 2**21
"""Bytes encoded at a time: a multiple of 3, so that no padding falls in the middle of the base64."""


def image_part(source: Any, *, detail: str | None = None, shrink_for: str | None = None) -> dict[str, Any]:
    """Make the content part that carries a picture: {"type": "image_url", "image_url": {"url": ...}}.

    The bytes are sent untouched, with two exceptions: a picture that carries EXIF or XMP data loses them,
    because they often hold the place where a photo was taken, and is turned upright if it lies on its side; and
    `shrink_for` makes a large picture smaller.

    Args:
        source: A path (`str` or `Path`), bytes, a file opened with 'rb', a matplotlib figure, a PIL image (the last
            two are sent as PNG), a data URL, or an http or https URL, which is passed on unchanged. The bytes must
            be a png, jpeg, gif or webp of at most 20 MB. A data URL whose type is wrong gets that of its bytes.
        detail: How closely the model looks: "low", "high" or "auto". If not None it goes beside "url".
        shrink_for: "phi-4-multimodal", "gpt-4o" or "gpt-5-mini" to scale the picture down to what that model can
            use, as `helpers.tokens.largest_useful_size` says. Never enlarges. Has no effect on a URL.

    Raises MediaError if the source or an option is of no use; the message says why and what to do.
    """
    detail = getattr(detail, "value", detail)
    if detail is not None and detail not in tokens.DETAILS:
        raise MediaError(f"detail is one of {', '.join(tokens.DETAILS)}, not {detail!r}.")
    _limit(shrink_for)
    url = source
    if not remote_url(source):
        with ready_picture(source, shrink_for=shrink_for) as media:
            url = _as_url(source, media)
    return {"type": "image_url", "image_url": {"url": url} | ({} if detail is None else {"detail": detail})}


def audio_part(source: Any, *, quiet: bool = False) -> dict[str, Any]:
    """Make the content part that carries a sound: an `input_audio` with base64, or of a URL an `audio_url`.

    The service's `input_audio` takes mp3 and wav. A flac or ogg file, and a wav of another coding than plain
    numbers, is converted to wav; a header whose lengths are wrong is put right. A printed sentence says so.

    Args:
        source: A path (`str` or `Path`), bytes, a file opened with 'rb', or an http, https or data URL. The
            bytes must be mp3, wav, flac or ogg, and at most 20 MB as they are sent.
        quiet: Whether to leave that sentence out.

    Raises MediaError if the source is of no use; the message says why and what to do.
    """
    if remote_url(source):
        return {"type": "audio_url", "audio_url": {"url": source}}
    with open_media(source, wanted="audio") as opened:
        media = _playable(opened, quiet=quiet)
        if is_data_url(source):
            return {"type": "audio_url", "audio_url": {"url": _as_url(source, media)}}
        return {"type": "input_audio", "input_audio": {"data": _encoded("", media), "format": media.kind}}


def data_url(source: Any, *, shrink_for: str | None = None) -> str:
    """Make the data URL of what `image_part` or `audio_part` would send, which say what each argument may be.

    A sound becomes `data:audio/wav` or `data:audio/mpeg`, whatever `shrink_for` is. Raises MediaError as they
    do, and of http and https URLs: their bytes are elsewhere.
    """
    with open_media(source, limit=_limit(shrink_for)) as opened:
        media = _ready(opened, shrink_for) if opened.is_image else _playable(opened)
        return _as_url(source, media)


@contextmanager
def ready_picture(source: Any, *, shrink_for: str | None = None) -> Iterator[Media]:
    """Open a picture as it would be sent: upright, without EXIF, and shrunk if that was asked for.

    Source, `shrink_for` and errors are as for `image_part`, without http and https URLs.
    """
    with open_media(source, wanted="image", limit=_limit(shrink_for)) as media:
        yield _ready(media, shrink_for)


def ready_size(media: Media) -> tuple[int, int]:
    """Width and height, in pixels, with which an open picture would be sent; nothing is decoded for it."""
    with named(media.name):
        return pictures.upright_size(media.file, media.kind)


def _useful_size(shrink_for: str, size: tuple[int, int], said: str = "") -> tuple[int, int]:
    try:
        return tokens.largest_useful_size(shrink_for, *size)
    except ValueError as error:
        raise MediaError(f"{said}{error}") from None


def _limit(shrink_for: str | None) -> int:
    """Most bytes of a picture that may be opened; MediaError of a model that is not known."""
    if shrink_for is None:
        return MAX_BYTES
    _useful_size(shrink_for, (1, 1), "shrink_for: ")
    return MAX_BYTES_TO_SHRINK


def _ready(media: Media, shrink_for: str | None) -> Media:
    size = ready_size(media)
    useful = _useful_size(shrink_for, size) if shrink_for else size
    with named(media.name), pictures.in_turn(media.file, media.kind):
        turn = pictures.turn_of(media.file, media.kind)
        if turn is not None and useful == size:
            ready = _turned(media, turn)
        else:
            bare = without_metadata(media.kind, media.read())
            ready = media if bare is None else _remade(media, bare)
        if useful != size:
            smaller = _remade(media, pictures.shrunk(media.file, media.kind, useful, turn))
            # A chart in a few flat colors may take more bytes once it is resampled to many.
            ready = smaller if turn is not None or smaller.size < ready.size else ready
    if ready.size > MAX_BYTES:
        raise MediaError(too_large(ready.name, ready.size), "large")
    return ready


def _turned(media: Media, turn: Image.Transpose) -> Media:
    data, smaller = pictures.turned(media.file, media.kind, turn, MAX_BYTES)
    if smaller:
        size = "{} by {}".format(*smaller)
        print(f"{media.name} is made smaller, {size} pixels: upright it would grow.")
    return _remade(media, data)


def _remade(media: Media, data: bytes) -> Media:
    return Media(media.name, kind_of(data) or media.kind, io.BytesIO(data), len(data), is_original=False)


def _playable(media: Media, *, quiet: bool = False) -> Media:
    if media.is_plain and not media.misleads:
        return media
    if media.is_plain and media.mended:
        data, said = media.mended, f"has a header that {media.misleads}: it is sent with the right one"
    else:
        info = sound_info(media)
        size = info.frames * info.channels * 2
        if size > MAX_BYTES:
            raise MediaError(too_large(f"{media.name}, converted to wav,", size), "large")
        data = as_wav(np.concatenate(list(blocks(media))), info.samplerate)
        coding = f"wav in {info.subtype}" if media.kind == "wav" else media.kind
        said = f"is {coding}, which the service does not take: it is converted to wav"
    if not quiet:
        print(f"{media.name} {said}.")
    return _remade(media, data)


def _as_url(source: Any, media: Media) -> str:
    """The data URL of what will be sent; one that was given is kept if it is that already."""
    prefix = f"data:{media.media_type};base64,"
    if media.is_original and is_data_url(source) and source.startswith(prefix):
        text = source[len(prefix) :]
        if len(text) == 4 * -(-media.size // 3) and re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text):
            return source
    return _encoded(prefix, media)


def _encoded(prefix: str, media: Media) -> str:
    """Append the base64 of a file to a prefix."""
    # Piece by piece there is one copy of the text in memory; joined at the end there would be two.
    text = prefix
    media.file.seek(0)
    while piece := media.file.read(_PIECE):
        text += pybase64.b64encode_as_string(piece)
    return text
