"""Turns add up, branch, and are looked back at."""

from __future__ import annotations

import pytest

from helpers.media import MediaError
from workbench.explain import Explanation
from workbench.playground import attachments
from workbench.playground.conversation import Conversation, Exchange
from workbench.playground.history import (
    Piece,
    Price,
    compare,
    difference,
    records,
    tokens_over_turns,
)
from workbench.playground.request import Message, Options, Request, RequestError
from workbench.playground.sending import Run, Status, Usage
from workbench.playground.view import markup

PHI = "Phi-4-multimodal-instruct"
SECONDS = 60


def run(prompt="Why?", text="Because.", *, system="", usage=(1000, 50), items=(), **options):
    request = Request(system, (Message("user", prompt, items),), Options(**({"deployment": PHI} | options)))
    counted = Usage(*usage, sum(usage)) if usage else None
    return Run(request, Status.DONE, text, counted, "stop", "m", 0.5, 1.25)


def grown(conversation, *texts, parent=None):
    for text in texts:
        exchange = Exchange(parent, run(text, text.upper()))
        conversation.add(exchange)
        parent = exchange.id
    return parent


def shown(conversation):
    return [exchange.prompt.text for exchange in conversation.path]


def test_turns_add_up():
    conversation = Conversation()
    last = grown(conversation, "a", "b")
    assert conversation.turns_before(last) == (
        Message("user", "a"),
        Message("assistant", "A"),
        Message("user", "b"),
        Message("assistant", "B"),
    )
    assert conversation.turns_before(None) == ()


def test_branches_stand_side_by_side():
    conversation = Conversation()
    grown(conversation, "a", "b", "c")
    a, b, c = conversation.path
    grown(conversation, "b2", "d", parent=a.id)
    assert shown(conversation) == ["a", "b2", "d"]
    assert [item.prompt.text for item in conversation.branches(b.id)] == ["b", "b2"]
    assert conversation.branches(c.id) == [c]
    conversation.switch(b.id)
    assert shown(conversation) == ["a", "b", "c"]
    conversation.switch(conversation.branches(b.id)[1].id)
    assert shown(conversation) == ["a", "b2", "d"]
    grown(conversation, "a2")
    assert shown(conversation) == ["a2"]
    conversation.switch(a.id)
    assert shown(conversation) == ["a", "b2", "d"]
    assert [item.prompt.text for item in conversation.exchanges] == ["a", "b", "c", "b2", "d", "a2"]


def test_exchange_without_a_reply_stays_in_view_and_is_not_sent_again():
    conversation = Conversation()
    failed = Run(run("broken").request, Status.FAILED, error=Explanation("It failed."))
    first = grown(conversation, "a")
    conversation.add(Exchange(first, failed))
    last = grown(conversation, "b", parent=conversation.current)
    assert shown(conversation) == ["a", "broken", "b"]
    assert [turn.text for turn in conversation.turns_before(last)] == ["a", "A", "b", "B"]


def test_exchange_that_is_gone_is_a_sentence():
    conversation = Conversation()
    last = grown(conversation, "a")
    conversation = Conversation()
    assert (conversation.path, conversation.current) == ([], None)
    for ask in (
        lambda: conversation.get(last),
        lambda: conversation.switch(last),
        lambda: conversation.branches(last),
        lambda: conversation.stand_at(last),
        lambda: conversation.add(Exchange(last, run())),
    ):
        with pytest.raises(RequestError, match="not part of this conversation"):
            ask()


def test_edited_turn_is_sent_in_its_old_place(playground, offline):
    playground.attach_sample("clips/good_morning.mp3")
    first = playground.send("Transcribe this audio.")
    assert first.wait(SECONDS)
    assert playground.attachments == []
    assert playground.send('Translate to Spanish: "Hello."').wait(SECONDS)
    start, second = playground.conversation.path
    assert playground.edit(second.id) == 'Translate to Spanish: "Hello."'
    assert playground.send('Translate to German: "Hello."').wait(SECONDS)
    assert shown(playground.conversation) == ["Transcribe this audio.", 'Translate to German: "Hello."']
    assert playground.edit(start.id) == "Transcribe this audio."
    again = playground.send("Translate this audio to German.")
    assert again.wait(SECONDS)
    assert again.request.prompt.attachments == first.request.prompt.attachments
    playground.edit(start.id)
    playground.detach(playground.attachments[0].id)
    assert playground.send('Translate to German: "Hello."').wait(SECONDS)
    playground.go_on_from(start.id)
    assert playground.attachments == []
    assert shown(playground.conversation) == ["Transcribe this audio."]
    roles = [[m["role"][0] for m in arrival.body["messages"]] for arrival in offline.record.arrivals()]
    assert roles == [["u"], ["u", "a", "u"], ["u", "a", "u"], ["u"], ["u"]]
    assert len(playground.conversation.branches(start.id)) == 3
    assert len(playground.runs) == 5
    playground.clear()
    assert (playground.conversation.path, len(playground.runs)) == ([], 5)
    playground.clear_history()
    assert playground.runs == []


def test_request_is_what_send_would_send(playground):
    playground.system = "Be brief."
    playground.attach_sample("clips/good_morning.mp3")
    asked = playground.request("Transcribe this audio.")
    assert playground.send("Transcribe this audio.").request == asked
    playground.stop()


@pytest.mark.parametrize("text", ["", "  \n"])
def test_empty_prompt_is_refused_and_changes_nothing(text, playground):
    with pytest.raises(RequestError, match="nothing to send"):
        playground.send(text)
    assert (playground.runs, playground.conversation.path, playground.running) == ([], [], None)
    assert playground.estimate(text).total is not None


def test_half_a_character_is_replaced():
    request = Request("a\ud83d", (Message("user", "b\udc00 🎈"),), Options(PHI))
    assert request.messages() == [
        {"role": "system", "content": "a\ufffd"},
        {"role": "user", "content": "b\ufffd 🎈"},
    ]


def test_attachments_are_changed_in_place(playground):
    events = []
    playground.listen(lambda event: events.append(event.kind))
    first = playground.attach_sample("charts/cafe_drinks.png")
    clip = playground.attach_sample("clips/good_morning.mp3")
    smaller = playground.shrink(first.id, 300)
    assert playground.attachments == [smaller, clip]
    smallest = playground.shrink(smaller.id, 100)
    assert smallest.shrunk_from is first
    assert playground.unshrink(smallest.id) is first
    playground.detach(first.id)
    assert playground.attachments == [clip]
    assert events == ["attached"] * 2 + ["changed"] * 4
    for refused in (
        lambda: playground.detach(first.id),
        lambda: playground.unshrink(clip.id),
        lambda: playground.shrink(clip.id),
        lambda: playground.attach_sample("none"),
        lambda: playground.attach(attachments.from_bytes(b"?", "x")),
        lambda: playground.attach(attachments.from_recording(b"?")),
    ):
        with pytest.raises(MediaError):
            refused()
    assert playground.attachments == [clip]


def test_shrink_needs_a_deployment_whose_rule_is_known(playground):
    playground.options = Options("llama3.2-vision")
    picture = playground.attach_sample("charts/cafe_drinks.png")
    with pytest.raises(MediaError, match=r"How llama3\.2-vision scales pictures is not known"):
        playground.shrink(picture.id)


@pytest.mark.parametrize(
    ("path", "kind"), [("samples/charts/cafe_drinks.png", "attached"), ("none", "refused")]
)
def test_url_is_looked_at_aside(path, kind, playground, offline):
    import threading

    told, events = threading.Event(), []
    playground.listen(lambda event: (events.append(event), told.set()))
    playground.attach_url(f"{offline.origin}/{path}")
    assert told.wait(SECONDS)
    (event,) = events
    assert event.kind == kind
    assert (event.message == "") is (kind == "attached")
    assert [item.name for item in playground.attachments] == ["cafe_drinks.png"] * (kind == "attached")


def test_deployments_come_from_the_settings(playground):
    assert playground.deployments == [PHI, "gpt-4o"]
    playground.options = Options("my own")
    assert playground.deployments == ["my own", PHI, "gpt-4o"]


def test_history_says_what_each_run_cost():
    picture = attachments.from_sample("charts/cafe_drinks.png")
    runs = [
        run("Word " * 140, items=(picture, picture)),
        run(deployment="gpt-4o", usage=None),
        Run(run("c").request, Status.FAILED, error=Explanation("No.")),
    ]
    first, second, third = records(runs, {PHI: Price(2.0, 8.0)})
    assert [first[name] for name in ("run", "tokens_in", "tokens_out", "seconds")] == [1, 1000, 50, 1.25]
    assert first["cost"] == pytest.approx(0.0024)
    assert len(first["prompt"]) <= 300
    assert first["prompt"].endswith("…")
    assert first["attachments"] == "cafe_drinks.png, cafe_drinks.png"
    assert (second["tokens_in"], second["cost"], second["deployment"]) == (None, None, "gpt-4o")
    assert (third["status"], third["seconds"], third["cost"]) == ("failed", None, None)


def test_tokens_over_turns_leave_out_what_was_not_told():
    clip = attachments.from_sample("clips/good_morning.mp3")
    pairs = tokens_over_turns([run("First?"), run(usage=None), run("", usage=(3, 4), items=(clip,))])
    assert pairs == [("1. First?", Usage(1000, 50, 1050)), ("3. no text", Usage(3, 4, 7))]


@pytest.mark.parametrize("price", [-1, float("inf"), float("nan"), "1", None, True])
def test_price_that_is_none_is_refused(price):
    with pytest.raises(RequestError, match="A price is a number"):
        Price(price, 1.0)


def test_comparison_names_only_what_differs():
    picture = attachments.from_sample("charts/cafe_drinks.png")
    smaller = attachments.resized(picture, 300)
    comparison = compare(run(items=(picture,)), run(items=(smaller,), usage=(900, 50), detail="low"))
    assert [name for name, _, _ in comparison.settings] == ["attachments", "detail", "prompt tokens"]
    assert comparison.settings[1:] == [("detail", "not set", "low"), ("prompt tokens", "1,000", "900")]
    assert comparison.reply == [Piece("same", "Because.")]
    assert compare(run(), run()).settings == []


TEXTS = {
    "a word": ("It is a red house.", "It is a blue house."),
    "one empty": ("", "All of it\nis new. "),
    "both empty": ("", ""),
    "white space": ("a  b\n\nc", "a b\nc\t"),
    "nothing alike": ("one two", "three four"),
    "long": ("the " * 3000 + "end", "the " * 2900 + "other end"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_difference_loses_no_character(case):
    first, second = TEXTS[case]
    pieces = difference(first, second)
    assert "".join(piece.text for piece in pieces if piece.kind != "second") == first
    assert "".join(piece.text for piece in pieces if piece.kind != "first") == second


def test_difference_is_by_words():
    assert difference(*TEXTS["a word"]) == [
        Piece("same", "It is a "),
        Piece("first", "red "),
        Piece("second", "blue "),
        Piece("same", "house."),
    ]


def test_comparison_as_html_is_inert():
    html = markup.comparison(compare(run(text="<b>a</b> one"), run(text="<b>a</b> two")), "<i>", "y")
    assert "<b>" not in html
    assert "<i>" not in html
    assert "<del>one</del>" in html
    assert "<ins>two</ins>" in html
