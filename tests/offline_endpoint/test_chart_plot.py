"""The plot and its lines: everything round the marks, and lines read from it; drawn, without OCR."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from offline_endpoint.reading.chart.axes import fit_axis
from offline_endpoint.reading.chart.dots import Dot
from offline_endpoint.reading.chart.line_chart import read_lines
from offline_endpoint.reading.chart.plot import Plot, axis_value, find_plot
from offline_endpoint.reading.chart.traces import Trace, find_places, find_trace
from offline_endpoint.reading.text import TextLine
from tests.offline_endpoint.chart_pictures import BLUE, BOTTOM, DARK, GRAY, RED, Drawn

UP, DOWN = [5, 10, 20, 30, 38], [38, 25, 18, 12, 2]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May"]


def _plot(drawn: Drawn) -> Plot:
    plot = find_plot(drawn.picture())
    assert plot is not None
    return plot


def test_a_plot_has_axes_words_layers_and_legend() -> None:
    drawn = Drawn().frame().line(UP, BLUE).line(DOWN, RED).legend({"North": BLUE, "South": RED})
    drawn.text("What was sold", 260, 20)
    drawn.text("Week", 310, BOTTOM + 40)
    plot = _plot(drawn)
    assert plot.x_axis is not None
    assert plot.y_axis is not None
    assert plot.x_axis.value(220) == pytest.approx(1, abs=0.03)
    assert plot.y_axis.value(BOTTOM - 30 - 120) == pytest.approx(20, abs=0.3)
    assert plot.words.title is not None
    assert plot.words.title.text == "What was sold"
    assert plot.words.x_label is not None
    assert plot.words.x_label.text == "Week"
    assert [plot.name(e.layer) for e in plot.legend] == ["North", "South"]
    assert plot.name(99) is None


def test_a_legend_of_years_under_the_plot_is_no_axis() -> None:
    drawn = Drawn().frame(MONTHS)
    for k, (year, color) in enumerate({"2022": BLUE, "2023": RED, "2024": DARK}.items()):
        drawn.legend({year: color}, x=220 + 100 * k, y=395)
    plot = _plot(drawn.line(UP, BLUE).line(DOWN, RED).line([20, 21, 19, 22, 20], DARK))
    assert plot.x_axis is None
    assert [t.text for t in plot.words.below] == MONTHS
    assert [e.name for e in plot.legend] == ["2022", "2023", "2024"]


def test_a_legend_of_years_under_dates_leaves_the_dates_as_the_axis() -> None:
    days = ["2021-01-01", "2021-01-11", "2021-01-21", "2021-01-31"]
    drawn = Drawn().frame(days)
    for k, (year, color) in enumerate({"2022": BLUE, "2023": RED, "2024": DARK, "2025": GRAY}.items()):
        drawn.legend({year: color}, x=220 + 90 * k, y=395)
    plot = _plot(drawn)
    assert plot.x_axis is not None
    assert plot.x_axis.scale == "date"
    assert [t.text for t in plot.x_axis.ticks] == days


@pytest.mark.parametrize("text", ["", "1e6", "a page of words"])
def test_without_axes_there_is_no_plot(text: str) -> None:
    drawn = Drawn()
    if text:
        drawn.text(text, 200, 200)
    assert find_plot(drawn.picture()) is None


def test_values_are_rounded_to_what_a_pixel_is_worth() -> None:
    labels = [TextLine(str(v), 0, 0, 10, 10, 1.0) for v in (0, 10, 20)]
    axis = fit_axis(labels, [300.0, 200.0, 100.0])
    assert axis is not None
    assert axis_value(axis, 253.0) == 4.7


def test_lines_over_names_are_read_at_the_names_under_their_own_names() -> None:
    drawn = Drawn().frame(MONTHS).line(UP, GRAY).line(DOWN, DARK).legend({"Birds": GRAY, "Fish": DARK})
    chart = read_lines(_plot(drawn)).chart
    assert chart is not None
    assert (chart.kind, chart.x_scale, chart.unsure) == ("line", "category", ())
    assert [s.name for s in chart.series] == ["Birds", "Fish"]
    for series, values in zip(chart.series, (UP, DOWN), strict=True):
        assert [p.label for p in series.points] == MONTHS
        assert [p.y for p in series.points] == pytest.approx(values, abs=0.6)


def test_a_name_without_its_line_is_said_to_be_unsure() -> None:
    drawn = Drawn().frame().line(UP, BLUE).line(DOWN, RED)
    chart = read_lines(_plot(drawn.legend({"North": BLUE, "South": RED, "East": (44, 160, 44)}))).chart
    assert chart is not None
    assert [s.name for s in chart.series] == ["North", "South"]
    assert chart.unsure == ("The legend names East too, but no line in that color could be followed.",)


def test_lines_without_names_are_said_to_be_unsure() -> None:
    chart = read_lines(_plot(Drawn().frame().line(UP, BLUE).line(DOWN, RED))).chart
    assert chart is not None
    assert [s.name for s in chart.series] == [None, None]
    assert chart.unsure == ("Not every line could be given a name.",)


def test_an_empty_frame_gives_no_lines() -> None:
    assert read_lines(_plot(Drawn().frame())) is None


def test_a_trace_passes_a_stretch_that_another_line_hides_and_leaves_specks() -> None:
    mask = np.zeros((300, 400), np.uint8)
    cv2.line(mask, (20, 250), (380, 70), 1, 2)
    mask[:, 180:210] = 0
    mask[20:28, 60:68] = 1
    mask[240:246, 392:398] = 1
    trace = find_trace(mask > 0, 100)
    assert trace is not None
    assert (trace.left, trace.right) == pytest.approx((20, 380), abs=2)
    assert trace.at(195, 12) == pytest.approx(162.5, abs=1.5)
    assert np.abs(np.diff(trace.heights) / np.diff(trace.columns)).max() < 2.5


def test_a_trace_keeps_to_one_of_two_lines() -> None:
    mask = np.zeros((300, 400), np.uint8)
    cv2.line(mask, (20, 250), (380, 200), 1, 2)
    cv2.line(mask, (20, 60), (120, 60), 1, 2)
    trace = find_trace(mask > 0, 100)
    assert trace is not None
    assert trace.heights.min() > 190


def test_past_its_end_a_trace_is_drawn_out_as_far_as_allowed() -> None:
    trace = Trace(np.arange(100, 201, dtype=float), np.arange(100, 201, dtype=float) * 0.5)
    assert trace.at(210, 8, 12) == pytest.approx(105)
    assert trace.at(210, 8) is None
    assert trace.at(92, 8) == pytest.approx(46)


def _dots(places: list[float]) -> list[Dot]:
    return [Dot(x, 50.0, 8.0, 8.0, 50.0) for x in places]


def _flat(right: float = 400.0) -> Trace:
    columns = np.arange(100.0, right + 1)
    return Trace(columns, np.full(len(columns), 50.0))


def test_marks_of_lines_that_share_no_steps_all_count() -> None:
    marks = [_dots([100.0, 170.0, 290.0]), _dots([100.0, 230.0, 400.0])]
    assert find_places([_flat()] * 2, marks, []) == [100, 170, 230, 290, 400]
