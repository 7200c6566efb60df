"""What a reading must explain, what speaks against one, and that odd charts give no invented values."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offline_endpoint.reading.chart import DETECTORS, KINDS, Declined, read_chart
from offline_endpoint.reading.chart.labels import parse_quantity, read_numbers
from tests.offline_endpoint.drawn import BLUE, GREEN, ORANGE, Sheet

NAMES = ("Oslo", "Rome", "Paris", "Vienna")


def _bars(sheet: Sheet, values: list[float], names: tuple[str, ...] = NAMES) -> None:
    for k, value in enumerate(values):
        sheet.box(120 + 120 * k, round(400 - 5 * value), 180 + 120 * k, 400)
    for k, name in enumerate(names):
        sheet.text(name, 150 + 120 * k, 418)


def _declined(sheet: Sheet) -> str:
    found = read_chart(sheet.pixels, sheet.lines)
    assert isinstance(found, Declined)
    assert not found
    assert found.reason
    return found.reason


def test_each_kind_of_one_detector_has_a_name_and_its_nouns() -> None:
    assert len(KINDS) == sum(len(detector.kinds) for detector in DETECTORS)
    assert all(kind.mark and kind.marks and kind.mark != kind.marks for kind in KINDS.values())


def test_values_on_bars_need_no_axis() -> None:
    sheet = Sheet()
    for k, (name, value) in enumerate(zip(NAMES, (36, 33, 47, 52), strict=True)):
        sheet.box(200, 100 + 50 * k, 200 + 5 * value, 130 + 50 * k)
        sheet.text(name, 150, 115 + 50 * k)
        sheet.text(str(value), 220 + 5 * value, 115 + 50 * k)
    chart = read_chart(sheet.pixels, sheet.lines)
    assert {p.label: p.y for p in chart.series[0].points} == dict(zip(NAMES, (36, 33, 47, 52), strict=True))
    assert not any(p.estimated for p in chart.series[0].points)


def test_numbers_that_the_lengths_do_not_prove_are_no_values() -> None:
    sheet = Sheet()
    for k, (name, value) in enumerate(zip(NAMES, (36, 12, 47, 52), strict=True)):
        sheet.box(200, 100 + 50 * k, 200 + 5 * (36, 90, 20, 71)[k], 130 + 50 * k)
        sheet.text(name, 150, 115 + 50 * k)
        sheet.text(str(value), 225 + 5 * (36, 90, 20, 71)[k], 115 + 50 * k)
    assert not read_chart(sheet.pixels, sheet.lines)


def test_printed_values_that_contradict_the_axis(sheet: Sheet) -> None:
    _bars(sheet, [20, 35, 50, 30])
    for k, (value, printed) in enumerate(zip((20, 35, 50, 30), (52, 11, 23, 58), strict=True)):
        sheet.text(str(printed), 150 + 120 * k, 390 - 5 * value)
    assert "printed values" in _declined(sheet)


def test_fewer_bars_than_labels(sheet: Sheet) -> None:
    for k in range(8):
        sheet.text(f"City{k}", 110 + 60 * k, 418)
    for k in (0, 2, 3):
        sheet.box(95 + 60 * k, 200 + 20 * k, 125 + 60 * k, 400)
    assert "8 labels but only 3 bars" in _declined(sheet)


def test_the_same_label_twice(sheet: Sheet) -> None:
    _bars(sheet, [20, 35, 50, 30], ("Oslo", "Rome", "Oslo", "Vienna"))
    assert '"Oslo" twice' in _declined(sheet)


def test_a_second_axis(sheet: Sheet) -> None:
    _bars(sheet, [20, 35, 50, 30])
    for k in range(4):
        sheet.text(f"{25 * k}", 622, 400 - 100 * k)
    assert "second axis" in _declined(sheet)


def test_bars_that_float(sheet: Sheet) -> None:
    for k, (low, high) in enumerate(((0, 20), (20, 45), (30, 45), (10, 30))):
        sheet.box(120 + 120 * k, 400 - 5 * high, 160 + 120 * k, 400 - 5 * low)
        sheet.text(NAMES[k], 140 + 120 * k, 418)
    assert "start at different places" in _declined(sheet)


def test_an_area(sheet: Sheet) -> None:
    sheet.x_ticks()
    edge = [(80, 300), (200, 180), (330, 260), (450, 120), (599, 200)]
    cv2.fillPoly(sheet.pixels, [np.array([*edge, (599, 399), (80, 399)], np.int32)], BLUE)
    assert "area chart" in _declined(sheet)


def test_a_color_of_the_legend_that_no_bar_has(sheet: Sheet) -> None:
    _bars(sheet, [20, 35, 50, 30])
    for k, (name, color) in enumerate((("North", BLUE), ("South", ORANGE))):
        sheet.box(300 + 120 * k, 440, 312 + 120 * k, 452, color)
        sheet.text(name, 345 + 120 * k, 446)
    cv2.polylines(
        sheet.pixels, [np.array([(150, 120), (270, 300), (390, 90), (510, 330)], np.int32)], False, ORANGE, 4
    )
    assert "South" in _declined(sheet)


def test_a_cut_axis_is_said() -> None:
    sheet = Sheet()
    sheet.frame()
    for k in range(4):
        sheet.text(str(100 + 20 * k), 60, 400 - 100 * k)
    _bars(sheet, [20, 35, 50, 30])
    chart = read_chart(sheet.pixels, sheet.lines)
    assert [p.y for p in chart.series[0].points] == pytest.approx([120, 135, 150, 130], abs=0.5)
    assert "starts at 100" in chart.unusual[0]


def test_braces_in_labels_do_no_harm(sheet: Sheet) -> None:
    _bars(sheet, [20, 35, 50, 30], ("A{x}", "{0}", "{}", "Vienna"))
    chart = read_chart(sheet.pixels, sheet.lines)
    assert chart.series[0].points[0].label == "A{x"


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("8 years", 8, "years"),
        ("4.26t", 4.26, "t"),
        ("1,000 m³", 1000, "m³"),
        ("20 million tonnes", 2e7, "tonnes"),
        ("1.5 kg", 1.5, "kg"),
    ],
)
def test_numbers_with_units(text: str, value: float, unit: str) -> None:
    number = parse_quantity(text)
    assert (number.value, number.unit) == (value, unit)


def test_units_count_where_most_labels_carry_them() -> None:
    assert [n.value for n in read_numbers(["0 t", "1 t", "2t"])] == [0, 1, 2]
    assert read_numbers(["5 Apples", "Pears", "Plums"]) == [None, None, None]


@settings(max_examples=15, deadline=None)
@given(
    tops=st.lists(st.integers(3, 58), min_size=2, max_size=4),
    feet=st.lists(st.integers(0, 2), min_size=4, max_size=4),
    named=st.lists(st.booleans(), min_size=4, max_size=4),
    colors=st.lists(st.sampled_from([BLUE, ORANGE, GREEN]), min_size=4, max_size=4),
)
def test_odd_bars_give_no_invented_values(tops: list, feet: list, named: list, colors: list) -> None:
    sheet = Sheet()
    sheet.frame()
    sheet.y_ticks()
    for k, top in enumerate(tops):
        foot = 400 if feet[k] < 2 else 360
        sheet.box(120 + 120 * k, min(400 - 5 * top, foot - 6), 180 + 120 * k, foot, colors[k])
    for k, name in enumerate(NAMES):
        if named[k]:
            sheet.text(name, 150 + 120 * k, 418)
    chart = read_chart(sheet.pixels, sheet.lines)
    for series in chart.series if chart else ():
        for point in series.points:
            own = [t for k, t in enumerate(tops) if point.label in (None, NAMES[k])]
            assert any(abs(point.y - t) < 1.5 for t in own)
