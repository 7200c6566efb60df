"""What a question about a chart asks for, by plain rules over its words and the names in the chart."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from offline_endpoint.answers.figures import values
from offline_endpoint.reading.chart.data import Chart

_ALIKE = 90
"""Least rapidfuzz score, of 100, between a name of five letters or more and the words of a question."""

UP = "highest|most|largest|biggest|greatest|maximum|max|best|tallest|peak|longest|leads?|leading|winner"
DOWN = "lowest|least|smallest|fewest|minimum|min|worst|shortest|weakest"
OVER = r"above|over|beyond|(?:more|greater|higher|larger|bigger|better) than|exceed(?:s|ing)?|at least"
UNDER = r"below|under|(?:less|lower|smaller|fewer|worse) than|at most"
NUMBER = r"[$€£]?\s?(-?\d[\d,]*(?:\.\d+)?)\s?(k\b|m\b|bn?\b|thousand\b|million\b|billion\b)?"
SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}
NTH = {"second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5}
COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "ten": 10}

_PLAIN = frozenset(
    """
    about above across add after all along altogether an and any approximately are around as ascending at
    average axes axis bar bars be been before below best better between beyond bigger biggest billion bn both
    bottom but by called came can change changed changes chart charts column columns combined come comes compare
    compared comparison correlated correlation could count curve data decline declined declines declining
    decrease decreased decreases decreasing depend depends descending develop developed diagram did differ
    difference different do does dot dots down drop dropped drops during each entries entry equal even every
    evolution evolve evolved exact exactly exceed exceeding exceeds extreme extremes fall fallen falling falls
    fewer fewest fifth figure figures find five for fourth from gap get gets give go goes going got graph great
    greater greatest grew group groups grow growing grown grows had has have help here higher highest hold holds
    how if image in increase increased increases increasing interval is it item items its kind label labeled
    labels larger largest lead leading leads least legend less let line lines list longest look lot lower lowest
    made many mark marks max maximum me mean measure measured median million min minimum more most much name
    names nd near no not now number numbers of on one ones only or order other out over overall part parts peak
    per percent percentage picture please plot point points portion put range rank ranked ranking ratio rd reach
    read really related relation relationship reported rise risen rises rising roughly row rows same say score
    scores second see series share shares shorter shortest show shown shows size slice slices smaller smallest
    so sold sort sorted spread st stand stands sum table take takes taller tallest tell ten th than thank thanks
    that the their them then there these they third this those thousand three time times title to together took
    top total totals trend trends turn turning two type under unit units until up us value values versus vs was
    weakest were what when where which while who winner with worse worst worth would you
    """.split()  # noqa: SIM905 - a list of 300 words reads better without quotation marks
)
"""Words whose meaning for a question the rules know, or that carry none."""

_BEYOND_READING = re.compile(
    r"\b(?:why|should|will|would|predict|forecast|expect|cause|reason|who made|opinion)\w*\b"
)
_LEANS_ON_LAST = re.compile(
    r"\W*(?:and|or|what about|how about|now|then|compared (?:to|with))\b", re.IGNORECASE
)

KINDS: tuple[tuple[str, str], ...] = (
    ("kind", r"\b(?:kind|type|sort) of (?:chart|graph|plot|diagram)\b"),
    ("title", r"\btitle\b|\b(?:chart|graph|plot|it) called\b|\babout\?$"),
    ("axes", r"\bax[ie]s\b|\bunits?\b"),
    ("difference", r"\bcompar|\bdifferen|\bversus\b|\bvs\b|\bgap\b|\bratio\b|\bhow many times\b"),
    (
        "difference",
        r"\bhow (?:much|many)(?: \w+)? (?:more|less|higher|lower|bigger|larger|smaller|fewer|better)\b",
    ),
    ("filter", rf"\b(?:{OVER}|{UNDER}|between)\b|[<>]"),
    ("sum", r"\bsum\b|\btotal\b|\baltogether\b|\bcombined\b|\btogether\b|\badd up\b"),
    ("average", r"\baverage\b|\bmean\b(?! by)"),
    ("median", r"\bmedian\b"),
    ("range", r"\brange\b|\bspread\b"),
    ("ranking", r"\brank|\bsort|\bin order\b|\btop \w+\b|\bbottom \w+\b"),
    ("extremes", rf"\b(?:{UP})\b.*\b(?:{DOWN})\b|\b(?:{DOWN})\b.*\b(?:{UP})\b|\bextremes?\b"),
    ("highest", rf"\b(?:{UP})\b"),
    ("lowest", rf"\b(?:{DOWN})\b"),
    (
        "trend",
        r"\btrend|\bchang|\bdevelop|\bevol|\bover time\b|\bris(?:e|es|ing|en)\b|\bfall|\bgrow|\bincreas|\bdecreas",
    ),
    ("trend", r"\bdrop|\bdeclin|\bturning|\bgo(?:es|ing)? (?:up|down)\b"),
    ("relation", r"\brelat|\bcorrelat|\bdepend|\bgo(?:es)? with\b"),
    ("count", r"\bhow many\b|\bnumber of\b|\bcount\b"),
    (
        "list",
        r"\b(?:all|every|each|list|show|give|what are)\b.*\b(?:values?|data|numbers?|figures?|names?|labels?)\b",
    ),
    (
        "value",
        r"\bvalues?\b|\bhow (?:much|many|high|tall|big|large|low|far|long)\b|\bwhat\b|\bwhere\b|\bgive\b|\btell\b",
    ),
)
"""Kind of question and pattern; the first that is found decides. The names of points and series are taken out first."""

_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in KINDS)


@dataclass(frozen=True)
class Question:
    """A question as understood.

    Attributes:
        rest: its words in lower case without the names.
        kind: see `KINDS`; None for none of them.
        names: series and labels of the chart that it mentions, in its order.
    """

    rest: str
    kind: str | None
    names: tuple[str, ...]


def understand_question(chart: Chart, question: str, before: str = "") -> Question | None:
    """Take a question apart.

    Args:
        chart: whose names it may mention.
        question: the message.
        before: the message before, for questions that lean on it: `And Tea?`, `And the lowest?`.

    Returns:
        The question, or None when it is none that data can answer.
    """
    if _BEYOND_READING.search(question.lower()):
        return None
    asked = _understand(chart, question)
    if before and _LEANS_ON_LAST.match(question):
        asked = _filled_in(chart, asked, _understand(chart, before))
    if asked.kind is None and asked.names and len(asked.rest.split()) <= 3:
        asked = replace(asked, kind="value")
    if asked.kind is None or _unexplained(chart, " ".join(question.split()), asked.kind):
        return None
    return asked


def _unexplained(chart: Chart, question: str, kind: str) -> set[str]:
    """Words of a question that neither the rules nor the chart know: it may hinge on them, so it is left alone."""
    texts = filter(None, (chart.title, chart.x_label, chart.y_label))
    known = {word for text in texts for word in re.findall(r"[^\W\d_]{2,}", text.lower())}
    stems = {word[:4] for word in known if len(word) >= 4}

    def is_known(word: str) -> bool:
        return word in _PLAIN or word in known or (len(word) >= 4 and word[:4] in stems)

    rest, _ = _take_names(chart, question)
    rest = re.sub(r"\bhow (?:high|low|big|large|tall|long|small|far)\b", " ", rest.lower())
    words = re.findall(r"[^\W\d_]{2,}", rest)
    # In `which month is` and `the best model below` the noun says what the labels are; in `the best small model` the
    # word after it shows that it is no noun.
    before = re.compile(rf"which|{UP}|{DOWN}" + ("|many" if kind == "filter" else ""))
    return {
        word
        for i, word in enumerate(words)
        if not is_known(word)
        and not (i and before.fullmatch(words[i - 1]) and (i + 1 == len(words) or words[i + 1] in _PLAIN))
    }


def _filled_in(chart: Chart, asked: Question, past: Question) -> Question:
    """Complete a question with what the one before it asked: its kind, and names that this one does not replace."""
    series = {each.name for each in chart.series}
    names = asked.names
    if asked.kind == "difference" and len(names) == 1:
        names = (*past.names[:1], *names)
    elif not names:
        names = past.names
    elif all(name in series for name in names):
        names += tuple(name for name in past.names if name not in series)
    elif not any(name in series for name in names):
        names += tuple(name for name in past.names if name in series)
    if asked.kind in (None, "value") and past.kind:
        rest = asked.rest if re.search(r"\d", asked.rest) else past.rest
        return Question(rest, past.kind, names)
    return replace(asked, names=names)


def _understand(chart: Chart, question: str) -> Question:
    rest, names = _take_names(chart, " ".join(question.split()))
    rest = " ".join(rest.lower().split())
    kind = next((kind for kind, pattern in _PATTERNS if pattern.search(rest)), None)
    if kind == "count" and names:
        kind = "value"  # How many visitors in July?
    series = [each.name for each in chart.series]
    two_labels = len([name for name in names if name not in series]) > 1
    if (len(names) > 1 and re.search(r"\bthan\b", rest)) or (kind == "trend" and two_labels):
        kind = "difference"  # Is A better than B? How much did it grow from January to July?
    return Question(rest, kind, names)


def _take_names(chart: Chart, question: str) -> tuple[str, tuple[str, ...]]:
    """Find names of series and labels in a question and cut them out of it."""
    known = dict.fromkeys([series.name for series in chart.series if series.name])
    known |= dict.fromkeys([value.point.label for value in values(chart) if value.point.label])
    places: dict[str, int] = {}
    for name in sorted(known, key=len, reverse=True):
        found = next(filter(None, (pattern.search(question) for pattern in _spellings(name))), None)
        if found:
            places[name] = found.start()
            question = (
                question[: found.start()] + " " * (found.end() - found.start()) + question[found.end() :]
            )
    for name in known:
        if name in places or len(name) < 5:
            continue
        near = fuzz.partial_ratio_alignment(name.lower(), question.lower(), score_cutoff=_ALIKE)
        if near and near.dest_end - near.dest_start >= len(name) - 1:
            places[name] = near.dest_start
            blank = " " * (near.dest_end - near.dest_start)
            question = question[: near.dest_start] + blank + question[near.dest_end :]
    return question, tuple(sorted(places, key=places.__getitem__))


_CALENDAR = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip


def _spellings(name: str) -> list[re.Pattern]:
    """Patterns for a name: hyphens and spaces alike, months and weekdays long and short."""
    texts = [name]
    if name.lower().rstrip(".") in {each[:3] for each in _CALENDAR} | {
        *_CALENDAR,
        "sept",
        "tues",
        "thur",
        "thurs",
    }:
        full = next(each for each in _CALENDAR if each.startswith(name.lower()[:3]))
        texts += [full, full[:3]]
    # A name as short as `A` or `In` is looked for as it is written, or every `a` would be one.
    flags = 0 if len(name) < 3 else re.IGNORECASE
    return [
        re.compile(r"(?<!\w)" + r"[\s-]*".join(map(re.escape, re.split(r"[\s-]+", text))) + r"(?!\w)", flags)
        for text in texts
    ]
