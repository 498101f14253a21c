"""The OpenAPI 3.0 form of the document, which is a 3.1 one, for tools that do not read 3.1 yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DATA = ("example", "value", "enum", "default", "x-fakekit-assumptions", "x-fakekit-compared")
"""Keys of the document whose values are data: what is in them are no keywords."""
_NULL = {"type": "null"}


def as_openapi_3_0(document: Mapping[str, object]) -> dict[str, object]:
    """Return the OpenAPI 3.0 form of a 3.1 document, as a dict for JSON; the document is not changed.

    Both describe the same, except that a body is invalid in which the second of two names of a list, which
    the server then ignores, has a wrong value: 3.0 has no ``if``.
    """
    return {**_convert(document), "openapi": "3.0.3"}


def _convert(node: object) -> Any:
    """Return a part of the document, a schema or one that has schemas in it, as 3.0 writes it."""
    if isinstance(node, list):
        return [_convert(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    converted: dict[str, Any] = {}
    for key, value in node.items():
        converted |= _convert_key(key, value)
    for name, schema in node.get("else", {}).get("properties", {}).items():
        converted["properties"][name] |= _convert(schema)
    return converted


def _convert_key(key: str, value: Any) -> dict[str, Any]:
    """Return what stands in 3.0 for a key and its value: several keys, or none for ``if``."""
    if key in ("if", "else"):
        return {}
    if key in _DATA:
        return {key: value}
    if key == "properties":  # a field may have the name of a keyword
        return {key: {name: _convert(schema) for name, schema in value.items()}}
    if key == "examples" and isinstance(value, list):  # of a schema; those of a response are an object
        return {"example": value[0]}
    if key == "type" and isinstance(value, list):  # [type, "null"]
        return {"type": value[0], "nullable": True}
    if key == "anyOf" and _NULL in value:
        schemas = [_convert(schema) for schema in value if schema != _NULL]
        schemas[-1]["nullable"] = True  # which has an effect only beside a type (OpenAPI 3.0.3)
        return {key: schemas}
    return {key: _convert(value)}
