"""The handlers that most resources share (list, fetch, add, edit, delete) and the filters on dates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import Envelope
from fakekit.contract.fields import RangeBound
from fakekit.contract.filters import Filter
from fakekit.contract.provenance import Truth, assumed, documented
from fakekit.contract.schema import Record, RecordSchema
from fakekit.resources.call import AccountRecords, Call, InUseError

BY_ANALOGY = assumed("endpoint.by_analogy")
MESSAGE_BY_ANALOGY = assumed("message.by_analogy")
CASCADE = assumed("delete.cascade")
_DELETE = assumed("delete.status")
_RANGE = assumed("filter.range")
_NULLS = assumed("values.null")


def list_records(call: Call) -> dict[str, object]:
    """Return the records that pass the request's filters, ascending by id, as the response's ``data``.

    A handler for GET on a list. Records the assumptions on its filters, on null fields and on computed values
    where they apply.
    """
    for rule in call.endpoint.query.assumed(call.query):
        call.assume(rule)
    records = list(call.account.records(call.resource.owner_name))
    if call.query:
        records = list(filter(call.endpoint.query.matcher(call.query, call.assumptions), records))
    call.assume_computed(*[(call.resource.owner_name, record["id"]) for record in records])
    assume_null_fields(call, records)
    return {call.endpoint.envelope.list_key: records}


def fetch_record(call: Call) -> dict[str, object]:
    """Return the record that the path names, as the response's ``data``; the handler for GET on one record.

    Records the assumptions on null fields and on computed values where they apply. Raises
    `MissingRecordError` when there is no such record.
    """
    record = call.fetch_record()
    call.assume_computed((call.resource.owner_name, record["id"]))
    return wrap_record(call, record)


def add_record(call: Call) -> dict[str, object]:
    """Add a record with the body's fields and return it, as the response's ``data``; a handler for POST.

    Records the assumption on null fields where it applies. Raises `RecordError` for invalid values.
    """
    return wrap_record(call, call.add())


def edit_record(call: Call) -> dict[str, object]:
    """Change the body's fields in the record that the path names, and return it as the response's ``data``.

    A handler for PUT. Records the assumption on null fields where it applies. Raises `MissingRecordError`
    when there is no such record, `RecordError` for bad values.
    """
    return wrap_record(call, call.edit())


def wrap_record(call: Call, record: Record) -> dict[str, object]:
    """Return a record as the response's ``data``, under the endpoint's first key: ``{"customer": record}``.

    Also records the assumption on null fields if the record has any that no page of the vendor shows.
    """
    assume_null_fields(call, [record])
    return {next(iter(call.endpoint.envelope.parts)): record}


def remove_record(call: Call) -> dict[str, object]:
    """Delete the record that the path names and return empty ``data``; the handler of every DELETE.

    What happens to the records that refer to it is the assumption ``delete.cascade``; `after_delete` of each
    resource gets those that are deleted. Raises `MissingRecordError` when there is no such record,
    `InUseError` when it may not be deleted.
    """
    record, resource, rule = call.fetch_record(), call.resource.owner_name, call.assumptions[CASCADE.source]
    if rule == "restrict":
        for name, _ in _referring_records(call.account, resource, {record["id"]}):
            raise InUseError(call.resource.label, name)
    removed = {resource: {record["id"]: record}}
    if rule == "cascade":
        _add_referring(call.account, resource, removed)
    for name, records in reversed(removed.items()):
        for key in records:
            call.account.remove(name, key)
    for name, records in removed.items():
        call.account.world.resources[name].after_delete(call, records.values())
    return {}


def _referring_records(
    account: AccountRecords, resource: str, keys: Collection[int]
) -> Iterator[tuple[str, Record]]:
    """Yield the resource's name and the record for each record that refers to one with an id of `keys`.

    It looks through all records of the resources that have such a reference, once for all ids.
    """
    for name, field_name, field in account.world.references_to(resource):
        for record in account.records(name):
            if field.target_id(record[field_name]) in keys:
                yield name, record


def _add_referring(account: AccountRecords, resource: str, found: dict[str, dict[int, Record]]) -> None:
    """Add the records that refer to those found of a resource, and those that refer to them.

    found: the records by resource and id.
    """
    added: dict[str, dict[int, Record]] = {}
    for name, record in _referring_records(account, resource, found[resource]):
        if record["id"] not in found.get(name, {}):
            added.setdefault(name, {})[record["id"]] = record
    for name, records in added.items():
        found[name] = found.get(name, {}) | records
        _add_referring(account, name, found)


def assume_null_fields(
    call: Call, records: Iterable[Record], schema: type[RecordSchema] | None = None
) -> None:
    """Record the assumption ``values.null`` if a field is null that is null in no sample of the vendor.

    records: are looked at up to the first one that has such a field.
    schema: of the records; None for the schema under the first key of the endpoint's ``data``.
    """
    schema = schema or next(iter(call.endpoint.envelope.parts.values())).schema
    documented_nulls = documented_null_fields(schema)
    for record in records:
        null_fields = {name for name, value in record.items() if value is None}
        if not null_fields <= documented_nulls:
            call.assume(_NULLS)
            return


@cache
def documented_null_fields(schema: type[RecordSchema]) -> frozenset[str]:
    """Return the names of the fields that are null in the vendor's own samples.

    The result is cached: the samples are part of the schema.
    """
    return frozenset(name for name, field in schema().record_fields.items() if field.example is None)


def created_range(page: str = "", end: str = "updated_at") -> dict[str, Filter]:
    """Return the two filters of a list, by parameter, that keep records created in a range of time.

    One keeps those created at that time or later, the other at that time or earlier, or within that day. The
    second compares `created_at`, too, unless the assumption ``filter.range`` has another value: with
    ``own_field`` it compares the field that has the name of the parameter, and with ``midnight`` a date
    without a time ends the range at the start of its day.

    page: the vendor's page that documents the filters; empty for a list that we added by analogy.
    end: the parameter with the end of the range, which is ``due_date`` for sales.
    """
    truth = documented(page) if page else BY_ANALOGY
    first = RangeBound(example="2024-08-04 08:23:45", truth=truth, note="the start of a range of created_at")
    last = RangeBound(
        example="2024-08-30", truth=truth, note="the end of a range of created_at, its day whole"
    )
    alternatives = {
        "own_field": lambda record, time: _is_until(record[end], time),
        "midnight": lambda record, time: _is_until(record["created_at"], f"{time} 00:00:00"[:19]),
    }
    return {
        "created_at": Filter(first, lambda record, time: str(record["created_at"]) >= time, _RANGE),
        end: Filter(last, lambda record, time: _is_until(record["created_at"], time), _RANGE, alternatives),
    }


def _is_until(time: str | None, end: str) -> bool:
    """Return whether a record's date or time is at the end of a range or before; False where it is null.

    end: a date, whose whole day counts, or a date and time.
    """
    return time is not None and time[: len(end)] <= end


def delete_endpoint(
    operation: str, route: str, label: str, *assumes: Truth, switch: Truth | None = None
) -> Endpoint:
    """Return the endpoint for DELETE on a path; no page of the vendor documents one.

    operation, route: the endpoint's name and path, ``delete_customer`` and ``customers/{id}``.
    label: the resource's name in messages: ``Customer`` for "Customer deleted successfully".
    assumes: further assumptions that a successful response relies on.
    switch: the assumption that has to be true for the endpoint to exist; by default it always does.
    """
    return Endpoint(
        operation=operation,
        method="DELETE",
        route=route,
        envelope=Envelope(f"{label} deleted successfully", {}),
        handler=remove_record,
        truth=_DELETE,
        assumes=assumes,
        switch=switch,
    )
