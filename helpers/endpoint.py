"""Which endpoint the lessons talk to: the one in `.env` or the environment, else the offline endpoint."""

from __future__ import annotations

import configparser
import importlib
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from helpers import settings as names
from helpers.addresses import Kind, read_address
from helpers.settings import ENDPOINT, OFFLINE, ROLES, Choice, SettingsError, choose, read_settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_ROOT = Path(__file__).parents[1]

_running: Any = None  # the `offline_endpoint.server.Running` of this process, once it was asked for
_starting = threading.Lock()


@dataclass(frozen=True)
class Endpoint:
    """Where the lessons' requests go: `url` for `ChatCompletionsClient`, `v1_base_url` for the `openai` one.

    `deployment` is the `model` of a request with one picture; `gpt_deployment` of one with several pictures,
    `detail` or a JSON schema; `audio_deployment` of one with sound, the main one unless a setting names it.
    `model` and its kin are the models behind them where a setting names them, else empty. `token_scope` and
    `authority` are as in Address.
    """

    url: str
    v1_base_url: str
    deployment: str
    kind: Kind
    token_scope: str | None
    gpt_deployment: str = Choice.gpt_deployment
    audio_deployment: str = Choice.audio_deployment
    model: str = ""
    gpt_model: str = ""
    audio_model: str = ""
    authority: str | None = None

    @property
    def is_offline(self) -> bool:
        """Whether it is the offline endpoint."""
        return self.kind is Kind.OFFLINE

    def sample_url(self, name: str) -> str:
        """A URL of a file in `data/` that the endpoint can fetch; SettingsError if there is no public copy."""
        if self.is_offline:
            return f"{_offline().origin}/samples/{quote(name)}"
        public = read_settings().get(names.SAMPLES_URL) or _github_copy()
        if not public:
            raise SettingsError(
                "A cloud endpoint can only fetch what is public. Put the folder data/ where anyone can read it, "
                f"and set {names.SAMPLES_URL} to its address."
            )
        return f"{public.rstrip('/')}/{quote(name)}"

    def token_credential(self) -> TokenCredential:
        """A credential that asks Microsoft Entra ID, or offline its stand-in; SettingsError elsewhere."""
        if self.is_offline:
            credential: TokenCredential = _part("wire.identity").StandInCredential(_offline().secret)
            return credential
        if self.token_scope is None:
            raise SettingsError(
                f"The server in {ENDPOINT} is not Azure's and takes no token of Microsoft Entra ID. Use its key."
            )
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential(**({"authority": self.authority} if self.authority else {}))

    def arrivals(self) -> list[Any]:
        """What reached the offline endpoint, oldest first, keys blanked; SettingsError of any other."""
        if not self.is_offline:
            raise SettingsError(
                f"Only the offline endpoint shows what arrived at it. Set {ENDPOINT}={OFFLINE} and connect again."
            )
        return list(_offline().record.arrivals())


def connect() -> Endpoint:
    """Decide which endpoint to use, set the environment variables the lessons read, and say what was decided.

    Settings come from the environment and, where it has none, from the nearest `.env` file at or above the current
    folder. With neither, the offline endpoint starts inside this process. Afterwards the environment has
    AZURE_INFERENCE_ENDPOINT, _CREDENTIAL, _API_VERSION, the deployments (_DEPLOYMENT, _GPT_DEPLOYMENT,
    _AUDIO_DEPLOYMENT) and OPENAI_BASE_URL. Where a proxy is set, NO_PROXY has this computer's own names.
    Raises SettingsError if a setting is missing or malformed, or the offline endpoint is not where it should be.
    """
    settings = read_settings()
    is_own = _running and settings.get(ENDPOINT) == f"{_running.origin}/models"
    choice = choose({ENDPOINT: OFFLINE} if is_own else settings)
    address, key = choice.address, choice.key or ""
    message = "These lessons talk to the offline endpoint, a reader on this computer: no key and no network."
    if address is None:
        os.environ.update({name: settings[name] for name in (names.SPEECH_MODEL,) if name in settings})
        running = _start_offline()
        address, key = read_address(f"{running.origin}/models"), running.key
    else:
        # Azure answers on https alone, so that its route elsewhere is a server of somebody's own.
        is_theirs = address.kind in (Kind.AZURE_MODELS, Kind.AZURE_V1) and address.url.startswith("http:")
        who = "a server of your own or of your room, not Azure," if is_theirs else address.kind
        message = f"These lessons talk to {who} at the address in {ENDPOINT}, deployment {choice.deployment}."
    roles = {name: getattr(choice, name) for name in ROLES}
    kind = address.kind if choice.address else Kind.OFFLINE
    do_not_proxy_loopback()
    now = {ENDPOINT: address.url, names.CREDENTIAL: key, names.API_VERSION: choice.api_version}
    now |= {names.V1_BASE_URL: address.v1_base_url, names.MANY_PICTURES_DEPLOYMENT: choice.gpt_deployment}
    os.environ.update(now | {ROLES[name]: value for name, value in roles.items() if value})
    print(*choice.notes, message, sep="\n")
    signing_in: dict[str, Any] = {"token_scope": address.token_scope, "authority": address.authority}
    return Endpoint(address.url, address.v1_base_url, kind=kind, **signing_in, **roles)


def do_not_proxy_loopback() -> None:
    """Let no proxy stand between this process and servers on this computer: no proxy could reach them."""
    if not any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") for name in os.environ):
        # With NO_PROXY alone in the environment, Python would no longer look at the system's own proxy settings.
        return
    spared = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    hosts = [host.strip() for host in spared.split(",") if host.strip()]
    if "*" not in hosts:
        hosts += [host for host in ("127.0.0.1", "localhost") if host not in hosts]
    # Some packages read the one name, some the other.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(hosts)


def _part(name: str) -> ModuleType:
    """A module of the offline endpoint, which can be deleted where it is not needed."""
    try:
        return importlib.import_module(f"offline_endpoint.{name}")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("offline_endpoint"):
            raise
        raise SettingsError(
            "The offline endpoint is not here: the folder offline_endpoint is missing. Put it back, or put the address "
            f"and the key of a resource into {ENDPOINT} and {names.CREDENTIAL}."
        ) from None


def _start_offline() -> Any:
    global _running
    with _starting:
        if _running is None:
            _running = _part("server").start()
            # No daemon: a process that ends while the models load waits for that, or their libraries abort it.
            threading.Thread(target=_warm, name="warm-readers").start()
    return _running


def _warm() -> None:
    try:
        _part("reading").warm()
    except RuntimeError as error:
        # A process that is ending takes no new threads ("can't register atexit after shutdown" and the like), and has
        # nothing to get ready for. Whether the main thread is alive would not tell: it is, while Python shuts down.
        if "shutdown" not in str(error):
            raise


def _offline() -> Any:
    if _running is not None:
        return _running
    raise SettingsError("The offline endpoint is not running. Run the cell with endpoint.connect() first.")


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
