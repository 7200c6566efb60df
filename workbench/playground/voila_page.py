"""Keeps the page that Voila makes from asking a CDN for icons; `voila.json` in the main folder names it."""

from __future__ import annotations

from typing import Any

from jinja2 import DictLoader
from nbconvert.preprocessors import Preprocessor

_PAGE = """{%- extends "voila/templates/lab/index.html.j2" -%}
{%- block notebook_css -%}
{{ super() | replace('rel="stylesheet" href="https://', 'rel="left-out" data-href="https://') }}
{%- endblock notebook_css -%}"""


class NothingFromElsewhere(Preprocessor):
    """Leaves the notebook as it is and puts a template in front of Voila's own, which no setting can change."""

    def __init__(self, parent: Any = None, **kwargs: Any) -> None:
        super().__init__(parent=parent, **kwargs)  # type: ignore[no-untyped-call]
        parent.extra_loaders = [DictLoader({"index.html.j2": _PAGE})]

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Change nothing."""
        return nb, resources
