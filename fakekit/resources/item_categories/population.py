"""The generated item categories: six, which the generated items are sorted into."""

from __future__ import annotations

from typing import Any

from fakekit.world.dates import created_and_updated
from fakekit.world.seed import RandomSource

CATEGORIES = ("Electronics", "Groceries", "Stationery", "Household", "Clothing", "Building Materials")


def categories_in(size: int) -> int:
    """Return how many categories are generated: six, ids 1 to 6, or none without a population."""
    return len(CATEGORIES) if size else 0


def category(random: RandomSource) -> dict[str, Any]:
    """Return the values of the generated category with the id of `random`."""
    created_at, updated_at = created_and_updated(random)
    return {
        "id": random.key,
        "category_name": CATEGORIES[(random.key - 1) % len(CATEGORIES)],
        "created_at": created_at,
        "updated_at": updated_at,
    }
