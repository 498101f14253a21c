"""The control operations on the state of an account as a whole: reset, clock and snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from fakekit.accounts.account import Account
from fakekit.control.clocks import set_clock
from fakekit.control.results import ClockState, Done, ReplacedState, SnapshotName, SnapshotNames
from fakekit.control.values import TIME, takes
from fakekit.errors import Problem, SnapshotError
from fakekit.faults.settings import JSON, SettingField


class StateControls:
    """The control operations on the state of one account. `Controls` inherits them, and sets the account."""

    _account: Account

    def reset(self) -> Done:
        """Reset the account to a new one's state: no changes or snapshots, real time, only initial faults.

        Its recorded requests and its list of assumptions that responses relied on stay. `undo_reset` brings
        back what it removes, until the next reset of an account that differs from a new one.
        """
        self._account.reset()
        return Done(done=True)

    def undo_reset(self) -> Done:
        """Bring back what the last reset removed: records, snapshots, clock and faults with their counts.

        After `clear_changes` these are the records. What was changed since is lost. It can be undone once.

        Raises `SnapshotError` where there is nothing to undo: no reset, or the server needed the memory.
        """
        if not self._account.undo_reset():
            raise SnapshotError(Problem("reset", "there is none that can be undone"))
        return Done(done=True)

    def clock(self) -> ClockState:
        """Return the account's time in UTC, whether it is frozen, and its offset to real time in seconds."""
        clock = self._account.clock
        return {
            "now": clock.now().isoformat(timespec="seconds"),
            "frozen": clock.fixed_time is not None,
            "offset": clock.offset.total_seconds(),
        }

    @takes(
        freeze=SettingField(
            TIME, note="the time at which it stops: `now`, or a time (`2024-08-04 08:23:45`, ISO 8601)"
        ),
        advance=SettingField(JSON, note="the number of seconds by which to move it, frozen or running"),
        offset=SettingField(JSON, note="the number of seconds by which it runs ahead of the real time"),
    )
    def set_clock(self, settings: Mapping[str, object]) -> ClockState:
        """Freeze, move or reset the account's clock, and return its new time, state and offset.

        settings: ``{"freeze": "now"}``, ``{"advance": 3600}`` or ``{"offset": -60}`` (seconds); ``{}``
            resets.

        Raises `ClockError` for anything else; the clock is then not changed.
        """
        set_clock(self._account.clock, settings)
        return self.clock()

    def snapshots(self) -> SnapshotNames:
        """Return the names of the account's snapshots, oldest first: ``{"snapshots": ["s1", "s2"]}``."""
        return {"snapshots": self._account.snapshots}

    def snapshot(self) -> SnapshotName:
        """Save a copy of the account's changes and return its name, for `restore`: ``{"snapshot": "s1"}``.

        Raises `SnapshotError` when the account has too many snapshots.
        """
        return {"snapshot": self._account.snapshot()}

    def restore(self, name: str) -> Done:
        """Replace the account's changes by those of a snapshot, which stays.

        Raises `SnapshotError` for an unknown name.
        """
        if not self._account.restore(name):
            raise self._no_snapshot()
        return Done(done=True)

    def drop_snapshot(self, name: str) -> Done:
        """Delete a snapshot; the account's changes stay.

        Raises `SnapshotError` for an unknown name.
        """
        if not self._account.drop_snapshot(name):
            raise self._no_snapshot()
        return Done(done=True)

    def _no_snapshot(self) -> SnapshotError:
        """Return the error for a snapshot's name that does not exist, which it does not repeat.

        It lists the names that exist, if any.
        """
        known = ", ".join(self._account.snapshots)
        return SnapshotError(
            Problem("snapshot", "no snapshot has this name", "", known and f"one of {known}")
        )

    def _before_reset(self) -> ReplacedState | None:
        """Return what `undo_reset` would bring back, in counts; None where there is nothing to undo."""
        account = self._account
        before = account.before_reset
        if before is None or before.replaced_at is None:
            return None
        has_rest = before.clock is account.clock  # `clear_changes` replaced the records only
        return {
            "time": before.replaced_at.astimezone(UTC).isoformat(timespec="seconds"),
            "records": len(list(account.changed_addresses(before.store))),
            "faults": len(before.faults.all()) if before.faults is not None and not has_rest else 0,
            "snapshots": 0 if has_rest else len(before.snapshots),
            "clock": not has_rest and before.clock.is_changed,
        }
