"""How a resource and its endpoints are declared; `fakekit.api` handles their requests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import FunctionType
from typing import Any, Literal, NamedTuple

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.envelope import DEFAULT_SHAPE, Envelope, ResponseShape
from fakekit.contract.filters import NO_QUERY, Query
from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.refusals import MISSING_RECORD, Refusal
from fakekit.contract.requests import Body
from fakekit.contract.schema import Record, Records, RecordSchema
from fakekit.contract.similar_names import nearest_field
from fakekit.vendor import BASE_PATH

_STATUS = {"POST": assumed("create.status"), "DELETE": assumed("delete.status")}
_BODY_STATUS = assumed("create.body_status")
_TENANT_FIELDS = assumed("payload.tenant_fields")
_UPDATE = assumed("update.partial")
_TIME_ZONE = assumed("time.zone")


@dataclass(frozen=True, eq=False)
class Endpoint:
    """One method on one path of the vendor's API, as a resource declares it.

    operation: its name in code, logs and OpenAPI: ``fetch_customer``.
    method: ``GET``.
    route: its path below the vendor's base path: ``customers/{id}``.
    envelope: the shape of a successful response.
    handler: called with a `fakekit.resources.call.Call`, returns the envelope's ``data``.
    truth: the endpoint's provenance: a page of the vendor, an RFC or an assumption.
    query, body: the query parameters and the body fields that it reads; by default none.
    assumes: the assumptions that every successful response of it relies on, beside those that `assumed`
        derives from the rest of the declaration.
    unique_field: the field whose value no two records may share, ``invoice_code``; a request with the
        value of another record gets a 409. Empty where nothing is checked.
    switch: the assumption that has to be true for the endpoint to exist; None for one that always does.
    resource: the name of the resource that declares it; `Resource` sets it.
    shape: the shape of successful responses; `under` sets it.
    sets_nulls: whether an edit makes null what its body leaves out, where that is optional; `under` sets it.
    """

    operation: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    route: str
    envelope: Envelope
    handler: Callable[[Any], Mapping[str, Any]]
    truth: Truth
    query: Query = NO_QUERY
    body: Body | None = None
    assumes: tuple[Truth, ...] = ()
    unique_field: str = ""
    switch: Truth | None = None
    resource: str = ""
    shape: ResponseShape = DEFAULT_SHAPE
    sets_nulls: bool = False

    @cached_property
    def path(self) -> str:
        """The whole path: ``/api/v1/customers/{id}``."""
        return f"{BASE_PATH}/{self.route}"

    @cached_property
    def parameter(self) -> str:
        """The name of the path's parameter, ``id``; empty for a path without one."""
        return self.route.partition("{")[2].partition("}")[0]

    @cached_property
    def writes(self) -> bool:
        """Whether a request may change records; its account is then locked while the handler runs."""
        return self.method != "GET"

    @cached_property
    def status(self) -> Truth | None:
        """The assumption whose value is the HTTP status of a successful response; None for 200."""
        return _STATUS.get(self.method)

    def under(self, assumptions: Assumptions) -> Endpoint | None:
        """Return the endpoint as it is under these values of the assumptions; None if they switch it off.

        With the values of the table this is the endpoint itself.
        """
        if self.switch is not None and not assumptions[self.switch.source]:
            return None
        shape = ResponseShape(
            assumptions["payload.tenant_fields"],
            assumptions["list.shape"] == "array",
            assumptions[_BODY_STATUS.source] if self.method == "POST" else DEFAULT_SHAPE.status,
            tuple(key for key, part in self.envelope.parts.items() if part.is_hidden(assumptions)),
        )
        found = self if shape == self.shape else replace(self, shape=shape)
        update = assumptions[_UPDATE.source]
        if update == "required" or self.method != "PUT" or not (self.body and self.body.requires_fields):
            return found
        body = self.body.partial if update == "partial" else self.body
        return replace(found, body=body, sets_nulls=update == "full", assumes=(*self.assumes, _UPDATE))

    @property
    def is_list(self) -> bool:
        """Whether it answers a list of records, or one in its place (assumption ``list.shape``)."""
        return not self.writes and not self.parameter and bool(self.envelope.list_key)

    def nearest_name(self, unread: str) -> str:
        """Return the filter or field that an unknown name is most like; empty if there is none near.

        Empty also for a field that is not read beside another, such as `items` beside `sales-item`.

        unread: a name that a request had and the endpoint does not read: ``sales-item[0].quantty``.
        """
        names, _, name = unread.rpartition(".")
        fields = self.body.schema.fields if self.body is not None else {}
        nested = fields.get(names.partition("[")[0])
        known = nested.schema.fields if isinstance(nested, Records) else [*self.query.filters, *fields]
        return "" if name in known else nearest_field(name, known) or ""

    @cached_property
    def assumed(self) -> tuple[Truth, ...]:
        """The assumptions that every successful response relies on, each once.

        They are those of its status, of the endpoint itself (`truth` and `assumes`), of the rules that its
        method follows, of the message and the fields that its envelope shows, and of its shape.
        """
        truths = [self.status, self.truth, *self.assumes]
        if self.method == "PUT" and self.body is not None and self.body.requires_fields:
            truths.append(_UPDATE)
        truths += self.envelope.assumed
        if self.body is not None:
            truths.append(_TIME_ZONE)
        if not self.shape.has_tenant_fields and self.envelope.has_tenant_variants:
            truths.append(_TENANT_FIELDS)
        if self.shape.status != DEFAULT_SHAPE.status:
            truths.append(_BODY_STATUS)
        return tuple(dict.fromkeys(t for t in truths if t is not None and t.kind == "assumed"))

    @property
    def example_problem(self) -> str:
        """What may be wrong with a request, for an example of a 422: ``group_name is required``."""
        if self.body is not None and self.body.required_names:
            return f"{self.body.required_names[0]} is required"
        fields = self.body.schema.fields if self.body is not None else self.query.schema.fields
        return f"{list(fields)[-1]} may not be null"


class Code(NamedTuple):
    """How paths identify the records of a resource that is addressed by a code instead of the id.

    field: the record field that holds the code: ``invoice_code``.
    parse: takes the code from a path or a record and returns it in its normal form, as text; returns None for
        what cannot be a code.
    format_code: takes seed and id of a generated record and returns its code. No two ids have the same one.
    find_id: the reverse of `format_code`: takes seed and code and returns the id; None when no id has it.
    example: a code for docs and hints.
    extra_codes: codes that `format_code` never returns, for added records when the next ids' codes are taken.
    other_forms: the assumption that is recorded when a path has the code in another form than the record,
        such as without its leading space; None where only the same form matches.
    """

    field: str
    parse: Callable[[object], str | None]
    format_code: Callable[[int, int], object]
    find_id: Callable[[int, str], int | None]
    example: str
    extra_codes: Sequence[object] = ()
    other_forms: Truth | None = None


def _generate_none(random_source: object) -> dict[str, object]:
    """Raise NotImplementedError: the `Resource.generate` of a resource that generates no records."""
    raise NotImplementedError("this resource generates no records")


def _ignore_removed(call: object, records: Collection[Record]) -> None:
    """Do nothing: the `Resource.after_delete` of a resource whose deleted records change no others."""


def _names_in(generate: Callable[[object], dict[str, object]]) -> Iterator[str]:
    """Yield the texts in the code of a generator of records and of the functions of its folder that it calls.

    The names of the fields that it returns are among them. To call it would say more, but it imports Faker.
    """
    functions, folder = [generate], generate.__module__.rpartition(".")[0]
    for function in functions:
        for item in function.__code__.co_consts:
            yield from item if isinstance(item, tuple) else [item]
        for value in map(function.__globals__.get, function.__code__.co_names):
            if isinstance(value, str):
                yield value
            elif isinstance(value, FunctionType) and value.__module__.rpartition(".")[0] == folder:
                functions += [value] if value not in functions else []


@dataclass(frozen=True, eq=False)
class Resource:
    """One kind of thing that the vendor's API serves: its endpoints, its records and how they are generated.

    name: as fixture files and test handles write it: ``customers``.
    label: as messages write it, in the singular: ``Customer``.
    endpoints: all of its endpoints.
    schema: the schema of its records, instantiated once; None for a resource that has none of its own.
    records_of: the name of the resource whose records it shows, if not its own: ``sales`` for ``stores``.
    count: how many records are generated in a world with customers, where no setting with its name says it;
        or a function that takes what the settings say, ``{"customers": 50}``, and returns that number.
    largest: how many records the setting with its name may ask for; 0 where there is no such setting.
    generate: takes the record's source of random values and returns the field values of a generated record,
        except its id, and those of the fields that have a default or a function of their own.
    code: how paths identify a record, where that is not by its id.
    path_type: the type of the path's parameter in the vendor's tables.
    nested: the field that holds nested records with ids: ``sales-item``, the lines of a sale; else empty.
    spacing: how many ids are reserved for the nested records of each record.
    personas: by id the titles of generated records that are hard to handle on purpose; by default none.
    missing_record: the response to a path that names no record; by default its text is "Customer not found",
        with `label`.
    after_delete: called with the `fakekit.resources.call.Call` of a DELETE and the records of this resource
        that it deleted, once for all of them; by default it does nothing.
    """

    name: str
    label: str
    endpoints: tuple[Endpoint, ...] = ()
    schema: RecordSchema | None = None
    records_of: str = ""
    count: int | Callable[[Mapping[str, int]], int] = 0
    largest: int = 0
    generate: Callable[[Any], dict[str, Any]] = _generate_none
    code: Code | None = None
    path_type: Literal["string", "integer"] = "string"
    nested: str = ""
    spacing: int = 0
    personas: Mapping[int, str] = field(default_factory=dict)
    missing_record: Refusal = MISSING_RECORD
    after_delete: Callable[[Any, Collection[Record]], None] = _ignore_removed

    def __post_init__(self) -> None:
        """Set the `resource` of each endpoint to this resource's name.

        Raises TypeError for a field that a generated record would lack: it would be null, or make each fetch
        fail.
        """
        # The dataclass is frozen, so the attribute cannot be assigned.
        object.__setattr__(self, "endpoints", tuple(replace(e, resource=self.name) for e in self.endpoints))
        if self.schema is not None and self.generate is not _generate_none:
            known = {"id", *self.schema.generators, *_names_in(self.generate)}
            for name, declared in self.schema.record_fields.items():
                if (declared.required or declared.allow_none) and name not in known:
                    write = f"declare it with generate=, or return it from {self.generate.__name__}"
                    raise TypeError(f"{self.name}.{name} has no value in generated records: {write}")

    def count_generated(self, sizes: Mapping[str, int]) -> int:
        """Return how many records are generated; their ids are 1 to that number.

        sizes: how many records the settings ask for, by resource; always with a number of customers.
        """
        if not isinstance(self.count, int):
            return self.count(sizes)
        return sizes.get(self.name, self.count if sizes["customers"] else 0)

    @cached_property
    def owner_name(self) -> str:
        """The name of the resource that holds the records: `records_of`, or this one where that is empty."""
        return self.records_of or self.name

    @cached_property
    def key_field(self) -> str:
        """The field that identifies a record in paths: ``id``, or that of its code, ``invoice_code``."""
        return self.code.field if self.code else "id"

    def code_of(self, record: Record) -> str | None:
        """Return the code by which paths identify a record, normalized: ``324232``; None without codes."""
        return self.code.parse(record[self.code.field]) if self.code else None

    def record_key(self, record: Record) -> str:
        """Return what identifies a record in paths: its code in the normal form, or its id."""
        return self.code_of(record) or str(record["id"])

    @property
    def example(self) -> str:
        """An example of the path's parameter as text, for docs and hints: ``1``, or a code."""
        return self.code.example if self.code else "1"

    @property
    def fetch_endpoint(self) -> Endpoint | None:
        """The endpoint that returns a single record; None for a resource without one, such as ``user``."""
        return next((e for e in self.endpoints if e.method == "GET" and e.parameter), None)

    @cached_property
    def record_schema(self) -> RecordSchema:
        """The `schema`, for callers that know there is one.

        Raises TypeError for a resource without a schema.
        """
        if self.schema is None:
            raise TypeError(f"{self.name} has no records of its own")
        return self.schema
