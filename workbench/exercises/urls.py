"""Checks of the lesson on sending media by URL."""

from __future__ import annotations

import io
import tempfile
import zlib
from pathlib import Path
from typing import Any

from workbench.exercises.contract import NotYet, called, check, function_of, kind, number, shown
from workbench.exercises.sent import DATA, plain, shows

CLIP_URL = "https://example.com/good_morning.mp3"
CHARTS = DATA / "charts"
SMALL, LARGE = "favorite_fruit.png", "model_quality_vs_size.png"
"""Two sample charts, one below the exercise's limit and one above."""
LIMIT = 30_000
"""Bytes of the largest file that goes in base64."""


@check("Write a dictionary with the keys type and audio_url.")
def audio_url_part(part: Any) -> str:
    """Is this a content part that points to a clip by its URL?"""
    part = plain(part)
    if not isinstance(part, dict):
        raise NotYet(f"a part is a dictionary, not a {kind(part)}.")
    if part.get("type") != "audio_url":
        raise NotYet(f"type is {shown(part.get('type'))}; for a clip by URL it is 'audio_url'.")
    inner = part.get("audio_url")
    if isinstance(inner, str):
        raise NotYet("the URL goes one level deeper, into {'url': ...} under the key audio_url.")
    if not isinstance(inner, dict) or "url" not in inner:
        raise NotYet("under the key audio_url there has to be a dictionary with the key url.")
    if not str(inner["url"]).startswith(("http://", "https://")):
        raise NotYet("the URL has to start with http:// or https://.")
    if inner["url"] != CLIP_URL:
        raise NotYet(f"the clip is at {CLIP_URL}, and this part points to {shown(inner['url'])}.")
    if extra := sorted((part.keys() - {"type", "audio_url"}) | (inner.keys() - {"url"})):
        raise NotYet(f"leave out {', '.join(extra)}; the service refuses keys it does not know.")
    return "this part points to a clip, and the service will fetch it."


@check()
def base64_size(answer: Any) -> str:
    """How many characters is a file of 300,000 bytes in base64?"""
    length = number(answer, "the length. Base64 writes three bytes as four characters")
    if length == 400_000:
        return "three bytes become four characters, so base64 is a third longer."
    if length == 300_000:
        raise NotYet("that is the size of the file. Base64 needs more characters than the file has bytes.")
    if length == 225_000:
        raise NotYet("the other way round. Base64 makes a file longer.")
    raise NotYet(f"{shown(answer)} is not the length. Base64 writes three bytes as four characters.")


@check()
def part_by_size(function: Any) -> str:
    """Does a function of a path and a URL send small pictures in base64 and large ones by URL?"""
    function_of(function, "Replace the line with def part_for(path, url): ...")
    sent = {name: _sent(function, CHARTS / name) for name in (SMALL, LARGE)}
    ways = {name: url.partition(":")[0] for name, url in sent.items()}
    if ways == {SMALL: "https", LARGE: "data"}:
        raise NotYet("the other way round. Which of the two gets longer with the size of the file?")
    if ways == {SMALL: "https", LARGE: "https"}:
        raise NotYet(f"both pictures go by URL. The smaller one has {_size(SMALL):,} bytes.")
    if ways == {SMALL: "data", LARGE: "data"}:
        raise NotYet(
            f"both pictures go in base64. The larger one has {_size(LARGE):,} bytes; what does your limit count?"
        )
    if ways != {SMALL: "data", LARGE: "https"}:
        raise NotYet(f"the URLs start with {' and '.join(ways.values())}.")
    if sent[LARGE] != _url(LARGE):
        raise NotYet(f"the larger picture is at {_url(LARGE)}, and your part points to {shown(sent[LARGE])}.")
    if not shows(sent[SMALL], CHARTS / SMALL):
        raise NotYet("what your part holds in base64 is another picture than the file at the path.")
    with tempfile.TemporaryDirectory() as folder:
        for size, way in ((LIMIT, "data"), (LIMIT + 1, "https")):
            path = Path(folder) / f"picture_of_{size}_bytes.png"
            path.write_bytes(_png_of(size))
            if not _sent(function, path).startswith(way):
                raise NotYet(
                    f"a file of {size:,} bytes goes the wrong way. At most {LIMIT:,} bytes go in base64."
                )
    return "small pictures travel in the request, large ones are fetched."


def _size(name: str) -> int:
    return (CHARTS / name).stat().st_size


def _url(name: str) -> str:
    return f"https://example.com/{name}"


def _sent(function: Any, path: Path) -> str:
    """The URL in the part that a learner's function makes of a picture."""
    part = called(function, path, _url(path.name))
    if part is None:
        raise NotYet(
            f"your function returns nothing for {path.name}. Does each way through it end in a return?"
        )
    part = plain(part)
    if not isinstance(part, dict):
        raise NotYet(f"your function returns a value of type {kind(part)}, and a part is a dictionary.")
    inner = part.get("image_url")
    url = inner.get("url") if isinstance(inner, dict) else None
    if part.get("type") != "image_url" or not isinstance(url, str):
        raise NotYet("a part for a picture has the type image_url, and the URL under image_url and url.")
    return url


def _png_of(size: int) -> bytes:
    """A whole PNG of so many bytes; a chunk of text before its end fills it up (PNG, section 11.3.3)."""
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(made, "PNG")
    data = made.getvalue()
    text = b"tEXtComment\0".ljust(size - len(data) - 8, b" ")
    chunk = (len(text) - 4).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    return data[:-12] + chunk + data[-12:]
