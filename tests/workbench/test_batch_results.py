"""A table has a row for each file whatever became of it, and charts are scored from what models really write."""

from __future__ import annotations

import json

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
    ],
)
def test_an_answer_that_is_no_data_found_nothing_and_says_why(answer):
    scores = batch.chart_scores(answered(answer), {"a.png": TRUE_BARS})
    assert (scores["share"][0], scores["points"][0]) == (0.0, 2)
    assert scores["problem"][0]


def test_only_answered_charts_with_a_truth_are_scored():
    failed = batch.table([task("a")], [row("a", "Broken.")])
    assert len(batch.chart_scores(failed, {"a.png": TRUE_BARS})) == 0
    assert len(batch.chart_scores(answered("{}"), {})) == 0
