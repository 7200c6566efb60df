"""What a request holds once its media are decoded: turns of text, pictures and clips."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace

import numpy as np

from helpers.media import NamedBytes, decoded, known, mono, open_media, sound_info

# Samples a second that speech is read at; PocketSphinx's English model was trained at this rate.
SAMPLE_RATE = 16_000
# Most pixels a picture is read at; a larger one is scaled down to them as it is decoded. A photo of 12 megapixels is
# read as it is. The reader of text scales to 1600 pixels by itself.
READ_PIXELS = 4096 * 3072
# How many times as long as wide a picture is read at; a longer one is widened with its own edge: readers of text
# enlarge the shorter side, so that a thin strip would become as large as it is thin.
LONGEST_SHAPE = 6
# Most bytes of decoded pixels that are kept for the next reader, of all pictures together: four of the largest.
_KEPT_BYTES = 160_000_000


@dataclass(frozen=True)
class Picture:
    """One picture of a request. Two pictures with the same bytes, seen at the same size, are equal."""

    digest: str  # SHA-256 of `encoded`, in hex, and the size it is seen at; what equality and caches go by
    media_type: str = field(compare=False)  # for example `image/png`, as found in the bytes
    width: int = field(compare=False)  # pixels of the file
    height: int = field(compare=False)
    encoded: bytes = field(compare=False, repr=False)
    detail: str = field(default="auto", compare=False)  # what the request asked for: `auto`, `low` or `high`
    seen: tuple[int, int] | None = field(default=None, compare=False)  # pixels that the model sees, if fewer

    def seen_at(self, size: tuple[int, int]) -> Picture:
        """The same picture, read at no more than this width and height, in pixels."""
        if size[0] >= self.width and size[1] >= self.height:
            return self
        digest = f"{self.digest.partition(' ')[0]} {size[0]}x{size[1]}"
        return replace(self, digest=digest, seen=size)

    def prove(self) -> None:
        """Decode it if none of its bytes was decoded before; MediaError if it is damaged."""
        if not known(self.digest):
            self.pixels()

    def pixels(self) -> np.ndarray:
        """Decode to an array of shape (height, width, 3), uint8, RGB, with transparency laid on white.

        It has at most about `READ_PIXELS` pixels and fits in `seen`, save for what `LONGEST_SHAPE` adds on the right
        or below. It is shared: do not change it. MediaError if the picture is damaged.
        """
        with _lock:
            if self.digest in _kept:
                _kept.move_to_end(self.digest)
                return _kept[self.digest]
        pixels = self._decoded()
        pixels.flags.writeable = False
        known(self.digest).append(True)
        with _lock:
            _kept[self.digest] = pixels
            while sum(each.nbytes for each in _kept.values()) > _KEPT_BYTES:
                _kept.popitem(last=False)
        return pixels

    def _decoded(self) -> np.ndarray:
        from PIL import Image

        sides = self.width, self.height
        longest = (READ_PIXELS * LONGEST_SHAPE) ** 0.5
        scale = min(1.0, (READ_PIXELS / (sides[0] * sides[1])) ** 0.5, longest / max(sides))
        ends = zip(self.seen or sides, sides, strict=True)
        wide, high = (max(1, min(most, int(side * scale))) for most, side in ends)
        with open_media(NamedBytes("The image", self.encoded), prove=False) as media:
            image = decoded(media, (wide, high))
        if image.mode == "RGBA":
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        least = max(image.size) // LONGEST_SHAPE
        lacking = [(0, max(0, least - side)) for side in (image.height, image.width)]
        return np.pad(np.asarray(image.convert("RGB")), [*lacking, (0, 0)], mode="edge")


_lock, _kept = threading.Lock(), OrderedDict[str, np.ndarray]()


@dataclass(frozen=True)
class Clip:
    """One sound clip of a request. Two clips with the same bytes are equal."""

    digest: str  # SHA-256 of `encoded`, in hex; what equality and caches go by
    media_type: str = field(compare=False)  # for example `audio/mpeg`, as found in the bytes
    seconds: float = field(compare=False)
    encoded: bytes = field(compare=False, repr=False)

    def samples(self) -> np.ndarray:
        """Decode to one channel at `SAMPLE_RATE`, float32, about -1 to 1; MediaError if it is damaged."""
        import soxr

        with open_media(NamedBytes("The audio", self.encoded), wanted="audio") as media:
            heard: np.ndarray = soxr.resample(mono(media), sound_info(media).samplerate, SAMPLE_RATE)
            return heard


@dataclass(frozen=True)
class Turn:
    """One message: who says it (`system`, `user`, `assistant`, `developer` or `tool`), its text and its media."""

    role: str
    text: str
    pictures: tuple[Picture, ...] = ()
    clips: tuple[Clip, ...] = ()
