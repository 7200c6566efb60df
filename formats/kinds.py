"""What a file is, told from its first bytes and never from its name; and bytes that came as base64."""

from __future__ import annotations

import codecs
import re
from urllib.parse import unquote

import filetype
import pybase64

from formats.pieces import mp3_begin, mp3_frame

MEDIA_TYPES = {kind: f"image/{kind}" for kind in ("png", "jpeg", "gif", "webp")}
MEDIA_TYPES |= {"mp3": "audio/mpeg"} | {kind: f"audio/{kind}" for kind in ("wav", "flac", "ogg")}
"""The kinds that are understood, and the media type each has in a data URL."""

HEAD = 8192  # as many first bytes tell what a file is
CONVERT = (
    "Convert it to mp3 or wav first: `ffmpeg -i FILE out.mp3` does, or an export from Audacity. "
    "Of what a browser plays, such as m4a and webm, the playground of the lessons makes a wav."
)

_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"}
_SIGNATURES |= {b"fLaC": "flac", b"OggS": "ogg", b"ID3": "mp3"}
# fmt: off
_OTHER_SOUNDS = {
    b"caff": "CAF", b".snd": "AU", b"RF64": "RF64", b"riff": "W64", b"RIFX": "RIFX", b"FORM": "AIFF or 8SVX",
    b"Creative": "VOC", b"NIST_1A": "NIST", b"#!AMR-WB": "AMR", b"#!SILK": "SILK", b"\x02#!SILK": "SILK",
    b"MAC ": "Monkey's Audio", b"wvpk": "WavPack", b"TTA": "TTA", b"MPCK": "Musepack", b"MP+": "Musepack",
    b"DSD ": "DSD", b"FRM8": "DSD", b".RMF": "RealMedia", b".ra\xfd": "RealAudio", b"OpusHead": "Opus",
    b"\x0bw": "AC-3", b"\x7f\xfe\x80\x01": "DTS", b"ADIF": "AAC", b"APETAGEX": "an APE tag before the sound",
    **dict.fromkeys((b"\xff\xfc", b"\xff\xfd", b"\xff\xf4", b"\xff\xf5"), "MPEG layer II"),
    # Of mp4 and mov the first box, behind its length.
    **dict.fromkeys((b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"wide"), "MP4 or MOV"),
}
_OTHER_PICTURES = {
    b"ftyphe": "HEIC", b"ftypmsf1": "HEIC", b"ftypavis": "AVIF", b"ftypcrx ": "CR3", b"FUJIFILMCCD-RAW": "RAF",
    b"JXL ": "JPEG XL", b"\xff\x0a": "JPEG XL", b"\xff\x4f\xff\x51": "JPEG 2000", b"v/1\1": "OpenEXR",
    b"gimp xcf": "XCF", b"qoif": "QOI", b"AT&TFORM": "DjVu", b"P6\n": "PPM", b"P5\n": "PGM",
}
# fmt: on
"""What is named, but not taken, by what stands at its begin or four bytes on; the package filetype names more."""


def kind_of(head: bytes) -> str | None:
    """Name the kind by the signature each format begins with (https://www.iana.org/assignments/media-types/)."""
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    if head.startswith(b"RIFF"):
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12])
    # Players pass over what stands before the first frame, such as the rest of one in a recorded stream.
    is_mp3 = mp3_frame(head[:4]) or (mp3_begin(head) >= 0 and filetype.guess(head) is None)
    return "mp3" if is_mp3 else None


def described(head: bytes) -> tuple[str, bool]:
    """Say what a file of none of our kinds is, as far as its first bytes tell, and whether it may hold sound."""
    if head.startswith(b"\x89PNG"):
        return "a png whose line ends were changed by a transfer as text (send it as binary)", False
    guess = filetype.guess(head)
    if guess is not None and guess.extension == "mp3":
        return "an mp3 without a known bit rate (free format)", True
    if guess is not None:
        return f"a {guess.extension} file ({guess.mime})", guess.mime.startswith(("audio", "video"))
    for what, others in (("picture", _OTHER_PICTURES), ("sound or film", _OTHER_SOUNDS)):
        for begin, name in others.items():
            if head.startswith(begin) or head.startswith(begin, 4):
                return f"a {what} ({name})", what != "picture"
    if kind := base64_kind(head):
        return f"the base64 of a {kind} file (put data:{MEDIA_TYPES[kind]};base64, in front)", False
    try:
        # An incremental decoder forgives a character that the end of the head cuts in two.
        text = codecs.getincrementaldecoder("utf-8")().decode(head).lstrip("\ufeff \r\n\t").lower()
    except UnicodeDecodeError:
        text = ""
    if "<svg" in text:
        return "an SVG drawing, which models do not take", False
    if text.startswith(("<!doctype html", "<html")):
        return "a web page (HTML), often what a download link really gave", False
    if text.startswith("version https://git-lfs"):
        return "a pointer of Git LFS and not the file (`git lfs pull` gets that)", False
    return "plain text" if text and "\0" not in text else "of no kind known here", False


def base64_kind(text: bytes) -> str | None:
    """The kind of the file whose base64 begins like this."""
    letters = re.sub(rb"\s", b"", text)
    letters = letters[: len(letters) // 4 * 4]
    if len(letters) < 40 or not re.fullmatch(rb"[A-Za-z0-9+/_-]+=*", letters):
        return None
    return kind_of(pybase64.b64decode(letters.translate(bytes.maketrans(b"-_", b"+/"))))


def from_base64(text: str) -> bytes:
    """Decode base64; line breaks, the URL alphabet, percent signs and padding are put right; else ValueError."""
    try:
        return pybase64.b64decode(text, validate=True)
    except ValueError:
        letters = re.sub(r"\s", "", unquote(text)).translate(str.maketrans("-_", "+/")).rstrip("=")
    return pybase64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
