"""Scatter charts drawn by hand: labels, groups, and points that a legend covers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.offline_endpoint.drawn import BLUE, GREEN, ORANGE, Sheet


@pytest.fixture
def sheet() -> Sheet:
    sheet = Sheet()
    sheet.frame()
    sheet.x_ticks()
    sheet.y_ticks()
    return sheet


def _places(chart, series: int = 0) -> list[tuple[float, float]]:
    return [(p.x, p.y) for p in chart.series[series].points]


def _about(*places: tuple[float, float]):
    return [pytest.approx(place, abs=0.3) for place in places]


def test_each_dot_gets_the_label_beside_it(sheet: Sheet) -> None:
    for name, x, y in (("Alpha", 180, 300), ("Beta", 280, 150), ("Gamma", 420, 200)):
        sheet.dot(x, y)
        sheet.text(name, x + 36, y - 12)
    chart = sheet.read()
    assert chart.kind == "scatter"
    assert [p.label for p in chart.series[0].points] == ["Alpha", "Beta", "Gamma"]
    assert _places(chart) == _about((10, 20), (20, 50), (34, 40))
    assert chart.unsure == ()


def test_two_labels_read_as_one_are_parted_where_the_second_dot_is(sheet: Sheet) -> None:
    for name, x, y in (("Alpha-1", 150, 300), ("Beta-2", 150, 120), ("Delta-4", 450, 100)):
        sheet.dot(x, y)
        sheet.text(name, x + 42, y - 12)
    sheet.dot(236, 300)
    sheet.text("Gamma-3", 278, 288)
    first, second = sheet.lines.pop(-4), sheet.lines.pop()
    sheet.lines.append(
        type(first)("Alpha-1 Gamma-3", first.left, first.top, second.right, second.bottom, 0.95)
    )
    chart = sheet.read()
    assert {p.label: round(p.x) for p in chart.series[0].points} == {
        "Alpha-1": 7,
        "Beta-2": 7,
        "Gamma-3": 16,
        "Delta-4": 37,
    }


def test_a_dot_without_a_name_among_named_ones_is_told(sheet: Sheet) -> None:
    for name, x, y in (("Alpha", 180, 300), ("Beta", 280, 150), ("", 420, 200)):
        sheet.dot(x, y)
        if name:
            sheet.text(name, x + 36, y - 12)
    assert sheet.read().unsure == ("The name of one point could not be read.",)


def test_a_mark_read_as_a_letter_stays_a_mark(sheet: Sheet) -> None:
    for x, y in ((180, 300), (280, 150), (420, 200)):
        sheet.box(x - 6, y - 6, x + 7, y + 7)
    sheet.lines.append(type(sheet.lines[0])("A", 412, 192, 428, 208, 0.98))
    assert _places(sheet.read()) == _about((10, 20), (20, 50), (34, 40))


def _legend(sheet: Sheet, colors: dict[str, tuple[int, int, int]]) -> None:
    """Samples and names in the upper left corner, on paper through which a fifth of what is behind shows."""
    area = np.s_[60:150, 90:190]
    sheet.pixels[area] = (0.2 * sheet.pixels[area] + 0.8 * 255).astype(np.uint8)
    for k, (name, color) in enumerate(colors.items()):
        sheet.dot(105, 75 + 25 * k, color)
        sheet.text(name, 150, 75 + 25 * k)


GROUPS = {"Cats": BLUE, "Dogs": ORANGE, "Birds": GREEN}


def _groups(sheet: Sheet) -> None:
    for k, color in enumerate(GROUPS.values()):
        for step in range(3):
            sheet.dot(240 + 90 * step + 20 * k, 180 + 60 * k - 20 * step, color)


def test_groups_are_named_by_the_legend_whose_samples_are_no_points(sheet: Sheet) -> None:
    _groups(sheet)
    _legend(sheet, GROUPS)
    chart = sheet.read()
    assert {s.name: len(s.points) for s in chart.series} == {"Cats": 3, "Dogs": 3, "Birds": 3}


def test_samples_of_three_marks_are_no_points(sheet: Sheet) -> None:
    _groups(sheet)
    for k, (name, color) in enumerate(GROUPS.items()):
        for step in range(3):
            sheet.dot(470 + 18 * step, 75 + 25 * k - 3 * (step == 1), color)
        sheet.text(name, 550, 75 + 25 * k)
    assert {s.name: len(s.points) for s in sheet.read().series} == {"Cats": 3, "Dogs": 3, "Birds": 3}


def test_the_plot_beside_a_legend_on_its_own_paper_is_no_point(sheet: Sheet) -> None:
    colors = {"Cats": (41, 138, 208), "Dogs": (43, 160, 151), "Birds": (133, 152, 4)}
    sheet.pixels[51:400, 81:600] = (239, 232, 213)
    for k, color in enumerate(colors.values()):
        for step in range(3):
            sheet.dot(240 + 90 * step + 20 * k, 180 + 60 * k - 20 * step, color)
    sheet.pixels[60:150, 90:190] = (251, 250, 246)
    _legend(sheet, colors)
    chart = sheet.read()
    assert sum(len(s.points) for s in chart.series) == 9
    assert not any("legend covers" in said for said in chart.unsure)


def test_a_point_that_shows_through_the_legend_is_found_and_told(sheet: Sheet) -> None:
    sheet.dot(180, 138, ORANGE)
    _groups(sheet)
    _legend(sheet, GROUPS)
    chart = sheet.read()
    dogs = next(s for s in chart.series if s.name == "Dogs")
    assert _about((10, 52.4)) == [(dogs.points[0].x, dogs.points[0].y)]
    assert sum(len(s.points) for s in chart.series) == 10


def test_a_point_close_to_the_legend_is_kept(sheet: Sheet) -> None:
    _groups(sheet)
    _legend(sheet, GROUPS)
    sheet.dot(210, 100, GREEN)
    chart = sheet.read()
    birds = next(s for s in chart.series if s.name == "Birds")
    assert len(birds.points) == 4
    assert sum(len(s.points) for s in chart.series) == 10


def test_without_dots_there_is_no_scatter_chart(sheet: Sheet) -> None:
    assert sheet.read() is None


def test_many_dots_all_over_the_plot_are_no_line(sheet: Sheet) -> None:
    places = [(90 + 19 * k, 70 + (k * 137) % 310) for k in range(26)]
    for x, y in places:
        sheet.box(x - 6, y - 6, x + 7, y + 7)
    chart = sheet.read()
    assert (chart.kind, len(chart.series[0].points)) == ("scatter", 26)
