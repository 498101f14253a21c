"""What an endpoint's handler gets: the account's records, the request's fields, the assumptions' recorder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from fakekit.contract.assumptions import AssumptionRecorder
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.ids import parse_id
from fakekit.contract.schema import Record


class AccountRecords(Protocol):
    """The records that one account sees, and the changes that an endpoint may make to them."""

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

    def add(self, resource: str, values: Mapping[str, Any]) -> Record:
        """Add a record with the next free id and return it. Raises `RecordError` for invalid values."""

    def edit(self, resource: str, key: int, values: Mapping[str, Any]) -> Record | None:
        """Change some fields of a record and return the whole record; None when there is no such record.

        Raises `RecordError` for invalid values.
        """

    def remove(self, resource: str, key: int) -> bool:
        """Delete a record, and return True; return False when there is no such record."""

    def free_code(self, resource: str) -> Any:
        """Return a new code that no record has yet: an invoice code for sales, an item code for items.

        Raises KeyError for a resource without codes, `RecordError` when no code is left.
        """


class MissingRecordError(Exception):
    """Raised when a path names a record that does not exist; answered with 404 by default.

    resource: the name of the resource.
    path_value: the id or code that came in the path.
    """

    def __init__(self, resource: str, path_value: str) -> None:
        self.resource, self.path_value = resource, path_value
        super().__init__(resource)


class ConflictError(Exception):
    """Raised when a new record has the code of an existing one; answered with 409 by default.

    field: the name of the field that holds the code: ``invoice_code``.
    """

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


@dataclass(frozen=True)
class Call:
    """One request for an endpoint, as the endpoint's handler gets it.

    account: the account that the API key belongs to, with its records.
    resource, endpoint: the tables' entries for what is requested.
    path: the parameters of the path, as text: ``{"id": "42"}``.
    query, body: the query parameters and the body's fields that the endpoint reads, checked and converted.
    now: the account's time, ``2024-08-04 08:23:45``, for `created_at` and `updated_at`.
    recorder: collects the names of the assumptions that the response relies on.
    """

    account: AccountRecords
    resource: Resource
    endpoint: Endpoint
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    now: str
    recorder: AssumptionRecorder

    def assume(self, name: str) -> Any:
        """Return the value of an assumption, and record that the response relies on it.

        A handler calls it where the vendor's pages leave open what happens. The response then names the
        assumption in its header `Fakekit-Assumed`. The value is None for an assumption without one.
        """
        return self.recorder.assume(name)

    def fetch_record(self) -> Record:
        """Return the record that the request's path names. Raises `MissingRecordError` when there is none.

        A code may be written otherwise than in the record (``Jce84a50`` without its space): this is then
        recorded as an assumption.
        """
        text, resource, code = self.path[self.endpoint.parameter], self.resource, self.resource.code
        if code is None:
            record = self.account.find(resource.owner_name, parse_id(text) or 0)
        else:
            record = self.account.find_by_path(resource.name, text)
        if record is None:
            raise MissingRecordError(resource.name, text)
        if code and code.match_assumption and text != record[code.field]:
            self.assume(code.match_assumption)
        return record

    def add(self, **values: Any) -> Record:
        """Add a record made of the request's body and return it, with its new id and both timestamps.

        values: further fields, which replace those of the body.

        Raises `RecordError` for values that the record cannot have.
        """
        time_fields = {"created_at": self.now, "updated_at": self.now}
        return self.account.add(self.resource.owner_name, {**time_fields, **self.body, **values})

    def edit(self, **values: Any) -> Record:
        """Change the record that the path names and return it, with a new `updated_at`.

        The fields of the request's body are changed, all others stay.

        values: further fields, which replace those of the body.

        Raises `MissingRecordError` when there is no such record, `RecordError` for invalid values.
        """
        before = self.fetch_record()
        changed = {**self.body, **values, "updated_at": self.now}
        after = self.account.edit(self.resource.owner_name, before["id"], changed)
        if after is None:  # for the type checker: the account is locked during a write, so it cannot be gone
            raise MissingRecordError(self.resource.name, self.path[self.endpoint.parameter])
        return after
