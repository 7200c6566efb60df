"""Trouble on request, and what each client makes of it, counted from the server's side."""

from __future__ import annotations

import asyncio
import contextlib
import time

import openai
import pytest
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ServiceResponseError

from tests.contract.conftest import PHI, user

HELLO = user('Translate to Spanish: "Hello."')


def ask_azure(client, fault, **options):
    return client.complete(messages=HELLO, headers={"x-offline-fault": fault}, **options)


def ask_v1(client, fault, **options):
    return client.chat.completions.create(
        model=PHI, messages=HELLO, extra_headers={"x-offline-fault": fault}, **options
    )


def statuses(record):
    return [arrival.status for arrival in record.arrivals()]


def test_429_without_retry_after(azure, v1, record):
    with pytest.raises(HttpResponseError) as caught:
        ask_azure(azure, "429")
    assert caught.value.status_code == 429
    assert "Retry-After" not in caught.value.response.headers
    # The Azure client gives up at once, the openai client tries twice more.
    assert statuses(record) == [429]
    record.clear()
    with pytest.raises(openai.RateLimitError):
        ask_v1(v1, "429")
    assert statuses(record) == [429, 429, 429]


def test_429_with_retry_after_is_retried_by_both(azure, v1, record):
    assert ask_azure(azure, "429; retry-after=0.1; times=1; seconds=1").choices
    assert statuses(record) == [429, 200]
    record.clear()
    assert ask_v1(v1, "429; retry-after=0.1; times=1; seconds=2").choices
    assert statuses(record) == [429, 200]


def test_500_is_retried_until_it_is_over(azure, v1, record):
    assert ask_azure(azure, "500; times=1; seconds=1").choices
    assert statuses(record) == [500, 200]
    record.clear()
    assert ask_v1(v1, "500; times=1; seconds=2").choices
    assert statuses(record) == [500, 200]


@pytest.mark.parametrize(("fault", "status"), [("500", 500), ("503", 503)])
def test_lasting_trouble_ends_in_an_error(azure, v1, record, fault, status):
    with pytest.raises(HttpResponseError) as caught:
        ask_azure(azure, fault, retry_total=1, retry_backoff_factor=0)
    assert caught.value.status_code == status
    assert statuses(record) == [status] * 2
    record.clear()
    with pytest.raises(openai.InternalServerError) as caught:
        ask_v1(v1.with_options(max_retries=1), fault)
    assert caught.value.status_code == status
    assert statuses(record) == [status] * 2


def test_slow_reply_meets_the_read_timeout(azure, v1, record):
    assert ask_azure(azure, "slow; seconds=0.2").choices
    with pytest.raises(ServiceResponseError):
        ask_azure(azure, "slow; seconds=1", read_timeout=0.3, retry_total=0)
    with pytest.raises(openai.APITimeoutError):
        ask_v1(v1.with_options(max_retries=0, timeout=0.3), "slow; seconds=1")
    # The endpoint answers requests that nobody waits for any more; until then they would count in the next test.
    deadline = time.monotonic() + 30
    while len(record.arrivals()) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert statuses(record) == [200, 200, 200]


def test_content_filter_refusal(azure, v1):
    with pytest.raises(HttpResponseError) as caught:
        ask_azure(azure, "content-filter")
    assert caught.value.status_code == 400
    assert caught.value.error.code == "content_filter"
    assert caught.value.error.innererror["code"] == "ResponsibleAIPolicyViolation"
    with pytest.raises(openai.BadRequestError) as other:
        ask_v1(v1, "content-filter")
    assert other.value.code == "content_filter"
    assert other.value.body["innererror"]["content_filter_result"]["violence"]["filtered"] is True


def test_cut_stream_is_an_error_in_both_clients(azure, v1):
    with pytest.raises(HttpResponseError):
        list(ask_azure(azure, "cut-stream", stream=True))
    with pytest.raises(openai.APIError):
        list(ask_v1(v1, "cut-stream", stream=True))


def test_async_client_meets_the_same_trouble(server, record):
    async def ask():
        async with AsyncChatCompletionsClient(
            endpoint=f"{server.origin}/models", credential=AzureKeyCredential(server.key)
        ) as client:
            with pytest.raises(HttpResponseError) as caught:
                await ask_azure(client, "429")
            return caught.value.status_code

    assert asyncio.run(ask()) == 429
    assert statuses(record) == [429]


def test_a_share_of_the_requests_meets_each_fault(azure, record):
    for _ in range(12):
        with contextlib.suppress(HttpResponseError):
            ask_azure(azure, "429; every=4, 500; every=6, slow; seconds=0", retry_total=0)
    expected = [429, 500, 200, 200, 429, 200, 200, 500, 429, 200, 200, 200]
    assert statuses(record) == expected


def test_a_reply_cut_short_is_an_error_in_both_clients(azure, v1):
    with pytest.raises(HttpResponseError):
        ask_azure(azure, "cut")
    with pytest.raises(openai.APIConnectionError):
        ask_v1(v1.with_options(max_retries=0), "cut")


def test_a_rate_limit_lets_so_many_in_and_says_when_there_is_room(azure, record):
    limit = "rate-limit; requests=2; seconds=30"
    for _ in range(2):
        assert ask_azure(azure, limit).choices
    with pytest.raises(HttpResponseError) as caught:
        ask_azure(azure, limit, retry_total=0)
    assert 20 < float(caught.value.response.headers["Retry-After"]) <= 30
    assert ask_azure(azure, "rate-limit; requests=1; seconds=30").choices, (
        "another text has a window of its own"
    )
    assert statuses(record) == [200, 200, 429, 200]


def test_a_wait_in_milliseconds_is_obeyed_by_one_client_alone(azure, v1, record):
    with pytest.raises(HttpResponseError) as caught:
        ask_azure(azure, "429; retry-after-ms=50; times=1")
    assert caught.value.response.headers["retry-after-ms"] == "50"
    assert "Retry-After" not in caught.value.response.headers
    assert "retry after 0.05 seconds" in caught.value.message
    record.clear()
    assert ask_v1(v1, "429; retry-after-ms=50; times=1; seconds=2").choices
    assert statuses(record) == [429, 200]


def test_a_quota_that_is_used_up(azure, v1):
    with pytest.raises(HttpResponseError) as caught:
        ask_azure(azure, "insufficient-quota")
    assert (caught.value.status_code, caught.value.error.code) == (429, "insufficient_quota")
    with pytest.raises(openai.RateLimitError) as other:
        ask_v1(v1.with_options(max_retries=0), "insufficient-quota")
    assert (other.value.code, other.value.type) == ("insufficient_quota", "insufficient_quota")


def test_a_model_that_is_gone(azure, v1):
    with pytest.raises(HttpResponseError) as caught:
        ask_azure(azure, "gone")
    assert caught.value.status_code == 410
    with pytest.raises(openai.APIStatusError) as other:
        ask_v1(v1, "gone")
    assert other.value.status_code == 410


def test_a_piece_without_a_delta_reaches_both_clients(azure, v1):
    for pieces in (
        list(ask_azure(azure, "no-delta", stream=True)),
        list(ask_v1(v1, "no-delta", stream=True)),
    ):
        choices = [piece.choices[0] for piece in pieces if piece.choices]
        (odd,) = [choice for choice in choices if choice.delta is None]
        assert odd.finish_reason is None
        assert "".join(choice.delta.content or "" for choice in choices if choice is not odd) == "Hola."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "429; retry-after-ms=x",
        ", ".join(["slow; seconds=0"] * 21),
        "418",
        "429, 418",
        "429; every=x",
        "rate-limit; requests=-1",
        "429; retry-after",
        "429; retry-after=x",
        "slow; seconds=999",
        "a=b;;==",
    ],
)
def test_unknown_fault_is_refused_in_a_sentence(azure, text):
    with pytest.raises(HttpResponseError) as caught:
        ask_azure(azure, text)
    assert caught.value.status_code == 400
    assert "x-offline-fault" in caught.value.message


def test_paced_stream_gives_its_pieces_one_by_one(v1):
    options = {"model": PHI, "messages": HELLO, "stream": True}
    # Half a minute after each piece: the first is here at once, and nobody waits for the second.
    with v1.chat.completions.create(
        **options, extra_headers={"x-offline-fault": "pace; seconds=30"}
    ) as stream:
        assert next(stream).choices[0].delta.role == "assistant"
    paced = v1.chat.completions.create(**options, extra_headers={"x-offline-fault": "pace; seconds=0.01"})
    assert "".join(piece.choices[0].delta.content or "" for piece in paced) == "Hola."
