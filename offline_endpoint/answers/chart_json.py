"""The data behind a chart as JSON text."""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import replace
from typing import Any

from helpers import tokens
from offline_endpoint.reading.chart.data import Chart, Point


def chart_json(chart: Chart | None) -> dict[str, Any]:
    """A chart as `{"kind", "title", "x_label", "y_label", "series": [{"name", "points": [{"label", "x", "y"}]}]}`.

    `x` is null on a category axis, `label` is null where there is none. Where no chart was read, `kind` is `none`, the
    texts are null and `series` is empty: nothing is made up to fill the form.
    """
    if chart is None:
        return {"kind": "none", "title": None, "x_label": None, "y_label": None, "series": []}
    texts = {name: getattr(chart, name) for name in ("kind", "title", "x_label", "y_label")}
    is_dated = chart.x_scale == "date"
    series = [{"name": s.name, "points": [_point(p, is_dated) for p in s.points]} for s in chart.series]
    return {**texts, "series": series}


def _point(point: Point, is_dated: bool) -> dict[str, Any]:
    # Four significant digits of what was measured: more than pixels give, and the same on every processor.
    x, y = (float(f"{n:.4g}") if point.estimated and n is not None else n for n in (point.x, point.y))
    if is_dated and point.x is not None:
        x = float(round(point.x))
    return {"label": point.label, "x": x, "y": y}


def chart_text(chart: Chart | None, most_tokens: int | None = None) -> str:
    """The same as JSON text that is whole within a number of tokens.

    Where the data would not fit, the last points of each series are left out, and a key `note` says how many and how
    many tokens all of them need.
    """
    text = _written(chart_json(chart))
    needed = tokens.text_tokens(text)
    if most_tokens is None or needed <= most_tokens:
        return text

    def fits(text: str) -> bool:
        return tokens.text_tokens(text) <= most_tokens

    sizes = [len(series.points) for series in chart.series] if chart else []

    def shortened(kept: int) -> str:
        parts = tuple(replace(s, points=s.points[:kept]) for s in chart.series) if chart else ()
        short = replace(chart, series=parts) if chart else None
        left = sum(max(0, size - kept) for size in sizes)
        note = f"{left} of {sum(sizes)} points are left out; with all of them the reply needs {needed} tokens"
        return _written({**chart_json(short), "note": note})

    most = bisect_left(range(1, max(sizes, default=0) + 1), True, key=lambda kept: not fits(shortened(kept)))
    least = (shortened(most), _written({"note": f"The reply needs {needed} tokens."}), "{}")
    return next(filter(fits, least), "{}")


def _written(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False)
