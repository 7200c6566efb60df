"""Who may know whom, and that the lessons' package works on a service without the offline endpoint beside it."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.servers import offline_endpoint

ROOT = Path(__file__).parents[1]
PACKAGES = ("formats", "helpers", "workbench", "offline_endpoint")
KNOWN = {
    "formats": ("formats",),
    "helpers": ("formats", "helpers"),
    "workbench": ("formats", "helpers", "workbench"),
    "offline_endpoint": (
        "offline_endpoint",
        "formats.addresses",
        "helpers.media",
        "helpers.models",
        "helpers.tokens",
    ),
}
"""For each package, what its modules may import of the project."""
STARTER = ROOT / "helpers" / "endpoint.py"
"""The one module that knows the offline endpoint, by name and late."""


def modules(package):
    return sorted((ROOT / package).rglob("*.py"))


def imported(tree):
    """The modules of the project that a module's code imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports inside the project are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] in PACKAGES)


def within(name, place):
    return name == place or name.startswith(f"{place}.")


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_it_may_know(package):
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(package)
        if path != STARTER
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if not any(within(name, place) for place in KNOWN[package])
    ]
    assert not wrong


def test_the_starter_imports_the_offline_endpoint_late():
    tree = ast.parse(STARTER.read_text(encoding="utf-8"))
    early = [
        name for node in tree.body if not isinstance(node, ast.FunctionDef) for name in _run_at_once(node)
    ]
    assert not [name for name in early if not any(within(name, place) for place in KNOWN["helpers"])]


def _run_at_once(node):
    """What a statement of a module imports when the module is imported."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from imported(node)
    elif isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.dump(node.test):
        for inner in node.body:
            yield from _run_at_once(inner)


def test_lessons_import_helpers_and_workbench_and_nothing_else_of_the_project():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type != "code" or cell.source.startswith("%"):
                continue
            try:
                tree = ast.parse(cell.source)
            except SyntaxError:
                # A magic command; it imports nothing.
                continue
            assert not [name for name in imported(tree) if within(name, "offline_endpoint")], path.name


def test_helpers_is_one_screen_of_modules():
    assert not [path for path in (ROOT / "helpers").iterdir() if path.is_dir() and path.name != "__pycache__"]


ALONE = """
import importlib, pkgutil
import formats, helpers, workbench
for package in (formats, helpers, workbench):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
try:
    import offline_endpoint
except ModuleNotFoundError:
    pass
else:
    raise AssertionError("the offline endpoint is still there")
import os
import openai
from helpers import endpoint
here = endpoint.connect()
assert not here.is_offline
client = openai.OpenAI(api_key=os.environ["AZURE_INFERENCE_CREDENTIAL"], base_url=here.v1_base_url)
reply = client.chat.completions.create(model=here.deployment, messages=[{"role": "user", "content": "Hello"}])
assert reply.choices[0].message.content
"""


def test_without_the_offline_endpoint_all_else_imports_and_talks_to_a_server(tmp_path):
    for package in ("formats", "helpers", "workbench"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data", tmp_path / "data")
    # -S with a path of our own: site-packages without the editable install of this very folder.
    site = [path for path in sys.path if path.endswith("site-packages")]
    with offline_endpoint("a-key-of-this-test") as (origin, _process):
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AZURE_INFERENCE_")},
            "AZURE_INFERENCE_ENDPOINT": f"{origin}/openai/v1",
            "AZURE_INFERENCE_CREDENTIAL": "a-key-of-this-test",
            "PYTHONPATH": os.pathsep.join([str(tmp_path), *site]),
        }
        done = subprocess.run(
            [sys.executable, "-S", "-c", ALONE],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
    assert done.returncode == 0, done.stderr


def test_without_the_offline_endpoint_working_offline_is_refused_with_a_reason(tmp_path):
    for package in ("formats", "helpers"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    site = [path for path in sys.path if path.endswith("site-packages")]
    code = (
        "from helpers import endpoint\nfrom helpers.errors import LearnerError\n"
        "try:\n    endpoint.connect()\nexcept LearnerError as error:\n    print(error)\n"
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AZURE_INFERENCE_")},
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *site]),
    }
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "offline_endpoint" in done.stdout
