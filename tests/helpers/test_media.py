"""Files as people report them: whole ones are taken whatever their headers say, others named as what they are."""

import base64
import io
import os
import struct
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from formats.pictures import TURNS
from formats.pieces import mp3_frame
from helpers import encoding
from helpers.display import show_picture
from helpers.encoding import audio_part, image_part
from helpers.media import MediaError, open_media, sound_info
from offline_endpoint.wire.conversation import READ_PIXELS
from tests.contract.test_files import arrived, as_it_is, png, sound


def sent(part):
    """The bytes that a part carries."""
    if part["type"] == "input_audio":
        return base64.b64decode(part["input_audio"]["data"])
    return base64.b64decode(part["image_url"]["url"].partition(",")[2])


def opened(part):
    return Image.open(io.BytesIO(sent(part)))


def seconds(data):
    with open_media(data) as found:
        return sound_info(found).duration


def saved(picture, kind="png", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def photo(size, seed=0):
    """Smooth colors with fine noise, as a camera gives."""
    generator = np.random.default_rng(seed)
    coarse = Image.fromarray(generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)).resize(
        size, Image.Resampling.BICUBIC
    )
    noisy = np.asarray(coarse) + generator.normal(0, 5, (size[1], size[0], 3))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


# --- sounds


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_an_mp3_without_a_count_of_its_frames_is_whole_and_as_long_as_it_is(rate):
    tagged = sound("mp3", None, 1, rate, 3 * rate)
    bare = tagged[mp3_frame(tagged[:4])[0] :]
    assert b"Xing" not in bare
    assert b"Info" not in bare
    for data in (bare, bare + b"TAG" + b"\0" * 125):
        assert sent(audio_part(data)) == data
        assert seconds(data) == pytest.approx(3, abs=0.2)
        assert arrived(as_it_is(data, "mp3")).seconds == seconds(data)


@pytest.mark.parametrize("frames", [2**31, 2**32 - 1, 2**24, 0])
def test_an_mp3_that_counts_frames_it_has_not(frames, capsys):
    data = bytearray(sound("mp3", None, 1, 16_000, 32_000))
    struct.pack_into(">I", data, max(data.find(b"Xing"), data.find(b"Info")) + 8, frames)
    assert seconds(bytes(data)) == pytest.approx(2, abs=0.2)
    assert seconds(sent(audio_part(bytes(data)))) == pytest.approx(2, abs=0.2)
    assert "counts other frames than there are" in capsys.readouterr().out


def id3(size, content=b"\0" * 20, flags=0):
    return b"ID3\4\0" + bytes([flags]) + bytes(size >> 7 * place & 127 for place in (3, 2, 1, 0)) + content


@pytest.mark.parametrize("is_tagged", [True, False])
@pytest.mark.parametrize(
    "before",
    [
        id3(20, b"\0" * 20 + b"3DI\4\0\x10\0\0\0\x14", 0x10),
        id3(20, bytes(500)),
        id3(10**7),
        b"APETAGEX" + bytes(24),
        bytes(3000),
        b"\xff" * 50,
        b"HTTP/1.0 200 OK\r\n\r\n",
        sound("mp3", None, 1, 16_000, 9000)[100:200],
    ],
    ids=["a footer", "a short tag", "an endless tag", "APE", "zeros", "ones", "a head", "half a frame"],
)
def test_an_mp3_behind_what_players_pass_over_is_sent_without_it(before, is_tagged, capsys):
    whole = sound("mp3", None, 1, 16_000, 32_000)
    whole = whole if is_tagged else whole[mp3_frame(whole[:4])[0] :]
    made = audio_part(before + whole)
    assert before not in sent(made)
    assert not is_tagged or sent(made) == whole
    assert "does not lead to its sound" in capsys.readouterr().out
    assert seconds(sent(made)) == pytest.approx(2, abs=0.1)
    assert arrived(as_it_is(before + whole, "mp3")).seconds == pytest.approx(2, abs=0.1)


def test_a_cut_picture_in_a_tag_is_no_mp3():
    with pytest.raises(MediaError, match="no whole frame"):
        audio_part(id3(10**6, os.urandom(500)))


def test_tags_that_belong_to_an_mp3_and_stand_around_another_file():
    flac = sound("flac", "PCM_16", 1, 16_000, 20_000)
    assert seconds(sent(audio_part(flac + b"TAG" + bytes(125)))) == 20_000 / 16_000
    for kind in ("flac", "wav"):
        with pytest.raises(MediaError, match=f"is a {kind} behind an ID3 tag"):
            audio_part(id3(20) + sound(kind))


def test_an_mp3_whose_padding_is_longer_than_its_sound():
    data = bytearray(sound("mp3", None, 1, 24_000, 900))
    at = max(data.find(b"Xing"), data.find(b"Info"))
    data[at + 141 : at + 144] = b"\xff\xff\xff"
    assert 0 < seconds(bytes(data)) < 1
    assert 0 < seconds(sent(audio_part(bytes(data)))) < 1


def test_a_flac_from_a_pipe_gives_no_count_of_samples():
    data = bytearray(sound("flac", "PCM_16", 1, 16_000, 20_000))
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    assert seconds(bytes(data)) == 20_000 / 16_000
    assert seconds(sent(audio_part(bytes(data)))) == 20_000 / 16_000


@pytest.mark.parametrize(
    "lengths", [(0xFFFFFFFF,) * 2, (0x7FFFFFFF,) * 2, (2_000_000_000,) * 2, (0, 0), (36, 0)]
)
def test_a_wav_without_a_length_is_sent_with_one(lengths, capsys):
    whole = sound("wav", "PCM_16")
    data = (
        whole[:4] + struct.pack("<I", lengths[0]) + whole[8:40] + struct.pack("<I", lengths[1]) + whole[44:]
    )
    assert sent(audio_part(data)) == whole
    assert "gives no length" in capsys.readouterr().out
    assert arrived(as_it_is(data, "wav")).seconds == 1500 / 16_000


@pytest.mark.parametrize("codec", ["GSM610", "G721_32", "NMS_ADPCM_16", "IMA_ADPCM", "ULAW", "FLOAT"])
def test_a_wav_of_another_coding_is_converted_and_it_is_said(codec, capsys):
    data = sound("wav", codec)
    made = soundfile.info(io.BytesIO(sent(audio_part(data))))
    assert (made.format, made.subtype) == ("WAV", "PCM_16")
    assert (
        f"is wav in {codec}, which the service does not take: it is converted to wav."
        in capsys.readouterr().out
    )
    assert arrived(as_it_is(data, "wav")).samples().any()


def test_floats_that_are_no_numbers_or_too_loud_are_converted_without_wrapping():
    file = io.BytesIO()
    soundfile.write(
        file,
        np.array([8.0, -8.0, np.nan, np.inf, 4.0] * 400, np.float32),
        16_000,
        format="WAV",
        subtype="FLOAT",
    )
    samples, _ = soundfile.read(io.BytesIO(sent(audio_part(file.getvalue()))))
    assert samples[:5] == pytest.approx([1, -1, 0, 0.125, 0.5], abs=0.001)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_an_extensible_wav_is_a_wav(subtype):
    data = sound("wavex", subtype, 6)
    assert sent(audio_part(data)) == data
    assert arrived(as_it_is(data, "wav")).seconds == 1500 / 16_000


def test_odd_chunks_without_padding_and_garbage_after_the_sound():
    whole = sound("wav", "PCM_16")
    assert sent(audio_part(whole + b"\7" * 1000)) == whole + b"\7" * 1000
    odd = whole[:36] + b"LIST\3\0\0\0abc" + whole[36:]
    assert seconds(odd) == seconds(sent(audio_part(odd))) == 1500 / 16_000


def test_a_second_wav_or_format_behind_the_first_is_passed_over():
    whole = sound("wav", "PCM_16")
    for data in (whole + whole, whole[:36] + whole[12:], whole + whole[12:36]):
        assert seconds(data) == 1500 / 16_000
        assert arrived(as_it_is(data, "wav")).samples().any()


@pytest.mark.parametrize("form", [b"", b"fmt \x0e\0\0\0" + sound("wav", "PCM_16")[20:34]])
def test_a_wav_that_does_not_say_how_it_is_written(form):
    whole = sound("wav", "PCM_16")
    with pytest.raises(MediaError, match="does not say how its samples are written"):
        audio_part(whole[:12] + form + whole[36:])


def test_an_ogg_of_several_sounds_is_said_to_be_that_and_zeros_behind_one_are_passed_over():
    one = sound("ogg", "OPUS")
    assert seconds(sent(audio_part(one + bytes(90_000)))) == pytest.approx(1500 / 16_000, abs=0.01)
    with pytest.raises(MediaError, match="holds several sounds"):
        audio_part(one + one)


def ogg(packet):
    return b"OggS\0\2" + bytes(20) + b"\1" + bytes([len(packet)]) + packet


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (ogg(b"\x7fFLAC\1\0\0\1fLaC" + bytes(40)), "an ogg that holds FLAC"),
        (ogg(b"Speex   1.2" + bytes(60)), "an ogg that holds Speex"),
        (ogg(b"\x80theora" + bytes(40)), "an ogg that holds Theora"),
        (
            b"RIFF\x40\0\0\0WAVEfmt \x10\0\0\0\xff\0" + bytes(14) + b"data\x10\0\0\0" + bytes(16),
            "a wav that holds AAC",
        ),
        (b"#!AMR\n" + bytes(40), "amr"),
        (b"caff\0\1\0\0desc" + bytes(40), "CAF"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82\x84webm" + bytes(40), "webm"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42" + bytes(20), "m4a"),
        (b"\0\0\0\x18ftypiso5\0\0\0\0iso5dash" + bytes(20), "MP4"),
        (b"\0\0\0\x18stypmsdh\0\0\0\0msdhmsix" + bytes(20), "MP4"),
        (b"FORM\0\0\0\x40AIFCFVER" + bytes(40), "AIFF"),
        (b"#!AMR-WB\n" + bytes(40), "AMR"),
        (b"\xff\xfd\x90\x04" + bytes(40), "MPEG layer II"),
        (b"\xff\xfb\x00\x64" + bytes(40), "free format"),
        (b"OpusHead\1\1" + bytes(40), "Opus"),
    ],
)
def test_another_coding_is_named_with_a_way_to_convert_it(data, named):
    with pytest.raises(MediaError, match=named) as caught:
        audio_part(data)
    assert "ffmpeg" in str(caught.value)
    assert "damaged" not in str(caught.value)


def test_a_sound_at_one_hertz_is_refused_on_both_sides():
    with pytest.raises(MediaError, match="1 samples a second"):
        audio_part(sound("wav", "PCM_16", 1, 1, 400))


# --- pictures


def test_sixteen_bit_gray_is_scaled_and_not_clipped():
    shade = np.linspace(20_000, 60_000, 1600 * 1200).astype(np.uint16).reshape(1200, 1600)
    data = saved(Image.fromarray(shade))
    mean = shade.mean() / 257
    for found in (
        opened(image_part(data, shrink_for="gpt-4o")),
        Image.fromarray(arrived(as_it_is(data, "png")).pixels()),
    ):
        assert np.asarray(found.convert("L")).mean() == pytest.approx(mean, abs=2)
    shown = base64.b64decode(show_picture(data, "Shades").html.partition("base64,")[2].partition('"')[0])
    assert Image.open(io.BytesIO(shown)).mode in ("I;16", "P")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("options", [{"quality": 90}, {"quality": 75, "subsampling": 0, "progressive": True}])
def test_a_camera_photo_is_turned_upright_without_growing(orientation, options):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = photo((900, 600))
    data = saved(picture, "jpeg", exif=exif, **options)
    found = opened(image_part(data))
    assert len(sent(image_part(data))) <= 1.1 * len(data)
    assert found.quantization == Image.open(io.BytesIO(data)).quantization
    assert not found.getexif()
    upright = picture if orientation == 1 else picture.transpose(TURNS[orientation])
    difference = np.asarray(found.convert("RGB"), int) - np.asarray(upright, int)
    assert np.abs(difference).mean() < 6
    if orientation == 1:
        # The pixels' bytes are those of the camera.
        assert sent(image_part(data))[-5000:] == data[-5000:]


def test_a_photo_that_would_grow_is_made_smaller_and_it_is_said(monkeypatch, capsys):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(photo((900, 600)), "jpeg", exif=exif)
    monkeypatch.setattr(encoding, "MAX_BYTES", int(0.8 * len(data)))
    with open_media(data) as found:
        made = encoding._turned(found, TURNS[6])
    assert made.size <= 0.8 * len(data)
    assert "made smaller" in capsys.readouterr().out


def test_a_photo_with_a_second_picture_or_a_film_is_a_jpeg():
    first, second = photo((320, 200)), photo((320, 200), 1)
    both = saved(first, "mpo", save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(both)).format == "MPO"
    assert opened(image_part(both)).size == (320, 200)
    assert arrived(as_it_is(both, "jpeg")).media_type == "image/jpeg"
    for film in (bytes(70_000), os.urandom(300_000), b"\0\0\0\x18ftypmp42" * 9000):
        data = saved(first, "jpeg") + film
        assert sent(image_part(data)) == data
        assert arrived(as_it_is(data, "jpeg")).width == 320
        with pytest.raises(MediaError, match="cut short"):
            image_part(saved(first, "jpeg")[:-2000] + bytes(70_000))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"\0\0\0\x18ftypheix\0\0\0\0mif1heix" + bytes(20), "HEIC"),
        (b"\0\0\0\x18ftypavis\0\0\0\0avismsf1" + bytes(20), "AVIF"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(20), "JPEG XL"),
        (b"\xff\x4f\xff\x51" + bytes(20), "JPEG 2000"),
        (b"AT&TFORM" + bytes(20), "DjVu"),
        (b"\0\0\0\x18ftypmp42" + bytes(20), "mp4"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
    ],
)
def test_another_kind_of_picture_is_named_with_no_word_on_sounds(data, named):
    with pytest.raises(MediaError, match=named) as caught:
        image_part(data)
    assert "mp3" not in str(caught.value)


@pytest.mark.filterwarnings("error")
def test_a_damaged_exif_block_is_taken_out_without_a_word():
    data = saved(photo((60, 40)), "jpeg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert opened(image_part(data)).size == (60, 40)
    assert arrived(as_it_is(data, "jpeg")).width == 60


def test_a_png_whose_line_ends_were_changed_is_said_to_be_that():
    data = saved(photo((30, 20)))
    for changed in (data.replace(b"\r", b""), data.replace(b"\n", b"\r\n")):
        with pytest.raises(MediaError, match="line ends were changed"):
            image_part(changed)


@pytest.mark.parametrize("size", [(20_000, 20), (5000, 20), (1, 5000), (5000, 1), (3, 20_000)])
def test_a_thin_picture_is_read_at_a_bounded_size(size):
    pixels = arrived(as_it_is(saved(Image.new("L", size, 255)), "png")).pixels()
    assert pixels.size <= 3.2 * READ_PIXELS
    assert max(pixels.shape[:2]) <= 6.5 * min(pixels.shape[:2])
    assert pixels.min() == 255


# --- data URLs and base64

DATA = saved(Image.new("RGB", (4, 3), "teal"))
TEXT = base64.b64encode(DATA).decode()
RIGHT = f"data:image/png;base64,{TEXT}"


@pytest.mark.parametrize(
    "url",
    [
        RIGHT,
        *(
            f"data:{said};base64,{TEXT}"
            for said in ("image/jpg", "image/jpeg", "", "application/octet-stream", "image/*")
        ),
        *(
            f"data:{said};base64,{TEXT}"
            for said in ("image/png;charset=utf-8", "IMAGE/PNG", "image/x-png", "text/plain")
        ),
        "DATA:image/png;base64," + TEXT,
        "data:image/png;base64, " + TEXT[:40] + "\n" + TEXT[40:] + " ",
        "data:image/png;base64," + TEXT.rstrip("="),
        "data:image/png;base64," + TEXT.replace("+", "-").replace("/", "_"),
        "data:image/png;base64," + TEXT.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
        "data:image/png," + "".join(f"%{byte:02x}" for byte in DATA),
    ],
)
def test_a_data_url_is_put_right_by_its_bytes(url):
    part = image_part(url)
    assert part["image_url"]["url"] == RIGHT
    assert arrived(part).width == 4


def test_a_data_url_of_a_sound_is_put_right_too():
    for kind, said in (("mp3", "audio/mpeg"), ("flac", "audio/wav")):
        url = f"data:audio/L16;base64,{base64.b64encode(sound(kind)).decode()}"
        assert audio_part(url, quiet=True)["audio_url"]["url"].startswith(f"data:{said};base64,")


def test_base64_in_place_of_a_path_or_of_bytes_is_recognized():
    for source in (TEXT, TEXT.encode(), "\n".join(TEXT[i : i + 60] for i in range(0, len(TEXT), 60))):
        with pytest.raises(MediaError, match="base64 of a png file") as caught:
            image_part(source)
        assert "data:image/png;base64," in str(caught.value)


# --- memory


def memory(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1000


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="no such measure on this system")
def test_a_tiny_file_of_many_pixels_takes_no_gigabyte_from_any_number_of_callers():
    """34 megapixels of 16-bit RGBA; in MB."""
    packed = zlib.compressobj(1)
    rows = b"".join(packed.compress(bytes(1 + 8 * 5900)) for _ in range(5800)) + packed.flush()
    data = png(5900, 5800, 16, 6, rows)
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    raw = as_it_is(data, "png")
    works = [lambda: image_part(data, shrink_for="gpt-4o"), *[lambda: arrived(raw).pixels()] * 2]
    calls = [threading.Thread(target=work) for work in works]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert memory("VmHWM") - before < 1000
    assert memory("VmRSS") - before < 400
