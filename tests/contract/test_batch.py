"""Runs over many files, against an endpoint that has all the troubles of a real one, judged from its own record."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import openai
import pytest
import soundfile
from PIL import Image

from tests.benchmarks.many_files import (
    ANSWER,
    QUESTIONS,
    asking,
    connect,
    make_files,
    make_plan,
    run_and_tell,
)
from tests.contract.conftest import rows
from workbench import batch

ROOT = Path(__file__).parents[2]
FILES = 500
# One in five busy, one in fifty broken, one in a hundred cut off in the middle of the reply.
TROUBLE = "429; retry-after=0.02; every=5, 500; every=50, cut; every=100"

pytestmark = pytest.mark.usefixtures("batch_server")


def run(tasks, answers, fault="", **options):
    return asyncio.run(batch.run(tasks, asking(fault), connect, answers, **options))


def arrivals(batch_server):
    return [each for each in batch_server.record.arrivals() if each.path.endswith("/chat/completions")]


def most_in_a_window(batch_server, seconds):
    times = sorted(each.seconds for each in arrivals(batch_server))
    return max(sum(begin <= when < begin + seconds for when in times) for begin in times)


# What comes back, and what is kept of it.


def test_every_file_is_answered_once_and_then_never_again(tasks, answers, batch_server):
    few = tasks[:40]
    assert run(few, answers) == {"answered": 40, "failed": 0, "refused": 0, "sent": 40, "there": 0}
    assert sorted(row["file"] for row in rows(answers)) == sorted(task.file for task in few)
    assert {row["answer"] for row in rows(answers)} == {ANSWER}
    for task, row in zip(few, sorted(rows(answers), key=lambda row: row["file"]), strict=True):
        assert row["prompt_tokens"] == task.tokens, "planned and counted differ"
    assert run(few, answers)["sent"] == 0
    assert len(arrivals(batch_server)) == 40


def test_files_of_equal_content_are_sent_once(folder, tmp_path, answers, batch_server):
    for name in ("a.png", "b.png"):
        shutil.copy(folder / "file 000.png", tmp_path / name)
    twins = batch.plan([tmp_path / "a.png", tmp_path / "b.png"], QUESTIONS, deployment="gpt-4o")
    assert run(twins, answers)["sent"] == 1
    assert list(batch.table(twins, rows(answers))["answer"]) == [ANSWER] * 2


def test_the_openai_client_does_the_same(tasks, answers, batch_server):
    def connect_v1():
        return openai.AsyncOpenAI(
            base_url=f"{batch_server.origin}/openai/v1/", api_key=batch_server.key, max_retries=0
        )

    async def ask_v1(client, task, messages):
        return await client.chat.completions.create(
            model=task.deployment, messages=messages, extra_headers={"x-offline-fault": TROUBLE}
        )

    counts = asyncio.run(batch.run(tasks[:30], ask_v1, connect_v1, answers))
    assert (counts["answered"], counts["failed"]) == (30, 0)
    assert counts["sent"] > 30
    assert {row["finish_reason"] for row in rows(answers)} == {"stop"}


# Trouble.


def test_every_file_of_500_ends_with_an_answer_and_the_limit_is_kept(tasks, answers, batch_server):
    limit = batch.RateLimit(60, seconds=0.2)
    counts = run(tasks, answers, TROUBLE + ", rate-limit; requests=60; seconds=0.2", limit=limit)
    assert (counts["answered"], counts["failed"]) == (500, 0)
    assert Counter(row["key"] for row in rows(answers)) == Counter(task.key for task in tasks)
    seen = Counter(each.status for each in arrivals(batch_server))
    sent = len(arrivals(batch_server))
    assert sent == counts["sent"]
    # Each of the three troubles came, as often as it was asked for; nothing was refused for its pace beyond that.
    assert seen[429] == pytest.approx(sent / 5, abs=1)
    assert seen[500] == pytest.approx(sent / 50, abs=1)
    assert most_in_a_window(batch_server, 0.2) <= 60


def test_without_a_limit_the_service_refuses_and_the_run_slows_down(tasks, answers, batch_server):
    counts = run(tasks[:30], answers, "rate-limit; requests=5; seconds=0.2")
    assert (counts["answered"], counts["failed"]) == (30, 0)
    assert Counter(each.status for each in arrivals(batch_server))[429] > 0


def test_one_busy_reply_holds_back_the_whole_run(tasks, answers, batch_server):
    run(tasks[:12], answers, "429; retry-after=0.5; times=1", at_once=3)
    times = [each.seconds for each in arrivals(batch_server)]
    refused = next(each for each in arrivals(batch_server) if each.status == 429)
    # The two beside it were on their way already; all others waited.
    assert sum(when < refused.seconds + 0.5 for when in times) <= 3
    assert len(times) == 13


@pytest.mark.parametrize(
    ("fault", "requests", "said"),
    [
        ("500", 2, "failed while it worked"),
        ("cut", 2, "broke off in the middle"),
        ("503; retry-after=0.01", 2, "failed while it worked"),
        ("content-filter", 1, "content filter refused"),
    ],
)
def test_a_lasting_failure_is_a_row_with_its_remedy_and_is_tried_again_on_request(
    tasks, answers, batch_server, fault, requests, said
):
    counts = run(tasks[:1], answers, fault, tries=2)
    assert (counts["failed"], counts["sent"]) == (1, requests)
    (row,) = rows(answers)
    assert said in row["error"]
    assert row["remedy"]
    assert (row["answer"], row["attempts"]) == (None, requests)
    assert run(tasks[:1], answers)["sent"] == 0
    assert run(tasks[:1], answers, again=True)["answered"] == 1
    assert run(tasks[:1], answers, again=True)["sent"] == 0
    assert list(batch.table(tasks[:1], rows(answers))["answer"]) == [ANSWER]


def test_a_wrong_key_stops_the_run_at_once_and_leaves_no_rows(tasks, answers, batch_server, monkeypatch):
    monkeypatch.setenv("BATCH_TEST_KEY", "a-key-of-another-resource")
    with pytest.raises(
        batch.BatchError, match=r"every request would meet this(.|\n)*key is missing or is not one"
    ) as stopped:
        run(tasks, answers, at_once=4)
    # IPython shows no error with a group behind it as one, and the notebook's next cells would run.
    assert stopped.value.__context__ is None
    assert len(arrivals(batch_server)) <= 4
    assert rows(answers) == []


def test_a_missing_setting_is_named(tasks, answers):
    with pytest.raises(batch.BatchError, match="reads the setting AZURE_NOT_SET"):
        asyncio.run(batch.run(tasks, asking(), lambda: os.environ["AZURE_NOT_SET"], answers))


def test_a_very_long_wait_stops_the_run_instead_of_sleeping_through_it(tasks, answers):
    with pytest.raises(batch.BatchError, match="asks to wait 60 minutes"):
        run(tasks[:5], answers, "429; retry-after=3600")


def test_a_slip_in_the_learners_code_stops_the_run(tasks, answers):
    async def ask(client, task, messages):
        return messages[1]

    with pytest.raises(IndexError):
        asyncio.run(batch.run(tasks, ask, connect, answers))
    assert rows(answers) == []


def test_a_reply_that_is_none_is_a_row_that_says_so(tasks, answers):
    async def ask(client, task, messages):
        return await client.complete(model=task.deployment, messages=messages, stream=True)

    asyncio.run(batch.run(tasks[:1], ask, connect, answers))
    assert "without stream=True" in rows(answers)[0]["error"]


@pytest.mark.parametrize("options", [{"at_once": 0}, {"tries": 0}, {"cluster": "tcp://scheduler:8786"}])
def test_options_of_no_use(tasks, answers, options):
    with pytest.raises(batch.BatchError):
        run(tasks[:1], answers, **options)


# Odd files.


def test_each_odd_file_gets_a_row_that_says_what_was_wrong(tmp_path, answers, folder):
    place = tmp_path / "odd"
    place.mkdir()
    (place / "empty.png").write_bytes(b"")
    (place / "text.png").write_text("This is no picture.", encoding="utf-8")
    Image.new("1", (20_000, 10_000)).save(place / "large.png")
    soundfile.write(place / "silence.mp3", np.zeros(3600 * 8000, np.float32), 8000)
    odd_name = "it's 'odd' 🎈.png" if os.name == "nt" else 'it\'s "odd" 🎈.png'
    (place / odd_name).write_bytes(b"")
    shutil.copy(folder / "file 000.png", place / f"good {odd_name}")
    shutil.copy(folder / "file 003.wav", place / "good.wav")
    shutil.copy(folder / "file 004.flac", place / "good.flac")
    said = {
        "empty.png": "is empty (0 bytes)",
        "text.png": "is plain text",
        "large.png": "more than 89,478,485 pixels",
        "silence.mp3": "lasts 60 minutes",
        odd_name: "is empty (0 bytes)",
    }
    try:
        (place / "link.png").symlink_to(place / "gone.png")
        said["link.png"] = "a link to a file that is not there"
    except OSError:
        pass  # Windows lets only some users make links; the other files are tested all the same.
    counts = run(make_plan(place), answers)
    assert counts == {"answered": 3, "failed": 0, "refused": len(said), "sent": 3, "there": 0}
    kept = {row["file"]: row for row in rows(answers)}
    assert kept.keys() == said.keys() | {f"good {odd_name}", "good.wav", "good.flac"}
    for name, words in said.items():
        assert words in kept[name]["error"]
        assert kept[name]["answer"] is None
    resumed = run(make_plan(place), answers, again=True)
    assert (resumed["sent"], resumed["refused"], resumed["there"]) == (0, 0, 3 + len(said))


def test_a_file_that_vanishes_or_changes_after_the_plan_is_a_row(tmp_path, answers, folder, batch_server):
    shutil.copy(folder / "file 000.png", tmp_path / "a.png")
    shutil.copy(folder / "file 001.jpeg", tmp_path / "b.png")
    tasks = batch.plan(tmp_path, QUESTIONS, deployment="gpt-4o")
    (tmp_path / "a.png").unlink()
    shutil.copy(folder / "file 005.png", tmp_path / "b.png")
    assert run(tasks, answers)["failed"] == 2
    errors = {row["file"]: row["error"] for row in rows(answers)}
    assert "There is no file" in errors["a.png"]
    assert "b.png was changed after it was planned" in errors["b.png"]
    assert arrivals(batch_server) == []


# Stopped anywhere.


def test_a_run_that_is_cancelled_keeps_what_it_has(tasks, answers, batch_server):
    async def stop_in_the_middle():
        going = asyncio.create_task(batch.run(tasks, asking("slow; seconds=0.01"), connect, answers))
        while len(rows(answers)) < 20:
            await asyncio.sleep(0)
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going

    asyncio.run(stop_in_the_middle())
    there = len(rows(answers))
    assert 20 <= there < len(tasks)
    assert run(tasks, answers)["sent"] == len(tasks) - there


def test_the_stop_button_of_a_notebook_keeps_what_is_there(folder, tasks, answers, batch_server):
    from jupyter_client.manager import start_new_kernel

    setup = f"""
import asyncio
from tests.contract.conftest import rows
from workbench import batch
from tests.benchmarks.many_files import asking, connect, make_plan
tasks = make_plan({str(folder)!r})
"""
    run_all = f"await batch.run(tasks, asking({{fault!r}}), connect, {str(answers)!r}, at_once=4)"
    manager, client = start_new_kernel(cwd=str(ROOT))
    try:
        assert client.execute_interactive(setup, timeout=60)["content"]["status"] == "ok"
        stopped = client.execute(run_all.format(fault="slow; seconds=0.02"))
        while whole_lines(answers) < 20:
            time.sleep(0.01)
        manager.interrupt_kernel()
        while (reply := client.get_shell_msg(timeout=60))["parent_header"]["msg_id"] != stopped:
            pass
        assert reply["content"]["status"] == "error"
        (said,) = reply["content"]["traceback"]
        assert said.startswith("Stopped. The answers so far are kept")
        there = len(rows(answers))
        assert 20 <= there < len(tasks)
        # For a moment after an error a kernel turns down what was queued behind it.
        while client.execute_interactive("pass", timeout=60)["content"]["status"] == "aborted":
            pass
        resumed = run_all.format(fault="slow; seconds=0")
        client.execute_interactive(resumed, timeout=60, output_hook=lambda _: None)
        assert Counter(row["key"] for row in rows(answers)) == Counter(task.key for task in tasks)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def start_run(folder, answers, fault, at_once=16):
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.many_files",
        str(folder),
        str(answers),
        fault,
        str(at_once),
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def whole_lines(answers):
    return answers.read_bytes().count(b"\n") if answers.exists() else 0


def begin_run(folder, answers, at_once):
    """As `start_run`, without the seconds that the imports of a new process take where a process can be forked."""
    has_forks = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if has_forks else "spawn")
    if has_forks:
        context.set_forkserver_preload(["tests.benchmarks.many_files"])
    receive, send = context.Pipe(duplex=False)
    settings = {name: os.environ[name] for name in ("BATCH_TEST_ENDPOINT", "BATCH_TEST_KEY")}
    arguments = (send, settings, folder, answers, "slow; seconds=0.01", at_once)
    process = context.Process(target=run_and_tell, args=arguments)
    process.start()
    send.close()
    return process, receive


def test_killed_ten_times_and_resumed_every_row_is_there_once(folder, tasks, answers, batch_server):
    seed = random.randrange(10**6)
    moments = sorted(random.Random(seed).sample(range(1, 480), 10))
    at_once, answered_before = 8, []
    for moment in moments:
        process, _ = begin_run(folder, answers, at_once)
        while whole_lines(answers) < moment and process.is_alive():
            time.sleep(0.001)
        process.kill()
        process.join()
        # Requests that were on their way still arrive; then the record says what this run sent.
        answered_before.append(({row["key"] for row in rows(answers)}, len(settled(batch_server))))
    process, told = begin_run(folder, answers, at_once)
    last = told.recv()
    process.join()

    lines = [json.loads(line) for line in answers.read_bytes().splitlines()]
    assert Counter(line["key"] for line in lines) == Counter(task.key for task in tasks), f"seed {seed}"
    assert all(line["answer"] == ANSWER for line in lines)
    sent = [each.headers["x-task"] for each in arrivals(batch_server)]
    for there, so_far in answered_before:
        assert there.isdisjoint(sent[so_far:]), f"seed {seed}: sent again although its row was on disk"
    # Each kill costs at most what was on its way.
    assert len(tasks) <= len(sent) <= len(tasks) + at_once * len(moments)
    assert last["there"] + last["sent"] == len(tasks)


def settled(batch_server):
    """The arrivals, once a fast endpoint that nobody calls any more has been quiet for a while."""
    while True:
        before = len(arrivals(batch_server))
        time.sleep(0.05)
        if len(arrivals(batch_server)) == before:
            return arrivals(batch_server)


# Memory.


def test_memory_does_not_grow_with_the_number_of_files(tmp_path):
    held = {}
    for count in (50, 500):
        place = tmp_path / str(count)
        # About 100 kB each: 500 of them would show if they were kept.
        make_files(place, count, side=180)
        said, _ = start_run(place, tmp_path / f"{count}.jsonl", "").communicate()
        counts = json.loads(said.splitlines()[-1])
        assert counts["answered"] == count
        held[count] = counts["memory"]
    assert held[500] <= 1.2 * held[50]


# On a cluster.


@pytest.fixture(scope="module")
def on_cluster():
    """Runs a coroutine function with a Dask client; a cluster of two workers with two threads each."""
    from distributed import Client, LocalCluster

    async def use(action):
        options = {"n_workers": 2, "threads_per_worker": 2, "dashboard_address": None, "asynchronous": True}
        async with LocalCluster(**options) as cluster, Client(cluster, asynchronous=True) as client:
            return await action(client)

    return lambda action: asyncio.run(use(action))


def test_a_cluster_does_the_same_with_one_client_a_worker_and_one_limit(
    tasks, tmp_path, batch_server, on_cluster
):
    from distributed import Semaphore

    async def ask(client, task, messages):
        headers = {"x-client": f"{os.getpid()}-{id(client)}", "x-offline-fault": fault}
        return await client.complete(messages=messages, model=task.deployment, headers=headers)

    fault = TROUBLE + ", rate-limit; requests=30; seconds=0.2"

    async def action(client):
        limit = batch.RateLimit(30, seconds=0.2, semaphore=await Semaphore(30, "deployment"))
        counts = await batch.run(
            tasks[:120], ask, connect, tmp_path / "a.jsonl", limit=limit, cluster=client, at_once=8
        )
        assert (counts["answered"], counts["failed"]) == (120, 0)
        assert counts["sent"] == len(arrivals(batch_server))
        clients = {each.headers["x-client"] for each in arrivals(batch_server)}
        assert len(clients) == 2
        assert len({name.partition("-")[0] for name in clients} - {str(os.getpid())}) == 2
        assert most_in_a_window(batch_server, 0.2) <= 30
        refused = Counter(each.status for each in arrivals(batch_server))[429]
        assert refused == pytest.approx(counts["sent"] / 5, abs=1)
        # A failure on a worker is a row here, and what is there is not sent.
        again = await batch.run(
            tasks[:121], asking("content-filter"), connect, tmp_path / "a.jsonl", cluster=client
        )
        assert again == {"answered": 0, "failed": 1, "refused": 0, "sent": 1, "there": 120}
        assert "content filter" in rows(tmp_path / "a.jsonl")[-1]["error"]
        # A worker without the settings says which one it lacks.
        with pytest.raises(batch.BatchError, match="reads the setting AZURE_NOT_SET"):
            await batch.run(
                tasks, ask, lambda: os.environ["AZURE_NOT_SET"], tmp_path / "b.jsonl", cluster=client
            )
        # A worker that dies in the middle loses nothing.
        batch_server.record.clear()
        some = tasks[:150]
        going = asyncio.create_task(
            batch.run(
                some, asking("slow; seconds=0.05"), connect, tmp_path / "b.jsonl", cluster=client, at_once=4
            )
        )
        while len(rows(tmp_path / "b.jsonl")) < 20:
            await asyncio.sleep(0.01)
        victim = next(iter(client.cluster.workers.values()))
        await victim.kill()
        counts = await going
        assert (counts["answered"], counts["failed"]) == (len(some), 0)
        doubled = Counter(Counter(each.headers["x-task"] for each in arrivals(batch_server)).values())
        assert doubled[1] >= len(some) - 4

    on_cluster(action)
