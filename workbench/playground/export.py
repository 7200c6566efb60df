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
LINE_LENGTH = 88
"""Most characters of a line, where a string can be cut: what ruff and black allow by default."""


class ExportError(LearnerError):
    """A script cannot be written to a folder; the message says why."""


class Language(StrEnum):
    """What to write the request in."""

    AZURE = "azure-ai-inference"
    OPENAI = "openai"
    CURL = "curl"


@dataclass(frozen=True)
class Export:
    """A script and the files that it reads.

    Attributes:
        name: of the script's file.
        text: the script.
        files: what has to lie beside it, by name; with none the text runs wherever it is pasted.
    """

    name: str
    text: str
    files: dict[str, bytes] = field(default_factory=dict, repr=False)

    def save(self, folder: str | Path) -> Path:
        """Write the script and its files, in place of any of the same names.

        Raises:
            ExportError: something cannot be written there.
        """
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

    def zip(self) -> bytes:
        """The script and its files as a zip archive."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self._all():
                archive.writestr(name, data)
        return file.getvalue()

    def packed(self) -> tuple[str, str, bytes]:
        """One file to be saved, the script or a zip with its files: name, media type and bytes."""
        if self.files:
            return f"{self.name.partition('.')[0]}.zip", "application/zip", self.zip()
        return self.name, "text/plain", self.text.encode()

    def _all(self) -> list[tuple[str, bytes]]:
        return [(self.name, self.text.encode()), *self.files.items()]


def export(request: Request, language: Language, *, embed: bool | None = None) -> Export:
    """Write a request as code that sends it again, whole and streamed as the playground does.

    The Python scripts take the route of their client, curl that of the request. The key and the address are read from
    the environment variables that `helpers.endpoint.connect()` sets; a key that was pasted into a prompt is blanked.

    Raises:
        MediaError: an attachment is too large to be sent.
    """
    keywords = request.keywords()
    if embed is None:
        attached = [item for turn in request.turns for item in turn.attachments]
        embed = sum(item.wire_bytes for item in attached) <= EMBEDDED_BYTES
    if language is Language.CURL:
        return _curl(without_key(keywords), request.options.route, embed=embed)
    media = _name_media(request, {})
    described = without_key({**keywords, "messages": _messages(request, media)})
    return _python(described, language, media, embed=embed)


def export_grid(requests: Sequence[Request], language: Language, *, embed: bool = False) -> Export:
    """Write several requests as one Python script that sends them one after another and prints the replies.

    Raises:
        MediaError: an attachment is too large to be sent.
    """
    is_azure = language is Language.AZURE
    media: dict[str, _Medium] = {}
    described = []
    for request in requests:
        _name_media(request, media)
        keywords = {**request.keywords(), "messages": _messages(request, media)}
        described.append(without_key(for_azure(keywords) if is_azure else keywords))
    ask = "complete" if is_azure else "chat.completions.create"
    body = [
        f"requests = {_literal(described, 0)}",
        "",
        "for number, request in enumerate(requests, 1):",
        f"    reply = client.{ask}(**request)",
        '    print(f"{number}. {reply.choices[0].message.content}")',
    ]
    return _script(
        f"grid_{_STEMS[language]}.py", "Requests from the playground", body, language, media, embed=embed
    )


@dataclass(frozen=True)
class _Expression:
    """Python code that stands in place of a literal."""

    code: str


@dataclass(frozen=True)
class _Medium:
    """An attachment of which a script holds the base64 in a variable."""

    variable: str
    file: str
    data: bytes


def _name_media(request: Request, named: dict[str, _Medium]) -> dict[str, _Medium]:
    """Give each attachment that is sent as bytes a variable and a file of its own, by the attachment's id."""
    for item in (item for turn in request.turns for item in turn.attachments):
        if item.url or item.id in named:
            continue
        number = len(named) + 1
        stem = re.sub(r"[^A-Za-z0-9]+", "_", Path(item.name).stem).strip("_").lower()[:40] or item.kind
        variable = f"{'picture' if item.kind == 'image' else 'clip'}_{number}"
        named[item.id] = _Medium(variable, f"{number}_{stem}.{item.format}", item.data)
    return named


def _messages(request: Request, media: dict[str, _Medium]) -> list[dict[str, Any]]:
    """The messages of a request with variables in place of base64."""
    messages = request.messages()
    for message, turn in zip(messages[-len(request.turns) :], request.turns, strict=True):
        if not turn.attachments:
            continue
        parts = message["content"][-len(turn.attachments) :]
        replaced = []
        for part, item in zip(parts, turn.attachments, strict=True):
            kind = part["type"]
            if item.id not in media:
                replaced.append(part)
                continue
            variable = media[item.id].variable
            field_name, code = (
                ("url", f'f"data:{item.media_type};base64,{{{variable}}}"')
                if kind == "image_url"
                else ("data", variable)
            )
            replaced.append({"type": kind, kind: {**part[kind], field_name: _Expression(code)}})
        message["content"] = message["content"][: -len(turn.attachments)] + replaced
    return messages


def _python(
    keywords: dict[str, Any], language: Language, media: dict[str, _Medium], *, embed: bool
) -> Export:
    is_azure = language is Language.AZURE
    asked = for_azure(keywords) if is_azure else {**keywords, "stream_options": {"include_usage": True}}
    body = [
        f"messages = {_literal(asked['messages'], 0)}",
        "",
        f"stream = client.{'complete' if is_azure else 'chat.completions.create'}(",
        *(
            f"    {name}={'messages' if name == 'messages' else _literal(value, 4)},"
            for name, value in asked.items()
        ),
        "    stream=True,",
        ")",
        *_READ,
    ]
    name = f"request_{_STEMS[language]}.py"
    return _script(name, "A request from the playground", body, language, media, embed=embed)


def _script(
    name: str, title: str, body: list[str], language: Language, media: dict[str, _Medium], *, embed: bool
) -> Export:
    is_azure = language is Language.AZURE
    reads_files = bool(media) and not embed
    standard = [*(["import base64"] if reads_files else []), "import os"]
    standard += ["from pathlib import Path"] if reads_files else []
    variables = f"{CREDENTIAL} and {ENDPOINT if is_azure else V1_BASE_URL}"
    lines = [
        f'"""{title}, for {language.value}.',
        "",
        f"Reads {variables} from the environment.",
        '"""',
        "",
        *standard,
        "",
        *(_AZURE_CLIENT if is_azure else _OPENAI_CLIENT),
        "",
        *_media_lines(media, embed=embed),
        *body,
    ]
    return Export(
        name,
        "\n".join(lines) + "\n",
        {item.file: item.data for item in media.values()} if reads_files else {},
    )


_STEMS = {Language.AZURE: "azure", Language.OPENAI: "openai"}
# Some pieces bring no words: the token count, or what a content filter found. Python's own prompt sees the end of a
# loop at an empty line.
_READ = (
    "reason = None",
    "for update in stream:",
    "    if update.choices:",
    "        reason = update.choices[0].finish_reason or reason",
    "        if update.choices[0].delta:",
    '            print(update.choices[0].delta.content or "", end="", flush=True)',
    "",
    "print()",
    "if reason is None:",
    '    raise RuntimeError("The stream ended before the reply was complete: send it again.")',
    "",
)
_AZURE_CLIENT = (
    "from azure.ai.inference import ChatCompletionsClient",
    "from azure.core.credentials import AzureKeyCredential",
    "",
    "client = ChatCompletionsClient(",
    f'    endpoint=os.environ["{ENDPOINT}"],',
    f'    credential=AzureKeyCredential(os.environ["{CREDENTIAL}"]),',
    f'    api_version=os.environ.get("{API_VERSION}", "{DATED_VERSION}"),',
    ")",
)
_OPENAI_CLIENT = (
    "from openai import OpenAI",
    "",
    "client = OpenAI(",
    f'    base_url=os.environ["{V1_BASE_URL}"],',
    f'    api_key=os.environ["{CREDENTIAL}"],',
    ")",
)


def _media_lines(media: dict[str, _Medium], *, embed: bool) -> list[str]:
    # Pasted into a cell or a prompt, code has no file of its own, and reads from the folder it runs in.
    lines = (
        []
        if embed or not media
        else ['folder = Path(__file__).parent if "__file__" in globals() else Path.cwd()']
    )
    for item in media.values():
        if embed:
            pieces = textwrap.wrap(pybase64.b64encode_as_string(item.data), LINE_LENGTH - 6)
            lines += [f"# {item.file}", f"{item.variable} = ("]
            lines += [f'    "{piece}"' for piece in pieces] + [")"]
        else:
            lines += [
                f'file = folder / "{item.file}"',
                f'{item.variable} = base64.b64encode(file.read_bytes()).decode("ascii")',
            ]
    return [*lines, ""] if lines else []


def _literal(value: Any, indent: int) -> str:
    """Write a value as Python, an entry a line; a text of several lines has a line for each."""
    inside, end = " " * (indent + 4), " " * indent
    if isinstance(value, dict):
        inner = [f"{inside}{_quoted(name)}: {_literal(item, indent + 4)}," for name, item in value.items()]
        return "\n".join(["{", *inner, end + "}"])
    if isinstance(value, list):
        return "\n".join(["[", *(f"{inside}{_literal(item, indent + 4)}," for item in value), end + "]"])
    if isinstance(value, _Expression):
        return value.code
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
    bearer = f'"Authorization: Bearer ${CREDENTIAL}"'
    if is_models:
        address = f'"${{{ENDPOINT}%/}}/chat/completions?api-version=${{{API_VERSION}:-{DATED_VERSION}}}"'
        # The Azure client sends the key in both headers, and servers of another make read the second.
        keys: tuple[str, ...] = (f'"api-key: ${CREDENTIAL}"', bearer)
    else:
        address = f'"${{{V1_BASE_URL}%/}}/chat/completions"'
        keys = (bearer,)
    variables = f"{CREDENTIAL} and {ENDPOINT if is_models else V1_BASE_URL}"
    lines = [
        "#!/usr/bin/env bash",
        "# A request from the playground. The reply comes in pieces, a line each.",
        f"# Reads {variables} from the environment.",
        f"curl --no-buffer --silent --show-error --fail-with-body {address} \\",
        *(f"  --header {key} \\" for key in keys),
        '  --header "Content-Type: application/json" \\',
    ]
    if embed:
        # Quoted, the word that ends the text keeps bash from looking for variables in it.
        lines += ["  --data-binary @- <<'BODY'", body, "BODY"]
        return Export("request.sh", "\n".join(lines) + "\n")
    lines.append('  --data-binary @"$(dirname -- "${BASH_SOURCE[0]}")/request.json"')
    return Export("request.sh", "\n".join(lines) + "\n", {"request.json": body.encode()})
