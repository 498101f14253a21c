"""The fields of an added or edited sale that are computed: its number, its payment status, its lines."""

from __future__ import annotations

import re
from typing import Any

from fakekit.contract.provenance import assumed
from fakekit.contract.schema import Record
from fakekit.resources.call import Call, ConflictError
from fakekit.resources.sales.schema import LINE_NAMES, LINES

ITEMS = assumed("sales.items")
_SIX_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)
_NUMBER = assumed("sales.invoice_number")
_PAYMENT_STATUS = assumed("sales.payment_status")


def derive_fields(call: Call, before: Record) -> dict[str, object]:
    """Return the computed fields of an added or edited sale; called by the handlers of sales and stores.

    They are `invoice_number`, `payment_status` and the lines. A number that the request changes gets the
    account's prefix, ``INV-``, if it has none; six digits have none, even if they begin like it. Where no
    page of the vendor says how a field is computed, an assumption is recorded in `call`, and a note on a
    number of another form.

    before: the sale that is edited; empty for a new one.

    Raises `ConflictError` when another sale has the `invoice_code` of the request.
    """
    _check_code(call, before)
    return {
        "invoice_number": _number(call, before),
        "payment_status": _status(call, {**before, **call.body}),
        LINES: _lines(call, before),
    }


def _number(call: Call, before: Record) -> str:
    """Return the invoice number of a written sale: the request's, with the account's prefix, or `before`'s.

    Adds a note to `call` on a number of the request that is not six digits behind the prefix.

    before: the sale that is edited, whose number stays as it is if the request has the same; empty for a new
        one.
    """
    old: str = before.get("invoice_number", "")
    number: str = call.body.get("invoice_number", old)
    if number == old:
        return number
    prefix = call.account.world.options.invoice_prefix
    if prefix and (_SIX_DIGITS.fullmatch(number) or not number.startswith(prefix)):
        call.compute(_NUMBER)
        number = prefix + number
    if not _SIX_DIGITS.fullmatch(number, len(prefix)):
        call.note_parts.append("invoice_number is not six digits behind the prefix")  # documented: add-sale
    return number


def _check_code(call: Call, before: Record) -> None:
    """Raise `ConflictError` when another sale has the `invoice_code` of the request.

    before: the sale that is edited, which may keep its code; empty for a new one.
    """
    owner: Record | None = call.account.find_by_path("sales", call.body.get("invoice_code"))
    if owner is not None and owner["id"] != before.get("id"):
        raise ConflictError("invoice_code")


def _status(call: Call, sale: Record) -> str:
    """Return the payment status that follows from a sale's amounts: ``draft``, ``partial`` or ``paid``.

    Only draft is documented (add-sale); the others are recorded as the assumption ``sales.payment_status``.
    """
    paid = float(sale["amount_paid"])
    if paid == 0 and sale["payment_type"] == "None":
        return "draft"
    call.compute(_PAYMENT_STATUS)
    return "paid" if paid >= float(sale["total_amount"]) else "partial"


def _lines(call: Call, before: Record) -> list[dict[str, Any]]:
    """Return the lines that a written sale has: those of the request's body, with the current time.

    A body without lines keeps those of the sale. For a body with lines, and for a new sale without, the
    assumption ``sales.items`` is recorded.
    """
    name = next((name for name in LINE_NAMES if name in call.body), "")
    if name or not before:
        call.assume(ITEMS)
    if not name:
        return list(before.get(LINES, []))
    return [{**line, "created_at": call.now, "updated_at": call.now} for line in call.body[name]]
