"""What the checks read in a reply, from either client."""

from __future__ import annotations

from typing import Any


def content(reply: Any) -> str | None:
    """The text of a reply from either client, or None where it is no reply."""
    try:
        text = reply.choices[0].message.content
    except (AttributeError, IndexError, TypeError):
        return None
    return text if isinstance(text, str) else None


def finish_reason(reply: Any) -> str:
    """The reason as plain text; one client gives a string, the other an enumeration."""
    reason = reply.choices[0].finish_reason
    return str(getattr(reason, "value", reason))
