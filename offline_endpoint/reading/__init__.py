"""Readers: a picture becomes text and data, a sound becomes words; equal content is read once."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from offline_endpoint.reading import speech
from offline_endpoint.reading.chart import Chart, Declined, read_chart
from offline_endpoint.reading.heard import Speech
from offline_endpoint.reading.speech import pronunciation as pronunciation
from offline_endpoint.reading.text import Page, TextLine, read_page
from offline_endpoint.reading.text import load_models as load_text_models
from offline_endpoint.wire.conversation import Clip, Picture

# Readings of each sort that are remembered: those of a full room. Kept is what was read, never picture or clip.
_KEPT = 512
# Where readings run, whoever asks: one of each sort at a time, in the order in which they were asked for. Read on the
# threads of thirty clients, one reply took 139 seconds, because a lock gives no turns, and memory that each thread kept
# for itself came to 2 GiB.
_text_reader, _chart_reader = (ThreadPoolExecutor(1, f"{name}-reader") for name in ("text", "chart"))


def _once(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Remember readings by digest; when two threads ask for the same content, one reads and the other waits."""
    guard = threading.Lock()

    @functools.lru_cache(maxsize=_KEPT)
    def entry(digest: str) -> tuple[threading.Lock, list[Any]]:
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
def picture_page(picture: Picture) -> Page:
    """What is written in a picture."""
    return _text_reader.submit(lambda: read_page(picture.pixels())).result()


def picture_text(picture: Picture) -> list[TextLine]:
    """Lines of text in a picture, in reading order. The list is shared: do not change it."""
    page: Page = picture_page(picture)
    return page.lines


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
