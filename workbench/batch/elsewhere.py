"""Files and answers that lie elsewhere, at any address that fsspec knows: abfs://, s3://, https://, memory://.

Keys and accounts are those of the environment or of fsspec's own settings, never of the address.
"""

from __future__ import annotations

import json
import os
import re
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from helpers.encoding import MediaError
from helpers.errors import LearnerError
from helpers.media import MAX_BYTES, too_large
from workbench.batch.stopping import BatchError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_ROWS_A_PART = 200
_RENEWED, _FORGOTTEN = 60.0, 1800.0
"""Seconds after which a run renews its lock, and after which one that nobody renewed is that of a run that crashed:
three times the longest wait."""
_STAMPS = ("etag", "ETag", "mtime", "last_modified", "LastModified", "created")


def is_elsewhere(path: str | Path) -> bool:
    """Whether this is an address, and no path of this computer."""
    return isinstance(path, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+(://|::)", path) is not None


def name_of(place: str | Path) -> str:
    """The last part of a path or an address, without a query, which may hold a signature."""
    if not is_elsewhere(place):
        return Path(place).name
    return unquote(urlsplit(str(place)).path.rstrip("/").rpartition("/")[2]) or urlsplit(str(place)).netloc


@contextmanager
def _trouble(name: str, what: str, error: type[LearnerError] = BatchError, more: str = "") -> Iterator[None]:
    try:
        yield
    except (LearnerError, FileNotFoundError):
        raise
    except Exception as problem:
        # Whatever the store's own library raises; its words may hold a key or a signed address.
        said = f"{name} cannot be {what} ({type(problem).__name__}): check the address, the account and your rights."
        raise error(said + more) from None


def _system(address: str) -> tuple[AbstractFileSystem, str]:
    import fsspec

    scheme = re.split("://|::", address)[0]
    with _trouble(f"{scheme}://", "used"):
        try:
            system, root = fsspec.core.url_to_fs(address)
        except ImportError:
            needed = "needs a package more: run pip install -r requirements-cloud.txt and try again."
            raise BatchError(f"{scheme}:// {needed}") from None
    return system, str(root)


def found(folder: str) -> Iterator[tuple[str, str, str]]:
    """Name below the folder, address and stamp of each file; the stamp changes with the file, empty if unknown."""
    system, root = _system(folder)
    with _trouble(f"The folder {name_of(folder)}", "listed"):
        files = system.find(root, detail=True)
    if not files:
        raise BatchError(f"There is no folder {name_of(folder)}, or nothing in it: check its spelling.")
    for path, info in files.items():
        mark = next((str(info[key]) for key in _STAMPS if info.get(key)), "")
        stamp = f"{info.get('size')} {mark}" if mark else ""
        yield path[len(root) :].lstrip("/"), system.unstrip_protocol(path), stamp


def read_file(address: str) -> bytes:
    """All bytes of a file; MediaError if it is not there, cannot be read, or has more than `MAX_BYTES`."""
    system, path = _system(address)
    name = name_of(address)
    try:
        with _trouble(name, "read", MediaError), system.open(path, "rb") as file:
            data: bytes = file.read(MAX_BYTES + 1)
            size = getattr(file, "size", None) or len(data)
    except FileNotFoundError:
        raise MediaError(f"There is no file {name}: check its address.") from None
    if len(data) > MAX_BYTES:
        raise MediaError(too_large(name, max(size, len(data))))
    return data


class Parts:
    """Rows in a store that cannot append: a folder of parts, the last of which is written anew with each row."""

    def __init__(self, address: str) -> None:
        self._system, self._root = _system(address)
        self._name = name_of(address)
        self._lines: list[bytes] = []
        self._part, self._noted = "", 0.0

    def read(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each part, oldest first."""
        for path in self._paths():
            with self._trouble("read"):
                data = self._system.cat_file(path)
            yield f"{self._name}/{path.rpartition('/')[2]}", data

    def write(self, line: bytes) -> None:
        """Add a line; it is in the store when this returns."""
        if time.time() - self._noted > _RENEWED:
            self._note()
        if len(self._lines) % _ROWS_A_PART == 0:
            # A name of its own, so that no other run can overwrite it.
            self._part = f"{self._root}/{len(self._paths()):06}-{uuid.uuid4().hex[:8]}.jsonl"
            self._lines = []
        self._lines.append(line)
        with self._trouble("written"):
            self._system.pipe_file(self._part, b"".join(self._lines))

    def sync(self) -> None:
        """Nothing is left to do."""

    def lock(self) -> None:
        """Claim the folder for this run, unless another has it."""
        with self._trouble("written"):
            self._system.makedirs(self._root, exist_ok=True)
            try:
                other = json.loads(self._system.cat_file(f"{self._root}/run.lock"))
            except (FileNotFoundError, ValueError):
                other = {}
        if other and time.time() - other.get("when", 0) < _FORGOTTEN and not _has_died(other):
            raise BatchError(
                f"Another run, on {other.get('host')}, writes its answers to {self._name}: wait until it is over, or "
                f"choose another place. If it has crashed, delete {self._name}/run.lock."
            )
        self._note()

    def close(self) -> None:
        """Let the next run have it."""
        with self._trouble("written"), suppress(FileNotFoundError):
            self._system.rm_file(f"{self._root}/run.lock")

    def _paths(self) -> list[str]:
        with self._trouble("read"):
            self._system.invalidate_cache()
            return sorted(self._system.glob(f"{self._root}/*.jsonl"))

    def _note(self) -> None:
        self._noted = time.time()
        mine = {"host": socket.gethostname(), "pid": os.getpid(), "when": self._noted}
        with self._trouble("written"):
            self._system.pipe_file(f"{self._root}/run.lock", json.dumps(mine).encode())

    def _trouble(self, what: str) -> Any:
        return _trouble(self._name, what, more=" The answers so far are kept.")


def _has_died(run: dict[str, Any]) -> bool:
    import psutil

    return run.get("host") == socket.gethostname() and not psutil.pid_exists(run.get("pid", 0))
