"""Words: what each text line of a drawn chart is for."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from offline_endpoint.reading.chart.canvas import prepare
from offline_endpoint.reading.chart.frame import Frame
from offline_endpoint.reading.chart.words import sort_words, spacing
from tests.offline_endpoint.drawn import Sheet


def _words(sheet: Sheet, notes=()):
    frame = Frame(80, 50, 600, 400, np.array([255, 255, 255], np.int16))
    return sort_words(prepare(sheet.pixels, sheet.lines), frame, None, None, set(notes))


@pytest.fixture
def sheet() -> Sheet:
    sheet = Sheet()
    sheet.frame()
    sheet.text("Sales by region", 340, 25)
    for k, name in enumerate(("North", "South", "East")):
        sheet.text(name, 160 + 180 * k, 415)
    sheet.text("Region", 340, 450)
    sheet.upright("Sales (EUR)", 20, 225)
    for k in range(4):
        sheet.text(str(20 * k), 60, 400 - 100 * k)
    sheet.text("Alpha", 300, 200)
    return sheet


def test_each_line_has_its_part(sheet: Sheet) -> None:
    words = _words(sheet)
    assert (words.title.text, words.x_label.text, words.y_label.text) == (
        "Sales by region",
        "Region",
        "Sales (EUR)",
    )
    assert [t.text for t in words.below] == ["North", "South", "East"]
    assert [t.text for t in words.beside] == ["60", "40", "20", "0"]
    assert [t.text for t in words.free] == ["Alpha"]


def test_a_row_of_names_under_the_plot_is_no_axis_label(sheet: Sheet) -> None:
    label = next(t for t in sheet.lines if t.text == "Region")
    sheet.lines.remove(label)
    for k, name in enumerate(("Cats", "Dogs", "Birds")):
        sheet.text(name, 260 + 80 * k, 450)
    words = _words(sheet)
    assert words.x_label is None
    assert {"Cats", "Dogs", "Birds"} <= {t.text for t in words.free}


def test_a_picture_without_text_has_no_words() -> None:
    words = _words(Sheet())
    assert (words.title, words.x_label, words.y_label, words.below, words.beside, words.free) == (
        None,
        None,
        None,
        (),
        (),
        (),
    )


def test_spacing_is_the_usual_distance() -> None:
    assert spacing([10, 30, 50, 90]) == 20
    assert spacing([10, 10]) == math.inf
    assert spacing([]) == math.inf


def test_dates_whose_gaps_cannot_be_told_stay_one_line() -> None:
    sheet = Sheet()
    drawn = sheet.text("01 Nov 20 23 01Jan2024", 200, 300)
    line = replace(drawn, text="01 Nov 2023 01 Jan 2024")
    assert prepare(sheet.pixels, [line]).lines == (line,)


def test_a_sample_in_the_box_of_a_name_does_not_part_its_words() -> None:
    sheet = Sheet()
    sheet.box(140, 297, 175, 301, (44, 160, 44))
    name = sheet.text("Model C", 220, 300)
    line = replace(name, left=138.0)
    assert prepare(sheet.pixels, [line]).lines == (line,)
