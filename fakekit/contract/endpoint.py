"""An endpoint and a resource as they are declared; what runs them is in `fakekit.serving`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fakekit.contract.envelope import Envelope
from fakekit.contract.provenance import Truth
from fakekit.contract.schema import RecordSchema


@dataclass(frozen=True)
class Endpoint:
    """One method on one path.

    operation: its name in code, logs and OpenAPI: ``fetch_customer``.
    method, path: ``GET`` and ``/api/v1/customers/{id}``.
    envelope: what a successful answer is made of.
    answer: from a `fakekit.resources.call.Call` to the envelope's ``data``.
    truth: where the endpoint comes from.
    """

    operation: str
    method: str
    path: str
    envelope: Envelope
    answer: Callable[[Any], Mapping[str, Any]]
    truth: Truth


@dataclass(frozen=True)
class Resource:
    """One of the vendor's nouns.

    name: as fixture files and handles spell it: ``customers``.
    noun: as messages spell it: ``Customer``.
    schema: its schema, made once.
    count: how many records the function generates in a population of a size; their keys are 1..count.
    generate: the function: from the `fakekit.world.seed.Draw` of a record to its values.
    endpoints: the table.
    key: the field that names a record.
    """

    name: str
    noun: str
    schema: RecordSchema
    count: Callable[[int], int]
    generate: Callable[[Any], dict[str, Any]]
    endpoints: tuple[Endpoint, ...] = ()
    key: str = "id"
