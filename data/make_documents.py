"""Draw the documents in ``data/documents`` from the truth beside them, and photograph them as a phone would.

Each picture is drawn from the ``.json`` file of its own name, then bent, lit, blurred and compressed. What stands in
the picture is thus known exactly, and nobody's papers are shown.

Handwriting needs two free fonts (on Debian and Ubuntu: ``apt install fonts-breip fonts-humor-sans``). The finished
pictures are kept with the lessons, so only someone who changes one needs them.

Usage:
    python data/make_documents.py [--out FOLDER]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

DOCUMENTS = Path(__file__).resolve().parent / "documents"
PRINTED = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
WRITTEN = {
    "pen": Path("/usr/share/fonts/truetype/breip/Breip.ttf"),
    "marker": Path("/usr/share/fonts/truetype/humor-sans/Humor-Sans.ttf"),
}
INK, BLUE_INK = "#1c1c1c", "#1b3a8a"


class DocumentError(RuntimeError):
    """A document cannot be drawn; the message says which and why."""


def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font by its short name: ``sans``, ``bold``, ``mono``, ``pen`` or ``marker``.

    Raises:
        DocumentError: it is not installed.
    """
    files = {"sans": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "mono": "DejaVuSansMono.ttf"}
    path = PRINTED / files[name] if name in files else WRITTEN[name]
    if not path.is_file():
        raise DocumentError(
            f"The font {path.name} is missing. Install it (Debian and Ubuntu: apt install fonts-breip "
            "fonts-humor-sans), or keep the pictures that are there."
        )
    return ImageFont.truetype(str(path), size)


def draw_receipt(truth: dict[str, Any]) -> Image.Image:
    """A till receipt: items, sum, tax and how it was paid."""
    page = Image.new("RGB", (640, 800), "#fbfaf6")
    pen = ImageDraw.Draw(page)
    body, head = font("mono", 25), font("bold", 34)
    pen.text((320, 60), truth["shop"], INK, head, anchor="mm")
    pen.text((320, 108), truth["street"], INK, body, anchor="mm")
    pen.text((40, 160), f"Date {truth['date']}", INK, body)
    pen.text((600, 160), truth["time"], INK, body, anchor="ra")
    top = 225
    for item in truth["items"]:
        pen.text((40, top), f"{item['quantity']} x {item['name']}", INK, body)
        pen.text((600, top), f"{item['price']:.2f}", INK, body, anchor="ra")
        top += 48
    pen.line((40, top + 8, 600, top + 8), INK, 2)
    for name, value in (("Subtotal", truth["subtotal"]), ("VAT 8 %", truth["tax"])):
        top += 34
        pen.text((40, top), name, INK, body)
        pen.text((600, top), f"{value:.2f}", INK, body, anchor="ra")
    top += 50
    pen.text((40, top), "TOTAL EUR", INK, font("bold", 30))
    pen.text((600, top), f"{truth['total']:.2f}", INK, font("bold", 30), anchor="ra")
    pen.text((40, top + 70), f"Paid by {truth['paid_by']}", INK, body)
    pen.text((320, top + 150), "Thank you, come again!", INK, body, anchor="mm")
    return page


def draw_form(truth: dict[str, Any]) -> Image.Image:
    """A printed form filled in by hand; a field whose truth is null stays empty."""
    page = Image.new("RGB", (1000, 980), "white")
    pen = ImageDraw.Draw(page)
    pen.text((60, 50), "Library card", INK, font("bold", 44))
    pen.text((60, 112), "Please fill in with block letters.", INK, font("sans", 24))
    fields = (
        ("Family name", "family_name"),
        ("First name", "first_name"),
        ("Date of birth", "date_of_birth"),
        ("Street and number", "street"),
        ("Postal code, town", "town"),
        ("Telephone", "telephone"),
        ("E-mail", "email"),
    )
    for row, (label, name) in enumerate(fields):
        top = 190 + row * 92
        pen.text((60, top), label, INK, font("sans", 24))
        pen.rectangle((360, top - 22, 940, top + 46), outline="#808080", width=2)
        if truth[name] is not None:
            pen.text((378, top - 14), truth[name], BLUE_INK, font("marker", 38))
    top = 190 + len(fields) * 92
    for column, kind in enumerate(("adult", "student", "child")):
        left = 360 + column * 200
        pen.rectangle((left, top, left + 34, top + 34), outline=INK, width=2)
        pen.text((left + 48, top), kind, INK, font("sans", 26))
        if truth["kind_of_card"] == kind:
            pen.line((left + 4, top + 4, left + 32, top + 32), BLUE_INK, 5)
            pen.line((left + 32, top + 2, left + 2, top + 34), BLUE_INK, 5)
    pen.text((60, top), "Kind of card", INK, font("sans", 24))
    return page


def draw_note(truth: dict[str, Any]) -> Image.Image:
    """A note on a whiteboard."""
    page = Image.new("RGB", (1100, 620), "#f4f6f7")
    pen = ImageDraw.Draw(page)
    pen.text((70, 40), truth["title"], "#b3261e", font("marker", 58))
    for row, line in enumerate(truth["lines"]):
        pen.text((90, 160 + row * 100), f"- {line}", INK, font("marker", 44))
    return page


def draw_letter(truth: dict[str, Any]) -> Image.Image:
    """A line or two in joined handwriting, which readers of print do badly at."""
    page = Image.new("RGB", (1000, 420), "#fffdf4")
    pen = ImageDraw.Draw(page)
    for row, line in enumerate(truth["lines"]):
        pen.line((50, 118 + row * 100, 950, 118 + row * 100), "#c9d6e6", 2)
        pen.text((70, 50 + row * 100), line, BLUE_INK, font("pen", 56))
    return page


def draw_sign(truth: dict[str, Any]) -> Image.Image:
    """A street sign on a wall."""
    page = Image.new("RGB", (1000, 640), "#b9a48c")
    pen = ImageDraw.Draw(page)
    for row in range(0, 640, 64):
        pen.line((0, row, 1000, row), "#a08b73", 3)
        for left in range((row // 64 % 2) * 70, 1000, 140):
            pen.line((left, row, left, row + 64), "#a08b73", 3)
    pen.rounded_rectangle((120, 200, 880, 440), 18, fill="#12449e", outline="white", width=8)
    pen.text((500, 285), truth["street"], "white", font("bold", 74), anchor="mm")
    pen.text((500, 385), truth["district"], "white", font("sans", 38), anchor="mm")
    return page


def draw_screen(truth: dict[str, Any]) -> Image.Image:
    """A small table on a computer's screen."""
    page = Image.new("RGB", (1100, 700), "#10151c")
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 1100, 70), fill="#1f2a38")
    pen.text((40, 16), truth["title"], "#e8eef5", font("bold", 34))
    for column, name in enumerate(("Room", "Seats", "Booked", "Free")):
        pen.text((60 + column * 250, 110), name, "#9fb3c8", font("sans", 30))
    for row, room in enumerate(truth["rooms"]):
        values = (room["name"], room["seats"], room["booked"], room["seats"] - room["booked"])
        for column, value in enumerate(values):
            pen.text((60 + column * 250, 180 + row * 80), str(value), "white", font("sans", 34))
    return page


def draw_leaflet(truth: dict[str, Any]) -> Image.Image:
    """A dense page in small print, as it comes from a scanner: A4 at 200 dots an inch, letters 6 points high."""
    page = Image.new("RGB", (1654, 2339), "white")
    pen = ImageDraw.Draw(page)
    pen.text((100, 90), truth["title"], INK, font("bold", 44))
    small, name = font("sans", 16), font("bold", 18)
    for number, section in enumerate(truth["sections"]):
        left, top = 100 + number % 2 * 760, 190 + number // 2 * 500
        pen.text((left, top), section["title"], INK, name)
        for row, line in enumerate(section["lines"]):
            pen.text((left, top + 34 + row * 25), line, INK, small)
    return page


def photographed(
    page: Image.Image,
    seed: int,
    *,
    bend: float = 0.03,
    noise: float = 5.0,
    blur: float = 0.7,
    dark: float = 0.25,
) -> Image.Image:
    """The page as a phone sees it: from an angle, lit from one side, a little out of focus, with noise.

    Args:
        page: the flat page.
        seed: of angle and noise.
        bend: how far corners move, as a share of the side.
        noise: standard deviation, in steps of 255.
        blur: standard deviation in pixels.
        dark: how much light is lost in the darkest corner, 0 to 1.
    """
    random = np.random.default_rng(seed)
    flat = np.asarray(page).astype(np.float32)
    height, width = flat.shape[:2]
    edge = 40
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    moved = corners + edge + random.uniform(-bend, bend, (4, 2)).astype(np.float32) * [width, height]
    size = (width + 2 * edge, height + 2 * edge)
    turn = cv2.getPerspectiveTransform(corners, np.float32(moved))
    seen = cv2.warpPerspective(flat, turn, size, flags=cv2.INTER_AREA, borderValue=(92, 84, 78))
    seen = cv2.GaussianBlur(seen, (0, 0), blur)
    light = np.linspace(1 - dark, 1.02, size[0])[None, :] * np.linspace(1.0, 1 - dark / 2, size[1])[:, None]
    seen = seen * light[..., None] + random.normal(0, noise, seen.shape)
    return Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))


Draw = Callable[[dict[str, Any]], Image.Image]
PLAN: dict[str, tuple[Draw, dict[str, float] | None, str]] = {
    # What draws it, how it is photographed (None: not at all), and the ending of its file.
    "receipt": (draw_receipt, {"bend": 0.03}, "jpg"),
    "library_form": (draw_form, {"bend": 0.015, "dark": 0.1}, "jpg"),
    "whiteboard": (draw_note, {"bend": 0.04, "blur": 1.0}, "jpg"),
    "letter": (draw_letter, {"bend": 0.01, "dark": 0.1}, "jpg"),
    "street_sign": (draw_sign, {"bend": 0.08, "blur": 1.2, "noise": 8.0}, "jpg"),
    "screen": (draw_screen, {"bend": 0.03, "blur": 1.0, "noise": 7.0, "dark": 0.1}, "jpg"),
    "leaflet": (draw_leaflet, None, "png"),
}


def make_all(out: Path, folder: Path = DOCUMENTS) -> list[Path]:
    """Draw every document.

    Args:
        out: the folder to write to; made if it is missing.
        folder: the folder with the truths.

    Raises:
        DocumentError: a truth or a font is missing.
    """
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for seed, (stem, (draw, camera, ending)) in enumerate(PLAN.items()):
        source = folder / f"{stem}.json"
        if not source.is_file():
            raise DocumentError(
                f"{source.name} is missing: each document is drawn from the truth of its own name."
            )
        page = draw(json.loads(source.read_text(encoding="utf-8")))
        path = out / f"{stem}.{ending}"
        if camera is None:
            page.convert("L").save(path, optimize=True)
        else:
            photographed(page, seed, **camera).save(path, quality=82)
        written.append(path)
    return written


def main() -> None:
    """Draw every document and print the list."""
    parser = argparse.ArgumentParser(description="Draw the documents in data/documents.")
    parser.add_argument(
        "--out", type=Path, default=DOCUMENTS, help="folder to write to (default: data/documents)"
    )
    try:
        for path in make_all(parser.parse_args().out):
            print(path.name, path.stat().st_size)
    except DocumentError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
