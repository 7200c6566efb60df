"""Speech in a sound clip: the seam at which recognizers plug in, and which of them listens here."""

from __future__ import annotations

import functools
import threading
from typing import NamedTuple, Protocol

import numpy as np

from offline_endpoint.reading import sphinx, whisper
from offline_endpoint.reading.heard import Speech
from offline_endpoint.reading.sphinx import pronunciation as pronunciation


class Recognizer(Protocol):
    """Something that writes down speech. A new one is a module with a `find` and one line in `_FINDERS`."""

    @property
    def name(self) -> str:
        """What a learner knows it by, for example `PocketSphinx`."""

    @property
    def languages(self) -> str:
        """What it understands, for example `English`."""

    def hear(self, samples: np.ndarray) -> Speech:
        """The words in one channel of sound at `SAMPLE_RATE`, at any level; none where nothing sure was said."""

    def warm(self) -> None:
        """Load what the first clip would wait for."""

    def stop(self) -> None:
        """Let go of what it holds; clips that wait are dropped."""


class Listener(NamedTuple):
    """Who listens, and one sentence on what a better recognizer that is installed lacks, empty where none does."""

    recognizer: Recognizer
    missing: str = ""


# The better first. Each gives a recognizer, a sentence on what it lacks, or None where its package is not there.
_FINDERS = (whisper.find, sphinx.find)
_deciding = threading.Lock()


@functools.cache
def listener() -> Listener:
    """The best recognizer that can work here; decided once."""
    missing = ""
    for find in _FINDERS:
        found = find()
        if isinstance(found, str):
            missing = missing or found
        elif found is not None:
            return Listener(found, missing)
    raise RuntimeError("No recognizer is installed: set the lessons up again as the README says.")


def read_speech(samples: np.ndarray) -> Speech:
    """The words spoken in a clip: one channel at 16 kHz, any level."""
    return _recognizer().hear(np.nan_to_num(np.asarray(samples, np.float32), posinf=0.0, neginf=0.0))


def warm() -> None:
    """Load what the first clip would wait for."""
    _recognizer().warm()


def _recognizer() -> Recognizer:
    # Both the thread that warms up and the first clip ask, and each would load the models.
    with _deciding:
        return listener().recognizer


def stop() -> None:
    """Drop what waits to be read, so that a server with a long line ends at once."""
    if listener.cache_info().currsize:
        listener().recognizer.stop()
