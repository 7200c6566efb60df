"""Checks for the exercises of lesson 04."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.exercises.functions import called, unusable


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


CHARTS = Path(__file__).parents[2] / "data" / "charts"
SMALL, LARGE = "favorite_fruit.png", "model_quality_vs_size.png"
"""Two sample charts, one below the exercise's limit of 30,000 bytes and one above."""


def part_by_size(function: Any) -> str:
    """Does the learner's function send small pictures in base64 and large ones by URL?

    Args:
        function: takes a path and a URL of the same picture, and returns a content part. It is called twice.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if problem := unusable(function, "Replace the line with def part_for(path, url): ..."):
        return problem
    sent = {}
    for name in (SMALL, LARGE):
        part, problem = called(function, CHARTS / name, f"https://example.com/{name}")
        if problem:
            return problem
        if part is None:
            return f"Not yet: your function returns nothing for {name}. Does each way through it end in a return?"
        if not isinstance(part, dict):
            return f"Not yet: your function returns a value of type {type(part).__name__}, and a part is a dictionary."
        inner = part.get("image_url")
        url = inner.get("url") if isinstance(inner, dict) else None
        if part.get("type") != "image_url" or not isinstance(url, str):
            return (
                "Not yet: a part for a picture has the type image_url, and the URL under image_url and url."
            )
        sent[name] = url.partition(":")[0]
    if sent == {SMALL: "https", LARGE: "data"}:
        return "Not yet: the other way round. Which of the two gets longer with the size of the file?"
    if sent == {SMALL: "https", LARGE: "https"}:
        return f"Not yet: both pictures go by URL. The smaller one has {(CHARTS / SMALL).stat().st_size:,} bytes."
    if sent == {SMALL: "data", LARGE: "data"}:
        size = (CHARTS / LARGE).stat().st_size
        return f"Not yet: both pictures go in base64. The larger one has {size:,} bytes; what does your limit count?"
    if sent != {SMALL: "data", LARGE: "https"}:
        return f"Not yet: the URLs start with {' and '.join(sent.values())}."
    return "Right: small pictures travel in the request, large ones are fetched."
