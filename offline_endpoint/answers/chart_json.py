"""A chart's data in the JSON form that the lessons ask for."""

from __future__ import annotations

from typing import Any

from offline_endpoint.reading.chart.data import Chart


def chart_json(chart: Chart | None) -> dict[str, Any]:
    """A chart as `{"kind", "title", "x_label", "y_label", "series": [{"name", "points": [{"label", "x", "y"}]}]}`.

    `x` is null on a category axis, `label` is null where there is none. Without a chart, `kind` is `none`, the
    texts are null and `series` is empty: nothing is made up to fill the form.
    """
    if chart is None:
        return {"kind": "none", "title": None, "x_label": None, "y_label": None, "series": []}
    return {
        "kind": chart.kind,
        "title": chart.title,
        "x_label": chart.x_label,
        "y_label": chart.y_label,
        "series": [
            {
                "name": series.name,
                "points": [
                    {"label": each.label, "x": _plain(each.x), "y": _plain(each.y)} for each in series.points
                ],
            }
            for series in chart.series
        ],
    }


def _plain(number: float | None) -> float | None:
    """Four significant digits: more than pixels give, few enough to be the same on every processor."""
    return None if number is None else float(f"{number:.4g}")
