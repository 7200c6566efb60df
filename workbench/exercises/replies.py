"""Checks of replies to words and clips: the lessons on a client, on clips, on errors and on the v1 route."""

from __future__ import annotations

import json
from typing import Any

from rapidfuzz import fuzz

from workbench.exercises import sent
from workbench.exercises.contract import NotYet, called, check, kind, need, refuse, shown, stopped
from workbench.exercises.sent import arrivals, content, request_for, says, text_of, words, words_sent

THANKS = "Thank you very much."
# A text and a language, and a word that no translation of it does without.
GREETINGS = {
    (THANKS, "French"): "merci",
    (THANKS, "German"): "dank",
    ("Good morning.", "German"): "morgen",
}
HELLO = [{"role": "user", "content": 'Translate to German: "Good morning."'}]
CLIPS = sent.DATA / "clips"
SAID = {
    "can_you_help_me.wav": "can you help me please",
    "how_much_does_it_cost.mp3": "how much does it cost",
    "red_flowers.mp3": "the garden is full of red flowers",
}
"""What the three clips of the exercise say."""
ALIKE = 70
"""Percent of characters that agree at the best place; our choice: one misheard word passes, another sentence does
not."""
AROUND = 25
"""Most words that may stand around a transcript, such as "Sure! Here is the transcription:"; our choice."""


@check(1, "Send a request and keep what complete() returns.")
def french_thanks(reply: Any, here: Any = None) -> str:
    """Was "Thank you very much." translated to French?"""
    slips = {"gracias": "that is Spanish. Change the language that the prompt asks for."}
    other = "holds no French thank-you. Put the language and the sentence into one prompt."
    sent.text_with(reply, here, "remercie" if says(content(reply), "remercie") else "merci", slips, other)
    return "the reply says thank you in French."


@check(1, "Send a request with a limit and keep what complete() returns.")
def cut_short(reply: Any, here: Any = None) -> str:
    """Was a reply cut at five tokens?"""
    if content(reply) is None and not hasattr(reply, "usage"):
        text_of(reply)
    used, reason = reply.usage.completion_tokens, reply.choices[0].finish_reason
    refuse(used > 5, f"the reply has {used} tokens. Which option limits it to five?")
    # One client gives a text, the other an enumeration.
    if str(getattr(reason, "value", reason)) != "length":
        raise NotYet("the reply was short enough to end by itself. Ask for more, and keep the limit.")
    if arrival := request_for(reply, here):
        limit = arrival.body.get("max_tokens", arrival.body.get("max_completion_tokens"))
        refuse(limit != 5, f"the limit that arrived is {limit}. Allow five tokens.")
    return "the reply stopped at the limit, and finish_reason says so."


@check(1, function=True)
def translator(function: Any, here: Any = None) -> str:
    """Does a function of a text and a language translate it and return the text alone? It is called three times."""
    said = {asked: called(function, *asked) for asked in GREETINGS}
    first, second, third = said.values()
    refuse(content(first) is not None, "your function returns the whole reply. Which part of it is the text?")
    for text in said.values():
        refuse(not isinstance(text, str), f"your function returns a {kind(text)}; a translation is text.")
    refuse(first == second, "French and German came out the same. Is the language in your prompt?")
    refuse(second == third, "two sentences got the same translation. Is the text in your prompt?")
    for (text, language), word in GREETINGS.items():
        made = said[text, language]
        refuse(word not in made.casefold(), f"{made!r} does not look like {text!r} in {language}.")
        # A function may keep what it was told before. What is long is cut in the record, out of sight.
        there = arrivals(here)
        asked = [one for one in there or [] if says(had := words_sent(one), text) or "… (" in had]
        if there is not None and not any(made.strip(" \n\"'.") in one.said for one in asked):
            raise NotYet(f"{made!r} did not come from the endpoint. Does your function send a request?")
    return "your function translates what it is given, to the language it is given."


@check(3, "Send the clip with a prompt and keep what complete() returns.")
def clip_in_french(reply: Any, here: Any = None) -> str:
    """Was the clip "Good morning" translated to French?"""
    spanish = "that is Spanish. The prompt asks for the language."
    slips = {"buenos": spanish, "buenas": spanish}
    slips["good morning"] = "that is the transcript. Ask for a translation to French."
    other = "is not the greeting. Did you send the clip good_morning.mp3?"
    if arrival := sent.text_with(reply, here, "bonjour", slips, other):
        sent.sample_sent(sent.clips(arrival), CLIPS / "good_morning.mp3", "clip")
    return "that is the greeting in French."


@check(3, "Make a dictionary with one entry for each of the three clips.")
def transcripts(answer: Any, here: Any = None) -> str:
    """Were three clips written down, each under its file's name?"""
    need(answer, dict, "Make a dictionary.")
    # A path is as good a name as a text.
    named = {str(key).replace("\\", "/").rpartition("/")[2]: value for key, value in answer.items()}
    if missing := sorted(SAID.keys() - named.keys()):
        raise NotYet(f"there is no entry for {missing[0]!r}. Its key is the file's name, ending included.")
    texts = [named[name] for name in SAID]
    refuse(any(content(text) is not None for text in texts), "these are replies. Keep the text of each.")
    refuse(not all(isinstance(text, str) for text in texts), "each value has to be a transcript, as text.")
    refuse(len(set(texts)) == 1, "all say the same. Does each request carry its own clip?")
    replies = [" ".join(words(one.said)) for one in arrivals(here) or [] if sent.clips(one) and one.said]
    for name in SAID:
        heard = words(named[name])
        refuse(not _is_heard(heard, name), f"{named[name]!r} is not what {name} says. Is it the right clip?")
        alike = (fuzz.partial_ratio(reply, " ".join(heard)) >= 90 for reply in replies)
        if arrivals(here) is not None and not any(alike):
            raise NotYet(f"no reply to a clip said {named[name]!r}. Send {name} and keep what comes back.")
    return "three clips, three transcripts."


def _is_heard(heard: list[str], name: str) -> bool:
    fits = {one: fuzz.partial_ratio(said, " ".join(heard)) >= ALIKE for one, said in SAID.items()}
    length = len(SAID[name].split())
    return 0.5 * length <= len(heard) <= length + AROUND and [one for one in fits if fits[one]] == [name]


@check(11, "Put the request right, send it, and keep what complete() returns.")
def repaired_request(reply: Any, here: Any = None) -> str:
    """Were both mistakes of the request put right, so that a reply came?"""
    _greeted(reply, here, "mistakes")
    return "both mistakes are gone, and the service understood the request."


def _greeted(reply: Any, here: Any, change: str) -> Any:
    other = f"is not the German greeting. Change the {change} only, not the question."
    arrival = sent.text_with(reply, here, "guten morgen", {}, other)
    refuse(arrival and not says(words_sent(arrival), "Good morning"), f"{content(reply)!r} {other}")
    return arrival


@check(11, "Make a client with OpenAI(...) and its two options.")
def patient_client(client: Any) -> str:
    """Does this `openai` client try five times in all and wait at most 30 seconds for each reply?"""
    import openai

    need(client, openai.OpenAI | openai.AsyncOpenAI, "Keep the client that OpenAI(...) returns.")
    retries = client.max_retries
    refuse(retries == 5, "max_retries counts the tries after the first one, so this client tries six times.")
    refuse(retries != 4, f"with max_retries={retries} it tries {retries + 1} times in all.")
    # The option takes a number of seconds, or an object with one number for each phase.
    refuse(getattr(client.timeout, "read", client.timeout) != 30, "Set timeout to 30; it counts in seconds.")
    return "one try and four more, and 30 seconds for each."


@check(11, function=True)
def status_or_text(function: Any, client: Any) -> str:
    """Does a function return a reply's text, or the status of a refusal, and let other errors out?

    It is called five times, with a function that sends a request; three requests are sent with the lesson's client.
    """
    from azure.core.exceptions import ServiceRequestError

    hello = _Request(client)
    said = called(function, hello)
    refuse(content(said) is not None, "your function returns the whole reply. Return its text.")
    if not isinstance(said, str) or not hello.sent:
        what = f"for a request that works your function returns {shown(said)}."
        raise NotYet(f"{what} Call request() and return the text.")
    if said.strip() != (content(hello.reply) or "").strip():
        raise NotYet(f"the reply was {content(hello.reply)!r}, and your function returns {shown(said)}.")
    for options, what in (
        ({"model": "no-such-deployment"}, "a deployment that does not exist"),
        ({"max_tokens": -1}, "a refusal like this"),
    ):
        request = _Request(client, **options)
        try:
            status = function(request)
        except (Exception, SystemExit) as error:
            said = f"{stopped(error)} A refusal should not get out."
            raise NotYet(f"{said} Which class do the errors of this client share?") from None
        refuse(isinstance(status, str), "for a refusal you return text. Return the status, a number.")
        if request.status is not None and (isinstance(status, bool) or status != request.status):
            raise NotYet(f"{what} gives status {request.status}; your function returns {shown(status)}.")
    _look_at_other(function, ValueError("twelve"), "a mistake in Python")
    _look_at_other(function, ServiceRequestError("none"), "no connection")
    return "you get the text or the status, and mistakes in your own code stay visible."


class _Request:
    """Sends a request, as the lesson's own do, and remembers what came of it."""

    def __init__(self, client: Any, **options: Any) -> None:
        self._client, self._options = client, options
        self.sent, self.reply, self.status = False, None, None

    def __call__(self) -> Any:
        self.sent = True
        try:
            self.reply = self._client.complete(messages=HELLO, **self._options)
        except Exception as error:
            self.status = getattr(error, "status_code", None)
            raise
        return self.reply


def _look_at_other(function: Any, error: Exception, what: str) -> None:
    def fail() -> None:
        raise error

    try:
        hidden = function(fail)
    except (Exception, SystemExit) as let_out:
        if let_out is error:
            return
        said = f"{stopped(let_out)} That was no refusal, and it has no status. Catch less."
        raise NotYet(said) from None
    raise NotYet(f"{what}, no refusal, was hidden: your function returned {shown(hidden)}. Catch less.")


@check(12, "Send the request and keep what create() returns.")
def moved_request(reply: Any, here: Any = None) -> str:
    """Was the German greeting asked for with the `openai` client, seed included?"""
    # The Azure client makes a datetime of this number.
    if content(reply) is not None and not isinstance(getattr(reply, "created", None), int):
        raise NotYet("this reply came through the Azure client. Send the request with v1_client.")
    arrival = _greeted(reply, here, "client")
    if arrival and arrival.body.get("seed") != 7:
        raise NotYet("the seed of 7 did not arrive. How does v1 take what a client does not know?")
    return "the request has moved, and the reply is the same."


@check(12, "Stream a reply and keep list(...) of it.")
def streamed_usage(pieces: Any, here: Any = None) -> str:
    """Was a reply streamed on v1 so that its last piece tells the usage? It takes all the pieces, in a list."""
    if not isinstance(pieces, list | tuple) or not pieces:
        raise NotYet("this is no list of pieces. Put list(...) around the call, with stream=True in it.")
    if not all(hasattr(piece, "choices") and hasattr(piece, "usage") for piece in pieces):
        raise NotYet("keep the pieces themselves, not their texts.")
    last = pieces[-1]
    refuse(last.usage is None, "no piece tells the usage. Ask for it with stream_options.")
    refuse(last.choices, "these pieces came from the old route, which tells it unasked. Use v1_client.")
    if not any(piece.choices and piece.choices[0].delta.content for piece in pieces):
        raise NotYet("the pieces with the text are missing. Keep all of them, the last one too.")
    request_for(last, here)
    return f"the last piece has no text and tells the cost, {last.usage.total_tokens} tokens."


@check(12, function=True)
def plain_messages(function: Any, messages: Any) -> str:
    """Does a function turn a list of messages of the Azure package into plain dictionaries?

    It is called with the messages of the lesson, one of them with a picture, and with some others.
    """
    from azure.ai.inference.models import AssistantMessage, UserMessage

    for given in (messages, [UserMessage(content="Hello."), AssistantMessage(content="Good morning.")]):
        wanted = [message.as_dict() for message in given]
        one_each = f"a list with one entry for each of the {len(wanted)} messages"
        plain = called(function, list(given), gives=list | tuple, what=one_each)
        refuse(len(plain) != len(wanted), f"your function returns {len(plain)} entries. Return {one_each}.")
        for message in plain:
            refuse(isinstance(message, str), "the list holds text. A message has to stay a dictionary.")
            refuse(not isinstance(message, dict), "they are still objects of the Azure package.")
        try:
            arrived = json.loads(json.dumps(plain))
        except (TypeError, ValueError):
            raise NotYet("inside the dictionaries are still objects of the Azure package.") from None
        for message, true in zip(arrived, wanted, strict=True):
            refuse(message != true, f"in a {message.get('role')} message something was lost or changed.")
    return "these messages hold no class of the old package, and both clients take them."
