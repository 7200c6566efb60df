"""Tables as lines of text: what is a table, and which cells are its values."""

from __future__ import annotations

import pytest

from tests.offline_endpoint.drawn import Sheet

HEADS = ("Name", "Score", "Price")
ROWS = (("Alpha", "12.5", "1,200"), ("Beta", "7", "980"), ("Gamma", "30.1", "2,050"), ("Delta", "9", "15"))


def _table(heads=HEADS, rows=ROWS, title: str | None = None) -> Sheet:
    sheet = Sheet()
    if title:
        sheet.text(title, 320, 30)
    for r, row in enumerate((heads, *rows) if heads else rows):
        for c, cell in enumerate(row):
            if cell:
                sheet.text(cell, 120 + 180 * c, 90 + 50 * r)
    return sheet


def test_columns_of_numbers_become_series() -> None:
    chart = _table(title="What it costs").read()
    assert (chart.kind, chart.title, chart.x_label, chart.unsure) == ("table", "What it costs", "Name", ())
    assert [s.name for s in chart.series] == ["Score", "Price"]
    assert [(p.label, p.y) for p in chart.series[0].points] == [
        ("Alpha", 12.5),
        ("Beta", 7),
        ("Gamma", 30.1),
        ("Delta", 9),
    ]
    assert [p.y for p in chart.series[1].points] == [1200, 980, 2050, 15]
    assert not any(p.estimated for s in chart.series for p in s.points)


@pytest.mark.parametrize("cell", ["n/a", ""])
def test_a_cell_that_is_no_number_is_left_out_and_told(cell: str) -> None:
    chart = _table(rows=(*ROWS[:2], ("Gamma", cell, "2,050"), ROWS[3])).read()
    assert [p.label for p in chart.series[0].points] == ["Alpha", "Beta", "Delta"]
    assert len(chart.series[1].points) == 4
    assert chart.unsure == ("In column Score, one cell could not be read as a number.",)


def test_shares_give_a_table_of_percent() -> None:
    chart = _table(("Way", "Share"), (("Bus", "40%"), ("Walk", "25%"), ("Bike", "35%"))).read()
    assert chart.percent
    assert [p.y for p in chart.series[0].points] == [40, 25, 35]


@pytest.mark.parametrize(
    "sheet",
    [
        _table(heads=None),
        _table(rows=ROWS[:1]),
        _table(rows=(("Alpha", "red", "round"), ("Beta", "blue", "flat"), ("Gamma", "gray", "thin"))),
        Sheet(),
    ],
    ids=["no heads", "one row", "no numbers", "nothing"],
)
def test_what_is_no_table(sheet: Sheet) -> None:
    assert sheet.read() is None
