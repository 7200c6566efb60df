"""Many requests as one: each value of a prompt's variables, each file and each choice of settings, side by side."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, fields
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from workbench import batch
from workbench.batch.journal import Row
from workbench.explain import Explanation
from workbench.playground.attachments import Attachment
from workbench.playground.history import Price, taken
from workbench.playground.request import Message, Options, Request, RequestError
from workbench.playground.sending import Run, Sender, Status, Usage
from workbench.playground.tool import Playground

MOST_CELLS = 200  # most requests of one grid: each of them costs
AT_ONCE = 3  # how many of them are on their way at a time

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, eq=False)
class Cell:
    """One request of a grid: the values put into the prompt, the file, the settings, and what came of it."""

    values: Mapping[str, str]
    attachment: Attachment | None
    options: Options
    run: Run = field(repr=False)


def read_values(text: str) -> dict[str, list[str]]:
    """Read a line for each variable, such as "language = Spanish | German"; RequestError for another line."""
    values: dict[str, list[str]] = {}
    for line in filter(str.strip, text.splitlines()):
        name, sign, rest = (part.strip() for part in line.partition("="))
        found = [one.strip() for one in rest.split("|") if one.strip()]
        if not sign or not re.fullmatch(r"\w+", name) or not found:
            raise RequestError(
                f"{line.strip()!r} gives no values: write a line such as language = Spanish | German."
            )
        values[name] = found
    return values


def plan(
    prompt: str,
    values: Mapping[str, Sequence[str]] | None = None,
    attachments: Iterable[Attachment] = (),
    choices: Iterable[Options] = (),
    *,
    system: str = "",
) -> list[Cell]:
    """Make the requests: for each combination of values, each file, and each choice of settings, in that order.

    RequestError if a variable has no values or is not in the prompt, or there are none or too many requests.
    """
    values, choices = dict(values or {}), list(dict.fromkeys(choices))
    names = list(dict.fromkeys(_VARIABLE.findall(f"{prompt}\n{system}")))
    if missing := [name for name in names if not values.get(name)]:
        raise RequestError(
            f"The variable {missing[0]} has no values: add a line such as {missing[0]} = one | two."
        )
    if unused := [name for name in values if name not in names]:
        raise RequestError(f"The prompt has no {{{{{unused[0]}}}}}: put it there, or take its values away.")
    rows = list(product(*(values[name] for name in names)))
    files: list[Attachment | None] = list(attachments) or [None]
    count = len(rows) * len(files) * len(choices)
    if not 1 <= count <= MOST_CELLS:
        raise RequestError(f"This grid would send {count:,} requests; 1 to {MOST_CELLS} can be sent.")
    cells = []
    for row, file, options in product(rows, files, choices):
        chosen = dict(zip(names, row, strict=True))
        message = Message("user", _filled(prompt, chosen), (file,) if file else ())
        cells.append(Cell(chosen, file, options, Run(Request(_filled(system, chosen), (message,), options))))
    return cells


class Grid:
    """Sends the requests of a grid, a few at a time; what came of them is part of the playground's history.

    When `is_over`, nothing more will come; `problem` then tells why the whole was given up, or nothing.
    """

    def __init__(
        self, playground: Playground, cells: Sequence[Cell], changed: Callable[[], None] = lambda: None
    ) -> None:
        """Make a grid; `changed` is called when a reply is over."""
        self.cells, self._playground, self._changed = list(cells), playground, changed
        self.is_over, self.problem = True, ""
        self._key = uuid.uuid4().hex
        self._folder = TemporaryDirectory()

    @property
    def requests(self) -> list[Request]:
        """What the cells ask."""
        return [cell.run.request for cell in self.cells]

    def start(self) -> None:
        """Send what has no reply yet; replies come in later, in any order. MediaError if a file is too large."""
        for cell in self.cells:
            cell.run.request.keywords()
        for run in (cell.run for cell in self.cells if cell.run.status is not Status.DONE):
            run.begin_again()
        self.is_over, self.problem = False, ""
        deliver = self._playground.deliver
        self._playground.sender.begin(self._key, self._ask_all(), lambda _: deliver(self._end))

    def stop(self) -> None:
        """Send no more, and break off what is under way; `start` goes on from there."""
        self._playground.sender.stop(self._key)

    async def _ask_all(self) -> None:
        deployments = dict.fromkeys(cell.options.deployment for cell in self.cells)
        await asyncio.gather(*map(self._ask_of, deployments))

    async def _ask_of(self, deployment: str) -> None:
        # A run for each: what ends one, such as a name that is wrong, says nothing of the others.
        playground, headers = self._playground, dict(self._playground.headers)
        runs = {cell.run.id: cell.run for cell in self.cells if cell.options.deployment == deployment}

        def ask(sender: Sender, task: batch.Task, _: Any) -> Any:
            request = runs[task.key].request
            return sender.ask(request.options.route, request.keywords(), headers)

        def told(row: Row) -> None:
            playground.deliver(lambda: self._take(runs[row["key"]], row))

        prompts = {key: run.request.prompt.text for key, run in runs.items()}
        tasks = [batch.Task(key, "", "", "", 0, 0, deployment, prompt) for key, prompt in prompts.items()]
        path = Path(self._folder.name) / f"{next(iter(runs))}.jsonl"
        sender = nullcontext(playground.sender)
        try:
            await batch.run(tasks, ask, lambda: sender, path, at_once=AT_ONCE, again=True, told=told)
        except batch.BatchError as error:
            self.problem += f"{deployment}: {error}\n"

    def _take(self, run: Run, row: Row) -> None:
        counts = row["prompt_tokens"], row["completion_tokens"]
        run.usage = None if None in counts else Usage(*counts, sum(counts))
        run.text, run.finish_reason = row["answer"] or "", row["finish_reason"] or ""
        run.error = Explanation(row["error"], row["remedy"]) if row["error"] else None
        run.seconds = row["seconds"]
        if not any(one is run for one in self._playground.runs):
            self._playground.runs.append(run)
        run.end(Status.FAILED if run.error else Status.DONE)
        self._changed()

    def _end(self) -> None:
        for run in (cell.run for cell in self.cells if not cell.run.is_over):
            run.end(Status.STOPPED)
        self.is_over = True
        self._changed()

    def records(self, prices: Mapping[str, Price] | None = None) -> list[dict[str, Any]]:
        """A row for each request: values, file, settings that differ, reply, and what it took."""
        differing = differences(cell.options for cell in self.cells)
        return [
            {
                **cell.values,
                "file": cell.attachment.name if cell.attachment else "",
                **{name: getattr(cell.options, name) for name in differing},
                **taken(cell.run, prices or self._playground.prices),
            }
            for cell in self.cells
        ]

    def frame(self, prices: Mapping[str, Price] | None = None) -> Any:
        """`records` as a pandas DataFrame."""
        import pandas

        # As they are: pandas would make decimals of whole numbers where one is missing.
        return pandas.DataFrame(self.records(prices), dtype=object)

    def csv(self, prices: Mapping[str, Price] | None = None) -> str:
        """`records` as CSV; a text that a spreadsheet would run as a formula has an apostrophe in front."""
        return str(self.frame(prices).map(_harmless).to_csv(index=False, lineterminator="\n"))


def differences(choices: Iterable[Options]) -> list[str]:
    """The names of the options, but the deployment, in which some choices of settings differ."""
    choices = list(choices)
    names = [one.name for one in fields(Options) if one.name != "deployment"]
    return [name for name in names if len({str(getattr(choice, name)) for choice in choices}) > 1]


def _harmless(value: Any) -> Any:
    acts = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if acts else value


def _filled(text: str, values: Mapping[str, str]) -> str:
    # One pass: a value that looks like a variable stays as it is.
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)
