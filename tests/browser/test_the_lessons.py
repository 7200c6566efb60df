"""Each lesson in real JupyterLab: run all cells, and look at the page for what a learner would see."""

from __future__ import annotations

import contextlib
import re

import nbformat
import pytest
from playwright.sync_api import TimeoutError

from tests.browser.conftest import ROOT

LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
SECONDS = 600
"""A guard against hangs: a lesson that listens to a talk takes a minute of two cores with nothing else to do."""
# As a double click on a lesson in the list of files, and the menu's "Clear Outputs of All Cells".
OPEN = """async path => {
    const opened = await jupyterapp.commands.execute("docmanager:open", {path});
    await opened.context.ready;
    await opened.sessionContext.ready;
    await jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
}"""
CLOSE = """async () => {
    await jupyterapp.commands.execute("docmanager:save");
    await jupyterapp.serviceManager.sessions.shutdownAll();
    await jupyterapp.commands.execute("application:close-all");
}"""


def run_all(page):
    """Run all cells; a click that comes before the page is connected to its kernel runs none, and is repeated."""
    for _ in range(20):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        with contextlib.suppress(TimeoutError):
            page.locator(".jp-CodeCell .jp-InputPrompt", has_text=re.compile(r"\[[*\d]")).first.wait_for(
                timeout=30_000
            )
            return


@pytest.fixture(scope="module")
def open_lab(context, lab):
    """JupyterLab on one page, and what this page has asked of elsewhere."""
    url, token, _ = lab
    page = context.new_page()
    elsewhere = []
    page.on(
        "request",
        lambda call: (
            elsewhere.append(call.url) if not call.url.startswith((url, "data:", "ws:", "blob:")) else None
        ),
    )
    page.goto(f"{url}/lab/workspaces/lessons?token={token}")
    page.wait_for_function("window.jupyterapp?.commands.hasCommand('docmanager:open')")
    yield page, elsewhere
    page.close()


@pytest.fixture(scope="module", params=LESSONS)
def lesson(request, open_lab, lab):
    """The page of a lesson after Run All Cells, and its name."""
    page, elsewhere = open_lab
    name, folder = request.param, lab[2]
    elsewhere.clear()
    page.evaluate(OPEN, f"notebooks/{name}.ipynb")
    # A kernel is there once its name stands in the toolbar and it is idle.
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
    run_all(page)
    cells = len(
        [
            cell
            for cell in nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4).cells
            if cell.cell_type == "code"
        ]
    )
    page.wait_for_function(
        """count => {
            const prompts = [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')];
            return prompts.length === count && prompts.every(prompt => /\\[\\d+\\]/.test(prompt.textContent));
        }""",
        arg=cells,
        timeout=SECONDS * 1000,
        # By the clock: a page that draws all the time may leave no frame for the question.
        polling=250,
    )
    yield page, name, elsewhere, folder
    page.evaluate(CLOSE)


def test_no_error_but_those_meant(lesson):
    page, name, _, _ = lesson
    saved = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
    meant = [
        cell.outputs[-1].evalue.splitlines()[0]
        for cell in saved.cells
        if "raises-exception" in cell.metadata.get("tags", [])
    ]
    shown = page.locator(
        ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"
    ).all_inner_texts()
    assert len(shown) == len(meant)
    for text, error in zip(shown, meant, strict=True):
        assert error[:60] in text


def test_pictures_are_drawn_and_described(lesson):
    page, _, _, _ = lesson
    pictures = page.locator(".jp-OutputArea img")
    for picture in pictures.all():
        assert picture.get_attribute("alt")
        assert picture.evaluate("image => image.complete && image.naturalWidth > 0")


def test_players_can_play(lesson):
    page, _, _, _ = lesson
    page.wait_for_function(
        "() => [...document.querySelectorAll('audio')].every(audio => audio.readyState > 0)"
    )
    for player in page.locator("audio").all():
        assert player.evaluate("audio => audio.duration") > 0.5


def test_nothing_is_loaded_from_elsewhere(lesson):
    _, _, elsewhere, _ = lesson
    assert elsewhere == []


def test_screenshot(lesson):
    page, name, _, folder = lesson
    picture = folder / f"{name}.png"
    page.screenshot(path=picture)
    assert picture.stat().st_size > 20_000
    # The first lines of the lesson are what a learner sees first.
    assert re.search(r"What you will do", page.locator(".jp-Notebook").inner_text())
