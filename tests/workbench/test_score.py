from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.score import ScoreError, percent, score, score_form, score_words

TRUTH = [{"label": "A", "x": 1, "y": 10}, {"label": "B", "x": 10, "y": 20}, {"label": "C", "x": 100, "y": 30}]
BARS = [{"label": "Mon", "x": None, "y": 0.0}, {"label": "Tue", "x": None, "y": 100.0}]


def changed(number, **values):
    return [point | values if index == number else point for index, point in enumerate(TRUTH)]


def test_all_found():
    result = score(TRUTH, TRUTH)
    assert (result.points, result.found, result.missed, result.invented) == (3, 3, (), ())
    assert result.errors == (0, 0, 0)
    assert "Found 3 of 3, missed 0" in str(result)
    assert "0 % at worst" in str(result)


def test_errors_are_shares_of_the_axis():
    result = score(changed(0, y=10.6), TRUTH)
    assert result.found == 3
    assert max(result.errors) == pytest.approx(0.03)


def test_a_wrong_value_is_missed_and_not_invented():
    result = score(changed(1, y=28), TRUTH)
    assert (result.found, result.missed, result.invented) == (2, ("B",), ())
    assert (result.wrong, result.missing) == (("B",), ())
    assert "- wrong value 1: B" in str(result)


def test_missing_and_invented_names():
    result = score([*TRUTH[:2], {"label": "Z", "x": 5, "y": 5}], TRUTH)
    assert (result.found, result.missed, result.invented) == (2, ("C",), ("Z",))
    assert "missed 1: C" in str(result)
    assert "Invented 1: Z" in str(result)


def test_labels_match_whatever_their_case_and_spaces():
    assert (
        score([{"label": " mon", "x": None, "y": 1}, {"label": "TUE ", "x": None, "y": 99}], BARS).found == 2
    )


def test_points_without_labels_go_to_the_nearest():
    bare = [{"label": None, "x": point["x"], "y": point["y"]} for point in TRUTH]
    result = score([*bare[::-1], {"label": None, "x": 50, "y": 12}], bare)
    assert (result.found, result.invented) == (3, ("(50, 12)",))
    assert score([bare[0], bare[0]], bare).found == 1


def test_log_axis_counts_ratios():
    twice = changed(0, x=1.2)
    assert score(twice, TRUTH).found == 3
    assert max(score(twice, TRUTH, log_x=True).errors) == pytest.approx(0.0396, abs=0.001)


def test_nothing_read():
    result = score([], TRUTH)
    assert (result.found, result.missed) == (0, ("A", "B", "C"))
    assert "Error" not in str(result)


def test_all_equal_values_do_not_divide_by_zero():
    flat = [{"label": name, "x": None, "y": 5} for name in "AB"]
    assert score(flat, flat).found == 2


@pytest.mark.parametrize(
    ("read", "truth", "hint"),
    [
        ([], [], "no true points"),
        ([{"label": "A", "x": 1}], TRUTH, "None where a number"),
        ([{"label": "A", "x": 1, "y": "10"}], TRUTH, "'10' where a number"),
        ([{"label": "A", "x": 1, "y": float("nan")}], TRUTH, "where a number"),
        ([{"label": "A", "x": 1, "y": True}], TRUTH, "where a number"),
        ([{"label": "A", "x": 1, "y": 1}, {"label": "B", "y": 1}], TRUTH, "some points have an x"),
        ([{"label": "A", "y": 1}], TRUTH, "or neither has"),
        (["A"], TRUTH, "not a mapping"),
    ],
)
def test_what_cannot_be_compared(read, truth, hint):
    with pytest.raises(ScoreError, match=hint):
        score(read, truth)


def test_log_axis_refuses_zero():
    with pytest.raises(ScoreError, match="log axis"):
        score(changed(0, x=0), TRUTH, log_x=True)


def test_a_lost_name_is_not_found():
    result = score([BARS[0], {"label": None, "x": None, "y": 100.0}], BARS)
    assert (result.found, result.nameless, result.missing, result.wrong) == (1, ("Tue",), (), ())
    assert "Found 1 of 2, missed 1: Tue\n- no name 1: Tue" in str(result)


def test_each_point_is_one_of_four():
    result = score([{"label": "A", "x": 1, "y": 25}, {"label": "", "x": 10, "y": 20}], TRUTH)
    assert (result.found, result.wrong, result.nameless, result.missing) == (0, ("A",), ("B",), ("C",))


def test_numbers_as_names_are_compared_as_numbers():
    truth = [{"label": number, "x": None, "y": number} for number in (0, 1, 2)]
    assert score([{"label": f"{n}.0", "x": None, "y": n} for n in (0, 1, 2)], truth).found == 3


def test_what_is_off_by_little_is_not_called_right():
    said = str(score([{"label": "Mon", "x": None, "y": 0.0}, {"label": "Tue", "x": None, "y": 100.02}], BARS))
    assert "under 0.1 % in the middle, under 0.1 % at worst" in said
    assert "0.3 % at worst" in str(score([BARS[0], BARS[1] | {"y": 100.3}], BARS))


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_only_all_is_100_percent(part, whole):
    share = min(part, whole) / whole
    assert (percent(share) == "100 %") == (share == 1)
    assert (percent(share) == "0 %") == (share == 0)
    if 0.01 <= share <= 0.99:
        assert abs(float(percent(share).removesuffix(" %")) - 100 * share) <= 0.5


@pytest.mark.parametrize(
    ("heard", "wrong", "missing", "invented"),
    [
        ("The garden is full of red flowers.", 0, 0, 0),
        ("the GARDEN is full, of red flowers", 0, 0, 0),
        ("The garden is full of red flours.", 1, 0, 0),
        ("The garden is full of flowers.", 0, 1, 0),
        ("Well, the garden is full of red flowers.", 0, 0, 1),
        ("", 0, 7, 0),
    ],
)
def test_word_error_rate(heard, wrong, missing, invented):
    result = score_words(heard, "The garden is full of red flowers.")
    assert (result.words, result.wrong, result.missing, result.invented) == (7, wrong, missing, invented)
    assert result.rate == pytest.approx((wrong + missing + invented) / 7)


def test_words_are_told_apart_as_people_do():
    assert score_words("I don\u2019t know. Café!", "i don't know cafe\u0301").rate == 0
    assert "Word error rate 300 %" in str(score_words("one two three", "four"))
    with pytest.raises(ScoreError, match="no words"):
        score_words("Hello", "...")


FORM = {
    "shop": "Corner Bakery",
    "date": date(2026, 5, 3),
    "tip": None,
    "items": [{"name": "Bread", "price": 2.5}],
}


@pytest.mark.parametrize(
    ("changes", "right", "wrong", "missing", "invented"),
    [
        ({}, 5, (), (), ()),
        ({"shop": " corner  BAKERY"}, 5, (), (), ()),
        ({"date": "2026-05-03"}, 5, (), (), ()),
        ({"date": "2026-03-05"}, 4, ("date",), (), ()),
        ({"date": "yesterday"}, 4, ("date",), (), ()),
        ({"shop": None}, 4, (), ("shop",), ()),
        ({"tip": 0}, 4, (), (), ("tip",)),
        ({"phone": None}, 5, (), (), ()),
        ({"phone": "555"}, 5, (), (), ("phone",)),
        ({"items": [{"name": "Bread", "price": "2.50"}]}, 5, (), (), ()),
        ({"items": [{"name": "Bread", "price": 2.51}]}, 4, ("items.0.price",), (), ()),
        ({"items": []}, 3, (), ("items.0.name", "items.0.price"), ()),
    ],
)
def test_forms_are_scored_field_by_field(changes, right, wrong, missing, invented):
    result = score_form(FORM | changes, FORM)
    assert (len(result.right), result.wrong, result.missing, result.invented) == (
        right,
        wrong,
        missing,
        invented,
    )
    assert (result.share == 1) == (not wrong and not missing and not invented)


def test_a_yes_is_no_number():
    assert score_form({"paid": 1}, {"paid": True}).wrong == ("paid",)
    assert "Right 0 (0 %)\nWrong 1: paid" in str(score_form({"paid": "yes"}, {"paid": True}))
    with pytest.raises(ScoreError, match="mappings"):
        score_form([], {"paid": True})
