"""How a generated sale is paid: at the counter, later, in part or not at all, and when it is due."""

from __future__ import annotations

from typing import Any, NamedTuple

from fakekit.resources.items.catalogue import format_amount
from fakekit.resources.persona import Persona
from fakekit.world.history import DAY, shop_time
from fakekit.world.random_values import RandomSource

TYPES = ("main", "pos", "order")
METHODS = (
    "Mobile Money",
    "Cash",
    "Bank Transfer / Deposit",
    "Cheque",
    "Card Payment",
    "Digital Payment",
    "Other Payment",
)
_TYPE_OF_TEN = (*("pos",) * 5, *("main",) * 3, *("order",) * 2)
_SMALL_AMOUNT = 500_00
_METHODS_OF_TEN = (
    (*(METHODS[0],) * 5, *(METHODS[1],) * 3, *METHODS[4:6]),
    (*(METHODS[0],) * 2, METHODS[1], *(METHODS[2],) * 3, *METHODS[3:]),
)
"""Small amounts are paid by phone or in cash, larger ones by bank or cheque too."""
_PAID_PERCENT = {
    "pos": (*(100,) * 9, 50),
    "main": (*(100,) * 5, 30, 50, 80, 0, 0),
    "order": (*(100,) * 6, 25, 50, 0, 0),
}
"""What part of a sale is paid, by its type: nothing in a draft, all of it for most at the counter."""
_DUE_DAYS = (6, 12, 24)
REMINDER = 2 * DAY
_INTERNAL_NOTES = {
    "Mobile Money": "Transaction confirmed on the shop's phone.",
    "Bank Transfer / Deposit": "Seen on the bank statement.",
    "Cheque": "Cheque banked on the day it came.",
}
_REMINDERS = (
    "Kindly settle your balance this week. Thank you.",
    "Your invoice is due soon. You can pay by Mobile Money.",
    None,
    None,
)


class Payment(NamedTuple):
    """How and when a sale is paid.

    invoice_type: ``pos`` at the counter, ``main`` for an invoice, ``order`` for one from the store front.
    paid_percent: what part of it is paid by now.
    created, paid_at: when the sale and its payment were made, in seconds of opening hours.
    due: when the rest is due; None for what was paid at the counter.
    has_reminder: whether a reminder is sent before that day, as it is not yet paid then.
    """

    invoice_type: str
    paid_percent: int
    created: int
    paid_at: int
    due: int | None
    has_reminder: bool


def pick_payment(random: RandomSource, created: int, persona: Persona) -> Payment:
    """Return how a sale is paid.

    created: when it was made, in seconds of opening hours.
    persona: its options win: ``type``, ``paid``, ``days`` (working days until it is due).
    """
    options = persona.options
    kind, part, at_once, wait, index = random.integers("terms", 10, 10, 10, 25 * DAY, len(_DUE_DAYS))
    invoice_type = options.get("type", _TYPE_OF_TEN[kind])
    paid_percent = options.get("paid", _PAID_PERCENT[invoice_type][part])
    is_counter = invoice_type == "pos"
    wait = 0 if is_counter or paid_percent == 0 or at_once < 3 else wait
    due = None
    if not is_counter or paid_percent < 100:
        due = created + DAY * options.get("days", _DUE_DAYS[index])
    has_reminder = due is not None and (paid_percent < 100 or created + wait > due - REMINDER)
    return Payment(invoice_type, paid_percent, created, created + wait, due, has_reminder)


def payment_fields(random: RandomSource, payment: Payment, total: int) -> dict[str, Any]:
    """Return the fields of a sale about its payment.

    A draft has nothing paid, no payment date and the text ``"None"`` as its type (documented: add-sale).

    total: the sale's total amount, in pesewas.
    """
    number, has_note, reminder = random.integers("payment", 10, 2, len(_REMINDERS))
    fields = {
        "invoice_type": payment.invoice_type,
        "due_date": _day(payment.due),
        "reminder_date": _day(payment.due - REMINDER)
        if payment.due is not None and payment.has_reminder
        else None,
        "reminder_message": _REMINDERS[reminder] if payment.has_reminder else None,
    }
    if payment.paid_percent == 0:
        return fields | {
            "amount_paid": "0.00",
            "payment_date": None,
            "payment_type": "None",
            "payment_status": "draft",
            "payment_internal_note": None,
        }
    method = _METHODS_OF_TEN[total >= _SMALL_AMOUNT][number]
    # Who pays in part pays a round amount.
    paid = total if payment.paid_percent == 100 else max(total * payment.paid_percent // 100 // 100 * 100, 5)
    return fields | {
        "amount_paid": format_amount(paid),
        "payment_date": _day(payment.paid_at),
        "payment_type": method,
        "payment_status": "paid" if payment.paid_percent == 100 else "partial",
        "payment_internal_note": _INTERNAL_NOTES.get(method) if has_note else None,
    }


def _day(seconds: int | None) -> str | None:
    """Return the day of a time in seconds of opening hours, ``2024-08-30``; None for None."""
    return None if seconds is None else str(shop_time(seconds).date())
