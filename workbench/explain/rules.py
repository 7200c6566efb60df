"""Which sentences belong to which failure: one table, and the conditions that it is made of."""

from __future__ import annotations

import re
from collections.abc import Callable

from workbench.explain.failure import Failure

Condition = Callable[[Failure], bool]


def _both(*conditions: Condition) -> Condition:
    return lambda failure: all(condition(failure) for condition in conditions)


def _any(*conditions: Condition) -> Condition:
    return lambda failure: any(condition(failure) for condition in conditions)


def _kind(*names: str) -> Condition:
    return lambda failure: not failure.kinds.isdisjoint(names)


def _status(*statuses: int) -> Condition:
    return lambda failure: failure.status in statuses


def _service_says(pattern: str) -> Condition:
    """Whether the service's code or sentence matches; the code is there only for the services that send one."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda it: it.is_from_service and bool(compiled.search(f"{it.code}: {it.message}"))


def _objects_to(parameter: str) -> Condition:
    # The service names it in a field of its own, or quotes it.
    quoted = _service_says(rf"(?:'|supplied: ){parameter}\b")
    return _both(_UNSUPPORTED, lambda it: it.parameter == parameter or (not it.parameter and quoted(it)))


def _client_says(pattern: str) -> Condition:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda failure: not failure.is_from_service and bool(compiled.search(failure.said))


def _has(name: str) -> Condition:
    return lambda failure: bool(getattr(failure, name))


_from_client, _in_stream = _has("client"), _has("is_in_stream")


def _waits(*sources: str, at_most: float = float("inf")) -> Condition:
    return lambda it: it.wait is not None and it.wait <= at_most and (not sources or it.wait_from in sources)


_UNSUPPORTED = _service_says(r"unsupported[_ ](parameter|value)|unrecognized request argument")
_FILTERED = "content_?filter|ResponsibleAIPolicyViolation|content management policy"
_NO_MODEL = r"model_not_found|\bmodel\b[^.]{0,80} (not found|does not exist)"
_NO_DEPLOYMENT = r"DeploymentNotFound|unknown.?model|deployment\b.*does not exist"
# The first rule that applies is used, so the special stands before the general. Codes and sentences of the service:
# Microsoft's pages "Azure AI Model Inference REST API", "Azure OpenAI in Azure AI Foundry Models REST API reference"
# and "Content filtering", and public reports of users; those of other servers: reports of their users. The retries of
# the two clients: `RetryPolicy` in azure-core and `_should_retry` in openai.
# fmt: off
_FILTER_REMEDY = ("Change the prompt or the picture. Sending the same again gives the same; "
                  "who runs the deployment sets how strict the filter is.")
_TOO_MANY = "You sent more requests or tokens than the deployment allows; it asks you to wait {failure.wait_words}."

RULES: tuple[tuple[Condition, str, str], ...] = (
    # Before anything is sent.
    (_both(_kind("OSError"), _has("setting")),
     "The setting {failure.setting} names a file of trusted certificates, and there is no such file.",
     "Put the path of a PEM file into {failure.setting}, or unset it to trust the usual certificates."),
    (_has("setting"),
     "The code reads the setting {failure.setting}, and the environment does not have it.",
     "Run the cell with endpoint.connect() first, or set the variable."),
    (_both(_from_client, _any(_client_says("CA certificate bundle|NO_CERTIFICATE_OR_CRL|no start line|PEM lib"),
                              _kind("FileNotFoundError"))),
     "The file of trusted certificates that the client was told of is not there or holds no certificate.",
     "Correct or unset REQUESTS_CA_BUNDLE and SSL_CERT_FILE, or what you passed as verify; they name a PEM file."),
    (_client_says(r"\bSOCKS\b|only http proxies are supported|unknown scheme for proxy"),
     "A proxy of the kind SOCKS is set, and this client cannot use one as it is installed.",
     "Unset ALL_PROXY, and HTTP_PROXY and HTTPS_PROXY where they start with socks, or install what the clients need: "
     "socksio for openai, PySocks for azure-ai-inference and requests."),
    (_both(_kind("OpenAIError"), _client_says("missing credentials")),
     "The openai client was made without a key.",
     'Pass api_key=os.environ["AZURE_INFERENCE_CREDENTIAL"], and check that the variable is not empty.'),
    (_both(_kind("ServiceRequestError"), _client_says("bearer token.*non-TLS")),
     "The client holds a token and the address starts with http://, so it refused to send the token unprotected.",
     "Use an address that starts with https://. For the offline endpoint pass enforce_https=False to complete()."),
    (_kind("CredentialUnavailableError"),
     "There was nothing on this computer to sign in to Microsoft Entra ID with.",
     "Sign in with `az login`, or work with a key."),
    (_both(_kind("ClientAuthenticationError"), _client_says("attempted credentials")),
     "DefaultAzureCredential tried each way to sign in to Microsoft Entra ID and none worked.",
     "Sign in with `az login`, or work with a key. The error's own message has one line for each way it tried."),
    (_both(_kind("ClientAuthenticationError"), lambda failure: "AADSTS" in failure.said),
     "Microsoft Entra ID refused the sign-in.",
     "Check tenant, client and secret of the identity, and look up the number after AADSTS in the error's message."),
    (_client_says(r"header value|in headers\b|'ascii' codec can't encode"),
     "The key holds a character that a request cannot carry, such as a line break or a letter outside ASCII.",
     "Copy the key again, without quotes or line breaks around it."),
    (_kind("InvalidURL", "MissingSchema", "InvalidSchema", "LocationParseError", "UnsupportedProtocol"),
     "The address is not a URL.", "Write it in full, in the form https://<resource>.services.ai.azure.com/openai/v1."),
    # On the way there and back.
    (_any(_kind("ProxyError", "ClientHttpProxyError", "ClientProxyConnectionError"), _status(407)),
     "The proxy that stands between this computer and the network could not be used.",
     "Check the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY (does the proxy want a name and a password?), "
     "or ask who runs your network."),
    (_kind("gaierror", "NameResolutionError", "ClientConnectorDNSError"),
     "The host name in the address could not be found.",
     "Check its spelling in AZURE_INFERENCE_ENDPOINT, then the network: is there a connection, is a VPN needed?"),
    (_kind("SSLCertVerificationError"),
     "The server showed a certificate that this computer does not trust, so nothing was sent.",
     "Check the host name. If a proxy of your network signs certificates, put its certificate's PEM file into both "
     "REQUESTS_CA_BUNDLE and SSL_CERT_FILE; do not switch the check off."),
    (_kind("ConnectionRefusedError"),
     "The computer at that address was reached, and nothing listens at that port.",
     "Check host and port, and start the server if it is your own. Offline, run endpoint.connect() again."),
    (_kind("ConnectTimeout", "ConnectTimeoutError", "ConnectionTimeoutError", "ServiceRequestTimeoutError"),
     "No connection was made within the time that the client waits.",
     "Check the network and the address; allow more time with connection_timeout (azure-ai-inference) "
     "or timeout (openai, requests)."),
    (_kind("ReadTimeout", "APITimeoutError", "ServiceResponseTimeoutError", "TimeoutError"),
     "No reply came within the time that the client waits; the service may still be working on it.",
     "Allow more time with read_timeout (azure-ai-inference) or timeout (openai, requests), or ask for less: "
     "a smaller picture, a shorter reply."),
    (_kind("SSLError"),
     "The server did not answer with TLS, the protection behind https://.",
     "Check the port, and whether this server wants http:// in place of https://."),
    (_any(_kind("RemoteDisconnected", "ServerDisconnectedError", "ConnectionResetError"),
          _client_says("disconnected without sending a response")),
     "The server closed the connection without a reply.",
     "Send the request again. If it goes on, check whether this server wants https:// in place of http://."),
    (_kind("IncompleteReadError", "ChunkedEncodingError", "ClientPayloadError", "RemoteProtocolError"),
     "The connection broke off in the middle of the reply.",
     "Throw away the part that came, or mark it as cut, and send the request again."),
    # A reply came, and the client cannot read it.
    (_kind("LengthFinishReasonError"),
     "The reply reached its limit of tokens before its JSON was whole.",
     "Allow more with max_tokens (max_completion_tokens for reasoning models), or ask for less."),
    (_any(_kind("ContentFilterFinishReasonError"), _both(_in_stream, _service_says(_FILTERED))),
     "A content filter stopped the reply.",
     "Change the prompt or the picture, and do not use the part that came; "
     "who runs the deployment sets how strict the filter is."),
    (_client_says("SSE event not supported"),
     "The server's stream has lines of another form than azure-ai-inference reads, which is `data: ` and JSON, ended "
     "by a line feed alone.", "Use the openai client for streams of this server, or ask without stream=True."),
    (_any(_both(_from_client, _kind("JSONDecodeError", "DecodeError", "APIResponseValidationError")),
          _client_says(r"'(str|list|NoneType)' object has no attribute 'choices'")),
     "A reply came back that is no chat completion: it is empty, a web page, or JSON of another form.",
     "Check that the path of the address is that of chat completions and that no proxy or sign-in page answers in "
     "their place; if the address worked before, send the request again."),
    # Refused by the service: who you are and where you asked.
    (_any(_has("has_no_quota"), _status(402)),
     "The quota or the credit behind this key is used up, which no waiting cures.",
     "See the subscription's billing and quota (in the portal under Operate > Quota), or use another resource."),
    (_both(_status(401), _has("is_expired")),
     "The token has expired.",
     "Get a new one: pass the credential or a token provider to the client, not a token that you fetched once."),
    (_service_says("AuthenticationTypeDisabled|key.based authentication is disabled|local ?auth.* is disabled"),
     "This resource takes no keys: signing in with a key is switched off.",
     "Sign in with Microsoft Entra ID: pass endpoint's token_credential(), or a DefaultAzureCredential with the "
     "route's scope, in place of the key."),
    (_service_says(r"tenant.*(does not match|mismatch)|Tenant provided in token"),
     "The token is of another directory (tenant) than the resource.",
     "Sign in to the resource's own: `az login --tenant` with its name, or set AZURE_TENANT_ID."),
    (_both(_status(401, 403), _service_says("PermissionDenied|lacks the required")),
     "You are signed in, and your identity has no right to use this resource.",
     "Ask for the role Cognitive Services User on the resource (Owner and Contributor are not enough); "
     "a new role takes some minutes to work."),
    (_both(_status(401), lambda failure: failure.audience is not None and failure.host.endswith((".us", ".cn"))),
     "The service refused the token, which is made out to {failure.audience}.",
     "This resource is in a cloud of its own, with scopes of its own: ask for the endpoint's token_scope."),
    (_both(_status(401), _has("audience")),
     "The service refused the token, which is made out to {failure.audience}.",
     "Ask for the scope https://cognitiveservices.azure.com/.default on /models (credential_scopes) or "
     "https://ai.azure.com/.default on /openai/v1."),
    (_status(401),
     "The key is missing or is not one of this resource.",
     "Copy the key and the address again from the same page of the portal; both have to be of one resource."),
    (_both(_status(403), _service_says("virtual network|firewall|public (network )?access|private endpoint|traffic")),
     "The resource's network rules do not let this computer in.",
     "Ask its owner to allow this computer's address, or work from the network or the VPN that it allows."),
    (_status(403),
     "The service knows you and does not let you in.",
     "Read what it said. Usual reasons are the resource's network rules (is this computer's address allowed?) and a "
     "missing role."),
    (_any(_status(410), _service_says(r"model_?(deprecated|retired)|model\b.* (been|is|was) (deprecated|retired)")),
     "The model behind this deployment is retired and answers no more.",
     "Deploy a newer model and put that deployment's name into model; the portal lists what can be deployed."),
    (_service_says("no_model_name|no model (was )?specified"),
     "The request names no model, and this endpoint takes none for granted.",
     "Give the deployment's name as model, to the client or with each request; a dict passed as body needs it inside."),
    (_service_says(r"OperationNotSupported|does not work with the specified model|not support chat ?completion"),
     "The model behind this deployment answers no chat completions.", "Put a deployment of a chat model into model."),
    (_both(_has("role"), _service_says(f"{_NO_DEPLOYMENT}|{_NO_MODEL}")),
     "The address is right, and there is no deployment of the name that {failure.role} has.",
     "Put the name of a deployment, as the portal lists it, into {failure.role}; capitals and hyphens count."),
    (_service_says(_NO_DEPLOYMENT),
     "The address is right, and there is no deployment of that name behind it.",
     "Put the deployment's name, as the portal lists it, into model; capitals and hyphens count."),
    (_service_says(_NO_MODEL),
     "The address is right, and there is no model of that name behind it.",
     "Put the name under which this server has its model into model; most servers list theirs at /v1/models."),
    (_both(_status(404), lambda failure: failure.path.startswith("/api/models")),
     "The address ends in /api/models, and the service has nothing there.",
     "Take out /api: the address is https://<resource>.services.ai.azure.com/models."),
    (_both(_status(404), lambda failure: failure.path.count("/chat/completions") > 1),
     "The address ends in /chat/completions, and the client added that a second time.",
     "Leave /chat/completions out of the address."),
    (_service_says(r"api.version.*(missing|not supported|unsupported|not allowed)|unsupported api.version"),
     "The service does not speak the version of its interface that the request names, or the request names none.",
     "Set api_version to 2024-05-01-preview on /models and to v1 on /openai/v1; the openai client needs none there."),
    (_status(404, 405),
     "The service has nothing at the path {failure.path}.",
     "Check what comes after the host in the address: /openai/v1 for both clients; /models, where it is still there, "
     "for azure-ai-inference alone."),
    # Refused by the service: what you sent.
    (_both(_service_says(_FILTERED), _has("categories")),
     "A content filter refused the prompt, for this category: {failure.categories}.", _FILTER_REMEDY),
    (_service_says(_FILTERED), "A content filter refused the prompt and does not name the category.", _FILTER_REMEDY),
    (_objects_to("max_tokens"),
     "This model limits its reply with max_completion_tokens and refuses max_tokens, as reasoning models do.",
     "Rename the parameter. azure-ai-inference takes it as model_extras={{\"max_completion_tokens\": …}}."),
    (_objects_to("max_completion_tokens"),
     "This deployment limits its reply with max_tokens and does not know max_completion_tokens.",
     "Rename the parameter."),
    (_service_says("invalid_json_schema|invalid schema for"),
     "The service refuses the JSON schema of the request.",
     "Mend the place that it names. With strict, each object lists all its fields as required and sets "
     "additionalProperties to false."),
    (_both(_service_says("response_format|json_schema"), _service_says("n[o']t support|unsupported|only for api")),
     "This model, or this version of the interface, does not take the response_format of the request.",
     "Leave response_format out and ask for JSON in words, or ask a GPT model on /openai/v1, which takes it."),
    (_UNSUPPORTED,
     "This model does not take a parameter of the request, or not with that value.",
     "Leave that parameter out; reasoning models, for example, take no temperature and no top_p."),
    (_service_says(r"must contain the word '?json"),
     "The request asks for JSON with response_format, and no message of it has the word JSON.",
     "Say in the prompt that the reply is to be JSON, and of which form."),
    (_service_says(r"context_length_exceeded|(maximum|available) context (length|size)"),
     "The request holds more tokens than this model can read.",
     "Shorten the messages, leave out old turns, or send smaller pictures and shorter clips."),
    (_service_says(r"max(_completion)?_tokens'? is too large"),
     "The request allows a longer reply than this model can give.",
     "Ask for fewer tokens; the service says below how many it gives."),
    (_service_says(r"at most 0 image|image_url is only supported by|invalid value: 'image_url'|not a multimodal model"
                   r"|unknown variant `image_url`|image input is not supported|takes no (images|pictures)"
                   r"|n[o']t support (image (in|con)|vision|images?[.!]?$)"),
     "This deployment takes no pictures.", "Choose a deployment that does, such as Phi-4-multimodal-instruct."),
    (_service_says(r"at most 0 audio|input_audio is only supported by|invalid value: '(input_audio|audio_url)'"
                   r"|unknown variant `input_audio`|takes no audio|audio input is not supported"
                   r"|n[o']t support audio( in| con|[.!]?$)"),
     "This deployment takes no sound.",
     "Choose a deployment that does, such as Phi-4-multimodal-instruct; AZURE_INFERENCE_AUDIO_DEPLOYMENT names one."),
    (_service_says("input content or output modality contain audio"),
     "This model answers only requests that hold sound or ask for a spoken reply.",
     "Send it a clip, or put a deployment that answers text alone into model."),
    (_service_says(r"too_many_images|at most \d+ image|too many images"),
     "The request holds more pictures than this deployment takes.",
     "Send fewer pictures, join them into one, or choose a deployment that takes several; "
     "AZURE_INFERENCE_GPT_DEPLOYMENT names one."),
    (_service_says(r"url\b.*(domain|host|scheme)\b.*(not allowed|not permitted|blocked)|urls? (is|are) not supported"),
     "The service does not fetch from the place that a URL in the request points to.",
     "Send the file in base64; image_part and audio_part do it."),
    (_service_says("invalid image url|must be a valid (http|url)|valid data url"),
     "A URL in the request is none that the service reads.",
     "It has to be an https:// address of the file itself, or data:image/png;base64,… with the type of the bytes."),
    (_service_says(r"could not be downloaded|invalid_(image|audio)_url|url is not accessible"
                   r"|(error|timeout|timed out|fail\w*|unable)\b.{0,20}\b(download|fetch)"),
     "The service could not fetch what a URL in the request points to.",
     "Open the URL in a private browser window: it has to lead to the file itself, with no sign-in. "
     "Else send the file in base64."),
    (_service_says("(image|audio)_too_(large|long)|image (file )?size exceeds|(image|audio)( file)? is too l"),
     "A picture or clip in the request is larger than the service takes.",
     "Shrink the picture or cut the clip; image_part(..., shrink_for=...) does it for pictures."),
    (_service_says(r"audio\b.*(could not be decoded|corrupt)|invalid (audio|file) format|audio format.*not support"
                   r"|unsupported (audio|file format)|input_audio.format|format not recogni[sz]ed"),
     "The service cannot read the sound file: it is damaged, or of a type that the service does not take.",
     "Convert it to wav or mp3 and name that type; audio_part does both, and says so if the file is damaged."),
    (_service_says(r"unsupported image|invalid image data|cannot identify image|could not process (the )?image"
                   r"|image_parse_error|fail\w* to (load|decode) image"),
     "The service cannot read the picture: it is damaged, or of a type that the service does not take.",
     "Convert it to png or jpeg and name that type; image_part does both, and says so if the file is damaged."),
    (_service_says("invalid_(image|audio|base64)"),
     "The bytes of a picture or clip are not what the request says they are.",
     "Name the type that the bytes have, and convert other types first; image_part and audio_part do both."),
    (_status(413), "The request is larger than the service takes.", "Shrink pictures, cut clips, or send them by URL."),
    (_status(415),
     "The request was not sent as JSON.",
     "Send the header Content-Type: application/json; with requests, pass the body as json=."),
    (_both(_status(400, 422), _has("fields")),
     "A field of the request is misspelled, missing or of the wrong type.",
     "Compare the places named below with the form of a content part; a name one letter off counts as missing."),
    (_status(422),
     "A field of the request is misspelled, missing or of the wrong type, and the service does not list which.",
     "Compare the request with the form of a content part; a name one letter off counts as missing."),
    # Refused for now.
    (_both(_status(413, 429), _service_says("request too large")),
     "This one request weighs more tokens than the deployment allows in a minute, so waiting does not help.",
     "Send less at once: fewer or smaller pictures, a shorter clip, a lower limit for the reply; or raise the quota."),
    (_both(_status(429), _waits("retry-after", at_most=120)),
     _TOO_MANY,
     "Wait that long and send again. Both clients do it by themselves: azure-ai-inference as often as retry_status "
     "allows (3), openai as often as max_retries does (2)."),
    (_both(_status(429), _waits("retry-after-ms", at_most=120)),
     _TOO_MANY,
     "Wait that long and send again. The openai client does it by itself, as often as max_retries allows (2); "
     "azure-ai-inference obeys the header Retry-After alone, which did not come."),
    (_both(_status(429), _waits()),
     _TOO_MANY,
     "Wait that long before you send again; do not count on the clients' own retries for it."),
    (_status(429),
     "You sent more requests or tokens than the deployment allows; it does not say how long to wait.",
     "Wait, longer after each failure, and send again. The openai client does so by itself, azure-ai-inference not."),
    (_status(408),
     "The service gave up waiting, for the request to arrive whole or for the model to answer.",
     "Send it again; if it goes on, send less: a smaller picture, a shorter clip."),
    (_status(424),
     "What stands behind the service, the model or a part of it, failed or is not ready.",
     "Send it again after a while; if it goes on, look at the deployment's state in the portal."),
    (_both(_in_stream, lambda failure: failure.status is None or failure.status >= 500),
     "The service broke off a stream that had begun, and says why below.",
     "Throw away the part that came, or mark it as cut, and send the request again."),
    (_status(400, 409),
     "The service understood where the request was going and refused what was in it.",
     "Read what it said, and change that part of the request."),
    (_status(511),
     "A network on the way wants you to sign in before it lets anything through.",
     "Open any page in a browser, sign in to the network, and send the request again."),
    (_status(501, 505),
     "The server cannot do what it was asked, now or later.",
     "Check the address, its route and its api-version; sending it again changes nothing."),
    (lambda failure: failure.status is not None and failure.status >= 500,
     "The service failed while it worked on the request; nothing need be wrong with what you sent.",
     "Send it again after a while. If it goes on, look at the service's status page, then change the request."),
    (_has("is_from_service"),
     "The service answered with status {failure.status}, which is no success.",
     "Read what it said, and check that the address is the one of your resource."),
    # Left over: the client gave up, and nothing above says why.
    (_kind("APIConnectionError", "ServiceRequestError", "ServiceResponseError", "RequestException"),
     "No reply came back: the connection failed or was closed.",
     "Check the network and the address, and send the request again."),
    (_both(_from_client, _kind("TypeError", "ValueError", "AttributeError", "KeyError")),
     "{failure.client} cannot do what it was told, and raised {failure.name}: {failure.own_words}",
     "Compare the call with the lessons: names of parameters, forms of messages and parts."),
    (_from_client,
     "{failure.client} raised {failure.name}, of which no more is known here than its own words: {failure.own_words}",
     "Read them, and look up the name together with the name of the package."),
    (_kind("JSONDecodeError"),
     "Your code read a text as JSON, and it is none.",
     "Print the text first. A model's reply may have words or a fence around its JSON, or be cut at its limit."),
    (lambda failure: True,
     "This is an error of type {failure.name}, which none of the clients raises for a failed request.",
     "Read its own message, and look in your code for the line that it names."),
)
# fmt: on
