"""A folder of many small files, and the client and question that the tests of runs over many files share.

Run as a program it is one such run: `python -m tests.benchmarks.many_files FOLDER ANSWERS FAULT [AT_ONCE]`. At the end
it prints the counts and the most memory that the process held, in bytes.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import soundfile
from azure.ai.inference.aio import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from PIL import Image

from workbench import batch

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


def main() -> None:
    folder, answers, fault, *rest = sys.argv[1:]
    at_once = int(rest[0]) if rest else 16
    tasks = make_plan(Path(folder))
    counts = asyncio.run(batch.run(tasks, asking(fault), connect, answers, at_once=at_once))
    print(json.dumps({**counts, "memory": most_memory()}))


if __name__ == "__main__":
    main()
