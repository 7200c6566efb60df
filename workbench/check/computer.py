"""Whether this Python can run the lessons: its version, its packages, its Jupyter kernel."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from workbench.check.report import Finding, failed, passed, skipped

ROOT = Path(__file__).parents[2]
INSTALL = "Run: python -m pip install -r requirements.txt"


def check_python() -> Finding:
    """Compare the running Python with the oldest that the project takes."""
    name = "Python"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = tuple(int(number) for number in re.findall(r"\d+", project["requires-python"]))
    here = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < oldest:
        wanted = ".".join(map(str, oldest))
        return failed(name, f"version {here}", f"Install Python {wanted} or newer, and the lessons with it.")
    return passed(name, f"version {here}")


def check_packages(requirements: Path = ROOT / "requirements.txt") -> Finding:
    """Compare what is installed with the pins of a requirements file."""
    name = "packages"
    if not requirements.is_file():
        return skipped(name, "requirements.txt is not in this folder")
    from packaging.requirements import Requirement

    lines = re.findall(r"^[\w.-]+==[^\\\n]+", requirements.read_text(encoding="utf-8"), flags=re.MULTILINE)
    # Some pins are for other systems or other versions of Python.
    pins = [pin for pin in map(Requirement, lines) if pin.marker is None or pin.marker.evaluate()]
    missing, others = [], []
    for pin in pins:
        try:
            found = version(pin.name)
        except PackageNotFoundError:
            missing.append(pin.name)
            continue
        if not pin.specifier.contains(found, prereleases=True):
            others.append(f"{pin.name} {found} instead of {str(pin.specifier).removeprefix('==')}")
    if missing or others:
        parts = [f"missing: {', '.join(missing)}"] if missing else []
        parts += [f"of another version: {', '.join(others)}"] if others else []
        return failed(name, "; ".join(parts), INSTALL)
    return passed(name, f"all {len(pins)} are those of requirements.txt")


def check_kernel() -> Finding:
    """Look for the Jupyter kernel that the lessons name, and whether it is this Python."""
    name = "Jupyter kernel"
    remedy = "Run: python -m ipykernel install --sys-prefix"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ModuleNotFoundError:
        return failed(name, "Jupyter is not installed", INSTALL)
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return failed(name, "no kernel of the name python3", remedy)
    except (OSError, json.JSONDecodeError):
        return failed(name, "the file of the kernel python3 cannot be read", remedy)
    program = Path(spec.argv[0]) if spec.argv else Path()
    if program.is_absolute() and not _is_this_python(program):
        return failed(name, "the kernel python3 starts another Python than this one", remedy)
    return passed(name, f"{spec.display_name} is there")


def _is_this_python(program: Path) -> bool:
    # The folder is compared, not the file: python, python3 and python3.11 of one environment are the same.
    return program.parent == Path(sys.executable).parent or program.parent == Path(sys.prefix) / "bin"
