"""The generated customer groups: four, beside the documented group 1."""

from __future__ import annotations

from typing import Any

from fakekit.resources.business import BUSINESS_CODE, USER_ID
from fakekit.world.dates import created_and_updated
from fakekit.world.seed import RandomSource

_KINDS = (
    ("Wholesale Customers", "Shops and market traders who buy by the carton."),
    ("New Customers", "Customers who bought for the first time this quarter."),
    ("Walk-in Customers", "Customers served at the counter, without an account."),
    ("Corporate Customers", "Companies, schools and churches that are invoiced monthly."),
)
GROUPS = 1 + len(_KINDS)


def groups_in(size: int) -> int:
    """Return how many groups are generated: five, or none without a population.

    By default group 1 is the vendor's sample record instead of the generated one.
    """
    return GROUPS if size else 0


def group(random: RandomSource) -> dict[str, Any]:
    """Return the values of the generated group with the id of `random`."""
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
