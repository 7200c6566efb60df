"""Which endpoint the tests talk to: the offline one, or with `--live` the one in the settings."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import shutil
import signal
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from helpers.addresses import Kind
from helpers.errors import LearnerError
from helpers.settings import (
    AUDIO_DEPLOYMENT,
    DEPLOYMENT,
    GPT_DEPLOYMENT,
    OFFLINE,
    OTHER_NAMES,
    SAMPLES_URL,
    V1_BASE_URL,
    Choice,
    choose,
    read_settings,
)
from helpers.settings import ENDPOINT as ENDPOINT_SETTING

LIVE_CELL_SECONDS = 300.0
"""How long a cell may take with --live, unless --nbval-cell-timeout asks for less."""

V1 = "the /openai/v1 route"
NEEDS = {
    "the /models or the /openai/v1 route": r"ChatCompletionsClient\(",
    V1: r"OpenAI\(",
    f"a picture in {DEPLOYMENT}": r"image_part|image_url|ImageUrl",
    f"several pictures or a schema in {GPT_DEPLOYMENT}": r"GPT_DEPLOYMENT|MANY_PICTURES|gpt_deployment",
    f"sound in {AUDIO_DEPLOYMENT}": r"audio_part|input_audio|audio_url|InputAudio|audio_deployment",
    f"data/ in public, at {SAMPLES_URL}": r"sample_url",
    "the offline endpoint, for a look at what arrived": r"\.arrivals\(",
}
"""What a lesson needs of an endpoint, and what in its code says so."""
NO_ROUTE = re.compile(
    r"NotFoundError: Error code: 404 - Resource not found$|BatchError: .* has nothing at the path /openai/v1/"
)
"""What the openai client says where a resource lacks the route, and the batch runner for it; of a missing deployment
both name the deployment."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --live and --links."""
    parser.addoption(
        "--live",
        action="store_true",
        help="run the lessons against the endpoint in the environment or .env, compare no outputs, "
        "and report which lessons its deployment can serve",
    )
    parser.addoption("--links", action="store_true", help="also ask each link to the web for an answer")


@pytest.fixture(scope="module", autouse=True)
def _environment_of_the_module() -> Iterator[None]:
    with _environment_kept():
        yield


@pytest.fixture(autouse=True)
def _environment_of_the_test(_environment_of_the_module: None) -> Iterator[None]:
    with _environment_kept():
        yield


@contextlib.contextmanager
def _environment_kept() -> Iterator[None]:
    # `connect()` sets variables for the clients to find, which the next test is not to find.
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the environment before any test is imported; the notebooks' kernels inherit it."""
    # A shell's background job ignores it, and so would the servers that tests start and end by it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not config.getoption("live"):
        # Every test talks to the offline endpoint, whatever a developer's own `.env` or environment says.
        for name in list(os.environ):
            if name.startswith("AZURE_INFERENCE_") or name in (V1_BASE_URL, SAMPLES_URL, *OTHER_NAMES):
                del os.environ[name]
        os.environ[ENDPOINT_SETTING] = OFFLINE
        _prepare_kernels(config)
        # With several processes, files begin in the order of `FIRST`, rather than by their numbers of tests.
        config.option.loadscopereorder = False
        return
    config.option.nbval, config.option.nbval_lax = False, True
    # The report at the end says it by lesson; the list of failed cells would say it again after that.
    config.option.reportchars = ""
    config.option.nbval_cell_timeout = min(config.option.nbval_cell_timeout, LIVE_CELL_SECONDS)
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        config.args = [str(config.rootpath / "notebooks")]
    try:
        # Where a lesson's kernel will look for `.env` from.
        with contextlib.chdir(config.rootpath):
            settings = read_settings()
            choice = choose(settings)
    except LearnerError as error:
        raise pytest.UsageError(f"--live: {error}") from None
    config.pluginmanager.register(_LiveReport(choice), "live-report")


def _prepare_kernels(config: pytest.Config) -> None:
    """Give the kernels of this run a folder of their own for what they read, and `tests/readings.py` to begin with."""
    shares = Path(__file__).with_name("tests") / "readings.py"
    if "READINGS_OF_THE_RUN" in os.environ or not shares.exists():
        return
    folder = Path(tempfile.mkdtemp(prefix="kernels-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    # Without a name of its own in what the learner's cells see.
    code = (
        f"exec(compile(open({str(shares)!r}).read(), {str(shares)!r}, 'exec'), {{'__name__': 'readings'}})\n"
    )
    (startup / "00.py").write_text(code, encoding="utf-8")
    os.environ |= {"IPYTHONDIR": str(folder), "READINGS_OF_THE_RUN": str(folder)}


SLOW = (
    *(f"contract/test_{name}.py" for name in ("batch", "change_table", "check", "files", "second_column")),
    *("lessons/test_data.py", "lessons/test_places.py", "workbench/test_exercises.py"),
    *(f"offline_endpoint/test_{name}.py" for name in ("answers", "chart_instead", "chart_reader", "ears")),
    *(f"offline_endpoint/test_reading_{name}.py" for name in ("samples", "speech", "text")),
)
MARKS = {
    "tests/browser": "browser",
    "notebooks": "kernel",
    **{f"tests/{name}": "slow" for name in SLOW},
}
"""What all tests of a folder or file need, or are."""
FIRST = (
    "notebooks",
    *(f"tests/{name}.py" for name in ("browser/test_the_lessons", "lessons/test_solutions")),
)
"""What takes longest, in this order: the last file of a run is not to keep one process busy for minutes while the
other has nothing left to do. The notebooks note what they read for all that begin after them."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by where they are, and let those begin that take longest."""
    files = {item.path: None for item in items}
    for path in files:
        marks = [mark for place, mark in MARKS.items() if path.is_relative_to(config.rootpath / place)]
        files[path] = marks, [path.is_relative_to(config.rootpath / place) for place in FIRST]
    items.sort(key=lambda item: files[item.path][1], reverse=True)
    for item in items:
        for mark in files[item.path][0]:
            item.add_marker(mark)


SAYS_ELSE_AGAIN = {
    **{("10_choose_a_model", cell): "is not asked again" for cell in ("compare", "repeat", "refusal")},
    ("11_when_it_fails", "over"): "Run the cell again, and one request is enough",
    ("14_many_files", "run"): "Run the cell again, and nothing is sent",
    ("14_many_files", "failed-again"): "Run that cell again, and there is nothing left to send",
}
"""Cells that say something else when they are run again, or show no bar then, and how their lesson tells so."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Run each cell of a lesson twice in a row: learners do, and it has to say again what is saved."""
    is_cell = item.path.suffix == ".ipynb" and not item.config.getoption("live")
    saved = copy.deepcopy(item.cell.outputs) if is_cell and item.cell.cell_type == "code" else None
    yield
    if saved is None:
        return
    if words := SAYS_ELSE_AGAIN.get((item.path.stem, item.cell.id)):
        assert words in item.path.read_text(encoding="utf-8")
        return
    # nbval joins the pieces of a stream in place.
    item.cell.outputs = saved
    try:
        item.runtest()
    except Exception as error:
        error.args = (f"Run a second time: {error}",)
        raise


class _LiveReport:
    """Runs lessons only, notes each lesson's first error, and says at the end which ones ran without."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._cells: defaultdict[str, int] = defaultdict(int)
        self._errors: defaultdict[str, list[str]] = defaultdict(list)
        self._needs: dict[str, list[str]] = {}
        self._left_out: defaultdict[str, list[str]] = defaultdict(list)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        lessons = [item for item in items if item.path.suffix == ".ipynb"]
        config.hook.pytest_deselected(items=[item for item in items if item.path.suffix != ".ipynb"])
        items[:] = lessons
        if self._choice.address is None:
            for item in lessons:
                item.add_marker(pytest.mark.skip(reason="no live endpoint is set"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[Any]
    ) -> Iterator[pytest.TestReport]:
        report = yield
        lesson = item.path.stem
        if lesson not in self._needs:
            self._needs[lesson] = _needs(item.path)
        if report.when == "call":
            self._cells[lesson] += 1
        if report.failed and self._lacks_v1(item, _error_line(item, call)):
            self._left_out[lesson].append(item.cell.source)
            report.outcome, report.longrepr = "skipped", (str(item.path), 0, f"Skipped: needs {V1}")
        elif report.failed:
            where = f"code cell {getattr(item, 'cell_num', 0) + 1}"
            self._errors[lesson].append(f"{where}: {self._blank(_error_line(item, call))}")
            # A server may repeat the key in its refusal, and a traceback would show it.
            report.longrepr = self._blank(str(report.longrepr))
            report.sections = [(title, self._blank(text)) for title, text in report.sections]
        return report

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section("live lessons")
        address = self._choice.address
        if address is None:
            terminalreporter.line(
                f"Skipped: --live needs an endpoint. Set {ENDPOINT_SETTING} in the environment or in .env."
            )
            return
        choice = self._choice
        terminalreporter.line(f"{address.kind} at {urlsplit(address.url).netloc}, {choice.deployment};")
        terminalreporter.line(
            f"{GPT_DEPLOYMENT}: {choice.gpt_deployment}, {AUDIO_DEPLOYMENT}: {choice.audio_deployment}"
        )
        for lesson in sorted(self._cells.keys() | self._errors.keys()):
            errors = self._errors[lesson]
            if errors:
                more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
                terminalreporter.line(f"not served  {lesson}: {errors[0]}{more}")
            else:
                left_out = len(self._left_out[lesson])
                more = f", {left_out} left out: needs {V1}" if left_out else ""
                terminalreporter.line(
                    f"served      {lesson}: {self._cells[lesson] - left_out} cells ran{more}"
                )
            if needs := self._needs.get(lesson):
                terminalreporter.line(f"            needs {'; '.join(needs)}")

    def _lacks_v1(self, item: pytest.Item, error: str) -> bool:
        """Whether a cell failed for want of the v1 route alone, or of a name that such a cell would have set."""
        if self._choice.address is None or self._choice.address.kind is not Kind.AZURE_MODELS:
            return False
        if unset := re.match(r"NameError: name '(\w+)' is not defined", error):
            sets = re.compile(rf"^(?:\w+, )*{unset[1]}(?:, \w+)* = ", re.MULTILINE)
            return any(sets.search(source) for source in self._left_out[item.path.stem])
        return NO_ROUTE.match(error) is not None

    def _blank(self, text: str) -> str:
        return text.replace(self._choice.key, "***") if self._choice.key else text


def _needs(path: Path) -> list[str]:
    """What the code of a lesson needs of an endpoint; the first line of `NEEDS` goes where the second is said."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    found = [need for need, pattern in NEEDS.items() if re.search(pattern, code)]
    return found[1:] if found[1:2] == [list(NEEDS)[1]] else found


def _error_line(item: pytest.Item, call: pytest.CallInfo[Any]) -> str:
    """What stopped a cell, in one line of at most 200 characters."""
    for output in getattr(item, "test_outputs", None) or []:
        if output.output_type == "error":
            return " ".join(f"{output.ename}: {output.evalue}".split())[:200]
    return " ".join(str(call.excinfo.value).split())[:200] if call.excinfo else "it failed"
