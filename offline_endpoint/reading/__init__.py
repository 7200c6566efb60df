"""Readers: a picture becomes text and data, a sound becomes words; equal content is read once."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from offline_endpoint.reading import speech
from offline_endpoint.reading.chart import Chart, describe_instead, read_chart
from offline_endpoint.reading.speech import Speech
from offline_endpoint.reading.text import TextLine, read_text
from offline_endpoint.reading.text import load_models as load_text_models
from offline_endpoint.wire.conversation import Clip, Picture

_KEPT = 512
"""Readings of each sort that are remembered: those of a full room. Kept is what was read, never picture or clip."""

_text_reader, _chart_reader = (ThreadPoolExecutor(1, f"{name}-reader") for name in ("text", "chart"))
"""Where readings run, whoever asks: one of each sort at a time, in the order in which they were asked for.

Read on the threads of thirty clients, one reply took 139 seconds, because a lock gives no turns, and memory that each
thread kept for itself came to 2 GiB.
"""


def _once(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Remember readings by digest; when two threads ask for the same content, one reads and the other waits."""
    guard = threading.Lock()

    @functools.lru_cache(maxsize=_KEPT)
    def entry(digest: str) -> tuple[threading.Lock, list]:
        return threading.Lock(), []

    @functools.wraps(read)
    def reader(content: Picture | Clip) -> Any:
        with guard:
            lock, found = entry(content.digest)
        with lock:
            if not found:
                found.append(read(content))
        return found[0]

    return reader


@_once
def picture_text(picture: Picture) -> list[TextLine]:
    """Lines of text in a picture, in reading order. The list is shared: do not change it."""
    return _text_reader.submit(lambda: read_text(picture.pixels())).result()


@_once
def picture_chart(picture: Picture) -> Chart | None:
    """The data behind a chart picture, or None when no chart was read."""
    lines = picture_text(picture)
    return _chart_reader.submit(lambda: read_chart(picture.pixels(), lines)).result()


@_once
def picture_sort(picture: Picture) -> str:
    """What a picture is when no chart was read: `photo`, `drawing`, `page of text`, `empty plot` or `blank picture`."""
    lines = picture_text(picture)
    return _chart_reader.submit(lambda: describe_instead(picture.pixels(), lines)).result()


@_once
def clip_words(clip: Clip) -> Speech:
    """The words spoken in a clip."""
    return speech.read_speech(clip.samples())


def warm() -> None:
    """Load the models for text and speech, so that the first request does not wait for them."""
    speech.warm()
    # Reading a blank picture would load them too, and take as long again: small pictures are enlarged.
    load_text_models()


def stop() -> None:
    """Drop the readings that nobody waits for any more, so that a server with a long line ends at once."""
    for reader in (_text_reader, _chart_reader):
        reader.shutdown(wait=False, cancel_futures=True)
    speech.stop()
