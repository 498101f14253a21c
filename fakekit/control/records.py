"""The control operations on records: read, add, change and remove, checked by the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from itertools import islice
from typing import Any, NoReturn, TypeVar

from fakekit.accounts.account import Account
from fakekit.api.hints import missing_record_note
from fakekit.contract.endpoint import Resource
from fakekit.contract.numbers import parse_id
from fakekit.contract.schema import Record, RecordError
from fakekit.errors import NoRecordError, Problem, RefusedRecordError, suggest

T = TypeVar("T")


class RecordControls:
    """The control operations on the records of one account.

    A record is identified by its id, a sale by its `invoice_code`, an item by its `item_code`; an id may come
    as digits. Every method raises `NoRecordError` for what is not a resource, and returns copies.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    def records(self, resource: str, after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
        """Return at most `limit` records, ascending by id, from the first id above `after`."""
        owner = self._find_resource(resource)
        found_records = self._account.records(resource, after)
        return [self._as_api_record(owner, record) for record in islice(found_records, limit)]

    def record(self, resource: str, named: Any) -> dict[str, Any]:
        """Return a record with the fields that the API's fetch shows. Raises `NoRecordError`."""
        owner = self._find_resource(resource)
        record = self._account.find(resource, self._id(owner, named))
        return self._as_api_record(owner, record) if record is not None else self._raise_missing(owner, named)

    def lines(self, resource: str, named: Any) -> list[dict[str, Any]]:
        """Return the lines of a sale, which the API shows beside it.

        Raises `NoRecordError` when there is no such sale, or the resource's records have no lines.
        """
        owner = self._find_resource(resource)
        if not owner.nested:
            raise NoRecordError(Problem(resource, "has no lines", "", "sales"))
        record = self._account.find(resource, self._id(owner, named))
        if record is None:
            self._raise_missing(owner, named)
        return deepcopy([dict(line) for line in record[owner.nested]])

    def add(self, resource: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Add a record and return it; required fields that are not given are filled in.

        Raises `RefusedRecordError` with every problem of the fields.
        """
        owner = self._find_resource(resource)
        with self._account.lock:
            values = self._fill_required(owner, fields)
            return self._as_api_record(
                owner, self._translate_error(owner, lambda: self._account.add(resource, values))
            )

    def change(self, resource: str, named: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Change some fields of a record, and return it. Raises `RefusedRecordError`, `NoRecordError`."""
        owner = self._find_resource(resource)
        key = self._id(owner, named)
        changed = self._translate_error(owner, lambda: self._account.edit(resource, key, fields))
        return (
            self._as_api_record(owner, changed) if changed is not None else self._raise_missing(owner, named)
        )

    def remove(self, resource: str, named: Any) -> dict[str, Any]:
        """Remove a record. Raises `NoRecordError` when there was none."""
        owner = self._find_resource(resource)
        if not self._account.remove(resource, self._id(owner, named)):
            self._raise_missing(owner, named)
        return {"done": True}

    def _fill_required(self, resource: Resource, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields, with what the generated world would give for required ones that are missing.

        Raises `RefusedRecordError` for a required reference to a resource that has no record.
        """
        account, schema = self._account, resource.shape
        defaults = dict(account.world.sample(resource.name, account.next_id(resource.name)))
        if resource.code:
            defaults[resource.code.field] = account.free_code(resource.name)
        for name, field in schema.references().items():  # somebody who exists here, whoever that is
            first = next(account.records(field.to), None)
            if first is None and field.required and name not in fields:
                problem = Problem(
                    f"{resource.name}.{name}", f"has no record of {field.to} to name", "", "one first"
                )
                raise RefusedRecordError(problem)
            defaults[name] = (
                type(defaults[name])(first["id"]) if first and defaults[name] is not None else None
            )
        required = [name for name, f in schema.contracted().items() if f.required and name != "id"]
        return {name: defaults[name] for name in required} | dict(fields)

    def _find_resource(self, resource: str) -> Resource:
        """Return the resource of this name. Raises `NoRecordError`, which suggests the nearest name."""
        resources: Mapping[str, Resource] = self._account.world.resources
        if resource not in resources:
            problem = Problem(resource, "is not a resource", "", suggest(resource, resources))
            raise NoRecordError(problem)
        return resources[resource]

    def _id(self, resource: Resource, named: Any) -> int:
        """Return the id of the record that an id or code names. Raises `NoRecordError`."""
        if resource.code is None:
            key = named if type(named) is int else parse_id(str(named))
            if key is None:
                raise NoRecordError(Problem(resource.name, "is asked for by id", "", "a whole number"))
            return key
        key = self._account.key_of(resource.name, named)
        return self._raise_missing(resource, named) if key is None else key

    def _raise_missing(self, resource: Resource, named: Any) -> NoReturn:
        """Raise `NoRecordError` with the reason that a 404's note would give."""
        reason = missing_record_note(self._account, resource, str(named))
        raise NoRecordError(Problem(f"{resource.name} {named}", f"does not exist: {reason}"))

    def _as_api_record(self, resource: Resource, record: Record) -> dict[str, Any]:
        """Return a copy of the record with the fields that the API's fetch shows.

        A copy, because records are shared by all accounts.
        """
        if resource.fetch is None:
            return deepcopy(dict(record))
        part = next(iter(resource.fetch.envelope.parts.values()))
        hidden = part.hidden(self._account.baseline.has_tenant_fields)
        return deepcopy({name: record[name] for name in part.schema().fields if name not in hidden})

    def _translate_error(self, resource: Resource, operation: Callable[[], T]) -> T:
        """Return what `operation` returns; raise its `RecordError` as `RefusedRecordError`."""
        try:
            return operation()
        except RecordError as error:
            problems = [
                Problem(f"{resource.name}.{p.field}", p.what, p.found, p.write) for p in error.problems
            ]
            raise RefusedRecordError(problems) from None
