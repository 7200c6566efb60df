"""PocketSphinx, whose English model comes inside its package: the recognizer that is always there."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import numpy as np

from offline_endpoint.reading.heard import Speech, leveled
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
_PEAK = 0.3
"""Peak that each clip is scaled to: the middle of the levels, 0.01 to 1, that made no difference in trials."""
_LEAST_WORDS = 0.5
"""Share of a piece that has to be words. Spoken phrases gave 0.6 to 0.9, melodies, chirps and drums up to 0.4."""


class PocketSphinx:
    """PocketSphinx with the English model that its package carries, in a process that starts with the first clip."""

    name = "PocketSphinx"
    languages = "English"

    def __init__(self) -> None:
        # One piece at a time, in the order in which they were asked for: clips take turns after each piece.
        self._turns = ThreadPoolExecutor(1, "pocketsphinx")
        self._process: subprocess.Popen[bytes] | None = None

    def warm(self) -> None:
        """Start the process and load its model, which takes about half a second."""
        self._turns.submit(self._decoded, bytes(2 * _FRAME)).result()

    def stop(self) -> None:
        """End the process; pieces that wait are dropped."""
        self._turns.shutdown(wait=False, cancel_futures=True)
        if self._process is not None:
            self._process.kill()

    def hear(self, samples: np.ndarray) -> Speech:
        """The English words.

        Sound that is quiet, steady noise, music or another language mostly gives no words; PocketSphinx knows no other
        sure sign of them than that it can fit words to a small part of the sound only.
        """
        sound = leveled(samples, _PEAK)
        if sound is None or len(sound) < _FRAME:
            return Speech(())
        whole = (sound * 32767).astype("<i2")
        heard = (
            _believed(
                self._turns.submit(self._decoded, whole[first * _FRAME : last * _FRAME].tobytes()).result()
            )
            for first, last in pieces(whole)
        )
        return Speech(tuple(words for words in heard if words))

    def _decoded(self, sound: bytes) -> list[tuple[str, int]]:
        """Words and fillers of one piece, each with its frames; the process is started where there is none."""
        for _ in range(2):
            if self._process is None or self._process.poll() is not None:
                self._process = _started()
            into, out = _pipes(self._process)
            try:
                into.write(len(sound).to_bytes(4, "little") + sound)
                into.flush()
                line = out.readline()
            except OSError:
                line = b""
            if line:
                return [(word, frames) for word, frames in json.loads(line)]
            # It was ended from outside; once more with a new one.
            self._process.kill()
            self._process.wait()
        raise RuntimeError("The speech reader ended twice over one clip.")


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        # -P keeps this folder, whose modules have everyday names, off the path of the new process.
        [sys.executable, "-P", str(Path(__file__).with_name("sphinx_process.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        # Ctrl+C is for the server, which then closes the pipe.
        start_new_session=True,
    )


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("The speech reader has no pipes.")
    return process.stdin, process.stdout


def find() -> PocketSphinx:
    """The recognizer; its package is one of the requirements."""
    return PocketSphinx()


def pieces(sound: np.ndarray) -> list[tuple[int, int]]:
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
    spans = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        start, end = max(0, start - _MARGIN), min(len(frames), end + _MARGIN)
        while end - start > _LONGEST_PIECE:
            middle = start + _LONGEST_PIECE // 2
            cut = middle + int(np.argmin(loudness[middle : start + _LONGEST_PIECE]))
            spans.append((start, cut))
            start = cut
        spans.append((start, end))
    return spans


def _believed(spans: list[tuple[str, int]]) -> str:
    """Words of one piece, empty when they cover too little of it to be believed."""
    # Fillers such as <sil> and [NOISE] stand in brackets; a second pronunciation is written as read(2).
    words = [(word.split("(")[0], frames) for word, frames in spans if word[0] not in "<["]
    covered = sum(frames for _, frames in words)
    if not words or covered < _LEAST_WORDS * sum(frames for _, frames in spans):
        return ""
    return " ".join(word for word, _ in words)


@functools.cache
def _dictionary() -> dict[str, str]:
    from pocketsphinx import get_model_path

    entries = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines()
    return dict(entry.split(" ", 1) for entry in entries)


def pronunciation(word: str) -> str | None:
    """How the recognizer's dictionary (CMUdict) says an English word, as phones; None for a word it lacks."""
    return _dictionary().get(word.lower())
