"""The lessons on wording and on choosing a model, run against a server of the test's choice."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SECONDS_A_CELL = 240


def run_lesson(
    second: tuple[str, str], key: str, pictures: Collection[str], most_tokens: int
) -> dict[str, str]:
    """What each cell printed, by its id; a cell that fails raises CellExecutionError.

    Args:
        second: the second server's address and its model's name.
        key: the key for it.
        pictures: which of the lesson's pictures are asked about, by their names without an ending.
        most_tokens: the most that a reply may have.
    """
    book = nbformat.read(NOTEBOOKS / "07_word_questions.ipynb", as_version=4)
    cells = [cell for cell in book.cells if cell.cell_type == "code" and not cell.id.startswith("try-")]
    by_id = {cell.id: cell for cell in cells}
    by_id["questions"].source += f"\nfiles = [file for file in files if file.stem in {list(pictures)!r}]"
    source = by_id["who"].source
    for line, other in (
        ("second = None", f"second = {second!r}"),
        ("most_tokens = 300", f"most_tokens = {most_tokens}"),
    ):
        assert line in source
        source = source.replace(line, other)
    by_id["who"].source = source
    book.cells = cells
    os.environ["SECOND_KEY"] = key
    return printed_by(book)


def run_choice(address: str, model: str, most_tokens: int) -> dict[str, str]:
    """What each cell of the lesson on choosing a model printed, with one model of this server for both roles."""
    book = nbformat.read(NOTEBOOKS / "10_choose_a_model.ipynb", as_version=4)
    book.cells = [cell for cell in book.cells if cell.cell_type == "code" and not cell.id.startswith("try-")]
    for cell in book.cells:
        cell.source = re.sub(
            r"(Variant\([^,]+, [^,)]+)", rf"\1, {{'max_tokens': {most_tokens}}}", cell.source
        )
    os.environ["AZURE_INFERENCE_ENDPOINT"], os.environ["AZURE_INFERENCE_CREDENTIAL"] = address, "anything"
    os.environ["AZURE_INFERENCE_DEPLOYMENT"] = os.environ["AZURE_INFERENCE_GPT_DEPLOYMENT"] = model
    return printed_by(book)


def printed_by(book: nbformat.NotebookNode) -> dict[str, str]:
    NotebookClient(book, timeout=SECONDS_A_CELL, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    return {cell.id: "".join(output.get("text", "") for output in cell.outputs) for cell in book.cells}


def column(overview: str) -> dict[str, str]:
    """What the last table of the lesson has in its second column, by the variant's name."""
    rows = (re.split(r"\s{2,}", line.strip()) for line in overview.splitlines())
    return {row[0]: row[2] for row in rows if len(row) == 3 and "declined" in row[1]}
