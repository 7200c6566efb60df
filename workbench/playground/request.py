"""What is asked for: a system message, turns and options; and from these the exact fields of a request."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, get_args

from helpers.errors import LearnerError
from helpers.models import model_for
from workbench.playground import checking
from workbench.playground.attachments import Attachment, is_whole

Detail = Literal["auto", "low", "high"]


class RequestError(LearnerError):
    """A request cannot be made or sent; the message names what is missing or out of range."""


class Route(StrEnum):
    """Which of the service's two routes a request takes, and with it which client."""

    MODELS = "models"
    V1 = "v1"


@dataclass(frozen=True)
class Options:
    """Whom to ask and how. What is None, or what the model refuses, is left out of the request.

    `max_tokens` goes by the parameter that the model takes for it; `stop` holds up to four texts before which a reply
    ends; `json_schema` is a schema as text and goes with the format of that name.

    Raises:
        RequestError: a value is out of its range. Ranges: the model inference REST reference.
    """

    deployment: str
    route: Route = Route.MODELS
    temperature: float | None = None
    max_tokens: int | None = None
    detail: Detail | None = None
    seed: int | None = None
    top_p: float | None = None
    stop: tuple[str, ...] | None = None
    reasoning_effort: str | None = None
    response_format: Literal["json_object", "json_schema"] | None = None
    json_schema: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.deployment, str) or not self.deployment.strip():
            raise RequestError("The deployment is missing: give its name as the portal lists it.")
        if self.route not in list(Route):
            raise RequestError(f"The route is models or v1, not {self.route!r}.")
        for name, value, most in (("temperature", self.temperature, 2), ("top_p", self.top_p, 1)):
            if value is not None and not (is_number(value) and 0 <= value <= most):
                raise RequestError(f"The {name} is a number from 0 to {most}, not {value!r}.")
        if self.max_tokens is not None and not (is_whole(self.max_tokens) and self.max_tokens >= 1):
            raise RequestError(f"Max tokens is a whole number, 1 or more, not {self.max_tokens!r}.")
        if self.detail is not None and self.detail not in get_args(Detail):
            raise RequestError(f"The detail is auto, low or high, not {self.detail!r}.")
        # 64 bits are what JSON readers of services hold a whole number in.
        if self.seed is not None and not (is_whole(self.seed) and abs(self.seed) < 2**63):
            raise RequestError(f"The seed is a whole number of at most 18 digits, not {self.seed!r}.")
        if self.stop is not None:
            object.__setattr__(self, "stop", tuple(map(whole_characters, self.stop)))
            if not 1 <= len(self.stop) <= 4 or not all(self.stop):
                raise RequestError("Stop is one to four texts, none of them empty.")
        if self.response_format not in (None, "json_object", "json_schema"):
            raise RequestError(f"The format is json_object or json_schema, not {self.response_format!r}.")
        trouble = checking.schema_problem(self.json_schema or "")
        if self.response_format == "json_schema" and trouble:
            raise RequestError(f"The JSON schema cannot be used: {trouble}.")

    def parameters(self) -> dict[str, Any]:
        """What was chosen, by the names that the service has for it, and without what the model refuses."""
        model = model_for(self.deployment)
        chosen = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            model.limit_parameter if model else "max_tokens": self.max_tokens,
            "stop": list(self.stop) if self.stop else None,
            "seed": self.seed,
            "reasoning_effort": self.reasoning_effort,
            "response_format": self._format(),
        }
        refused = self.refused
        return {name: value for name, value in chosen.items() if value is not None and name not in refused}

    @property
    def refused(self) -> list[str]:
        """Those of the chosen parameters that are left out, because the model behind the deployment refuses them."""
        model = model_for(self.deployment)
        if model is None:
            return []
        names = [name for name in ("temperature", "top_p", "stop", "seed") if not model.takes(name)]
        names += ["response_format"] if self.response_format not in model.response_formats else []
        names += ["reasoning_effort"] if self.reasoning_effort not in model.reasoning_efforts else []
        return [name for name in names if getattr(self, name) is not None]

    def _format(self) -> dict[str, Any] | None:
        if self.response_format != "json_schema":
            return {"type": self.response_format} if self.response_format else None
        named = {"name": "reply", "schema": json.loads(self.json_schema or "{}")}
        return {"type": "json_schema", "json_schema": named}


@dataclass(frozen=True)
class Message:
    """One message of a conversation: a prompt with its attachments, or a reply."""

    role: Literal["user", "assistant"]
    text: str
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        # Half of a surrogate pair, as a cut emoji leaves it, cannot be sent or saved as UTF-8.
        object.__setattr__(self, "text", whole_characters(self.text))

    def content(self, detail: Detail | None) -> str | list[dict[str, Any]]:
        """What the message holds: text alone, or a list of parts with the text first."""
        if not self.attachments:
            return self.text
        text = [{"type": "text", "text": self.text}] if self.text.strip() else []
        return text + [_with_detail(attachment.part, detail) for attachment in self.attachments]


@dataclass(frozen=True)
class Request:
    """Everything that is sent but the key and the address.

    A blank system message is not sent. The last turn is the prompt; RequestError if it is empty, or missing.
    """

    system: str
    turns: tuple[Message, ...]
    options: Options

    def __post_init__(self) -> None:
        object.__setattr__(self, "system", whole_characters(self.system))
        if self.turns and self.prompt.role != "user":
            raise RequestError("The last turn of a request is a prompt, and this one is a reply.")
        if not self.turns or not (self.prompt.text.strip() or self.prompt.attachments):
            raise RequestError("There is nothing to send: write a prompt, or attach a picture or a clip.")

    @property
    def prompt(self) -> Message:
        """The turn that asks for a reply."""
        return self.turns[-1]

    def messages(self) -> list[dict[str, Any]]:
        """The messages as both clients take them."""
        system = [{"role": "system", "content": self.system}] if self.system.strip() else []
        detail = self.options.detail
        return system + [{"role": turn.role, "content": turn.content(detail)} for turn in self.turns]

    def keywords(self) -> dict[str, Any]:
        """The keywords of `complete()` and of `chat.completions.create()`, but those that ask for a stream."""
        asked = {"model": self.options.deployment, "messages": self.messages()}
        return asked | self.options.parameters()


def for_azure(keywords: dict[str, Any]) -> dict[str, Any]:
    """Move to `model_extras` what azure-ai-inference's `complete()` has no keyword for."""
    extras = {name: value for name, value in keywords.items() if name in _NO_AZURE_KEYWORD}
    rest = {name: value for name, value in keywords.items() if name not in extras}
    return {**rest, "model_extras": extras} if extras else rest


_NO_AZURE_KEYWORD = ("max_completion_tokens", "reasoning_effort", "response_format", "stream_options")


def whole_characters(text: str) -> str:
    """Replace each half of a surrogate pair, which UTF-8 has no bytes for."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _with_detail(part: dict[str, Any], detail: Detail | None) -> dict[str, Any]:
    if detail is None or part["type"] != "image_url":
        return part
    return {"type": "image_url", "image_url": {**part["image_url"], "detail": detail}}


def is_number(value: Any) -> bool:
    """Whether a value is a number and no truth value."""
    return is_whole(value) or isinstance(value, float)
