"""axe-core over each lesson and guide, as a page: what they hold, not the program that shows them."""

from __future__ import annotations

import functools

import pytest
from markdown_it import MarkdownIt
from nbconvert import HTMLExporter

from tests.lessons.pages import LESSONS, NOTEBOOKS, name_of

PAGES = [*LESSONS, *sorted(NOTEBOOKS.glob("*.md"))]
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The colors of code, errors and links, the height of a line and the tags around a cell belong to the program.
NOT_OURS = [".jp-InputArea-editor", ".jp-InputPrompt", ".jp-OutputPrompt", "[class^=ansi-]"]
NOT_OUR_RULES = {"link-in-text-block": {"enabled": False}, "target-size": {"enabled": False}}
RUN = """([standard, notOurs, rules]) => axe.run(
    {include: [["main"]], exclude: notOurs.map(each => [each])},
    {runOnly: standard, rules, resultTypes: ["violations"]},
)"""


@functools.cache
def rendered(path):
    """A lesson as nbconvert makes a page of it, a guide as plain HTML."""
    if path.suffix == ".ipynb":
        return HTMLExporter(template_name="lab").from_filename(str(path))[0]
    body = MarkdownIt("commonmark").enable("table").render(path.read_text(encoding="utf-8"))
    return f'<!DOCTYPE html><html lang="en"><title>{path.stem}</title><main>{body}</main></html>'


def violations(page, axe):
    """What axe finds in the page, one line for each place."""
    page.evaluate(axe)
    found = page.evaluate(RUN, [STANDARD, NOT_OURS, NOT_OUR_RULES])["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    # nbconvert's page asks for scripts on the web, which show formulas and widgets.
    page.route("http*://**", lambda route: route.abort())
    yield page
    page.close()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_nothing_keeps_people_out(page, axe, path):
    page.set_content(rendered(path), wait_until="domcontentloaded")
    assert not violations(page, axe)


def test_axe_sees_what_keeps_people_out(page, axe):
    page.set_content(
        '<html lang="en"><title>x</title><main><h1>x</h1><img src="data:,"><p style="color:#bbb">pale</p>'
        "<table><tr><td>1</td></tr></table></main></html>"
    )
    found = {each.partition(":")[0] for each in violations(page, axe)}
    assert {"image-alt", "color-contrast"} <= found


@pytest.mark.parametrize("path", LESSONS, ids=name_of)
def test_the_keyboard_goes_through_in_reading_order(page, path):
    page.set_content(rendered(path), wait_until="domcontentloaded")
    # A positive tabindex would pull an element out of the order of the page.
    assert page.eval_on_selector_all("main [tabindex]", "all => all.filter(e => e.tabIndex > 0).length") == 0
    page.evaluate("""() => document.querySelectorAll("main summary").forEach(e => e.focus())""")
    assert page.eval_on_selector_all("main summary", "all => all.every(e => e.tabIndex === 0)")
