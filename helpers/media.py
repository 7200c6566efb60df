"""What a file is, whether it is whole, its pixels, frames and seconds: the one judge on both sides of the wire."""

from __future__ import annotations

import codecs
import ctypes
import functools
import hashlib
import io
import re
import struct
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, unquote_to_bytes, urlsplit

import filetype
import numpy as np
import pybase64
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
MAX_WEBP_PIXELS = 40_000_000
"""Most pixels of a webp: its decoder takes 16 bytes for each and cannot decode to a smaller size."""
MAX_BYTES_TO_SHRINK = 10 * MAX_BYTES
"""Most bytes read of a picture that is to be shrunk before it is sent."""
RATES = (1000, 768_000)
"""Fewest and most samples a second of a sound."""
DECODED_WHOLE = 2 * 1024 * 1024
"""Up to this many bytes a compressed sound is decoded to prove it whole; a larger one is judged by its headers."""
MAX_DECODING_SECONDS = 20
"""Seconds that the decoding of one sound may take."""

_HEAD = 8192
_TAIL = 65536
_LARGE = 4_000_000
"""Pixels from which pictures are decoded one at a time."""
_STREAMED = 1_000_000_000
"""A wav that promises this many bytes or more gives no length: writers to a pipe put 2^32 - 1, 2^31 - 1 or 2e9."""
_PLAIN_WAV = ("PCM_16", "PCM_24", "PCM_32", "PCM_U8")
_ACCEPTED = "a path, bytes, a file opened with 'rb', a matplotlib figure, a PIL image or a URL"
_turn = threading.RLock()


class MediaError(LearnerError):
    """What was given cannot be sent or shown; the message says what is wrong and what to do about it.

    Attributes:
        fault: "kind" of a file that is no picture or sound known here, "large" of one over a limit, else "damaged".
    """

    def __init__(self, message: str, fault: str = "damaged") -> None:
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True)
class NamedBytes:
    """The bytes of a file that arrived without its path, and what messages call it."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Sound:
    """What a sound consists of: frames, their rate in Hz, channels, and libsndfile's names of file and coding."""

    frames: int
    samplerate: int
    channels: int
    format: str
    subtype: str

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.frames / self.samplerate


@dataclass
class Media:
    """An open picture or sound.

    Attributes:
        name: What messages call it: the file's name without its folder, or "the picture".
        kind: A key of `MEDIA_TYPES`, read from the bytes.
        file: The bytes, seekable.
        size: Their number.
        is_original: Whether they are byte for byte what was given.
        sound: Of a sound, what it consists of.
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
        return self.kind == "mp3" or (
            self.sound is not None and self.kind == "wav" and self.sound.subtype in _PLAIN_WAV
        )

    def read(self) -> bytes:
        """Return all bytes."""
        self.file.seek(0)
        return self.file.read()


@contextmanager
def open_media(
    source: Any, *, wanted: str | None = None, limit: int = MAX_BYTES, prove: bool = True
) -> Iterator[Media]:
    """Open a picture or a sound, find out what it is and refuse what a service could not read.

    Args:
        source: A path (`str` or `Path`), bytes, bytes with a name, a file opened in binary mode (read from where it
            stands), a matplotlib figure, a PIL image (both become PNG) or a data URL.
        wanted: "image" or "audio" to refuse the other.
        limit: Most bytes accepted.
        prove: Whether to decode a picture's pixels; left out where `decoded` or `open_picture` will do so.

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
            raise MediaError(too_large(name, size, limit), "large")
        media = Media(name, "", file, size, is_original)
        file.seek(0)
        head = file.read(_HEAD)
        media.kind = _kind(head) or ""
        if not media.kind:
            what, is_sound = _describe(head)
            remedy = _CONVERT if is_sound else ""
            message = f"{name} is {what}, whatever its name says. {_wish(wanted)} {remedy}".rstrip()
            raise MediaError(message, "kind")
        if wanted and media.is_image != (wanted == "image"):
            found, call = ("picture", "image_part") if media.is_image else ("sound", "audio_part")
            message = f"{name} is a {found} ({media.kind}): use {call} for it. {_wish(wanted)}"
            raise MediaError(message, "kind")
        (_check_picture if media.is_image else _check_sound)(media, media.read(), prove)
        yield media


def too_large(name: str, size: int, limit: int = MAX_BYTES) -> str:
    """Say that something is larger than the limit, both in bytes."""
    return (
        f"{name} is too large: {size:,} bytes, and the limit is {limit:,}. Send a smaller picture "
        f"(shrink_for does that) or a shorter or compressed clip."
    )


@functools.lru_cache(maxsize=1024)
def known(digest: str) -> list[Any]:
    """What was found out by decoding the file of this digest, so that it is not decoded for that again."""
    return []


# --- pictures


@contextmanager
def in_turn(media: Media) -> Iterator[None]:
    """Let large pictures be decoded one at a time, and give their memory back to the system afterwards."""
    with open_picture(media) as picture:
        pixels = picture.width * picture.height
    if pixels < _LARGE:
        yield
        return
    with _turn:
        try:
            yield
        finally:
            give_back()


def give_back() -> None:
    """Give freed memory back to the system: with glibc the blocks of large pictures would stay, gigabytes of them."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        # Another C library, or another system.
        return


@contextmanager
def open_picture(media: Media) -> Iterator[Image.Image]:
    """Open a picture's header with Pillow; its pixels are decoded when something asks for them.

    Raises:
        MediaError: If it cannot be decoded, here or within the `with` block, or has too many pixels.
    """
    media.file.seek(0)
    try:
        with warnings.catch_warnings():
            # check_pixels says the same as an error.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(media.file, formats=[media.kind])
        with picture:
            check_pixels(media.name, *picture.size, media.kind)
            yield picture
    except MediaError:
        raise
    except Image.DecompressionBombError:
        message = f"{media.name} has more than {MAX_PIXELS:,} pixels: make it smaller first."
        raise MediaError(message, "large") from None
    except Exception as error:
        # Pillow's parsers raise whatever a damaged file leads them to: OSError, SyntaxError, struct.error...
        message = (
            f"{media.name} begins like {media.kind} but is cut short or damaged: download or export it again."
        )
        raise MediaError(message) from error


def check_pixels(name: str, width: int, height: int, kind: str = "") -> None:
    """Refuse a picture with no pixels or too many, by raising MediaError."""
    most = MAX_WEBP_PIXELS if kind == "webp" else MAX_PIXELS
    if width * height == 0:
        raise MediaError(f"{name} has no pixels ({width} by {height}): nothing could be sent.")
    if width * height > most:
        message = (
            f"{name} has {width} by {height} pixels, and the limit is {most:,} in all: make it smaller first."
        )
        raise MediaError(message, "large")


def decoded(media: Media, most: tuple[int, int]) -> Image.Image:
    """Decode a picture to the size that will be looked at, with no more memory than that needs.

    Args:
        media: An open picture.
        most: Width and height in pixels that the result fits in; never enlarged.

    Returns:
        8 bits a channel: mode L of a gray picture, RGBA where some of it is transparent, else RGB. Sixteen bits
        become eight by scaling.

    Raises:
        MediaError: If it is damaged.
    """
    with in_turn(media):
        return _decoded(media, most)


def _decoded(media: Media, most: tuple[int, int]) -> Image.Image:
    with open_picture(media) as picture:
        scale = min(1, most[0] / picture.width, most[1] / picture.height)
        size = tuple(max(1, round(side * scale)) for side in picture.size)
        if scale < 1:
            # JPEG alone heeds it: it decodes to a half, a quarter or an eighth.
            picture.draft(None, tuple(2 * side for side in size))
        picture.load()
        wide, high = (max(1, whole // (2 * side)) for whole, side in zip(picture.size, size, strict=True))
        # In strips, since each change of mode makes a copy.
        step = high * max(1, _LARGE // (high * picture.width))
        result = None
        for top in range(0, picture.height, step):
            strip = _eight_bits(picture.crop((0, top, picture.width, min(top + step, picture.height))))
            strip = strip.reduce((wide, high))
            if result is None:
                result = Image.new(strip.mode, (strip.width, -(-picture.height // high)))
            result.paste(strip, (0, top // high))
        return result if result.size == size else result.resize(size, Image.Resampling.LANCZOS)


def _eight_bits(strip: Image.Image) -> Image.Image:
    if strip.mode.startswith("I"):
        levels = np.asarray(strip).astype(np.int64)
        return Image.fromarray((levels >> 8).clip(0, 255).astype(np.uint8))
    if strip.has_transparency_data:
        return strip.convert("RGBA")
    return strip if strip.mode in ("L", "RGB") else strip.convert("L" if strip.mode == "1" else "RGB")


def _check_picture(media: Media, data: bytes, prove: bool) -> None:
    if not _is_whole_picture(media.kind, data):
        raise _cut_short(media)
    with in_turn(media):
        found = known(hashlib.sha256(data).hexdigest()) if prove else [True]
        if not found:
            _decode_all(media)
            found.append(True)


def _decode_all(media: Media) -> None:
    with open_picture(media) as picture:
        # The smallest size that JPEG decodes to: all its data is read for that too.
        picture.draft(None, tuple(max(1, side // 8) for side in picture.size))
        picture.load()


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    position, label = 8, b""
    while label != b"IEND" and position + 12 <= len(data):
        length, label = struct.unpack_from(">I4s", data, position)
        if position + 12 + length > len(data):
            return
        yield label, position, position + 12 + length
        position += 12 + length


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 1:
            # Fill bytes, and markers without a length.
            position += 1 if marker == 0xFF else 2
            continue
        begin, position = position, position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if marker == 0xDA:
            # A byte 0xFF within the pixels is followed by 0, so this can only be the end marker.
            position = data.find(b"\xff\xd9", position) + 2
            if position < 2:
                return
        yield marker, begin, position
        if marker == 0xDA:
            return


def _gif_blocks(data: bytes) -> Iterator[tuple[int, int, int]]:
    def colors(flags: int) -> int:
        return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0

    # Two bytes of length are behind the last block of any whole file.
    data += b"\0" * 12
    position = 13 + colors(data[10])
    while position < len(data) - 12:
        label, begin = data[position], position
        if label not in b"\x21\x2c\x3b":
            return
        position += {0x21: 2, 0x2C: 11 + colors(data[position + 9]), 0x3B: 1}[label]
        while label != 0x3B and position < len(data) and data[position]:
            position += 1 + data[position]
        position += label != 0x3B
        if position > len(data) - 12:
            return
        yield label, begin, position
        if label == 0x3B:
            return


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    position = 12
    while position + 8 <= len(data):
        begin, length = position, int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8 + length
        # Some writers leave out the byte that makes lengths even.
        position += length % 2 and data[position : position + 1] == b"\0"
        yield data[begin : begin + 4], begin, position


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    return _riff_chunks(data[: 8 + int.from_bytes(data[4:8], "little")])


PIECES = {"png": _png_chunks, "jpeg": _jpeg_segments, "gif": _gif_blocks, "webp": _webp_chunks}
"""The pieces that a picture's file consists of, up to its end: of each its label, begin and end.

Of a jpeg the segments, the last of which is the pixels with the end marker: a picture that follows, a film or a
thumbnail within a segment is none of them. Of a gif the blocks (GIF89a specification, sections 15 to 27).
"""
_LAST = {"png": b"IEND", "jpeg": 0xDA, "gif": 0x3B}


def _is_whole_picture(kind: str, data: bytes) -> bool:
    if kind == "webp":
        return 8 + int.from_bytes(data[4:8], "little") <= len(data)
    return any(label == _LAST[kind] for label, _, _ in PIECES[kind](data))


# --- sounds


class _Stream(soundfile.SoundFile):
    """Reads forward only: seeking fails in codecs that cannot, and beyond a length that is not known."""

    def seekable(self) -> bool:
        return False


def sound_info(media: Media) -> Sound:
    """What an open sound consists of; raises MediaError of a picture."""
    if media.sound is None:
        raise MediaError(f"{media.name} is no sound.")
    return media.sound


def blocks(media: Media) -> Iterator[np.ndarray]:
    """Decode a sound piece by piece: float32 of shape (frames, channels), about -1 to 1, always finite.

    Raises:
        MediaError: If it is damaged, ends before its length, or takes more than `MAX_DECODING_SECONDS`.
    """
    sound = sound_info(media)
    heard = 0
    for piece in _pieces(media):
        heard += len(piece)
        yield piece
    # The decoder of mp3 passes over damaged frames, as players do.
    if heard < sound.frames and media.kind != "mp3":
        raise _cut_short(media)


def mono(media: Media) -> np.ndarray:
    """Decode a sound to one channel: float32, all its frames. For `blocks` holds the rest."""
    return np.concatenate([piece.mean(axis=1) for piece in blocks(media)])


def _pieces(media: Media) -> Iterator[np.ndarray]:
    end = time.monotonic() + MAX_DECODING_SECONDS
    with _decoder(media) as stream:
        size = max(1, 2**18 // stream.channels)
        while True:
            try:
                piece = stream.read(size, dtype="float32", always_2d=True)
            except (soundfile.SoundFileError, OSError, ValueError) as error:
                raise _cut_short(media) from error
            if not len(piece):
                return
            yield np.nan_to_num(piece, nan=0.0, posinf=1.0, neginf=-1.0)
            if time.monotonic() > end:
                raise MediaError(
                    f"{media.name} takes too long to decode: cut it into shorter clips.", "large"
                )


def _decoder(media: Media) -> _Stream:
    media.file.seek(0)
    try:
        return _Stream(media.file if media.mended is None else io.BytesIO(media.mended))
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        message = (
            f"{media.name} begins like {media.kind} but cannot be decoded: it is damaged; export it again."
        )
        raise MediaError(message) from error


def _check_sound(media: Media, data: bytes, prove: bool) -> None:
    {"wav": _check_wav, "mp3": _check_mp3, "ogg": _check_ogg, "flac": lambda *_: None}[media.kind](
        media, data
    )
    with _decoder(media) as stream:
        media.sound = Sound(stream.frames, stream.samplerate, stream.channels, stream.format, stream.subtype)
    rate, least, most = media.sound.samplerate, *RATES
    if not least <= rate <= most:
        message = f"{media.name} is marked as {rate:,} samples a second, and {least:,} to {most:,} are played"
        raise MediaError(f"{message}: record or export it again.")
    is_counted = 0 < media.sound.frames < 2**48
    if media.sound.subtype not in _PLAIN_WAV or media.kind != "wav":
        found = known(hashlib.sha256(data).hexdigest())
        if not found and (media.size <= DECODED_WHOLE or not is_counted):
            found.append(sum(map(len, _pieces(media))))
        if found and (found[0] < media.sound.frames or not is_counted):
            if is_counted and media.mended is None:
                raise _cut_short(media)
            media.sound = replace(media.sound, frames=found[0])
    if media.sound.frames <= 0:
        raise MediaError(f"{media.name} holds no sound: record or export it again.")


def _check_wav(media: Media, data: bytes) -> None:
    """Find the wav's samples; where its lengths mislead, write it anew with nothing but the format and them."""
    form, is_even, label, begin, end = b"", True, b"", 0, 12
    for label, begin, end in _riff_chunks(data):
        if label == b"data":
            break
        if end > len(data):
            raise _cut_short(media)
        form = data[begin + 8 : end] if label == b"fmt " else form
        is_even = is_even and (end - begin) % 2 == 0
    there, start = len(data) - begin - 8, begin + 8
    length = int.from_bytes(data[begin + 4 : start], "little")
    declared = 8 + int.from_bytes(data[4:8], "little")
    if label == b"data" and (length >= _STREAMED or (length == 0 and declared != len(data))):
        length = there
        media.misleads = "gives no length, as that of a stream or an unfinished recording does"
    if label != b"data" and len(data) - end in range(1, 8):
        raise _cut_short(media)
    if label != b"data" or not length:
        raise MediaError(f"{media.name} holds no sound: its wav data is missing or empty; record it again.")
    if length > there:
        raise MediaError(
            f"{media.name} is cut short: its header promises {length:,} bytes of sound and there are {there:,}. "
            "Record, export or download it again."
        )
    code = int.from_bytes(form[24:26] if form[:2] == b"\xfe\xff" else form[:2], "little")
    if code in _OTHER_WAV:
        raise _other_codec(media, f"a wav that holds {_OTHER_WAV[code]}")
    if not media.misleads and not (is_even and start + length <= declared + 1 and declared <= len(data) + 1):
        media.misleads = "has lengths that do not fit together"
    if media.misleads:
        body = b"WAVE" + b"".join(
            key + len(value).to_bytes(4, "little") + value + b"\0" * (len(value) % 2)
            for key, value in ((b"fmt ", form), (b"data", data[start : start + length]))
        )
        media.mended = b"RIFF" + len(body).to_bytes(4, "little") + body


_OTHER_WAV = {0x55: "mp3", 0x50: "mp2", 0x161: "WMA", 0x2000: "AC-3", 0x45: "G.726", 0xF1AC: "FLAC"}
_OTHER_WAV |= dict.fromkeys((0xFF, 0x180, 0x1600, 0x1601, 0x1602, 0x1610, 0xA106, 0x706D), "AAC")
"""Codings in wav that are not decoded here, by their number (https://www.rfc-editor.org/rfc/rfc2361)."""


_BIT_RATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
"""In kbit/s, of MPEG-1 and of MPEG-2 and 2.5, layer III (ISO/IEC 11172-3 and 13818-3)."""


def _mp3_frame(head: bytes) -> tuple[int, int] | None:
    """The bytes and the begin of the side information's end of the mp3 frame that begins here.

    None of other bytes that begin with 11 set bits, such as AAC's.
    """
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bit_rate, rate = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer != 1 or bit_rate in (0, 15) or rate == 3:
        return None
    is_old, is_mono = version == 3, head[3] >> 6 == 3
    hertz = (44_100, 48_000, 32_000)[rate] >> {3: 0, 2: 1, 0: 2}[version]
    size = (144 if is_old else 72) * _BIT_RATES[not is_old][bit_rate] * 1000 // hertz + (head[2] >> 1 & 1)
    return size, 4 + ((17 if is_mono else 32) if is_old else (9 if is_mono else 17))


def _check_mp3(media: Media, data: bytes) -> None:
    """Count the frames and compare them with what the first one may promise; give a decoder the true count.

    Source: the Xing or Info header with the encoder's delay and padding,
    http://gabriel.mp3-tech.org/mp3infotag.html; the length of an ID3v2 tag, https://id3.org/id3v2.3.0 (section 3.1).
    """
    start = 0
    while data[start : start + 3] == b"ID3":
        # Four bytes of seven bits each.
        start += 10 + sum(byte << 7 * (3 - i) for i, byte in enumerate(data[start + 6 : start + 10]))
    count, position, first = 0, start, -1
    while 0 <= position < len(data):
        frame = _mp3_frame(data[position : position + 4])
        end = position + frame[0] if frame else 0
        is_last = end + 4 > len(data) or data[end : end + 3] == b"TAG"
        if frame and (count or is_last or _mp3_frame(data[end : end + 4])) and end <= len(data):
            first = position if first < 0 else first
            count, position = count + 1, end
        else:
            position = data.find(b"\xff", position + 1)
    if first < 0:
        raise MediaError(
            f"{media.name} begins like mp3 but cannot be decoded: no whole frame is in it; export it again."
        )
    header = bytearray(data[first : first + 4])
    length, tag = _mp3_frame(header)
    promise = data[first + tag : first + length]
    is_tagged, is_other = promise[:4] in (b"Xing", b"Info"), data[first + 36 : first + 40] == b"VBRI"
    if is_tagged and len(promise) >= 16:
        has_frames, has_bytes = promise[7] & 1, promise[7] >> 1 & 1
        frames = int.from_bytes(promise[8:12], "big") if has_frames else 0
        size = int.from_bytes(promise[12:16] if has_frames else promise[8:12], "big") if has_bytes else 0
        if start + size > len(data) and size < _STREAMED:
            raise _cut_short(media)
        if not size and count - 1 < frames - 1 < 2**24:
            raise _cut_short(media)
        lame = 8 + 4 * has_frames + 4 * has_bytes + 100 * (promise[7] >> 2 & 1) + 4 * (promise[7] >> 3 & 1)
        gap = int.from_bytes(promise[lame + 21 : lame + 24], "big")
        samples = 1152 if header[1] >> 3 & 3 == 3 else 576
        if abs(count - 1 - frames) <= 1 and (gap >> 12) + (gap & 0xFFF) < frames * samples:
            return
        media.misleads = "counts other frames than there are"
    # A frame that all decoders skip, with the count in it; large enough for that, and without a checksum.
    header[1], header[2] = header[1] | 1, 0xA0 | header[2] & 0x0C
    size, tag = _mp3_frame(header)
    skipped = is_tagged or is_other
    counted = b"\0" * (tag - 4) + b"Xing\0\0\0\1" + (count - skipped).to_bytes(4, "big")
    rest = data[first + length * skipped :]
    media.mended = bytes(header) + counted.ljust(size - 4, b"\0") + rest


def _check_ogg(media: Media, data: bytes) -> None:
    """Tell whether the last page is marked as such and complete (RFC 3533, section 6), and which coding it is."""
    for signature, name in _OTHER_OGG.items():
        if data[28:40].startswith(signature):
            raise _other_codec(media, f"an ogg that holds {name}")
    page = data[-_TAIL:].rpartition(b"OggS")[2]
    segments = page[23 : 23 + page[22]] if len(page) > 22 else b""
    is_whole = len(page) > 22 and page[1] & 4 and len(segments) == page[22]
    if not is_whole or 23 + page[22] + sum(segments) > len(page):
        raise _cut_short(media)


_OTHER_OGG = {b"\x7fFLAC": "FLAC", b"Speex": "Speex", b"PCM": "PCM", b"\x80theora": "Theora video"}
_OTHER_OGG |= {b"fishead": "a film", b"\x01video": "a film", b"BBCD": "Dirac video"}
"""Codings in ogg that are not decoded here, by what their first packet begins with."""


def _other_codec(media: Media, what: str) -> MediaError:
    return MediaError(f"{media.name} is {what}, a coding that is not decoded here. {_CONVERT}", "kind")


# --- where the bytes come from


def figure_png(figure: Figure, **options: Any) -> bytes:
    """Draw a matplotlib figure as PNG, with options as for `Figure.savefig`; MediaError if it cannot be drawn."""
    file = io.BytesIO()
    try:
        figure.savefig(file, format="png", **options)
    except Exception as error:
        # Drawing runs the learner's own artists, and any of them may fail in any way.
        message = f"The figure cannot be drawn ({_in_one_line(error)}): correct that and draw it again."
        raise MediaError(message) from error
    return file.getvalue()


def remote_url(source: Any) -> bool:
    """Tell whether a source is an http or https URL; paths and all else are not.

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


def is_data_url(source: Any) -> bool:
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
            _refuse_base64(str(path))
            raise MediaError(
                f"There is no file {_short(str(path))}: check its spelling and the folder you run in."
            )
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
    if kind := _base64_kind(text[:_HEAD].encode("utf-8", "replace")):
        raise MediaError(
            f"This is the base64 of a {kind} file, not its path: put data:{MEDIA_TYPES[kind]};base64, in front of it."
        )


def _base64_kind(text: bytes) -> str | None:
    """The kind of the file whose base64 begins like this."""
    letters = re.sub(rb"\s", b"", text)
    letters = letters[: len(letters) // 4 * 4]
    if len(letters) < 40 or not re.fullmatch(rb"[A-Za-z0-9+/_-]+=*", letters):
        return None
    return _kind(pybase64.b64decode(letters.translate(bytes.maketrans(b"-_", b"+/"))))


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


def _of_data_url(url: str, limit: int) -> bytes:
    header, comma, payload = url.partition(",")
    if not comma:
        raise MediaError("The data URL has no comma: expected data:<type>;base64,<data>.")
    if not header.rstrip().lower().endswith(";base64"):
        return unquote_to_bytes(payload)
    if len(payload) > 2 * limit:
        raise MediaError(too_large("The data URL", len(payload) * 3 // 4, limit), "large")
    try:
        return pybase64.b64decode(payload, validate=True)
    except ValueError:
        pass
    # Line breaks, the alphabet for URLs, percent signs and missing padding are put right.
    letters = re.sub(r"\s", "", unquote(payload)).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return pybase64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except ValueError as error:
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
    return name if len(name) <= 100 else f"{name[:40]}... ({len(name):,} characters)"


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _cut_short(media: Media) -> MediaError:
    return MediaError(
        f"{media.name} is cut short or damaged, its {media.kind} data ends early: download or export it again."
    )


# --- what kind they are


def _kind(head: bytes) -> str | None:
    """Name the kind by the signature each format begins with (https://www.iana.org/assignments/media-types/)."""
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    if head.startswith(b"RIFF"):
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12])
    return "mp3" if _mp3_frame(head[:4]) else None


_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"}
_SIGNATURES |= {b"fLaC": "flac", b"OggS": "ogg", b"ID3": "mp3"}
_OTHERS = {b"caff": "CAF", b".snd": "AU", b"RF64": "RF64", b"riff": "W64", b"RIFX": "RIFX"}
"""Sounds that are named, but not taken; the package filetype names more."""
_CONVERT = "Convert it to mp3 or wav first: `ffmpeg -i FILE out.mp3` does, or an export from Audacity."


def _describe(head: bytes) -> tuple[str, bool]:
    """Say what a file of none of our kinds is, as far as its first bytes tell, and whether it may hold sound."""
    if head.startswith(b"\x89PNG"):
        return "a png whose line ends were changed by a transfer as text (send it as binary)", False
    if name := _OTHERS.get(head[:4]):
        return f"a sound file ({name})", True
    guess = filetype.guess(head)
    if guess is not None:
        return f"a {guess.extension} file ({guess.mime})", guess.mime.startswith(("audio", "video"))
    if kind := _base64_kind(head):
        return f"the base64 of a {kind} file (put data:{MEDIA_TYPES[kind]};base64, in front)", False
    try:
        # An incremental decoder forgives a character that the end of the head cuts in two.
        text = codecs.getincrementaldecoder("utf-8")().decode(head).lstrip("\ufeff \r\n\t").lower()
    except UnicodeDecodeError:
        text = ""
    if "<svg" in text:
        return "an SVG drawing, which models do not take", False
    if text.startswith(("<!doctype html", "<html")):
        return "a web page (HTML), often what a download link really gave", False
    return "plain text" if text and "\0" not in text else "of no kind known here", False


def _wish(wanted: str | None) -> str:
    wishes = {
        "image": "A picture must be png, jpeg, gif or webp.",
        "audio": "A sound must be mp3, wav, flac or ogg.",
    }
    return wishes[wanted] if wanted else " ".join(wishes.values())
