"""The one error of a run over many files."""

from __future__ import annotations

from helpers.errors import LearnerError


class BatchError(LearnerError):
    """A run cannot start or cannot go on; the message says why and what to do. Answers on disk stay there."""
