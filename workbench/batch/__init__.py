"""One question about many files: plan, send at a set pace, keep each answer on disk, look at the whole."""

from __future__ import annotations

from workbench.batch.journal import missing as missing
from workbench.batch.journal import read_rows as read_rows
from workbench.batch.offer import collect as collect
from workbench.batch.offer import read_results as read_results
from workbench.batch.offer import submit as submit
from workbench.batch.offer import write_requests as write_requests
from workbench.batch.pace import RateLimit as RateLimit
from workbench.batch.pace import TokenLimit as TokenLimit
from workbench.batch.plan import Task as Task
from workbench.batch.plan import cost as cost
from workbench.batch.plan import plan as plan
from workbench.batch.progress import while_running as while_running
from workbench.batch.results import chart_scores as chart_scores
from workbench.batch.results import save_table as save_table
from workbench.batch.results import table as table
from workbench.batch.run import run as run
from workbench.batch.stopping import BatchError as BatchError
