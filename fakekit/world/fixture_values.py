"""What unquoted scalars of a fixture file mean: each is read by its field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.endpoint import Resource
from fakekit.contract.fields import Contracted
from fakekit.contract.numbers import parse_id
from fakekit.contract.schema import FieldProblem, Records, RecordSchema
from fakekit.errors import show, suggest
from fakekit.world.fixture_text import Plain, Values
from fakekit.world.world import Address


def typed(values: Values, resource: Resource) -> Mapping[str, Any]:
    """The values with each unquoted scalar read by its field."""
    return _read_plain(values, resource.shape)


def _read_plain(values: Mapping[str, Any], schema: RecordSchema) -> dict[str, Any]:
    fields = schema.contracted()
    return {name: _meant(value, fields.get(name)) for name, value in values.items()}


def _meant(value: Any, field: Contracted | None) -> Any:
    if type(value) is Plain and field:
        return field.plain(str(value))
    if isinstance(field, Records) and isinstance(value, list):
        return [_read_plain(v, field.schema) if isinstance(v, Values) else v for v in value]
    return value


def repeated(values: Values) -> Iterator[str]:
    """The fields that stand twice, also in the records of its lists."""
    yield from values.repeated
    for name, value in values.items():
        for n, nested in enumerate(value if isinstance(value, list) else []):
            if isinstance(nested, Values):
                yield from (f"{name}[{n}].{below}" for below in repeated(nested))


def population(value: Any) -> int | FieldProblem:
    """How many customers a file says there are, or what is wrong with it."""
    if isinstance(value, Plain) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if type(value) is not int or not 0 <= value <= LARGEST_POPULATION:
        what = f"must be a whole number from 0 to {LARGEST_POPULATION:,}"
        return FieldProblem("", what, show(value), "population: 50")
    return value


def removals(value: Any, resources: Mapping[str, Resource]) -> set[Address] | FieldProblem:
    """The records that a file says are gone, or what is wrong with it."""
    gone: set[Address] = set()
    for name, keys in value.items() if isinstance(value, Values) else [("", None)]:
        if name and name not in resources:
            return FieldProblem(name, "is not a resource", "", suggest(name, resources))
        if not isinstance(keys, list):
            return FieldProblem(name, "must be a list of ids", show(keys), "removed: {customers: [3, 4]}")
        for key in keys:
            number = parse_id(str(key)) if isinstance(key, Plain) or type(key) is int else None
            if number is None:
                return FieldProblem(name, "must be a list of ids", show(key), "whole numbers from 1")
            gone.add((name, number))
    return gone
