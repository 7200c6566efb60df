"""Microsoft Entra ID and TLS: azure-identity asks a token issuer, both clients send its token, all verified."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import ssl
from urllib.parse import urlsplit

import httpx2
import jwt
import openai
import pytest
import requests
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.identity import ClientSecretCredential, DefaultAzureCredential, get_bearer_token_provider
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from azure.identity.aio import get_bearer_token_provider as get_async_bearer_token_provider

from offline_endpoint.wire.identity import AUDIENCES, StandInCredential, sign_token
from tests.contract.conftest import PHI, user
from tests.https import start_secure

ASK = user('Translate to Spanish: "Good morning."')
SAID = "Buenos días."
SCOPES = [f"{audience}/.default" for audience in AUDIENCES]


@pytest.fixture(scope="module")
def secure():
    running = start_secure()
    yield running
    running.stop()


@pytest.fixture
def credential(secure):
    with ClientSecretCredential(**secure.registration.options()) as credential:
        yield credential


def azure_client(secure, credential, scope=None, **options):
    scopes = {"credential_scopes": [scope]} if scope else {}
    options = {"connection_verify": str(secure.ca_file), "model": PHI} | scopes | options
    return ChatCompletionsClient(f"{secure.origin}/models", credential, **options)


def trust(secure):
    return ssl.create_default_context(cafile=secure.ca_file)


def v1_client(secure, api_key):
    transport = openai.DefaultHttpxClient(verify=trust(secure))
    return openai.OpenAI(
        base_url=f"{secure.origin}/openai/v1/", api_key=api_key, http_client=transport, max_retries=0
    )


def ask_azure(client):
    with client:
        return client.complete(messages=ASK).choices[0].message.content


def ask_v1(client):
    with client:
        return client.chat.completions.create(model=PHI, messages=ASK).choices[0].message.content


@pytest.mark.parametrize("scope", SCOPES)
def test_azure_client_by_entra_id(secure, credential, scope):
    secure.record.clear()
    assert ask_azure(azure_client(secure, credential, scope)) == SAID
    paths = [arrival.path.rpartition("/")[2] for arrival in secure.record.arrivals()]
    assert paths == ["openid-configuration", "token", "completions"]
    sent = secure.record.arrivals()[-1]
    assert sent.headers["authorization"] == "Bearer ***"
    assert "api-key" not in sent.headers


def test_azure_client_streams_by_entra_id(secure, credential):
    with azure_client(secure, credential, SCOPES[0]) as client:
        pieces = [
            u.choices[0].delta.content or "" for u in client.complete(messages=ASK, stream=True) if u.choices
        ]
    assert "".join(pieces) == SAID


@pytest.mark.parametrize("scope", SCOPES)
def test_openai_client_by_token_provider(secure, credential, scope):
    assert ask_v1(v1_client(secure, get_bearer_token_provider(credential, scope))) == SAID


def test_a_token_is_asked_for_once(secure, credential):
    secure.record.clear()
    provider = get_bearer_token_provider(credential, SCOPES[1])
    with v1_client(secure, provider) as client:
        for _ in range(3):
            client.chat.completions.create(model=PHI, messages=ASK)
    assert sum(arrival.path.endswith("/token") for arrival in secure.record.arrivals()) == 1


def test_async_azure_client_by_entra_id(secure):
    async def ask():
        async with (
            AsyncClientSecretCredential(**secure.registration.options()) as credential,
            AsyncChatCompletionsClient(
                f"{secure.origin}/models",
                credential,
                credential_scopes=SCOPES[:1],
                connection_verify=str(secure.ca_file),
                model=PHI,
            ) as client,
        ):
            return (await client.complete(messages=ASK)).choices[0].message.content

    assert asyncio.run(ask()) == SAID


def test_async_openai_client_by_token_provider(secure):
    async def ask():
        transport = openai.DefaultAsyncHttpxClient(verify=trust(secure))
        async with (
            AsyncClientSecretCredential(**secure.registration.options()) as credential,
            openai.AsyncOpenAI(
                base_url=f"{secure.origin}/openai/v1/",
                api_key=get_async_bearer_token_provider(credential, SCOPES[1]),
                http_client=transport,
            ) as client,
        ):
            return (await client.chat.completions.create(model=PHI, messages=ASK)).choices[0].message.content

    assert asyncio.run(ask()) == SAID


def test_default_credential_takes_the_application_from_the_environment(secure, monkeypatch):
    registration = secure.registration
    monkeypatch.setenv("AZURE_TENANT_ID", registration.tenant_id)
    monkeypatch.setenv("AZURE_CLIENT_ID", registration.client_id)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", registration.client_secret)
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", registration.authority)
    options = {"disable_instance_discovery": True, "connection_verify": str(secure.ca_file)}
    with DefaultAzureCredential(**options) as credential:
        assert ask_azure(azure_client(secure, credential, SCOPES[0])) == SAID


def test_certificate_by_environment(secure, credential, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.ca_file))
    provider = get_bearer_token_provider(credential, SCOPES[1])
    assert ask_v1(openai.OpenAI(base_url=f"{secure.origin}/openai/v1/", api_key=provider)) == SAID


def test_key_over_https(secure):
    assert ask_azure(azure_client(secure, AzureKeyCredential(secure.key))) == SAID
    assert ask_v1(v1_client(secure, secure.key)) == SAID


def test_token_holds_audience_and_expiry(secure, credential):
    token = credential.get_token(SCOPES[0])
    claims = jwt.decode(token.token, secure.secret, algorithms=["HS256"], audience=AUDIENCES[0])
    assert claims["aud"] == AUDIENCES[0]
    assert abs(claims["exp"] - token.expires_on) < 60


def test_wrong_scope_is_refused_by_the_endpoint(secure, credential):
    # With no scope given the client asks for its default one, whose tokens the resource does not take.
    with pytest.raises(ClientAuthenticationError, match="audience is incorrect") as caught:
        ask_azure(azure_client(secure, credential))
    assert caught.value.status_code == 401
    provider = get_bearer_token_provider(credential, "https://ml.azure.com/.default")
    with pytest.raises(openai.AuthenticationError, match="audience is incorrect"):
        ask_v1(v1_client(secure, provider))


def test_wrong_scope_is_refused_by_the_endpoint_async(secure):
    async def ask():
        async with (
            AsyncClientSecretCredential(**secure.registration.options()) as credential,
            AsyncChatCompletionsClient(
                f"{secure.origin}/models", credential, connection_verify=str(secure.ca_file)
            ) as client,
        ):
            await client.complete(messages=ASK)

    with pytest.raises(ClientAuthenticationError, match="audience is incorrect"):
        asyncio.run(ask())


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ("https://cognitiveservices.azure.com", "AADSTS1002012"),
        ("https://cognitiveservices.azure.com/.default https://ai.azure.com/.default", "AADSTS1002012"),
        ("https://cognitiveservices.azure.example/.default", "AADSTS500011"),
    ],
)
def test_wrong_scope_is_refused_by_the_issuer(secure, credential, scope, code):
    with pytest.raises(ClientAuthenticationError, match=code):
        ask_azure(azure_client(secure, credential, scope))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"client_secret": "wrong"}, "AADSTS7000215"),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, "AADSTS700016"),
        ({"tenant_id": "00000000-0000-0000-0000-000000000000"}, "tenant"),
    ],
)
def test_issuer_knows_one_application(secure, change, said):
    with (
        ClientSecretCredential(**(secure.registration.options() | change)) as credential,
        pytest.raises(ClientAuthenticationError, match=said) as caught,
    ):
        credential.get_token(SCOPES[0])
    assert secure.registration.client_secret not in str(caught.value)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 70003),
        ({"grant_type": "password"}, 70003),
        ({"grant_type": "client_credentials"}, 700016),
        ("\xff\x00=%ff&&&", 70003),
        ("a" * 200_000, 90100),
    ],
)
def test_malformed_token_requests(secure, form, code):
    url = f"{secure.origin}/{secure.registration.tenant_id}/oauth2/v2.0/token"
    reply = requests.post(url, data=form, verify=str(secure.ca_file), timeout=10)
    assert reply.status_code == 400
    assert reply.json()["error_codes"] == [code]


def expired(secure):
    return StandInCredential(secure.secret, seconds=-60)


def for_another_audience(secure):
    class Elsewhere(StandInCredential):
        def get_token(self, *_scopes, **_options):
            return super().get_token("https://management.azure.com/.default")

    return Elsewhere(secure.secret)


def of_another_signer(_secure):
    return StandInCredential("x" * 64)


@pytest.mark.parametrize("make", [expired, for_another_audience, of_another_signer])
def test_bad_token_is_refused_in_both_clients(secure, make):
    credential = make(secure)
    with pytest.raises(ClientAuthenticationError, match="missing, invalid") as caught:
        ask_azure(azure_client(secure, credential, SCOPES[0]))
    assert caught.value.status_code == 401
    with pytest.raises(openai.AuthenticationError, match="missing, invalid"):
        ask_v1(v1_client(secure, lambda: credential.get_token(SCOPES[1]).token))


def unsigned(claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


@pytest.mark.parametrize("token", [unsigned({"aud": AUDIENCES[0], "exp": 4_000_000_000}), "..", "a.b.c"])
def test_forged_token_is_refused(secure, token):
    reply = requests.get(
        f"{secure.origin}/openai/v1/models",
        headers={"authorization": f"Bearer {token}"},
        verify=str(secure.ca_file),
        timeout=10,
    )
    assert reply.status_code == 401


def test_token_without_expiry_is_refused(secure):
    token = jwt.encode({"aud": AUDIENCES[0]}, secure.secret, algorithm="HS256")
    good = sign_token(AUDIENCES[0], secure.secret, expires=4_000_000_000)
    url = f"{secure.origin}/openai/v1/models"
    status = [
        requests.get(
            url, headers={"authorization": f"Bearer {t}"}, verify=str(secure.ca_file), timeout=10
        ).status_code
        for t in (token, good)
    ]
    assert status == [401, 200]


def test_untrusted_certificate_stops_both_clients(secure):
    secure.record.clear()
    with pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"):
        ask_azure(azure_client(secure, AzureKeyCredential(secure.key), connection_verify=True, retry_total=0))
    with pytest.raises(openai.APIConnectionError) as caught:
        ask_v1(openai.OpenAI(base_url=f"{secure.origin}/openai/v1/", api_key=secure.key, max_retries=0))
    assert isinstance(caught.value.__cause__, httpx2.ConnectError)
    assert "CERTIFICATE_VERIFY_FAILED" in str(caught.value.__cause__)
    assert secure.record.arrivals() == []


def test_untrusted_certificate_stops_the_credential(secure):
    options = secure.registration.options() | {"connection_verify": True}
    with (
        ClientSecretCredential(**options, retry_total=0) as credential,
        pytest.raises(ClientAuthenticationError),
    ):
        credential.get_token(SCOPES[0])


def test_certificate_of_another_endpoint_is_not_trusted(secure):
    other = start_secure()
    try:
        client = azure_client(
            secure, AzureKeyCredential(secure.key), connection_verify=str(other.ca_file), retry_total=0
        )
        with pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"):
            ask_azure(client)
    finally:
        other.stop()
    assert not other.ca_file.exists()


def test_certificate_holds_for_this_computer_only(secure):
    port = urlsplit(secure.origin).port
    for name in ("127.0.0.1", "localhost"):
        assert requests.get(f"https://{name}:{port}/health", verify=str(secure.ca_file), timeout=10).ok
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"),
    ):
        trust(secure).wrap_socket(plain, server_hostname="contoso.services.ai.azure.com")


def test_plain_http_has_no_issuer(server):
    assert requests.post(f"{server.origin}/t/oauth2/v2.0/token", timeout=10).status_code == 404


def test_nothing_secret_in_a_printed_server(secure):
    words = repr(secure) + repr(secure.registration)
    for secret in (secure.key, secure.secret, secure.registration.client_secret):
        assert secret not in words
