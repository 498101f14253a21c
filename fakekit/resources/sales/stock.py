"""Whether a sale changes the quantities of the items that it sells: the assumption ``sales.stock``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from fakekit.contract.provenance import assumed
from fakekit.contract.schema import Record
from fakekit.resources.call import Call
from fakekit.resources.handlers import remove_record
from fakekit.resources.sales.schema import LINES

_UPDATE = assumed("sales.stock")


def update_items(call: Call, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Change the quantities of items by what a sale sells after a write and did not sell before it.

    Records the assumption ``sales.stock`` where that is anything; only with its value ``reduced`` an item
    is changed. It is the first one with the `item_name` of the line. Lines that name no item change nothing,
    nor does a quantity that is no number.

    before, after: the sale, empty where there is none.
    """
    counts, counts_before = _count_items(after), _count_items(before)
    changes = {name: counts.get(name, 0) - counts_before.get(name, 0) for name in {**counts_before, **counts}}
    changes = {name: change for name, change in changes.items() if change}
    if not changes or call.assume(_UPDATE) != "reduced":
        return
    for item in list(call.account.records("items")):
        if item["item_name"] in changes:
            _lower_quantity(call, item, Decimal(changes.pop(item["item_name"])))


def remove_sale(call: Call) -> dict[str, Any]:
    """Delete the sale that the path names and return empty ``data``; the handler for DELETE.

    Its lines no longer count as sold. Raises `MissingRecordError` when there is no such sale.
    """
    sale = call.fetch_record()
    data = remove_record(call)
    update_items(call, sale, {})
    return data


def _count_items(sale: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return how much of each item a sale sells, by the item's name; a draft sells nothing."""
    counts: dict[str, Decimal] = {}
    if sale.get("payment_status") != "draft":
        for line in sale.get(LINES, []):
            counts[line["item_name"]] = counts.get(line["item_name"], Decimal(0)) + _read_quantity(line)
    return counts


def _read_quantity(record: Record) -> Decimal:
    """Return the quantity of a line; 0 where a file or a test wrote one that is no number."""
    try:
        quantity = Decimal(record["quantity"])
    except InvalidOperation:
        return Decimal(0)
    return quantity if quantity.is_finite() else Decimal(0)


def _lower_quantity(call: Call, item: Record, change: Decimal) -> None:
    """Store an item with its quantity reduced by `change`, and with a new `updated_at`.

    An item whose quantity is no number stays as it is.
    """
    try:
        quantity = Decimal(item["quantity"]) - change
    except InvalidOperation:
        return
    values = {"quantity": f"{quantity.normalize():f}", "updated_at": call.now}
    call.account.edit("items", item["id"], values, is_valid=True, computed=(_UPDATE,))
