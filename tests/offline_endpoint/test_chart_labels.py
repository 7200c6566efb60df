"""Printed labels: numbers, powers and dates."""

from __future__ import annotations

import datetime

import pytest

from offline_endpoint.reading.chart.labels import (
    parse_date,
    parse_number,
    parse_power,
    part_words,
)


def _days(*date: int) -> float:
    return float((datetime.date(*date) - datetime.date(1970, 1, 1)).days)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("0.25", 0.25),
        (".5", 0.5),
        ("2,5", 2.5),
        ("1,200", 1200),
        ("1,234,567", 1234567),
        ("12 000", 12000),
        ("\u22123.5", -3.5),
        ("\u20137", -7),
        ("-$40", -40),
        ("$1.5M", 1.5e6),
        ("20k", 20000),
        ("20 K", 20000),
        ("3B", 3e9),
        ("1e6", 1e6),
        ("2.5e-3", 0.0025),
        ("1O0", 100),
    ],
)
def test_numbers_are_read(text: str, value: float) -> None:
    number = parse_number(text)
    assert number is not None
    assert number.value == pytest.approx(value)
    assert not number.percent


@pytest.mark.parametrize(("text", "value"), [("45%", 45), ("2.5 %", 2.5), ("\u221210%", -10)])
def test_percent_keeps_its_figure(text: str, value: float) -> None:
    number = parse_number(text)
    assert number is not None
    assert (number.value, number.percent) == (value, True)


@pytest.mark.parametrize(
    "text", ["", "Berlin", "Q1", "12 apples", "1.2.3", "--4", "GPT-4", "2021-03-01", "%", "1 2 3"]
)
def test_other_text_is_no_number(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("102", 100),
        ("10-3", 0.001),
        ("10\u00b0", 1),
        ("10\u00b2", 100),
        ("10^6", 1e6),
        ("100", 1),
        ("1012", 1e12),
    ],
)
def test_powers_of_ten_whose_exponent_fell_on_the_line(text: str, value: float) -> None:
    assert parse_power(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["20", "10", "1000000", "ten"])
def test_other_text_is_no_power(text: str) -> None:
    assert parse_power(text) is None


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2021-03-05", (2021, 3, 5)),
        ("2021-03", (2021, 3, 1)),
        ("05 Mar 2021", (2021, 3, 5)),
        ("05Mar2021", (2021, 3, 5)),
        ("Mar 5, 2021", (2021, 3, 5)),
        ("March 2021", (2021, 3, 1)),
    ],
)
def test_dates_are_day_numbers(text: str, date: tuple[int, int, int]) -> None:
    assert parse_date(text) == _days(*date)


@pytest.mark.parametrize("text", ["2021", "Mar", "31 Feb 2021", "2021-13-01", "Marathon 2021 x", "12"])
def test_other_text_is_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("20,000 80,000 100,000120,000", ["20,000", "80,000", "100,000", "120,000"]),
        ("8,00010,000", ["8,000", "10,000"]),
        ("0k2.5k5k", ["0k", "2.5k", "5k"]),
        ("10%20%", ["10%", "20%"]),
        ("0.00.5", ["0.0", "0.5"]),
        ("0.250.50", ["0.25", "0.50"]),
        ("JanFebMar", ["Jan", "Feb", "Mar"]),
    ],
)
def test_labels_run_together_come_apart(text: str, words: list[str]) -> None:
    assert part_words(text) == words


@pytest.mark.parametrize(
    "text", ["1,234,567", "12.5", "1.2.3", "20192044", "20202020", "12345678", "Monkeys"]
)
def test_one_word_stays_one(text: str) -> None:
    assert part_words(text) == [text]
