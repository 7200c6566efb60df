"""Translation by phrasebook: what stands in `data/phrasebook.csv`, and nothing else, is translated."""

from __future__ import annotations

import csv
import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from offline_endpoint.answers.figures import joined
from offline_endpoint.answers.names import word_set
from offline_endpoint.reading import pronunciation

# A phrase a row, a language a column; the head row names the languages in English, `english` first.
BOOK = Path(__file__).parents[2] / "data" / "phrasebook.csv"
# Words, or pieces between punctuation marks, translated at most; a phrasebook is no tool for books.
LONGEST = 3000
_QUOTE_UP_TO = 160  # characters of untranslated text that a reply repeats

_SPELLED_OUT = {
    "i'm": "i am", "i'd": "i would", "i'll": "i will", "i've": "i have", "it's": "it is", "that's": "that is",
    "what's": "what is", "where's": "where is", "who's": "who is", "how's": "how is", "here's": "here is",
    "you're": "you are", "we're": "we are", "they're": "they are", "we'll": "we will", "let's": "let us",
    "don't": "do not", "doesn't": "does not", "can't": "can not", "cannot": "can not", "isn't": "is not",
    "hi": "hello", "thanks": "thank you", "bye": "goodbye", "okay": "ok",
}  # fmt: skip
# Words that may be missing, added or swapped without making another phrase of it.
_LIGHT = word_set("a an the and so oh please this that it do does would could can may me us here there")
_NEGATIONS = {"not", "no", "never"}
# Least rapidfuzz ratio, of 100, between a text and a phrase for the words to be looked at one by one.
_LIKELY = 72
# Least ratio between a word that is not English and the word it stands for: `helo`, `mornig`.
_TYPO = 60

_Hit = tuple[dict[str, str], bool]  # a row of the phrasebook, and whether it was met exactly
_Span = tuple[int, int, _Hit | None]  # the first piece, the one after the last, and what covers them


@dataclass(frozen=True)
class Translation:
    """A text with each known phrase translated and the rest as it was."""

    text: str
    taken_as: tuple[str, ...] = ()  # phrases of the book that were near but not equal to what stood there
    left: tuple[str, ...] = ()  # pieces left as they were


@functools.cache
def _rows() -> tuple[dict[str, str], ...]:
    try:
        with BOOK.open(encoding="utf-8", newline="") as file:
            return tuple(csv.DictReader(file))
    except FileNotFoundError:
        message = f"The phrasebook data/{BOOK.name} is missing. Copy it back from the repository."
        raise FileNotFoundError(message) from None


def languages() -> tuple[str, ...]:
    """Languages of the book, in lower case, `english` first."""
    return tuple(_rows()[0])


def _words(text: str) -> tuple[str, ...]:
    """The words to compare by: lower case, without accents and punctuation, short forms spelled out."""
    text = unicodedata.normalize("NFKD", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).casefold()
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    plain = (word.strip("'") for word in re.findall(r"[\w']+", text))
    return tuple(part for word in plain if word for part in _SPELLED_OUT.get(word, word).split())


@functools.cache
def _exact() -> dict[tuple[str, ...], dict[str, str]]:
    # Where two languages share a phrase, the first row and column win.
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for language in languages():
        for row in _rows():
            found.setdefault(_words(row[language]), row)
    return found


@functools.cache
def _english() -> dict[str, dict[str, str]]:
    return {" ".join(_words(row["english"])): row for row in _rows()}


def _same_phrase(words: list[str], phrase: list[str], spoken: bool) -> bool:
    """Whether the difference is one of light words, of spelling or, in speech, of words that sound alike.

    A recognizer writes any word as some English word, and a typing error mostly makes a word that is not
    English. So `Today is Sunday` is never taken as `Today is Monday`, although a single letter differs.
    """
    for step in Levenshtein.opcodes(words, phrase):
        here, there = words[step.src_start : step.src_end], phrase[step.dest_start : step.dest_end]
        if step.tag == "equal" or all(word in _LIGHT for word in here + there):
            continue
        if step.tag != "replace" or not (_sound_alike(here, there) if spoken else _misspelled(here, there)):
            return False
    return any(word not in _LIGHT for word in set(words) & set(phrase))


def _sound_alike(here: list[str], there: list[str]) -> bool:
    said = [pronunciation(word) for word in here]
    return None not in said and said == [pronunciation(word) for word in there]


def _misspelled(here: list[str], there: list[str]) -> bool:
    return len(here) == len(there) and all(
        pronunciation(word) is None and word.isalpha() and fuzz.ratio(word, meant) >= _TYPO
        for word, meant in zip(here, there, strict=True)
    )


@functools.lru_cache(maxsize=8192)
def _look_up(words: tuple[str, ...], spoken: bool) -> _Hit | None:
    if words in _exact():
        return _exact()[words], True
    whole = " ".join(words)
    near = process.extract(whole, list(_english()), scorer=fuzz.ratio, score_cutoff=_LIKELY, limit=3)
    for phrase, _, _ in near:
        if _same_phrase(list(words), phrase.split(), spoken):
            return _english()[phrase], False
    return None


def translate(text: str, language: str, *, spoken: bool = False) -> Translation:
    """Translate; ValueError if the book lacks the language.

    Written text is cut into pieces at punctuation and line ends; spoken words have neither.
    """
    if language not in languages():
        raise ValueError(f"The phrasebook has no {language!r}. It has: {', '.join(languages())}.")
    pieces = [
        piece.strip() + ("\n" if piece is parts[-1] else " ")
        for line in text.splitlines()
        for parts in [line.split() if spoken else re.split(r"(?<=[.?!,;:…])\s+", line.strip())]
        for piece in parts
    ]
    out, taken_as, left = [], [], []
    spans = [*_cover(pieces[:LONGEST], spoken), *([(LONGEST, len(pieces), None)] if pieces[LONGEST:] else [])]
    for first, last, hit in spans:
        here = "".join(pieces[first:last])
        if hit is None:
            out.append(here)
            left.append(" ".join(here.split()))
        else:
            row, exact = hit
            out.append(row[language] + here[-1])
            taken_as += [] if exact else [row["english"]]
    return Translation("".join(out).strip(), tuple(dict.fromkeys(taken_as)), tuple(filter(None, left)))


def _cover(pieces: list[str], spoken: bool) -> list[_Span]:
    """Cut pieces into phrases of the book and the rest, so that most words are covered by fewest phrases."""
    words = [_words(piece) for piece in pieces]
    longest = max(map(len, _exact())) + 2
    # best[i]: score of the first i pieces, where the last cut lies, and what covers the part after it.
    best: list[tuple[float, int, _Hit | None]] = [(0.0, 0, None)]
    for end in range(1, len(pieces) + 1):
        choice: tuple[float, int, _Hit | None] = (best[end - 1][0], end - 1, None)
        part: tuple[str, ...] = ()
        for start in range(end - 1, -1, -1):
            part = words[start] + part
            if len(part) > longest:
                break
            hit = _look_up(part, spoken) if part else None
            if hit is not None:
                row, exact = hit
                # A light word too many earns nothing, so it stays with what follows.
                matched = len(part) if exact else min(len(part), len(_words(row["english"])))
                score = best[start][0] + matched - (0.1 if exact else 0.3)
                choice = max(choice, (score, start, hit), key=lambda each: each[0])
        best.append(choice)
    spans: list[_Span] = []
    end = len(pieces)
    while end:
        _, start, hit = best[end]
        spans.insert(0, (start, end, hit))
        end = start
    merged: list[_Span] = []
    for start, end, hit in [_unless_torn(spans, i, words) for i in range(len(spans))] if spoken else spans:
        if merged and hit is None and merged[-1][2] is None:
            merged[-1] = (merged[-1][0], end, None)
        else:
            merged.append((start, end, hit))
    return merged


def _unless_torn(spans: list[_Span], index: int, words: list[tuple[str, ...]]) -> _Span:
    """Drop a hit torn by its surroundings: `no` in a sentence is no phrase, nor is `I understand` before `not`."""
    start, end, hit = spans[index]
    around = spans[max(0, index - 1) : index] + spans[index + 1 : index + 2]
    unknown = [(first, last) for first, last, other in around if other is None]
    if hit is None or not unknown:
        return spans[index]
    length = sum(map(len, words[start:end]))
    beside = {word for first, last in unknown for piece in words[first:last] for word in piece}
    torn = length == 1 or not hit[1] or (length == 2 and len(unknown) == 2) or beside & _NEGATIONS
    return (start, end, None) if torn else spans[index]


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
