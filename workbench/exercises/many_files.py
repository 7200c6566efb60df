"""Checks of the lesson on many files."""

from __future__ import annotations

import copy
import inspect
from types import SimpleNamespace
from typing import Any

from workbench.exercises.contract import NotYet, check, function_of, kind, number, shown, stopped
from workbench.exercises.sent import arrivals, clips, says, words_sent

MOST = {"image": 400, "audio": 50}
"""Tokens that a reply may have at most."""


@check("Both limits count; work out which one is met first.")
def requests_a_minute(answer: Any) -> str:
    """How many requests a minute fit 60,000 tokens and 360 requests, at 3,200 tokens a request?"""
    rate = number(answer, "a number of requests")
    if rate == 18:
        return "the tokens are used up after 18 whole requests, long before 360."
    if rate == 360:
        raise NotYet("so many requests would weigh 1,152,000 tokens. Look at the other limit.")
    if 18 < rate < 19:
        raise NotYet("a part of a request cannot be sent. Round down.")
    if rate == 20:
        raise NotYet("the reply counts too, 200 tokens each.")
    raise NotYet(f"{rate:g} requests weigh {rate * 3200:,.0f} tokens, and 60,000 are allowed.")


@check("Plan with a question under 'audio', and keep what run() returns.")
def asked_sounds(counts: Any, sounds: int, here: Any = None) -> str:
    """Was a transcript asked for of each sound of the folder, and nothing about the pictures?"""
    if not isinstance(counts, dict) or "answered" not in counts:
        raise NotYet(f"keep what batch.run returned, not a {kind(counts)}; did you write await?")
    answered, there = (number(counts.get(name, 0), "a number of files") for name in ("answered", "there"))
    if answered > sounds:
        raise NotYet(f"{answered:g} files were answered. Leave out the question under 'image'.")
    heard = arrivals(here)
    asked = {
        clip
        for one in heard or []
        if one.said and says(words_sent(one), "Transcribe this audio")
        for clip in clips(one)
    }
    # A cell that is run again finds its answers there, and sends nothing.
    again = not answered and there >= sounds <= len(asked)
    if not answered and there and not again:
        raise NotYet("nothing was sent, since these answers are there already. Ask something else.")
    if answered != sounds and not again:
        raise NotYet(f"{answered:g} of {sounds} sounds were answered. Look at the errors in the table.")
    if heard is not None and len(asked) < sounds:
        raise NotYet('the sounds were asked something else. The question is "Transcribe this audio."')
    return f"all {sounds} sounds were asked, and nothing was sent about the pictures."


@check(not_begun="")
async def own_ask(function: Any) -> str:
    """Does `async def my_ask(client, task, messages)` send one request, with the limit that its medium is given?"""
    function_of(function, "", "Keep the function itself.")
    limits = {}
    for media in MOST:
        limits[media] = _limit(await _sent_by(function, media))
    if None in limits.values():
        raise NotYet("a reply may still be as long as it likes. Which option of the call limits it?")
    if limits == {"image": MOST["audio"], "audio": MOST["image"]}:
        raise NotYet("the two limits are the wrong way round.")
    if limits["image"] == limits["audio"]:
        raise NotYet("pictures and sounds have the same limit. Which part of the task tells them apart?")
    for media, name in (("image", "picture"), ("audio", "sound")):
        if limits[media] != MOST[media]:
            raise NotYet(
                f"the reply about a {name} is limited to {shown(limits[media])} tokens. Read the task again."
            )
    return "it sends one request, hands back the reply, and each medium has its own limit."


class _Recorder:
    """Stands where a run has its client; notes what a call of either client would send, and sends nothing."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.reply = SimpleNamespace(choices=[])
        self.chat = SimpleNamespace(completions=SimpleNamespace(create=self.complete))

    async def complete(self, body: dict[str, Any] | None = None, **options: Any) -> SimpleNamespace:
        self.calls.append({**(body or {}), **options})
        return self.reply


def _limit(sent: dict[str, Any]) -> Any:
    more = {**(sent.get("model_extras") or {}), **(sent.get("extra_body") or {}), **sent}
    return more.get("max_tokens", more.get("max_completion_tokens"))


async def _sent_by(function: Any, media: str) -> dict[str, Any]:
    """What the function would send about one file."""
    # Imported late: every lesson imports these checks, and only this one needs what a run needs.
    from workbench.batch import Task

    client = _Recorder()
    # Names with other endings than those of the lesson: the task's medium tells what a file is.
    file = {"image": "photo.jpg", "audio": "talk.flac"}[media]
    task = Task("key", file, file, media, 1, 1, "the-deployment-of-the-task", "What is this?")
    messages = [{"role": "user", "content": [{"type": "text", "text": task.prompt}]}]
    given = copy.deepcopy(messages)
    try:
        made = function(client, task, messages)
        if inspect.isawaitable(made):
            made = await made
    except (Exception, SystemExit) as error:
        raise stopped(error) from error
    if inspect.iscoroutine(made):
        made.close()
        raise NotYet("the function hands back a call that nobody waits for. Put await before it.")
    if not client.calls:
        raise NotYet("nothing was sent. Call the complete of the client that the function is given.")
    if len(client.calls) > 1:
        raise NotYet(f"{len(client.calls)} requests were sent for one task. Send one.")
    (sent,) = client.calls
    if made is not client.reply:
        raise NotYet("the reply is lost, so no answer could be kept. Is there a return line?")
    asked = sent.get("messages") or []
    if not all(message in asked for message in given):
        raise NotYet("send the messages that the function is given; they hold the question and the file.")
    if sent.get("model") != task.deployment:
        raise NotYet("the request has to name its model. The task knows it, as task.deployment.")
    return sent
