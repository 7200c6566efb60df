"""How well a form was read: field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from workbench.score.points import ScoreError, listed, percent


@dataclass(frozen=True)
class FormScore:
    """Names of the fields that are right, wrong, not read, and read though there is nothing."""

    right: tuple[str, ...]
    wrong: tuple[str, ...]
    missing: tuple[str, ...]
    invented: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share of the fields that is right, 0 to 1; what was invented counts as a field."""
        return len(self.right) / sum(map(len, (self.right, self.wrong, self.missing, self.invented)))

    def __str__(self) -> str:
        named = {"Wrong": self.wrong, "Missing": self.missing, "Invented": self.invented}
        others = (f"{how} {listed(names)}" for how, names in named.items())
        return "\n".join([f"Right {len(self.right)} ({percent(self.share)})", *others])


def score_form(read: Mapping[str, Any], truth: Mapping[str, Any]) -> FormScore:
    """Compare the fields that were read with the true ones; None is a field that is empty.

    Numbers are compared as numbers and dates as dates, also where one side writes them as text. Capitals and spaces
    of a text do not count. A field inside another is called `items.0.price`.

    Raises:
        ScoreError: one of the two is no mapping, or the truth has no field.
    """
    if not isinstance(read, Mapping) or not isinstance(truth, Mapping) or not truth:
        raise ScoreError("A form and its truth are mappings from the names of fields to their values.")
    there, wanted = dict(_fields(read)), dict(_fields(truth))
    found: dict[str, list[str]] = {"right": [], "wrong": [], "missing": [], "invented": []}
    for name in {**wanted, **there}:
        given, true = there.get(name), wanted.get(name)
        if given is None or true is None:
            how = "missing" if true is not None else "invented" if given is not None else "right"
        else:
            one, other = _flat(given, true), _flat(true, given)
            same = one == other and isinstance(one, bool) == isinstance(other, bool)
            how = "right" if same else "wrong"
        if name in wanted or how == "invented":
            found[how].append(name)
    return FormScore(*(tuple(names) for names in found.values()))


def _fields(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    inside = dict(enumerate(value)) if isinstance(value, list) else value
    if isinstance(inside, Mapping):
        for key, item in inside.items():
            yield from _fields(item, f"{name}.{key}" if name else str(key))
    else:
        yield name, inside


def _flat(value: Any, other: Any) -> Any:
    """A value as it is compared: a text as what the other side is, where it can be read as that."""
    value = value.date() if isinstance(value, datetime) else value
    if not isinstance(value, str):
        return value
    try:
        if isinstance(other, date):
            return date.fromisoformat(value)
        is_number = isinstance(other, int | float) and not isinstance(other, bool)
        return float(value) if is_number else " ".join(value.casefold().split())
    except ValueError:
        return value
