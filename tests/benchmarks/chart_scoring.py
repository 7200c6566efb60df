"""How well a chart was read: what was read against what was drawn."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np

from offline_endpoint.reading.chart.data import Chart, Point, Series
from tests.benchmarks.chart_drawings import Drawing

NEAR = 0.05
"""A point counts as found when it is within this share of each axis range."""
CLOSE = 0.02
"""The share of the axis range that a value must be within to count as right."""


@dataclass(frozen=True)
class Score:
    """One chart's marks.

    Attributes:
        points: how many points were drawn.
        found: how many were read within 5 % of the range, for category charts also under the right name.
        close: how many of them within 2 %.
        read: how many points were read at all.
        invented: how many of those stand for no drawn point.
        conclusion: whether direction and extremes of each series are as drawn.
    """

    points: int
    found: int
    close: int
    read: int
    invented: int
    conclusion: bool


def _same(a: str | None, b: str | None) -> bool:
    if a is None or b is None:
        return a is b
    a, b = (s.replace(" ", "").lower() for s in (a, b))
    return a == b or (difflib.SequenceMatcher(None, a, b).ratio() >= 0.8 and not (a.isdigit() or b.isdigit()))


def _place(value: float, span: tuple[float, float], logarithmic: bool) -> float:
    low, high = span
    if logarithmic:
        if value <= 0:
            return -9.0
        value, low, high = np.log10([value, low, high])
    return float((value - low) / (high - low))


def _errors(drawing: Drawing, drawn: Series, read: Series) -> list[tuple[float, int, int]]:
    """(error, index drawn, index read) of each pair that could be one point.

    The error is a share of the range.
    """
    truth = drawing.truth
    pairs = []
    for i, a in enumerate(drawn.points):
        for k, b in enumerate(read.points):
            error = abs(
                _place(a.y, drawing.y_range, truth.y_scale == "log")
                - _place(b.y, drawing.y_range, truth.y_scale == "log")
            )
            if a.x is None:
                if not _same(a.label, b.label):
                    continue
            elif b.x is None:
                continue
            else:
                assert drawing.x_range is not None
                logarithmic = truth.x_scale == "log"
                error = max(
                    error,
                    abs(
                        _place(a.x, drawing.x_range, logarithmic) - _place(b.x, drawing.x_range, logarithmic)
                    ),
                )
                if a.label is not None and not _same(a.label, b.label):
                    continue
            pairs.append((error, i, k))
    return sorted(pairs)


def _match(drawing: Drawing, drawn: Series, read: Series) -> dict[int, tuple[int, float]]:
    """Drawn index -> (read index, error), one to one, best first, within 5 % of the range."""
    matched: dict[int, tuple[int, float]] = {}
    used: set[int] = set()
    for error, i, k in _errors(drawing, drawn, read):
        if error <= NEAR and i not in matched and k not in used:
            matched[i] = (k, error)
            used.add(k)
    return matched


def _partners(drawing: Drawing, chart: Chart) -> list[tuple[Series, Series | None]]:
    """Each drawn series with the read one: by name if both have names, else by the points they share."""
    left = list(chart.series)
    pairs: dict[int, Series] = {}
    drawn = list(drawing.truth.series)
    names = {series.name for series in drawn}
    for i, series in enumerate(drawn):
        if series.name is None:
            continue
        same = next((s for s in left if s.name == series.name), None)
        same = same or next(
            (s for s in left if s.name is not None and _same(s.name, series.name) and s.name not in names),
            None,
        )
        if same:
            pairs[i] = same
            left.remove(same)
    options = sorted(
        (-len(_match(drawing, series, s)), i, k)
        for i, series in enumerate(drawn)
        if i not in pairs
        for k, s in enumerate(left)
        if series.name is None or s.name is None
    )
    used: set[int] = set()
    for _, i, k in options:
        if i not in pairs and k not in used:
            pairs[i] = left[k]
            used.add(k)
    return [(series, pairs.get(i)) for i, series in enumerate(drawn)]


def _on_curve(series: Series, x: float) -> float | None:
    points = sorted((p.x, p.y) for p in series.points if p.x is not None)
    if len(points) < 2 or not points[0][0] <= x <= points[-1][0]:
        return None
    return float(np.interp(x, [p[0] for p in points], [p[1] for p in points]))


def _curve_points(drawing: Drawing, drawn: Series, read: Series) -> tuple[int, int, int]:
    """(found, close, invented) for a bare line: the read curve at each drawn x.

    A read point that lies off the drawn curve by more than 5 % is invented.
    """
    assert drawing.x_range is not None
    slack = 0.02 * (drawing.x_range[1] - drawing.x_range[0])
    ends = [p.x for p in read.points if p.x is not None]
    found = close = 0
    for p in drawn.points:
        assert p.x is not None
        x = p.x
        if ends and ends[0] - slack <= x <= ends[-1] + slack:
            x = min(max(x, min(ends)), max(ends))
        value = _on_curve(read, x)
        if value is not None:
            error = abs(_place(value, drawing.y_range, False) - _place(p.y, drawing.y_range, False))
            found += error <= NEAR
            close += error <= CLOSE
    invented = 0
    first, last = min(p.x for p in drawn.points), max(p.x for p in drawn.points)
    for p in read.points:
        value = _on_curve(drawn, min(max(p.x, first), last)) if p.x is not None else None
        far = (
            value is None
            or abs(_place(value, drawing.y_range, False) - _place(p.y, drawing.y_range, False)) > NEAR
        )
        invented += far or not first - slack <= p.x <= last + slack
    return found, close, invented


def score(drawing: Drawing, chart: Chart | None, bare_lines: bool = False) -> Score:
    """Mark one reading.

    Args:
        drawing: what was drawn.
        chart: what was read; None finds nothing and invents nothing.
        bare_lines: whether the lines carry no marks, so that the curve is compared and not its corners.
    """
    total = sum(len(s.points) for s in drawing.truth.series)
    if chart is None:
        return Score(total, 0, 0, 0, 0, False)
    found = close = invented = 0
    read_total = sum(len(s.points) for s in chart.series)
    partners = _partners(drawing, chart)
    conclusion = True
    for drawn, read in partners:
        if read is None:
            conclusion = False
            continue
        if bare_lines and drawn.points[0].x is not None and read.points[0].x is not None:
            counts = _curve_points(drawing, drawn, read)
            found, close, invented = found + counts[0], close + counts[1], invented + counts[2]
        else:
            matched = _match(drawing, drawn, read)
            found += len(matched)
            close += sum(error <= CLOSE for _, error in matched.values())
            invented += len(read.points) - len(matched)
        conclusion &= _same_conclusion(drawing, drawn, read)
    taken = {id(read) for _, read in partners if read is not None}
    invented += sum(len(s.points) for s in chart.series if id(s) not in taken)
    return Score(total, found, close, read_total, invented, conclusion)


def _direction(points: tuple[Point, ...], ordered: bool, logarithmic: bool = False) -> float:
    """Rank correlation of value with place (order for categories), -1 to 1."""
    if len(points) < 3 or not ordered:
        return 0.0
    at = np.array([p.x if p.x is not None else k for k, p in enumerate(points)], float)
    ranks = np.argsort(np.argsort(at)), np.argsort(np.argsort([p.y for p in points]))
    return float(np.corrcoef(*ranks)[0, 1])


def _same_conclusion(drawing: Drawing, drawn: Series, read: Series) -> bool:
    """Direction and extremes as drawn.

    Where two drawn values are within 1 % of the range, either may be the extreme.
    """
    truth = drawing.truth
    ordered = truth.kind in ("scatter", "line")
    a, b = _direction(drawn.points, ordered), _direction(read.points, ordered)
    clear = 0.25
    if (a > clear and b <= 0) or (a < -clear and b >= 0):
        return False
    low, high = drawing.y_range
    logarithmic = truth.x_scale == "log"
    for pick, sign in ((max, 1), (min, -1)):
        best = pick(drawn.points, key=lambda p: p.y)
        got = pick(read.points, key=lambda p: p.y)
        likely = [p for p in drawn.points if sign * (best.y - p.y) <= 0.01 * (high - low)]
        if best.x is None:
            if not any(_same(p.label, got.label) for p in likely):
                return False
        else:
            assert drawing.x_range is not None
            if got.x is None:
                return False
            places = [_place(p.x, drawing.x_range, logarithmic) for p in likely if p.x is not None]
            where = _place(got.x, drawing.x_range, logarithmic)
            if min(abs(p - where) for p in places) > NEAR:
                return False
    return True


def total(scores: list[Score]) -> dict[str, float]:
    """Shares over all points of several charts; `conclusions` is the share of charts."""
    points = sum(s.points for s in scores)
    read = sum(s.read for s in scores)
    return {
        "charts": len(scores),
        "found": sum(s.found for s in scores) / points,
        "close": sum(s.close for s in scores) / points,
        "invented": sum(s.invented for s in scores) / max(1, read),
        "conclusions": sum(s.conclusion for s in scores) / len(scores),
    }
