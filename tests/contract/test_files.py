"""What one side of the wire takes, the other takes too, of any file: pictures and sounds of many makes and faults.

How many files are made, `tests/conftest.py` says: ten times as many as CI makes by
`HYPOTHESIS_PROFILE=many python -m pytest tests/contract/test_files.py -k "not thin"`.
"""

import base64
import functools
import io
import struct
import time
import zlib

import numpy as np
import openai
import pytest
import soundfile
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from formats.pieces import mp3_frame
from helpers import media
from helpers.encoding import audio_part, image_part
from helpers.media import MediaError
from offline_endpoint.wire import conversation, parts
from offline_endpoint.wire.service_error import ServiceError
from tests.contract.conftest import GPT, PHI, user

OWN = ("127.0.0.1", 1)
LONGEST = 30
"""Seconds for one file: a guard against hangs, on a machine with other work."""


def taken(call, *args):
    """What a side makes of a file, or None if it refuses in its own way; anything else it raises fails the test."""
    start = time.monotonic()
    # Neither side may lean on what the other found out.
    media.known.cache_clear()
    conversation._kept.clear()
    try:
        return call(*args)
    except (MediaError, ServiceError) as error:
        assert str(error).endswith(".")  # noqa: PT017 - whether it refuses is what is asked
        return None
    finally:
        assert time.monotonic() - start < LONGEST


def arrived(part):
    """What the offline endpoint makes of a content part."""
    if part["type"] == "input_audio":
        return parts.clip_from_base64(part["input_audio"]["data"], part["input_audio"]["format"], ["body"])
    return parts.picture_from_url(part["image_url"]["url"], "auto", ["body"], OWN)


def as_it_is(data, kind):
    """The part that carries a file untouched, whatever it is."""
    text = base64.b64encode(data).decode()
    if kind in ("wav", "mp3"):
        return {"type": "input_audio", "input_audio": {"data": text, "format": kind}}
    return {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{text}"}}


def check_both_sides(data, kind):
    made = taken(
        image_part if kind in parts._TAKEN["image"] else functools.partial(audio_part, quiet=True), data
    )
    raw = taken(arrived, as_it_is(data, kind)) if kind not in ("flac", "ogg") else None
    if kind not in ("flac", "ogg"):
        assert (made is None) == (raw is None)
    if made is not None:
        found = arrived(made)
        if raw is not None and kind in ("wav", "mp3"):
            assert found.seconds == pytest.approx(raw.seconds, abs=0.08)
            assert len(found.samples()) == pytest.approx(len(raw.samples()), abs=2000)
        elif raw is not None:
            assert sorted((found.width, found.height)) == sorted((raw.width, raw.height))
            assert found.pixels().dtype == np.uint8
    return made


# --- sounds


@functools.cache
def sound(kind, subtype=None, channels=1, rate=16_000, frames=1500):
    wave = 0.5 * np.sin(np.arange(frames) * 0.1)
    file = io.BytesIO()
    soundfile.write(file, np.column_stack([wave] * channels), rate, format=kind.upper(), subtype=subtype)
    return file.getvalue()


LENGTHS = [0, 4, 100, 1_999_999_999, 2_000_000_000, 0x7FFFFFFF, 0x7FFFFFFF - 36, 0xFFFFFFFF, 0xFFFFFFFF - 36]
CHUNKS = st.lists(
    st.tuples(st.sampled_from([b"LIST", b"JUNK", b"bext", b"id3 "]), st.binary(max_size=9), st.booleans()),
    max_size=2,
)


@st.composite
def wavs(draw):
    codec = draw(st.sampled_from(["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"] * 2 + [
        "IMA_ADPCM", "MS_ADPCM", "GSM610", "G721_32", "NMS_ADPCM_16", "NMS_ADPCM_24", "NMS_ADPCM_32"]))  # fmt: skip
    channels = 1 if codec[:3] in ("GSM", "G72", "NMS") else draw(st.sampled_from([1, 1, 2, 6]))
    rate = draw(st.sampled_from([1, 999, 6000, 8000, 16_000, 44_100, 384_000, 2**31 - 1]))
    kind = draw(st.sampled_from(["wav", "wav", "wavex"])) if codec.startswith("PCM") else "wav"
    try:
        whole = sound(kind, codec, channels, rate, draw(st.sampled_from([0, 1, 7, 160, 1500])))
    except soundfile.LibsndfileError:
        whole = sound("wav", codec)
    form = bytearray(whole[20 : 20 + struct.unpack_from("<I", whole, 16)[0]])
    if draw(st.integers(0, 5)) == 0:
        struct.pack_into("<H", form, 0, draw(st.sampled_from([0x55, 0xFF, 0x161, 0x1610, 0x2000, 0x9999, 0])))
    at = whole.index(b"data")
    samples = whole[at + 8 : at + 8 + struct.unpack_from("<I", whole, at + 4)[0]]
    length = draw(st.sampled_from([len(samples)] * 12 + LENGTHS))

    def chunk(label, content, is_padded=True, length=None):
        length = len(content) if length is None else length
        return label + struct.pack("<I", length) + content + b"\0" * (is_padded and len(content) % 2)

    body = b"WAVE" + chunk(b"fmt ", bytes(form))
    body += b"".join(chunk(*each) for each in draw(CHUNKS)) + chunk(
        b"data", samples, draw(st.booleans()), length
    )
    body += b"".join(chunk(*each) for each in draw(CHUNKS))
    data = b"RIFF" + struct.pack("<I", draw(st.sampled_from([len(body)] * 12 + LENGTHS))) + body
    return spoiled(draw, data)


def spoiled(draw, data):
    """The file as it is, mostly; else cut, with a tail, or with other bytes somewhere."""
    what = draw(st.sampled_from(["whole"] * 6 + ["cut", "tail", "zeros", "flip", "noise"]))
    place = draw(st.integers(0, len(data)))
    if what == "cut":
        return data[:place]
    if what in ("tail", "zeros"):
        return data + (b"\0" * 70_000 if what == "zeros" else draw(st.binary(min_size=1, max_size=300)))
    if what in ("flip", "noise"):
        new = draw(st.binary(min_size=1, max_size=1 if what == "flip" else 40))
        return data[:place] + new + data[place + len(new) :]
    return data


@st.composite
def mp3s(draw):
    rate = draw(st.sampled_from([8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]))
    data = bytearray(
        sound("mp3", None, draw(st.sampled_from([1, 2])), rate, draw(st.sampled_from([50, 3000, 9000])))
    )
    at = max(data.find(b"Xing"), data.find(b"Info"))
    what = draw(st.sampled_from(["whole", "bare", "untagged", "frames", "bytes", "gap"]))
    if what == "bare":
        del data[: mp3_frame(data[:4])[0]]
    elif what == "untagged":
        data[at : at + 4] = b"\0\0\0\0"
    elif what in ("frames", "bytes"):
        value = draw(st.sampled_from([0, 1, 5, 2**20, 2**31 - 1, 2**31, 2**32 - 1]))
        struct.pack_into(">I", data, at + (8 if what == "frames" else 12), value)
    elif what == "gap":
        data[at + 141 : at + 144] = draw(st.sampled_from([b"\xff\xff\xff", b"\x00\x0f\xff", b"\xff\xf0\x00"]))
    before = draw(
        st.sampled_from([b""] * 3 + [b"ID3\3\0\0\0\0\0\x0b" + b"\0" * 11, b"ID3\4\0\0\0\0\0\0", b"\0" * 5])
    )
    after = draw(st.sampled_from([b""] * 3 + [b"TAG" + b"\0" * 125, b"APETAGEX" + b"\0" * 24]))
    return spoiled(draw, before + bytes(data) + after)


@st.composite
def flacs_and_oggs(draw):
    kind, subtype = draw(
        st.sampled_from([("flac", "PCM_16"), ("flac", "PCM_24"), ("ogg", "VORBIS"), ("ogg", "OPUS")])
    )
    data = bytearray(
        sound(kind, subtype, draw(st.sampled_from([1, 2])), 16_000, draw(st.sampled_from([1, 1500, 9000])))
    )
    if kind == "flac" and draw(st.booleans()):
        # The 36 bits that count all samples.
        data[21] = data[21] & 0xF0 | draw(st.sampled_from([0, 15]))
        struct.pack_into(">I", data, 22, draw(st.sampled_from([0, 1, 2**31, 2**32 - 1])))
    elif kind == "ogg" and draw(st.booleans()):
        begin = draw(st.sampled_from([b"\x7fFLAC", b"Speex   ", b"\x80theora", b"\x01video", b"other"]))
        data[28 : 28 + len(begin)] = begin
    return kind, spoiled(draw, bytes(data))


@given(wavs())
def test_wav(data):
    check_both_sides(data, "wav")


def lost_frame():
    """An mp3 of which one frame lost its first byte: the count that is put right holds what no decoder finds."""
    data = bytearray(sound("mp3", None, 1, 22_050, 3000))
    data[573] = 0
    return bytes(data)


@given(mp3s())
@example(lost_frame())
def test_mp3(data):
    check_both_sides(data, "mp3")


@given(flacs_and_oggs())
def test_flac_and_ogg(made):
    kind, data = made
    check_both_sides(data, kind)


# --- pictures

SIDES = st.one_of(st.integers(1, 70), st.sampled_from([1, 2, 3, 255, 256]))
MODES = {
    "png": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "jpeg": ["L", "RGB", "CMYK"],
    "gif": ["L", "P", "RGB"],
    "webp": ["RGB", "RGBA"],
}


@st.composite
def pictures(draw):
    kind = draw(st.sampled_from(list(MODES)))
    mode, size = draw(st.sampled_from(MODES[kind])), (draw(SIDES), draw(SIDES))
    noise = np.random.default_rng(0).integers(0, 256, size[::-1], dtype=np.uint8)
    picture = Image.fromarray(noise)
    picture = (
        picture.convert("L").convert("I").convert(mode)
        if mode == "I;16"
        else picture.convert("RGB").convert(mode)
    )
    options = {}
    if kind != "gif" and draw(st.booleans()):
        options["exif"] = Image.Exif()
        options["exif"][0x0112] = draw(st.integers(0, 9))
        options["exif"].get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    if kind == "jpeg":
        options |= {"quality": draw(st.sampled_from([30, 75, 95])), "progressive": draw(st.booleans())}
        options["subsampling"] = draw(st.sampled_from([0, 1, 2]))
    elif kind == "webp":
        options["lossless"] = draw(st.booleans())
    elif mode == "P" and draw(st.booleans()):
        options["transparency"] = 1
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return kind, spoiled(draw, file.getvalue())


@given(pictures())
def test_picture(made):
    kind, data = made
    part = check_both_sides(data, kind)
    if part is not None:
        sent = base64.b64decode(part["image_url"]["url"].partition(",")[2])
        assert len(sent) <= 1.1 * len(data) + 1000
        assert not Image.open(io.BytesIO(sent)).getexif()


def png(width, height, depth=8, colors=2, content=b""):
    def chunk(label, content):
        return (
            struct.pack(">I", len(content)) + label + content + struct.pack(">I", zlib.crc32(label + content))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colors, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", content) + chunk(b"IEND", b"")


@given(
    *[st.one_of(st.integers(0, 40), st.sampled_from([5000, 20_000, 2**20, 2**31 - 1, 2**32 - 1]))] * 2,
    st.sampled_from([1, 2, 4, 8, 16, 3]),
    st.sampled_from([0, 2, 3, 4, 6, 1]),
    st.sampled_from([0, 1, 1 << 12, 1 << 20]),
)
def test_png_header(width, height, depth, colors, count):
    check_both_sides(png(width, height, depth, colors, zlib.compress(b"\0" * count)), "png")


@given(
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\xff\0\0\0WEBP"]),
    st.binary(max_size=99),
)
def test_any_bytes_after_a_signature(begin, rest):
    for kind in MODES:
        check_both_sides(begin + rest, kind)


@given(
    st.sampled_from([b"RIFF\xff\0\0\0WAVE", b"ID3", b"\xff\xfb\x90\x64", b"fLaC", b"OggS"]),
    st.binary(max_size=99),
)
def test_any_bytes_after_a_sounds_signature(begin, rest):
    for kind in ("wav", "mp3", "flac"):
        check_both_sides(begin + rest, kind)


# --- over HTTP


SHAPES = [(20_000, 20), (5000, 20), (1, 5000), (5000, 1), (2, 9000), (3, 20_000)]


@pytest.mark.parametrize("size", SHAPES)
def test_a_thin_picture_is_answered_or_its_shape_named(v1, size):
    file = io.BytesIO()
    Image.new("RGB", size, "white").save(file, "png")
    messages = user("What does it say?", image_part(file.getvalue()))
    client = v1.with_options(timeout=120, max_retries=0)
    assert client.chat.completions.create(model=GPT, messages=messages).choices[0].message.content
    try:
        client.chat.completions.create(model=PHI, messages=messages)
    except openai.BadRequestError as error:
        refusal = str(error)
        assert "thin" in refusal
