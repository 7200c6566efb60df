"""A cluster of other processes, started as the guide says: closed to others, and within the limits of the whole run."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from distributed import Client, Security

from tests.benchmarks.many_files import connect
from tests.servers import free_port
from workbench import batch

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]
# The commands of the guide, with the folder of the certificate and the scheduler's address put in.
CERTIFICATE = (
    "import os, distributed; made = distributed.Security.temporary(); os.umask(0o077); "
    "print(made.tls_client_key, made.tls_client_cert, sep='', file=open('cluster.pem', 'x'))"
)
TLS = ["--tls-ca-file", "cluster.pem", "--tls-cert", "cluster.pem", "--tls-key", "cluster.pem"]


FILES = 100


class Machines:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, place, own_server):
        self.place, self.port, self.running = place, free_port(), []
        settings = {"BATCH_TEST_ENDPOINT": f"{own_server.origin}/models", "BATCH_TEST_KEY": own_server.key}
        self.environment = os.environ | settings | {"PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", CERTIFICATE], cwd=place, check=True)
        self.address = f"tls://127.0.0.1:{self.port}"
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--protocol", "tls", "--no-dashboard"]
        self.begin("scheduler", *options)

    def begin(self, kind, *options):
        command = [sys.executable, "-m", "dask", kind, *options, *TLS]
        log = (self.place / f"{kind}{len(self.running)}.log").open("w")
        self.running.append(
            subprocess.Popen(command, cwd=self.place, env=self.environment, stdout=log, stderr=log)
        )
        return self.running[-1]

    def worker(self):
        here = ["--host", "127.0.0.1", "--no-dashboard", "--no-nanny", "--nthreads", "3"]
        return self.begin("worker", self.address, *here)

    def security(self):
        own = str(self.place / "cluster.pem")
        return Security(tls_ca_file=own, tls_client_cert=own, tls_client_key=own, require_encryption=True)


@pytest.fixture(scope="module")
def machines(tmp_path_factory, own_server):
    all_of_them = Machines(tmp_path_factory.mktemp("cluster"), own_server)
    yield all_of_them
    for process in all_of_them.running:
        process.kill()
        process.wait()


async def is_let_in(address, security):
    try:
        async with Client(address, security=security, asynchronous=True, timeout=3) as client:
            return bool(await client.run_on_scheduler(lambda: 1))
    except (OSError, TimeoutError, ValueError, TypeError):
        return False


def test_a_run_keeps_its_limits_over_the_whole_cluster_whoever_joins_or_dies(
    machines, tasks, own_server, tmp_path
):
    async def ask(client, task, messages):
        headers = {"x-task": task.key, "x-worker": str(os.getpid()), "x-offline-fault": "slow; seconds=0.3"}
        return await client.complete(messages=messages, model=task.deployment, headers=headers)

    heaviest = max(task.tokens for task in tasks) + 50
    limits = [batch.RateLimit(10, seconds=0.5), batch.TokenLimit(6 * heaviest, reply_tokens=50, seconds=0.5)]

    async def go():
        first = machines.worker()
        machines.worker()
        path = tmp_path / "a.jsonl"
        async with Client(machines.address, security=machines.security(), asynchronous=True) as client:
            await client.wait_for_workers(2)
            going = asyncio.create_task(batch.run(tasks, ask, connect, path, cluster=client, limit=limits))
            while len(list(batch.read_rows(path))) < 20:
                await asyncio.sleep(0.05)
            joined = machines.worker()
            first.kill()
            return await going, joined.pid

    counts, joined = asyncio.run(go())
    assert (counts["answered"], counts["failed"]) == (len(tasks), 0)
    arrivals = [each for each in own_server.record.arrivals() if each.path.endswith("/chat/completions")]
    workers = Counter(each.headers["x-worker"] for each in arrivals)
    assert len(workers) == 3
    assert workers[str(joined)] > 0
    weights = {task.key: task.tokens + 50 for task in tasks}
    for begin in arrivals:
        seen = [each for each in arrivals if begin.seconds <= each.seconds < begin.seconds + 0.5]
        # What a dying worker had on its way is sent by another, without a turn of its own.
        assert len(seen) <= 10 + 3
        assert sum(weights[each.headers["x-task"]] for each in seen) <= (6 + 3) * heaviest
    assert sum(workers.values()) <= len(tasks) + 3


def test_a_cluster_on_other_machines_lets_nobody_in_without_its_certificate(machines):
    tcp = machines.address.replace("tls", "tcp")
    strangers = ((machines.address, Security.temporary()), (tcp, None))
    assert asyncio.run(is_let_in(machines.address, machines.security()))
    for address, security in strangers:
        assert not asyncio.run(is_let_in(address, security)), security
    if os.name == "posix":
        assert (machines.place / "cluster.pem").stat().st_mode & 0o077 == 0


def test_the_cluster_of_the_lesson_lets_nobody_in():
    book = nbformat.read(ROOT / "notebooks" / "14_many_files.ipynb", as_version=4)
    (cell,) = (cell.source for cell in book.cells if "on_this_computer = LocalCluster(" in cell.source)
    made = re.search(r"from distributed import.*?\n\)\n", cell, re.DOTALL)[0]

    async def try_to_get_in():
        names = {}
        exec(made, names)
        async with names["on_this_computer"] as cluster:
            address = cluster.scheduler_address
            assert address.startswith("tls://127.0.0.1:")
            async with Client(cluster, asynchronous=True) as own:
                workers = list(await own.nthreads())
            assert all(worker.startswith("tls://127.0.0.1:") for worker in workers)
            for door in (address, *workers):
                assert not await is_let_in(door, Security.temporary())
                assert not await is_let_in(door.replace("tls", "tcp"), None)

    asyncio.run(try_to_get_in())
