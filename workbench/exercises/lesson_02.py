"""Checks for the exercises of lesson 02."""

from __future__ import annotations

from typing import Any

from helpers import tokens
from workbench.exercises import replies


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


def second_question(messages: Any, reply: Any) -> str:
    """Does this conversation hold a picture, a question, the answer to it and a second question?

    Args:
        messages: the messages of the second request, as plain dictionaries.
        reply: what `client.complete` returned for them.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if messages is None or reply is None:
        return "Not yet: keep the list of messages in the first variable and the second reply in the other."
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        return "Not yet: keep the messages as a list of dictionaries."
    roles = [message.get("role") for message in messages if message.get("role") != "system"]
    if not any(_holds_picture(message) for message in messages):
        return "Not yet: there is no picture in these messages. What could the model look at?"
    if roles == ["user", "assistant"]:
        return "Not yet: your second question is missing at the end."
    if roles == ["user"]:
        return (
            "Not yet: this is the first request alone. What was said before has to go along with the second."
        )
    if roles == ["user", "user"]:
        return "Not yet: both questions are there. What was said between them?"
    if roles != ["user", "assistant", "user"]:
        return f"Not yet: the roles are {', '.join(map(str, roles))}. Who speaks, in which order?"
    if not isinstance(messages[-2].get("content"), str):
        return (
            "Not yet: the content of the assistant's message is the text of its answer, not the whole reply."
        )
    if not replies.content(reply):
        return "Not yet: keep the whole second reply that complete() returned."
    return "Right: the second request holds the picture and all that was said about it."


def _holds_picture(message: dict[str, Any]) -> bool:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return any(isinstance(part, dict) and part.get("type") == "image_url" for part in parts)
