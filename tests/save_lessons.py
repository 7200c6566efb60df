"""Runs lessons and saves them with their outputs: `python -m tests.save_lessons notebooks/13_playground.ipynb`.

With no name, all of them. Where nothing has changed, no byte of the file does: no time is noted, and what a cell prints
bit by bit becomes one text. A widget lives in a kernel. Saved, it would show an error in place of the words that stand
beside it, and its number would differ each time, so it is left out.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

WIDGET = "application/vnd.jupyter.widget-view+json"


def save(path: Path) -> None:
    """Run one lesson in its own folder and write it back."""
    book = nbformat.read(path, 4)
    client = NotebookClient(
        book,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    for cell in book.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)
    nbformat.write(book, path)


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb")):
        print(name, flush=True)
        save(Path(name))
