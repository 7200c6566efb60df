"""How long the playground takes from sending to the first character, as a ratio to the client alone.

Run with `python -m pytest tests/benchmarks/test_playground_speed.py -s`. Both sides are measured in turns in one run,
in a loop as a notebook has one; nothing here passes or fails by the clock.
"""

from __future__ import annotations

import asyncio
import io
import os
import time
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from openai import OpenAI
from PIL import Image

from helpers import endpoint
from helpers.encoding import image_part
from offline_endpoint.reading import warm
from workbench.playground.attachments import from_bytes
from workbench.playground.request import Options, Route
from workbench.playground.tool import Playground

CHART = Path(__file__).parents[2] / "data" / "charts" / "model_quality_vs_size.png"
QUESTION = "Which conclusion can be extracted from the following chart?"


@pytest.fixture(scope="module")
def here():
    here = endpoint.connect()
    warm()
    return here


def new_chart(number):
    """The chart with one pixel changed, so that nothing is remembered from the round before."""
    pixels = np.array(Image.open(CHART).convert("RGB"))
    pixels[0, number] = (number % 256, 255, 255)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def client_alone(route, here):
    """A call that sends a part, or no more than a text, and returns the seconds to the first character."""
    if route is Route.V1:
        v1 = OpenAI(base_url=here.v1_base_url, api_key=os.environ["AZURE_INFERENCE_CREDENTIAL"])
        send = v1.chat.completions.create
    else:
        key = AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"])
        send = ChatCompletionsClient(endpoint=here.url, credential=key).complete

    def ask(part):
        content = QUESTION if part is None else [{"type": "text", "text": QUESTION}, part]
        begin = time.perf_counter()
        stream = send(model=here.deployment, messages=[{"role": "user", "content": content}], stream=True)
        for update in stream:
            if update.choices and update.choices[0].delta.content:
                first = time.perf_counter() - begin
                break
        # To the end, so that the connection can be used again.
        for _ in stream:
            pass
        return first

    return ask


async def from_click(playground, data):
    """Seconds from the click on Send to the listener that shows the first character."""
    playground.clear()
    if data is not None:
        playground.attach(from_bytes(data, "chart.png"))
    first, ended = [], asyncio.Event()

    def shown(event):
        if event.kind == "text" and not first:
            first.append(time.perf_counter())
        if event.kind == "ended":
            ended.set()

    leave = playground.listen(shown)
    begin = time.perf_counter()
    playground.send(QUESTION)
    await ended.wait()
    leave()
    return first[0] - begin


@pytest.mark.parametrize("route", list(Route))
@pytest.mark.parametrize("what", ["a chart not seen before", "a text"])
def test_first_character_beside_the_client_alone(benchmark, here, route, what):
    alone = client_alone(route, here)
    rounds = 10 if what.startswith("a chart") else 50
    charts = iter(range(2 * rounds) if what.startswith("a chart") else [None] * 2 * rounds)
    seed = 0 if route is Route.MODELS else 300

    async def notebook():
        playground = Playground(here)
        playground.options = Options(here.deployment, route)
        await from_click(playground, None)
        alone(None)
        ours, theirs = [], []
        for _ in range(rounds):
            one, other = (
                None if number is None else new_chart(seed + number)
                for number in (next(charts), next(charts))
            )
            ours.append(await from_click(playground, one))
            theirs.append(alone(None if other is None else image_part(other)))
        playground.close()
        return median(ours), median(theirs)

    ours, theirs = asyncio.run(notebook())
    ratio = round(ours / theirs, 3)
    benchmark.extra_info["ratio"] = ratio
    print(f"\n{what} on {route.value}: {ours * 1000:.1f} ms and {theirs * 1000:.1f} ms alone, ratio {ratio}")
    benchmark.pedantic(lambda: None, rounds=1)
