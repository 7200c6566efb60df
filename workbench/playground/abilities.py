"""What a deployment takes, told by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from helpers import tokens


@dataclass(frozen=True)
class Model:
    """What one model takes; the fields have the names and the meaning that `helpers.models` gives them."""

    name: str
    named: str
    keeps_last_picture: bool = False
    response_formats: tuple[str, ...] = ("text", "json_object", "json_schema")
    limit_parameter: str = "max_tokens"
    refused: frozenset[str] = frozenset()
    reasoning_efforts: tuple[str, ...] = ()
    picture_tokens: Callable[[int, int, str], int] | None = None
    sound_tokens: Callable[[float], int] | None = None

    def takes(self, parameter: str) -> bool:
        """Whether a request may hold this parameter, for example `temperature`."""
        return parameter not in self.refused and (
            parameter != "reasoning_effort" or bool(self.reasoning_efforts)
        )


_MODELS = (
    Model(
        "Phi-4-multimodal-instruct",
        r"phi-?4-multimodal(?:-instruct)?",
        keeps_last_picture=True,
        response_formats=("text", "json_object"),
        picture_tokens=lambda width, height, _detail: tokens.phi4_multimodal_image_tokens(width, height),
        sound_tokens=tokens.phi4_multimodal_audio_tokens,
    ),
    Model("gpt-4o", r"gpt-?4o", picture_tokens=tokens.gpt_4o_image_tokens),
    Model(
        "gpt-5",
        r"gpt-?5(?:-mini)?",
        limit_parameter="max_completion_tokens",
        refused=frozenset(("max_tokens", "temperature", "top_p")),
        reasoning_efforts=("minimal", "low", "medium", "high"),
    ),
)


def model_for(deployment: str) -> Model | None:
    """The model behind a deployment, as far as its name tells; None if it is not known."""
    for model in _MODELS:
        if re.search(rf"(?:^|[-_./]){model.named}(?:$|[-_]\d{{4}}(?!\d).*$)", deployment, re.IGNORECASE):
            return model
    return None
