"""What a cell shows: exact words and bytes, alternative text everywhere, and nothing that can run or load."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile
from azure.ai.inference.models import CompletionsUsage
from IPython.core.formatters import DisplayFormatter
from matplotlib import pyplot
from matplotlib.figure import Figure
from openai.types import CompletionUsage
from PIL import Image

from helpers.display import (
    MAX_PLAYED_BYTES,
    MAX_SHOWN_SIDE,
    MediaError,
    show_clip,
    show_figure,
    show_picture,
    show_reply,
    usage_plot,
    usage_table,
)

USAGE = {"prompt_tokens": 3918, "completion_tokens": 42, "total_tokens": 3960}


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data

    def only(self, wanted):
        (attributes,) = [attributes for tag, attributes in self.found if tag == wanted]
        return attributes


def content(url):
    header, _, payload = url.partition(",")
    return header, base64.b64decode(payload, validate=True)


def png(size=(30, 20), mode="RGB", color="teal"):
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, "png")
    return file.getvalue()


def clip(kind="mp3", seconds=1.0, channels=1):
    wave = 0.5 * np.sin(np.arange(int(seconds * 16_000)) * 0.1)
    file = io.BytesIO()
    soundfile.write(file, np.column_stack([wave] * channels), 16_000, format=kind.upper())
    return file.getvalue()


def figure(**size):
    made = Figure(**size)
    made.add_subplot().plot([3, 1, 2])
    return made


# --- pictures and figures


def test_picture_holds_the_sources_own_bytes_and_words():
    shown = show_picture(png(), 'A card: "a < b & c"', width=200)
    tag = Tags(shown.html).only("img")
    assert content(tag["src"]) == ("data:image/png;base64", png())
    assert (tag["alt"], tag["width"], tag["class"]) == ('A card: "a < b & c"', "200", "shipped")
    assert repr(shown) == 'A card: "a < b & c"'


def test_a_notebook_gets_html_and_words_only():
    data, _ = DisplayFormatter().format(show_picture(png(), "A card"))
    assert set(data) == {"text/html", "text/plain"}
    assert data["text/plain"] == "A card"


def test_words_are_one_line():
    assert repr(show_picture(png(), "  A card\n  of   teal ")) == "A card of teal"


def test_large_picture_is_shown_as_a_smaller_copy():
    noise = np.random.default_rng(0).integers(0, 256, (1200, 1600, 3), dtype=np.uint8)
    shown = show_picture(Image.fromarray(noise), "Noise")
    tag = Tags(shown.html).only("img")
    copy = Image.open(io.BytesIO(content(tag["src"])[1]))
    assert copy.size == (MAX_SHOWN_SIDE, 750)
    assert tag["class"] == "drawn"


def test_photo_is_shown_upright_and_without_its_place():
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.new("RGB", (30, 20)).save(file, "jpeg", exif=exif)
    data = content(Tags(show_picture(file.getvalue(), "A photo").html).only("img")["src"])[1]
    assert Image.open(io.BytesIO(data)).size == (20, 30)
    assert b"Exif" not in data


@pytest.mark.parametrize("show", [show_figure, show_picture])
def test_figure_is_small_white_and_marked_as_drawn(show):
    with pyplot.style.context("dark_background"):
        shown = show(figure(), "A line that falls and rises")
    tag = Tags(shown.html).only("img")
    header, data = content(tag["src"])
    image = Image.open(io.BytesIO(data)).convert("RGBA")
    assert header == "data:image/png;base64"
    assert len(data) < 60_000
    assert image.getpixel((0, 0)) == (255, 255, 255, 255)
    assert image.getextrema()[3] == (255, 255)
    assert (tag["alt"], tag["class"]) == ("A line that falls and rises", "drawn")


def test_figure_is_closed_so_that_it_is_shown_once():
    made, _ = pyplot.subplots()
    assert pyplot.fignum_exists(made.number)
    show_figure(made, "An empty plot")
    assert not pyplot.fignum_exists(made.number)


def test_figure_that_cannot_be_drawn_is_closed_too():
    made, axes = pyplot.subplots()
    axes.set_title("$\\nonsense{$")
    with pytest.raises(MediaError, match="cannot be drawn"):
        show_figure(made, "A broken plot")
    assert not pyplot.fignum_exists(made.number)


def test_output_is_the_same_each_time():
    assert show_figure(figure(), "A line").html == show_figure(figure(), "A line").html
    assert show_clip(clip(), "A tone").html == show_clip(clip(), "A tone").html


# --- clips


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("mp3", "audio/mpeg"), ("wav", "audio/wav"), ("flac", "audio/flac"), ("ogg", "audio/ogg")],
)
def test_player_holds_the_clips_own_bytes(kind, media_type, capsys):
    data = clip(kind)
    shown = show_clip(data, "A steady <tone>")
    tags = Tags(shown.html)
    player = tags.only("audio")
    assert content(player["src"]) == (f"data:{media_type};base64", data)
    assert "controls" in player
    assert "autoplay" not in player
    assert player["title"] == repr(shown) == "A steady <tone> (1.0 s, 16000 Hz, 1 channel)"
    waveform = tags.only("img")
    assert waveform["alt"] == f"Waveform of the clip: {shown!r}"
    assert waveform["class"] == "drawn"
    assert len(content(waveform["src"])[1]) < 60_000
    assert capsys.readouterr().out == ""


def test_waveform_follows_the_sound():
    def ink(data):
        source = Tags(show_clip(data, "A tone").html).only("img")["src"]
        pixels = np.asarray(Image.open(io.BytesIO(content(source)[1])).convert("RGB"), int)
        return np.count_nonzero(pixels[:, :, 2] - pixels[:, :, 0] > 80)

    loud = clip("wav")
    samples, rate = soundfile.read(io.BytesIO(loud))
    file = io.BytesIO()
    soundfile.write(file, samples / 8, rate, format="WAV")
    assert ink(loud) > 3 * ink(file.getvalue())


def test_stereo_and_very_short_clips():
    assert repr(show_clip(clip("wav", channels=2), "A tone")).endswith("2 channels)")
    assert "<audio" in show_clip(clip("wav", seconds=0.001), "A click").html


def test_long_clip_is_drawn_but_not_stored_in_the_notebook():
    data = clip("wav", seconds=MAX_PLAYED_BYTES / 32_000 + 1)
    shown = show_clip(data, "A long <tone>")
    tags = Tags(shown.html)
    assert [tag for tag, _ in tags.found] == ["p", "img"]
    assert "too long to play" in tags.words
    assert "A long <tone>" in tags.words


def test_clip_of_hours_is_refused_before_it_fills_the_memory():
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 8000, 1, format="FLAC") as writer:
        for _ in range(31):
            writer.write(np.zeros(1_000_000, np.int16))
    assert len(file.getvalue()) < 500_000
    with pytest.raises(MediaError, match=r"too long to be shown \(65 minutes\)"):
        show_clip(file.getvalue(), "Silence")


@pytest.mark.parametrize("kind", ["mp3", "ogg", "flac"])
def test_decoding_a_sound_clip_is_silent(kind, capfd):
    show_clip(clip(kind, seconds=9), "A long tone")
    assert capfd.readouterr() == ("", "")


# --- replies

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=https://evil.example></iframe>",
    "<style>@import 'https://evil.example';</style>",
    "<details open ontoggle=alert(1)>x</details>",
    "<a href=javascript:alert(1)>x</a>",
    "<form action=https://evil.example><button>go</button></form>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "![a cat](https://evil.example/cat.png)",
    "![a cat][1]\n\n[1]: https://evil.example/cat.png 'title'",
    "![a](data:image/svg+xml;base64,PHN2Zy8+)",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](java\nscript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:msgbox(1))",
    "[click](file:///etc/passwd)",
    "[click](https://evil.example 'onmouseover=alert(1)')",
    '[click](https://evil.example/"onmouseover="alert(1))',
    "<javascript:alert(1)>",
    "<https://evil.example/>",
    "[![picture in a link](https://evil.example/a.png)](https://evil.example)",
    "[a [nested](https://a.example) link](https://b.example)",
    "```html\n<script>alert(1)</script>\n```",
    '```"onmouseover="alert(1)\ncode\n```',
    "`<script>alert(1)</script>`",
    "| <script>a</script> | ![x](https://evil.example) |\n|---|:-:|\n| [y](javascript:z) | <b>bold</b> |",
    "# <img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3C;script&#x3E;alert(1)",
    "</div></div><script>alert(1)</script>",
    "$\\href{javascript:alert(1)}{click}$",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\u202egnp.exe",
    "\ud800 lone surrogate",
    "> " * 500 + "deep",
    "*" * 20_000,
    "[" * 20_000,
    "<" * 20_000,
]
FORMATTING = (
    "blockquote br code div em h1 h2 h3 h4 h5 h6 hr li ol p pre s strong table tbody td th thead tr ul"
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_reply_can_run_or_load(text):
    shown = show_reply(text)
    for tag, attributes in Tags(shown.html).found:
        assert tag in FORMATTING.split()
        assert set(attributes) <= {"start", "class"}
        assert attributes.get("class", "mathjax_ignore") == "mathjax_ignore"
    shown.html.encode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown.html + shown.text)


def test_dollars_are_not_formulas():
    assert show_reply("It costs $5 or $6.").html.startswith('<div class="mathjax_ignore">')


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**Bold** and *slanted*", "<strong>Bold</strong> and <em>slanted</em>"),
        ("# Title", "<h1>Title</h1>"),
        ("- one\n- two", "<li>one</li>"),
        ("3. three", '<ol start="3">'),
        ("| a |\n|---|\n| 1 |", "<td>1</td>"),
        ("`x < y`", "<code>x &lt; y</code>"),
        ("~~gone~~", "<s>gone</s>"),
        ("see [the page](https://a.example/x)", "see the page (https://a.example/x)"),
        ("see <https://a.example/x>", "see https://a.example/x"),
        ("![a black cat](https://a.example/cat.png)", "[picture: a black cat]"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ("¿Cómo estás?", "¿Cómo estás?"),
    ],
)
def test_markdown_is_formatted(text, html):
    shown = show_reply(text)
    assert html in shown.html
    assert repr(shown) == text


def test_reply_text_is_kept_but_for_control_characters():
    assert repr(show_reply("a\r\nb\tc\x1b[31m")) == "a\nb\tc\ufffd[31m"
    assert repr(show_reply("")) == ""


# --- usage


@pytest.mark.parametrize("usage", [USAGE, CompletionsUsage(**USAGE), CompletionUsage(**USAGE)])
def test_usage_table(usage):
    shown = usage_table(usage)
    assert repr(shown) == "prompt      3,918\ncompletion     42\ntotal       3,960"
    tags = Tags(shown.html)
    for word in ("prompt", "3,918", "completion", "42", "total", "3,960"):
        assert word in tags.words
    assert {attributes["scope"] for tag, attributes in tags.found if tag == "th"} == {"row", "col"}


def test_usage_plot_says_each_count():
    shown = usage_plot({"640 by 480": USAGE, "<b> $x$": CompletionUsage(**USAGE)})
    alt = Tags(shown.html).only("img")["alt"]
    each = "3,918 prompt and 42 completion"
    assert alt == repr(shown) == f"Bar chart of tokens used. 640 by 480: {each}; <b> $x$: {each}."
    assert usage_plot([("640 by 480", USAGE), ("<b> $x$", USAGE)]) == shown


def test_usage_plot_of_many_stays_small():
    shown = usage_plot((f"reply {number}", USAGE) for number in range(20))
    assert len(content(Tags(shown.html).only("img")["src"])[1]) < 60_000


# --- bad input


@pytest.mark.parametrize("alt", ["", "  \n", None, 3, b"words", ["words"]])
def test_words_are_required(alt):
    for show, source in ((show_picture, png()), (show_figure, figure()), (show_clip, clip())):
        with pytest.raises(MediaError, match="alt is missing"):
            show(source, alt)


@pytest.mark.parametrize("width", [0, -5, 2.5, "100", True, '1" onload="x'])
def test_bad_width(width):
    with pytest.raises(MediaError, match="whole number of pixels"):
        show_picture(png(), "A card", width=width)
    with pytest.raises(MediaError, match="whole number of pixels"):
        show_figure(figure(), "A line", width=width)


@pytest.mark.parametrize("show", [show_picture, show_clip])
def test_nothing_is_loaded_from_the_web(show):
    with pytest.raises(MediaError, match="loads nothing from the web"):
        show("https://example.com/a", "Something remote")


@pytest.mark.parametrize("source", [b"", b"text", png()[:-12], clip(), "missing.png", None, 3, [1]])
def test_bad_pictures(source):
    with pytest.raises(MediaError):
        show_picture(source, "Nothing")


@pytest.mark.parametrize("source", [b"", b"text", clip("wav")[:-50], png(), "missing.mp3", None, 3, figure()])
def test_bad_clips(source):
    with pytest.raises(MediaError):
        show_clip(source, "Nothing")


@pytest.mark.parametrize("thing", [None, 3, png(), Figure().add_subplot(), "chart.png", pyplot])
def test_not_a_figure(thing):
    with pytest.raises(MediaError, match="Give a matplotlib figure"):
        show_figure(thing, "A line")


@pytest.mark.parametrize("text", [None, 3, b"bytes", ["words"], {"content": "words"}])
def test_not_a_reply(text):
    with pytest.raises(MediaError, match="finish_reason"):
        show_reply(text)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        3,
        "usage",
        {},
        {"prompt_tokens": 1, "completion_tokens": 2},
        USAGE | {"prompt_tokens": None},
        USAGE | {"prompt_tokens": "3918"},
        USAGE | {"completion_tokens": -1},
        USAGE | {"total_tokens": 1.5},
        USAGE | {"total_tokens": True},
        USAGE | {"prompt_tokens": "<script>"},
    ],
)
def test_bad_usage(usage):
    with pytest.raises(MediaError, match="no whole number under"):
        usage_table(usage)


@pytest.mark.parametrize(
    "usages",
    [None, 3, [], {}, "ab", [USAGE], [("a",)], [("", USAGE)], [(3, USAGE)], {"a": None}, [("a", USAGE, 1)]],
)
def test_bad_usages(usages):
    with pytest.raises(MediaError):
        usage_plot(usages)
