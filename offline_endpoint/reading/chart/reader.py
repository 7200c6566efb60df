"""The way through: picture and text lines in, the data behind the chart out, or why there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from offline_endpoint.reading.chart import bar_chart, line_chart, pie, scatter, tables
from offline_endpoint.reading.chart.canvas import Canvas, prepare
from offline_endpoint.reading.chart.data import Chart, Declined
from offline_endpoint.reading.chart.evidence import ENOUGH, Detector, Kind, Reading, best_of
from offline_endpoint.reading.chart.instead import is_photo, sort_of
from offline_endpoint.reading.chart.plot import Plot, bare_plot, find_plot
from offline_endpoint.reading.text import TextLine

DETECTORS = (tables.DETECTOR, pie.DETECTOR, bar_chart.DETECTOR, scatter.DETECTOR, line_chart.DETECTOR)
"""What is looked for, in this order; the reading that explains most is taken."""

KINDS: dict[str, Kind] = {kind.name: kind for detector in DETECTORS for kind in detector.kinds}
"""The kinds of charts that can be read, by name."""

_ALL = 0.95  # Share of ink and print explained from which no other reading is tried


def read_chart(pixels: np.ndarray, lines: list[TextLine]) -> Chart | Declined:
    """The chart; or what the picture is instead and, for a chart, why no data is given.

    Raises ValueError if the pixels are not of shape (height, width, 3), uint8.
    """
    picture = prepare(pixels, lines)
    plot = find_plot(picture)
    best = _best(picture, plot, DETECTORS)
    if not _holds(best) and not is_photo(picture):
        # Values printed on the marks need no axis.
        bare = _best(picture, bare_plot(picture), (bar_chart.DETECTOR,))
        best = bare if _holds(bare) else best_of([best, bare])
    if best and _holds(best):
        return best.chart
    return Declined(sort_of(picture, plot), _reason(best) if best else None)


def _best(picture: Canvas, plot: Plot | None, detectors: tuple[Detector, ...]) -> Reading | None:
    readings: list[Reading] = []
    for detector in detectors:
        subject = picture if detector.of == "picture" else plot
        reading = detector.read(subject) if subject is not None else None
        if reading is not None:
            if plot and detector.of == "plot":
                reading = replace(reading, against=(*reading.against, *plot.odd))
            readings.append(reading)
            if reading.share >= _ALL and not reading.against:
                break
    tables_, others = ([r for r in readings if (r.chart.kind == "table") is table] for table in (True, False))
    # Numbers among bars stand in rows and columns too.
    return best_of(tables_ if all(r.share < 0.6 for r in others) else others) if tables_ else best_of(others)


def _holds(reading: Reading | None) -> bool:
    return reading is not None and not reading.against and reading.share >= ENOUGH


def _reason(reading: Reading) -> str:
    """Why a reading is not given, in one sentence."""
    if reading.against:
        what = (
            f"It may be a {reading.chart.kind} chart, but"
            if reading.chart.series
            else "It may be a chart, but"
        )
        return f"{what} I saw {' and '.join(reading.against)}."
    return (
        f"It may be a {reading.chart.kind} chart, but that would explain only {100 * reading.share:.0f} % of what is "
        "drawn in it."
    )
