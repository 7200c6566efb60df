"""A progress bar with rate and time left; in a notebook it is gone when the run is over, so no output holds a time."""

from __future__ import annotations

import html
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm


@contextmanager
def progress_bar(total: int, title: str) -> Iterator[tqdm]:
    """Show how many of `total` are done, how many a second, and how long the rest will take.

    Args:
        total: how many there are.
        title: what is counted, for example "files".

    Yields:
        A tqdm bar; call `update()` for each one that is done.
    """
    with while_running() as show:
        file = _Line(show) if show else sys.stderr
        # A notebook is drawn by another program, so its bar is drawn less often.
        with tqdm(
            total=total,
            unit=f" {title}",
            file=file,
            leave=False,
            ncols=80,
            mininterval=0.3 if show else 0.1,
            ascii=False if show else None,
            # None: only where a person looks, and not in a log.
            disable=False if show else None,
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


class _Line(io.TextIOBase):
    """A file that shows the last line written to it."""

    def __init__(self, show: Any) -> None:
        self._show = show

    def write(self, text: str) -> int:
        if line := text.strip():
            self._show(f'<pre role="status">{html.escape(line)}</pre>')
        return len(text)
