"""Token rules: the published checks, the edges, and input that makes no sense."""

import subprocess
import sys

import pytest

from helpers import tokens


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1, 1), 545),
        ((448, 448), 545),
        ((640, 480), 1065),
        ((1024, 1024), 2625),
        ((1900, 1069), 3918),
        ((1920, 1080), 3918),
        ((4032, 3024), 3393),
        ((2688, 2688), 9585),
    ],
)
def test_phi4_image_checks(size, expected):
    assert tokens.phi4_multimodal_image_tokens(*size) == expected


def test_phi4_padding_is_not_counted():
    # 1200 x 300 fills a 3 x 1 grid: scaled to 1344 x 336, so 112 of 448 rows (8 patches) are padding.
    assert tokens.phi4_multimodal_image_tokens(1200, 300) == 273 + 12 * 48 + 12


@pytest.mark.parametrize(
    ("seconds", "expected"), [(1, 13), (10, 125), (40, 500), (1800, 22_500), (0, 0), (0.024, 0), (0.025, 1)]
)
def test_phi4_audio_checks(seconds, expected):
    assert tokens.phi4_multimodal_audio_tokens(seconds) == expected


@pytest.mark.parametrize(
    ("size", "detail", "expected"),
    [
        ((1024, 1024), "high", 765),
        ((2048, 4096), "high", 1105),
        ((4096, 2048), "auto", 1105),
        ((4096, 8192), "low", 85),
        ((512, 512), "high", 255),
        ((513, 512), "high", 425),
        ((1, 1), "high", 255),
        ((100_000, 1), "high", 85 + 170 * 4),
    ],
)
def test_gpt_4o_image_checks(size, detail, expected):
    assert tokens.gpt_4o_image_tokens(*size, detail=detail) == expected


@pytest.mark.parametrize(
    ("model", "size", "expected"),
    [
        ("phi-4-multimodal", (1900, 1069), (1900, 1069)),
        ("phi-4-multimodal", (4032, 3024), (1792, 1344)),
        ("phi-4-multimodal", (3024, 4032), (1344, 1792)),
        ("gpt-4o", (4032, 3024), (1024, 768)),
        ("gpt-4o", (300, 200), (300, 200)),
        ("gpt-4o", (8192, 100), (2048, 25)),
        ("gpt-5-mini", (1800, 2400), (1056, 1408)),
        ("gpt-5-mini", (8192, 100), (2048, 25)),
        ("gpt-5-mini", (1000, 1500), (1000, 1500)),
    ],
)
def test_largest_useful_size(model, size, expected):
    assert tokens.largest_useful_size(model, *size) == expected


@pytest.mark.parametrize(
    ("model", "count"),
    [
        ("phi-4-multimodal", tokens.phi4_multimodal_image_tokens),
        ("gpt-4o", tokens.gpt_4o_image_tokens),
        ("gpt-5-mini", tokens.gpt_5_mini_image_tokens),
    ],
)
@pytest.mark.parametrize(
    "size", [(5000, 4000), (2689, 2688), (20_000, 449), (449, 17_000), (6709, 1120), (3000, 2000)]
)
def test_useful_size_never_enlarges_nor_costs_more_and_is_stable(model, count, size):
    smaller = tokens.largest_useful_size(model, *size)
    assert smaller[0] <= size[0]
    assert smaller[1] <= size[1]
    assert count(*smaller) <= count(*size)
    assert tokens.largest_useful_size(model, *smaller) == smaller


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("a", 1), ("four", 1), ("fives", 2), ("x" * 400, 100)]
)
def test_text_tokens(text, expected):
    assert tokens.text_tokens(text) == expected


@pytest.mark.parametrize("side", [0, -1, 2.5, "640", None, True, float("nan")])
@pytest.mark.parametrize(
    "count",
    [tokens.phi4_multimodal_image_tokens, tokens.gpt_4o_image_tokens, tokens.gpt_5_mini_image_tokens],
)
def test_impossible_sides_are_refused(count, side):
    with pytest.raises(ValueError, match="whole numbers of pixels"):
        count(side, 480)
    with pytest.raises(ValueError, match="whole numbers of pixels"):
        count(640, side)


@pytest.mark.parametrize("size", [(1, 17_000), (100_000, 50)])
def test_phi4_refuses_extreme_shapes(size):
    with pytest.raises(ValueError, match="too long and thin"):
        tokens.phi4_multimodal_image_tokens(*size)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), "3", None, True])
def test_impossible_seconds_are_refused(seconds):
    with pytest.raises(ValueError, match="number of seconds"):
        tokens.phi4_multimodal_audio_tokens(seconds)


def test_unknown_detail_and_model_are_refused():
    with pytest.raises(ValueError, match="auto, low, high"):
        tokens.gpt_4o_image_tokens(10, 10, detail="medium")
    for model in ("phi-3", "", None, ["gpt-4o"]):
        with pytest.raises(ValueError, match="phi-4-multimodal, gpt-4o, gpt-5-mini"):
            tokens.largest_useful_size(model, 10, 10)


def test_importing_it_loads_nothing_heavy():
    code = "import sys, helpers.tokens; print(sorted({'numpy', 'PIL', 'matplotlib', 'soundfile'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
