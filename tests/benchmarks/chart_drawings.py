"""Charts drawn with matplotlib from a seed, each with the data behind it.

What the chart reader is measured on.
"""

from __future__ import annotations

import datetime
import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import matplotlib
import numpy as np
from PIL import Image

from offline_endpoint.reading.chart.data import Chart, Point, Series

matplotlib.use("Agg")
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter


@dataclass(frozen=True)
class Drawing:
    """A picture of a chart and the truth it was drawn from."""

    name: str
    pixels: np.ndarray
    truth: Chart
    x_range: tuple[float, float] | None
    y_range: tuple[float, float]


MODELS = [
    "Phi-3-mini",
    "Phi-3-small",
    "Phi-3-medium",
    "Phi-4",
    "Mistral-7B",
    "Mixtral-8x7B",
    "Llama-3-8B",
    "Llama-3-70B",
    "Gemma-2-9B",
    "Gemma-7B",
    "GPT-4o",
    "GPT-3.5",
    "Claude-3",
    "Command-R",
    "Qwen2-7B",
    "Falcon-40B",
    "DBRX",
    "Yi-34B",
    "OLMo-7B",
    "StableLM",
]
CATEGORIES = (
    ["North", "South", "East", "West", "Central", "Coast"],
    ["Apples", "Pears", "Plums", "Cherries", "Grapes", "Melons", "Figs", "Kiwis"],
    ["Berlin", "Paris", "Madrid", "Rome", "Vienna", "Oslo", "Dublin", "Lisbon", "Athens", "Prague"],
    ["Hydro", "Wind", "Solar", "Coal", "Gas", "Nuclear", "Biomass"],
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    ["Q1", "Q2", "Q3", "Q4"],
    ["2018", "2019", "2020", "2021", "2022", "2023", "2024"],
)
SERIES_NAMES = (
    ("2022", "2023", "2024", "2025"),
    ("Online", "Stores", "Partners", "Export"),
    ("Model A", "Model B", "Model C", "Model D"),
    ("Cats", "Dogs", "Birds", "Fish"),
    ("Germany", "France", "Spain", "Italy"),
    ("Revenue", "Costs", "Profit", "Tax"),
)
Y_LABELS = ("Sales", "Score", "Price (USD)", "Visitors", "Energy (GWh)", "Weight (kg)", "Time (s)", "Users")
TITLES = (
    "Quality against size",
    "Sales by region",
    "What the survey found",
    "Results of the year",
    "Visitors per month",
    "Comparison of methods",
    "Energy use in the city",
)
LOOKS = (
    "default",
    "default",
    "ggplot",
    "seaborn-v0_8-whitegrid",
    "seaborn-v0_8-darkgrid",
    "bmh",
    "fivethirtyeight",
    "dark_background",
    "Solarize_Light2",
    "tableau-colorblind10",
    "classic",
    "spreadsheet",
    "night",
    "paper",
)
OWN_LOOKS = {
    "spreadsheet": {
        "font.family": "Liberation Sans",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": "#d9d9d9",
        "axes.edgecolor": "#d9d9d9",
        "xtick.color": "#595959",
        "ytick.color": "#595959",
        "xtick.bottom": False,
        "ytick.left": False,
        "axes.titlecolor": "#595959",
        "axes.axisbelow": True,
        "axes.prop_cycle": matplotlib.cycler(color=["#4472C4", "#ED7D31", "#A5A5A5", "#FFC000", "#5B9BD5"]),
    },
    "night": {
        "figure.facecolor": "#111827",
        "axes.facecolor": "#1f2937",
        "savefig.facecolor": "#111827",
        "text.color": "#e5e7eb",
        "axes.labelcolor": "#e5e7eb",
        "xtick.color": "#9ca3af",
        "ytick.color": "#9ca3af",
        "axes.edgecolor": "#4b5563",
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#374151",
        "legend.facecolor": "#1f2937",
        "axes.prop_cycle": matplotlib.cycler(color=["#38bdf8", "#f472b6", "#facc15", "#4ade80", "#c084fc"]),
    },
    "paper": {
        "font.family": "Liberation Serif",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": matplotlib.cycler(color=["#1b4f72", "#b03a2e", "#196f3d", "#9a7d0a", "#5b2c6f"]),
    },
}
# Figure size in inches and dots per inch; the widths in pixels run from 600 to 4000.
SIZES = (((6, 4), 100), ((6.4, 4.8), 100), ((8, 5), 120), ((10, 6), 100), ((9, 5), 160), ((12, 7), 150))
LARGE_SIZES = (((10, 6), 250), ((10, 6.5), 400))


class _Canvas:
    """One figure in one look; `finish` turns it into pixels."""

    def __init__(self, rng: np.random.Generator, look: str | None = None) -> None:
        self.rng = rng
        self.look = look or str(rng.choice(LOOKS))
        plt.close("all")
        plt.rcdefaults()
        if self.look in OWN_LOOKS:
            plt.rcParams.update(OWN_LOOKS[self.look])
        else:
            plt.style.use(self.look)
        sizes = LARGE_SIZES if rng.random() < 0.1 else SIZES
        size, self.dpi = sizes[rng.integers(len(sizes))]
        self.figure, self.axes = plt.subplots(figsize=size, dpi=self.dpi)
        self.title = str(rng.choice(TITLES))

    def label(self, x: str | None, y: str | None) -> None:
        self.axes.set_title(self.title)
        if x:
            self.axes.set_xlabel(x)
        if y:
            self.axes.set_ylabel(y)

    def finish(self) -> np.ndarray:
        self.figure.tight_layout()
        buffer = io.BytesIO()
        transparent = self.look in ("default", "paper") and self.rng.random() < 0.2
        self.figure.savefig(buffer, format="png", dpi=self.dpi, transparent=transparent)
        picture = Image.open(buffer).convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture).convert("RGB")
        if self.rng.random() < 0.35:
            buffer = io.BytesIO()
            picture.save(buffer, format="jpeg", quality=int(self.rng.integers(60, 96)))
            picture = Image.open(buffer).convert("RGB")
        plt.close(self.figure)
        return np.asarray(picture)


def _values(
    rng: np.random.Generator, count: int, negative: bool = False
) -> tuple[np.ndarray, Callable | None, bool]:
    """Values on one of several scales, the format of their ticks, and whether they are percent."""
    scale = rng.choice(["tens", "percent", "thousands", "k", "M", "small"])
    base = rng.uniform(0.15, 1.0, count)
    if negative:
        base[rng.integers(count)] = -rng.uniform(0.15, 0.5)
    if scale == "tens":
        return np.round(base * rng.uniform(20, 100), 1), None, False
    if scale == "percent":
        return np.round(base * 90, 1), lambda v, _: f"{v:g}%", True
    if scale == "thousands":
        return np.round(base * rng.uniform(3000, 90000)), lambda v, _: f"{v:,.0f}", False
    if scale == "k":
        return np.round(base * rng.uniform(4000, 90000)), lambda v, _: f"{v / 1e3:g}k", False
    if scale == "M":
        return np.round(base * rng.uniform(3e6, 9e7)), lambda v, _: f"{v / 1e6:g}M", False
    return np.round(base, 3), None, False


def _spread(rng: np.random.Generator, count: int, aspect: float, gap: float) -> np.ndarray:
    """Points in the unit square, no two nearer than `gap` of its width."""
    points: list[np.ndarray] = []
    tries = 0
    while len(points) < count and tries < 5000:
        tries += 1
        new = rng.uniform(0.03, 0.97, 2)
        if all(np.hypot(new[0] - p[0], (new[1] - p[1]) / aspect) > gap for p in points):
            points.append(new)
    return np.array(points)


def _ranges(axes) -> tuple[tuple[float, float], tuple[float, float]]:
    return tuple(axes.get_xlim()), tuple(axes.get_ylim())


def scatter(rng: np.random.Generator) -> Drawing:
    """Scatter, with or without labels, x linear or logarithmic, sometimes with groups and a legend."""
    canvas = _Canvas(rng)
    style = rng.choice(["plain", "labels", "labels", "groups"])
    logarithmic = rng.random() < 0.4
    labels = style == "labels"
    count = int(rng.integers(5, 13)) if labels else int(rng.integers(8, 30))
    where = _spread(rng, count, 1.6, 0.14 if labels else 0.05)
    count = len(where)
    y, tick_format, percent = _values(rng, 2)
    low, high = sorted(y)
    y = low + (high - low + abs(high) * 0.1) * where[:, 1]
    x = 10 ** (-0.3 + 3 * where[:, 0]) if logarithmic else rng.choice([10, 100, 1]) * (0.2 + where[:, 0])
    names = list(rng.permutation(MODELS))[:count] if labels else [None] * count
    groups = np.zeros(count, int) if style != "groups" else rng.integers(0, 3, count)
    group_names = [None] if style != "groups" else list(SERIES_NAMES[rng.integers(len(SERIES_NAMES))][:3])
    ax = canvas.axes
    series = []
    size = float(rng.choice([36, 50, 70]))
    marker = str(rng.choice(["o", "o", "o", "s", "D", "^"]))
    alpha = float(rng.choice([1, 1, 0.7]))
    for index, group in enumerate(group_names):
        here = groups == index
        if not here.any():
            continue
        ax.scatter(x[here], y[here], s=size, marker=marker, label=group, alpha=alpha, color=f"C{index}")
        series.append(
            Series(
                group,
                tuple(
                    Point(n, float(a), float(b)) for n, a, b, h in zip(names, x, y, here, strict=True) if h
                ),
            )
        )
    if logarithmic:
        ax.set_xscale("log")
        if rng.random() < 0.5:
            ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    if tick_format:
        ax.yaxis.set_major_formatter(FuncFormatter(tick_format))
    if labels:
        for name, a, b in zip(names, x, y, strict=True):
            ax.annotate(name, (a, b), xytext=(6, 4), textcoords="offset points", fontsize=9)
        ax.margins(0.14)
    if rng.random() < 0.4:
        ax.grid(True, alpha=0.4)
        ax.set_axisbelow(True)
    if style == "groups":
        ax.legend(loc=str(rng.choice(["best", "upper left"])))
    y_label = str(rng.choice(Y_LABELS))
    canvas.label("Parameters (billions)" if logarithmic else "Size (cm)", y_label)
    x_range, y_range = _ranges(ax)
    truth = Chart(
        "scatter",
        canvas.title,
        ax.get_xlabel(),
        y_label,
        tuple(series),
        "log" if logarithmic else "linear",
        percent=percent,
    )
    return Drawing(f"scatter {style} {canvas.look}", canvas.finish(), truth, x_range, y_range)


def _categories(rng: np.random.Generator, most: int) -> list[str]:
    names = CATEGORIES[rng.integers(len(CATEGORIES))]
    return list(names[: int(rng.integers(min(4, len(names)), min(most, len(names)) + 1))])


def bar(rng: np.random.Generator) -> Drawing:
    """One series of bars, vertical or horizontal, with values printed on them at times, negative ones too."""
    canvas = _Canvas(rng)
    names = _categories(rng, 12)
    values, tick_format, percent = _values(rng, len(names), negative=rng.random() < 0.2)
    horizontal = rng.random() < 0.45
    ax = canvas.axes
    color = None if rng.random() < 0.7 else [f"C{i % 5}" for i in range(len(names))]
    draw = ax.barh if horizontal else ax.bar
    bars = draw(
        names, values, float(rng.choice([0.6, 0.8])), color=color, edgecolor=rng.choice([None, "black"])
    )
    axis = ax.xaxis if horizontal else ax.yaxis
    if tick_format:
        axis.set_major_formatter(FuncFormatter(tick_format))
    if rng.random() < 0.25:
        ax.bar_label(
            bars,
            fmt=(
                lambda v: tick_format(
                    round(v / 10 ** np.floor(np.log10(abs(v) + 1e-9)), 2)
                    * 10 ** np.floor(np.log10(abs(v) + 1e-9)),
                    0,
                )
            )
            if tick_format
            else "%g",
            padding=2,
            fontsize=8,
        )
        ax.margins(**{"x" if horizontal else "y": 0.15})
    if horizontal and rng.random() < 0.5:
        ax.invert_yaxis()
    if rng.random() < 0.3:
        ax.grid(True, axis="x" if horizontal else "y", alpha=0.5)
        ax.set_axisbelow(True)
    if not horizontal and rng.random() < 0.25:
        plt.setp(ax.get_xticklabels(), rotation=45, ha="right")
    value_label = str(rng.choice(Y_LABELS))
    canvas.label(*((value_label, None) if horizontal else (None, value_label)))
    x_range, y_range = _ranges(ax)
    points = tuple(Point(n, None, float(v)) for n, v in zip(names, values, strict=True))
    truth = Chart(
        "bar", canvas.title, None, value_label, (Series(None, points),), "category", percent=percent
    )
    way = "horizontal" if horizontal else "vertical"
    return Drawing(
        f"bar {way} {canvas.look}", canvas.finish(), truth, None, x_range if horizontal else y_range
    )


def grouped_bar(rng: np.random.Generator) -> Drawing:
    """Two to four bars a category, with a legend."""
    canvas = _Canvas(rng)
    names = _categories(rng, 6)
    groups = SERIES_NAMES[rng.integers(len(SERIES_NAMES))][: int(rng.integers(2, 5))]
    values, tick_format, percent = _values(rng, len(names) * len(groups))
    table = values.reshape(len(groups), len(names))
    ax = canvas.axes
    horizontal = rng.random() < 0.2
    width = 0.8 / len(groups)
    at = np.arange(len(names))
    for index, group in enumerate(groups):
        shift = at + (index - (len(groups) - 1) / 2) * width
        (ax.barh if horizontal else ax.bar)(shift, table[index], width, label=group)
    (ax.set_yticks if horizontal else ax.set_xticks)(at, names)
    if tick_format:
        (ax.xaxis if horizontal else ax.yaxis).set_major_formatter(FuncFormatter(tick_format))
    _legend(rng, canvas, horizontal)
    value_label = str(rng.choice(Y_LABELS))
    canvas.label(*((value_label, None) if horizontal else (None, value_label)))
    x_range, y_range = _ranges(ax)
    series = tuple(
        Series(g, tuple(Point(n, None, float(v)) for n, v in zip(names, row, strict=True)))
        for g, row in zip(groups, table, strict=True)
    )
    truth = Chart("grouped bar", canvas.title, None, value_label, series, "category", percent=percent)
    way = "horizontal" if horizontal else "vertical"
    return Drawing(
        f"grouped {way} {canvas.look}", canvas.finish(), truth, None, x_range if horizontal else y_range
    )


def _legend(rng: np.random.Generator, canvas: _Canvas, horizontal: bool = False) -> None:
    """A legend inside with room made for it, beside the plot, or under it."""
    ax = canvas.axes
    place = rng.choice(["inside", "beside", "under"])
    count = len(ax.get_legend_handles_labels()[0])
    if place == "inside":
        low, high = ax.get_xlim() if horizontal else ax.get_ylim()
        (ax.set_xlim if horizontal else ax.set_ylim)(
            low, high + (high - low) * (0.4 if horizontal else 0.1 + 0.09 * count)
        )
        ax.legend(loc="lower right" if horizontal else str(rng.choice(["upper left", "upper right"])))
    elif place == "beside":
        ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
    else:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=count)


def stacked_bar(rng: np.random.Generator) -> Drawing:
    """Two to four parts a bar, with a legend."""
    canvas = _Canvas(rng)
    names = _categories(rng, 7)
    groups = SERIES_NAMES[rng.integers(len(SERIES_NAMES))][: int(rng.integers(2, 5))]
    values, tick_format, percent = _values(rng, len(names) * len(groups))
    table = values.reshape(len(groups), len(names))
    if percent:
        table = np.round(table / table.sum(axis=0) * 100, 1)
    ax = canvas.axes
    horizontal = rng.random() < 0.2
    start = np.zeros(len(names))
    for index, group in enumerate(groups):
        if horizontal:
            ax.barh(names, table[index], left=start, label=group)
        else:
            ax.bar(names, table[index], bottom=start, label=group)
        start = start + table[index]
    if tick_format:
        (ax.xaxis if horizontal else ax.yaxis).set_major_formatter(FuncFormatter(tick_format))
    _legend(rng, canvas, horizontal)
    value_label = str(rng.choice(Y_LABELS))
    canvas.label(*((value_label, None) if horizontal else (None, value_label)))
    x_range, y_range = _ranges(ax)
    series = tuple(
        Series(g, tuple(Point(n, None, float(v)) for n, v in zip(names, row, strict=True)))
        for g, row in zip(groups, table, strict=True)
    )
    truth = Chart("stacked bar", canvas.title, None, value_label, series, "category", percent=percent)
    way = "horizontal" if horizontal else "vertical"
    return Drawing(
        f"stacked {way} {canvas.look}", canvas.finish(), truth, None, x_range if horizontal else y_range
    )


def _walk(rng: np.random.Generator, count: int) -> np.ndarray:
    steps = rng.normal(rng.uniform(-0.05, 0.12), 0.12, count).cumsum()
    return (steps - steps.min()) / (np.ptp(steps) or 1)


def _line(rng: np.random.Generator, markers: bool) -> Drawing:
    canvas = _Canvas(rng)
    several = rng.random() < 0.5
    count_series = int(rng.integers(2, 5)) if several else 1
    horizontal = rng.choice(["years", "months", "dates", "numbers"])
    count = int(rng.integers(6, 13))
    labels: list[str | None] = [None] * count
    if horizontal == "years":
        at = np.arange(count) + int(rng.integers(1995, 2013))
        x = at.astype(float)
    elif horizontal == "months":
        labels = list(CATEGORIES[4][:count])
        at, x = labels, [None] * count
    elif horizontal == "dates":
        first = datetime.date(int(rng.integers(2015, 2024)), int(rng.integers(1, 12)), 1)
        days = np.arange(count) * int(rng.choice([7, 30]))
        at = [first + datetime.timedelta(days=int(d)) for d in days]
        x = [float((d - datetime.date(1970, 1, 1)).days) for d in at]
    else:
        at = np.arange(count) * float(rng.choice([0.5, 1, 5, 10, 25]))
        x = at.astype(float)
    _, tick_format, percent = _values(rng, 1)
    top = {True: 90.0, False: float(rng.choice([1.0, 60.0]))}[percent or tick_format is None]
    if tick_format and not percent:
        top = 8e4 if "M" not in tick_format(3e6, 0) else 6e7
    if tick_format is None:
        top = float(rng.choice([1.0, 60.0, 9.0]))
    elif percent:
        top = 90.0
    names = SERIES_NAMES[rng.integers(len(SERIES_NAMES))][:count_series] if several else (None,)
    ax = canvas.axes
    series = []
    signs = ["o", "s", "^", "D"] if rng.random() < 0.5 else ["o"] * 4
    for index, name in enumerate(names):
        low = rng.uniform(0.1, 0.7)
        y = np.round(top * (low + (_walk(rng, count)) * rng.uniform(0.15, 0.35)), 3)
        ax.plot(at, y, marker=signs[index] if markers else None, label=name)
        series.append(
            Series(name, tuple(Point(n, a, float(b)) for n, a, b in zip(labels, x, y, strict=True)))
        )
    if horizontal == "dates":
        locator = mdates.AutoDateLocator(maxticks=6)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(mdates.DateFormatter(str(rng.choice(["%Y-%m-%d", "%d %b %Y"]))))
        canvas.figure.autofmt_xdate() if rng.random() < 0.5 else None
        plt.setp(ax.get_xticklabels(), fontsize=8)
    if horizontal == "years":
        ax.xaxis.get_major_locator().set_params(integer=True)
    if tick_format:
        ax.yaxis.set_major_formatter(FuncFormatter(tick_format))
    if rng.random() < 0.3:
        ax.grid(True, alpha=0.4)
    if several:
        if rng.random() < 0.3 and horizontal != "dates":
            ends = [s.points[-1].y for s in series]
            ordered = sorted(ends)
            if all(b - a > 0.06 * top for a, b in itertools.pairwise(ordered)):
                for s in series:
                    ax.annotate(
                        s.name,
                        (at[-1], s.points[-1].y),
                        xytext=(6, 0),
                        textcoords="offset points",
                        va="center",
                    )
                ax.margins(x=0.15)
            else:
                ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
        else:
            _legend(rng, canvas)
    y_label = str(rng.choice(Y_LABELS))
    canvas.label(
        {"years": "Year", "months": "Month", "dates": None, "numbers": "Distance (m)"}[str(horizontal)],
        y_label,
    )
    x_range, y_range = _ranges(ax)
    scale = {"months": "category", "dates": "date"}.get(str(horizontal), "linear")
    truth = Chart(
        "line", canvas.title, ax.get_xlabel() or None, y_label, tuple(series), scale, percent=percent
    )
    x_range = None if scale == "category" else x_range
    return Drawing(f"line {horizontal} {len(names)} {canvas.look}", canvas.finish(), truth, x_range, y_range)


def line_with_markers(rng: np.random.Generator) -> Drawing:
    """One to four lines whose points carry marks."""
    return _line(rng, markers=True)


def line_without_markers(rng: np.random.Generator) -> Drawing:
    """One to four bare lines."""
    return _line(rng, markers=False)


def pie(rng: np.random.Generator) -> Drawing:
    """Pie or donut with the shares printed; names beside the slices or in a legend."""
    canvas = _Canvas(rng)
    names = _categories(rng, 6)
    while True:
        shares = rng.dirichlet(np.full(len(names), 3.0)) * 100
        if shares.min() > 5:
            break
    ax = canvas.axes
    donut = rng.random() < 0.4
    cycle = len(plt.rcParams["axes.prop_cycle"])
    legend = rng.random() < 0.35
    wedges, *_ = ax.pie(
        shares,
        labels=None if legend else names,
        autopct="%1.1f%%" if rng.random() < 0.6 else "%.0f%%",
        colors=[f"C{k}" for k in range(len(names))] if len(names) <= cycle else plt.cm.tab10.colors,
        startangle=float(rng.choice([0, 90, 140])),
        wedgeprops={"width": 0.45, "edgecolor": "white"} if donut else {},
        pctdistance=0.78 if donut else 0.6,
    )
    if legend:
        ax.legend(wedges, names, loc="center left", bbox_to_anchor=(1.0, 0.5))
    canvas.label(None, None)
    points = tuple(Point(n, None, float(v), estimated=False) for n, v in zip(names, shares, strict=True))
    truth = Chart("pie", canvas.title, None, None, (Series(None, points),), "category", percent=True)
    return Drawing(
        f"pie {'donut ' if donut else ''}{canvas.look}", canvas.finish(), truth, None, (0.0, 100.0)
    )


def table(rng: np.random.Generator) -> Drawing:
    """A table as a picture: ruled, striped or bare; words in the first column, numbers in the others."""
    canvas = _Canvas(rng, str(rng.choice(["default", "paper", "spreadsheet"])))
    rows = [str(n) for n in rng.permutation(MODELS)[: int(rng.integers(4, 9))]]
    heads = list(rng.permutation(["Score", "Price", "Size", "Speed", "Users"])[: int(rng.integers(1, 5))])
    columns = []
    for _ in heads:
        values, _, _ = _values(rng, len(rows))
        columns.append(values)
    cells = [
        [name, *(f"{c[i]:,.0f}" if c.max() > 1000 else f"{c[i]:g}" for c in columns)]
        for i, name in enumerate(rows)
    ]
    ax = canvas.axes
    ax.axis("off")
    drawn = ax.table(
        cellText=cells, colLabels=["Name", *heads], loc="center", cellLoc=str(rng.choice(["center", "right"]))
    )
    drawn.scale(1, float(rng.choice([1.3, 1.6])))
    style = rng.choice(["ruled", "striped", "bare"])
    for (row, _), cell in drawn.get_celld().items():
        if style == "bare":
            cell.visible_edges = "B" if row == 0 else ""
        if style == "striped":
            cell.set_edgecolor("white")
            cell.set_facecolor("#4472C4" if row == 0 else ("#e8eef8" if row % 2 else "white"))
            if row == 0:
                cell.set_text_props(color="white", weight="bold")
    if rng.random() < 0.5:
        ax.set_title(canvas.title)
    title = ax.get_title() or None
    series = tuple(
        Series(str(h), tuple(Point(n, None, float(v), False) for n, v in zip(rows, c, strict=True)))
        for h, c in zip(heads, columns, strict=True)
    )
    truth = Chart("table", title, "Name", None, series, "category")
    top = float(max(c.max() for c in columns))
    return Drawing(f"table {style} {canvas.look}", canvas.finish(), truth, None, (0.0, top))


KINDS: dict[str, Callable[[np.random.Generator], Drawing]] = {
    "scatter": scatter,
    "bar": bar,
    "line with markers": line_with_markers,
    "line without markers": line_without_markers,
    "grouped bar": grouped_bar,
    "stacked bar": stacked_bar,
    "pie": pie,
    "table": table,
}


def draw(kind: str, seed: int) -> Drawing:
    """Draw one chart of a kind; the same seed gives the same chart."""
    return KINDS[kind](np.random.default_rng([seed, list(KINDS).index(kind)]))
