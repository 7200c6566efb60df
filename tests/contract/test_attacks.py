"""What a hostile caller can send: nothing leaves, freezes, fills or stops the endpoint, and each is told why."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from formats.addresses import is_public
from offline_endpoint.server import start
from offline_endpoint.wire import connections, fetch, limits, record
from tests.contract.conftest import GPT, NOTEBOOKS, PHI, user

GREETING = user('Translate to Spanish: "Good morning."')
CHART = NOTEBOOKS.parent / "data" / "charts" / "library_visitors.png"
HANG = 60
"""Seconds after which a request counts as hung; each takes a fraction of one."""


def post(server, body, *, route="openai/v1", headers=(), timeout=HANG, **options):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"api-key": server.key, "content-type": "application/json"} | dict(headers)
    params = {"api-version": "2024-05-01-preview"} if route == "models" else {}
    url = f"{server.origin}/{route}/chat/completions"
    return requests.post(url, params=params, data=data, headers=headers, timeout=timeout, **options)


def still_answers(server):
    reply = post(server, {"model": PHI, "messages": GREETING})
    return reply.json()["choices"][0]["message"]["content"] == "Buenos días."


def refused(reply, status=400):
    """The code of a refusal, which has the service's shape."""
    assert reply.status_code == status, reply.text[:300]
    assert reply.headers["content-type"].startswith("application/json")
    assert reply.json()["error"]["message"]
    return reply.json()["error"]["code"]


# Schemas.


def ask_by(server, schema):
    shape = {"type": "json_schema", "json_schema": {"name": "shape", "schema": schema}}
    body = {"model": GPT, "messages": user("Return JSON."), "response_format": shape}
    return post(server, body)


def nested(depth):
    schema = {}
    for _ in range(depth):
        schema = {"not": schema}
    return schema


def doubling(levels):
    """Each definition asks for the next one twice: as many steps as there are, to the power of two."""
    ref = "#/$defs/d{}".format
    defs = {f"d{n}": {"allOf": [{"$ref": ref(n + 1)}, {"$ref": ref(n + 1)}]} for n in range(levels)}
    return {"$ref": ref(0), "$defs": {**defs, f"d{levels}": {"type": "object"}}}


@pytest.fixture
def site():
    """A local site that notes who asks."""
    asked = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "string"}')

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_no_reference_leaves_the_document(server, site, tmp_path):
    origin, asked = site
    (tmp_path / "secret.json").write_text('{"const": "a-word-from-the-disk"}')
    file_url = (tmp_path / "secret.json").as_uri()
    for schema in (
        {"$ref": file_url},
        {"$ref": f"{origin}/a.json"},
        {"properties": {"a": {"anyOf": [{"$ref": f"{origin}/b.json"}]}}},
        {"$id": f"{origin}/c.json", "$ref": "d.json"},
        {"$dynamicRef": f"{origin}/e.json"},
        {"$ref": "secret.json"},
        {"$schema": f"{origin}/dialect.json", "$ref": f"{origin}/f.json"},
        {"$defs": {"a": {"$schema": f"{origin}/g.json", "$ref": f"{file_url}#"}}, "$ref": "#/$defs/a"},
    ):
        reply = ask_by(server, schema)
        assert refused(reply) == "invalid_json_schema"
        assert "a-word-from-the-disk" not in reply.text
    ask_by(server, {"$schema": f"{origin}/dialect.json", "type": "object"})
    assert asked == []


@pytest.mark.parametrize(
    "schema",
    [
        {"$schema": 5},
        {"$schema": ["x"]},
        {"$ref": "#"},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"$ref": "#/$defs/none"},
        {"$ref": "#none"},
        {"$ref": 7},
        {"type": "colour"},
        {"properties": []},
        {"patternProperties": {"^(.|.)*!$": {}}},
        {"pattern": "("},
        {"pattern": r"(?=a)b"},
        {"pattern": "(((a{1,999}){1,999}){1,999})"},
        nested(150),
        nested(60),
        doubling(60),
        {"enum": [str(number) for number in range(30_000)]},
        {"description": "x" * 300_000},
    ],
    ids=lambda schema: json.dumps(schema)[:40],
)
def test_a_schema_out_of_bounds_is_refused(server, schema):
    assert refused(ask_by(server, schema)) == "invalid_json_schema"


def test_a_pattern_cannot_freeze_the_process(server):
    for pattern in (r"^(.|.|.|.)*!$", r"^(a+)+$", r"^(([a-z ])+.)+[A-Z]([a-z])+$", "(.*)*" * 20 + "!"):
        schema = {"properties": {"title": {"pattern": pattern}, "kind": {"pattern": pattern}}}
        assert ask_by(server, schema).status_code in (200, 400)
    assert still_answers(server)


# Names.


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "10.0.0.1", "[::2]"]
)
def test_a_rebound_name_is_not_answered(server, host):
    for path in ("/health", "/samples/charts/library_visitors.png", "/openai/v1/models"):
        reply = requests.get(
            f"{server.origin}{path}", headers={"Host": host, "api-key": server.key}, timeout=HANG
        )
        assert refused(reply, 421) == "MisdirectedRequest"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.8.8.8:99", "[::1]:80"])
def test_names_of_this_computer_are_answered(server, host):
    assert requests.get(f"{server.origin}/health", headers={"Host": host}, timeout=HANG).status_code == 200


def test_names_that_were_given_are_answered():
    running = start(names=["Lab-7.example.org"])
    try:
        for host, status in (("lab-7.EXAMPLE.org:8765", 200), ("lab-8.example.org", 421)):
            reply = requests.get(f"{running.origin}/health", headers={"Host": host}, timeout=HANG)
            assert reply.status_code == status
    finally:
        running.stop()


# Sizes and times.


def raw(server, *pieces, read=True):
    """Bytes as they are, and what came back."""
    parts = urlsplit(server.origin)
    with socket.create_connection((parts.hostname, parts.port), timeout=HANG) as link:
        for piece in pieces:
            link.sendall(piece)
        found = b""
        while read and (piece := link.recv(65_536)):
            found += piece
        return found


def test_thousands_of_headers_are_refused(server):
    lines = b"".join(b"x-%d: y\r\n" % number for number in range(10_000))
    head = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    found = raw(server, head + lines + b"\r\n")
    assert b" 431 " in found.splitlines()[0] or b" 400 " in found.splitlines()[0]
    few = b"".join(b"x-%d: y\r\n" % number for number in range(200))
    found = raw(server, head + few + b"\r\n")
    assert b" 431 " in found.splitlines()[0]
    assert b"RequestHeaderFieldsTooLarge" in found
    assert still_answers(server)


def test_what_is_no_http_is_refused_in_the_services_shape(server):
    found = raw(server, b"GET / HTTP/1.1 and more\r\n\r\n")
    head, _, body = found.partition(b"\r\n\r\n")
    assert b" 400 " in head.splitlines()[0]
    assert b"application/json" in head.lower()
    assert json.loads(body)["error"]["code"] == "BadRequest"


@pytest.mark.parametrize(
    "body",
    [
        b'{"messages":[' + b"[]," * 15_000_000 + b"[]]}",
        b'{"messages":[' + b"{}," * 15_000_000 + b"{}]}",
        b'{"messages":[' + b'"",' * 15_000_000 + b'""]}',
        b'{"messages":[' + b"1," * 22_000_000 + b"1]}",
        b'{"messages":"' + b"\\" * 45_000_000,
        b'{"messages":"' + b'\\"' * 22_000_000,
        b"[" * 45_000_000,
    ],
    ids=["lists", "objects", "strings", "numbers", "backslashes", "escapes", "depth"],
)
def test_a_body_of_many_values_is_refused_before_it_is_parsed(server, body):
    assert refused(post(server, body), 422) == "Invalid input"


@pytest.mark.parametrize(
    "value", [b"1e999", b"-1e999", b"1" * 5_000, b"NaN", b"Infinity", b"9" * 400 + b".5"]
)
@pytest.mark.parametrize(
    "field",
    ["temperature", "top_p", "n", "seed", "max_tokens", "unknown", "logit_bias", "metadata", "stop", "tools"],
)
def test_numbers_beyond_range(server, field, value):
    for form in (b"%s", b'{"a": %s}', b"[%s]"):
        body = b'{"model": "%s", "messages": %s, "%s": ' % (
            PHI.encode(),
            json.dumps(GREETING).encode(),
            field.encode(),
        )
        reply = post(server, body + form % value + b"}")
        if reply.status_code != 200:
            assert 400 <= reply.status_code < 500, reply.text
            assert reply.json()["error"]["code"]


@pytest.mark.parametrize("text", [rb"\ud800", rb"\udfff\ud800", rb"\u0000", b"\xed\xa0\x80"])
def test_letters_that_are_none(server, text):
    body = b'{"model": "%s", "messages": [{"role": "user", "content": "%s"}]}' % (PHI.encode(), text)
    assert post(server, body).status_code in (200, 422)
    assert post(server, b'{"%s": 1, "messages": []}' % text).status_code == 422


@pytest.mark.parametrize(
    "path", ["openai/v1/models/", "openai/v1/chat/completions/", "models/", "health/", "nothing"]
)
def test_other_paths_have_the_services_shape(server, path):
    for method in ("GET", "POST", "DELETE"):
        reply = requests.request(
            method,
            f"{server.origin}/{path}",
            headers={"api-key": server.key},
            allow_redirects=False,
            timeout=HANG,
        )
        assert refused(reply, 404) == "404"


def test_idle_connections_do_not_silence_it(server):
    parts = urlsplit(server.origin)
    links = [socket.create_connection((parts.hostname, parts.port)) for _ in range(300)]
    try:
        assert still_answers(server)
        deadline = time.monotonic() + HANG
        while len(server._server.server_state.connections) > connections.MOST_CONNECTIONS + 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        for link in links:
            link.close()


def test_a_head_or_body_that_does_not_come_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.5)
    running = start()
    try:
        head = b"POST /openai/v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        assert raw(running) == b""
        assert raw(running, head) == b""
        # A request that is answered, then half of another.
        assert (
            raw(running, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /he").count(b"HTTP/1.1")
            == 1
        )
        whole = (
            head + b"api-key: %s\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{" % running.key.encode()
        )
        found = raw(running, whole)
        assert b" 408 " in found.splitlines()[0]
    finally:
        running.stop()


def ask_in_vain(server):
    with contextlib.suppress(requests.RequestException):
        post(server, {"model": PHI, "messages": GREETING})


def test_stop_does_not_wait_for_a_reply(monkeypatch):
    from offline_endpoint.wire import app

    let_go = threading.Event()
    monkeypatch.setattr(app, "_answer", lambda *_args: let_go.wait(HANG))
    running = start()
    try:
        asking = threading.Thread(target=ask_in_vain, args=[running], daemon=True)
        asking.start()
        deadline = time.monotonic() + HANG
        while not running._server.server_state.tasks:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        before = time.monotonic()
        running.stop()
        # A guard against waiting for the reply, which would take a minute.
        assert time.monotonic() - before < HANG / 3
    finally:
        let_go.set()


# Downloads.


class Slow(BaseHTTPRequestHandler):
    """A site that sends a byte now and then, or packs what it sends."""

    def do_GET(self):
        kind = self.path.rpartition("/")[2]
        try:
            if kind == "head":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                for number in range(1_000):
                    self.wfile.write(b"x-%d: y\r\n" % number)
                    time.sleep(0.1)
            if kind == "redirect":
                self.send_response(302)
                self.send_header("Location", "/samples/an ü.bin")
                self.end_headers()
                return
            packed = gzip.compress(b"packed" * 1_000)
            body = {
                "gzip": packed,
                "cut": packed[:20],
                "bomb": gzip.compress(bytes(50_000_000)),
                "br": b"x",
            }.get(kind)
            self.send_response(200)
            if body is not None:
                self.send_header("Content-Encoding", "br" if kind == "br" else "gzip")
            self.end_headers()
            self.wfile.write(body or b"")
            for _ in range(1_000 if kind == "body" else 0):
                self.wfile.write(b"x")
                time.sleep(0.1)
            if body is None and kind != "body":
                self.wfile.write(self.path.encode())
        except OSError:
            return

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def slow():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def download(port, name, max_bytes=100_000):
    url = f"http://127.0.0.1:{port}/samples/{name}"
    return fetch.fetch(url, own=("127.0.0.1", port), own_path="/samples/", max_bytes=max_bytes)


@pytest.mark.parametrize("kind", ["head", "body"])
def test_a_dribbling_server_meets_one_limit_for_all(slow, monkeypatch, kind):
    monkeypatch.setattr(fetch, "MAX_SECONDS", 1.0)
    before = time.monotonic()
    with pytest.raises(fetch.FetchError, match=r"longer than|in time"):
        download(slow, kind)
    assert time.monotonic() - before < 30


def test_packed_bodies_are_unpacked_within_the_limit(slow):
    assert download(slow, "gzip") == b"packed" * 1_000
    for kind, why in (("cut", "cut short"), ("bomb", "larger than"), ("br", "packed as br")):
        with pytest.raises(fetch.FetchError, match=why):
            download(slow, kind)


def test_a_redirect_with_spaces_and_letters_beyond_ascii(slow):
    assert download(slow, "redirect") == b"/samples/an%20%C3%BC.bin"


NOT_PUBLIC = [
    *("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "0.1.2.3"),
    *(
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.9",
        "192.0.0.170",
        "192.0.2.1",
        "198.18.0.1",
    ),
    *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.88.99.1", "nonsense", "1.2.3"),
    *(
        "::1",
        "::",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
    ),
    *(
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2001::1",
        "2001:db8::1",
        "fe80::1",
        "fe80::1%eth0",
    ),
    *("fc00::1", "fec0::1", "ff02::1", "5f00::1"),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "20.50.2.1", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_addresses_that_are_public(address):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_no_dress_makes_a_version_4_address_public(address):
    number = int(address)
    for prefix in ("::", "::ffff:0:0", "64:ff9b::"):
        head = int.from_bytes(socket.inet_pton(socket.AF_INET6, prefix), "big")
        assert not is_public(socket.inet_ntop(socket.AF_INET6, (head | number).to_bytes(16, "big")))


# The record.


def test_the_record_is_bounded_in_characters():
    kept = record.Record()
    body = {
        "messages": [{"role": "user", "content": "x" * 70}] * 20,
        "metadata": {"a" * 70 + str(n): "y" for n in range(20)},
    }
    headers = {"x-" + "h" * 30: "v" * 50_000}
    arrival = record.Arrival("POST", "/p" * 2_000, "q=" + "z" * 9_000, headers, body, 10**6, 200, 0.0)
    for _ in range(5_000):
        kept.add(arrival)
    size = sum(len(repr(arrival)) for arrival in kept.arrivals())
    assert 0 < len(kept.arrivals()) <= record.KEPT
    assert size < 2 * record.KEPT_CHARACTERS
    kept.clear()
    assert kept.arrivals() == []


@pytest.mark.parametrize(
    "name",
    [
        *(
            "api-key",
            "authorization",
            "cookie",
            "x-api-key",
            "ocp-apim-subscription-key",
            "proxy-authorization",
        ),
        *(
            "x-functions-key",
            "x-ms-client-secret",
            "x-auth",
            "x-amz-security-token",
            "x-access-token",
            "password",
        ),
    ],
)
def test_headers_and_queries_that_can_carry_a_key_are_blanked(server, record, name):
    secret = "a-secret-of-another-service"
    requests.get(
        f"{server.origin}/health",
        params={"a": "b", name: secret},
        headers={name: f"Bearer {secret}"},
        timeout=HANG,
    )
    (arrival,) = record.arrivals()
    assert secret not in repr(arrival)
    assert arrival.headers[name] == "Bearer ***"
    assert arrival.query.startswith("a=b&")


def test_the_endpoints_own_key_is_blanked_wherever_it_stands(server, record):
    text = f"My key is {server.key}"
    post(server, {"model": PHI, "messages": user(text), server.key: 1}, headers={"x-note": text})
    requests.get(f"{server.origin}/{server.key}?note={server.key}", timeout=HANG)
    assert server.key not in repr(record.arrivals())
    assert record.arrivals()[0].headers["x-note"] == "My key is ***"
