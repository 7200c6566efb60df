"""Checks for the "try it yourself" exercises: each takes a learner's result and says what is right or wrong with it.

There is one module a lesson. A lesson writes `from workbench import exercises` and then `exercises.<check>(...)`.
"""

from __future__ import annotations

from workbench.exercises.lesson_01 import cut_short, french_thanks, translator
from workbench.exercises.lesson_02 import own_chart, picture_tokens, second_question
from workbench.exercises.lesson_03 import clip_in_french, seconds_for_tokens, transcripts
from workbench.exercises.lesson_04 import audio_url_part, base64_size, part_by_size
from workbench.exercises.lesson_05 import own_score, read_tea, scored_walk
from workbench.exercises.lesson_06 import patient_client, repaired_request, status_or_text
from workbench.exercises.lesson_07 import moved_request, plain_messages, streamed_usage
from workbench.exercises.lesson_08 import half_the_price, own_tool, two_branches
from workbench.exercises.lesson_09 import asked_sounds, own_ask, requests_a_minute
from workbench.exercises.lesson_10 import own_report, run_cost, safe_item

__all__ = [
    "asked_sounds",
    "audio_url_part",
    "base64_size",
    "clip_in_french",
    "cut_short",
    "french_thanks",
    "half_the_price",
    "moved_request",
    "own_ask",
    "own_chart",
    "own_report",
    "own_score",
    "own_tool",
    "part_by_size",
    "patient_client",
    "picture_tokens",
    "plain_messages",
    "read_tea",
    "repaired_request",
    "requests_a_minute",
    "run_cost",
    "safe_item",
    "scored_walk",
    "second_question",
    "seconds_for_tokens",
    "status_or_text",
    "streamed_usage",
    "transcripts",
    "translator",
    "two_branches",
]
