"""From a picture or a sound to the content part that carries it in a chat message."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pybase64
import soundfile
from PIL import Image

from helpers import tokens
from helpers.media import (
    MAX_BYTES,
    MAX_BYTES_TO_SHRINK,
    PIECES,
    Media,
    MediaError,
    blocks,
    decoded,
    give_back,
    in_turn,
    is_data_url,
    open_media,
    open_picture,
    remote_url,
    sound_info,
    too_large,
)

__all__ = ["MediaError", "audio_part", "data_url", "image_part", "ready_picture", "ready_size"]

_PIECE = 3 * 2**21
"""Bytes encoded at a time: a multiple of 3, so that no padding falls in the middle of the base64."""
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its EXIF orientation."""
_MOST_TURNED = 1_000_000_000
"""Bytes of memory that turning a picture may take, by the most that decoder and encoder need for a pixel."""
# Exif and XMP are APP1, IPTC is APP13; APP2 may list further pictures (MPF), which have such data of their own.
_METADATA: dict[str, Callable[[Any, bytes], bool]] = {
    "jpeg": lambda marker, begin: marker in (0xE1, 0xED) or (marker == 0xE2 and begin.startswith(b"MPF")),
    "png": lambda label, begin: (
        label == b"eXIf" or (label[1:] in (b"EXt", b"TXt") and begin.startswith((b"XML:com", b"Raw profile")))
    ),
    "webp": lambda label, _: label in (b"EXIF", b"XMP "),
    "gif": lambda label, begin: label == 0x21 and begin.startswith(b"XMP Data"),
}
_LABELED = {"jpeg": 4, "png": 8, "webp": 8, "gif": 3}
"""Bytes before a piece's content: its label and length."""


def image_part(source: Any, *, detail: str | None = None, shrink_for: str | None = None) -> dict[str, Any]:
    """Make the content part that carries a picture.

    The type is read from the bytes, never from the file's name. The bytes are sent untouched, with two
    exceptions: a picture that carries EXIF or XMP data loses them, because they often hold the place where a
    photo was taken, and is turned upright if it lies on its side; and `shrink_for` makes a large picture smaller.

    Args:
        source: A path (`str` or `Path`), bytes, a file opened with 'rb', a matplotlib figure, a PIL image (the last
            two are sent as PNG), a data URL, or an http or https URL, which is passed on unchanged. The bytes must
            be a png, jpeg, gif or webp of at most 20 MB. A data URL whose type is wrong gets that of its bytes.
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
    else:
        with ready_picture(source, shrink_for=shrink_for) as media:
            url = _as_url(source, media)
    image_url = {"url": url} if detail is None else {"url": url, "detail": detail}
    return {"type": "image_url", "image_url": image_url}


def audio_part(source: Any, *, quiet: bool = False) -> dict[str, Any]:
    """Make the content part that carries a sound.

    The service's `input_audio` takes mp3 and wav. A flac or ogg file, and a wav of another coding than plain
    numbers, is converted to wav; a header whose lengths are wrong is put right. A printed sentence says so.

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
        media = _playable(opened, quiet=quiet)
        if is_data_url(source):
            return {"type": "audio_url", "audio_url": {"url": _as_url(source, media)}}
        return {"type": "input_audio", "input_audio": {"data": _encoded("", media), "format": media.kind}}


def data_url(source: Any, *, shrink_for: str | None = None) -> str:
    """Make the data URL of a picture or a sound.

    It is what `image_part` would send; a sound becomes `data:audio/wav` or `data:audio/mpeg`.

    Args:
        source: As for `image_part` or `audio_part`, without http and https URLs: their bytes are elsewhere.
        shrink_for: As for `image_part`; has no effect on a sound.

    Raises:
        MediaError: If the source is of no use; the message says why and what to do.
    """
    _check_model(shrink_for)
    with open_media(source, limit=MAX_BYTES_TO_SHRINK if shrink_for else MAX_BYTES) as opened:
        media = _ready(opened, shrink_for) if opened.is_image else _playable(opened)
        return _as_url(source, media)


@contextmanager
def ready_picture(source: Any, *, shrink_for: str | None = None) -> Iterator[Media]:
    """Open a picture as it would be sent: upright, without EXIF, and shrunk if that was asked for.

    Source, `shrink_for` and errors are as for `image_part`, without http and https URLs.
    """
    _check_model(shrink_for)
    with open_media(source, wanted="image", limit=MAX_BYTES_TO_SHRINK if shrink_for else MAX_BYTES) as media:
        yield _ready(media, shrink_for)


def ready_size(media: Media) -> tuple[int, int]:
    """Width and height, in pixels, with which an open picture would be sent; nothing is decoded for it."""
    is_turned = _orientation(media) in (5, 6, 7, 8)
    with open_picture(media) as picture:
        return picture.size[::-1] if is_turned else picture.size


def _orientation(media: Media) -> int | None:
    if media.kind == "png":
        data = media.read()
        if b"eXIf" not in data and b"Raw profile" not in data:
            # Pillow would decode the picture to look for EXIF data after its pixels.
            return None
    with open_picture(media) as picture, warnings.catch_warnings():
        # Pillow tells of damaged EXIF data, which is taken out anyway.
        warnings.simplefilter("ignore")
        return picture.getexif().get(_ORIENTATION)


def _check_model(shrink_for: str | None) -> None:
    if shrink_for is None:
        return
    try:
        tokens.largest_useful_size(shrink_for, 1, 1)
    except ValueError as error:
        raise MediaError(f"shrink_for: {error}") from None


def _ready(media: Media, shrink_for: str | None) -> Media:
    size = ready_size(media)
    useful = size
    if shrink_for:
        try:
            useful = tokens.largest_useful_size(shrink_for, *size)
        except ValueError as error:
            raise MediaError(str(error)) from None
    turn = _TURNS.get(_orientation(media) or 1)
    with in_turn(media):
        ready = _turned(media, turn) if turn is not None and useful == size else _without_metadata(media)
        if useful != size:
            smaller = _saved(_small(media, useful, turn), media, {"quality": 95})
            # A chart in a few flat colors may take more bytes once it is resampled to many.
            ready = smaller if turn is not None or smaller.size < ready.size else ready
    if ready.size > MAX_BYTES:
        raise MediaError(too_large(ready.name, ready.size), "large")
    return ready


def _without_metadata(media: Media) -> Media:
    """The picture without EXIF, XMP and IPTC data; the bytes of its pixels stay as they are."""
    data = media.read()
    kept, begin = [], 0
    for label, first, last in PIECES[media.kind](data):
        if _METADATA[media.kind](label, data[first + _LABELED[media.kind] : first + 80]):
            kept.append(data[begin:first])
            begin = last
        end = last
    if not kept:
        return media
    # What follows the last piece may be a film or a second picture, with such data of its own.
    bare = b"".join([*kept, data[begin:end]])
    if media.kind == "webp" and bare[12:16] == b"VP8X":
        # Its flags that announce EXIF (8) and XMP (4), and the length of all.
        bare = (
            b"RIFF" + (len(bare) - 8).to_bytes(4, "little") + bare[8:20] + bytes([bare[20] & ~12]) + bare[21:]
        )
    return Media(media.name, media.kind, io.BytesIO(bare), len(bare), is_original=False)


def _turned(media: Media, turn: Image.Transpose) -> Media:
    """The picture upright and without metadata, at most a tenth larger than it was, or else scaled down."""
    most = min(MAX_BYTES, max(1.1 * media.size, media.size + 1000))
    upright, ways = _upright(media, turn)
    if max(upright.size) > 2000:
        # The picture as it lay was freed, and saving takes as much again.
        give_back()
    for way in ways:
        turned = _saved(upright, media, way)
        if turned.size <= most:
            return turned
    while turned.size > most and max(upright.size) > 1:
        scale = 0.95 * (most / turned.size) ** 0.5
        upright = upright.resize(
            [max(1, int(side * scale)) for side in upright.size], Image.Resampling.LANCZOS
        )
        turned = _saved(upright, media, way)
    print(f"{media.name} is made smaller, {upright.width} by {upright.height} pixels: upright it would grow.")
    return turned


def _upright(media: Media, turn: Image.Transpose) -> tuple[Image.Image, list[dict[str, Any]]]:
    """The pixels, and the ways to save them so that they take about as many bytes as before."""
    with open_picture(media) as picture:
        ways: list[dict[str, Any]] = [{"optimize": True}]
        if media.kind == "jpeg":
            # Any other sampling than these three cannot be written; the third takes the fewest bytes.
            sampling = {(1, 1): 0, (2, 1): 1}.get(tuple(picture.layer[0][1:3]), 2)
            same = {"qtables": picture.quantization, "subsampling": sampling}
            ways = [same | {"optimize": True}, same | {"progressive": True}]
        elif media.kind == "webp":
            is_lossless = b"VP8L" in media.read()[:4096]
            ways = [{"lossless": True}] if is_lossless else [{"quality": quality} for quality in (90, 75, 60)]
        if picture.width * picture.height * (4 + 2 * len(picture.getbands())) > _MOST_TURNED:
            return _small(media, [side // 2 for side in ready_size(media)], turn), ways
        return picture.transpose(turn), ways


def _small(media: Media, size: Sequence[int], turn: Image.Transpose | None) -> Image.Image:
    """The picture upright and scaled down to this size."""
    with open_picture(media) as picture:
        lies = ready_size(media) != picture.size
        profile = picture.info.get("icc_profile") if picture.mode != "CMYK" else None
    small = decoded(media, (size[1], size[0]) if lies else (size[0], size[1]))
    small = small if turn is None else small.transpose(turn)
    small = small if small.size == tuple(size) else small.resize(size, Image.Resampling.LANCZOS)
    small.info["icc_profile"] = profile
    return small


def _saved(picture: Image.Image, media: Media, options: dict[str, Any]) -> Media:
    kind = "png" if media.kind == "gif" else media.kind
    file = io.BytesIO()
    # What a picture brought along in `info` could be written back by Pillow, so only its looks are kept.
    profile = picture.info.get("icc_profile")
    picture.info = {key: picture.info[key] for key in ("transparency",) if key in picture.info}
    picture.save(file, kind, icc_profile=profile, **options)
    picture.info["icc_profile"] = profile
    return Media(media.name, kind, file, file.tell(), is_original=False)


def _playable(media: Media, *, quiet: bool = False) -> Media:
    if media.is_plain and not media.misleads:
        return media
    if media.is_plain and media.mended:
        data, said = media.mended, f"has a header that {media.misleads}: it is sent with the right one"
    else:
        data, said = _as_wav(media), "which the service does not take: it is converted to wav"
        said = f"is {media.kind if media.kind != 'wav' else 'wav in ' + sound_info(media).subtype}, {said}"
    if not quiet:
        print(f"{media.name} {said}.")
    kind = "mp3" if media.kind == "mp3" else "wav"
    return Media(media.name, kind, io.BytesIO(data), len(data), is_original=False)


def _as_wav(media: Media) -> bytes:
    info = sound_info(media)
    size = info.frames * info.channels * 2
    if size > MAX_BYTES:
        raise MediaError(too_large(f"{media.name}, converted to wav,", size), "large")
    samples = np.concatenate(list(blocks(media)))
    file = io.BytesIO()
    loudest = max(1.0, float(np.abs(samples).max()))
    soundfile.write(file, samples / loudest, info.samplerate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _as_url(source: Any, media: Media) -> str:
    """The data URL of what will be sent; one that was given is kept if it is that already."""
    prefix = f"data:{media.media_type};base64,"
    if media.is_original and is_data_url(source) and source.startswith(prefix):
        text = source[len(prefix) :]
        if len(text) == 4 * -(-media.size // 3) and re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text):
            return source
    return _encoded(prefix, media)


def _encoded(prefix: str, media: Media) -> str:
    """Append the base64 of a file to a prefix.

    Appending piece by piece keeps one copy of the text in memory. Joining prefix and text at the end would need
    two.
    """
    text = prefix
    media.file.seek(0)
    while piece := media.file.read(_PIECE):
        text += pybase64.b64encode_as_string(piece)
    return text
