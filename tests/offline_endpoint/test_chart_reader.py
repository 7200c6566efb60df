"""Whole charts, drawn with known data and read with the real OCR."""

from __future__ import annotations

import io

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from offline_endpoint.reading.chart import Chart, read_chart
from offline_endpoint.reading.text import read_text


@pytest.fixture
def axes():
    plt.rcdefaults()
    figure, axes = plt.subplots(figsize=(8, 5), dpi=100)
    yield axes
    plt.close(figure)


def _read(axes) -> Chart:
    buffer = io.BytesIO()
    axes.figure.savefig(buffer, format="png")
    pixels = np.asarray(Image.open(buffer).convert("RGB"))
    chart = read_chart(pixels, read_text(pixels))
    assert chart is not None
    return chart


SIZES = {"Alpha-2": (3.8, 61.0), "Beta-7B": (7.0, 64.5), "Gamma-14B": (14.0, 71.2), "Delta-70B": (70.0, 78.9)}


@pytest.mark.parametrize("logarithmic", [False, True])
def test_labeled_scatter(axes, logarithmic: bool) -> None:
    axes.scatter([x for x, _ in SIZES.values()], [y for _, y in SIZES.values()])
    for name, place in SIZES.items():
        axes.annotate(name, place, xytext=(6, 4), textcoords="offset points")
    if logarithmic:
        axes.set_xscale("log")
    axes.margins(0.15)
    axes.set(title="Quality and size", xlabel="Parameters (billions)", ylabel="Score")
    chart = _read(axes)
    assert (chart.kind, chart.x_scale) == ("scatter", "log" if logarithmic else "linear")
    assert (chart.title, chart.x_label, chart.y_label) == (
        "Quality and size",
        "Parameters (billions)",
        "Score",
    )
    points = {p.label: p for p in chart.series[0].points}
    assert set(points) == set(SIZES)
    for name, (x, y) in SIZES.items():
        assert points[name].x == pytest.approx(x, rel=0.03, abs=0.5)
        assert points[name].y == pytest.approx(y, abs=0.2)


@pytest.mark.parametrize("upright", [True, False])
def test_bars(axes, upright: bool) -> None:
    values = {"Oslo": 12.5, "Rome": 31.0, "Paris": 24.5, "Vienna": -6.0}
    (axes.bar if upright else axes.barh)(list(values), list(values.values()))
    (axes.set_ylabel if upright else axes.set_xlabel)("Sales")
    chart = _read(axes)
    assert (chart.kind, chart.x_scale, chart.y_label) == ("bar", "category", "Sales")
    assert {p.label: p.y for p in chart.series[0].points} == pytest.approx(values, abs=0.3)
    assert all(p.x is None for p in chart.series[0].points)


def test_lines_with_markers_and_legend(axes) -> None:
    years = np.arange(2016, 2024)
    lines = {"North": np.array([3, 4, 6, 5, 8, 9, 8, 11.0]), "South": np.array([9, 8, 8, 7, 5, 4, 4.5, 3.0])}
    for name, values in lines.items():
        axes.plot(years, values, marker="o", label=name)
    axes.legend()
    chart = _read(axes)
    assert chart.kind == "line"
    assert {s.name for s in chart.series} == set(lines)
    for series in chart.series:
        assert [p.x for p in series.points] == pytest.approx(years, abs=0.06)
        assert [p.y for p in series.points] == pytest.approx(lines[series.name], abs=0.12)


def test_one_line_over_months(axes) -> None:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
    values = [120, 180, 150, 90, 210, 260]
    axes.plot(months, values, marker="s")
    chart = _read(axes)
    assert (chart.kind, chart.x_scale) == ("line", "category")
    assert {p.label: p.y for p in chart.series[0].points} == pytest.approx(
        dict(zip(months, values, strict=True)), abs=2
    )


def test_an_empty_plot_has_no_data(axes) -> None:
    axes.set(xlim=(0, 10), ylim=(0, 100), title="Nothing yet")
    buffer = io.BytesIO()
    axes.figure.savefig(buffer, format="png")
    pixels = np.asarray(Image.open(buffer).convert("RGB"))
    assert not read_chart(pixels, read_text(pixels))


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4)])
def test_other_arrays_are_refused_with_a_sentence(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="height, width, 3"):
        read_chart(np.zeros(shape, np.uint8), [])


def test_a_picture_without_text_is_no_chart() -> None:
    assert read_chart(np.full((200, 300, 3), 255, np.uint8), []).sort == "blank picture"


@pytest.mark.parametrize("stacked", [False, True])
def test_several_bars_a_category(axes, stacked: bool) -> None:
    names, values = ["Oslo", "Rome", "Paris"], {"2023": [10, 24, 31], "2024": [18, 20, 9]}
    for k, (group, heights) in enumerate(values.items()):
        if stacked:
            axes.bar(names, heights, bottom=values["2023"] if k else None, label=group)
        else:
            axes.bar(np.arange(3) + 0.4 * k, heights, 0.4, label=group)
    if not stacked:
        axes.set_xticks(np.arange(3) + 0.2, names)
    axes.set_ylim(0, 60)
    axes.legend()
    chart = _read(axes)
    assert chart.kind == ("stacked bar" if stacked else "grouped bar")
    for series in chart.series:
        assert {p.label: p.y for p in series.points} == pytest.approx(
            dict(zip(names, values[series.name], strict=True)), abs=0.4
        )


def test_bare_line_over_dates(axes) -> None:
    days = np.arange("2021-01-01", "2021-07-01", 30, dtype="datetime64[D]")
    values = [3, 9, 4, 8, 2, 7, 5]
    axes.plot(days, values)
    axes.set_xticks(days[::2], [str(d) for d in days[::2]])
    chart = _read(axes)
    assert (chart.kind, chart.x_scale) == ("line", "date")
    assert [p.x for p in chart.series[0].points] == pytest.approx(days.astype(int), abs=2)
    assert [p.y for p in chart.series[0].points] == pytest.approx(values, abs=0.2)


def test_pie_with_printed_shares(axes) -> None:
    shares = {"Hydro": 45.0, "Wind": 30.5, "Solar": 24.5}
    axes.pie(list(shares.values()), labels=list(shares), autopct="%.1f%%")
    chart = _read(axes)
    assert (chart.kind, chart.percent) == ("pie", True)
    assert {p.label: p.y for p in chart.series[0].points} == shares
    assert not any(p.estimated for p in chart.series[0].points)


def test_table(axes) -> None:
    rows = {"Oslo": ["12.5", "1,200"], "Rome": ["31", "950"], "Paris": ["24", "2,480"]}
    axes.axis("off")
    axes.table([[n, *v] for n, v in rows.items()], colLabels=["City", "Score", "Users"], loc="center").scale(
        1, 1.6
    )
    chart = _read(axes)
    assert chart.kind == "table"
    assert {s.name: {p.label: p.y for p in s.points} for s in chart.series} == {
        "Score": {"Oslo": 12.5, "Rome": 31.0, "Paris": 24.0},
        "Users": {"Oslo": 1200.0, "Rome": 950.0, "Paris": 2480.0},
    }
