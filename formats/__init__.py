"""Picture and sound files as bytes: what they are, whether they are whole, and their pixels and frames.

Nothing here knows of the service, of learners or of where bytes come from.
"""

from __future__ import annotations

import functools
from typing import Any


class FormatError(ValueError):
    """A file that is of no use; the message goes on from what its reader calls it: "is cut short ...".

    Attributes:
        fault: "kind" of a file that is no picture or sound known here, "large" of one over a limit, else "damaged".
    """

    def __init__(self, message: str, fault: str = "damaged") -> None:
        super().__init__(message)
        self.fault = fault


def cut_short(kind: str) -> FormatError:
    """The error of a file of this kind that ends before its end."""
    return FormatError(f"is cut short or damaged, its {kind} data ends early: download or export it again.")


def in_one_line(error: Exception) -> str:
    """What an error of another package says, without line breaks."""
    return " ".join(str(error).split()) or type(error).__name__


@functools.lru_cache(maxsize=1024)
def known(digest: str) -> list[Any]:
    """What was found out by decoding the file of this digest, so that it is not decoded for that again."""
    return []
