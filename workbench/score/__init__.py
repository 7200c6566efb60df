"""How well something was read, compared with the truth: a chart's points, a transcript, the fields of a form."""

from workbench.score.forms import FormScore, score_form
from workbench.score.points import Score, ScoreError, percent, score
from workbench.score.transcripts import WordScore, score_words

__all__ = ["FormScore", "Score", "ScoreError", "WordScore", "percent", "score", "score_form", "score_words"]
