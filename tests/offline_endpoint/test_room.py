"""An endpoint for a room reads the lessons' samples at its start, so that they wait behind nobody's own pictures."""

from __future__ import annotations

import base64
import shutil

import pytest

from offline_endpoint import reading, server
from offline_endpoint.wire.parts import clip_from_base64, picture_from_url
from tests.lessons.pages import ROOT

PICTURE, CLIP = "charts/library_visitors.png", "clips/hello_how_are_you.mp3"


@pytest.mark.slow
def test_samples_are_read_once_and_at_the_start(tmp_path, monkeypatch, capsys):
    for name in (PICTURE, CLIP, "charts/library_visitors.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "data" / name, tmp_path / name)
    monkeypatch.setattr(server, "DATA", tmp_path)
    server._read_samples()
    assert "samples are read" in capsys.readouterr().out

    def busy(*_):
        raise AssertionError("it was read a second time")

    for place, name in ((reading, "read_page"), (reading, "read_chart"), (reading.speech, "read_speech")):
        monkeypatch.setattr(place, name, busy)
    picture, clip = (base64.b64encode((tmp_path / name).read_bytes()).decode() for name in (PICTURE, CLIP))
    assert reading.picture_chart(picture_from_url(f"data:image/png;base64,{picture}", "low", [], ("", 0)))
    assert reading.clip_words(clip_from_base64(clip, "mp3", []))
