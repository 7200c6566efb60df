"""The checks of lesson 10 know the right result, and say what is off with the likely wrong ones."""

from __future__ import annotations

import re
from html import escape

import pytest

from workbench import exercises

PICTURE = '<img src="data:image/png;base64,AA==" alt="Chart: fruit.">'
LIBRARY = '<h2>Visitors to the town library by month</h2><img src="data:image/png;base64,AA==" alt="Chart.">'


def page(body):
    return f"<!DOCTYPE html><html><body>{body}</body></html>"


def raises(text):
    raise KeyError(text)


RIGHT = [
    (exercises.run_cost, 0.0078),
    (exercises.safe_item, lambda text: f"<li>{escape(text)}</li>"),
    (exercises.safe_item, lambda text: f"<li>\n{escape(text, quote=False)}</li>".replace("\n", "")),
    (exercises.own_report, page(PICTURE + LIBRARY)),
]
WRONG = [
    (exercises.run_cost, 7800.0, "a million"),
    (exercises.run_cost, 0.78, "cents"),
    (exercises.run_cost, 0.02445, "the other kind"),
    (exercises.run_cost, 0.00645, "one price"),
    (exercises.run_cost, 3, "not the cost"),
    (exercises.run_cost, "0.0078", "not a number"),
    (exercises.run_cost, float("inf"), "not a number"),
    (exercises.safe_item, "<li></li>", "the function itself"),
    (exercises.safe_item, lambda text: f"<li>{text}</li>", "became a tag"),
    (exercises.safe_item, lambda text: f"<li>{escape(escape(text))}</li>", "twice"),
    (exercises.safe_item, lambda text: f"<li>{escape(re.sub('<[^>]*>', '', text))}</li>", "lost"),
    (exercises.safe_item, escape, "one <li>"),
    (exercises.safe_item, lambda text: escape(f"<li>{text}</li>"), "one <li>"),
    (exercises.safe_item, lambda text: None, "return line"),
    (exercises.safe_item, lambda text: 5, "and it returned 5"),
    (exercises.safe_item, lambda: "<li></li>", "TypeError"),
    (exercises.safe_item, raises, "KeyError"),
    (exercises.own_report, 5, "a text"),
    (exercises.own_report, LIBRARY, "no whole page"),
    (exercises.own_report, page(PICTURE), "not in the report"),
    (exercises.own_report, page(LIBRARY), "new chart alone"),
    (exercises.own_report, page(LIBRARY + PICTURE.replace("data:", "files/")), "by its path"),
    (exercises.own_report, page(LIBRARY + PICTURE.replace("Chart: fruit.", " ")), "no alternative text"),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right(check, answer):
    assert check(answer).startswith("Right: ")


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_wrong(check, answer, hint):
    said = check(answer)
    assert said.startswith("Not yet: ")
    assert hint in said


@pytest.mark.parametrize("check", [exercises.run_cost, exercises.safe_item, exercises.own_report])
def test_not_begun(check):
    assert check(None).startswith("Not yet: the variable is still None")
