"""What list, fetch, add, edit and delete do where a resource needs nothing of its own."""

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
"""The assumptions of every list that a page prints as one object."""


def list_records(call: Call) -> dict[str, Any]:
    """The records that the filters leave."""
    if {"created_at", "updated_at", "due_date"} & call.query.keys():
        call.assume("filter.range")
    matches = call.endpoint.query.matcher(call.query)
    records = [record for record in call.view.records(call.resource.records) if matches(record)]
    for record in records:
        assume_nulls(call, record)
    return {call.endpoint.envelope.listed: records}


def fetch_record(call: Call) -> dict[str, Any]:
    """The record that the path names."""
    return wrap_record(call, call.fetch_record())


def add_record(call: Call) -> dict[str, Any]:
    """A new record of what the body says."""
    return wrap_record(call, call.add())


def edit_record(call: Call) -> dict[str, Any]:
    """The record that the path names, as the body changes it."""
    return wrap_record(call, call.edit())


def wrap_record(call: Call, record: Record) -> dict[str, Any]:
    """A record under the one key of the endpoint's data."""
    assume_nulls(call, record)
    return {next(iter(call.endpoint.envelope.parts)): record}


def remove_record(call: Call) -> dict[str, Any]:
    """Nothing: the record that the path names is gone."""
    call.view.remove(call.resource.records, call.fetch_record()["id"])
    return {}


def assume_nulls(call: Call, record: Record, schema: type[RecordSchema] | None = None) -> None:
    """Lean on what is assumed of optional fields, where the record has a null that no sample shows.

    schema: of the record; that of the endpoint's first part when it is not given.
    """
    if None in record.values():
        schema = schema or next(iter(call.endpoint.envelope.parts.values())).schema
        if any(record[name] is None and name not in documented_nulls(schema) for name in record):
            call.assume("customer.nulls")


@cache
def documented_nulls(schema: type[RecordSchema]) -> frozenset[str]:
    """The fields that a sample of the vendor's shows as null."""
    return frozenset(name for name, field in schema().contracted().items() if field.example is None)


def range_start(page: str = "") -> Filter:
    """``created_at``: the start of a range."""
    field = RangeBound(
        example="2024-08-04 08:23:45", truth=_truth(page), note="the start of a range of created_at"
    )
    return Filter(field, lambda record, start: str(record["created_at"]) >= start)


def range_end(page: str = "") -> Filter:
    """``updated_at``, for sales ``due_date``: the end of the range."""
    field = RangeBound(
        end=True,
        example="2024-08-30",
        truth=_truth(page),
        note="the end of a range of created_at, its day whole",
    )
    return Filter(field, lambda record, end: str(record["created_at"]) <= end)


def delete_endpoint(operation: str, path: str, noun: str, *assumes: str) -> Endpoint:
    """DELETE on the path of a fetch, which no page documents: one declaration for all that have it."""
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
    return documented(page) if page else assumed("endpoint.by_analogy")
