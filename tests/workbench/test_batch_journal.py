"""Every whole row survives whatever the end of the file looks like, and only what is missing is asked for."""

from __future__ import annotations

import asyncio
import json
import os

import pytest

from workbench import batch
from workbench.batch.journal import Journal


def row(key, error="", **more):
    return {"key": key, "file": f"{key}.png", "answer": None if error else "Yes.", "error": error, **more}


def task(key, refused=""):
    return batch.Task(key, f"{key}.png", f"/{key}.png", "image", 1, 1, "phi", "What?", refused)


def written(path, *rows):
    with Journal(path) as journal:
        for each in rows:
            journal.append(each)


def keys(path):
    return [each["key"] for each in batch.read_rows(path)]


def test_rows_come_back_as_they_were(tmp_path):
    rows = [row("a", answer="Größe\n“5”\u2028 🎈"), row("b", "Broken.", file="a\udcff.png")]
    written(tmp_path / "rows.jsonl", *rows)
    assert list(batch.read_rows(tmp_path / "rows.jsonl")) == rows
    assert len((tmp_path / "rows.jsonl").read_bytes().splitlines()) == 2


def test_a_row_is_in_the_file_as_soon_as_it_was_appended(tmp_path):
    with Journal(tmp_path / "rows.jsonl") as journal:
        journal.append(row("a"))
        assert keys(tmp_path / "rows.jsonl") == ["a"]


async def added(path, count):
    with Journal(path) as journal:

        async def add(number):
            journal.add(row(str(number)))
            await journal.on_disk()

        await asyncio.gather(*map(add, range(count)))


def test_rows_that_come_together_share_a_wait_for_the_disk(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    asyncio.run(added(tmp_path / "rows.jsonl", 50))
    assert len(keys(tmp_path / "rows.jsonl")) == 50
    assert 2 <= len(synced) <= 10


def test_a_disk_that_fails_is_said(tmp_path, monkeypatch):
    def fail(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(batch.BatchError, match=r"rows\.jsonl cannot be written \(Input/output error\)"):
        asyncio.run(added(tmp_path / "rows.jsonl", 2))


def test_a_file_that_does_not_exist_holds_no_rows(tmp_path):
    assert keys(tmp_path / "none.jsonl") == []


def test_a_last_row_torn_at_any_byte_is_dropped_and_the_file_goes_on(tmp_path):
    path = tmp_path / "rows.jsonl"
    written(path, row("a"), row("b"))
    whole = path.read_bytes()
    second = whole.index(b"\n") + 1
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        there = ["a"] if cut >= second else []
        assert keys(path) == there
        with Journal(path) as journal:
            assert journal.torn_bytes == cut - (second if there else 0)
            journal.append(row("c"))
        assert keys(path) == [*there, "c"]
        assert all(json.loads(line) for line in path.read_bytes().splitlines())


@pytest.mark.parametrize(
    "rubbish", [b"\0" * 500, b"\0" * 10 + b"\n", b'{"key": "b", \n', b'{"key": "b"\0\0\0\n\0']
)
@pytest.mark.parametrize("before", [[], ["a"]])
def test_what_a_power_cut_leaves_at_the_end_is_dropped(tmp_path, rubbish, before):
    path = tmp_path / "rows.jsonl"
    written(path, *map(row, before))
    path.write_bytes(path.read_bytes() + rubbish)
    assert keys(path) == before
    written(path, row("c"))
    assert keys(path) == [*before, "c"]


@pytest.mark.parametrize("rubbish", ["hello", "[]", '{"name": 1}', '{"key": 1, "error": ""}', "", "3"])
def test_a_spoiled_line_in_the_middle_is_named_and_nothing_is_cut(tmp_path, rubbish):
    path = tmp_path / "rows.jsonl"
    written(path, row("a"), row("b"))
    first, second = path.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{first}\n{rubbish}\n{second}\n", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(batch.BatchError, match=r"Line 2 of rows\.jsonl"):
        Journal(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["name,value\na,1\n", "[1, 2]", "hello"])
def test_another_kind_of_file_is_left_alone(tmp_path, content):
    path = tmp_path / "data.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(batch.BatchError, match="choose another file"):
        Journal(path)
    assert path.read_text(encoding="utf-8") == content


def test_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(batch.BatchError, match="cannot be"):
        Journal(tmp_path / "no folder" / "rows.jsonl")
    with pytest.raises(batch.BatchError, match="cannot be"):
        Journal(tmp_path)


def test_only_what_has_no_row_is_missing():
    tasks = [task(key) for key in "abca"]
    assert [each.key for each in batch.missing(tasks, [])] == ["a", "b", "c"]
    assert [each.key for each in batch.missing(tasks, [row("b")])] == ["a", "c"]
    assert [each.key for each in batch.missing(tasks, [row("b", "Broken.")])] == ["a", "c"]


def test_failures_are_missing_on_request_unless_a_later_row_answers():
    tasks = [task(key) for key in "abc"]
    rows = [row("a", "Broken."), row("b", "Broken."), row("c"), row("b")]
    assert [each.key for each in batch.missing(tasks, rows, again=True)] == ["a"]


def test_what_was_refused_is_not_noted_again():
    tasks = [task("a", refused="Empty.")]
    assert batch.missing(tasks, []) == tasks
    assert batch.missing(tasks, [row("a", "Empty.")], again=True) == []
