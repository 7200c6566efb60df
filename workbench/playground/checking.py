"""Whether a reply is the JSON that was asked for."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import jsonschema
import referencing.exceptions


@lru_cache(maxsize=64)
def problem(text: str, schema: str | None = None) -> str:
    """Say what a reply lacks."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "it is not JSON"
    if schema is None:
        return ""
    try:
        # An expression that backtracks would hold the kernel for hours, and nothing could end it.
        asked = _without_patterns(json.loads(schema))
        made = jsonschema.validators.validator_for(asked, jsonschema.Draft202012Validator)
        checker = made(asked, registry=referencing.Registry())
        error = jsonschema.exceptions.best_match(checker.iter_errors(value))
    except (referencing.exceptions.Unresolvable, RecursionError, jsonschema.exceptions.UnknownType) as error:
        return f"the schema cannot be used to check it ({type(error).__name__})"
    if error is None:
        return ""
    place = ".".join(map(str, error.absolute_path))
    return f"{error.message[:200]}{f' (at {place})' if place else ''}"


def schema_problem(schema: str) -> str:
    """Say why a text is no JSON schema; empty if it is one."""
    try:
        asked = json.loads(schema)
        if not isinstance(asked, dict):
            return "it has to be a JSON object in braces"
        jsonschema.Draft202012Validator.check_schema(_without_patterns(asked))
    except jsonschema.SchemaError as error:
        return str(error.message)[:200]
    except (ValueError, RecursionError) as error:
        return f"it is not JSON: {error}"
    return ""


def _without_patterns(schema: Any, *, is_named: bool = False) -> Any:
    """A schema without what would be run as an expression; `is_named` for a dict whose keys are names of properties."""
    if isinstance(schema, list):
        return [_without_patterns(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    dropped = {"pattern"}
    if "patternProperties" in schema:
        # What such an expression would have allowed must not count as one property too many.
        dropped = {"pattern", "patternProperties", "additionalProperties", "unevaluatedProperties"}
    return {
        name: one
        if name in _DATA and not is_named
        else _without_patterns(one, is_named=name in _NAMED and not is_named)
        for name, one in schema.items()
        if is_named or name not in dropped
    }


_DATA = ("const", "enum", "default", "examples")
_NAMED = ("properties", "$defs", "definitions", "dependentSchemas")
