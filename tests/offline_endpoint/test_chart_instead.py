"""What pictures are that hold no chart, and that none of them yields data."""

from __future__ import annotations

import numpy as np
import pytest

from offline_endpoint.reading.chart import describe_instead, read_chart
from offline_endpoint.reading.text import read_text
from tests.benchmarks import chart_lookalikes

EXPECTED = {
    "shapes": "drawing",
    "text_page": "page of text",
    "numbered_list": "page of text",
    "screenshot": "drawing",
    "noise": "photo",
    "gradient": "photo",
    "face": "drawing",
    "diagram": "drawing",
    "scene": "photo",
    "empty_plot": "empty plot",
}


@pytest.mark.parametrize("make", chart_lookalikes.PICTURES, ids=lambda make: make.__name__)
def test_pictures_without_data(make) -> None:
    pixels = np.asarray(make(np.random.default_rng([1, 2])))
    lines = read_text(pixels)
    assert read_chart(pixels, lines) is None
    assert describe_instead(pixels, lines) == EXPECTED[make.__name__]


def test_a_blank_picture() -> None:
    assert describe_instead(np.full((200, 300, 3), 240, np.uint8), []) == "blank picture"


def test_other_arrays_are_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="height, width, 3"):
        describe_instead(np.zeros((10, 10), np.uint8), [])
