"""Every command that README and the guide give is run here, or stands in a table with the reason why it cannot be.

The commands are taken from the text. A new one that is in neither table fails.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import pytest
import requests
import websocket
from markdown_it import MarkdownIt

from tests.lessons.pages import NOTEBOOKS, ROOT
from tests.servers import free_port

PAGES = (ROOT / "README.md", NOTEBOOKS / "facilitator_guide.md")
SECONDS = 120
START = "jupyter lab --config=lab.json"
CULLED = "--MappingKernelManager.cull_idle_timeout=3600 --MappingKernelManager.cull_connected=True"
PROGRAM = r"(?:\.venv\S+|python3?|py|pip|pytest|git|npm|npx|nox|dask|docker|jupyter\w*|voila|uv|ruff|mypy)"
POWERSHELL = re.compile(r"\.venv\\|^\$env:|^py -m")

NETWORK = "downloads packages"
WINDOWS = "PowerShell; its words are compared with those for macOS and Linux"
ELSEWHERE = {
    "python -m pip install -r requirements.txt": NETWORK,
    "python -m pip install -r requirements-dev.txt": NETWORK,
    "pip install -r requirements-ears.txt": NETWORK,
    "pip install -r requirements-cloud.txt": NETWORK,
    "python -m pip download -r requirements.txt -d wheels": NETWORK,
    'pip install torch "transformers[serving]" && pytest tests/contract/test_local_server.py': NETWORK,
    "npm ci --prefix tests/browser": NETWORK,
    "python -m pip install -r .jupyterhub/requirements.txt": NETWORK,
    "npm install -g configurable-http-proxy": NETWORK,
    "jupyterhub -f .jupyterhub/jupyterhub_config.py": "needs the packages of the two lines before",
    "git clone <the address of this repository> lessons": "the address is known once the project is in public",
    "python -m pytest -n 2 --dist loadfile": "is the run that this test belongs to",
    "pytest --live": "needs a live endpoint; tests/contract/test_live.py runs it against a server here",
    "pytest --links tests/lessons/test_links.py": "asks the web",
    "pytest tests/benchmarks -s": "takes minutes on a machine with nothing else to do",
    "voila notebooks/13_playground.ipynb": "tests/browser runs it, and looks at the page",
    "python -m tests.save_lessons": "takes minutes; one lesson is saved below, with no byte changed",
    "python -m workbench.check": "tests/contract/test_check.py runs it, with settings and without",
    "jupyter execute --inplace": "named as what changes each file",
    "python -m workbench.handouts handouts": "tests/browser/test_handouts.py runs it, and opens the pages",
    "dask scheduler": "tests/contract/test_batch_cluster.py runs it with these options",
    "dask worker": "tests/contract/test_batch_cluster.py runs it with these options",
}
"""Commands that do not run here, by how they begin, and why."""


def fences(path):
    return [token for token in MarkdownIt().parse(path.read_text(encoding="utf-8")) if token.type == "fence"]


def blocks(path):
    """The fenced blocks with commands; a block that names a language holds something else, such as a file."""
    return [token.content for token in fences(path) if token.info in ("", "sh")]


def plain(line):
    """A command without its environment's folder and without the comment behind it."""
    line = re.sub(r"(?<!\S)\.venv(?:/bin/|\\Scripts\\)", "", line).strip()
    return re.sub(r"\s{2,}#.*", "", line)


def commands():
    """All commands of the pages, in blocks and in running text, as they stand."""
    found = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for block in blocks(path):
            found += [
                line for line in block.splitlines() if line.strip() and not line.startswith((" ", "http"))
            ]
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
        found += [each for each in re.findall(r"`([^`\n]+)`", prose) if re.match(rf"{PROGRAM} \S", each)]
    return list(dict.fromkeys(found))


def reason(command):
    """Why a command is not run here, or None."""
    if POWERSHELL.search(command):
        return WINDOWS
    words = plain(command).removeprefix("python3 ").removeprefix("py ")
    for start, why in ELSEWHERE.items():
        exact = start not in ("dask scheduler", "dask worker")
        if words == start or (not exact and words.startswith(start)):
            return why
    return None


def python(*words, folder=ROOT, **more):
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | more
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
    )


def ran(done, *said):
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(each in done.stdout for each in said), done.stdout
    return done


@contextlib.contextmanager
def started(words, folder, **more):
    """A server in a process of its own, until the block ends; Ctrl+C has to end it with no error."""
    log = folder / "log"
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | more,
            stdout=out,
            stderr=out,
        )
        try:
            yield process, log
            # A press that comes while the server still starts may be lost, and a learner presses again.
            for _ in range(SECONDS // 10):
                process.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=10)
                    break
            assert process.poll() is not None, "Ctrl+C does not end it"
        finally:
            process.kill()
            process.wait()


def answer(url, process, log):
    deadline = time.monotonic() + SECONDS
    while True:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(url, timeout=10)
        time.sleep(0.2)


def make_environment(command, folder):
    # The folder's own packages come with the next line of the text, so pip may be left out here.
    ran(python(*shlex.split(command)[1:], "--without-pip", folder=folder))
    assert (folder / ".venv" / "bin" / "python").exists() or (folder / ".venv" / "Scripts").exists()


def install_folders(command, folder):
    for name in ("formats", "helpers", "workbench", "offline_endpoint"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    done = ran(python(*shlex.split(command)[1:], "--dry-run", folder=folder), "Would install")
    assert "image-and-audio-prompting" in done.stdout


def install_from_wheels(command, folder):
    # Here all is installed already; a fault in the options or in a hash would still stop pip.
    (folder / "wheels").mkdir()
    shutil.copy(ROOT / "requirements.txt", folder)
    ran(python(*shlex.split(command)[1:], "--dry-run", folder=folder), "Requirement already satisfied")


@contextlib.contextmanager
def lab(words, folder):
    """JupyterLab as the text starts it, on a port that is free here; gives its origin, its token and its first page."""
    program, *words = words
    assert program == "lab"
    port, token = free_port(), "token=of-this-test"
    own = ["--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0"]
    own += ["--IdentityProvider.token=of-this-test", "--LabApp.news_url=None"]
    with started(["jupyterlab", *words, *own], folder, JUPYTER_DATA_DIR=str(folder)) as (process, log):
        origin = f"http://127.0.0.1:{port}"
        yield origin, token, answer(f"{origin}/?{token}", process, log)


def open_lab(command, folder):
    with lab(shlex.split(command)[1:], folder) as (origin, token, first):
        assert first.url.startswith(f"{origin}/lab/tree/notebooks/00_start_here.ipynb")
        assert first.ok
        listed = requests.get(f"{origin}/api/contents/?{token}", timeout=30).json()["content"]
        assert {"README.md", "data", "notebooks", ".env.example"} <= {each["name"] for each in listed}


def end_idle_kernels(command, folder):
    """The text's options with a second in place of an hour, and a look each second in place of each five minutes."""
    words = shlex.split(command.replace("=3600", "=1"))[1:]
    with lab([*words, "--MappingKernelManager.cull_interval=1"], folder) as (origin, token, _):
        kernels = f"{origin}/api/kernels"
        made = requests.post(f"{kernels}?{token}", json={}, timeout=SECONDS).json()["id"]
        # A page that stays open has such a link to its kernel.
        link = websocket.create_connection(f"{kernels}/{made}/channels?{token}".replace("http", "ws", 1))
        deadline = time.monotonic() + SECONDS
        while requests.get(f"{kernels}?{token}", timeout=30).json():
            assert time.monotonic() < deadline, "an idle kernel goes on"
            time.sleep(0.2)
        link.close()


def serve_alone(command, folder):
    """The offline endpoint as the text starts it, on a port that is free here."""
    more = dict(re.findall(r"^(\w+)=(\S+) ", command))
    words = shlex.split(command.partition("python ")[2])
    port = str(free_port())
    words = [port if word == "8765" else word for word in words[1:]]
    words += [] if "--port" in words else ["--port", port]
    with started(words, folder, **more) as (process, log):
        assert answer(f"http://127.0.0.1:{port}/health", process, log).json() == {"status": "ok"}
        said = log.read_text(encoding="utf-8")
        if "0.0.0.0" in words:
            assert "a reader and no language model" in said
            assert f":{port}/models" in said
            assert more["AZURE_INFERENCE_CREDENTIAL"] not in said
            url = f"http://127.0.0.1:{port}/models/chat/completions?api-version=2024-05-01-preview"
            assert requests.post(url, json={}, headers={"api-key": "wrong"}, timeout=30).status_code == 401


def show_help(command, folder):
    ran(python(*shlex.split(command)[1:], "--help", folder=ROOT), "usage:")


def make_certificate(command, folder):
    ran(python(*shlex.split(command)[1:], folder=folder))
    text = (folder / "cluster.pem").read_text(encoding="utf-8")
    assert text.index("PRIVATE KEY") < text.index("CERTIFICATE")
    if os.name == "posix":
        assert (folder / "cluster.pem").stat().st_mode & 0o077 == 0


def bring_back(command, folder):
    """`git restore` and `git stash` in a small repository with a changed lesson."""
    lesson = folder / "notebooks" / "02_image_charts.ipynb"
    lesson.parent.mkdir()
    lesson.write_text("as it was", encoding="utf-8")

    def git(*words):
        who = ["-c", "user.name=A learner", "-c", "user.email=learner@example.org"]
        return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)

    for words in ("init", "add .", "commit -m first"):
        git(*words.split())
    lesson.write_text("changed", encoding="utf-8")
    if command == "git stash pop":
        git("stash")
    git(*shlex.split(command)[1:])
    expected = "changed" if command == "git stash pop" else "as it was"
    assert lesson.read_text(encoding="utf-8") == expected


RUN = {
    "python3 -m venv .venv": make_environment,
    "python -m pip install --no-deps --no-build-isolation -e .": install_folders,
    "python -m pip install --no-index --no-deps --no-build-isolation -e .": install_folders,
    "python -m pip install --no-index --find-links wheels -r requirements.txt": install_from_wheels,
    START: open_lab,
    f"{START} {CULLED}": end_idle_kernels,
    "python -m offline_endpoint": serve_alone,
    "AZURE_INFERENCE_CREDENTIAL=a-long-word-for-today python -m offline_endpoint --host 0.0.0.0 "
    "--port 8765": serve_alone,
    "python -m tests.benchmarks.chart_reading": show_help,
    'python -c "import os, distributed;': make_certificate,
    "git restore notebooks/02_image_charts.ipynb": bring_back,
    "git stash": bring_back,
    "git stash pop": bring_back,
}
"""Commands that run here, and what runs them."""


def runner(command):
    words = plain(command)
    return RUN.get(words) or next(
        (run for start, run in RUN.items() if start.endswith(";") and words.startswith(start)), None
    )


def test_each_command_is_run_or_says_why_not():
    unknown = [command for command in commands() if not runner(command) and not reason(command)]
    assert not unknown
    assert len(commands()) > 25


def test_no_table_holds_a_command_that_no_page_gives():
    given = [plain(command) for command in commands()]
    left = [start for start in [*RUN, *ELSEWHERE] if not any(each.startswith(plain(start)) for each in given)]
    assert not left


@pytest.mark.kernel
@pytest.mark.slow
@pytest.mark.parametrize(
    "command", dict.fromkeys(plain(command) for command in commands() if runner(command))
)
def test_the_command_does_what_the_text_says(command, tmp_path):
    if os.name != "posix":
        pytest.skip("these are the lines for macOS and Linux")
    if command.startswith("git ") and not shutil.which("git"):
        pytest.skip("no git here")
    runner(command)(command, tmp_path)


def for_windows(line):
    if match := re.match(r"(\w+)=(\S+) (.+)", line):
        return [f'$env:{match[1]} = "{match[2]}"', *for_windows(match[3])]
    return [re.sub(r"^python3 ", "py ", line).replace(".venv/bin/", ".venv\\Scripts\\")]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_lines_for_windows_are_those_for_other_systems(path):
    found = [block.splitlines() for block in blocks(path)]
    windows = [block for block in found if POWERSHELL.search(block[0])]
    others = [[new for line in block for new in for_windows(line)] for block in found]
    assert windows
    assert not [block for block in windows if block not in others]


@pytest.mark.kernel
def test_a_lesson_saved_again_has_no_byte_changed(tmp_path):
    # What differs between runs: the time, how a stream is cut into pieces, the number of a widget.
    code = "for n in range(3):\n    print(n, flush=True)\nimport ipywidgets\nipywidgets.Text('a widget')"
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    lesson = tmp_path / "lesson.ipynb"
    nbformat.write(book, lesson)
    ran(python("-m", "tests.save_lessons", str(lesson)))
    once = lesson.read_bytes()
    stream, widget = nbformat.read(lesson, 4).cells[0].outputs
    assert (stream["text"], list(widget["data"])) == ("0\n1\n2\n", ["text/plain"])
    ran(python("-m", "tests.save_lessons", str(lesson)))
    assert lesson.read_bytes() == once
