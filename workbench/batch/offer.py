"""The service's own batch offer: requests as a file to upload, results read back into the file of answers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from helpers.encoding import MediaError
from workbench.batch.attempt import failure_row, judged
from workbench.batch.journal import Journal, still_missing
from workbench.batch.plan import Task, messages
from workbench.batch.stopping import BatchError

MOST_REQUESTS, MOST_BYTES = 100_000, 200_000_000
"""Of one file to upload (https://learn.microsoft.com/azure/ai-foundry/openai/how-to/batch)."""


def write_requests(tasks: Iterable[Task], path: str | Path, answers: str | Path, **options: Any) -> int:
    """Write what has no row in the file of answers yet as requests for the batch offer; says how many.

    Upload the file with the openai client: `files.create(file=..., purpose="batch")`, then `batches.create(...,
    endpoint="/v1/chat/completions", completion_window="24h")`.

    Args:
        tasks: as `plan` returns them.
        path: the file to make, in JSON Lines.
        answers: where `read_results` will keep the answers; a file that cannot be sent any more has its row at once.
        options: what else each request holds, such as `max_tokens`.

    Raises:
        BatchError: there are too many for one file, or a file cannot be written.
    """
    count = size = 0
    try:
        with Journal(answers) as journal, Path(path).open("wb") as file:
            for task in still_missing(tasks, journal.is_answer, again=False):
                try:
                    if task.refused:
                        raise MediaError(task.refused)
                    body = {"model": task.deployment, "messages": messages(task), **options}
                except MediaError as error:
                    journal.append({**failure_row(task, str(error), ""), "attempts": 0})
                    continue
                request = {
                    "custom_id": task.key,
                    "method": "POST",
                    "url": "/v1/chat/completions",
                    "body": body,
                }
                line = json.dumps(request).encode() + b"\n"
                count, size = count + 1, size + len(line)
                if count > MOST_REQUESTS or size > MOST_BYTES:
                    raise BatchError(
                        f"One file takes {MOST_REQUESTS:,} requests and {MOST_BYTES:,} bytes, and these are more: "
                        "write them in several files, each from a part of the tasks."
                    )
                file.write(line)
    except OSError as error:
        raise BatchError(
            f"{Path(path).name} cannot be written ({error.strerror}): check the folder."
        ) from None
    return count


def read_results(tasks: Iterable[Task], results: Iterable[str], answers: str | Path) -> dict[str, int]:
    """Keep what came back, once each, and count the `answered` and the `failed`.

    Args:
        tasks: those that were written.
        results: lines of the output file, and of the error file, that the service made.
        answers: the file of answers, as for `run`.

    Raises:
        BatchError: a line is no result of these tasks.
    """
    counts = Counter(answered=0, failed=0)
    with Journal(answers) as journal:
        waiting = {task.key: task for task in still_missing(tasks, journal.is_answer, again=True)}
        for number, line in enumerate(filter(str.strip, results), start=1):
            try:
                result = json.loads(line, object_hook=lambda values: SimpleNamespace(**values))
                key, response = result.custom_id, getattr(result, "response", None)
            except (ValueError, AttributeError, RecursionError):
                raise BatchError(f"Line {number} is no result of a batch: is it the output file?") from None
            if key not in waiting:
                continue
            task, status = waiting.pop(key), getattr(response, "status_code", None)
            body = getattr(response, "body", None)
            if status == 200:
                row = judged(task, body, 0.0).row
            else:
                error = getattr(result, "error", None) or getattr(body, "error", None)
                said = getattr(error, "message", None) or f"The service sent status {status}."
                row = failure_row(
                    task, str(said), "Send it once more with run(..., again=True).", status=status
                )
            journal.append(row)
            counts["failed" if row["error"] else "answered"] += 1
    return dict(counts)
