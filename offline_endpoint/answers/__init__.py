"""From the turns of a conversation to the text of a reply: a reader's answers, by rules and never by a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from offline_endpoint.answers.chart_json import chart_text
from offline_endpoint.answers.instruction import Instruction, understand
from offline_endpoint.answers.phrasebook import translation_reply
from offline_endpoint.answers.pictures import compared, picture_reply
from offline_endpoint.reading import clip_words, picture_chart
from offline_endpoint.wire.conversation import Clip, Turn

NOTHING_TO_READ = (
    "I read pictures and speech and translate everyday phrases; your message holds none of them, "
    "so an answer to it needs a model."
)
_LEANS_ON_LAST = re.compile(r"\W*(?:and|or|now|also|what about|how about|then)\b", re.I)
_ABOUT_SOUND = re.compile(
    r"\b(?:audio|clips?|sound|recordings?|speech|voice|speaker|spoken|said|hear)\b", re.I
)
_ABOUT_PICTURES = re.compile(r"\b(?:picture|image|photo|chart|graph|plot|screenshot)s?\b|\bsee\b", re.I)
_COMPARES = re.compile(
    r"\b(?:compar|differ)|\b(?:which|what) (?:is|are) the same\b|\bin common\b|\bversus\b", re.I
)
# Tasks that system text sets for whatever the user writes.
_STANDING = ("translate", "transcribe", "json")
NO_WORDS = "I heard no English speech in the clip that I understood."


class _Asked(NamedTuple):
    order: Instruction
    subject: Turn  # the one that holds what the order is about
    before: str  # the message before


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
    order, subject, before = asked
    if order.task == "translate" and (order.given or not (subject.pictures or subject.clips)):
        text = order.given or order.inline
        if text is None:
            return "There is nothing to translate: send a clip, a picture, or the text after a colon."
        return translation_reply(text, order.languages)
    wants_sound, wants_pictures = _wanted(order, subject)
    replies = _each("Clip", subject.clips, lambda clip: _clip_reply(clip, order)) if wants_sound else []
    if wants_pictures and len(subject.pictures) > 1 and _COMPARES.search(order.text):
        replies.append(compared(subject.pictures))
    elif wants_pictures:
        ask = partial(picture_reply, order=order, before=before, most_tokens=most_tokens)
        replies += _each("Picture", subject.pictures, ask)
    return "\n\n".join(replies) or NOTHING_TO_READ


def _asked(turns: Sequence[Turn]) -> _Asked | None:
    users = [turn for turn in turns if turn.role == "user"]
    if not users:
        return None
    system = [turn for turn in turns if turn.role in ("system", "developer")]
    *earlier, last = users
    order = _order(last, earlier, system)
    before = earlier[-1].text if earlier else ""
    for turn in reversed(users):
        if turn.pictures or turn.clips:
            return _Asked(order, turn, before)
        if turn is not last and order.task == "translate" and not (order.given or order.inline):
            # A follow-up such as `And in French?` may lean on text that an earlier message handed over.
            past = _order(turn, (), system)
            if past.task == "translate" and (past.given or past.inline):
                return _Asked(replace(order, given=past.given or past.inline), turn, before)
    return _Asked(order, last, before)


def _order(last: Turn, earlier: Sequence[Turn], system: Sequence[Turn]) -> Instruction:
    """What the last user turn orders, filled in from earlier user turns and then from system text."""
    order, text = understand(last.text), last.text.strip()
    standing = understand(" ".join(turn.text for turn in system))
    past = [each for each in (understand(turn.text) for turn in reversed(earlier)) if each.task]
    if order.task is None and past and past[0].task == "translate" and _LEANS_ON_LAST.match(text):
        order = replace(order, task="translate")
    elif order.task is None and (standing.task in _STANDING or (standing.task and not text)):
        is_text_to_translate = standing.task == "translate" and text and not (last.pictures or last.clips)
        order = replace(order, task=standing.task, given=text if is_text_to_translate else order.given)
    elif order.task is None and not text:
        order = replace(order, task="describe")
    if order.task == "translate" and not order.languages:
        named = (each.languages for each in (*past, standing) if each.task == "translate" and each.languages)
        order = replace(order, languages=next(named, ()))
    return order


def _wanted(order: Instruction, subject: Turn) -> tuple[bool, bool]:
    """Whether an order is about the clips of a turn and whether it is about its pictures."""
    if not subject.clips or not subject.pictures:
        return bool(subject.clips), bool(subject.pictures)
    names_sound, names_pictures = (bool(each.search(order.text)) for each in (_ABOUT_SOUND, _ABOUT_PICTURES))
    is_for_any = order.task in ("translate", "describe", None)
    return (
        names_sound or order.task == "transcribe" or (is_for_any and not names_pictures),
        names_pictures or (order.task != "transcribe" and not names_sound),
    )


def _each(noun: str, media: Sequence[Any], reply: Callable[..., str]) -> list[str]:
    """One reply for each picture or clip, numbered when there are several."""
    if len(media) == 1:
        return [reply(media[0])]
    return [f"{noun} {number}: {reply(each)}" for number, each in enumerate(media, 1)]


def _clip_reply(clip: Clip, order: Instruction) -> str:
    words: str = clip_words(clip).text
    if order.task == "describe":
        heard = f'I heard "{words}".' if words else NO_WORDS
        return f"A sound clip of {clip.seconds:.1f} seconds. {heard}"
    if not words:
        return NO_WORDS
    if order.task == "translate":
        return translation_reply(words, order.languages, spoken=True)
    if order.task in ("transcribe", "list text"):
        return words
    return f'I heard "{words}"; I can transcribe or translate it, and anything more needs a model.'
