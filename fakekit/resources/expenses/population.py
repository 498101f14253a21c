"""The generated expenses: thirty, two in five of them for new stock of generated items."""

from __future__ import annotations

from typing import Any

from fakekit.resources.business import BUSINESS_CODE, STAFF, USER_ID
from fakekit.resources.items.population import ITEM_COUNT, find_product
from fakekit.world.random_values import RandomSource, created_and_updated

EXPENSE_COUNT = 30
_KINDS = (
    ("Travel", "Fuel for the delivery van", 80, 400),
    ("Utilities", "Electricity prepaid units", 100, 900),
    ("Rent", "Shop rent for the month", 800, 2500),
    ("Office Supplies", "Printer paper and ink", 40, 350),
    ("Marketing", "Radio spot, one week", 200, 1200),
    ("Maintenance", "Repair of the cold store", 150, 1500),
)
"""Type, description, smallest and largest amount in cedis."""
_METHODS = ("MOMO", "Cash", "Bank Transfer", "Cheque")


def count_generated(size: int) -> int:
    """Return how many expenses the seed generates for a world of `size` customers: 30, or 0 for size 0."""
    return EXPENSE_COUNT if size else 0


def generate_expense(random: RandomSource) -> dict[str, Any]:
    """Return all fields of the generated expense whose id is ``random.key``.

    Two in five are for new stock of a generated item, the others for rent, travel and the like.

    random: gives the random values of this one record.
    """
    kind, description, amount = (
        _generate_item_expense(random) if random.chance("stock", 40) else _generate_other_expense(random)
    )
    created_at, updated_at = created_and_updated(random)
    has_image = random.chance("expense_image", 50)
    return {
        "id": random.key,
        "user_id": USER_ID,
        "business_code": BUSINESS_CODE,
        "expense_type": kind,
        "expense_description": description,
        "expense_amount": f"{amount:.2f}",
        "payment_method": random.pick("payment_method", _METHODS),
        "expense_image": f"https://example.com/receipts/{random.key}.jpg" if has_image else None,
        "created_by": random.pick("created_by", STAFF),
        "created_at": created_at,
        "updated_at": updated_at,
    }


def _generate_other_expense(random: RandomSource) -> tuple[str, str, float]:
    """Return type, description and amount of an expense for something other than stock."""
    kind, description, minimum, maximum = random.pick("kind", _KINDS)
    return (
        kind,
        description,
        minimum + random.integer("amount", maximum - minimum) + random.integer("pesewas", 4) * 0.25,
    )


def _generate_item_expense(random: RandomSource) -> tuple[str, str, float]:
    """Return type, description and amount of an expense for new stock of a generated item."""
    product = find_product(2 + random.integer("item", ITEM_COUNT - 1))
    quantity = 5 * (1 + random.integer("bought", 8))
    return "Stock", f"Restocked {quantity} {product.unit} of {product.name}", quantity * product.cost
