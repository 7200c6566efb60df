"""Replies about pictures: the text that stands in them and where, and what a chart among them shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from offline_endpoint.answers.chart_answers import answer_question
from offline_endpoint.answers.chart_json import chart_text
from offline_endpoint.answers.conclusions import chart_comparison, conclusion, outline
from offline_endpoint.answers.figures import counted
from offline_endpoint.answers.instruction import Instruction
from offline_endpoint.answers.phrasebook import translation_reply
from offline_endpoint.reading import picture_chart, picture_instead, picture_page
from offline_endpoint.reading.chart.data import Chart
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
# Least rapidfuzz score, of 100, between what is looked for and a line, so that a misread letter does no harm.
_ALIKE = 85
_QUOTED_LINES = 8  # lines of text that a description or a refusal repeats
_LOOKING_FOR = re.compile(
    r"\b(?:find|locate|where|look for|search for|does|do|is|are|the|a|an|this|that|word|text|number|line|label|phrase|"
    r"please|can you|you|it|i|see|stands?|say|says|written|printed|contains?|appears?|mentions?|picture|image|photo|"
    r"screenshot|chart|in|on|of|at|there|any|me|for)\b|[^\w\s'%$€£.,-]",
    re.IGNORECASE,
)


def picture_reply(
    picture: Picture, order: Instruction, before: str = "", most_tokens: int | None = None
) -> str:
    """Answer an instruction about one picture; for `before` see `answer_question`, for `most_tokens` `chart_text`."""
    task = order.task
    if task in ("list text", "transcribe"):
        return _with_writing(picture, "\n".join(_texts(picture)))
    if task == "translate":
        chart = picture_chart(picture) if re.search(r"\btitle\b", order.text, re.IGNORECASE) else None
        text = chart.title if chart and chart.title else "\n".join(_texts(picture))
        return _with_writing(picture, translation_reply(text, order.languages) if text else "")
    if task == "find" and order.given:
        return _find(picture, order.given)
    chart = picture_chart(picture)
    if task == "json":
        return chart_text(chart, most_tokens)
    if task == "conclude":
        return conclusion(chart) if chart else _no_conclusion(picture)
    if task == "describe":
        return _describe(picture, chart)
    found = answer_question(chart, order.text, before) if chart else None
    if found:
        return found
    if order.given:
        return _find(picture, order.given)
    if task == "find":
        return _find(picture, " ".join(_LOOKING_FOR.sub(" ", order.text).split()).strip(".,"))
    if chart:
        return f"I cannot answer that from the picture without a model; what I read is this. {outline(chart)}"
    texts = _texts(picture)
    read = f"the text {_quoted(texts)}" if texts else "no text and no chart"
    return _told(f"In the picture I read {read}; an answer to your message needs a model.", *_around(picture))


def compared(pictures: Sequence[Picture]) -> str:
    """What several pictures have in common and where they differ, as far as text and chart data tell."""
    charts = [chart for chart in map(picture_chart, pictures) if chart]
    if len(charts) == len(pictures) == 2:
        return chart_comparison(*charts)
    texts = [dict.fromkeys(_texts(picture)) for picture in pictures]
    common = [text for text in texts[0] if all(text in other for other in texts[1:])]
    told = ["The pictures have no line of text in common."]
    if common:
        told = [f"All pictures hold the text {_quoted(common)}."]
    for number, own in enumerate(texts, 1):
        only = [text for text in own if not any(text in other for other in texts if other is not own)]
        alone = f"Only picture {number}: {_quoted(only)}."
        told.append(alone if only else f"Picture {number} has no text of its own.")
    return " ".join([*told, "What else tells them apart needs a model."])


def _readable(picture: Picture) -> list[TextLine]:
    # Round marks in a chart are read as a lone `●` now and then.
    return [line for line in picture_page(picture).lines if line.is_legible and re.search(r"\w", line.text)]


def _with_writing(picture: Picture, text: str) -> str:
    """A reply that repeats what is written, with a sentence on how it stands and on what could not be read."""
    notes = _writing(picture)
    return "\n\n".join(filter(None, [text or (NO_TEXT if not notes else ""), notes]))


def _writing(picture: Picture) -> str:
    """What is to be said about the writing in a picture beside its text; mostly nothing."""
    page = picture_page(picture)
    stands = "upside down" if page.turned == 180 else "on its side"
    turned = f"The picture stands {stands}; I read it turned." if page.turned and page.lines else ""
    lines = "a line" if page.unread == 1 else f"{page.unread} lines"
    unread = (
        f"The picture holds {lines} of writing that I cannot read: a script that I do not know, or letters that are "
        "not clear enough."
    )
    more = f"It holds more words than I read in one picture: {page.left_out} lines are left out."
    return _told(turned, unread if page.unread else "", more if page.left_out else "")


def _told(*sentences: str | None) -> str:
    return " ".join(filter(None, sentences))


def _around(picture: Picture) -> tuple[str | None, str]:
    """Why no chart was read, and what is to be said about the writing."""
    instead = picture_instead(picture)
    return instead.reason if instead is not None else None, _writing(picture)


def _texts(picture: Picture) -> list[str]:
    return [line.text for line in _readable(picture)]


def _find(picture: Picture, wanted: str) -> str:
    if not wanted:
        return 'Say what to find, in quotation marks: Find "Total".'
    hits = [line for line in _readable(picture) if _holds(line.text, wanted)]
    if not hits:
        return f'I did not find "{wanted}" among the {counted(len(_readable(picture)), "line")} of text in the picture.'
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
    row, column = ("top", "middle", "bottom")[min(down, 2)], ("left", "center", "right")[min(across, 2)]
    if row == "middle":
        return "in the middle" if column == "center" else f"at the {column}, halfway down"
    return f"at the {row} {column}"


def _describe(picture: Picture, chart: Chart | None) -> str:
    size = f"A picture of {picture.width} by {picture.height} pixels"
    if chart:
        return f"{size}. {outline(chart)}"
    instead, texts = picture_instead(picture), _texts(picture)
    held = "without text or chart data that I could read"
    if texts:
        held = f"with {counted(len(texts), 'line')} of text: {_quoted(texts)}"
    looks = f"{size}, by its looks {_SORTS[instead.sort]}," if instead is not None else size
    return _told(f"{looks} {held}.", *_around(picture), "What else it shows needs a model.")


def _no_conclusion(picture: Picture) -> str:
    (reason, writing), texts = _around(picture), _texts(picture)
    if reason:
        told = f"I draw no conclusion from this picture. {reason}"
    elif texts:
        told = "I could not read a chart's data from the picture, so I draw no conclusion."
    else:
        told = "I found no text and no chart in the picture that I could read, so I draw no conclusion."
    return _told(told, f"Its text: {_quoted(texts)}." if texts else "", writing)


def _quoted(texts: Sequence[str]) -> str:
    quoted = "; ".join(f'"{text}"' for text in texts[:_QUOTED_LINES])
    return quoted if len(texts) <= _QUOTED_LINES else f"{quoted}; and {len(texts) - _QUOTED_LINES} more"
