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
        series: at least one, each with at least one point, unless `declined` says why there is none.
        x_scale: `linear`, `log`, `date` or `category`.
        y_scale: `linear` or `log`.
        percent: whether the value axis (or a pie's shares) is printed in percent; values are then 0 to 100.
        unsure: plain sentences that say what could not be read surely.
        remarks: whole sentences on what is unusual about the chart, such as an axis that does not start at zero.
        declined: the sentence that says what was seen and what stopped the reading; `series` is then empty.
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
    remarks: tuple[str, ...] = ()
    declined: str = ""


def count_of(number: int, noun: str) -> str:
    """`one bar`, `2 bars`."""
    return f"one {noun}" if number == 1 else f"{number} {noun}s"
