"""The panels that look back at runs: the history with its plot, and two runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets

from helpers import display
from workbench.playground.history import Price, beginning, compare, records, tokens_over_turns
from workbench.playground.sending import Run, Usage
from workbench.playground.tool import Playground
from workbench.playground.view import fields, markup

PLOTTED_RUNS = 12
"""How many runs the plot has, the newest: a bar takes time to be drawn, and the next reply would wait for it."""


class RunChoice:
    """A list of the history's runs to choose from."""

    def __init__(self, title: str, *, first: Sequence[tuple[str, str]] = (), from_end: int = -1) -> None:
        self._first, self._from_end = list(first), from_end
        self.field = fields.choice(title, self._first, "" if self._first else None)

    @property
    def run(self) -> Run | None:
        """What is chosen."""
        return self.field.value or None

    def refresh(self, runs: Sequence[Run]) -> None:
        """Offer these runs, keeping what is chosen if it is still there."""
        chosen = self.run
        options: list[tuple[str, Any]] = [*self._first]
        for number, run in enumerate(runs, 1):
            options.append((f"run {number}: {beginning(run.request.prompt.text, 40) or 'no words'}", run))
        if [id(run) for _, run in options] == [id(run) for _, run in self.field.options]:
            return
        self.field.options = options
        default = 0 if self._first else max(0, len(options) + self._from_end)
        places = [place for place, (_, run) in enumerate(options) if run is chosen]
        self.field.index = (places or [default])[0] if options else None


class HistoryPanel:
    """Shows every run in a table, the tokens as a plot, and takes the prices."""

    def __init__(self, playground: Playground, attempt: fields.Attempt) -> None:
        self._playground = playground
        self._table, self._plot = widgets.HTML(), widgets.HTML()
        self._plotted: list[tuple[str, Usage]] = []
        self._deployment = fields.suggestion(
            "Price of deployment", playground.deployments, playground.options.deployment
        )
        self._input = fields.text("Per million tokens in", placeholder="unknown")
        self._output = fields.text("Per million tokens out", placeholder="unknown")
        price = fields.button("Set price", lambda: attempt(self._set_price))
        prices = fields.row(self._deployment, self._input, self._output, price)
        forget = fields.button("Clear the history", lambda: attempt(playground.clear_history))
        ratings = [("all runs", 0), *((f"rated {n} or better", n) for n in range(1, 6))]
        self._least = fields.choice("Show", ratings, 0)
        self._least.observe(lambda _: self.refresh(), "value")
        self.box = widgets.VBox([fields.row(self._least, forget), self._table, self._plot, prices])

    def refresh(self) -> None:
        """Draw table and plot."""
        runs, prices = self._playground.runs, self._playground.prices
        self._table.value = markup.history(records(runs, prices, least_rating=self._least.value))
        turns = tokens_over_turns(runs)[-PLOTTED_RUNS:]
        if turns != self._plotted:
            self._plotted = turns
            self._plot.value = display.usage_plot(turns).html if turns else ""

    def _set_price(self) -> None:
        amounts = [fields.number(field, float) or 0.0 for field in (self._input, self._output)]
        self._playground.prices[self._deployment.value.strip()] = Price(*amounts)
        self.refresh()


class ComparePanel:
    """Shows two runs side by side, with their difference."""

    def __init__(self, playground: Playground) -> None:
        self._playground, self._shown = playground, widgets.HTML()
        self._choices = RunChoice("First run", from_end=-2), RunChoice("Second run")
        self.box = widgets.VBox([fields.row(*(choice.field for choice in self._choices)), self._shown])
        for choice in self._choices:
            choice.field.observe(lambda _: self._draw(), "value")

    def refresh(self) -> None:
        """Offer the runs there are, and compare those that are chosen."""
        for choice in self._choices:
            choice.refresh(self._playground.runs)
        self._draw()

    def _draw(self) -> None:
        first, second = (choice.run for choice in self._choices)
        if first is None or second is None or first is second:
            self._shown.value = markup.soft("Choose two runs to see how they differ.")
            return
        runs = self._playground.runs
        compared = compare(first, second, self._playground.prices)
        names = [f"run {runs.index(run) + 1}" for run in (first, second)]
        self._shown.value = markup.comparison(compared, *names)
