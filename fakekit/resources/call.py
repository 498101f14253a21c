"""What an endpoint's handler gets: the account's records, the request's fields, the assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Protocol

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.ids import parse_id
from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.schema import FieldProblem, Record, RecordError
from fakekit.world.world import Address, World

_TIME_ZONE = assumed("time.zone")


class AccountRecords(Protocol):
    """The records that one account sees, and the changes that an endpoint may make to them.

    world: the records before any change.
    """

    world: World

    def find(self, resource: str, key: int) -> Record | None:
        """Return the record with this id, or None when there is none or this account deleted it.

        resource: the resource's name, such as ``customers``.
        """

    def find_by_path(self, resource: str, path_value: object) -> Record | None:
        """Return the record that an id or code identifies, or None when there is no such record.

        path_value: a sale's or an item's code, from a request's path or body; for other resources an id in
            digits.
        """

    def records(self, resource: str) -> Iterator[Record]:
        """Yield every record of a resource that the account sees, ascending by id."""

    def add(
        self,
        resource: str,
        values: Mapping[str, object],
        *,
        is_valid: bool = False,
        computed: tuple[Truth, ...] = (),
    ) -> Record:
        """Add a record with the next free id and return it. Raises `RecordError` for invalid values.

        is_valid: whether each value is valid already; references and codes are checked in any case.
        computed: the assumptions by which values of it were computed.
        """

    def edit(
        self,
        resource: str,
        key: int,
        values: Mapping[str, object],
        *,
        is_valid: bool = False,
        computed: tuple[Truth, ...] = (),
    ) -> Record | None:
        """Change some fields of a record and return the whole record; None when there is no such record.

        is_valid, computed: as for `add`. Raises `RecordError` for invalid values.
        """

    def remove(self, resource: str, key: int) -> bool:
        """Delete a record, and return True; return False when there is no such record."""

    def next_id(self, resource: str) -> int:
        """Return the id for the next added record: one more than every id there ever was."""

    def computed(self, addresses: Iterable[Address]) -> tuple[Truth, ...]:
        """Return the assumptions by which values of these records were computed."""


def find_free_code(account: AccountRecords, resource: Resource) -> object:
    """Return a code (of an invoice or item) that no record has, for a record to be added.

    It is the code of the next id or, if those of 100 ids are taken, one of the spare codes that are never
    generated. Raises KeyError for a resource without codes, `RecordError` when all codes are in use.
    """
    code = resource.code
    if code is None:
        raise KeyError(resource.name)
    key = account.next_id(resource.name)
    codes = (code.format_code(account.world.seed, k) for k in range(key, key + 100))
    for free in chain(codes, code.extra_codes):
        if account.find_by_path(resource.name, free) is None:
            return free
    raise RecordError([FieldProblem(code.field, "has no free value left")])


def find_record(account: AccountRecords, resource: Resource, path_value: str) -> Record | None:
    """Return the record that the segment of an endpoint's path identifies; None when there is no such record.

    resource: that of the endpoint; ``stores`` shows the records of ``sales``, by their id.
    """
    if resource.code is None:
        return account.find(resource.owner_name, parse_id(path_value) or 0)
    return account.find_by_path(resource.name, path_value)


class MissingRecordError(Exception):
    """Raised when a path names a record that does not exist; answered with 404 by default.

    resource: the name of the resource.
    path_value: the id or code that came in the path.
    """

    def __init__(self, resource: str, path_value: str) -> None:
        self.resource, self.path_value = resource, path_value
        super().__init__(resource)


class ConflictError(Exception):
    """Raised when a request gives a record the code of another one; answered with 409 by default.

    field: the name of the field that holds the code: ``invoice_code``.
    """

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


class InUseError(Exception):
    """Raised when a record that others refer to may not be deleted; answered with 409.

    label: the kind of record, as messages write it: ``Customer``.
    used_by: the name of the resource of one of the others: ``sales``.
    """

    def __init__(self, label: str, used_by: str) -> None:
        self.label, self.used_by = label, used_by
        super().__init__(label, used_by)


@dataclass(frozen=True, eq=False, repr=False)
class Call:
    """One request for an endpoint, as the endpoint's handler gets it.

    account: the account that the API key belongs to, with its records.
    resource, endpoint: the tables' entries for what is requested.
    path: the parameters of the path, as text: ``{"id": "42"}``.
    query, body: the query parameters and the body's fields that the endpoint reads, checked and converted.
    read_clock: returns the account's time, ``2024-08-04 08:23:45``.
    assumptions: the values of the account.
    assumed: the assumptions that the response relies on beside those of its endpoint; `assume` adds to it.
    computed: those by which values of the record to be written were computed; `compute` adds to it.
    note_parts: sentences for the response's `Fakekit-Note`, ASCII; a handler adds to it.
    """

    account: AccountRecords
    resource: Resource
    endpoint: Endpoint
    path: Mapping[str, str]
    query: Mapping[str, object]
    body: Mapping[str, Any]
    read_clock: Callable[[], str]
    assumptions: Assumptions
    assumed: list[Truth] = field(default_factory=list)
    computed: list[Truth] = field(default_factory=list)
    note_parts: list[str] = field(default_factory=list)

    @cached_property
    def now(self) -> str:
        """The account's time when a handler first asked for it, for `created_at` and `updated_at`."""
        return self.read_clock()

    def assume(self, truth: Truth) -> object:
        """Return the value of an assumption, and record that the response relies on it.

        A handler calls it where the vendor's pages leave open what happens. The response then names the
        assumption in its header `Fakekit-Assumed`. The value is None for an assumption without one.
        """
        if truth not in self.assumed:
            self.assumed.append(truth)
        return self.assumptions[truth.source]

    def compute(self, truth: Truth) -> object:
        """Return the value of an assumption by which a value of the record to be written is computed.

        It is recorded like those of `assume`, for this response and for later ones that show the record.
        """
        self.computed.append(truth)
        return self.assume(truth)

    def assume_computed(self, *addresses: Address) -> None:
        """Record the assumptions by which values of records that the response shows were computed.

        addresses: the resource and the id of each record.
        """
        for truth in self.account.computed(addresses):
            if truth not in self.assumed:
                self.assumed.append(truth)

    def fetch_record(self) -> Record:
        """Return the record that the request's path names. Raises `MissingRecordError` when there is none.

        A code may be written otherwise than in the record (``Jce84a50`` without its space): this is then
        recorded as an assumption.
        """
        text, code = self.path[self.endpoint.parameter], self.resource.code
        record = find_record(self.account, self.resource, text)
        if record is None:
            raise MissingRecordError(self.resource.name, text)
        if code and code.other_forms and text != record[code.field]:
            self.assume(code.other_forms)
        return record

    def add(self, **values: object) -> Record:
        """Add a record made of the request's body and return it, with its new id and both timestamps.

        values: further fields, which replace those of the body.

        Raises `RecordError` for values that the record cannot have.
        """
        time_fields = {"created_at": self.now, "updated_at": self.now}
        fields = {**time_fields, **self.body, **values}
        computed = (*self.computed, _TIME_ZONE)
        return self.account.add(self.resource.owner_name, fields, is_valid=True, computed=computed)

    def edit(self, **values: object) -> Record:
        """Change the record that the path names and return it, with a new `updated_at`.

        The fields of the request's body are changed, all others stay. With ``update.partial=full``, optional
        ones that the body leaves out become null.

        values: further fields, which replace those of the body.

        Raises `MissingRecordError` when there is no such record, `RecordError` for invalid values.
        """
        before = self.fetch_record()
        body = self.endpoint.body
        nulls = body.optional_nulls if self.endpoint.sets_nulls and body is not None else {}
        changed = {**nulls, **self.body, **values, "updated_at": self.now}
        computed = (*self.computed, _TIME_ZONE)
        after = self.account.edit(
            self.resource.owner_name, before["id"], changed, is_valid=True, computed=computed
        )
        if after is None:  # for the type checker: the account is locked during a write, so it cannot be gone
            raise MissingRecordError(self.resource.name, self.path[self.endpoint.parameter])
        self.assume_computed((self.resource.owner_name, after["id"]))
        return after
