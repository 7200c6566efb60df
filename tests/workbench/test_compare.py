"""A comparison over real HTTP: what is asked, scored, kept, and gone on with."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from azure.ai.inference.aio import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from openai import AsyncOpenAI

from workbench.batch import BatchError
from workbench.compare import Variant, compare, plot, read_truth, summary

DATA = Path(__file__).parents[2] / "data"
PHI, GPT = "Phi-4-multimodal-instruct", "gpt-4o"


@pytest.fixture
def folder(tmp_path):
    files = tmp_path / "inbox"
    files.mkdir()
    for name in ("good_morning.mp3", "how_much_does_it_cost.mp3"):
        shutil.copy(DATA / "clips" / name, files)
    return files


@pytest.fixture
def truth(tmp_path):
    file = tmp_path / "truth.json"
    file.write_text(
        json.dumps(
            {"good_morning.mp3": "Good morning.", "how_much_does_it_cost.mp3": "How much does it cost?"}
        )
    )
    return read_truth(file)


@pytest.fixture
def connect(settings, offline):
    return lambda: ChatCompletionsClient(
        settings["AZURE_INFERENCE_ENDPOINT"],
        AzureKeyCredential(offline.key),
        api_version=settings["AZURE_INFERENCE_API_VERSION"],
        retry_total=0,
    )


ASK, POEM = Variant("transcript", "Transcribe this audio."), Variant("poem", "Write a poem about the sea.")


def compared(*arguments, **options):
    return asyncio.run(compare(*arguments, **options))


def test_rows_and_their_table(folder, truth, connect, tmp_path, offline):
    rows = compared(folder, truth, [ASK, POEM], [PHI], connect, tmp_path / "kept", prices={PHI: (1.0, 2.0)})
    assert len(rows) == 4
    good = rows[rows["variant"] == "transcript"]
    assert (good["score"] > 0.6).all()
    assert (good["refusal"] == "").all()
    assert list(good["cost"]) == pytest.approx(
        [(p + 2 * c) / 1e6 for p, c in zip(good["prompt_tokens"], good["completion_tokens"], strict=True)]
    )
    poems = rows[rows["variant"] == "poem"]
    assert (poems["score"] == 0).all()
    assert poems["refusal"].str.len().min() > 0
    table = summary(rows)
    assert table.loc[("poem", PHI), "refused"] == 2
    assert table.loc[("transcript", PHI), "refused"] == 0
    shown = plot(rows)
    assert "transcript on Phi-4-multimodal-instruct: " in shown.text
    assert "<img" in shown.html


def test_it_goes_on_where_it_was(folder, truth, connect, tmp_path, offline):
    before = len(offline.record.arrivals())
    first = compared(folder, truth, [ASK], [PHI], connect, tmp_path / "kept")
    sent = len(offline.record.arrivals()) - before
    assert sent == 2
    again = compared(folder, truth, [ASK], [PHI], connect, tmp_path / "kept", times=2)
    assert len(offline.record.arrivals()) - before == 2 * sent
    assert list(again["answer"][:2]) == list(first["answer"])
    assert list(again["time"]) == [1, 1, 2, 2]


def test_variants_change_files_messages_and_options(truth, connect, tmp_path, offline):
    from helpers.encoding import image_part

    picture = DATA / "charts" / "favorite_fruit.png"

    def half(path):
        import io

        from PIL import Image

        file = io.BytesIO()
        with Image.open(path) as opened:
            opened.resize((opened.width // 2, opened.height // 2)).save(file, "PNG")
        return file.getvalue()

    def low(messages):
        messages[0]["content"][1] = image_part(picture, detail="low")
        return messages

    # Answered without a look at the picture, which is counted all the same.
    question = 'Translate to Spanish: "Good morning. How are you? Thank you very much."'
    variants = [
        Variant("half", question, prepare=half),
        Variant("low", question, change=low),
        Variant("short", question, options={"max_tokens": 3}),
    ]
    rows = compared([picture], {}, variants, [GPT], connect, tmp_path / "kept")
    assert rows["score"].isna().all()
    by_name = rows.set_index("variant")
    assert by_name.loc["half", "prompt_tokens"] < by_name.loc["short", "prompt_tokens"]
    assert by_name.loc["low", "prompt_tokens"] < by_name.loc["short", "prompt_tokens"]
    assert by_name.loc["short", "completion_tokens"] == 3


def test_a_deployment_that_takes_no_sound_is_a_refusal(folder, truth, settings, offline, tmp_path):
    def connect():
        return AsyncOpenAI(base_url=settings["OPENAI_BASE_URL"], api_key=offline.key, max_retries=0)

    rows = compared(folder, truth, [ASK], [PHI, GPT], connect, tmp_path / "kept", at_once=2)
    refused = rows[rows["deployment"] == GPT]
    assert (refused["refusal"] != "").all()
    assert refused["score"].isna().all() or (refused["score"] == 0).all()
    assert (rows[rows["deployment"] == PHI]["refusal"] == "").all()


def test_each_file_has_its_own_words(folder, truth, connect, tmp_path, offline):
    about = {"good_morning.mp3": {"what": "clip"}, "how_much_does_it_cost.mp3": {"what": "recording"}}
    offline.record.clear()
    asked = Variant("own", "Transcribe this {what}.")
    rows = compared(folder, truth, [asked], [PHI], connect, tmp_path / "kept", about=about)
    assert (rows["score"] > 0.6).all()
    sent = {json.dumps(one.body)[:4000] for one in offline.record.arrivals()}
    for word in ("clip", "recording"):
        assert sum(f"Transcribe this {word}." in text for text in sent) == 1
    for lacking in ({}, {**about, "good_morning.mp3": {}}):
        with pytest.raises(BatchError, match=r"good_morning\.mp3"):
            compared(folder, truth, [asked], [PHI], connect, tmp_path / "kept", about=lacking)
    with pytest.raises(BatchError, match="needs words"):
        compared(folder, truth, [Variant("odd", "{")], [PHI], connect, tmp_path / "kept", about=about)


def test_a_scorer_and_a_model_of_ones_own(truth, settings, offline, tmp_path):
    seen = []

    def scorer(answer, wanted):
        seen.append((answer, wanted))
        return 0.25

    def connect():
        return AsyncOpenAI(base_url=settings["OPENAI_BASE_URL"], api_key=offline.key, max_retries=0)

    files = [DATA / "clips" / "good_morning.mp3", DATA / "clips" / "red_flowers.mp3"]
    rows = compared(
        files, truth, [ASK], [PHI, PHI], connect, tmp_path / "kept", scorer=scorer, models={PHI: PHI}
    )
    # One server may serve one model for each of the lessons' roles: it is asked once.
    assert list(rows["score"].fillna(-1)) == [0.25, -1]
    assert [wanted for _, wanted in seen] == ["Good morning."]
    # A model that no rule is known for can be planned, and reaches the endpoint, which has no such deployment.
    with pytest.raises(BatchError, match="no deployment of that name"):
        compared(files, truth, [ASK], ["mine"], connect, tmp_path / "kept")


def test_forms_and_charts_are_scored():
    from workbench.compare import score_answer

    form = {"total": 12.5, "tip": None}
    assert score_answer('Here: ```{"total": "12.50", "tip": null}```', form) == 1
    assert score_answer('{"total": 12.5, "tip": 2}', form) == 0.5
    assert score_answer("I cannot read it.", form) == 0
    points = [{"label": "A", "x": None, "y": 1.0}, {"label": "B", "x": None, "y": 2.0}]
    chart = {"kind": "bar", "series": [{"name": None, "points": points}]}
    assert score_answer(json.dumps(chart), points) == 1
    chart["series"][0]["points"] = [*points, {"label": "C", "x": None, "y": 2.0}]
    assert score_answer(json.dumps(chart), points) == pytest.approx(2 / 3)
    assert score_answer("none", points) == 0
