"""What an exception of any client tells about a failed request: status, code, fields, and what lies underneath."""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from helpers.settings import AUDIO_DEPLOYMENT, CREDENTIAL, DEPLOYMENT, GPT_DEPLOYMENT

_LONGEST_SENTENCE = 300  # characters of the service's message that are kept
# Modules, in the order in which they are looked for; azure.core works for azure-ai-inference.
_CLIENTS = ("openai", "azure.identity", "azure.ai.inference", "azure.core", "requests")
_ROLES = (DEPLOYMENT, GPT_DEPLOYMENT, AUDIO_DEPLOYMENT)
_KEY_VARIABLES = (CREDENTIAL, "OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_CLIENT_SECRET")
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
# A JSON Web Token, the signature of a signed link, OpenAI's form of a key, and the long run of letters and digits that
# Azure's is. Long names of letters alone are no keys: ThrowExceptionDueToTrafficDenied is one of the service's.
_SECRET = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*|(?i:(?<=sig=)|(?<=signature=))[^&\s]+|\bsk-[\w-]{12,}"
    r"|(?=[A-Za-z]*\d)[A-Za-z0-9]{32,}|[A-Za-z0-9]{48,}"
)

# Statuses below 500 that pass by themselves: time-outs, locks, a model that is being started, too many requests.
_PASSING = {408, 409, 424, 425, 429, 499}
# Statuses above 500 that do not: not implemented, the version of HTTP, a network that asks for a sign-in.
_LASTING = {501, 505, 511}
_NO_QUOTA = re.compile("insufficient_quota|exceeded your current quota|billing_(hard_limit|not_active)", re.I)
_CONNECTION = {
    "APIConnectionError", "ServiceRequestError", "ServiceResponseError", "RequestException", "TransportError",
    "ClientError", "ConnectionError", "TimeoutError", "IncompleteReadError", "DecodeError", "JSONDecodeError",
}  # fmt: skip
# Of the client's and the network's troubles, those that the next request meets as well.
_SET_UP = {
    "SSLCertVerificationError", "InvalidURL", "MissingSchema", "InvalidSchema", "UnsupportedProtocol",
    "LocationParseError", "InvalidHeader", "LocalProtocolError", "ImportError", "FileNotFoundError",
    "ClientAuthenticationError",
}  # fmt: skip
_SET_UP_WORDS = re.compile(
    r"non-TLS|header value|in headers\b|'ascii' codec|is not a valid URL|WRONG_VERSION", re.I
)
_NO_CHAT_COMPLETION = re.compile(r"'(str|list|NoneType)' object has no attribute 'choices'")
_STREAM_STATUS = {"server_error": 500, "overloaded_error": 529, "rate_limit_exceeded": 429}

_NUMBER = r"\d+(?:\.\d*)?"
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = r"(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s(?:ec\w*)?|m(?:in\w*)?|h(?:ours?)?|d(?:ays?)?)(?![a-z])"
_ASKED_TO_WAIT = re.compile(
    rf"\b(?:retry|again|wait)\b[^.]{{0,30}}?\b(?:after|in|for)\s+((?:{_DURATION}\s*)+)"
)


@dataclass(frozen=True)
class Failure:
    """The facts of one failed request; what the exception does not tell is empty or None."""

    name: str  # of the exception's class
    kinds: frozenset[str]  # names of the exception's classes, and of those of the exceptions that caused it
    said: str  # the texts of all these exceptions. They may hold a key: for looking up, never for showing
    own_words: str = ""  # the exception's own text, with secrets blanked
    client: str = ""  # the package that raised it, or empty where no client took part
    setting: str = ""  # the variable that was looked for in vain, or that names a file which is not there
    status: int | None = None  # of HTTP, or what an error inside a stream says in its place
    is_in_stream: bool = False  # whether the service reported it inside a stream that had begun well
    code: str = ""  # the service's short name for what was wrong
    message: str = ""  # the service's sentence, with secrets blanked
    parameter: str = ""  # of the request, that the service objects to
    fields: tuple[str, ...] = ()  # `place: problem` for each wrong field of the request
    categories: str = ""  # what a content filter objected to, between commas
    wait: float | None = None  # seconds that the service asks to wait
    wait_from: str = ""  # the header that asks for it, or "message"
    host: str = ""  # of the request's address
    path: str = ""  # of it, without the query
    role: str = ""  # the setting that names the deployment which the request asked for, if one does
    audience: str | None = None  # whom the token sent was made out to
    is_expired: bool = False  # whether the token sent had expired

    @property
    def is_from_service(self) -> bool:
        """Whether the service itself reported it, in a reply or inside a stream."""
        return self.status is not None or self.is_in_stream

    @property
    def has_no_quota(self) -> bool:
        """Whether it is the quota or the bill, which no waiting cures."""
        return self.is_from_service and bool(_NO_QUOTA.search(f"{self.code}: {self.message}"))

    @property
    def wait_words(self) -> str:
        """The time to wait as one reads it, in the largest unit that it fills."""
        seconds = self.wait or 0.0
        for name, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
            if seconds >= 2 * size:
                return f"{'about ' if seconds % size else ''}{seconds / size:.0f} {name}"
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + (" second" if seconds == 1 else " seconds")


def is_passing(failure: Failure) -> bool:
    """Whether the same request may well succeed later, with nothing changed."""
    status = failure.status
    # Some servers answer 500 to what they cannot do at all.
    if failure.has_no_quota or re.search("request too large|not supported", failure.message, re.I):
        return False
    if status is None:
        if failure.is_in_stream:
            return not re.search(r"content_?filter|invalid|context_length|not_found", failure.code, re.I)
        if _NO_CHAT_COMPLETION.search(failure.said):
            return True
        if failure.kinds & _SET_UP or _SET_UP_WORDS.search(failure.said) or failure.setting:
            return False
        return bool(failure.client) and bool(failure.kinds & _CONNECTION)
    if status == 400:
        # What a URL in the request points to is fetched at that moment, and may be slow just then.
        return bool(re.search(r"time(d )?\s?out.*download", failure.message, re.I))
    return status < 400 or status in _PASSING or (status >= 500 and status not in _LASTING)


def read_failure(error: BaseException) -> Failure:
    """Gather the facts from an exception of azure-core, azure-identity, openai or requests."""
    chain = list(_chain(error))
    kinds = frozenset(cls.__name__ for link in chain for cls in type(link).__mro__)
    said = "\n".join(str(link) for link in chain)
    response: Any = getattr(error, "response", None)
    request = _first_readable(lambda: response.request, lambda: error.request)  # type: ignore[attr-defined]
    headers = _lower(getattr(request, "headers", None))

    def clean(text: Any) -> str:
        return _without_secrets(" ".join(str(text or "").split()), headers)[:_LONGEST_SENTENCE]

    name, client = type(error).__name__, next(filter(None, map(_client, chain)), "")
    known = Failure(name, kinds, said, clean(error), client, _setting(error, chain))
    # `openai` raises the error object of a stream as an APIError, and no subclass, without the reply.
    is_in_stream = response is None and name == "APIError" and bool(getattr(error, "body", None))
    if response is None and not is_in_stream:
        return known
    body = _error_object(error, response)
    code, message = clean(body.get("code") or body.get("type")), clean(body.get("message"))
    address = urlsplit(str(getattr(request, "url", "")))
    audience, is_expired = _token_claims(headers.get("authorization", ""))
    wait, wait_from = _wait(_lower(getattr(response, "headers", None)), message)
    return replace(
        known,
        status=_STREAM_STATUS.get(code, int(code) if re.fullmatch("[45]\\d\\d", code) else None)
        if is_in_stream
        else response.status_code,
        is_in_stream=is_in_stream,
        code=clean(body.get("code")) or (code if is_in_stream else ""),
        message=message,
        parameter=clean(body.get("param")),
        fields=tuple(clean(line) for line in _fields(body)),
        categories=clean(", ".join(_categories(body))),
        wait=wait,
        wait_from=wait_from,
        host=address.hostname or "",
        path=clean(address.path),
        role=_role(request),
        audience=audience and clean(audience),
        is_expired=is_expired,
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, down to the operating system's own."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        yield link
        seen.add(id(link))
        # azure-core keeps the cause in `inner_exception`, httpcore only as the context.
        link = link.__cause__ or getattr(link, "inner_exception", None) or link.__context__
        # Another client's error down here is one that was being handled already: a failure of its own.
        if type(link).__module__.startswith(("azure.", "openai")):
            return


def _client(error: BaseException) -> str:
    """The package of the exception's class or of a function that it came through, or nothing.

    A JSONDecodeError of a client and one of the learner's own `json.loads` differ in nothing else.
    """
    modules = {type(error).__module__}
    trace = error.__traceback__
    while trace is not None:
        modules.add(str(trace.tb_frame.f_globals.get("__name__", "")))
        trace = trace.tb_next
    for module in _CLIENTS:
        if any(f"{name}.".startswith(f"{module}.") for name in modules):
            return "azure-ai-inference" if module == "azure.core" else module.replace(".", "-")
    return ""


def _role(request: Any) -> str:
    body = getattr(request, "content", None) or getattr(request, "body", None) or ""
    # The model's name stands before the messages or behind them, which may hold many megabytes.
    ends = f"{body[:300]!r}{body[-300:]!r}" if isinstance(body, str | bytes) else ""
    asked = re.findall(r'"model":\s*"([^"]+)"', ends)
    return next((role for role in _ROLES if os.environ.get(role) in asked), "")


def _lower(headers: Any) -> dict[str, str]:
    def text(header: str | bytes) -> str:
        return header.decode("latin-1") if isinstance(header, bytes) else str(header)

    return {text(name).lower(): text(value) for name, value in (headers or {}).items()}


def _setting(error: BaseException, chain: list[BaseException]) -> str:
    name = str(error.args[0]) if isinstance(error, KeyError) and error.args else ""
    if re.fullmatch(r"(AZURE|OPENAI)_[A-Z_]+", name):
        return name
    # A file of certificates: requests names it in its sentence, ssl only says that some file is not there.
    if any(isinstance(link, OSError) and (link.errno == 2 or "CA cert" in str(link)) for link in chain):
        named = ((name, os.environ.get(name)) for name in _CA_VARIABLES)
        return next((name for name, file in named if file and not Path(file).exists()), "")
    return ""


def _error_object(error: BaseException, response: Any) -> dict[str, Any]:
    """The `error` object of the reply's JSON, whichever form the server has for it."""
    body = _first_readable(
        response.json if response is not None else dict,
        lambda: error.body,  # type: ignore[attr-defined]
        lambda: response.text() if callable(response.text) else response.text,
    )
    if isinstance(body, str) and not body.lstrip().startswith("<"):
        return {"message": body}
    if not isinstance(body, Mapping):
        return {}
    inner = body.get("error", body)
    # What FastAPI, which many local servers are made with, calls the sentence, or the list of wrong fields.
    detail = body.get("detail")
    if detail and "error" not in body and "message" not in body:
        return {"message": detail} if isinstance(detail, str) else {"details": detail}
    if isinstance(inner, str):
        return {"code": inner, "message": body.get("error_description") or body.get("message") or inner}
    return dict(inner) if isinstance(inner, Mapping) else {}


def _first_readable(*ways: Callable[[], Any]) -> Any:
    """What the first way gives that gives anything."""
    for way in ways:
        try:
            body = way()
        except Exception:
            # Each client has exceptions of its own for a request that it lost and a body that is no JSON or was never
            # read, and explaining one error must not raise another.
            body = None
        if body:
            return body
    return None


def _fields(body: Mapping[str, Any]) -> Iterator[str]:
    details = body.get("details")
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, Mapping) and isinstance(detail.get("loc"), list):
            place = ".".join(str(step) for step in detail["loc"] if step != "body")
            yield f"{place or 'body'}: {detail.get('msg', 'not accepted')}"


def _categories(body: Mapping[str, Any]) -> Iterator[str]:
    inner = body.get("innererror")
    if not isinstance(inner, Mapping):
        return
    # The service's pages show the name in both numbers.
    verdicts = inner.get("content_filter_result") or inner.get("content_filter_results")
    for category, verdict in verdicts.items() if isinstance(verdicts, Mapping) else ():
        if isinstance(verdict, Mapping) and verdict.get("filtered"):
            yield str(category).replace("_", " ")


def _wait(headers: Mapping[str, str], message: str) -> tuple[float | None, str]:
    """Seconds to wait, and which header or whether the message says so.

    Sources: RFC 9110, section 10.2.3 (seconds or a date); Azure's `retry-after-ms`; the sentences of Azure's and
    OpenAI's 429, "retry after 30 seconds" and "try again in 6m0s".
    """
    milliseconds, usual = headers.get("retry-after-ms", "").strip(), headers.get("retry-after", "").strip()
    if re.fullmatch(_NUMBER, milliseconds):
        return float(milliseconds) / 1000, "retry-after" if usual else "retry-after-ms"
    if re.fullmatch(_NUMBER, usual):
        return float(usual), "retry-after"
    try:
        when = parsedate_to_datetime(usual)
        seconds = (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
        return float(max(0, round(seconds))), "retry-after"
    except (ValueError, TypeError):
        pass
    asked = _ASKED_TO_WAIT.search(message.lower())
    parts = re.findall(_DURATION, asked[1]) if asked else []
    if not parts:
        return None, ""
    short = ((float(number), "ms" if unit.startswith(("ms", "milli")) else unit[0]) for number, unit in parts)
    return sum(number * _UNIT_SECONDS[unit] for number, unit in short), "message"


def _token_claims(authorization: str) -> tuple[str | None, bool]:
    """Audience and expiry of a bearer token, unverified: for words about it, not for deciding anything."""
    token = authorization.partition(" ")[2].split(".")
    if len(token) != 3:
        return None, False
    try:
        claims = json.loads(base64.urlsafe_b64decode(token[1] + "=" * (-len(token[1]) % 4)))
        return str(claims["aud"]), float(claims["exp"]) < time.time()
    except (ValueError, KeyError, TypeError):
        return None, False


def _without_secrets(text: str, headers: Mapping[str, str]) -> str:
    sent = (headers.get("api-key"), headers.get("authorization", "").partition(" ")[2])
    for secret in (*sent, *map(os.environ.get, _KEY_VARIABLES)):
        if secret and len(secret) >= 8:
            text = text.replace(secret, "***")
        elif secret:
            # As a whole word: a key that was mistaken for one letter would blank that letter everywhere.
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", text)
    return _SECRET.sub("***", text)
