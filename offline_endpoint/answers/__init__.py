"""From the turns of a conversation to the text of a reply: a reader's answers, by rules and never by a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from offline_endpoint.answers.chart_json import chart_json, chart_text
from offline_endpoint.answers.instruction import Instruction, understand
from offline_endpoint.answers.pictures import compared, picture_reply
from offline_endpoint.answers.sound import clip_reply
from offline_endpoint.answers.translation import translation_reply
from offline_endpoint.reading import picture_chart
from offline_endpoint.wire.conversation import Turn

__all__ = ["answer", "chart_json"]

NOTHING_TO_READ = (
    "I read pictures and speech and translate everyday phrases; your message holds none of them, "
    "so an answer to it needs a model."
)
_LEANS_ON_LAST = re.compile(r"\W*(?:and|or|now|also|what about|how about|then)\b", re.IGNORECASE)
_ABOUT_SOUND = re.compile(
    r"\b(?:audio|clips?|sound|recordings?|speech|voice|speaker|spoken|said|hear)\b", re.IGNORECASE
)
_ABOUT_PICTURES = re.compile(
    r"\b(?:pictures?|images?|photos?|charts?|graphs?|plots?|screenshots?|see)\b", re.IGNORECASE
)
_COMPARES = re.compile(
    r"\b(?:compar|differ)|\b(?:which|what) (?:is|are) the same\b|\bin common\b|\bversus\b", re.IGNORECASE
)
_STANDING_ROLES = ("system", "developer")


@dataclass(frozen=True)
class _Asked:
    """The last user turn with what it leans on: its order, the turn that holds what it is about, the message before."""

    order: Instruction
    subject: Turn
    before: str


def answer(turns: Sequence[Turn], as_json: bool = False, most_tokens: int | None = None) -> str:
    """Reply to a conversation, to the same turns always the same; the text can be encoded whatever it repeats.

    The last user turn decides. Its media, or else those of the latest earlier user turn that has some, are what it
    is about. System text sets the task where the user's text sets none. `as_json` asks for the chart in the first
    picture as a JSON object. JSON longer than `most_tokens` leaves points out and says so; other text is left to be cut
    by the caller.
    """
    return _answer(turns, as_json, most_tokens).encode("utf-8", "replace").decode()


def _answer(turns: Sequence[Turn], as_json: bool, most_tokens: int | None) -> str:
    asked = _asked(turns)
    if as_json:
        pictures = asked.subject.pictures if asked else ()
        return chart_text(picture_chart(pictures[0]) if pictures else None, most_tokens)
    if asked is None:
        return "There is no user message to answer."
    order, subject = asked.order, asked.subject
    text = order.given or order.inline
    has_media = bool(subject.pictures or subject.clips)
    if order.task == "translate" and (order.given or not has_media):
        if text is None:
            return "There is nothing to translate: send a clip, a picture, or the text after a colon."
        return translation_reply(text, order.languages)
    if not has_media:
        return NOTHING_TO_READ
    replies = []
    if _wants_sound(order, subject):
        replies += _each("Clip", subject.clips, lambda clip: clip_reply(clip, order))
    if _wants_pictures(order, subject) and len(subject.pictures) > 1 and _COMPARES.search(order.text):
        replies.append(compared(subject.pictures))
    elif _wants_pictures(order, subject):
        replies += _each(
            "Picture",
            subject.pictures,
            lambda picture: picture_reply(picture, order, asked.before, most_tokens),
        )
    return "\n\n".join(replies)


def _asked(turns: Sequence[Turn]) -> _Asked | None:
    users = [turn for turn in turns if turn.role == "user"]
    if not users:
        return None
    *earlier, last = users
    order = _order(last, earlier, [turn for turn in turns if turn.role in _STANDING_ROLES])
    before = earlier[-1].text if earlier else ""
    for turn in reversed(users):
        if turn.pictures or turn.clips:
            return _Asked(order, turn, before)
        if turn is not last and order.task == "translate" and not (order.given or order.inline):
            # A follow-up such as `And in French?` may lean on text that an earlier message handed over.
            past = _order(turn, (), [each for each in turns if each.role in _STANDING_ROLES])
            if past.task == "translate" and (past.given or past.inline):
                return _Asked(replace(order, given=past.given or past.inline), turn, before)
    return _Asked(order, last, before)


def _order(last: Turn, earlier: Sequence[Turn], system: Sequence[Turn]) -> Instruction:
    """What the last user turn orders, filled in from earlier user turns and then from system text."""
    order = understand(last.text)
    standing = understand(" ".join(turn.text for turn in system))
    past = [each for each in (understand(turn.text) for turn in reversed(earlier)) if each.task]
    has_media = bool(last.pictures or last.clips)
    text = last.text.strip()
    if order.task is None and past and past[0].task == "translate" and _LEANS_ON_LAST.match(text):
        order = replace(order, task="translate")
    elif (
        order.task is None
        and standing.task
        and (not text or standing.task in ("translate", "transcribe", "json"))
    ):
        given = text if standing.task == "translate" and text and not has_media else order.given
        order = replace(order, task=standing.task, given=given)
    elif order.task is None and not text:
        order = replace(order, task="describe")
    if order.task == "translate" and not order.languages:
        named = [each.languages for each in (*past, standing) if each.task == "translate" and each.languages]
        order = replace(order, languages=named[0] if named else ())
    return order


def _wants_sound(order: Instruction, subject: Turn) -> bool:
    if not subject.clips or not subject.pictures:
        return bool(subject.clips)
    if _ABOUT_SOUND.search(order.text):
        return True
    return order.task == "transcribe" or (
        order.task in ("translate", "describe", None) and not _ABOUT_PICTURES.search(order.text)
    )


def _wants_pictures(order: Instruction, subject: Turn) -> bool:
    if not subject.clips or not subject.pictures:
        return bool(subject.pictures)
    if _ABOUT_PICTURES.search(order.text):
        return True
    return order.task != "transcribe" and not _ABOUT_SOUND.search(order.text)


def _each(noun: str, media: Sequence[Any], reply: Callable[..., str]) -> list[str]:
    """One reply for each picture or clip, numbered when there are several."""
    if len(media) == 1:
        return [reply(media[0])]
    return [f"{noun} {number}: {reply(each)}" for number, each in enumerate(media, 1)]
