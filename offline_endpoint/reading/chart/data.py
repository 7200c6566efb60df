"""The data behind a chart, as far as it could be read from the picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["scatter", "bar", "grouped bar", "stacked bar", "line", "pie", "table"]


@dataclass(frozen=True)
class Point:
    """One value."""

    label: str | None  # beside a mark, under a bar, or of a slice
    x: float | None  # in its own unit, dates as days since 1970-01-01; None for categories
    y: float  # in its own unit; for lying bars their length
    estimated: bool = True  # measured in pixels rather than printed


@dataclass(frozen=True)
class Series:
    """Points that belong together; `name` comes from a legend or a label at the line's end."""

    name: str | None
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Chart:
    """A chart: at least one series, each with at least one point."""

    kind: Kind
    title: str | None  # the text above the plot
    x_label: str | None  # of the category axis for lying bars, unit included
    y_label: str | None  # of the value axis, unit included
    series: tuple[Series, ...]
    x_scale: Literal["linear", "log", "date", "category"] = "linear"
    y_scale: Literal["linear", "log"] = "linear"
    percent: bool = False  # printed in percent; values are then 0 to 100
    unsure: tuple[str, ...] = field(default=())  # sentences that say what could not be read surely
    partial: bool = False  # marks or names are missing: conclude nothing from the whole
    unit: str | None = None  # printed beside the values, such as `t` or `$`
    unusual: tuple[str, ...] = ()  # sentences on axes that mislead


Sort = Literal["blank picture", "empty plot", "page of text", "photo", "drawing", "chart"]


@dataclass(frozen=True)
class Declined:
    """A picture from which no data is given; false in a condition."""

    sort: Sort  # `chart` is one that could not be read
    reason: str | None = None  # for a chart: what was seen, and what stopped the reading

    def __bool__(self) -> bool:
        return False


def count_of(number: int, noun: str) -> str:
    """`one bar`, `2 bars`."""
    return f"one {noun}" if number == 1 else f"{number} {noun}s"
