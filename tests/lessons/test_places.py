"""Binder, dev container and hub install what requirements.txt says, on a Python that the project takes.

Binder's files are read the way repo2docker reads them: a folder `.binder` takes the place of the root, its
requirements.txt is installed from the root of the repository, and runtime.txt names the Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.lessons.pages import ROOT
from tests.servers import free_port, serving

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BINDER = ROOT / ".binder"
HUB = ROOT / ".jupyterhub"
OWN_FOLDERS = "python -m pip install --no-deps --no-build-isolation -e ."
CONTAINER = ROOT / ".devcontainer" / "devcontainer.json"


def requirements(path):
    """The pins of a requirements file and of those it names, without their hashes."""
    for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        line = line.partition(" #")[0].partition(" --hash")[0].strip()
        if match := re.fullmatch(r"-r (.+)", line):
            yield from requirements((path.parent / match[1]).resolve())
        elif match := re.fullmatch(r"-c (.+)", line):
            assert (path.parent / match[1]).is_file()
        elif line and not line.startswith("#"):
            yield line


def pin(line):
    """The name and version of a requirement, without the machines that it is for."""
    wanted = Requirement(line)
    return wanted.name.lower(), str(wanted.specifier)


def python_in(text):
    return re.search(r"3\.\d+", text)[0]


def pythons():
    image = json.loads(CONTAINER.read_text(encoding="utf-8"))["image"]
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    return {
        "Binder": python_in((BINDER / "runtime.txt").read_text(encoding="utf-8")),
        "dev container": python_in(image.rpartition(":")[2]),
        "workflow": python_in(workflow[workflow.index("python-version") :]),
    }


@pytest.mark.parametrize("place", pythons())
def test_each_place_has_a_python_that_the_project_takes(place):
    assert pythons()[place] in SpecifierSet(PROJECT["requires-python"])


def test_the_pins_were_tried_on_binders_python():
    assert pythons()["Binder"] == pythons()["workflow"]


def test_binder_installs_all_requirements_and_the_lessons_own_folders():
    assert list(requirements(BINDER / "requirements.txt")) == list(requirements(ROOT / "requirements.txt"))
    assert (BINDER / "postBuild").read_text(encoding="utf-8").endswith(OWN_FOLDERS + "\n")
    assert sorted(path.name for path in BINDER.iterdir()) == ["postBuild", "requirements.txt", "runtime.txt"]
    assert re.fullmatch(r"python-3\.\d+\n", (BINDER / "runtime.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "made",
    [
        "requirements",
        "requirements-dev",
        "requirements-ears",
        "requirements-cloud",
        ".jupyterhub/requirements",
    ],
)
def test_what_is_installed_holds_each_pin_that_was_asked_for_and_a_hash_for_each_file(made):
    wanted = set(requirements(ROOT / f"{made}.in"))
    locked = set(requirements(ROOT / f"{made}.txt"))
    assert {pin(line) for line in wanted} <= {pin(line) for line in locked}
    entries = re.split(r"\n(?=\S)", (ROOT / f"{made}.txt").read_text(encoding="utf-8"))
    assert all("--hash=sha256:" in entry for entry in entries if not entry.startswith("#"))


@pytest.mark.parametrize(
    "added", ["requirements-dev", "requirements-ears", "requirements-cloud", ".jupyterhub/requirements"]
)
def test_what_is_added_elsewhere_fits_what_the_lessons_pin(added):
    lessons = set(requirements(ROOT / "requirements.txt"))
    named = {Requirement(line).name for line in lessons}
    shared = {line for line in requirements(ROOT / f"{added}.txt") if Requirement(line).name in named}
    assert {pin(line) for line in shared} <= {pin(line) for line in lessons}


def test_the_container_installs_the_requirements():
    settings = json.loads(CONTAINER.read_text(encoding="utf-8"))
    assert settings["postCreateCommand"] == f"python -m pip install -r requirements.txt && {OWN_FOLDERS}"
    (first,) = settings["customizations"]["codespaces"]["openFiles"]
    assert (ROOT / first).is_file()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="these run on Linux")
@pytest.mark.parametrize("place", ["Binder", "dev container"])
def test_the_build_steps_run(place, tmp_path):
    # Everything is installed here already, so that pip works out what to do, checks each hash's form, and stops there.
    for name in ("formats", "helpers", "workbench", "offline_endpoint", ".binder"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    steps = json.loads(CONTAINER.read_text(encoding="utf-8"))["postCreateCommand"]
    if place == "Binder":
        assert os.access(BINDER / "postBuild", os.X_OK)
        # repo2docker installs the one from the root of the repository, and then runs the other.
        steps = "python -m pip install --no-cache-dir -r .binder/requirements.txt && .binder/postBuild"
    python = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    settings = {"PATH": python, "PIP_DRY_RUN": "1", "PIP_NO_INDEX": "1"}
    done = subprocess.run(
        ["sh", "-c", steps],
        cwd=tmp_path,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "Would install image-and-audio-prompting" in done.stdout


class Settings:
    """Stands in for the object that JupyterHub gives a configuration file."""

    def __getattr__(self, name):
        self.__dict__[name] = SimpleNamespace()
        return self.__dict__[name]


def hub_settings():
    settings = Settings()
    path = HUB / "jupyterhub_config.py"
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), {"get_config": lambda: settings})
    return settings


def test_the_hub_hands_on_the_rooms_endpoint_and_nothing_else(monkeypatch, capsys):
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", "http://192.168.1.10:8765/models")
    monkeypatch.setenv("SECRET_OF_THE_HUB", "x")
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", "the-key-of-the-room")
    monkeypatch.setenv("AZURE_INFERENCE_GPT_DEPLOYMENT", "the-rooms-own")
    spawner = hub_settings().Spawner
    assert spawner.environment == {
        "AZURE_INFERENCE_ENDPOINT": "http://192.168.1.10:8765/models",
        "AZURE_INFERENCE_CREDENTIAL": "the-key-of-the-room",
        "AZURE_INFERENCE_GPT_DEPLOYMENT": "the-rooms-own",
    }
    said = capsys.readouterr().out
    assert said == "The learners' requests go to: http://192.168.1.10:8765/models\n"
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", "offline")
    hub_settings()
    assert "offline endpoint of its own" in capsys.readouterr().out
    assert Path(spawner.cmd[0]).name == "jupyterhub-singleuser"


@pytest.mark.kernel
def test_a_learners_server_takes_the_hubs_options_and_ends_a_kernel_that_has_nothing_to_do(tmp_path):
    words = [re.sub(r"(idle_timeout=)\d+", r"\g<1>2", word) for word in hub_settings().Spawner.args]
    assert words != hub_settings().Spawner.args
    port, head = free_port(), {"Authorization": "token of-this-test"}
    own = ["--allow-root", "--IdentityProvider.token=of-this-test", "--MappingKernelManager.cull_interval=1"]
    place = {**os.environ, "JUPYTER_DATA_DIR": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    command = ["jupyter_server", f"--port={port}", *words, *own]
    url = f"http://127.0.0.1:{port}/api"
    with serving(command, url, folder=tmp_path, environment=place):
        made = requests.post(f"{url}/kernels", json={"name": "python3"}, headers=head, timeout=60).json()
        deadline = time.monotonic() + 120
        while requests.get(f"{url}/kernels", headers=head, timeout=60).json():
            assert time.monotonic() < deadline, made
            time.sleep(0.5)


def test_the_lessons_name_the_kernel_that_each_place_has():
    # ipykernel, which the requirements bring along, installs the kernel python3 into its own environment.
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert re.search(r"^ipykernel==", pins, flags=re.MULTILINE)
    kernels = {
        json.loads(path.read_text(encoding="utf-8"))["metadata"]["kernelspec"]["name"]
        for path in (ROOT / "notebooks").glob("*.ipynb")
    }
    assert kernels == {"python3"}
