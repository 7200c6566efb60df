"""Checks for the "try it yourself" exercises: each takes a learner's result and says what is right or wrong with it.

There is one module a lesson. A lesson writes `from helpers import exercises` and then `exercises.<check>(...)`.
"""

from __future__ import annotations

from helpers.exercises.lesson_01 import cut_short, french_thanks
from helpers.exercises.lesson_02 import own_chart, picture_tokens
from helpers.exercises.lesson_03 import clip_in_french, seconds_for_tokens
from helpers.exercises.lesson_04 import audio_url_part, base64_size
from helpers.exercises.lesson_05 import own_score, scored_walk
from helpers.exercises.lesson_06 import patient_client, repaired_request
from helpers.exercises.lesson_07 import moved_request, streamed_usage
from helpers.exercises.lesson_10 import own_report, run_cost, safe_item

__all__ = [
    "audio_url_part",
    "base64_size",
    "clip_in_french",
    "cut_short",
    "french_thanks",
    "moved_request",
    "own_chart",
    "own_report",
    "own_score",
    "patient_client",
    "picture_tokens",
    "repaired_request",
    "run_cost",
    "safe_item",
    "scored_walk",
    "seconds_for_tokens",
    "streamed_usage",
]
