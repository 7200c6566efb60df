"""One question about many files: plan, send at a set pace, keep each answer on disk, look at the whole."""

from __future__ import annotations

from helpers.batch.errors import BatchError
from helpers.batch.journal import missing, read_rows
from helpers.batch.pace import RateLimit
from helpers.batch.plan import Task, cost, plan
from helpers.batch.progress import while_running
from helpers.batch.results import chart_scores, table
from helpers.batch.run import run

__all__ = [
    "BatchError",
    "RateLimit",
    "Task",
    "chart_scores",
    "cost",
    "missing",
    "plan",
    "read_rows",
    "run",
    "table",
    "while_running",
]
