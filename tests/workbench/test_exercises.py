"""Each check knows right answers from wrong ones, and gives a sentence whatever it is given."""

from __future__ import annotations

import asyncio
import inspect

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import endpoint
from tests.workbench import exercise_answers
from tests.workbench.exercise_answers import ANSWERS, Kit, Unwilling
from workbench import exercises

ALL = [answer for answers in ANSWERS.values() for answer in answers]


@pytest.fixture(scope="module")
def kit(offline):
    patch = pytest.MonkeyPatch()
    patch.setattr(endpoint, "_running", offline)
    patch.setenv("AZURE_INFERENCE_ENDPOINT", f"{offline.origin}/models")
    patch.setenv("AZURE_INFERENCE_DEPLOYMENT", "Phi-4-multimodal-instruct")
    yield Kit(endpoint.connect())
    patch.undo()


def said(check, *arguments):
    made = getattr(exercises, check)(*arguments)
    return asyncio.run(made) if inspect.iscoroutine(made) else made


@pytest.mark.parametrize("answer", ALL, ids=lambda answer: f"{answer.check}-{answer.hint or 'right'}")
def test_answer(kit, answer):
    sentence = said(answer.check, *answer.make(kit))
    assert sentence.startswith("Not yet: " if answer.hint else "Right: "), sentence
    assert (answer.hint or "") in sentence
    assert "\n" not in sentence
    assert " at 0x" not in sentence


def test_each_lesson_has_enough_answers():
    assert ANSWERS.keys() == exercises.LESSONS.keys()
    for lesson, checks in exercises.LESSONS.items():
        of_lesson = ANSWERS[lesson]
        assert {answer.check for answer in of_lesson} == {check.__name__ for check in checks}
        assert sum(answer.hint is None for answer in of_lesson) >= 8
        assert sum(answer.hint is not None for answer in of_lesson) >= 12


@pytest.mark.parametrize("check", exercises.__all__)
def test_not_begun(check):
    more = [None] * (len(inspect.signature(exercises.CHECKS[check]).parameters) - 1)
    sentence = said(check, None, *more)
    assert sentence.startswith(("Not yet: the variable is still None", "Not yet: draw", "Not yet: keep the "))


ODD = (Unwilling(), Unwilling, type, object(), exercise_answers, len, str, iter([1]), NotImplemented)


def things():
    plain = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.binary()
        | st.complex_numbers()
    )
    odd = st.integers(0, len(ODD) - 1).map(ODD.__getitem__)
    keys = st.sampled_from(
        ["type", "role", "content", "audio_url", "kind", "title", "series", "answered", "y"]
    )
    return st.recursive(
        plain | odd,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(keys, inner, max_size=4)
            | st.builds(lambda value: lambda *_: value, inner)
            | st.builds(exercise_answers.reply, inner)
        ),
        max_leaves=6,
    )


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(check=st.sampled_from(exercises.__all__), data=st.data())
def test_any_object_gets_a_sentence(check, data):
    parameters = inspect.signature(exercises.CHECKS[check]).parameters
    sentence = said(check, *(data.draw(things()) for _ in parameters))
    assert sentence.startswith("Not yet: ")
    sentence.encode("utf-8")


@pytest.mark.parametrize("check", exercises.__all__)
def test_an_odd_object_gets_a_sentence(check):
    parameters = inspect.signature(exercises.CHECKS[check]).parameters
    for odd in ODD:
        assert said(check, *[odd] * len(parameters)).startswith("Not yet: ")


def test_the_words_of_the_clips_are_their_own():
    from workbench.exercises import replies
    from workbench.exercises.sent import words

    for name, spoken in replies.SAID.items():
        text = (replies.CLIPS / name).with_suffix(".txt").read_text(encoding="utf-8")
        assert " ".join(words(text)) == spoken


def test_an_unknown_check_is_named():
    with pytest.raises(AttributeError, match="no_such_check"):
        _ = exercises.no_such_check
