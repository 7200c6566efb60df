"""The parts of `python -m workbench.check`: what each finds on good and on bad ground."""

from __future__ import annotations

import json
import socket
import sys
import threading
from importlib.metadata import version

import pytest

from offline_endpoint.server import start
from tests.https import start_secure
from workbench.check import computer, connection
from workbench.check.report import Status, all_well, as_json, as_text, failed, passed, skipped


def statuses(findings):
    return [finding.status.value for finding in findings]


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
    file.write_text(f"# one\npytest=={version('pytest')}\n-c constraints.txt\n-e .\n", encoding="utf-8")
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


def test_plain_connection(port):
    findings = connection.check_connection(f"http://127.0.0.1:{port}/v1")
    assert statuses(findings) == ["pass", "pass", "skipped"]


def test_refused_port(port):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    findings = connection.check_connection(f"http://127.0.0.1:{closed}/v1")
    assert statuses(findings) == ["pass", "fail", "skipped"]
    assert "refused" in findings[1].detail


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example"])
def test_unknown_name(host):
    findings = connection.check_connection(f"https://{host}/models")
    assert statuses(findings) == ["fail", "skipped", "skipped"]
    assert "AZURE_INFERENCE_ENDPOINT" in findings[0].remedy


def test_certificate(monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    server = start_secure()
    try:
        untrusted = connection.check_connection(f"{server.origin}/models")
        monkeypatch.setenv("SSL_CERT_FILE", str(server.ca_file))
        trusted = connection.check_connection(f"{server.origin}/models")
        monkeypatch.setenv("SSL_CERT_FILE", "no-such-file.pem")
        unreadable = connection.check_connection(f"{server.origin}/models")
    finally:
        server.stop()
    assert statuses(untrusted) == ["pass", "pass", "fail"]
    assert "not trusted" in untrusted[2].detail
    assert statuses(trusted) == ["pass", "pass", "pass"]
    assert "TLSv1" in trusted[2].detail
    assert statuses(unreadable) == ["pass", "pass", "fail"]
    assert "SSL_CERT_FILE" in unreadable[2].remedy


def test_no_tls_behind_https(server_without_tls):
    findings = connection.check_connection(f"https://127.0.0.1:{server_without_tls}/models")
    assert statuses(findings) == ["pass", "pass", "fail"]


@pytest.fixture
def server_without_tls():
    server = start()
    yield int(server.origin.rpartition(":")[2])
    server.stop()


def test_silent_port_does_not_hang(port, monkeypatch):
    # The listener takes connections and never says a word.
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.2)
    findings = connection.check_connection(f"https://127.0.0.1:{port}/models")
    assert statuses(findings) == ["pass", "pass", "fail"]
    assert "no handshake" in findings[2].detail


def test_a_proxy_is_left_to_the_clients(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:3128")
    monkeypatch.setenv("no_proxy", "")
    findings = connection.check_connection("https://contoso.services.ai.azure.com/models")
    assert statuses(findings) == ["skipped"] * 3
    assert "proxy" in findings[0].detail


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
