"""What a file is, whether it is whole, its pixels, frames and seconds: the one judge on both sides of the wire."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard
from urllib.parse import unquote_to_bytes, urlsplit

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from formats import FormatError, in_one_line, pictures, sounds
from formats import known as known
from formats.kinds import CONVERT, HEAD, base64_kind, described, from_base64, kind_of
from formats.kinds import MEDIA_TYPES as MEDIA_TYPES
from formats.sounds import Sound
from helpers.errors import LearnerError

MAX_BYTES = 20 * 1024 * 1024
"""Most bytes of one picture or clip, before base64: 20 MB, the service's limit for both.

Sources: https://learn.microsoft.com/azure/ai-services/openai/concepts/gpt-with-vision (input limitations; the
service's error speaks of 20971520 bytes), and for sound
https://learn.microsoft.com/azure/ai-services/openai/audio-completions-quickstart.
"""
MAX_BYTES_TO_SHRINK = 10 * MAX_BYTES
"""Most bytes read of a picture that is to be shrunk before it is sent."""

_WISHES = {
    "image": "A picture must be png, jpeg, gif or webp.",
    "audio": "A sound must be mp3, wav, flac or ogg.",
}


class MediaError(LearnerError, FormatError):
    """What was given cannot be sent or shown; the message says what is wrong and what to do about it."""


@contextmanager
def named(name: str) -> Iterator[None]:
    """Let what is wrong with the bytes be said of this name, as a MediaError."""
    try:
        yield
    except MediaError:
        raise
    except FormatError as error:
        raise MediaError(f"{name} {error}", error.fault) from error.__cause__


@dataclass(frozen=True)
class NamedBytes:
    """The bytes of a file that arrived without its path, and what messages call it."""

    name: str
    data: bytes


@dataclass
class Media:
    """An open picture or sound.

    Attributes:
        name: What messages call it: the file's name without its folder, or "the picture".
        kind: A key of `MEDIA_TYPES`, read from the bytes.
        is_original: Whether they are byte for byte what was given.
        mended: A whole sound's bytes with a header that decoders can follow, where its own misleads them.
        misleads: In what the header misleads players too, so that the mended bytes should be sent; or empty.
    """

    name: str
    kind: str
    file: BinaryIO
    size: int
    is_original: bool = True
    sound: Sound | None = None
    mended: bytes | None = None
    misleads: str = ""

    @property
    def media_type(self) -> str:
        """Media type for a data URL, such as "image/png"."""
        return MEDIA_TYPES[self.kind]

    @property
    def is_image(self) -> bool:
        """Whether it is a picture; else it is a sound."""
        return self.media_type.startswith("image/")

    @property
    def is_plain(self) -> bool:
        """Whether a sound is an mp3 or a wav of plain numbers, which the service takes as they are."""
        return self.kind == "mp3" or (self.kind == "wav" and sound_info(self).subtype in sounds.PLAIN_WAV)

    def read(self) -> bytes:
        """Return all bytes."""
        self.file.seek(0)
        return self.file.read()


@contextmanager
def open_media(
    source: Any, *, wanted: str | None = None, limit: int = MAX_BYTES, prove: bool = True
) -> Iterator[Media]:
    """Open a picture or a sound, until the block ends, and refuse what a service could not read.

    Args:
        source: A path (`str` or `Path`), bytes, bytes with a name, a file opened in binary mode (read from where it
            stands, and left open), a matplotlib figure, a PIL image (both become PNG) or a data URL.
        wanted: "image" or "audio" to refuse the other.
        limit: Most bytes accepted.
        prove: Whether to decode a picture's pixels; left out where `decoded` or `open_picture` will do so.

    Raises MediaError if it is missing, empty, too large, cut short, damaged, of no known kind or not wanted.
    """
    name, file, is_original = _opened(source, limit)
    # A file that was given has been copied into memory, so whatever is closed here is ours.
    with file:
        size = file.seek(0, io.SEEK_END)
        if size == 0:
            raise MediaError(f"{name} is empty (0 bytes): check that it was saved or downloaded to the end.")
        if size > limit:
            raise MediaError(too_large(name, size, limit), "large")
        file.seek(0)
        head, wish = file.read(HEAD), _WISHES[wanted] if wanted else " ".join(_WISHES.values())
        kind = kind_of(head)
        if kind is None:
            what, is_sound = described(head)
            wish = f"{wish} {CONVERT}" if is_sound and wanted != "image" else wish
            raise MediaError(f"{name} is {what}, whatever its name says. {wish}", "kind")
        media = Media(name, kind, file, size, is_original)
        if wanted and media.is_image != (wanted == "image"):
            found, call = ("picture", "image_part") if media.is_image else ("sound", "audio_part")
            raise MediaError(f"{name} is a {found} ({kind}): use {call} for it. {wish}", "kind")
        with named(name):
            if media.is_image:
                pictures.check(file, kind, prove=prove)
            else:
                media.sound, media.mended, media.misleads = sounds.examined(file, kind)
        yield media


def too_large(name: str, size: int, limit: int = MAX_BYTES) -> str:
    """Say that something is larger than the limit, both in bytes."""
    return (
        f"{name} is too large: {size:,} bytes, and the limit is {limit:,}. Send a smaller picture "
        f"(shrink_for does that) or a shorter or compressed clip."
    )


@contextmanager
def open_picture(media: Media) -> Iterator[Image.Image]:
    """As `formats.pictures.opened`, raising MediaError."""
    with named(media.name), pictures.opened(media.file, media.kind) as picture:
        yield picture


def decoded(media: Media, most: tuple[int, int]) -> Image.Image:
    """As `formats.pictures.decoded`, raising MediaError; it fits into `most`, width and height in pixels."""
    with named(media.name):
        return pictures.decoded(media.file, media.kind, most)


def sound_info(media: Media) -> Sound:
    """What an open sound consists of; raises MediaError of a picture."""
    if media.sound is None:
        raise MediaError(f"{media.name} is no sound.")
    return media.sound


def blocks(media: Media) -> Iterator[NDArray[np.float32]]:
    """As `formats.sounds.blocks`: float32 of shape (frames, channels), about -1 to 1; raising MediaError."""
    file = media.file if media.mended is None else io.BytesIO(media.mended)
    with named(media.name):
        yield from sounds.blocks(file, media.kind, sound_info(media).frames)


def mono(media: Media) -> NDArray[np.float32]:
    """Decode a sound to one channel: float32, all its frames. For `blocks` holds the rest."""
    return np.concatenate([piece.mean(axis=1) for piece in blocks(media)])


def figure_png(figure: Figure, **options: Any) -> bytes:
    """Draw a matplotlib figure as PNG, with options as for `Figure.savefig`; MediaError if it cannot be drawn."""
    file = io.BytesIO()
    try:
        figure.savefig(file, format="png", **options)
    except Exception as error:
        # Drawing runs the learner's own artists, and any of them may fail in any way.
        message = f"The figure cannot be drawn ({in_one_line(error)}): correct that and draw it again."
        raise MediaError(message) from error
    return file.getvalue()


def remote_url(source: Any) -> bool:
    """Whether a source is an http or https URL; MediaError of another scheme, or of no host, or of blanks."""
    if not isinstance(source, str) or not re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source):
        return False
    try:
        host = urlsplit(source).hostname
    except ValueError:
        host = None
    if not host or re.search(r"\s", source):
        given = _short(source)
        raise MediaError(f"{given!r} is not a whole URL: expected https://host/path, with no blanks.")
    scheme = urlsplit(source).scheme
    if scheme in ("http", "https"):
        return True
    raise MediaError(f"Only http and https URLs are fetched, not {scheme}: give the path of a saved file.")


def is_data_url(source: Any) -> TypeGuard[str]:
    """Tell whether a source is a data URL, well formed or not."""
    return isinstance(source, str) and source.lstrip()[:5].lower() == "data:"


def _opened(source: Any, limit: int) -> tuple[str, BinaryIO, bool]:
    """Open a source as a seekable binary file of our own."""
    if is_data_url(source):
        return "The data URL", io.BytesIO(_of_data_url(source, limit)), True
    if remote_url(source):
        raise MediaError("This needs the bytes, not a URL: download the file first and give its path.")
    if isinstance(source, str | Path):
        path = Path(source)
        return _short(path.name), _open_path(path), True
    if isinstance(source, bytes | bytearray | memoryview):
        return "What was given", io.BytesIO(source), True
    if isinstance(source, NamedBytes):
        return _short(source.name), io.BytesIO(source.data), True
    if isinstance(source, Figure):
        return "The figure", io.BytesIO(figure_png(source)), False
    if isinstance(source, Image.Image):
        return "The picture", io.BytesIO(_saved_picture(source)), False
    if callable(getattr(source, "read", None)):
        return "The open file", io.BytesIO(_read_open_file(source, limit)), True
    accepted = "a path, bytes, a file opened with 'rb', a matplotlib figure, a PIL image or a URL"
    raise MediaError(f"Give {accepted}, not {type(source).__name__}.")


def _open_path(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            name = _short(path.name or str(path))
            raise MediaError(f"{name} is a folder: give the path of one file in it.")
        if not path.exists():
            _refuse_base64(str(path))
            name = _short(str(path))
            raise MediaError(f"There is no file {name}: check its spelling and the folder you run in.")
        if not path.is_file():
            raise MediaError(f"{_short(path.name)} is not a regular file: save its content to a file first.")
        return path.open("rb")
    except (OSError, ValueError) as error:
        if isinstance(error, MediaError):
            raise
        _refuse_base64(str(path))
        reason = getattr(error, "strerror", None) or error
        message = f"{_short(path.name)} cannot be opened ({reason}): check its name and permissions."
        raise MediaError(message) from error


def _refuse_base64(text: str) -> None:
    if kind := base64_kind(text[:HEAD].encode("utf-8", "replace")):
        raise MediaError(
            f"This is the base64 of a {kind} file, not its path: put data:{MEDIA_TYPES[kind]};base64, in front of it."
        )


def _read_open_file(file: Any, limit: int) -> bytes:
    if getattr(file, "closed", False):
        raise MediaError("The file is closed: open it again, or give its path.")
    try:
        data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = in_one_line(error)
        message = f"The open file cannot be read ({reason}): open it with 'rb', or give its path."
        raise MediaError(message) from error
    if not isinstance(data, bytes | bytearray):
        raise MediaError("The file does not give bytes: open it with 'rb', not as text, or give its path.")
    if not data:
        raise MediaError("The open file is empty or was read to its end already: call seek(0) first.")
    return bytes(data)


def _of_data_url(url: str, limit: int) -> bytes:
    header, comma, payload = url.partition(",")
    if not comma:
        raise MediaError("The data URL has no comma: expected data:<type>;base64,<data>.")
    if not header.rstrip().lower().endswith(";base64"):
        return unquote_to_bytes(payload)
    if len(payload) > 2 * limit:
        raise MediaError(too_large("The data URL", len(payload) * 3 // 4, limit), "large")
    try:
        return from_base64(payload)
    except ValueError as error:
        message = f"The data URL does not hold valid base64 ({error}): encode the file again."
        raise MediaError(message) from error


def _saved_picture(picture: Image.Image) -> bytes:
    with named("The picture"):
        pictures.check_pixels(*picture.size)
    with named("The PIL image"):
        return pictures.as_png(picture)


def _short(name: str) -> str:
    return name if len(name) <= 100 else f"{name[:40]}... ({len(name):,} characters)"
