"""Marks: dots, markers, bars, traces and slices, on masks and pictures drawn for the purpose."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from offline_endpoint.reading.chart.bars import alike, base_line, find_rectangles, is_upright
from offline_endpoint.reading.chart.canvas import prepare
from offline_endpoint.reading.chart.dots import find_dots, find_markers
from offline_endpoint.reading.chart.pie import find_disc, find_slices
from offline_endpoint.reading.chart.traces import find_trace, find_vertices


def _mask(width: int = 400, height: int = 300) -> np.ndarray:
    return np.zeros((height, width), np.uint8)


def test_dots_are_found_at_their_middles() -> None:
    mask = _mask()
    places = [(50, 60), (200, 100), (320, 250)]
    for place in places:
        cv2.circle(mask, place, 5, 1, cv2.FILLED)
    assert [(d.x, d.y) for d in find_dots(mask > 0)] == places


def test_outlined_dots_count_and_specks_do_not() -> None:
    mask = _mask()
    cv2.circle(mask, (100, 100), 6, 1, 1)
    cv2.circle(mask, (200, 100), 6, 1, 1)
    mask[50, 50] = 1
    mask[150:153, 20:300] = 1
    assert [(d.x, d.y) for d in find_dots(mask > 0)] == [(100, 100), (200, 100)]


def test_an_empty_mask_has_no_marks() -> None:
    empty = _mask() > 0
    assert find_dots(empty) == []
    assert find_markers(empty) == []
    assert find_rectangles(empty, 0, 5, True) == []
    assert find_trace(empty, 50) is None


def test_markers_are_the_thick_places_of_a_line() -> None:
    mask = _mask()
    places = [(40, 200), (140, 80), (240, 150), (340, 60)]
    cv2.polylines(mask, [np.array(places)], False, 1, 2)
    assert find_markers(mask > 0) == []
    for place in places:
        cv2.circle(mask, place, 5, 1, cv2.FILLED)
    markers = find_markers(mask > 0)
    assert [m.x for m in markers] == pytest.approx([p[0] for p in places], abs=1)
    assert [m.y for m in markers] == pytest.approx([p[1] for p in places], abs=1.5)


def test_a_trace_gives_heights_and_corners() -> None:
    mask = _mask()
    corners = [(20, 250), (120, 50), (220, 150), (380, 100)]
    cv2.polylines(mask, [np.array(corners)], False, 1, 2)
    trace = find_trace(mask > 0, 100)
    assert trace is not None
    assert trace.at(70, 10) == pytest.approx(150, abs=1.5)
    assert trace.at(120, 12) == pytest.approx(50, abs=2)
    assert trace.at(600, 10) is None
    assert [x for x, _ in find_vertices(trace, 2)] == pytest.approx([c[0] for c in corners], abs=3)


@pytest.mark.parametrize("box", [(100, 100, 120, 110), (10, 10, 390, 290)])
def test_blocks_are_no_lines(box: tuple[int, int, int, int]) -> None:
    mask = _mask()
    mask[box[1] : box[3], box[0] : box[2]] = 1
    assert find_trace(mask > 0, 100) is None


def test_bars_their_direction_and_base() -> None:
    mask = _mask()
    for left, top in ((40, 100), (120, 200), (200, 50), (280, 160)):
        mask[top:280, left : left + 50] = 1
    # A grid line cuts all bars, and a value label leaves a speck.
    mask[230:232] = 0
    mask[20:25, 60:64] = 1
    bars = find_rectangles(mask > 0, 0, 5, True)
    upright = is_upright(bars, bars)
    bars = alike(bars, upright)
    assert upright
    assert sorted((b.left, b.top) for b in bars) == [(40, 100), (120, 200), (200, 50), (280, 160)]
    assert base_line(bars, upright, 2) == 280


def test_lying_bars() -> None:
    mask = _mask()
    for top, right in ((20, 100), (80, 300), (140, 220)):
        mask[top : top + 30, 30:right] = 1
    bars = find_rectangles(mask > 0, 0, 3, False)
    assert not is_upright(bars, bars)
    assert base_line(bars, False, 2) == 30


@pytest.mark.parametrize("radius", [6, 8, 12, 20])
def test_round_marks_are_no_bars(radius: int) -> None:
    mask = _mask()
    cv2.circle(mask, (100, 100), radius, 1, cv2.FILLED)
    assert find_rectangles(mask > 0, 0, 3, True) == []


def _pie(hole: int = 0) -> np.ndarray:
    pixels = np.full((400, 400, 3), 255, np.uint8)
    for start, end, color in ((0, 90, (200, 30, 30)), (90, 216, (30, 160, 30)), (216, 360, (30, 30, 200))):
        cv2.ellipse(pixels, (200, 200), (150, 150), 0, start, end, color, cv2.FILLED)
    if hole:
        cv2.circle(pixels, (200, 200), hole, (255, 255, 255), cv2.FILLED)
    return pixels


@pytest.mark.parametrize("hole", [0, 70])
def test_slices_have_their_shares(hole: int) -> None:
    picture = prepare(_pie(hole), [])
    disc = find_disc(picture)
    assert disc is not None
    assert (disc.x, disc.y, disc.radius) == pytest.approx((200, 200, 150), abs=1.5)
    assert sorted(s.share for s in find_slices(picture, disc)) == pytest.approx([25, 35, 40], abs=0.5)


def test_a_plain_disc_has_no_slices_and_a_square_is_no_disc() -> None:
    plain = np.full((400, 400, 3), 255, np.uint8)
    cv2.circle(plain, (200, 200), 150, (200, 30, 30), cv2.FILLED)
    picture = prepare(plain, [])
    disc = find_disc(picture)
    assert disc is not None
    assert find_slices(picture, disc) == []
    square = np.full((400, 400, 3), 255, np.uint8)
    square[50:350, 50:350] = 0
    assert find_disc(prepare(square, [])) is None
