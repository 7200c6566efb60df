"""A table of replies that shows its first part only, and none of what is in it as formulas."""

from __future__ import annotations

import pandas as pd

_SHOWN = 60  # rows that are shown: as many as pandas shows of a table by itself


class Answers(pd.DataFrame):  # type: ignore[misc] # pandas comes without types
    """A pandas table; a notebook shows its first rows and says how many it leaves out."""

    @property
    def _constructor(self) -> type[Answers]:
        return Answers

    def _repr_html_(self) -> str | None:
        # What stands between two dollar signs in a reply is a price more often than a formula.
        with pd.option_context("display.html.use_mathjax", False, "display.max_rows", _SHOWN):
            shown: str | None = pd.DataFrame._repr_html_(self.head(_SHOWN))
        return shown and shown + (f"<p>{self._rest()}</p>" if self._rest() else "")

    def __repr__(self) -> str:
        with pd.option_context("display.max_rows", _SHOWN):
            shown = pd.DataFrame.__repr__(self.head(_SHOWN))
        return f"{shown}\n{self._rest()}" if self._rest() else shown

    def _rest(self) -> str:
        left = len(self) - _SHOWN
        return f"{left:,} more of {len(self):,} rows are not shown." if left > 0 else ""
