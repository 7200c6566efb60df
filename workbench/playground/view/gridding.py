"""The panel of the grid: many requests as one, their replies side by side, and the best of them kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

import ipywidgets as widgets

from helpers.errors import LearnerError
from workbench.playground.export import Language, export_grid
from workbench.playground.grid import Grid, plan, read_values
from workbench.playground.sending import Status
from workbench.playground.tool import Playground
from workbench.playground.view import fields, markup
from workbench.playground.view.parts import File, Scripts

_HELP = (
    '<p class="pg-soft">Each value of a variable, each attached file and each choice below is asked once, '
    "and every request costs. Put {{name}} into the prompt, and a line such as name = one | two into the values.</p>"
)


class GridPanel:
    """Runs a grid of what is attached, the values and the choices."""

    def __init__(self, playground: Playground, attempt: Callable[[Callable[[], object]], None]) -> None:
        """Make the panel; `attempt` calls a function and shows a `LearnerError` of it."""
        self._playground = playground
        self.grid: Grid | None = None
        self._prompt = fields.text(
            "Prompt of the grid", placeholder="Describe {{what}} in one sentence.", lines=2
        )
        self._values = fields.text("Values", placeholder="what = the chart | the title", lines=2)
        self._deployments = fields.text("Deployments, with commas", placeholder="the one in the settings")
        self._temperatures = fields.text("Temperatures, with commas", placeholder="the one in the settings")
        self._table, self._state = widgets.HTML(), widgets.HTML()
        self._best = fields.choice("Best reply", [("choose one", 0)], 0)
        csv, code = Scripts(label="Download as CSV"), Scripts(label="Download as code")
        csv.on_make(lambda _: ("grid.csv", "text/csv", self._run_grid().csv().encode("utf-8-sig")))
        code.on_make(self._code)
        run = fields.button("Run the grid", lambda: attempt(self._run))
        stop = fields.button("Stop the grid", lambda: attempt(lambda: self._run_grid().stop()))
        keep = fields.button("Keep the best", lambda: attempt(self._keep), about="Rate it, and go on from it")
        self._after = widgets.VBox([fields.row(self._best, keep), fields.row(csv, code)])
        self.box = widgets.VBox(
            [
                widgets.HTML(_HELP),
                fields.row(self._prompt, self._values),
                fields.row(self._deployments, self._temperatures),
                fields.row(run, stop),
                self._state,
                self._table,
                self._after,
            ]
        )
        self.refresh()

    def refresh(self) -> None:
        """Draw the grid as far as it has come."""
        self._after.layout.display = "" if self.grid else "none"
        if self.grid is None:
            return
        cells = self.grid.cells
        over = sum(cell.run.status in (Status.DONE, Status.FAILED) for cell in cells)
        problem = f'<div class="pg-trouble">{escape(self.grid.problem)}</div>' if self.grid.problem else ""
        self._state.value = (
            f'<div class="pg-soft" role="status">{over} of {len(cells)} replies.{problem}</div>'
        )
        self._table.value = markup.grid(cells, self._playground.prices)

    def _run(self) -> None:
        playground = self._playground
        if self.grid and not self.grid.is_over:
            raise LearnerError("The grid is still running: wait for it or stop it.")
        choices = [
            replace(playground.options, deployment=name, temperature=temperature)
            for name in _listed(self._deployments) or [playground.options.deployment]
            for temperature in self._numbers() or (playground.options.temperature,)
        ]
        values = read_values(self._values.value)
        cells = plan(self._prompt.value, values, playground.attachments, choices, system=playground.system)
        grid = self.grid
        # What was stopped or failed goes on where it was.
        is_same = grid and [cell.run.request for cell in grid.cells] == [cell.run.request for cell in cells]
        if not grid or not is_same or all(cell.run.status is Status.DONE for cell in grid.cells):
            grid = Grid(playground, cells, self.refresh)
        grid.start()
        self.grid = grid
        self._best.options = [
            ("choose one", 0),
            *((f"reply {number}", number) for number in range(1, len(cells) + 1)),
        ]
        self._best.value = 0
        self.refresh()

    def _numbers(self) -> list[float]:
        try:
            return [float(one) for one in _listed(self._temperatures)]
        except ValueError:
            raise LearnerError(
                "The temperatures are numbers with commas between them, such as 0, 0.7."
            ) from None

    def _keep(self) -> None:
        if not self._best.value:
            raise LearnerError("Choose the best reply first, by its number in the table.")
        run = self._run_grid().cells[self._best.value - 1].run
        self._playground.adopt(run)
        self._playground.rate(run, 5, run.note or "best of a grid")
        self.refresh()

    def _run_grid(self) -> Grid:
        if self.grid is None:
            raise LearnerError("Run the grid first.")
        return self.grid

    def _code(self, _: int) -> File:
        made = export_grid([cell.run.request for cell in self._run_grid().cells], Language.OPENAI)
        return (
            (f"{made.name}.zip", "application/zip", made.zip())
            if made.files
            else (made.name, "text/plain", made.text.encode())
        )


def _listed(field: widgets.Text) -> list[str]:
    return list(dict.fromkeys(one.strip() for one in field.value.split(",") if one.strip()))
