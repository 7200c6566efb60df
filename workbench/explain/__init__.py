"""An error in words: what happened and what to do, in place of a traceback."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from helpers.errors import LearnerError
from workbench.explain.failure import Failure, read_failure


@dataclass(frozen=True)
class Explanation:
    """An error in words. Print it, or read its parts.

    Attributes:
        cause: one sentence on what happened.
        remedy: one sentence or two on what to do; empty where the cause says it already.
        detail: what the service itself said, empty where nothing came back.
    """

    cause: str
    remedy: str = ""
    detail: str = ""

    def __str__(self) -> str:
        if not self.remedy:
            return self.cause
        lines = [f"What happened: {self.cause}", f"What to do: {self.remedy}"]
        return "\n".join(lines + ([f"The service said: {self.detail}"] if self.detail else []))


def explain(error: BaseException) -> Explanation:
    """Say what an exception means and what to do about it.

    Args:
        error: of azure-ai-inference, azure-identity, openai or requests, or a LearnerError. Of any other exception the
            explanation says that it is not one of these.

    Returns:
        The explanation; it holds no key and no token.

    Raises:
        LearnerError: what was given is no exception.
    """
    if not isinstance(error, BaseException):
        raise LearnerError(
            f"explain() takes the exception itself, and this is of type {type(error).__name__}. "
            "Catch it with `except Exception as error:` and pass `error`."
        )
    if isinstance(error, LearnerError):
        return Explanation(str(error))
    failure = read_failure(error)
    for rule in _RULES:
        if rule.applies(failure):
            return Explanation(
                rule.cause.format(failure=failure), rule.remedy.format(failure=failure), _detail(failure)
            )
    return Explanation(
        f"This is an error of type {type(error).__name__}, which none of the clients raises for a failed request.",
        "Read its own message, and look in your code for the line that it names.",
    )


def _detail(failure: Failure) -> str:
    """The service's own words, with the fields it objects to, one a line."""
    if failure.status is None:
        return ""
    code = "" if failure.code == str(failure.status) else failure.code
    first = f"{failure.status} {code}".strip() + (f": {failure.message}" if failure.message else "")
    # A single field is in the message as well, where the message is more than "invalid input".
    repeated = len(failure.fields) == 1 and failure.fields[0].partition(": ")[2] in failure.message
    return "\n".join([first, *(f"- {field}" for field in failure.fields if not repeated)])


@dataclass(frozen=True)
class _Rule:
    """Words for one kind of failure; `{failure...}` in them stands for one of its facts."""

    applies: Callable[[Failure], bool]
    cause: str
    remedy: str


def _both(*conditions: Callable[[Failure], bool]) -> Callable[[Failure], bool]:
    return lambda failure: all(condition(failure) for condition in conditions)


def _any(*conditions: Callable[[Failure], bool]) -> Callable[[Failure], bool]:
    return lambda failure: any(condition(failure) for condition in conditions)


def _kind(*names: str) -> Callable[[Failure], bool]:
    return lambda failure: not failure.kinds.isdisjoint(names)


def _status(*statuses: int) -> Callable[[Failure], bool]:
    return lambda failure: failure.status in statuses


def _service_says(pattern: str) -> Callable[[Failure], bool]:
    """Whether the service's code or sentence matches; the code is there only for the services that send one."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda failure: (
        failure.status is not None and bool(compiled.search(f"{failure.code}: {failure.message}"))
    )


def _client_says(pattern: str) -> Callable[[Failure], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda failure: failure.status is None and bool(compiled.search(failure.said))


_FILTERED = "content_filter|ResponsibleAIPolicyViolation|content management policy"

# The first rule that applies is used, so the special stands before the general. Codes and sentences of the service:
# Microsoft's pages "Azure AI Model Inference REST API", "Azure OpenAI in Azure AI Foundry Models REST API reference"
# and "Content filtering"; the retries of the two clients: `RetryPolicy` in azure-core and `_should_retry` in openai.
_RULES = (
    # Before anything is sent.
    _Rule(
        lambda failure: failure.setting != "",
        "The code reads the setting {failure.setting}, and the environment does not have it.",
        "Run the cell with endpoint.connect() first, or set the variable.",
    ),
    _Rule(
        _both(_kind("OpenAIError"), _client_says("missing credentials")),
        "The openai client was made without a key.",
        'Pass api_key=os.environ["AZURE_INFERENCE_CREDENTIAL"], and check that the variable is not empty.',
    ),
    _Rule(
        _both(_kind("ServiceRequestError"), _client_says("bearer token.*non-TLS")),
        "The client holds a token and the address starts with http://, so it refused to send the token unprotected.",
        "Use an address that starts with https://. For the offline endpoint pass enforce_https=False to complete().",
    ),
    _Rule(
        _kind("CredentialUnavailableError"),
        "There was nothing on this computer to sign in to Microsoft Entra ID with.",
        "Sign in with `az login`, or work with a key.",
    ),
    _Rule(
        _both(_kind("ClientAuthenticationError"), _client_says("attempted credentials")),
        "DefaultAzureCredential tried each way to sign in to Microsoft Entra ID and none worked.",
        "Sign in with `az login`, or work with a key. The error's own message has one line for each way it tried.",
    ),
    _Rule(
        _both(_kind("ClientAuthenticationError"), lambda failure: "AADSTS" in failure.said),
        "Microsoft Entra ID refused the sign-in.",
        "Check tenant, client and secret of the identity, and look up the number after AADSTS in the error's message.",
    ),
    _Rule(
        _client_says(r"header value|in headers\b|'ascii' codec can't encode"),
        "The key holds a character that a request cannot carry, such as a line break or a letter outside ASCII.",
        "Copy the key again, without quotes or line breaks around it.",
    ),
    _Rule(
        _kind("InvalidURL", "MissingSchema", "InvalidSchema", "LocationParseError", "UnsupportedProtocol"),
        "The address is not a URL.",
        "Write it in full, in the form https://<resource>.services.ai.azure.com/models.",
    ),
    # On the way there and back.
    _Rule(
        _kind("ProxyError"),
        "The proxy that stands between this computer and the network could not be used.",
        "Check the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY, or ask who runs your network.",
    ),
    _Rule(
        _kind("gaierror", "NameResolutionError", "ClientConnectorDNSError"),
        "The host name in the address could not be found.",
        "Check its spelling in AZURE_INFERENCE_ENDPOINT, then the network: is there a connection, is a VPN needed?",
    ),
    _Rule(
        _kind("SSLCertVerificationError"),
        "The server showed a certificate that this computer does not trust, so nothing was sent.",
        "Check the host name. If a proxy of your network signs certificates, install its certificate; "
        "do not switch the check off.",
    ),
    _Rule(
        _kind("ConnectionRefusedError"),
        "The computer at that address was reached, and nothing listens at that port.",
        "Check host and port, and start the server if it is your own. Offline, run endpoint.connect() again.",
    ),
    _Rule(
        _kind(
            "ConnectTimeout", "ConnectTimeoutError", "ConnectionTimeoutError", "ServiceRequestTimeoutError"
        ),
        "No connection was made within the time that the client waits.",
        "Check the network and the address; allow more time with connection_timeout (azure-ai-inference) "
        "or timeout (openai, requests).",
    ),
    _Rule(
        _kind("ReadTimeout", "APITimeoutError", "ServiceResponseTimeoutError", "TimeoutError"),
        "No reply came within the time that the client waits; the service may still be working on it.",
        "Allow more time with read_timeout (azure-ai-inference) or timeout (openai, requests), or ask for less: "
        "a smaller picture, a shorter reply.",
    ),
    _Rule(
        _kind("SSLError"),
        "The server did not answer with TLS, the protection behind https://.",
        "Check the port, and whether this server wants http:// in place of https://.",
    ),
    _Rule(
        _any(
            _kind("RemoteDisconnected", "ServerDisconnectedError", "ConnectionResetError"),
            _client_says("disconnected without sending a response"),
        ),
        "The server closed the connection without a reply.",
        "Send the request again. If it goes on, check whether this server wants https:// in place of http://.",
    ),
    _Rule(
        _kind("IncompleteReadError", "ChunkedEncodingError", "ClientPayloadError", "RemoteProtocolError"),
        "The connection broke off in the middle of the reply.",
        "Throw away the part that came, or mark it as cut, and send the request again.",
    ),
    # Refused by the service: who you are and where you asked.
    _Rule(
        lambda failure: failure.status == 401 and failure.is_expired,
        "The token has expired.",
        "Get a new one: pass the credential or a token provider to the client, not a token that you fetched once.",
    ),
    _Rule(
        _both(_status(401, 403), _service_says("PermissionDenied|lacks the required")),
        "You are signed in, and your identity has no right to use this resource.",
        "Ask for the role Cognitive Services User on the resource; a new role takes some minutes to work.",
    ),
    _Rule(
        lambda failure: failure.status == 401 and failure.audience is not None,
        "The service refused the token, which is made out to {failure.audience}.",
        "Ask for the scope https://cognitiveservices.azure.com/.default on /models (credential_scopes) or "
        "https://ai.azure.com/.default on /openai/v1.",
    ),
    _Rule(
        _status(401),
        "The key is missing or is not one of this resource.",
        "Copy the key and the address again from the same page of the portal; both have to be of one resource.",
    ),
    _Rule(
        _status(403),
        "The service knows you and does not let you in.",
        "Check the resource's network rules (is this computer's address allowed?) and your role on it.",
    ),
    _Rule(
        _service_says(
            r"DeploymentNotFound|unknown.?model|model_not_found|deployment\b.*does not exist|model\b.*not found"
        ),
        "The address is right, and there is no deployment of that name behind it.",
        "Put the deployment's name, as the portal lists it, into model; capitals and hyphens count.",
    ),
    _Rule(
        lambda failure: failure.status == 404 and failure.path.startswith("/api/models"),
        "The address ends in /api/models, and the service has nothing there.",
        "Take out /api: the address is https://<resource>.services.ai.azure.com/models.",
    ),
    _Rule(
        lambda failure: failure.status == 404 and failure.path.count("/chat/completions") > 1,
        "The address ends in /chat/completions, and the client added that a second time.",
        "Leave /chat/completions out of the address.",
    ),
    _Rule(
        _service_says(r"api.version.*(missing|not supported|unsupported)|unsupported api.version"),
        "The service does not speak the version of its interface that the request names, or the request names none.",
        "Set api_version to 2024-05-01-preview on /models and to v1 on /openai/v1; the openai client needs none there.",
    ),
    _Rule(
        _status(404),
        "The service has nothing at the path {failure.path}.",
        "Check what comes after the host in the address: /models for azure-ai-inference, /openai/v1/ for openai.",
    ),
    # Refused by the service: what you sent.
    _Rule(
        _both(_service_says(_FILTERED), lambda failure: failure.categories != ""),
        "A content filter refused the prompt, for this category: {failure.categories}.",
        "Change the prompt or the picture. Sending the same again gives the same; "
        "who runs the deployment sets how strict the filter is.",
    ),
    _Rule(
        _service_says(_FILTERED),
        "A content filter refused the prompt and does not name the category.",
        "Change the prompt or the picture. Sending the same again gives the same; "
        "who runs the deployment sets how strict the filter is.",
    ),
    _Rule(
        _service_says(r"too_many_images|at most \d+ image|too many images"),
        "The request holds more pictures than this deployment takes.",
        "Send fewer pictures, join them into one, or choose a deployment that takes several.",
    ),
    _Rule(
        _service_says(r"'(input_audio|audio_url)'|takes no audio|audio.*not supported"),
        "This deployment takes no sound.",
        "Choose a deployment that does, such as Phi-4-multimodal-instruct.",
    ),
    _Rule(
        _service_says(r"could not be downloaded|invalid_(image|audio)_url|error.*downloading"),
        "The service could not fetch what a URL in the request points to.",
        "Open the URL in a private browser window: it has to lead to the file itself, with no sign-in. "
        "Else send the file in base64.",
    ),
    _Rule(
        _service_says("context_length_exceeded|maximum context length"),
        "The request holds more tokens than this model can read.",
        "Shorten the messages, leave out old turns, or send smaller pictures and shorter clips.",
    ),
    _Rule(
        _service_says("(image|audio)_too_(large|long)"),
        "A picture or clip in the request is larger than the service takes.",
        "Shrink the picture or cut the clip; image_part(..., shrink_for=...) does it for pictures.",
    ),
    _Rule(
        _service_says("invalid_(image|audio|base64)"),
        "The bytes of a picture or clip are not what the request says they are.",
        "Name the type that the bytes have, and convert other types first; image_part and audio_part do both.",
    ),
    _Rule(
        _status(413),
        "The request is larger than the service takes.",
        "Shrink pictures, cut clips, or send them by URL.",
    ),
    _Rule(
        _status(415),
        "The request was not sent as JSON.",
        "Send the header Content-Type: application/json; with requests, pass the body as json=.",
    ),
    _Rule(
        _status(422),
        "A field of the request is misspelled, missing or of the wrong type.",
        "Compare the places named below with the form of a content part; a name one letter off counts as missing.",
    ),
    _Rule(
        _status(400, 405, 409),
        "The service understood where the request was going and refused what was in it.",
        "Read what it said, and change that part of the request.",
    ),
    # Refused for now.
    _Rule(
        lambda failure: failure.status == 429 and failure.retry_after is not None,
        "You sent more requests or tokens than the deployment allows; it asks you to wait {failure.retry_after}.",
        "Wait that long and send again. Both clients do it by themselves, as often as retry_total "
        "(azure-ai-inference) or max_retries (openai) allows.",
    ),
    _Rule(
        _status(429),
        "You sent more requests or tokens than the deployment allows; it does not say how long to wait.",
        "Wait, longer after each failure, and send again. The openai client does so by itself, azure-ai-inference not.",
    ),
    _Rule(
        lambda failure: failure.status is not None and failure.status >= 500,
        "The service failed while it worked on the request; nothing need be wrong with what you sent.",
        "Send it again after a while. If it goes on, look at the service's status page, then change the request.",
    ),
    _Rule(
        lambda failure: failure.status is not None,
        "The service answered with status {failure.status}, which is no success.",
        "Read what it said, and check that the address is the one of your resource.",
    ),
    # Left over: the client gave up, and nothing above says why.
    _Rule(
        _kind("APIConnectionError", "ServiceRequestError", "ServiceResponseError", "RequestException"),
        "No reply came back: the connection failed or was closed.",
        "Check the network and the address, and send the request again.",
    ),
)
