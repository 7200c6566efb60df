"""What pictures are that hold no chart, and that none of them yields data."""

from __future__ import annotations

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
