"""Files and answers at addresses: in memory, on a web server, and in a store of Azure's own kind."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import http.server
import json
import os
import shutil
import subprocess
import threading
import time
import uuid
from types import SimpleNamespace

import fsspec
import pytest

from tests.benchmarks.many_files import ANSWER, QUESTIONS, make_files
from tests.servers import free_port
from workbench import batch
from workbench.batch import elsewhere
from workbench.batch.journal import Journal

NAME = "Phi-4-multimodal-instruct"
REPLY = SimpleNamespace(
    choices=[SimpleNamespace(finish_reason="stop", message=SimpleNamespace(content=ANSWER))], usage=None
)


@contextlib.asynccontextmanager
async def connect():
    yield None


def plan(files, **options):
    return batch.plan(files, QUESTIONS, deployment=NAME, **options)


def run(tasks, path, **options):
    seen = []

    async def ask(client, task, messages):
        seen.append(messages)
        return REPLY

    return asyncio.run(batch.run(tasks, ask, connect, path, **options)), seen


@pytest.fixture
def folder(tmp_path):
    make_files(tmp_path / "files", 10)
    (tmp_path / "files" / "empty.png").write_bytes(b"")
    return tmp_path / "files"


@pytest.fixture
def in_memory(folder):
    """The same files at memory://, which is a store of this process."""
    address = f"memory://{uuid.uuid4().hex}/files"
    fsspec.filesystem("memory").put(f"{folder}/", address, recursive=True)
    return address


def the_same(tasks, others):
    """What two plans have in common, wherever their files are."""
    keys = [
        [(task.key, task.file, task.tokens, task.as_is, task.refused) for task in each]
        for each in (tasks, others)
    ]
    return keys[0] == keys[1]


def test_a_folder_in_a_store_is_planned_and_sent_like_one_here(folder, in_memory, tmp_path):
    here, there = plan(folder), plan(in_memory)
    assert the_same(here, there)
    counts, sent = run(there, tmp_path / "a.jsonl")
    assert counts == {"answered": 10, "failed": 0, "refused": 1, "sent": 10, "there": 0}
    _, sent_from_here = run(here, tmp_path / "b.jsonl")
    assert sorted(map(json.dumps, sent)) == sorted(map(json.dumps, sent_from_here))


def test_the_answers_are_kept_in_a_store_and_only_what_is_missing_is_sent(in_memory):
    answers = in_memory.replace("/files", "/answers")
    tasks = plan(in_memory)
    assert run(tasks[:5], answers)[0]["answered"] == 4
    counts, _ = run(tasks, answers)
    assert (counts["answered"], counts["there"]) == (6, 5)
    assert len(list(batch.read_rows(answers))) == len(tasks)
    table = batch.table(tasks, batch.read_rows(answers))
    batch.save_table(table, in_memory.replace("/files", "/table.csv"))
    assert (
        len(fsspec.open(in_memory.replace("/files", "/table.csv"), "rt").open().readlines()) == len(tasks) + 1
    )
    assert list(batch.read_rows(f"memory://{uuid.uuid4().hex}")) == []


def test_many_rows_are_parts_in_their_order():
    address = f"memory://{uuid.uuid4().hex}"
    for begin in (0, 450):
        with Journal(address) as journal:
            assert len(journal.is_answer) == begin
            for number in range(begin, begin + 450):
                journal.append({"key": str(number), "error": ""})
    assert [row["key"] for row in batch.read_rows(address)] == [str(number) for number in range(900)]


def test_a_second_run_on_one_store_says_so_and_a_dead_one_holds_nothing_back(in_memory):
    address = f"memory://{uuid.uuid4().hex}/answers"
    with Journal(address), pytest.raises(batch.BatchError, match=r"Another run, on .*answers/run\.lock"):
        Journal(address)
    Journal(address).__exit__()
    lock, system = f"{address}/run.lock", fsspec.filesystem("memory")
    gone = subprocess.Popen(["git", "--version"], stdout=subprocess.DEVNULL)
    gone.wait()
    mine = {"host": elsewhere.socket.gethostname(), "pid": gone.pid, "when": time.time()}
    for left in (mine, {"host": "another", "pid": 1, "when": time.time() - 3600}):
        system.pipe_file(lock, json.dumps(left).encode())
        Journal(address).__exit__()
    system.pipe_file(lock, json.dumps({"host": "another", "pid": 1, "when": time.time()}).encode())
    with pytest.raises(batch.BatchError, match="Another run, on another"):
        Journal(address)


@pytest.fixture
def on_the_web(folder):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/files/"
        server.shutdown()


def test_files_on_a_web_server(folder, on_the_web, tmp_path, capfd):
    here = [task for task in plan(folder) if not task.refused]
    there = plan(
        [f"{on_the_web}{task.file.replace(' ', '%20')}?sig=secret" for task in here], saved=tmp_path / "p"
    )
    assert the_same(here, there)
    assert run(there, tmp_path / "a.jsonl")[0]["answered"] == 10
    assert b"secret" not in (tmp_path / "p").read_bytes() + (tmp_path / "a.jsonl").read_bytes()
    (gone,) = plan([f"{on_the_web}gone.png?sig=secret"])
    assert gone.refused == "There is no file gone.png: check its address."


def test_a_file_that_changed_in_the_store_is_a_row(in_memory, tmp_path):
    tasks = [task for task in plan(in_memory) if not task.refused]
    system = fsspec.filesystem("memory")
    system.rm(tasks[0].path)
    system.pipe_file(tasks[1].path, b"something else")
    counts, _ = run(tasks, tmp_path / "a.jsonl")
    assert (counts["answered"], counts["failed"]) == (8, 2)
    errors = {row["file"]: row["error"] for row in batch.read_rows(tmp_path / "a.jsonl")}
    assert "There is no file" in errors[tasks[0].file]
    assert "was changed after it was planned" in errors[tasks[1].file]


def test_a_saved_plan_reads_a_store_only_where_it_changed(in_memory, tmp_path, monkeypatch):
    first = plan(in_memory, saved=tmp_path / "plan.jsonl")
    read = []
    whole = elsewhere.read_file
    monkeypatch.setattr(elsewhere, "read_file", lambda address: (read.append(address), whole(address))[1])
    fsspec.filesystem("memory").cp(first[2].path, f"{in_memory}/new.png")
    assert len(plan(in_memory, saved=tmp_path / "plan.jsonl")) == len(first) + 1
    assert [address.rpartition("/")[2] for address in read] == ["new.png"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("memory://nothing/here", "no folder here"),
        ("nosuch://a/b", "nosuch:// cannot be used"),
        ("http://127.0.0.1:9/files/", "no folder files"),
    ],
)
def test_folders_that_are_none(address, said):
    with pytest.raises(batch.BatchError, match=said):
        plan(address)


def test_a_store_whose_package_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "s3fs", None)
    with pytest.raises(batch.BatchError, match=r"s3:// needs a package more.*requirements-cloud\.txt"):
        plan("s3://bucket/files")


# Microsoft's stand-in for Azure's storage, with an account and a key of its own.


@pytest.fixture(scope="module")
def azurite(tmp_path_factory):
    pytest.importorskip("adlfs", reason="adlfs is not installed (requirements-cloud.txt)")
    command = os.environ.get("AZURITE") or shutil.which("azurite-blob")
    if not command:
        pytest.skip("azurite is not installed (npm install -g azurite; or its path in AZURITE)")
    port, place = free_port(), tmp_path_factory.mktemp("azurite")
    options = ["--blobPort", str(port), "--location", str(place), "--skipApiVersionCheck", "--silent"]
    key, origin = base64.b64encode(os.urandom(64)).decode(), f"http://127.0.0.1:{port}/tests"
    settings = f"DefaultEndpointsProtocol=http;AccountName=tests;AccountKey={key};BlobEndpoint={origin};"
    environment = os.environ | {"AZURITE_ACCOUNTS": f"tests:{key}"}
    process = subprocess.Popen([command, *options], env=environment, stdout=subprocess.DEVNULL)
    system = None
    for _ in range(100):
        with contextlib.suppress(Exception):
            system = fsspec.filesystem("abfs", connection_string=settings, skip_instance_cache=True)
            system.mkdir("box")
            break
        time.sleep(0.2)
    yield settings, system
    process.terminate()
    process.wait()


def test_a_container_of_azure_storage(azurite, folder, monkeypatch):
    settings, system = azurite
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", settings)
    system.put(f"{folder}/", "box/files", recursive=True)
    here, there = plan(folder), plan("abfs://box/files")
    assert the_same(here, there)
    assert run(there[:5], "abfs://box/answers")[0]["sent"] >= 4
    counts, _ = run(there, "abfs://box/answers")
    assert counts["answered"] + counts["there"] == len(there)
    assert len(list(batch.read_rows("abfs://box/answers"))) == len(there)
    with Journal("abfs://box/answers"), pytest.raises(batch.BatchError, match="Another run"):
        Journal("abfs://box/answers")
    batch.save_table(batch.table(there, batch.read_rows("abfs://box/answers")), "abfs://box/table.csv")
    assert b"file 000.png" in system.cat_file("box/table.csv")
