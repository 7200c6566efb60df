"""The panel with the request's settings: route, deployment and parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from helpers.errors import LearnerError
from helpers.models import model_for
from workbench.playground.request import Options, Route
from workbench.playground.tool import Playground
from workbench.playground.view import fields

_LEFT_OUT = ("left out", "")
_DETAILS = [_LEFT_OUT, *((word, word) for word in ("low", "high", "auto"))]
_ROUTES = [("/models", Route.MODELS), ("/openai/v1", Route.V1)]
_FORMATS = [("text", ""), ("JSON", "json_object"), ("JSON by a schema", "json_schema")]
_EFFORTS = [_LEFT_OUT, *((word, word) for word in ("none", "minimal", "low", "medium", "high"))]
_STOP = " | "


class SettingsPanel:
    """Fields for the options of a request; an empty field is left out of it."""

    def __init__(self, playground: Playground, report: Callable[[str], None]) -> None:
        """Make the panel; `report` shows what is wrong, and an empty string takes that back."""
        self._playground, self._report = playground, report
        options = playground.options

        def field(label: str) -> widgets.Text:
            return fields.text(label, placeholder="left out")

        self._fields: dict[str, Any] = {
            "deployment": fields.suggestion("Deployment", playground.deployments, options.deployment),
            "route": fields.choice("Route", _ROUTES, options.route),
            "detail": fields.choice("Detail of pictures", _DETAILS, ""),
            "temperature": field("Temperature"),
            "top_p": field("Top p"),
            "max_tokens": field("Max tokens"),
            "seed": field("Seed"),
            "stop": fields.text("Stop texts", placeholder="left out; | between two"),
            "reasoning_effort": fields.choice("Reasoning effort", _EFFORTS, ""),
            "response_format": fields.choice("Reply as", _FORMATS, ""),
            "json_schema": fields.text("JSON schema", placeholder='{"type": "object", …}', lines=4),
        }
        self._fields["deployment"].add_class("pg-wide")
        grid = widgets.Box(list(self._fields.values()))
        grid.add_class("pg-fields")
        self._lacks = widgets.HTML()
        self.box = widgets.VBox([widgets.HTML("<h3>Settings</h3>"), grid, self._lacks])
        self.refresh()
        for each in self._fields.values():
            each.observe(self._changed, "value")

    def apply(self) -> None:
        """Give the model what stands in the fields."""
        field = self._fields
        stop = [one.replace("\\n", "\n") for one in field["stop"].value.split(_STOP.strip())]
        self._playground.options = Options(
            deployment=field["deployment"].value.strip(),
            route=field["route"].value,
            temperature=fields.number(field["temperature"], float),
            max_tokens=fields.number(field["max_tokens"], int),
            detail=field["detail"].value or None,
            seed=fields.number(field["seed"], int),
            top_p=fields.number(field["top_p"], float),
            stop=tuple(one.strip(" ") for one in stop) if field["stop"].value.strip() else None,
            reasoning_effort=field["reasoning_effort"].value or None,
            response_format=field["response_format"].value or None,
            json_schema=field["json_schema"].value.strip() or None,
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
        self._fields["json_schema"].layout.display = (
            "" if self._fields["response_format"].value == "json_schema" else "none"
        )
        names = ", ".join(self._playground.options.refused).replace("_", " ")
        self._lacks.value = (
            f'<span class="pg-soft">Left out, as this model refuses it: {names}.</span>' if names else ""
        )

    def _changed(self, _: Any) -> None:
        # A half-filled form is no choice of anybody's.
        if self._is_filling:
            return
        try:
            self.apply()
        except LearnerError as error:
            self._fit()
            self._report(str(error))
        else:
            self._report("")


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return _STOP.join(one.replace("\n", "\\n") for one in value)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
