"""Which endpoint the lessons talk to: the one in `.env` or the environment, else the offline endpoint."""

from __future__ import annotations

import configparser
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from helpers.addresses import Address, Kind, read_address
from helpers.settings import (
    API_VERSION,
    CREDENTIAL,
    DEPLOYMENT,
    ENDPOINT,
    MANY_PICTURES_DEPLOYMENT,
    OFFLINE,
    SAMPLES_URL,
    V1_BASE_URL,
    SettingsError,
    choose,
    read_settings,
)

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from offline_endpoint.server import Running
    from offline_endpoint.wire.record import Arrival

_ROOT = Path(__file__).parents[1]

_running: Running | None = None
_starting = threading.Lock()


@dataclass(frozen=True)
class Endpoint:
    """Where the lessons' requests go.

    Attributes:
        url: what `ChatCompletionsClient` takes as its endpoint.
        v1_base_url: what the `openai` client takes as its base URL.
        deployment: the `model` of a request.
        kind: what answers there.
        token_scope: what to ask Microsoft Entra ID for a token with, or None where no such token is taken.
    """

    url: str
    v1_base_url: str
    deployment: str
    kind: Kind
    token_scope: str | None

    @property
    def is_offline(self) -> bool:
        """Whether it is the offline endpoint."""
        return self.kind is Kind.OFFLINE

    def sample_url(self, name: str) -> str:
        """A URL of a sample picture or clip that this endpoint can fetch.

        Args:
            name: the file's path below `data/`, for example `charts/model_quality_vs_size.png`.

        Raises:
            SettingsError: the endpoint is in the cloud and no public copy of `data/` is known.
        """
        if self.is_offline:
            return f"{_offline().origin}/samples/{quote(name)}"
        public = read_settings().get(SAMPLES_URL) or _github_copy()
        if not public:
            raise SettingsError(
                "A cloud endpoint can only fetch what is public. Put the folder data/ where anyone can read it, "
                f"and set {SAMPLES_URL} to its address."
            )
        return f"{public.rstrip('/')}/{quote(name)}"

    def token_credential(self) -> TokenCredential:
        """A credential that asks Microsoft Entra ID for tokens; for the offline endpoint, its stand-in.

        Raises:
            SettingsError: the endpoint is not Azure's, so that it knows nothing of Entra ID.
        """
        if self.is_offline:
            from offline_endpoint.wire.identity import StandInCredential

            return StandInCredential(_offline().secret)
        if self.token_scope is None:
            raise SettingsError(
                f"The server in {ENDPOINT} is not Azure's and takes no token of Microsoft Entra ID. Use its key."
            )
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential()

    def arrivals(self) -> list[Arrival]:
        """The requests that reached the offline endpoint, oldest first, with keys and tokens blanked.

        Raises:
            SettingsError: the endpoint is not the offline one, and keeps no record that a caller could read.
        """
        if not self.is_offline:
            raise SettingsError(
                f"Only the offline endpoint shows what arrived at it. Set {ENDPOINT}={OFFLINE} and connect again."
            )
        return _offline().record.arrivals()


def connect() -> Endpoint:
    """Decide which endpoint to use, set the environment variables the lessons read, and say what was decided.

    Settings come from the environment and, where it has none, from the nearest `.env` file at or above the current
    folder. With neither, the offline endpoint starts inside this process.

    Returns:
        The endpoint. These variables are set afterwards: AZURE_INFERENCE_ENDPOINT, AZURE_INFERENCE_CREDENTIAL,
        AZURE_INFERENCE_DEPLOYMENT, AZURE_INFERENCE_MANY_PICTURES_DEPLOYMENT, AZURE_INFERENCE_API_VERSION and
        OPENAI_BASE_URL.

    Raises:
        SettingsError: a setting is missing or malformed.
    """
    settings = read_settings()
    if _running and settings.get(ENDPOINT) == f"{_running.origin}/models":
        settings = {ENDPOINT: OFFLINE}
    choice = choose(settings)
    if choice.address is None:
        endpoint, key = _start_offline(choice.deployment)
        message = (
            "These lessons talk to the offline endpoint, a reader on this computer: no key and no network."
        )
    else:
        endpoint, key = _endpoint(choice.address, choice.deployment, choice.address.kind), choice.key or ""
        message = f"These lessons talk to {endpoint.kind} at the address in {ENDPOINT}, deployment {choice.deployment}."
    os.environ.update(
        {
            ENDPOINT: endpoint.url,
            CREDENTIAL: key,
            DEPLOYMENT: choice.deployment,
            MANY_PICTURES_DEPLOYMENT: choice.many_pictures_deployment,
            API_VERSION: choice.api_version,
            V1_BASE_URL: endpoint.v1_base_url,
        }
    )
    print(*choice.notes, message, sep="\n")
    return endpoint


def _endpoint(address: Address, deployment: str, kind: Kind) -> Endpoint:
    return Endpoint(address.url, address.v1_base_url, deployment, kind, address.token_scope)


def _start_offline(deployment: str) -> tuple[Endpoint, str]:
    global _running
    with _starting:
        if _running is None:
            from offline_endpoint.server import start

            _running = start()
            # No daemon: a process that ends while the models load waits for that, or their libraries abort it.
            threading.Thread(target=_warm, name="warm-readers").start()
    return _endpoint(read_address(f"{_running.origin}/models"), deployment, Kind.OFFLINE), _running.key


def _warm() -> None:
    from offline_endpoint.reading import warm

    warm()


def _offline() -> Running:
    if _running is None:
        raise SettingsError(
            "The offline endpoint is not running. Run the cell with endpoint.connect() first."
        )
    return _running


def _github_copy() -> str | None:
    """Where GitHub serves `data/` of the repository this folder was cloned from, or None for other clones."""
    config = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        config.read(_ROOT / ".git" / "config", encoding="utf-8")
        origin = config.get('remote "origin"', "url", fallback="")
    except (configparser.Error, UnicodeDecodeError):
        return None
    match = re.search(r"github\.com[:/]([\w.-]+)/([\w.-]+?)(?:\.git)?/?$", origin)
    return f"https://raw.githubusercontent.com/{match[1]}/{match[2]}/HEAD/data" if match else None
