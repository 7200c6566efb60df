"""Puts the repository's address into the README's badges and the guide: `python .github/launch.py OWNER/NAME`.

Run it once, when the project is in public; run it again after a move. It changes no other file.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- badges -->", "<!-- end of badges -->"
FIRST = "notebooks/00_start_here.ipynb"


def badges(name: str) -> str:
    """The badges of README: the tests' state, and two places that run the lessons with no set-up."""
    tests = f"https://github.com/{name}/actions/workflows/tests.yml"
    binder = f"https://mybinder.org/v2/gh/{name}/HEAD?labpath={FIRST.replace('/', '%2F')}"
    return " ".join(
        (
            f"[![State of the tests]({tests}/badge.svg)]({tests})",
            f"[![Open in GitHub Codespaces](https://github.com/codespaces/badge.svg)](https://codespaces.new/{name})",
            f"[![Launch on Binder](https://mybinder.org/badge_logo.svg)]({binder})",
        )
    )


def launch(root: Path, name: str) -> None:
    """Write the address of `owner/name` into the files below `root`; ValueError if that is no repository's name."""
    if not re.fullmatch(r"[A-Za-z\d](?:[A-Za-z\d-]*)/[\w.-]+", name):
        raise ValueError(f"{name!r} is no owner/name of a GitHub repository.")
    readme, guide = root / "README.md", root / "notebooks" / "facilitator_guide.md"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError("README.md has lost the two marks that the badges stand between.")
    text = f"{before}{BEGIN}\n{badges(name)}\n{END}{after}"
    text = re.sub(r"git clone \S+(?: \S+)*? lessons`", f"git clone https://github.com/{name} lessons`", text)
    readme.write_text(text, encoding="utf-8")
    text = guide.read_text(encoding="utf-8")
    guide.write_text(
        re.sub(r"(mybinder\.org/v2/gh/)[^/\s]+/[^/\s]+/", rf"\g<1>{name}/", text), encoding="utf-8"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say which repository: python .github/launch.py OWNER/NAME")
    try:
        launch(ROOT, sys.argv[1])
    except ValueError as error:
        sys.exit(str(error))
