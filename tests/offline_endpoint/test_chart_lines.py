"""Line charts drawn by hand: what lies between the points that were read, and where their places are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from offline_endpoint.reading.text import TextLine
from tests.offline_endpoint.drawn import BLUE, ORANGE, Sheet

GRAY = (200, 200, 200)


def _line(sheet: Sheet, points: list[tuple[int, int]], color=BLUE) -> None:
    cv2.polylines(sheet.pixels, [np.array(points, np.int32)], False, color, 2, cv2.LINE_AA)


def test_a_turn_between_the_names_stops_the_conclusion(sheet: Sheet) -> None:
    for k, name in enumerate(("Jan", "Apr", "Jul", "Oct")):
        sheet.text(name, 140 + 120 * k, 415)
    _line(sheet, [(140, 300), (260, 250), (320, 100), (380, 200), (500, 150)])
    chart = sheet.read()
    assert chart.partial
    assert "higher, lower or farther" in chart.unsure[0]


def test_names_that_repeat_stop_the_conclusion(sheet: Sheet) -> None:
    for k, name in enumerate(("Jan", "Jul", "Jan", "Jul")):
        sheet.text(name, 140 + 120 * k, 415)
    _line(sheet, [(140, 300), (260, 250), (380, 200), (500, 150)])
    assert sheet.read().unsure == ("Several places are called Jan.",)


def test_a_line_of_many_turns_is_read_at_each(sheet: Sheet) -> None:
    sheet.x_ticks()
    heights = [300, 180] * 12
    _line(sheet, [(90 + 20 * k, y) for k, y in enumerate(heights)])
    points = sheet.read().series[0].points
    assert len(points) == pytest.approx(len(heights), abs=2)
    assert [min(p.y for p in points), max(p.y for p in points)] == pytest.approx([20, 44], abs=1.5)


def test_years_at_the_ends_of_lines_name_them(sheet: Sheet) -> None:
    sheet.x_ticks()
    for year, color, end in (("2023", BLUE, 150), ("2024", ORANGE, 300)):
        _line(sheet, [(90, 220), (540, end)], color)
        sheet.text(year, 565, end)
    assert {s.name for s in sheet.read().series} == {"2023", "2024"}


def test_dashed_grid_lines_over_names_are_no_data(sheet: Sheet) -> None:
    places = [140 + 120 * k for k in range(4)]
    for at, name in zip(places, ("Jan", "Feb", "Mar", "Apr"), strict=True):
        sheet.text(name, at, 415)
        for top in range(52, 398, 6):
            sheet.box(at, top, at + 1, top + 3, GRAY)
    _line(sheet, list(zip(places, (300, 250, 120, 180), strict=True)))
    values = {p.label: p.y for p in sheet.read().series[0].points}
    assert values == pytest.approx({"Jan": 20, "Feb": 30, "Mar": 56, "Apr": 44}, abs=0.6)


@pytest.mark.parametrize("end", [0, 30], ids=["by the ends", "by the middles"])
def test_slanted_labels_stand_at_their_tick_marks(sheet: Sheet, end: int) -> None:
    places = [120 + 100 * k for k in range(5)]
    for k, at in enumerate(places):
        sheet.box(at, 401, at + 1, 406, (0, 0, 0))
        # Print along the diagonal of its box, which ends at the tick mark or is centered on it.
        cv2.line(sheet.pixels, (at + end - 60, 465), (at + end, 410), (0, 0, 0), 3)
        sheet.lines.append(TextLine(f"{2000 + k}-01-01", at + end - 62, 408, at + end + 2, 467, 0.99))
    for k, at in enumerate(places):
        sheet.dot(at, 300 - 40 * k)
    _line(sheet, [(at, 300 - 40 * k) for k, at in enumerate(places)])
    days = [round(p.x / 365.25) for p in sheet.read().series[0].points]
    assert days == [30, 31, 32, 33, 34]
    assert sheet.read().series[0].points[0].x == pytest.approx(10957, abs=6)


def test_figures_above_their_grid_lines_belong_to_the_lines() -> None:
    sheet = Sheet()
    sheet.box(80, 50, 600, 400, (222, 233, 241))
    for k in range(6):
        level = 380 - 60 * k
        sheet.box(80, level, 600, level + 1, (255, 255, 255))
        sheet.text(str(10 * k), 60, level - 9)
    places = [140 + 120 * k for k in range(4)]
    for at, name in zip(places, ("2010", "2011", "2012", "2013"), strict=True):
        sheet.text(name, at, 415)
    _line(sheet, list(zip(places, (320, 260, 140, 200), strict=True)))
    assert [p.y for p in sheet.read().series[0].points] == pytest.approx([10, 20, 40, 30], abs=0.4)


def test_a_line_that_comes_steeply_from_the_frame_may_be_cut(sheet: Sheet) -> None:
    sheet.x_ticks()
    _line(sheet, [(81, 380), (110, 200), (300, 150), (540, 120)])
    chart = sheet.read()
    assert chart.partial
    assert chart.unsure == ("The end of a line may be cut off, as it is steep where it meets the frame.",)
