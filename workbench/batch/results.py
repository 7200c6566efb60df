"""What came out of a run, as tables: one row for each file and question, and one for each chart that was scored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.batch.elsewhere import name_of
from workbench.batch.journal import Row
from workbench.batch.plan import Task
from workbench.batch.stopping import BatchError
from workbench.score import ScoreError, score

if TYPE_CHECKING:
    from pandas import DataFrame

_COUNTS = ("prompt_tokens", "completion_tokens", "attempts", "status")
_FROM_ROW = ("answer", "finish_reason", *_COUNTS[:2], "seconds", *_COUNTS[2:], "error", "remedy")


def table(tasks: Iterable[Task], rows: Iterable[Row]) -> DataFrame:
    """Put answers and failures beside the files they belong to.

    Returns:
        One row for each task, in its order: `file`, `media`, `size` (bytes), `planned_tokens`, `prompt`, then what the
        newest row of its key has, `error` and `remedy`. A task without a row has "not sent yet" as its error. Files
        with the same content share one answer.
    """
    from workbench.batch.frames import Answers

    tasks = list(tasks)
    newest = {row["key"]: tuple(map(row.get, _FROM_ROW)) for row in rows}
    empty = (None,) * (len(_FROM_ROW) - 2)
    kept = [newest.get(task.key) or (*empty, task.refused or "not sent yet", "") for task in tasks]
    # Column by column: a dictionary for each of a hundred thousand rows would fill the memory.
    columns: dict[str, Sequence[Any]] = {
        name: [_plain(getattr(task, name.replace("planned_", ""))) for task in tasks]
        for name in ("file", "media", "size", "planned_tokens", "prompt")
    }
    columns |= {name: [_plain(values[number]) for values in kept] for number, name in enumerate(_FROM_ROW)}
    # Whole numbers that may be missing; pandas would make decimals of them.
    return _headed(Answers(columns).astype(dict.fromkeys(_COUNTS, "Int64")))


def _plain(value: Any) -> Any:
    """The bytes of a file's name that are no text, as escapes: pyarrow, if pandas uses it, takes none."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def save_table(table: DataFrame, path: str | Path) -> None:
    """Save a table as .csv or .parquet (which keeps types), here or at an address such as abfs://box/answers.csv.

    Raises:
        BatchError: it has another ending, Parquet or the address needs a package more, or it cannot be written.
    """
    name = name_of(path)
    ways = {"csv": table.to_csv, "parquet": table.to_parquet}
    save = ways.get(name.rpartition(".")[2].lower())
    if save is None:
        raise BatchError(f"{name} is to end in .csv or .parquet.")
    try:
        save(path, index=False)
    except ImportError:
        raise BatchError(
            "This needs a package more: run pip install -r requirements-cloud.txt, or save as .csv on this computer."
        ) from None
    except OSError as error:
        raise BatchError(
            f"{name} cannot be written ({error.strerror or type(error).__name__}): check the folder and the room in it."
        ) from None


def chart_scores(answers: DataFrame, truth: Mapping[str, Sequence[Mapping[str, Any]]]) -> DataFrame:
    """Score the charts that were read against the data they were drawn from.

    An answer holds JSON of the form `{"kind", "series": [{"name", "points": [{"label", "x", "y"}]}]}`. Where there are
    several series, a point's name is `series: label`, in the answer and in `truth`, which has for a file's name the
    points of its chart, as for `workbench.score.score`.

    Returns:
        One row for each answered file that has a truth: `file`, `kind` (as it was read), `points`, `found`, `share`
        (of the points that were found, 0 to 1), `invented`, and `problem`, which says why an answer was no data.
    """
    from workbench.batch.frames import Answers

    lines = [
        {"file": file, **_scored(answer, truth[file])}
        for file, answer in zip(answers["file"], answers["answer"], strict=True)
        if file in truth and isinstance(answer, str)
    ]
    columns = ["file", "kind", "points", "found", "share", "invented", "problem"]
    return _headed(Answers(lines, columns=columns))


def _headed(lines: DataFrame) -> DataFrame:
    """Name the numbers of the rows: a header without words tells those who hear the table nothing."""
    return lines.rename_axis(columns="row")


def _scored(answer: str, true_points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    scored: dict[str, Any] = {"kind": "", "points": len(true_points), "found": 0, "share": 0.0, "invented": 0}
    try:
        # Models like to put words or a fence around JSON.
        chart = json.loads(answer[answer.index("{") : answer.rindex("}") + 1])
        kind = str(chart.get("kind", ""))
        scored["kind"] = kind
        result = score(_points(chart), true_points)
    except ScoreError as error:
        return scored | {"problem": str(error)}
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
        # A model may write anything: nested too deep, numbers beyond any range, a list where a name belongs.
        return scored | {"kind": "", "problem": "the answer is not of the form that was asked for"}
    share = result.found / result.points
    return scored | {"found": result.found, "share": share, "invented": len(result.invented), "problem": ""}


def _points(chart: Mapping[str, Any]) -> list[dict[str, Any]]:
    several = len(chart["series"]) > 1
    return [
        {**point, "label": f"{series['name']}: {point['label']}" if several else point.get("label")}
        for series in chart["series"]
        for point in series["points"]
    ]
