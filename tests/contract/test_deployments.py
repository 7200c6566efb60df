"""Each deployment takes what its model takes, and refuses the rest as the service does; with both clients."""

from __future__ import annotations

import asyncio
import io
import json

import openai
import pytest
import requests
from azure.ai.inference import ChatCompletionsClient, load_client
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from PIL import Image, ImageDraw, ImageFont

from helpers.encoding import audio_part, image_part
from helpers.models import MODELS
from offline_endpoint.server import start
from offline_endpoint.wire.replies import REASONING_TOKENS
from tests.contract.conftest import GPT, NOTEBOOKS, PHI, png, user

CLIP = NOTEBOOKS.parent / "data" / "clips" / "hello_how_are_you.wav"
GREETING = user('Translate to Spanish: "Good morning."')
SAID = "Buenos días."
SCHEMA = {"type": "json_schema", "json_schema": {"name": "any", "schema": {"type": "object"}}}


def refusal(client, **request):
    """Status, code, parameter and message of a refused request, from either client."""
    if isinstance(client, openai.OpenAI):
        with pytest.raises(openai.APIStatusError) as caught:
            client.chat.completions.create(**request)
        return (
            caught.value.status_code,
            caught.value.code,
            caught.value.body["param"],
            caught.value.body["message"],
        )
    extras = {
        name: request.pop(name)
        for name in ("max_completion_tokens", "reasoning_effort", "logprobs")
        if name in request
    }
    with pytest.raises(HttpResponseError) as caught:
        client.complete(**request, **({"model_extras": extras} if extras else {}))
    error = caught.value.response.json()["error"]
    return caught.value.status_code, error["code"], error.get("param"), error["message"]


@pytest.fixture(params=["azure", "v1"])
def client(request):
    return request.getfixturevalue(request.param)


# Parameters.


@pytest.mark.parametrize("deployment", ["gpt-5", "gpt-5-mini"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", 100),
        ("temperature", 0.5),
        ("temperature", 0.0),
        ("top_p", 0.5),
        ("presence_penalty", 0.1),
        ("frequency_penalty", 0.1),
        ("logprobs", True),
    ],
)
def test_a_reasoning_deployment_takes_no_sampling_parameter(client, deployment, name, value):
    status, code, param, message = refusal(client, model=deployment, messages=GREETING, **{name: value})
    assert (status, code, param) == (400, "unsupported_parameter", name)
    assert message.startswith(f"Unsupported parameter: '{name}' is not supported with this model.")
    assert ("max_completion_tokens" in message) == (name == "max_tokens")


def test_a_reasoning_deployment_counts_what_it_does_not_show(v1):
    for effort, hidden in REASONING_TOKENS.items():
        reply = v1.chat.completions.create(
            model="gpt-5", messages=GREETING, reasoning_effort=effort, max_completion_tokens=1000
        )
        assert reply.choices[0].message.content == SAID
        assert reply.usage.completion_tokens_details.reasoning_tokens == hidden
        assert reply.usage.completion_tokens == hidden + 3
        assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens
    plain = v1.chat.completions.create(model="gpt-5", messages=GREETING).usage
    assert plain.completion_tokens_details.reasoning_tokens == REASONING_TOKENS["medium"]
    assert v1.chat.completions.create(model=GPT, messages=GREETING).usage.completion_tokens_details is None


def test_a_limit_below_the_hidden_tokens_leaves_no_text(azure):
    reply = azure.complete(model="gpt-5", messages=GREETING, model_extras={"max_completion_tokens": 50})
    assert (reply.choices[0].message.content, reply.choices[0].finish_reason) == ("", "length")
    assert reply.usage.completion_tokens == 50


@pytest.mark.parametrize("deployment", [PHI, GPT, "gpt-audio"])
def test_an_effort_is_refused_where_there_is_none(client, deployment):
    messages = user("Transcribe this audio.", audio_part(CLIP)) if deployment == "gpt-audio" else GREETING
    refused = refusal(client, model=deployment, messages=messages, reasoning_effort="low")
    assert refused[:3] == (400, "unsupported_parameter", "reasoning_effort")


def test_an_unknown_effort_is_refused(client):
    refused = refusal(client, model="gpt-5", messages=GREETING, reasoning_effort="heroic")
    assert refused[:3] == (400, "unsupported_value", "reasoning_effort")
    assert "'minimal'" in refused[3]


TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tools", [TOOL]),
        ("tool_choice", "required"),
        ("logprobs", True),
        ("top_logprobs", 2),
        ("logit_bias", {"50256": -100}),
        ("audio", {"voice": "alloy", "format": "wav"}),
        ("prediction", {"type": "content", "content": "hi"}),
        ("web_search_options", {"user_location": None}),
    ],
)
def test_documented_parameters_that_a_reader_lacks(v1, name, value):
    refused = refusal(v1, model=GPT, messages=GREETING, extra_body={name: value})
    assert refused[:3] == (400, "unsupported_parameter", name)


def test_documented_parameters_that_do_no_harm(v1):
    harmless = {
        "metadata": {"team": "blue"},
        "store": False,
        "service_tier": "auto",
        "parallel_tool_calls": True,
        "modalities": ["text"],
        "logprobs": False,
        "tools": [],
        "tool_choice": "none",
        "logit_bias": {},
        "user": "someone",
        "seed": 2**63 - 1,
        "verbosity": "low",
        "safety_identifier": "someone",
        "prompt_cache_key": "lesson",
    }
    reply = v1.chat.completions.create(model=GPT, messages=GREETING, extra_body=harmless)
    assert reply.choices[0].message.content == SAID


@pytest.mark.parametrize(
    "wrong", [{"seed": 2**70}, {"seed": -(2**63) - 1}, {"temperature": "0"}, {"top_p": True}]
)
def test_numbers_that_are_none_or_out_of_range_are_named(v1, wrong):
    with pytest.raises(openai.UnprocessableEntityError) as caught:
        v1.chat.completions.create(model=GPT, messages=GREETING, extra_body=wrong)
    assert caught.value.body["details"][0]["loc"] == ["body", *wrong]


def test_spoken_replies_are_refused(v1):
    messages = user("Transcribe this audio.", audio_part(CLIP))
    refused = refusal(v1, model="gpt-audio", messages=messages, modalities=["text", "audio"])
    assert refused[:3] == (400, "unsupported_value", "modalities")


def test_turns_with_tool_calls_are_taken_as_they_were(client):
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    messages = [
        *user("What does the sign say?"),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "Good morning."},
        *GREETING,
    ]
    if isinstance(client, openai.OpenAI):
        reply = client.chat.completions.create(model=GPT, messages=messages)
    else:
        reply = client.complete(model=GPT, messages=messages)
    assert reply.choices[0].message.content == SAID


# Contents.


@pytest.mark.parametrize("deployment", [PHI, "gpt-audio"])
def test_a_schema_is_refused_where_it_has_no_promise(v1, deployment):
    messages = user("JSON, please.", audio_part(CLIP))
    refused = refusal(v1, model=deployment, messages=messages, response_format=SCHEMA)
    assert refused[:3] == (400, "unsupported_value", "response_format")
    assert "json_schema" in refused[3]


def test_json_object_is_taken_by_the_main_deployment(azure, word_part):
    messages = user("Return the data behind this chart as JSON.", word_part)
    reply = azure.complete(messages=messages, response_format="json_object")
    assert json.loads(reply.choices[0].message.content)["kind"] == "none"


def test_an_audio_deployment_wants_sound_and_nothing_to_look_at(client, word_part):
    refused = refusal(client, model="gpt-audio", messages=GREETING)
    assert refused[:3] == (400, "invalid_value", "model")
    assert refused[3] == "This model requires that either input content or output modality contain audio."
    refused = refusal(client, model="gpt-audio", messages=user("Look.", word_part, audio_part(CLIP)))
    assert refused[0] == 400
    assert refused[3] == "Invalid content type. image_url is only supported by certain models."


def test_an_audio_deployment_hears(client):
    messages = user("Transcribe this audio.", audio_part(CLIP))
    ask = client.chat.completions.create if isinstance(client, openai.OpenAI) else client.complete
    alone = MODELS["gpt-audio"].sound_tokens(1.7)
    reply = ask(model="gpt-audio", messages=messages)
    assert reply.choices[0].message.content.lower().startswith("hello")
    assert alone < reply.usage.prompt_tokens < alone + 20


def test_a_retired_deployment_is_gone(client, server):
    ask = client.chat.completions.create if isinstance(client, openai.OpenAI) else client.complete
    with pytest.raises((openai.APIStatusError, HttpResponseError)) as caught:
        ask(model="Phi-3.5-vision-instruct", messages=GREETING)
    assert caught.value.status_code == 410
    assert "2025-08-30" in str(caught.value)


def test_async_clients_meet_the_same_refusals(server):
    async def ask():
        async with AsyncChatCompletionsClient(
            f"{server.origin}/models", AzureKeyCredential(server.key)
        ) as client:
            with pytest.raises(HttpResponseError) as caught:
                await client.complete(model="gpt-5", messages=GREETING, temperature=1.5, stream=True)
        async with openai.AsyncOpenAI(base_url=f"{server.origin}/openai/v1/", api_key=server.key) as other:
            with pytest.raises(openai.BadRequestError) as too:
                await other.chat.completions.create(
                    model="gpt-5", messages=GREETING, max_tokens=9, stream=True
                )
        return caught.value.error.code, too.value.code

    assert asyncio.run(ask()) == ("unsupported_parameter", "unsupported_parameter")


@pytest.mark.parametrize("detail", ["low", "high"])
def test_patches_and_tiles_are_counted(v1, detail):
    part = image_part(png(size=(1024, 640)), detail=detail)
    for name in ("gpt-4o", "gpt-5", "gpt-5-mini"):
        counted = {}
        for messages in (user("Hi."), user("Hi.", part)):
            counted[len(messages[0]["content"])] = v1.chat.completions.create(
                model=name, messages=messages
            ).usage.prompt_tokens
        assert counted[2] - counted[1] == MODELS[name].picture_tokens(1024, 640, detail)


def small_print():
    """A large picture with a large word, and a small one that is lost when it is seen within 512 pixels."""
    image = Image.new("RGB", (2000, 1200), "white")
    draw = ImageDraw.Draw(image)
    draw.text((100, 150), "HARBOR", fill="black", font=ImageFont.load_default(260))
    draw.text((100, 900), "lantern", fill="black", font=ImageFont.load_default(18))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_low_detail_loses_the_small_print(v1):
    said = {}
    for detail in ("low", "high"):
        messages = user("List the text in this picture.", image_part(small_print(), detail=detail))
        said[detail] = v1.chat.completions.create(model=GPT, messages=messages).choices[0].message.content
    assert "HARBOR" in said["low"]
    assert "HARBOR" in said["high"]
    assert "lantern" in said["high"]
    assert "lantern" not in said["low"]


# Streams.


def test_a_gpt_stream_begins_with_the_filters_results(v1, azure):
    pieces = list(v1.chat.completions.create(model=GPT, messages=GREETING, stream=True))
    assert pieces[0].choices == []
    assert pieces[0].prompt_filter_results[0]["content_filter_results"]["violence"]["filtered"] is False
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices) == SAID
    assert next(iter(v1.chat.completions.create(model=PHI, messages=GREETING, stream=True))).choices


# Without a name, or with one deployment.


@pytest.mark.parametrize("route", ["models", "openai/v1"])
def test_a_request_without_model_is_refused(server, route):
    reply = requests.post(
        f"{server.origin}/{route}/chat/completions",
        params={"api-version": "2024-05-01-preview"} if route == "models" else {},
        json={"messages": GREETING},
        headers={"api-key": server.key},
        timeout=30,
    )
    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "no_model_name"


@pytest.fixture(scope="module")
def serverless():
    running = start(deployment=PHI)
    yield running
    running.stop()


def test_one_deployment_needs_no_name_and_says_who_it_is(serverless):
    with load_client(f"{serverless.origin}/models", AzureKeyCredential(serverless.key)) as client:
        assert client.get_model_info().model_name == "offline-reader"
        assert client.get_model_info().model_type == "chat-completion"
        assert client.complete(messages=GREETING).choices[0].message.content == SAID
        assert client.complete(model=PHI, messages=GREETING).choices[0].message.content == SAID
        with pytest.raises(ResourceNotFoundError):
            client.complete(model=GPT, messages=GREETING)
    with openai.OpenAI(base_url=f"{serverless.origin}/openai/v1/", api_key=serverless.key) as other:
        assert [model.id for model in other.models.list()] == [PHI]


@pytest.mark.parametrize(
    ("routes", "there", "absent"), [("v1", "openai/v1", "models"), ("models", "models", "openai/v1")]
)
def test_one_route_alone(routes, there, absent):
    running = start(routes=routes)
    try:
        version = {"models": "2024-05-01-preview", "openai/v1": "v1"}
        for route, works in ((there, True), (absent, False)):
            with ChatCompletionsClient(
                f"{running.origin}/{route}",
                AzureKeyCredential(running.key),
                api_version=version[route],
                model=PHI,
            ) as client:
                if works:
                    assert client.complete(messages=GREETING).choices
                else:
                    with pytest.raises(ResourceNotFoundError):
                        client.complete(messages=GREETING)
    finally:
        running.stop()
