"""Legends: names and the colors they stand for, on pictures drawn for the purpose."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from offline_endpoint.reading.chart.frame import Frame
from offline_endpoint.reading.chart.layers import Layer
from offline_endpoint.reading.chart.legend import Entry, erase_legend, find_legend, is_apart
from offline_endpoint.reading.chart.plot import find_plot
from offline_endpoint.reading.chart.samples import find_samples, strongest_color
from tests.offline_endpoint.chart_pictures import BLUE, DARK, GRAY, RED, Drawn

NAMES = {"North": BLUE, "South": RED, "East": DARK}


def _layer(pixels: np.ndarray, color: tuple[int, int, int]) -> Layer:
    return Layer(np.array(color, float), (pixels == np.array(color, np.uint8)).all(axis=2))


def test_samples_give_names_and_colors_in_order() -> None:
    drawn = Drawn().legend(NAMES)
    samples = find_samples(drawn.picture(), drawn.lines)
    assert [s.name for s in samples] == list(NAMES)
    for sample, color in zip(samples, NAMES.values(), strict=True):
        assert sample.color == pytest.approx(color, abs=6)
        assert sample.middle == pytest.approx(580, abs=3)
        assert sample.width == pytest.approx(25, abs=4)


def test_a_row_of_samples_is_a_legend_and_the_name_before_is_no_sample() -> None:
    drawn = Drawn()
    for k, (name, color) in enumerate(NAMES.items()):
        drawn.legend({name: color}, x=200 + 90 * k, y=380)
    assert [s.name for s in find_samples(drawn.picture(), drawn.lines)] == list(NAMES)


def test_two_shades_of_gray_are_two_colors() -> None:
    drawn = Drawn().legend({"Birds": GRAY, "Fish": DARK})
    assert [round(s.color[0]) for s in find_samples(drawn.picture(), drawn.lines)] == pytest.approx(
        [171, 89], abs=6
    )


def test_a_grid_line_behind_a_sample_does_not_hide_it() -> None:
    drawn = Drawn()
    cv2.line(drawn.pixels, (0, 62), (699, 62), (225, 225, 225), 1)
    drawn.legend({"North": BLUE, "South": RED})
    assert [s.name for s in find_samples(drawn.picture(), drawn.lines)] == ["North", "South"]


@pytest.mark.parametrize(
    "names", [{}, {"Alone": BLUE}, {"Same": BLUE, "Color": BLUE}], ids=["none", "one", "one color twice"]
)
def test_what_is_no_legend_gives_no_samples(names: dict) -> None:
    drawn = Drawn().legend(names)
    drawn.text("A note", 300, 200)
    assert find_samples(drawn.picture(), drawn.lines) == []


def test_labels_beside_the_marks_of_a_scatter_chart_are_no_legend() -> None:
    drawn = Drawn()
    for k, (x, y) in enumerate([(150, 80), (300, 120), (220, 200), (400, 260), (330, 320)]):
        cv2.circle(drawn.pixels, (x, y), 5, (BLUE, RED)[k % 2], cv2.FILLED)
        drawn.text(f"Model {k}", x + 12, y)
    assert find_samples(drawn.picture(), drawn.lines) == []


def _legend(drawn: Drawn, layers: list[Layer]) -> list[Entry]:
    picture = drawn.picture()
    samples = [
        replace(s, color=next((k.color for k in layers if np.abs(k.color - s.color).max() < 9), s.color))
        for s in find_samples(picture, list(drawn.lines))
    ]
    frame = Frame(0, 0, picture.size[1], picture.size[0], picture.ground)
    return find_legend(frame, drawn.lines, layers, samples)


def test_entries_point_at_the_layers_of_their_colors() -> None:
    drawn = Drawn().legend({"North": BLUE, "South": RED})
    layers = [_layer(drawn.pixels, RED), _layer(drawn.pixels, BLUE)]
    entries = _legend(drawn, layers)
    assert [(e.name, e.layer) for e in entries] == [("North", 1), ("South", 0)]
    assert _legend(drawn, []) == []


def test_erasing_takes_the_samples_and_leaves_the_line() -> None:
    drawn = Drawn().line([10, 30, 20, 35, 5], BLUE).line([30, 10, 25, 15, 20], RED)
    before = [_layer(drawn.pixels, c).mask.sum() for c in (BLUE, RED)]
    drawn.legend({"North": BLUE, "South": RED}, x=600, y=200)
    layers = [_layer(drawn.pixels, c) for c in (BLUE, RED)]
    entries = _legend(drawn, layers)
    assert is_apart(entries, layers)
    assert [layer.mask.sum() for layer in erase_legend(entries, layers)] == before


def _named_at_the_ends() -> Drawn:
    drawn = Drawn().frame().line([10, 30, 20, 35, 30], RED).line([30, 10, 25, 15, 5], BLUE)
    drawn.text("Birds", 528, 130)
    drawn.text("Fish", 528, 280)
    return drawn


def test_names_at_the_ends_of_lines_give_their_colors() -> None:
    drawn = _named_at_the_ends()
    plot = find_plot(drawn.picture())
    assert plot is not None
    assert {plot.name(e.layer): round(plot.layers[e.layer].color[0]) for e in plot.legend} == {
        "Birds": pytest.approx(RED[0], abs=6),
        "Fish": pytest.approx(BLUE[0], abs=6),
    }


def test_the_strongest_color_is_the_full_one_of_a_thin_line() -> None:
    pale = np.tile([240, 240, 245], (60, 1))
    full = np.tile(BLUE, (20, 1))
    ground = np.array([255, 255, 255])
    assert strongest_color(np.concatenate([pale, full]), ground) == pytest.approx(BLUE)
