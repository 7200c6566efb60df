"""Takes the key out of whatever leaves the playground: a saved session, a script."""

from __future__ import annotations

import os
from typing import Any

from helpers.settings import CREDENTIAL

SHORTEST_KEY = 16
"""Fewest characters of a key that is looked for: a local server takes any word as its key, and a word is no secret."""


def without_key(value: Any) -> Any:
    """Replace the key, where somebody pasted it into a text, by three asterisks."""
    key = os.environ.get(CREDENTIAL, "")
    return _without(value, key) if len(key) >= SHORTEST_KEY else value


def _without(value: Any, key: str) -> Any:
    if isinstance(value, str):
        return value.replace(key, "***")
    if isinstance(value, dict):
        return {_without(name, key): _without(inner, key) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, key) for inner in value]
    return value
