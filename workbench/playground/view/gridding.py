"""The panel of the grid: many requests as one, their replies side by side, and the best of them kept."""

from __future__ import annotations

from dataclasses import replace

import ipywidgets as widgets

from helpers.errors import LearnerError
from workbench.playground.export import Language, export_grid
from workbench.playground.grid import Grid, plan, read_values
from workbench.playground.sending import Status
from workbench.playground.tool import Playground
from workbench.playground.view import fields, markup
from workbench.playground.view.parts import Scripts

_HELP = (
    "Each value of a variable, each attached file and each choice below is asked once, and every request costs. "
    "Put {{name}} into the prompt, and a line such as name = one | two into the values."
)


class GridPanel:
    """Runs a grid of what is attached, the values and the choices."""

    def __init__(self, playground: Playground, attempt: fields.Attempt) -> None:
        self._playground = playground
        self.grid: Grid | None = None
        text = fields.text
        self._prompt = text("Prompt of the grid", placeholder="Describe {{what}} in one sentence.", lines=2)
        self._values = text("Values", placeholder="what = the chart | the title", lines=2)
        self._deployments = text("Deployments, with commas", placeholder="the one in the settings")
        self._temperatures = text("Temperatures, with commas", placeholder="the one in the settings")
        self._table, self._state = widgets.HTML(), widgets.HTML()
        self._best = fields.choice("Best reply", [("choose one", 0)], 0)
        csv, code = Scripts(label="Download as CSV"), Scripts(label="Download as code")
        csv.on(make=lambda *_: ("grid.csv", "text/csv", self._made().csv().encode("utf-8-sig")))
        code.on(make=lambda *_: export_grid(self._made().requests, Language.OPENAI).packed())
        run = fields.button("Run the grid", lambda: attempt(self._run))
        stop = fields.button("Stop the grid", lambda: attempt(lambda: self._made().stop()))
        keep = fields.button("Keep the best", lambda: attempt(self._keep), about="Rate it, and go on from it")
        self._after = widgets.VBox([fields.row(self._best, keep), fields.row(csv, code)])
        rows = ([self._prompt, self._values], [self._deployments, self._temperatures], [run, stop])
        lines = [fields.row(*row) for row in rows]
        help_ = widgets.HTML(markup.soft(_HELP))
        self.box = widgets.VBox([help_, *lines, self._state, self._table, self._after])
        self.refresh()

    def refresh(self) -> None:
        """Draw the grid as far as it has come."""
        self._after.layout.display = "" if self.grid else "none"
        if self.grid is None:
            return
        cells = self.grid.cells
        over = sum(cell.run.status in (Status.DONE, Status.FAILED) for cell in cells)
        told = markup.soft(f"{over} of {len(cells)} replies.") + markup.soft(
            self.grid.problem, is_trouble=True
        )
        self._state.value = f'<div role="status">{told}</div>'
        self._table.value = markup.grid(cells, self._playground.prices)

    def _run(self) -> None:
        playground = self._playground
        if self.grid and not self.grid.is_over:
            raise LearnerError("The grid is still running: wait for it or stop it.")
        choices = [
            replace(playground.options, deployment=name, temperature=temperature)
            for name in _listed(self._deployments) or [playground.options.deployment]
            for temperature in self._numbers() or [playground.options.temperature]
        ]
        values = read_values(self._values.value)
        cells = plan(self._prompt.value, values, playground.attachments, choices, system=playground.system)
        grid = self.grid
        # What was stopped or failed goes on where it was.
        new = Grid(playground, cells, self.refresh)
        is_done = grid and all(cell.run.status is Status.DONE for cell in grid.cells)
        if not grid or is_done or grid.requests != new.requests:
            grid = new
        grid.start()
        self.grid = grid
        numbers = range(1, len(cells) + 1)
        self._best.options = [("choose one", 0), *((f"reply {number}", number) for number in numbers)]
        self._best.value = 0
        self.refresh()

    def _numbers(self) -> list[float | None]:
        try:
            return [float(one) for one in _listed(self._temperatures)]
        except ValueError:
            said = "The temperatures are numbers with commas between them, such as 0, 0.7."
            raise LearnerError(said) from None

    def _keep(self) -> None:
        if not self._best.value:
            raise LearnerError("Choose the best reply first, by its number in the table.")
        run = self._made().cells[self._best.value - 1].run
        self._playground.adopt(run)
        self._playground.rate(run, 5, run.note or "best of a grid")
        self.refresh()

    def _made(self) -> Grid:
        if self.grid is None:
            raise LearnerError("Run the grid first.")
        return self.grid


def _listed(field: widgets.Text) -> list[str]:
    return list(dict.fromkeys(one.strip() for one in field.value.split(",") if one.strip()))
