"""Two charts side by side: what they share and where their values differ most."""

from __future__ import annotations

from offline_endpoint.answers.figures import Words, counted, joined
from offline_endpoint.answers.sentences import LISTED, extremes, kind_of
from offline_endpoint.reading.chart.data import Chart


def chart_comparison(first: Chart, second: Chart) -> str:
    """Compare two charts by the values whose series and label both of them have.

    Returns:
        What each chart is; then the values that differ, the widest difference first, and how many are the same. Charts
        without a shared label are told by their extremes.
    """
    sides = Words(first), Words(second)
    told = [
        f"P{joined(f'picture {number} is {kind_of(each.chart)}' for number, each in enumerate(sides, 1))[1:]}."
    ]
    here, there = (
        {
            (each.series, each.point.label): each
            for each in side.values
            if each.point.label and side.has_name(each)
        }
        for side in sides
    )
    shared = sorted((key for key in here if key in there), key=lambda key: -abs(here[key].y - there[key].y))
    if not shared:
        told.append("They name no value in common.")
        told += [f"Picture {i}: {extremes(s, s.values)}" for i, s in enumerate(sides, 1) if not s.nameless]
        return " ".join(told)
    pairs = [(key, sides[0].value(here[key]), sides[1].value(there[key])) for key in shared]
    differing = [
        f"{sides[0].place(here[key])}: {one} in picture 1, {other} in picture 2"
        for key, one, other in pairs
        if one != other
    ]
    if differing:
        more = f"; {len(differing) - LISTED} more differ" if len(differing) > LISTED else ""
        told.append(f"{'; '.join(differing[:LISTED])}{more}.")
    same = len(shared) - len(differing)
    if same:
        told.append(f"{counted(same, 'value')} {'is' if same == 1 else 'are'} the same in both.")
    return " ".join(told)
