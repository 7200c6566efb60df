"""Better ears, where faster-whisper is installed: `pip install -r requirements-ears.txt`."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import threading
from pathlib import Path
from typing import Any

import numpy as np

from offline_endpoint.reading.heard import Speech, leveled

# A folder with a model for faster-whisper, or the name of one that it downloads once.
SETTING = "LESSON_SPEECH_MODEL"
DEFAULT = "base"

# Whisper's own limits: a segment's log probability, below which it tries again and others give up; the probability
# that it holds no speech; and the compression ratio of a text that repeats itself.
_LEAST_LOG_PROBABILITY = -1.0
_MOST_SILENCE = 0.6
_MOST_REPEATED = 2.4


class Whisper:
    """faster-whisper with one model."""

    name = "faster-whisper"

    def __init__(self, model: Any) -> None:
        self._model = model
        self._lock = threading.Lock()

    @property
    def languages(self) -> str:
        """English, or what a model of many languages knows."""
        return "many languages" if self._model.model.is_multilingual else "English"

    def warm(self) -> None:
        """Run a moment of nothing through the model."""
        self.hear(np.full(1600, 0.01, np.float32))

    def stop(self) -> None:
        """Nothing waits here beyond the one who asked."""

    def hear(self, samples: np.ndarray) -> Speech:
        """The words; segments that the model itself holds for silence, noise or a guess are left out."""
        sound = leveled(samples, 0.9)
        if sound is None:
            return Speech(())
        with self._lock:
            segments, found = self._model.transcribe(
                sound,
                vad_filter=True,
                condition_on_previous_text=False,
                # Numbers in words, as the other recognizer writes them.
                suppress_tokens=[-1, *self._numerals],
                language=None if self._model.model.is_multilingual else "en",
            )
            phrases = tuple(_plain(segment.text) for segment in segments if _is_sure(segment))
        return Speech(tuple(filter(None, phrases)), found.language)

    @functools.cached_property
    def _numerals(self) -> list[int]:
        words = self._model.hf_tokenizer.get_vocab()
        return sorted(token for word, token in words.items() if re.search(r"\d", word) and "<|" not in word)


def find() -> Whisper | str | None:
    """The recognizer; a sentence on what it lacks; or None where faster-whisper is not installed."""
    if importlib.util.find_spec("faster_whisper") is None:
        return None
    from faster_whisper import WhisperModel

    wanted = os.environ.get(SETTING, "").strip() or DEFAULT
    if ("/" in wanted or "\\" in wanted) and not (Path(wanted) / "model.bin").is_file():
        return f"faster-whisper is installed, and the folder in {SETTING} holds no model.bin: copy a model into it."
    try:
        model = WhisperModel(wanted, device="cpu", compute_type="int8")
    except Exception as error:
        # The loader downloads, and unpacks what it finds: what can fail there is the network's and the file's.
        return (
            f"faster-whisper is installed, and its model {wanted!r} could not be loaded ({type(error).__name__}): "
            f"connect to the network once, or name a folder with a model in {SETTING}."
        )
    return Whisper(model)


def _is_sure(segment: Any) -> bool:
    return bool(
        segment.avg_logprob > _LEAST_LOG_PROBABILITY
        and segment.no_speech_prob < _MOST_SILENCE
        and segment.compression_ratio < _MOST_REPEATED
    )


def _plain(text: str) -> str:
    """Lower case without punctuation; what stands in brackets, such as [Music], is no speech."""
    spoken = re.sub(r"[\[(*♪][^\])*♪]*[\])*♪]?", " ", text.lower())
    return " ".join(re.findall(r"[\w']+", spoken))
