"""Axes: labels fitted to a scale."""

from __future__ import annotations

import numpy as np
import pytest

from offline_endpoint.reading.chart.axes import find_axes, fit_axis
from offline_endpoint.reading.chart.canvas import Canvas
from offline_endpoint.reading.text import TextLine


def _line(text: str, at: float = 0.0) -> TextLine:
    return TextLine(text, at - 5, 0, at + 5, 10, 1.0)


def _fit(labels: dict[str, float], raised: bool = False):
    return fit_axis([_line(t, at) for t, at in labels.items()], list(labels.values()), [raised] * len(labels))


def test_linear_labels_give_a_linear_axis() -> None:
    axis = _fit({"0": 300, "20": 200, "40": 100})
    assert axis is not None
    assert axis.scale == "linear"
    assert axis.value(150) == pytest.approx(30)
    assert axis.pixel(10) == pytest.approx(250)


def test_labels_that_grow_by_factors_give_a_log_axis() -> None:
    axis = _fit({"1": 0, "10": 100, "100": 200, "1000": 300})
    assert axis is not None
    assert axis.scale == "log"
    assert axis.value(150) == pytest.approx(10**1.5)


def test_two_powers_of_ten_are_taken_as_log() -> None:
    axis = _fit({"10": 0, "100": 100})
    assert axis is not None
    assert axis.scale == "log"


def test_raised_exponents_are_powers_and_plain_figures_are_not() -> None:
    labels = {"100": 0.0, "101": 100.0, "102": 200.0}
    raised, plain = _fit(labels, raised=True), _fit(labels)
    assert raised is not None
    assert plain is not None
    assert (raised.scale, plain.scale) == ("log", "linear")
    assert raised.value(100) == pytest.approx(10)
    assert plain.value(100) == pytest.approx(101)


@pytest.mark.parametrize("labels", [("10\u00b0", "10^2", "102"), ("100", "101", "10\u00b22")])
def test_a_power_misread_among_three_is_left_out(labels: tuple[str, ...]) -> None:
    lines, places = [_line(t, 100.0 * k) for k, t in enumerate(labels)], [0.0, 100.0, 200.0]
    axis = fit_axis(lines, places, [True] * 3)
    assert axis is not None
    assert axis.scale == "log"
    assert [axis.value(at) for at in places] == pytest.approx([1, 10, 100])


def test_a_misread_label_does_no_harm() -> None:
    axis = _fit({"0": 400, "10": 300, "70": 200, "30": 100, "40": 0})
    assert axis is not None
    assert axis.value(200) == pytest.approx(20)
    assert [t.text for t in axis.ticks] == ["40", "30", "10", "0"]


def test_dates_are_days() -> None:
    axis = _fit({"2021-01-01": 0, "2021-01-11": 100, "2021-01-21": 200})
    assert axis is not None
    assert axis.scale == "date"
    assert axis.value(50) == pytest.approx(axis.value(0) + 5)


def test_percent_signs_and_suffixes_are_understood() -> None:
    percent, thousands = _fit({"10%": 0, "20%": 100, "30%": 200}), _fit({"0": 0, "5k": 100, "10k": 200})
    assert percent is not None
    assert thousands is not None
    assert percent.percent
    assert thousands.value(150) == pytest.approx(7500)


@pytest.mark.parametrize("labels", [{}, {"5": 10.0}, {"a": 0.0, "b": 100.0}, {"5": 0.0, "five": 100.0}])
def test_too_few_labels_are_no_axis(labels: dict[str, float]) -> None:
    assert _fit(labels) is None


def test_grid_places_fill_in_for_unread_ticks() -> None:
    axis = _fit({"0": 100, "1": 200, "3": 400})
    assert axis is not None
    assert axis.grid(0, 500) == pytest.approx([0, 100, 200, 300, 400, 500])


def test_a_tick_mark_read_as_a_figure_does_not_hide_the_axis() -> None:
    lines = [TextLine(str(50 * k), 95 + 100 * k, 200, 105 + 100 * k, 212, 0.99) for k in range(5)]
    mark = TextLine("1", 98, 198, 102, 204, 0.56)
    picture = Canvas(np.full((300, 600, 3), 255, np.uint8), (), 12.0, np.full(3, 255))
    axis, _ = find_axes([*lines, mark], picture)
    assert axis is not None
    assert [t.text for t in axis.ticks] == ["0", "50", "100", "150", "200"]
