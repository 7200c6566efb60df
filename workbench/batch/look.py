"""What a plan needs to know of one file: found out by opening it once, kept so that nobody opens it twice."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from helpers.encoding import MediaError, ready_size
from helpers.media import NamedBytes, open_media, sound_info
from workbench.batch import elsewhere
from workbench.batch.stopping import BatchError

# By one of these a picture says that it carries EXIF, XMP or a second picture, and is saved anew before it is sent.
_METADATA = re.compile(
    rb"Exif\0\0|eXIf|EXIF|XMP |XMP Data|XML:com\.adobe\.xmp|adobe\.com/xap|profile type (exif|xmp)|MPF\0"
)


@dataclass(frozen=True, slots=True)
class Look:
    """One file, looked at."""

    digest: str = ""  # SHA-256 of its bytes, which are `size`
    media: str = ""
    size: int = 0
    width: int = (
        0  # pixels, as they would be sent (and `height`): a photo that lies on its side is turned upright
    )
    height: int = 0
    seconds: float = 0.0
    sent: int = 0  # bytes of a sound once it is converted
    as_is: str = (
        ""  # the media type of a picture or the format of a sound whose very bytes are sent; else empty
    )
    problem: str = ""  # why it cannot be sent and what to do, or empty


def look_at(place: str) -> Look:
    """Open, check and hash one file."""
    try:
        if elsewhere.is_elsewhere(place):
            return _look(NamedBytes(elsewhere.name_of(place), elsewhere.read_file(place)))
        path = Path(place)
        if path.is_symlink() and not path.exists():
            remedy = "put the file back, or copy it here."
            raise MediaError(f"{path.name} is a link to a file that is not there: {remedy}")
        return _look(path)
    except MediaError as error:
        size = 0
        with suppress(OSError, ValueError):
            size = Path(place).stat().st_size
        return Look(size=size, problem=str(error))


def _look(source: Path | NamedBytes) -> Look:
    with open_media(source) as media:
        data = media.read()
        digest = hashlib.sha256(data).hexdigest()
        if media.is_image:
            as_is = "" if _METADATA.search(data) else media.media_type
            return Look(digest, "image", media.size, *ready_size(media), as_is=as_is)
        sound = sound_info(media)
        as_is = media.kind if media.is_plain and not media.misleads else ""
        # Anything else is sent as a wav with two bytes a sample.
        sent = media.size if as_is else sound.frames * sound.channels * 2
        return Look(digest, "audio", media.size, seconds=sound.duration, sent=sent, as_is=as_is)


class Looks:
    """The looks at many files, kept in a JSON Lines file by place and stamp."""

    def __init__(self, path: str | Path | None) -> None:
        """Load those of the plan before; BatchError if the file is something else."""
        self._path = Path(path) if path else None
        self._known: dict[str, tuple[str, Look]] = {}
        self._seen: dict[str, tuple[str, Look]] = {}
        if self._path and self._path.exists():
            try:
                for line in self._path.read_text(encoding="utf-8").splitlines():
                    place, stamp, *values = json.loads(line)
                    if len(values) != len(fields(Look)):
                        raise ValueError(len(values))
                    self._known[place] = stamp, Look(*values)
            except (OSError, ValueError, TypeError) as error:
                said = f"holds no saved plan ({type(error).__name__}): choose another file."
                raise BatchError(f"{self._path.name} {said}") from None

    def at(self, place: str, stamp: str) -> Look:
        """The look at a file: the one from before if size and time are the same, else a new one."""
        # An address may hold a signature, which is never saved.
        mark = hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()
        before, known = self._known.get(mark, ("", None))
        look = known if known and stamp and before == stamp else look_at(place)
        if self._path and stamp:
            self._seen[mark] = stamp, look
        return look

    def save(self) -> None:
        """Keep the looks for the next plan."""
        if not self._path:
            return
        beside = self._path.with_name(f"{self._path.name}.new")
        try:
            # As a whole or not at all.
            with beside.open("w", encoding="utf-8") as file:
                for place, (stamp, look) in self._seen.items():
                    file.write(json.dumps([place, stamp, *astuple(look)]) + "\n")
            beside.replace(self._path)
        except OSError as error:
            said = f"cannot be written ({error.strerror}): check the folder and the room on the disk."
            raise BatchError(f"{self._path.name} {said}") from None
