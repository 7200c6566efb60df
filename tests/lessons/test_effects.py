"""What the lessons on prompting say about an effect is in their saved outputs, which strict comparison holds true."""

from __future__ import annotations

import functools
import re
from html.parser import HTMLParser

import nbformat
import pytest

from tests.lessons.pages import NOTEBOOKS

PREPARE, CHOOSE = "06_prepare_pictures", "10_choose_a_model"
SCORED = re.compile(r"^(.+?)\s+(\d+) of +(\d+) lines +(\d+) tokens$", re.MULTILINE)


class Cells(HTMLParser):
    """The rows of a table, each as a list of its cells."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.is_inside = [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        self.is_inside = tag in ("td", "th")

    def handle_endtag(self, tag):
        self.is_inside = False

    def handle_data(self, data):
        if self.is_inside:
            self.rows[-1].append(data)


@functools.cache
def outputs(lesson):
    return {
        cell.id: cell.outputs
        for cell in nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4).cells
        if cell.cell_type == "code"
    }


def printed(lesson, cell):
    return "".join(output.get("text", "") for output in outputs(lesson)[cell])


def scored(cell):
    """What a cell of the lesson on preparing pictures printed: the share of lines read and the tokens, by name."""
    found = SCORED.findall(printed(PREPARE, cell))
    return {name: (int(right) / int(of), int(tokens)) for name, right, of, tokens in found}


def table(cell):
    """A table of the lesson on choosing a model, as dictionaries."""
    (html,) = [output.data["text/html"] for output in outputs(CHOOSE)[cell] if "data" in output]
    head, *rows = Cells(html).rows
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("cell", "better", "worse"),
    [
        ("detail", "Whole page, high", "Whole page, low"),
        ("crop", "Tickets: the part, low", "Tickets: whole page, low"),
        ("tiles", "Four tiles, low", "Whole page, low"),
        ("enlarge", "The photo, high", "A fifth of its size"),
        ("enlarge", "A fifth of its size", "That, enlarged three times"),
        ("contrast", "Contrast raised", "Faded"),
        ("sheet", "Three pictures, low", "One sheet, low"),
        ("sheet", "One sheet, high", "One sheet, low"),
    ],
)
def test_what_is_prepared_is_read_better(cell, better, worse):
    assert scored(cell)[better][0] > scored(cell)[worse][0]


@pytest.mark.parametrize(
    ("cell", "cheaper", "dearer"),
    [
        ("detail", "Whole page, low", "Whole page, high"),
        ("crop", "Tickets: the part, low", "Tickets: whole page, low"),
        ("tiles", "Four tiles, low", "Whole page, high"),
        ("enlarge", "A fifth of its size", "That, enlarged three times"),
        ("sheet", "One sheet, low", "Three pictures, low"),
        ("sheet", "Three pictures, low", "One sheet, high"),
    ],
)
def test_what_it_costs(cell, cheaper, dearer):
    assert scored(cell)[cheaper][1] < scored(cell)[dearer][1]


def test_some_ways_cost_nothing_and_lose_nothing():
    crop, contrast = scored("crop"), scored("contrast")
    assert crop["Tickets: the part, low"][0] == crop["Tickets: whole page, high"][0] == 1
    assert contrast["Faded"][1] == contrast["Contrast raised"][1]
    assert scored("sheet")["Three pictures, low"][0] == 1


def test_how_much_is_saved_is_what_the_lesson_says():
    crop, tiles, enlarge, sheet = map(scored, ("crop", "tiles", "enlarge", "sheet"))
    assert 2 * crop["Tickets: the part, low"][1] < crop["Tickets: whole page, low"][1]
    assert 0.6 < tiles["Four tiles, low"][1] / tiles["Whole page, high"][1] < 0.7
    assert 5.5 < enlarge["That, enlarged three times"][1] / enlarge["A fifth of its size"][1] < 6.5
    assert 2 * sheet["Three pictures, low"][1] < sheet["One sheet, high"][1]


def test_only_the_title_is_cut_by_the_tiles():
    assert "Not read: ['Shipyard Museum: visitor information']" in printed(PREPARE, "tiles")


def test_a_picture_that_is_turned_upright_is_read_in_order():
    rates = dict(re.findall(r"^(\w[\w ]+): Word error rate (\d+) %", printed(PREPARE, "turn"), re.MULTILINE))
    assert int(rates["Turned back"]) < int(rates["Tilted"])
    order = printed(PREPARE, "turn").splitlines()[-1]
    assert order.index("3.60") < order.index("Date")


def test_detail_counts_where_a_deployment_looks_at_it():
    rows = {(row["variant"], row["deployment"]): row for row in table("table")}
    (low, high), (main_low, main_high) = (
        [rows[detail, name] for detail in ("low", "high")]
        for name in ("gpt-5-mini", "Phi-4-multimodal-instruct")
    )
    assert float(low["score"]) < float(high["score"])
    assert 3 * int(low["tokens"]) < int(high["tokens"]) < int(main_high["tokens"])
    assert {**main_low, "row": "", "variant": ""} == {**main_high, "row": "", "variant": ""}
    assert min(float(row["for a thousand"]) for row in rows.values()) == float(main_low["for a thousand"])
    assert all(row["refused"] == "0" for row in rows.values())


def test_the_verdict_hangs_on_one_file():
    files = {row["file"]: float(row["difference"]) for row in table("rows")}
    assert files["leaflet_top.png"] > 0 > files["screen.jpg"]
    assert files["receipt.jpg"] == files["street_sign.jpg"] == 0
    means = dict(re.findall(r"^(.+?):? +([+-]\d\.\d\d)$", printed(CHOOSE, "luck"), re.MULTILINE))
    assert float(means["All files"]) > 0 > float(means["Without leaflet_top.png"])


def test_the_words_of_the_screen_are_the_same_in_another_order():
    low, high = (line.split(": ", 1)[1].split() for line in printed(CHOOSE, "screen").splitlines())
    assert low != high
    assert sorted(low) == sorted(high)


def test_offline_nothing_is_left_to_chance():
    assert "From the lowest to the highest: 0.000" in printed(CHOOSE, "repeat")


def test_a_refusal_is_told_apart():
    assert "Refused: 1\n" in printed(CHOOSE, "refusal")
    assert "needs a model" in printed(CHOOSE, "refusal")


def test_the_lesson_on_measuring_shows_readings_that_fail_in_each_way():
    by_hand, unread = (printed("05_structured_answers", cell) for cell in ("kinds", "declined"))
    assert by_hand.startswith("Found 1 of 4, missed 3")
    for slip in ("wrong value 1", "no name 1", "not read 1", "Invented 1"):
        assert slip in by_hand
    assert "Found 0 of 4" in unread
