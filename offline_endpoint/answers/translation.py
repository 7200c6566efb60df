"""Replies to `translate`: phrasebook translations with a sentence about what the book lacks."""

from __future__ import annotations

from collections.abc import Sequence

from offline_endpoint.answers.figures import joined
from offline_endpoint.answers.phrasebook import languages, translate

_QUOTE_UP_TO = 160  # characters of untranslated text that a reply repeats


def translation_reply(text: str, targets: Sequence[str], *, spoken: bool = False) -> str:
    """Put a text, not empty, into languages (lower-case English names); those that the phrasebook lacks are declined.

    The translation stands alone where the phrasebook holds all of it; otherwise with a sentence on what is left.
    """
    if not targets:
        return f"Say which language to translate into: {_choice('or')}."
    if len(targets) == 1:
        return _into(text, targets[0], spoken)
    return "\n".join(f"{target.title()}: {_into(text, target, spoken)}" for target in targets)


def _into(text: str, target: str, spoken: bool) -> str:
    name = target.title()
    if target not in languages():
        read = f'{"I heard" if spoken else "The text reads"} "{_shortened(text)}"'
        return f"{read}; the phrasebook has {_choice('and')} only, so {name} needs a model."
    found, source = translate(text, target, spoken=spoken), "heard" if spoken else "written"
    notes = [found.text]
    if found.taken_as:
        phrases = ", ".join(f'"{phrase}"' for phrase in found.taken_as[:3])
        more = " and others" if len(found.taken_as) > 3 else ""
        notes.append(f"Taken as the nearest in the phrasebook: {phrases}{more}.")
    if found.left == (" ".join(found.text.split()),):
        lack = f"The phrasebook has no {name} for this, so it stays as {source}"
        notes.append(f"{lack}; translating it needs a model.")
    elif found.left:
        pieces = _shortened(" ... ".join(found.left))
        notes.append(f'The phrasebook has no {name} for "{pieces}", so that stays as {source}.')
    return "\n\n".join(notes)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _QUOTE_UP_TO else text[:_QUOTE_UP_TO].rsplit(" ", 1)[0] + " ..."


def _choice(joint: str) -> str:
    return joined((name.title() for name in languages() if name != "english"), joint)
