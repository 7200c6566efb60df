"""Bar charts drawn by hand: single, grouped, stacked, and bars that are hard to tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from offline_endpoint.reading.text import TextLine
from tests.offline_endpoint.drawn import BLUE, GREEN, ORANGE, Sheet

NAMES = ("Oslo", "Rome", "Paris", "Vienna")
VALUES = (20, 45, 30, 60)


def _names(sheet: Sheet, names=NAMES) -> None:
    for k, name in enumerate(names):
        if name:
            sheet.text(name, 150 + 120 * k, 415)


def _values(chart, series: int = 0) -> dict:
    return {p.label: p.y for p in chart.series[series].points}


def test_single_bars(sheet: Sheet) -> None:
    for k, value in enumerate(VALUES):
        sheet.box(120 + 120 * k, 400 - 5 * value, 180 + 120 * k, 400)
    _names(sheet)
    chart = sheet.read()
    assert (chart.kind, chart.unsure) == ("bar", ())
    assert _values(chart) == pytest.approx(dict(zip(NAMES, VALUES, strict=True)), abs=0.4)


def test_a_bar_without_a_name_is_told(sheet: Sheet) -> None:
    for k, value in enumerate(VALUES):
        sheet.box(120 + 120 * k, 400 - 5 * value, 180 + 120 * k, 400)
    _names(sheet, ("Oslo", "Rome", None, "Vienna"))
    chart = sheet.read()
    assert chart.series[0].points[2].label is None
    assert chart.unsure == ("The name of one bar could not be read.",)


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        (("2021", None, "2019", "2018"), ("2021", None, "2019", "2018")),
        (("Oslo", None, "Rome", "Lima"), ("Oslo", None, "Rome", "Lima")),
    ],
    ids=["years", "names"],
)
def test_lying_bars_with_a_name_that_was_not_read(years: tuple, expected: tuple) -> None:
    sheet = Sheet()
    sheet.frame()
    sheet.x_ticks()
    for k, value in enumerate((40, 44, 38, 42)):
        sheet.box(80, 70 + 80 * k, 80 + 10 * value, 130 + 80 * k)
        if years[k]:
            sheet.text(years[k], 50, 100 + 80 * k)
    chart = sheet.read()
    assert [p.label for p in chart.series[0].points] == list(expected)
    assert [p.y for p in chart.series[0].points] == pytest.approx([40, 44, 38, 42], abs=0.4)
    assert len(chart.unsure) == expected.count(None)


def test_values_printed_on_bars_are_no_axis(sheet: Sheet) -> None:
    for k, value in enumerate(VALUES):
        sheet.box(120 + 120 * k, 400 - 5 * value, 180 + 120 * k, 400)
        sheet.text(str(value), 150 + 120 * k, 390 - 5 * value)
    _names(sheet)
    assert _values(sheet.read()) == pytest.approx(dict(zip(NAMES, VALUES, strict=True)), abs=0.4)


def test_numbers_run_together_are_an_axis() -> None:
    sheet = Sheet()
    sheet.frame()
    for k, name in enumerate(NAMES):
        sheet.box(80, 70 + 80 * k, 80 + 8 * VALUES[k], 130 + 80 * k)
        sheet.text(name, 50, 100 + 80 * k)
    labels = [sheet.text(f"{20 * k},000", 80 + 160 * k, 415) for k in range(4)]
    start, end = labels[1], labels[3]
    sheet.lines = [t for t in sheet.lines if t not in labels[1:]]
    sheet.lines.append(replace(start, text="20,000 40,00060,000", right=end.right))
    expected = {n: 1000 * v for n, v in zip(NAMES, VALUES, strict=True)}
    assert _values(sheet.read()) == pytest.approx(expected, abs=400)


def _legend(sheet: Sheet, colors: dict) -> None:
    for k, (name, color) in enumerate(colors.items()):
        sheet.box(180 + 120 * k, 445, 204 + 120 * k, 455, color)
        sheet.text(name, 235 + 120 * k, 450)


@pytest.mark.parametrize(
    "colors",
    [
        {"Cats": BLUE, "Dogs": ORANGE},
        {"Cats": (171, 171, 171), "Dogs": (89, 89, 89)},
    ],
    ids=["hues", "grays"],
)
def test_grouped_bars(sheet: Sheet, colors: dict) -> None:
    for shift, (step, color) in enumerate(zip((5, 3), colors.values(), strict=True)):
        for k, value in enumerate(VALUES):
            sheet.box(115 + 120 * k + 35 * shift, 400 - step * value, 150 + 120 * k + 35 * shift, 400, color)
    _names(sheet)
    _legend(sheet, colors)
    chart = sheet.read()
    assert (chart.kind, [s.name for s in chart.series]) == ("grouped bar", ["Cats", "Dogs"])
    assert _values(chart, 0) == pytest.approx(dict(zip(NAMES, VALUES, strict=True)), abs=0.4)
    assert _values(chart, 1) == pytest.approx(
        {n: 0.6 * v for n, v in zip(NAMES, VALUES, strict=True)}, abs=0.4
    )


def test_stacked_bars_give_each_part_its_own_length(sheet: Sheet) -> None:
    for k, value in enumerate(VALUES):
        sheet.box(120 + 120 * k, 400 - 3 * value, 180 + 120 * k, 400, BLUE)
        sheet.box(120 + 120 * k, 400 - 5 * value, 180 + 120 * k, 400 - 3 * value, GREEN)
    _names(sheet)
    _legend(sheet, {"Cats": BLUE, "Dogs": GREEN})
    chart = sheet.read()
    assert (chart.kind, [s.name for s in chart.series]) == ("stacked bar", ["Cats", "Dogs"])
    for series, share in ((0, 0.6), (1, 0.4)):
        wanted = {n: share * v for n, v in zip(NAMES, VALUES, strict=True)}
        assert _values(chart, series) == pytest.approx(wanted, abs=0.5)


def test_names_run_together_that_cannot_be_told_apart_are_left_out(sheet: Sheet) -> None:
    for k, value in enumerate(VALUES):
        sheet.box(120 + 120 * k, 400 - 5 * value, 180 + 120 * k, 400)
    _names(sheet)
    right = sheet.lines[-1].right
    del sheet.lines[-2:]
    sheet.lines[-1] = replace(sheet.lines[-1], text="RomParisnna", right=right)
    chart = sheet.read()
    assert [p.label for p in chart.series[0].points] == ["Oslo", None, None, None]
    assert chart.unsure == ("The names of 3 bars could not be read.",)


def test_a_short_first_bar_is_in_the_plot() -> None:
    sheet = Sheet()
    sheet.pixels[399:401, 80:600] = 0
    sheet.x_ticks()
    for k, (name, value) in enumerate({"Oslo": 8, "Rome": 45, "Paris": 30, "Vienna": 50}.items()):
        sheet.box(80, 70 + 80 * k, 80 + 10 * value, 130 + 80 * k)
        sheet.text(name, 50, 100 + 80 * k)
    assert _values(sheet.read()) == pytest.approx({"Oslo": 8, "Rome": 45, "Paris": 30, "Vienna": 50}, abs=0.4)


def test_names_run_together_are_parted_at_their_bars(sheet: Sheet) -> None:
    for k, value in enumerate(VALUES):
        sheet.box(120 + 120 * k, 400 - 5 * value, 180 + 120 * k, 400)
    sheet.lines.append(TextLine("OsloRome Paris Vienna", 130, 410, 540, 428, 0.99))
    assert _values(sheet.read()) == pytest.approx(dict(zip(NAMES, VALUES, strict=True)), abs=0.4)


def test_bars_that_a_grid_line_cuts_along_are_whole(sheet: Sheet) -> None:
    for k, value in enumerate(VALUES):
        sheet.box(120 + 120 * k, 400 - 5 * value, 180 + 120 * k, 400)
        sheet.box(149 + 120 * k, 400 - 5 * value, 151 + 120 * k, 400, (120, 150, 190))
    _names(sheet)
    assert _values(sheet.read()) == pytest.approx(dict(zip(NAMES, VALUES, strict=True)), abs=0.4)


def test_outlines_of_another_color_are_no_bars_of_their_own(sheet: Sheet) -> None:
    for k, value in enumerate(VALUES):
        sheet.box(117 + 120 * k, 397 - 5 * value, 183 + 120 * k, 400, ORANGE)
        sheet.box(120 + 120 * k, 400 - 5 * value, 180 + 120 * k, 400)
    _names(sheet)
    assert len(sheet.read().series[0].points) == len(VALUES)


def test_a_name_of_a_bar_too_short_to_see_stops_the_conclusion() -> None:
    sheet = Sheet()
    sheet.frame()
    sheet.x_ticks()
    for k, (name, value) in enumerate(
        zip(("Cow", "Pig", "Dog", "Cat", "Hen", "Snail"), (45, 17, 30, 28, 22, 0), strict=True)
    ):
        sheet.box(81, 70 + 55 * k, 81 + 10 * value, 100 + 55 * k)
        sheet.text(name, 50, 85 + 55 * k)
    chart = sheet.read()
    assert chart.partial
    assert chart.unsure == ("No bar could be found for Snail.",)


def test_bars_on_a_scale_that_names_every_second_year_have_their_own(sheet: Sheet) -> None:
    for k in range(5):
        sheet.box(130 + 90 * k, 300 - 40 * k, 170 + 90 * k, 400)
        if k % 2 == 0:
            sheet.text(str(2010 + k), 150 + 90 * k, 415)
    assert [p.label for p in sheet.read().series[0].points] == [str(2010 + k) for k in range(5)]


def test_years_between_the_ticks_give_no_names(sheet: Sheet) -> None:
    for k in range(8):
        sheet.box(130 + 55 * k, 300 - 20 * k, 160 + 55 * k, 400)
    for k in range(3):
        sheet.text(str(2010 + k), 145 + 180 * k, 415)
    assert [p.label for p in sheet.read().series[0].points] == [None] * 8


def test_days_with_a_dot_are_no_numbers(sheet: Sheet) -> None:
    for k, day in enumerate(("30.05", "31.05", "01.06", "02.06", "03.06", None)):
        sheet.box(120 + 75 * k, 300 - 20 * k, 160 + 75 * k, 400)
        if day:
            sheet.text(day, 140 + 75 * k, 415)
    chart = sheet.read()
    assert not chart or {p.label for p in chart.series[0].points} <= {
        "30.05",
        "31.05",
        "01.06",
        "02.06",
        "03.06",
        None,
    }
