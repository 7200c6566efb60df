"""Tables have headers, headings are in order, and plots can be read without their colors."""

from __future__ import annotations

import ast
import itertools
import re
from html.parser import HTMLParser

import nbformat
import pytest
from matplotlib import colors

from tests.lessons.pages import LESSONS, PAGES, blocks_of, name_of

DRAWING = {"plot", "scatter", "bar", "barh", "step", "fill_between", "errorbar"}
MARKS = {"marker", "linestyle", "ls", "hatch", "edgecolors", "facecolors"}
"""What tells two series apart for those who do not see their colors."""
CONTRAST = 3.0
"""Least contrast of a mark with the white around it: WCAG 2.2, success criterion 1.4.11."""


class Tables(HTMLParser):
    """Counts the tables in a piece of HTML, and those with a header cell."""

    def __init__(self, html):
        super().__init__()
        self.tables = self.headed = 0
        self._has_header = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables += 1
            self._has_header = False
        if tag == "th" and not self._has_header:
            self._has_header = True
            self.headed += 1


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def trees(path):
    for cell in code_cells(path):
        # Magics are IPython's, and no Python.
        yield cell.id, ast.parse(re.sub(r"^[%!].*$", "pass", cell.source, flags=re.MULTILINE))


def drawings(tree):
    """The calls that draw a series, with the variable they draw into and whether they are in a loop."""
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.comprehension)]
    in_loops = {id(inner) for loop in loops for inner in ast.walk(loop)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in DRAWING:
            yield node, ast.unparse(node.func.value), id(node) in in_loops


def marks(call):
    """How a series is drawn, colors left out."""
    words = {word.arg: ast.unparse(word.value) for word in call.keywords if word.arg in MARKS}
    # The third argument of plot() is its format, such as "o--"; its letters name colors.
    form = [ast.unparse(each) for each in call.args[2:3] if isinstance(each, ast.Constant)]
    return call.func.attr, tuple(sorted(words.items())), *form


def alike(tree):
    """Pairs of series in one plot that only their color tells apart, and loops that draw all of theirs alike."""
    found = list(drawings(tree))
    for (one, where, _), (other, there, _) in itertools.combinations(found, 2):
        if where == there and marks(one) == marks(other):
            yield f"{ast.unparse(one)[:80]} and {ast.unparse(other)[:80]}"
    for call, _, in_loop in found:
        constant = [
            word for word in call.keywords if word.arg in MARKS and isinstance(word.value, ast.Constant)
        ]
        varied = [word for word in call.keywords if word.arg in MARKS and word not in constant]
        varied += [form for form in call.args[2:3] if not isinstance(form, ast.Constant)]
        if in_loop and not varied:
            yield f"{ast.unparse(call)[:80]} in a loop"


def pale(tree):
    """Colors given by name that are too close to white."""
    for call, _, _ in drawings(tree):
        for word in call.keywords:
            if word.arg in ("color", "c", "edgecolors") and isinstance(word.value, ast.Constant):
                value = word.value.value
                if isinstance(value, str) and colors.is_color_like(value) and contrast(value) < CONTRAST:
                    yield value


def contrast(color):
    """The contrast of a color with white, by WCAG's formula."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colors.to_rgb(color)
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_tables_name_their_columns(path):
    headers = [block for block in blocks_of(path) if block.is_header]
    assert not [block for block in headers if not block.text], "a column without a name"


@pytest.mark.parametrize("path", LESSONS, ids=name_of)
def test_tables_in_outputs_have_headers(path):
    for cell in code_cells(path):
        for output in cell.outputs:
            tables = Tables(output.get("data", {}).get("text/html", ""))
            assert tables.headed == tables.tables, cell.id


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_headings_are_in_order(path):
    levels = [block.level for block in blocks_of(path) if block.kind == "heading"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pictures_say_what_they_show(path):
    for block in blocks_of(path):
        for words, address in block.pictures:
            assert len(words.split()) >= 5, address
            assert not re.match(r"(an? )?(image|picture|screenshot|graphic)\b", words, re.IGNORECASE), words


@pytest.mark.parametrize("path", LESSONS, ids=name_of)
def test_plots_can_be_read_without_color(path):
    assert not {cell: list(alike(tree)) for cell, tree in trees(path) if list(alike(tree))}
    assert not {cell: list(pale(tree)) for cell, tree in trees(path) if list(pale(tree))}


@pytest.mark.parametrize(
    "code",
    [
        "axes.plot(a, b)\naxes.plot(a, c)",
        "axes.plot(a, b, color='red')\naxes.plot(a, c, color='blue')",
        "for name in names:\n    axes.plot(a, data[name], label=name)",
        "axes.plot(a, b, marker='o')\naxes.plot(a, c, marker='o')",
    ],
)
def test_series_that_only_color_tells_apart_are_seen(code):
    assert list(alike(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "axes.plot(a, b)\nother.plot(a, c)",
        "axes.plot(a, b, marker='o')\naxes.plot(a, c, marker='x')",
        "for name, mark in pairs:\n    axes.plot(a, data[name], marker=mark)",
        "axes.scatter(a, b)\naxes.plot(a, c)",
    ],
)
def test_series_with_marks_of_their_own_pass(code):
    assert not list(alike(ast.parse(code)))


def test_pale_colors_are_seen():
    assert list(pale(ast.parse("axes.plot(a, b, color='#E69F00')"))) == ["#E69F00"]
    assert not list(pale(ast.parse("axes.plot(a, b, color='#0072B2')")))
