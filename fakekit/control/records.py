"""The control operations on records: read, add, change and remove them, validated by their schemas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from itertools import islice, takewhile
from typing import NoReturn, TypeVar

from fakekit.accounts.account import Account
from fakekit.api.hints import explain_missing
from fakekit.contract.endpoint import Resource
from fakekit.contract.ids import parse_id
from fakekit.contract.provenance import GENERATED
from fakekit.contract.schema import Record, RecordError
from fakekit.contract.value_type import matching_text, whole_number
from fakekit.control.results import Done, PersonaJson, RecordJson
from fakekit.control.text_search import contains_text
from fakekit.control.values import takes
from fakekit.errors import NoRecordError, Problem, RefusedRecordError, cure_of, suggest, without_secrets
from fakekit.faults.settings import TEXT, SettingField
from fakekit.resources.call import find_free_code

T = TypeVar("T")
LIMIT = SettingField(whole_number(1, 1000), note="how many at most; 100 by default")
_ADD_METHODS = {"customers": "add_customer(", "customer_groups": "add_group("}
"""The handle's methods that add a record of one resource, as its errors name them."""


class RecordControls:
    """The control operations on the records of one account.

    In every method `resource` is the name of a resource, ``customers``, and `named` identifies a record: a
    sale by its `invoice_code`, an item by its `item_code`, any other by its id, as an int or digits. Every
    method raises `NoRecordError` for another resource. The returned records are copies.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    @takes(
        after=SettingField(whole_number(0, 10**18), note="only those with a larger id"),
        up_to=SettingField(whole_number(0, 10**18), note="only those with this id or a smaller one"),
        limit=LIMIT,
        search=SettingField(TEXT, note="only those with this text in a value, in upper or lower case"),
        refers_to=SettingField(
            matching_text(r"\w{1,60}/[0-9]{1,18}", "a resource and an id, such as customers/42"),
            note="only those that refer to this record: `customers/42`",
        ),
    )
    def records(
        self,
        resource: str,
        after: int = 0,
        limit: int = 100,
        search: str = "",
        refers_to: str = "",
        up_to: int | None = None,
    ) -> list[RecordJson]:
        """Return at most `limit` records of a resource with an id above `after`, ascending by id.

        resource: its name, ``customers``.
        search: only records with this text in a value, or in one of their lines; in upper or lower case.
        refers_to: only records that refer to this one: ``customers/42`` gives the sales of that customer.
        up_to: the largest id that is looked at, so that a search in many records takes a short time; None
            for no limit.

        Raises `NoRecordError` for an unknown resource, and for one that has no reference to that of
        `refers_to`.
        """
        owner = self._find_resource(resource)
        found_records = self._account.records(resource, after)
        if up_to is not None:
            found_records = takewhile(lambda record: record["id"] <= up_to, found_records)
        if refers_to:
            found_records = filter(self._reference_filter(owner, refers_to), found_records)
        if search:
            found_records = (r for r in found_records if contains_text(self._with_lines(owner, r), search))
        return [deepcopy(self._as_api_record(owner, record)) for record in islice(found_records, limit)]

    def personas(self) -> list[PersonaJson]:
        """Return the generated records that are hard to handle on purpose, each with what makes it hard.

        One that a fixture file replaces, or that the account removed, is left out; an edited one stays.
        """
        account, found = self._account, list[PersonaJson]()
        for name, resource in account.world.resources.items():
            for key, title in resource.personas.items():
                record = account.find(name, key) if (name, key) not in account.world.file_records else None
                if record is not None:
                    named = resource.record_key(record)
                    found.append({"resource": name, "id": key, "named": named, "title": title})
        return found

    def record(self, resource: str, named: int | str) -> RecordJson:
        """Return one record with the fields that the vendor's API shows when it is fetched.

        resource: ``customers``. named: the record's id or code.

        Raises `NoRecordError` when there is no such resource or record.
        """
        owner = self._find_resource(resource)
        record = self._account.find(resource, self._id(owner, named))
        if record is None:
            self._raise_missing(owner, named)
        return deepcopy(self._as_api_record(owner, record))

    def lines(self, resource: str, named: int | str) -> list[RecordJson]:
        """Return the nested records of a record, which the vendor's API shows beside it: the lines of a sale.

        resource: ``sales``. named: the sale's `invoice_code`.

        Raises `NoRecordError` when there is no such sale, or the records of the resource have no lines.
        """
        owner = self._find_resource(resource)
        if not owner.nested:
            raise NoRecordError(Problem(resource, "has no lines", "", "sales"))
        record = self._account.find(resource, self._id(owner, named))
        if record is None:
            self._raise_missing(owner, named)
        return deepcopy([dict(line) for line in record[owner.nested]])

    def add(self, resource: str, fields: Mapping[str, object]) -> RecordJson:
        """Add a record and return it; required fields that `fields` lacks get generated values.

        resource: ``customers``. fields: values by field name: ``{"customer_name": "Ama Mensah"}``.

        Raises `RefusedRecordError` with the problems of all fields.
        """
        owner = self._find_resource(resource)
        values = self._fill_required(owner, fields)
        computed = () if values.keys() == fields.keys() else (GENERATED,)
        added = self._translate_error(owner, lambda: self._account.add(resource, values, computed=computed))
        return deepcopy(self._as_api_record(owner, added))

    def change(self, resource: str, named: int | str, fields: Mapping[str, object]) -> RecordJson:
        """Set some fields of a record and return the whole record.

        named: its id or code. fields: the new values by field name; other fields stay.

        Raises `RefusedRecordError` with the problems of all fields, `NoRecordError` for an unknown record.
        """
        owner = self._find_resource(resource)
        key = self._id(owner, named)
        changed = self._translate_error(owner, lambda: self._account.edit(resource, key, fields))
        if changed is None:
            self._raise_missing(owner, named)
        return deepcopy(self._as_api_record(owner, changed))

    def remove(self, resource: str, named: int | str) -> Done:
        """Delete a record by its id or code, and return ``{"done": True}``.

        Raises `NoRecordError` when there is no such record.
        """
        owner = self._find_resource(resource)
        if not self._account.remove(resource, self._id(owner, named)):
            self._raise_missing(owner, named)
        return Done(done=True)

    def _fill_required(self, resource: Resource, fields: Mapping[str, object]) -> dict[str, object]:
        """Return a copy of the fields for a new record, in which missing required ones have generated values.

        They are those that the seed generates for the next id; a code is one that no record has, and a
        reference is the id of the first record of its resource. Raises `RefusedRecordError` for a required
        reference when that resource has no record.
        """
        account, schema = self._account, resource.record_schema
        defaults = dict(account.world.sample(resource.name, account.next_id(resource.name)))
        if resource.code:
            defaults[resource.code.field] = find_free_code(account, resource)
        for name, field in schema.references.items():  # the generated id may not exist in this account
            first = next(account.records(field.target), None)
            if first is None and field.required and name not in fields:
                message = f"needs a record of {field.target}, and there is none"
                problem = Problem(f"{resource.name}.{name}", message, "", f"one of {field.target} first")
                raise RefusedRecordError(problem)
            defaults[name] = (
                type(defaults[name])(first["id"]) if first and defaults[name] is not None else None
            )
        required = [name for name, f in schema.record_fields.items() if f.required and name != "id"]
        return {name: defaults[name] for name in required} | dict(fields)

    def _find_resource(self, resource: str) -> Resource:
        """Return the account's resource with the name `resource`; raises as `find_resource` does."""
        return find_resource(resource, self._account.world.resources)

    def _id(self, resource: Resource, named: int | str) -> int:
        """Return the id of a record that a control request or a handle names; an id itself need not exist.

        named: the code, for a resource that has codes; for any other the id, as an int or digits.

        Raises `NoRecordError` for a code that no record has, and for text that is not an id.
        """
        if resource.code is None:
            key = parse_id(str(named))
            if key is None:
                raise NoRecordError(Problem(resource.name, "is identified by id", "", "a whole number"))
            return key
        record = self._account.find_by_path(resource.name, named)
        return self._raise_missing(resource, named) if record is None else int(record["id"])

    def _raise_missing(self, resource: Resource, named: int | str) -> NoReturn:
        """Raise `NoRecordError` for a missing record, with the reason that the note on a 404 gives.

        named: the id or code that no record has.
        """
        reason, cure = explain_missing(self._account, resource, str(named))
        where, description = f"{resource.name} {named}", f"does not exist: {reason}"
        if not cure:
            raise NoRecordError(Problem(where, description))
        write = f'POST /records/{resource.name} with {{"id": {named}}}'
        python = _ADD_METHODS.get(resource.name, f'add("{resource.name}", ') + f"id={named})"
        if resource.largest:
            python += f", or mark the test @pytest.mark.fakekit({resource.name}={named})"
        raise NoRecordError(Problem(where, description, "", write, python))

    def _as_api_record(self, resource: Resource, record: Record) -> RecordJson:
        """Return the fields of a record that the vendor's API shows when it is fetched; without a fetch, all.

        Their values are those of the record, which accounts share: a result must have a copy of them.
        """
        if resource.fetch_endpoint is None:
            return dict(record)
        part = next(iter(resource.fetch_endpoint.envelope.parts.values()))
        return dict(part.show(record, self._account.baseline.has_tenant_fields))

    def _with_lines(self, resource: Resource, record: Record) -> RecordJson:
        """Return the fields of a record as `_as_api_record` does, and its nested records: a sale's lines."""
        nested = {resource.nested: record[resource.nested]} if resource.nested else {}
        return {**self._as_api_record(resource, record), **nested}

    def _reference_filter(self, resource: Resource, target: str) -> Callable[[Record], bool]:
        """Return a function that says whether a record of a resource refers to another record.

        target: resource and id of the other one: ``customers/42``.

        Raises `NoRecordError` when records of `resource` have no reference to that resource.
        """
        name, _, key = target.partition("/")
        references = resource.record_schema.references
        fields = {field_name: field for field_name, field in references.items() if field.target == name}
        if not fields:
            known = " or ".join(f"{field.target}/1" for field in references.values())
            raise NoRecordError(Problem(f"{resource.name}, refers_to", f"never refer to {name}", "", known))
        return lambda record: any(f.target_id(record[n]) == int(key) for n, f in fields.items())

    def _translate_error(self, resource: Resource, operation: Callable[[], T]) -> T:
        """Call `operation` and return its result; convert its `RecordError` to `RefusedRecordError`.

        In the new error, each problem begins with the name of the resource: ``customers.customer_name``.
        """
        try:
            return operation()
        except RecordError as error:
            problems = []
            for problem in error.problems:
                where, cure = f"{resource.name}.{problem.field}", cure_of(problem.write)
                problems.append(Problem(where, problem.message, problem.found, cure.json, cure.python))
            raise RefusedRecordError(problems) from None


def find_resource(name: str, resources: Mapping[str, Resource]) -> Resource:
    """Return the resource with a name, ``customers``, among `resources`, which are by name.

    Raises `NoRecordError` for an unknown name, without what looks like a credential in it; it suggests the
    most similar one.
    """
    if name not in resources:
        where = without_secrets(name)
        raise NoRecordError(Problem(where, "is not a resource", "", suggest(name, resources)))
    return resources[name]
