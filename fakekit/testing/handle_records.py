"""The part of a handle that reads, finds and changes the records of an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from fakekit.control.text_search import last_searched_id
from fakekit.errors import NoRecordError, Problem, RefusedRecordError, show, suggest
from fakekit.testing.handle_requests import RequestsHandle
from fakekit.testing.wrong_names import check_arguments

if TYPE_CHECKING:
    from fakekit.control.results import RecordJson

PAGE = 1000
"""How many records are read at once while some are searched."""


@check_arguments
class RecordsHandle(RequestsHandle):
    """The records of an account, as the API answers them. `Handle` inherits it."""

    def record(self, resource: str, key: int | str) -> RecordJson:
        """Return a record as a fetch by the API answers it, to compare with. Does not count as a request.

        Raises `NoRecordError` when there is none.

        resource: the name that fixture files use: ``customers``, ``sales``, ``items``.
        key: what a path names the record by: its id, for a sale the ``invoice_code``, for an item the
            ``item_code``.
        """
        return self._control.record(resource=resource, named=key)

    def add(self, resource: str, /, **fields: object) -> RecordJson:
        """Add a record to the account and return it, as the API will answer it.

        Raises `RefusedRecordError`, with every problem, for fields that break the contract.

        resource: the name that fixture files use: ``customers``, ``sales``, ``items``.
        fields: of the record. Missing required fields are generated, missing optional ones are null. A
            missing id is one more than the largest that there ever was.
        """
        return self._control.add(resource=resource, fields=fields)

    def change(self, resource: str, key: int | str, /, **fields: object) -> RecordJson:
        """Change some fields of a record and return the whole record; other fields stay.

        Raises `NoRecordError` when there is none, `RefusedRecordError` for values that break the contract.

        resource: the name that fixture files use: ``customers``.
        key: its id, for a sale the ``invoice_code``, for an item the ``item_code``.
        """
        return self._control.change(resource=resource, named=key, fields=fields)

    def remove(self, resource: str, key: int | str) -> None:
        """Delete a record, as a DELETE request would. Raises `NoRecordError` when there is none.

        resource: the name that fixture files use: ``customers``.
        key: its id, for a sale the ``invoice_code``, for an item the ``item_code``.
        """
        self._control.remove(resource=resource, named=key)

    def restore_record(self, resource: str, key: int | str) -> None:
        """Give a record the values that it had before any change; one that was added is deleted.

        Raises `NoRecordError` for a record that never existed, and `RefusedRecordError` when another record
        has its code by now.

        resource: the name that fixture files use: ``customers``.
        key: its id, for a sale the ``invoice_code``, for an item the ``item_code``.
        """
        self._control.restore_record(resource=resource, named=key)

    def sale_items(self, invoice_code: int | str) -> list[RecordJson]:
        """Return the items of a sale, as a fetch by the API answers them beside the sale.

        Raises `NoRecordError` when there is no such sale.
        """
        return self._control.lines(resource="sales", named=invoice_code)

    def customer(self, key: int) -> RecordJson:
        """Return a customer by id, with the fields of a fetch. Raises `NoRecordError` when there is none."""
        return self.record("customers", key)

    def group(self, key: int) -> RecordJson:
        """Return a customer group by id, with the fields of a fetch. Raises `NoRecordError` without one."""
        return self.record("customer_groups", key)

    def add_customer(self, **fields: object) -> RecordJson:
        """Add a customer and return it: ``add_customer(customer_name="Ama")``.

        Missing required fields are generated, missing optional ones are null. Raises `RefusedRecordError`.
        """
        return self.add("customers", **fields)

    def add_group(self, **fields: object) -> RecordJson:
        """Add a customer group and return it: ``add_group(group_name="VIP")``.

        Missing required fields are generated, missing optional ones are null. Raises `RefusedRecordError`.
        """
        return self.add("customer_groups", **fields)

    def find(self, resource: str, /, **fields: object) -> RecordJson:
        """Return the first record, by id, whose fields have these values: ``customer_name="Ama"``.

        Does not count as a request. Raises `NoRecordError` when there is none, and `RefusedRecordError` for a
        name that is not a field.

        resource: the name that fixture files use: ``customers``.
        fields: a number and its digits are the same value, since the vendor has numbers as text.
        """
        for record in self._matching(resource, fields):
            return record
        wanted = " and ".join(f"{name} {show(value)}" for name, value in fields.items())
        raise NoRecordError(Problem(resource, f"no record has {wanted}" if wanted else "there is no record"))

    def records(self, resource: str, /, **fields: object) -> list[RecordJson]:
        """Return all records, by id, whose fields have these values; [] when there is none.

        ``records("sales", customer_id=42)`` are the sales of a customer, ``records("sales")`` all sales. Does
        not count as a request. Raises `RefusedRecordError` for a name that is not a field.

        resource, fields: see `find`.
        """
        return list(self._matching(resource, fields))

    def _matching(self, resource: str, fields: Mapping[str, object]) -> Iterator[RecordJson]:
        """Yield the records of a resource whose fields have these values, ascending by id.

        Reads them a page at a time. Raises `RefusedRecordError` for a name that the first record lacks.
        """
        for record in self._search(resource):
            _check_names(resource, fields, record)
            if all(_is_same(record[name], value) for name, value in fields.items()):
                yield record

    def _search(self, resource: str, search: str = "") -> Iterator[RecordJson]:
        """Yield the records of a resource, ascending by id; with `search` those with this text in a value.

        Reads them a page at a time. A page of a search ends at `last_searched_id`, so that one in many
        records is not a single request that takes too long.
        """
        read = partial(self._control.records, resource=resource)
        if not search:
            yield from _read_all(read, 0)
            return
        after = 0
        while first := read(after=after, limit=1):
            last = last_searched_id(first[0]["id"])
            yield from _read_all(partial(read, search=search, up_to=last), after)
            after = last


def _read_all(read: Callable[..., list[RecordJson]], after: int) -> Iterator[RecordJson]:
    """Yield the records with an id above `after`, read a page at a time.

    read: the operation ``records``, with all of its arguments but ``after`` and ``limit``.
    """
    while page := read(after=after, limit=PAGE):
        yield from page
        after = page[-1]["id"]


def _check_names(resource: str, fields: Mapping[str, object], record: RecordJson) -> None:
    """Raise `RefusedRecordError` for the names that are not fields of a record."""
    problems = [
        Problem(f"{resource}.{name}", "is not a field", "", suggest(name, record))
        for name in fields
        if name not in record
    ]
    if problems:
        raise RefusedRecordError(problems)


def _is_same(value: object, wanted: object) -> bool:
    """Return whether a field has a wanted value; a number equals its digits, and True is no number."""
    if type(value) in (int, str) and type(wanted) in (int, str):
        return str(value) == str(wanted)
    return type(value) is type(wanted) and value == wanted
