"""The speech reader, with the clips that come with the lessons and sounds that hold no speech."""

from __future__ import annotations

import hashlib
import re
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from offline_endpoint.reading import clip_words, speech
from offline_endpoint.reading.speech import pronunciation, read_speech
from offline_endpoint.reading.sphinx import _LONGEST_PIECE, pieces
from offline_endpoint.wire.conversation import SAMPLE_RATE, Clip

CLIPS = Path(__file__).parents[2] / "data" / "clips"
SECONDS = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE


def load(name: str) -> Clip:
    encoded = (CLIPS / name).read_bytes()
    return Clip(hashlib.sha256(encoded).hexdigest(), "audio/x", 1.0, encoded)


def samples(name: str) -> np.ndarray:
    return load(name).samples()


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * SAMPLE_RATE), dtype=np.float32)


def melody() -> np.ndarray:
    tune = np.random.default_rng(0).integers(0, 24, 8)
    t = np.arange(int(0.375 * SAMPLE_RATE)) / SAMPLE_RATE
    notes = [
        sum(np.sin(2 * np.pi * 220 * 2 ** (note / 12) * k * t) / k for k in range(1, 7)) * np.exp(-3 * t)
        for note in tune
    ]
    return 0.3 * np.concatenate(notes)


@pytest.mark.parametrize(
    "name", sorted(path.name for path in CLIPS.iterdir() if path.suffix in (".wav", ".mp3", ".flac"))
)
def test_reads_every_clip_of_the_lessons(name):
    spoken = (CLIPS / name).with_suffix(".txt").read_text(encoding="utf-8")
    assert read_speech(samples(name)).text == " ".join(re.findall(r"[\w']+", spoken.lower()))


@pytest.mark.parametrize("level", [0.005, 1e6])
def test_level_does_not_matter(level):
    sound = samples("hello_how_are_you.wav")
    assert read_speech(level * sound / np.abs(sound).max()).text == "hello how are you"


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(np.zeros(0), id="nothing"),
        pytest.param(np.zeros(50), id="shorter than a frame"),
        pytest.param(silence(2), id="digital silence"),
        pytest.param(np.full(SAMPLE_RATE, 0.5), id="constant"),
        pytest.param(np.full(SAMPLE_RATE, np.nan), id="not a number"),
        pytest.param(np.random.default_rng(0).normal(0, 0.1, 2 * SAMPLE_RATE), id="white noise"),
        pytest.param(0.5 * np.sin(2 * np.pi * 440 * SECONDS), id="a tone"),
        pytest.param(0.5 * np.sin(2 * np.pi * (100 * SECONDS + 600 * SECONDS**2)), id="a sweep"),
        pytest.param(melody(), id="a melody"),
        pytest.param(np.eye(1, 2 * SAMPLE_RATE, 9000).ravel(), id="a click"),
    ],
)
def test_sound_without_speech_gives_no_words(sound):
    assert read_speech(sound.astype(np.float32)).phrases == ()


def test_long_pauses_part_phrases_and_add_no_words():
    hello, doors = samples("hello_how_are_you.wav"), samples("please_close_the_door.wav")
    heard = read_speech(np.concatenate([silence(20), hello, silence(3), doors, silence(20)]))
    assert heard.phrases == ("hello how are you", "please close the door")
    assert heard.text == "hello how are you please close the door"


def test_a_clip_reads_alike_whatever_was_read_before():
    sound = samples("red_flowers.mp3")
    first = read_speech(sound)
    read_speech(np.random.default_rng(1).normal(0, 0.5, SAMPLE_RATE).astype(np.float32))
    assert read_speech(sound) == first


def test_long_sound_is_decoded_in_bounded_pieces_that_leave_nothing_out():
    noise = (1000 * np.random.default_rng(2).normal(size=65 * SAMPLE_RATE)).astype("<i2")
    spans = pieces(noise)
    assert max(end - start for start, end in spans) <= _LONGEST_PIECE
    assert (spans[0][0], spans[-1][1]) == (0, 6500)
    assert all(a[1] == b[0] for a, b in pairwise(spans))


def test_equal_clips_are_decoded_once_even_by_several_threads(monkeypatch):
    decoded = []
    monkeypatch.setattr(speech, "read_speech", lambda sound: decoded.append(1) or read_speech(sound))
    clip = Clip(
        "a digest that no other test uses", "audio/x", 1.0, (CLIPS / "hello_how_are_you.wav").read_bytes()
    )
    heard = []
    threads = [threading.Thread(target=lambda: heard.append(clip_words(clip).text)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == ["hello how are you"] * 4
    assert len(decoded) == 1


def test_a_reading_that_failed_is_tried_again():
    broken = Clip("digest of a broken clip", "audio/x", 1.0, b"RIFF")
    for _ in range(2):
        with pytest.raises(Exception, match="is plain text"):
            clip_words(broken)


def test_pronunciation_tells_homophones_and_unknown_words():
    assert pronunciation("write") == pronunciation("Right")
    assert pronunciation("mornig") is None
