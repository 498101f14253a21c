"""The generated sales: two for each customer but the first, on average, of items that are sold."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fakekit.resources.business import STAFF
from fakekit.resources.items.population import ITEMS, product_of
from fakekit.resources.sales.codes import CODE, MOST
from fakekit.resources.sales.schema import LINES
from fakekit.world.dates import created_and_updated
from fakekit.world.seed import RandomSource

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


def sales_in(size: int) -> int:
    """Return how many sales a population has: two for each customer but the first, at most `MOST`.

    The limit is that of the generated codes.
    """
    return min(2 * (size - 1), MOST) if size else 0


def sale(random: RandomSource) -> dict[str, Any]:
    """Return the values of a generated sale, made after its customer was.

    Its customer exists in every population that has the sale.
    """
    customer = 2 + random.integer("customer", (random.key + 1) // 2)
    since = datetime.fromisoformat(created_and_updated(RandomSource(random.seed, "customers", customer))[0])
    created = since + timedelta(minutes=1 + random.integer("created_at", 300 * 24 * 60))
    lines = _lines(random)
    sub_total = sum(float(line["unit_price"]) * int(line["quantity"]) for line in lines)
    discount = round(sub_total * 0.05, 2) if random.chance("discount", 15) else 0.0
    total = round(sub_total - discount, 2)
    due = (created + timedelta(days=30)).date()
    return {
        "id": random.key,
        "invoice_code": CODE.format_code(random.seed, random.key),
        "invoice_number": f"INV-{(random.key + 1) % 10**6:06d}",
        "customer_id": str(customer),
        "sub_total_amount": f"{sub_total:.2f}",
        "total_amount": f"{total:.2f}",
        "discount": f"{discount:.2f}",
        "invoice_type": random.pick("invoice_type", TYPES),
        "invoice_colour": "#FFFFFF",
        "invoice_note": "Deliver in the morning" if random.chance("invoice_note", 10) else None,
        "invoice_terms": "Thanks for doing business",
        "payment_internal_note": None,
        **_payment(random, total, created),
        "issued_by": random.pick("issued_by", STAFF),
        "due_date": str(due),
        "reminder_date": str(due - timedelta(days=5)),
        "reminder_message": None,
        "created_at": str(created),
        "updated_at": str(created),
        LINES: lines,
    }


def _lines(random: RandomSource) -> list[dict[str, Any]]:
    """Return one to three lines of different items, without the fields that repeat the sale's."""
    first, lines = random.integer("item", ITEMS), []
    for n in range(1 + random.integer("lines", 3)):
        product = product_of(2 + (first + 7 * n) % (ITEMS - 1))
        quantity = 1 + random.integer(f"quantity {n}", 6)
        lines.append(
            {
                "item_name": product.name,
                "description": f"Unit: {product.unit}",
                "unit_price": f"{product.price:.2f}",
                "quantity": str(quantity),
            }
        )
    return lines


def _payment(random: RandomSource, total: float, created: datetime) -> dict[str, Any]:
    """Return the fields of the payment: seven in ten are paid, 15 % in part, the rest are drafts.

    A draft has nothing paid and the type None (documented: add-sale).
    """
    luck = random.integer("payment", 100)
    if luck >= 85:
        return {
            "amount_paid": "0.00",
            "payment_date": None,
            "payment_type": "None",
            "payment_status": "draft",
        }
    paid = total if luck < 70 else round(total / 2, 2)
    return {
        "amount_paid": f"{paid:.2f}",
        "payment_date": str(created.date()),
        "payment_type": random.pick("payment_type", METHODS),
        "payment_status": "paid" if luck < 70 else "partial",
    }
