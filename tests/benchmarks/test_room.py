"""A room of thirty learners on one shared offline endpoint: does each get every reply, and nobody last?

Run with `python -m pytest -p no:asyncio tests/benchmarks/test_room.py -s`, on a machine with nothing else to do; it
takes some minutes. The requests are those that lessons 01 to 04 really send: the lessons are run once, through a
recorder. Each client then replays them all, one after another, as fast as the replies come. That is harder than a
room, where people read and type in between. Half of a client's pictures and clips are its own, so that the
endpoint has to read them anew.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import psutil
import pytest
import requests
import soundfile
import soxr
import uvicorn
from PIL import Image

from offline_endpoint.wire.app import create_app
from offline_endpoint.wire.record import Record
from tests.benchmarks.chart_drawings import KINDS, draw
from tests.servers import offline_endpoint

ROOT = Path(__file__).parents[2]
LESSONS = ("01_client_setup", "02_image_charts", "03_audio_translation", "04_url_inputs")
CLIENTS = 30
PATIENCE = 300
"""Seconds a client waits for one reply: azure-core's own default."""
MOST_MEMORY = 2 * 1024**3
SENTENCES = sorted((ROOT / "data" / "clips").glob("*.wav"))


@dataclass(frozen=True)
class Request:
    """One request of a lesson: where it went, what it held, and how it was answered."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int


class Recorder:
    """The offline endpoint's application, with every chat request kept as it came."""

    def __init__(self, app):
        self._app = app
        self.requests = []

    async def __call__(self, scope, receive, send):
        body = bytearray()

        async def keep(event=None):
            event = await receive()
            body.extend(event.get("body", b""))
            return event

        async def note(event):
            # A wrong key is refused before its request is read, and every client here has the right one.
            answered = event["type"] == "http.response.start" and event["status"] != 401
            if answered and scope["method"] == "POST":
                path = f"{scope['path']}?{scope['query_string'].decode()}"
                kept = {b"content-type", b"extra-parameters", b"x-offline-fault"}
                headers = {name.decode(): value.decode() for name, value in scope["headers"] if name in kept}
                self.requests.append(Request(path, headers, bytes(body), event["status"]))
            await send(event)

        await self._app(scope, keep, note)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The requests of the lessons, and the origin that stands in them."""
    key = secrets.token_hex(16)
    recorder = Recorder(create_app(key=key, secret=secrets.token_hex(16), record=Record()))
    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(recorder, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    settings = {
        "AZURE_INFERENCE_ENDPOINT": f"{origin}/models",
        "AZURE_INFERENCE_CREDENTIAL": key,
        "AZURE_INFERENCE_DEPLOYMENT": "Phi-4-multimodal-instruct",
        "LESSON_SAMPLES_URL": f"{origin}/samples",
    }
    # Cells that need the endpoint in their own process, as the stand-in for Entra ID does, send nothing here.
    subprocess.run(
        [
            *(sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--allow-errors"),
            *("--output-dir", tmp_path_factory.mktemp("lessons")),
            *(ROOT / "notebooks" / f"{name}.ipynb" for name in LESSONS),
        ],
        env=os.environ | settings,
        check=True,
        capture_output=True,
    )
    server.should_exit = True
    thread.join(timeout=20)
    assert len(recorder.requests) >= 20
    return recorder.requests, origin


@pytest.fixture
def shared():
    """The endpoint in a process of its own: its origin, its key and its process."""
    key = secrets.token_hex(16)
    with offline_endpoint(key) as (origin, process):
        yield origin, key, psutil.Process(process.pid)


def family(process):
    """The endpoint's process and those that it started."""
    return [process, *process.children(recursive=True)]


def media_in(part):
    """The place in a part where its bytes stand, as (dictionary, name); None for texts and addresses."""
    if not isinstance(part, dict):
        return None
    if part.get("type") == "image_url" and str(part["image_url"].get("url", "")).startswith("data:"):
        return part["image_url"], "url"
    if part.get("type") == "input_audio":
        return part["input_audio"], "data"
    return None


def parts_of(body):
    for message in body["messages"]:
        if isinstance(message.get("content"), list):
            yield from message["content"]


def own_picture(seed):
    """A chart that nobody else has, as a data URL."""
    drawing = draw(list(KINDS)[seed % len(KINDS)], seed)
    file = io.BytesIO()
    Image.fromarray(drawing.pixels).save(file, "PNG")
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


def own_clip(seed):
    """A clip that nobody else has: one sample sentence, faster or slower and softly noisy, as wav in base64."""
    rng = np.random.default_rng(seed)
    samples, rate = soundfile.read(SENTENCES[seed % len(SENTENCES)], dtype="float32", always_2d=True)
    samples = soxr.resample(samples.mean(axis=1), rate * rng.uniform(0.95, 1.05), 16_000)
    samples = samples + rng.normal(0, 0.001, len(samples)).astype("float32")
    file = io.BytesIO()
    soundfile.write(file, samples.clip(-1, 1), 16_000, format="WAV", subtype="PCM_16")
    return b64encode(file.getvalue()).decode()


def with_own_media(recorded, old_origin, new_origin, client):
    """The requests of one client: addresses of the shared endpoint, and every second picture and clip its own."""
    mine, seen, made = {}, 0, []
    for request in recorded:
        text = request.body.decode().replace(old_origin, new_origin)
        body = json.loads(text) if request.status == 200 else None
        for part in parts_of(body) if body else ():
            found = media_in(part)
            if not found:
                continue
            place, name = found
            old = place[name]
            if old not in mine:
                # Clients begin with the other half in turn, so that no sample is read for all of them.
                replace = (len(mine) + client) % 2 == 0
                seed = client * 1000 + len(mine)
                mine[old] = (own_picture(seed) if name == "url" else own_clip(seed)) if replace else old
            if mine[old] != old:
                place[name] = mine[old]
                if name == "data":
                    place["format"] = "wav"
            seen += 1
        made.append((request, json.dumps(body).encode() if body else text.encode()))
    return made, sum(new != old for old, new in mine.items()), len(mine)


def replay(requests_made, origin, key, start):
    """Send one client's requests in a row; give the seconds each took and what went wrong."""
    waits, faults = [], []
    with requests.Session() as session:
        start.wait()
        for request, body in requests_made:
            begin = time.perf_counter()
            try:
                reply = session.post(
                    origin + request.path,
                    data=body,
                    headers=request.headers | {"api-key": key},
                    timeout=PATIENCE,
                )
                if reply.status_code != request.status:
                    faults.append(f"{reply.status_code} in place of {request.status}: {reply.text[:200]}")
            except requests.RequestException as error:
                faults.append(type(error).__name__)
            waits.append(time.perf_counter() - begin)
    return waits, faults


def test_a_room_of_thirty(recorded, shared, benchmark):
    kept, old_origin = recorded
    origin, key, process = shared
    made = [with_own_media(kept, old_origin, origin, client) for client in range(CLIENTS)]
    own, media = sum(number for _, number, _ in made), sum(number for _, _, number in made)
    assert abs(own / media - 0.5) < 0.05
    start, most = threading.Event(), 0
    with ThreadPoolExecutor(CLIENTS) as pool:
        futures = [pool.submit(replay, each, origin, key, start) for each, _, _ in made]
        begin = time.perf_counter()
        start.set()
        while not all(future.done() for future in futures):
            most = max(most, sum(each.memory_info().rss for each in family(process)))
            time.sleep(0.1)
        took = time.perf_counter() - begin
    results = [future.result() for future in futures]
    totals = sorted(sum(waits) for waits, _ in results)
    single = [wait for waits, _ in results for wait in waits]
    print(
        f"\n{CLIENTS} clients, {len(kept)} requests each, {own} of {media} pictures and clips their own, "
        f"{took:.0f} s in all"
        f"\nwaiting per client: median {median(totals):.1f} s, most {totals[-1]:.1f} s, "
        f"{totals[-1] / median(totals):.2f} times the median"
        f"\none reply: median {median(single):.2f} s, longest {max(single):.1f} s"
        f"\nmemory of the endpoint at most {most / 1024**2:.0f} MiB"
    )
    benchmark.extra_info.update(most_over_median=totals[-1] / median(totals), memory_mib=most / 1024**2)
    benchmark.pedantic(lambda: None, rounds=1)
    assert not [fault for _, faults in results for fault in faults]
    assert totals[-1] <= 2 * median(totals)
    assert most < MOST_MEMORY
