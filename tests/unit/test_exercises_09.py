"""The checks of the lesson on many files know the right result and say what is off with the likely wrong ones."""

from __future__ import annotations

import pytest

from helpers import exercises


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (None, "still None"),
        (360, "other limit"),
        (18.75, "Round down"),
        (20, "reply counts"),
        (25, "80,000 tokens"),
        ("18", "no number"),
        (True, "no number"),
    ],
)
def test_wrong_requests_a_minute(answer, hint):
    said = exercises.requests_a_minute(answer)
    assert said.startswith("Not yet: ")
    assert hint in said


def test_right():
    assert exercises.requests_a_minute(18).startswith("Right: ")
    assert exercises.asked_sounds({"answered": 4, "there": 2}, 4).startswith("Right: ")


@pytest.mark.parametrize(
    ("counts", "hint"),
    [
        (None, "still None"),
        ([], "await"),
        ({"answered": 12}, "under 'image'"),
        ({"answered": 0, "there": 4}, "there already"),
        ({"answered": 3, "there": 0}, "3 of 4"),
    ],
)
def test_wrong_counts(counts, hint):
    said = exercises.asked_sounds(counts, 4)
    assert said.startswith("Not yet: ")
    assert hint in said
