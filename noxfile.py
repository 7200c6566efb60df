"""The project's own checks by name: `nox -s fast`, in the environment that nox itself runs in."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["fast"]

PYTEST = ("python", "-m", "pytest", "-n", "2", "--dist", "loadfile")


@nox.session
def test(session: nox.Session) -> None:
    """Everything, as CI runs it."""
    session.run(*PYTEST, *session.posargs)


@nox.session
def fast(session: nox.Session) -> None:
    """What needs no kernel, no browser, no cluster and no reader of pictures: under 90 seconds."""
    folders = (
        "tests/helpers",
        "tests/workbench",
        "tests/offline_endpoint",
        "tests/lessons",
        "tests/contract",
    )
    session.run(*PYTEST, "-m", "not (kernel or browser or cluster or slow)", *folders, *session.posargs)


@nox.session
def lessons(session: nox.Session) -> None:
    """The notebooks, strictly, and what is tested about them."""
    session.run(*PYTEST, "notebooks", "tests/lessons", *session.posargs)


@nox.session
def charts(session: nox.Session) -> None:
    """How well drawn charts are read, by kind."""
    session.run("python", "-m", "tests.benchmarks.chart_reading", *session.posargs)


@nox.session
def types(session: nox.Session) -> None:
    """Types of the three packages."""
    session.run("mypy", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Which lines the tests without kernels and browser run; measured, not gated."""
    folders = ("tests/helpers", "tests/workbench", "tests/offline_endpoint", "tests/contract")
    packages = "--source=formats,helpers,workbench,offline_endpoint"
    session.run("python", "-m", "coverage", "run", packages, "-m", "pytest", *folders, *session.posargs)
    session.run("python", "-m", "coverage", "report")
