from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from pathlib import Path

import nbformat
import pytest

from tests.servers import free_port, serving

ROOT = Path(__file__).parents[2]
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
SPOKEN = "where_is_the_train_station"
"""The clip that the browser's fake microphone hears."""
PATIENCE = 300_000
"""Milliseconds, a guard against hangs: beside other work JupyterLab's scripts alone took more than a minute."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def find_chromium():
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium():
    path = find_chromium()
    if path:
        return path
    reason = f"no Chromium on the path (looked for {', '.join(NAMES)})"
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextlib.contextmanager
def launched(chromium):
    """A browser until the block ends; Playwright runs an event loop on the main thread for just as long."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                *("--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"),
                *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
                f"--use-file-for-fake-audio-capture={ROOT / 'data' / 'clips' / SPOKEN}.wav%noloop",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def context(browser):
    """What pages share that a learner opens one after another: scripts are loaded and compiled once."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


# Other tests run event loops of their own, so that Playwright ends with the tests of this folder.
@pytest.fixture(scope="package")
def browser(chromium):
    with launched(chromium) as browser:
        yield browser


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, which looks at a page for what keeps people out."""
    if AXE.exists():
        return AXE.read_text(encoding="utf-8")
    reason = "no axe-core: run `npm ci --prefix tests/browser`"
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


def copied_lessons(folder):
    for name in ("notebooks", "data", ".github"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name in ("voila.json", "lab.json", "README.md", ".env.example"):
        shutil.copy(ROOT / name, folder)
    return folder


def own_data(folder):
    """An environment in which what the playground keeps by itself stays with the test, and readings are shared."""
    own = {**os.environ, "JUPYTER_DATA_DIR": str(folder / "jupyter"), "READINGS_TAKEN": "1"}
    # Where it is set, a kernel does not show what libraries in C print, and a learner's kernel does.
    own.pop("PYTEST_CURRENT_TEST", None)
    return own


def add_cells(path, sources):
    """Append code cells to a copy of a notebook."""
    book = nbformat.read(path, 4)
    book.cells += [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(book, path)


# Fields for the tests: what trouble the offline endpoint is asked for, which server is talked to, and on which threads
# the tool hears what is sent.
CONTROLS = """\
import os
import threading
import ipywidgets

fault = ipywidgets.Text(description="Fault for the test", continuous_update=False)

def trouble(change):
    tool.playground.headers.clear()
    if change.new:
        tool.playground.headers["x-offline-fault"] = change.new

fault.observe(trouble, "value")
server = ipywidgets.Text(description="Server for the test", continuous_update=False)
own = os.environ["AZURE_INFERENCE_ENDPOINT"]
asked = ipywidgets.HTML()

def ask_there(change):
    os.environ["AZURE_INFERENCE_ENDPOINT"] = change.new or own
    asked.value = f'<span class="asked-server">[{change.new}]</span>'

server.observe(ask_there, "value")
sample = ipywidgets.HTML(f'<span id="sample-url">{here.sample_url("charts/cafe_drinks.png")}</span>')
threads = ipywidgets.HTML()

def hear(change):
    name = threading.current_thread().name
    if name not in threads.value:
        threads.value += f'<span class="thread">{name}</span>'

tool._composer.observe(hear, "prompt")
ipywidgets.VBox([fault, server, asked, sample, threads])
"""


@pytest.fixture(scope="session")
def voila(chromium, tmp_path_factory):
    """The playground as Voila serves it; gives its URL."""
    folder = copied_lessons(tmp_path_factory.mktemp("voila"))
    add_cells(folder / "notebooks" / "13_playground.ipynb", [CONTROLS])
    port = free_port()
    command = ["voila", "notebooks/13_playground.ipynb", "--no-browser", f"--port={port}"]
    url = f"http://127.0.0.1:{port}/"
    # A visit starts a kernel and runs the page, so the wait asks for a file that needs neither.
    with serving(command, f"{url}voila/static/voila.js", folder=folder, environment=own_data(folder)):
        yield url


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    """JupyterLab on a copy of the lessons; gives its URL, its token and the copy's folder."""
    folder = copied_lessons(tmp_path_factory.mktemp("lab"))
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # All cells stay in the page, so that a test sees those that are scrolled out of sight.
    (settings / "tracker.jupyterlab-settings").write_text(
        json.dumps({"windowingMode": "none"}), encoding="utf-8"
    )
    notices = folder / "settings" / "@jupyterlab" / "apputils-extension"
    notices.mkdir(parents=True)
    # Its question about news would lie over the page.
    (notices / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}', encoding="utf-8")
    port, token = free_port(), secrets.token_hex(16)
    url = f"http://127.0.0.1:{port}"
    command = [
        *(
            "jupyterlab",
            "--config=lab.json",
            "--no-browser",
            "--allow-root",
            f"--port={port}",
            "--ServerApp.port_retries=0",
        ),
        *(f"--ServerApp.root_dir={folder}", f"--LabApp.user_settings_dir={folder / 'settings'}"),
        *(f"--LabApp.workspaces_dir={folder / 'workspaces'}", "--LabApp.news_url=None"),
        "--LabApp.expose_app_in_browser=True",
        f"--IdentityProvider.token={token}",
    ]
    with serving(command, f"{url}/api/status?token={token}", folder=folder, environment=own_data(folder)):
        yield url, token, folder
