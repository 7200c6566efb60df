"""Tables shown as pictures: text in rows and columns, the first column naming the rows."""

from __future__ import annotations

from offline_endpoint.reading.chart.canvas import Canvas, in_runs
from offline_endpoint.reading.chart.data import Chart, Point, Series, count_of
from offline_endpoint.reading.chart.evidence import Detector, Kind, Reading
from offline_endpoint.reading.chart.labels import is_symbol, parse_number
from offline_endpoint.reading.text import TextLine


def read_table(picture: Canvas) -> Reading | None:
    """Read a table: a series for each column of numbers, a point for each row, named by the first column."""
    lines = [t for t in picture.lines if not is_symbol(t) and not t.is_vertical]
    rows = in_runs(lines, lambda t: (t.top + t.bottom) / 2, 0.45 * picture.text_height)
    body = _longest_block([sorted(row, key=lambda t: t.left) for row in rows])
    if len(body) < 3:
        return None
    columns = _columns([t for row in body[1:] for t in row])
    if len(columns) < 2:
        return None
    grid: list[list[TextLine | None]] = [[_cell(row, column) for column in columns] for row in body]
    if len(body[0]) == len(columns):
        # Heads may be set differently from the cells under them, but they keep their order.
        grid[0] = list(body[0])
    filled = sum(cell is not None for row in grid for cell in row)
    in_grid = {t for row in grid for t in row if t is not None}
    # A chart has rows and columns of labels too, but they do not fill a grid and there is more text
    # beside them.
    if filled < 0.8 * len(grid) * len(columns) or len(in_grid) < 0.75 * len(lines):
        return None
    heads, rest = grid[0], grid[1:]
    # The heads tell a table from a form or a list: one for each column, but for the first, and no numbers.
    named = len(columns) - 1 <= len(body[0]) <= len(columns)
    if not named or all(cell is None or parse_number(cell.text) for cell in heads[1:]):
        return None
    series = []
    unsure = []
    for k in range(1, len(columns)):
        cells = [row[k] for row in rest]
        numbers = [parse_number(cell.text) if cell is not None else None for cell in cells]
        if sum(n is not None for n in numbers) < 0.7 * len(rest):
            continue
        points = tuple(
            Point(row[0].text.strip() if row[0] is not None else None, None, number.value, estimated=False)
            for row, number in zip(rest, numbers, strict=True)
            if number is not None
        )
        head = heads[k]
        series.append(Series(head.text.strip() if head is not None else None, points))
        lost = numbers.count(None)
        if lost:
            where = f"column {series[-1].name}" if series[-1].name else f"column {k + 1}"
            unsure.append(f"In {where}, {count_of(lost, 'cell')} could not be read as a number.")
    words = [row[0] for row in rest if row[0] is not None]
    if not series or len(words) < 0.7 * len(rest) or len(rest) < 2:
        return None
    percent = all("%" in cell.text for row in rest for cell in row[1:] if cell is not None)
    above = [t for t in lines if t not in in_grid and t.bottom <= min(c.top for c in body[0]) + 4]
    title = max(above, key=lambda t: t.bottom - t.top, default=None)
    label = heads[0].text.strip() if heads[0] is not None else None
    chart = Chart(
        "table",
        title.text.strip() if title else None,
        label,
        None,
        tuple(series),
        "category",
        percent=percent,
        unsure=tuple(unsure),
    )
    return Reading(chart, len(in_grid) / len(lines))


def _longest_block(rows: list[list[TextLine]]) -> list[list[TextLine]]:
    """The longest run of neighboring rows with two or more cells; a title stands alone in its row."""
    best: list[list[TextLine]] = []
    run: list[list[TextLine]] = []
    for row in [*rows, []]:
        if len(row) > 1:
            run.append(row)
            continue
        if len(run) > len(best):
            best = run
        run = []
    return best


def _columns(lines: list[TextLine]) -> list[tuple[float, float]]:
    """The spans from left to right that lines share; a gap that no line crosses parts two columns."""
    spans: list[list[float]] = []
    for line in sorted(lines, key=lambda t: t.left):
        if spans and line.left < spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], line.right)
        else:
            spans.append([line.left, line.right])
    return [(left, right) for left, right in spans]


def _cell(row: list[TextLine], column: tuple[float, float]) -> TextLine | None:
    return next((t for t in row if column[0] <= (t.left + t.right) / 2 <= column[1]), None)


DETECTOR = Detector(read_table, (Kind("table", "value", "values"),), of="picture")
