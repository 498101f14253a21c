"""All of an account's state but its journal: changed records, clock, faults, snapshots; and its reset."""

from __future__ import annotations

from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

from fakekit.accounts.baseline import Baseline
from fakekit.accounts.clock import Clock
from fakekit.accounts.resettable import Resettable
from fakekit.accounts.restorable import RestorableChanges
from fakekit.accounts.store import ChangeStore
from fakekit.errors import Problem, SnapshotError
from fakekit.import_lock import Once

if TYPE_CHECKING:
    from fakekit.faults.active import ActiveFaults

_FAULTS_LOCK = Lock()
"""Held while an account gets its first faults."""

SNAPSHOTS = 32
"""How many snapshots an account may have at once."""


class AccountState(RestorableChanges):
    """The changes of one account, its clock, faults and snapshots, and what a reset of them replaced.

    key: the API key, ``fk_demo``; empty for the account that stands for all that changed nothing.
    baseline: the world, assumptions and faults that it starts from and goes back to on `reset`.
    clock: its time.
    last_snapshot: the number of the latest snapshot; 0 before the first.
    with_callbacks: those accounts of the server in which a function of a test is set as a stub, as keys.
    before_reset: what the last reset or `clear_changes` replaced, for `undo_reset`; None where there is
        nothing to undo. The registry sets it to None when all accounts together have no room for a change.
    """

    def __init__(self, key: str, baseline: Baseline) -> None:
        super().__init__(baseline.world)
        self.key, self.baseline, self.clock = key, baseline, Clock(baseline.real)
        self._active_faults: ActiveFaults | None = new_faults(baseline) if baseline.faults else None
        self._snapshots: dict[str, ChangeStore] = {}
        self.last_snapshot = 0
        self.with_callbacks: dict[AccountState, None] = {}
        self.before_reset: Resettable | None = None

    @property
    def active_faults(self) -> ActiveFaults:
        """The faults of the account. They are created on first use, as most accounts never have one."""
        active_faults = self._active_faults
        if active_faults is None:  # not under the account's own lock, which is held while others compute
            made = new_faults(self.baseline)
            with _FAULTS_LOCK:
                active_faults = self._active_faults = self._active_faults or made
        return active_faults

    @property
    def has_faults(self) -> bool:
        """Whether the account has a fault (a deliberate failure or delay), used up or not.

        fakekit's own server does not repeat remembered responses then.
        """
        active_faults = self._active_faults
        return active_faults is not None and active_faults.has_any

    def may_block(self, method: str = "", path: str = "") -> bool:
        """Return whether a function of a test may answer a request, by method and path; without, any."""
        active_faults = self._active_faults
        return active_faults is not None and active_faults.may_block(method, path)

    @property
    def size_in_bytes(self) -> int:
        """About how much memory its changes, snapshots and faults take, also those that a reset replaced."""
        size, before = self.resettable.size_in_bytes, self.before_reset
        if before is None:
            return size
        has_same = before.snapshots is self._snapshots  # after `clear_changes`
        return size + (before.store.size_in_bytes if has_same else before.size_in_bytes)

    def snapshot(self) -> str:
        """Save a copy of the account's changes, and return the name to restore it by: ``s1``, ``s2``, ...

        Raises `SnapshotError` (503) when there are `SNAPSHOTS` already, and `AccountsFullError`.
        """
        with self.lock:
            if len(self._snapshots) >= SNAPSHOTS:
                problem = Problem("", f"an account can have {SNAPSHOTS} snapshots at most", "", "fewer")
                raise SnapshotError(problem, HTTPStatus.SERVICE_UNAVAILABLE)
            self.reserve(self.store.size_in_bytes)
            self.last_snapshot += 1
            name = f"s{self.last_snapshot}"
            self._snapshots[name] = self.store.copy()
            return name

    def restore(self, name: str) -> bool:
        """Replace the account's changes by those of a snapshot; return False for an unknown name.

        The snapshot stays and can be restored again. Journal, faults and clock are left as they are.
        """
        with self.lock:
            snapshot = self._snapshots.get(name)
            if snapshot is not None:
                self._replace_changes(snapshot.copy())
            return snapshot is not None

    @property
    def snapshots(self) -> list[str]:
        """The names of the snapshots, oldest first: ``["s1", "s2"]``; empty without any."""
        return list(self._snapshots)

    def drop_snapshot(self, name: str) -> bool:
        """Delete a snapshot; return False when there is none of this name."""
        with self.lock:
            return self._snapshots.pop(name, None) is not None

    def reset(self) -> None:
        """Go back to the state of a new account; `undo_reset` brings the present one back.

        No changes and snapshots, the baseline's faults, the real time. The journal and the baseline stay. An
        account in which nobody changed anything keeps what an earlier reset replaced: counts of faults and
        records that were added and removed again are no reason to replace it.
        """
        with self.lock:
            before = self.resettable
            was_changed = before.snapshots or before.clock.is_changed or self.has_changed_records()
            if was_changed or (before.faults is not None and before.faults.was_changed):
                self.before_reset = before._replace(replaced_at=self.baseline.real())
            faults = new_faults(self.baseline) if self.baseline.faults else None
            self.set_resettable(Resettable(ChangeStore(), {}, Clock(self.baseline.real), faults))

    def clear_changes(self) -> None:
        """Give every record the values that it has in the world; `undo_reset` brings the changes back."""
        with self.lock:
            if self.has_changed_records():
                self.before_reset = self.resettable._replace(replaced_at=self.baseline.real())
            super().clear_changes()

    def undo_reset(self) -> bool:
        """Bring back what the last reset or `clear_changes` replaced; return False when there is nothing.

        What a reset replaces and was changed since is lost; after `clear_changes`, only the records. It can
        be undone once.
        """
        with self.lock:
            before, self.before_reset = self.before_reset, None
            if before is not None:
                self.set_resettable(before)
            return before is not None

    @property
    def resettable(self) -> Resettable:
        """The present state of all that a reset replaces, which the account goes on to use."""
        return Resettable(self.store, self._snapshots, self.clock, self._active_faults)

    def set_resettable(self, state: Resettable) -> None:
        """Replace all that a reset replaces, and count up `version`. The caller holds the lock."""
        self._snapshots, self.clock, self._active_faults = state.snapshots, state.clock, state.faults
        self.with_callbacks.pop(self, None)
        if self.may_block():
            self.with_callbacks[self] = None
        self._replace_changes(state.store)


@Once
def _active_faults_class() -> type[ActiveFaults]:
    """Import the class: its kinds take a while, and most accounts have none.

    Only the first call takes the lock of imports; who opens an account holds the registry's.
    """
    from fakekit.faults.active import ActiveFaults

    return ActiveFaults


def has_loaded_faults() -> bool:
    """Return whether the first faults of an account are made without importing anything."""
    return _active_faults_class.is_made


def new_faults(baseline: Baseline) -> ActiveFaults:
    """Return the faults (deliberate failures and delays) that a new or reset account has: its baseline's."""
    return _active_faults_class()(baseline.faults)
