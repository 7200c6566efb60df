"""The data behind a chart picture: labels calibrate the axes, marks in the plot area give the points."""

from offline_endpoint.reading.chart.data import Chart, Declined, Point, Series
from offline_endpoint.reading.chart.evidence import Kind
from offline_endpoint.reading.chart.reader import DETECTORS, KINDS, read_chart

__all__ = ["DETECTORS", "KINDS", "Chart", "Declined", "Kind", "Point", "Series", "read_chart"]
