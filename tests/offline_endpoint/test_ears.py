"""Which recognizer listens, how PocketSphinx's process is kept, and faster-whisper where it is installed."""

from __future__ import annotations

import functools
import importlib.util
import re
import sys
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import soundfile
import soxr

from offline_endpoint.reading import speech as seam
from offline_endpoint.reading import sphinx, whisper
from offline_endpoint.reading.heard import Speech
from offline_endpoint.wire.conversation import SAMPLE_RATE

DATA = Path(__file__).parents[2] / "data"


def samples(path):
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(sound.mean(axis=1), rate, SAMPLE_RATE)


HELLO = samples(DATA / "clips" / "hello_how_are_you.wav")


@pytest.fixture
def own():
    recognizer = sphinx.PocketSphinx()
    yield recognizer
    recognizer.stop()


def test_the_process_starts_with_the_first_clip_and_ends_with_stop(own):
    assert own._process is None
    assert own.hear(HELLO).text == "hello how are you"
    process = own._process
    own.stop()
    assert process.wait(30) is not None


def test_a_process_that_was_ended_is_started_again(own):
    own.warm()
    own._process.kill()
    assert own.hear(HELLO).text == "hello how are you"


def test_clips_take_turns_after_each_piece(own):
    """A short clip that comes after a long one does not wait until the long one is read to its end."""
    own.warm()
    long = np.concatenate([HELLO, np.zeros(SAMPLE_RATE, np.float32)] * 4)
    ended = []
    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(lambda: (own.hear(long), ended.append("long")))
        while own._turns._work_queue.empty() and not first.done() and not own._process:
            time.sleep(0.01)
        second = callers.submit(lambda: (own.hear(HELLO), ended.append("short")))
        first.result(120), second.result(120)
    assert ended == ["short", "long"]


def test_stop_drops_the_pieces_that_wait(own):
    own.warm()
    long = np.concatenate([HELLO, np.zeros(SAMPLE_RATE, np.float32)] * 30)
    with ThreadPoolExecutor(1) as callers:
        hearing = callers.submit(own.hear, long)
        time.sleep(0.2)
        own.stop()
        with pytest.raises((CancelledError, RuntimeError)):
            hearing.result(60)


def found(monkeypatch, model):
    """What is found with a package of faster-whisper's name whose model is this."""
    package = ModuleType("faster_whisper")
    package.WhisperModel = model
    package.__spec__ = importlib.util.spec_from_loader("faster_whisper", loader=None)
    monkeypatch.setitem(sys.modules, "faster_whisper", package)
    return whisper.find()


def test_without_faster_whisper_pocketsphinx_listens(monkeypatch):
    monkeypatch.setattr(seam, "_FINDERS", (lambda: None, sphinx.find))
    listening = seam.listener.__wrapped__()
    assert (listening.recognizer.name, listening.missing) == ("PocketSphinx", "")


def test_what_keeps_the_better_one_away_is_said(monkeypatch):
    def no_network(*_args, **_options):
        raise OSError("no route to host")

    said = found(monkeypatch, no_network)
    assert "could not be loaded (OSError)" in said
    assert whisper.SETTING in said
    monkeypatch.setattr(seam, "_FINDERS", (lambda: said, sphinx.find))
    listening = seam.listener.__wrapped__()
    assert (listening.recognizer.name, listening.missing) == ("PocketSphinx", said)


def test_a_folder_without_a_model_is_named_before_anything_is_loaded(monkeypatch, tmp_path):
    monkeypatch.setenv(whisper.SETTING, str(tmp_path))
    assert "holds no model.bin" in found(monkeypatch, None)


def test_with_no_recognizer_at_all_the_setup_is_named(monkeypatch):
    monkeypatch.setattr(seam, "_FINDERS", (lambda: None,))
    with pytest.raises(RuntimeError, match="set the lessons up again"):
        seam.listener.__wrapped__()


def test_a_recognizer_being_loaded_is_not_loaded_again_for_a_first_clip(monkeypatch):
    begun, found = threading.Event(), []
    ears = SimpleNamespace(warm=lambda: None, hear=lambda _samples: Speech(()))

    def slow():
        begun.set()
        time.sleep(0.2)
        found.append(ears)
        return ears

    monkeypatch.setattr(seam, "_FINDERS", (slow,))
    monkeypatch.setattr(seam, "listener", functools.cache(seam.listener.__wrapped__))
    with ThreadPoolExecutor(1) as pool:
        warming = pool.submit(seam.warm)
        begun.wait()
        seam.read_speech(np.zeros(SAMPLE_RATE, np.float32))
        warming.result()
    assert len(found) == 1


@pytest.mark.parametrize(
    ("segment", "sure"),
    [
        ({"avg_logprob": -0.3, "no_speech_prob": 0.1, "compression_ratio": 1.2}, True),
        ({"avg_logprob": -1.2, "no_speech_prob": 0.1, "compression_ratio": 1.2}, False),
        ({"avg_logprob": -0.3, "no_speech_prob": 0.9, "compression_ratio": 1.2}, False),
        ({"avg_logprob": -0.3, "no_speech_prob": 0.1, "compression_ratio": 3.0}, False),
    ],
)
def test_a_segment_that_the_model_doubts_is_left_out(segment, sure):
    assert whisper._is_sure(SimpleNamespace(**segment)) == sure


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (" Hello, how are you?", "hello how are you"),
        (" It's [Music] fine.", "it's fine"),
        (" (applause)", ""),
        (" \u266a la la \u266a", ""),
    ],
)
def test_punctuation_and_what_stands_in_brackets_are_left_out(written, plain):
    assert whisper._plain(written) == plain


@pytest.fixture(scope="module")
def better():
    if importlib.util.find_spec("faster_whisper") is None:
        pytest.skip("faster-whisper is not installed: pip install -r requirements-ears.txt")
    recognizer = whisper.find()
    if isinstance(recognizer, str):
        pytest.skip(recognizer)
    return recognizer


@pytest.mark.parametrize("path", sorted((DATA / "clips").glob("*.mp3")), ids=lambda path: path.stem)
def test_faster_whisper_hears_the_clips_of_the_lessons(better, path):
    spoken = re.findall(r"[\w']+", path.with_suffix(".txt").read_text(encoding="utf-8").lower())
    heard = better.hear(samples(path)).text.split()
    assert sum(word in heard for word in spoken) >= 0.8 * len(spoken)


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(np.zeros(2 * SAMPLE_RATE), id="silence"),
        pytest.param(np.random.default_rng(0).normal(0, 0.1, 3 * SAMPLE_RATE), id="noise"),
        pytest.param(0.5 * np.sin(np.arange(3 * SAMPLE_RATE) * 0.17), id="a tone"),
    ],
)
def test_faster_whisper_hears_nothing_where_nothing_is_said(better, sound):
    assert better.hear(sound.astype(np.float32)) == Speech((), better.hear(sound.astype(np.float32)).language)
