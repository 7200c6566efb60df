"""Request schemas: which fields a chat completion may have, on both routes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, ValidationError
from pydantic_core import from_json

from offline_endpoint.wire.service_error import invalid_input

# The page "Azure OpenAI in Azure AI Foundry Models quotas and limits" gives both figures.
MESSAGES_A_REQUEST = 2_048
CHARACTERS_A_MESSAGE = 1_048_576
# The offline endpoint's own limit: twice the pictures that the most generous deployment takes.
PARTS_A_MESSAGE = 100

Text = Annotated[str, StringConstraints(max_length=CHARACTERS_A_MESSAGE)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TextPart(_Strict):
    """Text inside a message."""

    type: Literal["text"]
    text: Text


class ImageUrl(_Strict):
    """Where a picture is: an http(s) or data URL, and how closely to look at it."""

    url: str = Field(min_length=1)
    detail: Literal["auto", "low", "high"] = "auto"


class ImagePart(_Strict):
    """A picture inside a message."""

    type: Literal["image_url"]
    image_url: ImageUrl


class InputAudio(_Strict):
    """A sound clip in base64 and its format."""

    data: str = Field(min_length=1)
    format: Literal["wav", "mp3"]


class InputAudioPart(_Strict):
    """A sound clip sent along inside a message."""

    type: Literal["input_audio"]
    input_audio: InputAudio


class AudioUrl(_Strict):
    """Where a sound clip is: an http(s) or data URL."""

    url: str = Field(min_length=1)


class AudioUrlPart(_Strict):
    """A sound clip that a message points to."""

    type: Literal["audio_url"]
    audio_url: AudioUrl


Part = Annotated[TextPart | ImagePart | InputAudioPart | AudioUrlPart, Field(discriminator="type")]


def _form_of_content(value: Any) -> str:
    return "text" if isinstance(value, str) else "parts"


Content = Annotated[
    Annotated[Text, Tag("text")]
    | Annotated[list[Part], Tag("parts"), Field(min_length=1, max_length=PARTS_A_MESSAGE)],
    Discriminator(_form_of_content),
]


class Message(_Strict):
    """One turn of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Content
    name: str | None = None
    # Clients send a reply back as they got it, with these fields empty.
    refusal: None = None
    tool_calls: None = None


class JsonSchema(_Strict):
    """The schema that a structured reply has to follow."""

    name: str = Field(min_length=1, max_length=64)
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    description: str | None = None
    strict: bool | None = None


class ResponseFormat(_Strict):
    """Whether the reply is text or JSON."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class StreamOptions(_Strict):
    """Options of a streamed reply."""

    include_usage: bool = False


Number = Annotated[float, Field(allow_inf_nan=False, strict=False)]


class ChatRequest(_Strict):
    """The body of a chat completion request.

    The names and ranges are those of the model inference REST reference and of the OpenAI API reference.
    Sampling parameters are checked and then have no effect: a reader does not sample.
    """

    messages: list[Message] = Field(min_length=1, max_length=MESSAGES_A_REQUEST)
    model: str | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    response_format: ResponseFormat | None = None
    temperature: Annotated[Number, Field(ge=0, le=2)] | None = None
    top_p: Annotated[Number, Field(ge=0, le=1)] | None = None
    frequency_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    presence_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    seed: int | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None
    user: str | None = None

    @property
    def reply_limit(self) -> int | None:
        """The most tokens the caller wants in the reply, under whichever of its two names it was given."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stop_sequences(self) -> list[str]:
        """The stop sequences as a list, empty ones left out."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return [sequence for sequence in given if sequence]


def parse(body: bytes, *, unknown: Literal["error", "drop", "pass-through"] = "error") -> ChatRequest:
    """Check a request body against the schema.

    Args:
        body: the JSON text.
        unknown: what to do with parameters the schema does not name, as the `extra-parameters` header says. `drop`
            and `pass-through` both ignore them here: there is no model behind to pass them to.

    Raises:
        ServiceError: a 422 whose `details` name each wrong field.
    """
    try:
        fields = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        detail = {"type": "json_invalid", "loc": ["body"], "msg": f"Invalid JSON: {error}", "input": None}
        raise invalid_input([detail]) from None
    if unknown != "error" and isinstance(fields, dict):
        fields = {name: value for name, value in fields.items() if name in ChatRequest.model_fields}
    try:
        return ChatRequest.model_validate(fields)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        raise invalid_input([{**problem, "loc": _path(problem["loc"])} for problem in problems]) from None


def _path(location: tuple[str | int, ...]) -> list[str | int]:
    """The place in the request, without the steps that only say which form of a union was tried."""
    steps: list[str | int] = ["body", *location]
    if len(steps) > 4 and steps[3] == "content":
        del steps[4]
    if len(steps) > 5 and steps[3] == "content":
        del steps[5]
    return steps
