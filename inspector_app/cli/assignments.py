"""`--set key=value` to a model's settings, by the JSON schema of its card."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from inspector_app.domain.errors import BadDataError

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


def parse_assignments(assignments: Sequence[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that `key=value` words give, as the schema's types.

    Raises:
        BadDataError: naming the valid keys, or what a key accepts.
    """
    properties = schema.get("properties", {})
    config: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise BadDataError(f"--set {assignment}: no value", "write it as --set key=value")
        if key not in properties:
            raise BadDataError(
                f"--set {key}: no such setting", f"valid keys: {', '.join(properties)}"
            )
        config[key] = _parse(key, text, properties[key], schema)
    return config


def _parse(key: str, text: str, form: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    for choice in _choices(form, schema):
        try:
            value = _read(text, choice)
        except ValueError:
            continue
        if _is_allowed(value, choice):
            return value
    accepted = " or ".join(_describe(choice) for choice in _choices(form, schema))
    raise BadDataError(f"--set {key}={text}: not accepted", f"{key} takes {accepted}")


def _choices(form: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the form's alternatives with references followed."""
    if "$ref" in form:
        name = form["$ref"].removeprefix("#/$defs/")
        return _choices(schema["$defs"][name], schema)
    alternatives = form.get("anyOf") or form.get("oneOf")
    if alternatives:
        return [choice for part in alternatives for choice in _choices(part, schema)]
    return [form]


def _read(text: str, choice: Mapping[str, Any]) -> Any:
    """Return the text as the choice's type.

    Raises:
        ValueError: if it is not of that type.
    """
    if options := _options(choice):
        by_text = {str(option): option for option in options}
        if text not in by_text:
            raise ValueError(text)
        return by_text[text]
    return _READERS.get(choice.get("type", ""), json.loads)(text)


def _options(choice: Mapping[str, Any]) -> list[Any]:
    return list(choice.get("enum") or ([choice["const"]] if "const" in choice else []))


def _read_boolean(text: str) -> bool:
    word = text.lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(text)
    return word in _TRUE


def _read_number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _read_null(text: str) -> None:
    if text.lower() not in {"none", "null", ""}:
        raise ValueError(text)


_READERS: dict[str, Callable[[str], Any]] = {
    "boolean": _read_boolean,
    "integer": int,
    "number": _read_number,
    "string": str,
    "null": _read_null,
}

_BOUNDS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "minimum": ("≥", lambda value, bound: value >= bound),
    "exclusiveMinimum": (">", lambda value, bound: value > bound),
    "maximum": ("≤", lambda value, bound: value <= bound),
    "exclusiveMaximum": ("<", lambda value, bound: value < bound),
    "multipleOf": ("a multiple of", lambda value, step: value % step == 0),
}


def _is_allowed(value: Any, choice: Mapping[str, Any]) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    return all(test(value, choice[name]) for name, (_, test) in _BOUNDS.items() if name in choice)


def _describe(choice: Mapping[str, Any]) -> str:
    if options := _options(choice):
        return " | ".join(str(option) for option in options)
    bounds = [f"{sign} {choice[name]}" for name, (sign, _) in _BOUNDS.items() if name in choice]
    return " ".join([str(choice.get("type", "JSON")), *bounds])
