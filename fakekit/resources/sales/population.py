"""The generated sales: on average two for each customer but the first, of generated items."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fakekit.resources.business import STAFF
from fakekit.resources.items.population import ITEM_COUNT, find_product
from fakekit.resources.sales.codes import CODE, CODE_COUNT
from fakekit.resources.sales.schema import LINES
from fakekit.world.random_values import RandomSource, created_and_updated

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


def count_generated(size: int) -> int:
    """Return how many sales the seed generates for a world of `size` customers; 0 for size 0.

    There are two for each customer but the first, and at most `CODE_COUNT`: no two sales have the same
    invoice code.
    """
    return min(2 * (size - 1), CODE_COUNT) if size else 0


def generate_sale(random: RandomSource) -> dict[str, Any]:
    """Return all fields of the generated sale whose id is ``random.key``, its lines included.

    The sale is later than the creation of its customer, who exists in every world that has the sale.

    random: gives the random values of this one record.
    """
    # One of the customers 2 to 1 + (n + 1) // 2 for sale n: every world with n sales has them.
    customer_id = 2 + random.integer("customer", (random.key + 1) // 2)
    since = datetime.fromisoformat(
        created_and_updated(RandomSource(random.seed, "customers", customer_id))[0]
    )
    created = since + timedelta(minutes=1 + random.integer("created_at", 300 * 24 * 60))
    lines = _generate_lines(random)
    sub_total = sum(float(line["unit_price"]) * int(line["quantity"]) for line in lines)
    discount = round(sub_total * 0.05, 2) if random.chance("discount", 15) else 0.0
    total = round(sub_total - discount, 2)
    due = (created + timedelta(days=30)).date()
    return {
        "id": random.key,
        "invoice_code": CODE.format_code(random.seed, random.key),
        "invoice_number": f"INV-{(random.key + 1) % 10**6:06d}",
        "customer_id": str(customer_id),
        "sub_total_amount": f"{sub_total:.2f}",
        "total_amount": f"{total:.2f}",
        "discount": f"{discount:.2f}",
        "invoice_type": random.pick("invoice_type", TYPES),
        "invoice_colour": "#FFFFFF",
        "invoice_note": "Deliver in the morning" if random.chance("invoice_note", 10) else None,
        "invoice_terms": "Thanks for doing business",
        "payment_internal_note": None,
        **_generate_payment(random, total, created),
        "issued_by": random.pick("issued_by", STAFF),
        "due_date": str(due),
        "reminder_date": str(due - timedelta(days=5)),
        "reminder_message": None,
        "created_at": str(created),
        "updated_at": str(created),
        LINES: lines,
    }


def _generate_lines(random: RandomSource) -> list[dict[str, Any]]:
    """Return one to three lines of different items, without the fields that repeat those of the sale."""
    first, lines = random.integer("item", ITEM_COUNT), []
    for n in range(1 + random.integer("lines", 3)):
        # ITEM_COUNT - 1 is 23, a prime: steps of 7 never meet the same item twice.
        product = find_product(2 + (first + 7 * n) % (ITEM_COUNT - 1))
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


def _generate_payment(random: RandomSource, total: float, created: datetime) -> dict[str, Any]:
    """Return the payment fields of a sale: 70 in 100 are paid, 15 are half paid, 15 are drafts.

    A draft has nothing paid, no payment date and the text ``"None"`` as its type (documented: add-sale).

    total: the sale's total amount.
    created: the time of the sale; its day is the payment's date.
    """
    percent = random.integer("payment", 100)
    if percent >= 85:
        return {
            "amount_paid": "0.00",
            "payment_date": None,
            "payment_type": "None",
            "payment_status": "draft",
        }
    paid = total if percent < 70 else round(total / 2, 2)
    return {
        "amount_paid": f"{paid:.2f}",
        "payment_date": str(created.date()),
        "payment_type": random.pick("payment_type", METHODS),
        "payment_status": "paid" if percent < 70 else "partial",
    }
