"""A saved session comes back whole; what is no session is refused in a sentence; the key is in neither."""

from __future__ import annotations

import json
import os

import pytest

from workbench.playground import attachments
from workbench.playground.history import Price
from workbench.playground.request import Options, Route
from workbench.playground.sending import Status
from workbench.playground.session import FORMAT, VERSION, SessionError
from workbench.playground.tool import Playground

PHI = "Phi-4-multimodal-instruct"
SECONDS = 60


@pytest.fixture
def used(playground, offline):
    """A playground with a bit of everything."""
    playground.system = "You translate. ¿Sí? 🎈"
    playground.attach_sample("clips/good_morning.mp3")
    assert playground.send("Translate this audio to Spanish.").wait(SECONDS)
    first = playground.conversation.path[0]
    playground.options = Options(PHI, Route.V1, 0.5, 5, "low", 7)
    assert playground.send("And to German?").wait(SECONDS)
    playground.headers = {"x-offline-fault": "content-filter"}
    assert playground.send("Never mind.").wait(SECONDS)
    playground.headers = {}
    playground.edit(first.id)
    playground.leave_edit()
    assert playground.send('Translate to French: "Hello."').wait(SECONDS)
    playground.conversation.switch(first.id)
    playground.prices = {PHI: Price(0.1, 0.2)}
    playground.attach_url(f"{offline.origin}/samples/charts/favorite_fruit.png")
    while not playground.attachments:
        playground.deliver(lambda: None)
    picture = playground.attach_sample("charts/cafe_drinks.png")
    playground.shrink(picture.id, 300)
    del playground.runs[1]
    return playground


def everything(playground):
    return (
        playground.system,
        playground.options,
        playground.attachments,
        playground.runs,
        playground.prices,
        playground.conversation.exchanges,
        playground.conversation.path,
    )


def test_nothing_is_lost(used, here, tmp_path):
    before = everything(used)
    assert [run.status for run in used.runs] == [Status.DONE, Status.FAILED, Status.DONE]
    for source in (used.dump().encode(), used.save(tmp_path / "inside"), str(used.save(tmp_path / "s.json"))):
        other, events = Playground(here), []
        other.listen(lambda event, events=events: events.append(event.kind))
        other.load(source)
        assert everything(other) == before
        assert other.dump() == used.dump()
        assert events == ["loaded"]
    assert [item.shrunk_from and item.shrunk_from.width for item in used.attachments] == [None, 1100]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["inside.json", "s.json"]


def test_loaded_conversation_goes_on(used, here):
    other = Playground(here)
    other.load(used.dump().encode())
    other.options = Options(PHI)
    for attachment in other.attachments:
        other.detach(attachment.id)
    run = other.send('Translate to Spanish: "Hello."')
    assert run.wait(SECONDS)
    assert run.error is None
    assert all(past.wait(0) for past in other.runs)
    other.close()


def test_key_is_never_saved(playground, settings, tmp_path):
    key = settings["AZURE_INFERENCE_CREDENTIAL"]
    playground.system = f"The key is {key}."
    playground.attach(attachments.from_bytes(_png(), f"{key}.png"))
    assert playground.send(f'Translate to Spanish: "{key}"').wait(SECONDS)
    text = playground.dump()
    assert key not in text
    assert "The key is ***." in text
    assert key not in playground.save(tmp_path / "s").read_text(encoding="utf-8")
    playground.load(text.encode())
    assert playground.system == "The key is ***."


def _png():
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "png")
    return file.getvalue()


def test_word_that_a_local_server_takes_as_its_key_is_no_secret(playground, monkeypatch):
    monkeypatch.setenv("AZURE_INFERENCE_CREDENTIAL", "ollama")
    playground.system = "I like ollama."
    assert "I like ollama." in playground.dump()


def changed(document, *steps, value):
    *front, last = steps
    inner = document
    for step in front:
        inner = inner[step]
    inner[last] = value
    return document


BAD = {
    "no JSON": (b"\x89PNG\r\n", "is no session"),
    "cut": (b'{"format": ', "is no session"),
    "empty": (b"", "is no session"),
    "nested": (b"[" * 100_000, "is no session"),
    "other JSON": (b"[1, 2]", "no session of the playground"),
    "a notebook": (b'{"cells": [], "nbformat": 4}', "no session of the playground"),
    "newer": (json.dumps({"format": FORMAT, "version": VERSION + 1}).encode(), "newer playground"),
    "no version": (json.dumps({"format": FORMAT}).encode(), "is damaged at"),
    "odd version": (json.dumps({"format": FORMAT, "version": "x"}).encode(), "is damaged at version"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_session_is_refused(case, playground, tmp_path):
    data, sentence = BAD[case]
    file = tmp_path / "file.json"
    file.write_bytes(data)
    with pytest.raises(SessionError, match=f"^The file.*{sentence}"):
        playground.load(data)
    with pytest.raises(SessionError, match=rf"^file\.json.*{sentence}"):
        playground.load(file)


DAMAGE = {
    "missing field": (("runs", 0), lambda run: {k: v for k, v in run.items() if k != "text"}),
    "unknown field": (("runs", 0), lambda run: {**run, "extra": 1}),
    "status": (("runs", 0, "status"), lambda _: "streaming"),
    "options": (("options", "temperature"), lambda _: 9),
    "route": (("options", "route"), lambda _: "v9"),
    "price": (("prices",), lambda _: {"x": {"input": -1, "output": 1}}),
    "no media": (("media",), lambda _: []),
    "no bytes": (("media", 0, "data"), lambda _: None),
    "bytes no base64": (("media", 0, "data"), lambda _: "@@@"),
    "other bytes": (("media", 0, "data"), lambda _: "aGVsbG8="),
    "no runs": (("runs",), lambda _: []),
    "history": (("history", 0), lambda _: "gone"),
    "parent": (("exchanges", 0, "parent"), lambda _: "gone"),
    "own parent": (("exchanges", 0), lambda exchange: {**exchange, "parent": exchange["id"]}),
    "current": (("current",), lambda _: "gone"),
    "attachment": (("attachments", 0), lambda _: "gone"),
    "no turns": (("runs", 0, "turns"), lambda _: []),
    "last turn a reply": (("runs", 0, "turns", 0, "role"), lambda _: "assistant"),
    "seconds": (("runs", 0, "seconds"), lambda _: float("nan")),
}


@pytest.fixture(scope="module")
def saved(offline):
    """A small session as a document, made once."""
    from helpers.addresses import Kind, read_address
    from helpers.endpoint import Endpoint
    from workbench.playground.conversation import Exchange
    from workbench.playground.request import Message, Request
    from workbench.playground.sending import Run

    address = read_address(f"{offline.origin}/models")
    playground = Playground(Endpoint(address.url, address.v1_base_url, PHI, Kind.OFFLINE, None))
    picture = playground.attach(attachments.from_bytes(_png(), "dot.png"))
    run = Run(
        Request("", (Message("user", "Hi", (picture,)),), playground.options), Status.DONE, "Ho", seconds=1.0
    )
    playground.runs.append(run)
    playground.conversation.add(Exchange(None, run))
    return playground.dump()


@pytest.mark.parametrize("case", DAMAGE)
def test_damaged_session_is_refused_and_changes_nothing(case, saved, playground):
    steps, change = DAMAGE[case]
    document = json.loads(saved)
    inner = document
    for step in steps:
        inner = inner[step]
    playground.system = "Mine."
    with pytest.raises(SessionError, match=r"Save it again|cannot be loaded"):
        playground.load(json.dumps(changed(document, *steps, value=change(inner))).encode())
    assert (playground.system, playground.runs) == ("Mine.", [])
    playground.load(saved.encode())
    assert playground.runs[0].text == "Ho"


def test_media_are_read_from_the_session_alone(saved, playground, tmp_path):
    document = json.loads(saved)
    del document["media"][0]["data"]
    document["media"][0]["path"] = "/secret.png"
    (tmp_path / "s.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(SessionError, match=r"damaged at media\.0"):
        playground.load(tmp_path / "s.json")


def test_turns_in_a_ring_are_refused(saved, playground):
    document = json.loads(saved)
    first = document["exchanges"][0]
    second = {"id": "b", "parent": first["id"], "run": first["run"]}
    for exchanges in ([first, second, {**first, "parent": "b"}], [{**first, "parent": first["id"]}]):
        document["exchanges"] = exchanges
        with pytest.raises(SessionError, match="part of this conversation"):
            playground.load(json.dumps(document).encode())


def test_saving_follows_no_link_that_lies_in_wait(playground, tmp_path):
    victim = tmp_path / "victim.txt"
    victim.write_text("mine", encoding="utf-8")
    for name in ("s.json.part", ".s.json.part", "t.json"):
        (tmp_path / name).symlink_to(victim)
    playground.save(tmp_path / "s.json")
    playground.save(tmp_path / "t.json")
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "t.json").is_symlink()
    assert (tmp_path / "s.json").stat().st_mode & 0o077 == 0


def test_what_would_be_read_for_ever_is_refused(playground, tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    for path in (tmp_path / "pipe.json", "/dev/zero"):
        with pytest.raises(SessionError, match="cannot be read"):
            playground.load(path)


def test_file_that_is_not_there_or_cannot_be_written_is_a_sentence(playground, tmp_path):
    with pytest.raises(SessionError, match=r"none\.json cannot be read"):
        playground.load(tmp_path / "none.json")
    with pytest.raises(SessionError, match="cannot be read"):
        playground.load("a\0b")
    (tmp_path / "taken.json").mkdir()
    for path in (tmp_path / "no" / "folder.json", tmp_path / "taken.json"):
        with pytest.raises(SessionError, match=rf"{path.stem}\.json cannot be written"):
            playground.save(path)
    for path in ("", ".", "a\0b"):
        with pytest.raises(SessionError, match="does not name a file"):
            playground.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["taken.json"]


def test_failed_save_keeps_the_older_file(playground, tmp_path, monkeypatch):
    file = playground.save(tmp_path / "s.json")
    before = file.read_bytes()
    playground.system = "New."

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(SessionError, match="No space left"):
        playground.save(file)
    assert file.read_bytes() == before
