"""Replies about pictures: the text that stands in them and where, and what a chart among them shows."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from offline_endpoint.answers.chart_answers import answer_question
from offline_endpoint.answers.chart_json import chart_json
from offline_endpoint.answers.comparison import chart_comparison
from offline_endpoint.answers.conclusions import conclusion, outline
from offline_endpoint.answers.instruction import Instruction
from offline_endpoint.answers.translation import translation_reply
from offline_endpoint.reading import picture_chart, picture_instead, picture_text
from offline_endpoint.reading.text import TextLine
from offline_endpoint.wire.conversation import Picture

_SORTS = {
    "blank picture": "a blank area of one color",
    "empty plot": "a plot with axes and no data",
    "page of text": "a page of text",
    "photo": "a photo or a pattern of many colors",
    "drawing": "a drawing or screenshot",
    "chart": "a chart whose data I could not read surely",
}
NO_TEXT = "I found no text in the picture."
_ALIKE = 85
"""Least rapidfuzz score, of 100, between what is looked for and a line, so that a misread letter does no harm."""
_QUOTED_LINES = 8
"""Lines of text that a description or a refusal repeats."""
_LOOKING_FOR = re.compile(
    r"\b(?:find|locate|where|look for|search for|does|do|is|are|the|a|an|this|that|word|text|number|line|label|phrase|"
    r"please|can you|you|it|i|see|stands?|say|says|written|printed|contains?|appears?|mentions?|picture|image|photo|"
    r"screenshot|chart|in|on|of|at|there|any|me|for)\b|[^\w\s'%$€£.,-]",
    re.IGNORECASE,
)


def picture_reply(picture: Picture, order: Instruction, before: str = "") -> str:
    """Answer an instruction about one picture.

    Args:
        picture: what to look at.
        order: what is asked.
        before: the message before this one, for questions that lean on it such as `And the lowest?`.
    """
    if order.task == "translate":
        text = "\n".join(_texts(picture))
        chart = picture_chart(picture) if re.search(r"\btitle\b", order.text, re.IGNORECASE) else None
        if chart and chart.title:
            text = chart.title
        return translation_reply(text, order.languages) if text else NO_TEXT
    if order.task == "json":
        return picture_json(picture)
    if order.task in ("list text", "transcribe"):
        return "\n".join(_texts(picture)) or NO_TEXT
    if order.task == "conclude":
        return _conclude(picture)
    if order.task == "describe":
        return _describe(picture)
    if order.task == "find" and order.given:
        return _find(picture, order.given)
    chart = picture_chart(picture)
    found = answer_question(chart, order.text, before) if chart else None
    if found:
        return found
    if order.given:
        return _find(picture, order.given)
    if order.task == "find":
        return _find(picture, " ".join(_LOOKING_FOR.sub(" ", order.text).split()).strip(".,"))
    return _decline(picture)


def compared(pictures: Sequence[Picture]) -> str:
    """What several pictures have in common and where they differ, as far as text and chart data tell."""
    charts = [picture_chart(picture) for picture in pictures]
    if len(charts) == 2 and all(charts):
        return chart_comparison(*charts)
    texts = [dict.fromkeys(_texts(picture)) for picture in pictures]
    common = [text for text in texts[0] if all(text in other for other in texts[1:])]
    told = [
        f"All pictures hold the text {_quoted(common)}."
        if common
        else "The pictures have no line of text in common."
    ]
    for number, own in enumerate(texts, 1):
        others = {text for other in texts if other is not own for text in other}
        only = [text for text in own if text not in others]
        told.append(
            f"Only picture {number}: {_quoted(only)}."
            if only
            else f"Picture {number} has no text of its own."
        )
    return " ".join([*told, "What else tells them apart needs a model."])


def picture_json(picture: Picture) -> str:
    """The data behind a chart picture as JSON text; kind `none` and no series when no chart was read."""
    return json.dumps(chart_json(picture_chart(picture)), ensure_ascii=False)


def readable(picture: Picture) -> list[TextLine]:
    """Lines that hold letters or digits: round marks in a chart are read as a lone `●` now and then."""
    return [line for line in picture_text(picture) if re.search(r"\w", line.text)]


def _texts(picture: Picture) -> list[str]:
    return [line.text for line in readable(picture)]


def _find(picture: Picture, wanted: str) -> str:
    if not wanted:
        return 'Say what to find, in quotation marks: Find "Total".'
    hits = [line for line in readable(picture) if _holds(line.text, wanted)]
    if not hits:
        return f'I did not find "{wanted}" among the {_count(len(readable(picture)), "line")} of text in the picture.'
    places = [
        _place(line, picture)
        + (f', in the line "{line.text}"' if line.text.casefold() != wanted.casefold() else "")
        for line in hits[:_QUOTED_LINES]
    ]
    if len(hits) == 1:
        return f'"{wanted}" stands {places[0]}.'
    return f'"{wanted}" stands in {len(hits)} places: {"; ".join(places)}.'


def _holds(line: str, wanted: str) -> bool:
    line, wanted = line.casefold(), wanted.casefold()
    if len(wanted) < 5 or wanted in line or re.search(r"\d", wanted):
        return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", line) is not None
    return len(line) >= len(wanted) - 2 and fuzz.partial_ratio(wanted, line) >= _ALIKE


def _place(line: TextLine, picture: Picture) -> str:
    """Where a line stands, by the third of the picture that its middle lies in."""
    across = int(3 * (line.left + line.right) / 2 / picture.width)
    down = int(3 * (line.top + line.bottom) / 2 / picture.height)
    rows, columns = ("top", "middle", "bottom"), ("left", "center", "right")
    row, column = rows[min(down, 2)], columns[min(across, 2)]
    if (row, column) == ("middle", "center"):
        return "in the middle"
    if row == "middle":
        return f"at the {column}, halfway down"
    return f"at the {row} {column}"


def _describe(picture: Picture) -> str:
    size = f"A picture of {picture.width} by {picture.height} pixels"
    chart = picture_chart(picture)
    if chart:
        return f"{size}. {outline(chart)}"
    instead = picture_instead(picture)
    size += f", by its looks {_SORTS[instead.sort]},"
    texts = _texts(picture)
    if instead.reason:
        return f"{size} with {_count(len(texts), 'line')} of text: {_quoted(texts)}. {instead.reason}"
    if not texts:
        return f"{size} without text or chart data that I could read. What else it shows needs a model."
    return f"{size} with {_count(len(texts), 'line')} of text: {_quoted(texts)}. What else it shows needs a model."


def _conclude(picture: Picture) -> str:
    chart = picture_chart(picture)
    if chart:
        return conclusion(chart)
    texts = _texts(picture)
    reason = picture_instead(picture).reason
    if reason:
        return f"I draw no conclusion from this picture. {reason} Its text: {_quoted(texts)}."
    if not texts:
        return "I found no text and no chart in the picture, so there is nothing that I can draw a conclusion from."
    return f"I could not read a chart's data from the picture, so I draw no conclusion; its text: {_quoted(texts)}."


def _decline(picture: Picture) -> str:
    chart = picture_chart(picture)
    if chart:
        return f"I cannot answer that from the picture without a model; what I read is this. {outline(chart)}"
    texts = _texts(picture)
    read = f"the text {_quoted(texts)}" if texts else "no text and no chart"
    reason = picture_instead(picture).reason
    return f"In the picture I read {read}; an answer to your message needs a model.{f' {reason}' if reason else ''}"


def _quoted(texts: Sequence[str]) -> str:
    quoted = "; ".join(f'"{text}"' for text in texts[:_QUOTED_LINES])
    return quoted if len(texts) <= _QUOTED_LINES else f"{quoted}; and {len(texts) - _QUOTED_LINES} more"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
