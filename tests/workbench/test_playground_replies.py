"""Streams as services really send them, and whether a reply is the JSON that was asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest

from tests.servers import answering
from workbench.playground import checking
from workbench.playground.export import Language, export
from workbench.playground.request import Message, Options, Request, RequestError, Route, for_azure
from workbench.playground.sending import Status

SECONDS = 60


def chunk(delta=None, reason=None, **more):
    return {"index": 0, "delta": delta, "finish_reason": reason, **more}


def event(*choices, **more):
    return {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": list(choices),
        **more,
    }


def without(name, of):
    return {key: value for key, value in of.items() if key != name}


HELLO = [event(chunk({"role": "assistant", "content": "Hel"})), event(chunk({"content": "lo"}))]
STOP = event(chunk({}, "stop"))
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
STREAMS = {
    "no delta": [
        HELLO[0],
        event(without("delta", chunk())),
        HELLO[1],
        event(without("delta", chunk(reason="stop"))),
    ],
    "delta is null": [HELLO[0], event(chunk(None)), HELLO[1], STOP],
    "no choices": [event(prompt_filter_results=[]), *HELLO, STOP, event()],
    "choices are missing": [without("choices", event()), *HELLO, STOP],
    "usage only": [*HELLO, STOP, {**event(), "usage": USAGE}],
    "usage is null": [event(chunk({"content": "Hello"}), usage=None), STOP],
    "findings of a filter": [*HELLO, event(without("delta", chunk(content_filter_results={}))), STOP],
}
ERROR = {"error": {"code": "server_error", "message": "The engine is gone."}}


def streaming(events, *, done=True, raw=None):
    """A server of the service's shape that streams these events."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "text/html" if raw else "text/event-stream")
            self.end_headers()
            for one in events:
                self.wfile.write(f"data: {json.dumps(one)}\n\n".encode())
            self.wfile.write((raw or ("data: [DONE]\n\n" if done else "")).encode())

    return answering(Handler)


@pytest.fixture
def ask(playground, monkeypatch):
    def ask(route, origin, **options):
        monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", f"{origin}/models")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{origin}/v1")
        playground.options = replace(playground.options, route=route, **options)
        run = playground.send("Hi")
        assert run.wait(SECONDS)
        return run

    return ask


@pytest.mark.parametrize("route", list(Route))
@pytest.mark.parametrize("name", STREAMS)
def test_every_stream_is_read(name, route, ask):
    with streaming(STREAMS[name]) as origin:
        run = ask(route, origin)
    assert (run.status, run.text, run.error) == (Status.DONE, "Hello", None)


@pytest.mark.parametrize("language", [Language.AZURE, Language.OPENAI])
def test_exported_scripts_read_every_stream(language, ask, tmp_path):
    script = export(Request("", (Message("user", "Hi"),), Options("m")), language).save(tmp_path)
    # One server streams all of them, since each script costs a second to start.
    events = [one for name in STREAMS if name != "choices are missing" for one in STREAMS[name]]
    with streaming(events) as origin:
        ask(Route.V1, origin)
        done = subprocess.run(
            [sys.executable, script], capture_output=True, timeout=60, encoding="utf-8", check=False
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "Hello" * (len(STREAMS) - 1)


@pytest.mark.parametrize("language", [Language.AZURE, Language.OPENAI])
def test_error_inside_a_stream_reaches_the_eye(language, ask, tmp_path):
    route = Route.MODELS if language is Language.AZURE else Route.V1
    with streaming([HELLO[0], ERROR], done=False) as origin:
        run = ask(route, origin)
        script = export(run.request, language).save(tmp_path)
        done = subprocess.run(
            [sys.executable, script], capture_output=True, timeout=60, encoding="utf-8", check=False
        )
    assert (run.status, run.text) == (Status.FAILED, "Hel")
    assert run.error
    assert done.returncode != 0
    # azure-ai-inference drops the words of such an error: what is left to tell is that the reply is not whole.
    assert (
        "before the reply was complete" if route is Route.MODELS else "The engine is gone."
    ) in done.stderr


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (
            [event(chunk({"refusal": "I will "})), event(chunk({"refusal": "not."})), STOP],
            "refused: I will not.",
        ),
        ([event(chunk({}, "length"))], "Raise max_tokens"),
        ([event(chunk({}, "content_filter"))], "content filter"),
        ([event(chunk({}, "tool_calls"))], "tool"),
        ([STOP], "no text"),
    ],
)
def test_reply_without_words_has_a_reason(events, words, ask):
    with streaming(events) as origin:
        run = ask(Route.V1, origin)
    assert run.status is Status.FAILED
    assert words in str(run.error)


def test_page_in_place_of_a_stream_is_named_so(ask):
    with streaming([], raw="<html>Sign in</html>") as origin:
        run = ask(Route.V1, origin)
    assert "not with a stream" in str(run.error)


def test_parameters_are_those_that_the_model_takes():
    asked = {
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 7,
        "reasoning_effort": "low",
        "seed": 1,
        "stop": ("x",),
    }
    plain = Options("gpt-4o", **asked).parameters()
    assert plain == {"temperature": 0.5, "top_p": 0.9, "max_tokens": 7, "stop": ["x"], "seed": 1}
    reasons = Options("gpt-5", **asked)
    assert reasons.parameters().items() >= {"max_completion_tokens": 7, "reasoning_effort": "low"}.items()
    assert not {"temperature", "top_p", "max_tokens"} & reasons.parameters().keys()
    assert {"temperature", "top_p"} <= set(reasons.refused)
    # Of a model that nobody knows, nothing is known to be refused.
    assert set(Options("mine", **asked).parameters()) == set(asked)
    azure = for_azure({"model": "m", **reasons.parameters()})
    assert azure["model_extras"].items() >= {"max_completion_tokens": 7, "reasoning_effort": "low"}.items()


SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"price": {"type": "number"}},
        "required": ["price"],
        "additionalProperties": False,
    }
)


@pytest.mark.parametrize(
    ("text", "schema", "lacks"),
    [
        ('{"price": 3}', SCHEMA, ""),
        ('{"price": "3"}', SCHEMA, "at price"),
        ("{}", SCHEMA, "required"),
        ("3 euros", SCHEMA, "not JSON"),
        ("[1]", None, ""),
        ("[" * 100_000, None, "not JSON"),
        ('"x"', '{"$ref": "file:///etc/hostname"}', "cannot be used"),
        ('"x"', '{"$ref": "http://127.0.0.1:9/x.json"}', "cannot be used"),
        ('"x"', '{"$ref": "#"}', "cannot be used"),
        (
            '{"pattern": "x"}',
            '{"properties": {"pattern": {"type": "string"}}, "additionalProperties": false}',
            "",
        ),
        ('{"a": {"pattern": "y"}}', '{"properties": {"a": {"const": {"pattern": "x"}}}}', "at a"),
        ('{"ab": 1}', '{"patternProperties": {"^a": {}}, "additionalProperties": false}', ""),
        # This pattern takes years on this text in an engine that backtracks.
        (json.dumps("a" * 50), '{"type": "string", "pattern": "^(a|a|a|a)*!$"}', ""),
        (
            json.dumps(["a" * 50]),
            '{"items": {"$schema": "http://json-schema.org/draft-07/schema#", "pattern": "^(a|a|a|a)*!$"}}',
            "",
        ),
    ],
)
def test_reply_is_checked_against_its_schema(text, schema, lacks):
    found = checking.problem(text, schema)
    assert (lacks in found) if lacks else found == ""


@pytest.mark.parametrize("route", list(Route))
def test_schema_is_sent_and_the_reply_checked(route, playground, offline):
    playground.attach_sample("charts/cafe_drinks.png")
    schema = '{"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}'
    playground.options = Options("gpt-4o", route, response_format="json_schema", json_schema=schema)
    run = playground.send("Give the title as JSON.")
    assert run.wait(SECONDS)
    sent = offline.record.arrivals()[0].body["response_format"]
    assert sent == {"type": "json_schema", "json_schema": {"name": "reply", "schema": json.loads(schema)}}
    with pytest.raises(RequestError, match="JSON schema"):
        Options("gpt-4o", response_format="json_schema", json_schema="{")
