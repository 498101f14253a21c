"""The endpoints of sales."""

from __future__ import annotations

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import Envelope, Part
from fakekit.contract.fields import Choice, Date, Text
from fakekit.contract.filters import Filter, Query, match_field
from fakekit.contract.numbers import Id, SixDigits
from fakekit.contract.provenance import assumed, documented
from fakekit.contract.requests import Body
from fakekit.contract.schema import Record, Records
from fakekit.resources.business import OWNER
from fakekit.resources.call import Call
from fakekit.resources.handlers import (
    MESSAGE_BY_ANALOGY,
    assume_null_fields,
    created_range,
    delete_endpoint,
    list_records,
)
from fakekit.resources.sales.codes import CODE
from fakekit.resources.sales.payment import METHODS, TYPES
from fakekit.resources.sales.rules import ITEMS, derive_fields
from fakekit.resources.sales.schema import CUT_PAGE, LINE_NAMES, LINES, SaleItemSchema, SaleSchema
from fakekit.resources.sales.stock import update_items

_SALE = {"sales": Part(SaleSchema), LINES: Part(SaleItemSchema, many=True)}
_PAYMENT_TYPE = assumed("sales.payment_type")
_INVOICE_TYPE = assumed("filter.invoice_type")
_ISSUED_BY = assumed("sales.issued_by")
_EDIT_CODE = assumed("sales.edit_code")
# The known copy of Add Sale ends before these rows (assumption cut.by_sibling).
_CUT = ("payment_date", "issued_by", "due_date", "reminder_date", "reminder_message")
_NOTES = ("invoice_colour", "invoice_note", "invoice_terms", "payment_internal_note")
_AMOUNTS = ("sub_total_amount", "total_amount", "amount_paid")
_LINE = Body(
    "SaleLine", SaleItemSchema, ITEMS, ("item_name", "unit_price", "quantity"), ("description", "tax")
)
_METHODS = ("None", *METHODS)
_INSTEAD = {
    "invoice_type": Choice(TYPES, example="pos", truth=documented("add-sale")),
    "payment_type": Choice(_METHODS, example="Cash", truth=documented("add-sale")),
    **{name: Records(type(_LINE.schema), example=[], truth=ITEMS) for name in LINE_NAMES},
}
_ITEMS = dict.fromkeys(LINE_NAMES, ITEMS)
ADD = Body(
    "AddSale",
    SaleSchema,
    documented("add-sale"),
    ("invoice_code", "invoice_number", "customer_id", *_AMOUNTS, "invoice_type", "payment_type"),
    ("discount", *_NOTES, *_CUT, *LINE_NAMES),
    truth_by_field=dict.fromkeys(_CUT, CUT_PAGE) | _ITEMS,
    overrides=_INSTEAD
    | {"invoice_code": SixDigits(all_six=True, example="324232", truth=documented("add-sale"))},
    list_names=_ITEMS,
    example={"invoice_code": "324233", "invoice_number": "INV-000002"},  # the sample's codes are taken
)
_FURTHER = ("invoice_type", "payment_type", *_NOTES, *_CUT)
EDIT = Body(
    "EditSale",
    SaleSchema,
    documented("edit-sale"),
    ("invoice_number", "customer_id", *_AMOUNTS),
    ("invoice_code", "discount", *_FURTHER, *LINE_NAMES),
    truth_by_field=dict.fromkeys(_FURTHER, CUT_PAGE) | _ITEMS | {"payment_type": _PAYMENT_TYPE},
    overrides=_INSTEAD
    | {"payment_type": Choice(_METHODS, or_date=True, example="Cash", truth=documented("add-sale"))},
    list_names=_ITEMS,
)


def _same_type(record: Record, invoice_type: str) -> bool:
    """Return whether a sale has the type that the filter ``invoice_type`` of List Sales names.

    In the filter ``invoice`` means main and ``storefront`` means order; other words are compared as they are.
    """
    return bool(
        record["invoice_type"] == {"invoice": "main", "storefront": "order"}.get(invoice_type, invoice_type)
    )


def _same_code(record: Record, invoice_code: str) -> bool:
    """Return whether a sale has this invoice code, for the filter ``invoice_code`` of List Sales.

    Leading zeros make no difference. Text that is no code matches no sale.
    """
    return CODE.parse(invoice_code) == CODE.parse(record["invoice_code"])


def _filters() -> dict[str, Filter]:
    """Return the filters of List Sales by parameter name, without those of the date range."""
    page = documented("list-sales")
    of_type = Choice(("pos", "invoice", "storefront", "main", "order"), example="pos", truth=page)
    with_status = Choice(("paid", "partial", "draft"), example="paid", truth=page)
    return {
        "invoice_code": Filter(Text(example="324232", truth=page), _same_code),
        "customer_id": Filter(Id(example=42, truth=page), match_field("customer_id")),
        "invoice_type": Filter(of_type, _same_type),
        "payment_date": Filter(Date(example="2024-08-04", truth=page), match_field("payment_date")),
        "payment_status": Filter(with_status, match_field("payment_status")),
    }


def list_sales(call: Call) -> dict[str, object]:
    """Return the sales that pass the request's filters, without their lines, as the response's ``data``.

    Records an assumption if the request filters by another ``invoice_type`` than ``pos``.
    """
    if call.query.get("invoice_type", "pos") != "pos":
        call.assume(_INVOICE_TYPE)
    return list_records(call)


def fetch_sale(call: Call) -> dict[str, object]:
    """Return the sale that the path names, and its lines, as the response's ``data``.

    Raises `MissingRecordError` when there is no such sale.
    """
    sale = call.fetch_record()
    call.assume_computed(("sales", sale["id"]))
    return _wrap_sale(call, sale)


def add_sale(call: Call) -> dict[str, object]:
    """Add a sale and return it with its lines, as the response's ``data``.

    `issued_by` is the owner's name unless the body has one, which is recorded as an assumption. Raises
    `ConflictError` when another sale has the code, `RecordError` for other invalid values.
    """
    if "issued_by" not in call.body:
        call.compute(_ISSUED_BY)
    issued_by = call.body.get("issued_by", OWNER)
    sale = call.add(issued_by=issued_by, **derive_fields(call, {}))
    update_items(call, [], [sale])
    return _wrap_sale(call, sale)


def edit_sale(call: Call) -> dict[str, object]:
    """Change the sale that the path names and return it with its lines, as the response's ``data``.

    With another `invoice_code` in the body the sale is found by that one from then on (documented: edit-sale
    says that any detail may be modified, the code among them). Records an assumption for a body without one.

    Raises `MissingRecordError` when there is no such sale, `ConflictError` when another sale has the new
    code, `RecordError` for other invalid values.
    """
    before = call.fetch_record()
    if "invoice_code" not in call.body:
        call.assume(_EDIT_CODE)
    sale = call.edit(**derive_fields(call, before))
    update_items(call, [before], [sale])
    return _wrap_sale(call, sale)


def _wrap_sale(call: Call, sale: Record) -> dict[str, object]:
    """Return a sale and its lines as the response's ``data``.

    Also records the assumption on null fields if the sale or a line has any that no page of the vendor shows,
    and a note on where lines are read from if it has none.
    """
    assume_null_fields(call, [sale])
    if not sale[LINES]:
        name = call.assumptions[ITEMS.source]
        names = " or ".join(LINE_NAMES) if name == "both" else name
        fields = ", ".join(_LINE.required_names)
        call.note_parts.append(f"the sale has no lines: a write reads them from {names}, a list of {fields}")
    assume_null_fields(call, sale[LINES], SaleItemSchema)
    return {"sales": sale, LINES: sale[LINES]}


ENDPOINTS = (
    Endpoint(
        operation="list_sales",
        method="GET",
        route="sales",
        envelope=Envelope("Sales found: {count}", {"sales": Part(SaleSchema, many=True)}),
        handler=list_sales,
        truth=documented("list-sales"),
        assumes=(CUT_PAGE,),  # our copy of the page ends before created_at
        query=Query(**_filters(), **created_range("list-sales", "due_date")),
    ),
    Endpoint(
        operation="fetch_sale",
        method="GET",
        route="sales/{invoice_code}",
        envelope=Envelope("Sale found", _SALE),
        handler=fetch_sale,
        truth=documented("fetch-sale"),
    ),
    Endpoint(
        operation="add_sale",
        method="POST",
        route="sales/add",
        envelope=Envelope("Sale added successfully", _SALE, MESSAGE_BY_ANALOGY),
        handler=add_sale,
        truth=documented("add-sale"),
        body=ADD,
        unique_field="invoice_code",
    ),
    Endpoint(
        operation="edit_sale",
        method="PUT",
        route="sales/edit/{invoice_code}",
        envelope=Envelope("Sale updated successfully", _SALE, MESSAGE_BY_ANALOGY),
        handler=edit_sale,
        truth=documented("edit-sale"),
        body=EDIT,
        unique_field="invoice_code",
    ),
    delete_endpoint("delete_sale", "sales/{invoice_code}", "Sale"),
)
