"""Each claim about the service stands in one table, with its source, and table and pages say the same.

`claims.csv` has for each claim the pages that make it, a piece of their own words, and how it was checked.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tests.lessons.pages import PAGES, ROOT, markdown_of, name_of

TABLE = Path(__file__).with_name("claims.csv")
CHECKS = {"public report", "documentation", "run on the SDK", "never seen"}
"""How a claim was checked: seen on the wire by a public report, read, run with the client, or not at all."""
HEARSAY = re.compile(
    r"\b(?:[Uu]sers?(?: also|'s)? report|[Oo]thers report|users' reports|[Nn]o report shows|could not be tried|"
    r"(?:was|were) (?:never (?:tried|run|sent|seen)|not seen)|was ever sent|nobody here has tried|"
    r"[Nn]o live deployment was|whether Azure)\b"
)
"""What a sentence says that hands on what others saw, or what nobody did."""


def claims():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plain(text):
    """Markdown as its reader sees it: links as their words, no marks of emphasis or code, single spaces."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return " ".join(re.sub(r"[*`]|(?<!\w)_|_(?!\w)", "", text).split())


def sentences(text):
    """The sentences of a text that was made plain, a paragraph or a table's line at a time."""
    for paragraph in re.split(r"\n\s*\n|\n(?=[-|])", text):
        yield from re.split(r"(?<=[.!?:;])\s+", plain(paragraph))


def words_on(name):
    return [plain(claim["words"]) for claim in claims() if name in claim["files"].split()]


def test_the_table_is_whole():
    table = claims()
    assert len(table) >= 40
    assert len({claim["id"] for claim in table}) == len(table)
    for claim in table:
        assert re.fullmatch(r"[a-z0-9-]+", claim["id"])
        assert all(claim.values()), claim["id"]
        assert claim["checked"] in CHECKS, claim["id"]
        assert len(claim["words"]) > 8, f"{claim['id']}: too few words to be found again"


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim["id"])
def test_each_page_says_what_the_table_has(claim):
    for name in claim["files"].split():
        path = ROOT / name
        assert path in PAGES
        assert plain(claim["words"]) in plain("\n".join(markdown_of(path))), name


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_each_sentence_of_hearsay_is_in_the_table(path):
    known = words_on(name_of(path))
    for text in markdown_of(path):
        for sentence in sentences(text):
            if HEARSAY.search(sentence) and not sentence.startswith("#"):
                assert any(words in sentence for words in known), f"not in claims.csv: {sentence}"


def test_hearsay_is_seen():
    assert HEARSAY.search("Users report that it works.")
    assert not HEARSAY.search("The client reports an error.")
