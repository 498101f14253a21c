"""The generated customer groups: four, beside the documented group 1."""

from __future__ import annotations

from typing import Any

from fakekit.resources.business import BUSINESS_CODE, USER_ID
from fakekit.world.random_values import RandomSource, created_and_updated

_KINDS = (
    ("Wholesale Customers", "Shops and market traders who buy by the carton."),
    ("New Customers", "Customers who bought for the first time this quarter."),
    ("Walk-in Customers", "Customers served at the counter, without an account."),
    ("Corporate Customers", "Companies, schools and churches that are invoiced monthly."),
)
GROUP_COUNT = 1 + len(_KINDS)


def count_generated(size: int) -> int:
    """Return how many groups the seed generates for a world of `size` customers: five, or 0 for size 0.

    By default the vendor's sample record takes the place of the generated group 1.
    """
    return GROUP_COUNT if size else 0


def generate_group(random: RandomSource) -> dict[str, Any]:
    """Return all fields of the generated group whose id is ``random.key``.

    The name is the same in every seed; only the two timestamps differ.

    random: gives the random values of this one record.
    """
    name, description = _KINDS[(random.key - 2) % len(_KINDS)]
    created_at, updated_at = created_and_updated(random)
    return {
        "id": random.key,
        "user_id": USER_ID,
        "business_code": BUSINESS_CODE,
        "group_name": name,
        "group_description": description,
        "created_at": created_at,
        "updated_at": updated_at,
    }
