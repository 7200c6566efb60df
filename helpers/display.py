"""What a person looks at: a picture, a clip, a reply, the tokens used; each with words for those who cannot see it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import nh3
import numpy as np
import pybase64
from markdown_it import MarkdownIt
from markdown_it.token import Token
from matplotlib import pyplot
from matplotlib.figure import Figure
from PIL import Image

from formats.pictures import with_few_colors
from helpers.encoding import ready_picture
from helpers.media import MediaError as MediaError
from helpers.media import decoded, figure_png, mono, open_media, remote_url, sound_info

MAX_SHOWN_BYTES = 200_000
"""Most bytes of a picture put into a cell as they are; of a larger one a smaller copy is shown."""
MAX_SHOWN_SIDE = 1000
"""Longest side of such a copy, in pixels."""
MAX_PLAYED_BYTES = 1_000_000
"""Most bytes of a clip put into a cell, where they are saved with the notebook."""
MAX_DRAWN_SAMPLES = 30_000_000
"""Most samples of a clip whose waveform is drawn: ten minutes at 48 kHz, one channel. They are all in memory."""

# Blue and orange of Okabe and Ito's palette, which people with any kind of color vision tell apart
# (https://jfly.uni-koeln.de/color/).
_BLUE, _ORANGE = "#0072B2", "#E69F00"
# A white card under pictures: figures are drawn in dark ink, and the page around them may be dark too.
_CARD = "background:#fff;max-width:100%;height:auto"
_FORMATTING = "blockquote br code em h1 h2 h3 h4 h5 h6 hr li ol p pre s strong table tbody td th thead tr ul"
_COUNTS = {"prompt_tokens": "prompt", "completion_tokens": "completion", "total_tokens": "total"}


@dataclass(frozen=True)
class Shown:
    """Something to look at in a notebook cell (`html`), and the words for it everywhere else (`text`)."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def show_picture(source: Any, alt: str, *, width: int | None = None) -> Shown:
    """Show a picture with its alternative text.

    Args:
        source: As for `helpers.encoding.image_part`, but a picture on the web must be downloaded first.
        alt: What the picture shows, in words.
        width: Width in the page, in CSS pixels; the picture's own if None.

    Raises MediaError if one of them is of no use.
    """
    alt = _words(alt, width)
    if isinstance(source, Figure):
        return show_figure(source, alt, width=width)
    _refuse_remote(source)
    with ready_picture(source) as media:
        data, media_type, is_drawn = media.read(), media.media_type, not media.is_original
        if len(data) > MAX_SHOWN_BYTES:
            copy = decoded(media, (MAX_SHOWN_SIDE, MAX_SHOWN_SIDE))
            data, media_type, is_drawn = with_few_colors(copy), "image/png", True
    return Shown(_img(data, media_type, alt, width=width, is_drawn=is_drawn), alt)


def show_clip(source: Any, alt: str) -> Shown:
    """Show a player and the waveform of a clip, or above `MAX_PLAYED_BYTES` its waveform alone.

    `alt` says in words what is heard. Raises MediaError if it or the source is of no use.
    """
    alt = _words(alt)
    _refuse_remote(source)
    with open_media(source, wanted="audio") as media:
        info = sound_info(media)
        if info.frames * info.channels > MAX_DRAWN_SAMPLES:
            raise MediaError(
                f"{media.name} is too long to be shown ({info.duration / 60:.0f} minutes): cut it first."
            )
        data = media.mended or media.read()
        waveform = _png(_waveform(mono(media), info.samplerate))
    facts = f"{info.duration:.1f} s, {info.samplerate} Hz, {info.channels} channel{'s' * (info.channels > 1)}"
    text = f"{alt} ({facts})"
    picture = _img(waveform, "image/png", f"Waveform of the clip: {text}", is_drawn=True)
    if len(data) > MAX_PLAYED_BYTES:
        return Shown(f"<p>{escape(text)}: too long to play inside a notebook.</p>{picture}", text)
    player = f'<audio controls preload="metadata" title="{escape(text)}" src="{_url(data, media.media_type)}"></audio>'
    return Shown(f"<div>{player}</div>{picture}", text)


def show_reply(text: str) -> Shown:
    """Show a model's reply as formatted text in which nothing can run or load.

    A model repeats what it was fed, so its words are treated as a stranger's. Markdown is formatted; HTML in it
    stays visible as the characters it is; a picture is replaced by its alternative text, and a link by its words
    and its address. Raises MediaError if `text` is not a string.
    """
    if not isinstance(text, str):
        raise MediaError(
            f"A reply is shown from its text, not from {type(text).__name__}: give "
            "response.choices[0].message.content, and if that is None look at finish_reason."
        )
    # A terminal would obey escape sequences where a browser does not; lone surrogates cannot be saved at all.
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", text.replace("\r\n", "\n"))
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.core.ruler.push("inert", _disarm)
    rendered = nh3.clean(markdown.render(text), tags=set(_FORMATTING.split()), attributes={"ol": {"start"}})
    # JupyterLab would read "$5 or $6" as a formula; the class tells MathJax to pass over this block.
    return Shown(f'<div class="mathjax_ignore">{rendered}</div>', text)


def usage_table(usage: Any) -> Shown:
    """Show the tokens of one reply, from its `usage` or a dict like it; MediaError if one is no count."""
    counts = {label: _count(usage, key) for key, label in _COUNTS.items()}
    head = '<thead><tr><th scope="col">part</th><th scope="col">tokens</th></tr></thead>'
    rows = "".join(
        f'<tr><th scope="row">{label}</th><td style="text-align:right">{count:,}</td></tr>'
        for label, count in counts.items()
    )
    html = f"<table><caption>Tokens used</caption>{head}<tbody>{rows}</tbody></table>"
    widest = max(len(f"{count:,}") for count in counts.values())
    return Shown(html, "\n".join(f"{label:<10}  {count:>{widest},}" for label, count in counts.items()))


def usage_plot(usages: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Shown:
    """Plot prompt and completion tokens of several replies, one bar each; MediaError if one is of no use."""
    pairs = _pairs(usages)
    labels = [label for label, _ in pairs]
    prompts = [_count(usage, "prompt_tokens") for _, usage in pairs]
    completions = [_count(usage, "completion_tokens") for _, usage in pairs]
    figure = Figure(figsize=(7, 1.2 + 0.45 * len(pairs)), layout="constrained")
    axes = figure.add_subplot()
    rows = range(len(pairs))
    axes.barh(rows, prompts, color=_BLUE, label="prompt")
    # The hatching tells the two apart without any color.
    axes.barh(
        rows, completions, left=prompts, color=_ORANGE, hatch="///", edgecolor="white", label="completion"
    )
    # Labels are a learner's words: a dollar sign in them is not a formula.
    axes.set_yticks(rows, labels, parse_math=False)
    axes.invert_yaxis()
    axes.set_xlabel("tokens")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    each = "; ".join(
        f"{label}: {prompt:,} prompt and {completion:,} completion"
        for label, prompt, completion in zip(labels, prompts, completions, strict=True)
    )
    return show_figure(figure, f"Bar chart of tokens used. {each}.")


def show_figure(figure: Figure, alt: str, *, width: int | None = None) -> Shown:
    """Show a matplotlib figure as `show_picture` does a picture, once: the figure is closed."""
    alt = _words(alt, width)
    if not isinstance(figure, Figure):
        given = type(figure).__name__
        raise MediaError(f"Give a matplotlib figure, not {given}; from axes take axes.figure.")
    return Shown(_img(_png(figure), "image/png", alt, width=width, is_drawn=True), alt)


def _words(alt: Any, width: Any = None) -> str:
    if not isinstance(alt, str) or not alt.strip():
        raise MediaError("alt is missing: say in words what there is to see or hear, for those who cannot.")
    if width is not None and (isinstance(width, bool) or not isinstance(width, int) or width < 1):
        raise MediaError(f"width is a whole number of pixels, 1 or more, or None; not {width!r}.")
    return " ".join(alt.split())


def _refuse_remote(source: Any) -> None:
    if remote_url(source):
        raise MediaError("A cell loads nothing from the web: download the file first, then show its bytes.")


def _url(data: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{pybase64.b64encode_as_string(data)}"


def _img(data: bytes, media_type: str, alt: str, *, width: int | None = None, is_drawn: bool) -> str:
    """Write the tag; the class tells apart pictures whose bytes may differ between machines."""
    kind = "drawn" if is_drawn else "shipped"
    size = "" if width is None else f' width="{width}"'
    return f'<img class="{kind}" alt="{escape(alt)}"{size} style="{_CARD}" src="{_url(data, media_type)}">'


def _png(figure: Figure) -> bytes:
    try:
        drawn = figure_png(figure, dpi=100, facecolor="white", bbox_inches="tight")
    finally:
        # Left open, the figure would be shown a second time below the cell, without alternative text.
        pyplot.close(figure)
    with Image.open(io.BytesIO(drawn)) as picture:
        return with_few_colors(picture.convert("RGB"))


def _waveform(samples: np.ndarray, rate: int) -> Figure:
    # One column of pixels shows the lowest and the highest sample of its stretch of time.
    stretches = np.array_split(samples, min(600, len(samples)))
    times = np.linspace(0, len(samples) / rate, len(stretches))
    figure = Figure(figsize=(7, 1.6), layout="constrained")
    axes = figure.add_subplot()
    lows, highs = [part.min() for part in stretches], [part.max() for part in stretches]
    axes.fill_between(times, lows, highs, color=_BLUE, linewidth=0.5)
    axes.set(xlabel="seconds", ylabel="amplitude", ylim=(-1, 1), xlim=(0, len(samples) / rate))
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _count(usage: Any, key: str) -> int:
    value = usage.get(key) if isinstance(usage, Mapping) else getattr(usage, key, None)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise MediaError(
            f"The usage has no whole number under {key} (found {value!r}): give response.usage, or a dict with "
            f"{', '.join(_COUNTS)}."
        )
    return value


def _pairs(usages: Any) -> list[tuple[str, Any]]:
    given = usages.items() if isinstance(usages, Mapping) else usages
    items = list(given) if isinstance(given, Iterable) else []
    if not items or any(not isinstance(item, tuple | list) or len(item) != 2 for item in items):
        raise MediaError('Give at least one label with its usage, such as {"640 by 480": response.usage}.')
    return [(_words(label), usage) for label, usage in items]


def _disarm(state: Any) -> None:
    """Replace pictures by their alternative text, and links by their words and address."""
    for block in state.tokens:
        addresses = []
        for token in block.children or []:
            if token.type == "image":
                _make_text(token, f"[picture: {token.content}]")
            elif token.type == "link_open":
                addresses.append("" if token.markup == "autolink" else f" ({token.attrGet('href')})")
                _make_text(token, "")
            elif token.type == "link_close":
                _make_text(token, addresses.pop())


def _make_text(token: Token, content: str) -> None:
    token.type, token.tag, token.content, token.children, token.nesting = "text", "", content, None, 0
