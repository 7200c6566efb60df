"""The playground as one object: what is being written, what was said, and what a person can do about it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from helpers.addresses import Kind
from helpers.endpoint import Endpoint
from helpers.errors import LearnerError
from helpers.media import MediaError
from helpers.settings import DEPLOYMENT, MANY_PICTURES_DEPLOYMENT
from workbench.playground import attachments as media
from workbench.playground import session
from workbench.playground.attachments import Attachment
from workbench.playground.conversation import Conversation, Exchange
from workbench.playground.delivery import Deliver, deliver_here
from workbench.playground.estimates import Estimate, estimate, rule_for
from workbench.playground.history import Price, cost_of
from workbench.playground.request import Message, Options, Request, RequestError
from workbench.playground.sending import Run, Sender, Status

MOST_TIMES = 20  # how often a prompt is asked at most by one click

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """Something happened that a view has to show: a run was sent, brought a piece of text or ended, and so on."""

    kind: Literal["sent", "text", "ended", "attached", "refused", "loaded", "changed"]
    run: Run | None = None
    piece: str = ""
    attachment: Attachment | None = None
    message: str = ""


class Playground:
    """All that the playground does, without anything to be seen.

    Its methods are called on one thread at a time: a notebook's main one, or the one on which JupyterLab handles
    clicks. A request runs elsewhere. What comes of either is handed over to the loop that runs where the playground
    was made, as one does in a notebook, so that listeners are told there alone and in order. Where no loop runs, they
    are told on the thread that has the news.

    What cannot be done, such as a second request while a reply is coming, is a `RequestError` in a sentence; what
    cannot be attached is a `MediaError`.

    Args:
        here: the endpoint, from `helpers.endpoint.connect()`, whose settings in the environment each request reads.
        deliver: another way to run a call on the listeners' thread; it must keep the order.

    Attributes:
        options: whom to ask and how; frozen, so it is replaced as a whole.
        headers: sent along with each request.
        attachments: what goes along with the next prompt, in order.
        runs: the history, oldest first; `running` is the one that is under way.
        editing: the id of the exchange whose prompt is taken up again, or None.
    """

    def __init__(self, here: Endpoint, *, deliver: Deliver | None = None) -> None:
        self.system = ""
        self.options = Options(here.deployment)
        self.prices: dict[str, Price] = {}
        self.headers: dict[str, str] = {}
        self.conversation = Conversation()
        self.runs: list[Run] = []
        self.running: Run | None = None
        self.editing: str | None = None
        self._again: list[tuple[Request, str | None, int]] = []
        self._cleared: Conversation | None = None
        self.attachments: list[Attachment] = []
        self._listeners: list[Callable[[Event], None]] = []
        self.deliver = deliver or deliver_here()
        usage_comes_unasked = here.kind in (Kind.OFFLINE, Kind.AZURE_MODELS)
        self.sender = Sender(self.deliver, asks_for_usage=not usage_comes_unasked)

    @property
    def spent(self) -> float | None:
        """What the runs of the history cost by the known prices; None while no cost is known."""
        costs = [cost for run in self.runs if (cost := cost_of(run, self.prices)) is not None]
        return sum(costs) if costs else None

    @property
    def deployments(self) -> list[str]:
        """Those that the settings name, the chosen one first."""
        set_here = [os.environ.get(name) for name in (DEPLOYMENT, MANY_PICTURES_DEPLOYMENT)]
        return list(dict.fromkeys(name for name in (self.options.deployment, *set_here) if name))

    def listen(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Have a callback told of each event; call what is returned to end that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None

    def warm(self) -> None:
        """Load and make the chosen route's client ahead of the first request, off this thread."""
        self.sender.warm(self.options.route)

    def attach(self, attachment: Attachment) -> Attachment:
        """Have an attachment go along with the next prompt, as the functions of `attachments` make it."""
        self.attachments.append(attachment)
        self._tell(Event("attached", attachment=attachment))
        return attachment

    def attach_sample(self, name: str) -> Attachment:
        """Attach a sample of the lessons, as `attachments.from_sample`."""
        return self.attach(media.from_sample(name))

    def attach_url(self, url: str) -> None:
        """Attach what a URL leads to, as `attachments.from_url`.

        It is looked at on a thread of its own; the event "attached" or "refused" follows.
        """
        threading.Thread(target=self._look_at, args=(url,), name="playground-url", daemon=True).start()

    def shrink(self, attachment_id: str, longest_side: int | None = None) -> Attachment:
        """Put a smaller copy in a picture's place."""
        now, deployment = self._attachment(attachment_id), self.options.deployment
        original, rule = now.shrunk_from or now, rule_for(deployment)
        if longest_side is not None:
            return self._replace(now, media.resized(original, longest_side))
        if rule is None:
            raise MediaError(
                f"How {deployment} scales pictures is not known here: give the longest side in pixels."
            )
        return self._replace(now, media.shrunk(original, rule))

    def unshrink(self, attachment_id: str) -> Attachment:
        """Put the original back in the place of its shrunk copy."""
        copy = self._attachment(attachment_id)
        if copy.shrunk_from is None:
            raise MediaError(f"{copy.name} was not shrunk.")
        return self._replace(copy, copy.shrunk_from)

    def detach(self, attachment_id: str) -> None:
        """Take an attachment away."""
        self.attachments.remove(self._attachment(attachment_id))
        self._tell(Event("changed"))

    def request(self, text: str) -> Request:
        """Make the request that `send` would send."""
        return Request(self.system, self._turns(text), self.options)

    def estimate(self, text: str) -> Estimate:
        """Estimate what the next request costs; also of a prompt that is still empty."""
        return estimate(self.system, self._turns(text), self.options)

    def send(self, text: str, *, times: int = 1) -> Run:
        """Send a prompt with its attachments behind the branch in view, and leave no attachment for the next."""
        self._check_idle("send another")
        parent, request = self._place(), self.request(text)
        if not 1 <= times <= MOST_TIMES:
            raise RequestError(f"A prompt is sent 1 to {MOST_TIMES} times, not {times!r}.")
        run = self._start(request, parent, 1)
        self._again = [(request, parent, number) for number in range(2, times + 1)]
        return run

    def retry(self, exchange_id: str) -> Run:
        """Ask an earlier prompt again in its place, with the system message and the settings of now."""
        self._check_idle("send another")
        exchange = self.conversation.get(exchange_id)
        turns = (*self.conversation.turns_before(exchange.parent), exchange.prompt)
        return self._start(Request(self.system, turns, self.options), exchange.parent, 0)

    def _start(self, request: Request, parent: str | None, number: int) -> Run:
        # What the request lacks is said here, before anything changes.
        keywords = request.keywords()
        run = Run(request)
        self.running = run
        self.runs.append(run)
        self.conversation.add(Exchange(parent, run))
        if number == 1:
            self.attachments.clear()
            self.editing = None
        # Sent before anybody is told, since what is shown meanwhile takes time.
        self.sender.start(run, keywords, self.headers, self._told)
        self._tell(Event("sent", run))
        return run

    def adopt(self, run: Run) -> None:
        """Make a run of the history the first turn of a branch of its own, to go on from."""
        self._check_idle("keep a run")
        if not run.text or not run.is_over:
            raise RequestError("That run has no reply to go on from.")
        if not any(exchange.run is run for exchange in self.conversation.exchanges):
            self.conversation.add(Exchange(None, run))
        self.editing = None
        self._tell(Event("changed"))

    def edit(self, exchange_id: str) -> str:
        """Take an earlier prompt up again: what is sent next becomes a branch beside it.

        Its attachments go along with the next prompt; until that is sent, the conversation stays in view.
        """
        self._check_idle("edit a turn")
        exchange = self.conversation.get(exchange_id)
        self.editing = exchange.id
        self.attachments = list(exchange.prompt.attachments)
        self._tell(Event("changed"))
        return exchange.prompt.text

    def leave_edit(self) -> None:
        """Have the next prompt follow the conversation again, with nothing attached."""
        self.editing = None
        self.attachments.clear()
        self._tell(Event("changed"))

    def go_on_from(self, exchange_id: str) -> None:
        """Have the next prompt follow an earlier exchange, as a branch of its own; `switch` leads back."""
        self._check_idle("branch off")
        self.conversation.stand_at(exchange_id)
        self.editing = None
        self._tell(Event("changed"))

    def stop(self) -> None:
        """Break the reply off; what has come is kept."""
        self._again.clear()
        if self.running:
            self.sender.stop(self.running.id)

    def rate(self, run: Run, rating: int, note: str = "") -> None:
        """Rate a run from 1 to 5, 0 for no rating, and note something on it."""
        if rating not in range(6):
            raise RequestError(f"A rating is a whole number from 0 to 5, not {rating!r}.")
        run.rating, run.note = rating, note
        self._tell(Event("changed"))

    def switch(self, exchange_id: str) -> None:
        """Show the branch that holds an exchange."""
        self._check_idle("change the branch")
        self.conversation.switch(exchange_id)
        self.editing = None
        self._tell(Event("changed"))

    def clear(self) -> None:
        """Start an empty conversation; the history stays, and `restore` brings the conversation back."""
        self._check_idle("clear the conversation")
        if self.conversation.exchanges:
            self._cleared = self.conversation
        self.conversation, self.editing = Conversation(), None
        self._tell(Event("changed"))

    def restore(self) -> None:
        """Bring back the conversation that was cleared last, in the place of what was said since."""
        self._check_idle("bring the conversation back")
        if self._cleared is None:
            raise RequestError("No conversation was cleared, so there is none to bring back.")
        self.conversation, self._cleared, self.editing = self._cleared, None, None
        self._tell(Event("changed"))

    def clear_history(self) -> None:
        """Forget all past runs; the conversation stays."""
        self._check_idle("clear the history")
        self.runs.clear()
        self._tell(Event("changed"))

    def save(self, path: str | Path) -> Path:
        """Save the session to a file, as `session.save`."""
        return session.save(self._state(), path)

    def dump(self) -> str:
        """The session as JSON text with all media inside."""
        return session.dump(self._state())

    def load(self, source: str | Path | bytes) -> None:
        """Put a saved session in the place of this one, as `session.load`; if that fails nothing changes."""
        self._check_idle("load")
        state = session.load(source)
        self.editing = self._cleared = None
        self.system, self.options, self.prices = state.system, state.options, dict(state.prices)
        self.attachments = list(state.attachments)
        self.conversation, self.runs = state.conversation, list(state.runs)
        self._tell(Event("loaded"))

    def close(self) -> None:
        """Break everything off and give the connections up."""
        self.sender.close()

    def _state(self) -> session.State:
        self._check_idle("save")
        return session.State(
            self.system, self.options, self.attachments, self.conversation, self.runs, dict(self.prices)
        )

    def _turns(self, text: str) -> tuple[Message, ...]:
        prompt = Message("user", text, tuple(self.attachments))
        return (*self.conversation.turns_before(self._place()), prompt)

    def _place(self) -> str | None:
        """What the next prompt follows."""
        return self.conversation.get(self.editing).parent if self.editing else self.conversation.current

    def _told(self, run: Run, piece: str) -> None:
        if piece:
            self._tell(Event("text", run, piece=piece))
            return
        if self.running is run:
            self.running = None
        self._tell(Event("ended", run))
        if run.status is not Status.DONE:
            self._again.clear()
        elif self._again and not self.running:
            self._start(*self._again.pop(0))

    def _check_idle(self, wish: str) -> None:
        if self.running:
            raise RequestError(f"A reply is still coming: wait for it or stop it, then {wish}.")

    def _look_at(self, url: str) -> None:
        try:
            found = media.from_url(url)
        except LearnerError as error:
            self._tell(Event("refused", message=str(error)))
        else:
            self.deliver(lambda: self.attach(found))

    def _attachment(self, attachment_id: str) -> Attachment:
        found = next((one for one in self.attachments if one.id == attachment_id), None)
        if found is None:
            raise MediaError("That attachment is not there any more.")
        return found

    def _replace(self, old: Attachment, new: Attachment) -> Attachment:
        self.attachments[self.attachments.index(old)] = new
        self._tell(Event("changed"))
        return new

    def _tell(self, event: Event) -> None:
        self.deliver(lambda: self._tell_all(event))

    def _tell_all(self, event: Event) -> None:
        for listener in list(self._listeners):
            try:
                listener(event)
            except Exception:
                # The reply goes on for the other listeners; the traceback goes where a program's own errors belong.
                _log.exception("A listener of the playground failed on the event %s.", event.kind)
