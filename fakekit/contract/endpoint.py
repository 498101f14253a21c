"""An endpoint and a resource as they are declared; what runs them is in `fakekit.api`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from fakekit.contract.envelope import Envelope
from fakekit.contract.provenance import Truth
from fakekit.contract.requests import NO_QUERY, Body, Query
from fakekit.contract.schema import RecordSchema


@dataclass(frozen=True)
class Endpoint:
    """One method on one path.

    operation: its name in code, logs and OpenAPI: ``fetch_customer``.
    method, path: ``GET`` and ``/api/v1/customers/{id}``.
    envelope: what a successful answer is made of.
    handler: from a `fakekit.resources.call.Call` to the envelope's ``data``.
    truth: where the endpoint comes from.
    query, body: what it reads beside the path.
    assumes: the assumptions that every successful answer of it relies on.
    status: the assumption whose value is the HTTP status of a successful answer, if one is.
    conflicts: the field of which no two records may have the same value, where it is checked.
    resource: the name of the resource in whose table it stands; the table sets it.
    """

    operation: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    envelope: Envelope
    handler: Callable[[Any], Mapping[str, Any]]
    truth: Truth
    query: Query = NO_QUERY
    body: Body | None = None
    assumes: tuple[str, ...] = ()
    status: str = ""
    conflicts: str = ""
    resource: str = ""

    @property
    def parameter(self) -> str:
        """The name of the path's parameter; empty where it has none."""
        return self.path.partition("{")[2].partition("}")[0]

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"


@dataclass(frozen=True)
class Code:
    """What names a record in a path, where that is not its id.

    field: the field that holds it: ``invoice_code``.
    read: the one spelling of a code, from a path or from a record; None for what is none.
    spell: the code that the function gives to an id, by seed. No two ids have the same.
    locate: the id whose code, by seed, that spelling is; None when it is nobody's.
    example: a code for docs and hints.
    loose_match: the assumption that lets a path spell a code otherwise than the record does; empty for none.
    spare: codes that the function never gives, for when it has given all it has.
    """

    field: str
    read: Callable[[object], str | None]
    spell: Callable[[int, int], Any]
    locate: Callable[[int, str], int | None]
    example: str
    spare: Sequence[Any] = ()
    loose_match: str = ""


def _zero(size: int) -> int:
    return 0


def _generate_none(draw: Any) -> dict[str, Any]:
    raise NotImplementedError("this resource generates no records")


@dataclass(frozen=True)
class Resource:
    """One of the vendor's nouns.

    name: as fixture files and handles spell it: ``customers``.
    noun: as messages spell it: ``Customer``.
    endpoints: the table.
    schema: of its records, made once; None for a noun without records of its own.
    records_of: the resource whose records these are, when they are another's: a store is a sale.
    count: how many records the function generates in a population of a size; their ids are 1..count.
    generate: the function: from the `fakekit.world.seed.Draw` of a record to its values.
    code: what names a record in a path, where that is not its id.
    path_type: as the path tables type it.
    nested: the field that holds records with ids of their own, if one does: the lines of a sale.
    spacing: how many of their ids each record has for itself.
    """

    name: str
    noun: str
    endpoints: tuple[Endpoint, ...] = ()
    schema: RecordSchema | None = None
    records_of: str = ""
    count: Callable[[int], int] = _zero
    generate: Callable[[Any], dict[str, Any]] = _generate_none
    code: Code | None = None
    path_type: Literal["string", "integer"] = "string"
    nested: str = ""
    spacing: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "endpoints", tuple(replace(e, resource=self.name) for e in self.endpoints))

    @property
    def records(self) -> str:
        """The resource that holds the records: this one, unless they are another's."""
        return self.records_of or self.name

    @property
    def key(self) -> str:
        """The field that names a record in paths."""
        return self.code.field if self.code else "id"

    @property
    def example(self) -> str:
        """What names a record, for docs and hints."""
        return self.code.example if self.code else "1"

    @property
    def fetch(self) -> Endpoint | None:
        """The endpoint that answers one record, if there is one."""
        return next((e for e in self.endpoints if e.method == "GET" and e.parameter), None)

    @property
    def shape(self) -> RecordSchema:
        """The schema of the records; only for resources that have some."""
        if self.schema is None:
            raise TypeError(f"{self.name} has no records of its own")
        return self.schema
