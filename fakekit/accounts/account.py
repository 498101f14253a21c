"""The account of one API key: its changes, journal, faults, clock and snapshots."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fakekit.accounts.baseline import Baseline
from fakekit.accounts.changes import Changes, ChangesCopy
from fakekit.accounts.clock import Clock
from fakekit.accounts.journal import Journal
from fakekit.errors import Problem, SnapshotError
from fakekit.import_lock import IMPORT_LOCK

if TYPE_CHECKING:
    from fakekit.faults.active import ActiveFault, ActiveFaults, MatchedFaults

SNAPSHOTS = 32
"""How many snapshots an account may have at once."""


class Account(Changes):
    """All that belongs to one API key: its view of the world, journal, faults, clock and snapshots.

    key: the API key; empty for the account that stands for all that changed nothing.
    baseline: what it starts from and goes back to on `reset`.
    has_own_baseline: whether its baseline differs from the server's; it is then not forgotten to make room.
    held: whether a handle in this process refers to the object, so that it may not be forgotten either.
    users: requests in progress that change it or wait for it; above 0 it may not be forgotten.
    closed: whether it was forgotten. Changes made to it now are seen by no request.
    leant: the names of the assumptions that its responses relied on, in order of first use.
    keeper: called after every change, with the lock held; it writes the changes to a file.
    """

    def __init__(
        self, key: str, baseline: Baseline, journal: Journal, has_own_baseline: bool = False
    ) -> None:
        super().__init__(baseline.world)
        self.key, self.baseline, self.journal, self.has_own_baseline = (
            key,
            baseline,
            journal,
            has_own_baseline,
        )
        self.is_held = self.closed = False
        self.users = 0
        self.assumed: dict[str, None] = {}
        self.clock = Clock(baseline.real)
        self.on_change: Callable[[Account], None] | None = None
        self._active_faults: ActiveFaults | None = _new_faults(baseline) if baseline.faults else None
        self._snapshots: dict[str, ChangesCopy] = {}
        self._last_snapshot = 0

    @property
    def active_faults(self) -> ActiveFaults:
        """The account's faults, made on first use: most accounts never have one."""
        with self._lock:
            if self._active_faults is None:
                self._active_faults = _new_faults(self.baseline)
            return self._active_faults

    def match_faults(self, method: str, path: str, key_faults: str) -> MatchedFaults | None:
        """Return the faults that apply to a request, and count the request for those that are limited.

        key_faults: the text behind the key, ``fail=503~slow=2s``; empty for a plain key.

        None when the account has no faults at all. Raises `fakekit.errors.FaultError` when they cannot be
        read.
        """
        if self._active_faults is None and not key_faults:
            return None
        return self.active_faults.match(method, path, key_faults)

    def unused(self) -> list[ActiveFault]:
        """Return the faults that were added and applied to no request, or to fewer than their `times`."""
        active_faults = self._active_faults
        return active_faults.unused() if active_faults is not None else []

    def fault_path_segments(self) -> list[str]:
        """Return the path segments written in its faults; a test wrote them, so the journal may show them."""
        active_faults = self._active_faults
        return active_faults.path_segments() if active_faults is not None else []

    def snapshot(self) -> str:
        """Keep a copy of the account's changes, and return the name to restore it by: ``s1``, ``s2``, ...

        Raises `SnapshotError` when there are `SNAPSHOTS` already.
        """
        with self._lock:
            if len(self._snapshots) >= SNAPSHOTS:
                raise SnapshotError(
                    Problem("", f"an account keeps {SNAPSHOTS} snapshots at most", "", "fewer")
                )
            self._last_snapshot += 1
            name = f"s{self._last_snapshot}"
            self._snapshots[name] = self.copy_changes()
            return name

    def restore(self, name: str) -> bool:
        """Restore the changes of a snapshot, which stays; return False for an unknown name.

        Journal, faults and clock are left as they are.
        """
        with self._lock:
            copy = self._snapshots.get(name)
            if copy is not None:
                self.restore_changes(copy)
            return copy is not None

    @property
    def snapshots(self) -> list[str]:
        """The names of the snapshots, oldest first."""
        return list(self._snapshots)

    def drop_snapshot(self, name: str) -> bool:
        """Delete a snapshot; return False when there is none of this name."""
        with self._lock:
            return self._snapshots.pop(name, None) is not None

    def reset(self) -> None:
        """Go back to the state of a new account: no changes or snapshots, the first faults, the real time.

        The journal stays, and so does what `baseline` gives.
        """
        with self._lock:
            self.clear_changes()
            self._snapshots.clear()
            self.clock.reset()
            self._active_faults = _new_faults(self.baseline) if self.baseline.faults else None

    @property
    def has_content(self) -> bool:
        """Whether the account must not be forgotten to make room for another.

        True when it has changes, snapshots, faults, a clock or a ground of its own, or is in use. Its journal
        does not count.
        """
        active_faults = self._active_faults
        return bool(
            self.changed
            or self.is_held
            or self.users
            or self.has_own_baseline
            or self._snapshots
            or self.clock.changed
            or (active_faults is not None and active_faults.has_changes)
        )

    def _record_change(self) -> None:
        """Count the change, and tell the keeper; called with the lock held."""
        super()._record_change()
        if self.on_change is not None:
            self.on_change(self)


def _new_faults(baseline: Baseline) -> ActiveFaults:
    """Make the faults of an account."""
    with IMPORT_LOCK:
        from fakekit.faults.active import ActiveFaults  # its kinds take a while, and most accounts have none

    return ActiveFaults(baseline.faults)


def unchanged_account(baseline: Baseline) -> Account:
    """Return the account of all that changed nothing, so that they share remembered responses."""
    return Account("", baseline, Journal())
