"""How long the offline endpoint takes, as ratios to the readers and imports it is built on.

Run with `python -m pytest tests/benchmarks/test_endpoint_speed.py -s`. Both sides of each ratio are measured in turns
in one run; nothing here passes or fails by the clock.
"""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
import pytest
import soundfile
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from PIL import Image

from helpers.encoding import audio_part, image_part
from offline_endpoint.server import start

DATA = Path(__file__).parents[2] / "data"
CHART = DATA / "charts" / "model_quality_vs_size.png"
CLIP = DATA / "clips" / "a_day_in_town.mp3"


def seconds(action):
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def report(benchmark, name, ours, baseline, rounds):
    """Measure both in turns and keep the ratio of their medians."""
    pairs = [(seconds(ours), seconds(baseline)) for _ in range(rounds)]
    ratio = median(pair[0] for pair in pairs) / median(pair[1] for pair in pairs)
    benchmark.extra_info[name] = round(ratio, 2)
    print(f"\n{name}: {ratio:.2f}")
    benchmark.pedantic(ours, rounds=1)


@pytest.fixture(scope="module")
def ask():
    from offline_endpoint.reading import warm

    server = start()
    warm()
    client = ChatCompletionsClient(
        endpoint=f"{server.origin}/models",
        credential=AzureKeyCredential(server.key),
        model="Phi-4-multimodal-instruct",
    )

    def send(*parts):
        content = [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts]
        return client.complete(messages=[{"role": "user", "content": content}])

    send("Hello.")
    yield send
    client.close()
    server.stop()


def test_chart_reply_beside_bare_ocr(benchmark, ask):
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "error"})
    numbers = iter(range(1_000))

    def new_chart():
        """The chart with one pixel changed, so that nothing is remembered from the round before."""
        pixels = np.array(Image.open(CHART).convert("RGB"))
        number = next(numbers)
        pixels[0, number] = (number % 256, 255, 255)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        return pixels, image_part(file.getvalue())

    charts = [new_chart() for _ in range(20)]
    ours, bare = iter(charts), iter(charts)
    question = "Which conclusion can be extracted from the following chart?"
    report(
        benchmark,
        "chart reply in bare RapidOCR calls",
        lambda: ask(question, next(ours)[1]),
        lambda: engine(next(bare)[0][:, :, ::-1]),
        rounds=9,
    )


def test_speech_reply_beside_bare_recognizer(benchmark, ask):
    import pocketsphinx

    decoder = pocketsphinx.Decoder(samprate=16_000, loglevel="FATAL")
    samples, rate = soundfile.read(CLIP, dtype="float32")
    numbers = iter(range(1, 1_000))

    def new_clip():
        file = io.BytesIO()
        # The loudness differs a little, so that nothing is remembered from the round before.
        soundfile.write(file, samples * (1 - next(numbers) / 10_000), rate, format="WAV")
        return audio_part(file.getvalue())

    raw = (samples * 32767).astype("<i2").tobytes()

    def bare():
        decoder.start_utt()
        decoder.process_raw(raw, full_utt=True)
        decoder.end_utt()
        return decoder.hyp().hypstr

    clips = iter([new_clip() for _ in range(20)])
    report(
        benchmark,
        "speech reply in bare PocketSphinx decodes",
        lambda: ask("Transcribe this audio.", next(clips)),
        bare,
        rounds=7,
    )


def test_repeated_picture_beside_text(benchmark, ask):
    part = image_part(CHART)
    question = "Which conclusion can be extracted from the following chart?"
    ask(question, part)
    report(
        benchmark,
        "repeated picture in text-only requests",
        lambda: ask(question, part),
        lambda: ask('Translate to Spanish: "Good morning."'),
        rounds=50,
    )


def test_endpoint_ready_beside_import_of_openai(benchmark):
    def in_new_process(code):
        """Seconds that the code takes in a process of its own, the process's start not counted."""
        script = f"import time; begin = time.perf_counter(); {code}; print(time.perf_counter() - begin)"
        said = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout
        return float(said.split()[-1])

    pairs = [
        (in_new_process("from helpers import endpoint; endpoint.connect()"), in_new_process("import openai"))
        for _ in range(7)
    ]
    ratio = median(pair[0] for pair in pairs) / median(pair[1] for pair in pairs)
    benchmark.extra_info["endpoint ready in imports of openai"] = round(ratio, 2)
    print(f"\nendpoint ready in imports of openai: {ratio:.2f}")
    benchmark.pedantic(lambda: in_new_process("from helpers import endpoint; endpoint.connect()"), rounds=1)
