"""The endpoint on its own: `python -m offline_endpoint`."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import pytest
import requests

from offline_endpoint.__main__ import main
from tests.servers import free_port


def start(*options, **environment):
    import os

    return subprocess.Popen(
        [sys.executable, "-m", "offline_endpoint", *options],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(port, process):
    deadline = time.monotonic() + 60
    while True:
        try:
            assert requests.get(f"http://127.0.0.1:{port}/health", timeout=5).json() == {"status": "ok"}
            return
        except requests.ConnectionError:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.parametrize("source", ["environment", "none"])
def test_serves_with_and_without_a_key(source):
    port, key = free_port(), "a-key-for-this-test"
    environment = {"AZURE_INFERENCE_CREDENTIAL": key} if source == "environment" else {}
    process = start("--port", str(port), **environment)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(port, process)
        right = requests.get(f"{url}/openai/v1/models", headers={"api-key": key}, timeout=10)
        other = requests.get(f"{url}/openai/v1/models", headers={"api-key": "other"}, timeout=10)
        absent = requests.get(f"{url}/openai/v1/models", timeout=10)
        assert right.status_code == 200
        assert other.status_code == (200 if source == "none" else 401)
        assert absent.status_code == 401
    finally:
        process.terminate()
        said, errors = process.communicate(timeout=30)
    assert "/openai/v1/" in said
    assert key not in said + errors


def test_a_shared_endpoint_says_what_others_write_and_not_the_key():
    key = "a-key-for-the-room"
    process = start("--host", "0.0.0.0", "--port", str(free_port()), AZURE_INFERENCE_CREDENTIAL=key)
    said = ""
    try:
        for line in process.stdout:
            said += line
            if line.startswith("Press"):
                break
    finally:
        process.terminate()
        rest, errors = process.communicate(timeout=30)
    assert "AZURE_INFERENCE_ENDPOINT=http://" in said
    assert "LESSON_SAMPLES_URL=http://" in said
    assert key not in said + rest + errors


def test_one_deployment_one_route_and_a_name():
    port, key = free_port(), "a-key-for-this-test"
    options = ("--key", key, "--deployment", "gpt-4o", "--routes", "models", "--name", "lab-7.example.org")
    process = start("--port", str(port), *options)
    said = ""
    try:
        for line in process.stdout:
            said += line
            if line.startswith("Press"):
                break
        wait_for(port, process)
        url, headers = f"http://127.0.0.1:{port}", {"api-key": key}
        body = {"messages": [{"role": "user", "content": 'Translate to Spanish: "Hello."'}]}
        version = {"api-version": "2024-05-01-preview"}
        reply = requests.post(
            f"{url}/models/chat/completions", params=version, json=body, headers=headers, timeout=60
        )
        assert reply.json()["choices"][0]["message"]["content"] == "Hola."
        other = requests.post(
            f"{url}/models/chat/completions",
            params=version,
            json=body,
            headers={"api-key": "other"},
            timeout=10,
        )
        assert other.status_code == 401
        info = requests.get(f"{url}/models/info", params=version, headers=headers, timeout=10)
        assert info.json()["model_type"] == "chat-completion"
        assert requests.get(f"{url}/openai/v1/models", headers=headers, timeout=10).status_code == 404
        for host, status in (("lab-7.example.org", 200), ("lab-8.example.org", 421)):
            assert requests.get(f"{url}/health", headers={"Host": host}, timeout=10).status_code == status
    finally:
        process.terminate()
        rest, errors = process.communicate(timeout=30)
    assert "/models" in said
    assert "/openai/v1" not in said
    assert key not in said + rest + errors


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--deployment", "gpt-9"], "invalid choice"),
        (["--routes", "v2"], "invalid choice"),
        (["--port", "0"], "1 to 65535"),
        (["--port", "x"], "invalid int"),
        (["--host", "0.0.0.0"], "give --key"),
        (["--host", "203.0.113.7", "--key", "k"], "cannot listen"),
    ],
)
def test_refuses_in_a_sentence(options, hint, monkeypatch, capsys):
    monkeypatch.delenv("AZURE_INFERENCE_CREDENTIAL", raising=False)
    monkeypatch.setattr(sys, "argv", ["offline_endpoint", *options])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert hint in capsys.readouterr().err


def test_a_taken_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = start("--port", str(port))
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert str(port) in errors
    assert "Traceback" not in errors
