"""A session keeps itself, an edited or cleared conversation stays, and a prompt can be asked again and again."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers.media import MAX_BYTES
from workbench.playground import autosave
from workbench.playground.autosave import Autosave
from workbench.playground.history import records
from workbench.playground.request import Options, RequestError
from workbench.playground.sending import Status
from workbench.playground.tool import Playground
from workbench.playground.view import PlaygroundView

PHI = "Phi-4-multimodal-instruct"
SECONDS = 60
SPANISH = 'Translate to Spanish: "Good morning."'


def press_send(tool, words, **more):
    """What the browser says when Send is pressed."""
    tool._composer._handle_custom_msg({"kind": "send", "system": "", "prompt": words, **more}, [])
    for run in list(tool.playground.runs):
        assert run.wait(SECONDS)


def test_session_comes_back_in_another_kernel_without_the_key(here, settings):
    tool = PlaygroundView(Playground(here))
    press_send(tool, f"{SPANISH} My key is {settings['AZURE_INFERENCE_CREDENTIAL']}.")
    kept = autosave.default_path()
    assert settings["AZURE_INFERENCE_CREDENTIAL"] not in kept.read_text(encoding="utf-8")
    assert kept.stat().st_mode & 0o077 == 0
    other = PlaygroundView(Playground(here))
    (run,) = other.playground.runs
    assert "My key is ***." in run.request.prompt.text
    assert run.text
    assert "Your last session is back" in other._composer.status
    other._session._turn(other._autosave, False)
    assert not kept.exists()
    press_send(other, SPANISH)
    assert not kept.exists()
    third = PlaygroundView(Playground(here))
    assert third.playground.runs == []
    other._session._turn(other._autosave, True)
    press_send(other, SPANISH)
    assert kept.exists()
    for one in (tool, other, third):
        one.playground.close()


def test_what_code_does_is_nobodys_session(here):
    tool = PlaygroundView(Playground(here))
    assert tool.playground.send(SPANISH).wait(SECONDS)
    tool.playground.clear()
    assert not autosave.default_path().exists()
    tool.playground.close()


def test_kept_session_that_is_damaged_is_said_and_changes_nothing(here, tmp_path):
    path = tmp_path / "kept.json"
    path.write_text("{", encoding="utf-8")
    playground = Playground(here)
    assert "cannot be brought back" in Autosave(playground, path).restore()
    assert playground.runs == []
    playground.system = "Mine."
    playground.save(path)
    # Somebody's work is not replaced.
    assert Autosave(playground, path).restore() == ""
    unwritable = Autosave(playground, Path("/proc/none/kept.json"))
    assert "not kept" in unwritable.keep()


def test_cleared_conversation_comes_back(playground):
    assert playground.send(SPANISH).wait(SECONDS)
    path = playground.conversation.path
    playground.clear()
    playground.clear()
    playground.restore()
    assert playground.conversation.path == path
    with pytest.raises(RequestError, match="none to bring back"):
        playground.restore()


def test_edited_turn_stays_until_the_new_one_is_sent(playground, offline):
    for words in (SPANISH, 'Translate to French: "Good morning."'):
        assert playground.send(words).wait(SECONDS)
    first, second = path = playground.conversation.path
    playground.edit(first.id)
    assert playground.conversation.path == path
    assert playground.request("x").turns[0].text == "x"
    playground.leave_edit()
    assert len(playground.request("x").turns) == 5
    playground.edit(second.id)
    assert playground.send('Translate to German: "Good morning."').wait(SECONDS)
    assert [one.id for one in playground.conversation.path[:1]] == [first.id]
    assert len(playground.conversation.branches(second.id)) == 2
    assert playground.editing is None


def test_prompt_is_asked_many_times_beside_itself(playground, offline):
    playground.attach_sample("clips/good_morning.mp3")
    ended = []
    playground.listen(lambda event: ended.append(event.run) if event.kind == "ended" else None)
    playground.send("Transcribe this audio.", times=3)
    for _ in range(3):
        for run in list(playground.runs):
            assert run.wait(SECONDS)
    assert len(playground.runs) == 3
    bodies = [arrival.body for arrival in offline.record.arrivals()]
    assert bodies[0] == bodies[1] == bodies[2]
    assert len(playground.conversation.branches(playground.conversation.path[0].id)) == 3
    playground.options = Options(PHI, max_tokens=200)
    assert playground.retry(playground.conversation.path[0].id).wait(SECONDS)
    assert offline.record.arrivals()[-1].body["max_tokens"] == 200
    assert len(playground.conversation.branches(playground.conversation.path[0].id)) == 4
    for times in (0, 21):
        with pytest.raises(RequestError, match="1 to 20 times"):
            playground.send("x", times=times)


def test_stop_ends_the_repeats(playground):
    playground.headers = {"x-offline-fault": "pace; seconds=5"}
    run = playground.send(SPANISH, times=5)
    playground.stop()
    assert run.wait(SECONDS)
    assert [one.status for one in playground.runs] == [Status.STOPPED]
    playground.headers = {"x-offline-fault": "content-filter"}
    assert playground.send(SPANISH, times=3).wait(SECONDS)
    playground.headers = {}
    assert playground.retry(playground.conversation.path[-1].id).wait(SECONDS)
    # The repeats that a failure ended do not come back with what is asked next.
    assert len(playground.runs) == 3


def test_runs_are_rated_and_filtered(playground, here):
    for words in (SPANISH, 'Translate to French: "Good morning."'):
        assert playground.send(words).wait(SECONDS)
    playground.rate(playground.runs[1], 4, "good")
    assert [one["run"] for one in records(playground.runs, {}, least_rating=3)] == [2]
    other = Playground(here)
    other.load(playground.dump().encode())
    assert [(run.rating, run.note) for run in other.runs] == [(0, ""), (4, "good")]


def test_picture_above_the_limit_reaches_shrink(here):
    tool = PlaygroundView(Playground(here))
    (drop,) = [part for part in tool._attach.box.children if hasattr(part, "takes_paste")]
    side = 2900
    pixels = np.random.default_rng(2).integers(0, 255, (side, side, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png", compress_level=0)
    data = file.getvalue()
    assert MAX_BYTES < len(data) < drop.limit
    drop._handle_custom_msg({"kind": "start", "name": "huge.png", "size": len(data)}, [])
    drop._handle_custom_msg({"kind": "end"}, [memoryview(data)])
    (attached,) = tool.playground.attachments
    assert "Shrink it first" in attached.note
    assert tool.playground.shrink(attached.id, 500).size < MAX_BYTES
    tool.playground.close()


def test_fields_follow_what_the_model_takes(here):
    tool = PlaygroundView(Playground(here))
    field = tool._settings._fields
    field["temperature"].value = "0.5"
    field["deployment"].value = "gpt-5"
    assert field["temperature"].disabled
    assert "temperature" in tool._settings._lacks.value
    assert dict(field["reasoning_effort"].options)["low"] == "low"
    field["reasoning_effort"].value = "low"
    assert tool.playground.options.parameters() == {"reasoning_effort": "low"}
    field["deployment"].value = "gpt-4o"
    assert not field["temperature"].disabled
    assert tool.playground.options.parameters() == {"temperature": 0.5}
    field["stop"].value = "END | \\n"
    assert tool.playground.options.stop == ("END", "\n")
    field["response_format"].value = "json_schema"
    assert tool._composer.is_trouble
    field["json_schema"].value = '{"type": "object"}'
    assert not tool._composer.is_trouble
    tool.playground.close()
