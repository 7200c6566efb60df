"""`python -m workbench.check` as a learner runs it: a process, against servers that are well or are not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from azure.core.credentials import AzureKeyCredential

from helpers.addresses import read_address
from helpers.endpoint import Endpoint
from offline_endpoint.server import start
from tests.https import start_secure
from workbench.check import service

KEY = "c0ffee" * 8
NAMES = [
    "Python",
    "packages",
    "Jupyter kernel",
    "settings",
    "proxy",
    "connection",
    "key or token",
    "deployment",
    "openai client",
    "picture",
    "several pictures",
    "clip",
]
PROXIES = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), ""),
}


def run(folder, *options, env_file="", **settings):
    """The process's exit status and output; it starts in an empty folder and sees no settings but these."""
    (folder / ".env").write_text(env_file, encoding="utf-8")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AZURE_", "OPENAI_")) and name not in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    }
    done = subprocess.run(
        [sys.executable, "-m", "workbench.check", *options],
        cwd=folder,
        env=kept | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"} | settings,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert "Traceback" not in done.stdout + done.stderr
    for secret in {KEY, settings.get("AZURE_INFERENCE_CREDENTIAL", KEY)}:
        assert secret not in done.stdout + done.stderr
    return done


def findings(done):
    report = json.loads(done.stdout)
    assert [check["name"] for check in report["checks"]] == NAMES
    assert report["ok"] == (done.returncode == 0)
    for check in report["checks"]:
        assert check["status"] in ("pass", "fail", "skipped")
        assert check["detail"]
        assert bool(check["remedy"]) == (check["status"] == "fail")
    return {check["name"]: check for check in report["checks"]}


def statuses(found, first="settings"):
    return [found[name]["status"] for name in NAMES[NAMES.index(first) :]]


def against(server, path="/models", key=None, **more):
    return {
        "AZURE_INFERENCE_ENDPOINT": f"{server.origin}{path}",
        "AZURE_INFERENCE_CREDENTIAL": key or server.key,
    } | more


def test_offline_endpoint_without_settings(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert [line[9:].partition(":")[0] for line in lines] == NAMES
    assert [line.split()[0] for line in lines[3:]] == ["pass", "skipped", *["pass"] * 7]


def test_offline_endpoint_by_token_where_a_proxy_is_set(tmp_path):
    found = findings(run(tmp_path, "--json", "--token", **PROXIES))
    assert statuses(found, "key or token") == ["pass"] * 6


@pytest.mark.parametrize(
    "path", ["/models", "/openai/v1", "/models/chat/completions?api-version=2024-05-01-preview"]
)
def test_endpoint_in_the_settings(tmp_path, server, record, path):
    done = run(tmp_path, "--json", **against(server, path))
    found = findings(done)
    assert statuses(found) == ["pass"] * 9
    assert ("put right" in found["settings"]["detail"]) == ("?" in path)
    # They were really sent: a text by each client, a picture, two of them, a clip.
    posts = [
        arrival.body["messages"][0]["content"] for arrival in record.arrivals() if arrival.method == "POST"
    ]
    assert [content[-1]["type"] for content in posts] == [
        "text",
        "text",
        "image_url",
        "image_url",
        "input_audio",
    ]


def test_settings_from_a_file_where_a_proxy_is_set(tmp_path, server):
    lines = "".join(f"{name}={value}\n" for name, value in against(server).items())
    found = findings(run(tmp_path, "--json", env_file=lines, **PROXIES))
    assert found["proxy"]["detail"] == "none stands in between"
    assert statuses(found) == ["pass"] * 9


def test_wrong_key(tmp_path, server):
    done = run(tmp_path, "--json", **against(server, key=KEY))
    found = findings(done)
    assert done.returncode == 1
    assert statuses(found, "key or token") == ["fail", *["skipped"] * 5]
    assert "401" in found["key or token"]["detail"]
    assert "Copy the key" in found["key or token"]["remedy"]


def test_wrong_key_as_lines(tmp_path, server):
    done = run(tmp_path, **against(server, key=KEY))
    assert done.returncode == 1
    assert (
        "fail     key or token: The key is missing or is not one of this resource; the service said: 401"
        in done.stdout
    )
    assert "         -> Copy the key" in done.stdout


def test_unknown_deployment(tmp_path, server):
    done = run(tmp_path, "--json", **against(server, AZURE_INFERENCE_DEPLOYMENT="phi-9"))
    found = findings(done)
    assert statuses(found, "key or token") == ["pass", "fail", *["skipped"] * 4]
    assert "AZURE_INFERENCE_DEPLOYMENT" in found["deployment"]["remedy"]
    assert "phi-9" in found["deployment"]["detail"]


def test_deployment_without_sound(tmp_path, server):
    done = run(tmp_path, "--json", **against(server, AZURE_INFERENCE_DEPLOYMENT="gpt-4o"))
    found = findings(done)
    assert statuses(found, "key or token") == [*["pass"] * 5, "fail"]
    assert "takes no sound" in found["clip"]["detail"]
    assert "AZURE_INFERENCE_AUDIO_DEPLOYMENT" in found["clip"]["remedy"]
    assert done.returncode == 1


def test_refused_port(tmp_path):
    gone = start()
    gone.stop()
    found = findings(run(tmp_path, "--json", **against(gone, key=KEY)))
    assert statuses(found, "proxy") == ["pass", "fail", *["skipped"] * 6]
    assert "nothing listens" in found["connection"]["detail"]


def test_unresolvable_name(tmp_path):
    settings = {
        "AZURE_INFERENCE_ENDPOINT": "https://no-such-host.invalid/v1",
        "AZURE_INFERENCE_CREDENTIAL": KEY,
    }
    found = findings(run(tmp_path, "--json", **settings))
    assert statuses(found, "proxy") == ["pass", "fail", *["skipped"] * 6]
    assert "could not be found" in found["connection"]["detail"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"AZURE_INFERENCE_CREDENTIAL": KEY}, "AZURE_INFERENCE_ENDPOINT is not"),
        ({"AZURE_INFERENCE_ENDPOINT": "https://contoso.services.ai.azure.com/models"}, "CREDENTIAL is not"),
        ({"AZURE_INFERENCE_ENDPOINT": KEY, "AZURE_INFERENCE_CREDENTIAL": KEY}, "is not a URL"),
        (
            {
                "AZURE_INFERENCE_ENDPOINT": "https://contoso.services.ai.azure.com/models",
                "AZURE_INFERENCE_CREDENTIAL": KEY,
                "AZURE_INFERENCE_DEPLOYMENT": KEY,
            },
            "are the same",
        ),
    ],
)
def test_half_set_settings(tmp_path, settings, said):
    done = run(tmp_path, "--json", **settings)
    found = findings(done)
    assert done.returncode == 1
    assert statuses(found) == ["fail", *["skipped"] * 8]
    assert said in found["settings"]["remedy"]


def test_settings_file_in_another_encoding(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / ".env").write_bytes("# Schlüssel\n".encode("utf-16"))
    done = subprocess.run(
        [sys.executable, "-m", "workbench.check"],
        cwd=tmp_path / "inner",
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert "UTF-8" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_https_trusted_and_untrusted(tmp_path):
    secure = start_secure()
    try:
        trust = {"SSL_CERT_FILE": str(secure.ca_file), "REQUESTS_CA_BUNDLE": str(secure.ca_file)}
        good = findings(run(tmp_path, "--json", **against(secure), **trust))
        bad = findings(run(tmp_path, "--json", **against(secure)))
        trust.pop("SSL_CERT_FILE")
        half = findings(run(tmp_path, "--json", **against(secure), **trust))
    finally:
        secure.stop()
    assert statuses(good) == ["pass"] * 9
    assert statuses(bad, "connection") == ["fail", *["skipped"] * 6]
    assert "REQUESTS_CA_BUNDLE" in bad["connection"]["remedy"]
    assert statuses(half, "connection") == [*["pass"] * 3, "fail", *["pass"] * 3]
    assert "does not trust" in half["openai client"]["detail"]
    assert "This client reads SSL_CERT_FILE" in half["openai client"]["remedy"]


class Odd(BaseHTTPRequestHandler):
    """Answers as servers do that are no chat completions service; the path says how."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        how = self.path.split("/")[1]
        if how == "silent":
            self.server.done.wait(60)
            return
        if how == "cut":
            self.connection.close()
            return
        status, kind, body = {
            "html": (200, "text/html", "<html>Welcome</html>"),
            "list": (200, "application/json", "[]"),
            "empty": (200, "application/json", '{"choices": []}'),
            "null": (200, "application/json", '{"choices": [{"message": {"role": "assistant", "content": null}}]}'),
            "echo": (401, "application/json", json.dumps({"error": {"message": f"Bad key {self.headers['api-key']}"}})),
            "gateway": (403, "application/json", json.dumps({"message": f"No {self.headers['authorization']}"})),
            "quota": (429, "application/json", '{"error": {"code": "429", "message": "Slow down"}}'),
            "down": (503, "text/plain", "down"),
            "deaf": (200, "application/json", json.dumps({
                "choices": [{"index": 0, "finish_reason": "stop",
                             "message": {"role": "assistant", "content": "I cannot see or hear."}}],
            })),
        }[how]  # fmt: skip
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def odd():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    server.done = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.done.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("how", "expected", "said"),
    [
        ("html", ["pass", "fail"], "no chat completion"),
        ("list", ["pass", "fail"], "no chat completion"),
        ("empty", ["pass", "fail"], "it has no choices"),
        ("null", ["pass", "fail"], "no text"),
        ("echo", ["fail"], "***"),
        ("gateway", ["fail"], "***"),
        ("quota", ["pass", "fail"], "429"),
        ("down", ["pass", "fail"], "503"),
        ("deaf", ["pass", "pass", "pass", "fail", "fail", "fail"], "no word of the picture"),
        ("silent", [], "no reply within 1 seconds"),
        ("cut", [], "without a reply"),
    ],
)
def test_servers_that_are_something_else(odd, how, expected, said):
    address = read_address(f"{odd}/{how}/v1")
    here = Endpoint(address.url, address.v1_base_url, "phi", address.kind, None)
    found = list(service.check_service(service.Service(here, AzureKeyCredential(KEY), False, "v1", 1)))
    expected = ["pass", *expected] if expected else ["fail"]
    assert [finding.status for finding in found] == expected + ["skipped"] * (7 - len(expected))
    assert [finding.name for finding in found] == NAMES[NAMES.index("connection") :]
    assert said in str(found)
    assert KEY not in str(found)


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon"])
def test_bad_seconds(tmp_path, seconds):
    done = run(tmp_path, "--seconds", seconds)
    assert done.returncode == 2
    assert "number of seconds" in done.stderr


def test_the_roles_are_asked_apart(tmp_path, server):
    done = run(tmp_path, "--json", **against(server, AZURE_INFERENCE_GPT_DEPLOYMENT="phi-9"))
    found = findings(done)
    assert statuses(found, "key or token") == [*["pass"] * 4, "fail", "pass"]
    assert "AZURE_INFERENCE_GPT_DEPLOYMENT" in found["several pictures"]["remedy"]
