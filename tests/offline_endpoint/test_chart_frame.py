"""Frames: the plot area, on pictures drawn for the purpose."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from offline_endpoint.reading.chart.axes import find_axes
from offline_endpoint.reading.chart.canvas import prepare
from offline_endpoint.reading.chart.frame import Frame, find_frame, top_of_row_below
from offline_endpoint.reading.text import TextLine
from tests.offline_endpoint.chart_pictures import BOTTOM, LEFT, RIGHT, TOP, Drawn

NAMES = ["Oslo", "Rome", "Paris", "Wien", "Bern"]


def _frame(drawn: Drawn) -> Frame | None:
    picture = drawn.picture()
    axes = find_axes(list(picture.lines), picture)
    return find_frame(picture, *axes)


@pytest.mark.parametrize("names", [None, NAMES], ids=["numbers", "names"])
def test_spines_show_the_frame(names: list[str] | None) -> None:
    frame = _frame(Drawn().frame(names))
    assert frame is not None
    assert frame.drawn
    assert (frame.left, frame.top, frame.right, frame.bottom) == pytest.approx(
        (LEFT, TOP, RIGHT, BOTTOM), abs=3
    )
    assert frame.color.tolist() == [255, 255, 255]
    assert frame.holds(300, 200)
    assert not frame.holds(30, 200)
    assert not frame.holds(300, 380)


def test_a_fill_shows_the_frame_and_gives_its_color() -> None:
    drawn = Drawn()
    cv2.rectangle(drawn.pixels, (LEFT, TOP), (RIGHT, BOTTOM), (229, 229, 229), cv2.FILLED)
    frame = _frame(drawn.frame())
    assert frame is not None
    assert frame.color.tolist() == [229, 229, 229]


def test_a_top_tick_that_goes_on_from_the_spine_does_not_hide_the_sides() -> None:
    drawn = Drawn().frame()
    cv2.line(drawn.pixels, (LEFT - 7, TOP), (LEFT, TOP), (0, 0, 0), 1)
    frame = _frame(drawn)
    assert frame is not None
    assert frame.top == pytest.approx(TOP, abs=2)


def test_a_slanted_label_over_the_spine_does_not_cut_the_frame() -> None:
    drawn = Drawn().frame()
    drawn.lines.append(TextLine("01 May 2017", 380, BOTTOM, 470, BOTTOM + 60, 1.0))
    frame = _frame(drawn)
    assert frame is not None
    assert frame.right == pytest.approx(RIGHT, abs=3)


def test_without_lines_the_labels_give_the_frame() -> None:
    drawn = Drawn().frame()
    drawn.pixels[:] = 255
    frame = _frame(drawn)
    assert frame is not None
    assert not frame.drawn
    assert frame.left < 100
    assert frame.bottom < 360


def test_a_tiny_picture_has_no_frame() -> None:
    assert find_frame(prepare(np.full((40, 40, 3), 255, np.uint8), []), None, None) is None


def test_the_row_below_is_one_of_names_and_not_of_marks() -> None:
    drawn = Drawn().frame(NAMES)
    for x in (150, 250, 350):
        drawn.lines.append(TextLine("\u25cf", x, 318, x + 12, 330, 0.9))
    picture = drawn.picture()
    _, y_axis = find_axes(list(picture.lines), picture)
    assert y_axis is not None
    assert top_of_row_below(picture, y_axis, LEFT) == pytest.approx(BOTTOM + 8, abs=4)
