"""A conclusion for a chart: its main relation, its extremes and the exceptions, in two to five plain sentences."""

from __future__ import annotations

from itertools import pairwise

from offline_endpoint.answers.figures import (
    Value,
    Words,
    counted,
    joined,
    mid_sentence,
    noun_of,
    points_of,
    y_of,
)
from offline_endpoint.answers.sentences import (
    LISTED,
    at,
    called,
    cloud,
    course,
    extremes,
    in_time_order,
    kind_of,
    turning_points,
)
from offline_endpoint.reading.chart.data import Chart, Series


def conclusion(chart: Chart) -> str:
    """What a careful reader takes from a chart, in two to five sentences with figures and units as they stand in it.

    Then what could not be read surely and what is unusual. Figures estimated from pixels carry `about`. Where marks or
    names are missing, what was seen and why there is no conclusion.
    """
    words = Words(chart)
    everything, doubts = words.values, _doubts(chart)
    first = everything[0]
    misread = words.misread()
    if words.nameless or chart.partial or misread:
        return " ".join(filter(None, [_what_was_seen(words), misread, *doubts, "So I draw no conclusion."]))
    if len(everything) == 1:
        held = f"The {called(chart)} holds one {noun_of(chart)}: {words.place(first)}, {words.value(first)}."
        sentences = [held, "One value alone shows no relation."]
    elif len(set(map(words.value, everything))) == 1:
        number = "both" if len(everything) == 2 else f"all {len(everything)}"
        subject = chart.title or words.y_name or f"In this {chart.kind}"
        equal = f"{subject}: {number} {noun_of(chart)}s are equal, at {words.value(first)}."
        sentences = [equal, "So nothing stands out as highest or lowest."]
    else:
        is_grouped = "bar" in chart.kind and len(chart.series) > 1
        sentences = (_bar_groups if is_grouped else _TELLERS.get(chart.kind, _bars))(words)
    return " ".join([*sentences[: 5 - len(doubts)], *doubts, *chart.unusual])


def outline(chart: Chart) -> str:
    """What a chart consists of: kind, title, axes, series, and the span of its values."""
    words = Words(chart)
    everything = words.values
    parts = [f"It is {kind_of(chart, ' without a title')}"]
    parts += [f'{side} axis "{text}"' for side, text in (("x", chart.x_label), ("y", chart.y_label)) if text]
    named = [series.name for series in chart.series if series.name]
    if named:
        parts.append(f"series {joined(named, most=LISTED)}")
    if words.nameless or chart.partial or words.misread():
        size = _what_was_seen(words)
    elif len(everything) == 1:
        size = f"It holds 1 {noun_of(chart)}."
    else:
        ends = (at(words, pick(everything, key=y_of)) for pick in (min, max))
        size = f"It holds {counted(len(everything), noun_of(chart))}, from {' to '.join(ends)}."
    return " ".join([f"{'; '.join(parts)}.", size, *_doubts(chart), *chart.unusual])


def _what_was_seen(words: Words) -> str:
    """What was seen of a chart of which marks or names are missing."""
    everything = words.values
    low, high = (words.value(pick(everything, key=y_of)) for pick in (min, max))
    span = low if low == high else f"from {low} to {high}"
    named = len(everything) - words.nameless
    missing = f"the names of only {named} of them" if named else "no names"
    if not words.nameless:
        missing = "not surely what belongs to them" if words.misread() else "this is not all of the chart"
    return f"I read {counted(len(everything), noun_of(words.chart))}, {span}, but {missing}."


def _doubts(chart: Chart) -> list[str]:
    """What could not be read surely, as one sentence; empty when all was."""
    if not chart.unsure:
        return []
    first, *others = (sentence.rstrip(".") for sentence in chart.unsure)
    return ["; ".join([first, *map(mid_sentence, others)]) + "."]


def _lines(words: Words) -> list[str]:
    several = words.chart.series
    if len(several) == 1:
        name = words.y_name or several[0].name or "The line"
        return [f"{course(words, several[0], name)}.", *_beyond_ends(words, several[0])]
    shown = [course(words, each, each.name or "", brief=True) for each in several[:4]]
    more = f"; and {counted(len(several) - 4, 'more line')}" if len(several) > 4 else ""
    return [f"{'; '.join(shown)}{more}.", extremes(words, words.values), *_leaders_at_ends(words)]


def _beyond_ends(words: Words, series: Series) -> list[str]:
    """Extremes where they are not the ends already named, and the steepest stretch of a line without turns."""
    points = points_of(series)
    ys = [each.y for each in points]
    if not {max(ys), min(ys)} <= {ys[0], ys[-1]}:
        return [extremes(words, points)]
    whole = words.gap(abs(ys[-1] - ys[0]), points[0].point.estimated)
    if len(points) < 4 or turning_points(ys):
        return [f"It changes by {whole} from end to end."]
    xs = [each.point.x if each.point.x is not None else i for i, each in enumerate(points)]
    steps = zip(pairwise(ys), pairwise(xs), strict=True)
    slopes = [abs(b - a) / max(x - w, 1e-12) for (a, b), (w, x) in steps]
    i = max(range(len(slopes)), key=lambda i: (round(slopes[i], 6), -i))
    step = ys[i + 1] - ys[i]
    gap = words.gap(abs(step), points[i].point.estimated or points[i + 1].point.estimated)
    return [
        f"It changes by {whole} in all; the steepest stretch is from {words.place(points[i])} to "
        f"{words.place(points[i + 1])}, {gap} {'up' if step > 0 else 'down'}."
    ]


def _leaders_at_ends(words: Words) -> list[str]:
    tops = []
    for end in (0, -1):
        side = [(points_of(series)[end], series.name) for series in words.chart.series]
        top, name = max(side, key=lambda pair: pair[0].y)
        if len({words.place(each) for each, _ in side}) > 1 or sum(each.y == top.y for each, _ in side) > 1:
            return []
        tops.append((name, words.place(top)))
    (first, start), (last, end_place) = tops
    if first == last:
        return [f"{first} is on top at both ends."]
    return [f"{first} is on top at the start ({start}), {last} at the end ({end_place})."]


def _bars(words: Words) -> list[str]:
    bars = sorted(words.values, key=lambda value: -value.y)
    top, second, last = bars[0], bars[1], bars[-1]
    sentences = [extremes(words, words.values, words.y_name or "")]
    if words.value(top) != words.value(second):
        estimated = top.point.estimated or second.point.estimated
        leader = words.place(top) if top.point.label else words.place(top).capitalize()
        gap = f"{leader} leads {words.place(second)} by {words.gap(top.y - second.y, estimated)}"
        times = words.times(top, last)
        if times:
            gap += f" and is {times} as {words.place(last)}"
        sentences.append(f"{gap}.")
    series = words.chart.series[0]
    if in_time_order([bar.label for bar in series.points]):
        sentences.append(f"{course(words, series, words.y_name or 'The value')}.")
    elif len(bars) > 2:
        more = f" and {len(bars) - LISTED} more" if len(bars) > LISTED else ""
        sentences.append(f"From the top: {', '.join(map(words.named, bars[:LISTED]))}{more}.")
    return sentences


def _bar_groups(words: Words) -> list[str]:
    chart = words.chart
    sentences = []
    if not chart.percent:
        sums = sorted(chart.series, key=lambda series: -sum(point.y for point in series.points))
        ranked = joined((f"{each.name} ({words.total(points_of(each))})" for each in sums), most=LISTED)
        sentences.append(f"Summed over all groups, from the top: {ranked}.")
    groups: dict[str, list[Value]] = {}
    for value in words.values:
        if value.point.label:
            groups.setdefault(value.point.label, []).append(value)
    sentences += _leaders_by_group(words, groups)
    stacks = sorted(groups.items(), key=lambda stack: sum(map(y_of, stack[1])))
    if chart.kind == "stacked bar" and not chart.percent and len(stacks) > 1:
        (smallest, parts), (tallest, most_parts) = stacks[0], stacks[-1]
        sentences.append(
            f"The whole stack is tallest for {tallest} at {words.total(most_parts)} "
            f"and smallest for {smallest} at {words.total(parts)}."
        )
    return [*sentences, extremes(words, words.values)]


def _leaders_by_group(words: Words, groups: dict[str, list[Value]]) -> list[str]:
    leads: dict[str, list[str]] = {}
    for label, group in groups.items():
        top = max(group, key=y_of)
        if top.series and sum(words.value(value) == words.value(top) for value in group) == 1:
            leads.setdefault(top.series, []).append(label)
    clauses = [
        f"{series} {'in' if i else 'leads in'} {joined(labels, most=LISTED)}"
        for i, (series, labels) in enumerate(leads.items())
    ]
    return [f"{'; '.join(clauses)}."] if leads else []


def _shares(words: Words) -> list[str]:
    slices = sorted(words.values, key=lambda value: -value.y)
    top, second, last = slices[0], slices[1], slices[-1]
    followed, together = "", []
    if len(slices) > 2:
        followed = f", followed by {joined(map(words.named, slices[1 : min(3, len(slices) - 1)]))}"
        if words.chart.percent:
            both = words.y(top.y + second.y, top.point.estimated or second.point.estimated)
            together = [f"The two largest together make {both} of the whole."]
    return [
        f"{words.place(top)} has the largest share at {words.value(top)}{followed}.",
        *together,
        f"{words.place(last)} has the smallest share at {words.value(last)}.",
    ]


def _table(words: Words) -> list[str]:
    columns = words.chart.series
    sentences = [extremes(words, points_of(s), s.name or words.y_name or "The column") for s in columns[:4]]
    if len(columns) > 4:
        sentences.append(f"{counted(len(columns) - 4, 'more column')} stand in the table.")
    if len(sentences) == 1:
        sentences.insert(0, f"The table holds {counted(len(words.values), 'value')}.")
    return sentences


_TELLERS = {"bar": _bars, "pie": _shares, "scatter": cloud, "line": _lines, "table": _table}


def chart_comparison(first: Chart, second: Chart) -> str:
    """Two charts by the values whose series and label both have, the widest gap first; else by their extremes."""
    sides = Words(first), Words(second)
    kinds = joined(f"picture {number} is {kind_of(each.chart)}" for number, each in enumerate(sides, 1))
    told = [f"P{kinds[1:]}."]
    here, there = (
        {(v.series, v.point.label): v for v in side.values if v.point.label and side.has_name(v)}
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
