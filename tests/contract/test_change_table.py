"""Each row of lesson 12's change table through both clients, sync and async; replies and requests field by field."""

from __future__ import annotations

import asyncio
import datetime
import json
from pathlib import Path

import openai
import pytest
import requests
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference import models as azure_models
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
)
from azure.identity import get_bearer_token_provider
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from helpers.encoding import audio_part, data_url, image_part
from offline_endpoint.wire import contract
from offline_endpoint.wire.identity import StandInCredential
from tests.contract.conftest import PHI, lesson_messages, user

ROOT = Path(__file__).parents[2]
CHART = ROOT / "data" / "charts" / "model_quality_vs_size.png"
CLIP = ROOT / "data" / "clips" / "hello_how_are_you.mp3"
HELLO = user('Translate to Spanish: "Good morning. How are you?"')
SAID = "Buenos días. ¿Cómo estás?"
MODELS_SCOPE = "https://cognitiveservices.azure.com/.default"
V1_SCOPE = "https://ai.azure.com/.default"


class StandInAsyncCredential:
    """The asynchronous form of the stand-in, as azure-core's asynchronous clients want it."""

    def __init__(self, secret):
        self._credential = StandInCredential(secret)

    async def get_token(self, *scopes, **options):
        return self._credential.get_token(*scopes, **options)

    async def close(self):
        pass


class Caller:
    """One of the four ways to call: a client of one package, sync or async, closed after each use."""

    def __init__(self, server, *, is_v1, is_async):
        self._server = server
        self.is_v1 = is_v1
        self.is_async = is_async

    def _client(self, options):
        key = options.pop("key", self._server.key)
        if self.is_v1:
            made = openai.AsyncOpenAI if self.is_async else openai.OpenAI
            options = {"base_url": f"{self._server.origin}/openai/v1/", "timeout": 60} | options
            return made(api_key=key, **options)
        made = AsyncChatCompletionsClient if self.is_async else ChatCompletionsClient
        credential = AzureKeyCredential(key) if isinstance(key, str) else key
        options = {"endpoint": f"{self._server.origin}/models", "read_timeout": 60} | options
        return made(credential=credential, **options)

    def use(self, do, **options):
        """What `do(client)` gives; where it is a coroutine, what that gives."""
        if not self.is_async:
            with self._client(options) as client:
                return do(client)

        async def run():
            async with self._client(options) as client:
                return await do(client)

        return asyncio.run(run())

    def _request(self, client, request):
        create = client.chat.completions.create if self.is_v1 else client.complete
        return create(**({"model": PHI, "messages": HELLO} | request))

    def ask(self, client_options=None, **request):
        """One reply."""
        return self.use(lambda client: self._request(client, request), **(client_options or {}))

    def stream(self, **request):
        """All pieces of a streamed reply."""
        if not self.is_async:
            return self.use(lambda client: list(self._request(client, {"stream": True} | request)))

        async def collect(client):
            return [piece async for piece in await self._request(client, {"stream": True} | request)]

        return self.use(collect)


@pytest.fixture(params=["sync", "async"])
def is_async(request):
    return request.param == "async"


@pytest.fixture
def azure(server, is_async):
    return Caller(server, is_v1=False, is_async=is_async)


@pytest.fixture
def v1(server, is_async):
    return Caller(server, is_v1=True, is_async=is_async)


@pytest.fixture
def bodies(record, monkeypatch):
    """The bodies that arrive, whole and as they came off the wire."""
    kept = []
    read = contract.read_json

    def keep(body):
        kept.append(bytes(body))
        return read(body)

    monkeypatch.setattr(contract, "read_json", keep)
    return kept


def text_of(reply):
    return reply.choices[0].message.content


# The rows of the table, in its order.


def test_path_and_version(azure, v1, record):
    azure.ask()
    v1.ask()
    assert [(arrival.method, arrival.path, arrival.query) for arrival in record.arrivals()] == [
        ("POST", "/models/chat/completions", "api-version=2024-05-01-preview"),
        ("POST", "/openai/v1/chat/completions", ""),
    ]


def test_key_headers(azure, v1, record):
    azure.ask()
    v1.ask()
    first, second = (arrival.headers for arrival in record.arrivals())
    assert (first["api-key"], first["authorization"]) == ("***", "Bearer ***")
    assert second["authorization"] == "Bearer ***"
    assert "api-key" not in second


def test_model_may_be_left_to_the_azure_client(azure, record):
    assert text_of(azure.ask({"model": PHI}, model=None)) == SAID
    assert record.arrivals()[-1].body["model"] == PHI


def test_model_has_to_be_in_each_call_of_openai(v1, record):
    with pytest.raises(TypeError, match="model"):
        v1.use(lambda client: client.chat.completions.create(messages=HELLO))
    assert record.arrivals() == []


def test_other_fields_of_the_request_are_the_same(azure, v1, record):
    options = {"max_tokens": 50, "temperature": 0, "top_p": 1, "stop": ["###"], "seed": 1}
    azure.ask(**options)
    v1.ask(**options)
    first, second = record.arrivals()
    assert first.body == second.body == {"model": PHI, "messages": HELLO} | options


def test_parameters_that_only_the_model_knows(azure, v1, record):
    azure.ask(model_extras={"seed": 7})
    v1.ask(extra_body={"seed": 7})
    first, second = record.arrivals()
    assert first.body == second.body == {"model": PHI, "messages": HELLO, "seed": 7}
    assert first.headers["extra-parameters"] == "pass-through"
    assert "extra-parameters" not in second.headers


def test_scope_of_a_token(azure, v1, server, record, is_async):
    credential = (StandInAsyncCredential if is_async else StandInCredential)(server.secret)
    options = {"key": credential, "credential_scopes": [MODELS_SCOPE]}
    assert text_of(azure.ask(options, enforce_https=False)) == SAID

    provider = get_bearer_token_provider(StandInCredential(server.secret), V1_SCOPE)

    async def async_provider():
        return provider()

    assert text_of(v1.ask({"key": async_provider if is_async else provider})) == SAID
    for arrival in record.arrivals():
        assert arrival.headers["authorization"] == "Bearer ***"
        assert "api-key" not in arrival.headers


def test_only_the_azure_client_keeps_a_token_from_plain_http(azure, v1, server, record, is_async):
    credential = (StandInAsyncCredential if is_async else StandInCredential)(server.secret)
    with pytest.raises(ServiceRequestError, match="non-TLS"):
        azure.ask({"key": credential, "credential_scopes": [MODELS_SCOPE]})
    assert record.arrivals() == []
    assert text_of(v1.ask({"key": StandInCredential(server.secret).get_token(V1_SCOPE).token})) == SAID


def test_a_token_for_another_service_is_refused_on_both(azure, v1, server, is_async):
    other = "https://ml.azure.com/.default"
    credential = (StandInAsyncCredential if is_async else StandInCredential)(server.secret)
    with pytest.raises(ClientAuthenticationError, match="audience is incorrect"):
        azure.ask({"key": credential, "credential_scopes": [other]}, enforce_https=False)
    with pytest.raises(openai.AuthenticationError) as refused:
        v1.ask({"key": StandInCredential(server.secret).get_token(other).token})
    assert "audience is incorrect" in refused.value.response.json()["message"]


def test_classes_of_a_reply(azure, v1):
    first, second = azure.ask(), v1.ask()
    assert text_of(first) == text_of(second) == SAID
    assert isinstance(first, azure_models.ChatCompletions)
    assert isinstance(first.choices[0].finish_reason, azure_models.CompletionsFinishReason)
    assert isinstance(first.choices[0].message.role, azure_models.ChatRole)
    assert isinstance(second, ChatCompletion)
    assert type(second.choices[0].finish_reason) is type(second.choices[0].message.role) is str
    assert first.choices[0].finish_reason == second.choices[0].finish_reason == "stop"
    # The value prints as itself with openai only.
    assert f"{first.choices[0].finish_reason}" != "stop"
    assert f"{second.choices[0].finish_reason}" == "stop"


def test_created(azure, v1):
    first, second = azure.ask().created, v1.ask().created
    assert type(first) is datetime.datetime
    assert first.utcoffset() == datetime.timedelta(0)
    assert type(second) is int
    assert 0 <= second - first.timestamp() < 60


def test_reply_as_a_dictionary(azure, v1):
    first, second = azure.ask().as_dict(), v1.ask().model_dump()
    for reply in (first, second):
        assert reply["choices"][0]["message"]["content"] == SAID
        assert type(reply["created"]) is int
    assert {"prompt_tokens", "completion_tokens", "total_tokens"} <= first["usage"].keys()
    assert first["usage"].items() <= second["usage"].items()


def test_usage_of_a_stream(azure, v1):
    whole = azure.ask().usage
    pieces = azure.stream()
    assert pieces[-1].usage == whole
    assert not any(piece.usage for piece in pieces[:-1])
    assert not any(chunk.usage for chunk in v1.stream())
    chunks = v1.stream(stream_options={"include_usage": True})
    assert chunks[-1].choices == []
    assert chunks[-1].usage.model_dump(exclude_none=True) == whole.as_dict()


def test_pieces_of_a_stream(azure, v1):
    for pieces in (azure.stream(), v1.stream()):
        assert "".join(piece.choices[0].delta.content or "" for piece in pieces) == SAID
        assert pieces[-1].choices[0].finish_reason == "stop"
        assert pieces[0].choices[0].delta.role == "assistant"
        assert all(piece.choices[0].delta.role is None for piece in pieces[1:])


ERRORS = {
    "a wrong key": ({"key": "a-wrong-key"}, {}, ClientAuthenticationError, openai.AuthenticationError, 401),
    "no deployment": ({}, {"model": "none"}, ResourceNotFoundError, openai.NotFoundError, 404),
    "a wrong part": (
        {},
        {"messages": user({"type": "text", "txt": "Hello"})},
        HttpResponseError,
        openai.UnprocessableEntityError,
        422,
    ),
    "a wrong value": ({}, {"max_tokens": 1_000_000}, HttpResponseError, openai.BadRequestError, 400),
}
FAULTS = {
    "429": (HttpResponseError, openai.RateLimitError),
    "500": (HttpResponseError, openai.InternalServerError),
    "content-filter": (HttpResponseError, openai.BadRequestError),
}


@pytest.mark.parametrize("case", ERRORS)
def test_classes_of_errors(azure, v1, case):
    options, request, azure_class, v1_class, status = ERRORS[case]
    with pytest.raises(HttpResponseError) as first:
        azure.ask(dict(options), **request)
    with pytest.raises(openai.APIStatusError) as second:
        v1.ask(dict(options), **request)
    assert type(first.value) is azure_class
    assert type(second.value) is v1_class
    assert first.value.status_code == second.value.status_code == status
    # The service's own words are the same; openai gives the inner part of them as `body`.
    words = json.loads(first.value.response.body() if not azure.is_async else first.value.response.content)
    assert words["error"] == second.value.body


@pytest.mark.parametrize("fault", FAULTS)
def test_classes_of_failures(azure, v1, fault):
    azure_class, v1_class = FAULTS[fault]
    with pytest.raises(HttpResponseError) as first:
        azure.ask({"retry_total": 0}, headers={"x-offline-fault": fault})
    with pytest.raises(openai.APIStatusError) as second:
        v1.ask({"max_retries": 0}, extra_headers={"x-offline-fault": fault})
    assert type(first.value) is azure_class
    assert type(second.value) is v1_class


@pytest.mark.parametrize(("fault", "azure_requests"), [("429", 1), ("429; retry-after=0.01", 4)])
def test_requests_at_a_busy_service(azure, v1, record, fault, azure_requests):
    with pytest.raises(HttpResponseError):
        azure.ask(headers={"x-offline-fault": fault})
    assert len(record.arrivals()) == azure_requests
    with pytest.raises(openai.RateLimitError):
        v1.ask(extra_headers={"x-offline-fault": fault})
    assert len(record.arrivals()) - azure_requests == 3


def test_asking_who_is_there(azure, v1, server, is_async):
    async def ids(client):
        return {model.id async for model in client.models.list()}

    found = v1.use(ids if is_async else lambda client: {model.id for model in client.models.list()})
    assert PHI in found
    # Only an endpoint that serves one deployment knows who it is.
    for route, version in (("models", "2024-05-01-preview"), ("openai/v1", "v1")):
        with pytest.raises(ResourceNotFoundError):
            azure.use(
                lambda client: client.get_model_info(),
                endpoint=f"{server.origin}/{route}",
                api_version=version,
            )


@pytest.mark.parametrize("end", ["", "/"])
def test_azure_client_on_the_v1_route(azure, server, record, end):
    options = {"endpoint": f"{server.origin}/openai/v1{end}", "api_version": "v1"}
    reply = azure.ask(options)
    assert text_of(reply) == SAID
    assert reply.id.startswith("chatcmpl-")
    arrival = record.arrivals()[-1]
    assert (arrival.path, arrival.query) == ("/openai/v1/chat/completions", "api-version=v1")


def test_azure_client_on_the_v1_route_needs_its_version(azure, server):
    with pytest.raises(HttpResponseError, match="API version not supported") as refused:
        azure.ask({"endpoint": f"{server.origin}/openai/v1"})
    assert refused.value.status_code == 400


# The replies against the response models of both packages.


def same_fields(model, sent, where="reply"):
    """Fail unless each field that was sent is in the parsed model with its value, and no other field has one."""
    is_azure = hasattr(model, "as_dict")
    names = set(model._attr_to_rest_field if is_azure else type(model).model_fields)
    for name in names - sent.keys():
        assert getattr(model, name) is None, f"{where}.{name} was not sent"
    for name, value in sent.items():
        # Azure's models keep a field that they have no name for, and give it out as a dictionary does.
        parsed = model[name] if is_azure and name not in names else getattr(model, name)
        same_value(parsed, value, f"{where}.{name}")


def same_value(parsed, value, at):
    if isinstance(value, dict):
        same_fields(parsed, value, at)
    elif isinstance(value, list):
        assert len(parsed) == len(value), at
        for number, (one, other) in enumerate(zip(parsed, value, strict=True)):
            same_value(one, other, f"{at}[{number}]")
    elif isinstance(parsed, datetime.datetime):
        assert parsed.timestamp() == value, at
    else:
        assert parsed == value, at


def post(server, route, body):
    """The reply to a request, as it came and free of both clients."""
    reply = requests.post(
        f"{server.origin}/{route}/chat/completions",
        params={"api-version": "2024-05-01-preview"} if route == "models" else {},
        headers={"api-key": server.key},
        json={"model": PHI, "messages": HELLO} | body,
        timeout=60,
    )
    reply.raise_for_status()
    return reply


REPLIES = {
    "text": {},
    "picture": {"messages": user("What is the title of this chart?", image_part(CHART))},
    "clip": {"messages": user("Transcribe this audio.", audio_part(CLIP))},
    "cut short": {"max_tokens": 2},
}


@pytest.mark.parametrize("route", ["models", "openai/v1"])
@pytest.mark.parametrize("kind", REPLIES)
def test_every_field_of_a_reply_is_in_both_packages_models(server, route, kind):
    sent = post(server, route, REPLIES[kind]).json()
    assert sent.keys() == {"id", "object", "created", "model", "choices", "usage"}
    same_fields(azure_models.ChatCompletions(sent), sent)
    # The client's own way of parsing would let a wrong type pass; this does not.
    same_fields(ChatCompletion.model_validate(sent, strict=True), sent)


@pytest.mark.parametrize("route", ["models", "openai/v1"])
def test_every_field_of_a_stream_is_in_both_packages_models(server, route):
    options = {"stream_options": {"include_usage": True}} if route == "openai/v1" else {}
    lines = post(server, route, {"stream": True} | options).text.split("\n\n")
    pieces = [json.loads(line.removeprefix("data: ")) for line in lines if line and "[DONE]" not in line]
    assert (
        "".join(piece["choices"][0]["delta"].get("content", "") for piece in pieces if piece["choices"])
        == SAID
    )
    for sent in pieces:
        same_fields(azure_models.StreamingChatCompletionsUpdate(sent), sent)
        same_fields(ChatCompletionChunk.model_validate(sent, strict=True), sent)


def test_a_missing_or_wrong_field_would_be_noticed(server):
    sent = post(server, "openai/v1", {}).json()
    without_model = {name: value for name, value in sent.items() if name != "model"}
    for spoiled in (sent | {"id": None}, sent | {"created": "today"}, without_model):
        with pytest.raises(ValueError, match="validation error"):
            ChatCompletion.model_validate(spoiled, strict=True)
    for parse in (azure_models.ChatCompletions, ChatCompletion.model_validate):
        with pytest.raises(AssertionError, match=r"reply\.model"):
            same_fields(parse(sent), sent | {"model": "another"})
        with pytest.raises(AssertionError, match=r"usage\.total_tokens"):
            same_fields(parse(sent), sent | {"usage": sent["usage"] | {"total_tokens": 0}})


# The requests for the lessons' own messages, byte for byte.


LESSONS = {
    "text": lambda _origin: lesson_messages("01_client_setup", "dicts"),
    "picture": lambda _origin: lesson_messages("02_image_charts", "ask", image_data_url=data_url(CHART)),
    "clip": lambda _origin: lesson_messages(
        "03_audio_translation", "ask", audio_data=audio_part(CLIP)["input_audio"]["data"]
    ),
    "picture by URL": lambda origin: lesson_messages(
        "04_url_inputs", "picture", image_url=f"{origin}/samples/charts/library_visitors.png"
    ),
    "clip by URL": lambda origin: lesson_messages(
        "04_url_inputs", "clip", "audio_messages", audio_url=f"{origin}/samples/clips/hello_how_are_you.mp3"
    ),
    "data": lambda _origin: lesson_messages(
        "05_structured_answers",
        "ask",
        request="Return the data behind this chart as JSON.",
        image_part=image_part,
        charts=CHART.parent,
    ),
    "failing": lambda _origin: lesson_messages("11_when_it_fails", "setup", "hello"),
    "moving": lambda _origin: lesson_messages("12_openai_v1", "setup", "hello"),
    "letters beyond ASCII": lambda _origin: user('Translate to English: "¿Cómo estás?"'),
}


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lessons_messages_are_the_same_bytes(azure, v1, server, bodies, lesson, streams):
    messages = LESSONS[lesson](server.origin)
    for caller in (azure, v1):
        caller.stream(messages=messages) if streams else caller.ask(messages=messages)
    first, second = sent = bodies
    # The Azure client spaces its JSON and escapes what is not ASCII, the other does neither: white space and escapes
    # are all that may differ, and the bytes are known for both.
    assert b'"messages": ' + json.dumps(messages).encode("ascii") in first
    compact = json.dumps(messages, separators=(",", ":"), ensure_ascii=False).encode()
    assert b'"messages":' + compact in second
    rewritten = [json.dumps(json.loads(body), sort_keys=True).encode() for body in sent]
    assert rewritten[0] == rewritten[1]
    # Media is nothing but ASCII, so that it travels unchanged.
    for message in messages:
        for part in message["content"] if isinstance(message["content"], list) else []:
            media = part.get(part["type"])
            for value in media.values() if isinstance(media, dict) else []:
                assert value.encode("ascii") in first
                assert value.encode("ascii") in second
