"""The OpenAPI document's schemas: names and closed forms of records, and the values of requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.envelope import Part
from fakekit.contract.record_field import AnyField, RecordField
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


_TYPE_KEYWORDS = ("type", "enum", "pattern", "format", "minimum", "maximum", "items")
_ANY_TEXT = {"type": "string"}
_EMPTY, _NULL = {"type": "string", "maxLength": 0}, {"type": "null"}


def describe_request_field(
    field: AnyField, schema: dict[str, object], assumptions: Assumptions, strict: bool
) -> dict[str, object]:
    """Return keywords that make the JSON Schema of a request's field admit exactly what fakekit accepts.

    Values of several JSON types are alternatives in ``anyOf``, each with the keywords of its type. A schema
    cannot say that a date is in the calendar, or that a record exists. Empty for the field of a record.

    schema: apispec's schema of the field; the keywords on its type are removed from it.
    assumptions: the values in force, of which some decide what is accepted.
    strict: whether rules of form reject a request.
    """
    if not isinstance(field, RecordField) or not field.in_request:
        return {}
    own = {keyword: schema.pop(keyword) for keyword in _TYPE_KEYWORDS if keyword in schema}
    if isinstance(own["type"], list):  # apispec added null
        own["type"] = own["type"][0]
    empty_is_null = assumptions["values.empty"] == "null"
    schemas = [dict(request_schema) for request_schema in field.request_schemas or (own,)]
    if field.is_signed and assumptions["values.negative"] == "refused":
        schemas = [_without_sign(request_schema) for request_schema in schemas]
    if schemas == [_ANY_TEXT] and strict and field.rule:
        schemas[0]["pattern"] = f"^({field.rule.pattern.pattern})$"
    elif schemas == [_ANY_TEXT] and not (field.required and empty_is_null):
        return {"type": ["string", "null"] if field.allow_none else "string"}
    elif schemas == [_ANY_TEXT]:
        schemas[0]["minLength"] = 1
    schemas += [_EMPTY] if empty_is_null and not field.required else []
    schemas += [_NULL] if field.allow_none else []
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _without_sign(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of the JSON Schema of an amount or a quantity without the negative ones; -0 is none."""
    if "pattern" in schema:
        number = schema["pattern"].strip("^$").removeprefix("-?")
        return {**schema, "pattern": f"^({number}|-{number.replace('[0-9]', '0')})$"}
    return {**schema, "minimum": 0}


def describe_list_names(schema: dict[str, Any], names: list[str], read: list[str]) -> None:
    """Change the JSON Schema of a body in place, in which several fields are names of the same list.

    It keeps those that are read. Where both are, the second is checked only if the first is absent.

    names: the names of the list. read: those of them that are read, first the one that counts.
    """
    properties = schema["properties"]
    for name in names:
        if name not in read:
            del properties[name]
    for name in read[1:]:
        schema["if"] = {"properties": {read[0]: {}}, "required": read[:1]}
        schema["else"] = {"properties": {name: {"anyOf": properties[name].pop("anyOf")}}}
        properties[name]["description"] = f"another name of {read[0]}, which counts where both are sent"
