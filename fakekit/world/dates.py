"""The dates of generated records: in a fixed period, so that no response depends on today."""

from __future__ import annotations

from datetime import datetime, timedelta

from fakekit.world.seed import RandomSource

EPOCH = datetime(2022, 1, 1)
SPAN_MINUTES = 3 * 365 * 24 * 60
"""Records are created in 2022, 2023 and 2024; changed at most 60 days later."""


def created_and_updated(random: RandomSource) -> tuple[str, str]:
    """Return a record's ``created_at`` and ``updated_at``: ``2023-05-04 08:23:45``.

    Their choices come from `random`; the second is never earlier than the first.
    """
    created = EPOCH + timedelta(
        minutes=random.integer("created_at", SPAN_MINUTES), seconds=random.integer("created_at.second", 60)
    )
    changed = random.integer("updated_at", 60 * 24 * 60) if random.chance("updated", 60) else 0
    updated = created + timedelta(minutes=changed)
    return str(created), str(updated)
