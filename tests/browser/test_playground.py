"""The playground in a real browser, in JupyterLab and as a page of Voila: everything a person does with it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser.conftest import CONTROLS, ROOT, SPOKEN, add_cells

CHARTS, CLIPS = ROOT / "data" / "charts", ROOT / "data" / "clips"
SPOKEN_WORDS = (CLIPS / f"{SPOKEN}.txt").read_text(encoding="utf-8").strip().rstrip("?").lower()
REQUESTS = {
    "Python, azure-ai-inference": "request_azure",
    "Python, openai": "request_openai",
    "curl": "request",
}
"""What the scripts are called when they are saved."""
BUSY = """\
import pathlib
import time
print("the kernel", "is held", flush=True)
while not pathlib.Path("go-on").exists():
    time.sleep(0.05)
"""
HOSTILE = """<script>window.acted = "script"</script>
<img src="SERVER/pixel-html" onerror="window.acted = 'onerror'">
![remote](SERVER/pixel-markdown) [press me](javascript:window.acted='link')
<a href="javascript:window.acted='html link'">press me too</a>
<iframe src="SERVER/frame"></iframe><svg onload="window.acted='svg'"></svg>
<style>@import url(SERVER/style);</style> Autolink: <SERVER/autolink>"""


class Tool:
    """The tool on its page, by what a person sees of it."""

    def __init__(self, page, kind, folder):
        self.page, self.kind, self.folder = page, kind, folder
        self.calls, self.dialogs, self.errors = [], [], []
        page.on("request", lambda call: self.calls.append(call.url))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.root = page.locator(".pg-root").first
        self.turns = self.root.locator(".pg-turn")
        self.status = self.root.locator(".pg-status")
        self.cards = self.root.locator(".pg-attachment")

    def field(self, label):
        return self.root.get_by_label(label, exact=True)

    def press(self, label):
        self.root.get_by_role("button", name=label, exact=True).click()

    def tab(self, label):
        self.root.get_by_role("tab", name=label, exact=True).click()

    def attach(self, name):
        count = self.cards.count()
        self.field("Sample").select_option(name)
        self.press("Attach sample")
        self.cards.nth(count).wait_for()

    def type(self, label, words):
        """Fill a field and leave it, as a person does on the way to the next."""
        field = self.page.get_by_label(label, exact=True)
        field.fill(words)
        field.blur()

    def talk_to(self, address):
        """Have the tool send to another server, or with no address to its own again."""
        self.type("Server for the test", address)
        self.page.locator(".asked-server", has_text=f"[{address}]").wait_for()

    def ask(self, words, state="done"):
        """Send a prompt; gives the text of the reply, or of the explanation."""
        number = self.turns.count()
        self.field("Prompt").fill(words)
        self.press("Send")
        return self.reply(number, state)

    def reply(self, number, state="done"):
        turn = self.turns.nth(number)
        turn.wait_for()
        self.page.wait_for_function(
            "([turn, state]) => turn.dataset.state === state", arg=[turn.element_handle(), state]
        )
        return turn.locator(".pg-explained" if state == "failed" else ".pg-reply").inner_text()

    def clear(self):
        self.press("Clear")
        self.page.wait_for_function("() => !document.querySelector('.pg-root .pg-turn')")


lab_only = pytest.mark.parametrize("opened", ["lab"], indirect=True)
"""For what goes on in the tool itself: the page around it makes no difference there."""


@pytest.fixture(scope="module", params=["lab", "voila"])
def opened(request, browser):
    """The tool in a page of its own, with its kernel warm."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    if request.param == "lab":
        url, token, folder = request.getfixturevalue("lab")
        path = folder / "notebooks" / "playground_tested.ipynb"
        shutil.copy(folder / "notebooks" / "13_playground.ipynb", path)
        add_cells(path, [CONTROLS, BUSY, 'print("the kernel", "is free")'])
        tool = Tool(page, request.param, folder)
        page.goto(f"{url}/lab/workspaces/tool/tree/notebooks/{path.name}?token={token}")
        # Before its kernel has a name and is idle, a notebook drops what it is told to run.
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
        cells = page.locator(".jp-Notebook .jp-CodeCell")
        for number in (0, cells.count() - 3):
            cells.nth(number).locator(".cm-content").click()
            page.keyboard.press("Control+Enter")
            cells.nth(number).locator(".jp-OutputArea-output").first.wait_for(timeout=60_000)
    else:
        url = request.getfixturevalue("voila")
        tool = Tool(page, request.param, None)
        page.goto(url, timeout=60_000)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url.rstrip("/"))
    tool.root.locator(".pg-send").wait_for(timeout=60_000)
    page.get_by_label("Server for the test").wait_for(timeout=60_000)
    # Long, because the machine may be busy with other tests; what is there is met at once.
    page.set_default_timeout(60_000)
    yield tool
    context.close()


@pytest.fixture
def tool(opened):
    """The tool with an empty conversation."""
    opened.clear()
    # From the end: a card that is on its way out must not be met again.
    for number in reversed(range(opened.cards.count())):
        opened.cards.nth(number).get_by_role("button", name="Remove").click()
    opened.page.wait_for_function("() => !document.querySelector('.pg-root .pg-attachment')")
    return opened


@pytest.fixture
def fault(tool):
    """Asks the offline endpoint for trouble, and takes that back."""
    yield lambda words: tool.type("Fault for the test", words)
    tool.type("Fault for the test", "")


def test_text_streams_in(tool):
    assert "Buenos días" in tool.ask('Translate to Spanish: "Good morning."')
    assert "The reply is complete." in tool.status.inner_text()
    assert re.search(r"\d+ tokens in, \d+ out", tool.turns.first.locator(".pg-facts").inner_text())
    assert tool.field("Prompt").input_value() == ""


@lab_only
def test_clicks_are_handled_on_the_main_thread(tool):
    """JupyterLab hands them to another, where what they draw would race what a reply draws."""
    tool.ask('Translate to Spanish: "Good morning."')
    assert tool.page.locator(".thread").all_inner_texts() == ["MainThread"]


def test_sample_chart_is_shown_weighed_and_read(tool):
    tool.attach("cafe_drinks.png")
    picture = tool.cards.first.locator("img")
    assert "cafe_drinks.png" in picture.get_attribute("alt")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 500")
    weight = tool.cards.first.inner_text()
    assert re.search(r"1,100 by 620 pixels.* on the wire.*about 1,\d+ tokens", weight, re.DOTALL), weight
    assert "Drinks sold at a café by season" in tool.ask("Describe this chart.")
    assert tool.cards.count() == 0
    assert tool.turns.first.locator(".pg-media img").count() == 1


@lab_only
def test_shrunk_picture_stands_beside_its_original(tool):
    tool.attach("favorite_fruit.png")
    tool.field("Longest side in pixels").fill("550")
    tool.field("Longest side in pixels").blur()
    tool.press("Shrink")
    tool.cards.first.get_by_text("Smaller copy").wait_for()
    assert tool.cards.first.locator("figure img").count() == 2
    tool.press("Use the original")
    tool.root.get_by_role("button", name="Shrink", exact=True).wait_for()
    assert tool.cards.first.locator("figure img").count() == 1


HANDED_OVER = """(element, [kind, name, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
    const how = {bubbles: true, cancelable: true};
    element.dispatchEvent(kind === "drop"
        ? new DragEvent("drop", {dataTransfer: data, ...how})
        : new ClipboardEvent("paste", {clipboardData: data, ...how}));
}"""
"""Drops or pastes a picture: such an event has the file in it, and a browser test has to put it there."""


def test_uploaded_dropped_and_pasted_pictures_arrive(tool):
    tool.root.locator(".pg-dropzone input[type=file]").first.set_input_files(CHARTS / "favorite_fruit.png")
    tool.cards.first.get_by_text("favorite_fruit.png").wait_for()
    picture = list((CHARTS / "cafe_drinks.png").read_bytes())
    tool.root.locator(".pg-dropzone").first.evaluate(HANDED_OVER, ["drop", "dropped.png", picture])
    tool.cards.nth(1).get_by_text("dropped.png").wait_for()
    tool.field("Prompt").evaluate(HANDED_OVER, ["paste", "pasted.png", picture])
    tool.cards.nth(2).get_by_text("pasted.png").wait_for()
    for number in (1, 0):
        tool.cards.nth(number).get_by_role("button", name="Remove").click()
    tool.page.wait_for_function("() => document.querySelectorAll('.pg-root .pg-attachment').length === 1")
    assert "Drinks sold" in tool.ask("Describe this chart.")


@lab_only
def test_a_file_of_another_kind_is_refused_in_words(tool):
    files = tool.root.locator(".pg-dropzone input[type=file]").first
    files.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"only words"})
    note = tool.root.locator(".pg-dropzone .pg-note").first
    tool.page.wait_for_function("note => note.classList.contains('pg-trouble')", arg=note.element_handle())
    assert "notes.png" in note.inner_text()
    assert tool.cards.count() == 0


@lab_only
def test_url_is_looked_at_and_sent(tool):
    url = tool.page.locator("#sample-url").inner_text()
    tool.field("URL of a picture or clip").fill(url)
    tool.field("URL of a picture or clip").blur()
    tool.press("Attach URL")
    tool.cards.first.locator("img").wait_for()
    assert "Drinks sold" in tool.ask("Describe this chart.")


@lab_only
def test_uploaded_clip_has_a_waveform_and_is_heard(tool):
    tool.root.locator(".pg-dropzone input[type=file]").first.set_input_files(CLIPS / "good_morning.mp3")
    tool.cards.first.locator("audio").wait_for()
    assert "Waveform" in tool.cards.first.locator("img").get_attribute("alt")
    assert "good morning" in tool.ask("Transcribe this audio.").lower()


@lab_only
def test_recording_is_heard(tool):
    tool.press("Record")
    # The clip lasts 1.9 seconds; the microphone takes a moment to open.
    tool.page.wait_for_function(
        "() => parseFloat(document.querySelector('.pg-root .pg-time').textContent) > 2.6"
    )
    tool.press("Stop recording")
    tool.cards.first.locator("audio").wait_for()
    assert "Recorded" in tool.root.locator(".pg-recorder .pg-note").inner_text()
    assert SPOKEN_WORDS in tool.ask("Transcribe this audio.").lower()


@lab_only
def test_no_microphone_is_said(tool):
    tool.page.evaluate(
        """() => {
            navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
        }"""
    )
    tool.press("Record")
    tool.root.locator(".pg-recorder .pg-trouble").get_by_text("not allowed to use the microphone").wait_for()
    tool.page.evaluate("() => { delete navigator.mediaDevices.getUserMedia; }")
    assert tool.root.get_by_role("button", name="Record", exact=True).is_enabled()


def test_reply_streams_and_stops_and_the_kernel_stays_free(tool, fault):
    fault("pace; seconds=0.25")
    tool.attach("cafe_drinks.png")
    tool.field("Prompt").fill("Describe this chart.")
    tool.field("Prompt").press("Control+Enter")
    tool.page.wait_for_function(
        "() => document.querySelector('.pg-turn[data-state=streaming] .pg-reply')?.textContent.length > 5"
    )
    if tool.kind == "lab":
        tool.page.locator(".jp-Notebook .jp-CodeCell .cm-content").last.click()
        tool.page.keyboard.press("Control+Enter")
        tool.page.get_by_text("the kernel is free", exact=True).wait_for()
        assert tool.turns.first.get_attribute("data-state") == "streaming"
    tool.field("Prompt").focus()
    tool.page.keyboard.press("Escape")
    part = tool.reply(0, "stopped")
    assert 5 < len(part) < 120
    assert "Stopped." in tool.status.inner_text()
    assert tool.root.get_by_role("button", name="Stop", exact=True).is_disabled()


@lab_only
def test_error_is_explained(tool, fault):
    fault("content-filter")
    explained = tool.ask("Hello.", state="failed")
    assert "What happened:" in explained
    assert "What to do:" in explained
    assert "Traceback" not in tool.root.inner_text()
    tool.type("Max tokens", "many")
    tool.status.get_by_text("Max tokens is a whole number or empty").wait_for()
    tool.field("Prompt").fill("This is not sent.")
    tool.press("Send")
    tool.type("Max tokens", "")
    tool.page.wait_for_function("() => !document.querySelector('.pg-status').textContent")
    assert tool.turns.count() == 1


@lab_only
def test_edit_makes_a_branch_and_two_runs_compare(tool):
    tool.ask('Translate to Spanish: "Good morning."')
    tool.press("Edit and resend: Turn 1")
    tool.page.wait_for_function(
        "() => document.querySelector('textarea.pg-prompt').value.includes('Spanish')"
    )
    tool.field("Prompt").fill('Translate to French: "Good morning."')
    tool.press("Send as a new branch")
    # Until the new turn is there, the one that is edited stays in view.
    tool.turns.first.locator(".pg-branch").get_by_text("2 of 2").wait_for()
    assert "Bonjour" in tool.reply(0)
    tool.press("Previous branch")
    tool.page.wait_for_function(
        "() => document.querySelector('.pg-turn .pg-branch').textContent === '1 of 2'"
    )
    assert "Buenos" in tool.turns.first.locator(".pg-reply").inner_text()

    tool.tab("Compare")
    shown = tool.root.get_by_role("region", name="Comparison")
    shown.wait_for()
    assert "Spanish" in shown.locator("del").all_inner_texts()[0]
    assert "French" in shown.locator("ins").all_inner_texts()[0]
    tool.tab("History")
    rows = tool.root.get_by_role("region", name="History of runs").locator("tbody tr")
    assert "French" in rows.first.inner_text()
    assert "Bonjour" in rows.first.inner_text()
    tool.type("Per million tokens in", "2000")
    tool.type("Per million tokens out", "8000")
    cost = rows.first.locator("td.pg-number").last
    assert cost.inner_text() == ""
    without = rows.first.element_handle()
    tool.press("Set price")
    tool.page.wait_for_function("row => !row.isConnected", arg=without)
    spent, said = (float(cell) for cell in rows.first.locator("td.pg-number").all_inner_texts()[:2])
    assert float(cost.inner_text()) == pytest.approx((2000 * spent + 8000 * said) / 1_000_000)
    assert "tokens used" in tool.root.locator("img.drawn").last.get_attribute("alt")


@lab_only
def test_rated_runs_are_found_again(tool):
    tool.ask('Translate to Spanish: "Good morning."')
    tool.ask('Translate to French: "Good morning."')
    tool.tab("History")
    shown = tool.root.get_by_role("region", name="History of runs").locator("tbody tr")
    before = shown.count()
    tool.turns.nth(1).get_by_label("Rating: Turn 2").select_option("4")
    tool.turns.nth(1).get_by_label("Note: Turn 2").fill("the best one")
    tool.turns.nth(1).get_by_label("Note: Turn 2").blur()
    tool.root.locator(".pg-runs").get_by_text("the best one").wait_for()
    tool.field("Show").select_option("rated 4 or better")
    tool.page.wait_for_function(
        "count => document.querySelectorAll('.pg-root .pg-runs tbody tr').length < count", arg=before
    )
    assert "Bonjour" in shown.first.inner_text()
    assert "Buenos" not in shown.first.inner_text()
    tool.field("Show").select_option("all runs")


@lab_only
def test_cleared_conversation_comes_back(tool):
    said = tool.ask('Translate to Spanish: "Good morning."')
    tool.clear()
    tool.press("Undo clear")
    assert tool.reply(0) == said


@lab_only
def test_turn_stays_in_view_while_it_is_edited(tool):
    tool.ask('Translate to Spanish: "Good morning."')
    tool.press("Edit and resend: Turn 1")
    tool.root.locator(".pg-edited").wait_for()
    assert "Buenos" in tool.turns.first.inner_text()
    tool.press("Cancel the edit")
    tool.page.wait_for_function("() => !document.querySelector('.pg-root .pg-edited')")
    tool.press("Ask again: Turn 1")
    tool.turns.first.locator(".pg-branch").get_by_text("2 of 2").wait_for()
    assert "Buenos" in tool.reply(0)
    tool.field("Prompt").press("ArrowUp")
    assert "Spanish" in tool.field("Prompt").input_value()
    tool.field("Prompt").fill("")


IN_VIEW = """root => {
    const box = (one) => one.getBoundingClientRect().toJSON();
    const places = {talk: ".pg-conversation", ask: ".pg-composer", send: ".pg-send", side: ".pg-side"};
    const found = Object.fromEntries(Object.entries(places).map(([name, one]) => [name, box(root.querySelector(one))]));
    const right = root.getBoundingClientRect().right + 1;
    const outside = [...root.querySelectorAll("button, input, select, textarea, img")]
        .filter((one) => !one.closest(".pg-scroll") && one.getBoundingClientRect().right > right)
        .map((one) => one.outerHTML.slice(0, 120));
    return {...found, turn: box([...root.querySelectorAll(".pg-turn")].at(-1)), outside};
}"""


def test_newest_turn_and_the_prompt_are_in_view(tool):
    seen = {}
    for size in ((1280, 900), (1920, 1080), (820, 1180)):
        tool.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        for words in ("Good morning.", "Good evening.") if seen else ("Hello.", "Thank you very much."):
            tool.ask(f'Translate to Spanish: "{words}"')
        tool.field("Prompt").scroll_into_view_if_needed()
        # The reply settles in the frame behind its last change.
        tool.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        seen[size] = tool.root.evaluate(IN_VIEW)
    tool.page.set_viewport_size({"width": 1280, "height": 900})
    for (width, height), places in seen.items():
        assert places["outside"] == []
        assert 0 < places["turn"]["bottom"] <= places["talk"]["bottom"] + 1
        assert places["ask"]["top"] >= places["talk"]["bottom"] - 1
        assert places["send"]["bottom"] <= height
        side = places["side"]
        is_beside = side["left"] > places["talk"]["left"]
        assert tool.kind == "lab" or not is_beside or width - side["right"] < 60


@lab_only
def test_reply_without_end_shows_its_beginning(tool, endless):
    tool.talk_to(f"{endless}/v1")
    reply = tool.ask("Never stop.")
    tool.tab("Compare")
    tool.tab("History")
    tool.talk_to("")
    assert "more characters are not shown here" in reply
    assert len(reply) < 25_000
    # The page still works; the next request would be too long with that reply in front of it.
    tool.clear()
    assert "Buenos" in tool.ask('Translate to Spanish: "Good morning."')


RECORDED = """async () => {
    const context = new AudioContext();
    const tone = context.createOscillator(), out = context.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    const recorder = new MediaRecorder(out.stream, {mimeType: "audio/webm"});
    const pieces = [];
    recorder.ondataavailable = ({data}) => {
        if (data.size) pieces.push(data);
        if (pieces.length > 3) recorder.stop();
    };
    await new Promise((done) => { recorder.onstop = done; recorder.start(200); });
    await context.close();
    const data = new DataTransfer();
    data.items.add(new File(pieces, "phone.webm", {type: "audio/webm"}));
    document.querySelector(".pg-root .pg-dropzone")
        .dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


@lab_only
def test_recording_of_a_browser_is_decoded(tool):
    tool.page.evaluate(RECORDED)
    tool.cards.first.locator("audio").wait_for()
    assert "phone.wav, wav" in tool.cards.first.inner_text()


@lab_only
def test_grid_is_asked_shown_and_kept(tool):
    tool.tab("Grid")
    tool.type("Prompt of the grid", 'Translate to {{language}}: "Good morning."')
    tool.type("Values", "language = Spanish | French")
    tool.type("Temperatures, with commas", "0, 1")
    tool.press("Run the grid")
    tool.root.get_by_text("4 of 4 replies.").wait_for()
    table = tool.root.get_by_role("region", name="Grid of replies")
    assert table.locator("tbody tr").count() == 2
    assert table.locator("td.pg-words").count() == 4
    assert "Bonjour" in table.locator("tbody tr").nth(1).inner_text()
    assert table.locator("ins").count() == 0
    with tool.page.expect_download() as download:
        tool.press("Download as CSV")
    assert download.value.suggested_filename == "grid.csv"
    tool.field("Best reply").select_option("reply 3")
    tool.press("Keep the best")
    assert "Bonjour" in tool.reply(0)
    tool.tab("History")


@lab_only
def test_json_is_asked_for_and_checked(tool):
    tool.field("Reply as").select_option("JSON by a schema")
    tool.type("JSON schema", '{"type": "object", "required": ["title"]}')
    tool.root.get_by_text("Left out, as this model refuses it: response format.").wait_for()
    tool.attach("cafe_drinks.png")
    tool.ask("Give the data of the chart as JSON.")
    assert "JSON" in tool.turns.first.locator(".pg-facts").inner_text()
    tool.field("Reply as").select_option("text")
    tool.field("JSON schema").wait_for(state="hidden")


@lab_only
def test_busy_kernel_is_said_and_nothing_is_lost(tool):
    cells = tool.page.locator(".jp-Notebook .jp-CodeCell")
    busy = cells.nth(cells.count() - 2)
    busy.locator(".cm-content").click()
    tool.page.keyboard.press("Control+Enter")
    # Its number is a star as soon as it is pressed; only its own words say that the kernel has come to it.
    busy.get_by_text("the kernel is held", exact=True).wait_for()
    tool.field("Prompt").fill('Translate to Spanish: "Good morning."')
    try:
        tool.press("Send")
        tool.status.get_by_text("The kernel is busy").wait_for()
        assert tool.root.get_by_role("button", name="Send", exact=True).is_disabled()
        # What waits is not sent a second time.
        tool.field("Prompt").press("Control+Enter")
        tool.status.get_by_text("If the kernel was restarted").wait_for()
    finally:
        # Whatever was seen: the tests that follow need the kernel.
        (tool.folder / "notebooks" / "go-on").touch()
    assert "Buenos" in tool.reply(0)
    tool.status.get_by_text("The reply is complete.").wait_for()
    assert tool.turns.count() == 1


@lab_only
def test_branch_from_an_earlier_turn(tool):
    tool.ask('Translate to Spanish: "Good morning."')
    tool.ask('Translate to Spanish: "See you tomorrow."')
    tool.press("Branch from here: Turn 1")
    tool.page.wait_for_function("() => document.querySelectorAll('.pg-root .pg-turn').length === 1")
    tool.field("Prompt").fill('Translate to French: "Thank you very much."')
    tool.press("Send as a new branch")
    assert "Merci" in tool.reply(1)
    assert tool.turns.nth(1).locator(".pg-branch").inner_text() == "2 of 2"


@pytest.fixture(scope="module")
def address():
    """A second offline endpoint, for scripts that run elsewhere."""
    from offline_endpoint.server import start

    server = start()
    yield {
        "AZURE_INFERENCE_ENDPOINT": f"{server.origin}/models",
        "AZURE_INFERENCE_CREDENTIAL": server.key,
        "OPENAI_BASE_URL": f"{server.origin}/openai/v1",
    }
    server.stop()


def test_copied_code_gives_the_same_reply(tool, address, tmp_path):
    tool.attach("cafe_drinks.png")
    said = tool.ask("Describe this chart.")
    tool.press("Copy as code: Turn 1")
    # The code is the same in both places, so each of its scripts runs from one of them.
    tabs = {"Python, openai": ".py"}
    if tool.kind == "lab":
        tabs = {"Python, azure-ai-inference": ".py", "curl": ".sh"}
    running = {}
    panel = tool.root.locator(".pg-scripts").first
    for label, ending in tabs.items():
        tool.tab(label)
        tool.page.wait_for_function(
            "() => document.querySelector('.pg-scripts code').textContent.length > 20000"
        )
        panel.get_by_role("button", name="Copy", exact=True).click()
        panel.get_by_text("Copied.").wait_for()
        script = tmp_path / f"copied{ending}"
        script.write_text(tool.page.evaluate("() => navigator.clipboard.readText()"), encoding="utf-8")
        running[label] = subprocess.Popen(
            [sys.executable if ending == ".py" else "bash", script.name],
            cwd=tmp_path,
            env={**os.environ, **address},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
    for label, process in running.items():
        told, _ = process.communicate(timeout=60)
        assert process.returncode == 0, told
        assert said.split() == _told(told).split(), label
    with tool.page.expect_download() as download:
        panel.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == script.with_stem(REQUESTS[label]).name


def _told(output):
    """The reply in what a script prints: its words, or the events of the stream as curl shows them."""
    events = re.findall(r"^data: (\{.*\})$", output, flags=re.MULTILINE)
    if not events:
        return output
    choices = [choice for event in events for choice in json.loads(event)["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def test_code_is_put_into_a_cell_where_there_are_cells(tool):
    said = tool.ask('Translate to Spanish: "Good morning."')
    tool.press("Copy as code: Turn 1")
    tool.root.locator(".pg-scripts code").wait_for()
    insert = tool.root.get_by_role("button", name="Insert as cell")
    if tool.kind == "voila":
        assert not insert.is_visible()
        return
    cells = tool.page.locator(".jp-Notebook .jp-CodeCell")
    count = cells.count()
    insert.click()
    tool.root.get_by_text("Inserted as a cell below the tool.").wait_for()
    assert cells.count() == count + 1
    cells.nth(1).locator(".cm-content").click()
    tool.page.keyboard.press("Control+Enter")
    cells.nth(1).locator(".jp-OutputArea-output").get_by_text(said).wait_for()
    tool.page.keyboard.press("Escape")
    tool.page.keyboard.type("dd")
    tool.page.wait_for_function(
        "count => document.querySelectorAll('.jp-Notebook .jp-CodeCell').length === count", arg=count
    )


@lab_only
def test_session_is_saved_and_loaded(tool, tmp_path):
    tool.attach("cafe_drinks.png")
    said = tool.ask("Which drink is highest?")
    tool.tab("Session")
    with tool.page.expect_download() as download:
        tool.press("Download the session")
    path = tmp_path / "session.json"
    download.value.save_as(path)
    tool.clear()
    tool.root.locator(".pg-dropzone input[type=file]").last.set_input_files(path)
    assert tool.reply(0) == said
    assert tool.turns.first.locator(".pg-media img").count() == 1

    tool.type("File on the computer that runs this notebook", str(tmp_path / "kept.json"))
    tool.press("Save there")
    tool.status.get_by_text("The session was saved as kept.json.").wait_for()
    tool.clear()
    tool.press("Load from there")
    assert tool.reply(0) == said
    assert tool.turns.first.locator(".pg-media img").count() == 1


def test_everything_by_keyboard(tool):
    """From the sample to the reply without a mouse, each step by its label."""
    keyboard = tool.page.keyboard
    tool.field("Sample").focus()

    def reach(label, key="Tab"):
        for _ in range(25):
            here = tool.page.evaluate(
                """() => {
                    const here = document.activeElement;
                    const label = here.getAttribute("aria-label") || here.labels?.[0]?.textContent;
                    return (label || here.textContent).trim();
                }"""
            )
            if here.startswith(label):
                return
            keyboard.press(key)
        pytest.fail(f"{label} is not reached by Tab; the last stop is {here}")

    reach("Sample")
    keyboard.type("cafe")
    reach("Attach sample")
    keyboard.press("Enter")
    tool.cards.first.wait_for()
    reach("Prompt", "Shift+Tab")
    keyboard.type("Describe this chart.")
    keyboard.press("Control+Enter")
    assert "Drinks sold" in tool.reply(0)
    reach("Edit and resend", "Shift+Tab")
    keyboard.press("Enter")
    tool.page.wait_for_function("() => document.activeElement.classList.contains('pg-prompt')")
    assert tool.field("Prompt").input_value() == "Describe this chart."
    tool.press("Cancel the edit")
    tool.turns.first.wait_for()
    # JupyterLab's own keys must not act from in here: "c" and "x" would copy and cut the cell.
    tool.field("Sample").focus()
    keyboard.press("x")
    assert tool.turns.first.is_visible()


@contextlib.contextmanager
def saying(make):
    """A server of the OpenAI shape that replies what `make` makes of its address; gives that and what it was asked."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_error(404)

        def do_POST(self):
            seen.append("asked")
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            words = make(origin)
            for piece in (words[:40], words[40:]):
                self._event({"delta": {"content": piece}, "finish_reason": None})
            self._event({"delta": {}, "finish_reason": "stop"})
            self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, choice):
            event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "hostile"}
            event["choices"] = [{"index": 0, **choice}]
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    origin = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield origin, seen
    server.shutdown()
    server.server_close()


@pytest.fixture
def endless():
    """A server whose reply is a megabyte without a blank."""
    with saying(lambda _: "x" * 1_000_000) as (origin, _):
        yield origin


@pytest.fixture
def hostile():
    """A server of the OpenAI shape whose reply tries to act; gives its address and the requests it got."""
    with saying(lambda origin: HOSTILE.replace("SERVER", origin)) as told:
        yield told


@lab_only
def test_hostile_reply_does_nothing(tool, hostile):
    origin, seen = hostile
    tool.talk_to(f"{origin}/v1")
    tool.page.evaluate("() => { delete window.acted; }")
    reply = tool.ask("<img src=x onerror=\"window.acted='prompt'\">")
    tool.tab("Compare")
    tool.tab("History")
    assert "window.acted" in reply
    shown = tool.turns.first.locator("article")
    assert shown.locator("a, script, iframe, style, svg, img").count() == 0
    assert "<img src=x" in shown.locator(".pg-asked").inner_text()
    assert tool.root.get_by_role("region", name="History of runs").locator("img").count() == 0
    for link in shown.get_by_text("press me").all():
        link.click()
    assert tool.page.evaluate("() => window.acted") is None
    assert seen == ["asked"]
    assert not [url for url in tool.calls if url.startswith(origin)]
    assert tool.dialogs == []
    tool.talk_to("")


def violations(tool, within):
    """What axe-core calls serious or critical inside a part of the page."""
    found = tool.page.evaluate("part => axe.run(part, {resultTypes: ['violations']})", within)["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_keeps_people_out(tool, axe, theme):
    with themed(tool, theme) as tool:
        tool.ask('Translate to Spanish: "Good morning."')
        tool.attach("cafe_drinks.png")
        tool.attach("good_morning.mp3")
        tool.press("Copy as code: Turn 1")
        tool.root.locator(".pg-scripts code").wait_for()
        tool.page.evaluate(axe)
        assert violations(tool, ".pg-root") == []
        for tab in ("History", "Compare", "Session", "Grid"):
            tool.tab(tab)
            assert violations(tool, ".pg-root .widget-tab") == [], tab
        tool.tab("History")


@contextlib.contextmanager
def themed(tool, theme):
    """The tool in light or dark colors."""
    if tool.kind == "voila":
        # Voila chooses the theme when it draws a page, and each page has a kernel of its own.
        page = tool.page if theme == "light" else tool.page.context.new_page()
        if theme == "dark":
            page.goto(f"{tool.page.url}?theme=dark", timeout=60_000)
            page.locator(".pg-root .pg-send").wait_for(timeout=60_000)
        yield tool if theme == "light" else Tool(page, tool.kind, None)
        if theme == "dark":
            page.close()
        return
    tool.page.get_by_role("menuitem", name="Settings", exact=True).click()
    tool.page.get_by_text("Theme", exact=True).first.hover()
    tool.page.get_by_text(f"JupyterLab {theme.title()}", exact=True).click()
    is_light = str(theme == "light").lower()
    tool.page.wait_for_selector(f"body[data-jp-theme-light='{is_light}']", state="attached")
    yield tool


def test_page_of_voila_stands_alone(tool):
    words = tool.page.locator("body").inner_text()
    if tool.kind == "voila":
        assert "PlaygroundView" not in words
        assert "Run the next cell" not in words
        assert tool.page.locator(".jp-InputArea-editor").count() == 0
        assert tool.page.locator("h1").all_inner_texts() == ["Explore prompts in a playground"]
        assert tool.page.locator("a[href*='.ipynb'], a[href*='.md']").count() == 0
    origin = tool.page.url.partition("://")[2].partition("/")[0]
    assert [
        url for url in tool.calls if not re.match(rf"(https?://{re.escape(origin)}/|data:|blob:)", url)
    ] == []
    assert tool.errors == []


def test_session_comes_back_by_itself(tool):
    """In a page that is loaded anew, whose kernel is another one, and in a cell that is run again."""
    said = tool.ask('Translate to Spanish: "Good morning."')
    if tool.kind == "voila":
        tool.page.reload(timeout=60_000)
    else:
        tool.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        tool.page.get_by_text("Restart Kernel…", exact=True).click()
        tool.page.get_by_role("button", name="Confirm Kernel Restart").click()
        tool.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
        tool.field("Prompt").fill("Is anybody there?")
        tool.press("Send")
        tool.status.get_by_text("If the kernel was restarted, run the tool's cell again").wait_for()
        tool.page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
        tool.page.keyboard.press("Control+Enter")
    tool.status.get_by_text("Your last session is back").wait_for(timeout=60_000)
    assert tool.reply(0) == said
    tool.tab("Session")
    tool.root.get_by_label("Keep the session on this computer").uncheck()
    tool.status.get_by_text("what was kept is deleted").wait_for()
    tool.root.get_by_label("Keep the session on this computer").check()
    tool.status.get_by_text("The session is kept.").wait_for()
