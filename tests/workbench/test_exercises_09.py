"""The checks of the lesson on many files know the right result and say what is off with the likely wrong ones."""

from __future__ import annotations

import asyncio

import pytest

from workbench import exercises


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (None, "still None"),
        (360, "other limit"),
        (18.75, "Round down"),
        (20, "reply counts"),
        (25, "80,000 tokens"),
        ("18", "no number"),
        (True, "no number"),
    ],
)
def test_wrong_requests_a_minute(answer, hint):
    said = exercises.requests_a_minute(answer)
    assert said.startswith("Not yet: ")
    assert hint in said


def test_right():
    assert exercises.requests_a_minute(18).startswith("Right: ")
    assert exercises.asked_sounds({"answered": 4, "there": 2}, 4).startswith("Right: ")


@pytest.mark.parametrize(
    ("counts", "hint"),
    [
        (None, "still None"),
        ([], "await"),
        ({"answered": 12}, "under 'image'"),
        ({"answered": 0, "there": 4}, "there already"),
        ({"answered": 3, "there": 0}, "3 of 4"),
    ],
)
def test_wrong_counts(counts, hint):
    said = exercises.asked_sounds(counts, 4)
    assert said.startswith("Not yet: ")
    assert hint in said


async def right(client, task, messages):
    limit = 400 if task.media == "image" else 50
    return await client.complete(messages=messages, model=task.deployment, max_tokens=limit)


def plain(client, task, messages):
    # Not async itself, but what it returns can be awaited, so a run takes it.
    return right(client, task, messages)


async def swapped(client, task, messages):
    limit = 50 if task.media == "image" else 400
    return await client.complete(messages=messages, model=task.deployment, max_tokens=limit)


async def no_limit(client, task, messages):
    return await client.complete(messages=messages, model=task.deployment)


async def one_limit(client, task, messages):
    return await client.complete(messages=messages, model=task.deployment, max_tokens=400)


async def other_limit(client, task, messages):
    limit = 400 if task.media == "image" else 60
    return await client.complete(messages=messages, model=task.deployment, max_tokens=limit)


async def no_return(client, task, messages):
    await client.complete(messages=messages, model=task.deployment, max_tokens=50)


async def no_await(client, task, messages):
    return client.complete(messages=messages, model=task.deployment, max_tokens=50)


async def no_model(client, task, messages):
    return await client.complete(messages=messages, max_tokens=50)


async def own_messages(client, task, messages):
    return await client.complete(messages=[], model=task.deployment, max_tokens=50)


async def nothing_sent(client, task, messages):
    return messages


async def sent_twice(client, task, messages):
    await right(client, task, messages)
    return await right(client, task, messages)


async def a_slip(client, task, messages):
    return task.medium


async def two_inputs(client, task):
    return None


@pytest.mark.parametrize("function", [right, plain])
def test_right_ask(function):
    assert asyncio.run(exercises.own_ask(function)).startswith("Right: ")


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (None, "still None"),
        ("my_ask", "type str"),
        (swapped, "wrong way round"),
        (no_limit, "as long as it likes"),
        (one_limit, "same limit"),
        (other_limit, "sound is limited to 60"),
        (no_return, "return line"),
        (no_await, "Put await before"),
        (no_model, "name its model"),
        (own_messages, "messages that the function is given"),
        (nothing_sent, "nothing was sent"),
        (sent_twice, "2 requests"),
        (a_slip, "AttributeError"),
        (two_inputs, "TypeError"),
    ],
)
def test_wrong_ask(function, hint):
    said = asyncio.run(exercises.own_ask(function))
    assert said.startswith("Not yet: ")
    assert hint in said


def test_an_ask_that_was_called_already():
    assert "without calling it" in asyncio.run(exercises.own_ask(right(None, None, [])))
