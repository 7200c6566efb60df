"""A progress bar with rate and time left; in a notebook it is gone when the run is over, so no output holds a time."""

from __future__ import annotations

import html
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

_LOG_SECONDS = 30.0
_LOG_LINE = "{n_fmt} of {total_fmt}{unit} in {elapsed}, {remaining} left, {rate_noinv_fmt}"


@contextmanager
def progress_bar(total: int, title: str) -> Iterator[tqdm]:
    """Show how many of `total` are done, how many a second, and how long the rest will take.

    In a log, where nobody looks at a bar, it is a plain line at the start, every half minute and at the end.
    """
    with while_running() as show:
        options: dict[str, Any] = {}
        if show:
            # A notebook is drawn by another program, so its bar is drawn less often.
            lines = _Lines(lambda line: show(f'<pre role="status">{html.escape(line)}</pre>'))
            options = {"file": lines, "mininterval": 0.3, "ascii": False}
        elif not sys.stderr.isatty():
            # What was printed to stderr at the start of a notebook or a test may be gone by now.
            lines = _Lines(lambda line: print(line, file=sys.stderr, flush=True))
            options = {"file": lines, "leave": True, "bar_format": _LOG_LINE}
            options |= dict.fromkeys(("mininterval", "maxinterval"), _LOG_SECONDS)
        with tqdm(total=total, unit=f" {title}", ncols=80, **{"leave": False} | options) as bar:
            yield bar


@contextmanager
def while_running() -> Iterator[Any]:
    """Show something that is there only while the cell runs, such as a link with a port.

    Yields:
        A function that takes HTML and shows it in place of what it showed before; outside a notebook None.
    """
    # Only a process that has loaded IPython can be one of its kernels.
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if not hasattr(shell, "kernel"):
        yield None
        return
    from IPython.display import HTML, display

    handle = display(HTML(""), display_id=True)
    try:
        yield lambda text: handle.update(HTML(text))
    finally:
        handle.update(HTML(""))


class _Lines(io.TextIOBase):
    """A file that hands on each line written to it."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show

    def write(self, text: str) -> int:
        if line := text.strip():
            self._show(line)
        return len(text)
