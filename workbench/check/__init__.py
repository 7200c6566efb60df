"""Whether the lessons can run here, asked before the first of them: `python -m workbench.check`."""

from __future__ import annotations


def run() -> None:
    """Check from a notebook: print a line for each finding, and at the end whether the setup works."""
    from workbench.check.__main__ import main

    main(["--short"])
