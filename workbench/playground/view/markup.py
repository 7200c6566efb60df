"""HTML of the playground's parts, made from what the model tells; every word in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from helpers import display
from workbench.playground import checking
from workbench.playground.attachments import Attachment, kilobytes
from workbench.playground.estimates import Estimate, attachment_tokens
from workbench.playground.grid import Cell, differences
from workbench.playground.history import MILLION, Comparison, Piece, Price, difference, taken
from workbench.playground.request import Detail, Route
from workbench.playground.sending import Run, Status

SHOWN_CHARACTERS = 20_000
"""How much of a text is put on the page: browsers stand still on a paragraph of a hundred kilobytes."""
SHOWN_IN_CELL = 1_500  # how much of a reply a cell of a grid shows, in characters
SHOWN_ROWS = 200  # how many runs the history shows, the newest

_ROUTES = {Route.MODELS: "/models", Route.V1: "/openai/v1"}
_NUMBERS = {"tokens in": ",", "tokens out": ",", "seconds": ".2f", "cost": ".6f"}
_TAGS = {"first": "del", "second": "ins"}


def beginning(text: str) -> str:
    """As much of a text as can be shown, with a word on the rest."""
    rest = len(text) - SHOWN_CHARACTERS
    more = f"\n\n[{rest:,} more characters are not shown here.]"
    return text if rest <= 0 else text[:SHOWN_CHARACTERS] + more


def reply(text: str) -> str:
    """A reply as inert HTML."""
    return display.show_reply(beginning(text)).html


def soft(words: str, *, is_trouble: bool = False) -> str:
    """A remark, or what is wrong; no line if there is nothing to say."""
    return f'<div class="{"pg-trouble" if is_trouble else "pg-soft"}">{escape(words)}</div>' if words else ""


def media(attachment: Attachment) -> str:
    """Show a picture, or a player with its waveform."""
    if attachment.kind == "image":
        alt = f"Attached picture: {attachment.name}, {attachment.width} by {attachment.height} pixels"
        return display.show_picture(attachment.data, alt).html
    return display.show_clip(attachment.data, f"Attached clip: {attachment.name}").html


def attached(attachment: Attachment, deployment: str, detail: Detail | None) -> str:
    """Show an attachment before it is sent, with what it weighs; a shrunk picture beside its original."""
    shown = [(attachment, "")]
    if attachment.shrunk_from:
        shown = [(attachment.shrunk_from, "Original: "), (attachment, "Smaller copy, which is sent: ")]
    figures = ""
    for one, label in shown:
        count = attachment_tokens(one, deployment, detail)
        tokens = "tokens unknown for this deployment" if count is None else f"about {count:,} tokens"
        caption = escape(f"{label}{one.describe()}, {tokens}")
        figures += f"<figure>{media(one)}<figcaption>{caption}</figcaption></figure>"
    note = soft(attachment.note, is_trouble=attachment.note.startswith("Warning"))
    return f'<div class="pg-shown">{figures}</div>{note}'


def estimate(expected: Estimate, price: Price | None = None, spent: float | None = None) -> str:
    """Say what the next request will weigh and cost, and what the runs so far did."""
    tokens, cost = (
        f"about {expected.text:,} tokens of text; those of media are unknown for this deployment",
        "",
    )
    if expected.total is not None:
        tokens = f"about {expected.total:,} tokens"
        cost = f", {expected.total * price.input / MILLION:.6f} before the reply" if price else ""
    total = "" if spent is None else f" So far: {spent:.6f}."
    return soft(f"Next request: {tokens}{cost}, {kilobytes(expected.wire_bytes)} on the wire.{total}")


def facts(run: Run) -> str:
    """Say in plain text who was asked, what it cost and how long it took, and whether JSON is as it was asked for."""
    options, usage = run.request.options, run.usage
    told = f"{usage.prompt_tokens:,} tokens in, {usage.completion_tokens:,} out" if usage else ""
    schema = options.json_schema if options.response_format == "json_schema" else None
    parts = {
        f"{options.deployment} by the route {_ROUTES[options.route]}": True,
        told or "no token count was told": run.is_over,
        f"first words after {run.first_seconds or 0:.2f} s": run.first_seconds is not None,
        f"{run.seconds or 0:.2f} s in all": run.is_over and run.seconds is not None,
        "stopped": run.status is Status.STOPPED,
        "cut at max tokens": run.finish_reason == "length",
    }
    if options.response_format and run.status is Status.DONE:
        lacks = checking.problem(run.text, schema)
        parts[f"not the JSON that was asked for: {lacks}" if lacks else "JSON as asked for"] = True
    return " · ".join(part for part, holds in parts.items() if holds)


def history(records: Sequence[Mapping[str, Any]]) -> str:
    """Show `history.records` as a table, the newest first."""
    if not records:
        return '<p class="pg-soft">Nothing to show yet.</p>'
    head = ("run", "prompt", "reply", "asked", "status", *_NUMBERS, "rating")
    more = f"The newest {SHOWN_ROWS} of {len(records):,} runs" if len(records) > SHOWN_ROWS else ""
    rows = []
    for one in records[: -SHOWN_ROWS - 1 : -1]:
        counts = [(one[name.replace(" ", "_")], form) for name, form in _NUMBERS.items()]
        rows.append(
            [
                f'<th scope="row">{one["run"]}</th>',
                _cell(escape(one["prompt"]) + soft(one["attachments"]), "pg-words"),
                _cell(escape(one["reply"]), "pg-words"),
                _cell(escape(one["deployment"]) + soft(one["route"])),
                _cell(escape(one["status"])),
                *(_cell("" if count is None else format(count, form), "pg-number") for count, form in counts),
                _cell("★" * one["rating"] + soft(one["note"])),
            ]
        )
    return _region("History of runs", _table(head, rows, more))


def grid(cells: Sequence[Cell], prices: Mapping[str, Price]) -> str:
    """Show a grid: a row for each file and set of values, a column for each choice of settings.

    What differs from the reply in the first column is underlined.
    """
    choices = list(dict.fromkeys(cell.options for cell in cells))
    apart = differences(choices)
    named = [
        ", ".join([one.deployment, *(f"{name.replace('_', ' ')} {getattr(one, name)}" for name in apart)])
        for one in choices
    ]
    rows = []
    for start in range(0, len(cells), len(choices)):
        row = cells[start : start + len(choices)]
        file, values = row[0].attachment, row[0].values.items()
        words = "".join(f"<div><b>{escape(name)}</b>: {escape(one)}</div>" for name, one in values)
        shown = f"{media(file)}<div>{escape(file.name)}</div>" if file else "" if values else "the prompt"
        first = f'<th scope="row" class="pg-media">{shown}{words}</th>'
        rows.append(
            [first, *(_grid_cell(start + n, cell.run, row[0].run, prices) for n, cell in enumerate(row, 1))]
        )
    return _region("Grid of replies", _table(("", *named), rows))


def _grid_cell(number: int, run: Run, first: Run, prices: Mapping[str, Price]) -> str:
    text = run.text[:SHOWN_IN_CELL] + ("…" if len(run.text) > SHOWN_IN_CELL else "")
    shown = escape(text)
    if run is not first and run.is_over and first.is_over:
        shown = _side(difference(first.text[:SHOWN_IN_CELL], text), "second")
    took = taken(run, prices)
    forms = {"tokens_in": "{:,} tokens in", "tokens_out": "{:,} out", "seconds": "{:.2f} s", "cost": "{:.6f}"}
    facts = [form.format(took[name]) for name, form in forms.items() if took[name] is not None]
    told = soft(" · ".join([f"{number}", run.status.value, *facts]) + (" " + "★" * run.rating).rstrip())
    error = soft(str(run.error or ""), is_trouble=True)
    return _cell(f'<div class="pg-asked">{shown}</div>{error}{told}', "pg-words")


def comparison(compared: Comparison, first: str, second: str) -> str:
    """Show two runs side by side: what differs in the settings, the prompt and the reply."""
    rows = [
        [f'<th scope="row">{escape(what)}</th>', _cell(escape(one)), _cell(escape(other))]
        for what, one, other in compared.settings
    ]
    sides = ""
    for what, pieces in (("Prompt", compared.prompt), ("Reply", compared.reply)):
        columns = "".join(
            f"<div><h4>{escape(f'{what} of {name}')}</h4><div class='pg-asked'>{_side(pieces, side)}</div></div>"
            for name, side in ((first, "first"), (second, "second"))
        )
        sides += f'<div class="pg-sides">{columns}</div>'
    return _region("Comparison", _table(("what differs", first, second), rows, kind="") + sides)


def _side(pieces: Iterable[Piece], side: str) -> str:
    marked = ""
    for piece in pieces:
        words = escape(beginning(piece.text))
        if piece.kind == "same":
            marked += words
        elif piece.kind == side:
            marked += f"<{_TAGS[side]}>{words}</{_TAGS[side]}>"
    return marked


def _cell(content: str, kind: str = "") -> str:
    return f'<td class="{kind}">{content}</td>'


def _table(
    head: Iterable[str], rows: Iterable[Iterable[str]], caption: str = "", kind: str = "pg-runs"
) -> str:
    columns = "".join(
        f'<th scope="col" class="{"pg-number" if name in _NUMBERS else ""}">{escape(name)}</th>'
        if name
        else "<td></td>"
        for name in head
    )
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    above = f"<caption>{caption}</caption>" if caption else ""
    return f'<table class="{kind}">{above}<thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>'


def _region(label: str, content: str) -> str:
    return f'<div class="pg-scroll" tabindex="0" role="region" aria-label="{label}">{content}</div>'
