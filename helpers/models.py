"""What each model takes and by which rule it counts: one table for lessons, plans, estimates and the endpoint.

Read in public documentation up to November 2026; no live resource was reached. Prices are on the price page of your
deployment, for the kinds of tokens that `priced_apart` names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Literal

from helpers import tokens

BATCH_REQUESTS, BATCH_BYTES = 100_000, 200_000_000  # in one file (Microsoft's how-to page on batches)
# What Microsoft's page on reasoning models lists as not taken by them.
_LOGPROBS = {"logprobs", "top_logprobs", "logit_bias"}
_SAMPLING = {"temperature", "top_p", "presence_penalty", "frequency_penalty", *_LOGPROBS}


@dataclass(frozen=True)
class Model:
    """One model; sizes are in pixels, and None stands for no limit, none announced or none known.

    Attributes:
        named: what a deployment's name has in it when this model is behind it.
        keeps_last_picture: whether only the last picture of a conversation stays in context.
        sound: whether a request may hold sound, or has to; `sound_seconds` is the longest clip.
        refused: parameters that it refuses with `unsupported_parameter`.
        picture_tokens: width, height and detail to tokens; ValueError where its rule refuses the size.
        picture_size: width, height and detail to the size at which the picture is seen.
        priced_apart: the kinds of tokens that have a price of their own, each for a million tokens.
    """

    name: str
    maker: str
    named: re.Pattern[str]
    input_tokens: int
    output_tokens: int
    pictures_a_turn: int = 0
    pictures_a_request: int | None = None
    keeps_last_picture: bool = False
    sound: Literal["none", "taken", "required"] = "none"
    sound_seconds: float | None = None
    response_formats: tuple[str, ...] = ("text", "json_object", "json_schema")
    limit_parameter: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    refused: Collection[str] = frozenset(("reasoning_effort",))
    reasoning_efforts: tuple[str, ...] = ()
    picture_tokens: Callable[[int, int, str], int] | None = None
    picture_size: Callable[[int, int, str], tuple[int, int]] | None = None
    sound_tokens: Callable[[float], int] | None = None
    priced_apart: tuple[str, ...] = ("prompt", "reply")
    retires: date | None = None
    sources: tuple[str, ...] = ()

    def takes(self, parameter: str) -> bool:
        """Whether a request may hold this parameter, for example `temperature`."""
        return parameter not in self.refused


def _named(pattern: str, more: str = r"[-_]\d") -> re.Pattern[str]:
    """A model's own name, with something before it or a date behind it: its -mini, -chat and kin count otherwise."""
    return re.compile(rf"(?:^|[-_./]){pattern}(?:$|{more})", re.IGNORECASE)


_CATALOG = "the model's entry in the Foundry catalog"
_SCHEDULE = "Microsoft's page on the retirement schedule of Foundry models"
_HOW_TO = "Microsoft's how-to page on image and audio in chat completions"
_VISION = "https://platform.openai.com/docs/guides/images-vision"
_REASONING = "Microsoft's page on Azure OpenAI reasoning models"

# The quota page says 50 pictures a request, the page on vision 10; the larger is kept, so that none is wrongly refused.
_GPT_4O = Model(
    name="gpt-4o",
    maker="OpenAI",
    named=_named("gpt-?4o", r"[-_.]\d"),
    input_tokens=128_000,
    output_tokens=16_384,
    pictures_a_turn=50,
    pictures_a_request=50,
    picture_tokens=tokens.gpt_4o_image_tokens,
    picture_size=tokens.tiled_size,
    # Version 2024-05-13, and closed to new customers already; deployments set to upgrade become a gpt-5 model.
    retires=date(2026, 12, 9),
    sources=(_CATALOG, _SCHEDULE, _VISION, "the service's own refusal of input_audio"),
)
_GPT_5 = replace(
    _GPT_4O,
    name="gpt-5",
    named=_named("gpt-?5"),
    input_tokens=272_000,
    output_tokens=128_000,
    limit_parameter="max_completion_tokens",
    refused={"max_tokens", *_SAMPLING},
    reasoning_efforts=("minimal", "low", "medium", "high"),
    picture_tokens=partial(tokens.tile_tokens, base=70, tile=140),
    retires=date(2027, 2, 6),
    sources=(_CATALOG, _SCHEDULE, _VISION, _REASONING),
)

MODELS = {
    model.name: model
    for model in (
        Model(
            name="Phi-4-multimodal-instruct",
            maker="Microsoft",
            named=_named("phi-?4-multimodal", "[-_.]"),
            input_tokens=131_072,
            output_tokens=4_096,
            pictures_a_turn=1,
            keeps_last_picture=True,
            sound="taken",
            sound_seconds=1_800,
            # The catalog promises text alone. The route's reference takes json_object for any model; json_schema came
            # with versions that the route refused or did not have (dotnet/extensions#6130, azure-sdk-for-java#44517).
            response_formats=("text", "json_object"),
            refused={"reasoning_effort", *_LOGPROBS},
            picture_tokens=lambda width, height, _detail: tokens.phi4_multimodal_image_tokens(width, height),
            picture_size=lambda width, height, _detail: tokens.phi4_size(width, height),
            sound_tokens=tokens.phi4_multimodal_audio_tokens,
            priced_apart=("text and pictures", "sound", "reply"),
            sources=(_CATALOG, "https://huggingface.co/microsoft/Phi-4-multimodal-instruct", _HOW_TO),
        ),
        _GPT_4O,
        _GPT_5,
        replace(
            _GPT_5,
            name="gpt-5-mini",
            named=_named("gpt-?5-mini"),
            picture_tokens=tokens.gpt_5_mini_image_tokens,
            picture_size=tokens.patched_size,
            sources=(*_GPT_5.sources, "https://github.com/openai/openai-python/issues/2851"),
        ),
        Model(
            name="gpt-audio",
            maker="OpenAI",
            named=_named("gpt-?audio"),
            input_tokens=128_000,
            output_tokens=16_384,
            sound="required",
            response_formats=("text",),
            limit_parameter="max_completion_tokens",
            sound_tokens=tokens.openai_audio_tokens,
            priced_apart=("text", "sound", "reply", "spoken reply"),
            retires=date(2027, 2, 28),
            sources=(_CATALOG, _SCHEDULE, "https://platform.openai.com/docs/models/gpt-audio"),
        ),
        Model(
            name="Phi-3.5-vision-instruct",
            maker="Microsoft",
            named=_named(r"phi-?3\.5-vision", "[-_.]"),
            input_tokens=131_072,
            output_tokens=4_096,
            retires=date(2025, 8, 30),
            sources=("Microsoft's page on retired Foundry models",),
        ),
    )
}


def model_for(deployment: str, model: str = "") -> Model | None:
    """The model behind a deployment: the one that a setting names, else the one its name tells; None if unknown."""
    return next((known for known in MODELS.values() if known.named.search(model or deployment)), None)
