"""What one check found, and a list of findings as text or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - a word for success, no password
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """What one check found, without a period, and what to do about a failure, a sentence."""

    name: str
    status: Status
    detail: str
    remedy: str = ""


def passed(name: str, detail: str) -> Finding:
    """A check that found nothing wrong."""
    return Finding(name, Status.PASS, detail)


def failed(name: str, detail: str, remedy: str) -> Finding:
    """A check that found something a learner has to put right."""
    return Finding(name, Status.FAIL, detail, remedy)


def skipped(name: str, detail: str) -> Finding:
    """A check that has nothing to look at; the detail says why."""
    return Finding(name, Status.SKIPPED, detail)


def all_well(findings: list[Finding]) -> bool:
    """Whether nothing failed."""
    return not any(finding.status is Status.FAIL for finding in findings)


def as_text(finding: Finding) -> str:
    """One finding for a person: a line, and below it the remedy if there is one."""
    line = f"{finding.status:<8} {finding.name}: {finding.detail}"
    return f"{line}\n{'':<8} -> {finding.remedy}" if finding.remedy else line


def as_short(finding: Finding) -> str:
    """One finding in the words that are the same on every computer, unless it failed."""
    return as_text(finding) if finding.status is Status.FAIL else f"{finding.status:<8} {finding.name}"


def as_json(findings: list[Finding]) -> str:
    """All findings for a program: `ok` and `checks`, each check with the fields of `Finding`."""
    return json.dumps(
        {"ok": all_well(findings), "checks": [asdict(finding) for finding in findings]}, indent=2
    )
