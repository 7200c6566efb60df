"""The pages of `python -m workbench.handouts` in a real browser, from files, light and dark, with no request."""

from __future__ import annotations

import re
import subprocess
import sys
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def handouts(tmp_path_factory):
    out = tmp_path_factory.mktemp("handouts") / "pages"
    done = subprocess.run(
        [sys.executable, "-m", "workbench.handouts", str(out)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert f"Open {out / 'notebooks' / '00_start_here.html'}" in done.stdout
    return out


@pytest.fixture
def opened(browser, request):
    """Opens a page from its file, and notes each request that is not for that file itself."""
    contexts = []

    def open_page(path, scheme="light"):
        contexts.append(browser.new_context(color_scheme=scheme, viewport={"width": 800, "height": 900}))
        page = contexts[-1].new_page()
        page.asked = []
        page.on("request", lambda call: page.asked.append(call.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_the_guide_says_how_much_they_take(handouts):
    (said,) = re.findall(
        r"They take (\d+) MB", (ROOT / "notebooks" / "facilitator_guide.md").read_text("utf-8")
    )
    takes = sum(path.stat().st_size for path in handouts.rglob("*") if path.is_file()) / 1_000_000
    assert abs(takes - int(said)) < 1


def test_each_lesson_is_a_page_that_asks_for_nothing_and_links_to_pages_that_are_there(handouts, opened):
    lessons = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    pages = sorted(handouts.rglob("*.html"))
    assert set(lessons) <= {page.stem for page in pages}
    for path in pages:
        page = opened(path)
        assert [url for url in page.asked if not url.startswith("data:")] == [path.as_uri()], path.name
        assert page.evaluate("[...document.images].every(one => one.complete && one.naturalWidth)"), path.name
        targets = page.evaluate(
            "[...document.querySelectorAll('a[href]')].map(link => link.href).filter(link => !/^http/.test(link))"
        )
        for target in set(targets):
            goal = unquote(urlsplit(target).path)
            assert goal.startswith(str(handouts)), target
            assert (handouts / goal).exists(), f"{path.name}: {target}"
            assert not goal.endswith((".ipynb", ".md")), target
        page.context.close()


def test_links_lead_from_page_to_page_and_to_the_word_meant(handouts, opened):
    page = opened(handouts / "notebooks" / "00_start_here.html")
    page.get_by_role("link", name="01 Set up a client").first.click()
    assert page.locator("h1").inner_text().startswith("Set up a client")
    page.get_by_role("link", name="offline endpoint").first.click()
    assert page.url.endswith("glossary.html#offline-endpoint")
    assert page.evaluate("document.querySelector(':target').textContent").startswith("offline endpoint")


def test_players_play_and_frames_show(handouts, opened):
    page = opened(handouts / "notebooks" / "03_audio_translation.html")
    page.wait_for_function("[...document.querySelectorAll('audio')].every(one => one.duration > 0.5)")
    assert page.locator("audio").count() >= 1
    page = opened(handouts / "notebooks" / "15_report.html")
    frame = page.frame_locator("iframe").first
    assert frame.locator("h1, h2").first.inner_text()


def brightness(page, what, of):
    numbers = page.evaluate(
        f"getComputedStyle(document.querySelector('{of}')).{what}.match(/[\\d.]+/g).slice(0, 3).map(Number)"
    )
    return sum(numbers) / 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_page(handouts, opened, scheme):
    page = opened(handouts / "notebooks" / "00_start_here.html", scheme)
    ground, words = brightness(page, "backgroundColor", "body"), brightness(page, "color", "main p")
    assert (ground > 200) == (scheme == "light")
    assert abs(ground - words) > 120


def test_nothing_is_cut_at_800_pixels(handouts, opened):
    for name in ("00_start_here", "02_image_charts"):
        page = opened(handouts / "notebooks" / f"{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= 800, name
