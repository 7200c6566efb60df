"""Whether the service answers: key or token, deployments, both clients, pictures and a clip, really sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.endpoint import Endpoint
from helpers.settings import AUDIO_DEPLOYMENT, DEPLOYMENT, ENDPOINT, GPT_DEPLOYMENT
from workbench.check.connection import CONNECT_SECONDS, within
from workbench.check.report import Finding, failed, passed, skipped
from workbench.explain import explain
from workbench.explain.failure import read_failure

DATA = Path(__file__).parents[2] / "data"
PICTURE = DATA / "charts" / "shop_notice.png"
CLIP = DATA / "clips" / "hello_how_are_you.wav"
NAMES = ("connection", "key or token", "deployment", "openai client", "picture", "several pictures", "clip")

_QUESTION = 'Translate to Spanish: "Good morning."'


@dataclass(frozen=True)
class Service:
    """What to send requests with."""

    here: Endpoint
    credential: Any = field(repr=False)  # a key, or a token credential
    by_token: bool
    api_version: str
    seconds: float  # one reply may take


class _NoReply(Exception):
    """A request without an answer: what happened, what to do, and how far it came, as an index into `NAMES`."""

    def __init__(self, detail: str, remedy: str, reached: int = 2) -> None:
        super().__init__(detail)
        self.detail, self.remedy, self.reached = detail, remedy, reached


def check_service(service: Service) -> Iterator[Finding]:
    """Send a text with each client, then pictures and a clip: a finding for each of `NAMES`, as it is known."""
    here = service.here
    well = ("the server answers", "accepted", f"{here.deployment} answered a text")
    reached, no_reply = 3, None
    try:
        _ask(service, _azure, here.deployment, _QUESTION)
    except _NoReply as stopped:
        reached, no_reply = stopped.reached, stopped
    yield from (passed(name, detail) for name, detail in zip(NAMES[:reached], well, strict=False))
    if no_reply:
        where = f" The deployment's name is in {DEPLOYMENT}." if reached == 2 else ""
        yield failed(NAMES[reached], no_reply.detail, no_reply.remedy + where)
        yield from (skipped(name, f"needs the {NAMES[reached]}") for name in NAMES[reached + 1 :])
        return
    try:
        _ask(service, _openai, here.deployment, _QUESTION)
        yield passed(NAMES[3], "the same text was answered on the v1 route")
    except _NoReply as stopped:
        remedy = f"{stopped.remedy} The cells with azure-ai-inference's plain client run all the same."
        yield failed(NAMES[3], stopped.detail, remedy)

    from helpers.encoding import audio_part, image_part

    image, read = [image_part(PICTURE)], "Transcribe the text in this picture."
    for name, setting, deployment, asked, file, parts in (
        ("picture", DEPLOYMENT, here.deployment, read, PICTURE, image),
        ("several pictures", GPT_DEPLOYMENT, here.gpt_deployment, read, PICTURE, image * 2),
        ("clip", AUDIO_DEPLOYMENT, here.audio_deployment, "Transcribe this audio.", CLIP, [audio_part(CLIP)]),
    ):
        try:
            reply = _ask(service, _azure, deployment, asked, *parts)
        except _NoReply as stopped:
            which = f"It is {deployment} that was asked, from {setting}; other lessons run without it."
            yield failed(name, stopped.detail, f"{stopped.remedy} {which}")
            continue
        # The question was to transcribe: a reply with none of the longer words did not get the picture or the clip.
        words = set(re.findall(r"\w{5,}", file.with_suffix(".txt").read_text(encoding="utf-8").lower()))
        if words & set(re.findall(r"\w+", reply.lower())):
            yield passed(name, f"{deployment} read what was sent")
        else:
            remedy = f"The deployment may leave the {name} unread. Put one that takes it into {setting}."
            yield failed(name, f"sent to {deployment} and answered, but with no word of the {name}", remedy)


def _ask(
    service: Service, send: Callable[..., Any], deployment: str, question: str, *parts: dict[str, Any]
) -> str:
    """The text of the reply to one question; _NoReply if there was none."""
    messages = [{"role": "user", "content": [{"type": "text", "text": question}, *parts]}]
    try:
        reply = within(service.seconds + CONNECT_SECONDS, lambda: send(service, deployment, messages))
        choices = reply.choices
    except ModuleNotFoundError:
        raise
    except Exception as error:
        raise _why(error, service, _TRUST[send]) from None
    text = choices[0].message.content if choices else None
    if not isinstance(text, str) or not text.strip():
        what = "no text" if choices else "a reply that is no chat completion: it has no choices"
        raise _NoReply(f"answered with {what}", f"Look at the path of {ENDPOINT}, or try another deployment.")
    return text


def _why(error: Exception, service: Service, trust: str) -> _NoReply:
    failure, explained = read_failure(error), explain(error)
    if explained.cause.startswith("No reply came within") or isinstance(error, TimeoutError):
        remedy = "A model that is loaded at the first request may need more: give --seconds, or restart it."
        return _NoReply(f"no reply within {service.seconds:.0f} seconds", remedy, 0)
    said = f"; the service said: {explained.detail.splitlines()[0].rstrip('.')}" if explained.detail else ""
    remedy = explained.remedy
    if "SSLCertVerificationError" in failure.kinds:
        remedy += f" This client reads {trust}."
    # These statuses say something of the caller; any other comes after the caller was let in.
    reached = 1 if failure.status in (401, 403) else 2
    if failure.status in (None, 407) and "no chat completion" not in explained.cause:
        reached = 1 if "ClientAuthenticationError" in failure.kinds else 0
    return _NoReply(explained.cause.rstrip(".") + said, remedy, reached)


def _azure(service: Service, deployment: str, messages: list[dict[str, Any]]) -> Any:
    from azure.ai.inference import ChatCompletionsClient

    by_token = service.by_token
    scopes: dict[str, Any] = {"credential_scopes": [service.here.token_scope]} if by_token else {}
    # The offline endpoint takes tokens over http, which Azure's client refuses to send unless it is told to.
    call: dict[str, Any] = {"enforce_https": False} if by_token and service.here.is_offline else {}
    with ChatCompletionsClient(
        endpoint=service.here.url,
        credential=service.credential,
        api_version=service.api_version,
        connection_timeout=CONNECT_SECONDS,
        read_timeout=service.seconds,
        # A check is for what is wrong now; waiting for better times would hide it.
        retry_total=0,
        **scopes,
    ) as client:
        return client.complete(messages=messages, model=deployment, **call)


def _openai(service: Service, deployment: str, messages: list[Any]) -> Any:
    import openai

    credential = service.credential
    key = credential.get_token(service.here.token_scope).token if service.by_token else credential.key
    with openai.OpenAI(
        api_key=key, base_url=service.here.v1_base_url, timeout=service.seconds, max_retries=0
    ) as client:
        return client.chat.completions.create(model=deployment, messages=messages)


_TRUST = {_azure: "REQUESTS_CA_BUNDLE", _openai: "SSL_CERT_FILE, and so does Azure's async client"}
"""Which variable each client looks for certificates of one's own in."""
