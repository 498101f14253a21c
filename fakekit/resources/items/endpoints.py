"""The endpoints of items."""

from __future__ import annotations

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import TENANT_FIELDS, Envelope, Part
from fakekit.contract.fields import Choice
from fakekit.contract.filters import Filter, Query, match_field
from fakekit.contract.numbers import Reference
from fakekit.contract.provenance import assumed, documented
from fakekit.contract.requests import Body
from fakekit.resources.call import Call, find_free_code
from fakekit.resources.handlers import (
    MESSAGE_BY_ANALOGY,
    created_range,
    delete_endpoint,
    edit_record,
    fetch_record,
    list_records,
    wrap_record,
)
from fakekit.resources.items.schema import ItemSchema

_IMAGES = ("item_images",)
_NO_IMAGES = (*TENANT_FIELDS, *_IMAGES)
_PART = Part(ItemSchema, hidden_with_tenant=_IMAGES, hidden_without_tenant=_NO_IMAGES)
_MANY = Part(ItemSchema, many=True, hidden_with_tenant=_IMAGES, hidden_without_tenant=_NO_IMAGES)
_FETCHED = Part(ItemSchema, hidden_with_tenant=_IMAGES)
"""Fetch-item has two renderings; only the one without tenant fields shows the images."""

_CATEGORY = Reference(
    "item_categories", example=1, truth=documented("list-items"), note="only items of that category"
)
_SERVER_CODE = assumed("items.code")
_STATUS_WORDS = assumed("items.status")
_STATUS = Choice(("available", "out of stock", "in-stock"), example="available", truth=_STATUS_WORDS)
_REQUIRED = ("item_name", "category_id", "unit", "unit_cost", "item_price", "quantity", "online", "status")
_CUT = ("barcode", "sku", "warehouse_id", "item_location", "item_slug")
_OPTIONAL = ("description", "previous_price", "minimum_qty_alert", *_CUT)
_STATUS_TRUTH = {"status": _STATUS_WORDS}
_ADD = Body(
    "AddItem",
    ItemSchema,
    documented("add-item"),
    _REQUIRED,
    _OPTIONAL,
    truth_by_field=dict.fromkeys(_CUT, assumed("cut.by_sibling")) | _STATUS_TRUTH,
    overrides={"status": _STATUS},
)
_EDIT = Body(
    "EditItem",
    ItemSchema,
    documented("edit-item"),
    _REQUIRED,
    _OPTIONAL,
    truth_by_field=_STATUS_TRUTH,
    overrides={"status": _STATUS},
)


def add_item(call: Call) -> dict[str, object]:
    """Add an item and return it as the response's ``data``.

    The server makes its code, which is recorded as the assumption ``items.code``. Raises `RecordError` for
    invalid values.
    """
    call.compute(_SERVER_CODE)
    return wrap_record(call, call.add(item_code=find_free_code(call.account, call.resource)))


ENDPOINTS = (
    Endpoint(
        operation="list_items",
        method="GET",
        route="inventory/items",
        envelope=Envelope("Items found: {count}", {"items": _MANY}),
        handler=list_records,
        truth=documented("list-items"),
        query=Query(
            category_id=Filter(_CATEGORY, match_field("category_id")),
            **created_range("list-items"),
        ),
    ),
    Endpoint(
        operation="fetch_item",
        method="GET",
        route="inventory/items/{item_code}",
        envelope=Envelope("Item found", {"item": _FETCHED}),
        handler=fetch_record,
        truth=documented("fetch-item"),
    ),
    Endpoint(
        operation="add_item",
        method="POST",
        route="inventory/items/add",
        envelope=Envelope("Item added successfully", {"item": _PART}, MESSAGE_BY_ANALOGY),
        handler=add_item,
        truth=documented("add-item"),
        body=_ADD,
    ),
    Endpoint(
        operation="edit_item",
        method="PUT",
        route="inventory/items/{item_code}",
        envelope=Envelope("Item updated successfully", {"item": _PART}, MESSAGE_BY_ANALOGY),
        handler=edit_record,
        truth=documented("edit-item"),
        body=_EDIT,
    ),
    delete_endpoint("delete_item", "inventory/items/{item_code}", "Item"),
)
