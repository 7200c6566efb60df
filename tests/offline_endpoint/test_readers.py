"""Readings run one of each sort at a time, on threads or a process of their own, whoever asks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from offline_endpoint import reading
from offline_endpoint.reading.chart import Declined
from offline_endpoint.reading.text import Page
from offline_endpoint.wire.conversation import Picture

SECONDS = 10


def picture(number):
    return Picture(f"test of the readers {number}", "image/png", 8, 8, b"")


@pytest.fixture
def noted(monkeypatch):
    """Readings that note their thread in place of looking at the picture."""
    threads = []
    monkeypatch.setattr(Picture, "pixels", lambda self: np.zeros((8, 8, 3), np.uint8))

    def read(pixels):
        threads.append(threading.current_thread().name)
        return Page([])

    monkeypatch.setattr(reading, "read_page", read)
    return threads


def test_many_callers_share_one_reader(noted):
    with ThreadPoolExecutor(20) as callers:
        list(callers.map(reading.picture_text, map(picture, range(40)), timeout=SECONDS))
    assert len(noted) == 40
    assert len(set(noted)) == 1
    assert noted[0].startswith("text-reader")


def test_text_and_chart_of_many_pictures_do_not_wait_for_each_other(noted, monkeypatch):
    monkeypatch.setattr(reading, "read_chart", lambda pixels, lines: "chart")
    with ThreadPoolExecutor(20) as callers:
        charts = list(callers.map(reading.picture_chart, map(picture, range(100, 140)), timeout=SECONDS))
    assert charts == ["chart"] * 40


def test_a_picture_is_decoded_once_for_text_and_chart(monkeypatch):
    calls = []

    def decode(self):
        calls.append(self.digest)
        return np.zeros((8, 8, 3), np.uint8)

    monkeypatch.setattr(Picture, "_decoded", decode)
    monkeypatch.setattr(reading, "read_page", lambda pixels: Page([]))
    monkeypatch.setattr(reading, "read_chart", lambda pixels, lines: Declined("photo"))
    for each in (picture(300), picture(300)):
        reading.picture_text(each), reading.picture_chart(each), reading.picture_instead(each)
    assert len(calls) == 1


def test_an_error_reaches_the_caller_and_the_reader_goes_on(noted, monkeypatch):
    def fail(pixels):
        raise ValueError("no text")

    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_page", fail)
        for number in (200, 201, 202):
            with pytest.raises(ValueError, match="no text"):
                reading.picture_text(picture(number))
    reading.picture_text(picture(200))
    assert len(noted) == 1
