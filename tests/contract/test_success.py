"""Both clients, sync and async, through every kind of request that succeeds."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import openai
import pytest
import requests
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

from helpers import tokens
from helpers.encoding import audio_part, data_url, image_part
from helpers.models import MODELS
from tests.contract.conftest import GPT, PHI, png, user

DATA = Path(__file__).parents[2] / "data"
GREETING = 'Translate to Spanish: "Good morning."'


def test_azure_text_reply_has_every_part(azure):
    reply = azure.complete(messages=[SystemMessage(content="You translate."), UserMessage(content=GREETING)])
    assert reply.choices[0].message.content == "Buenos días."
    assert reply.choices[0].message.role == "assistant"
    assert reply.choices[0].finish_reason == "stop"
    assert reply.choices[0].index == 0
    assert reply.model == "offline-reader"
    assert re.fullmatch(r"[0-9a-f]{32}", reply.id)
    assert reply.created.year >= 2025
    usage = reply.usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.completion_tokens == tokens.text_tokens("Buenos días.")


def test_v1_text_reply_has_every_part(v1):
    reply = v1.chat.completions.create(model=PHI, messages=user(GREETING))
    assert reply.choices[0].message.content == "Buenos días."
    assert reply.choices[0].finish_reason == "stop"
    assert re.fullmatch(r"chatcmpl-[A-Za-z0-9]{29}", reply.id)
    assert reply.object == "chat.completion"
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


def test_ids_differ_between_replies(azure):
    assert azure.complete(messages=user(GREETING)).id != azure.complete(messages=user(GREETING)).id


def test_async_azure_client(server):
    async def ask():
        async with AsyncChatCompletionsClient(
            endpoint=f"{server.origin}/models", credential=AzureKeyCredential(server.key), model=PHI
        ) as client:
            reply = await client.complete(messages=user(GREETING))
            stream = await client.complete(messages=user(GREETING), stream=True)
            pieces = [update.choices[0].delta.content or "" async for update in stream if update.choices]
            return reply.choices[0].message.content, "".join(pieces)

    assert asyncio.run(ask()) == ("Buenos días.", "Buenos días.")


def test_async_openai_client(server):
    async def ask():
        async with openai.AsyncOpenAI(base_url=f"{server.origin}/openai/v1/", api_key=server.key) as client:
            reply = await client.chat.completions.create(model=PHI, messages=user(GREETING))
            return reply.choices[0].message.content

    assert asyncio.run(ask()) == "Buenos días."


def test_azure_stream_carries_role_first_and_usage_last(azure):
    updates = list(azure.complete(messages=user(GREETING), stream=True))
    whole = azure.complete(messages=user(GREETING))
    deltas = [update.choices[0].delta for update in updates]
    assert [delta.get("role") for delta in deltas] == ["assistant"] + [None] * (len(deltas) - 1)
    assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
    assert [bool(update.usage) for update in updates] == [False] * (len(updates) - 1) + [True]
    assert updates[-1].usage == whole.usage
    assert [update.choices[0].finish_reason for update in updates][-1] == "stop"


@pytest.mark.parametrize("wants_usage", [False, True])
def test_v1_stream_sends_usage_when_asked(v1, wants_usage):
    options = {"stream_options": {"include_usage": True}} if wants_usage else {}
    chunks = list(v1.chat.completions.create(model=PHI, messages=user(GREETING), stream=True, **options))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "Buenos días."
    assert bool(chunks[-1].usage) is wants_usage


@pytest.mark.parametrize("route", ["models", "openai/v1"])
def test_stream_bytes_are_what_both_parsers_need(server, route):
    version = {"api-version": "2024-05-01-preview"} if route == "models" else {}
    body = {"model": PHI, "messages": user(GREETING), "stream": True}
    with requests.post(
        f"{server.origin}/{route}/chat/completions",
        params=version,
        json=body,
        headers={"api-key": server.key},
        timeout=30,
    ) as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        raw = reply.content
    *events, last, rest = raw.split(b"\n\n")
    assert (last, rest) == (b"data: [DONE]", b"")
    assert b"\r" not in raw
    for event in events:
        assert event.startswith(b"data: {")
        json.loads(event[6:])


def test_models_and_health(v1, server):
    assert {model.id for model in v1.models.list()} == set(MODELS)
    assert requests.get(f"{server.origin}/health", timeout=10).json() == {"status": "ok"}


@pytest.mark.parametrize("header", ["api-key", "authorization"])
def test_either_key_header_opens_the_door(server, header):
    value = server.key if header == "api-key" else f"Bearer {server.key}"
    reply = requests.get(f"{server.origin}/openai/v1/models", headers={header: value}, timeout=10)
    assert reply.status_code == 200


def test_samples_are_served_without_a_key(server):
    reply = requests.get(f"{server.origin}/samples/charts/library_visitors.png", timeout=10)
    assert reply.content == (DATA / "charts" / "library_visitors.png").read_bytes()
    assert requests.get(f"{server.origin}/samples/make_charts.py", timeout=10).status_code == 404
    assert requests.get(f"{server.origin}/samples/charts/../make_charts.py", timeout=10).status_code == 404
    assert requests.get(f"{server.origin}/samples/charts/..%2fmake_charts.py", timeout=10).status_code == 404


def test_reply_echoes_the_request_id(server):
    headers = {"api-key": server.key, "x-ms-client-request-id": "abc"}
    reply = requests.get(f"{server.origin}/openai/v1/models", headers=headers, timeout=10)
    assert reply.headers["x-ms-client-request-id"] == "abc"
    assert reply.headers["x-request-id"] == reply.headers["apim-request-id"]


@pytest.mark.parametrize("deployment", [PHI, GPT])
def test_picture_reply_comes_from_the_pixels(azure, deployment):
    for word in ("HELLO", "WINDOW"):
        reply = azure.complete(
            model=deployment, messages=user("List the text in this picture.", image_part(png(word)))
        )
        assert word in reply.choices[0].message.content


def test_picture_costs_what_the_rules_say(azure):
    text = GREETING  # which hands the text over, so that no picture is read
    alone = azure.complete(messages=user(text)).usage.prompt_tokens
    part = image_part(png(size=(640, 480)))
    assert azure.complete(messages=user(text, part)).usage.prompt_tokens - alone == 1065
    gpt = azure.complete(model=GPT, messages=user(text, part)).usage.prompt_tokens
    low = azure.complete(
        model=GPT, messages=user(text, part | {"image_url": part["image_url"] | {"detail": "low"}})
    )
    assert gpt - alone == tokens.gpt_4o_image_tokens(640, 480)
    assert low.usage.prompt_tokens - alone == 85


@pytest.mark.parametrize("name", ["hello_how_are_you.mp3", "hello_how_are_you.wav"])
@pytest.mark.parametrize("form", ["input_audio", "sample url", "data url"])
def test_clip_is_heard_in_every_form(azure, server, name, form):
    clip = DATA / "clips" / name
    part = {
        "input_audio": lambda: audio_part(clip),
        "sample url": lambda: audio_part(f"{server.origin}/samples/clips/{name}"),
        "data url": lambda: {"type": "audio_url", "audio_url": {"url": data_url(clip)}},
    }[form]()
    reply = azure.complete(messages=user("Translate this audio snippet to spanish.", part))
    assert reply.choices[0].message.content == "Hola. ¿Cómo estás?"


def test_clip_costs_what_the_rule_says(azure):
    text = "Transcribe this audio."
    alone = azure.complete(messages=user(text)).usage.prompt_tokens
    with_clip = azure.complete(messages=user(text, audio_part(DATA / "clips" / "hello_how_are_you.wav")))
    assert with_clip.usage.prompt_tokens - alone == tokens.phi4_multimodal_audio_tokens(1.7)


def test_follow_up_uses_the_earlier_turn(azure):
    messages = user("List the text in this picture.", image_part(png("WINDOW")))
    first = azure.complete(messages=messages).choices[0].message.content
    messages += [{"role": "assistant", "content": first}, {"role": "user", "content": 'Find "window" in it.'}]
    assert "window" in azure.complete(messages=messages).choices[0].message.content.lower()


def test_only_the_last_picture_stays_on_a_one_picture_deployment(azure):
    messages = [*user("List the text.", image_part(png("HELLO"))), {"role": "assistant", "content": "HELLO"}]
    messages += user("List the text in this picture.", image_part(png("WINDOW")))
    reply = azure.complete(messages=messages)
    assert "WINDOW" in reply.choices[0].message.content
    assert "HELLO" not in reply.choices[0].message.content
    one_picture = tokens.phi4_multimodal_image_tokens(240, 80)
    assert one_picture < reply.usage.prompt_tokens < 2 * one_picture


def test_several_pictures_on_a_deployment_that_takes_them(azure):
    parts = [image_part(png("HELLO")), image_part(png("WINDOW"))]
    content = azure.complete(model=GPT, messages=user("List the text.", *parts)).choices[0].message.content
    assert "HELLO" in content
    assert "WINDOW" in content


def test_max_tokens_cuts_the_reply(azure, v1):
    for reply in (
        azure.complete(messages=user(GREETING), max_tokens=2),
        v1.chat.completions.create(model=PHI, messages=user(GREETING), max_completion_tokens=2),
    ):
        assert reply.choices[0].finish_reason == "length"
        assert reply.usage.completion_tokens == 2


def test_stop_sequence_ends_the_reply(azure):
    reply = azure.complete(messages=user(GREETING), stop=[" d"])
    assert reply.choices[0].message.content == "Buenos"
    assert reply.choices[0].finish_reason == "stop"


def test_unknown_parameters_pass_when_the_header_says_so(azure):
    reply = azure.complete(messages=user(GREETING), model_extras={"logit_magic": 1})
    assert reply.choices[0].message.content == "Buenos días."


def test_a_reply_can_be_sent_back_as_it_came(azure, v1):
    first = azure.complete(messages=user(GREETING))
    later = azure.complete(messages=[*user(GREETING), first.choices[0].message, *user("And in French?")])
    assert later.choices[0].message.content == "Bonjour."
    other = v1.chat.completions.create(model=PHI, messages=user(GREETING))
    later = v1.chat.completions.create(
        model=PHI, messages=[*user(GREETING), other.choices[0].message, *user("And in French?")]
    )
    assert later.choices[0].message.content == "Bonjour."


def test_token_credential_opens_both_routes(server):
    from offline_endpoint.wire.identity import StandInCredential

    token = StandInCredential(server.secret).get_token("https://ai.azure.com/.default").token
    with openai.OpenAI(base_url=f"{server.origin}/openai/v1/", api_key=token) as client:
        assert client.chat.completions.create(model=PHI, messages=user(GREETING)).choices


def test_both_clients_send_the_same_messages(azure, v1, record, word_part):
    messages = user("List the text in this picture.", word_part)
    azure.complete(messages=messages)
    v1.chat.completions.create(model=PHI, messages=messages)
    first, second = record.arrivals()
    assert first.body["messages"] == second.body["messages"]
    assert (first.query, second.query) == ("api-version=2024-05-01-preview", "")


def test_record_blanks_secrets(azure, record, server):
    azure.complete(messages=user(GREETING))
    (arrival,) = record.arrivals()
    assert arrival.headers["api-key"] == "***"
    assert arrival.headers["authorization"] == "Bearer ***"
    assert server.key not in repr(arrival)
