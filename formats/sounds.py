"""A sound's frames, rate and seconds, whether it is whole, its samples piece by piece, and wav of them."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from formats import FormatError, cut_short, known
from formats.kinds import CONVERT, kind_of
from formats.pieces import MP3_HEAD, mp3_begin, mp3_frame, riff_chunks

RATES = (1000, 768_000)  # fewest and most samples a second
DECODED_WHOLE = 2 * 1024 * 1024
"""Up to this many bytes a compressed sound is decoded to prove it whole; a larger one is judged by its headers."""
MAX_DECODING_SECONDS = 20  # of one sound
PLAIN_WAV = ("PCM_16", "PCM_24", "PCM_32", "PCM_U8")  # codings in wav that are plain numbers

_STREAMED = 1_000_000_000
"""A wav that promises this many bytes or more gives no length: writers to a pipe put 2^32 - 1, 2^31 - 1 or 2e9."""
_OTHER_WAV = {0x55: "mp3", 0x50: "mp2", 0x161: "WMA", 0x2000: "AC-3", 0x45: "G.726", 0xF1AC: "FLAC"}
_OTHER_WAV |= dict.fromkeys((0xFF, 0x180, 0x1600, 0x1601, 0x1602, 0x1610, 0xA106, 0x706D), "AAC")
"""Codings in wav that are not decoded here, by their number (https://www.rfc-editor.org/rfc/rfc2361)."""
_OTHER_OGG = {b"\x7fFLAC": "FLAC", b"Speex": "Speex", b"PCM": "PCM", b"\x80theora": "Theora video"}
_OTHER_OGG |= {b"fishead": "a film", b"\x01video": "a film", b"BBCD": "Dirac video"}
"""Codings in ogg that are not decoded here, by what their first packet begins with."""

_Mended = tuple[bytes | None, str]
_AS_IT_IS: _Mended = None, ""


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


class _Stream(soundfile.SoundFile):  # type: ignore[misc] # soundfile comes without types
    """Reads forward only: seeking fails in codecs that cannot, and beyond a length that is not known."""

    def seekable(self) -> bool:
        return False


def examined(file: BinaryIO, kind: str) -> tuple[Sound, bytes | None, str]:
    """Find out what a sound consists of and whether it is whole, by its headers or by decoding it; else FormatError.

    Gives what it consists of; its bytes with a header that decoders can follow, where its own misleads them, else
    None; and in what it misleads players too, so that those bytes should be sent in its place, or "".
    """
    file.seek(0)
    data = file.read()
    check = {"wav": _wav, "mp3": _mp3, "ogg": _ogg}.get(kind)
    mended, misleads = check(data) if check else _AS_IT_IS
    readable = io.BytesIO(mended) if mended else file
    with _decoder(readable, kind) as stream:
        sound = Sound(stream.frames, stream.samplerate, stream.channels, stream.format, stream.subtype)
    rate, (least, most) = sound.samplerate, RATES
    if not least <= rate <= most:
        message = f"is marked as {rate:,} samples a second, and {least:,} to {most:,} are played"
        raise FormatError(f"{message}: record or export it again.")
    is_counted = 0 < sound.frames < 2**48
    if sound.subtype not in PLAIN_WAV or kind != "wav":
        found = known(hashlib.sha256(data).hexdigest())
        if not found and (len(data) <= DECODED_WHOLE or not is_counted):
            found.append(sum(map(len, _pieces(readable, kind, sound.frames))))
        if found and (found[0] < sound.frames or not is_counted):
            # A header put right that is sent promises what the decoder of the other side will not find.
            if is_counted and (mended is None or misleads):
                raise cut_short(kind)
            sound = replace(sound, frames=found[0])
    if sound.frames <= 0:
        raise FormatError("holds no sound: record or export it again.")
    return sound, mended, misleads


def blocks(file: BinaryIO, kind: str, frames: int) -> Iterator[NDArray[np.float32]]:
    """Decode a sound of this many frames: pieces of shape (frames, channels), about -1 to 1, always finite.

    FormatError if it is damaged, ends before its length, or takes more than `MAX_DECODING_SECONDS`.
    """
    heard = 0
    for piece in _pieces(file, kind, frames):
        heard += len(piece)
        yield piece
    # The decoder of mp3 passes over damaged frames, as players do.
    if heard < frames and kind != "mp3":
        raise cut_short(kind)


def as_wav(samples: NDArray[np.float32], rate: int) -> bytes:
    """Write samples, of shape (frames, channels), as wav of 16 bits; quieter if they would be clipped."""
    file = io.BytesIO()
    loudest = max(1.0, float(np.abs(samples).max()))
    soundfile.write(file, samples / loudest, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _pieces(file: BinaryIO, kind: str, frames: int) -> Iterator[NDArray[np.float32]]:
    end = time.monotonic() + MAX_DECODING_SECONDS
    with _decoder(file, kind) as stream:
        size = max(1, 2**18 // stream.channels)
        while frames > 0:
            try:
                # No more than there are: behind the last one may stand a tag, which a decoder takes for a damaged one.
                piece = stream.read(min(size, frames), dtype="float32", always_2d=True)
            except (soundfile.SoundFileError, OSError, ValueError) as error:
                raise cut_short(kind) from error
            if not len(piece):
                return
            frames -= len(piece)
            yield np.nan_to_num(piece, nan=0.0, posinf=1.0, neginf=-1.0)
            if time.monotonic() > end:
                raise FormatError("takes too long to decode: cut it into shorter clips.", "large")


def _decoder(file: BinaryIO, kind: str) -> Any:
    file.seek(0)
    try:
        return _Stream(file)
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        message = f"begins like {kind} but cannot be decoded: it is damaged; export it again."
        raise FormatError(message) from error


def _wav(data: bytes) -> _Mended:
    """Find the wav's samples; where its lengths mislead, write it anew with nothing but the format and them."""
    form, is_even, label, begin, end = b"", True, b"", 0, 12
    for label, begin, end in riff_chunks(data):
        if label == b"data":
            break
        if end > len(data):
            raise cut_short("wav")
        form = data[begin + 8 : end] if label == b"fmt " else form
        is_even = is_even and (end - begin) % 2 == 0
    there, start = len(data) - begin - 8, begin + 8
    length = int.from_bytes(data[begin + 4 : start], "little")
    declared = 8 + int.from_bytes(data[4:8], "little")
    misleads = ""
    if label == b"data" and (length >= _STREAMED or (length == 0 and declared != len(data))):
        length = there
        misleads = "gives no length, as that of a stream or an unfinished recording does"
    if label != b"data" and len(data) - end in range(1, 8):
        raise cut_short("wav")
    if label != b"data" or not length:
        raise FormatError("holds no sound: its wav data is missing or empty; record it again.")
    if length > there:
        raise FormatError(
            f"is cut short: its header promises {length:,} bytes of sound and there are {there:,}. "
            "Record, export or download it again."
        )
    if len(form) < 16:
        said = "does not say how its samples are written: no whole fmt chunk stands before them. Export it again."
        raise FormatError(said)
    code = int.from_bytes(form[24:26] if form[:2] == b"\xfe\xff" else form[:2], "little")
    if code in _OTHER_WAV:
        raise _other_codec(f"a wav that holds {_OTHER_WAV[code]}")
    if not misleads and not (is_even and start + length <= declared + 1 and declared <= len(data) + 1):
        misleads = "has lengths that do not fit together"
    # Chunks behind the samples, a second wav for one, are no matter to players, and end our decoder's reading.
    if not misleads and start + length + length % 2 >= len(data):
        return _AS_IT_IS
    body = b"WAVE" + b"".join(
        key + len(value).to_bytes(4, "little") + value + b"\0" * (len(value) % 2)
        for key, value in ((b"fmt ", form), (b"data", data[start : start + length]))
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body, misleads


def _mp3(data: bytes) -> _Mended:
    """Count the frames and compare them with what the first one may promise; give a decoder the true count.

    Source: the Xing or Info header with the encoder's delay and padding,
    http://gabriel.mp3-tech.org/mp3infotag.html; the length of an ID3v2 tag, https://id3.org/id3v2.3.0 (section 3.1).
    """
    start = 0
    while data[start : start + 3] == b"ID3":
        # Four bytes of seven bits each.
        start += 10 + sum(byte << 7 * (3 - i) for i, byte in enumerate(data[start + 6 : start + 10]))
    if start and (kind := kind_of(data[start : start + 12])) not in ("mp3", None):
        said = f"is a {kind} behind an ID3 tag, which is for mp3 alone: take the tag off, or export it again."
        raise FormatError(said)
    count, position, first, length, tag = 0, start if start < len(data) else mp3_begin(data), -1, 0, 0
    while 0 <= position < len(data):
        frame = mp3_frame(data[position : position + 4])
        end = position + frame[0] if frame else 0
        is_last = end + 4 > len(data) or data[end : end + 3] == b"TAG"
        if frame and (count or is_last or mp3_frame(data[end : end + 4])) and end <= len(data):
            if first < 0:
                first, (length, tag) = position, frame
            count, position = count + 1, end
        else:
            head = MP3_HEAD.search(data, position + 1)
            position = head.start() if head else -1
    if first < 0:
        raise FormatError("begins like mp3 but cannot be decoded: no whole frame is in it; export it again.")
    header = bytearray(data[first : first + 4])
    promise = data[first + tag : first + length]
    is_tagged, is_other = promise[:4] in (b"Xing", b"Info"), data[first + 36 : first + 40] == b"VBRI"
    misleads = "" if first == start else "does not lead to its sound"
    if is_tagged and len(promise) >= 16:
        has_frames, has_bytes = promise[7] & 1, promise[7] >> 1 & 1
        frames = int.from_bytes(promise[8:12], "big") if has_frames else 0
        size = int.from_bytes(promise[12:16] if has_frames else promise[8:12], "big") if has_bytes else 0
        if min(start, first) + size > len(data) and size < _STREAMED:
            raise cut_short("mp3")
        if not size and count - 1 < frames - 1 < 2**24:
            raise cut_short("mp3")
        lame = 8 + 4 * has_frames + 4 * has_bytes + 100 * (promise[7] >> 2 & 1) + 4 * (promise[7] >> 3 & 1)
        gap = int.from_bytes(promise[lame + 21 : lame + 24], "big")
        samples = 1152 if header[1] >> 3 & 3 == 3 else 576
        if abs(count - 1 - frames) <= 1 and (gap >> 12) + (gap & 0xFFF) < frames * samples:
            return (data[first:] if misleads else None), misleads
        misleads = "counts other frames than there are"
    # A frame that all decoders skip, with the count in it; large enough for that, and without a checksum.
    header[1], header[2] = header[1] | 1, 0xA0 | header[2] & 0x0C
    counting = mp3_frame(bytes(header))
    assert counting, "a frame's header stays one with another bit rate"
    skipped = is_tagged or is_other
    counted = b"\0" * (counting[1] - 4) + b"Xing\0\0\0\1" + (count - skipped).to_bytes(4, "big")
    rest = data[first + length * skipped :]
    return bytes(header) + counted.ljust(counting[0] - 4, b"\0") + rest, misleads


def _ogg(data: bytes) -> _Mended:
    """Tell whether the last page is marked as such and complete (RFC 3533, section 6), and which coding it is."""
    for signature, name in _OTHER_OGG.items():
        if data[28:40].startswith(signature):
            raise _other_codec(f"an ogg that holds {name}")
    if data.count(b"OggS\0\2") > 1:
        raise FormatError("holds several sounds, side by side or one behind another: export it as one.")
    page = data.rpartition(b"OggS")[2]
    segments = page[23 : 23 + page[22]] if len(page) > 22 else b""
    is_last = len(page) > 22 and page[1] & 4 and len(segments) == page[22]
    length = 23 + len(segments) + sum(segments)
    if not is_last or length > len(page):
        raise cut_short("ogg")
    return data[: len(data) - len(page) + length] if length < len(page) else None, ""


def _other_codec(what: str) -> FormatError:
    return FormatError(f"is {what}, a coding that is not decoded here. {CONVERT}", "kind")
