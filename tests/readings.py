"""What one kernel of a test run reads, the others need not read again.

A kernel executes this file as it starts (`conftest.py` sees to it). Each notes what it reads in a folder of the run.
The kernels of the notebooks' own test (nbval) only note, and read all by themselves; those that look at something else,
at a page or at the check of an exercise, are started with READINGS_TAKEN and take what is there.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
from pathlib import Path

import numpy as np

from offline_endpoint import reading
from offline_endpoint.reading import speech


def shared(read):
    """Read equal pixels or samples once in a run."""

    @functools.wraps(read)
    def reader(content, *rest):
        key = hashlib.sha256(f"{read.__name__} {content.dtype} {content.shape} {rest}".encode())
        key.update(np.ascontiguousarray(content))
        path = Path(os.environ["READINGS_OF_THE_RUN"], key.hexdigest())
        if os.environ.get("READINGS_TAKEN") and path.exists():
            return pickle.loads(path.read_bytes())
        found = read(content, *rest)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(pickle.dumps(found))
        part.replace(path)
        return found

    return reader


reading.read_page, reading.read_chart = shared(reading.read_page), shared(reading.read_chart)
speech.read_speech = shared(speech.read_speech)
if os.environ.get("READINGS_TAKEN"):
    reading.warm = lambda: None
