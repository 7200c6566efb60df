"""Request schemas: which fields a chat completion may have, on both routes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError, from_json

from offline_endpoint.wire.service_error import invalid_body, invalid_input

# The page "Azure OpenAI in Azure AI Foundry Models quotas and limits" gives both figures.
MESSAGES_A_REQUEST = 2_048
CHARACTERS_A_MESSAGE = 1_048_576
# The offline endpoint's own limits: twice the pictures that the most generous deployment takes, and the most
# wrong fields that a refusal lists.
PARTS_A_MESSAGE = 100
PROBLEMS_LISTED = 20

Text = Annotated[str, StringConstraints(max_length=CHARACTERS_A_MESSAGE)]
Fields = dict[str, Any]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TextPart(_Strict):
    """Text inside a message."""

    type: Literal["text"]
    text: Text


class _ImageUrl(_Strict):
    url: str = Field(min_length=1)
    detail: Literal["auto", "low", "high"] = "auto"


class ImagePart(_Strict):
    """A picture inside a message."""

    type: Literal["image_url"]
    image_url: _ImageUrl


class _InputAudio(_Strict):
    data: str = Field(min_length=1)
    format: Literal["wav", "mp3"]


class InputAudioPart(_Strict):
    """A sound clip sent along inside a message."""

    type: Literal["input_audio"]
    input_audio: _InputAudio


class _AudioUrl(_Strict):
    url: str = Field(min_length=1)


class AudioUrlPart(_Strict):
    """A sound clip that a message points to."""

    type: Literal["audio_url"]
    audio_url: _AudioUrl


Part = Annotated[TextPart | ImagePart | InputAudioPart | AudioUrlPart, Field(discriminator="type")]


def _form_of_content(value: Any) -> str:
    return "text" if isinstance(value, str) else "nothing" if value is None else "parts"


Content = Annotated[
    Annotated[Text, Tag("text")]
    | Annotated[None, Tag("nothing")]
    | Annotated[list[Part], Tag("parts"), Field(min_length=1, max_length=PARTS_A_MESSAGE)],
    Discriminator(_form_of_content),
]


class Message(_Strict):
    """One turn of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Content = None
    name: str | None = None
    # Clients send a reply back as they got it, with most of these fields empty.
    refusal: str | None = None
    tool_calls: list[Fields] | None = None
    tool_call_id: str | None = None
    function_call: Fields | None = None
    annotations: list[Fields] | None = None
    audio: Fields | None = None

    @property
    def parts(self) -> list[Part]:
        """Its content, one text or none too, as parts."""
        content = self.content
        return content if isinstance(content, list) else [TextPart(type="text", text=content or "")]

    @property
    def says_nothing_for_a_reason(self) -> bool:
        """Whether it may go without content: an assistant that called a tool, or refused."""
        return self.role == "assistant" and bool(self.tool_calls or self.function_call or self.refusal)


class _JsonSchema(_Strict):
    name: str = Field(min_length=1, max_length=64)
    schema_: Fields | None = Field(default=None, alias="schema")
    description: str | None = None
    strict: bool | None = None


class _ResponseFormat(_Strict):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: _JsonSchema | None = None


class _StreamOptions(_Strict):
    include_usage: bool = False
    include_obfuscation: bool | None = None


Limit = Annotated[int, Field(ge=1, lt=2**31)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class ChatRequest(_Strict):
    """The body of a chat completion request, with names and ranges of both APIs' references.

    Sampling parameters are checked and then have no effect: a reader does not sample.
    """

    messages: list[Message] = Field(min_length=1, max_length=MESSAGES_A_REQUEST)
    model: str | None = None
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    max_tokens: Limit | None = None
    max_completion_tokens: Limit | None = None
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    response_format: _ResponseFormat | None = None
    temperature: Annotated[Number, Field(ge=0, le=2)] | None = None
    top_p: Annotated[Number, Field(ge=0, le=1)] | None = None
    frequency_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    presence_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None
    user: str | None = None
    reasoning_effort: str | None = None
    # Without effect on what a reader says.
    metadata: dict[str, str] | None = None
    store: bool | None = None
    service_tier: str | None = None
    parallel_tool_calls: bool | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    # Refused where they ask for something: see `deployments.check`.
    modalities: list[Literal["text", "audio"]] | None = None
    audio: Fields | None = None
    tools: list[Fields] | None = None
    tool_choice: str | Fields | None = None
    functions: list[Fields] | None = None
    function_call: str | Fields | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    logit_bias: dict[str, Number] | None = None
    prediction: Fields | None = None
    web_search_options: Fields | None = None

    @property
    def reply_limit(self) -> int | None:
        """The most tokens the caller wants in the reply, under whichever of its two names it was given."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stop_sequences(self) -> list[str]:
        """The stop sequences as a list, empty ones left out."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return [sequence for sequence in given if sequence]


def read_json(body: bytearray) -> Any:
    """Parse a request body; raises a 422 `ServiceError` for what is no JSON, or nested deeper than its parser goes."""
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise invalid_body("json_invalid", f"Invalid JSON: {error}") from None


def parse(fields: Any, *, unknown: Literal["error", "drop", "pass-through"] = "error") -> ChatRequest:
    """Check a request's fields against the schema.

    `unknown` is what the `extra-parameters` header says. `drop` and `pass-through` both ignore what the schema does not
    name: there is no model behind to pass it to. Raises a 422 `ServiceError` whose `details` name each wrong field.
    """
    if unknown != "error" and isinstance(fields, dict):
        fields = {name: value for name, value in fields.items() if name in ChatRequest.model_fields}
    try:
        chat = ChatRequest.model_validate(fields)
        for number, message in enumerate(chat.messages):
            if message.content is None and not message.says_nothing_for_a_reason:
                missing = PydanticCustomError("missing", "Field required")
                where = ("messages", number, "content")
                wrong = InitErrorDetails(type=missing, loc=where, input=None)
                raise ValidationError.from_exception_data("ChatRequest", [wrong])
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)[:PROBLEMS_LISTED]
        raise invalid_input([{**problem, "loc": _path(problem["loc"])} for problem in problems]) from None
    return chat


def _path(location: tuple[str | int, ...]) -> list[str | int]:
    """The place in the request, without the steps that only say which form of a union was tried."""
    steps: list[str | int] = ["body", *location]
    return [step for at, step in enumerate(steps) if at not in (4, 6) or steps[3] != "content"]
