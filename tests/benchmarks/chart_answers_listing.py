"""List what is concluded from pictures: `python -m tests.benchmarks.chart_answers_listing FOLDER`.

Asks of every picture in a folder what the lessons ask of a chart, and prints file, kind and answer, to be read by eye.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from PIL import Image

from offline_endpoint.answers.instruction import Instruction
from offline_endpoint.answers.pictures import picture_reply
from offline_endpoint.reading import picture_chart
from offline_endpoint.wire.conversation import Picture

QUESTION = "What conclusions can be drawn from the following chart?"
SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}


def _picture(path: Path) -> Picture:
    encoded = path.read_bytes()
    with Image.open(path) as image:
        width, height, sort = *image.size, image.format or "PNG"
    return Picture(hashlib.sha256(encoded).hexdigest(), f"image/{sort.lower()}", width, height, encoded)


def main() -> None:
    """Ask, and print a line a picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the pictures are")
    parser.add_argument("--question", default=QUESTION)
    options = parser.parse_args()
    for path in sorted(p for p in options.folder.iterdir() if p.suffix.lower() in SUFFIXES):
        picture = _picture(path)
        chart = picture_chart(picture)
        kind = chart.kind if chart else "no data"
        reply = picture_reply(picture, Instruction(options.question, "conclude"))
        print(f"{path.name} [{kind}]\n    {reply}", flush=True)


if __name__ == "__main__":
    main()
