"""How long a person waits from the click on Send to the first character on the page, as a ratio to the client alone.

Run with `python -m pytest tests/benchmarks/test_playground_page_speed.py -s`. A real browser shows the playground in
JupyterLab; the client alone is called in the same kernel. Both are measured in turns in one run; nothing here passes
or fails by the clock.
"""

from __future__ import annotations

import io
import shutil
from statistics import median

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.browser.conftest import add_cells, chromium, lab, launched  # noqa: F401

ROUNDS = 10


# Of this module alone: the benchmarks that follow run event loops of their own.
@pytest.fixture(scope="module")
def browser(chromium):  # noqa: F811
    with launched(chromium) as browser:
        yield browser


QUESTION = "Which conclusion can be extracted from the following chart?"

# A chart that is chosen here goes through the client alone; the seconds stand below it afterwards.
ALONE = f"""
import os
import time
import ipywidgets
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from helpers.encoding import image_part
from workbench.playground.view.parts import DropZone

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
)

def ask(name, data):
    content = [{{"type": "text", "text": {QUESTION!r}}}, image_part(data)]
    begin = time.perf_counter()
    updates = client.complete(
        model=here.deployment, messages=[{{"role": "user", "content": content}}], stream=True
    )
    for update in updates:
        if update.choices and update.choices[0].delta.content:
            first = time.perf_counter() - begin
            break
    for _ in updates:
        pass
    seconds.value = f'<span id="alone" data-name="{{name}}">{{first}}</span>'

alone, seconds = DropZone(label="Alone"), ipywidgets.HTML()
alone.on_file(ask)
ipywidgets.VBox([alone, seconds])
"""

CLICK = """() => new Promise((resolve) => {
    const root = document.querySelector(".pg-root");
    const count = root.querySelectorAll(".pg-turn").length;
    const watch = new MutationObserver(() => {
        const turn = root.querySelectorAll(".pg-turn")[count];
        if (!turn?.querySelector(".pg-reply").textContent.trim()) return;
        watch.disconnect();
        resolve((performance.now() - begin) / 1000);
    });
    watch.observe(root, {childList: true, subtree: true, characterData: true});
    const begin = performance.now();
    root.querySelector(".pg-send").click();
})"""


def new_chart(number):
    """A bar chart with heights of its own."""
    heights = np.random.default_rng(number).integers(10, 100, 8)
    figure = Figure(figsize=(11, 6.2), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    axes.bar([f"Item {letter}" for letter in "ABCDEFGH"], heights)
    axes.set(title=f"Sales of week {number}", xlabel="Item", ylabel="Pieces")
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return {"name": f"{number}.png", "mimeType": "image/png", "buffer": file.getvalue()}


def test_click_beside_the_client_alone(benchmark, browser, lab):  # noqa: F811
    url, token, folder = lab
    path = folder / "notebooks" / "measured.ipynb"
    shutil.copy(folder / "notebooks" / "13_playground.ipynb", path)
    add_cells(path, [ALONE])
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{url}/lab/workspaces/speed/tree/notebooks/{path.name}?token={token}")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    for number in (0, cells.count() - 1):
        cells.nth(number).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        cells.nth(number).locator(".jp-OutputArea-output").first.wait_for(timeout=60_000)
    root = page.locator(".pg-root").first
    upload = root.locator(".pg-dropzone input[type=file]").first
    beside = page.locator(".pg-dropzone", has_text="Alone").locator("input[type=file]")

    def from_click(number):
        root.get_by_role("button", name="Clear", exact=True).click()
        page.wait_for_function("() => !document.querySelector('.pg-root .pg-turn')")
        upload.set_input_files(new_chart(number))
        root.locator(".pg-attachment img").first.wait_for()
        root.get_by_label("Prompt", exact=True).fill(QUESTION)
        # The estimate follows the typing after a moment; a person clicks later than that.
        page.wait_for_timeout(600)
        seconds = page.evaluate(CLICK)
        root.locator(".pg-turn[data-state=done]").wait_for(timeout=60_000)
        return seconds

    def alone(number):
        beside.set_input_files(new_chart(number))
        shown = page.locator(f"#alone[data-name='{number}.png']")
        shown.wait_for(timeout=60_000)
        return float(shown.inner_text())

    root.locator(".pg-send").wait_for(timeout=60_000)
    from_click(1000)
    alone(1001)
    pairs = [(from_click(2 * number), alone(2 * number + 1)) for number in range(ROUNDS)]
    page.close()
    ours, theirs = (median(side) for side in zip(*pairs, strict=True))
    ratio = round(ours / theirs, 3)
    benchmark.extra_info["ratio"] = ratio
    print(
        f"\nFrom click to first character {ours * 1000:.0f} ms, alone {theirs * 1000:.0f} ms, ratio {ratio}"
    )
    benchmark.pedantic(lambda: None, rounds=1)
