"""The plans of the guide work: exactly the cells that a plan names run, with nothing before them, and its exercises.

The plans are read from the guide's own words: `from the top to "A heading"`, `whole`, `First exercise of lesson 02`,
`with two exercises`. A whole lesson with its solutions is what `test_solutions` runs; the rest runs here.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

import nbformat
import pytest

from tests.lessons.kernels import executed
from tests.lessons.pages import NOTEBOOKS, minutes_of
from tests.lessons.test_course import minutes_in
from tests.lessons.test_solutions import EXERCISES, cell, said, solution

GUIDE = (NOTEBOOKS / "facilitator_guide.md").read_text(encoding="utf-8")
ORDINALS = {"First": 1, "Second": 2, "Third": 3}
NUMBERS = {"one exercise": 1, "two exercises": 2, "three exercises": 3}


@dataclass(frozen=True)
class Part:
    """What a plan does with one lesson: until which heading (None for the whole), and the numbers of exercises."""

    lesson: str
    until: str | None
    exercises: tuple[int, ...]


def plans():
    """The rows of each plan, by the plan's name: (minute, words)."""
    found = re.findall(r"^## (The [\w-]+ plan)\n(.*?)(?=^## )", GUIDE, flags=re.DOTALL | re.MULTILINE)
    return {
        name: [
            (int(minute), words) for minute, words in re.findall(r"^\| (\d+) \| (.+) \|$", text, re.MULTILINE)
        ]
        for name, text in found
    }


def parts(rows):
    """The lessons of a plan in its order."""
    found = {}
    for _, words in rows:
        if match := re.match(r"\[Lesson \d\d\]\((\w+)\.ipynb\)(.*)", words):
            name, rest = match.groups()
            until = re.match(r', from the top to "(.+?)"', rest)
            assert until or rest.startswith(" whole"), f"which cells? {words}"
            count = next((count for text, count in NUMBERS.items() if text in rest), 0)
            found[name] = Part(name, until[1] if until else None, tuple(range(1, count + 1)))
        elif match := re.match(r"(\w+) exercise of lesson (\d\d)", words):
            (name,) = (name for name in found if name.startswith(match[2]))
            part = found[name]
            found[name] = Part(name, part.until, (*part.exercises, ORDINALS[match[1]]))
    return list(found.values())


def cells_until(book, heading):
    """The cells from the top to the end of the section with this heading, or None if there is no such heading."""
    level = None
    for number, each in enumerate(book.cells):
        text = each.source if each.cell_type == "markdown" else ""
        for mark, words in re.findall(r"^(#+) (.+)$", text, re.MULTILINE):
            if level is not None and len(mark) <= level:
                return book.cells[:number]
            if words == heading:
                # What follows the title of a lesson up to its first section is a section, too.
                level = max(2, len(mark))
    return None


PARTS = list(dict.fromkeys(part for rows in plans().values() for part in parts(rows)))


def test_the_plans_are_those_of_the_first_page_and_keep_their_time():
    assert list(plans()) == ["The 45-minute plan", "The 90-minute plan", "The half-day plan"]
    for (name, rows), length in zip(plans().items(), (45, 90, 240), strict=True):
        minutes = [minute for minute, _ in rows]
        assert minutes == sorted(minutes), name
        assert minutes[-1] == length
        assert any(part.exercises for part in parts(rows))


def test_a_plan_gives_each_lesson_the_minutes_that_it_takes():
    for (begin, words), (end, _) in (pair for rows in plans().values() for pair in itertools.pairwise(rows)):
        if not words.startswith("[Lesson"):
            continue
        (part,) = parts([(begin, words)])
        path = NOTEBOOKS / f"{part.lesson}.ipynb"
        book = nbformat.read(path, as_version=4)
        cells = cells_until(book, part.until) if part.until else book.cells
        one_exercise = int(minutes_in(path)[1]) / sum(name == part.lesson for name, _ in EXERCISES)
        assert end - begin >= minutes_of(cells) + one_exercise * len(part.exercises), words


@pytest.mark.parametrize("part", [part for part in PARTS if part.until is None], ids=str)
def test_a_whole_lesson_of_a_plan_is_run_with_its_solutions(part):
    assert part.exercises
    assert {(part.lesson, f"try-{number}") for number in part.exercises} <= set(EXERCISES)


@pytest.mark.kernel
@pytest.mark.slow
@pytest.mark.parametrize("part", [part for part in PARTS if part.until is not None], ids=str)
def test_the_cells_of_a_plan_and_its_exercises_run(part):
    book = nbformat.read(NOTEBOOKS / f"{part.lesson}.ipynb", as_version=4)
    cells = cells_until(book, part.until)
    assert cells, f"{part.lesson} has no heading {part.until!r}"
    for number in part.exercises:
        name = f"try-{number}"
        (check,) = (each.source for each in book.cells if each.id == f"{name}-check")
        cells += [cell(solution(part.lesson, name), name), cell(check, f"{name}-check")]
    shown = {each.id: said(each) for each in executed(cells, book.metadata)}
    for number in part.exercises:
        assert "Error: " not in shown[f"try-{number}"]
        assert "Right: " in shown[f"try-{number}-check"], shown[f"try-{number}-check"]
