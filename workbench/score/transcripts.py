"""How well speech was written down: the word error rate."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from workbench.score.points import ScoreError, percent


@dataclass(frozen=True)
class WordScore:
    """The slips of a transcript: the fewest words to change (`wrong`), add (`missing`) and take out (`invented`)."""

    words: int
    wrong: int
    missing: int
    invented: int

    @property
    def rate(self) -> float:
        """The word error rate: slips for each word that was said; more than 1 where much was invented."""
        return (self.wrong + self.missing + self.invented) / self.words

    def __str__(self) -> str:
        slips = f"{self.wrong} wrong, {self.missing} missing, {self.invented} invented"
        return f"Word error rate {percent(self.rate)}: of {self.words} words {slips}"


def score_words(heard: str, said: str) -> WordScore:
    """Compare a transcript with what was said; capitals and punctuation, which nobody hears, do not count.

    Raises:
        ScoreError: there are no words to compare with.
    """
    read, truth = (
        re.findall(r"\w+(?:'\w+)*", unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'"))
        for text in (heard, said)
    )
    if not truth:
        raise ScoreError("There are no words to compare with.")
    kinds = [step.tag for step in Levenshtein.editops(truth, read)]
    return WordScore(len(truth), kinds.count("replace"), kinds.count("delete"), kinds.count("insert"))
