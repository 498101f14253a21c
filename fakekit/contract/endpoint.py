"""How a resource and its endpoints are declared; `fakekit.api` handles their requests."""

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
    """One method on one path of the vendor's API, as a resource declares it.

    operation: its name in code, logs and OpenAPI: ``fetch_customer``.
    method, path: ``GET`` and ``/api/v1/customers/{id}``.
    envelope: the form of a successful response.
    handler: called with a `fakekit.resources.call.Call`, returns the envelope's ``data``.
    truth: where the endpoint comes from.
    query, body: what it reads beside the path.
    assumes: the assumptions that every successful response of it relies on.
    status: the assumption whose value is the HTTP status of a successful response; empty for 200.
    conflicts: the field of which no two records may have the same value, where a request is checked for it.
    resource: the name of the resource that declares it; `Resource` sets it.
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
        """The name of the path's parameter, ``id``; empty for a path without one."""
        return self.path.partition("{")[2].partition("}")[0]

    @property
    def writes(self) -> bool:
        """Whether a request may change records, so that its account has to be held."""
        return self.method != "GET"


@dataclass(frozen=True)
class Code:
    """How the records of a resource are named in paths, where that is not by their id.

    field: the field that holds the code: ``invoice_code``.
    read: returns the one spelling of a code, from a path or a record; None for what is no code.
    spell: returns the code of a generated record, from seed and id. No two ids have the same.
    locate: the reverse of `spell`: returns the id, from seed and code; None when no id has the code.
    example: a code for docs and hints.
    loose_match: the assumption that lets a path spell a code otherwise than the record; empty if none does.
    spare: codes that `spell` never gives, for added records when it has no more.
    """

    field: str
    read: Callable[[object], str | None]
    spell: Callable[[int, int], Any]
    locate: Callable[[int, str], int | None]
    example: str
    spare: Sequence[Any] = ()
    loose_match: str = ""


def _zero(size: int) -> int:
    """Return 0: the `count` of a resource without generated records."""
    return 0


def _generate_none(random: Any) -> dict[str, Any]:
    """Raise NotImplementedError: the `generate` of a resource without generated records."""
    raise NotImplementedError("this resource generates no records")


@dataclass(frozen=True)
class Resource:
    """One of the vendor's nouns: its endpoints, its records and how they are generated.

    name: as fixture files and handles spell it: ``customers``.
    noun: as messages spell it: ``Customer``.
    endpoints: the table.
    schema: of its records, made once; None for a noun without records of its own.
    records_of: the resource whose records these are, when they are another's: a store is a sale.
    count: returns how many records are generated in a population of a size; their ids are 1 to that.
    generate: returns a record's values, from its `fakekit.world.seed.RandomSource`.
    code: how paths name a record, where that is not by its id.
    path_type: the type of the path's parameter in the vendor's tables.
    nested: the field that holds records with ids of their own, if one does: the lines of a sale.
    spacing: how many ids of nested records belong to each record.
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
        """The name of the resource that holds the records: this one, unless they are another's (`of`)."""
        return self.records_of or self.name

    @property
    def key(self) -> str:
        """The field whose value names a record in paths: ``id``, or that of its code."""
        return self.code.field if self.code else "id"

    @property
    def example(self) -> str:
        """What a path may have as its parameter, as text, for docs and hints."""
        return self.code.example if self.code else "1"

    @property
    def fetch(self) -> Endpoint | None:
        """The endpoint that answers one record; None for a resource without one."""
        return next((e for e in self.endpoints if e.method == "GET" and e.parameter), None)

    @property
    def shape(self) -> RecordSchema:
        """The schema of the records. Raises TypeError for a resource that has none of its own."""
        if self.schema is None:
            raise TypeError(f"{self.name} has no records of its own")
        return self.schema
