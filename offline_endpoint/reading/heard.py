"""What a recognizer heard, and the level below which nothing is heard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Peak below which 16-bit sound holds no more than rounding.
INAUDIBLE = 3 / 32768


@dataclass(frozen=True)
class Speech:
    """What was heard: the words between two pauses, lower case without punctuation, and the code of their language."""

    phrases: tuple[str, ...]
    language: str = "en"

    @property
    def text(self) -> str:
        """All the words in a row."""
        return " ".join(self.phrases)


def leveled(samples: np.ndarray, peak: float) -> np.ndarray | None:
    """The sound without its offset and at one peak, as float32; None where there is nothing to hear."""
    sound = samples - np.median(samples) if len(samples) else samples
    loudest = float(np.abs(sound).max(initial=0.0))
    return None if loudest < INAUDIBLE else (sound * (peak / loudest)).astype(np.float32)
