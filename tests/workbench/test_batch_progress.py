"""A progress bar tells rate and time left while a cell runs, and leaves nothing behind that could differ."""

from __future__ import annotations

import re

from jupyter_client.manager import start_new_kernel

from workbench import batch
from workbench.batch import progress
from workbench.batch.progress import progress_bar

CELL = """
from workbench.batch.progress import progress_bar
with progress_bar(3, "files <b>") as bar:
    for _ in range(3):
        bar.update()
        bar.refresh()
"""


def test_in_a_log_it_is_plain_lines(capsys, monkeypatch):
    with batch.while_running() as show:
        assert show is None
    monkeypatch.setattr(progress, "_LOG_SECONDS", 0.0)
    with progress_bar(3, "files") as bar:
        for _ in range(3):
            bar.update()
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) >= 3
    assert all(
        re.fullmatch(r"\d of 3 files in [\d:]+, [\d:?]+ left,\s*[\d.?]+ files/s", line) for line in lines
    ), lines
    assert lines[-1].startswith("3 of 3 files")


def test_a_short_run_is_two_lines_in_a_log(capsys):
    with progress_bar(2, "files") as bar:
        bar.update(2)
    begin, end = capsys.readouterr().err.splitlines()
    assert begin.startswith("0 of 2 files")
    assert end.startswith("2 of 2 files")


def test_in_a_notebook_the_bar_lives_in_one_output_that_ends_empty():
    manager, client = start_new_kernel()
    messages = []
    try:
        assert (
            client.execute_interactive(CELL, output_hook=messages.append, timeout=60)["content"]["status"]
            == "ok"
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    kinds = [message["msg_type"] for message in messages if message["msg_type"] != "status"]
    shown = [message["content"]["data"]["text/html"] for message in messages if "data" in message["content"]]
    assert kinds[:2] == ["execute_input", "display_data"]
    assert set(kinds[2:]) == {"update_display_data"}
    assert shown[0] == shown[-1] == ""
    bars = [text for text in shown if text]
    assert any(re.search(r"\d/3 \[\d\d:\d\d&lt;\d\d:\d\d, .+files &lt;b&gt;/s\]", text) for text in bars)
    assert all(text.startswith('<pre role="status">') for text in bars)
