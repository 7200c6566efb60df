"""A picture or a clip that goes along with a prompt: looked at once, encoded once, ready to be sent many times."""

from __future__ import annotations

import io
import os
import uuid
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import numpy as np
import soxr

from formats.sounds import as_wav
from helpers.encoding import audio_part, image_part, ready_picture
from helpers.media import (
    MAX_BYTES,
    MAX_BYTES_TO_SHRINK,
    MEDIA_TYPES,
    Media,
    MediaError,
    NamedBytes,
    decoded,
    mono,
    open_media,
    open_picture,
    remote_url,
    sound_info,
    too_large,
)
from helpers.settings import ENDPOINT
from helpers.tokens import PHI4_SAMPLE_RATE
from workbench.playground.fetching import fetch

Origin = Literal["sample", "file", "recording", "url", "shrunk"]

_PRIVATE = (
    "Warning: this address is on a private network, or on this computer. A service elsewhere cannot fetch it: upload "
    "the file instead."
)
_DATA = Path(__file__).parents[2] / "data"
_FOLDERS = ("charts", "clips")


@dataclass(frozen=True)
class Attachment:
    """A picture or a clip, checked.

    `format`, a key of `helpers.media.MEDIA_TYPES`, and the pixels or seconds are read from the bytes. `data` are those
    that are sent, or with a `url`, which is sent in their place, those found there. `note` says what was done to what
    was given.
    """

    name: str
    origin: Origin
    format: str
    data: bytes = field(repr=False)
    url: str | None = None
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    note: str = ""
    shrunk_from: Attachment | None = field(default=None, repr=False)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def media_type(self) -> str:
        """Such as "image/png"."""
        return MEDIA_TYPES[self.format]

    @property
    def kind(self) -> Literal["image", "audio"]:
        """Whether it is a picture or a clip."""
        return "image" if self.media_type.startswith("image/") else "audio"

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.data)

    @cached_property
    def part(self) -> dict[str, Any]:
        """The content part that carries it, without `detail`."""
        source = self.url or NamedBytes(self.name, self.data)
        return image_part(source) if self.kind == "image" else audio_part(source)

    @property
    def wire_bytes(self) -> int:
        """Bytes that it puts into the body of a request: its base64, of a picture as a data URL, or its URL."""
        if self.url:
            return len(self.url.encode())
        prefix = f"data:{self.media_type};base64," if self.kind == "image" else ""
        return len(prefix) + 4 * ceil(self.size / 3)

    def describe(self) -> str:
        """Say what it is, in one line: name, format, pixels or seconds, size, and weight on the wire."""
        is_image = self.kind == "image"
        extent = f"{self.width:,} by {self.height:,} pixels" if is_image else f"{self.seconds:.1f} seconds"
        wire = f"{kilobytes(self.wire_bytes)} on the wire" + (" as a URL" if self.url else "")
        return f"{self.name}, {self.format}, {extent}, {kilobytes(self.size)}, {wire}"


def samples() -> list[str]:
    """The pictures and clips in `data/`, as paths below it, such as "charts/cafe_drinks.png"."""
    return sorted(
        path.relative_to(_DATA).as_posix()
        for folder in _FOLDERS
        for path in (_DATA / folder).iterdir()
        if path.suffix[1:].replace("jpg", "jpeg") in MEDIA_TYPES
    )


def from_sample(name: str) -> Attachment:
    """Take a sample of the lessons; MediaError if there is none of that name."""
    if name not in samples():
        raise MediaError(f"There is no sample {name!r} in data/. Choose one of attachments.samples().")
    path = _DATA / name
    return from_bytes(path.read_bytes(), path.name, origin="sample")


def from_bytes(data: bytes, name: str, *, origin: Origin = "file") -> Attachment:
    """Take the bytes of an upload or a drop; their kind is read from them, whatever the name says.

    A picture is turned upright and loses its EXIF data, as `helpers.encoding.image_part` does; a flac or ogg clip
    becomes wav, since the service takes wav and mp3. MediaError if it is nothing that can be sent.
    """
    given, note = NamedBytes(_short_name(name) or "unnamed", bytes(data)), ""
    # A picture above the service's limit is taken in too, because it can be shrunk.
    with open_media(given, limit=MAX_BYTES_TO_SHRINK) as media:
        if media.is_image and media.size > MAX_BYTES:
            note = f"Too large to be sent: the limit is {MAX_BYTES:,} bytes. Shrink it first."
        elif media.is_image:
            with ready_picture(given) as upright:
                if not upright.is_original:
                    given = NamedBytes(given.name, upright.read())
                    note = "Saved again without the data that a camera adds, such as the place."
        elif media.size > MAX_BYTES:
            raise MediaError(too_large(given.name, media.size))
        elif not media.is_plain or media.misleads:
            coding = media.kind if media.kind != "wav" else f"wav in {sound_info(media).subtype}"
            given = NamedBytes(given.name, _speech(media))
            note = f"It was {coding}, which the service does not take, and is sent as 16 kHz mono wav."
    return _looked_at(given, origin, note=note)


def from_recording(data: bytes, name: str = "recording.wav") -> Attachment:
    """Take what a microphone recorded, as 16 kHz, mono, 16 bits; MediaError if it cannot be decoded or is silent."""
    with open_media(NamedBytes(name, bytes(data)), wanted="audio") as media:
        return _looked_at(NamedBytes(name, _speech(media, refuse_silence=True)), "recording")


def from_url(url: str) -> Attachment:
    """Look at what a URL leads to. The request will carry the URL, and the service fetches it by itself.

    Takes as long as the download, `fetching.TOTAL_SECONDS` at most. MediaError if it is no URL, cannot be fetched from
    here, or holds no picture or clip.
    """
    url = url.strip()
    if url[:5].lower() == "data:":
        with open_media(url) as media:
            return from_bytes(media.read(), f"pasted.{media.kind}")
    if not remote_url(url):
        raise MediaError("A URL starts with https://. For a file on this computer, upload it.")
    name = _short_name(unquote(urlsplit(url).path)) or "picture or clip"
    found = fetch(url)
    note = "The request carries the URL; the service fetches it."
    # The offline endpoint, on this computer, reaches what is on this computer.
    if found.is_private and urlsplit(os.environ.get(ENDPOINT, "")).hostname != urlsplit(url).hostname:
        note = _PRIVATE
    return replace(from_bytes(found.data, name, origin="url"), url=url, note=note)


def restored(data: bytes, name: str, **known: Any) -> Attachment:
    """Make an attachment again from what was saved of it; MediaError if the bytes are no picture or clip."""
    return _looked_at(NamedBytes(name, data), **known)


def shrunk(original: Attachment, model: str) -> Attachment:
    """Make the copy of a picture that holds what a model uses; MediaError for a clip, or if nothing is saved."""
    with ready_picture(_picture(original), shrink_for=model) as media:
        if media.is_original:
            raise MediaError(
                f"{original.name} is as small already as {model} uses it, or would take more bytes once scaled: "
                "shrinking saves nothing."
            )
        return _smaller(original, media.read(), f"Shrunk from {{}}, to what {model} uses.")


def resized(original: Attachment, longest_side: int) -> Attachment:
    """Make a smaller copy of a picture; MediaError for a clip, or a side in pixels not below the original's."""
    file, given = io.BytesIO(), _picture(original)
    longest = max(original.width or 0, original.height or 0)
    if not is_whole(longest_side) or not 1 <= longest_side < longest:
        raise MediaError(
            f"The longest side of {original.name} has {longest:,} pixels: give a whole number below that, "
            f"not {longest_side!r}."
        )
    with open_media(given, limit=MAX_BYTES_TO_SHRINK) as media:
        copy = decoded(media, (longest_side, longest_side))
        copy.save(file, "png" if media.kind == "gif" else media.kind)
    return _smaller(original, file.getvalue(), "Made smaller, from {}.")


def _picture(original: Attachment) -> NamedBytes:
    if original.kind != "image":
        raise MediaError(f"{original.name} is a clip: only pictures are shrunk.")
    return NamedBytes(original.name, original.data)


def _smaller(original: Attachment, data: bytes, note: str) -> Attachment:
    note = note.format(f"{original.width:,} by {original.height:,} pixels")
    return _looked_at(NamedBytes(original.name, data), "shrunk", note=note, shrunk_from=original)


def _looked_at(given: NamedBytes, origin: Origin, **known: Any) -> Attachment:
    """Make an attachment of bytes as they are: their format, and pixels or seconds, are read from them."""
    with open_media(given, limit=MAX_BYTES_TO_SHRINK) as media:
        if media.is_image:
            with open_picture(media) as picture:
                known |= {"width": picture.width, "height": picture.height}
        else:
            known["seconds"] = float(sound_info(media).duration)
        attachment = Attachment(given.name, origin, media.kind, given.data, **known)
    if attachment.size <= MAX_BYTES:
        # Encoded now, so that nothing is left to do between a click on Send and the request.
        _ = attachment.part
    return attachment


def _speech(media: Media, *, refuse_silence: bool = False) -> bytes:
    info = sound_info(media)
    wav_size = round(info.duration * PHI4_SAMPLE_RATE) * 2
    if wav_size > MAX_BYTES:
        raise MediaError(too_large(f"{media.name}, as 16 kHz wav,", wav_size))
    samples = mono(media)
    if refuse_silence and not np.any(samples):
        raise MediaError(
            f"{media.name} holds only silence: check which microphone is in use and that it is on."
        )
    return as_wav(soxr.resample(samples, info.samplerate, PHI4_SAMPLE_RATE), PHI4_SAMPLE_RATE)


def _short_name(name: str) -> str:
    """The last part of a path of any system, without what could not be shown."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable()).strip()[:100]


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number and no truth value."""
    return isinstance(value, int) and not isinstance(value, bool)


def kilobytes(count: int) -> str:
    """Write a number of bytes for people."""
    return f"{count:,} bytes" if count < 1000 else f"{count / 1000:,.0f} kB"
