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
    url = f"{here.v1_base_url.rstrip('/')}/models"
    requests.get(url, params={"api-version": "v1"}, headers={"api-key": key}, timeout=10)
    arrival = here.arrivals()[before]
    assert (arrival.method, arrival.path, arrival.status) == ("GET", "/openai/v1/models", 200)
    assert arrival.query == "api-version=v1"
    assert arrival.headers["api-key"] == "***"
    assert key not in repr(here.arrivals())


def test_a_cloud_endpoint_shows_no_arrivals():
    url = "https://contoso.services.ai.azure.com"
    here = endpoint.Endpoint(f"{url}/models", f"{url}/openai/v1/", "phi", Kind.AZURE_MODELS, None)
    with pytest.raises(endpoint.SettingsError, match="AZURE_INFERENCE_ENDPOINT=offline"):
        here.arrivals()
