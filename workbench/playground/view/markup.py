"""HTML of the playground's parts, made from what the model tells; every word in it is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from helpers import display
from workbench.playground import checking
from workbench.playground.attachments import Attachment
from workbench.playground.estimates import Estimate, attachment_tokens
from workbench.playground.grid import Cell, differences
from workbench.playground.history import MILLION, Comparison, Piece, Price, Row, cost_of, difference
from workbench.playground.request import Detail, Route
from workbench.playground.sending import Run, Status

_ROUTES = {Route.MODELS: "/models", Route.V1: "/openai/v1"}
_COLUMNS = (
    "run",
    "prompt",
    "reply",
    "asked",
    "status",
    "tokens in",
    "tokens out",
    "seconds",
    "cost",
    "rating",
)
_NUMBERS = ("tokens in", "tokens out", "seconds", "cost")
_TAGS = {"first": "del", "second": "ins"}


SHOWN_CHARACTERS = 20_000
"""How much of a text is put on the page: browsers stand still on a paragraph of a hundred kilobytes."""
SHOWN_IN_CELL = 1_500
"""How much of a reply a cell of a grid shows, in characters."""
SHOWN_ROWS = 200
"""How many runs the history shows, the newest."""


def beginning(text: str) -> str:
    """As much of a text as can be shown, with a word on the rest."""
    rest = len(text) - SHOWN_CHARACTERS
    return (
        text if rest <= 0 else f"{text[:SHOWN_CHARACTERS]}\n\n[{rest:,} more characters are not shown here.]"
    )


def reply(text: str) -> str:
    """A reply as inert HTML."""
    return display.show_reply(beginning(text)).html


def kilobytes(count: int) -> str:
    """Write a number of bytes for people."""
    return f"{count:,} bytes" if count < 1000 else f"{count / 1000:,.0f} kB"


def media(attachment: Attachment) -> str:
    """Show a picture, or a player with its waveform."""
    if attachment.kind == "image":
        alt = f"Attached picture: {attachment.name}, {attachment.width} by {attachment.height} pixels"
        return display.show_picture(attachment.data, alt).html
    return display.show_clip(attachment.data, f"Attached clip: {attachment.name}").html


def attached(attachment: Attachment, deployment: str, detail: Detail | None) -> str:
    """Show an attachment before it is sent, with what it weighs; a shrunk picture beside its original."""
    whole = attachment.shrunk_from
    shown = (
        [(whole, "Original"), (attachment, "Smaller copy, which is sent")] if whole else [(attachment, "")]
    )
    figures = "".join(
        f"<figure>{media(one)}<figcaption>{escape(f'{label}: ' if label else '')}"
        f"{_weight(one, deployment, detail)}</figcaption></figure>"
        for one, label in shown
    )
    is_warning = attachment.note.startswith("Warning")
    mark = "pg-trouble" if is_warning else "pg-soft"
    notes = f'<div class="{mark}">{escape(attachment.note)}</div>' if attachment.note else ""
    return f'<div class="pg-shown">{figures}</div>{notes}'


def _weight(attachment: Attachment, deployment: str, detail: Detail | None) -> str:
    count = attachment_tokens(attachment, deployment, detail)
    tokens = "tokens unknown for this deployment" if count is None else f"about {count:,} tokens"
    return f"{escape(attachment.describe())}, {tokens}"


def estimate(expected: Estimate, price: Price | None = None, spent: float | None = None) -> str:
    """Say what the next request will weigh and cost, and what the runs so far did."""
    if expected.total is None:
        tokens = f"about {expected.text:,} tokens of text; those of media are unknown for this deployment"
    else:
        tokens = f"about {expected.total:,} tokens"
    cost = ""
    if price and expected.total is not None:
        cost = f", {expected.total * price.input / MILLION:.6f} before the reply"
    total = "" if spent is None else f" So far: {spent:.6f}."
    words = f"Next request: {tokens}{cost}, {kilobytes(expected.wire_bytes)} on the wire.{total}"
    return f'<span class="pg-soft">{words}</span>'


def facts(run: Run) -> str:
    """Say in plain text who was asked, what it cost and how long it took, and whether JSON is as it was asked for."""
    options = run.request.options
    parts = [f"{options.deployment} by the route {_ROUTES[options.route]}"]
    if run.is_over:
        parts.append(
            f"{run.usage.prompt_tokens:,} tokens in, {run.usage.completion_tokens:,} out"
            if run.usage
            else "no token count was told"
        )
    if run.first_seconds is not None:
        parts.append(f"first words after {run.first_seconds:.2f} s")
    if run.is_over and run.seconds is not None:
        parts.append(f"{run.seconds:.2f} s in all")
    if run.status is Status.STOPPED:
        parts.append("stopped")
    if run.finish_reason == "length":
        parts.append("cut at max tokens")
    if options.response_format and run.status is Status.DONE:
        lacks = checking.problem(
            run.text, options.json_schema if options.response_format == "json_schema" else None
        )
        parts.append(f"not the JSON that was asked for: {lacks}" if lacks else "JSON as asked for")
    return " · ".join(parts)


def history(rows: Sequence[Row]) -> str:
    """Show the runs as a table, the newest first."""
    if not rows:
        return '<p class="pg-soft">Nothing to show yet.</p>'
    head = "".join(
        f'<th scope="col"{_number_class(name in _NUMBERS)}>{escape(name)}</th>' for name in _COLUMNS
    )
    shown = list(rows)[::-1][:SHOWN_ROWS]
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in shown)
    more = (
        f"<caption>The newest {SHOWN_ROWS} of {len(rows):,} runs</caption>" if len(rows) > len(shown) else ""
    )
    table = f'<table class="pg-runs">{more}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="pg-scroll" tabindex="0" role="region" aria-label="History of runs">{table}</div>'


def _cells(row: Row) -> str:
    prompt = escape(row.prompt) + (
        f'<div class="pg-soft">{escape(row.attachments)}</div>' if row.attachments else ""
    )
    asked = f'{escape(row.deployment)}<div class="pg-soft">{escape(row.route)}</div>'
    rated = "★" * row.rating + (f'<div class="pg-soft">{escape(row.note)}</div>' if row.note else "")
    counts = (
        "" if row.tokens_in is None else f"{row.tokens_in:,}",
        "" if row.tokens_out is None else f"{row.tokens_out:,}",
        "" if row.seconds is None else f"{row.seconds:.2f}",
        "" if row.cost is None else f"{row.cost:.6f}",
    )
    cells = [f'<th scope="row">{row.number}</th>', f'<td class="pg-words">{prompt}</td>']
    cells += [
        f'<td class="pg-words">{escape(row.reply)}</td>',
        f"<td>{asked}</td>",
        f"<td>{escape(row.status)}</td>",
    ]
    return "".join(
        [*cells, *(f"<td{_number_class(True)}>{count}</td>" for count in counts), f"<td>{rated}</td>"]
    )


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
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in named)
    body = ""
    for start in range(0, len(cells), len(choices)):
        row = cells[start : start + len(choices)]
        values = "".join(
            f"<div><b>{escape(name)}</b>: {escape(one)}</div>" for name, one in row[0].values.items()
        )
        file = row[0].attachment
        shown = f"{media(file)}<div>{escape(file.name)}</div>" if file else ""
        body += (
            f'<tr><th scope="row" class="pg-media">{shown}{values or (not file and "the prompt") or ""}</th>'
        )
        body += (
            "".join(_grid_cell(start + place, cell, row[0].run, prices) for place, cell in enumerate(row, 1))
            + "</tr>"
        )
    table = f'<table class="pg-runs"><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="pg-scroll" tabindex="0" role="region" aria-label="Grid of replies">{table}</div>'


def _grid_cell(number: int, cell: Cell, first: Run, prices: Mapping[str, Price]) -> str:
    run = cell.run
    text = run.text[:SHOWN_IN_CELL] + ("…" if len(run.text) > SHOWN_IN_CELL else "")
    shown = escape(text)
    if run is not first and run.is_over and first.is_over:
        shown = _side(difference(first.text[:SHOWN_IN_CELL], text), "second")
    cost = cost_of(run, prices)
    facts = [f"{number}", run.status.value]
    facts += (
        [f"{run.usage.prompt_tokens:,} tokens in, {run.usage.completion_tokens:,} out"] if run.usage else []
    )
    facts += [f"{run.seconds:.2f} s"] if run.seconds is not None else []
    facts += [f"{cost:.6f}"] if cost is not None else []
    error = f'<div class="pg-trouble">{escape(str(run.error))}</div>' if run.error else ""
    return (
        f'<td class="pg-words"><div class="pg-asked">{shown}</div>{error}'
        f'<div class="pg-soft">{" · ".join(facts)}{" " + "★" * run.rating if run.rating else ""}</div></td>'
    )


def _number_class(is_number: bool) -> str:
    return ' class="pg-number"' if is_number else ""


def comparison(compared: Comparison, first: str, second: str) -> str:
    """Show two runs side by side: what differs in the settings, the prompt and the reply."""
    rows = "".join(
        f'<tr><th scope="row">{escape(what)}</th><td>{escape(one)}</td><td>{escape(other)}</td></tr>'
        for what, one, other in compared.settings
    )
    head = f'<th scope="col">what differs</th><th scope="col">{escape(first)}</th><th scope="col">{escape(second)}</th>'
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    sides = _sides("Prompt", compared.prompt, first, second) + _sides("Reply", compared.reply, first, second)
    return f'<div class="pg-scroll" tabindex="0" role="region" aria-label="Comparison">{table}{sides}</div>'


def _sides(what: str, pieces: Sequence[Piece], first: str, second: str) -> str:
    columns = "".join(
        f"<div><h4>{escape(f'{what} of {name}')}</h4><div class='pg-asked'>{_side(pieces, side)}</div></div>"
        for name, side in ((first, "first"), (second, "second"))
    )
    return f'<div class="pg-sides">{columns}</div>'


def _side(pieces: Sequence[Piece], side: str) -> str:
    marked = (
        escape(beginning(piece.text))
        if piece.kind == "same"
        else f"<{_TAGS[side]}>{escape(beginning(piece.text))}</{_TAGS[side]}>"
        for piece in pieces
        if piece.kind in ("same", side)
    )
    return "".join(marked)
