"""A plan counts what would be sent and says in words what would not."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image, ImageFile

from helpers import tokens
from helpers.encoding import MediaError, audio_part, image_part
from workbench import batch
from workbench.batch import look
from workbench.batch.look import look_at
from workbench.batch.plan import messages

QUESTIONS = {"image": "What is on the picture?", "audio": "Transcribe this."}
NAME = "Phi-4-multimodal-instruct"


def picture(path, size=(64, 48), **options):
    Image.new("RGB", size, "white").save(path, **options)
    return path


def clip(path, seconds=1.0, rate=8000):
    soundfile.write(path, np.zeros(int(seconds * rate)), rate)
    return path


def plan(files, questions=QUESTIONS, **options):
    return batch.plan(files, questions, **{"deployment": NAME} | options)


def test_a_row_for_each_file_with_its_tokens(tmp_path):
    picture(tmp_path / "b.png", (640, 480))
    clip(tmp_path / "a.wav", 10)
    sound, image = plan(tmp_path)
    assert (sound.file, sound.media, image.file, image.media) == ("a.wav", "audio", "b.png", "image")
    around = 7
    assert sound.tokens == 125 + tokens.text_tokens(QUESTIONS["audio"]) + around
    assert image.tokens == 1065 + tokens.text_tokens(QUESTIONS["image"]) + around
    assert image.size == (tmp_path / "b.png").stat().st_size


def test_the_key_stands_for_content_deployment_and_question(tmp_path):
    first = picture(tmp_path / "one.png")
    (tmp_path / "two.png").write_bytes(first.read_bytes())
    picture(tmp_path / "three.png", (65, 48))
    one, three, two = sorted(plan(tmp_path), key=lambda task: task.file)
    assert one.key == two.key != three.key
    assert plan([first])[0].key == one.key
    assert plan([first], deployment="another", model="phi-4-multimodal")[0].key != one.key
    assert plan([first], {"image": "Another?"})[0].key != one.key


def test_several_questions_are_several_rows(tmp_path):
    tasks = plan([picture(tmp_path / "a.png")], {"image": ["One?", "Two?", "One?"]})
    assert [task.prompt for task in tasks] == ["One?", "Two?"]


def test_folders_below_are_searched_and_hidden_files_left_out(tmp_path):
    (tmp_path / "below" / ".cache").mkdir(parents=True)
    picture(tmp_path / "below" / "a.png")
    picture(tmp_path / "below" / ".cache" / "b.png")
    picture(tmp_path / ".c.png")
    assert [task.file for task in plan(tmp_path)] == ["below/a.png"]


def test_gpt_4o_has_its_own_rule_and_takes_no_sound(tmp_path):
    picture(tmp_path / "a.png", (1024, 1024))
    clip(tmp_path / "b.wav")
    image, sound = plan(tmp_path, model="gpt-4o")
    assert image.tokens == 765 + tokens.text_tokens(QUESTIONS["image"]) + 7
    assert "takes none" in sound.refused


def test_a_photo_is_weighed_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = plan([picture(tmp_path / "a.jpg", (1000, 300), exif=exif)])[0]
    assert turned.tokens == plan([picture(tmp_path / "b.jpg", (300, 1000))])[0].tokens


def empty(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("no picture at all", encoding="utf-8")


def too_many_pixels(path):
    Image.new("1", (16_000, 12_500)).save(path)


def broken_link(path):
    try:
        path.symlink_to(path.with_name("gone.png"))
    except OSError:
        pytest.skip("this user may not make links")


def thin(path):
    Image.new("1", (1, 20_000)).save(path)


def long_silence(path):
    # Eight kilobits of nothing a second: an hour of it is a small file.
    soundfile.write(path, np.zeros(3600 * 8000, np.int16), 8000, format="FLAC")


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("empty.png", empty, "is empty (0 bytes)"),
        ("text.png", text, "is plain text, whatever its name says"),
        ("large.png", too_many_pixels, "more than 89,478,485 pixels"),
        ("link.png", broken_link, "is a link to a file that is not there"),
        ("thin.png", thin, "too long and thin"),
        ("hour.flac", long_silence, "lasts 60 minutes, and the model hears at most 30"),
        ('a "quoted" name 🎈.png', empty, "is empty"),
    ],
)
def test_what_would_be_refused_and_why(tmp_path, name, make, said):
    if os.name == "nt" and '"' in name:
        pytest.skip("Windows has no such names")
    make(tmp_path / name)
    picture(tmp_path / "good.png")
    good, bad = sorted(plan(tmp_path), key=lambda task: bool(task.refused))
    assert (good.file, good.refused) == ("good.png", "")
    assert (bad.file, bad.tokens, bad.prompt) == (name, 0, "")
    assert said in bad.refused
    assert str(tmp_path) not in bad.refused


def test_files_that_cannot_be_read_are_told_apart(tmp_path):
    empty(tmp_path / "a.png")
    empty(tmp_path / "b.png")
    assert len({task.key for task in plan(tmp_path)}) == 2


def test_a_kind_without_a_question_is_refused_in_words(tmp_path):
    (task,) = plan([clip(tmp_path / "a.wav")], {"image": "What?"})
    assert "no question for sounds" in task.refused


@pytest.mark.parametrize(
    ("questions", "options", "said"),
    [
        ({}, {}, "There is no question"),
        ({"image": []}, {}, "There is no question"),
        ({"image": " "}, {}, "is empty"),
        ({"image": [3]}, {}, "no text"),
        ({"film": "What?"}, {}, "not under 'film'"),
        (QUESTIONS, {"model": "phi"}, "No token rule for 'phi'.*Phi-4-multimodal-instruct, gpt-4o"),
        (QUESTIONS, {"deployment": "mine"}, "No token rule for 'mine'"),
    ],
)
def test_questions_and_models_of_no_use(tmp_path, questions, options, said):
    with pytest.raises(batch.BatchError, match=said):
        plan(tmp_path, questions, **options)


def test_a_missing_folder(tmp_path):
    with pytest.raises(batch.BatchError, match="no folder gone"):
        plan(tmp_path / "gone")
    assert plan([]) == []


PRICES = {"image": 2.0, "audio": 8.0, "reply": 4.0}


def test_cost_counts_equal_content_once(tmp_path):
    first = picture(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(first.read_bytes())
    empty(tmp_path / "c.png")
    clip(tmp_path / "d.wav")
    tasks = plan(tmp_path)
    image, sound = tasks[0].tokens, tasks[3].tokens
    expected = (2 * image + 8 * sound + 2 * 4 * 100) / 1e6
    assert batch.cost(tasks, PRICES, reply_tokens=100) == pytest.approx(expected)


@pytest.mark.parametrize("wrong", [{"image": None}, {"reply": -1}, {"audio": float("nan")}, {"audio": "2"}])
def test_prices_that_are_none(wrong):
    with pytest.raises(batch.BatchError, match="amount for a million tokens"):
        batch.cost([], PRICES | wrong, reply_tokens=1)
    with pytest.raises(batch.BatchError, match="0 tokens or more"):
        batch.cost([], PRICES, reply_tokens=-1)


def test_paths_in_a_list_are_called_by_their_names(tmp_path):
    (task,) = plan([Path(picture(tmp_path / "a.png"))])
    assert task.file == "a.png"


# Each file is opened once.


def odd_pictures():
    """One picture of each mode that Pillow can save as a type we send, plain and with what cameras add."""
    exif = Image.Exif()
    exif[0x0112] = 6
    for kind in ("png", "jpeg", "webp", "gif"):
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"):
            for extra in ({}, {"exif": exif}, {"xmp": b"<x:xmpmeta/>"}, {"comment": b"hello"}):
                file = io.BytesIO()
                try:
                    Image.new(mode, (60, 20)).save(file, kind, **extra)
                except (OSError, ValueError, KeyError):
                    continue
                yield pytest.param(file.getvalue(), id=f"{kind} {mode} {'-'.join(extra)}")


@pytest.mark.parametrize("data", list(odd_pictures()))
def test_a_request_holds_just_what_image_part_makes(tmp_path, data):
    (tmp_path / "a.bin").write_bytes(data)
    (task,) = plan(tmp_path)
    (message,) = messages(task)
    assert message["content"][1] == image_part(tmp_path / "a.bin")
    if task.as_is:
        assert base64.b64decode(message["content"][1]["image_url"]["url"].partition(",")[2]) == data


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        (kind, subtype)
        for kind in ("WAV", "WAVEX", "FLAC", "OGG", "MP3")
        for subtype in soundfile.available_subtypes(kind)
    ],
)
def test_a_request_holds_just_what_audio_part_makes(tmp_path, kind, subtype):
    try:
        soundfile.write(tmp_path / "a.bin", np.zeros(8000), 8000, format=kind, subtype=subtype)
        part = audio_part(tmp_path / "a.bin", quiet=True)
    except (soundfile.SoundFileError, MediaError) as error:
        pytest.skip(f"no such sound is made or sent: {error}")
    (task,) = plan(tmp_path)
    assert messages(task)[0]["content"][1] == part


def test_no_pixel_is_decoded_again_by_the_run(tmp_path, monkeypatch):
    Image.effect_noise((300, 200), 50).convert("RGB").save(tmp_path / "a.jpg")
    loads = []
    load = ImageFile.ImageFile.load
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: (loads.append(self), load(self))[1])
    (task,) = plan(tmp_path)
    assert len(set(map(id, loads))) == 1
    loads.clear()
    messages(task)
    assert loads == []


def test_a_saved_plan_opens_only_what_changed(tmp_path, monkeypatch):
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a.png", "b.png", "c.png"):
        picture(folder / name, (64, 40 + ord(name[0])))
    empty(folder / "d.png")
    saved = tmp_path / "plan.jsonl"
    first = plan(folder, saved=saved)
    opened = []
    monkeypatch.setattr(look, "look_at", lambda place: (opened.append(Path(place).name), look_at(place))[1])
    assert plan(folder, saved=saved) == first
    assert opened == []
    picture(folder / "b.png", (100, 100))
    os.utime(folder / "c.png", (1, 1))
    picture(folder / "e.png", (10, 10))
    (folder / "a.png").unlink()
    assert plan(folder, saved=saved) == plan(folder)
    assert opened[:3] == ["b.png", "c.png", "e.png"]
    # Another question or another model needs no look.
    opened.clear()
    assert [task.prompt for task in plan(folder, {"image": "Another?"}, saved=saved)][:1] == ["Another?"]
    assert plan(folder, model="gpt-4o", saved=saved)[0].tokens != plan(folder, saved=saved)[0].tokens
    assert opened == []


@pytest.mark.parametrize("content", ["hello", "[1]", '["a", "b", 1]', '{"a": 1}', "[[]]", "\x00"])
def test_a_saved_plan_that_is_none(tmp_path, content):
    (tmp_path / "plan.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(batch.BatchError, match="holds no saved plan"):
        plan([picture(tmp_path / "a.png")], saved=tmp_path / "plan.jsonl")
    assert (tmp_path / "plan.jsonl").read_text(encoding="utf-8") == content
