"""The generated sales: on average two for each customer but the first, of generated items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekit.contract import LARGEST_SALES
from fakekit.resources.business import STAFF
from fakekit.resources.items.catalogue import find_product, format_amount
from fakekit.resources.items.population import HISTORY as ITEM_HISTORY
from fakekit.resources.persona import ORDINARY, Persona
from fakekit.resources.sales.codes import CODE
from fakekit.resources.sales.payment import payment_fields, pick_payment
from fakekit.resources.sales.personas import PERSONAS
from fakekit.resources.sales.schema import LINES
from fakekit.world.history import History, shop_time
from fakekit.world.random_values import RandomSource

_HISTORY = History(head_start=67, origin=64)
"""Twice that of customers: when sale n is made, there are the customers up to 1 + (n + 1) // 2."""
_TAX_PERCENT = 4
"""The flat rate of VAT for retailers in Ghana, three percent, and the levy of one percent."""
_DISCOUNTS = (None, None, None, 0, 0, 0, 0, 5, 5, 10)
"""In percent."""
_COLOURS = ("#FFFFFF", "#FFFFFF", "#1F4E79", "#2E7D32", None)
_NOTES = (
    "Deliver in the morning",
    "To be picked up by the driver",
    "Keep the receipt for an exchange",
    *(None,) * 9,
)
_INVOICE_TERMS = (
    "Thanks for doing business",
    "Goods sold are not returnable",
    "Payment within the agreed days",
    None,
)


def count_generated(sizes: Mapping[str, int]) -> int:
    """Return how many sales the seed generates: by default two for each customer but the first.

    There are at most `LARGEST_SALES`: no two sales have the same invoice code.
    """
    has_items = sizes.get("items", 2) >= 2
    default = min(2 * (sizes["customers"] - 1), LARGEST_SALES) if sizes["customers"] and has_items else 0
    return sizes.get("sales", default)


def generate_sale(random: RandomSource) -> dict[str, object]:
    """Return the fields of the generated sale whose id is ``random.key``, its lines included.

    Its customer and its items were there before it. Ids 2 to 6 are personas.

    random: gives the random values of this one record.
    """
    persona, created = PERSONAS.get(random.key, ORDINARY), _HISTORY.created(random)
    lines, sub_total, tax = _generate_lines(random, created, persona)
    texts = random.integers(
        "texts", len(_DISCOUNTS), len(_COLOURS), len(_NOTES), len(_INVOICE_TERMS), len(STAFF)
    )
    percent = _DISCOUNTS[texts[0]]
    discount = sub_total * (percent or 0) // 100
    total = sub_total - discount + tax
    payment = pick_payment(random, created, persona)
    created_at = str(shop_time(created))
    return {
        "invoice_code": CODE.format_code(random.seed, random.key),
        "invoice_number": f"{random.population.options.invoice_prefix}{(random.key + 1) % 10**6:06d}",
        "customer_id": str(random.pick_id("customer", "customers", 1 + (random.key + 1) // 2)),
        "sub_total_amount": format_amount(sub_total),
        "total_amount": format_amount(total),
        "discount": None if percent is None else format_amount(discount),
        "invoice_colour": _COLOURS[texts[1]],
        "invoice_note": _NOTES[texts[2]],
        "invoice_terms": _INVOICE_TERMS[texts[3]],
        **payment_fields(random, payment, total),
        "issued_by": STAFF[texts[4]],
        "created_at": created_at,
        "updated_at": created_at if payment.paid_at == created else str(shop_time(payment.paid_at)),
        LINES: lines,
        **persona.fields,
    }


def _generate_lines(
    random: RandomSource, created: int, persona: Persona
) -> tuple[list[dict[str, Any]], int, int]:
    """Return the lines of a sale, without the fields that repeat those of the sale, their sum and their tax.

    Each line is of another item, as long as there are enough.

    created: when the sale is made, in seconds of opening hours: the items are older.
    persona: its options: how many ``lines``, or the ``amount`` of a single one; else one to four at random.
    """
    count = persona.options.get("lines") or (
        1 if "amount" in persona.options else 1 + random.integer("lines", 3)
    )
    last_item = ITEM_HISTORY.last_id(created)
    lines, seen, sub_total, tax = [], set[int](), 0, 0
    for n in range(count):
        key = random.pick_id(f"item {n}", "items", last_item)
        if key in seen and "lines" not in persona.options:
            continue
        seen.add(key)
        product = find_product(random.seed, key)
        limit = max(1, min(12, 30_000 // product.price))  # few of what is expensive
        quantity, has_description = random.integers(f"line {n}", limit, 10)
        quantity = persona.options.get("amount", 0) // product.price or 1 + quantity
        amount = product.price * quantity
        line_tax = (amount * _TAX_PERCENT + 50) // 100 if product.is_taxed else 0
        sub_total, tax = sub_total + amount, tax + line_tax
        lines.append(
            {
                "item_name": product.name,
                "description": product.description if has_description < 7 else None,
                "unit_price": format_amount(product.price),
                "quantity": str(quantity),
                "tax": format_amount(line_tax),
            }
        )
    return lines, sub_total, tax
