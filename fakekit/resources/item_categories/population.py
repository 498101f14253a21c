"""The six generated item categories; each generated item is in one of them."""

from __future__ import annotations

from typing import Any

from fakekit.world.random_values import RandomSource, created_and_updated

CATEGORIES = ("Electronics", "Groceries", "Stationery", "Household", "Clothing", "Building Materials")


def count_generated(size: int) -> int:
    """Return how many categories the seed generates for a world of `size` customers: six, or 0 for size 0."""
    return len(CATEGORIES) if size else 0


def generate_category(random: RandomSource) -> dict[str, Any]:
    """Return all fields of the generated category whose id is ``random.key``.

    The name is the same in every seed; only the two timestamps differ.

    random: gives the random values of this one record.
    """
    created_at, updated_at = created_and_updated(random)
    return {
        "id": random.key,
        "category_name": CATEGORIES[(random.key - 1) % len(CATEGORIES)],
        "created_at": created_at,
        "updated_at": updated_at,
    }
