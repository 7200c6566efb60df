"""From whatever a learner has at hand to an open, checked file whose type was read from its own bytes."""

from __future__ import annotations

import base64
import binascii
import codecs
import io
import mmap
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes, urlsplit

import filetype
import soundfile
from matplotlib.figure import Figure
from PIL import Image, ImageOps

from helpers.errors import LearnerError

MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
}
"""The kinds that are understood, and the media type each has in a data URL."""

MAX_BYTES = 20 * 1024 * 1024
"""Most bytes of one picture or clip, before base64: 20 MB, the service's limit for both.

Sources: https://learn.microsoft.com/azure/ai-services/openai/concepts/gpt-with-vision (input limitations; the
service's error speaks of 20971520 bytes), and for sound
https://learn.microsoft.com/azure/ai-services/openai/audio-completions-quickstart.
"""
MAX_PIXELS = 89_478_485
"""Most pixels of one picture: where Pillow begins to suspect a decompression bomb."""
MAX_BYTES_TO_SHRINK = 10 * MAX_BYTES
"""Most bytes read of a picture that is to be shrunk before it is sent."""
DECODED_WHOLE = 2 * 1024 * 1024
"""Up to this many bytes a file is decoded to prove it whole; a larger one is judged by its head and tail."""

_HEAD = 8192
_TAIL = 65536
# Samples decoded at a time. Between blocks soundfile seeks, at which the mp3 decoder may write complaints that a
# notebook would show, so a block holds most clips whole.
_BLOCK = 2**22
_ENDINGS = {"png": b"IEND\xaeB`\x82", "jpeg": b"\xff\xd9", "gif": b";"}
_ACCEPTED = "a path, bytes, a file opened with 'rb', a matplotlib figure, a PIL image or a URL"


class MediaError(LearnerError):
    """What was given cannot be sent or shown; the message says what is wrong and what to do about it."""


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
        file: The bytes, seekable.
        size: Their number.
        is_original: Whether they are byte for byte what was given.
    """

    name: str
    kind: str
    file: BinaryIO
    size: int
    is_original: bool = True

    @property
    def media_type(self) -> str:
        """Media type for a data URL, such as "image/png"."""
        return MEDIA_TYPES[self.kind]

    @property
    def is_image(self) -> bool:
        """Whether it is a picture; else it is a sound."""
        return self.media_type.startswith("image/")

    def head(self) -> bytes:
        """Return the first bytes."""
        return _read_at(self.file, 0, _HEAD)

    def tail(self) -> bytes:
        """Return the last bytes."""
        return _read_at(self.file, max(0, self.size - _TAIL), _TAIL)

    def read(self) -> bytes:
        """Return all bytes."""
        return _read_at(self.file, 0, -1)

    @contextmanager
    def view(self) -> Iterator[memoryview]:
        """Give access to all bytes without copying them."""
        if isinstance(self.file, io.BytesIO):
            with self.file.getbuffer() as view:
                yield view
            return
        try:
            mapped = mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError:
            # Some network and shared folders cannot be mapped.
            yield memoryview(self.read())
            return
        with mapped, memoryview(mapped) as view:
            yield view


@contextmanager
def open_media(source: Any, *, wanted: str | None = None, limit: int = MAX_BYTES) -> Iterator[Media]:
    """Open a picture or a sound, find out what it is and refuse what a service could not read.

    Args:
        source: A path (`str` or `Path`), bytes, bytes with a name, a file opened in binary mode (read from where it
            stands), a matplotlib figure, a PIL image (both become PNG) or a data URL.
        wanted: "image" or "audio" to refuse the other.
        limit: Most bytes accepted.

    Yields:
        The open media; files opened here are closed afterwards, files that were given stay open.

    Raises:
        MediaError: If it is missing, empty, too large, cut short, damaged, of an unknown kind or not wanted.
    """
    name, file, is_original = _opened(source, limit)
    # A file that was given has been copied into memory, so whatever is closed here is ours.
    with file:
        size = file.seek(0, io.SEEK_END)
        if size == 0:
            raise MediaError(f"{name} is empty (0 bytes): check that it was saved or downloaded to the end.")
        if size > limit:
            raise MediaError(too_large(name, size, limit))
        media = Media(name, "", file, size, is_original)
        head = media.head()
        media.kind = _kind(head) or ""
        if not media.kind:
            raise MediaError(f"{name} is {_describe(head)}, whatever its name says. {_wish(wanted)}")
        if wanted and media.is_image != (wanted == "image"):
            found, call = ("picture", "image_part") if media.is_image else ("sound", "audio_part")
            raise MediaError(f"{name} is a {found} ({media.kind}): use {call} for it. {_wish(wanted)}")
        if media.is_image:
            _check_picture(media)
        elif media.kind == "wav":
            _check_wav(media)
        else:
            _check_compressed_sound(media)
        yield media


@contextmanager
def open_picture(media: Media) -> Iterator[Image.Image]:
    """Open a picture's header with Pillow; its pixels are decoded when something asks for them.

    Args:
        media: An open picture.

    Yields:
        The Pillow image.

    Raises:
        MediaError: If it cannot be decoded, here or within the `with` block, or has more than `MAX_PIXELS`.
    """
    media.file.seek(0)
    try:
        with warnings.catch_warnings():
            # check_pixels says the same as an error.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(media.file, formats=[media.kind])
        with picture:
            check_pixels(media.name, *picture.size)
            yield picture
    except MediaError:
        raise
    except Image.DecompressionBombError:
        message = f"{media.name} has more than {MAX_PIXELS:,} pixels: make it smaller first."
        raise MediaError(message) from None
    except Exception as error:
        # Pillow's parsers raise whatever a damaged file leads them to: OSError, SyntaxError, struct.error...
        message = (
            f"{media.name} begins like {media.kind} but is cut short or damaged: download or export it again."
        )
        raise MediaError(message) from error


def check_pixels(name: str, width: int, height: int) -> None:
    """Refuse a picture with no pixels or too many.

    Args:
        name: What the message calls the picture.
        width: Width in pixels.
        height: Height in pixels.

    Raises:
        MediaError: If there are none, or more than `MAX_PIXELS`.
    """
    if width * height == 0:
        raise MediaError(f"{name} has no pixels ({width} by {height}): nothing could be sent.")
    if width * height > MAX_PIXELS:
        raise MediaError(
            f"{name} has {width} by {height} pixels, and the limit is {MAX_PIXELS:,} in all: make it smaller first."
        )


def too_large(name: str, size: int, limit: int = MAX_BYTES) -> str:
    """Say that something is larger than the limit.

    Args:
        name: What the message calls it.
        size: Its size in bytes.
        limit: The limit in bytes.

    Returns:
        The sentence.
    """
    return (
        f"{name} is too large: {size:,} bytes, and the limit is {limit:,}. Send a smaller picture "
        f"(shrink_for does that) or a shorter or compressed clip."
    )


def figure_png(figure: Figure, **options: Any) -> bytes:
    """Draw a matplotlib figure.

    Args:
        figure: The figure.
        options: As for `Figure.savefig`.

    Returns:
        The drawing as PNG.

    Raises:
        MediaError: If it cannot be drawn.
    """
    file = io.BytesIO()
    try:
        figure.savefig(file, format="png", **options)
    except Exception as error:
        # Drawing runs the learner's own artists, and any of them may fail in any way.
        message = f"The figure cannot be drawn ({_in_one_line(error)}): correct that and draw it again."
        raise MediaError(message) from error
    return file.getvalue()


def remote_url(source: Any) -> bool:
    """Tell whether a source is an http or https URL.

    Args:
        source: Anything.

    Returns:
        True for a URL with a host; False for all else, paths included.

    Raises:
        MediaError: If it looks like a URL but is of another scheme, has no host or holds blanks.
    """
    if not isinstance(source, str) or not re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source):
        return False
    try:
        parts = urlsplit(source)
        host = parts.hostname
    except ValueError:
        parts, host = None, None
    if parts is None or not host or re.search(r"\s", source):
        raise MediaError(
            f"{_short(source)!r} is not a whole URL: expected https://host/path, with no blanks."
        )
    if parts.scheme.lower() not in ("http", "https"):
        raise MediaError(
            f"Only http and https URLs are fetched, not {parts.scheme}: give the path of a saved file."
        )
    return True


def _opened(source: Any, limit: int) -> tuple[str, BinaryIO, bool]:
    """Open a source as a seekable binary file of our own."""
    if isinstance(source, str) and source[:5].lower() == "data:":
        return "The data URL", io.BytesIO(_decoded(source)), True
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
        return "The picture", _saved_picture(source), False
    if callable(getattr(source, "read", None)):
        return "The open file", io.BytesIO(_read_open_file(source, limit)), True
    raise MediaError(f"Give {_ACCEPTED}, not {type(source).__name__}.")


def _open_path(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise MediaError(
                f"{_short(path.name or str(path))} is a folder: give the path of one file in it."
            )
        if not path.exists():
            raise MediaError(
                f"There is no file {_short(str(path))}: check its spelling and the folder you run in."
            )
        if not path.is_file():
            raise MediaError(f"{_short(path.name)} is not a regular file: save its content to a file first.")
        return path.open("rb")
    except (OSError, ValueError) as error:
        if isinstance(error, MediaError):
            raise
        reason = getattr(error, "strerror", None) or error
        message = f"{_short(path.name)} cannot be opened ({reason}): check its name and permissions."
        raise MediaError(message) from error


def _read_open_file(file: Any, limit: int) -> bytes:
    if getattr(file, "closed", False):
        raise MediaError("The file is closed: open it again, or give its path.")
    try:
        data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        message = (
            f"The open file cannot be read ({_in_one_line(error)}): open it with 'rb', or give its path."
        )
        raise MediaError(message) from error
    if not isinstance(data, bytes | bytearray):
        raise MediaError("The file does not give bytes: open it with 'rb', not as text, or give its path.")
    if not data:
        raise MediaError("The open file is empty or was read to its end already: call seek(0) first.")
    return data


def _decoded(url: str) -> bytes:
    header, comma, payload = url.partition(",")
    if not comma:
        raise MediaError("The data URL has no comma: expected data:<type>;base64,<data>.")
    try:
        if header.lower().endswith(";base64"):
            return base64.b64decode(payload, validate=True)
        return unquote_to_bytes(payload)
    except (binascii.Error, ValueError) as error:
        message = f"The data URL does not hold valid base64 ({error}): encode the file again."
        raise MediaError(message) from error


def _saved_picture(picture: Image.Image) -> BinaryIO:
    check_pixels("The picture", *picture.size)
    if picture.mode in ("F", "I"):
        raise MediaError(
            f"The PIL image holds numbers, not colors (mode {picture.mode}): scale them to 0 to 255 and "
            "convert('L') first."
        )
    file = io.BytesIO()
    try:
        # Pillow writes the EXIF block only when it is handed over, so turning the picture upright drops it.
        upright = ImageOps.exif_transpose(picture)
        if upright.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
            upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        upright.save(file, "png")
    except Exception as error:
        # The pixels may still have to be decoded here, from a file that may be damaged or closed by now.
        message = (
            f"The PIL image cannot be read ({_in_one_line(error)}): open its file again, or give the path."
        )
        raise MediaError(message) from error
    return file


def _short(name: str) -> str:
    """Keep a message readable when somebody gives base64 where a path belongs."""
    return name if len(name) <= 100 else f"{name[:40]}... ({len(name):,} characters)"


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _read_at(file: BinaryIO, position: int, count: int) -> bytes:
    file.seek(position)
    return file.read(count)


def _kind(head: bytes) -> str | None:
    """Name the kind by the signature each format begins with (https://www.iana.org/assignments/media-types/)."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12])
    if head.startswith(b"fLaC"):
        return "flac"
    if head.startswith(b"OggS"):
        return "ogg"
    return "mp3" if head.startswith(b"ID3") or _is_mp3_frame(head) else None


def _is_mp3_frame(head: bytes) -> bool:
    """Tell an MPEG layer III frame header from other bytes that begin with 11 set bits, such as AAC's."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bit_rate, sample_rate = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and bit_rate not in (0, 15) and sample_rate != 3


def _describe(head: bytes) -> str:
    """Say what a file of none of our kinds is, as far as its first bytes tell."""
    guess = filetype.guess(head)
    if guess is not None:
        return f"a {guess.extension} file ({guess.mime})"
    try:
        # An incremental decoder forgives a character that the end of the head cuts in two.
        text = codecs.getincrementaldecoder("utf-8")().decode(head).lstrip("\ufeff \r\n\t").lower()
    except UnicodeDecodeError:
        text = ""
    if "<svg" in text:
        return "an SVG drawing, which models do not take"
    if text.startswith(("<!doctype html", "<html")):
        return "a web page (HTML), often what a download link really gave"
    if text and "\0" not in text:
        return "plain text"
    return "of no kind known here"


def _wish(wanted: str | None) -> str:
    wishes = {
        "image": "A picture must be png, jpeg, gif or webp.",
        "audio": "A sound must be mp3, wav, flac or ogg.",
    }
    return wishes[wanted] if wanted else " ".join(wishes.values())


def _cut_short(media: Media) -> MediaError:
    return MediaError(
        f"{media.name} is cut short, its {media.kind} data ends early: download or export it again."
    )


def _check_picture(media: Media) -> None:
    is_whole = (
        _riff_size(media) <= media.size if media.kind == "webp" else _ENDINGS[media.kind] in media.tail()
    )
    if not is_whole:
        raise _cut_short(media)
    with open_picture(media) as picture:
        if media.size <= DECODED_WHOLE:
            picture.load()


def _riff_size(media: Media) -> int:
    """Read the size, in bytes, that a RIFF file (wav, webp) says it has."""
    return 8 + int.from_bytes(media.head()[4:8], "little")


def _check_wav(media: Media) -> None:
    """Compare the lengths in a wav file's header with the bytes that are there."""
    declared = _riff_size(media)
    if declared > media.size:
        raise MediaError(
            f"{media.name} is cut short: its header promises {declared:,} bytes and there are {media.size:,}. "
            "Record, export or download it again."
        )
    position, chunks = 12, {}
    while position + 8 <= media.size:
        label, length = struct.unpack("<4sI", _read_at(media.file, position, 8))
        if position + 8 + length > media.size:
            raise _cut_short(media)
        chunks[label] = length
        position += 8 + length + length % 2
    if not chunks.get(b"data"):
        raise MediaError(f"{media.name} holds no sound: its wav data is missing or empty; record it again.")
    sound_info(media)


def _check_compressed_sound(media: Media) -> None:
    if not {"mp3": _is_whole_mp3, "ogg": _is_whole_ogg}.get(media.kind, lambda _: True)(media):
        raise _cut_short(media)
    info = sound_info(media)
    if media.size > DECODED_WHOLE:
        return
    media.file.seek(0)
    try:
        heard = sum(len(block) for block in soundfile.blocks(media.file, blocksize=_BLOCK, dtype="int16"))
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        raise _cut_short(media) from error
    if heard < info.frames:
        raise _cut_short(media)


def _is_whole_mp3(media: Media) -> bool:
    """Compare the bytes there are with the count that most encoders write into the first frame.

    Source: the Xing or Info header, http://gabriel.mp3-tech.org/mp3infotag.html; the length of an ID3v2 tag,
    https://id3.org/id3v2.3.0 (section 3.1).
    """
    start, head = 0, media.head()
    if head.startswith(b"ID3") and len(head) >= 10:
        # Four bytes of seven bits each.
        start = 10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    frame = _read_at(media.file, start, 64)
    found = re.search(rb"(?:Xing|Info)\0\0\0(.)(.{8})", frame, re.DOTALL)
    if not found or not found[1][0] & 2:
        return True
    has_frame_count = found[1][0] & 1
    count = int.from_bytes(found[2][4:] if has_frame_count else found[2][:4], "big")
    return start + count <= media.size


def _is_whole_ogg(media: Media) -> bool:
    """Tell whether the last page is marked as such and complete (RFC 3533, section 6)."""
    page = media.tail().rpartition(b"OggS")[2]
    if len(page) < 23 or not page[1] & 4:
        return False
    segments = page[23 : 23 + page[22]]
    return len(segments) == page[22] and 23 + page[22] + sum(segments) <= len(page)


def sound_info(media: Media) -> Any:
    """Read a sound's length, sample rate and channels.

    Args:
        media: An open sound.

    Returns:
        soundfile's info: `frames`, `samplerate` (Hz), `channels`, `duration` (seconds).

    Raises:
        MediaError: If it cannot be decoded or holds no sound.
    """
    media.file.seek(0)
    try:
        info = soundfile.info(media.file)
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        raise MediaError(
            f"{media.name} begins like {media.kind} but cannot be decoded: it is damaged; export it again."
        ) from error
    if info.frames <= 0:
        raise MediaError(f"{media.name} holds no sound: record or export it again.")
    return info
