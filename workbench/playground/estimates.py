"""What a request will cost, before it is sent: tokens by the models' own rules, and bytes on the wire."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from helpers import tokens
from workbench.playground.attachments import Attachment
from workbench.playground.request import Detail, Options, Turn

Rule = Literal["phi-4-multimodal", "gpt-4o"]

# Names as people give them to deployments: the model's own, with something before it or a date behind it. gpt-4o-mini
# and gpt-4o-audio count otherwise.
_NAMES: dict[Rule, re.Pattern[str]] = {
    "phi-4-multimodal": re.compile(r"(?:^|[-_.])phi-?4-multimodal(?:$|[-_.])", re.IGNORECASE),
    "gpt-4o": re.compile(r"(?:^|[-_.])gpt-?4o(?:$|[-_.]\d)", re.IGNORECASE),
}


@dataclass(frozen=True)
class Estimate:
    """What a request will cost, about.

    Attributes:
        text: tokens of the system message and all turns, by rule of thumb.
        media: tokens of all attachments; None if one is unknown.
        total: tokens of the prompt; None if one is unknown.
        wire_bytes: bytes of the texts and of what the attachments put into the body.
    """

    text: int
    media: int | None
    total: int | None
    wire_bytes: int


def rule_for(deployment: str) -> Rule | None:
    """The rule that counts a deployment's media, told by its name; None if the name tells nothing."""
    return next((rule for rule, name in _NAMES.items() if name.search(deployment)), None)


def attachment_tokens(attachment: Attachment, deployment: str, detail: Detail | None = None) -> int | None:
    """Count what one attachment will cost.

    Args:
        attachment: the picture or clip.
        deployment: the `model` of the request.
        detail: as in the request; gpt-4o's rule takes None and "auto" as "high", the most it can cost.

    Returns:
        Tokens, or None where no rule is known: another model, sound on gpt-4o, or a picture the rule refuses.
    """
    rule = rule_for(deployment)
    if attachment.kind == "audio":
        return tokens.phi4_multimodal_audio_tokens(attachment.seconds) if rule == "phi-4-multimodal" else None
    try:
        if rule == "phi-4-multimodal":
            return tokens.phi4_multimodal_image_tokens(attachment.width, attachment.height)
        if rule == "gpt-4o":
            return tokens.gpt_4o_image_tokens(attachment.width, attachment.height, detail or "auto")
    except ValueError:
        # Too long and thin for the model: the service will say so, a count there is not.
        return None
    return None


def estimate(system: str, turns: Sequence[Turn], options: Options) -> Estimate:
    """Estimate a whole prompt, earlier turns included, as they are sent again each time.

    Args:
        system: the system message.
        turns: all turns, the prompt last; it may still be empty.
        options: whom to ask and how.
    """
    texts = [system, *(turn.text for turn in turns)]
    attached = [attachment for turn in turns for attachment in turn.attachments]
    counts = [attachment_tokens(attachment, options.deployment, options.detail) for attachment in attached]
    text = sum(map(tokens.text_tokens, texts))
    media = None if None in counts else sum(count for count in counts if count is not None)
    wire = sum(len(text.encode()) for text in texts) + sum(attachment.wire_bytes for attachment in attached)
    return Estimate(text, media, None if media is None else text + media, wire)
