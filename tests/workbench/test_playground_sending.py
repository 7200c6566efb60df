"""Sending, streaming, stopping and failing, over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from workbench.playground.request import Options, RequestError, Route
from workbench.playground.sending import Status, Usage
from workbench.playground.tool import Playground

PHI = "Phi-4-multimodal-instruct"
SPANISH = 'Translate to Spanish: "Good morning. How are you?"'
REPLY = "Buenos días. ¿Cómo estás?"
SECONDS = 60

ROUTES = pytest.mark.parametrize("route", list(Route))


class Listener:
    """Keeps the events, and lets a test wait for one."""

    def __init__(self, playground):
        self.events, self._came = [], threading.Condition()
        playground.listen(self)

    def __call__(self, event):
        with self._came:
            self.events.append(event)
            self._came.notify_all()

    def wait_for(self, kind, count=1):
        with self._came:
            assert self._came.wait_for(lambda: self.kinds.count(kind) >= count, SECONDS), self.kinds

    @property
    def kinds(self):
        return [event.kind for event in self.events]


@pytest.fixture
def heard(playground):
    return Listener(playground)


@ROUTES
def test_reply_streams_in_and_is_counted(route, playground, heard):
    playground.options = Options(PHI, route)
    run = playground.send(SPANISH)
    assert run.wait(SECONDS)
    assert (run.status, run.text, run.error) == (Status.DONE, REPLY, None)
    assert (run.finish_reason, run.model) == ("stop", "offline-reader")
    assert run.usage.total_tokens == run.usage.prompt_tokens + run.usage.completion_tokens > 0
    assert 0 < run.first_seconds <= run.seconds
    assert "".join(event.piece for event in heard.events) == REPLY
    assert heard.kinds.count("text") > 1
    assert heard.kinds[-1] == "ended"
    assert playground.running is None


@ROUTES
def test_options_arrive_and_what_is_not_set_does_not(route, playground, offline):
    playground.send("Hello.").wait(SECONDS)
    playground.clear()
    playground.system = "Be brief."
    playground.options = Options(PHI, route, temperature=0.0, max_tokens=4, detail="low", seed=0)
    playground.attach_sample("charts/shop_notice.png")
    # Refused once it has arrived, so that nothing has to be read.
    playground.headers = {"x-offline-fault": "content-filter"}
    playground.send("Read this.").wait(SECONDS)
    plain, full = [arrival.body for arrival in offline.record.arrivals()]
    assert plain.keys() == {"messages", "model", "stream"}
    assert full["messages"][0] == {"role": "system", "content": "Be brief."}
    assert full["messages"][1]["content"][1]["image_url"]["detail"] == "low"
    assert {name: full[name] for name in ("temperature", "max_tokens", "seed", "stream")} == {
        "temperature": 0.0,
        "max_tokens": 4,
        "seed": 0,
        "stream": True,
    }
    assert ("stream_options" in full) is (route is Route.V1)


def test_server_of_another_make_is_asked_for_usage(here, offline):
    from helpers.addresses import Kind

    playground = Playground(replace(here, kind=Kind.OPENAI_SHAPED))
    run = playground.send("Hello.")
    assert run.wait(SECONDS)
    assert offline.record.arrivals()[-1].body["stream_options"] == {"include_usage": True}
    playground.close()


@ROUTES
def test_stop_halfway_keeps_the_part_and_tells_the_end(route, playground, heard):
    playground.options = Options(PHI, route)
    playground.headers = {"x-offline-fault": "pace; seconds=0.05"}
    run = playground.send(SPANISH + " " + " ".join(["Thank you very much."] * 50))
    heard.wait_for("text")
    playground.stop()
    assert run.wait(SECONDS)
    assert run.status is Status.STOPPED
    assert run.text
    assert not run.finish_reason
    assert run.error is None
    assert run.seconds >= run.first_seconds
    assert heard.kinds[-1] == "ended"
    playground.headers = {}
    assert playground.send(SPANISH).wait(SECONDS)


@ROUTES
def test_stop_before_the_first_character(route, playground):
    playground.options = Options(PHI, route)
    playground.headers = {"x-offline-fault": "slow; seconds=60"}
    run = playground.send(SPANISH)
    playground.stop()
    assert run.wait(SECONDS / 2)
    assert (run.status, run.text, run.first_seconds) == (Status.STOPPED, "", None)


def test_stop_ends_the_wait_between_tries(playground, offline):
    playground.headers = {"x-offline-fault": "429; retry-after=60"}
    run = playground.send(SPANISH)
    while not offline.record.arrivals():
        run.wait(0.01)
    playground.stop()
    assert run.wait(SECONDS / 2)
    assert run.status is Status.STOPPED


def test_stop_with_nothing_under_way_does_nothing(playground, heard):
    playground.stop()
    run = playground.send(SPANISH)
    assert run.wait(SECONDS)
    playground.stop()
    assert (run.status, heard.kinds.count("ended")) == (Status.DONE, 1)


class EndlessServer:
    """Sends one piece of a stream and no end, and notes when the other side closes the connection."""

    HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    def __init__(self, event):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.closed = threading.Event()
        self._event = event
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        connection, _ = self._listener.accept()
        with connection, self._listener:
            connection.settimeout(SECONDS)
            request = b""
            while b"SPANISH" not in request:
                request += connection.recv(65536)
            connection.sendall(self.HEAD + f"{len(self._event):x}\r\n".encode() + self._event + b"\r\n")
            try:
                rest = connection.recv(65536)
            except ConnectionError:
                rest = b""
            if not rest:
                self.closed.set()


PIECE = b'data: {"id": "1", "created": 1, "model": "m", "choices": [{"index": 0, "delta": {"content": "Buenos"}}]}\n\n'


@ROUTES
def test_stop_closes_the_connection(route, playground, heard, monkeypatch):
    server = EndlessServer(PIECE)
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", f"{server.origin}/models")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.origin}/openai/v1/")
    playground.options = Options(PHI, route)
    run = playground.send("SPANISH")
    heard.wait_for("text")
    assert not server.closed.is_set()
    playground.stop()
    assert run.wait(SECONDS)
    assert server.closed.wait(SECONDS)
    assert (run.status, run.text) == (Status.STOPPED, "Buenos")


FAULTS = {
    "content-filter": ("A content filter refused the prompt", "400 content_filter"),
    "429": ("You sent more requests or tokens", "429 RateLimitReached"),
    "cut-stream": ("The connection broke off in the middle of the reply.", ""),
}


@ROUTES
@pytest.mark.parametrize("fault", FAULTS)
def test_failure_arrives_in_words(route, fault, playground, heard, caplog):
    playground.options = Options(PHI, route)
    playground.headers = {"x-offline-fault": fault}
    with caplog.at_level(logging.ERROR):
        run = playground.send(SPANISH)
        assert run.wait(SECONDS)
    cause, detail = FAULTS[fault]
    assert run.status is Status.FAILED
    assert run.error.cause.startswith(cause)
    assert run.error.remedy
    assert run.error.detail.startswith(detail)
    assert heard.kinds[-1] == "ended"
    assert run.text == ("Buenos" if fault == "cut-stream" else "")
    assert not caplog.records


@ROUTES
def test_wrong_key_is_explained_and_never_shown(route, playground, monkeypatch):
    key = "0123456789abcdef0123456789abcdef"
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", key)
    playground.options = Options(PHI, route)
    run = playground.send(SPANISH)
    assert run.wait(SECONDS)
    assert run.error.cause.startswith("The key is missing or is not one of this resource")
    assert key not in repr(run)
    monkeypatch.undo()


@ROUTES
@pytest.mark.parametrize("name", ["AZURE_INFERENCE_CREDENTIAL", "endpoint"])
def test_missing_setting_is_explained(route, name, playground, monkeypatch):
    if name == "endpoint":
        name = "OPENAI_BASE_URL" if route is Route.V1 else "AZURE_INFERENCE_ENDPOINT"
    monkeypatch.delenv(name)
    playground.options = Options(PHI, route)
    run = playground.send(SPANISH)
    assert run.wait(SECONDS)
    assert run.error.cause.startswith(f"The code reads the setting {name}")


def test_stream_that_ends_too_soon_is_not_taken_for_whole(playground, monkeypatch):
    """On /models the client reads over an error inside a stream."""
    error = b'data: {"error": {"code": "500", "message": "lost"}}\n\ndata: [DONE]\n\n'
    server = EndlessServer(PIECE + error)
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", f"{server.origin}/models")
    run = playground.send("SPANISH")
    assert run.wait(SECONDS)
    assert (run.status, run.text, run.usage) == (Status.FAILED, "Buenos", None)
    assert run.error.cause.startswith("The stream ended before")


@pytest.mark.parametrize("usage", ["", ', "usage": null', ', "usage": {"prompt_tokens": 3}'])
@ROUTES
def test_usage_that_the_service_does_not_tell_stays_unknown(usage, route, playground, monkeypatch):
    end = PIECE.replace(b'"delta": {"content": "Buenos"}}]}\n\n', b'"delta": {}, "finish_reason": "stop"}]')
    server = EndlessServer(PIECE + end + usage.encode() + b"}\n\ndata: [DONE]\n\n")
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", f"{server.origin}/models")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.origin}/openai/v1/")
    playground.options = Options(PHI, route)
    run = playground.send("SPANISH")
    assert run.wait(SECONDS)
    assert (run.status, run.text, run.usage) == (Status.DONE, "Buenos", None)


def test_usage_that_is_told_is_kept(playground):
    run = playground.send("Hello.")
    assert run.wait(SECONDS)
    assert isinstance(run.usage, Usage)


def test_one_reply_at_a_time(playground):
    playground.headers = {"x-offline-fault": "slow; seconds=60"}
    run = playground.send(SPANISH)
    for refused in (
        lambda: playground.send("Another."),
        lambda: playground.edit(playground.conversation.current),
        lambda: playground.go_on_from(playground.conversation.current),
        lambda: playground.switch(playground.conversation.current),
        playground.clear,
        playground.clear_history,
        playground.dump,
        lambda: playground.load(b"{}"),
    ):
        with pytest.raises(RequestError, match="A reply is still coming"):
            refused()
    assert playground.runs == [run]
    playground.stop()
    assert run.wait(SECONDS)


def wait_for_turn(sender):
    """Block until the sending thread has done what it was given so far."""
    done = threading.Event()
    sender._loop.call_soon_threadsafe(done.set)
    assert done.wait(SECONDS)


def wait_for_sender(sender):
    """Block until the sending thread has nothing left to do."""
    is_busy = True
    while is_busy:
        is_busy = bool(sender._tasks)
        wait_for_turn(sender)
        is_busy = is_busy or bool(sender._tasks)


def test_in_a_notebook_events_come_to_the_loop_and_a_reply_comes_in_behind_a_busy_cell(here):
    """The main thread sleeps, as a cell would; the reply is whole when it wakes, and told in one piece."""

    async def notebook():
        playground = Playground(here)
        threads, texts, ended = set(), [], asyncio.Event()

        def listener(event):
            threads.add(threading.current_thread())
            texts.extend([event.piece] if event.kind == "text" else [])
            if event.kind == "ended":
                ended.set()

        playground.listen(listener)
        ticks = []

        async def other_cell():
            while not ended.is_set():
                ticks.append(len(texts))
                await asyncio.sleep(0)

        playground.headers = {"x-offline-fault": "pace; seconds=0.01"}
        playground.send(SPANISH)
        await asyncio.wait_for(other_cell(), SECONDS)
        # Cells went on between the pieces.
        assert len(set(ticks)) > 2

        ended.clear()
        texts.clear()
        playground.headers = {}
        run = playground.send(SPANISH)
        wait_for_sender(playground.sender)
        assert run.text == ""
        await asyncio.wait_for(ended.wait(), SECONDS)
        assert texts == [REPLY]
        playground.close()
        return threads

    assert asyncio.run(notebook()) == {threading.main_thread()}


def test_listener_that_fails_stops_neither_reply_nor_other_listeners(playground, caplog):
    playground.listen(lambda event: {}["missing"])
    heard = Listener(playground)
    run = playground.send(SPANISH)
    assert run.wait(SECONDS)
    assert (run.status, run.text) == (Status.DONE, REPLY)
    assert heard.kinds[-1] == "ended"
    assert "A listener of the playground failed" in caplog.text


def test_listener_can_leave(playground):
    heard = []
    leave = playground.listen(heard.append)
    playground.clear()
    leave()
    leave()
    playground.clear()
    assert [event.kind for event in heard] == ["changed"]


def test_close_ends_what_is_under_way_and_the_next_request_starts_anew(playground):
    playground.headers = {"x-offline-fault": "slow; seconds=60"}
    run = playground.send(SPANISH)
    playground.close()
    assert run.wait(SECONDS)
    assert run.status is Status.STOPPED
    assert not [thread for thread in threading.enumerate() if thread.name == "playground-sender"]
    playground.headers = {}
    again = playground.send(SPANISH)
    assert again.wait(SECONDS)
    assert again.text == REPLY


@ROUTES
def test_warm_makes_the_client_that_the_request_uses(route, playground):
    playground.options = Options(PHI, route)
    playground.warm()
    assert playground.send("Hello.").wait(SECONDS)
    assert len(playground.sender._clients) == 1


def test_warm_says_nothing_of_missing_settings(playground, monkeypatch, caplog):
    monkeypatch.delenv("AZURE_INFERENCE_CREDENTIAL")
    playground.warm()
    wait_for_sender(playground.sender)
    assert not caplog.records


LEFT_RUNNING = """
import asyncio
from helpers.addresses import Kind
from helpers.endpoint import Endpoint
from workbench.playground.tool import Playground

async def main():
    playground, begun = Playground(Endpoint("", "", "gpt-4o", Kind.OFFLINE, None)), asyncio.Event()
    playground.headers = {"x-offline-fault": "pace; seconds=30"}
    playground.listen(lambda event: begun.set() if event.kind == "sent" else None)
    playground.warm()
    run = playground.send("Hello.")
    await begun.wait()
    print(run.status.value)

asyncio.run(main())
"""


def test_process_that_ends_meanwhile_ends_in_silence(settings):
    done = subprocess.run(
        [sys.executable, "-c", LEFT_RUNNING],
        capture_output=True,
        timeout=SECONDS,
        encoding="utf-8",
        check=True,
    )
    assert (done.stdout, done.stderr) == ("waiting\n", "")


class _Grumbling:
    """A stream that never comes and complains when it is closed."""

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_failure):
        raise ConnectionResetError

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.sleep(SECONDS)


def test_stop_counts_as_stopped_even_if_closing_fails(playground, monkeypatch):
    began = threading.Event()

    async def stream(*_request, **_options):
        began.set()
        return _Grumbling()

    monkeypatch.setattr(playground.sender, "ask", stream)
    run = playground.send(SPANISH)
    assert began.wait(SECONDS)
    wait_for_turn(playground.sender)
    playground.stop()
    assert run.wait(SECONDS)
    assert (run.status, run.error) == (Status.STOPPED, None)
