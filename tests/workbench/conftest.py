"""What the tests of the playground share: one offline endpoint, and a playground that talks to it."""

from __future__ import annotations

import os

import pytest

from helpers.addresses import read_address
from helpers.endpoint import Endpoint
from offline_endpoint.server import start
from workbench.playground.tool import Playground

PHI = "Phi-4-multimodal-instruct"


@pytest.fixture(scope="session")
def offline():
    running = start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _own_data(tmp_path, monkeypatch):
    """What the playground's view keeps by itself goes to a folder of this test."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))


@pytest.fixture
def settings(offline, monkeypatch):
    """The environment as `endpoint.connect()` leaves it, for this test only."""
    address = read_address(f"{offline.origin}/models")
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", address.url)
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", offline.key)
    monkeypatch.setenv("AZURE_INFERENCE_DEPLOYMENT", PHI)
    monkeypatch.setenv("AZURE_INFERENCE_MANY_PICTURES_DEPLOYMENT", "gpt-4o")
    monkeypatch.setenv("AZURE_INFERENCE_API_VERSION", address.api_version)
    monkeypatch.setenv("OPENAI_BASE_URL", address.v1_base_url)
    offline.record.clear()
    return os.environ


@pytest.fixture
def here(settings):
    from helpers.addresses import Kind

    return Endpoint(
        settings["AZURE_INFERENCE_ENDPOINT"], settings["OPENAI_BASE_URL"], PHI, Kind.OFFLINE, None
    )


@pytest.fixture
def playground(here):
    playground = Playground(here)
    yield playground
    playground.close()
