"""The first screen as README's command opens it: JupyterLab at the project's root, on the start page."""

from __future__ import annotations

import functools
import re

import pytest

from tests.browser.conftest import PATIENCE

pytestmark = pytest.mark.browser
NARROW = {"at 800 pixels": (800, 900, 1), "at 200 percent": (640, 512, 2)}
"""Width and height in the page's own pixels, and screen pixels for each: 1280 x 1024 at 200 % zoom is the second."""


@pytest.fixture(scope="module")
def context(browser):
    """A context for each width and zoom: JupyterLab's scripts are loaded once in each."""

    @functools.cache
    def of(width, height, scale):
        made = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
        made.set_default_timeout(PATIENCE)
        return made

    return of


@pytest.fixture
def opened(context, lab):
    """Opens a lesson in JupyterLab, on a page of a width and zoom."""
    url, token, _ = lab
    pages = []

    def open_lesson(name, width=1280, height=900, scale=1):
        pages.append(context(width, height, scale).new_page())
        page = pages[-1]
        page.goto(f"{url}/lab/workspaces/first-{name}-{width}/tree/notebooks/{name}.ipynb?token={token}")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        # On a narrow page the toolbar has no room for it.
        idle = ".jp-Notebook-ExecutionIndicator[data-status='idle']"
        page.wait_for_selector(idle, state="attached")
        return page

    yield open_lesson
    for page in pages:
        page.close()


def test_the_first_screen_shows_a_picture_and_its_links_lead_on(opened, lab):
    page = opened("00_start_here")
    picture = page.locator(".jp-Notebook .jp-MarkdownOutput img").first
    picture.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.jp-MarkdownOutput img').naturalWidth > 0")
    assert len(picture.get_attribute("alt")) > 40
    # The folder with the samples is in the list of files one level up.
    page.locator(".jp-BreadCrumbs-home").click()
    listed = page.locator(".jp-DirListing-content")
    listed.get_by_text("data", exact=True).wait_for()
    listed.get_by_text("README.md", exact=True).wait_for()
    page.locator(".jp-Notebook").get_by_role("link", name="README").first.click()
    page.get_by_role("tab", name="README.md").wait_for()
    page.wait_for_function("document.body.innerText.includes('Set up and open the lessons')")
    page.wait_for_function(
        "[...document.querySelectorAll('.jp-MarkdownViewer img')].every(one => one.naturalWidth > 0)"
    )
    page.screenshot(path=lab[2] / "readme.png")
    # The settings' example has a name that begins with a dot.
    page.get_by_role("menuitem", name="View", exact=True).click()
    page.locator("#jp-mainmenu-view").get_by_text("Show Hidden Files").click()
    listed.get_by_text(".env.example", exact=True).wait_for()


WATCH = """() => {
    window.prompts = () => [...document.querySelectorAll(".jp-Notebook .jp-CodeCell .jp-InputPrompt")]
        .map(prompt => prompt.textContent);
    const look = () => { window.wasRunning ||= window.prompts().some(text => text.includes("*")); };
    const changes = {childList: true, subtree: true, characterData: true};
    new MutationObserver(look).observe(document.querySelector(".jp-Notebook"), changes);
}"""
DONE = """() => window.wasRunning && window.prompts().every(text => /\\[\\d+\\]/.test(text))
    && document.querySelector(".jp-Notebook-ExecutionIndicator").dataset.status === "idle"
    && document.querySelector(".jp-OutputArea-output").innerText.includes("Your setup works.")"""


def test_one_run_takes_the_place_of_what_was_saved(opened):
    page = opened("00_start_here")
    # A cell may run for less time than passes between two looks at the page; a kernel is busy as it starts, too.
    page.evaluate(WATCH)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(DONE)
    said = page.locator(".jp-OutputArea-output").first.inner_text()
    assert re.findall(r"Your setup works\.", said) == ["Your setup works."]


@pytest.mark.parametrize("width", NARROW)
@pytest.mark.parametrize("name", ["00_start_here", "02_image_charts"])
def test_nothing_is_cut_on_a_narrow_page(opened, lab, name, width):
    page = opened(name, *NARROW[width])
    # People close the list of files on a narrow screen; Ctrl+B does it.
    page.keyboard.press("Control+b")
    page.wait_for_selector(".jp-FileBrowser", state="hidden")
    page.locator(".jp-Notebook h2").last.wait_for(state="attached")
    page.wait_for_selector(".jp-Notebook h1")
    page.screenshot(path=lab[2] / f"{name}-{NARROW[width][0]}.png")
    cut = page.evaluate(
        """() => {
            const room = document.querySelector('.jp-Notebook').getBoundingClientRect().right;
            const scrolls = each => {
                for (let at = each.parentElement; at && !at.matches('.jp-Notebook'); at = at.parentElement)
                    if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true;
                return false;
            };
            return [...document.querySelectorAll('.jp-Notebook img, .jp-Notebook table, .jp-MarkdownOutput p,'
                    + ' .jp-Notebook pre, .jp-Notebook audio')]
                .filter(each => each.getBoundingClientRect().right > room + 1 && !scrolls(each))
                .map(each => each.outerHTML.slice(0, 120));
        }"""
    )
    assert not cut
