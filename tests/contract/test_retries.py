"""Which failures each client sends again by itself, counted from the server's side."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import openai
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

from tests.contract.conftest import PHI, user

HELLO = user('Translate to Spanish: "Good morning. How are you?"')
RETRIES = 1

# Requests that arrive from azure-ai-inference and from openai, when each may try once more.
ATTEMPTS = {
    "429": (1, 2),
    "429; retry-after=0.05": (2, 2),
    "500": (2, 2),
    "503": (2, 2),
    "content-filter": (1, 1),
    "cut-stream": (1, 1),
}


def azure_options(server):
    return {
        "endpoint": f"{server.origin}/models",
        "credential": AzureKeyCredential(server.key),
        "retry_total": RETRIES,
        "retry_backoff_factor": 0,
    }


def v1_options(server):
    return {"base_url": f"{server.origin}/openai/v1/", "api_key": server.key, "max_retries": RETRIES}


def ask_azure(server, fault):
    with ChatCompletionsClient(**azure_options(server)) as client:
        list(client.complete(messages=HELLO, stream=True, headers={"x-offline-fault": fault}))


async def ask_azure_async(server, fault):
    async with AsyncChatCompletionsClient(**azure_options(server)) as client:
        reply = await client.complete(messages=HELLO, stream=True, headers={"x-offline-fault": fault})
        _ = [update async for update in reply]


def ask_v1(server, fault):
    with openai.OpenAI(**v1_options(server)) as client:
        create = client.chat.completions.create
        list(create(model=PHI, messages=HELLO, stream=True, extra_headers={"x-offline-fault": fault}))


async def ask_v1_async(server, fault):
    async with openai.AsyncOpenAI(**v1_options(server)) as client:
        create = client.chat.completions.create
        reply = await create(model=PHI, messages=HELLO, stream=True, extra_headers={"x-offline-fault": fault})
        _ = [update async for update in reply]


CLIENTS = {
    "azure": (0, ask_azure),
    "azure async": (0, lambda *given: asyncio.run(ask_azure_async(*given))),
    "openai": (1, ask_v1),
    "openai async": (1, lambda *given: asyncio.run(ask_v1_async(*given))),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", ATTEMPTS)
def test_attempts(fault, client, server, record):
    column, ask = CLIENTS[client]
    with pytest.raises(openai.APIError if column else HttpResponseError):
        ask(server, fault)
    arrived = [arrival for arrival in record.arrivals() if arrival.headers["x-offline-fault"] == fault]
    assert len(arrived) == ATTEMPTS[fault][column]


class Busy(BaseHTTPRequestHandler):
    """Answers each request with 429 and the headers of its server, and counts them."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.server.count += 1
        self.send_response(429)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args):
        pass


@contextlib.contextmanager
def busy(headers):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    server.count, server.headers = 0, headers
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def count_azure(headers, **options):
    with busy(headers) as (server, url):
        client = ChatCompletionsClient(url, AzureKeyCredential("any"), retry_backoff_factor=0, **options)
        with client, pytest.raises(HttpResponseError):
            client.complete(messages=HELLO, model=PHI)
        return server.count


def count_v1(headers, **options):
    with busy(headers) as (server, url), openai.OpenAI(base_url=url, api_key="any", **options) as client:
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(messages=HELLO, model=PHI)
        return server.count


@pytest.mark.parametrize(
    ("options", "requests"),
    [({}, 4), ({"retry_total": 6}, 4), ({"retry_status": 6}, 7), ({"retry_total": 2}, 3)],
)
def test_retry_status_binds_before_retry_total(options, requests):
    assert count_azure({"Retry-After": "0.01"}, **options) == requests


@pytest.mark.parametrize(
    ("headers", "azure", "v1"),
    [
        ({"Retry-After": "0.01"}, 4, 3),
        ({"retry-after-ms": "10"}, 1, 3),
        ({"retry-after-ms": "10", "Retry-After": "0.01"}, 4, 3),
        # What openai will not wait for: more than two minutes.
        ({"retry-after-ms": "121000"}, 1, 1),
    ],
)
def test_which_header_each_client_obeys(headers, azure, v1):
    assert (count_azure(headers), count_v1(headers)) == (azure, v1)
