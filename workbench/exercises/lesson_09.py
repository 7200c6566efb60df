"""Checks for the exercises of lesson 09."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

from workbench.exercises.functions import stopped, unusable

MOST = {"image": 400, "audio": 50}
"""Tokens that a reply may have at most."""


def requests_a_minute(answer: Any) -> str:
    """How many requests a minute fit 60,000 tokens and 360 requests, at 3,200 tokens a request?

    Args:
        answer: the learner's number.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if answer is None:
        return "Not yet: the variable is still None. Both limits count; work out which one is met first."
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        return f"Not yet: {answer!r} is no number of requests."
    if answer == 18:
        return "Right: the tokens are used up after 18 whole requests, long before 360."
    if answer == 360:
        return "Not yet: so many requests would weigh 1,152,000 tokens. Look at the other limit."
    if 18 < answer < 19:
        return "Not yet: a part of a request cannot be sent. Round down."
    if answer == 20:
        return "Not yet: the reply counts too, 200 tokens each."
    return f"Not yet: {answer:g} requests weigh {answer * 3200:,.0f} tokens, and 60,000 are allowed."


def asked_sounds(counts: Any, sounds: int) -> str:
    """Was a second question asked about the sounds, and only about them?

    Args:
        counts: what `batch.run` returned.
        sounds: how many sounds the folder holds.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if counts is None:
        return "Not yet: the variable is still None. Plan with a question under 'audio', and keep what run() returns."
    if not isinstance(counts, dict) or "answered" not in counts:
        return f"Not yet: keep what batch.run returned, not a {type(counts).__name__}; did you write await?"
    if counts["answered"] > sounds:
        return f"Not yet: {counts['answered']} files were answered. Leave out the question under 'image'."
    if counts["answered"] == sounds:
        return f"Right: all {sounds} sounds were asked, and nothing was sent about the pictures."
    if not counts["answered"] and counts.get("there"):
        return "Not yet: nothing was sent, since these answers are there already. Ask something else."
    return f"Not yet: {counts['answered']} of {sounds} sounds were answered. Look at the errors in the table."


async def own_ask(function: Any) -> str:
    """Does the learner's function send one request of a run, with the limit that its medium is given?

    Args:
        function: as `batch.run` takes it: `async def my_ask(client, task, messages)`.

    Returns:
        A sentence that starts with "Right" or "Not yet".
    """
    if inspect.iscoroutine(function):
        function.close()
        return "Not yet: keep the function itself, without calling it. The run calls it for each task."
    to_begin = "Replace the line with async def my_ask(client, task, messages)."
    if problem := unusable(function, to_begin, "Keep the function itself."):
        return problem
    limits = {}
    for media in MOST:
        sent, problem = await _sent_by(function, media)
        if problem:
            return problem
        limits[media] = sent.get("max_tokens")
    if None in limits.values():
        return "Not yet: a reply may still be as long as it likes. Which option of the call limits it?"
    if limits == {"image": MOST["audio"], "audio": MOST["image"]}:
        return "Not yet: the two limits are the wrong way round."
    if limits["image"] == limits["audio"]:
        return "Not yet: pictures and sounds have the same limit. Which part of the task tells them apart?"
    for media, name in (("image", "picture"), ("audio", "sound")):
        if limits[media] != MOST[media]:
            return f"Not yet: the reply about a {name} is limited to {limits[media]!r} tokens. Read the task again."
    return "Right: it sends one request, hands back the reply, and each medium has its own limit."


class _Recorder:
    """Stands where a run has its client; notes what a call would send, and sends nothing."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.reply = SimpleNamespace(choices=[])

    async def complete(self, **options: Any) -> SimpleNamespace:
        self.calls.append(options)
        return self.reply


async def _sent_by(function: Any, media: str) -> tuple[dict[str, Any], str]:
    """What the function would send about one file, and a sentence on what is wrong with it or nothing."""
    # Imported late: every lesson imports these checks, and only this one needs what a run needs.
    from workbench.batch import Task

    client = _Recorder()
    file = {"image": "chart.png", "audio": "clip.mp3"}[media]
    task = Task("key", file, file, media, 1, 1, "the-deployment-of-the-task", "What is this?")
    messages = [{"role": "user", "content": task.prompt}]
    try:
        made = function(client, task, messages)
        if inspect.isawaitable(made):
            made = await made
    except Exception as error:
        # A learner's own code may raise anything, and the check has to answer in a sentence.
        return {}, stopped(error)
    if inspect.iscoroutine(made):
        made.close()
        return {}, "Not yet: the function hands back a call that nobody waits for. Put await before it."
    if not client.calls:
        return {}, "Not yet: nothing was sent. Call the complete of the client that the function is given."
    if len(client.calls) > 1:
        return {}, f"Not yet: {len(client.calls)} requests were sent for one task. Send one."
    (sent,) = client.calls
    if made is not client.reply:
        return {}, "Not yet: the reply is lost, so no answer could be kept. Is there a return line?"
    if sent.get("messages") != messages:
        return (
            {},
            "Not yet: send the messages that the function is given; they hold the question and the file.",
        )
    if sent.get("model") != task.deployment:
        return {}, "Not yet: the request has to name its model. The task knows it, as task.deployment."
    return sent, ""
