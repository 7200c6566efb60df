"""Charts drawn with seaborn, plotly and Vega-Altair, each with its truth.

The tools are no part of this project's requirements; a tool that is not installed is passed over. Plotly
needs Chromium.
"""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from offline_endpoint.reading.chart.data import Chart, Point, Series
from tests.benchmarks.chart_drawings import CATEGORIES, SERIES_NAMES, Drawing

KINDS = ("scatter", "bar", "lying bar", "line", "lines", "grouped bar", "stacked bar", "pie")


def _pixels(png: bytes) -> np.ndarray:
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB"))


def _data(kind: str, rng: np.random.Generator) -> dict:
    """Columns in the long form that all three tools take: x, y, group."""
    if kind == "scatter":
        where = rng.permutation(12)[:10]
        return {
            "x": [round(float(5 + 7 * k + rng.uniform(-2, 2)), 1) for k in where],
            "y": [round(float(v), 1) for v in rng.uniform(10, 90, 10)],
            "group": [None] * 10,
        }
    if kind in ("line", "lines"):
        years = list(range(2012, 2022))
        groups = list(SERIES_NAMES[rng.integers(1, len(SERIES_NAMES))][: 3 if kind == "lines" else 1])
        start = rng.permutation([15, 45, 75])
        rows = [
            (year, round(float(v), 1), group if kind == "lines" else None)
            for k, group in enumerate(groups)
            for year, v in zip(years, start[k] + np.cumsum(rng.normal(0.5, 3.5, len(years))), strict=True)
        ]
    else:
        names = list(CATEGORIES[rng.integers(0, 5)][:5])
        groups = list(SERIES_NAMES[rng.integers(1, len(SERIES_NAMES))][:3]) if "ed bar" in kind else [None]
        rows = [
            (name, round(float(v), 1), group)
            for group in groups
            for name, v in zip(names, rng.uniform(8, 60, 5), strict=True)
        ]
        if kind == "pie":
            total = sum(r[1] for r in rows)
            rows = [(name, v / total * 100, None) for name, v, _ in rows]
    return {"x": [r[0] for r in rows], "y": [r[1] for r in rows], "group": [r[2] for r in rows]}


def _truth(kind: str, data: dict) -> tuple[Chart, tuple[float, float] | None]:
    numeric = kind in ("scatter", "line", "lines")
    series = []
    for group in dict.fromkeys(data["group"]):
        rows = [(x, y) for x, y, g in zip(data["x"], data["y"], data["group"], strict=True) if g == group]
        series.append(
            Series(
                group,
                tuple(
                    Point(None if numeric else str(x), float(x) if numeric else None, float(y))
                    for x, y in rows
                ),
            )
        )
    name = {"lying bar": "bar", "lines": "line"}.get(kind, kind)
    chart = Chart(
        name, None, None, None, tuple(series), "linear" if numeric else "category", percent=kind == "pie"
    )  # type: ignore[arg-type]
    return chart, (min(data["x"]), max(data["x"])) if numeric else None


def _seaborn(kind: str, data: dict, rng: np.random.Generator) -> np.ndarray | None:
    import matplotlib.pyplot as plt
    import pandas
    import seaborn

    if kind in ("pie", "stacked bar"):
        return None
    plt.close("all")
    plt.rcdefaults()
    seaborn.set_theme(
        style=str(rng.choice(["darkgrid", "whitegrid", "ticks", "white"])),
        palette=str(rng.choice(["deep", "muted", "bright"])),
    )
    figure, axes = plt.subplots(figsize=(8, 5), dpi=int(rng.choice([100, 150])))
    frame = pandas.DataFrame(data)
    group = "group" if data["group"][0] else None
    if kind == "scatter":
        seaborn.scatterplot(frame, x="x", y="y", s=60, ax=axes)
    elif kind in ("line", "lines"):
        seaborn.lineplot(frame, x="x", y="y", hue=group, marker="o", ax=axes)
    elif kind == "lying bar":
        seaborn.barplot(frame, x="y", y="x", ax=axes)
    else:
        seaborn.barplot(frame, x="x", y="y", hue=group, ax=axes)
    if group:
        seaborn.move_legend(axes, "upper left", bbox_to_anchor=(1, 1), title=None)
    axes.set_title("Results of the year")
    figure.tight_layout()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    plt.close(figure)
    plt.rcdefaults()
    return _pixels(buffer.getvalue())


def _plotly(kind: str, data: dict, rng: np.random.Generator) -> np.ndarray | None:
    import pandas
    import plotly.express as px

    os.environ.setdefault("BROWSER_PATH", shutil.which("chromium") or "")
    frame = pandas.DataFrame(data)
    group = "group" if data["group"][0] else None
    options = {
        "template": str(rng.choice(["plotly", "plotly_white", "plotly_dark", "simple_white"])),
        "title": "Results of the year",
    }
    if kind == "scatter":
        figure = px.scatter(frame, x="x", y="y", **options).update_traces(marker_size=10)
    elif kind in ("line", "lines"):
        figure = px.line(frame, x="x", y="y", color=group, markers=True, **options)
    elif kind == "lying bar":
        figure = px.bar(frame, x="y", y="x", orientation="h", **options)
    elif kind == "pie":
        figure = px.pie(frame, names="x", values="y", **options)
    else:
        figure = px.bar(
            frame, x="x", y="y", color=group, barmode="group" if kind == "grouped bar" else "stack", **options
        )
    return _pixels(figure.to_image(format="png", width=900, height=560, scale=float(rng.choice([1, 1.5]))))


def _altair(kind: str, data: dict, rng: np.random.Generator) -> np.ndarray | None:
    import altair
    import pandas

    frame = pandas.DataFrame(data)
    grouped = bool(data["group"][0])
    base = altair.Chart(frame, title="Results of the year").properties(width=560, height=340)
    color = altair.Color("group:N", title=None) if grouped else altair.value("#4c78a8")
    if kind == "scatter":
        chart = base.mark_circle(size=90).encode(x="x:Q", y="y:Q", color=color)
    elif kind in ("line", "lines"):
        chart = base.mark_line(point=True).encode(
            x=altair.X("x:Q", axis=altair.Axis(format="d")).scale(zero=False), y="y:Q", color=color
        )
    elif kind == "lying bar":
        chart = base.mark_bar().encode(y=altair.Y("x:N", sort=None), x="y:Q", color=color)
    elif kind == "grouped bar":
        chart = base.mark_bar().encode(
            x=altair.X("x:N", sort=None, axis=altair.Axis(labelAngle=0)),
            xOffset="group:N",
            y="y:Q",
            color=color,
        )
    elif kind == "pie":
        frame["text"] = [f"{v:.1f}%" for v in frame["y"]]
        pie = base.encode(
            theta=altair.Theta("y:Q", stack=True),
            color=altair.Color("x:N", title=None, sort=None),
            order=altair.Order(),
        )
        chart = pie.mark_arc(outerRadius=140) + pie.mark_text(radius=100, color="white").encode(
            text="text:N", color=altair.value("white")
        )
    else:
        chart = base.mark_bar().encode(
            x=altair.X("x:N", sort=None, axis=altair.Axis(labelAngle=0)), y="y:Q", color=color
        )
    buffer = io.BytesIO()
    chart.save(buffer, format="png", scale_factor=float(rng.choice([1.3, 2.0])))
    return _pixels(buffer.getvalue())


TOOLS: dict[str, tuple[Callable[[str, dict, np.random.Generator], np.ndarray | None], tuple[str, ...]]] = {
    "seaborn": (_seaborn, ("seaborn",)),
    "plotly": (_plotly, ("plotly", "kaleido", "pandas")),
    "altair": (_altair, ("altair", "vl_convert", "pandas")),
}


def available() -> list[str]:
    """The tools that are installed."""
    return [tool for tool, (_, needs) in TOOLS.items() if all(importlib.util.find_spec(n) for n in needs)]


def draw_all(seed: int, only: str | None = None) -> Iterator[tuple[str, Drawing]]:
    """One chart of each kind from each tool that is installed; the same seed gives the same charts."""
    for tool in [only] if only else available():
        for k, kind in enumerate(KINDS):
            rng = np.random.default_rng([seed, k, sorted(TOOLS).index(tool)])
            data = _data(kind, rng)
            pixels = TOOLS[tool][0](kind, data, rng)
            if pixels is None:
                continue
            truth, x_range = _truth(kind, data)
            top = max(data["y"]) * (2.2 if kind == "stacked bar" else 1.0)
            y_range = (
                (0.0, 100.0)
                if kind == "pie"
                else (min(0.0, *data["y"]) if "bar" in kind else min(data["y"]), top)
            )
            yield tool, Drawing(f"{tool} {kind}", pixels, truth, x_range, y_range)
