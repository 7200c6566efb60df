"""The table of models: names people give, rules that count, and nothing that contradicts itself."""

import ast
from datetime import date
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import models, tokens
from helpers.models import MODELS, model_for

SIDES = st.integers(1, 12_000)


@pytest.mark.parametrize(
    ("deployment", "model"),
    [
        ("Phi-4-multimodal-instruct", "Phi-4-multimodal-instruct"),
        ("team-phi4-multimodal-2", "Phi-4-multimodal-instruct"),
        ("gpt-4o", "gpt-4o"),
        ("gpt-4o-2024-11-20", "gpt-4o"),
        ("prod_GPT-5", "gpt-5"),
        ("gpt-5-2025-08-07", "gpt-5"),
        ("gpt-5-mini", "gpt-5-mini"),
        ("gpt-audio", "gpt-audio"),
        ("gpt-audio-1.5", "gpt-audio"),
        ("Phi-3.5-vision-instruct", "Phi-3.5-vision-instruct"),
        # Kin that count otherwise or take something else, and names that tell nothing.
        *(
            (name, None)
            for name in ("gpt-4o-mini", "gpt-4o-audio-preview", "gpt-5-chat", "gpt-5.1", "gpt-5-nano")
        ),
        *((name, None) for name in ("gpt-audio-mini", "phi-4", "chatgpt-4online", "team-model", "")),
    ],
)
def test_a_deployments_name_tells_the_model(deployment, model):
    found = model_for(deployment)
    assert (found and found.name) == model


def test_a_setting_is_believed_before_the_name():
    assert model_for("gpt-4o", "gpt-5-mini").name == "gpt-5-mini"
    assert model_for("charts", "Phi-4-multimodal-instruct").name == "Phi-4-multimodal-instruct"
    assert model_for("gpt-4o", "my own") is None


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_each_entry_agrees_with_itself(model):
    assert model_for(model.name) is model
    assert model.takes(model.limit_parameter)
    assert model.takes("reasoning_effort") == bool(model.reasoning_efforts)
    assert (model.picture_tokens is None) == (model.picture_size is None) == (model.pictures_a_turn == 0)
    assert (model.sound_tokens is None) == (model.sound == "none")
    assert "text" in model.response_formats
    assert model.sources
    assert all(model.sources)


@given(SIDES, SIDES, st.sampled_from(tokens.DETAILS))
def test_no_picture_is_seen_larger_than_it_is_and_seeing_it_again_changes_nothing(width, height, detail):
    for model in MODELS.values():
        if model.picture_size is None:
            continue
        try:
            seen = model.picture_size(width, height, detail)
        except ValueError:
            continue
        assert 1 <= seen[0] <= width
        assert 1 <= seen[1] <= height
        assert model.picture_size(*seen, detail) == seen
        assert model.picture_tokens(*seen, detail) <= model.picture_tokens(width, height, detail)


@given(SIDES, SIDES)
def test_low_detail_is_seen_within_512_pixels_and_costs_no_more(width, height):
    for name in ("gpt-4o", "gpt-5", "gpt-5-mini"):
        model = MODELS[name]
        assert max(model.picture_size(width, height, "low")) <= 512
        assert model.picture_tokens(width, height, "low") <= model.picture_tokens(width, height, "high")


@pytest.mark.parametrize(
    ("size", "patches"), [((1024, 1024), 1024), ((1800, 2400), 1452), ((32, 32), 1), ((33, 32), 2)]
)
def test_patches_are_counted_as_the_guide_counts_them(size, patches):
    assert MODELS["gpt-5-mini"].picture_tokens(*size, "high") == ceil(patches * 1.62)


@given(SIDES, SIDES)
def test_patches_stay_within_their_number(width, height):
    assert 2 <= tokens.gpt_5_mini_image_tokens(width, height) <= ceil(tokens.OPENAI_MAX_PATCHES * 1.62)
    assert max(tokens.patched_size(width, height)) <= tokens.OPENAI_MAX_SIDE


@pytest.mark.parametrize(("seconds", "expected"), [(0, 0), (0.1, 1), (0.3, 3), (1.7, 17), (10, 100)])
def test_openai_sound(seconds, expected):
    assert tokens.openai_audio_tokens(seconds) == expected


def test_tiles_of_gpt_5():
    assert MODELS["gpt-5"].picture_tokens(1024, 1024, "high") == 70 + 140 * 4
    assert MODELS["gpt-5"].picture_tokens(1024, 1024, "low") == 70


def test_reasoning_models_take_no_sampling_parameter():
    for name in ("temperature", "top_p", "presence_penalty", "frequency_penalty", "logprobs", "max_tokens"):
        assert not MODELS["gpt-5"].takes(name)
        assert MODELS["gpt-4o"].takes(name)
    assert MODELS["gpt-5"].takes("max_completion_tokens")


def test_one_model_is_retired():
    assert [
        model.name for model in MODELS.values() if model.retires and model.retires < date(2026, 11, 1)
    ] == ["Phi-3.5-vision-instruct"]


def test_it_knows_only_tokens():
    tree = ast.parse(Path(models.__file__).read_text(encoding="utf-8"))
    own = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("helpers", "workbench")
        for alias in node.names
    ]
    assert own == ["tokens"]
