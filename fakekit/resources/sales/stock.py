"""Whether a sale changes the quantities of the items that it sells: the assumption ``sales.stock``."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from fakekit.contract.amounts import LARGEST, QUANTITY
from fakekit.contract.provenance import assumed
from fakekit.contract.schema import Record
from fakekit.resources.call import Call
from fakekit.resources.sales.schema import LINES

_UPDATE = assumed("sales.stock")
_LARGEST = Decimal(str(LARGEST))


def update_items(call: Call, before: Iterable[Record], after: Iterable[Record] = ()) -> None:
    """Change the quantities of items by what sales sell after a write and did not sell before it.

    Records the assumption ``sales.stock`` where that is anything; only with its value ``reduced`` an item
    is changed. It is the first one with the `item_name` of the line. Lines that name no item change nothing,
    nor does a quantity that no request may have.

    before, after: the sales as they were and as they are; the default for those that are deleted.
    """
    counts, counts_before = _count_items(after), _count_items(before)
    changes = {name: counts.get(name, 0) - counts_before.get(name, 0) for name in {**counts_before, **counts}}
    changes = {name: change for name, change in changes.items() if change}
    if not changes or call.assume(_UPDATE) != "reduced":
        return
    for item in list(call.account.records("items")):
        if item["item_name"] in changes:
            _lower_quantity(call, item, Decimal(changes.pop(item["item_name"])))


def _count_items(sales: Iterable[Record]) -> dict[str, Decimal]:
    """Return how much of each item the sales sell, by the item's name; a draft sells nothing."""
    counts: dict[str, Decimal] = {}
    for sale in sales:
        for line in sale[LINES] if sale["payment_status"] != "draft" else ():
            quantity = _read_quantity(line) or Decimal(0)
            counts[line["item_name"]] = counts.get(line["item_name"], Decimal(0)) + quantity
    return counts


def _read_quantity(record: Record) -> Decimal | None:
    """Return the quantity of a line or an item; None for one of a file or test that no request may have."""
    return Decimal(record["quantity"]) if QUANTITY.fullmatch(record["quantity"]) else None


def _lower_quantity(call: Call, item: Record, change: Decimal) -> None:
    """Store an item with its quantity reduced by `change`, and with a new `updated_at`.

    The quantity stays in the range of a request. An item with one that no request may have is not changed.
    """
    before = _read_quantity(item)
    if before is not None:
        quantity = min(max(before - change, -_LARGEST), _LARGEST)
        values = {"quantity": f"{quantity.normalize():f}", "updated_at": call.now}
        call.account.edit("items", item["id"], values, is_valid=True, computed=(_UPDATE,))
