"""From a picture or a sound to the content part that carries it in a chat message."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pybase64
import soundfile
from PIL import Image, ImageOps

from helpers import tokens
from helpers.media import (
    MAX_BYTES,
    MAX_BYTES_TO_SHRINK,
    Media,
    MediaError,
    check_pixels,
    open_media,
    open_picture,
    remote_url,
    sound_info,
    too_large,
)

__all__ = ["MediaError", "audio_part", "data_url", "image_part", "ready_picture"]

_PIECE = 3 * 2**19
"""Bytes encoded at a time: a multiple of 3, so that no padding falls in the middle of the base64."""


def image_part(source: Any, *, detail: str | None = None, shrink_for: str | None = None) -> dict[str, Any]:
    """Make the content part that carries a picture.

    The type is read from the bytes, never from the file's name. The bytes are sent untouched, with two
    exceptions: a picture that carries EXIF or XMP data is turned upright and saved again without them,
    because they often hold the place where a photo was taken; and `shrink_for` makes a large picture
    smaller. A picture that is saved again keeps its first frame only, the one that models look at.

    Args:
        source: A path (`str` or `Path`), bytes, a file opened with 'rb', a matplotlib figure, a PIL image
            (the last two are sent as PNG), or an http, https or data URL, which is passed on unchanged. The
            bytes must be a png, jpeg, gif or webp of at most 20 MB.
        detail: How closely the model looks: "low", "high" or "auto". Left out of the part if None.
        shrink_for: "phi-4-multimodal" or "gpt-4o" to scale the picture down to what that model can use, as
            `helpers.tokens.largest_useful_size` says. Never enlarges. Has no effect on a URL.

    Returns:
        `{"type": "image_url", "image_url": {"url": ...}}`, with "detail" beside "url" if it was given.

    Raises:
        MediaError: If the source or an option is of no use; the message says why and what to do.
    """
    detail = getattr(detail, "value", detail)
    if detail is not None and detail not in tokens.DETAILS:
        raise MediaError(f"detail is one of {', '.join(tokens.DETAILS)}, not {detail!r}.")
    _check_model(shrink_for)
    if remote_url(source):
        url = source
    elif isinstance(source, str) and source[:5].lower() == "data:":
        with open_media(source, wanted="image"):
            url = source
    else:
        with ready_picture(source, shrink_for=shrink_for) as media:
            url = _encoded(f"data:{media.media_type};base64,", media)
    image_url = {"url": url} if detail is None else {"url": url, "detail": detail}
    return {"type": "image_url", "image_url": image_url}


def audio_part(source: Any, *, quiet: bool = False) -> dict[str, Any]:
    """Make the content part that carries a sound.

    The service's `input_audio` takes mp3 and wav. A flac or ogg file is converted to wav, and a printed
    sentence says so.

    Args:
        source: A path (`str` or `Path`), bytes, a file opened with 'rb', or an http, https or data URL. The
            bytes must be mp3, wav, flac or ogg, and at most 20 MB as they are sent.
        quiet: Whether to leave that sentence out.

    Returns:
        `{"type": "input_audio", "input_audio": {"data": <base64>, "format": "wav" or "mp3"}}`; for a URL
        `{"type": "audio_url", "audio_url": {"url": ...}}`.

    Raises:
        MediaError: If the source is of no use; the message says why and what to do.
    """
    if remote_url(source):
        return {"type": "audio_url", "audio_url": {"url": source}}
    with open_media(source, wanted="audio") as opened:
        if isinstance(source, str) and source[:5].lower() == "data:":
            return {"type": "audio_url", "audio_url": {"url": source}}
        media = _playable(opened, quiet=quiet)
        return {"type": "input_audio", "input_audio": {"data": _encoded("", media), "format": media.kind}}


def data_url(source: Any, *, shrink_for: str | None = None) -> str:
    """Make the data URL of a picture or a sound.

    It is what `image_part` would send; a sound becomes `data:audio/wav` or `data:audio/mpeg`.

    Args:
        source: As for `image_part` or `audio_part`, without http and https URLs: their bytes are elsewhere.
        shrink_for: As for `image_part`; has no effect on a sound.

    Returns:
        `data:<media type>;base64,<data>`.

    Raises:
        MediaError: If the source is of no use; the message says why and what to do.
    """
    _check_model(shrink_for)
    with open_media(source, limit=MAX_BYTES_TO_SHRINK if shrink_for else MAX_BYTES) as opened:
        media = _ready(opened, shrink_for) if opened.is_image else _playable(opened)
        return _encoded(f"data:{media.media_type};base64,", media)


@contextmanager
def ready_picture(source: Any, *, shrink_for: str | None = None) -> Iterator[Media]:
    """Open a picture as it would be sent: upright, without EXIF, and shrunk if that was asked for.

    Args:
        source: As for `image_part`, without http and https URLs.
        shrink_for: As for `image_part`.

    Yields:
        The open picture.

    Raises:
        MediaError: If the source is of no use.
    """
    _check_model(shrink_for)
    with open_media(source, wanted="image", limit=MAX_BYTES_TO_SHRINK if shrink_for else MAX_BYTES) as media:
        yield _ready(media, shrink_for)


def _check_model(shrink_for: str | None) -> None:
    if shrink_for is None:
        return
    try:
        tokens.largest_useful_size(shrink_for, 1, 1)
    except ValueError as error:
        raise MediaError(f"shrink_for: {error}") from None


def _ready(media: Media, shrink_for: str | None) -> Media:
    with open_picture(media) as picture:
        # A PNG may carry EXIF after its pixels, where Pillow has not looked yet.
        has_metadata = (
            any(key in picture.info for key in ("exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif"))
            or b"eXIf" in media.tail()
        )
        upright = ImageOps.exif_transpose(picture) if has_metadata else picture
        size = upright.size
        if shrink_for:
            try:
                size = tokens.largest_useful_size(shrink_for, *upright.size)
            except ValueError as error:
                raise MediaError(str(error)) from None
        if size != upright.size:
            colors = upright.convert(_resizable(upright))
            smaller = _saved_again(colors.resize(size, Image.Resampling.LANCZOS), media)
            # A chart in a few flat colors may take more bytes once it is resampled to many.
            if has_metadata or smaller.size < media.size:
                media = smaller
        elif has_metadata:
            media = _saved_again(upright, media)
    if media.size > MAX_BYTES:
        raise MediaError(too_large(media.name, media.size))
    return media


def _resizable(picture: Image.Image) -> str:
    """Name the mode in which a picture's pixels can be averaged: a palette's numbers cannot."""
    if picture.has_transparency_data:
        return "RGBA"
    return picture.mode if picture.mode in ("L", "RGB", "CMYK") else "RGB"


def _saved_again(picture: Image.Image, media: Media) -> Media:
    check_pixels(media.name, *picture.size)
    kind = "png" if media.kind == "gif" else media.kind
    file = io.BytesIO()
    options = {"quality": 95} if kind in ("jpeg", "webp") else {}
    if profile := picture.info.get("icc_profile"):
        options["icc_profile"] = profile
    # What a picture brought along in `info` could be written back by Pillow, so only its looks are kept.
    picture.info = {key: picture.info[key] for key in ("transparency",) if key in picture.info}
    picture.save(file, kind, **options)
    return Media(media.name, kind, file, file.tell(), is_original=False)


def _playable(media: Media, *, quiet: bool = False) -> Media:
    if media.kind in ("mp3", "wav"):
        return media
    info = sound_info(media)
    wav_size = info.frames * info.channels * 2
    if wav_size > MAX_BYTES:
        raise MediaError(too_large(f"{media.name}, converted to wav,", wav_size))
    media.file.seek(0)
    samples, rate = soundfile.read(media.file, dtype="float32")
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
    if not quiet:
        print(f"{media.name} is {media.kind}, which the service does not take: it is converted to wav.")
    return Media(media.name, "wav", file, file.seek(0, io.SEEK_END), is_original=False)


def _encoded(prefix: str, media: Media) -> str:
    """Append the base64 of a file to a prefix.

    Appending piece by piece keeps one copy of the text in memory. Joining prefix and text at the end would need
    two.
    """
    text = prefix
    _make_room(len(prefix) + 4 * (media.size // 3 + 1))
    with media.view() as data:
        for start in range(0, media.size, _PIECE):
            with data[start : start + _PIECE] as piece:
                text += pybase64.b64encode_as_string(piece)
    return text


def _make_room(count: int) -> None:
    """Have the allocator hold this many bytes ready, so that a growing text stays where it is.

    Without it glibc moves the text to fresh memory at each step, which takes several times as long as the
    encoding itself. The first block that is given back goes to the system, but makes glibc keep the next one.
    Nothing is written to either, so both cost next to nothing; elsewhere they do no harm.
    """
    for _ in range(2):
        np.empty(count, np.uint8)
