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
NAMES = ("key or token", "deployment", "openai client", "picture", "several pictures", "clip")

_QUESTION = 'Translate to Spanish: "Good morning."'
_SLOW = {"ServiceResponseTimeoutError", "APITimeoutError", "ReadTimeout", "TimeoutError"}


@dataclass(frozen=True)
class Service:
    """What to send requests with.

    Attributes:
        here: the endpoint.
        credential: a key, or a token credential.
        by_token: whether the credential gives tokens.
        api_version: the version to send.
        seconds: how long one reply may take.
    """

    here: Endpoint
    credential: Any = field(repr=False)
    by_token: bool
    api_version: str
    seconds: float


class _NoReply(Exception):
    """A request without an answer: its HTTP status if there was one, what happened, and what to do."""

    def __init__(self, status: int | None, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.status, self.detail, self.remedy = status, detail, remedy


def check_service(service: Service) -> Iterator[Finding]:
    """Send a text with each client, then pictures and a clip, and say of each what came back.

    Args:
        service: where to send them.

    Yields:
        One finding for each of `NAMES`, in order, as it is known.
    """
    here = service.here
    try:
        _ask(service, _azure, here.deployment, _QUESTION)
    except _NoReply as no_reply:
        # Only these say something of the caller; any other status comes after the caller was let in.
        if no_reply.status in (401, 403, 407) or no_reply.status is None:
            yield failed(NAMES[0], no_reply.detail, no_reply.remedy)
            yield from (skipped(name, f"needs the {NAMES[0]}") for name in NAMES[1:])
        else:
            yield passed(NAMES[0], "not refused")
            yield failed(
                NAMES[1], no_reply.detail, f"{no_reply.remedy} The deployment's name is in {DEPLOYMENT}."
            )
            yield from (skipped(name, f"needs the {NAMES[1]}") for name in NAMES[2:])
        return
    yield passed(NAMES[0], "accepted")
    yield passed(NAMES[1], f"{here.deployment} answered a text")
    try:
        _ask(service, _openai, here.deployment, _QUESTION)
        yield passed(NAMES[2], "the same text was answered on the v1 route")
    except _NoReply as no_reply:
        remedy = f"{no_reply.remedy} The lessons' cells for azure-ai-inference run all the same."
        yield failed(NAMES[2], no_reply.detail, remedy)

    from helpers.encoding import audio_part, image_part

    image, text_of_image = image_part(PICTURE), "Transcribe the text in this picture."
    yield _check_media(service, NAMES[3], DEPLOYMENT, here.deployment, text_of_image, PICTURE, image)
    yield _check_media(
        service, NAMES[4], GPT_DEPLOYMENT, here.gpt_deployment, text_of_image, PICTURE, image, image
    )
    clip = audio_part(CLIP)
    yield _check_media(
        service, NAMES[5], AUDIO_DEPLOYMENT, here.audio_deployment, "Transcribe this audio.", CLIP, clip
    )


def _check_media(
    service: Service,
    name: str,
    setting: str,
    deployment: str,
    question: str,
    file: Path,
    *parts: dict[str, Any],
) -> Finding:
    try:
        reply = _ask(service, _azure, deployment, question, *parts)
    except _NoReply as no_reply:
        remedy = f"{no_reply.remedy} It is {deployment} that was asked, from {setting}; other lessons run without it."
        return failed(name, no_reply.detail, remedy)
    # The question was to transcribe: a reply with none of the longer words did not get the picture or the clip.
    words = set(re.findall(r"\w{5,}", file.with_suffix(".txt").read_text(encoding="utf-8").lower()))
    if not words & set(re.findall(r"\w+", reply.lower())):
        remedy = f"The deployment may leave the {name} unread. Put one that takes it into {setting}."
        return failed(name, f"sent to {deployment} and answered, but with no word of the {name}", remedy)
    return passed(name, f"{deployment} read what was sent")


def _ask(
    service: Service, send: Callable[..., Any], deployment: str, question: str, *parts: dict[str, Any]
) -> str:
    """The text of the reply to one question.

    Raises:
        _NoReply: there was none.
    """
    messages = [{"role": "user", "content": [{"type": "text", "text": question}, *parts]}]
    try:
        reply = within(service.seconds + CONNECT_SECONDS, lambda: send(service, deployment, messages))
        choices = reply.choices
    except ModuleNotFoundError:
        raise
    except Exception as error:
        failure = read_failure(error)
        if failure.kinds & _SLOW:
            remedy = (
                "A model that is loaded at the first request may need more: give --seconds, or restart it."
            )
            raise _NoReply(None, f"no reply within {service.seconds:.0f} seconds", remedy) from None
        explained = explain(error)
        said = (
            f"; the service said: {explained.detail.splitlines()[0].rstrip('.')}" if explained.detail else ""
        )
        # A reply that is no chat completion came from where the caller was let in.
        status = failure.status or (200 if "no chat completion" in explained.cause else None)
        raise _NoReply(status, explained.cause.rstrip(".") + said, explained.remedy) from None
    text = choices[0].message.content if choices else None
    if not isinstance(text, str) or not text.strip():
        what = "no text" if choices else "a reply that is no chat completion: it has no choices"
        raise _NoReply(
            200, f"answered with {what}", f"Look at the path of {ENDPOINT}, or try another deployment."
        )
    return text


def _azure(service: Service, deployment: str, messages: list[dict[str, Any]]) -> Any:
    from azure.ai.inference import ChatCompletionsClient

    by_token = service.by_token
    with ChatCompletionsClient(
        endpoint=service.here.url,
        credential=service.credential,
        api_version=service.api_version,
        connection_timeout=CONNECT_SECONDS,
        read_timeout=service.seconds,
        # A check is for what is wrong now; waiting for better times would hide it.
        retry_total=0,
        **({"credential_scopes": [service.here.token_scope]} if by_token else {}),
    ) as client:
        # The offline endpoint takes tokens over http, which Azure's client refuses to send unless it is told to.
        call = {"enforce_https": False} if by_token and service.here.is_offline else {}
        return client.complete(messages=messages, model=deployment, **call)


def _openai(service: Service, deployment: str, messages: list[dict[str, Any]]) -> Any:
    import openai

    credential = service.credential
    key = credential.get_token(service.here.token_scope).token if service.by_token else credential.key
    with openai.OpenAI(
        api_key=key, base_url=service.here.v1_base_url, timeout=service.seconds, max_retries=0
    ) as client:
        return client.chat.completions.create(model=deployment, messages=messages)
