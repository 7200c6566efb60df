"""The command line: run every check, print each finding, end with 0 if nothing failed and with 1 if something did."""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from helpers import endpoint
from helpers.errors import LearnerError
from helpers.settings import CREDENTIAL, Choice, choose, read_settings
from workbench.check import computer, connection, service
from workbench.check.report import Finding, all_well, as_json, as_short, as_text, failed, passed, skipped

REPORT = "This is a fault of the check itself; please report it with the command that you ran."


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, check, and return the exit status; `arguments` are in place of the command line's."""
    what = "Check whether the lessons can run on this computer."
    parser = argparse.ArgumentParser(prog="python -m workbench.check", description=what)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    short = "say no more than a learner needs: names, failures, and the sum"
    form.add_argument("--short", action="store_true", help=short)
    parser.add_argument(
        "--token", action="store_true", help="sign in with Microsoft Entra ID, not with the key"
    )
    may_take = "how long one reply may take (default: 60)"
    parser.add_argument("--seconds", type=_seconds, default=60.0, help=may_take)
    options = parser.parse_args(arguments)
    # A name or a reply may hold letters that this terminal has not.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    # The vendors' packages log what the findings say already, and more than may be shown.
    before, environment = logging.root.manager.disable, dict(os.environ)
    logging.disable(logging.CRITICAL)
    findings = []
    try:
        for finding in _all_checks(by_token=options.token, seconds=options.seconds):
            findings.append(finding)
            if not options.json:
                print(as_short(finding) if options.short else as_text(finding), flush=True)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    finally:
        logging.disable(before)
        # What connect() set would be a setting to the next run in this process.
        os.environ.clear()
        os.environ.update(environment)
    if options.json:
        print(as_json(findings))
    if options.short:
        print("Your setup works." if all_well(findings) else "Put this right, then run the check again.")
    return 0 if all_well(findings) else 1


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError("give a number of seconds up to 3600")
    return value


def _all_checks(*, by_token: bool, seconds: float) -> Iterator[Finding]:
    yield from _guarded(["Python"], lambda: [computer.check_python()])
    yield from _guarded(["packages"], lambda: [computer.check_packages()])
    yield from _guarded(["Jupyter kernel"], lambda: [computer.check_kernel()])
    choice: Choice | None = None
    try:
        choice = choose(read_settings())
    except LearnerError as error:
        yield failed("settings", "something is missing or malformed", str(error))
    except ModuleNotFoundError as error:
        yield skipped("settings", f"needs the package {error.name}")
    if choice is None:
        yield from _needing("settings", ("proxy", *service.NAMES))
        return
    yield _describe(choice)
    endpoint.do_not_proxy_loopback()
    proxy = skipped("proxy", "the offline endpoint is inside this process")
    if choice.address:
        url = choice.address.url
        (proxy,) = _guarded(["proxy"], lambda: [connection.check_proxy(url)])
    yield proxy
    if proxy.remedy:
        yield from _needing("proxy", service.NAMES)
        return
    yield from _guarded(service.NAMES, lambda: _check_service(choice, by_token=by_token, seconds=seconds))


def _needing(what: str, names: Iterable[str]) -> Iterable[Finding]:
    return (skipped(name, f"needs the {what}") for name in names)


def _describe(choice: Choice) -> Finding:
    what = "none, so the lessons talk to the offline endpoint"
    if choice.address:
        roles = dict.fromkeys((choice.deployment, choice.gpt_deployment, choice.audio_deployment))
        place = f"{choice.address.kind} at {urlsplit(choice.address.url).netloc}"
        what = f"{place}, deployment{'s' if len(roles) > 1 else ''} {', '.join(roles)}"
    return passed("settings", " ".join((f"{what}.", *choice.notes)).rstrip("."))


def _check_service(choice: Choice, *, by_token: bool, seconds: float) -> Iterable[Finding]:
    from azure.core.credentials import AzureKeyCredential

    # What connect() prints is in the line on settings already.
    with contextlib.redirect_stdout(io.StringIO()):
        here = endpoint.connect()
    key = read_settings()[CREDENTIAL]
    try:
        credential = here.token_credential() if by_token else AzureKeyCredential(key)
    except LearnerError as error:
        first, *rest = service.NAMES
        return [failed(first, "--token was given", str(error)), *_needing(first, rest)]
    return service.check_service(service.Service(here, credential, by_token, choice.api_version, seconds))


def _guarded(names: Iterable[str], check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """The findings of a check; if it breaks, a failure that says so for the next name, and the rest skipped."""
    left = list(names)
    try:
        for finding in check():
            left.remove(finding.name)
            yield finding
    except ModuleNotFoundError as error:
        yield from (skipped(name, f"needs the package {error.name}") for name in left)
    except Exception as error:
        # A learner gets a sentence whatever happens, and the exit status says that something failed.
        yield failed(left[0], f"stopped by {type(error).__name__}", REPORT)
        yield from _needing(left[0], left[1:])


if __name__ == "__main__":
    sys.exit(main())
