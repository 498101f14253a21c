"""Names and closed forms of the record schemas in the OpenAPI document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from fakekit.contract.envelope import Part
from fakekit.contract.schema import RecordSchema


def name_variants(
    parts: Iterable[Part], tenant: bool
) -> dict[tuple[type[RecordSchema], frozenset[str]], str]:
    """Return a component name for each set of fields in which responses show a kind of record.

    The full set is named after the schema class, ``Customer``; a smaller one also after the fields that
    it lacks, ``CustomerWithoutUserId``. The keys are pairs of schema class and field names.

    parts: what the ``data`` of every response holds.
    tenant: the value of the assumption ``payload.tenant_fields``.
    """
    variants: dict[type[RecordSchema], set[frozenset[str]]] = defaultdict(set)
    for part in parts:
        variants[part.schema].add(frozenset(part.shown[tenant]))
    names = {}
    for schema_class, variants_of_class in variants.items():
        full, *partial = sorted(variants_of_class, key=len, reverse=True)
        base = schema_class.__name__.removesuffix("Schema")
        names[schema_class, full] = base
        for field_names in partial:
            hidden = sorted(full - field_names)
            names[schema_class, field_names] = f"{base}Without{''.join(camel_case(n) for n in hidden)}"
    return names


def camel_case(name: str) -> str:
    """Return ``user_id`` as ``UserId``."""
    return "".join(word.capitalize() for word in name.split("_"))


def close_schema(schema: dict[str, Any]) -> None:
    """Change a JSON Schema in place so that objects require every property and allow no other.

    Nested objects are changed too, and the default values of properties are removed: fakekit's responses
    always have every key.
    """
    properties = schema.get("properties")
    if properties is not None:
        schema["required"], schema["additionalProperties"] = list(properties), False
        if not properties:
            del schema["required"]
        for value_schema in properties.values():
            value_schema.pop("default", None)
            close_schema(value_schema)
