"""A table has a row for each file whatever became of it, and charts are scored from what models really write."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.workbench.test_batch_journal import row, task
from workbench import batch
from workbench.batch.attempt import failure_row

TRUE_BARS = [{"label": "A", "x": None, "y": 1}, {"label": "B", "x": None, "y": 5}]
BARS = {"kind": "bar", "series": [{"name": None, "points": TRUE_BARS}]}


def answered(answer):
    return batch.table([task("a")], [row("a", answer=answer)])


def test_each_task_has_a_line():
    tasks = [task("a"), task("b"), task("c", refused="Empty."), task("d")]
    rows = [row("a", "Broken."), failure_row(tasks[1], "Lost.", "Again."), row("a", prompt_tokens=5)]
    table = batch.table(tasks, rows)
    assert list(table["file"]) == ["a.png", "b.png", "c.png", "d.png"]
    assert list(table["error"]) == ["", "Lost.", "Empty.", "not sent yet"]
    assert table["answer"][0] == "Yes."
    assert table["remedy"][1] == "Again."


def test_an_empty_plan_is_an_empty_table():
    assert len(batch.table([], [])) == 0


def test_files_of_equal_content_share_an_answer():
    table = batch.table([task("a"), task("a")], [row("a")])
    assert list(table["answer"]) == ["Yes.", "Yes."]


@pytest.mark.parametrize("around", ["{}", "```json\n{}\n```", "Here it is: {} I hope this helps."])
def test_a_chart_is_scored(around):
    scores = batch.chart_scores(answered(around.replace("{}", json.dumps(BARS))), {"a.png": TRUE_BARS})
    assert scores.to_dict("records") == [
        {"file": "a.png", "kind": "bar", "points": 2, "found": 2, "share": 1.0, "invented": 0, "problem": ""}
    ]


def test_points_of_several_series_are_called_by_series_and_label():
    two = {"kind": "line", "series": [{**BARS["series"][0], "name": name} for name in ("x", "y")]}
    truth = [{**point, "label": f"{name}: {point['label']}"} for name in ("x", "y") for point in TRUE_BARS]
    scores = batch.chart_scores(answered(json.dumps(two)), {"a.png": truth})
    assert (scores["found"][0], scores["points"][0]) == (4, 4)


@pytest.mark.parametrize(
    "answer",
    [
        "A chart.",
        "{",
        '{"kind": "bar"}',
        '{"series": [1]}',
        '{"series": [{"points": [{"label": "A", "y": "x"}]}]}',
        '{"series": [{"points": [{"label": "A", "y": ' + "9" * 400 + "}]}]}",
        '{"series": [{"points": [{"label": "A", "y": ' + "9" * 5000 + "}]}]}",
        '{"series": [{"points": [{"label": "A", "y": 1e999}]}]}',
        '{"series": [{"points": [{"label": "A", "y": NaN}]}]}',
        '{"series": [{"points": [{"label": {"A": 1}, "x": 1, "y": 1}]}]}',
        '{"series": [{"points": [{"label": "A", "x": ' + "9" * 400 + ', "y": 1}]}]}',
        '{"series": [{"points": {"label": "A", "y": 1}}]}',
        '{"series": {"points": []}}',
        '{"a": ' * 50_000 + "}" * 50_000,
        '{"a": ' + "[" * 50_000 + "]" * 50_000 + "}",
    ],
)
def test_an_answer_that_is_no_data_found_nothing_and_says_why(answer):
    scores = batch.chart_scores(answered(answer), {"a.png": TRUE_BARS})
    assert (scores["share"][0], scores["points"][0]) == (0.0, 2)
    assert scores["problem"][0]


def test_one_bad_answer_costs_no_other_its_score():
    tasks = [task(key) for key in "abc"]
    bad = '{"series": [{"points": [{"label": "A", "y": ' + "9" * 400 + "}]}]}"
    rows = [row("a", answer=json.dumps(BARS)), row("b", answer=bad), row("c", answer=json.dumps(BARS))]
    scores = batch.chart_scores(batch.table(tasks, rows), {f"{key}.png": TRUE_BARS for key in "abc"})
    assert list(scores["share"]) == [1.0, 0.0, 1.0]


def test_only_answered_charts_with_a_truth_are_scored():
    failed = batch.table([task("a")], [row("a", "Broken.")])
    assert len(batch.chart_scores(failed, {"a.png": TRUE_BARS})) == 0
    assert len(batch.chart_scores(answered("{}"), {})) == 0


# Shown and saved.


def test_dollar_signs_in_a_reply_are_not_typeset():
    html = answered("It costs $5 to $6.")._repr_html_()
    assert "$5 to $6" in html
    assert "tex2jax_ignore" in html
    # A part of the table is one, too.
    assert "tex2jax_ignore" in answered("$5")[["file", "answer"]]._repr_html_()
    assert "tex2jax_ignore" in answered("$5").sort_values("file").head()._repr_html_()


@pytest.fixture(scope="module")
def many():
    return batch.table([task(f"{number:06}") for number in range(100_000)], [])


@pytest.mark.parametrize("option", [None, 0, 10, 1000])
def test_a_table_of_100_000_rows_shows_its_first_part_and_says_what_is_left_out(many, option):
    with pd.option_context("display.max_rows", option):
        html, text = many._repr_html_(), repr(many)
    for shown in (html, text):
        assert "000000.png" in shown
        assert "000059.png" in shown
        assert "000060.png" not in shown
        assert "99,940 more of 100,000 rows are not shown." in shown
        assert len(shown) < 50_000
    assert "not shown" not in repr(many.head(60)) + many.head(60)._repr_html_()


def test_a_table_is_saved_and_comes_back(tmp_path):
    rows = [row("a", answer='Größe\n"5", $3', prompt_tokens=5), row("b", "Broken.", file="x")]
    table = batch.table([task("a"), task("b"), task("c\udcff")], rows)
    batch.save_table(table, tmp_path / "answers.csv")
    back = pd.read_csv(tmp_path / "answers.csv", keep_default_na=False)
    assert list(back["answer"]) == ['Größe\n"5", $3', "", ""]
    assert list(back["file"]) == ["a.png", "b.png", "c\\udcff.png"]
    assert list(back.columns) == list(table.columns)


def test_parquet_keeps_types_or_says_what_it_needs(tmp_path):
    table = batch.table([task("a"), task("b\udcff")], [row("a", prompt_tokens=5)])
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        with pytest.raises(batch.BatchError, match=r"requirements-cloud\.txt"):
            batch.save_table(table, tmp_path / "answers.parquet")
        return
    batch.save_table(table, str(tmp_path / "answers.parquet"))
    back = pd.read_parquet(tmp_path / "answers.parquet")
    assert back["prompt_tokens"].dtype == "Int64"
    assert back["answer"][0] == "Yes."


def test_tables_that_cannot_be_saved(tmp_path):
    table = batch.table([task("a")], [])
    with pytest.raises(batch.BatchError, match=r"end in \.csv or \.parquet"):
        batch.save_table(table, tmp_path / "answers.xls")
    with pytest.raises(batch.BatchError, match=r"answers\.csv cannot be written"):
        batch.save_table(table, tmp_path / "no folder" / "answers.csv")
