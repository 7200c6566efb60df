"""A lesson reads what arrived at the offline endpoint, and is told why it cannot elsewhere."""

from __future__ import annotations

import os

import pytest
import requests

from helpers import endpoint
from helpers.addresses import Kind


@pytest.fixture(autouse=True)
def settings():
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def test_arrivals_hold_no_key():
    here = endpoint.connect()
    before = len(here.arrivals())
    key = os.environ["AZURE_INFERENCE_CREDENTIAL"]
    requests.get(
        f"{here.url}/info", params={"api-version": "2024-05-01-preview"}, headers={"api-key": key}, timeout=10
    )
    arrival = here.arrivals()[before]
    assert (arrival.method, arrival.path, arrival.status) == ("GET", "/models/info", 200)
    assert arrival.headers["api-key"] == "***"
    assert key not in repr(here.arrivals())


def test_a_cloud_endpoint_shows_no_arrivals():
    url = "https://contoso.services.ai.azure.com"
    here = endpoint.Endpoint(f"{url}/models", f"{url}/openai/v1/", "phi", Kind.AZURE_MODELS, None)
    with pytest.raises(endpoint.SettingsError, match="AZURE_INFERENCE_ENDPOINT=offline"):
        here.arrivals()
