"""What lessons 08 and 09 say happens with no key is in their saved outputs, in the direction that they say."""

from __future__ import annotations

import ast
import csv
import functools
import itertools
import json
import re

import nbformat
import pytest

from tests.lessons.pages import NOTEBOOKS, ROOT
from workbench.score import percent, score_words

TALK = ROOT / "data" / "talks" / "open_day.csv"


@functools.cache
def cells(name):
    return {cell.id: cell for cell in nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells}


def shown(name, cell_id):
    return "".join(output.get("text", "") for output in cells(name)[cell_id].outputs)


def heard(cell_id):
    return shown("09_ask_recordings", cell_id)


def read(cell_id):
    return shown("08_forms_and_photos", cell_id)


def source(name, cell_id):
    return cells(name)[cell_id].source


def slips(line):
    """The wrong, missing and invented words of a printed score, together."""
    counts = re.search(r"of (\d+) words (\d+) wrong, (\d+) missing, (\d+) invented", line).groups()
    return sum(map(int, counts[1:])), int(counts[0])


@pytest.fixture(scope="module")
def versions():
    """Slips and tokens of each version of the sound in lesson 09, by its name."""
    rows = re.findall(r"^(.+?) +(\d+) tokens  (.+)$", heard("prepare"), flags=re.MULTILINE)
    return {name: (*slips(score), int(tokens)) for name, tokens, score in rows}


def test_each_spoilt_recording_is_heard_worse_than_the_clear_one(versions):
    clear = versions["as recorded"][0]
    spoilt = ("with noise", "played 1.4 times as fast")
    assert [name for name in spoilt if versions[name][0] <= clear + 2] == []
    assert len({words for _, words, _ in versions.values()}) == 1


def test_prepared_sound_has_a_fifth_of_the_bytes_and_no_more_slips(versions):
    # Two slips of 34 words are luck, as the lesson says.
    assert versions["44.1 kHz stereo, prepared"][0] <= versions["as recorded"][0] + 2
    before, after = (int(size.replace(",", "")) for size in re.findall(r"([\d,]+) bytes", heard("prepare")))
    assert after < before / 5


def test_faster_sound_costs_fewer_tokens(versions):
    assert versions["played 1.4 times as fast"][2] < versions["as recorded"][2]


def test_the_plot_tells_the_rates_of_the_table(versions):
    (drawn,) = cells("09_ask_recordings")["prepare-plot"].outputs
    for name, (wrong, words, _) in versions.items():
        assert f"{name} {percent(wrong / words)}" in drawn["data"]["text/plain"]


def test_joined_pieces_hold_their_shared_turn_once():
    after, joined = heard("join").splitlines()
    assert slips(joined)[0] < slips(after)[0] - 10
    pieces = re.findall(r"^\[.+ s\] (.+)$", heard("heard"), flags=re.MULTILINE)
    assert len(pieces) == 2
    assert pieces[0] == heard("ask").strip()
    code = source("09_ask_recordings", "join").partition("\n\n\njoined =")[0]
    made = {}
    exec(compile(ast.parse(code), "join", "exec"), made)
    words = made["join"](*pieces).split()
    assert len(words) < sum(len(piece.split()) for piece in pieces) - 10
    assert words[:5] + words[-5:] == pieces[0].split()[:5] + pieces[1].split()[-5:]


def test_the_score_of_the_transcript_is_that_of_its_words():
    with TALK.open(encoding="utf-8", newline="") as file:
        said = " ".join(turn["text"] for turn in csv.DictReader(file) if float(turn["end"]) <= 12.8)
    assert str(score_words(heard("ask"), said)) in heard("truth")


def test_a_date_that_was_said_was_not_heard():
    said, kept = (ast.literal_eval(line.partition(":")[2].strip()) for line in heard("dates").splitlines())
    assert said == ["june"]
    assert kept == []


def test_the_example_by_hand_is_what_is_counted():
    assert heard("rate") == "Word error rate 50 %: of 6 words 1 wrong, 1 missing, 1 invented\n"


def test_pauses_lie_between_turns():
    with TALK.open(encoding="utf-8", newline="") as file:
        turns = list(csv.DictReader(file))
    gaps = [(float(one["end"]), float(two["begin"])) for one, two in itertools.pairwise(turns)]
    number, first = re.match(r"(\d+) pauses, the first at (\[.+\])", heard("cut")).groups()
    assert int(number) == len(gaps)
    for middle, (end, begin) in zip(ast.literal_eval(first), gaps, strict=False):
        assert end <= middle <= begin


def test_what_needs_a_model_is_declined_and_not_made_up():
    replies = heard("question").split("\n\n")
    assert len(replies) == 3
    for reply in [*replies, read("photo-ask")]:
        assert "needs a model" in reply


def test_the_request_for_speech_was_not_sent():
    assert "client" not in source("09_ask_recordings", "speak")
    assert json.loads(heard("speak"))["modalities"] == ["text", "audio"]


def test_the_schema_is_refused_with_no_key():
    (error,) = [out for out in cells("08_forms_and_photos")["parse"].outputs if out.output_type == "error"]
    assert "does not fit this schema" in error.evalue


def test_a_wrong_price_is_found_by_the_sum_and_right_when_asked_again():
    small, again = read("again").split("\n\n")
    assert "the items come to" in small.splitlines()[0]
    assert re.search(r"^Wrong [1-9].*price", small, flags=re.MULTILINE)
    assert again.startswith("Asked again: []\n")
    assert "Wrong 0\nMissing 0\nInvented 0" in again


def test_a_whole_receipt_is_read_right_and_adds_up():
    assert read("score").startswith("Right ")
    assert "(100 %)" in read("score")
    assert read("sums") == "[]\n"


def test_a_sum_that_is_wrong_on_paper_is_found_both_times():
    first, again = re.findall(r"^(?:First|Again): +(.+)$", read("kiosk"), flags=re.MULTILINE)
    assert first == again == "['11.00 and tax do not come to 12.00']"


def test_an_empty_field_stays_empty_and_a_wrong_address_is_not_kept():
    assert re.search(r"^telephone +None$", read("form-read"), flags=re.MULTILINE)
    assert "Wrong 1: email" in read("form-score")
    assert "Invented 0" in read("form-score")
    assert "An address? False" in read("form-score")
    assert read("form-again").endswith("Kept: None\n")


def test_the_check_of_the_table_names_a_row_that_is_wrong():
    (off,) = re.findall(r"is not free: (\[.+\])$", read("more"), flags=re.MULTILINE)
    table = read("more").partition("screen:")[2]
    assert ast.literal_eval(off)
    for room in ast.literal_eval(off):
        assert re.search(rf"^Wrong .*{room}\.", table, flags=re.MULTILINE)
