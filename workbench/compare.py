"""Ask the same of the same files in several ways, of several deployments, and see what each is worth."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.display import Shown, show_figure
from helpers.models import model_for
from workbench import batch
from workbench.batch.attempt import Ask, Connect
from workbench.score import ScoreError, score_form, score_words

if TYPE_CHECKING:
    from pandas import DataFrame

DECLINES = r"(?i)\b(?:cannot|can't|unable to|not able to|needs a model)\b"
"""What an answer that declines says; our choice. Only an answer without any right part is looked at."""


@dataclass(frozen=True)
class Variant:
    """One way to ask; give a variant that was changed a new `name`, or its old answers stay.

    The request has `options` beside its messages. `prepare` makes of a file's path the bytes to send in its place;
    `change` makes of a request's messages those to send. With `about` for `compare`, what stands in braces in the
    question is put in for each file.
    """

    name: str
    question: str
    options: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[Path], bytes] | None = None
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] | None = None


def read_truth(path: str | Path) -> dict[str, Any]:
    """The truth of each file from a JSON file: a text for a transcript, points for a chart, fields for a form."""
    truth: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return truth


async def compare(
    files: str | Path | Iterable[str | Path],
    truth: Mapping[str, Any],
    variants: Sequence[Variant],
    deployments: Sequence[str],
    connect: Connect,
    folder: str | Path,
    *,
    about: Mapping[str, Mapping[str, str]] | None = None,
    models: Mapping[str, str] | None = None,
    scorer: Callable[[str, Any], float] | None = None,
    prices: Mapping[str, tuple[float, float]] | None = None,
    times: int = 1,
    **options: Any,
) -> DataFrame:
    """Ask what is not answered yet, `times` times, and score all answers; they are kept in `folder`.

    `about` has for each file the words that its questions need. `models` names the model behind a deployment whose
    own name tells none; one that no rule is known for is planned like Phi-4-multimodal. `scorer` takes an answer and
    a truth, and stands in for `score_answer`. `prices` has for a deployment what a million tokens cost, in and out.
    A file without a truth is asked, and not scored. All else is as for `batch.plan` and `batch.run`.

    Raises:
        BatchError: as for `batch.plan`; or a question needs words that a file has not.

    Returns:
        One row for each variant, deployment, time and file: `score` (0 to 1), `refusal` (why there is no answer, or
        the answer that declines, or empty), tokens, `seconds`, `cost` and `answer`.
    """
    import pandas as pd

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tables = []
    for variant, deployment, time in itertools.product(variants, dict.fromkeys(deployments), range(times)):
        which = json.dumps([variant.name, dict(variant.options), time], default=str)
        name = folder / hashlib.sha256(which.encode()).hexdigest()[:12]
        prepared, journal = _prepared(files, variant, name), name.with_suffix(".jsonl")
        tasks = []
        for some, question in _asked(prepared, variant.question, about):
            questions, model = dict.fromkeys(("image", "audio"), question), (models or {}).get(deployment, "")
            if not model_for(deployment, model):
                model = "Phi-4-multimodal-instruct"
            tasks += batch.plan(some, questions, deployment=deployment, model=model)
        await batch.run(tasks, _ask(variant), connect, journal, **options)
        table = batch.table(tasks, batch.read_rows(journal))
        tables.append(table.assign(variant=variant.name, deployment=deployment, time=time + 1))
    rows = pd.concat(tables, ignore_index=True)
    answers = rows["answer"].fillna("")
    pairs = zip(answers, map(truth.get, rows["file"]), strict=True)
    rows["score"] = [_score(answer, true, scorer) for answer, true in pairs]
    declined = (rows["score"].fillna(0) == 0) & answers.str.contains(DECLINES)
    rows["refusal"] = rows["error"].where(rows["error"] != "", answers.where(declined, ""))
    price = [(prices or {}).get(name, (math.nan, math.nan)) for name in rows["deployment"]]
    counts = rows[["prompt_tokens", "completion_tokens"]].astype("Float64").to_numpy(float, na_value=math.nan)
    rows["cost"] = (counts * price).sum(axis=1) / 1e6
    first = ["variant", "deployment", "time", "file", "score", "refusal"]
    return rows[[*first, "prompt_tokens", "completion_tokens", "seconds", "cost", "answer"]]


def score_answer(answer: str, truth: Any) -> float:
    """Score an answer from 0 to 1, by what its truth is: a text, points or fields. NaN where there is no truth."""
    from pandas import DataFrame

    if truth is None or not answer:
        return math.nan if truth is None else 0.0
    if isinstance(truth, str):
        return max(0.0, 1 - score_words(answer, truth).rate)
    if isinstance(truth, Mapping):
        try:
            return score_form(json.loads(answer[answer.find("{") : answer.rfind("}") + 1]), truth).share
        except (ValueError, ScoreError):
            return 0.0
    (line,) = batch.chart_scores(DataFrame([{"file": "", "answer": answer}]), {"": truth}).itertuples()
    return float(line.found / (line.points + line.invented))


def summary(rows: DataFrame) -> DataFrame:
    """One line for each variant and deployment: the mean score and its spread, refusals, tokens, seconds, cost."""
    tokens = rows["prompt_tokens"] + rows["completion_tokens"]
    rows = rows.assign(refused=rows["refusal"] != "", tokens=tokens)
    wanted = {"score": ("score", "mean"), "lowest": ("score", "min"), "highest": ("score", "max")}
    wanted |= {name: (name, "sum") for name in ("refused", "tokens")}
    wanted |= {"seconds": ("seconds", "median"), "cost": ("cost", "sum")}
    return rows.groupby(["variant", "deployment"], sort=False).agg(**wanted)


def plot(rows: DataFrame) -> Shown:
    """A bar for each variant and deployment, told apart by hatching, with lines from the lowest to the highest."""
    import matplotlib.pyplot as plt

    table = summary(rows)
    figure, axes = plt.subplots(figsize=(8, 1.2 + 0.5 * len(table)), layout="constrained")
    hatches = dict(zip(rows["deployment"].unique(), itertools.cycle(["", "//", "..", "xx"]), strict=False))
    for place, ((_, deployment), line) in enumerate(table.iterrows()):
        axes.barh(place, line["score"], color="white", edgecolor="black", hatch=hatches[deployment])
        axes.plot([line["lowest"], line["highest"]], [place, place], color="black", marker="|")
    axes.set_yticks(range(len(table)), [f"{variant}, {deployment}" for variant, deployment in table.index])
    axes.invert_yaxis()
    axes.set(title="Mean score, from the lowest to the highest", xlabel="Score", xlim=(0, 1.02))
    told = "; ".join(f"{name} on {where}: {line['score']:.2f}" for (name, where), line in table.iterrows())
    return show_figure(figure, alt=f"A bar chart of the mean score of each variant and deployment. {told}.")


def _score(answer: str, truth: Any, scorer: Callable[[str, Any], float] | None) -> float:
    if scorer is None or truth is None or not answer:
        return score_answer(answer, truth)
    return scorer(answer, truth)


def _asked(files: Any, question: str, about: Mapping[str, Mapping[str, str]] | None) -> list[tuple[Any, str]]:
    """What to plan together, each with its question: all files, or each file where words are put in."""
    if about is None:
        return [(files, question)]
    asked = []
    for path in _listed(files):
        try:
            asked.append(([path], question.format(**about[path.name])))
        except (KeyError, IndexError, ValueError):
            said = f"The question {question!r} needs words that `about` does not have for {path.name}."
            raise batch.BatchError(said) from None
    return asked


def _listed(files: Any) -> list[Path]:
    return sorted(Path(files).iterdir()) if isinstance(files, str | Path) else [Path(path) for path in files]


def _prepared(files: Any, variant: Variant, folder: Path) -> Any:
    if variant.prepare is None:
        return files
    folder.mkdir(exist_ok=True)
    copies = {path: folder / path.name for path in _listed(files)}
    for path, copy in copies.items():
        copy.write_bytes(variant.prepare(path))
    return list(copies.values())


def _ask(variant: Variant) -> Ask:
    async def ask(client: Any, task: batch.Task, messages: list[dict[str, Any]]) -> Any:
        send = client.complete if hasattr(client, "complete") else client.chat.completions.create
        sent = variant.change(messages) if variant.change else messages
        return await send(messages=sent, model=task.deployment, **variant.options)

    return ask
