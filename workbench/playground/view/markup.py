"""HTML of the playground's parts, made from what the model tells; every word in it is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from helpers import display
from workbench.playground.attachments import Attachment
from workbench.playground.estimates import Estimate, attachment_tokens
from workbench.playground.history import Comparison, Piece, Row
from workbench.playground.request import Route
from workbench.playground.sending import Run, Status

_ROUTES = {Route.MODELS: "/models", Route.V1: "/openai/v1"}
_NUMBERS = ("tokens in", "tokens out", "seconds", "cost")
_TAGS = {"first": "del", "second": "ins"}


def kilobytes(count: int) -> str:
    """Write a number of bytes for people.

    Args:
        count: bytes.
    """
    return f"{count:,} bytes" if count < 1000 else f"{count / 1000:,.0f} kB"


def media(attachment: Attachment) -> str:
    """Show a picture, or a player with its waveform.

    Args:
        attachment: what to show.
    """
    if attachment.kind == "image":
        alt = f"Attached picture: {attachment.name}, {attachment.width} by {attachment.height} pixels"
        return display.show_picture(attachment.data, alt).html
    return display.show_clip(attachment.data, f"Attached clip: {attachment.name}").html


def attached(attachment: Attachment, deployment: str, detail: str | None) -> str:
    """Show an attachment before it is sent, with what it weighs; a shrunk picture beside its original.

    Args:
        attachment: what will be sent.
        deployment: who will be asked, for the count of tokens.
        detail: how closely the model will look, or None.
    """
    whole = attachment.shrunk_from
    shown = (
        [(whole, "Original"), (attachment, "Smaller copy, which is sent")] if whole else [(attachment, "")]
    )
    figures = "".join(
        f"<figure>{media(one)}<figcaption>{escape(f'{label}: ' if label else '')}"
        f"{_weight(one, deployment, detail)}</figcaption></figure>"
        for one, label in shown
    )
    notes = f'<div class="pg-soft">{escape(attachment.note)}</div>' if attachment.note else ""
    return f'<div class="pg-shown">{figures}</div>{notes}'


def _weight(attachment: Attachment, deployment: str, detail: str | None) -> str:
    count = attachment_tokens(attachment, deployment, detail)
    tokens = "tokens unknown for this deployment" if count is None else f"about {count:,} tokens"
    return f"{escape(attachment.describe())}, {tokens}"


def estimate(expected: Estimate) -> str:
    """Say what the next request will weigh.

    Args:
        expected: the model's estimate.
    """
    if expected.total is None:
        tokens = f"about {expected.text:,} tokens of text; those of media are unknown for this deployment"
    else:
        tokens = f"about {expected.total:,} tokens"
    return (
        f'<span class="pg-soft">Next request: {tokens}, {kilobytes(expected.wire_bytes)} on the wire.</span>'
    )


def facts(run: Run) -> str:
    """Say in plain text who was asked, what it cost and how long it took.

    Args:
        run: the turn's run.
    """
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
    return " · ".join(parts)


def history(rows: Sequence[Row]) -> str:
    """Show the runs as a table.

    Args:
        rows: the model's rows.
    """
    if not rows:
        return '<p class="pg-soft">Nothing was sent yet.</p>'
    names = ("run", "prompt", "attachments", "deployment", "route", "status", *_NUMBERS)
    head = "".join(f'<th scope="col"{_number_class(name in _NUMBERS)}>{escape(name)}</th>' for name in names)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="pg-scroll" tabindex="0" role="region" aria-label="History of runs">{table}</div>'


def _cells(row: Row) -> str:
    words = (row.prompt, row.attachments, row.deployment, row.route, row.status)
    counts = (
        "" if row.tokens_in is None else f"{row.tokens_in:,}",
        "" if row.tokens_out is None else f"{row.tokens_out:,}",
        "" if row.seconds is None else f"{row.seconds:.2f}",
        "" if row.cost is None else f"{row.cost:.6f}",
    )
    cells = [f'<th scope="row">{row.number}</th>', *(f"<td>{escape(word)}</td>" for word in words)]
    return "".join(cells + [f"<td{_number_class(True)}>{count}</td>" for count in counts])


def _number_class(is_number: bool) -> str:
    return ' class="pg-number"' if is_number else ""


def comparison(compared: Comparison, first: str, second: str) -> str:
    """Show two runs side by side: what differs in the settings, the prompt and the reply.

    Args:
        compared: the model's comparison.
        first: what the first run is called.
        second: what the second run is called.
    """
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
        escape(piece.text) if piece.kind == "same" else f"<{_TAGS[side]}>{escape(piece.text)}</{_TAGS[side]}>"
        for piece in pieces
        if piece.kind in ("same", side)
    )
    return "".join(marked)
