"""A grid asks everything once, side by side, and hands it on as a table, as CSV and as code."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from workbench.playground import attachments, grid
from workbench.playground.export import Language, export_grid
from workbench.playground.grid import Grid, plan, read_values
from workbench.playground.history import Price
from workbench.playground.request import Options, RequestError, Route
from workbench.playground.sending import Run, Status
from workbench.playground.view import markup

PHI = "Phi-4-multimodal-instruct"
SECONDS = 60


def over(one):
    for cell in one.cells:
        assert cell.run.wait(SECONDS)
    # The end of the whole is told behind that of the last reply.
    while not one.is_over:
        time.sleep(0.01)
    return one


def done(cells, *texts):
    """The cells as if these replies had come."""
    for cell, text in zip(cells, texts, strict=True):
        cell.run.status, cell.run.text, cell.run.seconds = Status.DONE, text, 1.0
    return cells


def test_values_are_read_from_lines():
    assert read_values("language = Spanish | German\n\n n=1|2 = 3 |") == {
        "language": ["Spanish", "German"],
        "n": ["1", "2 = 3"],
    }
    for line in ("language", "= a", "a b = c", "a ="):
        with pytest.raises(RequestError, match="gives no values"):
            read_values(line)


def test_every_combination_is_planned_once():
    files = [attachments.from_sample(f"clips/{name}.mp3") for name in ("good_morning", "hello_how_are_you")]
    choices = [Options(PHI), Options(PHI, temperature=0.5), Options(PHI)]
    values = {"a": ["1", "{{b}}"], "b": ["x"]}
    cells = plan("{{a}} and {{ b }}, {{a}}", values, files, choices, system="{{b}}!")
    assert len(cells) == 2 * 1 * 2 * 2
    prompts = [cell.run.request.prompt.text for cell in cells]
    # A value that looks like a variable is none.
    assert prompts == ["1 and x, 1"] * 4 + ["{{b}} and x, {{b}}"] * 4
    assert {cell.run.request.system for cell in cells} == {"x!"}
    assert [cell.attachment.name for cell in cells[:4]] == ["good_morning.mp3"] * 2 + [
        "hello_how_are_you.mp3"
    ] * 2
    assert [cell.options.temperature for cell in cells[:2]] == [None, 0.5]


@pytest.mark.parametrize(
    ("prompt", "values", "sentence"),
    [
        ("{{a}}", {}, "a has no values"),
        ("a", {"a": ["1"]}, "no {{a}}"),
        ("{{a}}", {"a": [str(n) for n in range(201)]}, "201 requests"),
        ("  ", {}, "nothing to send"),
    ],
)
def test_grid_of_no_use_is_refused(prompt, values, sentence):
    with pytest.raises(RequestError, match=sentence):
        plan(prompt, values, choices=[Options(PHI)])
    with pytest.raises(RequestError, match="0 requests"):
        plan("a")


def test_grid_runs_beside_the_conversation(playground, offline):
    playground.prices = {PHI: Price(1.0, 2.0)}
    values = {"language": ["Spanish", "French", "German", "Italian", "Spanish "]}
    made = Grid(
        playground, plan('Translate to {{language}}: "Good morning."', values, choices=[playground.options])
    )
    made.start()
    over(made)
    assert made.is_over
    assert [cell.run.text for cell in made.cells][:2] == ["Buenos días.", "Bonjour."]
    assert playground.conversation.path == []
    assert len(playground.runs) == len(offline.record.arrivals()) == 5
    first = made.records()[0]
    assert (first["language"], first["reply"], first["status"]) == ("Spanish", "Buenos días.", "done")
    assert first["cost"] == pytest.approx((first["tokens_in"] + 2 * first["tokens_out"]) / 1e6)
    assert list(made.frame()["reply"]) == [cell.run.text for cell in made.cells]
    best = made.cells[1].run
    playground.adopt(best)
    playground.adopt(best)
    assert [exchange.run for exchange in playground.conversation.exchanges] == [best]
    assert playground.send("And again?").wait(SECONDS)
    assert [turn.text for turn in playground.runs[-1].request.turns][1] == "Bonjour."


def test_stop_ends_a_grid_and_sends_no_more(playground, offline):
    playground.headers = {"x-offline-fault": "pace; seconds=5"}
    values = {"n": [str(number) for number in range(10)]}
    made = Grid(
        playground, plan('Translate to Spanish: "{{n}} Good morning."', values, choices=[Options(PHI)])
    )
    made.start()
    made.stop()
    # What is not over yet is no part of a session.
    assert '"status": "waiting"' not in playground.dump()
    for cell in made.cells[: grid.AT_ONCE]:
        assert cell.run.wait(SECONDS)
    assert made.is_over
    assert {cell.run.status for cell in made.cells} == {Status.STOPPED}
    assert playground.runs == []
    assert len(offline.record.arrivals()) <= grid.AT_ONCE


@pytest.mark.parametrize("route", list(Route))
def test_busy_service_is_asked_again_and_a_reply_that_is_there_is_not(playground, offline, route):
    playground.headers = {"x-offline-fault": f"429; retry-after-ms={100 + len(route)}; times=1"}
    values = {"language": ["Spanish", "French"]}
    choices = [replace(playground.options, route=route)]
    made = Grid(playground, plan('Translate to {{language}}: "Good morning."', values, choices=choices))
    for _ in range(2):
        made.start()
        over(made)
        assert [cell.run.text for cell in made.cells] == ["Buenos días.", "Bonjour."]
        assert len(playground.runs) == 2
        assert len(offline.record.arrivals()) == 3


def test_grid_that_was_stopped_goes_on(playground, offline):
    playground.headers = {"x-offline-fault": "slow; seconds=5"}
    made = Grid(
        playground,
        plan('Translate to {{a}}: "Good morning."', {"a": ["Spanish", "French"]}, choices=[Options(PHI)]),
    )
    made.start()
    made.stop()
    over(made)
    playground.headers = {}
    made.start()
    over(made)
    assert [cell.run.text for cell in made.cells] == ["Buenos días.", "Bonjour."]


def test_what_would_meet_every_request_of_a_deployment_ends_its_part_alone(playground):
    choices = [Options("no-such-deployment"), Options(PHI)]
    made = Grid(
        playground, plan('Translate to {{a}}: "Hello."', {"a": ["Spanish", "French"]}, choices=choices)
    )
    made.start()
    over(made)
    assert "no-such-deployment: The run stopped, since every request would meet this" in made.problem
    assert {cell.run.status for cell in made.cells[::2]} == {Status.STOPPED}
    assert {cell.run.status for cell in made.cells[1::2]} == {Status.DONE}


def test_csv_runs_nothing_and_loses_nothing(playground):
    cells = plan("{{a}}", {"a": ['=1+1"\n', "b,c"]}, choices=[Options(PHI), Options(PHI, top_p=0.5)])
    made = Grid(playground, done(cells, "=cmd|x", "é\r\n,", "-1", "plain"))
    rows = list(csv.DictReader(io.StringIO(made.csv(), newline="")))
    assert [row["reply"] for row in rows] == ["'=cmd|x", "é\r\n,", "'-1", "plain"]
    assert rows[0]["a"] == "'" + '=1+1"\n'
    assert [row["top_p"] for row in rows] == ["", "0.5"] * 2


def test_table_marks_what_differs_and_nothing_in_it_acts():
    nasty = "<script>x</script>"
    cells = plan("{{a}}", {"a": [nasty]}, choices=[Options(PHI), Options(nasty, seed=3)])
    html = markup.grid(done(cells, "The sky is blue.", f"The sea is blue. {nasty}"), {})
    assert "<script" not in html
    assert "<ins>sea </ins>" in html
    assert "seed 3" in html
    assert "<ins>" not in markup.grid(done(cells, "Same.", "Same."), {})
    # A cell of a reply without end shows its beginning.
    assert len(markup.grid(done(cells, "a" * 1_000_000, "b" * 1_000_000), {})) < 20_000


@pytest.mark.parametrize("language", [Language.AZURE, Language.OPENAI])
@pytest.mark.parametrize("embed", [True, False])
def test_code_of_a_grid_gets_the_same_replies(language, embed, playground, tmp_path):
    clips = [attachments.from_sample(f"clips/{name}.mp3") for name in ("good_morning", "hello_how_are_you")]
    choices = [Options(PHI), replace(Options(PHI), max_tokens=100, response_format=None)]
    made = Grid(playground, plan("Transcribe this {{what}}.", {"what": ["audio"]}, clips, choices))
    made.start()
    over(made)
    written = export_grid([cell.run.request for cell in made.cells], language, embed=embed)
    assert len(written.files) == (0 if embed else 2)
    script = written.save(tmp_path)
    ran = subprocess.run(
        [sys.executable, script],
        env=dict(os.environ),
        capture_output=True,
        timeout=120,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        f"{number}. {cell.run.text}" for number, cell in enumerate(made.cells, 1)
    ]


def test_run_without_a_reply_is_not_kept(playground):
    (cell,) = plan("a", choices=[Options(PHI)])
    with pytest.raises(RequestError, match="no reply"):
        playground.adopt(cell.run)
    with pytest.raises(RequestError, match="0 to 5"):
        playground.rate(Run(cell.run.request), 6)
