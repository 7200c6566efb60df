"""Replies to `translate`: phrasebook translations with a sentence about what the book lacks."""

from __future__ import annotations

from collections.abc import Sequence

from offline_endpoint.answers.phrasebook import Translation, languages, translate

_QUOTE_UP_TO = 160
"""Characters of untranslated text that a reply repeats."""


def translation_reply(text: str, targets: Sequence[str], *, spoken: bool = False) -> str:
    """Put a text, not empty, into languages (lower-case English names); those that the phrasebook lacks are declined.

    The translation stands alone where the phrasebook holds all of it; otherwise with a sentence on what is left.
    """
    if not targets:
        return f"Say which language to translate into: {_choice('or')}."
    replies = [_into(text, target, spoken) for target in targets]
    if len(replies) == 1:
        return replies[0]
    return "\n".join(f"{target.title()}: {reply}" for target, reply in zip(targets, replies, strict=True))


def _into(text: str, target: str, spoken: bool) -> str:
    if target not in languages():
        read = f'{"I heard" if spoken else "The text reads"} "{_shortened(text)}"'
        return f"{read}; the phrasebook has {_choice('and')} only, so {target.title()} needs a model."
    found = translate(text, target, spoken=spoken)
    notes = _notes(found, target.title(), "heard" if spoken else "written")
    return "\n\n".join([found.text, *notes])


def _notes(found: Translation, target: str, source: str) -> list[str]:
    notes = []
    if found.taken_as:
        phrases = ", ".join(f'"{phrase}"' for phrase in found.taken_as[:3])
        more = " and others" if len(found.taken_as) > 3 else ""
        notes.append(f"Taken as the nearest in the phrasebook: {phrases}{more}.")
    if found.left == (" ".join(found.text.split()),):
        notes.append(
            f"The phrasebook has no {target} for this, so it stays as {source}; translating it needs a model."
        )
    elif found.left:
        pieces = _shortened(" ... ".join(found.left))
        notes.append(f'The phrasebook has no {target} for "{pieces}", so that stays as {source}.')
    return notes


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _QUOTE_UP_TO else text[:_QUOTE_UP_TO].rsplit(" ", 1)[0] + " ..."


def _choice(joint: str) -> str:
    names = [name.title() for name in languages() if name != "english"]
    return f"{', '.join(names[:-1])} {joint} {names[-1]}"
