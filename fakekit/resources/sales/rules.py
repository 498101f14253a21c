"""What follows from the body of a sale that is written: its number, its payment status, its lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekit.resources.call import Call
from fakekit.resources.sales.schema import LINES

PREFIX = "INV-"


def derived_fields(call: Call, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that follow from a body: number with its prefix, payment status, lines.

    before: the sale that is edited; empty for a new one.
    """
    number = call.body["invoice_number"] if "invoice_number" in call.body else before["invoice_number"]
    if not number.startswith(PREFIX):
        call.assume("sales.invoice_number")
        number = PREFIX + number
    return {
        "invoice_number": number,
        "payment_status": _status(call, {**before, **call.body}),
        LINES: _lines(call, before, number),
    }


def _status(call: Call, sale: Mapping[str, Any]) -> str:
    """Return the payment status of a sale.

    Draft is documented (add-sale); paid and partial are implied (``sales.payment_status``).
    """
    paid = float(sale["amount_paid"])
    if paid == 0 and sale["payment_type"] == "None":
        return "draft"
    call.assume("sales.payment_status")
    return "paid" if paid >= float(sale["total_amount"]) else "partial"


def _lines(call: Call, before: Mapping[str, Any], number: str) -> list[dict[str, Any]]:
    """Return the body's lines, stamped now; without any in the body those that the sale had."""
    if LINES not in call.body:
        return [{**line, "invoice_number": number} for line in before.get(LINES, [])]
    call.assume("sales.items")
    return [{**line, "created_at": call.now, "updated_at": call.now} for line in call.body[LINES]]
