"""How a run over many files ends when it cannot go on, or when somebody stops it."""

from __future__ import annotations

import asyncio

from helpers.errors import LearnerError
from workbench.explain import explain


class BatchError(LearnerError):
    """A run cannot start or cannot go on; the message says why and what to do. Answers on disk stay there."""


def no_client(error: KeyError) -> BatchError:
    """Say that `connect` looked for something that is not there, most often a setting in the environment."""
    return BatchError(
        f"connect() made no client.\n{explain(error)}\nOn a cluster, each worker needs the settings."
    )


class Stopped(asyncio.CancelledError):
    """A run was stopped from outside, by the stop button for one. To asyncio it is a cancellation like any other."""

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of the traceback."""
        return [str(self)]
