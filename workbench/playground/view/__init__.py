"""The playground's view: ipywidgets, and anywidgets where the browser has to do more; it holds no logic."""

from workbench.playground.view.page import PlaygroundView as PlaygroundView
