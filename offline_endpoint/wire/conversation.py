"""What a request holds once its media are decoded: turns of text, pictures and clips."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace

import numpy as np

SAMPLE_RATE = 16_000
"""Samples a second that speech is read at; PocketSphinx's English model was trained at this rate."""


@dataclass(frozen=True)
class Picture:
    """One picture of a request. Two pictures with the same bytes are equal.

    Attributes:
        digest: SHA-256 of `encoded`, in hex; what equality and caches go by.
        media_type: for example `image/png`, as found in the bytes.
        width: pixels.
        height: pixels.
        encoded: the file's bytes.
        detail: what the request asked for: `auto`, `low` or `high`.
        seen: width and height in pixels that the model sees it at, or None for its own.
    """

    digest: str
    media_type: str = field(compare=False)
    width: int = field(compare=False)
    height: int = field(compare=False)
    encoded: bytes = field(compare=False, repr=False)
    detail: str = field(default="auto", compare=False)
    seen: tuple[int, int] | None = field(default=None, compare=False)

    def seen_at(self, size: tuple[int, int]) -> Picture:
        """The same picture, read at no more than this width and height, in pixels."""
        if size[0] >= self.width and size[1] >= self.height:
            return self
        return replace(self, digest=f"{self.digest} {size[0]}x{size[1]}", seen=size)

    def pixels(self) -> np.ndarray:
        """Decode to an array of shape (height, width, 3), uint8, RGB, with transparency laid on white."""
        from PIL import Image

        with Image.open(io.BytesIO(self.encoded)) as image:
            if image.has_transparency_data:
                image = image.convert("RGBA")
                white = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(white, image)
            image = image.convert("RGB")
            if self.seen:
                image = image.resize(self.seen, Image.Resampling.LANCZOS)
            return np.asarray(image)


@dataclass(frozen=True)
class Clip:
    """One sound clip of a request. Two clips with the same bytes are equal.

    Attributes:
        digest: SHA-256 of `encoded`, in hex; what equality and caches go by.
        media_type: for example `audio/mpeg`, as found in the bytes.
        seconds: how long it plays.
        encoded: the file's bytes.
    """

    digest: str
    media_type: str = field(compare=False)
    seconds: float = field(compare=False)
    encoded: bytes = field(compare=False, repr=False)

    def samples(self) -> np.ndarray:
        """Decode to one channel at `SAMPLE_RATE`, float32, about -1 to 1."""
        import soundfile
        import soxr

        sound, rate = soundfile.read(io.BytesIO(self.encoded), dtype="float32", always_2d=True)
        return soxr.resample(sound.mean(axis=1), rate, SAMPLE_RATE)


@dataclass(frozen=True)
class Turn:
    """One message: who says it (`system`, `user`, `assistant`, `developer` or `tool`), its text and its media."""

    role: str
    text: str
    pictures: tuple[Picture, ...] = ()
    clips: tuple[Clip, ...] = ()
