"""How fast a run over many files goes, as ratios, and how long its lesson takes.

Run with `python -m pytest tests/benchmarks/test_batch_speed.py -s`. Nothing here passes or fails by the clock.

Each reply takes half a second before the endpoint begins to work on it. The 500 files are small pictures and sounds of
different content; the endpoint receives, decodes and checks each one, but the question is one that it answers without
reading them: with its readers at work, which take a second of both cores for a picture, this would measure the readers.
The endpoint is a process of its own. One after another would take more than four minutes for all files, so that rate
is taken from the first 40.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from tests.benchmarks.many_files import asking, connect, make_files, make_plan
from tests.servers import offline_endpoint
from workbench import batch

LESSON = Path(__file__).parents[2] / "notebooks" / "14_many_files.ipynb"
SLOW = "slow; seconds=0.5"
FILES, ONE_BY_ONE = 500, 40


@pytest.fixture
def endpoint(monkeypatch):
    """The endpoint in a process of its own, at a port and with a key that only this test knows."""
    key = secrets.token_hex(16)
    with offline_endpoint(key) as (origin, _):
        monkeypatch.setenv("BATCH_TEST_ENDPOINT", f"{origin}/models")
        monkeypatch.setenv("BATCH_TEST_KEY", key)
        yield


async def rate(tasks, path, **options):
    """Files answered a second."""
    begin = time.perf_counter()
    counts = await batch.run(tasks, asking(SLOW), connect, path, **options)
    assert counts["answered"] == len(tasks)
    return len(tasks) / (time.perf_counter() - begin)


def test_rates_in_one_run(benchmark, endpoint, tmp_path):
    from distributed import Client, LocalCluster

    make_files(tmp_path / "files", FILES)
    tasks = make_plan(tmp_path / "files")

    async def measure():
        one = await rate(tasks[:ONE_BY_ONE], tmp_path / "one.jsonl", at_once=1)
        many = await rate(tasks, tmp_path / "many.jsonl", at_once=16)
        options = {"n_workers": 4, "threads_per_worker": 4, "dashboard_address": None, "asynchronous": True}
        async with LocalCluster(**options) as cluster, Client(cluster, asynchronous=True) as client:
            # The workers' first task imports what they need; a cluster that is up has done so.
            await rate(tasks[:16], tmp_path / "first.jsonl", at_once=16, cluster=client)
            spread = await rate(tasks, tmp_path / "cluster.jsonl", at_once=16, cluster=client)
        return one, many, spread

    one, many, spread = asyncio.run(measure())
    for name, ratio in (
        ("16 at once, in rates of one after another", many / one),
        ("4 workers of 4, in rates of one after another", spread / one),
    ):
        benchmark.extra_info[name] = round(ratio, 2)
        print(f"\n{name}: {ratio:.2f}")
    benchmark.extra_info["files a second, one after another"] = round(one, 2)
    benchmark.pedantic(lambda: None, rounds=1)


def test_many_small_files_beside_a_bare_client(benchmark):
    """The figures of `python -m tests.benchmarks.many_files measure`, for fewer files."""
    command = [sys.executable, "-m", "tests.benchmarks.many_files", "measure", "3000"]
    figures = json.loads(subprocess.check_output(command, text=True))
    ratio = figures["sent a second"] / figures["sent a second, bare aiohttp"]
    benchmark.extra_info |= figures | {"sent, in rates of a bare client": round(ratio, 2)}
    print("\n", benchmark.extra_info)
    benchmark.pedantic(lambda: None, rounds=1)


def test_lesson_beside_a_bare_kernel(benchmark, monkeypatch):
    """The lesson's time, its kernel's start included, in starts of a kernel that runs an empty cell."""
    monkeypatch.setitem(os.environ, "AZURE_INFERENCE_ENDPOINT", "offline")

    def bare():
        begin = time.perf_counter()
        manager, client = start_new_kernel()
        client.execute_interactive("pass")
        seconds = time.perf_counter() - begin
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        return seconds

    def lesson():
        book = nbformat.read(LESSON, as_version=4)
        begin = time.perf_counter()
        NotebookClient(book, resources={"metadata": {"path": str(LESSON.parent)}}).execute()
        return time.perf_counter() - begin

    before = [bare() for _ in range(3)]
    took = lesson()
    ratio = took / median(before + [bare() for _ in range(3)])
    benchmark.extra_info["lesson 14 in starts of a bare kernel"] = round(ratio, 1)
    print(f"\nlesson 14 in starts of a bare kernel: {ratio:.1f}")
    benchmark.pedantic(lambda: None, rounds=1)
