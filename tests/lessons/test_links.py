"""Links: those within the project lead somewhere; those to the web are well formed, and with --links they answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import unquote, urlsplit

import pytest
import requests

from tests.lessons.pages import PAGES, ROOT, anchors_of, blocks_of, name_of

SECONDS = 20


def targets_of(path):
    return [target for block in blocks_of(path) for _, target in (*block.links, *block.pictures)]


def outside():
    return sorted({target for path in PAGES for target in targets_of(path) if urlsplit(target).scheme})


def fault_within(path, target):
    """What is wrong with a link from a page to a file of the project, or an empty string."""
    file, _, anchor = unquote(target).partition("#")
    goal = (path.parent / file).resolve() if file else path
    if file.startswith("/") or "\\" in file:
        return "not a relative path with forward slashes"
    if not goal.is_relative_to(ROOT.resolve()) or not goal.exists():
        return "leads nowhere"
    if anchor and anchor not in anchors_of(goal):
        return "no such heading, or one that GitHub and JupyterLab name differently"
    return ""


def fault_outside(target):
    """What is wrong with the form of a link to the web, or an empty string."""
    parts = urlsplit(target)
    if parts.scheme != "https":
        return "not https"
    if not parts.hostname or "." not in parts.hostname or parts.username or parts.port:
        return "not a public host"
    if any(letter.isspace() or letter in '<>"`{}|\\^' for letter in target) or target.endswith(
        (".", ",", ")")
    ):
        return "stray characters"
    return ""


def answer(url):
    """What is wrong with what a URL answers, or an empty string."""
    headers = {"User-Agent": "link check of image-and-audio-prompting"}
    try:
        with requests.get(url, headers=headers, timeout=SECONDS, stream=True) as reply:
            return "" if reply.status_code < 400 else f"status {reply.status_code}"
    except requests.RequestException as error:
        return type(error).__name__


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_within_lead_somewhere(path):
    targets = [target for target in targets_of(path) if not urlsplit(target).scheme]
    assert not {target: fault for target in targets if (fault := fault_within(path, target))}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_to_the_web_are_well_formed(path):
    targets = [target for target in targets_of(path) if urlsplit(target).scheme]
    assert not {target: fault for target in targets if (fault := fault_outside(target))}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_link_words_say_where_they_lead(path):
    words = [words.lower() for block in blocks_of(path) for words, _ in block.links]
    assert not [each for each in words if each in ("", "here", "this", "link", "click here", "this page")]


@pytest.mark.parametrize(
    "target",
    ["missing.ipynb", "/etc/hosts", "..\\README.md", "../../elsewhere.md", "glossary.md#no-such-term"],
)
def test_a_broken_link_within_is_seen(target):
    assert fault_within(PAGES[0], target)


@pytest.mark.parametrize(
    "target",
    ["http://example.com", "https://localhost/", "https://a:b@example.com", "https://example.com/a)"],
)
def test_a_malformed_link_to_the_web_is_seen(target):
    assert fault_outside(target)


@pytest.fixture
def origin():
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/there" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_dead_link_is_seen(origin):
    assert answer(f"{origin}/there") == ""
    assert answer(f"{origin}/gone") == "status 404"
    assert answer("http://127.0.0.1:1/") == "ConnectionError"


def test_links_to_the_web_answer(request):
    if not request.config.getoption("links"):
        pytest.skip("needs the network: run with --links")
    with ThreadPoolExecutor(8) as pool:
        said = dict(zip(outside(), pool.map(answer, outside()), strict=True))
    assert not {url: fault for url, fault in said.items() if fault}
