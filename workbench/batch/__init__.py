"""One question about many files: plan, send at a set pace, keep each answer on disk, look at the whole."""

from __future__ import annotations

from workbench.batch.journal import missing, read_rows
from workbench.batch.offer import collect, read_results, submit, write_requests
from workbench.batch.pace import RateLimit, TokenLimit
from workbench.batch.plan import Task, cost, plan
from workbench.batch.progress import while_running
from workbench.batch.results import chart_scores, save_table, table
from workbench.batch.run import run
from workbench.batch.stopping import BatchError

__all__ = [
    "BatchError",
    "RateLimit",
    "Task",
    "TokenLimit",
    "chart_scores",
    "collect",
    "cost",
    "missing",
    "plan",
    "read_results",
    "read_rows",
    "run",
    "save_table",
    "submit",
    "table",
    "while_running",
    "write_requests",
]
