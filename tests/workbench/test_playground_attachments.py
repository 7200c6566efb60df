"""What is attached is known by its bytes, and weighed before it is sent."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from PIL import Image

from helpers import tokens
from helpers.encoding import audio_part, image_part
from helpers.media import MAX_BYTES, MediaError
from workbench.playground import attachments, estimates
from workbench.playground.request import Message, Options, RequestError

PHI, GPT = "Phi-4-multimodal-instruct", "gpt-4o"
DATA = attachments._DATA


def picture(size=(640, 480), kind="png", mode="RGB", **options):
    file = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).convert(mode).save(file, kind, **options)
    return file.getvalue()


def sound(kind="WAV", rate=44_100, channels=2, seconds=0.5, subtype=None, level=0.5):
    times = np.arange(round(rate * seconds)) / rate
    wave = level * np.sin(2 * np.pi * 440 * times)
    file = io.BytesIO()
    soundfile.write(file, np.stack([wave] * channels, axis=1), rate, format=kind, subtype=subtype)
    return file.getvalue()


@pytest.mark.parametrize("name", attachments.samples())
def test_every_sample_can_be_attached(name):
    attached = attachments.from_sample(name)
    assert attached.origin == "sample"
    assert attached.name == name.rpartition("/")[2]
    assert attached.kind == ("image" if name.startswith("charts/") else "audio")
    content = attached.part[attached.part["type"]]
    assert attached.wire_bytes == len(content.get("url") or content["data"])


def test_picture_is_known_by_its_bytes():
    attached = attachments.from_bytes(picture(kind="jpeg"), "C:\\folder\\holiday.wav")
    assert (attached.name, attached.kind, attached.format) == ("holiday.wav", "image", "jpeg")
    assert (attached.width, attached.height, attached.seconds) == (640, 480, None)
    assert attached.part == image_part(attached.data)
    assert attached.note == ""
    assert attached.describe().startswith("holiday.wav, jpeg, 640 by 480 pixels, ")


def test_clip_is_known_by_its_bytes():
    attached = attachments.from_bytes(sound(), "picture.png")
    assert (attached.kind, attached.format, attached.width) == ("audio", "wav", None)
    assert attached.seconds == pytest.approx(0.5)
    assert attached.part == audio_part(attached.data)
    assert "0.5 seconds" in attached.describe()


def test_camera_data_are_dropped_and_it_is_said():
    exif = Image.Exif()
    exif[0x0112] = 6
    attached = attachments.from_bytes(picture(kind="jpeg", exif=exif), "photo.jpg")
    assert (attached.width, attached.height) == (480, 640)
    assert "camera" in attached.note
    assert b"Exif" not in attached.data


@pytest.mark.parametrize("kind", ["FLAC", "OGG"])
def test_other_clips_become_wav_in_silence(kind, capsys):
    attached = attachments.from_bytes(sound(kind), "clip")
    assert attached.format == "wav"
    assert kind.lower() in attached.note
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("kind", "subtype", "rate", "channels"),
    [
        ("WAV", "PCM_16", 48_000, 1),
        ("WAV", "FLOAT", 44_100, 2),
        ("WAV", "PCM_24", 8_000, 1),
        ("WAV", "PCM_16", 16_000, 1),
        ("OGG", "VORBIS", 48_000, 2),
        ("OGG", "OPUS", 48_000, 1),
        ("FLAC", None, 96_000, 2),
        ("MP3", None, 44_100, 1),
    ],
)
def test_recording_becomes_what_models_hear(kind, subtype, rate, channels):
    attached = attachments.from_recording(sound(kind, rate, channels, subtype=subtype))
    assert (attached.origin, attached.format) == ("recording", "wav")
    info = soundfile.info(io.BytesIO(attached.data))
    assert (info.samplerate, info.channels, info.subtype) == (16_000, 1, "PCM_16")
    assert attached.seconds == pytest.approx(0.5, abs=0.06)
    heard, _ = soundfile.read(io.BytesIO(attached.data))
    # The tone is the same one: 440 Hz.
    spectrum = np.abs(np.fft.rfft(heard))
    assert np.argmax(spectrum) * 16_000 / len(heard) == pytest.approx(440, abs=5)


WEBM = bytes.fromhex("1a45dfa3 9f428681 0142f781 0142f281 0442f381 0842 8284") + b"webm" + bytes(200)
MP4 = bytes.fromhex("00000020") + b"ftypisom" + bytes(200)
BAD = {
    "nothing": (b"", "is empty"),
    "webm": (WEBM, r"is a webm file .*A sound must be mp3, wav, flac or ogg"),
    "mp4": (MP4, r"is a mp4 file|is of no kind known"),
    "text": (b"hello", "is plain text"),
    "cut short": (sound()[:2000], "is cut short"),
    "no samples": (sound(seconds=0), "holds no sound"),
    "noise": (b"RIFF\x0c\x00\x00\x00WAVE" + bytes(8), "holds no sound"),
    "picture": (picture(), "is a picture"),
}


@pytest.mark.parametrize("case", BAD)
def test_recording_of_no_use_is_refused(case):
    data, sentence = BAD[case]
    with pytest.raises(MediaError, match=rf"^recording\.wav {sentence}"):
        attachments.from_recording(data)


def test_silent_recording_is_refused():
    with pytest.raises(MediaError, match="only silence"):
        attachments.from_recording(sound(level=0))


def test_recording_too_long_is_refused():
    long = sound("FLAC", rate=8_000, channels=1, seconds=660, level=0)
    with pytest.raises(MediaError, match="as 16 kHz wav, is too large"):
        attachments.from_recording(long)


@pytest.mark.parametrize("case", ["nothing", "webm", "mp4", "text", "cut short", "no samples", "noise"])
def test_upload_of_no_use_is_refused_by_its_name(case):
    data, sentence = BAD[case]
    with pytest.raises(MediaError, match=f"^my file {sentence}"):
        attachments.from_bytes(data, "my file")


def test_unknown_sample_is_refused():
    for name in ("charts/none.png", "../README.md", "charts/cafe_drinks.csv"):
        with pytest.raises(MediaError, match="There is no sample"):
            attachments.from_sample(name)


def test_shrunk_picture_keeps_its_original():
    original = attachments.from_bytes(picture((2000, 1500)), "big.png")
    copy = attachments.shrunk(original, "gpt-4o")
    assert (copy.width, copy.height) == tokens.largest_useful_size("gpt-4o", 2000, 1500)
    assert copy.shrunk_from is original
    assert copy.wire_bytes < original.wire_bytes
    assert copy.origin == "shrunk"
    assert "2,000 by 1,500" in copy.note
    assert estimates.attachment_tokens(copy, GPT) == estimates.attachment_tokens(original, GPT)


def test_picture_with_nothing_to_save_is_not_shrunk():
    with pytest.raises(MediaError, match="shrinking saves nothing"):
        attachments.shrunk(attachments.from_sample("charts/cafe_drinks.png"), "gpt-4o")


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif"])
def test_picture_is_resized_in_its_own_format(kind):
    original = attachments.from_bytes(picture(kind=kind), "a picture")
    copy = attachments.resized(original, 320)
    assert (copy.width, copy.height) == (320, 240)
    assert copy.format == ("png" if kind == "gif" else kind)
    assert copy.shrunk_from is original


@pytest.mark.parametrize("side", [0, -1, 640, 1000, 3.5, True, "300", None])
def test_size_that_is_none_is_refused(side):
    with pytest.raises(MediaError, match="has 640 pixels"):
        attachments.resized(attachments.from_bytes(picture(), "a picture"), side)


def test_sixteen_bits_a_pixel_keep_their_shades():
    shades = np.linspace(0, 65_535, 200 * 100).reshape(100, 200).astype(np.uint16)
    file = io.BytesIO()
    Image.fromarray(shades).save(file, "png")
    small = attachments.resized(attachments.from_bytes(file.getvalue(), "scan.png"), 50)
    with Image.open(io.BytesIO(small.data)) as picture:
        assert 120 < np.asarray(picture.convert("L")).mean() < 136


def test_clips_are_not_shrunk():
    clip = attachments.from_bytes(sound(), "clip")
    for shrink in (lambda: attachments.shrunk(clip, "gpt-4o"), lambda: attachments.resized(clip, 5)):
        with pytest.raises(MediaError, match="only pictures"):
            shrink()


def test_picture_above_the_limit_can_be_shrunk_and_not_sent():
    data = picture((3000, 2400))
    assert len(data) > MAX_BYTES
    original = attachments.from_bytes(data, "huge.png")
    assert "Shrink it first" in original.note
    assert original.wire_bytes > MAX_BYTES
    with pytest.raises(MediaError, match=r"huge\.png is too large"):
        Message("user", "", (original,)).content(None)
    assert attachments.shrunk(original, "gpt-4o").size < MAX_BYTES


def test_url_is_looked_at_and_sent_as_it_is(offline):
    url = f"{offline.origin}/samples/charts/cafe_drinks.png"
    attached = attachments.from_url(f"  {url}\n")
    assert attached.data == (DATA / "charts/cafe_drinks.png").read_bytes()
    assert attached.part == {"type": "image_url", "image_url": {"url": url}}
    assert (attached.name, attached.width, attached.wire_bytes) == ("cafe_drinks.png", 1100, len(url))
    smaller = attachments.resized(attached, 200)
    assert smaller.part["image_url"]["url"].startswith("data:image/png;base64,")
    clip = attachments.from_url(f"{offline.origin}/samples/clips/hello_how_are_you.mp3")
    assert clip.part["type"] == "audio_url"


def test_data_url_is_a_file():
    attached = attachments.from_url(image_part(picture())["image_url"]["url"])
    assert (attached.name, attached.url, attached.data) == ("pasted.png", None, picture())


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "starts with https://"),
        ("cafe.png", "starts with https://"),
        ("ftp://example.org/a.png", "Only http and https"),
        ("file:///etc/passwd", "not a whole URL|Only http and https"),
        ("http://a b/", "not a whole URL"),
        ("http://127.0.0.1:9/a.png", "cannot be fetched from this computer"),
        ("data:image/png;base64,@@", "valid base64"),
        ("{origin}/samples/charts/none.png", "status 404"),
        ("{origin}/health", "is plain text"),
        ("{origin}/samples/charts/cafe_drinks.csv", r"cafe_drinks\.csv is plain text"),
    ],
)
def test_url_of_no_use_is_refused(url, sentence, offline):
    with pytest.raises(MediaError, match=sentence):
        attachments.from_url(url.format(origin=offline.origin))


def test_restored_attachment_is_the_same():
    original = attachments.from_bytes(picture(), "a picture")
    copy = attachments.resized(original, 100)
    known = {"origin": copy.origin, "note": copy.note, "shrunk_from": original, "id": copy.id}
    assert attachments.restored(copy.data, copy.name, **known) == copy


@pytest.mark.parametrize(
    ("deployment", "rule"),
    [
        (PHI, "phi-4-multimodal"),
        ("my-phi-4-multimodal", "phi-4-multimodal"),
        ("gpt-4o", "gpt-4o"),
        ("GPT-4o-2024-11-20", "gpt-4o"),
        ("team_gpt4o", "gpt-4o"),
        ("gpt-4o-mini", None),
        ("gpt-4o-audio-preview", None),
        ("gpt-4omni", None),
        ("llama3.2-vision", None),
        ("", None),
    ],
)
def test_rule_is_told_by_the_deployment(deployment, rule):
    assert estimates.rule_for(deployment) == rule


def test_tokens_by_the_models_rules():
    image, clip = attachments.from_bytes(picture(), "a"), attachments.from_bytes(sound(), "b")
    assert estimates.attachment_tokens(image, PHI, "low") == tokens.phi4_multimodal_image_tokens(640, 480)
    assert estimates.attachment_tokens(image, GPT) == tokens.gpt_4o_image_tokens(640, 480, "high")
    assert estimates.attachment_tokens(image, GPT, "low") == 85
    assert estimates.attachment_tokens(clip, PHI) == tokens.phi4_multimodal_audio_tokens(0.5)
    assert estimates.attachment_tokens(clip, GPT) is None
    assert estimates.attachment_tokens(image, "llama") is None
    assert estimates.attachment_tokens(replace(image, width=20_000, height=10), PHI) is None


def test_estimate_counts_the_whole_request():
    image = attachments.from_bytes(picture(), "a")
    turns = (Message("user", "x" * 8, (image,)), Message("assistant", "y" * 4), Message("user", "", (image,)))
    one = tokens.phi4_multimodal_image_tokens(640, 480)
    tiles = tokens.gpt_4o_image_tokens(640, 480)
    assert estimates.estimate("s" * 4, turns, Options(GPT)) == estimates.Estimate(
        text=4, media=2 * tiles, total=4 + 2 * tiles, wire_bytes=16 + 2 * image.wire_bytes
    )
    # This model keeps the last picture alone, and is sent both.
    assert estimates.estimate("s" * 4, turns, Options(PHI)) == estimates.Estimate(
        text=4, media=one, total=4 + one, wire_bytes=16 + 2 * image.wire_bytes
    )
    unknown = estimates.estimate("", turns, Options("llama"))
    assert (unknown.text, unknown.media, unknown.total) == (3, None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"deployment": " "},
        {"deployment": None},
        {"route": "v2"},
        {"temperature": 2.1},
        {"temperature": float("nan")},
        {"temperature": True},
        {"temperature": "1"},
        {"max_tokens": 0},
        {"max_tokens": 1.5},
        {"detail": "medium"},
        {"seed": 2**63},
        {"seed": 0.5},
        {"top_p": 1.1},
        {"stop": ()},
        {"stop": ("a", "")},
        {"response_format": "yaml"},
        {"response_format": "json_schema"},
        {"response_format": "json_schema", "json_schema": "[]"},
        {"response_format": "json_schema", "json_schema": '{"type": "thing"}'},
        {"response_format": "json_schema", "json_schema": "[" * 100_000},
    ],
)
def test_option_out_of_range_is_refused(wrong):
    with pytest.raises(RequestError):
        Options(**({"deployment": PHI} | wrong))
