"""What a request will cost, before it is sent: tokens by the models' own rules, and bytes on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers import tokens
from helpers.models import model_for
from workbench.playground.attachments import Attachment
from workbench.playground.request import Detail, Message, Options


@dataclass(frozen=True)
class Estimate:
    """What a request will cost, about: tokens, of the media and in all None if one is unknown, and bytes to send."""

    text: int
    media: int | None
    total: int | None
    wire_bytes: int


def rule_for(deployment: str) -> str | None:
    """The name by which `helpers.encoding` shrinks pictures for a deployment; None if its model has none."""
    model = model_for(deployment)
    name = model.name.lower().removesuffix("-instruct") if model else None
    return name if name in tokens.USEFUL_SIZES else None


def attachment_tokens(attachment: Attachment, deployment: str, detail: Detail | None = None) -> int | None:
    """What one attachment will cost in tokens; None where no rule is known, or the model's rule refuses the picture.

    A detail of None counts as "auto", which costs the most it can.
    """
    model = model_for(deployment)
    try:
        if model and model.sound_tokens and attachment.seconds is not None:
            return model.sound_tokens(attachment.seconds)
        if model and model.picture_tokens and attachment.width and attachment.height:
            return model.picture_tokens(attachment.width, attachment.height, detail or "auto")
    except ValueError:
        # Too long and thin for the model: the service will say so, a count there is not.
        return None
    return None


def estimate(system: str, turns: Sequence[Message], options: Options) -> Estimate:
    """Estimate a whole prompt, earlier turns included, as they are sent again each time."""
    texts = [system, *(turn.text for turn in turns)]
    attached = [attachment for turn in turns for attachment in turn.attachments]
    model, unseen = model_for(options.deployment), []
    if model and model.keeps_last_picture:
        # Such a model looks at the last picture alone; those before it travel along and are not counted.
        unseen = [place for place, one in enumerate(attached) if one.kind == "image"][:-1]
    seen = [one for place, one in enumerate(attached) if place not in unseen]
    counts = [attachment_tokens(one, options.deployment, options.detail) for one in seen]
    text = sum(map(tokens.text_tokens, texts))
    media = None if None in counts else sum(count for count in counts if count is not None)
    wire = sum(len(text.encode()) for text in texts) + sum(attachment.wire_bytes for attachment in attached)
    return Estimate(text, media, None if media is None else text + media, wire)
