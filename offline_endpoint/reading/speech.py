"""Speech in a sound clip: PocketSphinx, whose English model comes inside its package."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from offline_endpoint.wire.conversation import SAMPLE_RATE

_FRAME = SAMPLE_RATE // 100
"""Samples in a frame: 10 ms, as PocketSphinx counts time."""
_LONGEST_PIECE = 2000
"""Frames decoded at once, 20 s. A decoder's memory grows with the length, so longer speech is cut."""
_PAUSE = 70
"""Frames of quiet that end a piece. Shorter pauses fall inside sentences."""
_MARGIN = 5
"""Frames kept around a piece. More quiet shifts PocketSphinx's cepstral mean: 50 ms gave 5 % wrong words on
104 spoken phrases, 1 s of silence 7 %."""
_QUIET = 10 ** (-35 / 20)
"""Loudness of a quiet frame against the loud ones, -35 dB."""
_LOUD_FRAMES = 20
"""Frames, 0.2 s, that set what loud is: longer than a click, shorter than a word."""
_INAUDIBLE = 3 / 32768
"""Peak below which 16-bit sound holds no more than rounding."""
_PEAK = 0.3
"""Peak that each clip is scaled to: the middle of the levels, 0.01 to 1, that made no difference in trials."""
_LEAST_WORDS = 0.5
"""Share of a piece that has to be words. Spoken phrases gave 0.6 to 0.9, melodies, chirps and drums up to 0.4."""

_lock = threading.Lock()


@dataclass(frozen=True)
class Speech:
    """What was heard.

    Attributes:
        phrases: the words between two pauses, lower case without punctuation, as PocketSphinx gives them;
            empty when no words were heard.
    """

    phrases: tuple[str, ...]

    @property
    def text(self) -> str:
        """All the words in a row."""
        return " ".join(self.phrases)


@functools.cache
def _decoder():  # noqa: ANN202 - the type lives in a package that is imported late
    from pocketsphinx import Decoder

    return Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")


@functools.cache
def _fresh_mean() -> str:
    return _decoder().get_cmn()


@functools.cache
def _dictionary() -> dict[str, str]:
    from pocketsphinx import get_model_path

    entries = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines()
    return dict(entry.split(" ", 1) for entry in entries)


def pronunciation(word: str) -> str | None:
    """How the recognizer's dictionary (CMUdict) says an English word, as phones; None for a word it lacks."""
    return _dictionary().get(word.lower())


def warm() -> None:
    """Load the model and its dictionary, which takes about half a second."""
    with _lock:
        _fresh_mean()
    _dictionary()


def read_speech(samples: np.ndarray) -> Speech:
    """Write down the English words spoken in a clip.

    Sound that is quiet, steady noise or music mostly gives no words; PocketSphinx knows no other sure sign of
    them than that it can fit words to a small part of the sound only.

    Args:
        samples: one channel at 16 kHz, any level.

    Returns:
        The words; none when nothing was said.
    """
    sound = np.nan_to_num(np.asarray(samples, dtype=np.float32), posinf=0.0, neginf=0.0)
    if len(sound) < _FRAME:
        return Speech(())
    sound = sound - np.median(sound)
    peak = float(np.abs(sound).max())
    if peak < _INAUDIBLE:
        return Speech(())
    sound = (sound * (_PEAK / peak * 32767)).astype("<i2")
    heard = (_decode(sound[first * _FRAME : last * _FRAME]) for first, last in _pieces(sound))
    return Speech(tuple(words for words in heard if words))


def _pieces(sound: np.ndarray) -> list[tuple[int, int]]:
    """Spans of frames that hold sound, cut at pauses and, where none comes in time, at the quietest frame."""
    frames = sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float32)
    loudness = frames.std(axis=1)
    loud = np.sort(loudness)[-_LOUD_FRAMES:][0]
    active = np.flatnonzero(loudness > loud * _QUIET)
    if loud < 1 or not len(active):
        return []
    gaps = np.flatnonzero(np.diff(active) > _PAUSE)
    starts = active[np.concatenate([[0], gaps + 1])]
    ends = active[np.concatenate([gaps, [len(active) - 1]])] + 1
    pieces = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        start, end = max(0, start - _MARGIN), min(len(frames), end + _MARGIN)
        while end - start > _LONGEST_PIECE:
            middle = start + _LONGEST_PIECE // 2
            cut = middle + int(np.argmin(loudness[middle : start + _LONGEST_PIECE]))
            pieces.append((start, cut))
            start = cut
        pieces.append((start, end))
    return pieces


def _decode(sound: np.ndarray) -> str:
    """Words of one piece, empty when they cover too little of it to be believed."""
    with _lock:
        decoder = _decoder()
        # The decoder carries the mean of one utterance over to the next: reset, so that a clip always reads alike.
        decoder.set_cmn(_fresh_mean())
        decoder.start_utt()
        decoder.process_raw(sound.tobytes(), full_utt=True)
        decoder.end_utt()
        if decoder.hyp() is None:
            return ""
        spans = [(each.word, each.end_frame - each.start_frame + 1) for each in decoder.seg()]
    # Fillers such as <sil> and [NOISE] stand in brackets; a second pronunciation is written as read(2).
    words = [(word.split("(")[0], frames) for word, frames in spans if word[0] not in "<["]
    covered = sum(frames for _, frames in words)
    if covered < _LEAST_WORDS * sum(frames for _, frames in spans):
        return ""
    return " ".join(word for word, _ in words)
