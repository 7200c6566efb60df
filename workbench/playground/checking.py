"""Whether a reply is the JSON that was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
        # A part that names a dialect of its own would be checked by that dialect, expressions and all.
        asked = json.loads(schema, object_hook=lambda part: {n: v for n, v in part.items() if n != "$schema"})
        made = jsonschema.validators.validator_for(json.loads(schema), jsonschema.Draft202012Validator)
        unchecked = _EXPRESSIONS | (_OTHERS if '"patternProperties"' in json.dumps(asked) else {})
        checker = jsonschema.validators.extend(made, unchecked)(asked, registry=referencing.Registry())
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
        no_format = jsonschema.FormatChecker(formats=())
        jsonschema.Draft202012Validator.check_schema(asked, format_checker=no_format)
    except jsonschema.SchemaError as error:
        return str(error.message)[:200]
    except (ValueError, RecursionError) as error:
        return f"it is not JSON: {error}"
    return ""


def _unchecked(*_: Any) -> Iterator[Any]:
    return iter(())


# An expression that backtracks would hold the kernel for hours, and nothing could end it.
_EXPRESSIONS = dict.fromkeys(("pattern", "patternProperties"), _unchecked)
# What such an expression would have allowed must not count as one property too many.
_OTHERS = dict.fromkeys(("additionalProperties", "unevaluatedProperties"), _unchecked)
