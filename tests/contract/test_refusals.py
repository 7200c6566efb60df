"""What the endpoint refuses: each case gets a status of the 400s, names the field, and leaves the server standing."""

from __future__ import annotations

import base64
import io
import json
import struct
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import openai
import pytest
import requests
import soundfile
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
)

from helpers.encoding import image_part
from offline_endpoint.wire.identity import StandInCredential
from tests.contract.conftest import GPT, PHI, png, user


def b64(data):
    return base64.b64encode(data).decode()


def sound(format_="WAV", seconds=0.5, rate=16_000):
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(int(seconds * rate), "float32"), rate, format=format_)
    return buffer.getvalue()


def picture(url, **extra):
    return {"type": "image_url", "image_url": {"url": url, **extra}}


def clip(data, format_="wav"):
    return {"type": "input_audio", "input_audio": {"data": data, "format": format_}}


def huge_png(width, height):
    """A PNG whose header claims a size that its data does not have."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 10)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


PNG = png()
PNG_URL = f"data:image/png;base64,{b64(PNG)}"
CONTENT = ["body", "messages", 0, "content"]
URL = [*CONTENT, 0, "image_url", "url"]
DATA = [*CONTENT, 0, "input_audio", "data"]
FORMAT = [*CONTENT, 0, "input_audio", "format"]
SOUND_URL = [*CONTENT, 0, "audio_url", "url"]

# What the message holds, the status, and the place that the error names.
PARTS = {
    "image for image_url": (
        {"type": "image_url", "image": {"url": PNG_URL}},
        422,
        [*CONTENT, 0, "image_url"],
    ),
    "url as a string": ({"type": "image_url", "image_url": PNG_URL}, 422, [*CONTENT, 0, "image_url"]),
    "no url": ({"type": "image_url", "image_url": {}}, 422, URL),
    "empty url": (picture(""), 422, URL),
    "url is a number": (picture(7), 422, URL),
    "unknown detail": (picture(PNG_URL, detail="ultra"), 422, [*URL[:-1], "detail"]),
    "extra key": (picture(PNG_URL, size=3), 422, [*URL[:-1], "size"]),
    "audioData for data": (
        {"type": "input_audio", "input_audio": {"audioData": "AA==", "audioFormat": "mp3"}},
        422,
        DATA,
    ),
    "format flac": (clip(b64(sound("FLAC")), "flac"), 422, FORMAT),
    "format missing": ({"type": "input_audio", "input_audio": {"data": "AA=="}}, 422, FORMAT),
    "empty audio data": (clip(""), 422, DATA),
    "unknown part type": ({"type": "video_url", "video_url": {"url": "x"}}, 422, [*CONTENT, 0]),
    "part without type": ({"text": "hi"}, 422, [*CONTENT, 0]),
    "part is a string": ("hi", 422, [*CONTENT, 0]),
    "part is null": (None, 422, [*CONTENT, 0]),
    "text is a number": ({"type": "text", "text": 1}, 422, [*CONTENT, 0, "text"]),
    "bad base64": (picture("data:image/png;base64,@@@@"), 400, URL),
    "base64 of odd length": (picture("data:image/png;base64,AAA"), 400, URL),
    "no base64 marker": (picture("data:image/png,hello"), 400, URL),
    "no comma": (picture("data:image/png;base64"), 400, URL),
    "only data:": (picture("data:"), 400, URL),
    "empty data url": (picture("data:image/png;base64,"), 400, URL),
    "doubled type": (picture(f"data:image/image/png;base64,{b64(PNG)}"), 400, URL),
    "no type": (picture(f"data:;base64,{b64(PNG)}"), 400, URL),
    "bmp type": (picture(f"data:image/bmp;base64,{b64(png(format='BMP'))}"), 400, URL),
    "bmp bytes": (picture(f"data:image/png;base64,{b64(png(format='BMP'))}"), 400, URL),
    "jpeg said, png sent": (picture(f"data:image/jpeg;base64,{b64(PNG)}"), 400, URL),
    "text bytes": (picture(f"data:image/png;base64,{b64(b'hello')}"), 400, URL),
    "cut png": (picture(f"data:image/png;base64,{b64(PNG[: len(PNG) // 2])}"), 400, URL),
    "cut jpeg": (picture(f"data:image/jpeg;base64,{b64(png(format='JPEG')[:700])}"), 400, URL),
    "png header only": (picture(f"data:image/png;base64,{b64(PNG[:33])}"), 400, URL),
    "png of noise": (picture(f"data:image/png;base64,{b64(PNG[:60] + bytes(range(256)))}"), 400, URL),
    "too many pixels": (picture(f"data:image/png;base64,{b64(huge_png(10_000, 10_000))}"), 400, URL),
    "bomb": (picture(f"data:image/png;base64,{b64(huge_png(60_000, 60_000))}"), 400, URL),
    "too large a picture": (picture("data:image/png;base64," + "A" * 29_000_000), 400, URL),
    "sound as a picture": (picture(f"data:audio/wav;base64,{b64(sound())}"), 400, URL),
    "ftp": (picture("ftp://example.com/a.png"), 400, URL),
    "file": (picture("file:///etc/hostname"), 400, URL),
    "relative url": (picture("charts/a.png"), 400, URL),
    "no host": (picture("http:///a.png"), 400, URL),
    "bad port": (picture("http://example.com:99999/a.png"), 400, URL),
    "space in url": (picture("http://exa mple.com/a.png"), 400, URL),
    "bad bracket": (picture("http://[::1/a.png"), 400, URL),
    "unknown host": (picture("http://pictures.invalid/a.png"), 400, URL),
    "private address": (picture("http://192.168.0.1/a.png"), 400, URL),
    "link-local address": (picture("http://169.254.169.254/metadata"), 400, URL),
    "loopback": (picture("http://127.0.0.1:9/a.png"), 400, URL),
    "loopback by name": (picture("http://localhost:9/a.png"), 400, URL),
    "loopback, version 6": (picture("http://[::1]:9/a.png"), 400, URL),
    "loopback in version 6 dress": (picture("http://[::ffff:127.0.0.1]:9/a.png"), 400, URL),
    "loopback as a number": (picture("http://2130706433/a.png"), 400, URL),
    "wildcard address": (picture("http://0.0.0.0/a.png"), 400, URL),
    "very long url": (picture("http://example.invalid/" + "a" * 100_000), 400, URL),
    "letters outside ASCII": (picture("http://bücher.invalid/ä.png"), 400, URL),
    "bad audio base64": (clip("###"), 400, DATA),
    "wav said, mp3 sent": (clip(b64(sound("MP3")), "wav"), 400, FORMAT),
    "mp3 said, wav sent": (clip(b64(sound()), "mp3"), 400, FORMAT),
    "flac bytes as wav": (clip(b64(sound("FLAC"))), 400, DATA),
    "text as wav": (clip(b64(b"hello" * 50)), 400, DATA),
    "picture as wav": (clip(b64(PNG)), 400, DATA),
    "wav header only": (clip(b64(sound()[:44])), 400, DATA),
    "cut wav header": (clip(b64(sound()[:20])), 400, DATA),
    "too long a clip": (clip(b64(sound(seconds=1_900, rate=1_000))), 400, DATA),
    "too large a clip": (clip("A" * 36_000_000), 400, DATA),
    "audio_url of a private address": (
        {"type": "audio_url", "audio_url": {"url": "http://10.0.0.1/a.mp3"}},
        400,
        SOUND_URL,
    ),
    "audio_url of a picture": ({"type": "audio_url", "audio_url": {"url": PNG_URL}}, 400, SOUND_URL),
    "audio_url without url": ({"type": "audio_url", "audio_url": {}}, 422, SOUND_URL),
}


def post(server, body, *, route="models", **options):
    params = {"api-version": "2024-05-01-preview"} if route == "models" else {}
    options = {
        "headers": {"api-key": server.key, "content-type": "application/json"},
        "timeout": 60,
    } | options
    if isinstance(body, dict):
        body = {"model": PHI} | body
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return requests.post(f"{server.origin}/{route}/chat/completions", params=params, data=data, **options)


def places(reply):
    return [detail["loc"] for detail in reply.json()["error"]["details"]]


@pytest.mark.parametrize("route", ["models", "openai/v1"])
@pytest.mark.parametrize("case", PARTS)
def test_bad_part(server, case, route):
    part, status, place = PARTS[case]
    reply = post(server, {"messages": [{"role": "user", "content": [part]}]}, route=route)
    assert reply.status_code == status, reply.text
    assert place in places(reply)
    # The reply repeats what was wrong, but never a whole picture.
    assert len(reply.content) < 2_500


BODIES = {
    "not json": (b"hello", ["body"]),
    "empty body": (b"", ["body"]),
    "cut json": (b'{"messages": [', ["body"]),
    "not utf-8": (b'{"messages": "\xff"}', ["body"]),
    "a list": ([], ["body"]),
    "nothing": ({}, ["body", "messages"]),
    "deeply nested": (b"[" * 5_000 + b"]" * 5_000, ["body"]),
    "messages is text": ({"messages": "hi"}, ["body", "messages"]),
    "no messages": ({"messages": []}, ["body", "messages"]),
    "too many messages": ({"messages": user("hi") * 2_049}, ["body", "messages"]),
    "message is text": ({"messages": ["hi"]}, ["body", "messages", 0]),
    "unknown role": ({"messages": [{"role": "robot", "content": "hi"}]}, ["body", "messages", 0, "role"]),
    "no role": ({"messages": [{"content": "hi"}]}, ["body", "messages", 0, "role"]),
    "no content": ({"messages": [{"role": "user"}]}, ["body", "messages", 0, "content"]),
    "content is null": ({"messages": [{"role": "user", "content": None}]}, CONTENT),
    "content is empty": ({"messages": [{"role": "user", "content": []}]}, CONTENT),
    "too many parts": ({"messages": user(*["hi"] * 101)}, CONTENT),
    "too much text": ({"messages": [{"role": "user", "content": "a" * 1_048_577}]}, CONTENT),
    "unknown parameter": ({"messages": user("hi"), "temprature": 1}, ["body", "temprature"]),
    "max_tokens 0": ({"messages": user("hi"), "max_tokens": 0}, ["body", "max_tokens"]),
    "max_tokens as text": ({"messages": user("hi"), "max_tokens": "5"}, ["body", "max_tokens"]),
    "temperature 3": ({"messages": user("hi"), "temperature": 3}, ["body", "temperature"]),
    "temperature NaN": (b'{"messages":[{"role":"user","content":"hi"}],"temperature":NaN}', ["body"]),
    "stream as text": ({"messages": user("hi"), "stream": "yes"}, ["body", "stream"]),
    "two replies": ({"messages": user("hi"), "n": 2}, ["body", "n"]),
    "unknown response format": (
        {"messages": user("hi"), "response_format": {"type": "yaml"}},
        ["body", "response_format", "type"],
    ),
}


@pytest.mark.parametrize("case", BODIES)
def test_bad_body(server, case):
    body, place = BODIES[case]
    reply = post(server, body)
    assert reply.status_code == 422, reply.text
    assert reply.json()["error"]["code"] == "Invalid input"
    assert any(found[: len(place)] == place for found in places(reply))
    assert len(reply.content) < 10_000


UNUSABLE = {
    "max_tokens above the model's": ({"messages": user("hi"), "max_tokens": 5_000}, ["body", "max_tokens"]),
    "picture from the system": (
        {"messages": [{"role": "system", "content": [picture(PNG_URL)]}]},
        [*CONTENT, 0, "type"],
    ),
    "json without the word": (
        {"messages": user("hi"), "response_format": {"type": "json_object"}},
        ["body", "response_format"],
    ),
    "schema missing": (
        {"model": GPT, "messages": user("json"), "response_format": {"type": "json_schema"}},
        ["body", "response_format", "json_schema"],
    ),
    "too many tokens": ({"messages": user(*["word " * 200_000] * 3)}, ["body", "messages"]),
    "picture too narrow for the model": (
        {"messages": user(picture(f"data:image/png;base64,{b64(png(size=(1, 4000)))}"))},
        ["body", "messages"],
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_unusable_value(server, case):
    body, place = UNUSABLE[case]
    reply = post(server, body)
    assert reply.status_code == 400, reply.text
    assert places(reply) == [place]


def test_azure_client_shows_the_details(azure):
    with pytest.raises(HttpResponseError) as caught:
        azure.complete(messages=user({"type": "image_url", "image": {"url": PNG_URL}}))
    assert caught.value.status_code == 422
    assert caught.value.message.startswith("(Invalid input) invalid input error")
    details = caught.value.response.json()["error"]["details"]
    assert [*CONTENT, 0, "image_url"] in [detail["loc"] for detail in details]


def test_openai_client_shows_the_details(v1):
    with pytest.raises(openai.UnprocessableEntityError) as caught:
        v1.chat.completions.create(model=PHI, messages=user({"type": "image_url", "image": {"url": PNG_URL}}))
    assert [*CONTENT, 0, "image_url"] in [detail["loc"] for detail in caught.value.body["details"]]


def test_too_many_pictures(azure, v1):
    messages = user("Which is older?", image_part(PNG), image_part(PNG))
    with pytest.raises(HttpResponseError) as caught:
        azure.complete(messages=messages)
    assert caught.value.status_code == 400
    assert caught.value.error.message == "At most 1 image(s) may be provided in one request."
    with pytest.raises(openai.BadRequestError, match="At most 1 image"):
        v1.chat.completions.create(model=PHI, messages=messages)


def test_too_many_pictures_over_several_turns(azure):
    messages = user("Look.", *[image_part(PNG)] * 26) * 2
    with pytest.raises(HttpResponseError, match="At most 50 image"):
        azure.complete(model=GPT, messages=messages)


def test_audio_on_a_deployment_without_it(azure):
    with pytest.raises(HttpResponseError) as caught:
        azure.complete(model=GPT, messages=user(clip(b64(sound()))))
    assert caught.value.status_code == 400
    expected = (
        "Invalid value: 'input_audio'. Supported values are: 'text','image_url','audio_url',and 'refusal'"
    )
    assert caught.value.error.message == expected


def test_unknown_deployment(azure, v1):
    with pytest.raises(ResourceNotFoundError) as caught:
        azure.complete(model="phi-9", messages=user("hi"))
    assert caught.value.error.code == "DeploymentNotFound"
    with pytest.raises(openai.NotFoundError):
        v1.chat.completions.create(model="phi-9", messages=user("hi"))


@pytest.mark.parametrize("key", ["wrong", "", "ü"])
def test_wrong_key_over_the_wire(server, key):
    headers = {"api-key": key.encode(), "content-type": "application/json"}
    reply = post(server, {"messages": user("hi")}, headers=headers)
    assert reply.status_code == 401
    assert "auth token validation failed" in reply.json()["error"]["message"]


def test_wrong_key_in_both_clients(server):
    client = ChatCompletionsClient(endpoint=f"{server.origin}/models", credential=AzureKeyCredential("wrong"))
    with pytest.raises(ClientAuthenticationError, match="auth token validation failed"):
        client.complete(messages=user("hi"))
    with (
        openai.OpenAI(base_url=f"{server.origin}/openai/v1/", api_key="wrong") as client,
        pytest.raises(openai.AuthenticationError, match="auth token validation failed"),
    ):
        client.chat.completions.create(model=PHI, messages=user("hi"))


@pytest.mark.parametrize("path", ["models/chat/completions", "openai/v1/models"])
def test_other_routes_want_a_key_too(server, path):
    ask = requests.post if path.endswith("completions") else requests.get
    reply = ask(f"{server.origin}/{path}", params={"api-version": "v1"}, timeout=10)
    assert reply.status_code == 401


def test_token_for_another_audience(server):
    client = ChatCompletionsClient(
        endpoint=f"{server.origin}/models", credential=StandInCredential(server.secret)
    )
    with pytest.raises(ClientAuthenticationError, match="audience is incorrect"):
        client.complete(messages=user("hi"), enforce_https=False)


def test_token_signed_by_another(server):
    client = ChatCompletionsClient(
        endpoint=f"{server.origin}/models",
        credential=StandInCredential("x" * 64),
        credential_scopes=["https://cognitiveservices.azure.com/.default"],
    )
    with pytest.raises(ClientAuthenticationError, match="Access token is missing, invalid"):
        client.complete(messages=user("hi"), enforce_https=False)


def test_token_over_plain_http_never_leaves_the_client(server, record):
    client = ChatCompletionsClient(
        endpoint=f"{server.origin}/models", credential=StandInCredential(server.secret)
    )
    with pytest.raises(ServiceRequestError):
        client.complete(messages=user("hi"))
    assert record.arrivals() == []


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("models/chat/completions", {}, 404),
        ("models/chat/completions", {"api-version": "1999-01-01"}, 400),
        ("openai/v1/chat/completions", {"api-version": "2024-05-01-preview"}, 400),
        ("api/models/chat/completions", {"api-version": "2024-05-01-preview"}, 404),
        ("models/chat/completions/chat/completions", {"api-version": "2024-05-01-preview"}, 404),
    ],
)
def test_wrong_address(server, path, params, status):
    reply = requests.post(
        f"{server.origin}/{path}",
        params=params,
        json={"model": PHI, "messages": user("hi")},
        headers={"api-key": server.key},
        timeout=30,
    )
    assert reply.status_code == status
    assert set(reply.json()["error"]) >= {"code", "message"}


def test_v1_versions(server):
    for version in ("v1", "preview"):
        client = ChatCompletionsClient(
            endpoint=f"{server.origin}/openai/v1",
            credential=AzureKeyCredential(server.key),
            api_version=version,
            model=PHI,
        )
        assert client.complete(messages=user('Translate to Spanish: "Hello."')).choices


def test_wrong_method(server):
    reply = requests.get(
        f"{server.origin}/models/chat/completions", headers={"api-key": server.key}, timeout=10
    )
    assert reply.status_code == 405
    assert reply.headers["allow"] == "POST"
    assert reply.json()["error"]["code"] == "MethodNotAllowed"


@pytest.mark.parametrize("media_type", ["text/plain", "", "multipart/form-data"])
def test_wrong_content_type(server, media_type):
    headers = {"api-key": server.key, "content-type": media_type}
    assert post(server, {"messages": user("hi")}, headers=headers).status_code == 415


def test_too_large_a_body(server):
    reply = post(server, b'{"messages": "' + b"a" * 65_000_000 + b'"}')
    assert reply.status_code == 413
    assert "64 MB" in reply.json()["error"]["message"]


def test_bad_extra_parameters_header(server):
    headers = {"api-key": server.key, "content-type": "application/json", "extra-parameters": "maybe"}
    assert post(server, {"messages": user("hi")}, headers=headers).status_code == 400


def test_a_schema_that_the_reader_cannot_follow(server):
    schema = {"type": "object", "properties": {"mood": {"type": "string"}}, "required": ["mood"]}
    body = {
        "model": GPT,
        "messages": user("Return the data as JSON.", picture(PNG_URL)),
        "response_format": {"type": "json_schema", "json_schema": {"name": "mood", "schema": schema}},
    }
    reply = post(server, body)
    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "unsupported_json_schema"


class _Site(BaseHTTPRequestHandler):
    """A local web site that redirects, to see where the endpoint follows."""

    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", "http://169.254.169.254/")
        self.end_headers()

    def log_message(self, *_args):
        pass


def test_redirects_are_checked_like_the_first_address():
    """The first hop is let through on purpose, so that the second one is what gets refused."""
    from offline_endpoint.wire import fetch

    site = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        own = ("127.0.0.1", site.server_port)
        with pytest.raises(fetch.FetchError, match="private or local"):
            fetch.fetch(
                f"http://127.0.0.1:{site.server_port}/samples/x", own=own, own_path="/samples/", max_bytes=10
            )
    finally:
        site.shutdown()
        site.server_close()


def test_server_still_answers_after_all_of_this(azure):
    assert (
        azure.complete(messages=user('Translate to Spanish: "Hello."')).choices[0].message.content == "Hola."
    )
