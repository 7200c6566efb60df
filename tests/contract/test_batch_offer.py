"""The batch offer, end to end: the openai client uploads, asks and fetches over HTTP from the offline endpoint."""

from __future__ import annotations

import io
import json
import time

import httpx
import openai
import pytest

from offline_endpoint.wire import batches
from tests.benchmarks.many_files import ANSWER, QUESTION
from workbench import batch

FILES = 6


def line(name="a", **changes):
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": QUESTION}]}
    return {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body} | changes


def upload(v1, *lines, purpose="batch"):
    text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    return v1.files.create(file=("requests.jsonl", io.BytesIO(text.encode())), purpose=purpose)


def ended(v1, file_id):
    made = v1.batches.create(input_file_id=file_id, endpoint="/v1/chat/completions", completion_window="24h")
    while made.status not in ("completed", "failed"):
        time.sleep(0.02)
        made = v1.batches.retrieve(made.id)
    return made


def test_a_plan_goes_up_and_its_answers_come_into_the_journal(v1, record, tasks, tmp_path):
    answers, requests = tmp_path / "answers.jsonl", tmp_path / "requests.jsonl"
    assert batch.write_requests(tasks[:5], requests, answers, max_tokens=50) == 5
    name = batch.submit(v1, requests)
    assert batch.collect(tasks, v1, name, answers, every=0.02) == {"answered": 5, "failed": 0}
    assert {row["answer"] for row in batch.read_rows(answers)} == {ANSWER}
    table = batch.table(tasks, batch.read_rows(answers))
    assert list(table["error"]) == [""] * 5 + ["not sent yet"]
    assert list(table["prompt_tokens"][:5]) == list(table["planned_tokens"][:5])
    # Each went through the endpoint's own chat route.
    chats = [each for each in record.arrivals() if each.path.endswith("/chat/completions")]
    assert [each.status for each in chats] == [200] * 5
    assert chats[0].body["max_tokens"] == 50
    # What is there is neither kept twice nor written again.
    assert batch.collect(tasks, v1, name, answers) == {"answered": 0, "failed": 0}
    assert batch.write_requests(tasks, requests, answers) == 1


def test_what_the_chat_route_refuses_is_a_line_of_the_error_file(v1):
    refused = line("b")
    refused["body"] = refused["body"] | {"model": "no-such-deployment"}
    made = ended(v1, upload(v1, line("a"), refused).id)
    assert (made.request_counts.completed, made.request_counts.failed) == (1, 1)
    (good,) = map(json.loads, v1.files.content(made.output_file_id).iter_lines())
    (bad,) = map(json.loads, v1.files.content(made.error_file_id).iter_lines())
    assert good["response"]["body"]["choices"][0]["message"]["content"] == ANSWER
    assert (bad["custom_id"], bad["response"]["status_code"]) == ("b", 404)
    assert bad["response"]["body"]["error"]["code"] == "DeploymentNotFound"


def test_a_fault_of_the_endpoint_is_a_line_and_ends_no_batch(v1, monkeypatch):
    def fail(*_):
        raise RuntimeError("fault")

    monkeypatch.setattr("offline_endpoint.wire.app.make_reply", fail)
    made = ended(v1, upload(v1, line("a"), line("b")).id)
    assert (made.status, made.request_counts.failed) == ("completed", 2)
    statuses = [
        json.loads(each)["response"]["status_code"]
        for each in v1.files.content(made.error_file_id).iter_lines()
    ]
    assert statuses == [500, 500]


def test_a_batch_whose_results_cannot_be_written_ends(v1, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(batches, "_checked", full)
    made = ended(v1, upload(v1, line()).id)
    assert (made.status, made.errors.data[0].message) == (
        "failed",
        "The results cannot be written (No space left on device).",
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["hello"], "Line 1 is no request"),
        ([line(), line("b", method="GET")], "Line 2 is no request"),
        ([line(url="/v1/embeddings")], "Line 1 is no request"),
        ([line(body={"stream": True})], "Line 1 is no request"),
        (["[" * 100_000], "Line 1 is no request"),
        ([line("a"), "", line("a")], "Line 3: each custom_id stands once"),
        ([""], "holds no request"),
    ],
)
def test_a_file_that_is_no_batch_fails_as_a_whole_and_says_why(v1, tasks, tmp_path, lines, said):
    file_id = upload(v1, *lines).id
    made = ended(v1, file_id)
    assert said in made.errors.data[0].message
    assert (made.status, made.output_file_id) == ("failed", None)
    with pytest.raises(batch.BatchError, match=said):
        batch.collect(tasks, v1, made.id, tmp_path / "answers.jsonl")


def test_what_is_asked_wrongly_is_refused(v1, server):
    with pytest.raises(openai.BadRequestError, match="the purpose batch"):
        upload(v1, line(), purpose="assistants")
    with pytest.raises(openai.NotFoundError, match="no such file or batch"):
        v1.files.content("file-unknown")
    with pytest.raises(openai.NotFoundError, match="no such file or batch"):
        v1.batches.retrieve("batch-unknown")
    with pytest.raises(openai.BadRequestError, match="the id of an uploaded file"):
        ended(v1, "file-unknown")
    padded = {"input_file_id": "x", "metadata": [[]] * 50_000}
    asked = httpx.post(f"{v1.base_url}batches", json=padded, headers={"api-key": server.key})
    assert (asked.status_code, asked.json()["error"]["message"]) == (
        413,
        "The request is larger than 0.1 MB.",
    )
    stranger = openai.OpenAI(base_url=v1.base_url, api_key="another", max_retries=0)
    file_id = upload(v1, line()).id
    for call in (lambda: upload(stranger, line()), lambda: stranger.files.content(file_id)):
        with pytest.raises(openai.AuthenticationError):
            call()
    for form in (b"", b"no form at all", b"--x\r\n\r\n", b"--x\r\n" + b"a" * 9_000 + b"\r\n\r\n\r\n--x--"):
        headers = {"api-key": server.key, "content-type": "multipart/form-data; boundary=x"}
        assert httpx.post(f"{v1.base_url}files", content=form, headers=headers).status_code == 400


def test_too_much_is_refused_and_the_oldest_are_forgotten(v1, monkeypatch):
    monkeypatch.setattr(batches, "BATCH_BYTES", 100_000)
    with pytest.raises(openai.APIStatusError, match="larger than") as refused:
        upload(v1, "x" * 200_000)
    assert refused.value.status_code == 413
    monkeypatch.setattr(batches, "MOST_KEPT", 3)
    ids = [upload(v1, line()).id for _ in range(4)]
    with pytest.raises(openai.NotFoundError):
        v1.files.retrieve(ids[0])
    assert v1.files.retrieve(ids[3]).bytes == len(json.dumps(line()))
    made = [ended(v1, ids[3]) for _ in range(4)]
    with pytest.raises(openai.NotFoundError):
        v1.batches.retrieve(made[0].id)
    assert v1.batches.retrieve(made[3].id).status == "completed"
