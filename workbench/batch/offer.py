"""The service's own batch offer: requests as a file to upload, results read back into the file of answers."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from helpers.encoding import MediaError
from helpers.models import BATCH_BYTES, BATCH_REQUESTS
from workbench.batch.attempt import failure_row, judged
from workbench.batch.journal import Journal, still_missing
from workbench.batch.plan import Task, messages
from workbench.batch.stopping import BatchError

if TYPE_CHECKING:
    from openai import OpenAI

_URL: Literal["/v1/chat/completions"] = "/v1/chat/completions"
_ENDED = ("completed", "failed", "expired", "cancelled")


def write_requests(tasks: Iterable[Task], path: str | Path, answers: str | Path, **options: Any) -> int:
    """Write what has no row in the file of answers yet as requests for `submit`; says how many.

    Args:
        tasks: as `plan` returns them.
        path: the file to make, in JSON Lines.
        answers: where `collect` will keep the answers; a file that cannot be sent any more has its row at once.
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
                    journal.append(failure_row(task, str(error), attempts=0))
                    continue
                request = {"custom_id": task.key, "method": "POST", "url": _URL, "body": body}
                line = json.dumps(request).encode() + b"\n"
                count, size = count + 1, size + len(line)
                if count > BATCH_REQUESTS or size > BATCH_BYTES:
                    raise BatchError(
                        f"One file takes {BATCH_REQUESTS:,} requests and {BATCH_BYTES:,} bytes, and these are more: "
                        "write them in several files, each from a part of the tasks."
                    )
                file.write(line)
    except OSError as error:
        said = f"{Path(path).name} cannot be written ({error.strerror}): check the folder."
        raise BatchError(said) from None
    return count


def submit(client: OpenAI, path: str | Path) -> str:
    """Upload a file of requests and ask for its batch, which may take a day; returns its id, to be kept.

    Raises:
        openai.OpenAIError: the service refuses the file or the batch.
    """
    file = client.files.create(file=Path(path), purpose="batch")
    client.files.wait_for_processing(file.id)
    made = client.batches.create(input_file_id=file.id, endpoint=_URL, completion_window="24h")
    return str(made.id)


def collect(
    tasks: Iterable[Task], client: OpenAI, batch_id: str, answers: str | Path, *, every: float = 30.0
) -> dict[str, int]:
    """Wait until a batch has ended, and keep what came back; may be stopped and called again.

    Args:
        tasks: those that were written.
        client: as for `submit`.
        batch_id: what `submit` returned.
        answers: the file of answers, as for `run`.
        every: seconds between two looks.

    Returns:
        How many of the tasks were `answered` and how many `failed`.

    Raises:
        BatchError: the service refused the whole batch.
        openai.OpenAIError: it cannot be reached, or knows no such batch.
    """
    while (batch := client.batches.retrieve(batch_id)).status not in _ENDED:
        time.sleep(every)
    if batch.status == "failed":
        told = "; ".join(str(each.message) for each in (batch.errors and batch.errors.data) or [])
        raise BatchError(
            f"The service refused the batch: {told or 'it did not say why'}. Nothing was answered."
        )
    files = [name for name in (batch.output_file_id, batch.error_file_id) if name]
    return read_results(
        tasks, (line for name in files for line in client.files.content(name).iter_lines()), answers
    )


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
