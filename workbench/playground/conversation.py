"""A conversation as a tree: each exchange follows another, and one that is sent again grows a branch beside itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from workbench.playground.request import Message, RequestError
from workbench.playground.sending import Run


@dataclass
class Exchange:
    """A prompt and the run that answers it; `parent` is the id of the exchange before it, or None for a first one."""

    parent: str | None
    run: Run
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def prompt(self) -> Message:
        """What was asked."""
        return self.run.request.prompt


class Conversation:
    """All exchanges, and the id of the one that the next prompt follows, `current`, which is None at the start.

    An id that is not part of it is a `RequestError`.
    """

    def __init__(self) -> None:
        self._exchanges: dict[str, Exchange] = {}
        self.current: str | None = None

    @property
    def exchanges(self) -> list[Exchange]:
        """Those of all branches, oldest first."""
        return list(self._exchanges.values())

    @property
    def path(self) -> list[Exchange]:
        """The branch that is in view, first exchange to last."""
        return self._path_to(self.current)

    def get(self, exchange_id: str) -> Exchange:
        """Find an exchange."""
        if exchange_id not in self._exchanges:
            raise RequestError("That turn is not part of this conversation any more.")
        return self._exchanges[exchange_id]

    def turns_before(self, parent: str | None) -> tuple[Message, ...]:
        """The turns that a prompt after this exchange brings along.

        An exchange without a reply, because it failed or was stopped early, is left out: sent again it would fail
        again, and two prompts in a row are more than some models take.
        """
        turns: list[Message] = []
        for exchange in self._path_to(parent):
            if exchange.run.text:
                turns += [exchange.prompt, Message("assistant", exchange.run.text)]
        return tuple(turns)

    def branches(self, exchange_id: str) -> list[Exchange]:
        """The exchange and those that branch off at the same place, oldest first."""
        return self._after(self.get(exchange_id).parent)

    def add(self, exchange: Exchange) -> None:
        """Add an exchange behind its parent, and stand at it."""
        if exchange.parent is not None:
            self.get(exchange.parent)
        # Put behind one that follows it, it would lead round in a ring.
        if exchange.id in self._exchanges:
            raise RequestError("That turn is part of this conversation already.")
        self._exchanges[exchange.id] = exchange
        self.current = exchange.id

    def switch(self, exchange_id: str) -> None:
        """Stand at the end of the branch that holds an exchange; where it forks again, the newest."""
        self.current = self.get(exchange_id).id
        while following := self._after(self.current):
            self.current = following[-1].id

    def stand_at(self, exchange_id: str | None) -> None:
        """Stand at this very exchange, or before the first."""
        self.current = None if exchange_id is None else self.get(exchange_id).id

    def _after(self, parent: str | None) -> list[Exchange]:
        return [exchange for exchange in self._exchanges.values() if exchange.parent == parent]

    def _path_to(self, exchange_id: str | None) -> list[Exchange]:
        path: list[Exchange] = []
        while exchange_id is not None:
            path.append(self._exchanges[exchange_id])
            exchange_id = path[-1].parent
        return path[::-1]
