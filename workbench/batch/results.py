"""What came out of a run, as tables: one row for each file and question, and one for each chart that was scored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.batch.journal import Row
from workbench.batch.plan import Task
from workbench.score import ScoreError, score

if TYPE_CHECKING:
    from pandas import DataFrame

_FROM_ROW = ("answer", "finish_reason", "prompt_tokens", "completion_tokens", "seconds", "attempts", "status")

_COUNTS = ("prompt_tokens", "completion_tokens", "attempts", "status")


def table(tasks: Iterable[Task], rows: Iterable[Row]) -> DataFrame:
    """Put answers and failures beside the files they belong to.

    Args:
        tasks: as `plan` returns them.
        rows: of the run, oldest first; the newest of a key counts.

    Returns:
        One row for each task, in its order: `file`, `media`, `size` (bytes), `planned_tokens`, `prompt`, then what the
        row of the run has, `error` and `remedy`. A task without a row has "not sent yet" as its error. Files with the
        same content share one answer.
    """
    import pandas as pd

    newest = {row["key"]: row for row in rows}
    lines = pd.DataFrame([_line(task, newest.get(task.key)) for task in tasks])
    # Whole numbers that may be missing; pandas would make decimals of them.
    return _headed(lines.astype({name: "Int64" for name in _COUNTS if name in lines}))


def _line(task: Task, row: Row | None) -> dict[str, Any]:
    planned = {
        "file": task.file,
        "media": task.media,
        "size": task.size,
        "planned_tokens": task.tokens,
        "prompt": task.prompt,
    }
    row = row or {"error": task.refused or "not sent yet", "remedy": ""}
    return planned | {name: row.get(name) for name in (*_FROM_ROW, "error", "remedy")}


def chart_scores(answers: DataFrame, truth: Mapping[str, Sequence[Mapping[str, Any]]]) -> DataFrame:
    """Score the charts that were read against the data they were drawn from.

    An answer holds JSON of the form `{"kind", "series": [{"name", "points": [{"label", "x", "y"}]}]}`. Where there are
    several series, a point's name is `series: label`, in the answer and in the truth.

    Args:
        answers: as `table` returns it.
        truth: for a file's name the points of its chart, as for `workbench.score.score`.

    Returns:
        One row for each answered file that has a truth: `file`, `kind` (as it was read), `points`, `found`, `share`
        (of the points that were found, 0 to 1), `invented`, and `problem`, which says why an answer was no data.
    """
    import pandas as pd

    lines = []
    for file, answer in zip(answers["file"], answers["answer"], strict=True):
        if file in truth and isinstance(answer, str):
            lines.append({"file": file, **_scored(answer, truth[file])})
    columns = ["file", "kind", "points", "found", "share", "invented", "problem"]
    return _headed(pd.DataFrame(lines, columns=columns))


def _headed(lines: DataFrame) -> DataFrame:
    """Name the numbers of the rows: a header without words tells those who hear the table nothing."""
    return lines.rename_axis(columns="row")


def _scored(answer: str, true_points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    nothing = {"points": len(true_points), "found": 0, "share": 0.0, "invented": 0}
    try:
        chart = _json_in(answer)
        points = _points(chart)
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"kind": "", **nothing, "problem": "the answer is not of the form that was asked for"}
    kind = str(chart.get("kind", ""))
    try:
        result = score(points, true_points)
    except ScoreError as error:
        return {"kind": kind, **nothing, "problem": str(error)}
    return {
        "kind": kind,
        "points": result.points,
        "found": result.found,
        "share": result.found / result.points,
        "invented": len(result.invented),
        "problem": "",
    }


def _json_in(answer: str) -> dict[str, Any]:
    """The JSON object in an answer; models like to put words or a fence around it."""
    start, end = answer.index("{"), answer.rindex("}")
    return json.loads(answer[start : end + 1])


def _points(chart: Mapping[str, Any]) -> list[dict[str, Any]]:
    several = len(chart["series"]) > 1
    return [
        {**point, "label": f"{series['name']}: {point['label']}" if several else point.get("label")}
        for series in chart["series"]
        for point in series["points"]
    ]
