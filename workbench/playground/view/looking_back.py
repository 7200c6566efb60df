"""The panels that look back at runs: the history with its plot, and two runs side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets as widgets

from helpers import display
from workbench.playground.history import Price, compare, rows, tokens_over_turns
from workbench.playground.sending import Run
from workbench.playground.tool import Playground
from workbench.playground.view import fields, markup


def label(number: int, run: Run) -> str:
    """Name a run in a list."""
    words = " ".join(run.request.prompt.text.split()) or "no words"
    return f"run {number}: {words if len(words) <= 40 else words[:39] + '…'}"


class RunChoice:
    """A list of the history's runs to choose from."""

    def __init__(self, title: str, *, first: Sequence[tuple[str, str]] = (), from_end: int = -1) -> None:
        """Make the list."""
        self._first, self._from_end = list(first), from_end
        self.field = fields.choice(title, self._first, "" if self._first else None)

    @property
    def run(self) -> Run | None:
        """What is chosen."""
        return self.field.value or None

    def refresh(self, runs: Sequence[Run]) -> None:
        """Offer these runs, keeping what is chosen if it is still there."""
        chosen = self.run
        options = [*self._first, *((label(number, run), run) for number, run in enumerate(runs, 1))]
        if [id(run) for _, run in options] == [id(run) for _, run in self.field.options]:
            return
        self.field.options = options
        places = [place for place, (_, run) in enumerate(options) if run is chosen]
        self.field.index = places[0] if places else self._default(len(options))

    def _default(self, count: int) -> int | None:
        if not count:
            return None
        return 0 if self._first else max(0, count + self._from_end)


class HistoryPanel:
    """Shows every run in a table, the tokens as a plot, and takes the prices."""

    def __init__(self, playground: Playground, attempt: Callable[[Callable[[], object]], None]) -> None:
        """Make the panel."""
        self._playground = playground
        self._table, self._plot = widgets.HTML(), widgets.HTML()
        self._deployment = fields.suggestion(
            "Price of deployment", playground.deployments, playground.options.deployment
        )
        self._input = fields.text("Per million tokens in", placeholder="unknown")
        self._output = fields.text("Per million tokens out", placeholder="unknown")
        prices = fields.row(
            self._deployment,
            self._input,
            self._output,
            fields.button("Set price", lambda: attempt(self._set_price)),
        )
        forget = fields.button("Clear the history", lambda: attempt(playground.clear_history))
        self._least = fields.choice(
            "Show", [("all runs", 0), *((f"rated {n} or better", n) for n in range(1, 6))], 0
        )
        self._least.observe(lambda _: self.refresh(), "value")
        self.box = widgets.VBox([fields.row(self._least, forget), self._table, self._plot, prices])

    def refresh(self) -> None:
        """Draw table and plot."""
        runs = self._playground.runs
        self._table.value = markup.history(
            rows(runs, self._playground.prices, least_rating=self._least.value)
        )
        turns = tokens_over_turns(runs)
        self._plot.value = display.usage_plot(turns).html if turns else ""

    def _set_price(self) -> None:
        price = Price(
            input=fields.number(self._input, float) or 0.0, output=fields.number(self._output, float) or 0.0
        )
        self._playground.prices[self._deployment.value.strip()] = price
        self.refresh()


class ComparePanel:
    """Shows two runs side by side, with their difference."""

    def __init__(self, playground: Playground) -> None:
        """Make the panel."""
        self._playground = playground
        self._first, self._second = RunChoice("First run", from_end=-2), RunChoice("Second run")
        self._shown = widgets.HTML()
        self.box = widgets.VBox([fields.row(self._first.field, self._second.field), self._shown])
        for choice in (self._first, self._second):
            choice.field.observe(lambda _: self._draw(), "value")

    def refresh(self) -> None:
        """Offer the runs there are, and compare those that are chosen."""
        runs = self._playground.runs
        self._first.refresh(runs)
        self._second.refresh(runs)
        self._draw()

    def _draw(self) -> None:
        first, second = self._first.run, self._second.run
        if first is None or second is None or first is second:
            self._shown.value = '<p class="pg-soft">Choose two runs to see how they differ.</p>'
            return
        runs = self._playground.runs
        compared = compare(first, second, self._playground.prices)
        names = [f"run {runs.index(run) + 1}" for run in (first, second)]
        self._shown.value = markup.comparison(compared, *names)
