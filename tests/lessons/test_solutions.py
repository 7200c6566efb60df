"""Each folded solution passes its own check, each wrong answer gets its own message, and the quizzes' code runs.

The cells that they need run once; solutions, wrong answers and the quizzes' code run after them, in the same kernel.
"""

from __future__ import annotations

import ast
import functools
import re
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from tests.lessons.kernels import executed
from tests.lessons.pages import NOTEBOOKS
from tests.workbench.wrong_answers import SETUP, WRONG

pytestmark = pytest.mark.kernel

VALUES = {
    "06_prepare_pictures",
    "08_forms_and_photos",
    "09_ask_recordings",
    "10_choose_a_model",
    "14_many_files",
    "15_report",
}
"""Lessons whose wrong answers need no kernel; `tests.workbench.exercise_answers` holds those, and more of all."""


@functools.cache
def lesson(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def names():
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    return [path.stem for path in paths if source(path.stem, "try-1-help")]


def source(name, cell_id):
    return next((cell.source for cell in lesson(name).cells if cell.id == cell_id), None)


def fenced(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def exercises(name):
    return [cell.id.removesuffix("-check") for cell in lesson(name).cells if cell.id.endswith("-check")]


def quizzes(name):
    return [cell.id for cell in lesson(name).cells if re.fullmatch(r"quiz-\d+", cell.id)]


def solution(name, exercise):
    (code,) = fenced(source(name, f"{exercise}-help"), "python")
    return code


def cell(code, cell_id):
    # An error in one of these has to reach its own test, and not end the run.
    made = nbformat.v4.new_code_cell(code, metadata={"tags": ["raises-exception"]})
    made.id = cell_id
    return made


def names_in(code):
    """The names that code reads, those that it sets, those that it changes by a method or a part, and its imports."""
    reads, sets, changes, imports = set(), set(), set(), set()
    for node in ast.walk(ast.parse(re.sub(r"^%.*$", "", code, flags=re.MULTILINE))):
        match node:
            case ast.Name(name, ast.Load()):
                reads.add(name)
            case ast.Name(name) | ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                sets.add(name)
            case ast.alias(name, known_as):
                imports.add(known_as or name.partition(".")[0])
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(name)))):
                changes.add(name)
            case ast.Attribute(ast.Name(name), ctx=ast.Store()) | ast.Subscript(
                ast.Name(name), ctx=ast.Store()
            ):
                changes.add(name)
    return reads, sets, changes, imports


def needed(cells, code):
    """The cells with a part in the names that this code reads; as a whole, each lesson is a test of its own."""
    found = [names_in(each.source) for each in cells]
    modules = set().union(*(imports for *_, imports in found))
    wanted, kept = names_in(code)[0], []
    for each, (reads, sets, changes, imports) in reversed(list(zip(cells, found, strict=True))):
        if wanted & (sets | imports | (changes - modules)):
            kept.insert(0, each)
            wanted |= reads
    return kept


def cells_for(name):
    """What belongs to a lesson, after the cells that it needs."""
    book = nbformat.from_dict(lesson(name))
    added = [
        cell("\n".join(fenced(source(name, quiz), "python")), f"{quiz}-code")
        for quiz in quizzes(name)
        if fenced(source(name, quiz), "python")
    ]
    for exercise in exercises(name):
        check = source(name, f"{exercise}-check")
        answers = {"solution": solution(name, exercise)}
        before = SETUP.get((name, exercise), "")
        answers |= {
            f"wrong-{number}": before + code
            for number, (code, _) in enumerate(WRONG.get((name, exercise), []))
        }
        for kind, code in answers.items():
            added += [
                cell(code, f"{exercise}-{kind}"),
                cell(check, f"{exercise}-{kind}-check"),
            ]
    code = [each for each in book.cells if each.cell_type == "code"]
    return needed(code, "\n".join(each.source for each in added)) + added


def run(cells, metadata):
    """Run cells; what each showed, by its id."""
    return {done.id: said(done) for done in executed(cells, metadata)}


def last_line(text):
    """What the check said; before it stands what the learner's own code printed."""
    return text.rstrip().rpartition("\n")[2]


def said(done):
    return "".join(
        f"{output.ename}: {output.evalue}" if output.output_type == "error" else output.get("text", "")
        for output in done.outputs
    )


@pytest.fixture(scope="module")
def runs(request):
    """A running run for each lesson that a selected test asks for, two at a time."""
    here = (item for item in request.session.items if item.path == request.path)
    wanted = {item.callspec.params["name"] for item in here if "runs" in item.fixturenames}
    with ThreadPoolExecutor(max_workers=2) as pool:
        # The cells are chosen here: Python's parser does not bear two threads at a time.
        yield {name: pool.submit(run, cells_for(name), lesson(name).metadata) for name in sorted(wanted)}


EXERCISES = [(name, exercise) for name in names() for exercise in exercises(name)]
ANSWERS = [
    (name, exercise, number, message)
    for (name, exercise), answers in WRONG.items()
    for number, (_, message) in enumerate(answers)
]
QUIZZES = [(name, quiz) for name in names() for quiz in quizzes(name) if "```python" in source(name, quiz)]


@pytest.mark.parametrize(("name", "exercise"), EXERCISES)
def test_no_exercise_needs_another_one(name, exercise):
    reads, sets, *_ = names_in(f"{source(name, exercise)}\n{solution(name, exercise)}")
    others = "\n".join(solution(name, other) for other in exercises(name) if other != exercise)
    taught = [
        each.source for each in lesson(name).cells if each.cell_type == "code" and "try-" not in each.id
    ]
    known = set().union(*(made | imports for _, made, _, imports in map(names_in, taught)))
    assert (reads - sets - known) & names_in(others)[1] == set()


def test_each_exercise_has_wrong_answers_with_messages_of_their_own():
    assert {place for place in EXERCISES if place[0] not in VALUES} == set(WRONG)
    for answers in WRONG.values():
        assert len(answers) >= 2
        assert len({message for _, message in answers}) == len(answers)


@pytest.mark.parametrize(("name", "exercise"), EXERCISES)
def test_the_solution_passes_its_check(runs, name, exercise):
    shown = runs[name].result()
    assert "Error: " not in shown[f"{exercise}-solution"]
    assert last_line(shown[f"{exercise}-solution-check"]).startswith("Right: ")


@pytest.mark.parametrize(("name", "exercise", "number", "message"), ANSWERS)
def test_a_wrong_answer_gets_its_message(runs, name, exercise, number, message):
    shown = runs[name].result()
    assert "Error: " not in shown[f"{exercise}-wrong-{number}"]
    check = last_line(shown[f"{exercise}-wrong-{number}-check"])
    assert check.startswith("Not yet: ")
    assert message in check


@pytest.mark.parametrize(("name", "quiz"), QUIZZES)
def test_the_code_of_a_quiz_prints_what_its_answer_shows(runs, name, quiz):
    (answer,) = fenced(source(name, quiz), "text")
    assert runs[name].result()[f"{quiz}-code"] == answer
