"""The way through: picture and text lines in, the data behind the chart out, or why there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from offline_endpoint.reading.chart import bar_chart, line_chart, pie, scatter, tables
from offline_endpoint.reading.chart.canvas import Canvas, distance, prepare
from offline_endpoint.reading.chart.data import Chart, Declined, Sort
from offline_endpoint.reading.chart.evidence import ENOUGH, Detector, Kind, Reading, best_of
from offline_endpoint.reading.chart.plot import Plot, bare_plot, find_plot
from offline_endpoint.reading.text import TextLine

DETECTORS = (tables.DETECTOR, pie.DETECTOR, bar_chart.DETECTOR, scatter.DETECTOR, line_chart.DETECTOR)
"""What is looked for, in this order; the reading that explains most is taken."""

KINDS: dict[str, Kind] = {kind.name: kind for detector in DETECTORS for kind in detector.kinds}
"""The kinds of charts that can be read, by name."""

_ALL = 0.95  # Share of ink and print explained from which no other reading is tried


def read_chart(pixels: np.ndarray, lines: list[TextLine]) -> Chart | Declined:
    """The chart, or what the picture is instead and why; ValueError unless pixels are (height, width, 3), uint8."""
    picture = prepare(pixels, lines)
    plot = find_plot(picture)
    best = _best(picture, plot, DETECTORS)
    if not _holds(best) and not _is_photo(picture):
        # Values printed on the marks need no axis.
        bare = _best(picture, bare_plot(picture), (bar_chart.DETECTOR,))
        best = bare if _holds(bare) else best_of([best, bare])
    if best and _holds(best):
        return best.chart
    return Declined(_sort_of(picture, plot), _reason(best) if best else None)


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


def _sort_of(picture: Canvas, plot: Plot | None) -> Sort:
    """Say what a picture is that no chart was read from; `drawing` takes in diagrams and screenshots."""
    if (distance(picture.pixels, picture.ground) > 24).mean() < 1e-4:
        return "blank picture"
    if plot is not None and plot.x_axis is not None and plot.y_axis is not None:
        ink = sum(int(layer.mask.sum()) for layer in plot.layers)
        if ink < 0.005 * plot.frame.width * plot.frame.height:
            return "empty plot"
    words = [t for t in picture.lines if len(t.text) > 2]
    covered = sum((t.right - t.left) * (t.bottom - t.top) for t in words)
    height, width = picture.size
    if len(words) >= 8 and covered > 0.1 * height * width:
        return "page of text"
    return "photo" if _is_photo(picture) else "drawing"


def _is_photo(picture: Canvas) -> bool:
    """Whether a picture has hundreds of colors; flat drawings have a few, and the blends along their edges."""
    codes = (picture.pixels >> 3).reshape(-1, 3).astype(np.int32) @ np.array([1024, 32, 1])
    shares = np.bincount(codes) / codes.size
    return bool(np.sort(shares)[-8:].sum() < 0.7)
