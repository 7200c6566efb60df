"""Checks for the exercises of lesson 08."""

from __future__ import annotations

from typing import Any


def two_branches(conversation: Any) -> str:
    """Lesson 08: was an earlier turn edited and sent again, so that the conversation has two branches?

    Args:
        conversation: a playground's `conversation`.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    exchanges = getattr(conversation, "exchanges", None)
    if exchanges is None:
        return "Not yet: this check reads tool.playground.conversation."
    if not exchanges:
        return "Not yet: the conversation is empty. Ask something in the tool first."
    most = max(len(conversation.branches(exchange.id)) for exchange in exchanges)
    if most < 2:
        return (
            "Not yet: there is one branch. Press Edit and resend below a turn, change the prompt and send it."
        )
    return (
        f"Right: one place of the conversation has {most} branches, and the arrows lead from one to the next."
    )


def half_the_price(runs: Any) -> str:
    """Lesson 08: was one question about a picture asked twice, the second time for half the tokens or less?

    Args:
        runs: a playground's `runs`, oldest first.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    counted = [
        (run.request.prompt.text.strip(), run.usage.prompt_tokens)
        for run in runs or []
        if run.usage and run.request.prompt.attachments
    ]
    if not counted:
        return "Not yet: the history holds no reply about a picture. Attach a sample chart and ask about it."
    ratios = [
        later / earlier
        for place, (words, earlier) in enumerate(counted)
        for same, later in counted[place + 1 :]
        if same == words
    ]
    if not ratios:
        return "Not yet: no question was asked twice. Press Edit and resend, and change a setting, not the prompt."
    if min(ratios) > 0.5:
        return "Not yet: the second reply cost more than half. Try the other deployment, and low detail."
    return f"Right: the same question for {min(ratios):.0%} of the tokens. Did the answer stay as good?"
