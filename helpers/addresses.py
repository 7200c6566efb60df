"""From a pasted URL to the addresses that both clients need, its kind, and what had to be put right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from helpers.errors import LearnerError

EXAMPLE = "https://<resource>.services.ai.azure.com/openai/v1"

DATED_VERSION = "2024-05-01-preview"
"""The version of the `/models` route that azure-ai-inference 1.0.0b9 sends by itself."""

V1_VERSIONS = ("v1", "preview")
"""What the v1 route takes as `api-version`, if it is given one: Microsoft's page on the v1 API's versions."""

END_OF_MODELS = (
    "The /models route had its end set for 2026-08-26; where it answers no more, the same host with /openai/v1 in its "
    "place does."
)
"""What is said of an address on that route. Source: azure-rest-api-specs, pull request 43907."""

_RESOURCE = re.compile(r"\.(?:services\.ai|openai|cognitiveservices)\.azure\.(?:com|us|cn)$")
# Only the host of a Foundry resource has, or had, /models; the other hosts of the same resource have the v1 route.
_FOUNDRY = re.compile(r"\.services\.ai\.azure\.(?:com|us|cn)$")
# One deployment has the whole host to itself: serverless deployments, and online endpoints of managed compute.
_OWN_HOST = re.compile(r"\.(?:models\.ai|inference\.ml)\.azure\.(?:com|us|cn)$")
# Where a sovereign cloud signs in: `AzureAuthorityHosts` of azure-identity.
_AUTHORITIES = {"us": "https://login.microsoftonline.us", "cn": "https://login.chinacloudapi.cn"}
_PORTAL = re.compile(r"(?:^|\.)(?:portal|ai|oai|ml)\.azure\.(?:com|us|cn)$|(?:^|\.)learn\.microsoft\.com$")
_REGION = re.compile(r"\.api\.cognitive\.(?:microsoft\.(?:com|us)|azure\.cn)$")
_LOOPBACK = re.compile(r"localhost$|127\.|::1$")
_CLOSED = ("models.inference.ai.azure.com", "models.github.ai")

# What comes along when an address is copied out of a sentence, a table or a program.
_AROUND = "\"'`“”\u2018\u2019„«»<>,; \t"

# What pages and portals show after the base: the operation of a request, which each client adds by itself.
_OPERATION = re.compile(r"/(?:chat/completions|completions|responses|embeddings)$", re.IGNORECASE)
_OLLAMAS_OWN = re.compile(r"/api/(?:chat|generate|tags)$", re.IGNORECASE)
_DEPLOYMENT = re.compile(r"^(?P<front>.*)/openai/deployments/(?P<name>[^/]+)(?:/.*)?$", re.IGNORECASE)
_PROJECT = re.compile(r"^/api/projects(?:/[^/]+)?(?:/openai(?:/v1)?)?$", re.IGNORECASE)


class AddressError(LearnerError):
    """An address cannot be used; the message says why and what to put there, without the setting's name."""


class Kind(StrEnum):
    """What answers at an address."""

    OFFLINE = "the offline endpoint"
    AZURE_MODELS = "the Azure /models route"
    AZURE_V1 = "the Azure v1 route"
    OPENAI_SHAPED = "a server that speaks the OpenAI shape"


@dataclass(frozen=True)
class Address:
    """Where requests go: `url`, `api_version` for `ChatCompletionsClient`, `v1_base_url` for the `openai` one.

    `token_scope` is what a token of Microsoft Entra ID is asked for with, None where no such token is taken,
    and `authority` where it is asked, None for its usual place. `repair` says what was put right, as one clause
    without a period; `note` is a sentence on the route's end, where one is announced.
    """

    kind: Kind
    url: str
    v1_base_url: str
    api_version: str
    token_scope: str | None
    authority: str | None = None
    deployment: str | None = None
    repair: str | None = None
    note: str | None = None


def read_address(text: str) -> Address:
    """Tell from a URL alone what answers there, and put its usual pasted forms right.

    A path that ends in `/models` is taken for the Azure `/models` route and one that ends in `/openai/v1` for the
    Azure v1 route, on any host: gateways and copies of the routes keep the paths. A resource's address with no path is
    read as `/openai/v1`, and so is a project's. Any other server is taken to speak the OpenAI shape, below `/v1` if
    the address has no path. Raises AddressError if no chat completion can be sent there.
    """
    repairs: list[str] = []
    url = text.strip().strip(_AROUND).rstrip(".").strip()
    if url != text.strip():
        repairs.append("the quotes and signs around it were taken off")
    scheme, netloc, host, path, query = _split(url)
    if host.endswith("."):
        host, netloc = host.rstrip("."), re.sub(r"\.+(?=:|$)", "", netloc)
        repairs.append("the dot after the host was left out")
    _check_host(host, scheme)
    if query:
        repairs.append("the part after the question mark was left out")
    if "//" in path:
        path = re.sub("/+", "/", path)
        repairs.append("doubled slashes were made single")
    has_slash = path not in ("", "/") and path.endswith("/")
    path = path.rstrip("/")
    if operation := _OPERATION.search(path):
        path = path[: operation.start()].rstrip("/")
        repairs.append(f"{operation[0].lower()} was left out, because the client adds the operation itself")
    deployment = None
    if named := _DEPLOYMENT.match(path):
        deployment = unquote(named["name"])
        path = named["front"] + "/openai/v1"
        repairs.append("the deployment's own path was replaced by /openai/v1")
    if _RESOURCE.search(host):
        path = _resource_path(host, path, repairs)
    else:
        path = (_own_host_path if _OWN_HOST.search(host) else _other_path)(path, repairs)
    # The v1 routes are written with a slash at the end as often as without; /models is not.
    if has_slash and not repairs and path.endswith("/models"):
        repairs.append("the slash at the end was left out")

    kind, v1_path, scope = _route(host, path)
    # Azure's resources answer on https alone.
    is_own = scheme == "http" or _LOOPBACK.match(host)
    ends = kind is Kind.AZURE_MODELS and path.endswith("/models") and not is_own
    asked = parse_qs(query).get("api-version", [""])[0]
    return Address(
        kind=kind,
        url=urlunsplit((scheme, netloc, path, "", "")),
        v1_base_url=urlunsplit((scheme, netloc, v1_path, "", "")),
        api_version=fitting_version(kind, asked),
        token_scope=scope,
        authority=_AUTHORITIES.get(_cloud(host)) if scope else None,
        deployment=deployment,
        repair=_clause(repairs),
        note=END_OF_MODELS if ends else None,
    )


def fitting_version(kind: Kind, wanted: str) -> str:
    """The `api-version` to use: the wanted one where the route takes its form, else the route's usual one."""
    if kind is Kind.AZURE_V1:
        return wanted if wanted in V1_VERSIONS else "v1"
    # A server of another make ignores the version, so that any form will do.
    if kind is Kind.OPENAI_SHAPED and wanted:
        return wanted
    return wanted if re.fullmatch(r"20\d\d-\d\d-\d\d(-preview)?", wanted) else DATED_VERSION


def _route(host: str, path: str) -> tuple[Kind, str, str | None]:
    """Kind, path for the `openai` client and scope of a token, once the path is put right.

    Scopes: the REST reference for `/models`, Microsoft's page on the v1 API for v1, and azure-ai-inference's own
    default for deployments with a host to themselves, which came before the other two. Sovereign clouds have the first
    alone, with their own ending: openai-go, issue 534.
    """
    cloud = _cloud(host)
    if _OWN_HOST.search(host):
        return Kind.AZURE_MODELS, "/v1/", f"https://ml.azure.{cloud}/.default"
    for_models = f"https://cognitiveservices.azure.{cloud}/.default"
    if path.endswith("/models"):
        v1_path = path.removesuffix("/models") + "/openai/v1/"
        return Kind.AZURE_MODELS, v1_path, for_models
    if path.endswith("/openai/v1"):
        return Kind.AZURE_V1, path + "/", "https://ai.azure.com/.default" if cloud == "com" else for_models
    return Kind.OPENAI_SHAPED, path + "/", None


def _cloud(host: str) -> str:
    """The ending of the cloud's addresses: us or cn for a sovereign one, else com."""
    ending = host.rpartition(".azure.")[2]
    return ending if ending in _AUTHORITIES else "com"


def _split(url: str) -> tuple[str, str, str, str, str]:
    """Scheme, host with port, host, path and query, or an error that says what is wrong with the URL."""
    if "<" in url or ">" in url:
        raise AddressError("still holds a placeholder: put the name of your resource in place of <…>.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressError(f"is not a URL. It has the form {EXAMPLE}.") from None
    odd = any(character.isspace() or not character.isprintable() or character == "\\" for character in url)
    if parts.scheme not in ("http", "https") or not host or odd:
        raise AddressError(f"is not a URL that starts with https://. It has the form {EXAMPLE}.")
    # "@" is refused even with nothing before it, since what follows it would be the host.
    if "@" in parts.netloc:
        raise AddressError("holds a user name or password. Leave them out; the key has its own setting.")
    if port == 0 or host.startswith(".") or ".." in host:
        raise AddressError(f"is not a URL. It has the form {EXAMPLE}.")
    if "://" in url.partition("://")[2].partition("?")[0]:
        raise AddressError("holds https:// twice. Paste one address only.")
    return parts.scheme, parts.netloc.lower(), host, parts.path, parts.query


def _check_host(host: str, scheme: str) -> None:
    """Refuse hosts where no chat completion is answered, and an unprotected key to a resource of Azure."""
    if host in _CLOSED:
        raise AddressError(f"is an address of GitHub Models, which closed in July 2026. Use {EXAMPLE}.")
    is_azure = bool(_RESOURCE.search(host) or _OWN_HOST.search(host))
    if not is_azure and _PORTAL.search(host):
        raise AddressError(
            "is the address of a web page, not of a resource. Copy the endpoint that the page shows for your "
            f"deployment; it has the form {EXAMPLE}."
        )
    if _REGION.search(host):
        raise AddressError(
            "is the address of a region, which has no chat completions for single resources. Copy the endpoint "
            f"with the name of your resource; it has the form {EXAMPLE}."
        )
    if is_azure and scheme == "http":
        raise AddressError("starts with http://, which would send your key unprotected. Use https://.")


def _resource_path(host: str, path: str, repairs: list[str]) -> str:
    """The route of a resource: `/openai/v1`, or `/models` where the address says so."""
    lower = path.lower()
    if _PROJECT.match(path):
        repairs.append("the project's path was replaced by /openai/v1, the route of its resource")
        return "/openai/v1"
    if not lower:
        repairs.append("/openai/v1 was added, the route that resources have")
        return "/openai/v1"
    if lower in ("/models", "/models/info", "/api/models"):
        route = "/models" if _FOUNDRY.search(host) else "/openai/v1"
        if lower != route:
            repairs.append(f"{lower} was replaced by {route}")
        return route
    if lower in ("/openai", "/openai/v1", "/openai/v1/models", "/openai/models", "/openai/deployments"):
        # A deployment's path was replaced before; /openai is what is left of /openai/responses?api-version=…
        if lower != "/openai/v1":
            repairs.append(f"{lower} was replaced by /openai/v1")
        return "/openai/v1"
    raise AddressError(
        f"has a path that no chat completion can be sent to. The path of a resource is /openai/v1, as in {EXAMPLE}."
    )


def _own_host_path(path: str, repairs: list[str]) -> str:
    lower = path.lower()
    if lower in ("/v1", "/score", "/info", "/models", "/v1/models", "/openai/v1"):
        repairs.append(f"{lower} was left out, because this deployment answers at its host's root")
    elif lower:
        raise AddressError(
            "has a path that no chat completion can be sent to. This deployment has a host to itself: leave "
            "the path out."
        )
    return ""


def _other_path(path: str, repairs: list[str]) -> str:
    """The base of any other server: as given, but for what is known not to be a base."""
    if path.lower().endswith("/v1/models"):
        repairs.append("/models was left out, because below /v1 it is the list of models")
        return path[: -len("/models")]
    if _OLLAMAS_OWN.search(path):
        repairs.append("Ollama's own path was replaced by /v1, where it speaks the OpenAI shape")
        return _OLLAMAS_OWN.sub("/v1", path)
    if not path:
        # Where Ollama, llama-server, vLLM, LM Studio, Foundry Local and OpenAI itself have it.
        repairs.append("/v1 was added, where servers that speak the OpenAI shape have it")
        return "/v1"
    return path


def _clause(repairs: list[str]) -> str | None:
    if not repairs:
        return None
    *front, last = repairs
    return f"{', '.join(front)}, and {last}" if front else last
