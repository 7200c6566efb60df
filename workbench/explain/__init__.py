"""An error in words: what happened and what to do, in place of a traceback."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.errors import LearnerError
from workbench.explain.failure import Failure, read_failure
from workbench.explain.rules import RULES


@dataclass(frozen=True)
class Explanation:
    """An error in words. Print it, or read its parts."""

    cause: str  # one sentence on what happened
    remedy: str = ""  # one sentence or two on what to do; empty where the cause says it already
    detail: str = ""  # what the service itself said, empty where nothing came back

    def __str__(self) -> str:
        if not self.remedy:
            return self.cause
        lines = [f"What happened: {self.cause}", f"What to do: {self.remedy}"]
        return "\n".join(lines + ([f"The service said: {self.detail}"] if self.detail else []))


def explain(error: BaseException) -> Explanation:
    """Say what an exception means and what to do about it.

    It holds no key and no token. Of an exception of none of azure-ai-inference, azure-identity, openai and requests it
    says that it is of none of these.

    Raises:
        LearnerError: what was given is no exception.
    """
    if not isinstance(error, BaseException):
        raise LearnerError(
            f"explain() takes the exception itself, and this is of type {type(error).__name__}. "
            "Catch it with `except Exception as error:` and pass `error`."
        )
    if isinstance(error, LearnerError):
        return Explanation(str(error))
    failure = read_failure(error)
    # Only the sentences of the table are formatted, never what a service said: that may hold braces of its own.
    cause, remedy = next((cause, remedy) for applies, cause, remedy in RULES if applies(failure))
    return Explanation(cause.format(failure=failure), remedy.format(failure=failure), _detail(failure))


def _detail(failure: Failure) -> str:
    """The service's own words, with the fields it objects to, one a line."""
    if not failure.is_from_service:
        return ""
    status = "" if failure.status is None or failure.is_in_stream else str(failure.status)
    code = "" if failure.code == status else failure.code
    first = ": ".join(filter(None, (f"{status} {code}".strip(), failure.message)))
    # A single field is in the message as well, where the message is more than "invalid input".
    repeated = len(failure.fields) == 1 and failure.fields[0].partition(": ")[2] in failure.message
    return "\n".join([first, *(f"- {field}" for field in failure.fields if not repeated)])
