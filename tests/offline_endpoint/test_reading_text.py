"""Text in pictures, with the real OCR."""

from __future__ import annotations

import functools
import threading
import time

import numpy as np
import pytest
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from offline_endpoint.reading import text
from offline_endpoint.reading.text import TextLine, _read_stacked, read_page, read_text

FONT = font_manager.findfont("DejaVu Sans")


def _picture(
    words: dict[str, tuple[int, int]], size: tuple[int, int] = (800, 500), points: int = 22
) -> Image.Image:
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    for word, place in words.items():
        draw.text(place, word, fill="black", font=ImageFont.truetype(FONT, points))
    return page


def test_lines_are_read_where_they_stand() -> None:
    lines = read_text(np.asarray(_picture({"Monthly report": (100, 50), "Sales: 1,250": (300, 300)})))
    assert [t.text for t in lines] == ["Monthly report", "Sales: 1,250"]
    assert lines[0].left == pytest.approx(100, abs=12)
    assert lines[1].top == pytest.approx(300, abs=12)
    assert all(t.confidence > 0.8 for t in lines)


@pytest.mark.parametrize("turn", [90, 270])
def test_lines_that_run_up_or_down_are_read(turn: int) -> None:
    turned = _picture({"Weight (kg)": (300, 230)}).rotate(turn, expand=True)
    (line,) = read_text(np.asarray(turned))
    assert line.text == "Weight (kg)"
    assert line.is_vertical


def test_short_lines_that_were_found_as_one_tall_box_are_parted() -> None:
    names = {f"Q{number}": (300, 150 + 30 * number) for number in (1, 2, 3, 4)}
    lines = _read_stacked(np.asarray(_picture(names)), (298.0, 178.0, 336.0, 300.0))
    assert [t.text for t in lines] == list(names)
    assert [t.top for t in lines] == pytest.approx([top for _, top in names.values()], abs=8)


def test_a_line_that_runs_up_is_not_parted() -> None:
    turned = np.asarray(_picture({"Weight (kg)": (300, 230)}).rotate(90, expand=True))
    ink = np.argwhere(turned.min(axis=2) < 128)
    (top, left), (bottom, right) = ink.min(axis=0) - 3, ink.max(axis=0) + 3
    assert _read_stacked(turned, (left, top, right, bottom)) == []


@pytest.mark.parametrize("word", ["Q1", "Q2", "Q3", "Q4"])
def test_short_labels_are_not_turned_over(word: str) -> None:
    assert [t.text for t in read_text(np.asarray(_picture({word: (300, 200)})))] == [word]


def test_places_in_a_large_picture_are_in_its_own_pixels() -> None:
    (line,) = read_text(np.asarray(_picture({"Large picture": (2500, 1500)}, (4000, 2600), 90)))
    assert line.text == "Large picture"
    assert line.left == pytest.approx(2500, abs=40)
    assert line.top == pytest.approx(1500, abs=50)


def test_a_blank_picture_has_no_text() -> None:
    assert read_text(np.full((300, 400, 3), 255, np.uint8)) == []


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (0, 10, 3)])
def test_other_arrays_are_refused_with_a_sentence(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="height, width, 3"):
        read_text(np.zeros(shape, np.uint8))


def test_only_tall_lines_of_several_characters_are_vertical() -> None:
    assert TextLine("Score", 0, 0, 20, 80, 1.0).is_vertical
    assert not TextLine("1", 0, 0, 8, 20, 1.0).is_vertical
    assert not TextLine("Score", 0, 0, 80, 20, 1.0).is_vertical


SCRIPTS = {
    "Cyrillic": ("Добро пожаловать", "Библиотека закрыта", "Большое спасибо"),
    "Arabic": ("مرحبا بكم في المكتبة", "الباب مغلق اليوم", "شكرا جزيلا"),
    "Hebrew": ("ברוכים הבאים", "הספרייה סגורה היום", "תודה רבה לכם"),
    "Georgian": ("კეთილი იყოს", "ბიბლიოთეკა დახურულია", "დიდი მადლობა"),
    "Greek": ("Καλώς ήρθατε", "Παρακαλώ κλείστε την πόρτα", "Ευχαριστώ πολύ"),
}


def _lines(*texts: str) -> Image.Image:
    return _picture({text: (60, 60 + 70 * i) for i, text in enumerate(texts)}, (900, 300), 30)


@pytest.mark.parametrize("script", SCRIPTS)
def test_writing_that_the_model_lacks_is_counted_and_not_spelled_out(script: str) -> None:
    page = read_page(np.asarray(_lines(*SCRIPTS[script])))
    assert page.unread >= 2
    assert page.turned == 0
    assert [t.text for t in page.lines if t.is_legible] == []


def test_accents_are_no_foreign_script() -> None:
    texts = ["Où est la bibliothèque ?", "Straße überqueren", "Zażółć gęślą jaźń"]
    page = read_page(np.asarray(_lines(*texts)))
    assert [t.text for t in page.lines if t.is_legible] == texts
    assert (page.unread, page.turned) == (0, 0)


def test_a_line_of_another_script_does_not_take_the_others_along() -> None:
    texts = ["Welcome to the library", "Open Monday to Friday", SCRIPTS["Cyrillic"][1], "Ring the bell twice"]
    page = read_page(np.asarray(_lines(*texts)))
    assert [t.text for t in page.lines if t.is_legible] == [texts[0], texts[1], texts[3]]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_read_in_its_own_order(turn: int) -> None:
    texts = ["Welcome to the library", "Please close the door", "Room 204, second floor"]
    page = read_page(np.asarray(_lines(*texts).rotate(turn, expand=True)))
    assert [t.text for t in page.lines] == texts
    assert page.turned == 360 - turn
    assert page.unread == 0


def test_more_lines_than_are_read_in_one_picture_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.asarray(_lines("First words", "Second words", "Third words"))
    assert read_page(picture).left_out == 0
    monkeypatch.setattr(text, "_MOST_WRITING", (400, 0))
    page = read_page(picture)
    assert [t.text for t in page.lines] == ["First words"]
    assert page.left_out == 2


def test_short_lines_of_a_crowd_read_as_they_do_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_CROWD", 2)
    assert [t.text for t in read_text(np.asarray(_lines("Tea", "Oats", "Rye")))] == ["Tea", "Oats", "Rye"]


def test_models_being_loaded_are_not_loaded_again_for_a_first_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded, begun, engine = [], threading.Event(), text._engine

    @functools.cache
    def slow() -> object:
        loaded.append(begun.set())
        time.sleep(0.2)
        return engine()

    monkeypatch.setattr(text, "_engine", slow)
    loading = threading.Thread(target=text.load_models)
    loading.start()
    begun.wait()
    read_page(np.full((40, 40, 3), 255, np.uint8))
    loading.join()
    assert len(loaded) == 1
