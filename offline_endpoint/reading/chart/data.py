"""The data behind a chart, as far as it could be read from the picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["scatter", "bar", "grouped bar", "stacked bar", "line", "pie", "table"]


@dataclass(frozen=True)
class Point:
    """One value.

    Attributes:
        label: the text beside a mark, the category under a bar, the name of a pie's slice, or None.
        x: value on the x axis in its own unit (dates as a day number since 1970-01-01); None for category charts.
        y: value on the value axis in its own unit. For horizontal bars this is the length of the bar.
        estimated: True when it was measured in pixels, False when it stands printed in the picture.
    """

    label: str | None
    x: float | None
    y: float
    estimated: bool = True


@dataclass(frozen=True)
class Series:
    """Points that belong together; `name` comes from a legend or a label at the line's end."""

    name: str | None
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes:
        kind: which kind of chart it is.
        title: the text above the plot, or None.
        x_label: the label of the x axis (of the category axis for horizontal bars), unit included, or None.
        y_label: the label of the value axis, unit included, or None.
        series: at least one, each with at least one point.
        x_scale: `linear`, `log`, `date` or `category`.
        y_scale: `linear` or `log`.
        percent: whether the value axis (or a pie's shares) is printed in percent; values are then 0 to 100.
        unsure: plain sentences that say what could not be read surely.
        partial: whether marks or names are missing, so that nothing can be concluded from the whole.
        unit: what is printed beside the values, such as `t` or `$`, or None.
        unusual: plain sentences on axes that mislead: cut, square root, three-dimensional.
    """

    kind: Kind
    title: str | None
    x_label: str | None
    y_label: str | None
    series: tuple[Series, ...]
    x_scale: Literal["linear", "log", "date", "category"] = "linear"
    y_scale: Literal["linear", "log"] = "linear"
    percent: bool = False
    unsure: tuple[str, ...] = field(default=())
    partial: bool = False
    unit: str | None = None
    unusual: tuple[str, ...] = ()


Sort = Literal["blank picture", "empty plot", "page of text", "photo", "drawing", "chart"]


@dataclass(frozen=True)
class Declined:
    """A picture from which no data is given; false in a condition.

    Attributes:
        sort: `blank picture`, `empty plot`, `page of text`, `photo` or `drawing`; `chart` where it is one that
            could not be read.
        reason: for a chart, one sentence that says what was seen and what stopped the reading.
    """

    sort: Sort
    reason: str | None = None

    def __bool__(self) -> bool:
        return False


def count_of(number: int, noun: str) -> str:
    """`one bar`, `2 bars`."""
    return f"one {noun}" if number == 1 else f"{number} {noun}s"
