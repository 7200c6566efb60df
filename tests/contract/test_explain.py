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
import urllib.parse
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import azure.identity
import httpx2
import jwt
import openai
import pydantic
import pytest
import requests
import trustme
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AccessToken, AzureKeyCredential
from hypothesis import given, settings, strategies

from helpers import endpoint
from helpers import settings as lesson_settings
from helpers.errors import LearnerError
from tests.contract.conftest import GPT, PHI, png, user
from workbench.explain import explain
from workbench.explain.failure import is_passing, read_failure


def said(message, code=None, **more):
    return {"error": {"message": message, "code": code} | more}


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
    "unknown-filter": (400, {"error": {"code": "content_filter", "message": "Filtered.", "innererror": "x"}}),
    "echo": (400, {"error": {"code": "BadRequest", "message": "You sent {key}"}}),
    "odd-details": (422, {"error": {"message": 7, "details": [None, {"loc": "x"}, {"loc": ["body"]}]}}),
    "conflict": (409, {"error": {"code": "Conflict", "message": "Busy."}}),
    "teapot": (418, {}),
    "later": (429, {}),
}
# What has been reported in public, word for word where the wording matters: status, body, headers of the reply; what
# the cause and the remedy have to hold.
WORDINGS = {
    "undecodable": (
        400, said("The audio file could not be decoded or its format is not supported."), {},
        "cannot read the sound file", "wav or mp3"),
    "unrecognised": (400, said("Error opening <_io.BytesIO object at 0x7f>: Format not recognised"), {},
        "cannot read the sound file", "wav or mp3"),
    "keys off": (403, said("Key based authentication is disabled for this resource.", "AuthenticationTypeDisabled"), {},
        "takes no keys", "Entra ID.*token_credential"),
    "local auth off": (403, said("Local authentication is disabled. Please use Microsoft Entra."), {},
        "takes no keys", "Entra ID"),
    "vllm": (404, {"object": "error", "message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404},
        {}, "no model of that name", "/v1/models"),
    "openai": (404, said("The model `gpt-x` does not exist or you do not have access to it.", "model_not_found"), {},
        "no model of that name", "/v1/models"),
    "pull": (404, said('model "llava" not found, try pulling it first'), {}, "no model of that name", "/v1/models"),
    "501": (501, said("Not implemented."), {}, "now or later", "changes nothing"),
    "505": (505, said("HTTP Version Not Supported"), {}, "now or later", "route"),
    "511": (511, said("Network Authentication Required"), {}, "wants you to sign in", "in a browser"),
    "gone": (410, said("The model has been retired.", "Gone"), {}, "is retired", "newer model"),
    "deprecated": (400, said("The model 'x' has been deprecated.", "ModelDeprecated"), {}, "is retired", "newer model"),
    "no model": (400, said("No model specified in request. Please provide a model name in the request body or as a "
        "x-ms-model-mesh-model-name header.", "no_model_name"), {}, "names no model", "deployment's name as model"),
    "DeploymentNotFound": (404, said("The API deployment for this resource does not exist. If you created the "
        "deployment within the last 5 minutes, please wait a moment and try again.", "DeploymentNotFound"), {},
        "no deployment of that name", "into model"),
    "operation": (400, said("The chatCompletion operation does not work with the specified model, x. Please choose "
        "different model and try again.", "OperationNotSupported"), {}, "answers no chat completions", "chat model"),
    "max_tokens": (400, said("Unsupported parameter: 'max_tokens' is not supported with this model. Use "
        "'max_completion_tokens' instead.", "unsupported_parameter", param="max_tokens"), {},
        "refuses max_tokens", r"Rename.*\{\"max_completion_tokens\": …\}"),
    "no param": (400, {"error": "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
        "'max_completion_tokens' instead."}, {}, "refuses max_tokens", "Rename"),
    "older": (400, said("Unrecognized request argument supplied: max_completion_tokens"), {},
        "does not know max_completion_tokens", "Rename"),
    "temperature": (400, said("Unsupported value: 'temperature' does not support 0.2 with this model. Only the default "
        "(1) value is supported.", "unsupported_value", param="temperature"), {}, "not take a parameter", "Leave that"),
    "too long a reply": (400, said("max_tokens is too large: 5000. This model supports at most 4096 completion tokens, "
        "whereas you provided 5000."), {}, "longer reply than", "fewer tokens"),
    "context": (400, said("'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context "
        "length is 8192 tokens and your request has 5000 input tokens."), {}, "more tokens than this model", "Shorten"),
    "schema": (400, said("response_format value as json_schema is enabled only for api versions 2024-08-01-preview and "
        "later"), {}, "not take the response_format", "GPT model"),
    "schema, model": (400, said("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this "
        "model.", param="response_format"), {}, "not take the response_format", "in words"),
    "bad schema": (400, said("Invalid schema for response_format 'x': In context=(), 'additionalProperties' is "
        "required to be supplied and to be false."), {}, "refuses the JSON schema", "additionalProperties"),
    "json word": (400, said("'messages' must contain the word 'json' in some form, to use 'response_format' of type "
        "'json_object'."), {}, "no message of it has the word", "Say in the prompt"),
    "certain models": (400, said("Invalid content type. image_url is only supported by certain models."), {},
        "takes no pictures", "Choose"),
    "text only": (400, said("At most 0 image(s) may be provided in one request."), {}, "takes no pictures", "Choose"),
    "deepseek": (422, "Failed to deserialize the JSON body into the target type: messages[0]: unknown variant "
        "`image_url`, expected `text` at line 1 column 99", {}, "takes no pictures", "Choose"),
    "no sound": (400, said("Invalid content type. input_audio is only supported by certain models."), {},
        "takes no sound", "Choose"),
    "sound needed": (400, said("This model requires that either input content or output modality contain audio."), {},
        "only requests that hold sound", "Send it a clip"),
    "domain": (400, said("Image URL domain 'example.com' is not allowed."), {}, "not fetch from the place", "base64"),
    "only base64": (400, said("Image URLs are not supported."), {}, "not fetch from the place", "base64"),
    "not accessible": (400, said("The provided image url is not accessible."), {}, "could not fetch", "base64"),
    "download": (400, said("Timeout while downloading https://example.com/x.png.", "invalid_image_url"), {},
        "could not fetch", "base64"),
    "failed download": (400, said("Failed to download image from https://example.com/x.png."), {}, "could not fetch",
        "base64"),
    "no URL": (400, said("Invalid image URL. The URL must be a valid HTTP or HTTPS URL, or a data URL with base64 "
        "encoding."), {}, "none that the service reads", "data:image/png;base64"),
    "unsupported image": (400, said("You uploaded an unsupported image. Please make sure your image has of one the "
        "following formats: ['png', 'jpeg', 'gif', 'webp']."), {}, "cannot read the picture", "png or jpeg"),
    "detail": (422, {"detail": [{"loc": ["body", "messages"], "msg": "field required",
        "type": "value_error.missing"}]}, {},
        "misspelled", "named below"),
    "bare 422": (422, {}, {}, "does not list which", "Compare the request"),
    "day": (429, said("Requests to the ChatCompletions_Create Operation under Azure OpenAI API version "
        "2024-05-01-preview have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry "
        "after 86400 seconds.",
        "429"),
        {}, "wait 24 hours", "do not count on"),
    "milliseconds": (429, said("Slow down.", "429"), {"retry-after-ms": "1500"}, "wait 1.5 seconds",
        "openai client does it"),
    "both headers": (429, said("Slow down.", "429"), {"retry-after-ms": "900", "Retry-After": "1"}, "wait 0.9 seconds",
        "retry_status.*max_retries"),
    "openai's sentence": (429, said("Rate limit reached for x in organization y on tokens per min (TPM): Limit "
        "30000, Used 29000, Requested 5000. Please try again in 6m0s. Visit the page to learn more."), {},
        "wait 6 minutes", "Wait that"),
    "quota": (429, said("You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota"), {"Retry-After": "20"}, "no waiting cures", "billing and quota"),
    "one too large": (429, said("Request too large for gpt-x on tokens per min (TPM): Limit 30000, Requested "
        "55000."), {}, "This one request weighs", "Send less"),
    "408": (408, said("Operation was timeout.", "Timeout"), {}, "gave up waiting", "send less"),
    "424": (424, said("Failed dependency", "FailedDependency"), {}, "behind the service", "deployment's state"),
    "407": (407, "<html>Proxy Authentication Required</html>", {}, "proxy", "a name and a password"),
    "520": (520, "<html>Web server is returning an unknown error</html>", {}, "failed while it worked",
        "after a while"),
    "529": (529, said("Overloaded", "overloaded_error"), {}, "failed while it worked", "after a while"),
    "405": (405, {"detail": "Method Not Allowed"}, {}, "nothing at the path /405/chat/completions", "/openai/v1"),
    "network": (403, said("Public access is disabled. Please configure private endpoint.", "403"), {},
        "network rules", "VPN"),
    "vnet": (403, said("A Virtual Network is configured for this resource. Please use the correct endpoint.", "403"),
        {},
        "network rules", "VPN"),
    "who knows": (403, said("Forbidden."), {}, "does not let you in", "Read what it said"),
    "tenant": (400, said("Token tenant 1 does not match resource tenant.",
        "Tenant provided in token does not match"), {},
        "another directory", "az login --tenant"),
    # Near to a rule, and none of its kind.
    "animated": (400, said("Animated images are not supported."), {}, "refused what was in it", "Read what"),
    "webp": (400, said("This model does not support image format webp."), {}, "refused what was in it", "Read what"),
    "spoken reply": (400, said("Missing required parameter: 'audio.format'."), {}, "refused what was in it", "Read"),
    "silence": (400, said("No audio track was found."), {}, "refused what was in it", "Read what"),
    "ogg": (400, said("Invalid value for 'input_audio.format': 'ogg'."), {}, "cannot read the sound", "wav or mp3"),
    "llama.cpp": (500, said("image input is not supported - hint: you may need to provide the mmproj"), {},
        "takes no pictures", "Choose"),
    "braces": (400, said("Unexpected {failure.said} in {0} {"), {}, "refused what was in it", "Read what"),
    "empty": (200, "", {}, "no chat completion", "path of the address"),
    "page": (200, "<html>Sign in</html>", {}, "no chat completion", "sign-in page"),
    "other JSON": (200, [], {}, "no chat completion", "path of the address"),
}  # fmt: skip
STREAMS = {
    "broken": 'data: {"error": {"message": "The engine {died}", "type": "server_error", "code": null}}\n\n',
    "filtered": 'data: {"error": {"message": "Filtered.", "code": "content_filter"}}\n\n',
    "ping": ': ping\r\n\r\ndata: {"choices": []}\r\n\r\ndata: [DONE]\r\n\r\n',
    "no blank": 'data:{"choices": []}\n\ndata: [DONE]\n\n',
    "cut": 'data: {"choices":\n\n',
}
CONTENT = dict.fromkeys(STREAMS, "text/event-stream")
REPLIES |= {name: (200, text) for name, text in STREAMS.items()}
HELLO = user('Translate to Spanish: "Hello."')
WRONG_KEY = "wrong-key"
COGNITIVE = "https://cognitiveservices.azure.com"


class Site(BaseHTTPRequestHandler):
    """A server with the replies that the offline endpoint has no reason to give: the path says which."""

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name = urllib.parse.unquote(self.path.split("/")[1])
        if name == "hang-up":
            self.close_connection = True
            return
        status, body, *headers = REPLIES.get(name) or WORDINGS.get(name, (400, {}))[:3]
        if name == "parrot":
            body = {"error": {"message": sent["messages"][0]["content"][0]["text"]}}
        text = body if isinstance(body, str) else json.dumps(body)
        data = text.replace("{key}", self.headers["authorization"]).encode()
        self.send_response(status)
        self.send_header(
            "Content-Type",
            CONTENT.get(name) or ("text/html" if isinstance(body, str) else "application/json"),
        )
        for header, value in (headers[0] if headers else {}).items():
            self.send_header(header, value)
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
def places(own_server):
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
            "server": own_server.origin,
            "site": f"http://127.0.0.1:{site.server_port}",
            "no name": "https://nowhere.invalid",
            "not a URL": "nowhere at all",
            "no TLS": own_server.origin.replace("http:", "https:"),
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
        "retry_status.*max_retries",
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
        "network rules do not let",
        "allow this computer",
        "403: Access denied",
    ),
    "unknown model": (
        Ask(at="site", path="/unknown-model"),
        "no deployment of that name",
        "into model",
        "400 unkn",
    ),
    "ollama": (Ask(at="site", path="/ollama"), "no model of that name", "/v1/models", '404: model "phi-9"'),
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
        r"wait about \d{5} days\.",
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
def test_request_in_every_client(case, client, own_server, places):
    ask, cause, remedy, detail = CASES[case]
    error = caught(CLIENTS[client], ask, places, own_server.key)
    assert not isinstance(error, AssertionError)
    check(explain(error), cause, remedy, detail, own_server.key, WRONG_KEY, "two\nlines", "two\\nlines")


# Of these the same request may succeed later.
PASSING = {
    "download", "day", "milliseconds", "both headers", "openai's sentence", "408", "424", "520", "529", "empty", "page",
    "other JSON",
}  # fmt: skip
WAITS = {"day": 86400, "milliseconds": 1.5, "both headers": 0.9, "openai's sentence": 360, "quota": 20}


@pytest.mark.parametrize("client", ["azure", "openai"])
@pytest.mark.parametrize("case", WORDINGS)
def test_reported_wording(case, client, own_server, places):
    status, body, _, cause, remedy = WORDINGS[case]

    def act():
        path = "/" + urllib.parse.quote(case)
        return CLIENTS[client](Ask(at="site", path=path), places, own_server.key).choices[0]

    error = caught(act)
    message = (
        body["error"]["message"] if isinstance(body, dict) and isinstance(body.get("error"), dict) else ""
    )
    check(explain(error), cause, remedy, message or (str(status) if status > 200 else ""), own_server.key)
    failure = read_failure(error)
    assert is_passing(failure) == (case in PASSING)
    assert failure.wait == pytest.approx(WAITS.get(case))


@pytest.mark.parametrize(
    ("client", "name", "cause", "remedy", "detail", "passes"),
    [
        ("openai", "broken", "broke off a stream", "Throw away", "server_error: The engine {died}", True),
        (
            "openai async",
            "broken",
            "broke off a stream",
            "Throw away",
            "server_error: The engine {died}",
            True,
        ),
        ("openai", "filtered", "filter stopped the reply", "do not use the part", "Filtered.", False),
        ("azure", "ping", "lines of another form", "openai client for streams", "", False),
        ("azure async", "no blank", "lines of another form", "openai client for streams", "", False),
        ("azure", "cut", "no chat completion", "send the request again", "", True),
        ("openai", "cut", "no chat completion", "send the request again", "", True),
    ],
)
def test_stream_that_goes_wrong(client, name, cause, remedy, detail, passes, own_server, places):
    path = "/" + urllib.parse.quote(name)
    error = caught(CLIENTS[client], Ask(at="site", path=path, stream=True), places, own_server.key)
    check(explain(error), cause, remedy, detail, own_server.key)
    assert is_passing(read_failure(error)) == passes


TROUBLES = {
    "no such name": (Ask(at="no name"), True),
    "refused": (Ask(at="closed"), True),
    "slow": (Ask(fault="slow; seconds=2", seconds=0.3), True),
    "hangs up": (Ask(at="site", path="/hang-up"), True),
    "certificate": (Ask(at="certificate"), False),
    "not a URL": (Ask(at="not a URL"), False),
    "line break in the key": (Ask(key="two\nlines"), False),
    "wrong key": (Ask(key=WRONG_KEY), False),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("case", TROUBLES)
def test_what_passes_by_itself(case, client, own_server, places):
    ask, passes = TROUBLES[case]
    assert is_passing(read_failure(caught(CLIENTS[client], ask, places, own_server.key))) == passes


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Please retry after 1 second.", 1),
        ("Please wait for 2 minutes and try again", 120),
        ("Please try again in 20ms.", 0.02),
        ("Try again in 1.25s", 1.25),
        ("Rate limit reached. Please try again in 1h2m3s.", 3723),
        ("The limit is 30 seconds of sound.", None),
        ("Please retry after some seconds", None),
        ("Retry. We wait for 3 dogs", None),
    ],
)
def test_time_to_wait_in_a_sentence(text, seconds, places):
    error = caught(v1_sync, Ask(at="site", path="/parrot", messages=user(text)), places, "key")
    assert read_failure(error).wait == seconds


@given(
    text=strategies.text(max_size=80),
    status=strategies.sampled_from([400, 401, 403, 404, 410, 422, 429, 500, 503]),
    headers=strategies.dictionaries(
        strategies.sampled_from(["retry-after", "retry-after-ms"]),
        strategies.text("0123456789.-, ae", max_size=12),
    ),
)
@settings(max_examples=60, deadline=None)
def test_no_sentence_of_a_service_breaks_it(text, status, headers):
    request = httpx2.Request("POST", "https://contoso.openai.azure.com/openai/v1/chat/completions")
    reply = httpx2.Response(status, json=said(text, text), headers=headers, request=request)
    error = openai.APIStatusError("refused", response=reply, body=None)
    assert explain(error).cause
    assert (read_failure(error).wait or 0) >= 0


class Form(pydantic.BaseModel):
    text: str


@pytest.mark.parametrize(
    ("reason", "cause"), [("length", "reached its limit"), ("content_filter", "filter stopped")]
)
def test_reply_that_parse_refuses(reason, cause, own_server, monkeypatch):
    reply = {
        "choices": [{"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": "{"}}]
    }
    monkeypatch.setitem(REPLIES, "parse", (200, reply))
    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    with (
        serving(site),
        openai.OpenAI(base_url=f"http://127.0.0.1:{site.server_port}/parse", api_key="k") as client,
    ):
        parse = client.chat.completions.parse
        error = caught(lambda: parse(model=PHI, messages=HELLO, response_format=Form))
    check(explain(error), cause, "max_tokens|who runs", "")
    assert not is_passing(read_failure(error))


# Azure's async client reads no ALL_PROXY, and cannot be made to use SOCKS.
@pytest.mark.parametrize("client", ["azure", "openai", "openai async"])
def test_socks_without_its_package(client, own_server, places, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    for name in ("ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    error = caught(CLIENTS[client], Ask(at="site", path="/echo"), places, own_server.key)
    check(explain(error), "kind SOCKS", "ALL_PROXY.*socksio.*PySocks", "")


@pytest.mark.parametrize("client", ["azure", "openai", "openai async"])
def test_file_of_certificates_that_is_not_there(client, own_server, places, monkeypatch, tmp_path):
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    variable = "REQUESTS_CA_BUNDLE" if client == "azure" else "SSL_CERT_FILE"
    monkeypatch.setenv(variable, str(tmp_path / "none.pem"))
    error = caught(CLIENTS[client], Ask(at="certificate"), places, own_server.key)
    check(explain(error), f"{variable} names a file", f"into {variable}", "")
    assert not is_passing(read_failure(error))


def test_a_call_that_the_client_does_not_know(own_server):
    client = openai.OpenAI(base_url=f"{own_server.origin}/openai/v1/", api_key=own_server.key)
    error = caught(lambda: client.chat.completions.create(messages=HELLO))
    check(
        explain(error),
        "openai cannot do what it was told, and raised TypeError: Missing",
        "Compare the call",
        "",
    )


def test_json_that_the_learners_own_code_cannot_read():
    check(explain(caught(json.loads, "```json")), "Your code read a text as JSON", "Print the text first", "")
    assert not is_passing(read_failure(caught(json.loads, "")))


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
def test_token_in_every_client(case, client, own_server, places):
    claims, cause, remedy = TOKENS[case]
    token = jwt.encode(claims, "x" * 64 if claims.get("other") else own_server.secret, algorithm="HS256")
    error = caught(CLIENTS[client], Ask(token=token), places, own_server.key)
    check(explain(error), cause, remedy, "401: Unauthorized. Access token is missing", token)


@pytest.mark.parametrize("is_async", [False, True])
def test_token_over_http(own_server, is_async):
    token = jwt.encode({"aud": COGNITIVE, "exp": 2**32}, own_server.secret, algorithm="HS256")

    async def ask():
        async with AsyncChatCompletionsClient(
            f"{own_server.origin}/models", AsyncFixedToken(token)
        ) as client:
            await client.complete(messages=HELLO)

    client = ChatCompletionsClient(f"{own_server.origin}/models", FixedToken(token))
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
def test_requests(case, own_server, places):
    options, cause, remedy, detail = REQUESTS[case]
    if "proxies" in options:
        options = {"proxies": {"http": places["closed"]}}
    error = caught(lambda: post(places, **{"key": own_server.key, **options}))
    assert isinstance(error, requests.RequestException)
    check(explain(error), cause, remedy, detail, own_server.key, WRONG_KEY, "two\nlines", "two\\nlines")


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
    monkeypatch.setenv(lesson_settings.ENDPOINT, "https://my-resource.services.ai.azure.com/models")
    monkeypatch.setenv(lesson_settings.CREDENTIAL, "")
    error = caught(endpoint.connect)
    assert isinstance(error, lesson_settings.SettingsError)
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


def test_a_failure_while_another_is_handled(own_server, places):
    """The second failure is explained by itself, though Python links it to the first."""

    def act():
        try:
            azure_sync(Ask(at="no name"), places, own_server.key)
        except Exception:
            v1_sync(Ask(at="closed"), places, own_server.key)

    check(explain(caught(act)), "nothing listens", "host and port", "")


def test_key_as_bytes(own_server, places):
    def act():
        url = f"{places['server']}/models/chat/completions?api-version=2024-05-01-preview"
        reply = requests.post(url, headers={b"api-key": WRONG_KEY.encode()}, json={}, timeout=30)
        reply.raise_for_status()

    check(explain(caught(act)), "key is missing", "Copy the key", "401 Unauthorized", WRONG_KEY)


def test_key_of_one_letter_blanks_no_words(own_server, places):
    explanation = explain(caught(azure_sync, Ask(key="e"), places, own_server.key))
    assert "the key is missing or is not a key of this resource" in explanation.detail


def test_secrets_in_what_the_service_repeats(places, monkeypatch):
    """The key in the environment, a signed link and a token are blanked wherever they come from."""
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", "short-secret")
    token = jwt.encode({"aud": COGNITIVE}, "x" * 64, algorithm="HS256")
    said = f"short-secret https://example.com/x.png?sv=1&sig=a%2Bb%3D&se=2 {token} {'k' * 84}"
    error = caught(v1_sync, Ask(at="site", path="/parrot", messages=user(said)), places, "another")
    assert explain(error).detail == "400: *** https://example.com/x.png?sv=1&sig=***&se=2 *** ***"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("role", ["", "GPT_", "AUDIO_"])
def test_role_whose_deployment_is_not_there(role, client, own_server, places, monkeypatch):
    setting = f"AZURE_INFERENCE_{role}DEPLOYMENT"
    monkeypatch.setenv(setting, "phi-9")
    error = caught(CLIENTS[client], Ask(model="phi-9"), places, own_server.key)
    check(
        explain(error),
        f"no deployment of the name that {setting} has",
        f"into {setting};",
        "404 DeploymentNotFound",
    )


@pytest.mark.parametrize("around", ["x{}y", "{}", "https://a/{}?b", "sig={}"])
def test_key_inside_a_longer_word(around, places):
    key = "Short-Key_1"
    error = caught(
        v1_sync, Ask(at="site", path="/parrot", key=key, messages=user(around.format(key))), places, ""
    )
    assert key not in str(explain(error))


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyError, MemoryError, KeyboardInterrupt])
def test_error_of_another_kind(error, own_server):
    explanation = explain(error(own_server.key))
    check(explanation, f"of type {error.__name__}", "own message", "", own_server.key)


@pytest.mark.parametrize(
    "error", [httpx2.ConnectError("no"), httpx2.ReadTimeout("slow"), openai.OpenAIError("x")]
)
def test_error_that_has_lost_its_request(error):
    assert explain(error).cause


@pytest.mark.parametrize("thing", [None, "401", ValueError, 3])
def test_not_an_exception(thing):
    with pytest.raises(LearnerError, match="takes the exception itself"):
        explain(thing)


def test_picture_helper_errors_pass_through():
    from helpers.encoding import image_part

    error = caught(image_part, png()[:40])
    assert str(explain(error)) == str(error)
