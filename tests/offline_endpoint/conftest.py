"""What several files of tests draw on."""

from __future__ import annotations

import pytest

from tests.offline_endpoint.drawn import Sheet


@pytest.fixture
def sheet() -> Sheet:
    """A sheet with the frame of a plot and a value axis."""
    sheet = Sheet()
    sheet.frame()
    sheet.y_ticks()
    return sheet
