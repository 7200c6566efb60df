"""Names of a chart's series and points as a question may spell them: found, and cut out of the question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import OSA


def word_set(text: str) -> dict[str, None]:
    """The words of a text, in their order."""
    return dict.fromkeys(text.split())


CALENDAR = tuple(
    tuple(word_set(names))
    for names in (
        "january february march april may june july august september october november december",
        "monday tuesday wednesday thursday friday saturday sunday",
        "spring summer autumn winter",
        "q1 q2 q3 q4",
    )
)
_SHORT = {name[:3]: name for names in CALENDAR[:2] for name in names}
_SHORT |= {"sept": "september", "tues": "tuesday", "thurs": "thursday"}
_ALSO = (
    ("united states", "us", "u.s.", "usa", "united states of america"),
    ("united kingdom", "uk", "u.k.", "great britain"),
    ("european union", "eu", "e.u."),
    ("united arab emirates", "uae"),
)
# Names that are ordinary words too: taken as names only where they are written as the chart writes them.
_ORDINARY = word_set(
    "all any average best both east few good great high higher i in is it least less like low lower more most much no "
    "none not on only other others same so some the to total us very what which worst yes you"
)
_AMOUNT = re.compile(r"(?:than|least|most|above|over|below|under|exceed\w*|top|bottom|[<>=$€£]|and)\s*$")
_SAID = re.compile(r"\b(?:said|say|says|saying|answer|answered|answering|chose|voted)\W*$")
_COLLECTIVE = re.compile(
    r"(?:all )?others?\b|rest of|(?:all|world|global|overall|unknown|eu|oecd)\b.{0,3}$|.*\b(?:average|mean|total)$",
    re.IGNORECASE,
)
# Share of a long name's letters that a question has to hold, as two words in a row or more.
_LEAST_PART = 0.6
# The first of the private characters that stand for names in a question; the n-th name is `chr(MARK + n)`.
MARK = 0xE000


def is_collective(label: str | None) -> bool:
    """Whether a label names no single thing of its kind, such as `Others`, `World` or `EU average`."""
    return bool(label and _COLLECTIVE.match(label))


def take_names(question: str, known: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Find names in a question.

    A name counts as found in its own spelling (case, hyphens, footnote marks, long and short months, years of two
    digits, plural and common short forms of countries aside), with a typing error in a name of five letters or
    more, or by most words of a name that no other name shares. Each is replaced by a private character, and the names
    come in the order of those characters.
    """
    question = re.sub("[\ue000-\uf8ff]", " ", question)
    found: list[str] = []
    for look in (_as_written, _nearly, _in_part):
        for name in sorted(known, key=len, reverse=True):
            span = None if name in found or len(found) >= 200 else look(name, question, known)
            if span:
                question = f"{question[: span[0]]} {chr(MARK + len(found))} {question[span[1] :]}"
                found.append(name)
    return question, tuple(found)


def _as_written(name: str, question: str, _known: Sequence[str]) -> tuple[int, int] | None:
    ordinary = name.lower() in _ORDINARY or len(name) < 3
    for text in _spellings(name):
        words = map(re.escape, re.split(r"[\s-]+", text))
        pattern = r"(?<![\w.])" + r"[\s-]*".join(words) + r"(?:'s|\u2019s)?(?!\w)(?!\.\d)(?!,\d{3})"
        for hit in re.finditer(pattern, question, re.IGNORECASE):
            before = question[: hit.start()].lower()
            as_it_is = hit[0].startswith(text) and (before.strip() or len(name) == 1)
            if ordinary and not as_it_is and not _SAID.search(before):
                continue
            # `above 5` is a limit, even where a bar is called 5.
            if not (re.fullmatch(r"[\d.,]+", text) and len(text) != 4 and _AMOUNT.search(before)):
                return hit.span()
    return None


def _spellings(name: str) -> list[str]:
    """The texts that a question may write for a name."""
    plain = re.sub(r"^[\s'\u2018\u2019\"]+|[\s*\u2020\u2021'\"]+$", "", name) or name
    low = plain.lower().rstrip(".")
    texts = [name, plain, re.sub(r"\s*\([^()]*\)$", "", plain) or plain, re.sub(r"\s*&\s*", " and ", plain)]
    year = re.fullmatch(r"(\d\d)(?:([/\u2013-])(\d\d))?", plain)
    if year and (name[0] in "'\u2018\u2019" or year[2]):
        century = "20" if int(year[1]) < 50 else "19"
        whole = f"{century}{year[1]}{year[2]}{century}{year[3]}" if year[2] else f"'{plain}"
        texts += [f"{century}{plain}", whole]
    month = next((_SHORT[key] for key in (low, low[:3]) if key in _SHORT and low in (key, _SHORT[key])), None)
    texts += [month, month[:3]] if month else []
    texts += [text for group in _ALSO if low in group for text in group]
    if len(plain) > 3 and plain[-1].isalpha():
        texts.append(plain[:-1] if low.endswith("s") and not low.endswith("ss") else f"{plain}s")
    return list(dict.fromkeys(texts))


def _nearly(name: str, question: str, _known: Sequence[str]) -> tuple[int, int] | None:
    """A name with one or two letters wrong, never the first one and never a digit."""
    letters, length = name.lower(), len(name.split())
    if len(letters) < 5:
        return None
    words = list(re.finditer(r"[^\s?!.,;:]+", question[:4000]))
    most = 1 if len(letters) < 12 else 2
    for first, last in zip(words, words[length - 1 :], strict=False):
        start, end = first.start(), last.end()
        here = question[start:end].lower()
        ends_alike = len(here) != len(letters) or here[-1] == letters[-1]
        if here[0] != letters[0] or not ends_alike or re.findall(r"\d", here) != re.findall(r"\d", letters):
            continue
        # What makes another word is none misspelled: `Nigeria` and `Niger`, `female`.
        longer = here.startswith(letters) and here[len(letters) :].isalpha()
        another = abs(len(here) - len(letters)) > 1 or longer
        if not another and OSA.distance(here, letters, score_cutoff=most) <= most:
            return start, end
    return None


def _in_part(name: str, question: str, known: Sequence[str]) -> tuple[int, int] | None:
    """Two words or more in a row of a name of three or more, where no other name has them."""
    words = re.findall(r"\w+", name)
    if not 3 <= len(words) <= 30:
        return None
    least = _LEAST_PART * sum(map(len, words))
    for length in range(len(words) - 1, 1, -1):
        for first in range(len(words) - length + 1):
            part = words[first : first + length]
            if sum(map(len, part)) >= least:
                pattern = re.compile(r"(?<!\w)" + r"\W+".join(map(re.escape, part)) + r"(?!\w)", re.I)
                hit = pattern.search(question)
                if hit and sum(bool(pattern.search(other)) for other in known) == 1:
                    return hit.span()
    return None
