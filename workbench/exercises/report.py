"""Checks of the lesson on a report."""

from __future__ import annotations

import math
from html.parser import HTMLParser
from typing import Any

from workbench.exercises.contract import KEEP_IT, NotYet, called, check, function_of, kind, number, shown
from workbench.exercises.sent import DATA, shows

PROMPT_TOKENS, COMPLETION_TOKENS = 12_000, 900
"""What the run in the exercise used."""
PROMPT_PRICE, COMPLETION_PRICE = 0.50, 2.00
"""Dollars for a million tokens, made up for the exercise."""
TRICKY = (
    '<b title="sale">5 > 3 & 2 < 4</b>',
    "<!-- note --> Tom & 'Ann' &amp; <script>alert(1)</script>",
    "Tea",
)
"""What the learner's function is tried on."""
LIBRARY = DATA / "charts" / "library_visitors.png"


@check("Put in a number of dollars, or the sum that gives it.")
def run_cost(answer: Any) -> str:
    """What does a run of 12,000 prompt and 900 completion tokens cost, at 0.50 and 2.00 dollars a million?"""
    dollars = number(answer, "a number of dollars")
    right = (PROMPT_TOKENS * PROMPT_PRICE + COMPLETION_TOKENS * COMPLETION_PRICE) / 1_000_000
    slips = {
        right * 1_000_000: "the prices are for a million tokens, and this is a million times too much.",
        right * 100: "that is cents. The question asks for dollars.",
        (PROMPT_TOKENS * COMPLETION_PRICE + COMPLETION_TOKENS * PROMPT_PRICE) / 1_000_000: (
            "each price went to the other kind of token."
        ),
        (PROMPT_TOKENS + COMPLETION_TOKENS) * PROMPT_PRICE / 1_000_000: (
            "all tokens were counted at one price. Completion tokens have their own."
        ),
    }
    if math.isclose(dollars, right, rel_tol=0.001):
        return "0.6 cents for the prompt and 0.18 cents for the completion."
    for slip, what in slips.items():
        if math.isclose(dollars, slip, rel_tol=0.001):
            raise NotYet(what)
    raise NotYet(f"{dollars:g} dollars is not the cost. Each kind of token has its own price.")


@check()
def safe_item(function: Any) -> str:
    """Does a function make a list item of a text, in which the text shows as it is, whatever is in it?"""
    function_of(function, "Define a function, and keep it without calling it.", KEEP_IT)
    for text in TRICKY:
        _look_at_item(called(function, text), text)
    return "the text shows as it is, and nothing in it can act."


def _look_at_item(made: Any, text: str) -> None:
    if made is None:
        raise NotYet("the function returns nothing. Is there a return line?")
    if not isinstance(made, str):
        raise NotYet(f"the function has to return a text, and it returned {shown(made)}.")
    page = _Page(made)
    if page.tags != ["li"]:
        if {"b", "script"} & set(page.tags):
            raise NotYet("a tag in the text became a tag of the page. Escape the text before you put it in.")
        raise NotYet("the function has to give one <li> and no other tag.")
    if page.text.strip() == text:
        return
    if any(sign in page.text for sign in ("&lt;", "&amp;amp;")):
        raise NotYet("the text was escaped twice, so a reader would see &lt; in place of <.")
    raise NotYet("a part of the text is lost. It has to show as it is, tags included.")


@check("Read the chart, and keep what report_page(...) returns.")
def own_report(page: Any) -> str:
    """Is this the HTML of a report with the library's chart in it, beside others, embedded and described?"""
    if not isinstance(page, str):
        raise NotYet(f"keep the page itself, which is a text, not a {kind(page)}.")
    found = _Page(page)
    if "html" not in found.tags:
        raise NotYet("this is no whole page. Keep what report_page(...) returns.")
    if not found.sources:
        raise NotYet("the report holds no picture. Give its readings to report_page(...).")
    if not all(source.startswith("data:image/") for source in found.sources):
        raise NotYet(
            "a picture is named by its path, so it is lost when the page is sent on. Embed its bytes."
        )
    if not any(shows(source, LIBRARY) for source in found.sources):
        raise NotYet("the chart of the library is not in the report. Did its reading go into the list?")
    if len(set(found.sources)) < 2:
        raise NotYet("the report holds the new chart alone. Keep the readings that were there before.")
    if not all(found.alternatives):
        raise NotYet("a picture has no alternative text, so it says nothing to those who cannot see it.")
    return f"the report holds {len(found.sources)} pictures, each embedded and described."


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
