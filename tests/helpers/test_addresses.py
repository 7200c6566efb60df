"""From a pasted URL to the addresses of both clients: what is put right, what is refused, and what a learner reads."""

from __future__ import annotations

import pytest

from helpers.addresses import AddressError, Kind, fitting_version, read_address

FOUNDRY = "https://contoso.services.ai.azure.com"
OPENAI = "https://contoso.openai.azure.com"
COGNITIVE = "https://contoso.cognitiveservices.azure.com"
US = "https://contoso.openai.azure.us"
SERVERLESS = "https://phi.eastus.models.ai.azure.com"
LOCAL = "http://localhost:11434"
GATEWAY = "https://contoso.azure-api.net/lessons"
ONLINE = "https://phi.eastus.inference.ml.azure.com"
VM = "http://vm.eastus.cloudapp.azure.com:8000"
ALONE = "http://127.0.0.1:8765"

MODELS = (Kind.AZURE_MODELS, f"{FOUNDRY}/models", f"{FOUNDRY}/openai/v1/")
FOUNDRY_V1 = (Kind.AZURE_V1, f"{FOUNDRY}/openai/v1", f"{FOUNDRY}/openai/v1/")
OPENAI_V1 = (Kind.AZURE_V1, f"{OPENAI}/openai/v1", f"{OPENAI}/openai/v1/")
COGNITIVE_V1 = (Kind.AZURE_V1, f"{COGNITIVE}/openai/v1", f"{COGNITIVE}/openai/v1/")
OWN_HOST = (Kind.AZURE_MODELS, SERVERLESS, f"{SERVERLESS}/v1/")
ONLINE_ENDPOINT = (Kind.AZURE_MODELS, ONLINE, f"{ONLINE}/v1/")
GATEWAY_V1 = (Kind.AZURE_V1, f"{GATEWAY}/openai/v1", f"{GATEWAY}/openai/v1/")
OLLAMA = (Kind.OPENAI_SHAPED, f"{LOCAL}/v1", f"{LOCAL}/v1/")

TAKEN_AS_GIVEN = [
    (f"{FOUNDRY}/models", MODELS),
    (f"{FOUNDRY}/openai/v1", FOUNDRY_V1),
    (f"{OPENAI}/openai/v1/", OPENAI_V1),
    (SERVERLESS, OWN_HOST),
    (f"{LOCAL}/v1", OLLAMA),
    (f"{LOCAL}/v1/", OLLAMA),
    ("http://[::1]:8080/v1", (Kind.OPENAI_SHAPED, "http://[::1]:8080/v1", "http://[::1]:8080/v1/")),
    (f"{ALONE}/models", (Kind.AZURE_MODELS, f"{ALONE}/models", f"{ALONE}/openai/v1/")),
    (f"{ALONE}/openai/v1/", (Kind.AZURE_V1, f"{ALONE}/openai/v1", f"{ALONE}/openai/v1/")),
    (f"{GATEWAY}/models", (Kind.AZURE_MODELS, f"{GATEWAY}/models", f"{GATEWAY}/openai/v1/")),
    (f"{VM}/v1", (Kind.OPENAI_SHAPED, f"{VM}/v1", f"{VM}/v1/")),
    (f"{US}/openai/v1", (Kind.AZURE_V1, f"{US}/openai/v1", f"{US}/openai/v1/")),
]
PUT_RIGHT = [
    (f"{FOUNDRY}/models/", MODELS, "slash at the end"),
    (f"{FOUNDRY}//models", MODELS, "doubled slashes"),
    (f"{FOUNDRY}/models/chat/completions?api-version=2024-05-01-preview", MODELS, "/chat/completions was left out"),
    (f"{FOUNDRY}/models?api-version=2024-05-01-preview", MODELS, "question mark"),
    (f"{FOUNDRY}/api/models", MODELS, "/api/models was replaced by /models"),
    (f"{FOUNDRY}/api/projects/p", FOUNDRY_V1, "project's path was replaced by /openai/v1"),
    (f"{FOUNDRY}/api/projects/p/", FOUNDRY_V1, "project's path was replaced by /openai/v1"),
    (f"{FOUNDRY}/api/projects/p/openai/v1/", FOUNDRY_V1, "project's path was replaced by /openai/v1"),
    (FOUNDRY, FOUNDRY_V1, "/openai/v1 was added"),
    (f"{FOUNDRY}/", FOUNDRY_V1, "/openai/v1 was added"),
    (f"{FOUNDRY}.", FOUNDRY_V1, "signs around it"),
    (f"{FOUNDRY}./openai/v1", FOUNDRY_V1, "dot after the host"),
    (f"{FOUNDRY}.:443/models", (Kind.AZURE_MODELS, f"{FOUNDRY}:443/models", f"{FOUNDRY}:443/openai/v1/"), "dot after"),
    (f"“{FOUNDRY}/models”,", MODELS, "quotes"),
    (f"<{FOUNDRY}/openai/v1>", FOUNDRY_V1, "signs around it"),
    (f"{FOUNDRY}/openai/v1;", FOUNDRY_V1, "signs around it"),
    (f"{LOCAL}./v1".replace(":11434.", ".:11434"), OLLAMA, "dot after the host"),
    (f'"{FOUNDRY}/models"', MODELS, "quotes"),
    (f"{FOUNDRY}/openai/v1/chat/completions", FOUNDRY_V1, "/chat/completions was left out"),
    (f"{FOUNDRY}/openai/v1/models", FOUNDRY_V1, "/openai/v1/models was replaced"),
    (f"{OPENAI}", OPENAI_V1, "/openai/v1"),
    (f"{OPENAI}/", OPENAI_V1, "/openai/v1"),
    (f"{OPENAI}/openai", OPENAI_V1, "/openai was replaced"),
    (f"{OPENAI}/models", OPENAI_V1, "/models was replaced by /openai/v1"),
    (f"{OPENAI}/openai/responses?api-version=2025-04-01-preview", OPENAI_V1, "/responses was left out"),
    (f"{OPENAI}/openai/deployments/mine/chat/completions?api-version=2024-10-21", OPENAI_V1, "deployment's own path"),
    (f"{COGNITIVE}/", COGNITIVE_V1, "/openai/v1"),
    (f"{COGNITIVE}/openai/deployments/mine/chat/completions?api-version=2025-01-01", COGNITIVE_V1, "own path"),
    (f"{SERVERLESS}/v1/chat/completions", OWN_HOST, "/v1 was left out"),
    (f"{ONLINE}/score", ONLINE_ENDPOINT, "/score was left out"),
    (LOCAL, OLLAMA, "/v1 was added"),
    (f"{LOCAL}/v1/chat/completions", OLLAMA, "/chat/completions was left out"),
    (f"{LOCAL}/v1/models", OLLAMA, "list of models"),
    (f"{LOCAL}/api/chat", OLLAMA, "Ollama's own path"),
    (f"{GATEWAY}/openai/deployments/mine/chat/completions", GATEWAY_V1, "deployment's own path"),
]  # fmt: skip
REFUSED = {
    "nothing": ("", "starts with https"),
    "white space": ("   ", "starts with https"),
    "one quote": ('"', "starts with https"),
    "a word": ("azure", "starts with https"),
    "a key": ("0123456789abcdef0123456789abcdef", "starts with https"),
    "no scheme": ("contoso.services.ai.azure.com/models", "starts with https"),
    "another scheme": ("ftp://contoso.services.ai.azure.com/models", "starts with https"),
    "no host": ("https:///models", "starts with https"),
    "a space": ("https://contoso .services.ai.azure.com/models", "starts with https"),
    "a line break": ("https://contoso.services.ai.azure.com/\nmodels", "starts with https"),
    "a null": ("https://contoso.services.ai.azure.com/\0models", "starts with https"),
    "a backslash": (r"https:\\contoso.services.ai.azure.com\models", "starts with https"),
    "port of letters": ("https://contoso.services.ai.azure.com:abc/models", "not a URL"),
    "port too high": ("http://localhost:99999/v1", "not a URL"),
    "port zero": ("http://localhost:0/v1", "not a URL"),
    "bad bracket": ("https://[contoso/models", "not a URL"),
    "empty resource": ("https://.services.ai.azure.com/models", "not a URL"),
    "two dots": ("https://contoso..services.ai.azure.com/models", "not a URL"),
    "twice": ("https://https://contoso.services.ai.azure.com/models", "twice"),
    "two addresses": (f"{FOUNDRY}/models,{OPENAI}/", "twice"),
    "placeholder": ("https://<resource>.services.ai.azure.com/models", "placeholder"),
    "user": ("https://me@contoso.services.ai.azure.com/models", "user name or password"),
    "password": ("https://me:hunter2@contoso.services.ai.azure.com/models", "user name or password"),
    "host behind an at": ("https://@evil.example/models", "user name or password"),
    "plain http": ("http://contoso.services.ai.azure.com/models", "Use https"),
    "plain http, serverless": ("http://phi.eastus.models.ai.azure.com", "Use https"),
    "another route": (f"{FOUNDRY}/anthropic/v1/messages", "no chat completion"),
    "agents": (f"{FOUNDRY}/api/projects/p/agents/a", "no chat completion"),
    "speech": (f"{COGNITIVE}/speechtotext/v3.2", "no chat completion"),
    "serverless path": (f"{SERVERLESS}/other", "host to itself"),
    "the portal": ("https://ai.azure.com/foundry/projects/p", "web page"),
    "the other portal": ("https://portal.azure.com/#home", "web page"),
    "a page of documentation": ("https://learn.microsoft.com/azure/ai-foundry", "web page"),
    "a region": ("https://eastus.api.cognitive.microsoft.com/", "region"),
    "github models": ("https://models.github.ai/inference", "closed"),
    "github models, old": ("https://models.inference.ai.azure.com", "closed"),
}


def triple(address):
    return address.kind, address.url, address.v1_base_url


@pytest.mark.parametrize(("url", "expected"), TAKEN_AS_GIVEN)
def test_good_address_is_taken_as_it_is(url, expected):
    address = read_address(url)
    assert triple(address) == expected
    assert address.repair is None


@pytest.mark.parametrize(("url", "expected", "said"), PUT_RIGHT)
def test_pasted_form_is_put_right_and_named(url, expected, said):
    address = read_address(url)
    assert triple(address) == expected
    assert said in address.repair
    assert "\n" not in address.repair
    assert not address.repair.endswith(".")


@pytest.mark.parametrize("url", [url for url, *_ in TAKEN_AS_GIVEN + PUT_RIGHT])
def test_what_was_put_right_stays_right(url):
    once = read_address(url)
    for base in (once.url, once.v1_base_url):
        assert read_address(once.url).repair is None
        assert read_address(base).kind in (once.kind, Kind.AZURE_V1)


@pytest.mark.parametrize("url", [f"  {FOUNDRY}/models\n", "HTTPS://Contoso.Services.AI.Azure.com/Models"])
def test_case_and_white_space_do_not_matter(url):
    assert triple(read_address(url)) == MODELS


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_the_reason(case):
    url, reason = REFUSED[case]
    with pytest.raises(AddressError, match=reason) as caught:
        read_address(url)
    # A refused address may hold anything, a key too; so it is not repeated.
    assert "hunter2" not in str(caught.value)
    assert "0123456789abcdef" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "deployment"),
    [
        (f"{OPENAI}/openai/deployments/mine/chat/completions?api-version=2024-10-21", "mine"),
        (f"{OPENAI}/openai/deployments/my%20own/", "my own"),
        (f"{OPENAI}/openai/v1", None),
    ],
)
def test_deployment_named_in_the_address(url, deployment):
    assert read_address(url).deployment == deployment


def test_query_is_never_repeated():
    address = read_address(f"{FOUNDRY}/models?api-key=hunter2&api-version=2025-04-01")
    assert "hunter2" not in repr(address)
    assert address.api_version == "2025-04-01"


@pytest.mark.parametrize(
    ("url", "scope"),
    [
        (f"{FOUNDRY}/models", "https://cognitiveservices.azure.com/.default"),
        (f"{FOUNDRY}/openai/v1", "https://ai.azure.com/.default"),
        (US, "https://cognitiveservices.azure.us/.default"),
        ("https://contoso.services.ai.azure.us", "https://cognitiveservices.azure.us/.default"),
        ("https://contoso.services.ai.azure.us/models", "https://cognitiveservices.azure.us/.default"),
        ("https://contoso.openai.azure.cn/openai/v1", "https://cognitiveservices.azure.cn/.default"),
        ("https://contoso.cognitiveservices.azure.cn", "https://cognitiveservices.azure.cn/.default"),
        (f"{GATEWAY}/openai/v1", "https://ai.azure.com/.default"),
        (SERVERLESS, "https://ml.azure.com/.default"),
        (LOCAL, None),
    ],
)
def test_scope_of_tokens(url, scope):
    assert read_address(url).token_scope == scope


@pytest.mark.parametrize(
    ("kind", "wanted", "used"),
    [
        (Kind.AZURE_MODELS, "", "2024-05-01-preview"),
        (Kind.AZURE_MODELS, "2025-04-01", "2025-04-01"),
        (Kind.AZURE_MODELS, "v1", "2024-05-01-preview"),
        (Kind.AZURE_V1, "", "v1"),
        (Kind.AZURE_V1, "preview", "preview"),
        (Kind.AZURE_V1, "2024-05-01-preview", "v1"),
        (Kind.OPENAI_SHAPED, "anything", "anything"),
        (Kind.OPENAI_SHAPED, "", "2024-05-01-preview"),
    ],
)
def test_version_fits_the_route(kind, wanted, used):
    assert fitting_version(kind, wanted) == used


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        (FOUNDRY, None),
        (US, "https://login.microsoftonline.us"),
        ("https://contoso.services.ai.azure.cn/models", "https://login.chinacloudapi.cn"),
        ("https://models.example.us/v1", None),
    ],
)
def test_authority_of_a_sovereign_cloud(url, authority):
    assert read_address(url).authority == authority


def test_authorities_are_those_that_azure_identity_knows():
    from azure.identity import AzureAuthorityHosts

    assert read_address(US).authority == f"https://{AzureAuthorityHosts.AZURE_GOVERNMENT}"
    assert read_address("https://a.openai.azure.cn").authority == f"https://{AzureAuthorityHosts.AZURE_CHINA}"


@pytest.mark.parametrize("url", [f"{FOUNDRY}/models", f"{GATEWAY}/models", f"{FOUNDRY}/api/models"])
def test_the_models_route_comes_with_a_word_on_its_end(url):
    assert "2026-08-26" in read_address(url).note
    assert "/openai/v1" in read_address(url).note


@pytest.mark.parametrize("url", [FOUNDRY, f"{FOUNDRY}/openai/v1", SERVERLESS, LOCAL, f"{ALONE}/models"])
def test_other_routes_come_without_one(url):
    assert read_address(url).note is None
