"""The file that answers are kept in: JSON Lines, one row a file and question, each on disk before the next is sent."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from workbench.batch.plan import Task
from workbench.batch.stopping import BatchError

Row = dict[str, Any]
"""One answer or one failure.

Its keys: `key`, `file`, `deployment`, `prompt`; `answer` (text or None), `finish_reason`, `prompt_tokens`,
`completion_tokens`; `error` and `remedy` (empty for an answer), `status` (of HTTP, or None); `seconds` (the last try),
`attempts`.
"""

_BEGINNING = b'{"key": "'


def read_rows(path: str | Path) -> Iterator[Row]:
    """Read the rows one by one, oldest first. A last row that was cut off is left out.

    Args:
        path: the file; one that does not exist holds no rows.

    Raises:
        BatchError: the file cannot be read, or a row before the last is none of ours.
    """
    yield from (row for row, _ in _whole_rows(Path(path)))


def missing(tasks: Iterable[Task], rows: Iterable[Row], *, again: bool = False) -> list[Task]:
    """The tasks that still have to be sent, those of equal key once.

    Args:
        tasks: as `plan` returns them.
        rows: what is there already, oldest first.
        again: whether to count failures as missing, so that they are tried again.
    """
    # The newest row of a key counts: a failure that was tried again may be an answer by now.
    is_answer = {row["key"]: not row["error"] for row in rows}
    left: dict[str, Task] = {}
    for task in tasks:
        # What was refused has another key once the file was put right.
        worth_it = again and not task.refused and not is_answer.get(task.key)
        if task.key not in is_answer or worth_it:
            left.setdefault(task.key, task)
    return list(left.values())


class Journal:
    """Appends rows, each one whole and on disk when `append` returns. One run at a time may write to a file."""

    def __init__(self, path: str | Path) -> None:
        """Open the file, and cut off a last row that a crash or a power cut left unfinished.

        Args:
            path: the file; it is made if it does not exist, its folder is not.

        Raises:
            BatchError: the file cannot be written, or holds something else than rows.
        """
        self._path = Path(path)
        whole = max((end for _, end in _whole_rows(self._path)), default=0)
        try:
            # Unbuffered: a row goes to the system in one piece.
            self._file = self._path.open("ab", buffering=0)
            self.torn_bytes = self._file.tell() - whole
            if self.torn_bytes:
                self._file.truncate(whole)
                os.fsync(self._file.fileno())
        except OSError as error:
            raise BatchError(
                f"{self._path.name} cannot be written ({error.strerror}): check the folder and your rights."
            ) from None

    def append(self, row: Row) -> None:
        """Write one row and wait until the disk has it."""
        # A file's name may hold bytes that are no text; they become escapes that JSON knows.
        text = json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"
        line = memoryview(text.encode("utf-8", "backslashreplace"))
        while line:
            line = line[self._file.write(line) :]
        os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _whole_rows(path: Path) -> Iterator[tuple[Row, int]]:
    """Each row and the place of its end, up to the first line of those that a crash left."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    except OSError as error:
        raise BatchError(f"{path.name} cannot be read ({error.strerror}): check what it is.") from None
    end, bad, may_be_ours = 0, 0, True
    with file:
        for number, line in enumerate(file, start=1):
            row = _row(line)
            if row is None:
                bad = bad or number
                may_be_ours = may_be_ours and _is_torn(line)
            elif bad:
                # A crash spoils the end only. This was something else, and cutting it off would lose good rows.
                raise BatchError(
                    f"Line {bad} of {path.name} is not a row of a run, and rows follow it: "
                    "was the file edited? Put the line right, or take it out, and run again."
                )
            else:
                end += len(line)
                yield row, end
    if bad and not end and not may_be_ours:
        raise BatchError(f"{path.name} holds no row of a run: choose another file for the answers.")


def _is_torn(line: bytes) -> bool:
    """Whether this may be the beginning of a row, or the zeros that some disks leave after a power cut."""
    return _BEGINNING.startswith(line[: len(_BEGINNING)]) or not line.strip(b"\0\n")


def _row(line: bytes) -> Row | None:
    """The row in a line, or None for a line that is cut off or is no row."""
    if not line.endswith(b"\n"):
        return None
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and isinstance(row.get("key"), str) and "error" in row else None
