"""The data behind a chart picture: labels calibrate the axes, marks in the plot area give the points."""

from offline_endpoint.reading.chart.data import Chart, Point, Series
from offline_endpoint.reading.chart.instead import describe_instead
from offline_endpoint.reading.chart.reader import read_chart

__all__ = ["Chart", "Point", "Series", "describe_instead", "read_chart"]
