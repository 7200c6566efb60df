"""One kernel for all that a thread runs of the lessons, so that starting it and its readers is paid once."""

from __future__ import annotations

import atexit
import os
import threading

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from tests.lessons.pages import NOTEBOOKS

SECONDS_A_CELL = 600
_own = threading.local()


def executed(cells, metadata):
    """Run cells with nothing left of those before, as in a new kernel; the code cells with their outputs."""
    if not hasattr(_own, "kernel"):
        _own.kernel = KernelManager(kernel_name="python3")
        _own.kernel.start_kernel(cwd=NOTEBOOKS, env=os.environ | {"READINGS_TAKEN": "1"})
        atexit.register(_own.kernel.shutdown_kernel, now=True)
    first = nbformat.v4.new_code_cell("%xmode Context\n%reset -f")
    book = nbformat.v4.new_notebook(cells=[first, *cells], metadata=metadata)
    client = NotebookClient(book, km=_own.kernel, timeout=SECONDS_A_CELL)
    try:
        client.execute()
    except BaseException:
        # It may be busy still with what did not end.
        _own.kernel.shutdown_kernel(now=True)
        del _own.kernel
        raise
    finally:
        client.kc.stop_channels()
    return [cell for cell in book.cells[1:] if cell.cell_type == "code"]
