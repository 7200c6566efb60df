"""A request as code: a Python script for either client, or a curl command, with the key read from the environment."""

from __future__ import annotations

import io
import json
import re
import textwrap
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import pybase64

from helpers.addresses import DATED_VERSION
from helpers.errors import LearnerError
from helpers.settings import API_VERSION, CREDENTIAL, ENDPOINT, V1_BASE_URL
from workbench.playground.keys import without_key
from workbench.playground.request import Request, Route, for_azure

EMBEDDED_BYTES = 16_000
"""Most bytes of base64 that stay inside a script unless asked for: above that nobody can read around them."""
LINE_LENGTH = 88  # most characters of a line, where a string can be cut: what ruff and black allow by default


class ExportError(LearnerError):
    """A script cannot be written to a folder; the message says why."""


class Language(StrEnum):
    """What to write the request in."""

    AZURE = "azure-ai-inference"
    OPENAI = "openai"
    CURL = "curl"


@dataclass(frozen=True)
class Export:
    """A script's name and text, and the files that have to lie beside it; with none it runs wherever it is pasted."""

    name: str
    text: str
    files: dict[str, bytes] = field(default_factory=dict, repr=False)

    def save(self, folder: str | Path) -> Path:
        """Write the script and its files, in place of any of the same names; ExportError if that cannot be."""
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, data in self._all():
                (folder / name).write_bytes(data)
        except OSError as error:
            raise ExportError(
                f"{self.name} cannot be written ({error.strerror or error}): choose another folder."
            ) from error
        return folder / self.name

    def packed(self) -> tuple[str, str, bytes]:
        """One file to be saved, the script or a zip with its files: name, media type and bytes."""
        if not self.files:
            return self.name, "text/plain", self.text.encode()
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self._all():
                archive.writestr(name, data)
        return f"{self.name.partition('.')[0]}.zip", "application/zip", file.getvalue()

    def _all(self) -> list[tuple[str, bytes]]:
        return [(self.name, self.text.encode()), *self.files.items()]


def export(request: Request, language: Language, *, embed: bool | None = None) -> Export:
    """Write a request as code that sends it again, whole and streamed as the playground does.

    The Python scripts take the route of their client, curl that of the request. The key and the address are read from
    the environment variables that `helpers.endpoint.connect()` sets; a key that was pasted into a prompt is blanked.
    MediaError if an attachment is too large to be sent.
    """
    keywords = without_key(request.keywords())
    if embed is None:
        attached = [item for turn in request.turns for item in turn.attachments]
        embed = sum(item.wire_bytes for item in attached) <= EMBEDDED_BYTES
    if language is Language.CURL:
        return _curl(keywords, request.options.route, embed=embed)
    media, is_azure = _media([request]), language is Language.AZURE
    asked = for_azure(keywords) if is_azure else {**keywords, "stream_options": {"include_usage": True}}
    messages = _literal(asked.pop("messages"), media)
    body = [
        f"messages = {messages}",
        "",
        f"stream = client.{'complete' if is_azure else 'chat.completions.create'}(",
        # In the order of the request, in which the model comes first.
        f"    model={_literal(asked.pop('model'), media)},",
        "    messages=messages,",
        *(f"    {name}={_literal(value, media, 4)}," for name, value in asked.items()),
        "    stream=True,",
        ")",
        _READ,
    ]
    return _script("request", "A request from the playground", body, language, media, embed=embed)


def export_grid(requests: Sequence[Request], language: Language, *, embed: bool = False) -> Export:
    """Write several requests, as `export`, as one Python script that sends them in turn and prints the replies."""
    is_azure, media = language is Language.AZURE, _media(requests)
    keywords = [without_key(request.keywords()) for request in requests]
    asked = [for_azure(one) for one in keywords] if is_azure else keywords
    body = [
        f"requests = {_literal(asked, media)}",
        "",
        "for number, request in enumerate(requests, 1):",
        f"    reply = client.{'complete' if is_azure else 'chat.completions.create'}(**request)",
        '    print(f"{number}. {reply.choices[0].message.content}")',
    ]
    return _script("grid", "Requests from the playground", body, language, media, embed=embed)


@dataclass(frozen=True)
class _Medium:
    """An attachment of which a script holds the base64 in a variable; `code` stands for what a request carries."""

    variable: str
    code: str
    file: str
    data: bytes


def _media(requests: Sequence[Request]) -> dict[str, _Medium]:
    """What is sent as bytes, by the text that carries it in a request."""
    named: dict[str, _Medium] = {}
    for item in (item for request in requests for turn in request.turns for item in turn.attachments):
        carrier = item.part[item.part["type"]]
        text = carrier.get("url") or carrier["data"]
        if item.url or text in named:
            continue
        number = len(named) + 1
        stem = re.sub(r"[^A-Za-z0-9]+", "_", Path(item.name).stem).strip("_").lower()[:40] or item.kind
        variable = f"{'picture' if item.kind == 'image' else 'clip'}_{number}"
        code = f'f"data:{item.media_type};base64,{{{variable}}}"' if "url" in carrier else variable
        named[text] = _Medium(variable, code, f"{number}_{stem}.{item.format}", item.data)
    return named


def _script(
    name: str, title: str, body: list[str], language: Language, media: dict[str, _Medium], *, embed: bool
) -> Export:
    is_azure, reads_files = language is Language.AZURE, bool(media) and not embed
    lines = [
        f'"""{title}, for {language.value}.',
        "",
        f"Reads {CREDENTIAL} and {ENDPOINT if is_azure else V1_BASE_URL} from the environment.",
        '"""',
        "",
        *(["import base64", "import os", "from pathlib import Path"] if reads_files else ["import os"]),
        "",
        _AZURE_CLIENT if is_azure else _OPENAI_CLIENT,
        *_media_lines(media, embed=embed),
        *body,
    ]
    files = {item.file: item.data for item in media.values()} if reads_files else {}
    return Export(f"{name}_{'azure' if is_azure else 'openai'}.py", "\n".join(lines) + "\n", files)


# Some pieces bring no words: the token count, or what a content filter found. Python's own prompt sees the end of a
# loop at an empty line.
_READ = """\
reason = None
for update in stream:
    if update.choices:
        reason = update.choices[0].finish_reason or reason
        if update.choices[0].delta:
            print(update.choices[0].delta.content or "", end="", flush=True)

print()
if reason is None:
    raise RuntimeError("The stream ended before the reply was complete: send it again.")
"""
_AZURE_CLIENT = f"""\
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    endpoint=os.environ["{ENDPOINT}"],
    credential=AzureKeyCredential(os.environ["{CREDENTIAL}"]),
    api_version=os.environ.get("{API_VERSION}", "{DATED_VERSION}"),
)
"""
_OPENAI_CLIENT = f"""\
from openai import OpenAI

client = OpenAI(
    base_url=os.environ["{V1_BASE_URL}"],
    api_key=os.environ["{CREDENTIAL}"],
)
"""


def _media_lines(media: dict[str, _Medium], *, embed: bool) -> list[str]:
    lines = []
    for item in media.values():
        if embed:
            pieces = textwrap.wrap(pybase64.b64encode_as_string(item.data), LINE_LENGTH - 6)
            lines += [f"# {item.file}", f"{item.variable} = (", *(f'    "{piece}"' for piece in pieces), ")"]
        else:
            lines += [
                f'file = folder / "{item.file}"',
                f'{item.variable} = base64.b64encode(file.read_bytes()).decode("ascii")',
            ]
    if media and not embed:
        # Pasted into a cell or a prompt, code has no file of its own, and reads from the folder it runs in.
        lines.insert(0, 'folder = Path(__file__).parent if "__file__" in globals() else Path.cwd()')
    return [*lines, ""] if lines else []


def _literal(value: Any, media: dict[str, _Medium], indent: int = 0) -> str:
    """Write a value as Python, an entry a line; a text of several lines has a line for each."""
    inside, end = " " * (indent + 4), " " * indent
    if isinstance(value, dict | list):
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        names = [f"{_quoted(name)}: " for name in value] if isinstance(value, dict) else [""] * len(value)
        items = value.values() if isinstance(value, dict) else value
        entries = [
            f"{inside}{name}{_literal(item, media, indent + 4)},"
            for name, item in zip(names, items, strict=True)
        ]
        return "\n".join([opening, *entries, end + closing])
    if isinstance(value, str) and value in media:
        return media[value].code
    if isinstance(value, str) and len(pieces := value.splitlines(keepends=True)) > 1:
        return "\n".join(["(", *(inside + _quoted(piece) for piece in pieces), end + ")"])
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """A literal in which nothing hides, in the quotes that formatters prefer where that takes no escapes."""
    return repr(text) if "'" in text or '"' in text else f'"{repr(text)[1:-1]}"'


def _curl(keywords: dict[str, Any], route: Route, *, embed: bool) -> Export:
    is_models = route is Route.MODELS
    usage = {} if is_models else {"stream_options": {"include_usage": True}}
    body = json.dumps({**keywords, "stream": True, **usage}, ensure_ascii=False, indent=2)
    version = f"?api-version=${{{API_VERSION}:-{DATED_VERSION}}}" if is_models else ""
    variable = ENDPOINT if is_models else V1_BASE_URL
    # The Azure client sends the key in both headers, and servers of another make read the second.
    keys = [f"api-key: ${CREDENTIAL}"] * is_models + [f"Authorization: Bearer ${CREDENTIAL}"]
    lines = [
        "#!/usr/bin/env bash",
        "# A request from the playground. The reply comes in pieces, a line each.",
        f"# Reads {CREDENTIAL} and {variable} from the environment.",
        f'curl --no-buffer --silent --show-error --fail-with-body "${{{variable}%/}}/chat/completions{version}" \\',
        *(f'  --header "{key}" \\' for key in (*keys, "Content-Type: application/json")),
    ]
    # Quoted, the word that ends the text keeps bash from looking for variables in it.
    here = ["  --data-binary @- <<'BODY'", body, "BODY"]
    beside = ['  --data-binary @"$(dirname -- "${BASH_SOURCE[0]}")/request.json"']
    files = {} if embed else {"request.json": body.encode()}
    return Export("request.sh", "\n".join([*lines, *(here if embed else beside), ""]), files)
