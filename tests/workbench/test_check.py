"""The parts of `python -m workbench.check`: what each finds on good and on bad ground."""

from __future__ import annotations

import json
import socket
import sys
import threading
from importlib.metadata import version

import pytest

from workbench import check
from workbench.check import computer, connection
from workbench.check.report import Status, all_well, as_json, as_text, failed, passed, skipped


def test_this_python_will_do():
    finding = computer.check_python()
    assert finding.status is Status.PASS
    assert sys.version.split()[0] in finding.detail


def test_an_old_python(monkeypatch):
    monkeypatch.setattr(computer.sys, "version_info", (3, 9, 1))
    finding = computer.check_python()
    assert finding.status is Status.FAIL
    assert "3.9.1" in finding.detail
    assert "3.11" in finding.remedy


def test_packages_as_pinned(tmp_path):
    file = tmp_path / "requirements.txt"
    here, elsewhere = "python_version >= '3.11'", "sys_platform == 'nowhere'"
    lines = (
        "# one",
        f"pytest=={version('pytest')} ; {here} \\",
        "    --hash=sha256:00",
        f"pytest==0.0.1 ; {elsewhere}",
        "-e .",
    )
    file.write_text("\n".join(lines), encoding="utf-8")
    assert computer.check_packages(file) == passed("packages", "all 1 are those of requirements.txt")


def test_packages_missing_and_of_another_version(tmp_path):
    file = tmp_path / "requirements.txt"
    file.write_text("pytest==0.0.1\nno-such-package-here==1.0\n", encoding="utf-8")
    finding = computer.check_packages(file)
    assert finding.status is Status.FAIL
    assert "missing: no-such-package-here" in finding.detail
    assert f"pytest {version('pytest')} instead of 0.0.1" in finding.detail
    assert "pip install -r requirements.txt" in finding.remedy


def test_no_requirements(tmp_path):
    assert computer.check_packages(tmp_path / "requirements.txt").status is Status.SKIPPED


def test_kernel_is_there():
    assert computer.check_kernel().status is Status.PASS


@pytest.mark.parametrize("said", ["another Python", "cannot be read"])
def test_kernel_of_another_python(tmp_path, monkeypatch, said):
    argv = [str(tmp_path / "python"), "-m", "ipykernel_launcher"]
    good = json.dumps({"argv": argv, "display_name": "Other", "language": "python"})
    spec = good if said == "another Python" else "{"
    folder = tmp_path / "kernels" / "python3"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(spec, encoding="utf-8")
    # The kernel of the environment itself would be put in front of it otherwise.
    monkeypatch.setattr(
        "jupyter_client.kernelspec.KernelSpecManager._get_kernel_spec_by_name", by_path(folder)
    )
    finding = computer.check_kernel()
    assert finding.status is Status.FAIL
    assert said in finding.detail
    assert "ipykernel install" in finding.remedy


def by_path(folder):
    from jupyter_client.kernelspec import KernelSpec

    return lambda *_: KernelSpec.from_resource_dir(str(folder))


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("variables", "ends", "said"),
    [
        ({"https_proxy": "http://127.0.0.1:{port}"}, "pass", "requests go through 127.0.0.1:"),
        ({"HTTPS_PROXY": "127.0.0.1:{port}"}, "pass", "requests go through 127.0.0.1:"),
        ({"https_proxy": "http://me:hunter2@127.0.0.1:9"}, "fail", "nothing answers there"),
        ({"all_proxy": "http://127.0.0.1:{port}"}, "fail", "ALL_PROXY, which only some of the clients read"),
        ({"all_proxy": "socks5://127.0.0.1:{port}"}, "fail", "SOCKS"),
    ],
)
def test_a_proxy_is_looked_at_and_named(variables, ends, said, port, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(port=port))
    finding = connection.check_proxy("https://contoso.services.ai.azure.com/openai/v1")
    assert finding.status == ends
    assert said in finding.detail
    assert "hunter2" not in str(finding)


def test_a_proxy_that_is_not_for_this_host(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "azure.com")
    finding = connection.check_proxy("https://contoso.services.ai.azure.com/openai/v1")
    assert finding == passed("proxy", "none stands in between")


def test_within_returns_raises_and_gives_up():
    assert connection.within(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        connection.within(5, lambda: 1 / 0)
    with pytest.raises(TimeoutError):
        connection.within(0.05, threading.Event().wait)


def test_report_as_text_and_json():
    findings = [passed("a", "fine"), failed("b", "bad", "Mend it."), skipped("c", "needs the b")]
    assert as_text(findings[0]) == "pass     a: fine"
    assert as_text(findings[1]).splitlines()[1].strip() == "-> Mend it."
    assert not all_well(findings)
    assert all_well([findings[0], findings[2]])
    report = json.loads(as_json(findings))
    assert report["ok"] is False
    assert report["checks"][1] == {"name": "b", "status": "fail", "detail": "bad", "remedy": "Mend it."}


def test_a_notebook_is_told_names_failures_and_the_sum(capsys, monkeypatch):
    good = [
        passed("Python", "version 3.11.7"),
        skipped("proxy", "the offline endpoint is inside this process"),
    ]
    bad = [failed("clip", "no answer", "Try again.")]
    for findings, last in (
        (good, "Your setup works."),
        (good + bad, "Put this right, then run the check again."),
    ):
        monkeypatch.setattr("workbench.check.__main__._all_checks", lambda findings=findings, **_: findings)
        check.run()
        lines = capsys.readouterr().out.splitlines()
        assert lines[:2] == ["pass     Python", "skipped  proxy"]
        assert lines[-1] == last
    assert lines[2:4] == as_text(bad[0]).splitlines()
