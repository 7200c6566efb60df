"""What a printed label says: a number with its unit signs, or a date."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace

from offline_endpoint.reading.text import TextLine

# Minus, en dash, em dash, hyphen, non-breaking hyphen and full-width minus all stand for a minus.
_DASHES = (0x2212, 0x2013, 0x2014, 0x2010, 0x2011, 0xFF0D)
_MINUS = dict.fromkeys(_DASHES, "-") | {0xFF05: "%", 0xFF0C: ",", 0xFF0E: "."}
_SUPERSCRIPTS = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b\u00b0\u00ba", "0123456789-00"
)
_SUFFIXES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9, "G": 1e9, "T": 1e12}
_SUFFIXES |= {"mn": 1e6, "mio": 1e6, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_NUMBER = re.compile(
    r"(?P<sign>[-+]?)\s*[$\u20ac\u00a3\u00a5]?\s*(?P<minus>-?)(?P<digits>\d[\d,. ]*\d|\d|[.,]\d+)"
    r"(?:[eE](?P<exponent>[-+]?\d+))?\s*(?P<suffix>k|K|M|B|bn|G|T|mn|mio|thousand|million|billion)?\s*(?P<unit>%|[$\u20ac\u00a3\u00a5])?"
)
_QUANTITY = re.compile(
    r"(?P<number>[-+]?[$\u20ac\u00a3\u00a5]?\d[\d,. ]*(?:\s*(?:thousand|million|billion))?)"
    r"\s*(?P<unit>[A-Za-z\u00b0][\w\u00b2\u00b3^*/.]{0,12}(?: [a-z]{1,10})?)"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_LABELS = (
    re.compile(r"-?\d{1,3}(?:,\d{3})+"),
    re.compile(r"-?\d+(?:\.\d+)?[kKMB%]"),
    re.compile(r"-?\d\.\d"),
    re.compile(r"-?\d\.\d{2}"),
    re.compile("(?:" + "|".join(m.capitalize() for m in _MONTHS + _DAYS) + ")"),
)
"""What tick labels look like where their ends can be told."""
_EPOCH = datetime.date(1970, 1, 1)


@dataclass(frozen=True)
class Number:
    """A number as printed; `value` is what it is worth, suffix included, and percent signs leave it as it is."""

    value: float
    percent: bool = False
    unit: str | None = None


def _plain(digits: str) -> float | None:
    # The OCR may lose one of the blanks between thousands.
    if re.fullmatch(r"\d{1,3}(?: \d{3})(?: ?\d{3})*([.,]\d+)?|\d{4,6}(?: \d{3})+|\d{1,3} \d{6}", digits):
        digits = digits.replace(" ", "")
    if " " in digits:
        return None
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits):
        return float(digits.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(\.\d{3}){2,}(,\d+)?", digits):
        return float(digits.replace(".", "").replace(",", "."))
    if re.fullmatch(r"\d*[.,]?\d+", digits):
        return float(digits.replace(",", "."))
    return None


def parse_number(text: str) -> Number | None:
    """Read one printed number, its separators, suffix, unit sign and exponent; None when it is not one number."""
    text = text.strip().translate(_MINUS)
    # A tick mark beside a label is read as a dash or a plus after it.
    text = re.sub(r"(?<=[\w%])\s*[-+_~|'.]+$", "", text)
    # The letter O next to digits is a misread nought.
    text = re.sub(r"(?<=[\d.])[Oo](?=[\d.%]|$)|^[Oo](?=[kKMB%]?$|[.,]\d)", "0", text)
    found = _NUMBER.fullmatch(text)
    if not found or (found["sign"] and found["minus"]):
        return None
    value = _plain(found["digits"])
    if value is None:
        return None
    value *= 10.0 ** int(found["exponent"] or 0)
    value *= _SUFFIXES[found["suffix"] or ""]
    if found["sign"] == "-" or found["minus"] == "-":
        value = -value
    sign = re.search(r"[$\u20ac\u00a3\u00a5%]", text)
    return Number(value, found["unit"] == "%", sign[0] if sign else None)


def parse_quantity(text: str) -> Number | None:
    """Read a number with the unit printed after it, such as `8 years`, `4.26t`, `1,000 m³` or `20 million tonnes`."""
    found = _QUANTITY.fullmatch(text.strip().translate(_MINUS))
    number = parse_number(found["number"]) if found else None
    return (
        replace(number, unit=re.sub(r"[^\w\u00b2\u00b3 ]", "", found["unit"]).strip())
        if found and number
        else None
    )


def read_numbers(texts: list[str]) -> list[Number | None]:
    """The numbers that labels of one kind print; a unit after them counts where most carry it."""
    plain = [parse_number(text) for text in texts]
    measured = [
        parse_quantity(text) if number is None else None for text, number in zip(texts, plain, strict=True)
    ]
    units = [number.unit[:1].lower() for number in measured if number and number.unit]
    usual = max(units, key=units.count, default="")
    if units.count(usual) < max(2, 0.5 * len(texts)):
        return plain
    return [
        number or (other if other and (other.unit or "")[:1].lower() == usual else None)
        for number, other in zip(plain, measured, strict=True)
    ]


def parse_power(text: str) -> float | None:
    """Read a power of ten whose raised exponent the OCR has put on the line, such as 102; None if it is none."""
    text = (
        text.strip()
        .replace(" ", "")
        .translate(_MINUS)
        .translate(_SUPERSCRIPTS)
        .replace("O", "0")
        .replace("^", "")
    )
    found = re.fullmatch(r"[1lI]0(-?\d{1,2})", text)
    return 10.0 ** int(found[1]) if found and abs(int(found[1])) <= 30 else None


def parse_scale_note(text: str) -> tuple[float, float] | None:
    """Read the note at an axis' end, such as 1e6, x10^6 or +2e3: value = label * factor + offset; else None."""
    text = text.strip().replace(" ", "").translate(_MINUS)
    found = re.fullmatch(r"(?:[x\u00d7*]?1e(?P<power>-?\d{1,2}))?(?P<offset>[-+]\d(?:\.\d+)?e\d{1,2})?", text)
    if found and text:
        return 10.0 ** int(found["power"] or 0), float(found["offset"] or 0)
    found = re.fullmatch(r"[x\u00d7*]10\^?(?P<power>-?\d{1,2})", text.translate(_SUPERSCRIPTS))
    return (10.0 ** int(found["power"]), 0.0) if found else None


def is_symbol(line: TextLine) -> bool:
    """Whether a text line is a mark that the OCR took for a character, such as a dot read as O."""
    text = line.text.strip()
    return not any(c.isalnum() for c in text) or (
        len(text) == 1 and (text in "oO0DvVxXlI" or ord(text) > 0x2000) and line.confidence < 0.97
    )


def clean_name(text: str) -> str:
    """A name without the sample that the OCR may have read as dashes or dots before it."""
    return re.sub(r"^[^\w(]+|[^\w)%]+$", "", text.strip())


def part_words(text: str) -> list[str]:
    """The words of a line; those that are tick labels of one form run together come apart."""
    parted: list[str] = []
    for word in text.strip().translate(_MINUS).split():
        tries = (
            p.findall(word)
            for p in _LABELS
            if parse_number(word) is None and re.fullmatch(f"(?:{p.pattern})+", word)
        )
        parted += next((parts for parts in tries if len(parts) > 1 and "".join(parts) == word), [word])
    return parted


def parse_date(text: str) -> float | None:
    """Read a printed date with a year: days since 1970-01-01, of the first of the month when no day is printed."""
    text = text.strip().translate(_MINUS)
    found = re.fullmatch(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?", text)
    if found:
        return _day(int(found[1]), int(found[2]), int(found[3] or 1))
    found = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text)
    if found:
        return _day(int(found[3]), int(found[2]), int(found[1]))
    words = [w for w in re.split(r"[\s,.\-']+|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", text) if w]
    months = [w for w in words if w[:3].lower() in _MONTHS and w.isalpha()]
    numbers = [w for w in words if w.isdigit()]
    if len(months) != 1 or len(numbers) + 1 != len(words):
        return None
    month = _MONTHS.index(months[0][:3].lower()) + 1
    years = [n for n in numbers if len(n) == 4]
    days = [n for n in numbers if len(n) < 3]
    if len(years) != 1 or len(days) > 1:
        return None
    return _day(int(years[0]), month, int(days[0]) if days else 1)


def _day(year: int, month: int, day: int) -> float | None:
    try:
        return float((datetime.date(year, month, day) - _EPOCH).days)
    except ValueError:
        return None
