"""What past runs cost and how two of them differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import SequenceMatcher
from math import isfinite
from typing import Any, Literal

from workbench.playground.request import Options, RequestError, is_number
from workbench.playground.sending import Run, Usage

MILLION = 1_000_000
ROW_CHARACTERS = 300  # how much of a prompt and of a reply a row shows
COMPARED_CHARACTERS = 20_000
"""How much of two texts is compared: the time that takes grows with the square of their words."""


@dataclass(frozen=True)
class Price:
    """What a deployment costs per million tokens in and out, in any currency; RequestError if below 0 or no number."""

    input: float
    output: float

    def __post_init__(self) -> None:
        for price in (self.input, self.output):
            if not (is_number(price) and isfinite(price) and price >= 0):
                raise RequestError(f"A price is a number, 0 or more, per million tokens, not {price!r}.")

    def cost(self, usage: Usage) -> float:
        """The cost of one reply, in the price's currency."""
        return (usage.prompt_tokens * self.input + usage.completion_tokens * self.output) / MILLION


@dataclass(frozen=True)
class Piece:
    """A stretch of text that both have, or only the first, or only the second."""

    kind: Literal["same", "first", "second"]
    text: str


@dataclass(frozen=True)
class Comparison:
    """How two runs differ: what was asked and counted differently, and prompt and reply word by word."""

    settings: list[tuple[str, str, str]]
    prompt: list[Piece] = field(repr=False)
    reply: list[Piece] = field(repr=False)


def records(
    runs: Iterable[Run], prices: Mapping[str, Price], *, least_rating: int = 0
) -> list[dict[str, Any]]:
    """Say of each past run, oldest first, what it asked and took; None where nothing was told or no price is known.

    With `least_rating` only of those that were rated so or better.
    """
    return [
        {
            "run": number,
            "prompt": beginning(run.request.prompt.text, ROW_CHARACTERS),
            "attachments": ", ".join(item.name for item in run.request.prompt.attachments),
            **taken(run, prices),
            "reply": beginning(run.text or str(run.error or ""), ROW_CHARACTERS),
        }
        for number, run in enumerate(runs, 1)
        if run.rating >= least_rating
    ]


def taken(run: Run, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Whom a run asked, what came and what it took; the reply is whole."""
    options, usage = run.request.options, run.usage
    return {
        "deployment": options.deployment,
        "route": options.route.value,
        "status": run.status.value,
        "reply": run.text or str(run.error or ""),
        "tokens_in": usage and usage.prompt_tokens,
        "tokens_out": usage and usage.completion_tokens,
        "seconds": run.seconds,
        "cost": cost_of(run, prices),
        "rating": run.rating,
        "note": run.note,
    }


def tokens_over_turns(runs: Iterable[Run]) -> list[tuple[str, Usage]]:
    """The usage of each run that has one, labeled, as `helpers.display.usage_plot` takes it."""
    return [
        (f"{number}. {beginning(run.request.prompt.text, 24) or 'no text'}", run.usage)
        for number, run in enumerate(runs, 1)
        if run.usage
    ]


def compare(first: Run, second: Run, prices: Mapping[str, Price] | None = None) -> Comparison:
    """Set two runs side by side."""
    facts = [_facts(run, prices or {}) for run in (first, second)]
    settings = [
        (name, facts[0][name], facts[1][name]) for name in facts[0] if facts[0][name] != facts[1][name]
    ]
    return Comparison(
        settings,
        difference(first.request.prompt.text, second.request.prompt.text),
        difference(first.text, second.text),
    )


def difference(first: str, second: str) -> list[Piece]:
    """Compare two texts word by word."""
    rest = [Piece("first", first[COMPARED_CHARACTERS:]), Piece("second", second[COMPARED_CHARACTERS:])]
    first, second = first[:COMPARED_CHARACTERS], second[:COMPARED_CHARACTERS]
    # A word takes the white space behind it along, so that no character is lost.
    words, others = (re.findall(r"\S+\s*|\s+", text) for text in (first, second))
    pieces: list[Piece] = []
    for tag, start, end, other_start, other_end in SequenceMatcher(None, words, others).get_opcodes():
        gone, come = "".join(words[start:end]), "".join(others[other_start:other_end])
        if tag == "equal":
            pieces.append(Piece("same", gone))
        else:
            pieces += [Piece("first", gone), Piece("second", come)]
    return [piece for piece in pieces + rest if piece.text]


def _facts(run: Run, prices: Mapping[str, Price]) -> dict[str, str]:
    """What two runs may differ in, in words."""
    request, usage = run.request, run.usage

    def said(value: Any, form: str = "", otherwise: str = "not told") -> str:
        return otherwise if value is None else format(value, form)

    chosen = {one.name: getattr(request.options, one.name) for one in fields(Options)}
    return {
        "system message": request.system or "none",
        "earlier turns": str(len(request.turns) - 1),
        "attachments": "; ".join(item.describe() for item in request.prompt.attachments) or "none",
        **{
            name.replace("_", " "): "not set" if value is None else str(value)
            for name, value in chosen.items()
        },
        "status": run.status.value,
        "prompt tokens": said(usage and usage.prompt_tokens, ","),
        "reply tokens": said(usage and usage.completion_tokens, ","),
        "seconds": said(run.seconds, ".2f", "none"),
        "seconds to the first character": said(run.first_seconds, ".2f", "none"),
        "cost": said(cost_of(run, prices), ".6f", "not known"),
    }


def cost_of(run: Run, prices: Mapping[str, Price]) -> float | None:
    """What a run cost, in the price's currency; None where no price or no count is known."""
    price = prices.get(run.request.options.deployment)
    return price.cost(run.usage) if price and run.usage else None


def beginning(text: str, count: int) -> str:
    """The first characters of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= count else line[: count - 1].rstrip() + "…"
