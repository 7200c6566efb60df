"""A pasted URL is fetched within one time and one size, and leads to no private address unseen."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.media import MAX_BYTES, MediaError
from tests.servers import answering
from workbench.playground import attachments, fetching
from workbench.playground.fetching import fetch, meant

DATA = (attachments._DATA / "charts" / "cafe_drinks.png").read_bytes()


def served(answer):
    """A server on this computer; `answer` is given the request's handler. Gives its origin."""
    return answering(type("Handler", (BaseHTTPRequestHandler,), {"do_GET": answer}))


def send(handler, data, **headers):
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def redirect(handler, location):
    handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("where", ["body", "head"])
def test_server_that_dribbles_is_given_up(where, monkeypatch):
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 1.5)
    over = threading.Event()

    def dribble(handler):
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n"
        handler.wfile.write(head + (b"\r\n" if where == "body" else b"X-Slow: "))
        while not over.is_set():
            try:
                handler.wfile.write(b"x")
            except OSError:
                return
            time.sleep(0.1)

    with served(dribble) as origin, pytest.raises(MediaError, match="longer than"):
        fetch(f"{origin}/a.png")
    over.set()


def test_packed_bodies_are_unpacked_and_bounded():
    with served(lambda handler: send(handler, gzip.compress(DATA), Content_Encoding="gzip")) as origin:
        assert fetch(origin).data == DATA
    bomb = gzip.compress(bytes(MAX_BYTES + 2))
    assert len(bomb) < 100_000
    with (
        served(lambda handler: send(handler, bomb, Content_Encoding="gzip")) as origin,
        pytest.raises(MediaError, match="larger than the limit"),
    ):
        fetch(origin)


def test_redirects_are_followed_as_browsers_do():
    def answer(handler):
        if handler.path == "/":
            redirect(handler, "/caf\u00e9 drinks.png?a=b c".encode())
        else:
            seen.append(handler.path)
            send(handler, DATA)

    seen = []
    with served(answer) as origin:
        assert fetch(origin + "/").data == DATA
    assert seen == ["/caf%C3%A9%20drinks.png?a=b%20c"]
    with (
        served(lambda handler: redirect(handler, b"/again")) as origin,
        pytest.raises(MediaError, match="redirects"),
    ):
        fetch(origin)


def test_private_address_is_attached_with_a_warning(monkeypatch):
    monkeypatch.delenv("AZURE_INFERENCE_ENDPOINT", raising=False)
    with served(lambda handler: send(handler, DATA)) as origin:
        attached = attachments.from_url(f"{origin}/cafe.png")
    assert "Warning" in attached.note
    assert "private network" in attached.note
    assert attached.url


@pytest.fixture
def names(monkeypatch):
    """Names that lead to addresses, as a name server would have it."""
    known = {}
    ask = socket.getaddrinfo

    def answer(host, port, *args, **options):
        address = known.get(host, host)
        if address == "public":
            # An address of the public internet whose server happens to be here.
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        return ask(address, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    known["evil.example"] = "public"
    return known


def test_no_redirect_leads_from_outside_to_a_private_address(names, monkeypatch):
    names["inside.example"] = "10.0.0.1"
    real = fetching.is_public
    # The one server that a test can have is local: it stands for one outside.
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1" or real(address))
    for target in ("inside.example", "192.168.1.1", "[::ffff:10.0.0.1]", "[64:ff9b::10.0.0.1]"):
        with (
            served(
                lambda handler, target=target: redirect(handler, f"http://{target}/a.png".encode())
            ) as origin,
            pytest.raises(MediaError, match="by a redirect"),
        ):
            fetch(origin.replace("127.0.0.1", "evil.example"))


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "168.63.129.16",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "224.0.0.1",
    ],
)
def test_addresses_that_only_attacks_name_are_never_read(host):
    with pytest.raises(MediaError, match="never read"):
        fetch(f"http://{host}/latest/meta-data")


@given(st.ip_addresses(v=4))
@pytest.mark.parametrize("form", ["{}", "::{}", "::ffff:{}", "64:ff9b::{}", "2002:{hex}::1"])
def test_an_address_within_another_counts_as_what_it_is(form, ip):
    number = int(ip)
    assert number < 2 or meant(form.format(ip, hex=f"{number >> 16:x}:{number & 0xFFFF:x}")) == ip


@pytest.mark.parametrize(
    "url", ["http://", "http://a:b/", "http://[::1", "https://\ud800/", "http://a..b/", "javascript:1"]
)
def test_what_is_no_url_is_refused(url):
    with pytest.raises(MediaError):
        fetch(url)
