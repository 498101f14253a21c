"""What list, fetch, add, edit and delete do where a resource needs nothing of its own."""

from __future__ import annotations

from functools import cache
from typing import Any

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import Envelope
from fakekit.contract.fields import Moment
from fakekit.contract.provenance import Truth, assumed, documented
from fakekit.contract.requests import Filter
from fakekit.contract.schema import Record, RecordSchema
from fakekit.resources.call import Call

LISTED = ("list.shape", "list.count")
"""The assumptions of every list that a page prints as one object."""


def listed(call: Call) -> dict[str, Any]:
    """The records that the filters leave."""
    if {"created_at", "updated_at", "due_date"} & call.query.keys():
        call.assume("filter.range")
    holds = call.endpoint.query.matcher(call.query)
    found = [record for record in call.view.records(call.resource.records) if holds(record)]
    for record in found:
        nulls(call, record)
    return {call.endpoint.envelope.listed: found}


def fetched(call: Call) -> dict[str, Any]:
    """The record that the path names."""
    return answered(call, call.named())


def added(call: Call) -> dict[str, Any]:
    """A new record of what the body says."""
    return answered(call, call.add())


def edited(call: Call) -> dict[str, Any]:
    """The record that the path names, as the body changes it."""
    return answered(call, call.edit())


def answered(call: Call, record: Record) -> dict[str, Any]:
    """A record under the one key of the endpoint's data."""
    nulls(call, record)
    return {next(iter(call.endpoint.envelope.parts)): record}


def removed(call: Call) -> dict[str, Any]:
    """Nothing: the record that the path names is gone."""
    call.view.remove(call.resource.records, call.named()["id"])
    return {}


def nulls(call: Call, record: Record, schema: type[RecordSchema] | None = None) -> None:
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


def since(page: str = "") -> Filter:
    """``created_at``: the start of a range."""
    field = Moment(
        example="2024-08-04 08:23:45", truth=_truth(page), note="the start of a range of created_at"
    )
    return Filter(field, lambda record, start: str(record["created_at"]) >= start)


def until(page: str = "") -> Filter:
    """``updated_at``, for sales ``due_date``: the end of the range."""
    field = Moment(
        end=True,
        example="2024-08-30",
        truth=_truth(page),
        note="the end of a range of created_at, its day whole",
    )
    return Filter(field, lambda record, end: str(record["created_at"]) <= end)


def deletion(operation: str, path: str, noun: str, *assumes: str) -> Endpoint:
    """DELETE on the path of a fetch, which no page documents: one declaration for all that have it."""
    return Endpoint(
        operation=operation,
        method="DELETE",
        path=path,
        envelope=Envelope(f"{noun} deleted successfully", {}),
        answer=removed,
        truth=assumed("delete.status"),
        status="delete.status",
        assumes=assumes,
    )


def _truth(page: str) -> Truth:
    return documented(page) if page else assumed("endpoint.by_analogy")
