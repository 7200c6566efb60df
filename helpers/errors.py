"""The error that speaks to a learner: what was wrong and what to do, in place of a traceback."""

from __future__ import annotations


class LearnerError(ValueError):
    """Something a learner can put right; the message says what was wrong and what to do.

    In a notebook only the message is shown. Everywhere else it is an ordinary exception.
    """

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of the traceback."""
        return [f"{type(self).__name__}: {self}"]
