"""The records of an account, for tests: read, add, change and remove, held against the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from itertools import islice
from typing import Any, NoReturn, TypeVar

from fakekit.accounts.account import Account
from fakekit.api.hints import missing_record
from fakekit.contract.endpoint import Resource
from fakekit.contract.numbers import parse_id
from fakekit.contract.schema import Record, RecordError
from fakekit.errors import NoRecordError, Problem, RefusedRecordError, suggest

T = TypeVar("T")


class RecordControls:
    """What may be done to the records of one account.

    A record is named by its id, a sale by its `invoice_code`, an item by its `item_code`; an id may come as
    digits.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    def records(self, resource: str, after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
        """Its records, ascending by id."""
        known = self._known(resource)
        there = self._account.records(resource, after)
        return [self._shown(known, record) for record in islice(there, limit)]

    def record(self, resource: str, named: Any) -> dict[str, Any]:
        """A record as the API's fetch answers it. Raises `NoRecordError`."""
        known = self._known(resource)
        found = self._account.find(resource, self._id(known, named))
        return self._shown(known, found) if found is not None else self._none(known, named)

    def lines(self, resource: str, named: Any) -> list[dict[str, Any]]:
        """The records inside a record: the lines of a sale. Raises `NoRecordError`."""
        known = self._known(resource)
        if not known.nested:
            raise NoRecordError(Problem(resource, "has no lines", "", "sales"))
        found = self._account.find(resource, self._id(known, named))
        if found is None:
            self._none(known, named)
        return deepcopy([dict(line) for line in found[known.nested]])

    def add(self, resource: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Add a record; what is required and not given is filled in. Raises `RefusedRecordError`."""
        known = self._known(resource)
        with self._account.changing:
            filled = self._filled(known, fields)
            return self._shown(known, self._told(known, lambda: self._account.add(resource, filled)))

    def change(self, resource: str, named: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Change fields of a record. Raises `RefusedRecordError`, `NoRecordError`."""
        known = self._known(resource)
        key = self._id(known, named)
        changed = self._told(known, lambda: self._account.edit(resource, key, fields))
        return self._shown(known, changed) if changed is not None else self._none(known, named)

    def remove(self, resource: str, named: Any) -> dict[str, Any]:
        """Let a record be gone. Raises `NoRecordError`."""
        known = self._known(resource)
        if not self._account.remove(resource, self._id(known, named)):
            self._none(known, named)
        return {"done": True}

    def _filled(self, resource: Resource, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields, and what the generated world would give for required ones that are not there."""
        account, schema = self._account, resource.shape
        filler = dict(account.world.sample(resource.name, account.next_key(resource.name)))
        if resource.code:
            filler[resource.code.field] = account.free_code(resource.name)
        for name, field in schema.references().items():  # somebody who exists here, whoever that is
            first = next(account.records(field.to), None)
            if first is None and field.required and name not in fields:
                problem = Problem(
                    f"{resource.name}.{name}", f"has no record of {field.to} to name", "", "one first"
                )
                raise RefusedRecordError(problem)
            filler[name] = type(filler[name])(first["id"]) if first and filler[name] is not None else None
        wanted = [name for name, f in schema.contracted().items() if f.required and name != "id"]
        return {name: filler[name] for name in wanted} | dict(fields)

    def _known(self, resource: str) -> Resource:
        """The resource of that name that has records of its own."""
        resources: Mapping[str, Resource] = self._account.world.resources
        if resource not in resources:
            problem = Problem(resource, "is not a resource", "", suggest(resource, resources))
            raise NoRecordError(problem)
        return resources[resource]

    def _id(self, resource: Resource, named: Any) -> int:
        """The id of the record that a key names; of a key that is an id, the key."""
        if resource.code is None:
            key = named if type(named) is int else parse_id(str(named))
            if key is None:
                raise NoRecordError(Problem(resource.name, "is asked for by id", "", "a whole number"))
            return key
        found = self._account.key_of(resource.name, named)
        return self._none(resource, named) if found is None else found

    def _none(self, resource: Resource, named: Any) -> NoReturn:
        why = missing_record(self._account, resource, str(named))
        raise NoRecordError(Problem(f"{resource.name} {named}", f"does not exist: {why}"))

    def _shown(self, resource: Resource, record: Record) -> dict[str, Any]:
        """What the fetch prints of a record, as a copy: records are shared by all accounts."""
        if resource.fetch is None:
            return deepcopy(dict(record))
        part = next(iter(resource.fetch.envelope.parts.values()))
        hidden = part.hidden(self._account.baseline.tenant)
        return deepcopy({name: record[name] for name in part.schema().fields if name not in hidden})

    def _told(self, resource: Resource, act: Callable[[], T]) -> T:
        try:
            return act()
        except RecordError as error:
            problems = [
                Problem(f"{resource.name}.{p.field}", p.what, p.found, p.write) for p in error.problems
            ]
            raise RefusedRecordError(problems) from None
