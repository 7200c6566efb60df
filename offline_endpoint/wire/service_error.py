"""Refusals in the shapes the service uses, so that a client meets the same fields here as in the cloud."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

# Where in the request something is wrong, for example `["body", "messages", 0, "content"]`.
Location = Sequence[str | int]

# Characters of a refused value that the reply repeats; a picture in base64 would fill the screen.
LONGEST_ECHO = 80


class ServiceError(Exception):
    """A refusal that becomes an HTTP reply; `details` are more fields for its `error` object.

    `bare` leaves out the `error` envelope, as the service's gateway does when it refuses a token.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        bare: bool = False,
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        whole = {"error": {"code": code, "message": message, **(details or {})}}
        self.body: dict[str, Any] = {"statusCode": status, "message": message} if bare else whole


def shorten(value: Any) -> Any:
    """Cut long strings and numbers inside a value, so that a reply or the record can repeat it as JSON."""
    if isinstance(value, str) and len(value) > LONGEST_ECHO:
        return f"{value[:LONGEST_ECHO]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {str(key)[:LONGEST_ECHO]: shorten(item) for key, item in list(value.items())[:20]}
    if isinstance(value, list | tuple):
        return [shorten(item) for item in value[:20]]
    if isinstance(value, int) and value.bit_length() > 256:
        return "… (a number of very many digits)"
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return value if isinstance(value, int | float | bool | str | None) else str(value)[:LONGEST_ECHO]


def invalid_input(details: list[dict[str, Any]]) -> ServiceError:
    """The 422 of a request whose fields are wrong; `details` are pydantic's own error dictionaries."""
    shown = [
        {name: each[name] for name in ("type", "loc", "msg")} | {"input": shorten(each.get("input"))}
        for each in details
    ]
    whole = {"status": 422, "details": shown}
    return ServiceError(422, "Invalid input", "invalid input error", details=whole)


def invalid_body(kind: str, message: str) -> ServiceError:
    """The same for a body whose fields cannot be looked at."""
    return invalid_input([{"type": kind, "loc": ["body"], "msg": message}])


def refused_value(
    location: Location, code: str, message: str, value: Any = None, *, verbatim: bool = False
) -> ServiceError:
    """A 400 for a field that has the right form but cannot be used.

    Its place goes into `param`, `details` and, in front, into the message; `verbatim` leaves the message as it is, for
    wordings that are the service's own.
    """
    path = ".".join(str(step) for step in location[1:])
    detail = {"type": code, "loc": list(location), "msg": message, "input": shorten(value)}
    why = {"status": 400, "type": "invalid_request_error", "param": path or None, "details": [detail]}
    return ServiceError(400, code, message if verbatim else f"{path}: {message}", details=why)
