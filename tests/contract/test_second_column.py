"""The lesson on wording fills its second column from another server, here a second offline endpoint of the v1 shape."""

from __future__ import annotations

from tests.contract.conftest import PHI
from tests.contract.word_questions import column, run_lesson


def test_the_second_column_is_filled(server, record):
    second = (f"{server.origin}/openai/v1", PHI)
    printed = run_lesson(second, server.key, ["library_visitors", "coffee"], 300)
    assert "nobody yet" not in printed["overview"]
    scores = column(printed["overview"])
    assert len(scores) == 14
    assert scores["vague"] == "0.00, 2 declined"
    assert scores["question alone"] == "0.50, 1 declined"
    # Phi-4 takes one picture a turn and keeps the last one of a conversation.
    assert scores["two pictures"] == "0.00, 2 declined"
    assert scores["one example"] == "0.50, 1 declined"
    arrived = record.arrivals()
    assert {one.body["model"] for one in arrived} == {PHI}
    assert all("max_tokens" in one.body for one in arrived)
    assert sum(one.body.get("temperature") == 0 for one in arrived) == 2
