"""The pieces that a file consists of: whether a picture has all of them, and which tell of its maker."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from typing import Any


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


def riff_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Of each chunk of a wav or webp its label, begin and end, which may lie beyond the file's."""
    position = 12
    while position + 8 <= len(data):
        begin, length = position, int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8 + length
        # Some writers leave out the byte that makes lengths even.
        position += length % 2 and data[position : position + 1] == b"\0"
        yield data[begin : begin + 4], begin, position


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    return riff_chunks(data[: 8 + int.from_bytes(data[4:8], "little")])


_PIECES: dict[str, Callable[[bytes], Iterator[tuple[Any, int, int]]]] = {
    "png": _png_chunks,
    "jpeg": _jpeg_segments,
    "gif": _gif_blocks,
    "webp": _webp_chunks,
}
"""The pieces that a picture's file consists of, up to its end: of each its label, begin and end.

Of a jpeg the segments, the last of which is the pixels with the end marker: a picture that follows, a film or a
thumbnail within a segment is none of them. Of a gif the blocks (GIF89a specification, sections 15 to 27).
"""
_LAST = {"png": b"IEND", "jpeg": 0xDA, "gif": 0x3B}
# Exif and XMP are APP1, IPTC is APP13; APP2 may list further pictures (MPF), which have such data of their own.
_METADATA: dict[str, Callable[[Any, bytes], bool]] = {
    "jpeg": lambda marker, begin: marker in (0xE1, 0xED) or (marker == 0xE2 and begin.startswith(b"MPF")),
    "png": lambda label, begin: (
        label == b"eXIf" or (label[1:] in (b"EXt", b"TXt") and begin.startswith((b"XML:com", b"Raw profile")))
    ),
    "webp": lambda label, _: label in (b"EXIF", b"XMP "),
    "gif": lambda label, begin: label == 0x21 and begin.startswith(b"XMP Data"),
}
_LABELED = {"jpeg": 4, "png": 8, "webp": 8, "gif": 3}  # bytes before a piece's content: its label and length


def is_whole_picture(kind: str, data: bytes) -> bool:
    """Whether a picture's file has all its pieces; what is in them is not looked at."""
    if kind == "webp":
        return 8 + int.from_bytes(data[4:8], "little") <= len(data)
    return any(label == _LAST[kind] for label, _, _ in _PIECES[kind](data))


def without_metadata(kind: str, data: bytes) -> bytes | None:
    """A whole picture without EXIF, XMP and IPTC data, its pixels as they are; None if it has none."""
    kept, begin, end = [], 0, 0
    for label, first, last in _PIECES[kind](data):
        if _METADATA[kind](label, data[first + _LABELED[kind] : first + 80]):
            kept.append(data[begin:first])
            begin = last
        end = last
    if not kept:
        return None
    # What follows the last piece may be a film or a second picture, with such data of its own.
    bare = b"".join([*kept, data[begin:end]])
    if kind == "webp" and bare[12:16] == b"VP8X":
        # Its flags that announce EXIF (8) and XMP (4), and the length of all.
        flags = bytes([bare[20] & ~12])
        bare = b"RIFF" + (len(bare) - 8).to_bytes(4, "little") + bare[8:20] + flags + bare[21:]
    return bare


MP3_HEAD = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]")
"""What the head of an mp3 frame begins with; not each of these is one, see `mp3_frame`."""


def mp3_begin(data: bytes) -> int:
    """Where three mp3 frames stand one behind another, or -1."""
    for head in MP3_HEAD.finditer(data):
        end = head.start()
        for _ in range(3):
            frame = mp3_frame(data[end : end + 4])
            if frame is None:
                break
            end += frame[0]
        else:
            return head.start()
    return -1


_BIT_RATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
"""In kbit/s, of MPEG-1 and of MPEG-2 and 2.5, layer III (ISO/IEC 11172-3 and 13818-3)."""


def mp3_frame(head: bytes) -> tuple[int, int] | None:
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
