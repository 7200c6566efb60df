"""Checks for the exercises of lesson 10."""

from __future__ import annotations

import math
from html.parser import HTMLParser
from typing import Any

from workbench.exercises.functions import KEEP_IT, called, unusable

PROMPT_TOKENS, COMPLETION_TOKENS = 12_000, 900
"""What the run in the exercise used."""
PROMPT_PRICE, COMPLETION_PRICE = 0.50, 2.00
"""Dollars for a million tokens, made up for the exercise."""
TRICKY = '<b title="sale">5 > 3 & 2 < 4</b>'
"""What the learner's function is tried on."""


def run_cost(answer: Any) -> str:
    """What does a run of 12,000 prompt and 900 completion tokens cost, at 0.50 and 2.00 dollars a million?

    Args:
        answer: the learner's number of dollars.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if answer is None:
        return "Not yet: the variable is still None. Put in a number of dollars, or the sum that gives it."
    if not isinstance(answer, int | float) or isinstance(answer, bool) or not math.isfinite(answer):
        return f"Not yet: {answer!r} is not a number of dollars."
    right = (PROMPT_TOKENS * PROMPT_PRICE + COMPLETION_TOKENS * COMPLETION_PRICE) / 1_000_000
    swapped = (PROMPT_TOKENS * COMPLETION_PRICE + COMPLETION_TOKENS * PROMPT_PRICE) / 1_000_000
    one_price = (PROMPT_TOKENS + COMPLETION_TOKENS) * PROMPT_PRICE / 1_000_000
    if math.isclose(answer, right, rel_tol=0.001):
        return "Right: 0.6 cents for the prompt and 0.18 cents for the completion."
    if math.isclose(answer, right * 1_000_000, rel_tol=0.001):
        return "Not yet: the prices are for a million tokens, and this is a million times too much."
    if math.isclose(answer, right * 100, rel_tol=0.001):
        return "Not yet: that is cents. The question asks for dollars."
    if math.isclose(answer, swapped, rel_tol=0.001):
        return "Not yet: each price went to the other kind of token."
    if math.isclose(answer, one_price, rel_tol=0.001):
        return "Not yet: all tokens were counted at one price. Completion tokens have their own."
    return f"Not yet: {answer:g} dollars is not the cost. Each kind of token has its own price."


def safe_item(function: Any) -> str:
    """Does the learner's function make a list item in which a text shows as it is, whatever is in it?

    Args:
        function: takes a text and returns HTML.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if problem := unusable(function, "Define a function, and keep it without calling it.", KEEP_IT):
        return problem
    made, problem = called(function, TRICKY)
    if problem:
        return problem
    if made is None:
        return "Not yet: the function returns nothing. Is there a return line?"
    if not isinstance(made, str):
        return f"Not yet: the function has to return a text, and it returned {made!r}."
    page = _Page(made)
    if page.tags != ["li"]:
        if "b" in page.tags:
            return (
                "Not yet: a tag in the text became a tag of the page. Escape the text before you put it in."
            )
        return "Not yet: the function has to give one <li> and no other tag."
    if page.text == TRICKY:
        return "Right: the text shows as it is, and nothing in it can act."
    if "&lt;" in page.text or "&amp;" in page.text:
        return "Not yet: the text was escaped twice, so a reader would see &lt; in place of <."
    return "Not yet: a part of the text is lost. It has to show as it is, tags included."


def own_report(page: Any) -> str:
    """Is this a report with one more chart in it, embedded and described?

    Args:
        page: the HTML of the learner's report.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if page is None:
        return "Not yet: the variable is still None. Read the chart, and keep what report_page(...) returns."
    if not isinstance(page, str):
        return f"Not yet: keep the page itself, which is a text, not a {type(page).__name__}."
    found = _Page(page)
    if "html" not in found.tags:
        return "Not yet: this is no whole page. Keep what report_page(...) returns."
    if "Visitors to the town library" not in found.text:
        return "Not yet: the chart of the library is not in the report. Did its reading go into the list?"
    if not all(source.startswith("data:") for source in found.sources):
        return "Not yet: a picture is named by its path, so it is lost when the page is sent on. Embed its bytes."
    if len(found.sources) < 2:
        return "Not yet: the report holds the new chart alone. Keep the readings that were there before."
    if not all(found.alternatives):
        return "Not yet: a picture has no alternative text, so it says nothing to those who cannot see it."
    return f"Right: the report holds {len(found.sources)} pictures, each embedded and described."


class _Page(HTMLParser):
    """The tags, the text and the pictures of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.sources: list[str] = []
        self.alternatives: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "img":
            values = dict(attrs)
            self.sources.append(values.get("src") or "")
            self.alternatives.append((values.get("alt") or "").strip())

    def handle_data(self, data: str) -> None:
        self.text += data
