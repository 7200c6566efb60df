"""Checks for the "try it yourself" exercises: each takes a learner's result and says what is right or wrong with it.

A lesson writes `from workbench import exercises` and then `exercises.<check>(...)`. What every check keeps to stands in
`workbench.exercises.contract`, and here is the one list of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.exercises import (
    charts,
    chosen,
    clips,
    failures,
    forms,
    many_files,
    playground,
    prepared,
    recordings,
    report,
    scores,
    setup,
    urls,
    v1_route,
    wordings,
)

LESSONS: dict[int, tuple[Callable[..., Any], ...]] = {
    1: (setup.french_thanks, setup.cut_short, setup.translator),
    2: (charts.picture_tokens, charts.own_chart, charts.second_question),
    3: (clips.clip_in_french, clips.seconds_for_tokens, clips.transcripts),
    4: (urls.audio_url_part, urls.base64_size, urls.part_by_size),
    5: (scores.read_tea, scores.scored_walk, scores.own_score),
    6: (prepared.cafe_prices, prepared.pale_screen, prepared.whole_lines),
    7: (wordings.way_out, wordings.picture_first, wordings.fitting_options),
    8: (forms.rows_checked, forms.ticket_class, forms.read_sign),
    9: (recordings.rate_by_hand, recordings.minutes_that_fit, recordings.time_stamp),
    10: (chosen.thousand_price, chosen.may_be_luck, chosen.own_variant),
    11: (failures.repaired_request, failures.patient_client, failures.status_or_text),
    12: (v1_route.moved_request, v1_route.streamed_usage, v1_route.plain_messages),
    13: (playground.two_branches, playground.half_the_price, playground.own_tool),
    14: (many_files.requests_a_minute, many_files.asked_sounds, many_files.own_ask),
    15: (report.run_cost, report.safe_item, report.own_report),
}
"""The number of a lesson, and the checks of its exercises in their order; the name of each is its function's."""

CHECKS = {check.__name__: check for checks in LESSONS.values() for check in checks}
__all__ = sorted(CHECKS)


def __getattr__(name: str) -> Callable[..., Any]:
    try:
        return CHECKS[name]
    except KeyError:
        raise AttributeError(f"There is no check called {name!r}.") from None


def __dir__() -> list[str]:
    return sorted([*globals(), *CHECKS])
