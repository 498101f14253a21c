"""What a reset of an account replaces, and what can be brought back by undoing it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from fakekit.accounts.clock import Clock
from fakekit.accounts.store import ChangeStore

if TYPE_CHECKING:
    from fakekit.faults.active import ActiveFaults


class Resettable(NamedTuple):
    """The part of an account's state that a reset replaces: all but its journal and what it starts from.

    The objects are those of the account itself, not copies: after a reset the account has others.

    store: the changes of records. snapshots: copies of earlier ones, by name.
    faults: None for an account that never had one.
    replaced_at: when a reset replaced it, in real time; None before.
    """

    store: ChangeStore
    snapshots: dict[str, ChangeStore]
    clock: Clock
    faults: ActiveFaults | None
    replaced_at: datetime | None = None

    @property
    def is_changed(self) -> bool:
        """Whether it differs from the state of a new account."""
        has_changed_faults = self.faults is not None and self.faults.has_changes
        return bool(self.store.records or self.snapshots or self.clock.is_changed or has_changed_faults)

    @property
    def size_in_bytes(self) -> int:
        """About how much memory changes, snapshots and faults take, for the limit of all accounts."""
        stores = [self.store, *self.snapshots.copy().values()]
        faults_size = self.faults.size_in_bytes if self.faults is not None else 0
        return sum(store.size_in_bytes for store in stores) + faults_size
