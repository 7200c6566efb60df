"""Content parts and data URLs from good sources, and clear sentences for bad ones."""

import base64
import io
import json
import os
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from azure.ai.inference.models import ImageDetailLevel, ImageUrl, InputAudio
from matplotlib.figure import Figure
from PIL import Image, PngImagePlugin

from formats.sounds import DECODED_WHOLE
from helpers import encoding, media
from helpers.encoding import MediaError, audio_part, data_url, image_part

IMAGE_KINDS = ["png", "jpeg", "gif", "webp"]
GPS_AND_ORIENTATION = Image.Exif()
GPS_AND_ORIENTATION[0x0112] = 6
GPS_AND_ORIENTATION.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})


def picture(kind="png", size=(40, 30), **options):
    shade = np.linspace(0, 255, size[0] * size[1], dtype=np.uint8).reshape(size[1], size[0])
    file = io.BytesIO()
    Image.fromarray(np.dstack([shade, shade[::-1], shade])).save(file, kind, **options)
    return file.getvalue()


def sound(kind="wav", seconds=0.5, rate=16_000, channels=1, **options):
    wave = 0.5 * np.sin(np.arange(int(seconds * rate)) * 0.1)
    file = io.BytesIO()
    soundfile.write(file, np.column_stack([wave] * channels), rate, format=kind.upper(), **options)
    return file.getvalue()


def decoded(url):
    header, _, payload = url.partition(",")
    return header, base64.b64decode(payload, validate=True)


def seen(url):
    return Image.open(io.BytesIO(decoded(url)[1]))


def png_header(width, height):
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    data = zlib.compress(b"\0" * 100)
    chunks += struct.pack(">I", len(data)) + b"IDAT" + data + struct.pack(">I", zlib.crc32(b"IDAT" + data))
    return b"\x89PNG\r\n\x1a\n" + chunks + b"\0\0\0\0IEND\xaeB`\x82"


# --- good input


@pytest.mark.parametrize("kind", IMAGE_KINDS)
def test_every_kind_of_source_gives_the_same_exact_part(kind, tmp_path):
    data = picture(kind)
    path = tmp_path / "picture.dat"
    path.write_bytes(data)
    expected = {
        "type": "image_url",
        "image_url": {"url": f"data:image/{kind};base64,{base64.b64encode(data).decode()}"},
    }
    with path.open("rb") as file:
        for source in (path, str(path), data, bytearray(data), memoryview(data), io.BytesIO(data), file):
            assert image_part(source) == expected
    assert data_url(path) == expected["image_url"]["url"]


def test_agrees_with_the_vendors_own_classes(tmp_path):
    (tmp_path / "a.png").write_bytes(picture())
    (tmp_path / "a.mp3").write_bytes(sound("mp3"))
    image = ImageUrl.load(image_file=str(tmp_path / "a.png"), image_format="png", detail="low")
    assert image_part(tmp_path / "a.png", detail="low")["image_url"] == image.as_dict()
    audio = InputAudio.load(audio_file=str(tmp_path / "a.mp3"), audio_format="mp3")
    assert audio_part(tmp_path / "a.mp3")["input_audio"] == audio.as_dict()


def test_the_type_comes_from_the_bytes_not_the_name(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(picture("jpeg"))
    assert data_url(path).startswith("data:image/jpeg;base64,")
    path = tmp_path / "voice.wav"
    path.write_bytes(sound("mp3"))
    assert audio_part(path)["input_audio"]["format"] == "mp3"


@pytest.mark.parametrize("size", range(1, 12))
def test_pieces_join_without_padding_in_the_middle(monkeypatch, size):
    monkeypatch.setattr(encoding, "_PIECE", 3)
    opened = media.Media("x", "png", io.BytesIO(bytes(range(size))), size)
    assert encoding._encoded("p", opened) == "p" + base64.b64encode(bytes(range(size))).decode()


@pytest.mark.parametrize("detail", ["auto", "low", "high", ImageDetailLevel.HIGH])
def test_detail_sits_beside_the_url(detail):
    part = image_part(picture(), detail=detail)
    assert list(part["image_url"]) == ["url", "detail"]
    assert json.loads(json.dumps(part))["image_url"]["detail"] == getattr(detail, "value", detail)


@pytest.mark.parametrize(
    "url", ["https://example.com/a.png?x=1", "http://127.0.0.1:8000/a", "HTTPS://example.com/a"]
)
def test_web_addresses_pass_unchanged(url):
    assert image_part(url) == {"type": "image_url", "image_url": {"url": url}}
    assert audio_part(url) == {"type": "audio_url", "audio_url": {"url": url}}


def test_data_urls_pass_unchanged():
    url = data_url(picture())
    assert image_part(url, detail="low") == {"type": "image_url", "image_url": {"url": url, "detail": "low"}}
    url = data_url(sound("mp3"))
    assert audio_part(url) == {"type": "audio_url", "audio_url": {"url": url}}


def test_figure_becomes_png_and_stays_usable():
    figure = Figure(figsize=(2, 1), dpi=50)
    figure.add_subplot().plot([1, 2])
    assert seen(data_url(figure)).size == (100, 50)
    assert len(figure.axes) == 1


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "PA", "RGBa", "I;16"]
)
def test_pil_image_of_any_color_mode_becomes_png(mode):
    image = Image.new("RGBA", (5, 4), (200, 0, 0, 128))
    steps = {"PA": ["P", "PA"], "HSV": ["RGB", "HSV"], "YCbCr": ["RGB", "YCbCr"], "CMYK": ["RGB", "CMYK"]}
    steps["I;16"] = ["L", "I", "I;16"]
    for step in steps.get(mode, [mode]):
        image = image.convert(step)
    found = seen(data_url(image))
    assert (found.format, found.size) == ("PNG", (5, 4))
    if mode in ("PA", "RGBa", "RGBA"):
        assert found.convert("RGBA").getpixel((0, 0))[3] in (128, 255)


def test_file_object_is_read_from_where_it_stands_and_stays_open(tmp_path):
    data = picture()
    file = io.BytesIO(b"skip" + data)
    file.seek(4)
    assert decoded(data_url(file))[1] == data
    assert not file.closed


@pytest.mark.parametrize(("kind", "media_type"), [("wav", "audio/wav"), ("mp3", "audio/mpeg")])
def test_sound_is_sent_untouched(kind, media_type, capsys):
    data = sound(kind)
    assert audio_part(data) == {
        "type": "input_audio",
        "input_audio": {"data": base64.b64encode(data).decode(), "format": kind},
    }
    assert decoded(data_url(data)) == (f"data:{media_type};base64", data)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("kind", "options"), [("flac", {}), ("ogg", {"subtype": "VORBIS"}), ("ogg", {"subtype": "OPUS"})]
)
def test_flac_and_ogg_become_wav_and_it_is_said(kind, options, tmp_path, capsys):
    path = tmp_path / f"clip.{kind}"
    path.write_bytes(sound(kind, channels=2, **options))
    part = audio_part(path)["input_audio"]
    info = soundfile.info(io.BytesIO(base64.b64decode(part["data"])))
    assert (part["format"], info.format, info.subtype) == ("wav", "WAV", "PCM_16")
    assert (info.samplerate, info.channels, info.frames) == (16_000, 2, 8000)
    said = capsys.readouterr().out
    assert said.startswith(f"clip.{kind} is {kind}")
    assert "converted to wav" in said
    assert said.count("\n") == 1


def test_flac_keeps_its_samples():
    data = sound("flac", seconds=0.1)
    before, _ = soundfile.read(io.BytesIO(data), dtype="int16")
    after, _ = soundfile.read(io.BytesIO(decoded(data_url(data))[1]), dtype="int16")
    assert np.array_equal(before, after)


# --- EXIF


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_exif_is_stripped_and_the_picture_upright(kind):
    data = picture(kind, size=(40, 30), exif=GPS_AND_ORIENTATION)
    found = seen(data_url(data))
    assert found.format.lower() == kind
    assert found.size == (30, 40)
    assert len(found.getexif()) == 0
    original = Image.open(io.BytesIO(data)).convert("RGB").transpose(Image.Transpose.ROTATE_270)
    assert np.abs(np.asarray(found.convert("RGB"), int) - np.asarray(original, int)).mean() < 3


def test_pil_image_is_upright_and_without_exif():
    image = Image.open(io.BytesIO(picture("jpeg", exif=GPS_AND_ORIENTATION)))
    found = seen(data_url(image))
    assert found.size == (30, 40)
    assert len(found.getexif()) == 0


def test_exif_after_the_pixels_is_found():
    data = picture("png")
    exif = GPS_AND_ORIENTATION.tobytes()[6:]
    chunk = struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", zlib.crc32(b"eXIf" + exif))
    found = decoded(data_url(data[:-12] + chunk + data[-12:]))[1]
    assert b"eXIf" not in found
    assert Image.open(io.BytesIO(found)).size == (30, 40)


def test_xmp_is_stripped():
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>exif:GPSLatitude</x:xmpmeta>")
    for data in (picture("jpeg", xmp=b"<x>exif:GPSLatitude</x>"), picture("png", pnginfo=info)):
        assert b"GPSLatitude" in data
        assert b"GPSLatitude" not in decoded(data_url(data))[1]


def test_color_profile_survives():
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = picture("jpeg", exif=GPS_AND_ORIENTATION, icc_profile=profile)
    assert seen(data_url(data)).info["icc_profile"] == profile


def test_transparency_survives_the_stripping():
    image = Image.new("P", (8, 6), 1)
    image.putpalette([255, 0, 0, 0, 255, 0])
    file = io.BytesIO()
    image.save(file, "png", transparency=1, exif=GPS_AND_ORIENTATION)
    assert seen(data_url(file.getvalue())).convert("RGBA").getpixel((0, 0))[3] == 0


# --- shrinking


@pytest.mark.parametrize(("model", "size"), [("phi-4-multimodal", (1792, 1344)), ("gpt-4o", (1024, 768))])
def test_shrinks_to_what_the_model_can_use(model, size):
    data = picture("jpeg", size=(4032, 3024))
    found = seen(image_part(data, shrink_for=model)["image_url"]["url"])
    assert (found.format, found.size) == ("JPEG", size)


@pytest.mark.parametrize("model", ["phi-4-multimodal", "gpt-4o"])
def test_never_enlarges(model):
    data = picture("png", size=(200, 100))
    assert decoded(data_url(data, shrink_for=model))[1] == data


def test_shrinking_counts_the_upright_size():
    data = picture("jpeg", size=(4032, 3024), exif=GPS_AND_ORIENTATION)
    assert seen(data_url(data, shrink_for="phi-4-multimodal")).size == (1344, 1792)


def test_shrinking_keeps_the_original_if_that_is_smaller():
    # Fine stripes in two colors compress to almost nothing; averaged to shades they do not.
    stripes = np.zeros((3000, 4000), np.uint8)
    stripes[:, ::3] = 255
    file = io.BytesIO()
    Image.fromarray(stripes).convert("1").save(file, "png", optimize=True)
    assert len(decoded(data_url(file.getvalue(), shrink_for="gpt-4o"))[1]) <= len(file.getvalue())


def test_shrinking_saves_a_picture_that_is_too_large(monkeypatch):
    data = picture("jpeg", size=(3000, 2250), quality=95)
    monkeypatch.setattr(encoding, "MAX_BYTES", len(data) - 1)
    with pytest.raises(MediaError, match="too large"):
        image_part(data)
    assert seen(data_url(data, shrink_for="gpt-4o")).size == (1024, 768)


def test_palette_picture_is_shrunk_in_true_colors():
    noise = np.random.default_rng(0).integers(0, 256, (1600, 1600, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).quantize(64, method=Image.Quantize.FASTOCTREE).save(file, "gif")
    found = seen(data_url(file.getvalue(), shrink_for="gpt-4o"))
    assert (found.format, found.mode, found.size) == ("PNG", "RGB", (768, 768))


# --- memory


def test_a_large_file_is_encoded_within_2_4_times_its_size(tmp_path):
    path = tmp_path / "large.png"
    noise = np.random.default_rng(0).integers(0, 256, (2600, 2600, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path, compress_level=0)
    size = path.stat().st_size
    assert DECODED_WHOLE < 19_000_000 < size
    del noise
    data_url(path)
    tracemalloc.start()
    try:
        url = data_url(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(url) > size * 4 / 3
    assert peak <= 2.4 * size


# --- bad input

PNG, JPEG, WAV, MP3 = picture(), picture("jpeg"), sound(), sound("mp3")
ZERO_WAV = sound(seconds=0)


def damaged(data, position):
    return (
        data[:position] + bytes(255 - byte for byte in data[position : position + 8]) + data[position + 8 :]
    )


def wav_with(riff=None, data=None):
    changed = bytearray(WAV)
    if riff is not None:
        changed[4:8] = struct.pack("<I", riff)
    if data is not None:
        changed[40:44] = struct.pack("<I", data)
    return bytes(changed)


BAD_PICTURES = {
    "empty": (b"", "empty"),
    "one byte": (b"\x89", "no kind known"),
    "png signature alone": (PNG[:8], "cut short"),
    "png header alone": (PNG[:33], "cut short"),
    "png without its end": (PNG[:-12], "cut short"),
    "png cut in half": (PNG[: len(PNG) // 2], "cut short"),
    "png with a damaged header": (damaged(PNG, 16), "damaged"),
    "png with damaged pixels": (damaged(PNG, 60), "damaged"),
    "png with its middle gone": (PNG[:50] + PNG[-12:], "damaged"),
    "png of no pixels": (png_header(0, 0), "damaged|no pixels"),
    "png with too little data": (png_header(400, 400), "damaged"),
    "jpeg without its end": (JPEG[:-2], "cut short"),
    "jpeg cut in half": (JPEG[: len(JPEG) // 2], "cut short"),
    "jpeg signature alone": (JPEG[:4], "cut short"),
    "jpeg of signature and end": (JPEG[:4] + JPEG[-2:], "damaged"),
    "jpeg with its middle gone": (JPEG[:200] + JPEG[-2:], "damaged"),
    "gif cut short": (picture("gif")[:-20], "cut short|damaged"),
    "gif header alone": (b"GIF89a;", "damaged"),
    "webp cut short": (picture("webp")[:-20], "cut short"),
    "webp header alone": (b"RIFF\x04\0\0\0WEBP", "damaged"),
    "decompression bomb": (png_header(10_000, 9000), "pixels"),
    "larger bomb": (png_header(60_000, 60_000), "pixels"),
    "text": (b"This is not a picture.", "plain text"),
    "text with a cut character": ("é".encode() * 4095 + b"xx\xc3\xa9"[:3], "plain text"),
    "json": (b'{"error": "not found"}', "plain text"),
    "web page": (b"\n<!DOCTYPE html><html><body>404", "web page"),
    "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "pdf": (b"%PDF-1.7\n" + b"\0" * 20, "pdf file"),
    "bmp": (None, "bmp file"),
    "tiff": (None, "tif file"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 20, "heic file"),
    "zip": (b"PK\x03\x04" + b"\0" * 30, "zip file"),
    "mp4": (b"\0\0\0\x18ftypmp42\0\0\0\0mp41mp42" + b"\0" * 20, "mp4 file"),
    "noise": (bytes(range(128, 256)), "no kind known"),
    "wav": (WAV, "use audio_part"),
    "mp3": (MP3, "use audio_part"),
}

BAD_SOUNDS = {
    "empty": (b"", "empty"),
    "riff header alone": (b"RIFF\x04\0\0\0WAVE", "no sound"),
    "wav cut short": (WAV[:-100], "cut short"),
    "wav cut in its header": (WAV[:30], "cut short"),
    "wav whose data is longer than the file": (wav_with(data=len(WAV)), "cut short"),
    "wav without samples": (ZERO_WAV, "no sound"),
    "wav with an impossible format": (WAV[:20] + b"\x99\x99" + WAV[22:], "cannot be decoded"),
    "mp3 tag alone": (b"ID3\x03\0\0\0\0\0\0" + b"\0" * 3000, "cannot be decoded"),
    "mp3 header alone": (b"\xff\xfb\x90\x64" + b"\0" * 3000, "cannot be decoded"),
    "mp3 cut in half": (MP3[: len(MP3) // 2], "cut short"),
    "flac signature alone": (b"fLaC" + b"\0" * 100, "cannot be decoded"),
    "flac cut short": (sound("flac")[:-200], "cut short"),
    "ogg cut short": (sound("ogg")[:-200], "cut short"),
    "ogg signature alone": (b"OggS", "cut short"),
    "aac": (b"\xff\xf1\x50\x80" + b"\0" * 100, "aac file"),
    "m4a": (b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42" + b"\0" * 20, "m4a file"),
    "midi": (b"MThd\0\0\0\x06\0\x01\0\x01\0\x60", "midi file"),
    "text": (b"words, words", "plain text"),
    "utf-16 text": ("words".encode("utf-16"), "no kind known"),
    "png": (PNG, "use image_part"),
}


def bad_bytes(name, data):
    if data is not None:
        return data
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, name)
    return file.getvalue()


def check_sentence(error, named=""):
    sentence = str(error)
    assert sentence.endswith((".", ".)"))
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert len(sentence) < 300
    assert named in sentence


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", BAD_PICTURES)
def test_bad_picture_bytes(name, tmp_path):
    data, expected = BAD_PICTURES[name]
    data = bad_bytes(name, data)
    path = tmp_path / "holiday.png"
    path.write_bytes(data)
    for source in (data, path):
        with pytest.raises(MediaError, match=expected) as caught:
            image_part(source)
    check_sentence(caught.value, "holiday.png")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", BAD_SOUNDS)
def test_bad_sound_bytes(name, tmp_path):
    data, expected = BAD_SOUNDS[name]
    path = tmp_path / "voice.wav"
    path.write_bytes(data)
    for source in (data, path):
        with pytest.raises(MediaError, match=expected) as caught:
            audio_part(source)
    check_sentence(caught.value, "voice.wav")


class _Raising:
    closed = False

    def read(self, count):
        raise OSError("the disk is gone")


def closed_file():
    file = io.BytesIO(PNG)
    file.close()
    return file


def closed_pil_image(tmp_path):
    path = tmp_path / "closed.png"
    path.write_bytes(PNG)
    with Image.open(path) as image:
        pass
    return image


def read_file():
    file = io.BytesIO(PNG)
    file.read()
    return file


def broken_figure():
    figure = Figure()
    figure.add_subplot().set_title("$\\nonsense{$")
    return figure


BAD_SOURCES = {
    "missing file": (lambda folder: folder / "none.png", "no file"),
    "missing folder": (lambda folder: str(folder / "a" / "b.png"), "no file"),
    "folder": (lambda folder: folder, "is a folder"),
    "empty name": (lambda _: "", "is a folder"),
    "name with a null": (lambda _: "a\0b.png", "no file|cannot be opened"),
    "name far too long": (lambda _: "x" * 5000, "no file|cannot be opened"),
    "base64 without a prefix": (lambda _: base64.b64encode(PNG).decode(), "base64 of a png file"),
    "closed file": (lambda _: closed_file(), "closed"),
    "file at its end": (lambda _: read_file(), r"seek\(0\)"),
    "text file": (lambda _: io.StringIO("text"), "'rb'"),
    "failing file": (lambda _: _Raising(), "disk is gone"),
    "None": (lambda _: None, "not NoneType"),
    "number": (lambda _: 3, "not int"),
    "list": (lambda _: [PNG], "not list"),
    "dict": (lambda _: {"url": "x"}, "not dict"),
    "array": (lambda _: np.zeros((3, 3)), "not ndarray"),
    "axes": (lambda _: Figure().add_subplot(), "not Axes"),
    "class": (lambda _: Path, "not type"),
    "ftp URL": (lambda _: "ftp://example.com/a.png", "not ftp"),
    "file URL": (lambda _: "file:///tmp/a.png", "not a whole URL|not file"),
    "URL without a host": (lambda _: "https:///a.png", "not a whole URL"),
    "URL with a blank": (lambda _: "https://example.com/a b.png", "not a whole URL"),
    "URL with a bad host": (lambda _: "https://[1/a.png", "not a whole URL"),
    "data URL without a comma": (lambda _: "data:image/png;base64", "no comma"),
    "data URL with bad base64": (lambda _: "data:image/png;base64,@@@@", "valid base64"),
    "data URL without data": (lambda _: "data:image/png;base64,", "empty"),
    "data URL of text": (lambda _: "data:text/plain,hello%20there", "plain text"),
    "data URL with letters beyond ASCII": (lambda _: "data:image/png;base64,é", "valid base64"),
}
BAD_PICTURE_OBJECTS = {
    "PIL image without pixels": (lambda _: Image.new("RGB", (0, 5)), "no pixels"),
    "PIL image of a closed file": (closed_pil_image, "cannot be read"),
    "PIL image of floats": (lambda _: Image.new("F", (2, 2)), "numbers, not colors"),
    "figure that cannot be drawn": (lambda _: broken_figure(), "cannot be drawn"),
}


@pytest.mark.parametrize("name", BAD_SOURCES | BAD_PICTURE_OBJECTS)
def test_bad_picture_sources(name, tmp_path):
    make, expected = (BAD_SOURCES | BAD_PICTURE_OBJECTS)[name]
    with pytest.raises(MediaError, match=expected) as caught:
        image_part(make(tmp_path))
    check_sentence(caught.value)


@pytest.mark.parametrize("name", BAD_SOURCES)
def test_bad_sound_sources(name, tmp_path):
    make, expected = BAD_SOURCES[name]
    with pytest.raises(MediaError, match=expected) as caught:
        audio_part(make(tmp_path))
    check_sentence(caught.value)


def test_data_url_needs_bytes_not_an_address():
    with pytest.raises(MediaError, match="download the file first"):
        data_url("https://example.com/a.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(MediaError, match="not a regular file"):
        image_part(tmp_path / "pipe.png")


@pytest.mark.parametrize("excess", [1, 1000])
def test_too_large_a_file_is_refused_before_it_is_read(excess, tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(media.MAX_BYTES + excess)
    tracemalloc.start()
    try:
        with pytest.raises(MediaError, match="too large"):
            image_part(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_an_endless_file_object_is_refused():
    class Endless(io.RawIOBase):
        def read(self, count=-1):
            assert 0 < count <= media.MAX_BYTES + 1
            return b"\x89PNG\r\n\x1a\n".ljust(count, b"\0")

    with pytest.raises(MediaError, match="too large"):
        image_part(Endless())


def test_a_sound_that_grows_too_large_as_wav_is_refused(tmp_path):
    path = tmp_path / "silence.flac"
    soundfile.write(path, np.zeros(media.MAX_BYTES // 2 + 1, np.int16), 48_000)
    with pytest.raises(MediaError, match=r"converted to wav, is too large: 20,971,522 bytes"):
        audio_part(path)


@pytest.mark.parametrize("detail", ["medium", "HIGH", "", 1, True, ["low"]])
def test_bad_detail(detail):
    with pytest.raises(MediaError, match="auto, low, high"):
        image_part(PNG, detail=detail)


@pytest.mark.parametrize("model", ["gpt-5", "", 1, ["gpt-4o"], "Phi-4-multimodal-instruct"])
def test_bad_shrink_for(model):
    with pytest.raises(MediaError, match="phi-4-multimodal, gpt-4o, gpt-5-mini"):
        image_part(PNG, shrink_for=model)
    with pytest.raises(MediaError, match="phi-4-multimodal, gpt-4o, gpt-5-mini"):
        data_url(PNG, shrink_for=model)


def test_a_shape_the_model_refuses():
    with pytest.raises(MediaError, match="too long and thin"):
        image_part(picture(size=(40_000, 2)), shrink_for="phi-4-multimodal")


@pytest.mark.parametrize("position", range(0, len(PNG), 7))
def test_a_flipped_byte_anywhere_gives_a_part_or_a_sentence(position):
    for data, make in (
        (PNG, image_part),
        (JPEG, image_part),
        (WAV, audio_part),
        (picture("webp"), image_part),
    ):
        if position < len(data):
            changed = data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :]
            try:
                part = make(changed)
            except MediaError as error:
                check_sentence(error)
            else:
                assert part["type"] in ("image_url", "input_audio")


def test_opened_files_are_closed_whether_it_works_or_not(tmp_path, recwarn):
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    good.write_bytes(PNG)
    bad.write_bytes(PNG[:-12])
    data_url(good)
    with pytest.raises(MediaError):
        data_url(bad)
    # On Windows a file that is still open cannot be removed; elsewhere Python warns.
    good.unlink()
    bad.unlink()
    assert not [warning for warning in recwarn if issubclass(warning.category, ResourceWarning)]


def test_a_notebook_shows_one_sentence():
    with pytest.raises(MediaError) as caught:
        image_part("none.png")
    assert caught.value._render_traceback_() == [f"MediaError: {caught.value}"]
    assert isinstance(caught.value, ValueError)
