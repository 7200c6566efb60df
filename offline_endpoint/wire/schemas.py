"""JSON schemas that callers send, checked so that none leaves its document, loops, or takes for ever."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from offline_endpoint.wire.service_error import ServiceError, refused_value

# Within what OpenAI's guide to structured outputs allows: 5,000 properties in ten levels, 120,000 characters.
MOST_NODES, DEEPEST, MOST_CHARACTERS = 20_000, 40, 200_000
# References that are followed while one reply is checked; the offline endpoint's own limit.
MOST_STEPS = 20_000
# What the same guide does not permit, and what would move the base that references are read from.
_NOT_PERMITTED = {
    *("patternProperties", "unevaluatedProperties", "unevaluatedItems", "propertyNames"),
    *("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary"),
}
_PLACE = ["body", "response_format", "json_schema", "schema"]


class _TooManyStepsError(Exception):
    pass


def check_schema(schema: dict[str, Any]) -> None:
    """Refuse a schema that is none, or that cannot be checked within bounds, with a 400 `invalid_json_schema`."""
    _walk(schema)
    from jsonschema import Draft202012Validator, FormatChecker, SchemaError

    try:
        Draft202012Validator.check_schema(schema, format_checker=FormatChecker(formats=()))
    except SchemaError as error:
        raise _invalid(error.message[:200]) from None
    except (RecursionError, OverflowError):
        raise _invalid("it is nested too deeply") from None


def check_reply(text: str, schema: dict[str, Any]) -> None:
    """Refuse a schema, checked before, that the reader's one form of JSON does not follow, with a 400."""
    from jsonschema import Draft202012Validator, ValidationError, validators
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    found = json.loads(text)
    steps = itertools.count()
    follow = Draft202012Validator.VALIDATORS["$ref"]

    def reference(validator: Any, *found: Any) -> Iterator[ValidationError]:
        if next(steps) >= MOST_STEPS:
            raise _TooManyStepsError
        yield from follow(validator, *found)

    def pattern(_validator: Any, wanted: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not _compiled(wanted).search(instance):
            yield ValidationError(f"{instance[:40]!r} does not match {wanted[:40]!r}")

    bounded = validators.extend(Draft202012Validator, {"$ref": reference, "pattern": pattern})
    try:
        # A registry of its own, which is empty and fetches nothing.
        bounded(schema, registry=Registry()).validate(found)
    except ValidationError as error:
        message = (
            "The offline reader writes one form of JSON, the data behind a chart, and it does not fit this schema: "
            f"{error.message[:200]}"
        )
        if "note" in found:
            message = f"The data behind the chart do not fit into this reply: {found['note']}."
        raise refused_value(_PLACE, "unsupported_json_schema", message) from None
    except Unresolvable as error:
        raise _invalid(f"the reference {str(error.ref)[:60]!r} leads nowhere") from None
    except (RecursionError, _TooManyStepsError):
        raise _invalid("its references lead round in a ring, or to too many places") from None
    except OverflowError:
        raise _invalid("it holds a number that is too large") from None


def _walk(schema: dict[str, Any]) -> None:
    """Bound a schema's size, keep its references inside it, and try its patterns; `$schema` is taken out."""
    waiting: list[tuple[Any, int]] = [(schema, 1)]
    nodes = characters = 0
    while waiting:
        node, depth = waiting.pop()
        characters += len(node) if isinstance(node, str) else 0
        nodes += 1
        if depth > DEEPEST or nodes > MOST_NODES or characters > MOST_CHARACTERS:
            raise _invalid("it is too large, or nested too deeply")
        if isinstance(node, list):
            waiting.extend((item, depth + 1) for item in node)
        elif isinstance(node, dict):
            dialect = node.pop("$schema", "")
            if not isinstance(dialect, str | dict):
                raise _invalid("its $schema is no text")
            for name, value in node.items():
                characters += len(name)
                if name in _NOT_PERMITTED and (depth == 1 or not isinstance(value, dict) or name[0] != "$"):
                    raise _invalid(f"{name!r} is not permitted")
                if name == "$ref" and isinstance(value, str) and not value.startswith("#"):
                    raise _invalid(f"the reference {value[:60]!r} leaves the document")
                if name == "pattern" and isinstance(value, str):
                    _compiled(value)
                waiting.append((value, depth + 1))


def _compiled(pattern: str) -> Any:
    """A pattern as an engine runs it whose time grows with the text alone: it knows no look-ahead and no look-back."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(pattern, options)
    except re2.error:
        raise _invalid(f"the pattern {pattern[:60]!r} cannot be matched in linear time") from None


def _invalid(why: str) -> ServiceError:
    return refused_value(_PLACE, "invalid_json_schema", f"Invalid schema: {why}.")
