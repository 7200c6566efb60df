"""Checks for the exercises of lesson 04."""

from __future__ import annotations

from typing import Any


def audio_url_part(part: Any) -> str:
    """Is this a content part that points to a clip by its URL?

    Args:
        part: the learner's dictionary.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if part is None:
        return "Not yet: the variable is still None. Write a dictionary with the keys type and audio_url."
    if not isinstance(part, dict):
        return f"Not yet: a part is a dictionary, not a {type(part).__name__}."
    if part.get("type") != "audio_url":
        return f"Not yet: type is {part.get('type')!r}; for a clip by URL it is 'audio_url'."
    if isinstance(part.get("audio_url"), str):
        return "Not yet: the URL goes one level deeper, into {'url': ...} under the key audio_url."
    if not isinstance(part.get("audio_url"), dict) or "url" not in part["audio_url"]:
        return "Not yet: under the key audio_url there has to be a dictionary with the key url."
    if not str(part["audio_url"]["url"]).startswith(("http://", "https://")):
        return "Not yet: the URL has to start with http:// or https://."
    if extra := sorted(set(part) - {"type", "audio_url"}):
        return f"Not yet: leave out {', '.join(map(str, extra))}; the service refuses keys it does not know."
    return "Right: this part points to a clip, and the service will fetch it."


def base64_size(answer: Any) -> str:
    """How many characters is a file of 300,000 bytes in base64?

    Args:
        answer: the learner's number.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if answer is None:
        return "Not yet: the variable is still None."
    if answer == 400_000:
        return "Right: three bytes become four characters, so base64 is a third longer."
    if answer == 300_000:
        return "Not yet: that is the size of the file. Base64 needs more characters than the file has bytes."
    if answer == 225_000:
        return "Not yet: the other way round. Base64 makes a file longer."
    return f"Not yet: {answer!r} is not the length. Base64 writes three bytes as four characters."
