"""The data behind a chart as JSON text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from helpers import tokens
from offline_endpoint.reading.chart.data import Chart


def chart_json(chart: Chart | None) -> dict[str, Any]:
    """A chart as `{"kind", "title", "x_label", "y_label", "series": [{"name", "points": [{"label", "x", "y"}]}]}`.

    `x` is null on a category axis, `label` is null where there is none. Where no chart was read, `kind` is `none`, the
    texts are null and `series` is empty: nothing is made up to fill the form.
    """
    if chart is None:
        return {"kind": "none", "title": None, "x_label": None, "y_label": None, "series": []}
    dates = chart.x_scale == "date"
    return {
        "kind": chart.kind,
        "title": chart.title,
        "x_label": chart.x_label,
        "y_label": chart.y_label,
        "series": [
            {
                "name": series.name,
                "points": [
                    {
                        "label": each.label,
                        "x": float(round(each.x))
                        if dates and each.x is not None
                        else _plain(each.x, each.estimated),
                        "y": _plain(each.y, each.estimated),
                    }
                    for each in series.points
                ],
            }
            for series in chart.series
        ],
    }


def chart_text(chart: Chart | None, most_tokens: int | None = None) -> str:
    """The same as JSON text that is whole within a number of tokens.

    Where the data would not fit, the last points of each series are left out, and a key `note` says how many and how
    many tokens all of them need.
    """
    text = _written(chart_json(chart))
    needed = tokens.text_tokens(text)
    if most_tokens is None or needed <= most_tokens:
        return text
    points = sum(len(series.points) for series in chart.series) if chart else 0
    longest = max((len(series.points) for series in chart.series), default=0) if chart else 0

    def shortened(kept: int) -> str:
        parts = tuple(replace(each, points=each.points[:kept]) for each in chart.series) if chart else ()
        left = points - sum(len(each.points) for each in parts)
        note = f"{left} of {points} points are left out; with all of them the reply needs {needed} tokens"
        return _written({**chart_json(replace(chart, series=parts) if chart else None), "note": note})

    low, high = 0, longest
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (
            (middle, high) if tokens.text_tokens(shortened(middle)) <= most_tokens else (low, middle - 1)
        )
    least = (shortened(low), _written({"note": f"The reply needs {needed} tokens."}), "{}")
    return next((each for each in least if tokens.text_tokens(each) <= most_tokens), "{}")


def _written(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False)


def _plain(number: float | None, estimated: bool) -> float | None:
    """Four significant digits of what was measured: more than pixels give, and the same on every processor."""
    return float(f"{number:.4g}") if estimated and number is not None else number
