"""What a reply says and what was sent for it: looked up in what arrived, where the endpoint is the offline one.

With an endpoint elsewhere nobody can look there, and a check goes by what it is given.
"""

from __future__ import annotations

import base64
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from helpers.encoding import audio_part, image_part
from workbench.exercises.contract import NotYet, refuse

DATA = Path(__file__).parents[2] / "data"
LIBRARY = DATA / "charts" / "library_visitors.png"
WHOLE = "keep the whole reply, not a part of it; this check reads reply.choices[0].message.content."
# How the record of the offline endpoint shortens a long text.
_CUT = re.compile(r"(.*)… \((\d+) characters\)", re.DOTALL)
_SIDE, _ALIKE = 48, 3
"""Two pictures are alike where they differ by at most 3 of 255 grays on average, at 48 pixels a side: copies of
one sample that are smaller, larger or a JPEG differ by at most 1.7, two samples by at least 4.5."""


def content(reply: Any) -> str | None:
    """The text of a reply from either client, or None where it is no reply."""
    try:
        text = reply.choices[0].message.content
    except (AttributeError, IndexError, KeyError, TypeError):
        return None
    return text if isinstance(text, str) else None


def text_of(reply: Any) -> str:
    """The text of a reply; NotYet if it is no whole one."""
    text = content(reply)
    if text is not None:
        return text
    refuse(isinstance(reply, BaseException), "that is the error. Change the request, and keep the reply.")
    raise NotYet(WHOLE)


def text_with(reply: Any, here: Any, wanted: str, slips: Mapping[str, str], otherwise: str) -> Any:
    """The request for a reply that says what is wanted; None where the record cannot be read.

    Raises:
        NotYet: it says one of the slips in its place, or something else; or the prompt held the words already.
    """
    text = text_of(reply)
    if not says(text, wanted):
        slip = next((said for slip, said in slips.items() if says(text, slip)), "")
        raise NotYet(slip or f"{text!r} {otherwise}")
    arrival = request_for(reply, here)
    refuse(arrival and says(words_sent(arrival), wanted), "your prompt holds these words already.")
    return arrival


def plain(value: Any) -> Any:
    """Messages of either client's classes as dictionaries and lists, without what is None."""
    for method in ("as_dict", "model_dump"):
        if callable(made := getattr(value, method, None)):
            return plain(made())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    # A role of the Azure package is a text and an enumeration in one.
    return getattr(value, "value", value) if isinstance(value, str) else value


def arrivals(here: Any) -> list[Any] | None:
    """What arrived with a reply, oldest first; None where the record cannot be read."""
    if not getattr(here, "is_offline", False):
        return None
    found = [one for one in here.arrivals() if isinstance(one.body, dict)]
    return found if all(hasattr(one, "reply_id") for one in found) else None


def request_for(reply: Any, here: Any) -> Any:
    """The arrival that a reply answers, None where the record cannot be read; NotYet if nothing arrived for it."""
    if (there := arrivals(here)) is None:
        return None
    reply_id = getattr(reply, "id", None)
    for one in there:
        if reply_id and one.reply_id == reply_id:
            if (said := content(reply)) is not None and said != one.said:
                raise NotYet("the endpoint replied something else. Keep the reply as it came.")
            return one
    raise NotYet("no request for this reply arrived at the endpoint. Send one with this lesson's client.")


def parts(messages: Any, kinds: tuple[str, ...]) -> Iterator[str]:
    """What the parts of some kinds hold, last level: a text, a URL, or a clip in base64."""
    for message in messages if isinstance(messages, list) else []:
        inside = message.get("content") if isinstance(message, dict) else None
        whole = [{"type": "text", "text": inside}] if isinstance(inside, str) else inside
        for part in whole if isinstance(whole, list) else []:
            if isinstance(part, dict) and part.get("type") in kinds:
                held = part.get(part["type"])
                yield str(held.get("url", held.get("data")) if isinstance(held, dict) else held)


def words_sent(arrival: Any) -> str:
    """All the texts of a request; long ones are cut in the record."""
    return "\n".join(parts(arrival.body.get("messages"), ("text",)))


def pictures(arrival: Any) -> list[str]:
    """The pictures of a request, as URLs."""
    return list(parts(arrival.body.get("messages"), ("image_url",)))


def clips(arrival: Any) -> list[str]:
    """The clips of a request, as base64 or as URLs."""
    return list(parts(arrival.body.get("messages"), ("input_audio", "audio_url")))


def same(sent: Any, arrived: Any) -> bool:
    """Whether this is what arrived, where long texts are cut."""
    if isinstance(sent, dict) and isinstance(arrived, dict):
        return sent.keys() == arrived.keys() and all(same(sent[key], arrived[key]) for key in sent)
    if isinstance(sent, list) and isinstance(arrived, list):
        return len(sent) == len(arrived) and all(map(same, sent, arrived))
    if isinstance(sent, str) and isinstance(arrived, str) and (cut := _CUT.fullmatch(arrived)):
        return sent == arrived or (len(sent) == int(cut[2]) and sent.startswith(cut[1]))
    return bool(sent == arrived)


def is_file(arrived: str, path: Path) -> bool:
    """Whether a picture or a clip that arrived is this file, by its bytes or by a URL that ends in its name."""
    if arrived.startswith(("http://", "https://")):
        return PurePosixPath(urlsplit(arrived.partition("… (")[0]).path).name == path.name
    if path.suffix in (".png", ".jpg"):
        return same(image_part(path)["image_url"]["url"], arrived)
    data = audio_part(path, quiet=True)["input_audio"]["data"]
    return same(data, arrived) or same(f"data:audio/mpeg;base64,{data}", arrived)


def sample_sent(arrived: list[str], path: Path, what: str) -> None:
    """Make sure that what arrived is this sample, or may be, saved in another way; NotYet if it is none."""
    refuse(not arrived, f"that request carried no {what}. Put its part beside the text.")
    if not any(is_file(one, path) for one in arrived):
        for other in sorted(path.parent.iterdir()):
            if other.suffix not in (".csv", ".json", ".txt") and any(is_file(one, other) for one in arrived):
                raise NotYet(f"you sent {other.name}, and this is about {path.name}.")


def shows(url: Any, path: Path) -> bool:
    """Whether a URL holds this picture, whichever way it was saved, or ends in its name."""
    if not str(url).startswith("data:"):
        return is_file(str(url), path)
    try:
        data = base64.b64decode(url.partition(",")[2])
        return data == path.read_bytes() or _difference(data, path.read_bytes()) <= _ALIKE
    except (ValueError, OSError):
        raise NotYet("the bytes of a picture are damaged, so that nothing would be seen of it.") from None


def _difference(one: bytes, other: bytes) -> float:
    import numpy as np
    from PIL import Image

    grays = []
    for data in (one, other):
        with Image.open(io.BytesIO(data)) as opened:
            picture = opened.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        gray = Image.alpha_composite(white, picture).convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
        grays.append(np.asarray(gray, float))
    return float(abs(grays[0] - grays[1]).mean())


def words(text: Any) -> list[str]:
    """The words of a text in small letters, without punctuation and with figures on the line."""
    flat = unicodedata.normalize("NFKC", str(text)).casefold()
    return re.findall(r"\w+", re.sub("['\u2019]", "", flat))


def says(text: Any, phrase: str) -> bool:
    """Whether the words of a phrase stand in a text, one after the other."""
    return f" {' '.join(words(phrase))} " in f" {' '.join(words(text))} "
