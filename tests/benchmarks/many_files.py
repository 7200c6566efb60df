"""A folder of many small files, and the client and question that the tests of runs over many files share.

Run as a program it is one such run: `python -m tests.benchmarks.many_files FOLDER ANSWERS FAULT [AT_ONCE]`. At the end
it prints the counts and the most memory that the process held, in bytes.

`python -m tests.benchmarks.many_files measure 100000` plans, sends, stops, resumes and tabulates so many files against
an instant endpoint in a process of its own, and prints files a second beside those of a bare aiohttp client that sends
the same bodies.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import multiprocessing
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import numpy as np
import soundfile
from aiohttp import web
from azure.ai.inference.aio import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from PIL import Image

from workbench import batch
from workbench.batch.plan import messages

# The endpoint answers this without reading the file, which takes its readers a second each; it does receive, decode
# and check the file. So these runs measure the sending, not the reading.
QUESTION = 'Translate to Spanish: "Good morning."'
ANSWER = "Buenos días."
QUESTIONS = {"image": QUESTION, "audio": QUESTION}


def make_files(folder: Path, count: int, side: int = 24) -> None:
    """Fill a folder with small files, each of its own content: png, jpeg, webp, wav and flac in turn."""
    random = np.random.default_rng(count)
    folder.mkdir(exist_ok=True)
    for number in range(count):
        ending = ("png", "jpeg", "webp", "wav", "flac")[number % 5]
        file = io.BytesIO()
        if number % 5 < 3:
            pixels = random.integers(0, 256, (side, side, 3), np.uint8)
            Image.fromarray(pixels).save(file, ending)
        else:
            samples = random.uniform(-0.1, 0.1, 40 * side)
            soundfile.write(file, samples, 8000, format=ending.upper())
        (folder / f"file {number:03}.{ending}").write_bytes(file.getvalue())


def make_plan(folder: Path) -> list[batch.Task]:
    return batch.plan(folder, QUESTIONS, deployment="Phi-4-multimodal-instruct")


def connect() -> ChatCompletionsClient:
    return ChatCompletionsClient(
        endpoint=os.environ["BATCH_TEST_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["BATCH_TEST_KEY"]),
        retry_total=0,
    )


def asking(fault: str = ""):
    """An `ask` whose requests name their task, and ask the endpoint for trouble."""

    async def ask(client, task, messages):
        headers = {"x-task": task.key} | ({"x-offline-fault": fault} if fault else {})
        return await client.complete(messages=messages, model=task.deployment, headers=headers)

    return ask


def most_memory() -> int:
    """Bytes that this process has held at most."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    import resource

    # macOS counts in bytes, others in kilobytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


REPLY = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": ANSWER}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


def serve(port: int) -> None:
    """An endpoint that answers at once, whatever it is sent."""

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response(REPLY)

    app = web.Application(client_max_size=2**26)
    app.router.add_post("/{path:.*}", answer)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


async def bare(tasks: list[batch.Task], at_once: int) -> float:
    """Requests a second of a client that only reads, encodes and sends."""
    queue = iter(tasks)

    async def work(session: aiohttp.ClientSession) -> None:
        for task in queue:
            body = {"model": task.deployment, "messages": messages(task)}
            async with session.post(
                os.environ["BATCH_TEST_ENDPOINT"] + "/chat/completions", json=body
            ) as reply:
                json.loads(await reply.read())["choices"][0]["message"]["content"]

    begin = time.perf_counter()
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(work(session) for _ in range(at_once)))
    return len(tasks) / (time.perf_counter() - begin)


async def sent(
    tasks: list[batch.Task], answers: Path, stop_after: float | None = None
) -> tuple[dict[str, int], float]:
    """Counts and requests a second of a run, or what is there when it is stopped."""
    begin = time.perf_counter()
    try:
        async with asyncio.timeout(stop_after):
            counts = await batch.run(tasks, asking(), connect, answers)
    except (TimeoutError, asyncio.CancelledError):
        counts = {"sent": sum(1 for _ in batch.read_rows(answers))}
    return counts, counts["sent"] / (time.perf_counter() - begin)


def measure(count: int) -> dict[str, float]:
    """Files a second of each step, and the most memory in megabytes."""
    figures: dict[str, float] = {}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    os.environ |= {"BATCH_TEST_ENDPOINT": f"http://127.0.0.1:{port}/models", "BATCH_TEST_KEY": "key"}
    with tempfile.TemporaryDirectory() as place:
        folder, answers = Path(place, "files"), Path(place, "answers.jsonl")
        # In a process of its own, so that its memory is not counted here.
        make = multiprocessing.get_context("spawn").Process(target=make_files, args=(folder, count))
        make.start()
        make.join()
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(port,))
        server.start()
        try:
            begin, used = time.perf_counter(), time.process_time()
            tasks = make_plan(folder)
            figures["planned a second"] = count / (time.perf_counter() - begin)
            figures["planned a second of CPU"] = count / (time.process_time() - used)
            assert (
                batch.plan(folder, QUESTIONS, deployment=tasks[0].deployment, saved=Path(place, "p")) == tasks
            )
            begin = time.perf_counter()
            batch.plan(folder, QUESTIONS, deployment=tasks[0].deployment, saved=Path(place, "p"))
            figures["planned a second, saved"] = count / (time.perf_counter() - begin)
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
            figures["sent a second, bare aiohttp"] = asyncio.run(bare(tasks[: max(500, count // 20)], 16))
            stopped, _ = asyncio.run(sent(tasks, answers, 5.0))
            counts, figures["sent a second"] = asyncio.run(sent(tasks, answers))
            assert counts["there"] == stopped["sent"]
            assert counts["answered"] + counts["there"] == count
            begin = time.perf_counter()
            assert asyncio.run(sent(tasks, answers))[0]["sent"] == 0
            figures["found there a second"] = count / (time.perf_counter() - begin)
            begin = time.perf_counter()
            table = batch.table(tasks, batch.read_rows(answers))
            assert (table["answer"] == ANSWER).all()
            figures["tabulated a second"] = count / (time.perf_counter() - begin)
        finally:
            server.terminate()
            server.join()
    figures["memory, MB"] = most_memory() / 1e6
    return {name: round(figure, 1) for name, figure in figures.items()}


def run_folder(folder: Path, answers: Path, fault: str, at_once: int) -> dict[str, int]:
    """Counts of a run over a folder."""
    return asyncio.run(batch.run(make_plan(folder), asking(fault), connect, answers, at_once=at_once))


def run_and_tell(told, settings, *arguments) -> None:
    """A run in a process that was forked: with the settings of its test, its counts sent through a pipe."""
    os.environ |= settings
    told.send(run_folder(*arguments))


def main() -> None:
    if sys.argv[1] == "measure":
        print(json.dumps(measure(int(sys.argv[2])), indent=1))
        return
    folder, answers, fault, *rest = sys.argv[1:]
    counts = run_folder(Path(folder), Path(answers), fault, int(rest[0]) if rest else 16)
    print(json.dumps({**counts, "memory": most_memory()}))


if __name__ == "__main__":
    main()
