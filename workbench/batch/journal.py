"""The file that answers are kept in: JSON Lines, one row a file and question, each on disk before the next is sent."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Self

from filelock import FileLock, Timeout

from workbench.batch.elsewhere import Parts, is_elsewhere, name_of
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
    """Read the rows one by one, oldest first; a last row that was cut off, or a file that is not there, has none.

    Raises:
        BatchError: the file cannot be read, or a row before the last is none of ours.
    """
    yield from (row for row, _ in _whole_rows(path))


def missing(tasks: Iterable[Task], rows: Iterable[Row], *, again: bool = False) -> list[Task]:
    """The tasks that still have to be sent, those of equal key once; with `again` those that failed, too."""
    # The newest row of a key counts: a failure that was tried again may be an answer by now.
    return still_missing(tasks, {row["key"]: not row["error"] for row in rows}, again=again)


def still_missing(tasks: Iterable[Task], is_answer: Mapping[str, bool], *, again: bool) -> list[Task]:
    """As `missing`, from whether each key's newest row is an answer."""
    left: dict[str, Task] = {}
    for task in tasks:
        # What was refused has another key once the file was put right.
        worth_it = again and not task.refused and not is_answer.get(task.key)
        if task.key not in is_answer or worth_it:
            left.setdefault(task.key, task)
    return list(left.values())


class Journal:
    """Appends rows, each one whole. One run at a time may write to a file.

    Attributes:
        is_answer: for each key that was there, whether its newest row is an answer.
        torn_bytes: how much was cut off, since a crash or a power cut had left it unfinished.
    """

    def __init__(self, path: str | Path) -> None:
        """Open the file, which is made if it does not exist; its folder is not.

        Raises:
            BatchError: the file cannot be written, another run writes to it, or it holds something else than rows.
        """
        # Looked at before anything is made beside a file that is none of ours.
        next(_whole_rows(path), None)
        self._place: Parts | _File = Parts(str(path)) if is_elsewhere(path) else _File(Path(path))
        self._place.lock()
        self._added = self._synced = 0
        self._order = asyncio.Lock()
        self.is_answer: dict[str, bool] = {}
        self.torn_bytes = whole = 0
        try:
            for row, end in _whole_rows(path):
                self.is_answer[row["key"]] = not row["error"]
                whole = end
            if isinstance(self._place, _File):
                self.torn_bytes = self._place.cut_after(whole)
        except BaseException:
            self._place.close()
            raise

    def append(self, row: Row) -> None:
        """Write one row and wait until the disk has it; BatchError if it cannot be written."""
        self.add(row)
        self._place.sync()

    def add(self, row: Row) -> None:
        """Hand one row to the system, which keeps it if this process ends; `on_disk` waits for the disk."""
        # A file's name may hold bytes that are no text; they become escapes that JSON knows.
        text = json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"
        self._place.write(text.encode("utf-8", "backslashreplace"))
        self._added += 1

    async def on_disk(self) -> None:
        """Wait until the disk has all rows that were added; many who wait share one wait for the disk."""
        wanted = self._added
        async with self._order:
            if self._synced < wanted:
                wanted = self._added
                await asyncio.to_thread(self._place.sync)
                self._synced = wanted

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._place.close()


class _File:
    """Lines in a file of this computer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # The system gives the lock back when its process ends, however it ends.
        self._lock = FileLock(f"{path}.lock")

    def lock(self) -> None:
        try:
            # Unbuffered: a row goes to the system in one piece.
            self._file = self._path.open("ab", buffering=0)
            self._lock.acquire(timeout=0)
        except Timeout:
            self._file.close()
            raise BatchError(
                f"Another run writes its answers to {self._path.name}: wait until it is over, or choose another file."
            ) from None
        except OSError as error:
            raise self._trouble(error) from None

    def cut_after(self, end: int) -> int:
        """Drop what follows; says how many bytes that were."""
        torn = self._file.tell() - end
        if torn:
            self._file.truncate(end)
            os.fsync(self._file.fileno())
        return torn

    def write(self, data: bytes) -> None:
        line = memoryview(data)
        try:
            while line:
                line = line[self._file.write(line) :]
        except OSError as error:
            raise self._trouble(error) from None

    def sync(self) -> None:
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._trouble(error) from None

    def close(self) -> None:
        with suppress(OSError):
            os.fsync(self._file.fileno())
        self._file.close()
        self._lock.release()

    def _trouble(self, error: OSError) -> BatchError:
        return BatchError(
            f"{self._path.name} cannot be written ({error.strerror or error}): check its folder, your "
            "rights and the room on the disk. The answers so far are kept."
        )


def _whole_rows(path: str | Path) -> Iterator[tuple[Row, int]]:
    """Each row and the place of its end, up to the first line of those that a crash left."""
    if is_elsewhere(path):
        for name, data in Parts(str(path)).read():
            yield from _rows_in(io.BytesIO(data), name)
        return
    try:
        with Path(path).open("rb") as file:
            yield from _rows_in(file, name_of(path))
    except FileNotFoundError:
        return
    except OSError as error:
        raise BatchError(f"{name_of(path)} cannot be read ({error.strerror}): check what it is.") from None


def _rows_in(file: BinaryIO, name: str) -> Iterator[tuple[Row, int]]:
    end, bad, may_be_ours = 0, 0, True
    for number, line in enumerate(file, start=1):
        row = _row(line)
        if row is None:
            bad = bad or number
            may_be_ours = may_be_ours and _is_torn(line)
        elif bad:
            # A crash spoils the end only. This was something else, and cutting it off would lose good rows.
            raise BatchError(
                f"Line {bad} of {name} is not a row of a run, and rows follow it: "
                "was the file edited? Put the line right, or take it out, and run again."
            )
        else:
            end += len(line)
            yield row, end
    if bad and not end and not may_be_ours:
        raise BatchError(f"{name} holds no row of a run: choose another file for the answers.")


def _is_torn(line: bytes) -> bool:
    """Whether this may be the beginning of a row, or the zeros that some disks leave after a power cut."""
    return _BEGINNING.startswith(line[: len(_BEGINNING)]) or not line.strip(b"\0\n")


def _row(line: bytes) -> Row | None:
    """The row in a line, or None for a line that is cut off or is no row."""
    if not line.endswith(b"\n"):
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and isinstance(row.get("key"), str) and "error" in row else None
