"""Hands calls over to the thread that something was made on, so that its state changes there alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

Deliver = Callable[[Callable[[], object]], object]
"""Runs a call, now or soon, and keeps the order of calls that come from one thread."""


def deliver_here() -> Deliver:
    """Make a way to this thread's event loop from any thread, such as a notebook's main one."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return lambda call: call()
    home = threading.get_ident()

    def deliver(call: Callable[[], object]) -> None:
        if threading.get_ident() == home:
            call()
        # A kernel that shuts down has closed its loop, and nobody is left to be told.
        elif not loop.is_closed():
            loop.call_soon_threadsafe(call)

    return deliver
