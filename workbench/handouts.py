"""The lessons and their guides as pages that open in any browser: `python -m workbench.handouts FOLDER`.

A page holds its pictures, players and style, runs no code and asks nobody for anything. The folders stay as they are
in the project, so that links from page to page lead where they did.
"""

from __future__ import annotations

import argparse
import base64
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from nbconvert import HTMLExporter

ROOT = Path(__file__).parents[1]
SOURCES = ("notebooks/*.ipynb", "*.md", "notebooks/*.md", "data/*.md", "offline_endpoint/*.md")
TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'">
{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}
{{ resources.include_css("static/theme-dark.css")
   | replace('<style', '<style media="screen and (prefers-color-scheme: dark)"') }}
<style>
  main { max-width: 60rem; margin: 0 auto; }
  table { display: block; overflow-x: auto; }
  pre { white-space: pre-wrap !important; overflow-wrap: anywhere; }
</style>
{%- endblock -%}
"""


def write(out: Path) -> list[Path]:
    """Write all pages into a new or empty folder; the pages. FileExistsError if something is in it already."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f"{out} is there already: name a new folder.")
    sources = [path for pattern in SOURCES for path in sorted(ROOT.glob(pattern))]
    exporter = HTMLExporter(raw_template=TEMPLATE, theme="light")
    pages = [out / source.relative_to(ROOT).with_suffix(".html") for source in sources]
    for source, page in zip(sources, pages, strict=True):
        text = source.read_text(encoding="utf-8")
        if source.suffix == ".ipynb":
            book = nbformat.reads(text, as_version=4)
        else:
            book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
        body, _ = exporter.from_notebook_node(book, {"metadata": {"name": source.stem}})
        body = re.sub(r'(<h[1-6] id=")([^"]+)"', lambda found: f'{found[1]}{_anchor(found[2])}"', body)
        for attribute in ('<img [^>]*src="', '<a [^>]*href="'):
            pattern = rf'({attribute})([^"]+)"'
            body = re.sub(pattern, lambda each: f'{each[1]}{_led(each[2], source, sources, out)}"', body)  # noqa: B023
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(body, encoding="utf-8")
    return pages


def _led(target: str, source: Path, sources: list[Path], out: Path) -> str:
    """Where a link or a picture within the project leads in the pages; a file that is no page is copied there."""
    parts = urlsplit(target)
    if parts.scheme or not parts.path:
        return target if parts.scheme else f"#{_anchor(parts.fragment)}"
    goal = (source.parent / unquote(parts.path)).resolve()
    if goal in sources:
        return parts._replace(path=parts.path.rpartition(".")[0] + ".html").geturl()
    if goal.suffix == ".png":
        return f"data:image/png;base64,{base64.b64encode(goal.read_bytes()).decode()}"
    if goal.is_file():
        copy = out / goal.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(goal, copy)
    return target


def _anchor(heading: str) -> str:
    """A heading's anchor as GitHub and JupyterLab name it, which is how the project links to it."""
    return re.sub(r"[^\w-]", "", heading.lower())


def main() -> None:
    """Read the command line and write the pages."""
    what = "Write the lessons as pages that any browser opens."
    parser = argparse.ArgumentParser(prog="python -m workbench.handouts", description=what)
    parser.add_argument("folder", type=Path, help="a new folder for the pages")
    folder = parser.parse_args().folder
    try:
        pages = write(folder)
    except OSError as error:
        parser.error(str(error))
    print(f"{len(pages)} pages. Open {folder / 'notebooks' / '00_start_here.html'} in a browser.")


if __name__ == "__main__":
    main()
