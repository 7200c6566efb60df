"""Names of categories: the lines of text under or beside bars, put together where a name takes several lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offline_endpoint.reading.chart.canvas import is_slanted
from offline_endpoint.reading.chart.labels import clean_name, is_symbol
from offline_endpoint.reading.chart.plot import Plot
from offline_endpoint.reading.text import TextLine


@dataclass
class Name:
    """A name of one or several lines, and the place on the category axis that it stands at, in pixels."""

    lines: list[TextLine]
    at: float

    @property
    def text(self) -> str:
        """The lines in one."""
        return clean_name(" ".join(line.text.strip() for line in self.lines))


def names_below(plot: Plot) -> list[Name]:
    """The names under a plot, from left to right."""
    height = plot.picture.text_height
    first = [t for t in plot.words.below if not t.is_vertical or len(t.text) < 3]
    if 2 * len(first) < len(plot.words.below):
        # Where names stand close, all of them are turned.
        first = [t for t in plot.words.below if t.is_vertical]
    if not first:
        return []
    names: list[Name] = []
    used = set(plot.words.below)
    extra = [t for t in (*plot.words.free, plot.words.x_label) if t is not None and t not in used]
    legend = {e.line for e in plot.legend}
    foot = max(t.bottom for t in first) + 3.5 * height
    extra = [t for t in extra if t not in legend and plot.frame.bottom < t.top < foot and not is_symbol(t)]
    top = min(t.top for t in first)
    slanted = any(is_slanted(t, height) for t in first)
    for line in sorted([*first, *extra], key=lambda t: t.top):
        above = next((n for n in names if not slanted and _continues(n.lines[-1], line)), None)
        if above is not None:
            above.lines.append(line)
        elif line in used and (slanted or line.top - top < 0.7 * height):
            names.append(Name([line], 0.0))
    joined = [n for n in names if len(n.lines) > 1]
    # The label of the axis stands alone in its row; it is no second line of the name above it.
    if len(joined) == 1 and len(names) > 2 and joined[0].lines[1:] == [plot.words.x_label]:
        del joined[0].lines[1:]
    for name in names:
        left, right = min(t.left for t in name.lines), max(t.right for t in name.lines)
        name.at = plot.picture.middle(name.lines[0])[0] if len(name.lines) == 1 else (left + right) / 2
    return sorted(names, key=lambda n: n.at)


def _continues(line: TextLine, after: TextLine) -> bool:
    """Whether a line goes on with the name above it: right below, as close as the lines of one text are."""
    shared = min(line.right, after.right) - max(line.left, after.left)
    pitch = after.top - line.top
    high = min(line.bottom - line.top, after.bottom - after.top)
    return (
        shared > 0.5 * min(line.right - line.left, after.right - after.left)
        and 0.4 * high < pitch < 0.97 * high
    )


def names_beside(plot: Plot, base: float, middles: list[float], printed: set[TextLine]) -> list[Name]:
    """The names left of lying bars that start at `base`, from top to bottom; nothing stands between."""
    height = plot.picture.text_height
    ticks = set(plot.x_axis.ticks) if plot.x_axis else set()
    spoken_for = ticks | printed | {e.line for e in plot.legend} | {plot.words.title, plot.words.x_label}
    step = float(np.median(np.diff(middles))) if len(middles) > 1 else 4 * height
    # A name of which the bar is too short to be seen stands beyond the others.
    low = min(*middles, plot.frame.top + 0.6 * step) - 0.6 * step
    high = max(*middles, plot.frame.bottom - 0.6 * step) + 0.6 * step
    left = [
        t
        for t in plot.picture.lines
        if t not in spoken_for and (t.left + t.right) / 2 < base and low < (t.top + t.bottom) / 2 < high
    ]
    left = [t for t in left if not (t.is_vertical and len(t.text) > 2) and not is_symbol(t)]
    # Names stand against the bars; what does not is something else.
    edge = float(np.percentile([t.right for t in left], 90)) if left else 0.0
    column = [t for t in left if t.right > edge - 1.5 * height]
    names: list[Name] = []
    for line in sorted(column, key=lambda t: t.top + t.bottom):
        at = (line.top + line.bottom) / 2
        bar = int(np.abs(np.array(middles) - at).argmin())
        # Two lines of one name stand on either side of the middle of its bar.
        own = False
        if names and line.top - names[-1].lines[-1].bottom < 0.25 * (
            names[-1].lines[-1].bottom - names[-1].lines[-1].top
        ):
            before = int(np.abs(np.array(middles) - names[-1].at).argmin())
            own = before == bar or abs((names[-1].at + at) / 2 - middles[bar]) < 0.3 * step
        if own:
            names[-1].lines.append(line)
            names[-1].at = (names[-1].lines[0].top + line.bottom) / 2
        else:
            names.append(Name([line], plot.picture.middle(line)[1]))
    return names
