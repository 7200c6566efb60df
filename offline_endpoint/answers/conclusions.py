"""A conclusion for a chart: its main relation, its extremes and the exceptions, in two to five plain sentences."""

from __future__ import annotations

from itertools import pairwise

from offline_endpoint.answers.clouds import cloud
from offline_endpoint.answers.figures import (
    Value,
    Words,
    counted,
    joined,
    mid_sentence,
    noun_of,
    points_of,
    values,
)
from offline_endpoint.answers.relations import in_time_order, turning_points
from offline_endpoint.answers.sentences import LISTED, at, called, course, extremes, kind_of, two_digits, y_of
from offline_endpoint.reading.chart.data import Chart, Series


def conclusion(chart: Chart) -> str:
    """What a careful reader takes from a chart.

    Returns:
        Two to five sentences with figures and units as they stand in the chart, then what could not be read surely
        and what is unusual about the chart. Figures estimated from pixels carry `about`. Where marks or names are
        missing, what was seen and why there is no conclusion.
    """
    words = Words(chart)
    everything = values(chart)
    doubts = _doubts(chart)
    if words.nameless or chart.partial:
        return " ".join([_what_was_seen(words), *doubts, "So I draw no conclusion."])
    if len(everything) == 1:
        only = everything[0]
        sentences = [
            f"The {called(chart)} holds one {noun_of(chart)}: {words.place(only)}, {words.value(only)}.",
            "One value alone shows no relation.",
        ]
    elif len({words.value(value) for value in everything}) == 1:
        number = "both" if len(everything) == 2 else f"all {len(everything)}"
        subject = chart.title or words.y_name or f"In this {chart.kind}"
        sentences = [
            f"{subject}: {number} {noun_of(chart)}s are equal, at {words.value(everything[0])}.",
            "So nothing stands out as highest or lowest.",
        ]
    else:
        tell = (
            _bar_groups if "bar" in chart.kind and len(chart.series) > 1 else _TELLERS.get(chart.kind, _bars)
        )
        sentences = tell(words)
    return " ".join([*sentences[: 5 - len(doubts)], *doubts, *chart.unusual])


def outline(chart: Chart) -> str:
    """What a chart consists of: kind, title, axes, series, and the span of its values."""
    words = Words(chart)
    everything = values(chart)
    parts = [f"It is {kind_of(chart)}" + (f' titled "{chart.title}"' if chart.title else " without a title")]
    parts += [f'{side} axis "{text}"' for side, text in (("x", chart.x_label), ("y", chart.y_label)) if text]
    named = [series.name for series in chart.series if series.name]
    if named:
        parts.append(f"series {joined(named[:LISTED])}" + (" and more" if len(named) > LISTED else ""))
    if words.nameless or chart.partial:
        size = _what_was_seen(words)
    elif len(everything) == 1:
        size = f"It holds 1 {noun_of(chart)}."
    else:
        ends = (at(words, pick(everything, key=y_of)) for pick in (min, max))
        size = f"It holds {counted(len(everything), noun_of(chart))}, from {' to '.join(ends)}."
    return " ".join([f"{'; '.join(parts)}.", size, *_doubts(chart), *chart.unusual])


def _what_was_seen(words: Words) -> str:
    """What was seen of a chart of which marks or names are missing."""
    everything = values(words.chart)
    low, high = (words.value(pick(everything, key=y_of)) for pick in (min, max))
    span = low if low == high else f"from {low} to {high}"
    named = len(everything) - words.nameless
    if not words.nameless:
        missing = "this is not all of the chart"
    else:
        missing = f"the names of only {named} of them" if named else "no names"
    return f"I read {counted(len(everything), noun_of(words.chart))}, {span}, but {missing}."


def _doubts(chart: Chart) -> list[str]:
    """What could not be read surely, as one sentence; empty when all was."""
    if not chart.unsure:
        return []
    first, *others = (sentence.rstrip(".") for sentence in chart.unsure)
    return ["; ".join([first, *map(mid_sentence, others)]) + "."]


def _lines(words: Words) -> list[str]:
    chart = words.chart
    if len(chart.series) == 1:
        name = words.y_name or chart.series[0].name or "The line"
        return [f"{course(words, chart.series[0], name)}.", *_beyond_ends(words, chart.series[0])]
    # What follows a comma in a course tells of turns: too much for several lines at once.
    shown = [course(words, each, each.name or "").split(", ")[0] for each in chart.series[:4]]
    more = f"; and {counted(len(chart.series) - 4, 'more line')}" if len(chart.series) > 4 else ""
    return [f"{'; '.join(shown)}{more}.", extremes(words, values(chart)), *_leaders_at_ends(words)]


def _beyond_ends(words: Words, series: Series) -> list[str]:
    """Extremes where they are not the ends already named, and the steepest stretch of a line without turns."""
    points = points_of(series)
    ys = [each.y for each in points]
    ends = {ys[0], ys[-1]}
    if max(ys) not in ends or min(ys) not in ends:
        return [extremes(words, points)]
    if len(points) < 4 or turning_points(ys):
        return [f"It changes by {words.gap(abs(ys[-1] - ys[0]), points[0].point.estimated)} from end to end."]
    xs = [each.point.x if each.point.x is not None else i for i, each in enumerate(points)]
    slopes = [
        abs(b - a) / max(x - w, 1e-12) for (a, b), (w, x) in zip(pairwise(ys), pairwise(xs), strict=True)
    ]
    i = max(range(len(slopes)), key=lambda i: (round(slopes[i], 6), -i))
    step, estimated = ys[i + 1] - ys[i], points[i].point.estimated or points[i + 1].point.estimated
    return [
        f"It changes by {words.gap(abs(ys[-1] - ys[0]), estimated)} in all; the steepest stretch is from "
        f"{words.place(points[i])} to {words.place(points[i + 1])}, {words.gap(abs(step), estimated)} "
        f"{'up' if step > 0 else 'down'}."
    ]


def _leaders_at_ends(words: Words) -> list[str]:
    chart = words.chart
    starts = [(points_of(series)[0], series.name) for series in chart.series]
    ends = [(points_of(series)[-1], series.name) for series in chart.series]
    if len({words.place(each) for each, _ in starts}) > 1 or len({words.place(each) for each, _ in ends}) > 1:
        return []
    first, last = (max(side, key=lambda pair: pair[0].y) for side in (starts, ends))
    if any(sum(each.y == top[0].y for each, _ in side) > 1 for side, top in ((starts, first), (ends, last))):
        return []
    if first[1] == last[1]:
        return [f"{first[1]} is on top at both ends."]
    return [
        f"{first[1]} is on top at the start ({words.place(first[0])}), "
        f"{last[1]} at the end ({words.place(last[0])})."
    ]


def _bars(words: Words) -> list[str]:
    bars = sorted(values(words.chart), key=lambda value: -value.y)
    top, second, last = bars[0], bars[1], bars[-1]
    sentences = [extremes(words, values(words.chart), words.y_name or "")]
    if words.value(top) != words.value(second):
        estimated = top.point.estimated or second.point.estimated
        leader = words.place(top) if top.point.label else words.place(top).capitalize()
        gap = f"{leader} leads {words.place(second)} by {words.gap(top.y - second.y, estimated)}"
        if last.y > 0:
            gap += f" and is about {two_digits(top.y / last.y)} times as high as {words.place(last)}"
        sentences.append(f"{gap}.")
    order = [words.named(bar) for bar in bars[:LISTED]]
    if in_time_order([bar.label for bar in words.chart.series[0].points]):
        sentences.append(f"{course(words, words.chart.series[0], words.y_name or 'The value')}.")
    elif len(bars) > 2:
        more = f" and {len(bars) - LISTED} more" if len(bars) > LISTED else ""
        sentences.append(f"From the top: {', '.join(order)}{more}.")
    return sentences


def _bar_groups(words: Words) -> list[str]:
    chart = words.chart
    everything = values(chart)
    sums = sorted(chart.series, key=lambda series: -sum(point.y for point in series.points))
    ranked = joined(f"{each.name} ({words.total(points_of(each))})" for each in sums[:LISTED])
    sentences = []
    if not chart.percent:
        sentences.append(f"Summed over all groups, from the top: {ranked}.")
    sentences += _leaders_by_group(words)
    if chart.kind == "stacked bar" and not chart.percent:
        sentences += _tallest_stacks(words)
    sentences.append(extremes(words, everything))
    return sentences


def _by_label(chart: Chart) -> dict[str, list[Value]]:
    groups: dict[str, list[Value]] = {}
    for value in values(chart):
        if value.point.label:
            groups.setdefault(value.point.label, []).append(value)
    return groups


def _leaders_by_group(words: Words) -> list[str]:
    leads: dict[str, list[str]] = {}
    for label, group in _by_label(words.chart).items():
        top = max(group, key=y_of)
        if top.series and sum(words.value(value) == words.value(top) for value in group) == 1:
            leads.setdefault(top.series, []).append(label)
    if not leads:
        return []
    clauses = [
        f"{series} {'leads' if i == 0 else ''} in {joined(labels[:LISTED])}".replace("  ", " ")
        for i, (series, labels) in enumerate(leads.items())
    ]
    return [f"{'; '.join(clauses)}."]


def _tallest_stacks(words: Words) -> list[str]:
    stacks = sorted(_by_label(words.chart).items(), key=lambda stack: sum(map(y_of, stack[1])))
    if len(stacks) < 2:
        return []
    (smallest, parts), (tallest, most_parts) = stacks[0], stacks[-1]
    return [
        f"The whole stack is tallest for {tallest} at {words.total(most_parts)} "
        f"and smallest for {smallest} at {words.total(parts)}."
    ]


def _shares(words: Words) -> list[str]:
    slices = sorted(values(words.chart), key=lambda value: -value.y)
    top, last = slices[0], slices[-1]
    sentences = [f"{words.place(top)} has the largest share at {words.value(top)}."]
    if len(slices) > 2:
        sentences[0] = (
            f"{words.place(top)} has the largest share at {words.value(top)}, followed by "
            f"{joined(map(words.named, slices[1 : min(3, len(slices) - 1)]))}."
        )
        if words.chart.percent:
            estimated = any(each.point.estimated for each in slices[:2])
            sentences.append(
                f"The two largest together make {words.y(top.y + slices[1].y, estimated)} of the whole."
            )
    sentences.append(f"{words.place(last)} has the smallest share at {words.value(last)}.")
    return sentences


def _table(words: Words) -> list[str]:
    sentences = []
    for series in words.chart.series[:4]:
        column = points_of(series)
        sentences.append(extremes(words, column, series.name or words.y_name or "The column"))
    if len(words.chart.series) > 4:
        sentences.append(f"{counted(len(words.chart.series) - 4, 'more column')} stand in the table.")
    if len(sentences) == 1:
        sentences.insert(0, f"The table holds {counted(len(values(words.chart)), 'value')}.")
    return sentences


_TELLERS = {"bar": _bars, "pie": _shares, "scatter": cloud, "line": _lines, "table": _table}
