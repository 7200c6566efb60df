"""What `explain` says about real exceptions: each raised by a real client that sent a real request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import azure.identity
import jwt
import openai
import pytest
import requests
import trustme
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AccessToken, AzureKeyCredential

from helpers import endpoint
from helpers.errors import LearnerError
from offline_endpoint.server import start
from tests.contract.conftest import GPT, PHI, png, user
from workbench.explain import explain

REPLIES = {
    "role-missing": (
        401,
        {"error": {"code": "PermissionDenied", "message": "The principal lacks the right."}},
    ),
    "forbidden": (403, {"error": {"code": "403", "message": "Access denied due to firewall rules."}}),
    "unknown-model": (400, {"error": {"code": "unknown_model", "message": "Unknown model: phi-9"}}),
    "ollama": (
        404,
        {"error": {"message": 'model "phi-9" not found', "type": "not_found_error", "code": None}},
    ),
    "plain-error": (400, {"error": "invalid_request", "error_description": "No such grant."}),
    "fastapi": (400, {"detail": "Not today"}),
    "list": (400, ["what", "is", "this"]),
    "proxy-page": (502, "<html><body>Bad gateway</body></html>"),
    "unknown-filter": (
        400,
        {"error": {"code": "content_filter", "message": "Filtered.", "innererror": "x"}},
    ),
    "echo": (400, {"error": {"code": "BadRequest", "message": "You sent {key}"}}),
    "odd-details": (422, {"error": {"message": 7, "details": [None, {"loc": "x"}, {"loc": ["body"]}]}}),
    "conflict": (409, {"error": {"code": "Conflict", "message": "Busy."}}),
    "teapot": (418, {}),
    "later": (429, {}),
}
HELLO = user('Translate to Spanish: "Hello."')
WRONG_KEY = "wrong-key"
COGNITIVE = "https://cognitiveservices.azure.com"


class Site(BaseHTTPRequestHandler):
    """A server with the replies that the offline endpoint has no reason to give: the path says which."""

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name = self.path.split("/")[1]
        if name == "hang-up":
            self.close_connection = True
            return
        status, body = REPLIES.get(name, (400, {}))
        if name == "parrot":
            body = {"error": {"message": sent["messages"][0]["content"][0]["text"]}}
        text = body if isinstance(body, str) else json.dumps(body)
        data = text.replace("{key}", self.headers["authorization"]).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        if name == "later":
            self.send_header("Retry-After", "Fri, 31 Dec 2099 23:59:59 GMT")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args):
        pass


@contextlib.contextmanager
def serving(site):
    threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield
    site.shutdown()
    site.server_close()


@pytest.fixture(scope="module")
def server():
    """A server of its own: slow replies end after their test, and would turn up in another test's record."""
    running = start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def places(server):
    """Addresses by name; the last three are of servers that fail before HTTP begins."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    trusted_by_nobody = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    trusted_by_nobody.handle_error = lambda *_args: None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    trusted_by_nobody.socket = context.wrap_socket(trusted_by_nobody.socket, server_side=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    with serving(site), serving(trusted_by_nobody), socket.create_server(("127.0.0.1", 0)) as silent:
        yield {
            "server": server.origin,
            "site": f"http://127.0.0.1:{site.server_port}",
            "no name": "https://nowhere.invalid",
            "not a URL": "nowhere at all",
            "no TLS": server.origin.replace("http:", "https:"),
            "closed": f"http://127.0.0.1:{closed}",
            "certificate": f"https://127.0.0.1:{trusted_by_nobody.server_port}",
            "silent TLS": f"https://127.0.0.1:{silent.getsockname()[1]}",
        }


@dataclass(frozen=True)
class Ask:
    """One way to ask for trouble; what is None stays as it should be."""

    at: str = "server"
    path: str | None = None
    key: str | None = None
    token: str | None = None
    model: str = PHI
    messages: tuple | list | None = None
    fault: str | None = None
    stream: bool = False
    seconds: float = 30
    version: str | None = None

    def url(self, places, usual):
        return places[self.at] + (usual if self.path is None else self.path)


class FixedToken:
    """A credential that hands out one token, for the synchronous client."""

    def __init__(self, token):
        self.token = AccessToken(token, int(time.time()) + 3600)

    def get_token(self, *_scopes, **_options):
        return self.token


class AsyncFixedToken(FixedToken):
    async def get_token(self, *_scopes, **_options):
        return self.token

    async def close(self):
        pass

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_error):
        pass


def azure_options(ask, places, key, credential):
    version = {"api_version": ask.version} if ask.version else {}
    client = {
        "endpoint": ask.url(places, "/models"),
        "credential": credential(ask.token) if ask.token else AzureKeyCredential(ask.key or key),
        "retry_total": 0,
        "read_timeout": ask.seconds,
        "connection_timeout": ask.seconds,
        **version,
    }
    call = {"messages": ask.messages or HELLO, "model": ask.model, "stream": ask.stream}
    call |= {"headers": {"x-offline-fault": ask.fault}} if ask.fault else {}
    return client, call | ({"enforce_https": False} if ask.token else {})


def v1_options(ask, places, key):
    client = {
        "base_url": ask.url(places, "/openai/v1/"),
        "api_key": ask.token or ask.key or key,
        "max_retries": 0,
        "timeout": ask.seconds,
    }
    call = {"messages": ask.messages or HELLO, "model": ask.model, "stream": ask.stream}
    call |= {"extra_headers": {"x-offline-fault": ask.fault}} if ask.fault else {}
    return client, call | ({"extra_query": {"api-version": ask.version}} if ask.version else {})


def azure_sync(ask, places, key):
    client, call = azure_options(ask, places, key, FixedToken)
    with ChatCompletionsClient(**client) as client:
        reply = client.complete(**call)
        return list(reply) if ask.stream else reply


async def azure_async(ask, places, key):
    client, call = azure_options(ask, places, key, AsyncFixedToken)
    async with AsyncChatCompletionsClient(**client) as client:
        reply = await client.complete(**call)
        return [update async for update in reply] if ask.stream else reply


def v1_sync(ask, places, key):
    client, call = v1_options(ask, places, key)
    with openai.OpenAI(**client) as client:
        reply = client.chat.completions.create(**call)
        return list(reply) if ask.stream else reply


async def v1_async(ask, places, key):
    client, call = v1_options(ask, places, key)
    async with openai.AsyncOpenAI(**client) as client:
        reply = await client.chat.completions.create(**call)
        return [update async for update in reply] if ask.stream else reply


CLIENTS = {
    "azure": azure_sync,
    "azure async": lambda *given: asyncio.run(azure_async(*given)),
    "openai": v1_sync,
    "openai async": lambda *given: asyncio.run(v1_async(*given)),
}


def image(url, key="image_url"):
    return user({"type": "image_url", key: {"url": url}})


SOUND = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
RETRY_AFTER = "429; retry-after=0.1; seconds=9"

# What is asked; what the cause, the remedy and the service's words have to hold.
CASES = {
    "wrong key": (
        Ask(key=WRONG_KEY),
        "key is missing or is not one",
        "Copy the key",
        "401 Unauthorized: auth token",
    ),
    "/api/models": (
        Ask(path="/api/models"),
        "ends in /api/models",
        "Take out /api",
        "404: Resource not found",
    ),
    "trailing path": (
        Ask(path="/models/chat/completions"),
        "added that a second time",
        "Leave /chat/completions out",
        "404: Resource not found",
    ),
    "other path": (
        Ask(path="/modles"),
        "nothing at the path /modles",
        "comes after the host",
        "404: Resource",
    ),
    "unknown deployment": (
        Ask(model="phi-9"),
        "no deployment of that name",
        "into model",
        "404 DeploymentNotFound",
    ),
    "version": (Ask(version="1999-01-01"), "does not speak the version", "Set api_version", "400 BadRequest"),
    "misnamed key": (
        Ask(messages=image("https://example.com/x.png", key="image")),
        "misspelled, missing",
        "Compare the places",
        "422 Invalid input: invalid input error\n- messages.0.content.0.image_url: Field required\n"
        "- messages.0.content.0.image: Extra inputs are not permitted",
    ),
    "misnamed sound keys": (
        Ask(messages=user({"type": "input_audio", "input_audio": {"audioData": "x", "audioFormat": "wav"}})),
        "misspelled, missing",
        "Compare the places",
        "- messages.0.content.0.input_audio.audioData: Extra inputs",
    ),
    "wrong media type": (
        Ask(messages=image("data:image/tiff;base64,SUkqAA==")),
        "not what the request says",
        "Name the type that the bytes have",
        "400 invalid_image_format: ",
    ),
    "damaged sound": (
        Ask(messages=user(SOUND)),
        "not what the request",
        "Name the type",
        "400 invalid_audio_format",
    ),
    "too many pictures": (
        Ask(messages=user(PICTURE, PICTURE)),
        "more pictures than",
        "Send fewer",
        "400 too_many_images: At most 1 image(s) may be provided in one request.",
    ),
    "sound refused": (
        Ask(messages=user(SOUND), model=GPT),
        "takes no sound",
        "Choose a deployment",
        "Invalid value: 'input_audio'",
    ),
    "unreachable URL": (
        Ask(messages=image("https://pictures.invalid/x.png")),
        "could not fetch",
        "private browser window",
        "400 invalid_image_url: messages.0.content.0.image_url.url: The image could not be downloaded",
    ),
    "private URL": (
        Ask(messages=image("http://192.168.0.10/x.png")),
        "could not fetch",
        "base64",
        "private or local address",
    ),
    "too many tokens": (
        Ask(messages=user(*["word " * 200_000] * 3)),
        "more tokens than",
        "Shorten",
        "400 context_length_exceeded",
    ),
    "too large": (
        Ask(messages=user("a" * 65_000_000)),
        "larger than the service takes",
        "Shrink",
        "413 RequestEntityTooLarge: The request is larger than 64 MB.",
    ),
    "content filter": (
        Ask(fault="content-filter"),
        "for this category: violence.",
        "Change the prompt",
        "400 content_filter",
    ),
    "429": (Ask(fault="429"), "does not say how long", "longer after each", "429 RateLimitReached"),
    "429 with a time": (
        Ask(fault=RETRY_AFTER),
        "wait 0.1 seconds",
        "retry_total.*max_retries",
        "retry after 0.1 seconds",
    ),
    "500": (Ask(fault="500"), "failed while it worked", "again after a while", "500 InternalServerError"),
    "503": (Ask(fault="503"), "failed while it worked", "again after a while", "503 ServiceUnavailable"),
    "slow": (Ask(fault="slow; seconds=2", seconds=0.3), "No reply came within", "read_timeout.*timeout", ""),
    "cut stream": (Ask(fault="cut-stream", stream=True), "broke off in the middle", "mark it as cut", ""),
    "refused connection": (Ask(at="closed"), "nothing listens", "Check host and port", ""),
    "no such name": (Ask(at="no name"), "host name.*could not be found", "spelling", ""),
    "certificate": (Ask(at="certificate"), "certificate.*does not trust", "do not switch the check off", ""),
    "no TLS": (Ask(at="no TLS"), "did not answer with TLS", "wants http://", ""),
    "silent server": (
        Ask(at="silent TLS", seconds=0.3),
        "within the time that the client waits",
        "more time",
        "",
    ),
    "hangs up": (Ask(at="site", path="/hang-up"), "without a reply", "Send the request again", ""),
    "not a URL": (Ask(at="not a URL"), "not a URL", "Write it in full", ""),
    "line break in the key": (Ask(key="two\nlines"), "line break", "Copy the key again", ""),
    # From here on what other servers say.
    "role missing": (
        Ask(at="site", path="/role-missing"),
        "no right to use",
        "Cognitive Services User",
        "401 Perm",
    ),
    "forbidden": (
        Ask(at="site", path="/forbidden"),
        "does not let you in",
        "network rules",
        "403: Access denied",
    ),
    "unknown model": (
        Ask(at="site", path="/unknown-model"),
        "no deployment of that name",
        "into model",
        "400 unkn",
    ),
    "ollama": (
        Ask(at="site", path="/ollama"),
        "no deployment of that name",
        "into model",
        '404: model "phi-9"',
    ),
    "error as text": (
        Ask(at="site", path="/plain-error"),
        "refused what was in it",
        "Read what",
        "No such grant",
    ),
    "no error at all": (Ask(at="site", path="/fastapi"), "refused what was in it", "Read what", "400"),
    "a list": (Ask(at="site", path="/list"), "refused what was in it", "Read what", "400"),
    "a page": (Ask(at="site", path="/proxy-page"), "failed while it worked", "again after a while", "502"),
    "unnamed category": (
        Ask(at="site", path="/unknown-filter"),
        "does not name",
        "Change the prompt",
        "content_filter",
    ),
    "key repeated": (
        Ask(at="site", path="/echo"),
        "refused what was in it",
        "Read what",
        "You sent Bearer ***",
    ),
    "odd details": (
        Ask(at="site", path="/odd-details"),
        "misspelled",
        "Compare",
        "422: 7\n- body: not accepted",
    ),
    "conflict": (
        Ask(at="site", path="/conflict"),
        "refused what was in it",
        "Read what",
        "409 Conflict: Busy.",
    ),
    "a date to wait for": (
        Ask(at="site", path="/later"),
        "wait until Fri, 31 Dec 2099",
        "Wait that long",
        "429",
    ),
    "another status": (Ask(at="site", path="/teapot"), "status 418", "is the one of your resource", "418"),
}


def caught(act, *given):
    with pytest.raises(Exception) as raised:  # noqa: PT011
        act(*given)
    return raised.value


def check(explanation, cause, remedy, detail, *secrets):
    assert re.search(cause, explanation.cause), explanation
    assert re.search(remedy, explanation.remedy), explanation
    assert (detail in explanation.detail) if detail else explanation.detail == "", explanation
    text = str(explanation)
    assert text.startswith(f"What happened: {explanation.cause}\nWhat to do: {explanation.remedy}")
    for secret in secrets:
        assert secret not in text + repr(explanation)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("case", CASES)
def test_request_in_every_client(case, client, server, places):
    ask, cause, remedy, detail = CASES[case]
    error = caught(CLIENTS[client], ask, places, server.key)
    assert not isinstance(error, AssertionError)
    check(explain(error), cause, remedy, detail, server.key, WRONG_KEY, "two\nlines", "two\\nlines")


TOKENS = {
    "expired": ({"aud": COGNITIVE, "exp": 1}, "has expired", "token provider"),
    "wrong audience": (
        {"aud": "https://ml.azure.com", "exp": 2**32},
        "made out to https://ml.azure.com",
        "https://cognitiveservices.azure.com/.default",
    ),
    "signed by another": (
        {"aud": COGNITIVE, "exp": 2**32, "other": True},
        "refused the token",
        "Ask for the scope",
    ),
    "no claims": ({}, "key is missing or is not one", "Copy the key"),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("case", TOKENS)
def test_token_in_every_client(case, client, server, places):
    claims, cause, remedy = TOKENS[case]
    token = jwt.encode(claims, "x" * 64 if claims.get("other") else server.secret, algorithm="HS256")
    error = caught(CLIENTS[client], Ask(token=token), places, server.key)
    check(explain(error), cause, remedy, "401: Unauthorized. Access token is missing", token)


@pytest.mark.parametrize("is_async", [False, True])
def test_token_over_http(server, is_async):
    token = jwt.encode({"aud": COGNITIVE, "exp": 2**32}, server.secret, algorithm="HS256")

    async def ask():
        async with AsyncChatCompletionsClient(f"{server.origin}/models", AsyncFixedToken(token)) as client:
            await client.complete(messages=HELLO)

    client = ChatCompletionsClient(f"{server.origin}/models", FixedToken(token))
    error = caught(lambda: asyncio.run(ask()) if is_async else client.complete(messages=HELLO))
    check(explain(error), "refused to send the token", "starts with https://.*enforce_https", "", token)


def post(places, key, *, at="server", fault=None, **options):
    headers = {"api-key": key, "authorization": f"Bearer {key}"} | (
        {"x-offline-fault": fault} if fault else {}
    )
    options = {
        "params": {"api-version": "2024-05-01-preview"},
        "json": {"messages": HELLO},
        "timeout": 30,
    } | options
    reply = requests.post(f"{places[at]}/models/chat/completions", headers=headers, **options)
    for _ in reply.iter_content():
        pass
    reply.raise_for_status()


REQUESTS = {
    "wrong key": ({"key": WRONG_KEY}, "key is missing", "Copy the key", "401 Unauthorized"),
    "no version": ({"params": {}}, "names none", "Set api_version", "404: Resource not found: the query"),
    "not JSON": ({"json": None, "data": b"x"}, "not sent as JSON", "pass the body as json=", "415"),
    "misnamed": ({"json": {"mesages": []}}, "misspelled", "Compare", "- mesages: Extra inputs"),
    "429": ({"fault": RETRY_AFTER}, "wait 0.1 seconds", "Wait that long", "429"),
    "content filter": ({"fault": "content-filter"}, "violence", "Change", "400 content_filter"),
    "slow": ({"fault": "slow; seconds=2", "timeout": 0.3}, "No reply came within", "timeout", ""),
    "cut stream": (
        {"fault": "cut-stream", "json": {"model": PHI, "messages": HELLO, "stream": True}},
        "broke off",
        "again",
        "",
    ),
    "refused connection": ({"at": "closed"}, "nothing listens", "host and port", ""),
    "no such name": ({"at": "no name"}, "could not be found", "spelling", ""),
    "certificate": ({"at": "certificate"}, "does not trust", "do not switch", ""),
    "not a URL": ({"at": "not a URL"}, "not a URL", "in full", ""),
    "line break in the key": ({"key": "two\nlines"}, "line break", "Copy the key again", ""),
    "proxy": ({"proxies": {"http": "{closed}"}}, "proxy", "NO_PROXY", ""),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_requests(case, server, places):
    options, cause, remedy, detail = REQUESTS[case]
    if "proxies" in options:
        options = {"proxies": {"http": places["closed"]}}
    error = caught(lambda: post(places, **{"key": server.key, **options}))
    assert isinstance(error, requests.RequestException)
    check(explain(error), cause, remedy, detail, server.key, WRONG_KEY, "two\nlines", "two\\nlines")


@pytest.fixture
def signed_out(monkeypatch, tmp_path):
    """No identity in the environment, no command-line tools, and a quiet log."""
    for name in (
        "AZURE_TENANT_ID",
        "AZURE_CLIENT_ID",
        "AZURE_CLIENT_SECRET",
        "AZURE_USERNAME",
        "AZURE_PASSWORD",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    yield
    logging.getLogger("azure.identity").setLevel(logging.NOTSET)


@pytest.mark.parametrize("is_async", [False, True])
def test_nothing_to_sign_in_with(signed_out, is_async):
    from azure.identity import aio

    # Left out because it would ask the network of a virtual machine, and wait for it.
    options = {"exclude_managed_identity_credential": True, "exclude_broker_credential": True}
    scopes = [f"{COGNITIVE}/.default"]

    async def ask():
        async with (
            aio.DefaultAzureCredential(exclude_managed_identity_credential=True) as credential,
            AsyncChatCompletionsClient(
                "https://nowhere.invalid", credential, credential_scopes=scopes
            ) as client,
        ):
            await client.complete(messages=HELLO)

    credential = azure.identity.DefaultAzureCredential(**options)
    client = ChatCompletionsClient("https://nowhere.invalid", credential, credential_scopes=scopes)
    error = caught(lambda: asyncio.run(ask()) if is_async else client.complete(messages=HELLO))
    check(explain(error), "tried each way to sign in", "az login", "")


def test_credential_unavailable(signed_out):
    error = caught(azure.identity.EnvironmentCredential().get_token, f"{COGNITIVE}/.default")
    assert isinstance(error, azure.identity.CredentialUnavailableError)
    check(explain(error), "nothing on this computer to sign in", "az login", "")


def test_entra_id_refuses(tmp_path):
    """A stand-in for Entra ID on this computer refuses a client secret the way the real one does."""

    class Authority(BaseHTTPRequestHandler):
        def answer(self, status, body):
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self):
            here = f"https://localhost:{self.server.server_port}/tenant"
            self.answer(
                200,
                {
                    "issuer": f"{here}/v2.0",
                    "token_endpoint": f"{here}/token",
                    "authorization_endpoint": f"{here}/a",
                },
            )

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            words = "AADSTS7000215: Invalid client secret provided."
            self.answer(401, {"error": "invalid_client", "error_description": words})

        def log_message(self, *_args):
            pass

    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    site = ThreadingHTTPServer(("127.0.0.1", 0), Authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    site.socket = context.wrap_socket(site.socket, server_side=True)
    with serving(site):
        credential = azure.identity.ClientSecretCredential(
            "tenant",
            "client",
            "hush-hush",
            authority=f"https://localhost:{site.server_port}",
            disable_instance_discovery=True,
            connection_verify=str(tmp_path / "ca.pem"),
        )
        error = caught(credential.get_token, f"{COGNITIVE}/.default")
    explanation = explain(error)
    assert "refused the sign-in" in explanation.cause
    assert "AADSTS" in explanation.remedy
    assert "hush-hush" not in str(explanation)


def test_no_settings(monkeypatch):
    monkeypatch.setenv(endpoint.ENDPOINT, "https://my-resource.services.ai.azure.com/models")
    monkeypatch.setenv(endpoint.CREDENTIAL, "")
    error = caught(endpoint.connect)
    assert isinstance(error, endpoint.SettingsError)
    assert str(explain(error)) == str(error)


def test_setting_read_before_it_is_there(monkeypatch):
    import os

    monkeypatch.delenv("AZURE_INFERENCE_DEPLOYMENT", raising=False)
    error = caught(lambda: os.environ["AZURE_INFERENCE_DEPLOYMENT"])
    check(explain(error), "setting AZURE_INFERENCE_DEPLOYMENT", "endpoint.connect", "")


def test_no_key_for_openai(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    check(explain(caught(openai.OpenAI)), "without a key", "api_key=os.environ", "")


def test_letter_outside_ascii_in_the_key(places):
    error = caught(v1_sync, Ask(key="schlüssel"), places, "")
    check(explain(error), "outside ASCII", "Copy the key again", "", "schl")


def test_a_failure_while_another_is_handled(server, places):
    """The second failure is explained by itself, though Python links it to the first."""

    def act():
        try:
            azure_sync(Ask(at="no name"), places, server.key)
        except Exception:
            v1_sync(Ask(at="closed"), places, server.key)

    check(explain(caught(act)), "nothing listens", "host and port", "")


def test_key_as_bytes(server, places):
    def act():
        url = f"{places['server']}/models/chat/completions?api-version=2024-05-01-preview"
        reply = requests.post(url, headers={b"api-key": WRONG_KEY.encode()}, json={}, timeout=30)
        reply.raise_for_status()

    check(explain(caught(act)), "key is missing", "Copy the key", "401 Unauthorized", WRONG_KEY)


def test_key_of_one_letter_blanks_no_words(server, places):
    explanation = explain(caught(azure_sync, Ask(key="e"), places, server.key))
    assert "the key is missing or is not a key of this resource" in explanation.detail


def test_secrets_in_what_the_service_repeats(places, monkeypatch):
    """The key in the environment, a signed link and a token are blanked wherever they come from."""
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", "short-secret")
    token = jwt.encode({"aud": COGNITIVE}, "x" * 64, algorithm="HS256")
    said = f"short-secret https://example.com/x.png?sv=1&sig=a%2Bb%3D&se=2 {token} {'k' * 84}"
    error = caught(v1_sync, Ask(at="site", path="/parrot", messages=user(said)), places, "another")
    assert explain(error).detail == "400: *** https://example.com/x.png?sv=1&sig=***&se=2 *** ***"


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyError, MemoryError, KeyboardInterrupt])
def test_error_of_another_kind(error, server):
    explanation = explain(error(server.key))
    check(explanation, f"of type {error.__name__}", "own message", "", server.key)


@pytest.mark.parametrize("thing", [None, "401", ValueError, 3])
def test_not_an_exception(thing):
    with pytest.raises(LearnerError, match="takes the exception itself"):
        explain(thing)


def test_picture_helper_errors_pass_through():
    from helpers.encoding import image_part

    error = caught(image_part, png()[:40])
    assert str(explain(error)) == str(error)
