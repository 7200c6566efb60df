"""The panel with the request's settings: route, deployment and parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from helpers.errors import LearnerError
from workbench.playground.request import Options, Route
from workbench.playground.tool import Playground
from workbench.playground.view import fields

_DETAILS = [("left out", ""), ("low", "low"), ("high", "high"), ("auto", "auto")]
_ROUTES = [("/models", Route.MODELS), ("/openai/v1", Route.V1)]


class SettingsPanel:
    """Fields for the options of a request; an empty field is left out of it.

    Attributes:
        box: the panel's widget.
    """

    def __init__(self, playground: Playground, report: Callable[[str], None]) -> None:
        """Make the panel.

        Args:
            playground: the model.
            report: shows what is wrong, in words; an empty string takes that back.
        """
        self._playground, self._report = playground, report
        options = playground.options
        self._route = fields.choice("Route", _ROUTES, options.route)
        self._deployment = fields.suggestion("Deployment", playground.deployments, options.deployment)
        self._temperature = fields.text("Temperature", placeholder="left out")
        self._max_tokens = fields.text("Max tokens", placeholder="left out")
        self._seed = fields.text("Seed", placeholder="left out")
        self._detail = fields.choice("Detail of pictures", _DETAILS, "")
        self._fields: list[Any] = [
            self._deployment,
            self._route,
            self._detail,
            self._temperature,
            self._max_tokens,
            self._seed,
        ]
        self._deployment.add_class("pg-wide")
        grid = widgets.Box(self._fields)
        grid.add_class("pg-fields")
        self.box = widgets.VBox([widgets.HTML("<h3>Settings</h3>"), grid])
        self.refresh()
        for field in self._fields:
            field.observe(self._changed, "value")

    def apply(self) -> None:
        """Give the model what stands in the fields.

        Raises:
            LearnerError: If a field holds something of no use.
        """
        self._playground.options = Options(
            deployment=self._deployment.value.strip(),
            route=self._route.value,
            temperature=fields.number(self._temperature, float),
            max_tokens=fields.number(self._max_tokens, int),
            detail=self._detail.value or None,
            seed=fields.number(self._seed, int),
        )

    def refresh(self) -> None:
        """Show the model's options in the fields."""
        options = self._playground.options
        values = (
            options.deployment,
            options.route,
            options.detail or "",
            _shown(options.temperature),
            _shown(options.max_tokens),
            _shown(options.seed),
        )
        self._is_filling = True
        for field, value in zip(self._fields, values, strict=True):
            field.value = value
        self._is_filling = False

    def _changed(self, _: Any) -> None:
        # A half-filled form is no choice of anybody's.
        if self._is_filling:
            return
        try:
            self.apply()
        except LearnerError as error:
            self._report(str(error))
        else:
            self._report("")


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
