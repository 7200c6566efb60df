"""Measure how well charts are read: `python -m tests.benchmarks.chart_reading [--seed N] [--count N]`.

Draws charts with known data over all kinds and looks, reads each with the real OCR and the chart reader,
and prints one row
per kind: shares of points found and read within 2 % of the axis range, share of read points that are
    invented, share of
charts whose direction and extremes are right, and the seconds of chart reading over the seconds of bare
OCR. Charts from seaborn, plotly and Vega-Altair are measured where those tools are installed, and thirty
pictures that are no charts.

For bare lines over numbers or dates the read curve is compared at each drawn place, as corners on a
straight run cannot be seen.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable

import numpy as np

from offline_endpoint.reading.chart import Chart, read_chart
from offline_endpoint.reading.text import read_text
from tests.benchmarks import chart_drawings, chart_lookalikes, chart_other_tools
from tests.benchmarks.chart_drawings import Drawing
from tests.benchmarks.chart_scoring import Score, score, total

FLOORS = {
    "scatter": 0.95,
    "bar": 0.95,
    "line with markers": 0.95,
    "line without markers": 0.90,
    "grouped bar": 0.90,
    "stacked bar": 0.85,
    "pie": 0.85,
    "table": 0.85,
}
"""Least share of points within 2 % of the axis range."""


def _read(pixels: np.ndarray) -> tuple[Chart | None, float, float]:
    """The chart, the seconds of OCR and the seconds of chart reading."""
    start = time.perf_counter()
    lines = read_text(pixels)
    middle = time.perf_counter()
    chart = read_chart(pixels, lines) or None
    return chart, middle - start, time.perf_counter() - middle


def _row(name: str, drawings: Iterable[Drawing], floor: float, bare_lines: bool = False) -> list[Score]:
    """Measure one kind, print its row and the charts that were not read in full, and return the marks."""
    scores, ocr, reading, poor = [], 0.0, 0.0, []
    for drawing in drawings:
        chart, ocr_seconds, reading_seconds = _read(drawing.pixels)
        ocr, reading = ocr + ocr_seconds, reading + reading_seconds
        mark = score(drawing, chart, bare_lines)
        scores.append(mark)
        if mark.close < mark.points or mark.invented or not mark.conclusion:
            conclusion = "" if mark.conclusion else ", conclusion wrong"
            poor.append(
                f"    {drawing.name}: {mark.close} of {mark.points}, {mark.invented} invented{conclusion}"
            )
    if not scores:
        return []
    sums = total(scores)
    verdict = "" if sums["close"] >= floor else f"  under its floor of {floor:.0%}"
    print(
        f"{name:22} {sums['charts']:6.0f} {sums['found']:7.1%} {sums['close']:10.1%} {sums['invented']:9.1%} "
        f"{sums['conclusions']:12.1%} {reading / len(scores):6.2f} / {ocr / len(scores):.2f} s{verdict}",
        flush=True,
    )
    for line in poor:
        print(line, flush=True)
    return scores


def main() -> None:
    """Draw, read, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="first seed; the same seed draws the same charts")
    parser.add_argument("--count", type=int, default=15, help="charts of each kind")
    parser.add_argument(
        "--tools", type=int, default=1, help="rounds of charts from other tools, about 22 a round"
    )
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.count)
    print(
        f"{'kind':22} {'charts':>6} {'found':>7} {'within 2 %':>10} {'invented':>9} {'conclusions':>12} "
        "reading / OCR a chart"
    )
    everything: list[Score] = []
    for kind, floor in FLOORS.items():
        drawings = (chart_drawings.draw(kind, seed) for seed in seeds)
        everything += _row(kind, drawings, floor, bare_lines=kind == "line without markers")
    sums = total(everything)
    print(
        f"{'all':22} {sums['charts']:6.0f} {sums['found']:7.1%} {sums['close']:10.1%} "
        f"{sums['invented']:9.1%} {sums['conclusions']:12.1%}"
    )
    for tool in chart_other_tools.available():
        rounds = range(options.seed, options.seed + options.tools)
        _row(f"drawn with {tool}", (d for s in rounds for _, d in chart_other_tools.draw_all(s, tool)), 0.80)
    data = [name for name, pixels in chart_lookalikes.draw_all(options.seed) if _read(pixels)[0] is not None]
    print(f"pictures that are no charts: 30, of which {len(data)} gave data {', '.join(data)}")


if __name__ == "__main__":
    main()
