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
from helpers.media import MAX_BYTES, too_large
from workbench.batch.stopping import BatchError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_ROWS_A_PART = 200
_RENEWED, _FORGOTTEN = 60.0, 1800.0
"""Seconds after which a run renews its lock, and after which one that nobody renewed is that of a run that crashed:
three times the longest wait."""


def is_elsewhere(path: str | Path) -> bool:
    """Whether this is an address, and no path of this computer."""
    return isinstance(path, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+(://|::)", path) is not None


def name_of(address: str) -> str:
    """The last part of an address, without a query, which may hold a signature."""
    return unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2]) or urlsplit(address).netloc


def _system(address: str) -> tuple[AbstractFileSystem, str]:
    import fsspec

    scheme = re.split("://|::", address)[0]
    try:
        system, root = fsspec.core.url_to_fs(address)
        return system, str(root)
    except ImportError:
        raise BatchError(
            f"{scheme}:// needs a package more: run pip install -r requirements-cloud.txt and try again."
        ) from None
    except Exception as error:
        # Each store has errors of its own for a missing account or key, and their words may hold one.
        raise BatchError(
            f"{scheme}:// cannot be used ({type(error).__name__}): check the address, and the account and key in "
            "the environment."
        ) from None


def found(folder: str) -> Iterator[tuple[str, str, str]]:
    """Name below the folder, address and stamp of each file; the stamp changes with the file, empty if unknown."""
    system, root = _system(folder)
    try:
        files = system.find(root, detail=True)
    except Exception as error:
        raise BatchError(
            f"The folder {name_of(folder)} cannot be listed ({type(error).__name__}): check address and rights."
        ) from None
    if not files:
        raise BatchError(f"There is no folder {name_of(folder)}, or nothing in it: check its spelling.")
    for path, info in files.items():
        marks = (
            info.get(key) for key in ("etag", "ETag", "mtime", "last_modified", "LastModified", "created")
        )
        mark = next((str(mark) for mark in marks if mark), "")
        stamp = f"{info.get('size')} {mark}" if mark else ""
        yield path[len(root) :].lstrip("/"), system.unstrip_protocol(path), stamp


def read_file(address: str) -> bytes:
    """All bytes of a file of at most `MAX_BYTES`.

    Raises:
        MediaError: it is not there, larger, or cannot be read.
    """
    system, path = _system(address)
    name = name_of(address)
    try:
        with system.open(path, "rb") as file:
            data: bytes = file.read(MAX_BYTES + 1)
            size = getattr(file, "size", None) or len(data)
    except FileNotFoundError:
        raise MediaError(f"There is no file {name}: check its address.") from None
    except Exception as error:
        # Whatever the store's own library raises; its words may hold a signed address.
        raise MediaError(
            f"{name} cannot be read ({type(error).__name__}): check its address and your rights."
        ) from None
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
        with self._trouble("read"):
            self._system.invalidate_cache()
            paths = sorted(self._system.glob(f"{self._root}/*.jsonl"))
        for path in paths:
            with self._trouble("read"):
                data = self._system.cat_file(path)
            yield f"{self._name}/{path.rpartition('/')[2]}", data

    def write(self, line: bytes) -> None:
        """Add a line; it is in the store when this returns."""
        if time.time() - self._noted > _RENEWED:
            self._note()
        if len(self._lines) % _ROWS_A_PART == 0:
            with self._trouble("written"):
                self._system.invalidate_cache()
                count = len(self._system.glob(f"{self._root}/*.jsonl"))
            # A name of its own, so that no other run can overwrite it.
            self._part, self._lines = f"{self._root}/{count:06}-{uuid.uuid4().hex[:8]}.jsonl", []
        self._lines.append(line)
        with self._trouble("written"):
            self._system.pipe_file(self._part, b"".join(self._lines))

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

    def unlock(self) -> None:
        """Let the next run have it."""
        with self._trouble("written"), suppress(FileNotFoundError):
            self._system.rm_file(f"{self._root}/run.lock")

    def _note(self) -> None:
        self._noted = time.time()
        mine = {"host": socket.gethostname(), "pid": os.getpid(), "when": self._noted}
        with self._trouble("written"):
            self._system.pipe_file(f"{self._root}/run.lock", json.dumps(mine).encode())

    @contextmanager
    def _trouble(self, what: str) -> Iterator[None]:
        try:
            yield
        except (BatchError, FileNotFoundError):
            raise
        except Exception as error:
            raise BatchError(
                f"{self._name} cannot be {what} ({type(error).__name__}): check the address and your rights. "
                "The answers so far are kept."
            ) from None


def _has_died(run: dict[str, Any]) -> bool:
    import psutil

    return run.get("host") == socket.gethostname() and not psutil.pid_exists(run.get("pid", 0))
