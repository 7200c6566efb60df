from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[2]
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
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


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, which looks at a page for what keeps people out."""
    if AXE.exists():
        return AXE.read_text(encoding="utf-8")
    reason = "no axe-core: run `npm ci --prefix tests/browser`"
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    """JupyterLab on a copy of the lessons; gives its URL, its token and the copy's folder."""
    folder = tmp_path_factory.mktemp("lab")
    for name in ("notebooks", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # All cells stay in the page, so that a test sees those that are scrolled out of sight.
    (settings / "tracker.jupyterlab-settings").write_text(
        json.dumps({"windowingMode": "none"}), encoding="utf-8"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    token = secrets.token_hex(16)
    url = f"http://127.0.0.1:{port}"
    with (folder / "lab.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"),
                *(f"--ServerApp.root_dir={folder}", f"--LabApp.user_settings_dir={folder / 'settings'}"),
                *("--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
                *(f"--LabApp.workspaces_dir={folder / 'workspaces'}", "--LabApp.news_url=None"),
            ],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + 60
    while True:
        try:
            if requests.get(f"{url}/api/status", params={"token": token}, timeout=5).ok:
                break
        except requests.ConnectionError:
            pass
        assert process.poll() is None, (folder / "lab.log").read_text(encoding="utf-8")
        assert time.monotonic() < deadline, "JupyterLab did not start"
        time.sleep(0.2)
    yield url, token, folder
    process.terminate()
    process.wait(timeout=30)
