"""The first page, the README and the lessons say the same of each lesson."""

from __future__ import annotations

import re

import nbformat
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

from helpers.encoding import image_part
from offline_endpoint.server import start
from tests.lessons.pages import LESSONS, NOTEBOOKS, ROOT, minutes_of, name_of

MAP = NOTEBOOKS / "00_start_here.ipynb"
TAUGHT = [path for path in LESSONS if path != MAP]


def rows(text, folder):
    """The rows of a table of lessons, by the lesson's file: the name and the other cells."""
    found = re.findall(rf"^\| \[([^\]]+)\]\({folder}(\w+\.ipynb)\) \| (.+) \|$", text, flags=re.MULTILINE)
    return {file: (name, rest.split(" | ")) for name, file, rest in found}


def on_the_map():
    cells = nbformat.read(MAP, as_version=4).cells
    return rows("\n".join(cell.source for cell in cells), "")


def in_the_readme():
    return rows((ROOT / "README.md").read_text(encoding="utf-8"), "notebooks/")


def minutes_in(path):
    """The minutes a lesson says it takes, and those of its exercises if it says so."""
    first = nbformat.read(path, as_version=4).cells[0].source
    minutes = re.search(r"takes about (\d+) minutes(?:, and the exercises another (\d+))?", first)
    return minutes.groups()


@pytest.mark.parametrize("path", TAUGHT, ids=name_of)
def test_the_map_and_the_readme_know_each_lesson_and_its_minutes(path):
    minutes, exercises = minutes_in(path)
    _, on_map = on_the_map()[path.name]
    assert on_map[1] == minutes
    assert exercises is None or on_map[2] == exercises
    _, in_readme = in_the_readme()[path.name]
    assert in_readme[-1] == minutes


@pytest.mark.parametrize("path", TAUGHT, ids=name_of)
def test_a_lesson_takes_the_minutes_that_it_promises(path):
    promised = int(minutes_in(path)[0])
    assert promised % 5 == 0
    # The playground's cells are few, and the rest of its time is for play: as long as the half-day plan gives it.
    play = 15 if path.stem == "13_playground" else 0
    assert abs(minutes_of(nbformat.read(path, as_version=4).cells) + play - promised) <= 4


def test_minutes_count_words_code_and_what_it_prints_but_no_exercise():
    words = nbformat.v4.new_markdown_cell("# Four words stand here\n\n" + "word " * 196)
    code = nbformat.v4.new_code_cell("print()\n\n" * 12)
    code.outputs = [nbformat.v4.new_output("stream", text="word " * 450)]
    exercise = nbformat.v4.new_markdown_cell("word " * 400, id="try-1-head")
    assert minutes_of([words]) == pytest.approx(1)
    assert minutes_of([code]) == pytest.approx(2)
    assert minutes_of([words, code, exercise]) == pytest.approx(3)


def test_both_call_the_lessons_alike():
    first = {file: name for file, (name, _) in in_the_readme().items() if file != MAP.name}
    assert first == {file: name for file, (name, _) in on_the_map().items()}
    assert list(first) == sorted(first)


def test_each_plan_names_lessons_of_the_map():
    cells = nbformat.read(MAP, as_version=4).cells
    (plans,) = [cell.source for cell in cells if cell.id == "choose"]
    known = {file[:2] for file in on_the_map()}
    named = set(re.findall(r"\b\d\d\b(?! minutes)", plans))
    assert len(named) >= 5
    assert named <= known


def first_page():
    return {cell.id: cell for cell in nbformat.read(MAP, as_version=4).cells}


def test_the_first_page_shows_a_picture_before_it_runs_one_short_cell():
    cells = first_page()
    code = [cell for cell in cells.values() if cell.cell_type == "code"]
    assert len(code) == 1
    assert len(code[0].source.splitlines()) <= 3
    before = list(cells)[: list(cells).index(code[0].id)]
    assert any(re.search(r"!\[.{40,}\]\(", cells[each].source) for each in before)
    # Its saved output says that a setup works; the words above say whose.
    assert "saved on another computer" in cells[before[-1]].source


@pytest.mark.slow
def test_the_answer_on_the_first_page_is_the_one_that_comes_back():
    text = first_page()["see"].source
    (picture,) = re.findall(r"\]\((\S+\.png)\)", text)
    (question,) = re.findall(r"^You ask: \*(.+)\*$", text, flags=re.MULTILINE)
    (answer,) = re.findall(r"^> (.+)$", text, flags=re.MULTILINE)
    running = start()
    try:
        client = ChatCompletionsClient(f"{running.origin}/models", AzureKeyCredential(running.key))
        content = [{"type": "text", "text": question}, image_part(NOTEBOOKS / picture)]
        reply = client.complete(
            messages=[{"role": "user", "content": content}], model="Phi-4-multimodal-instruct"
        )
    finally:
        running.stop()
    assert reply.choices[0].message.content == answer


def test_the_first_reply_about_a_chart_holds_no_word_of_statistics():
    cells = {cell.id: cell for cell in nbformat.read(NOTEBOOKS / "02_image_charts.ipynb", as_version=4).cells}
    (reply,) = cells["ask"].outputs
    assert "How closely the two go together" in reply.data["text/plain"]
    assert not re.search(r"correlation|coefficient|rank|regress", reply.data["text/plain"], re.IGNORECASE)
