"""The deployments of the offline endpoint: which model is behind each, and what a request to it may hold."""

from __future__ import annotations

from helpers.models import MODELS, Model
from offline_endpoint.wire.contract import ChatRequest, Message, TextPart
from offline_endpoint.wire.schemas import check_schema
from offline_endpoint.wire.service_error import Location, ServiceError, refused_value

# The `model` of every reply: what answers is a reader, not the model a deployment is named after.
REPLY_MODEL = "offline-reader"
# Each is named after its model.
DEPLOYMENTS = MODELS
# Deployments that answer 410. No clock decides it, so that the lessons say the same on every day.
RETIRED = ("Phi-3.5-vision-instruct",)
# A reader calls no tool, knows no probabilities and does not speak.
_NEVER_TAKEN = (
    *("tools", "tool_choice", "functions", "logprobs", "top_logprobs", "logit_bias", "audio", "prediction"),
    "web_search_options",
)
_SAID_INSTEAD = {"max_tokens": " Use 'max_completion_tokens' instead."}


def pick(name: str | None, only: str | None) -> Model:
    """The model behind the deployment that a request names; `only` is the one that need not be named, if there is one.

    Raises 400 `no_model_name` (semantic-kernel#10339), 404 `DeploymentNotFound` or 410.
    """
    if not name and not only:
        message = (
            "No model specified in request. Please provide a model name in the request body or as a "
            "x-ms-model-mesh-model-name header."
        )
        raise ServiceError(400, "no_model_name", message, details={"status": 400})
    served = [only] if only else list(DEPLOYMENTS)
    if name and name not in served:
        message = (
            f"The API deployment {name[:60]!r} for this resource does not exist. "
            f"This endpoint has: {', '.join(served)}."
        )
        raise ServiceError(404, "DeploymentNotFound", message, details={"status": 404})
    model = DEPLOYMENTS[name or only or ""]
    if model.name in RETIRED:
        raise gone(f"{model.name} was retired on {model.retires}")
    return model


def gone(why: str) -> ServiceError:
    """The 410 of a model that is no longer served; the wording is the offline endpoint's own."""
    return ServiceError(410, "Gone", f"{why}. Deploy another model.", details={"status": 410})


def check(chat: ChatRequest, model: Model) -> None:
    """Refuse parameters and contents that the model does not take, with a 400 that names the field."""
    for name in chat.model_fields_set:
        value = getattr(chat, name)
        asks_nothing = value in (None, [], {}) or value is False
        if asks_nothing or (name == "tool_choice" and value in ("none", "auto")):
            continue
        if name in _NEVER_TAKEN or not model.takes(name):
            text = f"Unsupported parameter: '{name}' is not supported with this model.{_SAID_INSTEAD.get(name, '')}"
            raise refused_value(["body", name], "unsupported_parameter", text, value, verbatim=True)
    effort = chat.reasoning_effort
    if effort is not None and effort not in model.reasoning_efforts:
        known = ", ".join(f"'{each}'" for each in model.reasoning_efforts)
        text = f"Unsupported value: 'reasoning_effort' does not support '{effort[:40]}'. Supported values are: {known}."
        raise refused_value(["body", "reasoning_effort"], "unsupported_value", text, effort, verbatim=True)
    limit = chat.reply_limit
    if limit is not None and limit > model.output_tokens:
        field = "max_tokens" if chat.max_completion_tokens is None else "max_completion_tokens"
        text = f"{limit} is more than the {model.output_tokens} tokens that {model.name} can reply with."
        raise refused_value(["body", field], "invalid_value", text, limit)
    if "audio" in (chat.modalities or ()):
        text = "The offline reader replies with text alone."
        raise refused_value(["body", "modalities"], "unsupported_value", text, chat.modalities)
    _check_format(chat, model)
    for number, message in enumerate(chat.messages):
        _check_parts(message, model, ["body", "messages", number, "content"])
    if model.sound == "required" and not any(
        part.type in ("input_audio", "audio_url") for message in chat.messages for part in message.parts
    ):
        text = "This model requires that either input content or output modality contain audio."
        raise refused_value(["body", "model"], "invalid_value", text, model.name, verbatim=True)


def wants_json(chat: ChatRequest) -> bool:
    """Whether the reply has to be JSON."""
    return chat.response_format is not None and chat.response_format.type != "text"


def too_many_pictures(most: int, place: Location) -> ServiceError:
    """The refusal of more pictures than a message or a request may hold."""
    message = f"At most {most} image(s) may be provided in one request."
    return refused_value(place, "too_many_images", message, verbatim=True)


def _check_format(chat: ChatRequest, model: Model) -> None:
    wanted = chat.response_format
    if wanted is None or wanted.type == "text":
        return
    place: list[str | int] = ["body", "response_format"]
    if wanted.type not in model.response_formats:
        text = (
            f"Invalid parameter: 'response_format' of type '{wanted.type}' is not supported with this model."
        )
        raise refused_value(place, "unsupported_value", text, wanted.type, verbatim=True)
    if wanted.type == "json_schema":
        if wanted.json_schema is None or wanted.json_schema.schema_ is None:
            text = "A schema is needed for type json_schema."
            raise refused_value([*place, "json_schema"], "invalid_value", text)
        check_schema(wanted.json_schema.schema_)
    elif not any(
        "json" in part.text.lower()
        for message in chat.messages
        for part in message.parts
        if isinstance(part, TextPart)
    ):
        # OpenAI's API reference asks for this, so that a model does not go on writing white space for ever.
        text = "The messages must contain the word 'json' to use response_format of type json_object."
        raise refused_value(place, "invalid_value", text)


def _check_parts(message: Message, model: Model, place: list[str | int]) -> None:
    kinds = [part.type for part in message.parts]
    for index, kind in enumerate(kinds):
        text = ""
        if kind != "text" and message.role != "user":
            text = f"Only a user message may hold {kind}, this one is from {message.role}."
            raise refused_value([*place, index, "type"], "invalid_value", text, kind)
        if kind == "image_url" and not model.pictures_a_turn:
            text = "Invalid content type. image_url is only supported by certain models."
        elif kind == "input_audio" and model.sound == "none":
            text = "Invalid value: 'input_audio'. Supported values are: 'text','image_url','audio_url',and 'refusal'"
        elif kind == "audio_url" and (model.sound == "none" or model.maker == "OpenAI"):
            text = f"Invalid value: 'audio_url'. {model.name} takes no audio by URL."
        if text:
            raise refused_value([*place, index, "type"], "invalid_value", text, kind, verbatim=True)
    if kinds.count("image_url") > model.pictures_a_turn:
        raise too_many_pictures(model.pictures_a_turn, place)
