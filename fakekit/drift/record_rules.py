"""Assumptions about values of records: each function says what the values of one answer show.

The records come from the real service and may have any form: a field that is missing or has another type says
nothing here, as the comparison of shapes reports it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypeGuard

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import TENANT_FIELDS, Part
from fakekit.drift.formats import format_of
from fakekit.drift.terms import ValueFormat
from fakekit.resources.handlers import documented_null_fields

Found = tuple[str, int | str | None]
"""The name of an assumption, and what was found of it, as `Observation` has them."""

_ITEM_CODE = re.compile("J[0-9a-f]{7}", re.ASCII)
"""A code without the space in front, which the page prints, so that it is not assumed."""
_ITEM_STATUS = ("available", "out of stock", "in-stock")


def observe_records(endpoint: Endpoint, data: Mapping[str, object]) -> Iterator[Found]:
    """Yield what the records of a successful answer say about assumptions.

    endpoint: that was asked. data: the ``data`` of the answer; empty for an error.
    """
    for key, part in endpoint.envelope.parts.items():
        value = data.get(key)
        for record in value if isinstance(value, list) else [value]:
            if isinstance(record, dict) and "id" in record:
                yield from _tenant_fields(part, record)
                yield from _null_fields(part, record)
                yield from _payment_status(record)
                yield from _item_fields(record)
    if endpoint.operation == "fetch_customer":
        yield from _groups(data.get("customer"), data.get("customer-group"))


def _tenant_fields(part: Part, record: Mapping[str, object]) -> Iterator[Found]:
    """Yield which of the two renderings a record has, where they differ; nothing for half of it."""
    if "user_id" in part.shown[True] and "user_id" not in part.shown[False]:
        present = [name for name in TENANT_FIELDS if name in record]
        if len(present) != 1:
            yield "payload.tenant_fields", bool(present)


def _null_fields(part: Part, record: Mapping[str, object]) -> Iterator[Found]:
    """Yield whether an optional field without a value is null; an empty text in its place is none."""
    schema = part.record_schema
    for name in schema.optional_names:
        value = record.get(name, ...)
        if value is None and name not in documented_null_fields(part.schema):
            yield "values.null", True
        elif value == "":
            yield "values.null", False


def _payment_status(record: Mapping[str, object]) -> Iterator[Found]:
    """Yield whether the payment status of a sale follows from its amounts; nothing for other records.

    A draft is documented, so only the other two words say something.
    """
    status, paid, total = (record.get(name) for name in ("payment_status", "amount_paid", "total_amount"))
    if not _is_amount(paid) or not _is_amount(total):
        return
    paid, total = Decimal(paid), Decimal(total)
    if status in ("paid", "partial") and not (paid == 0 and record.get("payment_type") == "None"):
        yield "sales.payment_status", status == ("paid" if paid >= total else "partial")


def _is_amount(value: object) -> TypeGuard[str]:
    """Return whether a value has the form of an amount on the pages; in another one it may be rounded."""
    return isinstance(value, str) and format_of(value) is ValueFormat.AMOUNT


def _item_fields(record: Mapping[str, object]) -> Iterator[Found]:
    """Yield whether code and status of an item have the forms of the samples; nothing for other records."""
    code, status = record.get("item_code"), record.get("status")
    if isinstance(code, str) and code.strip():
        yield "items.code", _ITEM_CODE.fullmatch(code.removeprefix(" ")) is not None
        if isinstance(status, str):
            yield "items.status", status in _ITEM_STATUS


def _groups(customer: object, groups: object) -> Iterator[Found]:
    """Yield whether a customer's answer lists her own group, and no other.

    Nothing where she has one and the list is empty, as it may have been deleted, or where an id is no number.
    """
    if not isinstance(customer, dict) or not isinstance(groups, list) or "customer_group_id" not in customer:
        return
    group_id = customer["customer_group_id"]
    if group_id is not None and type(group_id) is not int:
        return
    ids = [group.get("id") for group in groups if isinstance(group, dict)]
    if any(type(key) is not int for key in ids):
        return
    if ids or group_id is None:
        yield "fetch_customer.groups", ids == ([] if group_id is None else [group_id])
