"""Runs against a service that answers with what is no reply, and runs that meet each other or a full disk."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import openai
import pytest
import uvicorn
from azure.ai.inference.aio import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.benchmarks.many_files import ANSWER, asking, connect
from tests.contract.conftest import rows
from workbench import batch

ROOT = Path(__file__).parents[2]


FILES = 60


def completion(message, reason="stop"):
    choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant", **message}}
    return json.dumps(
        {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    )


PAGE = "<html><title>Sign in</title></html>"
TOOL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": ""}}
NO_REPLY = "is no reply of a model"
NO_CHOICES = "choices are missing"
# Body, what the row says, and whether it is worth another try.
REPLIES = {
    "a page said to be JSON": (PAGE, "", True),
    "no body": ("", NO_REPLY, True),
    "cut JSON": (completion({"content": "Hola."})[:-9], "", True),
    "deep JSON": ("[" * 100_000, NO_REPLY, True),
    "a list": ("[]", NO_REPLY, True),
    "a number": ("3", NO_REPLY, True),
    "null": ("null", NO_REPLY, False),
    "a string": ('"Good morning"', NO_REPLY, False),
    "an empty object": ("{}", NO_CHOICES, True),
    "choices of null": ('{"choices": null}', NO_CHOICES, True),
    "no choices": ('{"choices": []}', NO_CHOICES, True),
    "a choice without message": ('{"choices": [{}]}', NO_REPLY, True),
    "choices as text": ('{"choices": "x"}', NO_REPLY, True),
    "choices as a number": ('{"choices": 5}', NO_REPLY, True),
    "a choice of null": ('{"choices": [null]}', NO_REPLY, True),
    "a refusal": (completion({"content": None, "refusal": "I will not."}), "refused: I will not.", False),
    "a filter": (completion({"content": ""}, "content_filter"), "A content filter stopped", False),
    "length": (completion({"content": ""}, "length"), "limit of the reply was reached", False),
    "a tool": (completion({"content": None, "tool_calls": [TOOL]}, "tool_calls"), "asked for a tool", False),
    "nothing": (completion({"content": ""}), "holds no text", False),
    "a page": (PAGE, NO_REPLY, True),
    "no body, as text": ("", NO_REPLY, True),
    "no body that can be unpacked": (PAGE, "", True),
    "an error": (
        '{"error": {"code": 429, "message": "The engine is tired."}}',
        "an error: The engine is tired.",
        True,
    ),
    "an error in words": ('{"error": "The model is loading."}', "an error: The model is loading.", True),
    "a content of numbers": (completion({"content": 5}), "of another form", True),
    "blanks": (completion({"content": " \n "}), "holds no text", False),
}
# What is an answer, though it looks odd.
ANSWERS = {
    "parts": completion({"content": [{"type": "text", "text": "Ho"}, {"type": "text", "text": "la."}]}),
    "a mark before it": "\ufeff" + completion({"content": "Hola."}),
    "a usage of no numbers": completion({"content": "Hola."})[:-1] + ', "usage": {"prompt_tokens": NaN}}',
}


@pytest.fixture(scope="module")
def odd_service():
    """Answers with the body that a header asks for, or so often with a status and a code."""
    seen = Counter()

    async def answer(request):
        kind = request.headers["x-kind"]
        seen[kind] += 1
        if kind in REPLIES or kind in ANSWERS:
            is_text = kind in ("a page", "no body, as text")
            packed = {"content-encoding": "gzip"} if kind == "no body that can be unpacked" else None
            body = ANSWERS[kind] if kind in ANSWERS else REPLIES[kind][0]
            return Response(body, headers=packed, media_type="text/html" if is_text else "application/json")
        status, code, times = kind.split()
        if seen[kind] > int(times):
            return Response(completion({"content": ANSWER}), media_type="application/json")
        message = "Later." if code == "busy" else "You exceeded your current quota."
        error = {"error": {"code": code, "type": code, "message": message}}
        return JSONResponse(error, int(status), {"retry-after": "0.01"})

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])
    batch_server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=batch_server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
        batch_server.should_exit = True
        thread.join()


@pytest.fixture(params=["azure", "openai"])
def send_odd(request, odd_service, answers):
    """Runs tasks with one of the clients; the first gets the kind of reply that is named, the others a good one."""
    origin, seen = odd_service

    def connect_odd():
        if request.param == "azure":
            credential = AzureKeyCredential("key")
            return ChatCompletionsClient(endpoint=f"{origin}/models", credential=credential, retry_total=0)
        return openai.AsyncOpenAI(base_url=f"{origin}/openai/v1/", api_key="key", max_retries=0)

    def send(tasks, kind, **options):
        seen.clear()

        async def ask(client, task, messages):
            headers = {"x-kind": kind if task.key == tasks[0].key else "200 good 0"}
            if request.param == "azure":
                return await client.complete(messages=messages, model="m", headers=headers)
            return await client.chat.completions.create(messages=messages, model="m", extra_headers=headers)

        counts = asyncio.run(batch.run(tasks, ask, connect_odd, answers, **options))
        return counts, seen[kind]

    return send


@pytest.mark.parametrize("kind", REPLIES)
def test_a_reply_that_is_none_is_one_row_with_its_reason(tasks, answers, send_odd, kind):
    _, said, passes = REPLIES[kind]
    counts, sent = send_odd(tasks[:3], kind, tries=2)
    assert (counts["answered"], counts["failed"], sent) == (2, 1, 2 if passes else 1)
    row = next(row for row in rows(answers) if row["key"] == tasks[0].key)
    assert said in row["error"]
    assert "ask()" not in row["error"] + row["remedy"]
    assert row["remedy"]


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_reply_of_an_odd_form_is_an_answer(tasks, answers, send_odd, kind):
    counts, _ = send_odd(tasks[:1], kind, tries=1)
    assert counts["answered"] == 1
    assert rows(answers)[0]["answer"] == "Hola."


@pytest.mark.parametrize("status", [408, 424, 429, 500, 502, 503, 504, 520, 522, 524, 529])
def test_what_passes_is_tried_again(tasks, send_odd, status):
    counts, _ = send_odd(tasks[:2], f"{status} busy 1")
    assert (counts["answered"], counts["failed"], counts["sent"]) == (2, 0, 3)


def test_a_used_up_quota_ends_the_run_at_once(tasks, answers, send_odd):
    with pytest.raises(batch.BatchError, match=r"every request would meet this(.|\n)*(quota|bill)"):
        send_odd(tasks[:40], "429 insufficient_quota 1000", at_once=1)
    assert rows(answers) == []


# Two runs, and a full disk.


def run(tasks, answers):
    return asyncio.run(batch.run(tasks, asking(), connect, answers))


def test_a_second_run_on_one_file_says_so_and_a_crash_holds_nothing_back(
    folder, tasks, answers, batch_server
):
    command = [sys.executable, "-m", "tests.benchmarks.many_files", str(folder), str(answers)]
    process = subprocess.Popen([*command, "slow; seconds=0.5", "2"], cwd=ROOT)
    try:
        while not (answers.exists() and rows(answers)):
            assert process.poll() is None
            time.sleep(0.01)
        batch_server.record.clear()
        sent = []
        with pytest.raises(batch.BatchError, match=r"Another run writes its answers to answers\.jsonl"):
            asyncio.run(batch.run(tasks, lambda *_: sent.append(_), connect, answers))
        assert sent == []
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    assert run(tasks, answers)["failed"] == 0
    assert Counter(row["key"] for row in rows(answers)) == Counter(task.key for task in tasks)


@pytest.mark.skipif(sys.platform == "win32", reason="only POSIX systems limit the size of a file")
def test_a_full_disk_ends_the_run_with_a_sentence_and_keeps_what_is_there(
    folder, tasks, answers, batch_server
):
    program = f"""
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
from tests.benchmarks.many_files import main
sys.argv = ["many_files", {str(folder)!r}, {str(answers)!r}, ""]
main()
"""
    process = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "BatchError: answers.jsonl cannot be written (File too large)" in process.stderr
    there = len(rows(answers))
    assert there >= 3
    counts = run(tasks, answers)
    assert (counts["there"], counts["failed"]) == (there, 0)
    assert len(rows(answers)) == len(tasks)
