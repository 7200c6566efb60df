"""What a message asks for, by plain rules over its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Characters at each end of a message that the rules look at. An instruction stands at one end or the other.
_READ_UP_TO = 2000

_NAMES = "spanish|french|german|italian|portuguese|english"
_OTHERS = (
    "arabic|bengali|bulgarian|catalan|chinese|croatian|czech|danish|dutch|esperanto|farsi|finnish|greek|hebrew|hindi|"
    "hungarian|indonesian|irish|japanese|korean|latin|malay|mandarin|norwegian|persian|polish|romanian|russian|"
    "serbian|swahili|swedish|tamil|thai|turkish|ukrainian|urdu|vietnamese|welsh"
)
_WHOLE = r"(?:picture|image|photo|photograph|screenshot|chart|graph|plot|figure|diagram|drawing)"

# Task and pattern; the first pattern that is found in the lower-case instruction decides.
RULES: tuple[tuple[str, str], ...] = (
    ("json", r"\bjson\b"),
    ("translate", rf"\btranslat|\b(?:in|into|to) (?:{_NAMES}|{_OTHERS})\b"),
    ("translate", r"\bhow (?:do|would|can) (?:you|we|i|one) say\b"),
    ("transcribe", r"\btranscri|\bdictat|\bspeech to text\b|\bwhat (?:do|can) you hear\b"),
    ("transcribe", r"\b(?:what|which words|everything)\b.{0,30}\b(?:said|saying|spoken)\b|\bspoken words\b"),
    ("transcribe", r"\b(?:audio|clip|recording|sound|voice|speaker)\b.{0,20}\b(?:says?|said)\b"),
    ("find", r"^(?:is|are|does|do) .{0,60}\b(?:written|printed|contain|appear|mention|say)s?\b"),
    ("conclude", r"\bconclu|\btake-?aways?\b|\binsights?\b|\bsummar|\binterpret|\banaly[sz]e|\bkey findings?\b"),
    ("conclude", r"\bmain (?:point|message|finding|idea)|\bwhat (?:can|could) (?:we|i|you|be) (?:learn|see from)"),
    ("conclude", r"\b(?:chart|graph|plot)s? (?:shows?|tells?|means?|says?)\b(?! (?:that|the value))|\bexplain th"),
    ("list text", r"\b(?:read|list|extract|copy|show|get|what|which|all)\b.{0,40}\b(?:text|words|writing|labels)\b"),
    ("list text", r"\bocr\b|\bread (?:it|this|that|out|aloud)\b|\b(?:is|are|stands?) (?:written|printed)\b"),
    ("list text", r"\bwhat (?:does|do) .{0,30}\bsays?\b"),
    ("describe", r"\bdescri|\bcaption\b|\balt(?:ernative)? text\b"),
    ("describe", rf"\bwhat (?:is|are|do|can|does) .{{0,20}}\b(?:see|{_WHOLE})\b"),
    ("describe", rf"\bwhat(?:'s| is) (?:this|in|on) ?(?:th|$|\?)|\bwhat does (?:this|it|the {_WHOLE}) show"),
    ("find", r"\b(?:find|locate|where|look for|search for)\b"),
)  # fmt: skip

_PATTERNS = tuple((task, re.compile(pattern)) for task, pattern in RULES)
_LANGUAGE = re.compile(rf"\b({_NAMES}|{_OTHERS})\b")
_QUOTED = re.compile(
    r'"([^"]{1,2000})"|\u201c([^\u201d]{1,2000})\u201d|\u00ab([^\u00bb]{1,2000})\u00bb'
    r"|(?<!\w)['\u2018]((?:[^'\u2019]|(?<=\w)['\u2019](?=\w)){1,2000})['\u2019](?!\w)"
)
_COLON = re.compile(r":(?!//|\d)\s*")
_TRANSLATE = re.compile(
    r"^\W*(?:please |now |could you |can you )*(?:translate|how (?:do|would|can) (?:you|we|i|one) say)\b",
    re.I,
)
_INTO = re.compile(rf"(?:\b(?:from|to|into|in|and|or) )*\b(?:{_NAMES}|{_OTHERS})\b", re.I)
_POINTING = re.compile(
    r"\b(?:the following|the|this|that|these|those|it|its|text|words?|sentences?|phrases?|message|everything|all|"
    r"what|is|said|spoken|says?|audio|sound|clips?|snippets?|recordings?|speech|voice|speaker|files?|mp3|wav|"
    r"pictures?|images?|photos?|signs?|screenshots?|notices?|labels?|title|charts?|of|in|on|from|for|me|and|now|also|"
    r"then|same|again|first|second|please)\b"
)


@dataclass(frozen=True)
class Instruction:
    """A message as the rules understand it."""

    text: str  # white space collapsed, its middle left out when it is very long
    task: str | None  # the first word of a rule, or None for none of them
    languages: tuple[str, ...] = ()  # those named, but for those after `from`; lower case English names
    given: str | None = None  # text that the message hands over, in quotation marks or after a colon
    inline: str | None = None  # text that stands in the order: `Translate good morning to French`


def understand(message: str) -> Instruction:
    """Apply the rules to the text of a message; any text is taken, empty or hostile as it may be."""
    ends = message if len(message) <= 2 * _READ_UP_TO else f"{message[:_READ_UP_TO]} {message[-_READ_UP_TO:]}"
    text = " ".join(ends.split())
    order, given = _handed_over(message, text)
    task = _task(order) or _task(text)
    inline = _inline(order) if task == "translate" and given is None else None
    return Instruction(text, task, _targets(order.lower()), given, inline)


def _task(text: str) -> str | None:
    text = text.lower()
    return next((task for task, pattern in _PATTERNS if pattern.search(text)), None)


def _handed_over(message: str, text: str) -> tuple[str, str | None]:
    """Part an order from the text that it quotes or that follows its colon."""
    colon = _COLON.search(message[:_READ_UP_TO])
    if colon:
        order, rest = message[: colon.start()], message[colon.end() :].strip()
        # `Translate to Spanish. Style: formal` hands over nothing: the sentence before the colon has to be an order.
        if rest and not _QUOTED.search(order) and _task(order.rpartition(". ")[2]):
            quoted = _QUOTED.fullmatch(rest)
            return " ".join(order.split()), (_inside(quoted) if quoted else rest)
    quoted = _QUOTED.search(text)
    if quoted:
        return " ".join(f"{text[: quoted.start()]} {text[quoted.end() :]}".split()), _inside(quoted)
    return text, None


def _inside(quoted: re.Match[str]) -> str:
    return next(group for group in quoted.groups() if group is not None).strip()


def _targets(order: str) -> tuple[str, ...]:
    """Languages named as targets: `from French to German` names one, `to Spanish and German` two."""
    named = (name[1] for name in _LANGUAGE.finditer(order) if not order[: name.start()].endswith("from "))
    return tuple(dict.fromkeys(named))


def _inline(order: str) -> str | None:
    if not _TRANSLATE.match(order):
        return None
    text = _INTO.sub(" ", _TRANSLATE.sub("", order))
    text = " ".join(text.split()).strip(" .?!,")
    return text if re.search(r"\w", _POINTING.sub(" ", text.lower())) else None
