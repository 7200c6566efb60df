"""What a reader of the lessons and guides sees: prose, headings, links, pictures and tables, without the code."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
PAGES = [
    *LESSONS,
    *sorted(NOTEBOOKS.glob("*.md")),
    ROOT / "README.md",
    ROOT / "data" / "README.md",
    ROOT / "offline_endpoint" / "README.md",
]
CODE = "value"
"""Stands in prose where code stood, so that a sentence keeps its length."""


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, a list item's text or a table's cell.

    Attributes:
        kind: `heading`, `prose` or `cell`.
        level: of a heading, else 0.
        text: its words, with `CODE` in place of code and without addresses.
        links: (words, address) of each link.
        pictures: (alternative text, address) of each picture.
        is_header: of a table's cell, whether it is in the header row.
    """

    kind: str
    level: int
    text: str
    links: tuple[tuple[str, str], ...]
    pictures: tuple[tuple[str, str], ...]
    is_header: bool = False


def name_of(path: Path) -> str:
    """The name of a page in the report of a test."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def markdown_of(path: Path) -> tuple[str, ...]:
    """The Markdown of a page: each cell of a notebook, or the whole of a Markdown file."""
    if path.suffix != ".ipynb":
        return (path.read_text(encoding="utf-8"),)
    cells = nbformat.read(path, as_version=4).cells
    return tuple(cell.source for cell in cells if cell.cell_type == "markdown")


@functools.cache
def blocks_of(path: Path) -> tuple[Block, ...]:
    """Every block of a page that holds words, in order."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return tuple(block for text in markdown_of(path) for block in _blocks(parser.parse(text)))


def anchors_of(path: Path) -> set[str]:
    """The anchors that work on GitHub and in JupyterLab: explicit ones, and headings that both name alike.

    GitHub puts headings into small letters and leaves punctuation out; JupyterLab puts hyphens for spaces only.
    """
    explicit = {name for text in markdown_of(path) for name in re.findall(r'<a id="([^"]+)"></a>', text)}
    headings = [block.text for block in blocks_of(path) if block.kind == "heading"]
    return explicit | {text.replace(" ", "-") for text in headings if re.fullmatch(r"[a-z0-9 -]+", text)}


def minutes_of(cells) -> float:
    """How long cells take a learner who reads, runs and looks, without exercises.

    Prose at 200 words a minute and what a cell prints at 450: the paces at which students learn from a text and skim
    one (R. P. Carver, Reading rate: theory, research, and practical implications, Journal of Reading 36, 1992). Code
    at 12 lines a minute: those who look for faults are advised to take at most 500 lines an hour, which is 8 (J. Cohen,
    Best kept secrets of peer code review, 2006), and here half of the lines were met before. No watch was held.
    """
    words = lines = printed = 0
    for cell in cells:
        if cell.id.startswith("try-"):
            continue
        code = cell.source
        if cell.cell_type == "markdown":
            code = "".join(re.findall(r"^```python\n(.*?)^```", cell.source, re.DOTALL | re.MULTILINE))
            parser = MarkdownIt("commonmark").enable("table")
            words += sum(len(block.text.split()) for block in _blocks(parser.parse(cell.source)))
        lines += sum(bool(line.strip()) for line in code.splitlines())
        for output in cell.get("outputs", []):
            shown = output.get("text") or output.get("evalue") or output.data.get("text/plain", "")
            printed += len(shown.split())
    return words / 200 + lines / 12 + printed / 450


def _blocks(tokens):
    kind, level, is_header = "prose", 0, False
    for token in tokens:
        if token.type == "heading_open":
            kind, level = "heading", int(token.tag[1])
        elif token.type in ("th_open", "td_open"):
            kind, is_header = "cell", token.type == "th_open"
        elif token.type in ("heading_close", "th_close", "td_close"):
            kind, level, is_header = "prose", 0, False
        elif token.type == "html_block":
            words = " ".join(re.sub(r"<[^>]*>", " ", token.content).split())
            if words:
                yield Block("prose", 0, words, (), ())
        elif token.type == "inline":
            yield _block(token, kind, level, is_header)


def _block(token, kind, level, is_header):
    words, links, pictures = [], [], []
    for child in token.children:
        if child.type == "text":
            words.append(child.content)
        elif child.type == "code_inline":
            words.append(CODE)
        elif child.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif child.type == "link_open":
            links.append([len(words), child.attrGet("href")])
        elif child.type == "link_close":
            first, address = links[-1]
            links[-1] = ["".join(words[first:]), address]
        elif child.type == "image":
            pictures.append((child.content, child.attrGet("src")))
    return Block(kind, level, "".join(words).strip(), tuple(map(tuple, links)), tuple(pictures), is_header)
