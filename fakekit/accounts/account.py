"""An account: what one key changed, what it was asked, and what else is different for it."""

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
"""How many snapshots an account keeps."""


class Account(Changes):
    """One key: a view of a world, with its journal, its faults and its clock.

    is_held: somebody keeps the account itself, so it may not make room for another.
    users: how many requests are under way that change it or wait for it; it may not make room either.
    closed: it was forgotten; what is changed in it now, no request will see.
    has_own_baseline: whether its baseline differs from the server's.
    assumed: the assumptions that its answers relied on.
    on_change: called after every change, while nobody else can make one.
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
        """Its faults."""
        with self._lock:
            if self._active_faults is None:
                self._active_faults = _new_faults(self.baseline)
            return self._active_faults

    def match_faults(self, method: str, path: str, key_faults: str) -> MatchedFaults | None:
        """The faults that apply to a request; None where the account has none at all."""
        if self._active_faults is None and not key_faults:
            return None
        return self.active_faults.match(method, path, key_faults)

    def unused(self) -> list[ActiveFault]:
        """The faults somebody added that were not used as often as they might have been."""
        active_faults = self._active_faults
        return active_faults.unused() if active_faults is not None else []

    def fault_path_segments(self) -> list[str]:
        """What stands in the paths of its faults: somebody wrote it there, so it may be shown."""
        active_faults = self._active_faults
        return active_faults.path_segments() if active_faults is not None else []

    def snapshot(self) -> str:
        """Keep a copy of what it changed; the name to restore it by. Raises `SnapshotError`."""
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
        """Restore a snapshot, which stays; False when there is none of this name."""
        with self._lock:
            copy = self._snapshots.get(name)
            if copy is not None:
                self.restore_changes(copy)
            return copy is not None

    @property
    def snapshots(self) -> list[str]:
        """The names of its snapshots, oldest first."""
        return list(self._snapshots)

    def drop_snapshot(self, name: str) -> bool:
        """Forget a snapshot; False when there is none of this name."""
        with self._lock:
            return self._snapshots.pop(name, None) is not None

    def reset(self) -> None:
        """As it was when it was opened: no changes, snapshots or faults, the real time. The journal stays."""
        with self._lock:
            self.clear_changes()
            self._snapshots.clear()
            self.clock.reset()
            self._active_faults = _new_faults(self.baseline) if self.baseline.faults else None

    @property
    def has_content(self) -> bool:
        """Whether there is anything in it that a new account would not have, but its journal."""
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
        super()._record_change()
        if self.on_change is not None:
            self.on_change(self)


def _new_faults(baseline: Baseline) -> ActiveFaults:
    with IMPORT_LOCK:
        from fakekit.faults.active import ActiveFaults  # its kinds take a while, and most accounts have none

    return ActiveFaults(baseline.faults)


def unchanged_account(baseline: Baseline) -> Account:
    """An account that nobody changes: what all see that changed nothing."""
    return Account("", baseline, Journal())
