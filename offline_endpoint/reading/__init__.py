"""Readers: a picture becomes text and data, a sound becomes words; equal content is read once."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from offline_endpoint.reading.chart import Chart, Declined, read_chart
from offline_endpoint.reading.speech import Speech, read_speech
from offline_endpoint.reading.speech import warm as warm_speech
from offline_endpoint.reading.text import TextLine, read_text
from offline_endpoint.reading.text import load_models as load_text_models
from offline_endpoint.wire.conversation import Clip, Picture

_KEPT = 512
"""Readings of each sort that are remembered: those of a full room. Kept is what was read, never picture or clip."""

_text_reader, _chart_reader = (ThreadPoolExecutor(1, f"{name}-reader") for name in ("text", "chart"))
_speech_reader: Executor = ThreadPoolExecutor(1, "speech-reader")
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
def _picture_reading(picture: Picture) -> Chart | Declined:
    lines = picture_text(picture)
    return _chart_reader.submit(lambda: read_chart(picture.pixels(), lines)).result()


def picture_chart(picture: Picture) -> Chart | None:
    """The data behind a chart picture, or None when no chart was read."""
    return _picture_reading(picture) or None


def picture_instead(picture: Picture) -> Declined | None:
    """What a picture is when no chart was read, and why none was; None where there is one."""
    found = _picture_reading(picture)
    return found if isinstance(found, Declined) else None


@_once
def clip_words(clip: Clip) -> Speech:
    """The words spoken in a clip."""
    return _speech_reader.submit(read_speech, clip.samples()).result()


def warm() -> None:
    """Load the models for text and speech, so that the first request does not wait for them."""
    warm_speech()
    # Reading a blank picture would load them too, and take as long again: small pictures are enlarged.
    load_text_models()


def share() -> None:
    """Get ready for many callers: from now on speech is read in a process of its own.

    PocketSphinx holds Python's global lock for as long as it decodes, and with it every other request of this process.
    """
    global _speech_reader
    _speech_reader = ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn"), initializer=_be_a_speech_process
    )


def stop() -> None:
    """Drop the readings that nobody waits for any more, so that a server with a long line ends at once."""
    for reader in (_text_reader, _chart_reader, _speech_reader):
        reader.shutdown(wait=False, cancel_futures=True)


def _be_a_speech_process() -> None:
    # Ctrl+C reaches this process as well; the server answers it and then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_server, daemon=True).start()


def _end_with_the_server() -> None:
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(1)
