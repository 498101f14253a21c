"""List, fetch, add, edit and delete as most resources have them, and the filters of a range."""

from __future__ import annotations

from functools import cache
from typing import Any

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import Envelope
from fakekit.contract.fields import RangeBound
from fakekit.contract.provenance import Truth, assumed, documented
from fakekit.contract.requests import Filter
from fakekit.contract.schema import Record, RecordSchema
from fakekit.resources.call import Call

LIST_ASSUMPTIONS = ("list.shape", "list.count")
"""The assumptions of every list that its page prints as one object."""


def list_records(call: Call) -> dict[str, Any]:
    """Return the records that the request's filters leave, ascending by id."""
    if {"created_at", "updated_at", "due_date"} & call.query.keys():
        call.assume("filter.range")
    matches = call.endpoint.query.matcher(call.query)
    records = [record for record in call.view.records(call.resource.owner_name) if matches(record)]
    for record in records:
        assume_nulls(call, record)
    return {call.endpoint.envelope.list_key: records}


def fetch_record(call: Call) -> dict[str, Any]:
    """Return the record that the path names. Raises `MissingRecordError`."""
    return wrap_record(call, call.fetch_record())


def add_record(call: Call) -> dict[str, Any]:
    """Add a record with the body's fields and return it. Raises `RecordError`."""
    return wrap_record(call, call.add())


def edit_record(call: Call) -> dict[str, Any]:
    """Change the record that the path names as the body says. Raises `MissingRecordError`, `RecordError`."""
    return wrap_record(call, call.edit())


def wrap_record(call: Call, record: Record) -> dict[str, Any]:
    """Return a record under the one key of the endpoint's ``data``, and record what its nulls assume."""
    assume_nulls(call, record)
    return {next(iter(call.endpoint.envelope.parts)): record}


def remove_record(call: Call) -> dict[str, Any]:
    """Remove the record that the path names, and return no data. Raises `MissingRecordError`."""
    call.view.remove(call.resource.owner_name, call.fetch_record()["id"])
    return {}


def assume_nulls(call: Call, record: Record, schema: type[RecordSchema] | None = None) -> None:
    """Record the assumption on nulls if the record has one where no sample of the vendor's does.

    schema: of the record; None for that of the endpoint's first part.
    """
    if None in record.values():
        schema = schema or next(iter(call.endpoint.envelope.parts.values())).schema
        if any(record[name] is None and name not in documented_nulls(schema) for name in record):
            call.assume("customer.nulls")


@cache
def documented_nulls(schema: type[RecordSchema]) -> frozenset[str]:
    """Return the fields that a sample of the vendor's shows as null."""
    return frozenset(name for name, field in schema().record_fields().items() if field.example is None)


def range_start(page: str = "") -> Filter:
    """Return the filter ``created_at``: the start of a range, compared with the records' `created_at`.

    page: the vendor's page that lists it; empty for a list without a page.
    """
    field = RangeBound(
        example="2024-08-04 08:23:45", truth=_truth(page), note="the start of a range of created_at"
    )
    return Filter(field, lambda record, start: str(record["created_at"]) >= start)


def range_end(page: str = "") -> Filter:
    """Return the filter for the end of the range: ``updated_at``, or ``due_date`` for sales.

    It is compared with the records' `created_at` too (assumption ``filter.range``).

    page: the vendor's page that lists it; empty for a list without a page.
    """
    field = RangeBound(
        end=True,
        example="2024-08-30",
        truth=_truth(page),
        note="the end of a range of created_at, its day whole",
    )
    return Filter(field, lambda record, end: str(record["created_at"]) <= end)


def delete_endpoint(operation: str, path: str, noun: str, *assumes: str) -> Endpoint:
    """Return the endpoint for DELETE on the path of a fetch, which no page of the vendor documents.

    assumes: further assumptions that a successful response relies on.
    """
    return Endpoint(
        operation=operation,
        method="DELETE",
        path=path,
        envelope=Envelope(f"{noun} deleted successfully", {}),
        handler=remove_record,
        truth=assumed("delete.status"),
        status="delete.status",
        assumes=assumes,
    )


def _truth(page: str) -> Truth:
    """Return the provenance of a filter: its page, or an analogy when there is none."""
    return documented(page) if page else assumed("endpoint.by_analogy")
