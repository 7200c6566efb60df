"""Checks of the lessons on media by URL, on preparing pictures, and on turning forms and photos into data."""

from __future__ import annotations

import functools
import io
import json
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pydantic import BaseModel, ValidationError

from helpers.encoding import image_part
from workbench.exercises import sent
from workbench.exercises.contract import NotYet, called, check, kind, need, number, refuse, shown
from workbench.exercises.sent import DATA, arrivals, pictures, plain, request_for, says

CLIP_URL = "https://example.com/good_morning.mp3"
CHARTS, DOCUMENTS = DATA / "charts", DATA / "documents"
SMALL, LARGE = "favorite_fruit.png", "model_quality_vs_size.png"
"""Two sample charts, one below the exercise's limit and one above."""
LIMIT = 30_000
"""Bytes of the largest file that goes in base64."""
MOST_TOKENS, MOST_TILES = 200, 6
"""What the exercises allow: on gpt-5-mini the block at low detail takes 148 with the question, at high detail 355."""
LOW_SIDE = 512
"""Pixels of a side at low detail, from the rule in `helpers.tokens`."""
LEAST_HEIGHT = 5.5
"""Pixels, as the model sees it, of a line that can be read. The offline endpoint read all of the leaflet's lines
that were 6.1 or more high, misread one of forty of 5.2, and a quarter of the words in those of 3.7."""
_GAP = 60
"""Pixels without ink that part two columns of the leaflet; no two words of a line are so far apart."""


@check(4, "Write a dictionary with the keys type and audio_url.")
def audio_url_part(part: Any) -> str:
    """Is this a content part that points to a clip by its URL?"""
    part = need(plain(part), dict, "A part is a dictionary.")
    refuse(part.get("type") != "audio_url", f"type is {shown(part.get('type'))}, and not 'audio_url'.")
    inner = part.get("audio_url")
    refuse(isinstance(inner, str), "the URL goes one level deeper, into {'url': ...} under audio_url.")
    if not isinstance(inner, dict) or "url" not in inner:
        raise NotYet("under the key audio_url there has to be a dictionary with the key url.")
    refuse(not str(inner["url"]).startswith(("http://", "https://")), "the URL has to start with https://.")
    refuse(inner["url"] != CLIP_URL, f"the clip is at {CLIP_URL}, and this points to {shown(inner['url'])}.")
    if extra := sorted((part.keys() - {"type", "audio_url"}) | (inner.keys() - {"url"})):
        raise NotYet(f"leave out {', '.join(extra)}; the service refuses keys it does not know.")
    return "this part points to a clip, and the service will fetch it."


@check(4, function=True)
def part_by_size(function: Any) -> str:
    """Does a function of a path and a URL send small pictures in base64 and large ones by URL?"""
    small, large = (_url_in(function, CHARTS / name) for name in (SMALL, LARGE))
    small_bytes, large_bytes = ((CHARTS / name).stat().st_size for name in (SMALL, LARGE))
    ways = small.partition(":")[0], large.partition(":")[0]
    slips = {
        ("https", "data"): "the other way round. Which of the two gets longer with the size of the file?",
        ("https", "https"): f"both pictures go by URL. The smaller one has {small_bytes:,} bytes.",
        ("data", "data"): "both pictures go in base64. "
        f"The larger one has {large_bytes:,} bytes; what does your limit count?",
    }
    if ways != ("data", "https"):
        raise NotYet(slips.get(ways, f"the URLs start with {' and '.join(ways)}."))
    refuse(large != _url(LARGE), f"the larger picture is at {_url(LARGE)}, and not at {shown(large)}.")
    refuse(not sent.shows(small, CHARTS / SMALL), "your part holds another picture than the path.")
    with tempfile.TemporaryDirectory() as folder:
        for size, way in ((LIMIT, "data"), (LIMIT + 1, "https")):
            path = Path(folder) / f"picture_of_{size}_bytes.png"
            path.write_bytes(_png_of(size))
            if not _url_in(function, path).startswith(way):
                most = f"At most {LIMIT:,} bytes go in base64."
                raise NotYet(f"a file of {size:,} bytes goes the wrong way. {most}")
    return "small pictures travel in the request, large ones are fetched."


def _url(name: str) -> str:
    return f"https://example.com/{name}"


def _url_in(function: Any, path: Path) -> str:
    """The URL in the part that a learner's function makes of a picture."""
    part = plain(called(function, path, _url(path.name), what=f"a part for {path.name}"))
    refuse(not isinstance(part, dict), f"your function returns a {kind(part)}, and a part is a dictionary.")
    inner = part.get("image_url")
    url = inner.get("url") if isinstance(inner, dict) else None
    if part.get("type") != "image_url" or not isinstance(url, str):
        raise NotYet("a part for a picture has the type image_url, and the URL under image_url and url.")
    return url


def _png_of(size: int) -> bytes:
    """A whole PNG of so many bytes; a chunk of text before its end fills it up (PNG, section 11.3.3)."""
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(made, "PNG")
    data = made.getvalue()
    text = b"tEXtComment\0".ljust(size - len(data) - 8, b" ")
    chunk = (len(text) - 4).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    return data[:-12] + chunk + data[-12:]


@check(6, "Crop the leaflet, and pass the part to read().")
def cafe_prices(reply: Any, here: Any = None) -> str:
    """Were the prices of the cafe read from the leaflet, at low cost?"""
    (cafe,) = (each for each in _truth("leaflet")["sections"] if each["title"] == "Cafe")
    prices = [line for line in cafe["lines"] if "euros" in line]
    _look_for(reply, prices, "prices of the cafe", "Is the block Cafe in your crop?")
    used = number(reply.usage.prompt_tokens, "a count of tokens")
    refuse(used > MOST_TOKENS, f"all prices are there, for {used:.0f} tokens. Which detail costs less?")
    _look_at_request(reply, here, prices[0])
    return f"all {len(prices)} prices were read, for {used:.0f} tokens."


@check(6, "Raise the contrast of the photo, and pass it to read().")
def pale_screen(reply: Any, here: Any = None) -> str:
    """Were the names of the rooms read from the pale copy of the screen?"""
    names = [room["name"] for room in _truth("screen")["rooms"]]
    _look_for(reply, names, "rooms", "Raise the contrast before you send the photo.")
    if arrival := _look_at_request(reply, here, names[0]):
        photo = DOCUMENTS / "screen.jpg"
        with Image.open(photo) as opened:
            before = [image_part(source)["image_url"]["url"] for source in (photo, opened.convert("RGB"))]
        if any(sent.same(one, seen) for one in before for seen in pictures(arrival)):
            raise NotYet("you sent the screen as it was before it faded. Work from the pale copy.")
    return f"all {len(names)} rooms were read from a photo that showed nothing before."


def _truth(name: str) -> Any:
    return json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8"))


def _look_for(reply: Any, wanted: list[str], what: str, remedy: str) -> None:
    text = sent.text_of(reply)
    missing = [line for line in wanted if not says(text, line)]
    refuse(len(missing) == len(wanted), f"none of the {what} stands in this reply. {remedy}")
    if missing:
        raise NotYet(f"of the {what}, {len(missing)} are not in this reply: {'; '.join(missing)}.")


def _look_at_request(reply: Any, here: Any, wanted: str) -> Any:
    """The request, with a picture and without what was to be read; None where the record cannot be read."""
    if arrival := request_for(reply, here):
        refuse(not pictures(arrival), "that request carried no picture. Pass one to read().")
        refuse(says(sent.words_sent(arrival), wanted), "your question holds the answer. Ask with read().")
    return arrival


Box = tuple[float, ...]


@check(6, "Put in a list of tiles, each as (left, top, right, bottom).")
def whole_lines(tiles: Any) -> str:
    """Does each line of the leaflet stand whole in a tile in which it can be read at low detail?"""
    width, height, lines = _leaflet()
    boxes = [tuple(_edges(tile)) for tile in _listed(tiles, "list of tiles")]
    refuse(not boxes, "the list is empty. Each line has to stand in a tile.")
    refuse(len(boxes) > MOST_TILES, f"these are {len(boxes)} tiles, and the exercise allows {MOST_TILES}.")
    for box in boxes:
        left, top, right, bottom = box
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            order = "The order is left, top, right, bottom."
            raise NotYet(f"the tile {_named(box)} is none of this page, {width} by {height} pixels. {order}")
    for line in lines:
        holding = [box for box in boxes if _holds(box, line)]
        if not holding:
            where = f"from x = {line[0]} to {line[2]} at y = {line[1]}"
            raise NotYet(f"the line {where} is whole in none of the tiles.")
        if max(_seen_height(box, line) for box in holding) < LEAST_HEIGHT:
            lost = "is so large that its print is lost at low detail. Make it smaller."
            raise NotYet(f"the tile {_named(holding[0])} {lost}")
    return f"each of the {len(lines)} lines, headings too, is whole in one of {len(boxes)} tiles."


def _listed(value: Any, what: str) -> list[Any]:
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | dict):
        raise NotYet(f"{shown(value)} is no {what}.")
    return list(value)


def _edges(tile: Any) -> list[float]:
    form = "tile. A tile has four edges: left, top, right, bottom"
    edges = _listed(tile, form)
    refuse(len(edges) != 4, f"{shown(tile)} is no {form}.")
    return [number(edge, "a number of pixels") for edge in edges]


def _named(box: Box) -> str:
    return f"({', '.join(f'{edge:g}' for edge in box)})"


def _holds(box: Box, line: Box) -> bool:
    return box[0] <= line[0] and box[1] <= line[1] and box[2] >= line[2] and box[3] >= line[3]


def _seen_height(box: Box, line: Box) -> float:
    return (line[3] - line[1]) * min(1.0, LOW_SIDE / max(box[2] - box[0], box[3] - box[1]))


@functools.cache
def _leaflet() -> tuple[int, int, list[Box]]:
    """Width and height of the leaflet, and the box around each of its lines, in pixels."""
    with Image.open(DOCUMENTS / "leaflet.png") as opened:
        ink = np.asarray(opened.convert("L")) < 128
    lines: list[Box] = []
    for top, bottom in _runs(np.asarray(ink.any(axis=1))):
        words = _runs(np.asarray(ink[top:bottom].any(axis=0)))
        starts = [place for place in range(1, len(words)) if words[place][0] - words[place - 1][1] > _GAP]
        for first, end in zip([0, *starts], [*starts, len(words)], strict=True):
            lines.append((words[first][0], top, words[end - 1][1], bottom))
    return ink.shape[1], ink.shape[0], lines


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _row(name: str, seats: int | None, booked: int | None, free: int | None) -> dict[str, Any]:
    return {"name": name, "seats": seats, "booked": booked, "free": free}


ROWS: tuple[tuple[list[dict[str, Any]], list[str]], ...] = (
    ([_row("Birch", 24, 18, 6)], []),
    ([_row("Birch", 24, 40, 0), _row("Cedar", 40, 40, 0)], ["Birch"]),
    ([_row("Elm", 0, 0, 0), _row("Fir", 12, 5, 8), _row("Gum", 3, 1, 1)], ["Fir", "Gum"]),
    ([_row("Holly", 10, None, 4), _row("Ivy", None, 2, 2), _row("Yew", 9, 2, None)], ["Holly", "Ivy", "Yew"]),
    ([_row("Oak", 4, None, 4), _row("Pine", 4, 1, 3)], ["Oak"]),
    ([], []),
)
"""Tables that the learner's function is tried on, each with the rows that are off."""


@check(8, "Define a function of one parameter, the rows.", function=True)
def rows_checked(function: Any) -> str:
    """Does a function find the rows whose numbers do not add up?"""
    for rows, wanted in ROWS:
        names = called(function, [dict(row) for row in rows], gives=list | tuple, what="a list of names")
        if not all(isinstance(name, str) for name in names):
            raise NotYet("the list has to hold the names of the rows, not the rows or their numbers.")
        for row in rows:
            is_off, is_named = row["name"] in wanted, row["name"] in names
            refuse(is_off and not is_named, f"this row is off, and your function does not name it: {row}.")
            refuse(is_named and not is_off, f"this row is right, and your function names it: {row}.")
        if sorted(names) != sorted(wanted):
            said = f"of {len(rows)} rows it names {shown(list(names))}."
            raise NotYet(f"{said} Name each row that is off once.")
    return "it finds each row that is off, and leaves the others alone."


TICKET = {"plate": "NV 204", "euros": 2.5, "minutes": 90}
# What the learner's class may not take in a ticket, and what to say where it does.
SPOILT = (
    ({"plate": None}, "plate may be null, and it is to be text."),
    ({"minutes": 90.5}, "minutes may be 90.5, and it is to be a whole number."),
    ({"euros": "free"}, "euros may be the word 'free', and it is to be a number."),
    ({"color": "red"}, "the class takes a field that it does not have. Forbid what is extra."),
)


@check(8, "Write the class and keep it.")
def ticket_class(model: Any) -> str:
    """Does a Pydantic class take a parking ticket as it was asked for, and nothing else?"""
    refuse(isinstance(model, BaseModel), "this is an object of the class. Keep the class itself.")
    if not isinstance(model, type) or not issubclass(model, BaseModel):
        raise NotYet(f"this is of type {kind(model)}. Keep a class that is derived from BaseModel.")
    if model.model_fields.keys() != TICKET.keys():
        raise NotYet(f"the fields are to be {', '.join(TICKET)}; yours are {', '.join(model.model_fields)}.")
    refuse(not _takes(model, TICKET), f"the class does not take this ticket: {TICKET}. Look at its kinds.")
    for name in ("euros", "minutes"):
        refuse(not _takes(model, TICKET | {name: None}), f"{name} cannot be null. Let its kind allow None.")
    for name in TICKET:
        if _takes(model, {key: value for key, value in TICKET.items() if key != name}):
            raise NotYet(f"{name} may be left out. Give it no value to fall back on.")
    for change, said in SPOILT:
        if _takes(model, {**TICKET, **change}):
            raise NotYet(said)
    return "it takes a whole ticket, also with nulls, and nothing else."


def _takes(model: type[BaseModel], ticket: dict[str, Any]) -> bool:
    try:
        model.model_validate(ticket)
    except ValidationError:
        return False
    return True


SIGN = {"street": "Old Mill Street", "district": "Norrvik Harbor"}
"""What stands on the sign, as in `street_sign.json`."""


@check(8, "Read the picture and keep a dictionary.")
def read_sign(answer: Any, here: Any = None) -> str:
    """Was the street sign read into two fields?"""
    fields = answer.model_dump() if isinstance(answer, BaseModel) else answer
    refuse(isinstance(fields, str), "this is text. Make a dictionary of its two lines.")
    need(fields, dict, "Keep a dictionary.")
    refuse(fields.keys() != SIGN.keys(), "the keys are to be street and district, and no others.")
    refuse(not all(isinstance(value, str) for value in fields.values()), "both values are to be text.")
    given, true = ({name: one[name].casefold().split() for name in SIGN} for one in (fields, SIGN))
    if given == {"street": true["district"], "district": true["street"]}:
        raise NotYet("street and district are swapped. The street is the first line.")
    for name in SIGN:
        refuse(given[name] != true[name], f"{fields[name]!r} is not the {name} on the sign. Look again.")
    if (there := arrivals(here)) is not None:
        readings = [pictures(one) for one in there if pictures(one) and says(one.said, fields["street"])]
        refuse(not readings, "no reply about a picture held this street. Send it, and use what is read.")
        sent.sample_sent(readings[-1], DOCUMENTS / "street_sign.jpg", "picture")
    return f"{fields['street']!r} and {fields['district']!r} stand on the sign."
