"""Pies drawn by hand: names, printed shares, and shares that do not fit."""

from __future__ import annotations

import math

import cv2
import pytest

from tests.offline_endpoint.drawn import BLUE, GREEN, ORANGE, Sheet

MIDDLE, RADIUS = (320, 250), 150


def _pie(shares: dict, colors, printed: dict | None = None, named: bool = True) -> Sheet:
    """A pie from the right, clockwise; `printed` says what stands on a slice instead of its share."""
    sheet = Sheet()
    sheet.text("How they travel", 320, 30)
    start = 0.0
    for share, color in zip(shares.values(), colors, strict=True):
        cv2.ellipse(sheet.pixels, MIDDLE, (RADIUS, RADIUS), 0, start, start + 3.6 * share, color, cv2.FILLED)
        start += 3.6 * share
    start = 0.0
    for name, share in shares.items():
        angle = math.radians(start + 1.8 * share)
        x, y = math.cos(angle), math.sin(angle)
        start += 3.6 * share
        sheet.text(
            f"{(printed or {}).get(name, share):g}%",
            MIDDLE[0] + 0.55 * RADIUS * x,
            MIDDLE[1] + 0.55 * RADIUS * y,
        )
        if named:
            sheet.text(name, MIDDLE[0] + (RADIUS + 28) * x, MIDDLE[1] + (RADIUS + 16) * y)
    return sheet


SHARES = {"Bus": 40, "Walk": 25, "Bike": 35}
COLORS = (BLUE, ORANGE, GREEN)


def test_names_and_printed_shares() -> None:
    chart = _pie(SHARES, COLORS).read()
    assert (chart.kind, chart.title, chart.percent, chart.unsure) == ("pie", "How they travel", True, ())
    assert {p.label: p.y for p in chart.series[0].points} == SHARES
    assert not any(p.estimated for p in chart.series[0].points)


def test_a_share_that_does_not_fit_its_slice_gives_way_to_the_angle() -> None:
    chart = _pie(SHARES, COLORS, {"Walk": 55}).read()
    points = {p.label: p for p in chart.series[0].points}
    assert points["Walk"].y == pytest.approx(25, abs=0.5)
    assert points["Walk"].estimated
    assert not points["Bus"].estimated
    assert chart.unsure == ("The share printed for Walk does not fit its size, so its size is given.",)


def test_a_disc_whose_shares_do_not_fit_gives_no_data() -> None:
    assert _pie(SHARES, COLORS, {"Bus": 10, "Walk": 80}).read() is None


def test_slices_of_like_colors_stay_apart() -> None:
    chart = _pie(SHARES, ((220, 50, 47), (203, 75, 22), (181, 137, 0))).read()
    assert {p.label: p.y for p in chart.series[0].points} == SHARES


def test_a_share_printed_across_a_ring_does_not_cut_its_slice() -> None:
    sheet = _pie({"Bus": 10, "Walk": 40, "Bike": 50}, COLORS)
    cv2.circle(sheet.pixels, MIDDLE, 80, (255, 255, 255), cv2.FILLED)
    # As good as bold digits: black over most of the ring's width.
    cv2.rectangle(sheet.pixels, (416, 275), (446, 299), (0, 0, 0), cv2.FILLED)
    points = {p.label: p.y for p in sheet.read().series[0].points}
    assert points == {"Bus": 10, "Walk": 40, "Bike": 50}


def test_a_pie_without_names_gives_no_data() -> None:
    assert _pie(SHARES, COLORS, named=False).read() is None


def test_shares_in_a_column_are_no_axis() -> None:
    # Three slices beside a legend, the shares of two of them right above each other.
    sheet = _pie({"Bus": 50, "Walk": 20, "Bike": 30}, COLORS)
    assert sheet.read().kind == "pie"


def test_figures_around_a_disc_are_those_of_a_dial() -> None:
    for names, is_pie in ((("0", "50", "100"), False), (("Bus", "Walk", "Bike"), True)):
        sheet = _pie(dict(zip(names, SHARES.values(), strict=True)), COLORS)
        sheet.lines = [line for line in sheet.lines if "%" not in line.text]
        assert bool(sheet.read()) is is_pie
