"""Checks for the exercises of lesson 02."""

from __future__ import annotations

from typing import Any

from helpers import tokens
from helpers.exercises import replies


def picture_tokens(answer: Any) -> str:
    """How many tokens does an 800 x 600 picture cost on Phi-4-multimodal-instruct?

    Args:
        answer: the learner's number.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if answer is None:
        return "Not yet: the variable is still None. Call the function of the tokens module for this model."
    if answer == tokens.phi4_multimodal_image_tokens(800, 600):
        return "Right: a picture of two crops by two, scaled to fill them."
    if answer == tokens.gpt_4o_image_tokens(800, 600):
        return "Not yet: that is the rule of gpt-4o. Use the one for Phi-4-multimodal."
    if answer == tokens.phi4_multimodal_image_tokens(600, 800):
        return "Not yet: width comes first, then height."
    return f"Not yet: {answer!r} is not the count. The size is 800 wide and 600 high."


def own_chart(figure: Any, reply: Any) -> str:
    """Does the reply name the title of the chart that the learner drew?

    Args:
        figure: a matplotlib figure with one plot.
        reply: what `client.complete` returned.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if figure is None or reply is None:
        return "Not yet: draw a figure, send it, and keep both the figure and the reply."
    axes = getattr(figure, "axes", [])
    title = axes[0].get_title() if axes else ""
    if not title:
        return "Not yet: the figure has no title to look for. Add one with ax.set_title(...)."
    text = replies.content(reply)
    if text is None:
        return "Not yet: keep the whole reply that complete() returned."
    if title.lower() in text.lower():
        return "Right: the reply names your chart's title, so the model saw your picture."
    return f"Not yet: the reply does not name the title {title!r}. Did you send this figure, and ask about its text?"
