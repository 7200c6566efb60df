"""Two charts side by side: what they share and where their values differ most."""

from __future__ import annotations

from offline_endpoint.answers.figures import Value, Words, counted, joined, values
from offline_endpoint.answers.sentences import extremes, kind_of
from offline_endpoint.reading.chart.data import Chart

_LISTED = 6
"""Differing values named at most."""


def chart_comparison(first: Chart, second: Chart) -> str:
    """Compare two charts by the values whose series and label both of them have.

    Returns:
        What each chart is; then the values that differ, the widest difference first, and how many are the same. Charts
        without a shared label are told by their extremes.
    """
    charts = (first, second)
    titles = [
        f"picture {number} is {kind_of(chart)}" + (f' titled "{chart.title}"' if chart.title else "")
        for number, chart in enumerate(charts, 1)
    ]
    told = [f"P{joined(titles)[1:]}."]
    words = [Words(chart) for chart in charts]
    known = [
        {_key(value): value for value in values(chart) if value.point.label and side.has_name(value)}
        for chart, side in zip(charts, words, strict=True)
    ]
    shared = [key for key in known[0] if key in known[1]]
    if not shared:
        told.append("They name no value in common.")
        told += [
            f"Picture {i}: {extremes(words[i - 1], values(chart))}"
            for i, chart in enumerate(charts, 1)
            if not words[i - 1].nameless
        ]
        return " ".join(told)
    shared.sort(key=lambda key: -abs(known[0][key].y - known[1][key].y))
    differing = []
    for key in shared:
        here, there = (side.value(side_known[key]) for side, side_known in zip(words, known, strict=True))
        if here != there:
            differing.append(f"{words[0].place(known[0][key])}: {here} in picture 1, {there} in picture 2")
    if differing:
        more = f"; {len(differing) - _LISTED} more differ" if len(differing) > _LISTED else ""
        told.append(f"{'; '.join(differing[:_LISTED])}{more}.")
    same = len(shared) - len(differing)
    if same:
        told.append(f"{counted(same, 'value')} {'is' if same == 1 else 'are'} the same in both.")
    return " ".join(told)


def _key(value: Value) -> tuple[str | None, str | None]:
    return value.series, value.point.label
