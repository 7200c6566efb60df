from __future__ import annotations

import pytest

from workbench.score import ScoreError, score

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
