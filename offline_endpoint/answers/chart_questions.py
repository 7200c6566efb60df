"""What a question about a chart asks for, by a small grammar: each of its words has to be accounted for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from offline_endpoint.answers.figures import Words
from offline_endpoint.answers.names import CALENDAR, MARK, take_names, word_set
from offline_endpoint.answers.sentences import in_time_order
from offline_endpoint.reading.chart.data import Chart

UP = "highest|most|largest|biggest|greatest|maximum|max|best|tallest|peak(?:ed|s)?|longest|leads?|leading|winner"
DOWN = "lowest|least|smallest|fewest|minimum|min|worst|shortest|weakest"
OVER = r"above|over|beyond|(?:more|greater|higher|larger|bigger|better) than|exceed(?:s|ed|ing)?|at least"
UNDER = r"below|under|(?:less|lower|smaller|fewer|worse) than|at most"
NUMBER = r"[$€£]?\s?(-?\d[\d,]*(?:\.\d+)?)\s?(k\b|m\b|bn?\b|thousand\b|million\b|billion\b)?"
AMOUNT = rf"[^\w$€£-]{{0,3}}(?:the |a |value |of ){{0,4}}{NUMBER}"
EQUAL = r"(?:equal(?:s|ed)? to|equals?|exactly|reach(?:es|ed)?|a value of|value is)"
SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}
NTH = {"second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5}
COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
COUNT = "|".join([*COUNTS, r"\d{1,2}"])

_NAME = "[\ue000-\uf8ff]"
_MORE = "more|less|higher|lower|bigger|greater|larger|smaller|fewer|better|worse"
_PLOTTED = r"(?:bars?|lines?|points?|dots?|slices?|values?|parts?|marks?|columns?)"
_CHANGE = r"(?:increas|decreas|chang|grow|grew|ris(?=e|i)|rose|fall|fell|drop|declin)\w*"

# Operation and pattern. Each that is found is cut out of the question before the next is looked for.
_OPERATIONS: tuple[tuple[str, str], ...] = (
    ("percent change", rf"(?:percent\w*|%|relative) {_CHANGE}|(?:rate of {_CHANGE})|growth rate"),
    ("kind", r"(?:kind|type|sort) of (?:chart|graph|plot|diagram)"),
    ("title", r"title|(?:chart|graph|plot|it) called|about(?=\W*$)"),
    ("axes", r"(?:[xy]-? ?)?ax[ie]s(?: labels?| titles?)?|units?"),
    ("difference", rf"how (?:much|many)(?: \w+)? (?:{_MORE})|differ\w*|gap|compar\w+(?: to| with)?|versus|vs\b\.?"),
    ("ratio", rf"ratio|how many times(?: (?:as|{_MORE})(?: (?:high|many|much|large|big) as)?)?"),
    ("limit", rf"(?:{OVER}|{UNDER})(?: the)? (?:average|mean)(?: value)?"),
    ("limit", rf"(?:{OVER}|{UNDER}){AMOUNT}\s*%?"),
    ("limit", rf"between\s+{NUMBER}\s*%?\s*and\s+{NUMBER}\s*%?|[<>]=?\s*{NUMBER}\s*%?"),
    ("limit", rf"{EQUAL}\s+{NUMBER}\s*%?"),
    ("than", rf"(?:{_MORE})(?=.* than )|(?:exceed(?:s|ed)?|above|below|over|under)(?= +{_NAME})"),
    ("ranking", rf"rank\w*|sort\w*|in (?:de|a)scending order|in order|(?:top|bottom) (?:{COUNT})|(?:de|a)scending"),
    ("extremes", rf"(?:{UP})\b(?: \w+)? (?:and|or|to)(?: the)? (?:{DOWN})|extremes?"),
    ("extremes", rf"(?:{DOWN})\b(?: \w+)? (?:and|or|to)(?: the)? (?:{UP})"),
    ("several", rf"(?:the )?(?:{COUNT}) (?:{UP}|{DOWN})|(?:{UP}|{DOWN}) (?:{COUNT})"),
    ("highest", rf"(?:(?:at )?(?:its|their) )?(?:(?:{'|'.join(NTH)})[ -])?(?:{UP})"),
    ("lowest", rf"(?:(?:at )?(?:its|their) )?(?:(?:{'|'.join(NTH)})[ -])?(?:{DOWN})"),
    ("sum", r"sum\w*|total\w*|altogether|combined|together|add(?:s|ed)? up|in all"),
    ("average", r"averages?|on average|mean(?! by)"),
    ("median", r"median"),
    ("range", r"range|spread"),
    ("relation", r"relat\w*|(?:anti)?correlat\w*|depend\w*|goe?s? with"),
    ("trend", rf"{_CHANGE}|trends?|turn\w*|develop\w*|evol\w*|go(?:es|ing)? (?:up|down)|over (?:the )?(?:time|years)"),
    ("which is more", rf"(?:{_MORE})(?=.*\bor\b)"),
    ("list", r"(?:all|every|each|list|show|give|what are)\b.*\b(?:values?|data|numbers?|figures?|names?|labels?)"),
    ("count", r"how many|count"),
    ("number", r"number of"),
)  # fmt: skip
_PATTERNS = tuple((name, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")) for name, pattern in _OPERATIONS)

# Which operations a question may hold together and what it then asks for; any other set of them is declined.
_TOGETHER: dict[frozenset[str], str] = {
    **{frozenset([name]): name for name, _ in _OPERATIONS if name not in ("several", "than", "percent change")},
    frozenset(): "value",
    **{frozenset([name, "extremes"]): name for name in ("difference", "ratio", "sum", "average")},
    **{frozenset([name, "highest", "lowest"]): name for name in ("difference", "ratio")},
    **{frozenset([name, "several"]): name for name in ("sum", "average", "difference")},
    **{frozenset([name, best]): name for name in ("difference", "ratio") for best in ("highest", "lowest")},
    **{frozenset(["limit", *others]): "filter" for others in ((), ("count",), ("list",), ("highest",), ("lowest",))},
    **{frozenset([name, "than"]): "difference" for name in ("difference", "count", "which is more")},
    **{frozenset([name, "trend"]): "difference" for name in ("difference", "count")},
    frozenset(["than"]): "than",
    frozenset(["several"]): "ranking",
    frozenset(["which is more"]): "difference",
    frozenset(["range", "list"]): "range",
    frozenset(["list", "title"]): "title",
    frozenset(["difference", "than", "which is more"]): "difference",
}  # fmt: skip
# Words that change nothing about what is asked, whatever the operation.
_FILLER = word_set(
    """
    a according accounted add after aged all also amount an and answer answered any approximately are around as at bar
    bars be been before being between but by came can category chart column columns come comes compare compared could
    counted depicted did dimension displayed do does dot dots each either entries entry every exactly factor figure
    figures find for from gave get gets give given gives got graph had has have help here high hold holds how i image in
    included into is it item items kind label labels large level lie lies line lines listed look low made make makes
    many mark marks me measured mentioned much name named names nd noted now number numbers observed of on one ones or
    our out over overall part parts percent percentage percents picture please plot plotted point points portion
    presented rd read reading recorded registered reported represented represents respectively roughly row rows said
    say saying series share shares show showed shown shows since slice slices so sold st stand stands take taken takes
    tell th than thank thanks that the their them then there these they this those through till time times to took type
    until up us value values was we were what when where which while who win with won worth year years you
    """
)
# Words that make another question of it, unless the chart's own texts hold them.
_TURNING = re.compile(
    r"\b(?:(?:predict|forecast|expect|caus|exclud|colou?r|opinion|likel)\w*|why|should|will|would|reasons?|who made|if|"
    r"not|\w+n['\u2019]t|except|without|growth|per|first|last|latest|earliest|next|previous|half|double|twice|odds)\b"
)
# What has to stand on the value axis for a question `how tall`.
_SIZES = {
    "tall": r"height|tall|\b(?:c?m|ft|in)\b|met(?:re|er)s?|feet", "old": r"\bage|years?|old",
    "heavy": r"weight|mass|\bk?g\b|tons?|tonnes?", "fast": r"speed|km/h|mph|fast",
    "long": r"length|duration|time|hours?|minutes?|days?|\bk?m\b|long", "deep": r"depth|deep",
    "far": r"distance|\bk?m\b|miles?|met(?:re|er)s?", "wide": r"width|wide", "expensive": r"price|cost|[$€£]",
    "hot": r"temperature|°|heat", "cold": r"temperature|°", "warm": r"temperature|°",
}  # fmt: skip
# Nouns for what stands below bars.
_CATEGORIES = word_set(
    "age airline answer brand category city class club college company continent country county day department device "
    "group industry language league manufacturer model month name nation option party platform player product program "
    "quarter region retailer school season sector source species sport state store subject team type week"
)
# Those of them that are taken so only after `which`, `what` or an operation: `in a month` asks for something else.
_TIMES = word_set("age day month quarter season week")
# What shows that the word after `which` was a whole noun: in `which warm month is` it is not.
_AFTER_NOUN = word_set("| are can did do does for gets had has have holds in is of on shows was were with")
_ASKED_PEOPLE = word_set("adults people persons population public respondents users")
_CHOOSING = word_set(
    "believe believed choose chose named picked prefer preferred selected think thought voted"
)
_IS_SHOWN = (
    r"(?= (?:are|were|is|was)(?: there)? (?:(?:shown|displayed|represented|depicted|listed|included|compared)\b"
    r"|(?:in|on) (?:the|this) (?:\w+ )?(?:chart|graph|plot|diagram)))"
)
_LEANS_ON_LAST = re.compile(r"\W*(?:and|or|(?:what|how) about|now|then|compared (?:to|with))\b", re.I)
_TIME_WORDS = r"(?:year|month|day|week|weekday|quarter|season|date|decade)s?"
_ASKS_TIME = re.compile(rf"\b(?:which|what|how many) {_TIME_WORDS}\b|\bwhen\b")
_TIME_LABEL = re.compile(r"\W*(?:1[5-9]|2[01])\d\d\b|\W*\d\d(?:\W\d\d)?\W*$|.*\b(?:19|20)\d\d$|Q[1-4]\b")
_UNFOUND = 3  # words that the chart lacks in a question for one value, at most: they are named in the reply


@dataclass(frozen=True)
class Question:
    """A question as understood."""

    text: str  # in lower case, each name in it a private character (see `take_names`)
    kind: str | None  # what is asked for; None where the rules do not tell
    names: tuple[str, ...]  # series and labels of the chart that it mentions, in its order
    unfound: tuple[str, ...] = ()  # words that neither the rules nor the chart know
    is_yes_no: bool = False


def understand_question(chart: Chart, question: str, before: str = "") -> Question | None:
    """Take a question apart (see `answer_question`); None when it is none that data can answer."""
    asked = _understand(chart, question)
    past = _understand(chart, before) if asked and before and _LEANS_ON_LAST.match(question) else None
    if asked and past:
        asked = _filled_in(chart, asked, past)
    if asked is None or asked.kind is None:
        return None
    if asked.kind == "value" and asked.names and len(asked.unfound) <= _UNFOUND:
        unfound = tuple(word for word in asked.unfound if word.lower() not in _ASKED_PEOPLE)
        if all(_says_where(chart, word, question) for word in unfound):
            return replace(asked, unfound=unfound)
    return None if asked.unfound else asked


def _says_where(chart: Chart, word: str, question: str) -> bool:
    """Whether a word that the chart lacks is the name of a place or a year in which something was measured.

    Any other word may be what is asked for, as may `to China`.
    """
    if word.isdecimal():
        texts = f"{chart.title} {chart.x_label} {chart.y_label}"
        return len(word) == 4 and not re.search(r"\b(?:1[5-9]|2[01])\d\d\b", texts)
    if re.search(rf"\b(?:to|from|with|among|by|than|via)(?: the)? {re.escape(word)}\b", question):
        return False
    return word.istitle() or word in ("EU", "UK", "US", "USA") or not (chart.title or chart.y_label)


def topic_of(text: str | None) -> set[str]:
    """The words of a title or an axis label, in lower case, numbers included."""
    return set(re.findall(r"[^\W_]{2,}", (text or "").lower()))


def _understand(chart: Chart, question: str) -> Question | None:
    words = Words(chart)
    series = dict.fromkeys(each.name for each in chart.series if each.name)
    labels = dict.fromkeys(filter(None, map(words.label, words.values)))
    marked, found = take_names(" ".join(question.split()), list(series | labels))
    names = tuple(found[i] for i in sorted(range(len(found)), key=lambda i: marked.find(chr(MARK + i))))
    text = " ".join(marked.lower().split())
    topic = topic_of(f"{chart.title} {chart.x_label} {chart.y_label}") - {"none"}
    if chart.x_scale == "date" or in_time_order([point.label for point in chart.series[0].points]):
        topic |= {"month", "months", "week", "weekday", "day", "quarter"}
    if any(not set(re.findall(r"\w+", hit[0])) <= topic for hit in _TURNING.finditer(text)):
        return None
    measured = f"{chart.y_label or chart.title or ''} {words.y_unit}".lower()
    for size, on_axis in _SIZES.items():
        if re.search(rf"\bhow {size}\b(?! (?:is|are|was) (?:the )?{_PLOTTED})", text):
            if not re.search(on_axis, measured):
                return None
            text = text.replace(f"how {size}", "how much")
    if re.search(_SIZES["expensive"], measured):
        topic |= {"cost", "costs", "price"}
    if _asks_another_thing(words, text, topic):
        return None
    if words.y_unit != "%" and re.search(r"\b(?:percent\w*|share|proportion|fraction)\b", text):
        return None
    rest, operations = _operations(text, topic)
    if "number" in operations:
        operations = operations - {"number"} or {"count"}
    if operations == {"count", "sum"}:
        # How many stores are there in total?
        noun = re.search(r"\b(?:how many|number of) (\w+)", text)
        operations = {"sum"} if noun and noun[1] in topic_of(chart.y_label) else operations
    kind = _TOGETHER.get(frozenset(operations))
    if kind is None:
        return None
    if kind == "count" and names:
        kind = "value"  # How many visitors in July?
    elif kind == "trend" and sum(name not in series for name in names) == 2:
        kind = "difference"  # How much did it grow from January to July?
    elif kind == "than":
        kind = "difference" if len(names) > 1 else "filter"
    elif kind == "value" and not names and not (operations or re.search(r"\d", rest)):
        kind = None
    is_yes_no = re.match(r"(?:is|are|was|were|does|do|did|has|have)\b", text) is not None
    asked = Question(text, kind, names, is_yes_no=is_yes_no)
    return replace(asked, unfound=_unfound(chart, rest, topic, question, asked))


def _asks_another_thing(words: Words, text: str, topic: set[str]) -> bool:
    """Whether a time is asked of a chart whose labels are none, or a country of one whose labels are all times."""
    labels = list(dict.fromkeys(words.label(value) or "" for value in words.values))
    months = {name[:3] for names in CALENDAR for name in names}
    are_times = all(_TIME_LABEL.match(label) or label[:3].lower() in months for label in labels)
    if _ASKS_TIME.search(text):
        is_on_axis = any(value.point.x is not None for value in words.values) and "when" in text
        return not (are_times or is_on_axis or any(re.fullmatch(_TIME_WORDS, word) for word in topic))
    things = re.findall(r"\b(?:which|what) ([a-z]+)", text)
    others = [each for each in things if _singular(each) in _CATEGORIES and _singular(each) not in _TIMES]
    return bool(set(others) - topic) and len(words.chart.series) == 1 and are_times and in_time_order(labels)


def _operations(text: str, topic: set[str]) -> tuple[str, set[str]]:
    """What is left of a question, and the operations that were cut out of it."""
    found: set[str] = set()
    for name, pattern in _PATTERNS:

        def cut(hit: re.Match[str], name: str = name) -> str:
            # A word of the chart's own title or axis is what was measured, not what is to be done.
            if re.fullmatch(r"\w+", hit[0]) and hit[0] in topic and name not in ("highest", "lowest"):
                return hit[0]
            found.add(name)
            return " | "

        if name == "list" and found:
            continue
        text = pattern.sub(cut, text)
    return text, found


def _unfound(chart: Chart, rest: str, topic: set[str], question: str, asked: Question) -> tuple[str, ...]:
    """Words that neither the rules nor the chart know, as the question writes them; it may hinge on them."""
    topic = topic | set(map(_singular, topic))
    stems = tuple(word[: max(4, len(word) - 3)] for word in topic if len(word) >= 4)
    if asked.kind == "count":
        # What stands in the chart is counted, whatever it is called.
        rest = re.sub(r"\| +[a-z]+(?: [a-z]+)?" + _IS_SHOWN, "|", rest)
    words = re.findall(r"[^\W_]+|[|]", re.sub(_NAME, " | ", rest))
    if asked.kind in ("kind", "title", "axes"):
        topic = topic | {"x", "y", "measure", "measured", "called"}
    if set(_ASKED_PEOPLE) & topic_of(chart.y_label):
        topic = topic | set(_CHOOSING)

    def is_known(word: str) -> bool:
        if word.isdecimal():
            return word in topic or (asked.kind == "value" and not asked.names)
        return word in _FILLER or word in topic or len(word) < 2 or (len(word) > 3 and word.startswith(stems))

    # Of `fruit and vegetables` a chart does not tell which are vegetables; `quality and size` are its axes.
    pairs = re.findall(r"(\w+) (?:and|or|&) (\w+)", f"{chart.title} {chart.x_label}".lower())
    measures = topic_of(f"{chart.y_label} {chart.x_label if chart.x_scale != 'category' else ''}")
    said = set(map(_singular, words))
    halves = [said & set(map(_singular, pair)) for pair in pairs if not measures & set(pair)]
    mixed = {half.pop() for half in halves if len(half) == 1}
    # Where countries are told of, no continent is; a `water source` tells of no sources.
    told_of = re.findall(r"\b(?:by |per |each )[a-z]+|\b[a-z]+s\b", f"{chart.title} {chart.y_label}".lower())
    told = {_singular(words.split()[-1]) for words in told_of} | set(map(_singular, topic_of(chart.x_label)))
    told &= _CATEGORIES.keys() - _TIMES.keys()
    unknown, follows = [], False
    for word, after in pairwise([*words, ""]):
        noun = _singular(word)
        is_noun = (follows or after == "|") if noun in _TIMES else noun in (told or _CATEGORIES)
        if not (is_known(word) or is_noun) or noun in mixed:
            unknown.append(word)
        follows = word in ("which", "what", "|") or (follows and is_noun)
    written = {word.lower(): word for word in re.findall(r"[^\W_]+", question)}
    return tuple(dict.fromkeys(written.get(word, word) for word in unknown))


def _singular(word: str) -> str:
    return re.sub("ies$", "y", word) if word.endswith("ies") else word.removesuffix("s")


def _filled_in(chart: Chart, asked: Question, past: Question) -> Question:
    """Complete a question with what the one before it asked: its kind, and names that this one does not replace."""
    names, of_series = asked.names, [each.name for each in chart.series]
    is_series = {name in of_series for name in names}
    if asked.kind == "difference" and len(names) == 1:
        names = (*past.names[:1], *names)
    elif len(is_series) < 2:
        names += tuple(name for name in past.names if (name in of_series) not in is_series)
    if asked.kind in (None, "value") and past.kind:
        text = asked.text if re.search(r"\d", asked.text) else past.text
        unfound = tuple(dict.fromkeys((*past.unfound, *asked.unfound)))
        return replace(past, text=text, names=names, unfound=unfound)
    return replace(asked, names=names)
