"""Plain words: spelled right, in short sentences, with no filler, and each term linked where it is met first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import textstat
from spellchecker import SpellChecker

from tests.lessons.pages import LESSONS, NOTEBOOKS, PAGES, blocks_of, markdown_of, name_of

OWN_WORDS = Path(__file__).with_name("own_words.txt")
EASE = 70
"""Least reading ease of a page, on Flesch's scale: 60 to 70 is plain English, 70 to 80 is fairly easy to read."""
LONGEST = 30
"""Most words in a sentence. Style guides ask for 20 to 25 on average; this is where a reader has to start again."""
GLOSSARY = NOTEBOOKS / "glossary.md"
EVERYDAY = {"detail", "header", "model", "port", "role", "series", "status", "truth", "turn"}
"""Terms that are plain words as well: linked somewhere, and not wherever they stand."""


def prose_of(path):
    return [block.text for block in blocks_of(path) if block.kind == "prose" and block.text]


def sentences(text):
    return [words for words in re.split(r"(?<=[.!?:;])[\"')]*\s+", text) if words]


def ended(text):
    """A paragraph as a sentence of its own, also where a list follows it or it is an item without a period."""
    return text if text.endswith((".", "!", "?")) else text.rstrip(":;,") + "."


def unknown_words(text, speller, own):
    words = set(re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text))
    words = {re.sub(r"'s?$", "", word) for word in words} - own - {""}
    return {word for word in words if word.lower() not in own and speller.unknown([word.lower()])}


def terms():
    return [block.text for block in blocks_of(GLOSSARY) if block.kind == "heading" and block.level == 2]


def target_of(term):
    return f"glossary.md#{term.lower().replace(' ', '-')}"


def first_use(path, term):
    """The first block of running text with the term in it, outside links to other places; or None."""
    pattern = rf"(?<![\w-])(?:{re.escape(term)}(?:s|es)?|{re.escape(term.removesuffix('y'))}ies)(?![\w-])"
    flags = 0 if term.isupper() else re.IGNORECASE
    for block in blocks_of(path):
        text = block.text
        for words, address in block.links:
            if address != target_of(term):
                text = text.replace(words, "", 1)
        if block.kind == "prose" and re.search(pattern, text, flags):
            return block
    return None


@pytest.fixture(scope="module")
def speller():
    return SpellChecker()


@pytest.fixture(scope="module")
def own():
    return set(OWN_WORDS.read_text(encoding="utf-8").split())


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_spelling(path, speller, own):
    texts = [block.text for block in blocks_of(path)]
    texts += [alt for block in blocks_of(path) for alt, _ in block.pictures]
    assert not unknown_words("\n".join(texts), speller, own), "misspelled, or missing in own_words.txt"


def test_spelling_sees_a_slip(speller, own):
    assert unknown_words("The endpiont's key, the client's lines.", speller, own) == {"endpiont"}


def test_own_words_are_sorted_used_and_needed(speller):
    words = OWN_WORDS.read_text(encoding="utf-8").split()
    assert words == sorted(set(words), key=lambda word: (word.casefold(), word))
    text = "\n".join(block.text for path in PAGES for block in blocks_of(path))
    text += "\n".join(alt for path in PAGES for block in blocks_of(path) for alt, _ in block.pictures)
    assert not [word for word in words if word not in text]
    assert not [word for word in words if not speller.unknown([word.lower()])]


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_reading_ease(path):
    assert textstat.flesch_reading_ease("\n".join(map(ended, prose_of(path)))) >= EASE


def test_reading_ease_tells_hard_from_easy():
    easy = "You send a picture. The model reads it. You look at the answer."
    hard = (
        "Subsequent authentication necessitates the instantiation of appropriately parameterized credentials."
    )
    assert textstat.flesch_reading_ease(easy) > EASE > textstat.flesch_reading_ease(hard)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_sentences_are_short(path):
    long = [words for text in prose_of(path) for words in sentences(text) if len(words.split()) > LONGEST]
    assert not long


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_filler(path):
    for text in markdown_of(path):
        found = re.search(r"\b(simply|just|obviously|of course|basically|easily)\b", text, re.IGNORECASE)
        assert not found, text


def test_the_glossary_is_in_order_and_explains():
    names = terms()
    assert names == sorted(names, key=str.casefold)
    explained = [block.kind for block in blocks_of(GLOSSARY) if block.text]
    pairs = zip(explained, [*explained[1:], "heading"], strict=True)
    assert ("heading", "heading") not in list(pairs)


def links_to_terms(path):
    return {address for block in blocks_of(path) for _, address in block.links}


def test_each_term_is_linked_in_a_lesson():
    linked = set().union(*map(links_to_terms, LESSONS))
    assert not [term for term in terms() if target_of(term) not in linked]


@pytest.mark.parametrize("path", LESSONS, ids=name_of)
def test_terms_are_linked_where_they_are_met_first(path):
    missing = []
    for term in terms():
        block = None if term in EVERYDAY else first_use(path, term)
        if block and target_of(term) not in [address for _, address in block.links]:
            missing.append(f"[{term}]({target_of(term)}) in: {block.text[:100]}")
    assert not missing
