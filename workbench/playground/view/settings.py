"""The panel with the request's settings: route, deployment and parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from helpers.errors import LearnerError
from helpers.models import model_for
from workbench.playground.request import Options, Route
from workbench.playground.tool import Playground
from workbench.playground.view import fields, markup

_LEFT_OUT = ("left out", "")
_DETAILS = [_LEFT_OUT, *((word, word) for word in ("low", "high", "auto"))]
_ROUTES = [("/models", Route.MODELS), ("/openai/v1", Route.V1)]
_FORMATS = [("text", ""), ("JSON", "json_object"), ("JSON by a schema", "json_schema")]
_EFFORTS = [_LEFT_OUT, *((word, word) for word in ("none", "minimal", "low", "medium", "high"))]
_NUMBERS: dict[str, Callable[[str], Any]] = {
    "temperature": float,
    "top_p": float,
    "max_tokens": int,
    "seed": int,
}
_STOP = " | "


class SettingsPanel:
    """Fields for the options of a request; an empty field is left out of it."""

    def __init__(self, playground: Playground, report: Callable[[str], None]) -> None:
        # What is wrong is reported; an empty string takes that back.
        self._playground, self._report = playground, report
        options = playground.options
        self._fields: dict[str, Any] = {
            "deployment": fields.suggestion("Deployment", playground.deployments, options.deployment),
            "route": fields.choice("Route", _ROUTES, options.route),
            "detail": fields.choice("Detail of pictures", _DETAILS, ""),
            "temperature": fields.text("Temperature", placeholder="left out"),
            "top_p": fields.text("Top p", placeholder="left out"),
            "max_tokens": fields.text("Max tokens", placeholder="left out"),
            "seed": fields.text("Seed", placeholder="left out"),
            "stop": fields.text("Stop texts", placeholder="left out; | between two"),
            "reasoning_effort": fields.choice("Reasoning effort", _EFFORTS, ""),
            "response_format": fields.choice("Reply as", _FORMATS, ""),
            "json_schema": fields.text("JSON schema", placeholder='{"type": "object", …}', lines=4),
        }
        self._fields["deployment"].add_class("pg-wide")
        grid = fields.classed(widgets.Box(list(self._fields.values())), "pg-fields")
        self._lacks = widgets.HTML()
        self.box = widgets.VBox([widgets.HTML("<h3>Settings</h3>"), grid, self._lacks])
        self.refresh()
        for each in self._fields.values():
            each.observe(self._changed, "value")

    def apply(self) -> None:
        """Give the model what stands in the fields."""
        others = [name for name in self._fields if name not in (*_NUMBERS, "stop", "route")]
        chosen: dict[str, Any] = {name: self._fields[name].value.strip() or None for name in others}
        chosen |= {name: fields.number(self._fields[name], kind) for name, kind in _NUMBERS.items()}
        stop = [
            one.replace("\\n", "\n").strip(" ") for one in self._fields["stop"].value.split(_STOP.strip())
        ]
        self._playground.options = Options(
            route=self._fields["route"].value, stop=tuple(stop) if any(stop) else None, **chosen
        )
        self._fit()

    def refresh(self) -> None:
        """Show the model's options in the fields."""
        options = self._playground.options
        self._is_filling = True
        self._fit()
        for name, field in self._fields.items():
            field.value = _shown(getattr(options, name)) if name != "route" else options.route
        self._is_filling = False

    def _fit(self) -> None:
        """Offer what the model behind the deployment takes, as far as it is known."""
        deployment = self._fields["deployment"].value or self._playground.options.deployment
        model = model_for(deployment)
        for name in ("temperature", "top_p", "seed", "stop"):
            self._fields[name].disabled = bool(model and not model.takes(name))
        self._fields["reasoning_effort"].disabled = bool(model and not model.reasoning_efforts)
        is_by_schema = self._fields["response_format"].value == "json_schema"
        self._fields["json_schema"].layout.display = "" if is_by_schema else "none"
        names = ", ".join(self._playground.options.refused).replace("_", " ")
        self._lacks.value = markup.soft(f"Left out, as this model refuses it: {names}." if names else "")

    def _changed(self, _: Any) -> None:
        # A half-filled form is no choice of anybody's.
        if self._is_filling:
            return
        problem = ""
        try:
            self.apply()
        except LearnerError as error:
            self._fit()
            problem = str(error)
        self._report(problem)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return _STOP.join(one.replace("\n", "\\n") for one in value)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
