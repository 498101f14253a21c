"""Stores (documented: fetch-store-orders and edit-store, which both print a sale)."""

from __future__ import annotations

from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.envelope import Envelope, Part
from fakekit.contract.provenance import assumed, documented
from fakekit.resources.call import Call
from fakekit.resources.handlers import delete_endpoint, fetch_record, wrap_record
from fakekit.resources.sales.endpoints import EDIT
from fakekit.resources.sales.rules import derive_fields
from fakekit.resources.sales.schema import CUT_PAGE, SaleSchema
from fakekit.resources.sales.stock import update_items

_SALE = assumed("stores.sale")
_DELETE = assumed("delete.stores")
_STORE = {"store": Part(SaleSchema)}


def edit_store(call: Call) -> dict[str, object]:
    """Change the sale with the id of the path, and return it without lines as the response's ``data``.

    A store is a sale. Without a body only `updated_at` changes: the vendor's page documents no body.

    Raises `MissingRecordError` when there is no such sale, `ConflictError` when another sale has the
    `invoice_code` of the body, `RecordError` for other invalid values.
    """
    before = call.fetch_record()
    sale = call.edit(**(derive_fields(call, before) if call.body else {}))
    update_items(call, [before], [sale])
    return wrap_record(call, sale)


RESOURCE = Resource(
    name="stores",
    label="Store",
    records_of="sales",
    endpoints=(
        Endpoint(
            operation="fetch_store",
            method="GET",
            route="stores/{id}",
            envelope=Envelope("Store found", _STORE),
            handler=fetch_record,
            truth=documented("fetch-store-orders"),
            assumes=(_SALE, CUT_PAGE),  # our copy of the page ends in reminder_message
        ),
        Endpoint(
            operation="edit_store",
            method="PUT",
            route="stores/{id}",
            envelope=Envelope("Store updated successfully", _STORE),
            handler=edit_store,
            truth=documented("edit-store"),
            body=EDIT.with_optional_fields("EditStore", _SALE, example={"invoice_code": None}),
            unique_field="invoice_code",
            assumes=(_SALE,),
        ),
        delete_endpoint("delete_store", "stores/{id}", "Store", _SALE, _DELETE, switch=_DELETE),
    ),
)
