"""Checks of the lesson on asking about a chart."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from rapidfuzz import fuzz

from helpers import tokens
from helpers.encoding import image_part
from workbench.exercises.contract import NotYet, check, number, shown
from workbench.exercises.sent import (
    DATA,
    arrivals,
    content,
    is_file,
    parts,
    pictures,
    plain,
    request_for,
    same,
    says,
    shows,
    text_of,
    words,
    words_sent,
)

WHOLE = "keep the whole reply that complete() returned."
READ_ALIKE = 85
"""Least likeness in percent of a title and of what was read of it; our choice: a letter in seven may be misread."""
LIBRARY = DATA / "charts" / "library_visitors.png"


@check("Call the function of the tokens module for this model.")
def picture_tokens(answer: Any) -> str:
    """How many tokens does an 800 x 600 picture cost on Phi-4-multimodal-instruct?"""
    # A number of another kind is counted, and what is none is shown as it is.
    count = number(answer, "the count. The size is 800 wide and 600 high")
    if count == tokens.phi4_multimodal_image_tokens(800, 600):
        return "a picture of two crops by two, scaled to fill them."
    others = {"gpt-4o": tokens.gpt_4o_image_tokens, "gpt-5-mini": tokens.gpt_5_mini_image_tokens}
    for name, rule in others.items():
        if count in (rule(800, 600), rule(800, 600, "low")):
            raise NotYet(f"that is the rule of {name}. Use the one for Phi-4-multimodal.")
    if count == tokens.phi4_multimodal_image_tokens(600, 800):
        raise NotYet("width comes first, then height.")
    raise NotYet(f"{shown(answer)} is not the count. The size is 800 wide and 600 high.")


@check(not_begun="draw a figure, send it, and keep both the figure and the reply.", answers=2)
def own_chart(figure: Any, reply: Any, here: Any = None) -> str:
    """Does the reply name the title of the chart that the learner drew?"""
    titles = _titles(_drawn(figure))
    if not titles:
        raise NotYet("the figure has no title to look for. Add one with ax.set_title(...).")
    text = text_of(reply, WHOLE)
    named = next((title for title in titles if _names(text, title)), None)
    if named is None:
        raise NotYet(
            f"the reply does not name the title {titles[0]!r}. Did you send this figure, and ask about its text?"
        )
    if arrival := request_for(reply, here):
        _saw_it(arrival, _drawn(figure), named)
    return "the reply names your chart's title, so the model saw your picture."


def _drawn(figure: Any) -> Any:
    """The figure, also where its axes were kept, or several in an array."""
    from matplotlib.figure import FigureBase

    for _ in range(4):
        if isinstance(figure, FigureBase):
            return figure
        if isinstance(figure, tuple | list) or hasattr(figure, "flat"):
            figure = next(iter(getattr(figure, "flat", figure)), None)
        else:
            figure = getattr(figure, "figure", None)
            figure = figure if isinstance(figure, FigureBase) else None
    raise NotYet("keep the figure itself, the first of the two that plt.subplots() returns.")


def _titles(figure: Any) -> list[str]:
    texts = [figure.get_suptitle(), *(text.get_text() for text in figure.texts)]
    texts += [axes.get_title(loc) for axes in figure.axes for loc in ("center", "left", "right")]
    return list(dict.fromkeys(line for line in map(_as_printed, texts) if words(line)))


def _as_printed(title: str) -> str:
    r"""A title as a picture shows it: of `$\mathrm{CO}_2$` stays CO2."""

    def letter(command: re.Match[str]) -> str:
        size = "CAPITAL" if command[1][0].isupper() else "SMALL"
        try:
            return unicodedata.lookup(f"GREEK {size} LETTER {command[1].upper()}")
        except KeyError:
            return ""

    def printed(formula: re.Match[str]) -> str:
        return re.sub(r"[{}_^]|\\[ ,;!]", "", re.sub(r"\\([A-Za-z]+)", letter, formula[1]))

    return re.sub(r"(?<!\\)\$(.*?)(?<!\\)\$", printed, title, flags=re.DOTALL).replace("\\$", "$")


def _names(text: str, title: str) -> bool:
    """Whether a text names a title, or one of its lines, since a reader may take each for itself."""
    for line in (title, *(line for line in title.splitlines() if len("".join(words(line))) >= 3)):
        wanted, read = " ".join(words(line)), " ".join(words(text))
        if says(text, line) or (len(wanted) >= 7 and fuzz.partial_ratio(wanted, read) >= READ_ALIKE):
            return True
        # What prints a raised 2 beside its letter may put a space between, or none.
        if len(wanted) >= 7 and wanted.replace(" ", "") in read.replace(" ", ""):
            return True
    return False


def _saw_it(arrival: Any, figure: Any, title: str) -> None:
    sent = pictures(arrival)
    if not sent:
        raise NotYet("that request carried no picture. Put image_part(my_figure) beside the text.")
    if any(same(image_part(figure)["image_url"]["url"], one) for one in sent):
        return
    # It may have been saved in another size. Then the title must have come from the picture.
    if any(is_file(one, path) for one in sent for path in (DATA / "charts").glob("*.png")):
        raise NotYet("you sent one of the sample charts, and not this figure.")
    if says(words_sent(arrival), title):
        raise NotYet("another picture was sent, and your question holds the title. Send this figure.")


@check(
    not_begun="keep the list of messages in the first variable and the second reply in the other.", answers=2
)
def second_question(messages: Any, reply: Any, here: Any = None) -> str:
    """Do the messages hold the library's chart, a question, the answer to it and a second question?"""
    if not isinstance(messages, list | tuple):
        raise NotYet("keep the messages as a list of dictionaries.")
    turns = plain(messages)
    if not all(isinstance(turn, dict) for turn in turns):
        raise NotYet("keep the messages as a list of dictionaries.")
    if len(turns) > 3 and turns[-1].get("role") == "assistant" and turns[-1].get("content") == content(reply):
        del turns[-1]  # The conversation went on: the second answer is noted as well.
    _look_at_roles(turns)
    told = turns[-2].get("content")
    if not isinstance(told, str):
        raise NotYet("the content of the assistant's message is the text of its answer, not the whole reply.")
    if not content(reply):
        raise NotYet("keep the whole second reply that complete() returned.")
    if arrival := request_for(reply, here):
        if not same(turns, plain(arrival.body.get("messages"))):
            raise NotYet("this reply answers other messages. Keep those that were sent for it.")
        before = [one for one in arrivals(here) or [] if pictures(one) and one.seconds < arrival.seconds]
        if not any(one.said.strip() == told.strip() for one in before):
            raise NotYet(
                "no model said what stands in the assistant's message. Put the first reply's text there."
            )
    return "the second request holds the picture and all that was said about it."


def _look_at_roles(turns: list[dict[str, Any]]) -> None:
    roles = [turn.get("role") for turn in turns if turn.get("role") not in ("system", "developer")]
    sent = list(parts(turns, ("image_url",)))
    if not sent:
        raise NotYet("there is no picture in these messages. What could the model look at?")
    if roles == ["user", "assistant"]:
        raise NotYet("your second question is missing at the end.")
    if roles == ["user"]:
        raise NotYet("this is the first request alone. What was said before has to go along with the second.")
    if roles == ["user", "user"]:
        raise NotYet("both questions are there. What was said between them?")
    if roles != ["user", "assistant", "user"]:
        raise NotYet(f"the roles are {', '.join(map(str, roles))}. Who speaks, in which order?")
    for turn, which in ((turns[-3], "first"), (turns[-1], "second")):
        if not any(words(text) for text in parts([turn], ("text",))):
            raise NotYet(f"the {which} question has no words.")
    if not any(shows(url, LIBRARY) for url in sent):
        raise NotYet(f"this is another picture. Ask about {LIBRARY.name}.")
    if words(" ".join(parts([turns[-3]], ("text",)))) == words(" ".join(parts([turns[-1]], ("text",)))):
        raise NotYet("both questions are the same. Ask for the other end of the months.")
