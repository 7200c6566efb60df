"""One command gives README's badges and the guide the repository's address, once and again."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest

from tests.lessons.pages import NOTEBOOKS, ROOT


@pytest.fixture
def copy(tmp_path):
    (tmp_path / ".github").mkdir()
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / ".github" / "launch.py", tmp_path / ".github")
    shutil.copy(ROOT / "README.md", tmp_path)
    shutil.copy(NOTEBOOKS / "facilitator_guide.md", tmp_path / "notebooks")
    return tmp_path


def launch(copy, *words):
    command = [sys.executable, str(copy / ".github" / "launch.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def pages(copy):
    paths = copy / "README.md", copy / "notebooks" / "facilitator_guide.md"
    return [path.read_text(encoding="utf-8") for path in paths]


@pytest.mark.parametrize(
    "names", [("contoso/lessons",), ("first-try/x", "contoso/lessons"), ("contoso/lessons",) * 2]
)
def test_badges_clone_command_and_binder_link_have_the_address(copy, names):
    for name in names:
        assert launch(copy, name).returncode == 0
    readme, guide = pages(copy)
    assert len(re.findall(r"\[!\[[^\]]+\]\(https://\S+\)\]\(https://\S*contoso/lessons\S*\)", readme)) == 3
    assert "git clone https://github.com/contoso/lessons lessons`" in readme
    assert "mybinder.org/v2/gh/contoso/lessons/HEAD?labpath=notebooks%2F00_start_here.ipynb" in readme
    assert "mybinder.org/v2/gh/contoso/lessons/HEAD" in guide
    assert "first-try" not in readme + guide
    assert "<owner>" not in guide


@pytest.mark.parametrize(
    "words", [(), ("contoso",), ("https://github.com/contoso/lessons",), ("a/b/c",), ("a b/c",)]
)
def test_what_is_no_repository_changes_nothing(copy, words):
    before = pages(copy)
    done = launch(copy, *words)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert pages(copy) == before


def test_the_badges_name_files_that_are_there():
    assert (ROOT / ".github" / "workflows" / "tests.yml").is_file()
    assert (NOTEBOOKS / "00_start_here.ipynb").is_file()
