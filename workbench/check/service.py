"""Whether the service answers: the key or token, the deployment, one picture and one clip, really sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.settings import API_VERSION, CREDENTIAL, DEPLOYMENT, ENDPOINT
from workbench.check.connection import CONNECT_SECONDS, within
from workbench.check.report import Finding, failed, passed, skipped

DATA = Path(__file__).parents[2] / "data"
PICTURE = DATA / "charts" / "shop_notice.png"
CLIP = DATA / "clips" / "hello_how_are_you.wav"
NAMES = ("key or token", "deployment", "picture", "clip")


@dataclass(frozen=True)
class Service:
    """What to send requests with.

    Attributes:
        url: what `ChatCompletionsClient` takes as its endpoint.
        credential: a key or a token credential.
        scope: with a token credential, what to ask for.
        deployment: the `model` of a request.
        api_version: the version to send.
        is_offline: whether it is the offline endpoint in this process, which takes tokens over http.
        secrets: what must not be shown.
        seconds: how long one reply may take.
    """

    url: str
    credential: Any = field(repr=False)
    scope: str | None
    deployment: str
    api_version: str
    is_offline: bool
    secrets: tuple[str, ...] = field(repr=False)
    seconds: float


class _Refused(Exception):
    """A request that got no reply; holds the HTTP status if there was one, what happened, and what to do."""

    def __init__(self, status: int | None, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.remedy = remedy


def check_service(service: Service) -> Iterator[Finding]:
    """Send a text, a picture and a clip, and say of each what came back.

    Args:
        service: where to send them.

    Yields:
        One finding for each of `NAMES`, in order, as it is known.
    """
    try:
        _ask(service, 'Translate to Spanish: "Good morning."')
    except _Refused as refused:
        # Only these two say something of the caller; any other status comes after the caller was let in.
        if refused.status in (401, 403) or refused.status is None:
            yield failed(NAMES[0], refused.detail, refused.remedy)
            yield from (skipped(name, f"needs the {NAMES[0]}") for name in NAMES[1:])
            return
        yield passed(NAMES[0], "not refused")
        yield failed(NAMES[1], refused.detail, refused.remedy)
        yield from (skipped(name, f"needs the {NAMES[1]}") for name in NAMES[2:])
        return
    yield passed(NAMES[0], "accepted")
    yield passed(NAMES[1], f"{service.deployment} answered a text")

    from helpers.encoding import audio_part, image_part

    words = _words(PICTURE.with_suffix(".txt"))
    yield _check_media(service, NAMES[2], "Transcribe the text in this picture.", image_part(PICTURE), words)
    words = _words(CLIP.with_suffix(".txt"))
    yield _check_media(service, NAMES[3], "Transcribe this audio.", audio_part(CLIP), words)


def _words(transcript: Path) -> set[str]:
    """The longer words of a transcript; short ones are in any reply."""
    return set(re.findall(r"\w{5,}", transcript.read_text(encoding="utf-8").lower()))


def _check_media(
    service: Service, name: str, question: str, part: dict[str, Any], words: set[str]
) -> Finding:
    try:
        reply = _ask(service, question, part)
    except _Refused as refused:
        if refused.status in (400, 404, 415, 422, 500, 501):
            remedy = (
                f"If it takes no {name}, put a deployment that does into {DEPLOYMENT}, for example "
                "Phi-4-multimodal-instruct. Lessons that send none run all the same."
            )
            return failed(name, refused.detail, remedy)
        return failed(name, refused.detail, refused.remedy)
    # The question was to transcribe: a reply with none of the words did not get the picture or the clip.
    if not words & set(re.findall(r"\w+", reply.lower())):
        remedy = f"The deployment may leave the {name} unread. Put one that takes it into {DEPLOYMENT}."
        return failed(name, f"sent and answered, but with no word of the {name}", remedy)
    return passed(name, f"{service.deployment} read the {name} that was sent")


def _ask(service: Service, question: str, *parts: dict[str, Any]) -> str:
    """The text of the reply to one question.

    Raises:
        _Refused: there was none.
    """
    try:
        return within(service.seconds + CONNECT_SECONDS, lambda: _send(service, question, *parts))
    except TimeoutError:
        raise _slow(service) from None


def _send(service: Service, question: str, *parts: dict[str, Any]) -> str:
    from azure.ai.inference import ChatCompletionsClient
    from azure.core import exceptions

    options: dict[str, Any] = {"credential_scopes": [service.scope]} if service.scope else {}
    call: dict[str, Any] = {"enforce_https": False} if service.is_offline and service.scope else {}
    try:
        with ChatCompletionsClient(
            endpoint=service.url,
            credential=service.credential,
            model=service.deployment,
            api_version=service.api_version,
            connection_timeout=CONNECT_SECONDS,
            read_timeout=service.seconds,
            # A check is for what is wrong now; waiting for better times would hide it.
            retry_total=0,
            **options,
        ) as client:
            content = [{"type": "text", "text": question}, *parts]
            reply = client.complete(messages=[{"role": "user", "content": content}], **call)
            text = reply.choices[0].message.content
    except exceptions.ServiceRequestTimeoutError:
        raise _slow(service) from None
    except exceptions.ServiceRequestError:
        raise _Refused(
            None, "the connection failed", f"See the lines above, and the address in {ENDPOINT}."
        ) from None
    except (exceptions.ServiceResponseTimeoutError, exceptions.IncompleteReadError):
        raise _slow(service) from None
    except exceptions.ServiceResponseError as error:
        if "timed out" in str(error).lower():
            raise _slow(service) from None
        raise _Refused(
            None, "the connection broke off", "Run this again; if it stays, restart the server."
        ) from None
    except exceptions.ClientAuthenticationError as error:
        if error.response is None:
            # From azure-identity: no token was given out, so nothing was sent.
            raise _Refused(None, "no token was given out", _SIGN_IN) from None
        raise _refusal(error, service) from None
    except exceptions.DecodeError:
        raise _Refused(200, "answered with something other than JSON", _PATH) from None
    except exceptions.HttpResponseError as error:
        raise _refusal(error, service) from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise _Refused(200, "answered with something other than a chat completion", _PATH) from None
    if not isinstance(text, str) or not text.strip():
        raise _Refused(200, "answered with no text", f"Try another deployment in {DEPLOYMENT}.")
    return text


_PATH = f"Look at the path of {ENDPOINT}: something else than chat completions is there."
_SIGN_IN = "Sign in, for example with: az login. With several directories, set AZURE_TENANT_ID."

_REMEDIES = {
    401: f"Copy the key of this resource into {CREDENTIAL} again; with --token, see that the scope is the resource's.",
    403: "The caller may not use this resource: ask its owner for the role Cognitive Services User, or to let this "
    "network in.",
    404: f"Compare {DEPLOYMENT} with the names of the resource's deployments, and see the path in {ENDPOINT}. "
    "Where the /models route is gone, the same host with /openai/v1 takes its place.",
    408: "The service gave up waiting. Run this again.",
    413: "The service takes smaller requests only.",
    429: "The deployment's quota is used up for now. Wait a minute, or ask for more quota.",
}


def _refusal(error: Any, service: Service) -> _Refused:
    """A refusal in the server's own words, one line of them, with every secret blanked."""
    status = error.status_code or 0
    said = getattr(error.error, "message", None) if error.error else None
    if not said:
        said = _message_in(error.response)
    detail = f"HTTP status {status}" + (f", {_blank(said, service.secrets)}" if said else "")
    if status in _REMEDIES:
        return _Refused(status, detail, _REMEDIES[status])
    if status >= 500:
        return _Refused(status, detail, "The service has trouble. Run this again in a few minutes.")
    return _Refused(
        status, detail, f"See {ENDPOINT}, {DEPLOYMENT} and {API_VERSION}, which the service refused."
    )


def _message_in(response: Any) -> str:
    """The message of a reply that has no `error` envelope, as gateways send it."""
    try:
        body = response.json()
    except (ValueError, AttributeError):
        return ""
    return str(body.get("message") or body.get("detail") or "") if isinstance(body, dict) else ""


def _blank(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    # A JSON Web Token, as Entra ID gives out.
    text = re.sub(r"eyJ[\w.-]{10,}", "***", text)
    return " ".join(text.split())[:200].rstrip(".")


def _slow(service: Service) -> _Refused:
    remedy = (
        "A model that is loaded on the first request may need more: give --seconds. Else restart the server."
    )
    return _Refused(None, f"no reply within {service.seconds:.0f} seconds", remedy)
