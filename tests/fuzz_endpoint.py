"""Send the offline endpoint requests that are nearly right, for as long as asked: python -m tests.fuzz_endpoint.

Each request starts as one that is answered and is then bent at random, as a tree of JSON, as bytes, or as HTTP. It
ends with 1 on a 5xx, a reply that is not in the service's shape, a hang, or memory that goes on growing.
"""

from __future__ import annotations

import argparse
import base64
import copy
import io
import json
import os
import random
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from pathlib import Path

import numpy as np
import requests
import soundfile
from PIL import Image

from helpers.models import MODELS
from offline_endpoint.wire import faults
from tests.servers import free_port

HANG = 120
"""Seconds after which a request hangs; others wait for the same reader."""
MOST_GROWTH = 100_000_000
SIZES = [(1, 1), (60, 40), (40, 60), (300, 4), (4, 300)]
KEY = "a-key-to-try-with"

ODD = [
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2**31,
        2**70,
        -0.0,
        0.5,
        1e308,
        "",
        " ",
        "a",
        "json",
        "é",
        "\0",
        "\u202e",
        "😀" * 9,
    ),
    *([], {}, [[]], [None], {"": None}, [{}] * 3, "x" * 5_000, ["a"] * 200, {str(n): n for n in range(50)}),
    *(
        "../../etc/passwd",
        "file:///etc/passwd",
        "http://127.0.0.1:1/",
        "data:,",
        "data:image/png;base64,",
        "{x}",
        "%s",
    ),
]
RAW = [
    b"1e999",
    b"-1e999",
    b"NaN",
    b"1" * 400,
    rb'"\ud800"',
    b'"\xff"',
    b"[" * 300,
    b"{",
    b"}",
    b",",
    b'"',
    b"\x00",
    b"",
]


def picture(chance: random.Random, shape: str = "PNG") -> str:
    size = chance.choice(SIZES)
    noise = np.frombuffer(chance.randbytes(size[0] * size[1] * 3), np.uint8).reshape(size[1], size[0], 3)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, shape)
    return spoiled(buffer.getvalue(), chance)


def clip(chance: random.Random) -> str:
    buffer = io.BytesIO()
    rate = chance.choice([8_000, 16_000])
    soundfile.write(buffer, np.zeros(chance.choice([1, 800, 4_000]), "float32"), rate, format="WAV")
    return spoiled(buffer.getvalue(), chance)


def spoiled(data: bytes, chance: random.Random) -> str:
    """Base64 of a file; every third time with bytes changed, or cut."""
    found = bytearray(data)
    if chance.random() < 0.3:
        for _ in range(chance.randint(1, 6)):
            found[chance.randrange(len(found))] = chance.randrange(256)
    if chance.random() < 0.1:
        del found[chance.randrange(len(found)) :]
    return base64.b64encode(bytes(found)).decode()


def schema(chance: random.Random, depth: int = 0) -> object:
    if depth > 4 or chance.random() < 0.2:
        return chance.choice(
            [{}, True, {"type": "string"}, {"$ref": "#"}, {"$ref": "#/$defs/a"}, {"enum": [1]}, 5]
        )
    word = chance.choice(
        [
            *(
                "properties",
                "items",
                "not",
                "allOf",
                "anyOf",
                "$defs",
                "pattern",
                "$ref",
                "$schema",
                "const",
                "required",
            ),
            *(
                "if",
                "then",
                "contains",
                "prefixItems",
                "minItems",
                "multipleOf",
                "dependentSchemas",
                "format",
                "$id",
            ),
        ]
    )
    value: object = schema(chance, depth + 1)
    if word in ("properties", "$defs", "dependentSchemas"):
        value = {name: schema(chance, depth + 1) for name in ("a", "series", "title")[: chance.randint(0, 3)]}
    elif word in ("allOf", "anyOf", "prefixItems"):
        value = [schema(chance, depth + 1) for _ in range(chance.randint(0, 3))]
    elif word == "pattern":
        value = chance.choice(["^(a|a)*$", "(.*)*!", "[", "(?=a)", r"\d+", "a{1,1000}", "(?P<n>a)(?P=n)"])
    elif chance.random() < 0.2:
        value = chance.choice(ODD)
    rest = schema(chance, depth + 1)
    return {**(rest if isinstance(rest, dict) and chance.random() < 0.5 else {}), word: value}


def request(chance: random.Random, origin: str) -> dict:
    """A request that is answered, or is one step from it."""
    part = {
        "text": lambda: {
            "type": "text",
            "text": chance.choice(["Hi.", "Return JSON.", "Transcribe this.", "{x}"]),
        },
        "picture": lambda: {
            "type": "image_url",
            "image_url": {
                "url": f"data:image/png;base64,{picture(chance)}",
                "detail": chance.choice(["low", "high", "auto"]),
            },
        },
        "clip": lambda: {"type": "input_audio", "input_audio": {"data": clip(chance), "format": "wav"}},
        "url": lambda: {
            "type": "image_url",
            "image_url": {"url": f"{origin}/samples/charts/{chance.choice(['', 'no.png', '%00', '..'])}"},
        },
        "sound": lambda: {"type": "audio_url", "audio_url": {"url": f"data:audio/wav;base64,{clip(chance)}"}},
    }
    kinds = chance.choices(list(part), weights=[6, 2, 1, 1, 1], k=chance.randint(1, 3))
    body: dict = {
        "model": chance.choice(list(MODELS)),
        "messages": [{"role": "user", "content": [part[kind]() for kind in kinds]}],
    }
    more = {
        "stream": lambda: True,
        "stream_options": lambda: {"include_usage": True},
        "max_tokens": lambda: chance.randint(1, 20_000),
        "max_completion_tokens": lambda: chance.randint(1, 300),
        "temperature": lambda: chance.random() * 2,
        "reasoning_effort": lambda: chance.choice(["low", "high", "none"]),
        "stop": lambda: chance.choice(["a", ["a", ""]]),
        "tools": lambda: chance.choice([[], [{"type": "function"}]]),
        "response_format": lambda: chance.choice(
            [
                {"type": "json_object"},
                {"type": "json_schema", "json_schema": {"name": "n", "schema": schema(chance)}},
            ]
        ),
        "messages": lambda: [
            {"role": "system", "content": "Say json."},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]},
            {"role": "tool", "tool_call_id": "c", "content": "a"},
            *body["messages"],
        ],
    }
    for name in chance.sample(list(more), chance.randint(0, 4)):
        body[name] = more[name]()
    return body


def bend(body: dict, chance: random.Random) -> object:
    """Change some places of a tree: another value, a name less, a name more, a list grown."""
    whole: dict = {"": copy.deepcopy(body)}
    for _ in range(chance.choice([0, 0, 1, 1, 2, 4])):
        places: list[tuple] = []
        waiting: list = [whole]
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict | list):
                for name in list(node) if isinstance(node, dict) else range(len(node)):
                    places.append((node, name))
                    waiting.append(node[name])
        node, name = chance.choice(places)
        match chance.randrange(5):
            case 0:
                del node[name]
            case 1 if isinstance(node, dict):
                node[chance.choice(["", "type", "url", "\ud7ff", "x" * 300])] = node.pop(name)
            case 2 if isinstance(node, list):
                node.extend([copy.deepcopy(node[name])] * chance.choice([1, 3, 60]))
            case 3:
                node[name] = chance.choice([[node[name]], {"a": node[name]}, str(node[name])[:300]])
            case _:
                node[name] = copy.deepcopy(chance.choice(ODD))
        if "" not in whole:
            return chance.choice(ODD)
    return whole[""]


def send(session: requests.Session, origin: str, chance: random.Random) -> tuple[int, str]:
    """One request; its status, and what is wrong with the reply, or empty."""
    body = json.dumps(bend(request(chance, origin), chance)).encode()
    if chance.random() < 0.15:
        at = chance.randrange(len(body) + 1)
        body = body[:at] + chance.choice(RAW) + body[at + chance.choice([0, 1, 9]) :]
    is_v1 = chance.random() < 0.5
    headers = {"api-key": KEY, "content-type": "application/json", "extra-parameters": "pass-through"}
    if chance.random() < 0.5:
        del headers["extra-parameters"]
    if chance.random() < 0.1:
        name = chance.choice(
            [*headers, "authorization", "host", "x-note", "accept-encoding", "content-length"]
        )
        headers[name] = chance.choice(
            ["", "a.b.c", "Bearer x.y.z", "é", "0", "1", "gzip", "application/json; x"]
        )
    if chance.random() < 0.1:
        texts = [
            "429; retry-after-ms=5",
            "gone",
            "insufficient-quota",
            "cut",
            "no-delta",
            "cut-stream",
            "=;,",
            "500x",
        ]
        headers[faults.HEADER] = chance.choice(texts)
    path = ("/openai/v1" if is_v1 else "/models") + "/chat/completions"
    if chance.random() < 0.05:
        path = chance.choice(
            [path + "/", "/samples/charts/%00", "/samples/clips/%2e%2e", "/" + "a" * 5_000, "/%ff", "//"]
        )
    query = {} if is_v1 else {"api-version": chance.choice(["2024-05-01-preview"] * 9 + ["é\0"])}
    method = chance.choice(["POST"] * 30 + ["GET", "PUT", "OPTIONS", "HEAD", "DELETE"])
    try:
        encoded = {name: value.encode() for name, value in headers.items()}
        reply = session.request(
            method,
            origin + path,
            params=query,
            data=body,
            headers=encoded,
            timeout=HANG,
            allow_redirects=False,
        )
    except requests.Timeout:
        return 0, f"no reply in {HANG} seconds to {body[:400]!r}"
    except (requests.RequestException, ValueError):
        # Asked for (a reply cut short), or a request that the client itself does not send.
        return 0, ""
    if reply.status_code >= 500:
        return (reply.status_code, f"5xx to {method} {path} {headers} {body[:3_000]!r}: {reply.text[:300]}")
    if reply.status_code >= 400 and method != "HEAD":
        try:
            found = reply.json()
            assert "error" in found or "statusCode" in found
        except (ValueError, AssertionError):
            return reply.status_code, f"not in the service's shape: {reply.text[:200]!r}"
    return reply.status_code, ""


def memory(process: subprocess.Popen) -> int:
    """Bytes that a process and its children hold; 0 where the system does not tell."""
    total = 0
    try:
        for status in Path("/proc").glob("[0-9]*/status"):
            text = status.read_text(errors="replace")
            fields = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
            if process.pid in (int(fields["Pid"]), int(fields["PPid"])):
                total += int(fields.get("VmRSS", "0 kB").split()[0]) * 1024
    except (OSError, KeyError):
        return total
    return total


def main() -> int:
    """Run until the time is over or something is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz_endpoint", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "offline_endpoint", "--port", str(port)],
        env=os.environ | {"AZURE_INFERENCE_CREDENTIAL": KEY},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    counts: Counter[int] = Counter()
    wrong: list[str] = []
    end = time.monotonic() + options.seconds

    def client(number: int) -> None:
        chance = random.Random(options.seed * 100 + number)
        try:
            with requests.Session() as session:
                while time.monotonic() < end and not wrong:
                    status, why = send(session, origin, chance)
                    counts[status] += 1
                    if why:
                        wrong.append(why)
        except Exception:
            wrong.append(traceback.format_exc())

    try:
        deadline = time.monotonic() + HANG
        while True:
            try:
                requests.get(f"{origin}/health", timeout=5)
                break
            except requests.ConnectionError:
                if process.poll() is not None or time.monotonic() > deadline:
                    print("The endpoint did not start.")
                    return 1
                time.sleep(0.1)
        threads = [
            threading.Thread(target=client, args=[number], daemon=True) for number in range(options.clients)
        ]
        for thread in threads:
            thread.start()
        # What it holds after the first fifth of the time, with its readers loaded, is what it may grow from.
        time.sleep(options.seconds / 5)
        first = memory(process)
        for thread in threads:
            thread.join(options.seconds + HANG)
        grown = memory(process) - first
        if process.poll() is not None:
            wrong.append(f"the endpoint ended with {process.returncode}")
        if any(thread.is_alive() for thread in threads):
            wrong.append("a client hangs")
        if first and grown > MOST_GROWTH:
            wrong.append(f"it grew by {grown / 1e6:.0f} MB")
    finally:
        process.terminate()
        process.wait(30)
    print(f"seed {options.seed}, {sum(counts.values())} requests in {options.seconds:.0f} s")
    print(f"statuses {dict(sorted(counts.items()))}; from {first / 1e6:.0f} MB grown by {grown / 1e6:.0f} MB")
    print(*wrong or ["Nothing was wrong."], sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
