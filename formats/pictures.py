"""A picture's pixels: decoded with no more memory than needed, turned upright, made smaller, saved again."""

from __future__ import annotations

import ctypes
import hashlib
import io
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from formats import FormatError, cut_short, in_one_line, known
from formats.pieces import is_whole_picture

MAX_PIXELS = 89_478_485  # of one picture: where Pillow begins to suspect a decompression bomb
MAX_WEBP_PIXELS = 40_000_000  # its decoder takes 16 bytes for each and cannot decode to a smaller size
_T = Image.Transpose
_TURNS = (
    _T.FLIP_LEFT_RIGHT,
    _T.ROTATE_180,
    _T.FLIP_TOP_BOTTOM,
    _T.TRANSPOSE,
    _T.ROTATE_270,
    _T.TRANSVERSE,
    _T.ROTATE_90,
)
TURNS = dict(enumerate(_TURNS, start=2))  # what turns a picture upright, by its EXIF orientation

_ORIENTATION = 0x0112
_LARGE = 4_000_000  # pixels from which pictures are decoded one at a time
# Bytes of memory that turning a picture may take, by the most that decoder and encoder need for a pixel.
_MOST_TURNED = 1_000_000_000
_turn = threading.RLock()


@contextmanager
def opened(file: BinaryIO, kind: str) -> Iterator[Image.Image]:
    """Open a picture's header with Pillow; its pixels are decoded when something asks for them.

    FormatError if it cannot be decoded, here or within the `with` block, or has too many pixels.
    """
    file.seek(0)
    try:
        with warnings.catch_warnings():
            # check_pixels says of many pixels what Pillow does, and damaged EXIF data is taken out anyway.
            warnings.simplefilter("ignore")
            picture = Image.open(file, formats=[kind])
        with picture:
            check_pixels(*picture.size, kind)
            yield picture
    except FormatError:
        raise
    except Image.DecompressionBombError:
        raise FormatError(f"has more than {MAX_PIXELS:,} pixels: make it smaller first.", "large") from None
    except Exception as error:
        # Pillow's parsers raise whatever a damaged file leads them to: OSError, SyntaxError, struct.error...
        message = f"begins like {kind} but is cut short or damaged: download or export it again."
        raise FormatError(message) from error


def check_pixels(width: int, height: int, kind: str = "") -> None:
    """Refuse a picture with no pixels or too many, by raising FormatError."""
    most = MAX_WEBP_PIXELS if kind == "webp" else MAX_PIXELS
    if width * height == 0:
        raise FormatError(f"has no pixels ({width} by {height}): nothing could be sent.")
    if width * height > most:
        message = f"has {width} by {height} pixels, and the limit is {most:,} in all: make it smaller first."
        raise FormatError(message, "large")


def check(file: BinaryIO, kind: str, *, prove: bool) -> None:
    """Refuse a picture that is not whole, by raising FormatError; `prove` decodes it to find that out."""
    file.seek(0)
    data = file.read()
    if not is_whole_picture(kind, data):
        raise cut_short(kind)
    with in_turn(file, kind):
        found = known(hashlib.sha256(data).hexdigest()) if prove else [True]
        if not found:
            with opened(file, kind) as picture:
                # The smallest size that JPEG decodes to: all its data is read for that too.
                picture.draft(None, (max(1, picture.width // 8), max(1, picture.height // 8)))
                picture.load()
            found.append(True)


@contextmanager
def in_turn(file: BinaryIO, kind: str) -> Iterator[None]:
    """Let large pictures be decoded one at a time, and give their memory back to the system afterwards."""
    with opened(file, kind) as picture:
        pixels = picture.width * picture.height
    if pixels < _LARGE:
        yield
        return
    with _turn:
        try:
            yield
        finally:
            _give_back()


def _give_back() -> None:
    """Give freed memory back to the system: with glibc the blocks of large pictures would stay, gigabytes of them."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        # Another C library, or another system.
        return


def decoded(file: BinaryIO, kind: str, most: tuple[int, int]) -> Image.Image:
    """Decode a picture to fit in `most` pixels of width and height, never enlarged; FormatError if it is damaged.

    It has 8 bits a channel: mode L of a gray picture, RGBA where some of it is transparent, else RGB. Sixteen bits
    become eight by scaling.
    """
    with in_turn(file, kind), opened(file, kind) as picture:
        scale = min(1, most[0] / picture.width, most[1] / picture.height)
        size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        if scale < 1:
            # JPEG alone heeds it: it decodes to a half, a quarter or an eighth.
            picture.draft(None, (2 * size[0], 2 * size[1]))
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
        assert result, "a picture has at least one row"
        return result if result.size == size else result.resize(size, Image.Resampling.LANCZOS)


def _eight_bits(strip: Image.Image) -> Image.Image:
    if strip.mode.startswith("I"):
        levels = np.asarray(strip).astype(np.int64)
        return Image.fromarray((levels >> 8).clip(0, 255).astype(np.uint8))
    if strip.has_transparency_data:
        return strip.convert("RGBA")
    return strip if strip.mode in ("L", "RGB") else strip.convert("L" if strip.mode == "1" else "RGB")


def turn_of(file: BinaryIO, kind: str) -> Image.Transpose | None:
    """What turns a picture upright, by its EXIF orientation; nothing is decoded for it."""
    if kind == "png":
        file.seek(0)
        data = file.read()
        if b"eXIf" not in data and b"Raw profile" not in data:
            # Pillow would decode the picture to look for EXIF data after its pixels.
            return None
    with opened(file, kind) as picture, warnings.catch_warnings():
        # Pillow tells of damaged EXIF data, which is taken out anyway.
        warnings.simplefilter("ignore")
        return TURNS.get(picture.getexif().get(_ORIENTATION, 1))


def upright_size(file: BinaryIO, kind: str) -> tuple[int, int]:
    """Width and height in pixels once it is upright; nothing is decoded for it."""
    turn = turn_of(file, kind)
    with opened(file, kind) as picture:
        return picture.size[::-1] if _lies(turn) else picture.size


def _lies(turn: Image.Transpose | None) -> bool:
    return turn in _TURNS[3:]


def turned(
    file: BinaryIO, kind: str, turn: Image.Transpose, limit: int
) -> tuple[bytes, tuple[int, int] | None]:
    """A picture upright and without metadata, at most a tenth larger than it was and than `limit` bytes.

    With it, if it had to be made smaller for that, its new width and height, else None.
    """
    before = file.seek(0, io.SEEK_END)
    most = min(limit, max(1.1 * before, before + 1000))
    upright, ways = _upright(file, kind, turn)
    if max(upright.size) > 2000:
        # The picture as it lay was freed, and saving takes as much again.
        _give_back()
    for way in ways:
        data = _saved(upright, kind, way)
        if len(data) <= most:
            return data, None
    while len(data) > most and max(upright.size) > 1:
        scale = 0.95 * (most / len(data)) ** 0.5
        size = max(1, int(upright.width * scale)), max(1, int(upright.height * scale))
        upright = upright.resize(size, Image.Resampling.LANCZOS)
        data = _saved(upright, kind, way)
    return data, upright.size


def shrunk(file: BinaryIO, kind: str, size: Sequence[int], turn: Image.Transpose | None) -> bytes:
    """A picture upright, without metadata and scaled down to this width and height."""
    return _saved(_small(file, kind, size, turn), kind, {"quality": 95})


def _upright(file: BinaryIO, kind: str, turn: Image.Transpose) -> tuple[Image.Image, list[dict[str, Any]]]:
    """The pixels, and the ways to save them so that they take about as many bytes as before."""
    with opened(file, kind) as picture:
        ways: list[dict[str, Any]] = [{"optimize": True}]
        if isinstance(picture, JpegImageFile):
            # Any other sampling than these three cannot be written; the third takes the fewest bytes.
            _, across, down, *_ = picture.layer[0]
            sampling = {(1, 1): 0, (2, 1): 1}.get((across, down), 2)
            same = {"qtables": picture.quantization, "subsampling": sampling}
            ways = [same | {"optimize": True}, same | {"progressive": True}]
        elif kind == "webp":
            file.seek(0)
            is_lossless = b"VP8L" in file.read(4096)
            ways = [{"lossless": True}] if is_lossless else [{"quality": quality} for quality in (90, 75, 60)]
        if picture.width * picture.height * (4 + 2 * len(picture.getbands())) > _MOST_TURNED:
            half = [side // 2 for side in upright_size(file, kind)]
            return _small(file, kind, half, turn), ways
        return picture.transpose(turn), ways


def _small(file: BinaryIO, kind: str, size: Sequence[int], turn: Image.Transpose | None) -> Image.Image:
    with opened(file, kind) as picture:
        profile = picture.info.get("icc_profile") if picture.mode != "CMYK" else None
    width, height = size
    small = decoded(file, kind, (height, width) if _lies(turn) else (width, height))
    small = small if turn is None else small.transpose(turn)
    if small.size != (width, height):
        small = small.resize((width, height), Image.Resampling.LANCZOS)
    small.info["icc_profile"] = profile
    return small


def _saved(picture: Image.Image, kind: str, options: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    # What a picture brought along in `info` could be written back by Pillow, so only its looks are kept.
    profile = picture.info.get("icc_profile")
    picture.info = {key: picture.info[key] for key in ("transparency",) if key in picture.info}
    picture.save(file, "png" if kind == "gif" else kind, icc_profile=profile, **options)
    picture.info["icc_profile"] = profile
    return file.getvalue()


def as_png(picture: Image.Image) -> bytes:
    """Save an image that is open in Pillow, upright and bare; FormatError for numbers, and where it cannot be read."""
    if picture.mode in ("F", "I"):
        raise FormatError(
            f"holds numbers, not colors (mode {picture.mode}): scale them to 0 to 255 and convert('L') first."
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
        message = f"cannot be read ({in_one_line(error)}): open its file again, or give the path."
        raise FormatError(message) from error
    return file.getvalue()


def with_few_colors(picture: Image.Image) -> bytes:
    """Save as PNG with a palette: a quarter of the bytes, and no difference to the eye in a plot."""
    file = io.BytesIO()
    colors = picture.convert("RGB") if picture.mode == "L" else picture
    colors.quantize(256, method=Image.Quantize.FASTOCTREE).save(file, "png", optimize=True)
    return file.getvalue()
