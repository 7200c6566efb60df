"""`pytest --live` as a maintainer runs it: a process, in a small copy of the project, against a second process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.servers import offline_endpoint

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).parents[2]
KEY = "facade" * 6
CONNECT = "from helpers import endpoint\n\nhere = endpoint.connect()\nassert not here.is_offline"
CLIENT = """import os

from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ["AZURE_INFERENCE_DEPLOYMENT"],
)
def ask(**options):
    messages = [{"role": "user", "content": 'Translate to Spanish: "Good morning."'}]
    print(client.complete(messages=messages, **options).choices[0].message.content)
"""
V1_CLIENT = """import os

from openai import OpenAI

v1_client = OpenAI(base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["AZURE_INFERENCE_CREDENTIAL"])
def ask_v1(model=os.environ["AZURE_INFERENCE_DEPLOYMENT"]):
    messages = [{"role": "user", "content": 'Translate to Spanish: "Good morning."'}]
    return v1_client.chat.completions.create(model=model, messages=messages)
"""
V1_MANY = """import tempfile

from openai import AsyncOpenAI
from PIL import Image
from workbench.compare import Variant, compare

folder = tempfile.mkdtemp()
Image.new("RGB", (40, 40)).save(f"{folder}/picture.png")
def connect():
    return AsyncOpenAI(base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["AZURE_INFERENCE_CREDENTIAL"])
rows = await compare(
    [f"{folder}/picture.png"], {}, [Variant("one", "What is this?")], ["gpt-4o"], connect, folder
)
"""
LESSONS = {
    # The saved outputs are not what these cells print: a live run compares none.
    "01_text": [(CONNECT, []), (CLIENT, []), ("ask()", [])],
    "02_broken": [(CONNECT, []), (CLIENT, []), ("ask(model='no-such-deployment')", []), ("ask(", [])],
    "03_tagged": [(CONNECT, []), (CLIENT, []), ("ask(model='no-such-deployment')", ["raises-exception"])],
    "04_leaky": [(f"raise RuntimeError('the key is {KEY}')", [])],
    "05_v1": [
        (CONNECT, []), (V1_CLIENT, []), ("v1_reply = ask_v1()", []), ("print(v1_reply)", []),
        (V1_MANY, []), ("print(rows)", []),
    ],
    "06_v1_and_more": [
        (CONNECT, []), (CLIENT, []), (V1_CLIENT, []), ("v1_reply = ask_v1()", []), ("print(another)", []),
        ("ask(model='no-such-deployment')", []),
    ],
    "07_v1_deployment": [(CONNECT, []), (V1_CLIENT, []), ("v1_reply = ask_v1('no-such-deployment')", [])],
}  # fmt: skip


@pytest.fixture
def project(tmp_path):
    """The files that pytest reads, lessons of its own, and one test of another sort."""
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    for folder in ("tests/helpers", "notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "nbval.cfg", tmp_path / "tests")
    (tmp_path / "tests" / "helpers" / "test_settings.py").write_text(
        "import os\n\n\ndef test_settings():\n    seen = {n: v for n, v in os.environ.items() if 'INFERENCE' in n}\n"
        "    assert seen == {'AZURE_INFERENCE_ENDPOINT': 'offline'}\n",
        encoding="utf-8",
    )
    for name, cells in LESSONS.items():
        book = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        )
        for number, (source, tags) in enumerate(cells):
            saved = [nbformat.v4.new_output("stream", name="stdout", text="something else\n")]
            cell = nbformat.v4.new_code_cell(source, metadata={"tags": tags}, outputs=saved)
            cell.execution_count = number + 1
            book.cells.append(cell)
        nbformat.write(book, tmp_path / "notebooks" / f"{name}.ipynb")
    return tmp_path


@pytest.fixture(scope="module")
def alone():
    """The endpoint as a process of its own, which stands for a service in the cloud."""
    with offline_endpoint(KEY, environment=environment()) as (origin, _):
        yield f"{origin}/models"


def environment(**settings):
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AZURE_", "OPENAI_", "PYTEST_", "IPYTHON", "READINGS_"))
    }
    return kept | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])} | settings


def run(project, *options, **settings):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", *options],
        cwd=project,
        env=environment(**settings),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
    )
    assert "INTERNALERROR" not in done.stdout + done.stderr
    assert KEY not in done.stdout + done.stderr
    return done


def live(url, **more):
    return {"AZURE_INFERENCE_ENDPOINT": url, "AZURE_INFERENCE_CREDENTIAL": KEY} | more


def test_reports_which_lessons_can_be_served(project, alone):
    done = run(project, "--live", **live(alone))
    said = done.stdout[done.stdout.index("live lessons") :]
    assert "the Azure /models route at 127.0.0.1" in said
    assert re.search(r"^served +01_text: 3 cells ran$", said, flags=re.MULTILINE)
    assert re.search(
        r"^not served +02_broken: code cell 3: .*no-such-deployment.* \(and 1 more\)$", said, re.MULTILINE
    )
    assert re.search(r"^ +needs the /models or the /openai/v1 route$", said, flags=re.MULTILINE)
    assert "AZURE_INFERENCE_GPT_DEPLOYMENT: gpt-5-mini" in said
    assert re.search(r"^served +03_tagged: 3 cells ran$", said, flags=re.MULTILINE)
    assert re.search(
        r"^not served +04_leaky: code cell 1: RuntimeError: the key is", said, flags=re.MULTILINE
    )
    assert re.search(r"^served +05_v1: 6 cells ran$", said, flags=re.MULTILINE)
    assert re.search(
        r"^not served +07_v1_deployment: .*NotFoundError: .*API deployment .no-such", said, re.MULTILINE
    )
    # Tests of other sorts are left out.
    assert "test_settings" not in done.stdout
    assert done.returncode == 1


def test_what_only_the_v1_route_can_serve_is_left_out_where_there_is_none(project):
    with offline_endpoint(KEY, environment=environment(), routes="models") as (origin, _):
        lessons = [f"notebooks/{name}.ipynb" for name in ("05_v1", "06_v1_and_more")]
        done = run(project, "--live", *lessons, **live(f"{origin}/models"))
    said = done.stdout[done.stdout.index("live lessons") :]
    assert re.search(
        r"^served +05_v1: 2 cells ran, 4 left out: needs the /openai/v1 route$", said, re.MULTILINE
    )
    # A name that no such cell sets, and a deployment that is missing, are faults of another sort.
    assert re.search(
        r"^not served +06_v1_and_more: code cell 5: NameError: name 'another' .* \(and 1 more\)$",
        said,
        re.MULTILINE,
    )


def test_one_lesson_from_a_settings_file(project, alone):
    lines = "".join(f"{name}={value}\n" for name, value in live(alone).items())
    (project / ".env").write_text(lines, encoding="utf-8")
    done = run(project, "--live", "notebooks/01_text.ipynb")
    assert done.returncode == 0, done.stdout
    assert "served      01_text" in done.stdout
    assert "02_broken" not in done.stdout


@pytest.mark.parametrize("settings", [{}, {"AZURE_INFERENCE_ENDPOINT": "offline"}])
def test_skips_and_says_so_without_settings(project, settings):
    done = run(project, "--live", **settings)
    assert done.returncode == 0
    assert "Skipped: --live needs an endpoint" in done.stdout
    assert re.search(r"\d+ skipped", done.stdout)
    assert "passed" not in done.stdout


def test_half_set_settings_stop_in_a_sentence(project):
    done = run(project, "--live", AZURE_INFERENCE_CREDENTIAL=KEY)
    assert done.returncode == 4
    assert "AZURE_INFERENCE_ENDPOINT is not" in done.stderr
    assert "Traceback" not in done.stderr


def test_ordinary_runs_see_no_settings(project, alone):
    done = run(project, "tests/helpers", **live(alone))
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    assert "live lessons" not in done.stdout


def test_ordinary_runs_compare_outputs(project, alone):
    done = run(project, "notebooks/01_text.ipynb", **live(alone))
    # The lesson asserts that it is not offline, which it is here, and its saved outputs are others.
    assert done.returncode == 1
    assert "AssertionError" in done.stdout
    assert "Cell outputs differ" in done.stdout
