"""Layers: the ink of a plot by its color, on pictures drawn for the purpose."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from offline_endpoint.reading.chart.canvas import prepare
from offline_endpoint.reading.chart.frame import Frame
from offline_endpoint.reading.chart.layers import Layer, erase_text, find_layers, misfit
from offline_endpoint.reading.text import TextLine
from tests.offline_endpoint.chart_pictures import BLUE, BOTTOM, GRAY, LEFT, RED, RIGHT, TOP, Drawn

WHITE = np.array([255, 255, 255], np.int16)
FRAME = Frame(LEFT, TOP, RIGHT + 1, BOTTOM + 1, WHITE)
UP, DOWN = [5, 10, 20, 30, 38], [38, 25, 18, 12, 2]


def _colors(layers: list[Layer]) -> list[tuple[int, ...]]:
    return [tuple(round(c) for c in layer.color) for layer in layers]


def test_each_color_is_a_layer_and_the_frame_is_none() -> None:
    drawn = Drawn().frame().line(UP, BLUE).line(DOWN, RED)
    layers = find_layers(drawn.picture(), FRAME, None, None)
    assert sorted(_colors(layers)) == sorted([BLUE, RED])
    for layer in layers:
        assert layer.mask.shape == (420, 700)
        assert not layer.mask[TOP].any()
        assert not layer.mask[BOTTOM].any()


def test_grid_lines_are_taken_out_even_between_the_pieces_that_a_line_cuts() -> None:
    drawn = Drawn()
    for x in range(120, 560, 100):
        cv2.line(drawn.pixels, (x, TOP), (x, BOTTOM), (176, 176, 176), 1)
    drawn.frame().line([36, 37, 36, 37, 36], BLUE)
    (layer,) = find_layers(drawn.picture(), FRAME, None, None)
    assert not layer.mask[TOP + 30 + 60 :].any()
    assert not layer.mask[: TOP + 30].any()


def test_a_pale_grid_is_no_part_of_a_known_gray_line() -> None:
    drawn = Drawn()
    cv2.line(drawn.pixels, (270, TOP + 1), (270, BOTTOM - 1), (222, 222, 222), 1)
    drawn.frame().line(UP, GRAY)
    (layer,) = find_layers(drawn.picture(), FRAME, None, None, [np.array(GRAY, float)])
    assert len(np.flatnonzero(layer.mask[:, 270])) < 12


def test_a_known_color_with_one_mark_in_a_large_plot_is_a_layer() -> None:
    pixels = np.full((1400, 2000, 3), 255, np.uint8)
    cv2.circle(pixels, (900, 700), 6, BLUE, cv2.FILLED)
    for x in range(100, 1900, 60):
        cv2.circle(pixels, (x, 400), 6, RED, cv2.FILLED)
    frame, known = Frame(50, 50, 1950, 1350, WHITE), [np.array(c, float) for c in (BLUE, RED)]
    assert sorted(_colors(find_layers(prepare(pixels, []), frame, None, None, known))) == sorted([BLUE, RED])


def test_an_empty_plot_has_no_layers() -> None:
    assert find_layers(Drawn().frame().picture(), FRAME, None, None) == []


def test_blends_fit_their_color_and_other_colors_do_not() -> None:
    ground, color = np.full(3, 255.0), np.array(BLUE, float)
    half = (ground + color) / 2
    values = misfit(np.array([color, half, RED], np.float32), color, ground)
    assert values[0] == pytest.approx(0)
    assert values[1] < 20
    assert values[2] > 100


def test_text_goes_and_marks_that_its_box_covers_stay() -> None:
    drawn = Drawn()
    line = drawn.text("Label", 200, 100)
    mask = drawn.pixels.min(axis=2) < 200
    mask[90:110, 300:302] = True
    (layer,) = erase_text([Layer(np.zeros(3), mask)], [line])
    assert layer.mask.sum() == 40


@pytest.mark.parametrize(
    ("text", "confidence", "stays"), [("\u25cf", 0.9, True), ("3", 0.7, True), ("3", 1.0, False)]
)
def test_a_mark_read_as_a_character_stays(text: str, confidence: float, stays: bool) -> None:
    mask = np.zeros((100, 100), np.uint8)
    cv2.circle(mask, (50, 50), 6, 1, cv2.FILLED)
    layers = erase_text([Layer(np.zeros(3), mask > 0)], [TextLine(text, 42, 42, 58, 58, confidence)])
    assert bool(layers) == stays


def test_a_mark_at_the_end_of_a_line_is_not_erased_with_the_name_after_it() -> None:
    mask = np.zeros((100, 200), np.uint8)
    cv2.rectangle(mask, (40, 45), (50, 55), 1, cv2.FILLED)
    # The box of the mark and six letters: the mark is a seventh of it.
    layers = erase_text([Layer(np.zeros(3), mask > 0)], [TextLine("\u25a0France", 38, 40, 131, 60, 0.93)])
    assert layers[0].mask.sum() == 121
