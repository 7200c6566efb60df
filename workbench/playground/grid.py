"""Many requests as one: each value of a prompt's variables, each file and each choice of settings, side by side."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import product
from typing import Any

from workbench.playground.attachments import Attachment
from workbench.playground.history import Price, cost_of
from workbench.playground.request import Message, Options, Request, RequestError
from workbench.playground.sending import Run
from workbench.playground.tool import Playground

MOST_CELLS = 200
"""Most requests of one grid: each of them costs."""
AT_ONCE = 3
"""How many of them are on their way at a time."""

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, eq=False)
class Cell:
    """One request of a grid: the values put into the prompt, the file, the settings, and what came of it."""

    values: Mapping[str, str]
    attachment: Attachment | None
    options: Options
    run: Run = field(repr=False)


def read_values(text: str) -> dict[str, list[str]]:
    """Read a line for each variable, such as "language = Spanish | German".

    Raises:
        RequestError: a line is not of that form.
    """
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

    Raises:
        RequestError: a variable has no values or is not in the prompt, or there are none or too many requests.
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
    """Sends the requests of a grid, a few at a time; its runs are part of the playground's history.

    Attributes:
        cells: the requests with their runs.
    """

    def __init__(
        self, playground: Playground, cells: Sequence[Cell], changed: Callable[[], None] = lambda: None
    ) -> None:
        """Make a grid; `changed` is called when a reply is over."""
        self.cells, self._playground, self._changed = list(cells), playground, changed
        self._waiting: list[Cell] = self.cells[::-1]
        self._sent: list[Cell] = []

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return not self._waiting and all(cell.run.is_over for cell in self._sent)

    def start(self) -> None:
        """Send; the replies come in later, in any order.

        Raises:
            MediaError: a file is too large; nothing was sent then.
        """
        for cell in self.cells:
            cell.run.request.keywords()
        for _ in range(AT_ONCE):
            self._next()

    def stop(self) -> None:
        """Send no more, and break off what is under way."""
        self._waiting = []
        for cell in self._sent:
            self._playground.stop_beside(cell.run)

    def _next(self) -> None:
        if self._waiting:
            self._sent.append(self._waiting.pop())
            self._playground.ask_beside(self._sent[-1].run, self._told)

    def _told(self, _: Run, piece: str) -> None:
        if not piece:
            self._next()
            self._changed()

    def records(self, prices: Mapping[str, Price] | None = None) -> list[dict[str, Any]]:
        """A row for each request: values, file, settings that differ, reply, and what it took."""
        differing = [
            one.name
            for one in fields(Options)
            if len({str(getattr(cell.options, one.name)) for cell in self.cells}) > 1
        ]
        return [_record(cell, differing, prices or self._playground.prices) for cell in self.cells]

    def frame(self, prices: Mapping[str, Price] | None = None) -> Any:
        """`records` as a pandas DataFrame."""
        import pandas  # type: ignore[import-untyped, unused-ignore]

        return pandas.DataFrame(self.records(prices))

    def csv(self, prices: Mapping[str, Price] | None = None) -> str:
        """`records` as CSV; a text that a spreadsheet would run as a formula has an apostrophe in front."""
        records, file = self.records(prices), io.StringIO()
        writer = csv.DictWriter(file, records[0], lineterminator="\n")
        writer.writeheader()
        for record in records:
            writer.writerow({name: _harmless(value) for name, value in record.items()})
        return file.getvalue()


def differences(choices: Iterable[Options]) -> list[str]:
    """The names of the options, but the deployment, in which some choices of settings differ."""
    choices = list(choices)
    names = [one.name for one in fields(Options) if one.name != "deployment"]
    return [name for name in names if len({str(getattr(choice, name)) for choice in choices}) > 1]


def _harmless(value: Any) -> Any:
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    # One pass: a value that looks like a variable stays as it is.
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def _record(cell: Cell, differing: Sequence[str], prices: Mapping[str, Price]) -> dict[str, Any]:
    run, usage = cell.run, cell.run.usage
    return {
        **cell.values,
        "file": cell.attachment.name if cell.attachment else "",
        "deployment": cell.options.deployment,
        **{name: getattr(cell.options, name) for name in differing},
        "status": run.status.value,
        "reply": run.text or str(run.error or ""),
        "tokens_in": usage and usage.prompt_tokens,
        "tokens_out": usage and usage.completion_tokens,
        "seconds": run.seconds,
        "cost": cost_of(run, prices),
        "rating": run.rating,
        "note": run.note,
    }
