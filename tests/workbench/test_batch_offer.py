"""Requests for the service's batch offer, and results that come back in another order and not all of them good."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks.many_files import ANSWER, make_files, make_plan
from workbench import batch
from workbench.batch import offer
from workbench.batch.plan import messages


@pytest.fixture
def tasks(tmp_path):
    make_files(tmp_path / "files", 6)
    (tmp_path / "files" / "empty.png").write_bytes(b"")
    return make_plan(tmp_path / "files")


def result(task, status=200, message=None, **more):
    choice = {"index": 0, "finish_reason": "stop", "message": message or {"content": ANSWER}}
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    body = {"choices": [choice], "usage": usage} if status == 200 else {"error": {"message": "Too much."}}
    response = {"status_code": status, "request_id": "1", "body": body}
    return json.dumps({"custom_id": task.key, "response": response, "error": None} | more)


def test_requests_are_written_once_and_results_come_back_into_the_answers(tasks, tmp_path):
    answers, path = tmp_path / "answers.jsonl", tmp_path / "requests.jsonl"
    good = [task for task in tasks if not task.refused]
    assert batch.write_requests(tasks, path, answers, max_tokens=50) == 6
    requests = [json.loads(line) for line in path.read_text().splitlines()]
    assert [request["custom_id"] for request in requests] == [task.key for task in good]
    assert {(request["method"], request["url"]) for request in requests} == {("POST", "/v1/chat/completions")}
    assert requests[0]["body"] == {
        "model": good[0].deployment,
        "messages": messages(good[0]),
        "max_tokens": 50,
    }
    lines = [
        result(good[3]),
        result(good[0]),
        result(good[1], 400),
        result(good[2], message={"content": None, "refusal": "No."}),
        json.dumps({"custom_id": good[4].key, "response": None, "error": {"message": "It has expired."}}),
        "",
    ]
    assert batch.read_results(tasks, lines, answers) == {"answered": 2, "failed": 3}
    table = batch.table(good, batch.read_rows(answers))
    assert list(table["error"]) == [
        "",
        "Too much.",
        "The model refused: No.",
        "",
        "It has expired.",
        "not sent yet",
    ]
    assert table["prompt_tokens"][0] == 7
    # What has a row is not sent again, and a result that is read twice is kept once.
    assert batch.write_requests(tasks, path, answers) == 1
    assert batch.read_results(tasks, lines[:2], answers) == {"answered": 0, "failed": 0}


def test_what_is_no_result_or_too_much_is_said(tasks, tmp_path, monkeypatch):
    for line in ("hello", "[]", "{}", "3"):
        with pytest.raises(batch.BatchError, match="Line 1 is no result"):
            batch.read_results(tasks, [line], tmp_path / "a.jsonl")
    monkeypatch.setattr(offer, "BATCH_REQUESTS", 3)
    with pytest.raises(batch.BatchError, match="takes 3 requests"):
        batch.write_requests(tasks, tmp_path / "requests.jsonl", tmp_path / "a.jsonl")
    with pytest.raises(batch.BatchError, match="cannot be written"):
        batch.write_requests(tasks, tmp_path / "none" / "requests.jsonl", tmp_path / "a.jsonl")
