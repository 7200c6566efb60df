"""Media parts of a request become decoded pictures and clips, within limits."""

from __future__ import annotations

import functools
import hashlib
import io
import re
import warnings

import pybase64

from offline_endpoint.wire.conversation import Clip, Picture
from offline_endpoint.wire.fetch import FetchError, fetch
from offline_endpoint.wire.service_error import Location, refused_value

MAX_PICTURE_BYTES = 20 * 1024 * 1024
"""The largest picture file; Microsoft's page on vision-enabled chat models gives 20 MB."""

MAX_PIXELS = 89_478_485
"""The most pixels a picture may decode to: where Pillow begins to suspect a decompression bomb."""

MAX_SOUND_BYTES = 20 * 1024 * 1024
"""The largest clip file; Microsoft's quickstart on audio in chat completions gives 20 MB."""

MAX_SOUND_SECONDS = 300.0
"""The longest clip; the offline endpoint's own limit, about a minute of reading. The model itself takes 30 minutes."""

PICTURE_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
SOUND_TYPES = {"WAV": "audio/wav", "MPEG": "audio/mpeg", "MP3": "audio/mpeg"}
# Names in use for the same types: JPEG has one registered name, WAV and MP3 several.
_SAME_TYPE = {
    "image/jpg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
}
_DATA_URL = re.compile(r"data:(?P<type>[^;,]*)(?P<parameters>(?:;[^;,]*)*),", re.ASCII)

SAMPLES_PATH = "/samples/"
"""The path under which the endpoint serves the lessons' own pictures and clips."""


def picture_from_url(url: str, detail: str, location: Location, own: tuple[str, int]) -> Picture:
    """The picture a data URL holds or an http(s) URL points to.

    Args:
        url: as the request gives it.
        detail: `auto`, `low` or `high`, kept with the picture.
        location: the field's place in the request, for the error.
        own: host and port of the endpoint, whose samples it may fetch.

    Raises:
        ServiceError: a 400 that names the field and says what is wrong with the picture.
    """
    encoded, claimed = _load(url, "image", location, own, MAX_PICTURE_BYTES)
    picture = _picture(encoded, detail, tuple(location))
    if claimed and claimed != picture.media_type:
        raise refused_value(
            location,
            "invalid_image_format",
            f"The data URL says {claimed}, its bytes are {picture.media_type}.",
        )
    return picture


def clip_from_url(url: str, location: Location, own: tuple[str, int]) -> Clip:
    """The clip a data URL holds or an http(s) URL points to; errors as for `picture_from_url`."""
    encoded, claimed = _load(url, "audio", location, own, MAX_SOUND_BYTES)
    clip = _clip(encoded, tuple(location))
    if claimed and claimed != clip.media_type:
        raise refused_value(
            location, "invalid_audio_format", f"The data URL says {claimed}, its bytes are {clip.media_type}."
        )
    return clip


def clip_from_base64(data: str, format_: str, location: Location) -> Clip:
    """The clip of an `input_audio` part.

    Args:
        data: the file in base64.
        format_: `wav` or `mp3`, as the request says.
        location: the place of `input_audio` in the request.

    Raises:
        ServiceError: a 400 that names the field and says what is wrong with the clip.
    """
    encoded = _decode(data, "audio", [*location, "data"], MAX_SOUND_BYTES)
    clip = _clip(encoded, (*location, "data"))
    claimed = {"wav": "audio/wav", "mp3": "audio/mpeg"}[format_]
    if claimed != clip.media_type:
        raise refused_value(
            [*location, "format"],
            "invalid_audio_format",
            f"format is {format_!r}, the bytes are {clip.media_type}.",
        )
    return clip


def _load(
    url: str, kind: str, location: Location, own: tuple[str, int], max_bytes: int
) -> tuple[bytes, str | None]:
    """The bytes behind a URL and, for a data URL, the type it claims."""
    if url[:5].lower() != "data:":
        try:
            return fetch(url, own=own, own_path=SAMPLES_PATH, max_bytes=max_bytes), None
        except FetchError as error:
            message = f"The {kind} could not be downloaded: {error}."
            raise refused_value(location, f"invalid_{kind}_url", message, url) from None
    match = _DATA_URL.match(url[:200])
    if not match or not match["parameters"].lower().endswith(";base64"):
        message = f"A data URL has the form data:{kind}/<type>;base64,<data>."
        raise refused_value(location, f"invalid_{kind}_url", message, url)
    claimed = match["type"].lower()
    claimed = _SAME_TYPE.get(claimed, claimed)
    known = PICTURE_TYPES if kind == "image" else SOUND_TYPES
    if claimed not in known.values():
        message = f"{claimed or 'no type'} is not taken; use one of {', '.join(sorted(set(known.values())))}."
        raise refused_value(location, f"invalid_{kind}_format", message, url)
    return _decode(url[match.end() :], kind, location, max_bytes), claimed


def _decode(data: str, kind: str, location: Location, max_bytes: int) -> bytes:
    # Four characters of base64 hold three bytes.
    if len(data) * 3 // 4 > max_bytes + 2:
        message = f"The {kind} is larger than {max_bytes // 2**20} MB."
        raise refused_value(location, f"{kind}_too_large", message)
    try:
        encoded = pybase64.b64decode(data, validate=True)
    except ValueError:
        raise refused_value(location, "invalid_base64", "The data is not valid base64.", data) from None
    if not encoded:
        raise refused_value(location, f"invalid_{kind}", f"The {kind} is empty.")
    return encoded


def _picture(encoded: bytes, detail: str, location: tuple[str | int, ...]) -> Picture:
    digest = hashlib.sha256(encoded).hexdigest()
    try:
        media_type, width, height = _inspect_picture(_Content(digest, encoded))
    except _MediaError as error:
        raise refused_value(location, error.code, str(error)) from None
    return Picture(digest, media_type, width, height, encoded, detail)


def _clip(encoded: bytes, location: tuple[str | int, ...]) -> Clip:
    digest = hashlib.sha256(encoded).hexdigest()
    try:
        media_type, seconds = _inspect_sound(_Content(digest, encoded))
    except _MediaError as error:
        raise refused_value(location, error.code, str(error)) from None
    return Clip(digest, media_type, seconds, encoded)


class _MediaError(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Content:
    """Bytes that compare by their digest and are not kept: an inspection is remembered, the file is not."""

    def __init__(self, digest: str, encoded: bytes) -> None:
        self.digest = digest
        self.encoded: bytes | None = encoded

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Content) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def take(self) -> bytes:
        """The bytes, once."""
        encoded, self.encoded = self.encoded, None
        return encoded or b""


@functools.lru_cache(maxsize=1024)
def _inspect_picture(content: _Content) -> tuple[str, int, int]:
    from PIL import Image

    accepted = "png, jpeg, gif and webp are taken"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content.take()), formats=list(PICTURE_TYPES)) as image:
                if image.width * image.height > MAX_PIXELS:
                    size = f"{image.width} x {image.height}"
                    message = f"The image has {size} pixels; {MAX_PIXELS:,} is the most."
                    raise _MediaError("image_too_large", message)
                image.load()
                return PICTURE_TYPES[image.format or ""], image.width, image.height
    except Image.UnidentifiedImageError:
        raise _MediaError("invalid_image_format", f"The bytes are not an image; {accepted}.") from None
    except Image.DecompressionBombError:
        message = f"The image has more than {MAX_PIXELS:,} pixels."
        raise _MediaError("image_too_large", message) from None
    except _MediaError:
        raise
    # Pillow's decoders raise these for damaged files; which one depends on the format.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, MemoryError, OverflowError):
        raise _MediaError("invalid_image", "The image is damaged or cut short.") from None


@functools.lru_cache(maxsize=1024)
def _inspect_sound(content: _Content) -> tuple[str, float]:
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(content.take())) as sound:
            if sound.format not in SOUND_TYPES:
                raise _MediaError(
                    "invalid_audio_format", f"The bytes are {sound.format}; wav and mp3 are taken."
                )
            seconds = sound.frames / sound.samplerate
            if seconds > MAX_SOUND_SECONDS:
                message = f"The audio lasts {seconds:.0f} seconds; {MAX_SOUND_SECONDS:.0f} is the most."
                raise _MediaError("audio_too_long", message)
            if not sound.frames:
                raise _MediaError("invalid_audio", "The audio holds no sound.")
            if len(sound.read(dtype="float32")) < sound.frames:
                raise _MediaError("invalid_audio", "The audio is cut short.")
            return SOUND_TYPES[sound.format], seconds
    except soundfile.LibsndfileError:
        message = "The bytes are not audio that can be decoded; wav and mp3 are taken."
        raise _MediaError("invalid_audio_format", message) from None
