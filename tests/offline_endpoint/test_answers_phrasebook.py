"""Translation by phrasebook."""

from __future__ import annotations

import csv

import pytest

from offline_endpoint.answers import phrasebook
from offline_endpoint.answers.phrasebook import BOOK, languages, translate, translation_reply

ROWS = list(csv.DictReader(BOOK.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("language", ["spanish", "french", "german", "italian", "portuguese"])
def test_every_phrase_of_the_book_is_found_as_written_and_as_heard(language):
    for row in ROWS:
        spoken = " ".join(phrasebook._words(row["english"]))
        for text, is_spoken in (
            (row["english"], False),
            (row["english"].rstrip(".?!").lower(), False),
            (spoken, True),
        ):
            found = translate(text, language, spoken=is_spoken)
            assert (found.text, found.taken_as, found.left) == (row[language], (), ())


@pytest.mark.parametrize(
    ("text", "translated"),
    [
        ("good morning thank you very much see you tomorrow", "Buenos días. Muchas gracias. Hasta mañana."),
        ("i'm lost can you help me", "Estoy perdido. ¿Puedes ayudarme?"),
        ("turn write", "Gira a la derecha."),
        ("a table for to please", "Una mesa para dos, por favor."),
        ("how much does this cost", "¿Cuánto cuesta?"),
    ],
)
def test_speech_is_cut_into_phrases_and_words_that_sound_alike_are_taken(text, translated):
    found = translate(text, "spanish", spoken=True)
    assert (found.text, found.left) == (translated, ())


@pytest.mark.parametrize(
    ("text", "translated", "meant"),
    [
        ("Helo, how are you?", "Bonjour. Comment allez-vous ?", "Hello, how are you?"),
        ("Good mornig", "Bonjour.", "Good morning."),
        ("See you tommorow!", "À demain.", "See you tomorrow."),
    ],
)
def test_typing_errors_are_taken_and_told(text, translated, meant):
    found = translate(text, "french")
    assert (found.text, found.taken_as) == (translated, (meant,))


@pytest.mark.parametrize(
    "text",
    [
        "Today is Sunday.",
        "I am angry",
        "Where is the bar?",
        "I do understand not",
        "I understand not",
        "It is four o'clock.",
        "My name is Peter.",
    ],
)
@pytest.mark.parametrize("spoken", [False, True])
def test_another_word_is_another_phrase(text, spoken):
    text = " ".join(phrasebook._words(text)) if spoken else text
    found = translate(text, "german", spoken=spoken)
    assert found.text == text
    assert found.left == (text,)


def test_a_word_inside_an_unknown_sentence_is_no_phrase():
    assert translate("please tell the doctor no", "spanish", spoken=True).text == "please tell the doctor no"


def test_lines_stay_lines_and_a_phrase_may_run_over_a_line_end():
    found = translate("Welcome!\nWhere is the train\nstation?\nOpen 9 to 5", "german")
    assert found.text == "Willkommen!\nWo ist der Bahnhof?\nOpen 9 to 5"
    assert found.left == ("Open 9 to 5",)


def test_back_to_english():
    assert translate("Où est la gare ?", "english").text == "Where is the train station?"


def test_an_exact_hit_is_told_alone_and_the_rest_with_one_sentence():
    assert translation_reply("Good morning", ("spanish",)) == "Buenos días."
    reply = translation_reply("Good morning. The sky is green.", ("spanish",))
    assert reply == (
        "Buenos días. The sky is green.\n\n"
        'The phrasebook has no Spanish for "The sky is green.", so that stays as written.'
    )
    heard = translation_reply("the sky is green", ("italian",), spoken=True)
    assert heard == (
        "the sky is green\n\n"
        "The phrasebook has no Italian for this, so it stays as heard; translating it needs a model."
    )


def test_several_languages_and_languages_the_book_lacks():
    reply = translation_reply("Thank you.", ("french", "japanese"))
    assert reply.splitlines()[0] == "French: Merci."
    assert "Japanese needs a model" in reply.splitlines()[1]
    assert "Say which language" in translation_reply("Thank you.", ())
    with pytest.raises(ValueError, match="klingon"):
        translate("Thank you.", "klingon")


@pytest.mark.parametrize(
    "text", ["", " \n ", "...", "?!", "\u202e\u0000", "\U0001f4a5" * 50, "a, " * 20_000, "x" * 200_000]
)
def test_any_text_is_taken(text):
    assert translate(text, "spanish").taken_as == ()
    assert translate(text, "spanish", spoken=True).taken_as == ()


def test_the_book_has_the_languages_of_the_lessons():
    assert languages() == ("english", "spanish", "french", "german", "italian", "portuguese")
    assert len(ROWS) >= 60


def test_a_missing_book_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(phrasebook, "BOOK", tmp_path / "phrasebook.csv")
    phrasebook._rows.cache_clear()
    with pytest.raises(FileNotFoundError, match=r"phrasebook\.csv is missing"):
        phrasebook._rows()
    monkeypatch.undo()
    phrasebook._rows.cache_clear()
    assert phrasebook._rows()
