"""Instruction text -> task, languages, text handed over."""

from __future__ import annotations

import pytest

from offline_endpoint.answers.instruction import RULES, understand


@pytest.mark.parametrize(
    ("message", "task"),
    [
        ("Translate this audio snippet to spanish.", "translate"),
        ("And in French?", "translate"),
        ("How do you say good morning in Italian?", "translate"),
        ("Transcribe this clip.", "transcribe"),
        ("Write down what is said.", "transcribe"),
        ("What is said in this recording?", "transcribe"),
        ("Can you tell me what the person in the clip says?", "transcribe"),
        ("Which conclusion can be extracted from the following chart?", "conclude"),
        ("Summarize the chart.", "conclude"),
        ("What does this chart show?", "conclude"),
        ("What are the key findings?", "conclude"),
        ("List the text in the picture.", "list text"),
        ("What does the sign say?", "list text"),
        ("Read the text", "list text"),
        ("What do you see?", "describe"),
        ("Describe the picture.", "describe"),
        ("What is in this picture?", "describe"),
        ('Find "Total"', "find"),
        ("Where is the word Total?", "find"),
        ("Does the picture contain the word 'sale'?", "find"),
        ("Return the data behind this chart as JSON.", "json"),
        ("What is the value of A?", None),
        ("Which is the highest?", None),
        ("Compare A and B", None),
        ("What is the capital of France?", None),
        ("You are a helpful assistant.", None),
        ("", None),
    ],
)
def test_task(message, task):
    assert understand(message).task == task


@pytest.mark.parametrize(
    ("message", "languages"),
    [
        ("Translate to SPANISH and German", ("spanish", "german")),
        ("Translate from French to Italian: Bonjour", ("italian",)),
        ("Translate it to Japanese", ("japanese",)),
        ("Translate this", ()),
        ('Translate "I speak German" to French', ("french",)),
    ],
)
def test_languages(message, languages):
    assert understand(message).languages == languages


@pytest.mark.parametrize(
    ("message", "given", "inline"),
    [
        ("Translate to Spanish: Good morning", "Good morning", None),
        ('Translate to Spanish: "Good morning"', "Good morning", None),
        ('Translate "Good morning" to French', "Good morning", None),
        ("Translate \u201cGood morning\u201d to French", "Good morning", None),
        ("Translate 'It's late' to French", "It's late", None),
        ("Translate to French:\nLine one: a\nLine two", "Line one: a\nLine two", None),
        ("Translate good morning to French", None, "good morning"),
        ("How do you say thank you in Italian?", None, "thank you"),
        ("Translate the text in this picture into German", None, None),
        ("Translate what is said in the clip into German", None, None),
        ("Task: translate the audio to Spanish", None, None),
        ("Note: it is 10:30. Describe https://example.com/a:b", None, None),
    ],
)
def test_text_handed_over(message, given, inline):
    assert (understand(message).given, understand(message).inline) == (given, inline)


@pytest.mark.parametrize(
    "message",
    [
        "a" * 1_000_000,
        "'" * 1_000_000,
        '"' * 999_999,
        ":" * 1_000_000,
        "translate to spanish: " * 50_000,
        "what is " * 100_000,
        "in to from spanish " * 50_000,
        "(a+)+$" * 10_000,
        "\u202e\u0000\U0001f4a5\ud800" * 10_000,
        " \n\t" * 100_000,
    ],
    ids=lambda message: repr(message[:12]),
)
def test_hostile_text_is_taken(message):
    assert understand(message).task in {task for task, _ in RULES} | {None}


def test_an_instruction_after_a_long_text_is_found():
    assert understand("lorem ipsum " * 10_000 + "Transcribe the clip.").task == "transcribe"
