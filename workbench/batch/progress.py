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


@contextmanager
def progress_bar(total: int, title: str) -> Iterator[tqdm]:
    """Show how many of `total` are done, how many a second, and how long the rest will take.

    In a log, where nobody looks at a bar, it is a plain line at the start, every half minute and at the end.
    """
    with while_running() as show:
        is_seen = show is not None or sys.stderr.isatty()
        if show:
            file: Any = _Lines(lambda line: show(f'<pre role="status">{html.escape(line)}</pre>'))
        else:
            # What was printed to stderr at the start of a notebook or a test may be gone by now.
            file = sys.stderr if is_seen else _Lines(lambda line: print(line, file=sys.stderr, flush=True))
        # A notebook is drawn by another program, so its bar is drawn less often.
        pause = 0.3 if show else 0.1 if is_seen else _LOG_SECONDS
        with tqdm(
            total=total,
            unit=f" {title}",
            file=file,
            leave=not is_seen,
            ncols=80,
            mininterval=pause,
            maxinterval=max(10.0, pause),
            ascii=False if show else None,
            bar_format=None
            if is_seen
            else "{n_fmt} of {total_fmt}{unit} in {elapsed}, {remaining} left, {rate_noinv_fmt}",
        ) as bar:
            yield bar


@contextmanager
def while_running() -> Iterator[Any]:
    """Show something that is there only while the cell runs, such as a link with a port.

    Yields:
        A function that takes HTML and shows it in place of what it showed before; outside a notebook None.
    """
    if not _in_notebook():
        yield None
        return
    from IPython.display import HTML, display

    handle = display(HTML(""), display_id=True)
    try:
        yield lambda text: handle.update(HTML(text))
    finally:
        handle.update(HTML(""))


def _in_notebook() -> bool:
    # Only a process that has loaded IPython can be one of its kernels.
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


class _Lines(io.TextIOBase):
    """A file that hands on each line written to it."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show

    def write(self, text: str) -> int:
        if line := text.strip():
            self._show(line)
        return len(text)
