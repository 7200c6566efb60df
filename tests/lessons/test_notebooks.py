"""What strict comparison of outputs cannot see: each lesson was run, shows what it should and nothing it should not."""

from __future__ import annotations

import itertools
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt

from workbench import exercises

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
MAP = "00_start_here"
"""The map of the lessons: nothing is taught there that could be asked."""
LARGEST = 1_000_000
MACHINE_TRACES = {
    "a path": r"/tmp/|/home/|/root/|/Users/|/work/|[A-Z]:\\\\|site-packages",
    "a port": r"(?:127\.0\.0\.1|localhost|\[::1\]):\d",
    "an address": r"0x[0-9a-f]{8}",
    "a date": r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d",
    "a time": r"\b\d\d:\d\d:\d\d\b",
    "a key or token": r"\b[0-9a-f]{32,}\b|eyJ[A-Za-z0-9_-]{10,}\.",
    "a Unix time": r"\b1[789]\d{8}\b",
}


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def words_of(output):
    """An output as text, without the bytes of media, which hold anything by chance."""
    return re.sub(r"base64,[A-Za-z0-9+/=]+", "base64", json.dumps(output, ensure_ascii=False))


class Pictures(HTMLParser):
    """Collects the alternative texts of the pictures and the labels of the players in a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.texts = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in ("img", "audio", "video", "svg", "canvas"):
            attrs = dict(attrs)
            self.texts.append((attrs.get("alt") or attrs.get("title") or "").strip())


def test_there_are_lessons():
    assert len(LESSONS) >= 4


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def book(request):
    assert request.param.stat().st_size < LARGEST
    return read(request.param)


def test_valid_with_plain_metadata(book):
    nbformat.validate(book)
    assert book.metadata.kernelspec.name == "python3"
    assert all("execution" not in cell.metadata for cell in book.cells), "timing metadata"
    assert all(re.fullmatch(r"[a-z0-9-]+", cell.id) for cell in book.cells)
    assert len({cell.id for cell in book.cells}) == len(book.cells)


def test_every_code_cell_was_run_in_order(book):
    assert [cell.execution_count for cell in code_cells(book)] == list(range(1, len(code_cells(book)) + 1))


def test_outputs_exist(book):
    # Assignments and imports show nothing; most cells of a lesson show something.
    shown = [cell for cell in code_cells(book) if cell.outputs]
    assert len(shown) >= 0.6 * len(code_cells(book))


def test_a_last_line_that_is_a_value_or_print_has_an_output(book):
    for cell in code_cells(book):
        last = cell.source.rstrip().splitlines()[-1]
        if re.match(r"(print|display\.\w+)\(", last):
            assert cell.outputs, f"{cell.id} shows nothing"


def test_errors_are_the_ones_meant(book):
    for cell in code_cells(book):
        errors = [output for output in cell.outputs if output.output_type == "error"]
        assert bool(errors) == ("raises-exception" in cell.metadata.get("tags", [])), cell.id
        for error in errors:
            assert len(error.traceback) == 1, f"{cell.id}: a bare traceback; show the error in one line"
            assert len(error.evalue) > 20, f"{cell.id}: an error without a sentence"


def test_no_cell_is_excused(book):
    for cell in code_cells(book):
        tags = set(cell.metadata.get("tags", []))
        assert "NBVAL_" not in cell.source, cell.id
        assert not {tag for tag in tags if tag.startswith("nbval")}, cell.id


def test_nothing_on_stderr(book):
    for cell in code_cells(book):
        assert not [output for output in cell.outputs if output.get("name") == "stderr"], cell.id


def test_no_widget_is_saved(book):
    # Without its kernel it shows an error where the words beside it would be shown; tests.save_lessons drops it.
    assert "widgets" not in book.metadata
    for cell in code_cells(book):
        for output in cell.outputs:
            assert not [kind for kind in output.get("data", {}) if "widget" in kind], cell.id


def test_pictures_have_alternative_text(book):
    for cell in code_cells(book):
        for output in cell.outputs:
            data = output.get("data", {})
            raw = [kind for kind in data if kind.startswith("image/")]
            assert not raw, f"{cell.id}: a picture with no alternative text; show it with helpers.display"
            for text in Pictures(data.get("text/html", "")).texts:
                assert len(text) > 15, f"{cell.id}: {text!r} does not say what there is to see"


@pytest.mark.parametrize("trace", MACHINE_TRACES)
def test_outputs_hold_no_trace_of_a_machine(book, trace):
    for cell in code_cells(book):
        for output in cell.outputs:
            found = re.search(MACHINE_TRACES[trace], words_of(output))
            assert not found, f"{cell.id}: {trace}: {found and found[0]!r}"


def test_headings_are_in_order_and_introduced(book):
    parser = MarkdownIt("commonmark").enable("table")
    levels = []
    for cell in book.cells:
        if cell.cell_type != "markdown":
            continue
        parsed = [token for token in parser.parse(cell.source) if token.level == 0]
        for number, token in enumerate(parsed):
            if token.type == "heading_open":
                levels.append(int(token.tag[1]))
                # The heading's words and its end come first.
                after = [
                    each.type for each in parsed[number + 1 :] if each.type not in ("inline", "heading_close")
                ]
                wanted = (
                    ("paragraph_open", "bullet_list_open") if "further" in cell.id else ("paragraph_open",)
                )
                assert next(iter(after), None) in wanted, f"{cell.id}: no sentence under a heading"
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_local_links_lead_somewhere(book):
    for cell in book.cells:
        for target in re.findall(r"\]\(([^)#]+)", cell.source):
            if cell.cell_type == "markdown" and not target.startswith("http"):
                assert (NOTEBOOKS / target).exists(), f"{cell.id}: {target}"


@pytest.fixture(params=[path for path in LESSONS if path.stem != MAP], ids=lambda path: path.stem)
def lesson(request):
    return read(request.param)


def markdown_cells(book):
    return {cell.id: cell.source for cell in book.cells if cell.cell_type == "markdown"}


def folds(text):
    """What is folded in a text: pairs of the summary and what it hides."""
    return re.findall(r"<details>\n<summary>(\w+)</summary>\n\n(.*?)\n\n</details>", text, flags=re.DOTALL)


def test_lesson_has_its_shape(lesson):
    words = lesson.cells[0].source
    for part in ("What you will do", "What you need", "What you will know after", "minutes"):
        assert part in words
    text = "\n".join(markdown_cells(lesson).values())
    assert "route" in text
    headings = re.findall(
        r"^## (.+)", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )
    assert headings[-3:] == ["Check what you know", "Try it yourself", "Further reading"]


def test_quiz_has_folded_answers(lesson):
    cells = markdown_cells(lesson)
    quizzes = [cells[name] for name in cells if re.fullmatch(r"quiz-\d+", name)]
    assert 2 <= len(quizzes) <= 4
    for number, text in enumerate(quizzes, 1):
        question, _, _ = text.partition("<details>")
        assert question.startswith(f"**Question {number}.** ")
        ((summary, answer),) = folds(text)
        assert summary == "Answer"
        assert len(answer) > 20
        # What follows the last fold would give the answer away.
        assert text.endswith("</details>")


def test_each_exercise_has_a_check_a_hint_and_a_solution(lesson):
    ids = [cell.id for cell in lesson.cells]
    cells = {cell.id: cell for cell in lesson.cells}
    exercises = [name.removesuffix("-head") for name in ids if re.fullmatch(r"try-\d+-head", name)]
    assert 2 <= len(exercises) <= 3
    for exercise in exercises:
        first = ids.index(f"{exercise}-head")
        assert ids[first : first + 4] == [
            f"{exercise}-head",
            exercise,
            f"{exercise}-check",
            f"{exercise}-help",
        ]
        assert "= None  # replace " in cells[exercise].source
        check = cells[f"{exercise}-check"]
        assert check.source.startswith("from workbench import exercises\n"), (
            "it needs the cell of another one"
        )
        assert check.outputs[0].text.startswith("Not yet: "), "a lesson is saved with its exercises unsolved"
        (hint_name, hint), (solution_name, solution) = folds(cells[f"{exercise}-help"].source)
        assert (hint_name, solution_name) == ("Hint", "Solution")
        assert "```" not in hint, "a hint, not a solution"
        assert solution.count("```python") == 1
        assert not folds(cells[f"{exercise}-head"].source)


def test_each_lesson_leads_to_the_next():
    for earlier, later in itertools.pairwise(LESSONS):
        for cell in (read(earlier).cells[0], read(earlier).cells[-1]):
            assert re.search(rf"Next: \[[^\]]+\]\({re.escape(later.name)}\)", cell.source), earlier.name
        for cell in (read(later).cells[0], read(later).cells[-1]):
            assert re.search(rf"Previous: \[[^\]]+\]\({re.escape(earlier.name)}\)", cell.source), later.name


def test_each_check_is_used_by_a_lesson():
    code = "\n".join(cell.source for path in LESSONS for cell in code_cells(read(path)))
    assert not [name for name in exercises.__all__ if f"exercises.{name}(" not in code]
