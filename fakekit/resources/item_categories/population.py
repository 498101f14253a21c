"""The six generated item categories; each generated item is in one of them."""

from __future__ import annotations

from collections.abc import Mapping

from fakekit.resources.items.catalogue import CATEGORY_COUNT, find_department
from fakekit.world.history import DAY, History, created_and_updated
from fakekit.world.random_values import RandomSource

_HISTORY = History(head_start=4095, origin=4096, start=-37 * 6 * DAY)
"""On 20 November 2023: the documented categories 14 and 15 are from the week after."""


def count_generated(sizes: Mapping[str, int]) -> int:
    """Return how many categories the seed generates: six, or 0 in a world without items."""
    return CATEGORY_COUNT if sizes.get("items", sizes["customers"]) else 0


def generate_category(random: RandomSource) -> dict[str, object]:
    """Return the fields of the generated category whose id is ``random.key``.

    random: gives the random values of this one record.
    """
    created_at, _ = created_and_updated(random, _HISTORY)
    return {
        "category_name": find_department(random.seed, random.key).name,
        "created_at": created_at,
        "updated_at": created_at,  # as in the documented ones
    }
