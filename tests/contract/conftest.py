from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

import nbformat
import openai
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from PIL import Image, ImageDraw, ImageFont

from helpers.encoding import image_part
from offline_endpoint.server import Running, start
from tests.benchmarks.many_files import make_files, make_plan
from workbench import batch

PHI = "Phi-4-multimodal-instruct"
GPT = "gpt-4o"
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    running = start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def own_server() -> Iterator[Running]:
    """A server of this module: slow replies end after their test, and would turn up in another module's record."""
    running = start()
    yield running
    running.stop()


@pytest.fixture
def batch_server(own_server, monkeypatch):
    """The same with an empty record, in the settings of `many_files.connect`."""
    own_server.record.clear()
    monkeypatch.setenv("BATCH_TEST_ENDPOINT", f"{own_server.origin}/models")
    monkeypatch.setenv("BATCH_TEST_KEY", own_server.key)
    return own_server


@pytest.fixture(scope="module")
def folder(request, tmp_path_factory):
    """As many small files as the module says in FILES."""
    place = tmp_path_factory.mktemp("files")
    make_files(place, request.module.FILES)
    return place


@pytest.fixture(scope="module")
def tasks(folder):
    return make_plan(folder)


@pytest.fixture
def answers(tmp_path):
    return tmp_path / "answers.jsonl"


def rows(answers):
    return list(batch.read_rows(answers))


@pytest.fixture
def record(server):
    server.record.clear()
    return server.record


@pytest.fixture
def azure(server):
    with ChatCompletionsClient(
        endpoint=f"{server.origin}/models",
        credential=AzureKeyCredential(server.key),
        model=PHI,
        read_timeout=60,
    ) as client:
        yield client


@pytest.fixture
def v1(server):
    with openai.OpenAI(base_url=f"{server.origin}/openai/v1/", api_key=server.key, timeout=60) as client:
        yield client


def user(*parts):
    """One user message of text (strings) and media (dictionaries)."""
    content = [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts]
    return [{"role": "user", "content": content}]


def png(text="HELLO", size=(240, 80), **save):
    """A small picture with a word in it, as bytes."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((12, 20), text, fill="black", font=ImageFont.load_default(32))
    buffer = io.BytesIO()
    image.save(buffer, **({"format": "PNG"} | save))
    return buffer.getvalue()


@pytest.fixture(scope="session")
def word_part():
    return image_part(png())


def lesson_messages(lesson, cell_id, name="messages", **names):
    """The list of messages as a cell of a lesson writes it, to a variable or into a call."""
    book = nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4)
    (cell,) = [cell for cell in book.cells if cell.id == cell_id]
    for node in ast.walk(ast.parse(cell.source)):
        is_variable = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
        if is_variable or (isinstance(node, ast.keyword) and node.arg == name):
            return eval(compile(ast.Expression(node.value), lesson, "eval"), names)  # the lesson's own code
    raise AssertionError(f"{lesson}: no {name} in the cell {cell_id}")
