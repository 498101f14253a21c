"""The generated customer groups: four, beside the documented group 1."""

from __future__ import annotations

from fakekit.world.history import History, created_and_updated
from fakekit.world.random_values import RandomSource

_KINDS = (
    ("Wholesale Customers", "Shops and market traders who buy by the carton."),
    ("New Customers", "Customers who bought for the first time this quarter."),
    ("Walk-in Customers", None),
    ("Corporate Customers", "Companies, schools and churches that are invoiced monthly."),
)
_HISTORY = History(head_start=4095, origin=4096)
"""All groups are made in the first half hour, before there are customers."""
GROUP_COUNT = 1 + len(_KINDS)
"""By default the vendor's sample record takes the place of the generated group 1."""


def generate_group(random: RandomSource) -> dict[str, object]:
    """Return the fields of the generated group whose id is ``random.key``.

    The name is the same in every seed; only the two timestamps differ.

    random: gives the random values of this one record.
    """
    name, description = _KINDS[(random.key - 2) % len(_KINDS)]
    created_at, updated_at = created_and_updated(random, _HISTORY)
    return {
        "group_name": name,
        "group_description": description,
        "created_at": created_at,
        "updated_at": updated_at,
    }
