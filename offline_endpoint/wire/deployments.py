"""What each deployment of the offline endpoint takes, with the source of each limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpers import tokens

DEFAULT = "Phi-4-multimodal-instruct"
"""The deployment that answers a request which names none; it is the model of the page the lessons follow."""

REPLY_MODEL = "offline-reader"
"""The `model` of every reply: what answers is a reader, not the model a deployment is named after."""


@dataclass(frozen=True)
class Deployment:
    """The limits of one deployment.

    Attributes:
        name: what a request puts in `model`.
        provider: who made the model that the deployment is named after.
        pictures_a_turn: pictures that one message may hold.
        pictures_a_request: pictures that all messages together may hold, or None for no limit.
        keeps_last_picture: whether only the last picture of a conversation stays in context.
        takes_sound: whether a message may hold `input_audio` and `audio_url` parts.
        input_tokens: the most tokens a request may weigh.
        output_tokens: the most tokens a reply may have.
        picture_tokens: width, height (pixels) and detail to tokens.
        sound_tokens: seconds to tokens.
    """

    name: str
    provider: str
    pictures_a_turn: int
    pictures_a_request: int | None
    keeps_last_picture: bool
    takes_sound: bool
    input_tokens: int
    output_tokens: int
    picture_tokens: Callable[[int, int, str], int]
    sound_tokens: Callable[[float], int]


DEPLOYMENTS = {
    deployment.name: deployment
    for deployment in (
        # Tokens in and out: the model's entry in the Foundry catalog, 131,072 and 4,096. One picture a turn,
        # the last one kept: Microsoft's how-to page on image and audio in chat completions.
        Deployment(
            name=DEFAULT,
            provider="Microsoft",
            pictures_a_turn=1,
            pictures_a_request=None,
            keeps_last_picture=True,
            takes_sound=True,
            input_tokens=131_072,
            output_tokens=4_096,
            picture_tokens=lambda width, height, _detail: tokens.phi4_multimodal_image_tokens(width, height),
            sound_tokens=tokens.phi4_multimodal_audio_tokens,
        ),
        # Tokens: the model's entry in the Foundry catalog, 128,000 and 16,384. Fifty pictures a request: the page
        # "Azure OpenAI in Azure AI Foundry Models quotas and limits". No sound: the service's own refusal.
        Deployment(
            name="gpt-4o",
            provider="OpenAI",
            pictures_a_turn=50,
            pictures_a_request=50,
            keeps_last_picture=False,
            takes_sound=False,
            input_tokens=128_000,
            output_tokens=16_384,
            picture_tokens=lambda width, height, detail: tokens.gpt_4o_image_tokens(width, height, detail),
            sound_tokens=lambda _seconds: 0,
        ),
    )
}
