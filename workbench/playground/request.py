"""What is asked for: a system message, turns and options; and from these the exact fields of a request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, get_args

from helpers.errors import LearnerError
from workbench.playground.attachments import Attachment

Detail = Literal["auto", "low", "high"]


class RequestError(LearnerError):
    """A request cannot be made or sent; the message names what is missing or out of range."""


class Route(StrEnum):
    """Which of the service's two routes a request takes, and with it which client."""

    MODELS = "models"
    V1 = "v1"


@dataclass(frozen=True)
class Options:
    """Whom to ask and how. What is None is left out of the request, so that the service's default holds.

    Attributes:
        deployment: the `model` of the request.
        route: `/models` by azure-ai-inference, or v1 by openai.
        temperature: 0 to 2.
        max_tokens: most tokens of the reply.
        detail: how closely the model looks at pictures.
        seed: a whole number, for replies that can be repeated where the model supports it.

    Raises:
        RequestError: a value is out of its range. Ranges: the model inference REST reference.
    """

    deployment: str
    route: Route = Route.MODELS
    temperature: float | None = None
    max_tokens: int | None = None
    detail: Detail | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.deployment, str) or not self.deployment.strip():
            raise RequestError("The deployment is missing: give its name as the portal lists it.")
        if self.route not in list(Route):
            raise RequestError(f"The route is models or v1, not {self.route!r}.")
        temperature = self.temperature
        if temperature is not None and not (_is_number(temperature) and 0 <= temperature <= 2):
            raise RequestError(f"The temperature is a number from 0 to 2, not {temperature!r}.")
        if self.max_tokens is not None and not (_is_whole(self.max_tokens) and self.max_tokens >= 1):
            raise RequestError(f"Max tokens is a whole number, 1 or more, not {self.max_tokens!r}.")
        if self.detail is not None and self.detail not in get_args(Detail):
            raise RequestError(f"The detail is auto, low or high, not {self.detail!r}.")
        # 64 bits are what JSON readers of services hold a whole number in.
        if self.seed is not None and not (_is_whole(self.seed) and abs(self.seed) < 2**63):
            raise RequestError(f"The seed is a whole number of at most 18 digits, not {self.seed!r}.")


@dataclass(frozen=True)
class Turn:
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

    Attributes:
        system: the system message; none is sent if it is blank.
        turns: the conversation; the last turn is the prompt.
        options: whom to ask and how.

    Raises:
        RequestError: the prompt is empty, or missing.
    """

    system: str
    turns: tuple[Turn, ...]
    options: Options

    def __post_init__(self) -> None:
        object.__setattr__(self, "system", whole_characters(self.system))
        if self.turns and self.prompt.role != "user":
            raise RequestError("The last turn of a request is a prompt, and this one is a reply.")
        if not self.turns or not (self.prompt.text.strip() or self.prompt.attachments):
            raise RequestError("There is nothing to send: write a prompt, or attach a picture or a clip.")

    @property
    def prompt(self) -> Turn:
        """The turn that asks for a reply."""
        return self.turns[-1]

    def messages(self) -> list[dict[str, Any]]:
        """The messages as both clients take them."""
        system = [{"role": "system", "content": self.system}] if self.system.strip() else []
        detail = self.options.detail
        return system + [{"role": turn.role, "content": turn.content(detail)} for turn in self.turns]

    def keywords(self) -> dict[str, Any]:
        """The keywords of `complete()` and of `chat.completions.create()`, but those that ask for a stream."""
        options = self.options
        chosen = {
            "temperature": options.temperature,
            "max_tokens": options.max_tokens,
            "seed": options.seed,
        }
        return {
            "model": options.deployment,
            "messages": self.messages(),
            **{name: value for name, value in chosen.items() if value is not None},
        }


def whole_characters(text: str) -> str:
    """Replace each half of a surrogate pair, which UTF-8 has no bytes for."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _with_detail(part: dict[str, Any], detail: Detail | None) -> dict[str, Any]:
    if detail is None or part["type"] != "image_url":
        return part
    return {"type": "image_url", "image_url": {**part["image_url"], "detail": detail}}


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_whole(value) or isinstance(value, float)
