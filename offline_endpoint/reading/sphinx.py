"""PocketSphinx, whose English model comes inside its package: the recognizer that is always there."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import numpy as np
import soxr
from rapidfuzz.distance import Levenshtein

from offline_endpoint.reading.heard import Speech, leveled
from offline_endpoint.wire.conversation import SAMPLE_RATE

_FRAME = SAMPLE_RATE // 100  # samples in a frame: 10 ms, as PocketSphinx counts time
# Frames decoded at once, 20 s. A decoder's memory grows with the length, so longer speech is cut.
_LONGEST_PIECE = 2000
# Frames of quiet that end a piece. Shorter pauses fall inside sentences.
_PAUSE = 70
# Frames kept around a piece. More quiet shifts PocketSphinx's cepstral mean: 50 ms gave 5 % wrong words on 104 spoken
# phrases, 1 s of silence 7 %.
_MARGIN = 5
# Loudness of a quiet frame against the loud ones, -35 dB; 0.2 s set what loud is: longer than a click, shorter than a
# word.
_QUIET = 10 ** (-35 / 20)
_LOUD_FRAMES = 20
# Peak that each clip is scaled to: the middle of the levels, 0.01 to 1, that made no difference in trials.
_PEAK = 0.3
# Chosen on 40 clips of real speakers, 44 of synthetic English and 40 of synthetic other languages: of the real ones 5
# were given up, all but one wrong in half of their words or more; word errors over all stayed at 42 %.
# The share of a piece that has to be words: melodies, chirps and drums gave up to 0.4, other languages mostly less. For
# few words it is more, as a second reading cannot tell much about them.
_LEAST_COVERAGE, _LEAST_OF_FEW, _FEW_WORDS = 0.5, 0.7, 2
# Lengths of a piece when it is read again; the words that are, at most, about 15 seconds of speech, as one clip is in
# one language; and the share of them that a second reading has to give again.
_OTHER_SPEEDS, _COMPARED_WORDS, _LEAST_AGREEING = (0.95, 1.05), 40, 0.5


class PocketSphinx:
    """PocketSphinx with the English model that its package carries, in a process that starts with the first clip."""

    name = "PocketSphinx"
    languages = "English"

    def __init__(self) -> None:
        # One piece at a time, in the order in which they were asked for: clips take turns after each piece.
        self._turns = ThreadPoolExecutor(1, "pocketsphinx")
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)

    def warm(self) -> None:
        """Start the process and load its model, which takes about half a second."""
        self._turns.submit(self._decoded, bytes(2 * _FRAME)).result()

    def stop(self) -> None:
        """End the process; pieces that wait are dropped."""
        self._turns.shutdown(wait=False, cancel_futures=True)
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in _pipes(self._process):
                # What was half written when it was killed cannot be delivered.
                with contextlib.suppress(OSError):
                    pipe.close()

    def hear(self, samples: np.ndarray) -> Speech:
        """The English words, or none where they are not to be believed: music and other languages give words too.

        A sure reading of English covers most of the sound, and a second one at another speed says much the same.
        """
        sound = leveled(samples, _PEAK)
        if sound is None or len(sound) < _FRAME:
            return Speech(())
        heard: list[list[str]] = []
        compared = agreeing = 0
        for first, last in pieces(_as_16_bit(sound)):
            piece = sound[first * _FRAME : last * _FRAME]
            words, coverage = _words(self._ask(piece))
            if not words or coverage < (_LEAST_COVERAGE if len(words) > _FEW_WORDS else _LEAST_OF_FEW):
                continue
            heard.append(words)
            if len(words) > _FEW_WORDS and compared < _COMPARED_WORDS:
                compared += len(words)
                agreeing += self._said_again(piece, words)
        if agreeing < _LEAST_AGREEING * compared:
            return Speech(())
        return Speech(tuple(" ".join(words) for words in heard))

    def _said_again(self, piece: np.ndarray, words: list[str]) -> int:
        """How many of the words a reading at another speed gives again; the better of two, if the first gives few."""
        most = 0
        for speed in _OTHER_SPEEDS:
            again, _ = _words(self._ask(soxr.resample(piece, SAMPLE_RATE, speed * SAMPLE_RATE)))
            most = max(most, len(words) - Levenshtein.distance(words, again))
            if most >= _LEAST_AGREEING * len(words):
                break
        return most

    def _ask(self, sound: np.ndarray) -> list[tuple[str, int]]:
        return self._turns.submit(self._decoded, _as_16_bit(sound).tobytes()).result()

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
    # -P keeps this folder, whose modules have everyday names, off the path of the new process.
    command = [sys.executable, "-P", str(Path(__file__).with_name("sphinx_process.py"))]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    pipe = subprocess.PIPE
    # Ctrl+C is for the server, which then closes the pipe.
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, env=surroundings, start_new_session=True)  # noqa: S603


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


def _words(spans: list[tuple[str, int]]) -> tuple[list[str], float]:
    """The words of one piece, and the share of it that they cover."""
    # Fillers such as <sil> and [NOISE] stand in brackets; a second pronunciation is written as read(2).
    words = [(word.split("(")[0], frames) for word, frames in spans if word[0] not in "<["]
    return [word for word, _ in words], sum(frames for _, frames in words) / max(1, sum(n for _, n in spans))


def _as_16_bit(sound: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(sound, -1, 1) * 32767).astype("<i2")


@functools.cache
def _dictionary() -> dict[str, str]:
    from pocketsphinx import get_model_path

    entries = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines()
    return dict(entry.split(" ", 1) for entry in entries)


def pronunciation(word: str) -> str | None:
    """How the recognizer's dictionary (CMUdict) says an English word, as phones; None for a word it lacks."""
    return _dictionary().get(word.lower())
