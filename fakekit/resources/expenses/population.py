"""The generated expenses: thirty, some of them for stock that the generated items name."""

from __future__ import annotations

from typing import Any

from fakekit.resources.business import BUSINESS_CODE, STAFF, USER_ID
from fakekit.resources.items.population import ITEMS, product_of
from fakekit.world.dates import created_and_updated
from fakekit.world.seed import RandomSource

EXPENSES = 30
_KINDS = (
    ("Travel", "Fuel for the delivery van", 80, 400),
    ("Utilities", "Electricity prepaid units", 100, 900),
    ("Rent", "Shop rent for the month", 800, 2500),
    ("Office Supplies", "Printer paper and ink", 40, 350),
    ("Marketing", "Radio spot, one week", 200, 1200),
    ("Maintenance", "Repair of the cold store", 150, 1500),
)
_METHODS = ("MOMO", "Cash", "Bank Transfer", "Cheque")


def expenses_in(size: int) -> int:
    """Return how many expenses are generated: thirty, ids 1 to 30, or none without a population."""
    return EXPENSES if size else 0


def expense(random: RandomSource) -> dict[str, Any]:
    """Return the values of the generated expense with the id of `random`."""
    kind, description, amount = _stock(random) if random.chance("stock", 40) else _other(random)
    created_at, updated_at = created_and_updated(random)
    photographed = random.chance("expense_image", 50)
    return {
        "id": random.key,
        "user_id": USER_ID,
        "business_code": BUSINESS_CODE,
        "expense_type": kind,
        "expense_description": description,
        "expense_amount": f"{amount:.2f}",
        "payment_method": random.pick("payment_method", _METHODS),
        "expense_image": f"https://example.com/receipts/{random.key}.jpg" if photographed else None,
        "created_by": random.pick("created_by", STAFF),
        "created_at": created_at,
        "updated_at": updated_at,
    }


def _other(random: RandomSource) -> tuple[str, str, float]:
    """Return type, description and amount of an expense for something other than stock."""
    kind, description, low, high = random.pick("kind", _KINDS)
    return kind, description, low + random.integer("amount", high - low) + random.integer("pesewas", 4) * 0.25


def _stock(random: RandomSource) -> tuple[str, str, float]:
    """Return type, description and amount of an expense for stock of a generated item."""
    product = product_of(2 + random.integer("item", ITEMS - 1))
    bought = 5 * (1 + random.integer("bought", 8))
    return "Stock", f"Restocked {bought} {product.unit} of {product.name}", bought * product.cost
