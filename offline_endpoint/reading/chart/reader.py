"""The way through: picture and text lines in, the data behind the chart out."""

from __future__ import annotations

import numpy as np

from offline_endpoint.reading.chart.bar_chart import read_bars
from offline_endpoint.reading.chart.data import Chart
from offline_endpoint.reading.chart.line_chart import read_lines
from offline_endpoint.reading.chart.picture import prepare
from offline_endpoint.reading.chart.pie import read_pie
from offline_endpoint.reading.chart.plot import find_plot
from offline_endpoint.reading.chart.scatter import is_cloud, read_scatter
from offline_endpoint.reading.chart.tables import read_table
from offline_endpoint.reading.text import TextLine


def read_chart(pixels: np.ndarray, lines: list[TextLine]) -> Chart | None:
    """Read the data behind a chart.

    Args:
        pixels: shape (height, width, 3), uint8, RGB.
        lines: the text in it, as `offline_endpoint.reading.text.read_text` gives it.

    Returns:
        The chart, or None where the picture is no chart that can be read.

    Raises:
        ValueError: if the pixels are not of that shape and type.
    """
    picture = prepare(pixels, lines)
    table = read_table(picture)
    if table is not None:
        return table
    # Shares printed in a column may pass for an axis, but no plot has a disc cut into slices.
    pie = read_pie(picture)
    if pie is not None:
        return pie
    plot = find_plot(picture)
    if plot is None:
        return None
    # Many marks all over the plot pass for a line with gaps; marks on a line hang together.
    others = (read_scatter, read_lines) if is_cloud(plot) else (read_lines, read_scatter)
    for read in (read_bars, *others):
        chart = read(plot)
        if chart is not None:
            return chart
    return None
