"""Every sample chart is read as it was drawn: all points found, none missed, none invented."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from offline_endpoint.reading.chart import Declined, read_chart
from offline_endpoint.reading.text import read_text
from workbench.score import score

CHARTS = Path(__file__).parents[2] / "data" / "charts"
# In the chart the months are cut to three letters.
LABELS = {"library_visitors": lambda label: label[:3]}


def read(path):
    pixels = np.asarray(Image.open(path).convert("RGB"))
    return read_chart(pixels, read_text(pixels))


def rows(name):
    with (CHARTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def points(series):
    return [{"label": point.label, "x": point.x, "y": point.y} for point in series.points]


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_quality_and_size(ending):
    chart = read(CHARTS / f"model_quality_vs_size.{ending}")
    truth = [
        {"label": row[0], "x": float(row[1]), "y": float(row[2])} for row in rows("model_quality_vs_size")[1:]
    ]
    result = score(points(chart.series[0]), truth, log_x=True)
    assert (result.found, result.missed, result.invented) == (13, (), ())
    assert max(result.errors) < 0.01
    assert (chart.kind, chart.x_scale) == ("scatter", "log")
    assert chart.x_label == "Size (billion parameters, log scale)"


@pytest.mark.parametrize(
    ("name", "kind"), [("library_visitors", "bar"), ("favorite_fruit", "bar"), ("school_travel", "pie")]
)
def test_one_value_a_category(name, kind):
    chart = read(CHARTS / f"{name}.png")
    name_of = LABELS.get(name, str)
    truth = [{"label": name_of(row[0]), "x": None, "y": float(row[1])} for row in rows(name)[1:]]
    result = score(points(chart.series[0]), truth)
    assert chart.kind == kind
    assert (result.found, result.missed, result.invented) == (len(truth), (), ())


@pytest.mark.parametrize(("name", "kind"), [("cooling_tea", "line"), ("walk_to_school", "scatter")])
def test_numbers_on_both_axes(name, kind):
    chart = read(CHARTS / f"{name}.png")
    truth = [{"label": None, "x": float(x), "y": float(y)} for x, y in rows(name)[1:]]
    result = score(points(chart.series[0]), truth)
    assert chart.kind == kind
    assert (result.found, result.missed, result.invented) == (len(truth), (), ())


@pytest.mark.parametrize(("name", "kind"), [("bridge_bicycles", "line"), ("cafe_drinks", "grouped bar")])
def test_several_series(name, kind):
    chart = read(CHARTS / f"{name}.png")
    head, *body = rows(name)
    assert chart.kind == kind
    read_names = [series.name for series in chart.series]
    drawn = [column.replace("_", " ").lower() for column in head[1:]]
    assert sorted(name.lower() for name in read_names) == sorted(drawn)
    for series in chart.series:
        column = drawn.index(series.name.lower()) + 1
        truth = [{"label": row[0], "x": None, "y": float(row[column])} for row in body]
        result = score(points(series), truth)
        assert (result.found, result.missed, result.invented) == (len(truth), (), ())


def test_a_notice_is_no_chart():
    assert read(CHARTS / "shop_notice.png") == Declined("page of text", None)
