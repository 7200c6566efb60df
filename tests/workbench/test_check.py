"""The parts of `python -m workbench.check`: what each finds on good and on bad ground."""

from __future__ import annotations

import json
import socket
import sys
import threading
from importlib.metadata import version

import pytest

from offline_endpoint.server import start
from workbench.check import computer, connection
from workbench.check.report import Status, all_well, as_json, as_text, failed, passed, skipped


def statuses(findings):
    return [finding.status.value for finding in findings]


def check_connection(url):
    return list(connection.check_connection(url))


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


def test_plain_connection(port):
    findings = check_connection(f"http://127.0.0.1:{port}/v1")
    assert statuses(findings) == ["pass", "pass", "pass", "skipped"]


def test_refused_port(port):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    findings = check_connection(f"http://127.0.0.1:{closed}/v1")
    assert statuses(findings) == ["pass", "pass", "fail", "skipped"]
    assert "refused" in findings[2].detail


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example"])
def test_unknown_name(host):
    findings = check_connection(f"https://{host}/models")
    assert statuses(findings) == ["pass", "fail", "skipped", "skipped"]
    assert "AZURE_INFERENCE_ENDPOINT" in findings[1].remedy


@pytest.fixture
def secure(monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    server = start(https=True)
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("variables", "ends", "said"),
    [
        ((), "fail", "is not trusted: "),
        (("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), "pass", "TLSv1"),
        (("REQUESTS_CA_BUNDLE",), "fail", "is not trusted by openai and the async clients: "),
        (("SSL_CERT_FILE",), "fail", "is not trusted by azure-ai-inference: "),
    ],
)
def test_certificate_as_each_client_sees_it(variables, ends, said, secure, monkeypatch):
    for name in variables:
        monkeypatch.setenv(name, str(secure.ca_file))
    findings = check_connection(f"{secure.origin}/models")
    assert statuses(findings) == ["pass", "pass", "pass", ends]
    assert said in findings[3].detail
    assert ends == "pass" or (
        "REQUESTS_CA_BUNDLE" in findings[3].remedy and "SSL_CERT_FILE" in findings[3].remedy
    )


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_file_of_certificates_that_is_not_there(variable, secure, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(secure.ca_file))
    monkeypatch.setenv(variable, "no-such-file.pem")
    findings = check_connection(f"{secure.origin}/models")
    assert statuses(findings) == ["pass", "pass", "pass", "fail"]
    assert variable in findings[3].remedy


def test_no_tls_behind_https(server_without_tls):
    findings = check_connection(f"https://127.0.0.1:{server_without_tls}/models")
    assert statuses(findings) == ["pass", "pass", "pass", "fail"]


@pytest.fixture
def server_without_tls():
    server = start()
    yield int(server.origin.rpartition(":")[2])
    server.stop()


def test_silent_port_does_not_hang(port, monkeypatch):
    # The listener takes connections and never says a word.
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.2)
    findings = check_connection(f"https://127.0.0.1:{port}/models")
    assert statuses(findings) == ["pass", "pass", "pass", "fail"]
    assert "no handshake" in findings[3].detail


@pytest.mark.parametrize(
    ("variables", "ends", "said"),
    [
        ({"https_proxy": "http://127.0.0.1:{port}"}, "pass", "requests go through 127.0.0.1:"),
        ({"HTTPS_PROXY": "127.0.0.1:{port}"}, "pass", "requests go through 127.0.0.1:"),
        ({"https_proxy": "http://me:hunter2@127.0.0.1:9"}, "fail", "nothing listens there"),
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
    findings = check_connection("https://contoso.services.ai.azure.com/models")
    assert statuses(findings) == [ends, "skipped", "skipped", "skipped"]
    assert said in findings[0].detail
    assert "hunter2" not in str(findings)


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
