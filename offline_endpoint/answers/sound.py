"""Replies about sound clips: what was said in them."""

from __future__ import annotations

from offline_endpoint.answers.instruction import Instruction
from offline_endpoint.answers.translation import translation_reply
from offline_endpoint.reading import clip_words
from offline_endpoint.wire.conversation import Clip

NO_WORDS = "I heard no English speech in the clip that I understood."


def clip_reply(clip: Clip, order: Instruction) -> str:
    """Answer an instruction about one clip."""
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
