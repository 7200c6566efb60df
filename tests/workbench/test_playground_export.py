"""Copied code runs as it is, in a process of its own, and gets the reply that the playground got."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.playground import attachments
from workbench.playground.export import Export, ExportError, Language, export
from workbench.playground.request import Message, Options, Request, Route

PHI = "Phi-4-multimodal-instruct"
SPANISH = 'Translate to Spanish: "Good morning. How are you?"'
NASTY = (
    "$HOME `id` $(id) \\n \"\"\" ''' {curly} %s \tBODY\nBODY\r\nlast\0 line with é, 日本 and 🎈 "
    + "many words follow here " * 12
    + "x" * 300
)


def request(*parts, system="You translate.", route=Route.MODELS, **options):
    text, items = parts[0], parts[1:]
    turns = (
        Message("user", "Hello."),
        Message("assistant", 'He said "Hi".'),
        Message("user", text, tuple(items)),
    )
    return Request(system, turns, Options(PHI, route, **options))


@pytest.fixture(scope="module")
def picture():
    return attachments.from_sample("charts/cafe_drinks.png")


@pytest.fixture(scope="module")
def clip():
    return attachments.from_sample("clips/hello_how_are_you.mp3")


@pytest.fixture(autouse=True)
def _tools(request):
    parameters = getattr(request.node, "callspec", None)
    if parameters and parameters.params.get("language") is Language.CURL:
        for tool in ("bash", "curl"):
            if shutil.which(tool) is None:
                pytest.skip(f"{tool} is not installed")


def run(script, cwd, environment):
    command = ["bash", script] if script.suffix == ".sh" else [sys.executable, script]
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, timeout=120, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if script.suffix == ".py":
        return done.stdout.removesuffix("\n")
    lines = [line.removeprefix("data: ") for line in done.stdout.splitlines() if line.startswith("data: {")]
    deltas = [choice["delta"] for line in lines for choice in json.loads(line)["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)


@pytest.mark.parametrize("route", list(Route))
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("embed", [True, False])
def test_script_gets_the_same_reply(language, route, embed, clip, playground, offline, tmp_path):
    """A clip, since all that a picture differs in is the part's form, which the next test compares."""
    playground.options = Options(PHI, route, temperature=0.5, seed=7)
    playground.attach(attachments.from_bytes(clip.data, clip.name))
    sent = playground.send("Translate this audio snippet to spanish.")
    assert sent.wait(60)
    assert sent.text == "Hola. ¿Cómo estás?"
    written = export(sent.request, language, embed=embed)
    assert bool(written.files) is not embed
    offline.record.clear()
    somewhere_else = tmp_path / "elsewhere"
    somewhere_else.mkdir()
    script = written.save(tmp_path / "the folder")
    assert run(script, somewhere_else, dict(os.environ)) == sent.text
    (arrival,) = offline.record.arrivals()
    is_v1 = language is Language.OPENAI or (language is Language.CURL and route is Route.V1)
    assert arrival.path.startswith("/openai/v1" if is_v1 else "/models")
    assert {name: arrival.body[name] for name in ("model", "temperature", "seed", "stream")} == {
        "model": PHI,
        "temperature": 0.5,
        "seed": 7,
        "stream": True,
    }


@pytest.mark.parametrize("language", list(Language))
def test_script_sends_what_the_playground_sends(language, picture, playground, offline, tmp_path):
    playground.system = NASTY
    route = Route.V1 if language is Language.OPENAI else Route.MODELS
    playground.options = Options(PHI, route, 0.25, 50, "low", 3)
    small = attachments.resized(picture, 300)
    playground.headers = {"x-offline-fault": "content-filter"}
    playground.attachments = [picture, small]
    sent = playground.send(NASTY)
    assert sent.wait(60)
    script = export(sent.request, language).save(tmp_path)
    command = ["bash", script] if language is Language.CURL else [sys.executable, script]
    subprocess.run(command, capture_output=True, timeout=60, check=False)
    one, other = offline.record.arrivals()
    assert one.body == other.body
    assert one.body["messages"][0]["content"].startswith(
        "$HOME `id` $(id) \\n \"\"\" ''' {curly} %s \tBODY\n"
    )


ROOT = Path(__file__).parents[2]
CASES = {
    "quotes": lambda picture, clip: request("it's \"so\" \\' \\\" ''", system='a "b" \\'),
    "lengths": lambda picture, clip: Request(
        "", tuple(Message("user", ("word " * 40)[:count]) for count in range(40, 110)), Options("m" * 70)
    ),
    "plain": lambda picture, clip: request(SPANISH),
    "nasty": lambda picture, clip: request(NASTY, picture, clip, system=NASTY, temperature=1, max_tokens=5),
    "no text": lambda picture, clip: request("", picture, picture, clip, system="", detail="high"),
    "url": lambda picture, clip: request(
        "Look.", replace(picture, url="https://example.org/" + "long/" * 40)
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("language", [Language.AZURE, Language.OPENAI])
@pytest.mark.parametrize("embed", [True, False])
def test_scripts_are_clean(case, language, embed, picture, clip, tmp_path):
    text = export(CASES[case](picture, clip), language, embed=embed).text
    compile(text, "request.py", "exec")
    # Nothing in it that would be seen otherwise than it is read.
    assert all(character == "\n" or character.isprintable() for character in text)


@pytest.mark.parametrize("language", [Language.AZURE, Language.OPENAI])
def test_code_runs_where_it_is_pasted(language, clip, playground, tmp_path):
    """In a cell, which has no file of its own, and at Python's own prompt, which ends a block at an empty line."""
    request_ = Request("", (Message("user", "Transcribe this audio.", (clip,)),), Options(PHI))
    written = export(request_, language, embed=False)
    written.save(tmp_path)
    pasted = [
        [sys.executable, "-i", "-q"],
        [sys.executable, "-c", "exec(__import__('sys').stdin.read(), {})"],
    ]
    for command in pasted:
        done = subprocess.run(
            command,
            input=written.text,
            cwd=tmp_path,
            capture_output=True,
            timeout=120,
            encoding="utf-8",
            check=False,
        )
        assert "Error" not in done.stderr, done.stderr
        assert "hello how are you" in done.stdout.lower()


def test_small_media_stay_inside_and_large_ones_lie_beside(picture):
    tiny = attachments.from_sample("clips/good_morning.mp3")
    assert export(request("?", tiny), Language.AZURE).files == {}
    assert export(request("?", tiny), Language.CURL).files == {}
    beside = export(request("?", picture, tiny), Language.AZURE)
    assert beside.files == {"1_cafe_drinks.png": picture.data, "2_good_morning.mp3": tiny.data}
    assert list(export(request("?", picture), Language.CURL).files) == ["request.json"]


def test_names_of_media_cannot_leave_the_folder(picture):
    odd = replace(picture, name='../../"); import os #.png')
    other = replace(attachments.resized(picture, 300), name="日本.png")
    written = export(request("?", odd, other), Language.OPENAI, embed=False)
    assert list(written.files) == ["1_import_os.png", "2_image.png"]
    inside = export(request("?", odd), Language.OPENAI, embed=True)
    compile(inside.text, inside.name, "exec")


@pytest.mark.parametrize("language", list(Language))
def test_key_stays_in_the_environment(language, settings):
    key = settings["AZURE_INFERENCE_CREDENTIAL"]
    written = export(request(f"My key is {key}."), language)
    assert key not in written.text
    assert "My key is ***." in written.text
    assert "AZURE_INFERENCE_CREDENTIAL" in written.text
    assert "127.0.0.1" not in written.text


def test_zip_holds_what_save_writes(picture, tmp_path):
    written = export(request("?", picture), Language.CURL)
    written.save(tmp_path)
    with zipfile.ZipFile(io.BytesIO(written.packed()[2])) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            file.name: file.read_bytes() for file in tmp_path.iterdir()
        }


def test_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(ExportError, match=r"request\.sh cannot be written"):
        Export("request.sh", "").save(tmp_path / "taken")
