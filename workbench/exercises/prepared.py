"""Checks of the lesson on preparing pictures."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import Image

from helpers.encoding import image_part
from workbench.exercises.contract import STILL_NONE, NotYet, check, number, shown
from workbench.exercises.sent import DATA, pictures, request_for, same, says, text_of, words_sent

DOCUMENTS = DATA / "documents"
MOST_TOKENS = 200
"""What the exercise allows: on gpt-5-mini the block at low detail takes 148 with the question, at high detail 355."""
MOST_TILES = 6
LOW_SIDE = 512
"""Pixels of a side at low detail, from the rule in `helpers.tokens`."""
LEAST_HEIGHT = 5.5
"""Pixels, as the model sees it, of a line that can be read. The offline endpoint read all of the leaflet's lines
that were 6.1 or more high, misread one of forty of 5.2, and a quarter of the words in those of 3.7."""
_GAP = 60
"""Pixels without ink that part two columns of the leaflet; no two words of a line are so far apart."""
_WHOLE = "keep the whole reply that read() returned."


@check("Crop the leaflet, and pass the part to read().")
def cafe_prices(reply: Any, here: Any = None) -> str:
    """Were the prices of the cafe read from the leaflet, at low cost?"""
    text = text_of(reply, _WHOLE)
    sections = _truth("leaflet")["sections"]
    (prices,) = (
        [line for line in each["lines"] if "euros" in line] for each in sections if each["title"] == "Cafe"
    )
    _look_for(text, prices, "prices of the cafe", "Is the block Cafe in your crop?")
    used = number(reply.usage.prompt_tokens, "a count of tokens")
    if used > MOST_TOKENS:
        raise NotYet(f"all prices are there, for {used:.0f} tokens. Which detail costs less?")
    _look_at_request(reply, here, prices[0])
    return f"all {len(prices)} prices were read, for {used:.0f} tokens."


@check("Raise the contrast of the photo, and pass it to read().")
def pale_screen(reply: Any, here: Any = None) -> str:
    """Were the names of the rooms read from the pale copy of the screen?"""
    names = [room["name"] for room in _truth("screen")["rooms"]]
    _look_for(text_of(reply, _WHOLE), names, "rooms", "Raise the contrast before you send the photo.")
    if arrival := _look_at_request(reply, here, names[0]):
        photo = DOCUMENTS / "screen.jpg"
        with Image.open(photo) as opened:
            before = [image_part(source)["image_url"]["url"] for source in (photo, opened.convert("RGB"))]
        if any(same(one, sent) for one in before for sent in pictures(arrival)):
            raise NotYet("you sent the screen as it was before it faded. Work from the pale copy.")
    return f"all {len(names)} rooms were read from a photo that showed nothing before."


@check(not_begun=f"{STILL_NONE} Put in a list of tiles, each as (left, top, right, bottom).")
def whole_lines(tiles: Any) -> str:
    """Does each line of the leaflet stand whole in a tile in which it can be read at low detail?"""
    width, height, lines = _leaflet()
    boxes = _boxes(tiles)
    if len(boxes) > MOST_TILES:
        raise NotYet(f"these are {len(boxes)} tiles, and the exercise allows {MOST_TILES}.")
    for box in boxes:
        left, top, right, bottom = box
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise NotYet(
                f"the tile {_named(box)} is none of this page, {width} by {height} pixels. "
                "The order is left, top, right, bottom."
            )
    for line in lines:
        holding = [box for box in boxes if _holds(box, line)]
        if not holding:
            raise NotYet(
                f"the line from x = {line[0]} to {line[2]} at y = {line[1]} is whole in none of the tiles."
            )
        if max(_seen_height(box, line) for box in holding) < LEAST_HEIGHT:
            raise NotYet(
                f"the tile {_named(holding[0])} is so large that its print is lost at low detail. Make it smaller."
            )
    return f"each of the {len(lines)} lines is whole in one of {len(boxes)} tiles."


def _truth(name: str) -> Any:
    return json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8"))


def _look_for(text: str, wanted: list[str], what: str, remedy: str) -> None:
    missing = [line for line in wanted if not says(text, line)]
    if len(missing) == len(wanted):
        raise NotYet(f"none of the {what} stands in this reply. {remedy}")
    if missing:
        raise NotYet(f"of the {what}, {len(missing)} are not in this reply: {'; '.join(missing)}.")


def _look_at_request(reply: Any, here: Any, wanted: str) -> Any:
    """The request, with a picture and without what was to be read; None where the record cannot be read."""
    if arrival := request_for(reply, here):
        if not pictures(arrival):
            raise NotYet("that request carried no picture. Pass one to read().")
        if says(words_sent(arrival), wanted):
            raise NotYet("your question holds what was to be read. Ask with read() as it is.")
    return arrival


def _boxes(tiles: Any) -> list[tuple[float, ...]]:
    if not isinstance(tiles, Iterable) or isinstance(tiles, str | bytes | dict):
        raise NotYet(f"{shown(tiles)} is no list of tiles.")
    boxes = []
    for tile in list(tiles):
        edges = list(tile) if isinstance(tile, Iterable) and not isinstance(tile, str | bytes | dict) else []
        if len(edges) != 4:
            raise NotYet(f"{shown(tile)} is no tile. A tile has four edges: left, top, right, bottom.")
        boxes.append(tuple(number(edge, "a number of pixels") for edge in edges))
    if not boxes:
        raise NotYet("the list is empty. Each line has to stand in a tile.")
    return boxes


def _named(box: tuple[float, ...]) -> str:
    return f"({', '.join(f'{edge:g}' for edge in box)})"


def _holds(box: tuple[float, ...], line: tuple[int, ...]) -> bool:
    return box[0] <= line[0] and box[1] <= line[1] and box[2] >= line[2] and box[3] >= line[3]


def _seen_height(box: tuple[float, ...], line: tuple[int, ...]) -> float:
    return (line[3] - line[1]) * min(1.0, LOW_SIDE / max(box[2] - box[0], box[3] - box[1]))


@functools.cache
def _leaflet() -> tuple[int, int, tuple[tuple[int, ...], ...]]:
    """Width and height of the leaflet, and the box around each of its lines, in pixels."""
    with Image.open(DOCUMENTS / "leaflet.png") as opened:
        ink = np.asarray(opened.convert("L")) < 128
    lines = []
    for top, bottom in _runs(np.asarray(ink.any(axis=1))):
        columns: list[list[int]] = []
        for left, right in _runs(np.asarray(ink[top:bottom].any(axis=0))):
            if columns and left - columns[-1][1] <= _GAP:
                columns[-1][1] = right
            else:
                columns.append([left, right])
        lines += [(left, top, right, bottom) for left, right in columns]
    return ink.shape[1], ink.shape[0], tuple(lines)


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
