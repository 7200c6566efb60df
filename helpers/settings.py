"""What the environment and `.env` say about the endpoint, checked: an address, a key and deployments, or none."""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from helpers.addresses import (
    DATED_VERSION,
    EXAMPLE,
    Address,
    AddressError,
    Kind,
    fitting_version,
    read_address,
)
from helpers.errors import LearnerError
from helpers.models import model_for

ENDPOINT = "AZURE_INFERENCE_ENDPOINT"
CREDENTIAL = "AZURE_INFERENCE_CREDENTIAL"
DEPLOYMENT, MODEL = "AZURE_INFERENCE_DEPLOYMENT", "AZURE_INFERENCE_MODEL"
GPT_DEPLOYMENT, GPT_MODEL = "AZURE_INFERENCE_GPT_DEPLOYMENT", "AZURE_INFERENCE_GPT_MODEL"
AUDIO_DEPLOYMENT, AUDIO_MODEL = "AZURE_INFERENCE_AUDIO_DEPLOYMENT", "AZURE_INFERENCE_AUDIO_MODEL"
MANY_PICTURES_DEPLOYMENT = "AZURE_INFERENCE_MANY_PICTURES_DEPLOYMENT"  # the earlier name of GPT_DEPLOYMENT
API_VERSION = "AZURE_INFERENCE_API_VERSION"
V1_BASE_URL = "OPENAI_BASE_URL"
SAMPLES_URL = "LESSON_SAMPLES_URL"
SPEECH_MODEL = "LESSON_SPEECH_MODEL"  # read by the offline endpoint
ROLES = {"deployment": DEPLOYMENT, "gpt_deployment": GPT_DEPLOYMENT, "audio_deployment": AUDIO_DEPLOYMENT}
ROLES |= {"model": MODEL, "gpt_model": GPT_MODEL, "audio_model": AUDIO_MODEL}
"""What Choice and Endpoint call the deployment of each role and the model behind it, to the setting that names it."""

OFFLINE = "offline"  # the value of ENDPOINT that asks for the offline endpoint whatever else is set

DEFAULT_DEPLOYMENT = "Phi-4-multimodal-instruct"
DEFAULT_GPT_DEPLOYMENT = "gpt-5-mini"  # new customers can no longer deploy gpt-4o

_OWN = {ENDPOINT, CREDENTIAL, MANY_PICTURES_DEPLOYMENT, API_VERSION, V1_BASE_URL, SAMPLES_URL}
_OWN |= {SPEECH_MODEL, *ROLES.values()}
OTHER_NAMES = {
    **dict.fromkeys(
        ("AZURE_OPENAI_ENDPOINT", "AZURE_AI_ENDPOINT", "AZURE_AI_INFERENCE_ENDPOINT", "AZUREAI_ENDPOINT_URL",
         "AZURE_AI_PROJECT_ENDPOINT", "AZURE_EXISTING_AIPROJECT_ENDPOINT", "PROJECT_ENDPOINT", "OPENAI_API_BASE"),
        ENDPOINT,
    ),
    **dict.fromkeys(
        ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_KEY", "AZURE_AI_API_KEY", "AZURE_AI_INFERENCE_KEY", "OPENAI_API_KEY",
         "AZURE_INFERENCE_KEY", "AZURE_INFERENCE_API_KEY", "AZUREAI_ENDPOINT_KEY", "AZURE_API_KEY"),
        CREDENTIAL,
    ),
    **dict.fromkeys(
        ("AZURE_OPENAI_DEPLOYMENT", "AZURE_OPENAI_DEPLOYMENT_NAME", "AZURE_AI_MODEL_DEPLOYMENT_NAME"), DEPLOYMENT
    ),
}  # fmt: skip
"""What other packages and pages call the same settings."""

# Beside NAME=value and `export NAME=value`: `set` of cmd, `$env:` of PowerShell, a colon as in YAML.
_LINE = re.compile(r'[ \t]*(?:(setx?[ \t]+"?|\$env:)[ \t]*)?(\w+)[ \t]*([=: \t])[ \t]*(.*?)[ \t;]*')
_QUOTES = ('""', "''", "``", "“”", "\u2018\u2019")


class SettingsError(LearnerError):
    """A setting is missing or malformed; the message names it and says how to put it right."""


class Settings(dict[str, str]):
    """Names to values; `notes` has a sentence on each thing in `.env` that was meant and is not as it should be."""

    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """What the settings ask for, with deployments and models as in Endpoint; `notes` says what was put right.

    Address and key are None for the offline endpoint, which makes its own.
    """

    address: Address | None
    key: str | None = field(default=None, repr=False)
    deployment: str = DEFAULT_DEPLOYMENT
    gpt_deployment: str = DEFAULT_GPT_DEPLOYMENT
    audio_deployment: str = DEFAULT_DEPLOYMENT
    model: str = ""
    gpt_model: str = ""
    audio_model: str = ""
    api_version: str = DATED_VERSION
    notes: tuple[str, ...] = ()


def read_settings() -> Settings:
    """The environment over the nearest `.env` at or above the current folder; empty values count as not set.

    Raises SettingsError if the file is not UTF-8 text or may not be read.
    """
    from dotenv import dotenv_values, find_dotenv

    path = find_dotenv(usecwd=True)
    text, notes = "", list[str]()
    if path:
        text, notes = _usual_form(_read_text(Path(path)))
    elif find_dotenv(".env.txt", usecwd=True):
        notes = ["There is a file .env.txt and no .env, so nothing was read: take .txt off its name."]
    from_file = dotenv_values(stream=io.StringIO(text)) if text else {}
    merged = {**from_file, **os.environ}
    settings = Settings((name, value.strip()) for name, value in merged.items() if value and value.strip())
    for name in from_file:
        if (own := OTHER_NAMES.get(name)) and own not in settings:
            notes.append(f".env has {name}, which these lessons do not read: they call it {own}.")
        elif name.startswith("AZURE_INFERENCE_") and name not in {*_OWN, *OTHER_NAMES}:
            notes.append(f".env has {name}, which is no setting of these lessons; .env.example lists them.")
    settings.notes = tuple(notes)
    return settings


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
        # Text in UTF-16 without its mark is UTF-8 as well, with a null beside each letter.
        if b"\0" not in content:
            return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    except OSError:
        raise SettingsError("The file .env cannot be read. Give yourself the right to read it.") from None
    raise SettingsError("The file .env is not UTF-8 text. Save it again with the encoding UTF-8.")


def _usual_form(text: str) -> tuple[str, list[str]]:
    """The text with lines of other forms, if they are of a known setting, rewritten, and a note on each of them."""
    lines, notes = text.splitlines(), []
    for number, line in enumerate(lines):
        match = _LINE.fullmatch(line)
        if not match or match[2] not in {*_OWN, *OTHER_NAMES} or not (match[1] or match[3] != "="):
            continue
        value = match[4].removesuffix('"') if (match[1] or "").endswith('"') else match[4].removeprefix("= ")
        lines[number] = f"{match[2]}={value}"
        notes.append(f".env, line {number + 1}: read as {match[2]}=…, which is how such a line is written.")
    return "\n".join(lines), notes


def choose(settings: dict[str, str]) -> Choice:
    """Decide by the settings, names to values, which endpoint is meant; SettingsError if one is of no use."""
    notes = list(getattr(settings, "notes", ()))
    settings = {name: text if name == ENDPOINT else _without_quotes(text) for name, text in settings.items()}
    url = settings.get(ENDPOINT, "")
    if _without_quotes(url).lower() == OFFLINE:
        return Choice(address=None)
    if not (url or settings.get(CREDENTIAL)):
        return Choice(address=None, notes=tuple(notes))
    key = _checked_key(settings, notes)
    try:
        address = read_address(url)
    except AddressError as error:
        raise SettingsError(f"{ENDPOINT} {error}") from None
    notes += [f"{ENDPOINT} was put right: {address.repair}."] if address.repair else []
    notes += [address.note] if address.note else []
    wanted = settings.get(API_VERSION, "")
    version = fitting_version(address.kind, wanted) if wanted else address.api_version
    if wanted and version != wanted:
        notes.append(f"{API_VERSION} is set to {version} here: {address.kind} does not take the one it had.")
    main = settings.get(DEPLOYMENT) or address.deployment or DEFAULT_DEPLOYMENT
    model = settings.get(MODEL, "")
    gpt = settings.get(GPT_DEPLOYMENT) or settings.get(MANY_PICTURES_DEPLOYMENT)
    if gpt and not settings.get(GPT_DEPLOYMENT):
        notes.append(f"{MANY_PICTURES_DEPLOYMENT} is called {GPT_DEPLOYMENT} now; what it says was taken.")
    gpt = gpt or _for_pictures(main, model, address.kind)
    audio = settings.get(AUDIO_DEPLOYMENT) or main
    if key in (main, gpt, audio):
        # Deployments are printed, and so would the key be.
        raise SettingsError(
            f"A deployment's name and {CREDENTIAL} are the same. Put the name into {DEPLOYMENT}."
        )
    gpt_model = settings.get(GPT_MODEL) or (model if gpt == main else "")
    audio_model = settings.get(AUDIO_MODEL) or (model if audio == main else "")
    unknown: dict[str, str] = {}
    roles = ((main, model, MODEL), (gpt, gpt_model, GPT_MODEL), (audio, audio_model, AUDIO_MODEL))
    for name, known, setting in roles:
        if not known and model_for(name) is None and address.kind is not Kind.OPENAI_SHAPED:
            unknown.setdefault(name, setting)
    for name, setting in unknown.items():
        notes.append(f"What model is behind the deployment {name} is not known here: name it in {setting}.")
    return Choice(address, key, main, gpt, audio, model, gpt_model, audio_model, version, tuple(notes))


def _for_pictures(main: str, model: str, kind: Kind) -> str:
    """The deployment for several pictures where none is named: the main one if it takes them or is all there is."""
    known = model_for(main, model)
    takes_several = known is not None and known.pictures_a_turn > 1
    return main if takes_several or kind is Kind.OPENAI_SHAPED else DEFAULT_GPT_DEPLOYMENT


def _without_quotes(value: str) -> str:
    return value[1:-1].strip() if value[:1] + value[-1:] in _QUOTES and len(value) > 1 else value


def _checked_key(settings: dict[str, str], notes: list[str]) -> str:
    key = settings.get(CREDENTIAL, "")
    hint = "".join(f" {note}" for note in notes)
    if not key:
        raise SettingsError(
            f"{ENDPOINT} is set but {CREDENTIAL} is not. Put the key of your resource into {CREDENTIAL}, "
            f"or set {ENDPOINT}={OFFLINE} to work without one.{hint}"
        )
    if not settings.get(ENDPOINT):
        raise SettingsError(
            f"{CREDENTIAL} is set but {ENDPOINT} is not. Put the address of your resource into {ENDPOINT}, "
            f"for example {EXAMPLE}, or set {ENDPOINT}={OFFLINE}.{hint}"
        )
    if not re.fullmatch(r"[\x21-\x7e]+", key) or "<" in key:
        raise SettingsError(
            f"{CREDENTIAL} does not look like a key: it holds a space, a line break, an angle bracket or a letter "
            "outside ASCII. Copy the key again, without quotes around it."
        )
    return key
