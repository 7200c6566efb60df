"""What pictures are that hold no chart, and that none of them yields data."""

from __future__ import annotations

import numpy as np
import pytest

from offline_endpoint.reading.chart import read_chart
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
    instead = read_chart(pixels, read_text(pixels))
    assert not instead
    assert instead.sort == EXPECTED[make.__name__]


def test_a_blank_picture() -> None:
    assert read_chart(np.full((200, 300, 3), 240, np.uint8), []).sort == "blank picture"
