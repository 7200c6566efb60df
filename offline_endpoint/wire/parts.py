"""Media parts of a request become pictures and clips, judged by `helpers.media`, or refusals."""

from __future__ import annotations

import hashlib
import re

import pybase64

from helpers.media import MAX_BYTES, MEDIA_TYPES, MediaError, NamedBytes, open_media, open_picture, sound_info
from offline_endpoint.wire.conversation import Clip, Picture
from offline_endpoint.wire.fetch import FetchError, fetch
from offline_endpoint.wire.service_error import Location, ServiceError, refused_value

# The longest clip; the offline endpoint's own limit, about a minute of reading. The model itself takes 30 minutes.
MAX_SOUND_SECONDS = 300.0
# The path under which the endpoint serves the lessons' own pictures and clips.
SAMPLES_PATH = "/samples/"

_TAKEN = {"image": ("gif", "jpeg", "png", "webp"), "audio": ("mp3", "wav")}
_NOT_TAKEN = {
    "image": "an image; png, jpeg, gif and webp are taken",
    "audio": "audio that is taken here; wav and mp3 are",
}
# Names in use for the same types: JPEG has one registered name, WAV and MP3 several.
_SAME_TYPE = {
    **{"image/jpg": "image/jpeg", "audio/mp3": "audio/mpeg"},
    **dict.fromkeys(("audio/x-wav", "audio/wave", "audio/vnd.wave"), "audio/wav"),
}
_DATA_URL = re.compile(r"data:(?P<type>[^;,]*)(?P<parameters>(?:;[^;,]*)*),", re.ASCII)


def picture_from_url(url: str, detail: str, location: Location, own: tuple[str, int]) -> Picture:
    """The picture a data URL holds or an http(s) URL points to; a 400 that names `location` if it is none.

    `own` is host and port of the endpoint, whose samples it may fetch.
    """
    encoded, claimed = _load(url, "image", location, own)
    try:
        with open_media(NamedBytes("The image", encoded), wanted="image", prove=False) as media:
            with open_picture(media) as opened:
                size = opened.size
            picture = Picture(hashlib.sha256(encoded).hexdigest(), media.media_type, *size, encoded, detail)
            picture.prove()
    except MediaError as error:
        raise _refused(error, "image", location) from None
    _check_claim(claimed, picture.media_type, "image", location)
    return picture


def clip_from_url(url: str, location: Location, own: tuple[str, int]) -> Clip:
    """The clip a data URL holds or an http(s) URL points to; errors as for `picture_from_url`."""
    encoded, claimed = _load(url, "audio", location, own)
    clip = _clip(encoded, location)
    _check_claim(claimed, clip.media_type, "audio", location)
    return clip


def clip_from_base64(data: str, format_: str, location: Location) -> Clip:
    """The clip of an `input_audio` part: `data` in base64, and `wav` or `mp3`; errors as for `picture_from_url`."""
    clip = _clip(_decode(data, "audio", [*location, "data"]), [*location, "data"])
    if MEDIA_TYPES[format_] != clip.media_type:
        message = f"format is {format_!r}, the bytes are {clip.media_type}."
        raise refused_value([*location, "format"], "invalid_audio_format", message)
    return clip


def _clip(encoded: bytes, location: Location) -> Clip:
    try:
        with open_media(NamedBytes("The audio", encoded), wanted="audio") as media:
            if media.kind not in _TAKEN["audio"]:
                raise MediaError("", "kind")
            seconds = sound_info(media).duration
            if seconds > MAX_SOUND_SECONDS:
                message = f"The audio lasts {seconds:.0f} seconds; {MAX_SOUND_SECONDS:.0f} is the most."
                raise refused_value(location, "audio_too_long", message)
            return Clip(hashlib.sha256(encoded).hexdigest(), media.media_type, seconds, encoded)
    except MediaError as error:
        raise _refused(error, "audio", location) from None


def _refused(error: MediaError, kind: str, location: Location) -> ServiceError:
    if error.fault == "kind":
        return refused_value(location, f"invalid_{kind}_format", f"The bytes are not {_NOT_TAKEN[kind]}.")
    code = f"{kind}_too_large" if error.fault == "large" else f"invalid_{kind}"
    return refused_value(location, code, str(error))


def _load(url: str, kind: str, location: Location, own: tuple[str, int]) -> tuple[bytes, str | None]:
    """The bytes behind a URL and, for a data URL, the type it claims."""
    if url[:5].lower() != "data:":
        try:
            return fetch(url, own=own, own_path=SAMPLES_PATH, max_bytes=MAX_BYTES), None
        except FetchError as error:
            message = f"The {kind} could not be downloaded: {error}."
            raise refused_value(location, f"invalid_{kind}_url", message, url) from None
    match = _DATA_URL.match(url[:200])
    if not match or not match["parameters"].lower().endswith(";base64"):
        message = f"A data URL has the form data:{kind}/<type>;base64,<data>."
        raise refused_value(location, f"invalid_{kind}_url", message, url)
    claimed = match["type"].lower()
    claimed, taken = _SAME_TYPE.get(claimed, claimed), sorted(MEDIA_TYPES[each] for each in _TAKEN[kind])
    if claimed not in taken:
        message = f"{claimed or 'no type'} is not taken; use one of {', '.join(taken)}."
        raise refused_value(location, f"invalid_{kind}_format", message, url)
    return _decode(url[match.end() :], kind, location), claimed


def _decode(data: str, kind: str, location: Location) -> bytes:
    # Four characters of base64 hold three bytes.
    if len(data) * 3 // 4 > MAX_BYTES + 2:
        message = f"The {kind} is larger than {MAX_BYTES // 2**20} MB."
        raise refused_value(location, f"{kind}_too_large", message)
    try:
        return pybase64.b64decode(data, validate=True)
    except ValueError:
        raise refused_value(location, "invalid_base64", "The data is not valid base64.", data) from None


def _check_claim(claimed: str | None, found: str, kind: str, location: Location) -> None:
    if claimed and claimed != found:
        message = f"The data URL says {claimed}, its bytes are {found}."
        raise refused_value(location, f"invalid_{kind}_format", message)
