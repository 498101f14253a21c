"""What may be done to an account: the one implementation behind the control API and the handles of tests.

The methods are named and described by `fakekit.control.operations`. They take and return what JSON can
carry, and raise `fakekit.errors.FakekitError`, so that it makes no difference where the server is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fakekit.accounts.account import Account
from fakekit.accounts.baseline import Baseline
from fakekit.accounts.clock import Clock
from fakekit.accounts.journal import Journal, JournalEntry
from fakekit.accounts.registry import Accounts
from fakekit.contract.assumptions import read_changes
from fakekit.contract.pattern import match_path
from fakekit.contract.positions import TABLE
from fakekit.control.records import RecordControls
from fakekit.errors import ControlError, NoRecordError, Problem, SnapshotError, show
from fakekit.import_lock import IMPORT_LOCK

if TYPE_CHECKING:
    from fakekit.faults.active import ActiveFault
    from fakekit.fixtures.write import Contents

EXPORTED = 10_000
"""How many customers an exported world may have: its text is made in one go, with the account held."""

BaselineFor = Callable[[Mapping[str, Any]], Baseline]
"""Returns, from the settings that a request gives, what the new account starts from."""


class ServerControls:
    """The control operations on the server itself: open accounts, and list them.

    >>> from fakekit import FakeServer
    >>> FakeServer().do("open", key="fk_mine", seed=7)["seed"]  # calls ServerControls.open
    7
    """

    def __init__(self, accounts: Accounts, baseline_for: BaselineFor) -> None:
        self._accounts, self._baseline_for = accounts, baseline_for

    def accounts(self) -> list[dict[str, Any]]:
        """Return what `Controls.about` says of each open account, the most recently used first."""
        return [Controls(account, self._accounts).about() for account in reversed(self._accounts.list_open())]

    def open(self, key: str | None = None, clock: Any = None, **values: Any) -> dict[str, Any]:
        """Open an account, forgetting one that is open under the key, and return `Controls.about` of it.

        key: one that nobody had is made up when it is None.
        clock: as `set_clock` takes it; None is the real time.
        values: settings of its world, assumptions and faults; none at all means the server's own.
        All is checked first. Raises `ControlError` for a key that is kept in a file.
        """
        import secrets

        with IMPORT_LOCK:
            from fakekit.control.clocks import set_clock

        key = key or f"fk_{secrets.token_hex(8)}"
        if "assumptions" in values:
            values["assumptions"] = read_changes(TABLE, values["assumptions"], "assumptions")
        baseline = self._baseline_for(values) if values else self._accounts.baseline
        if clock is not None:
            set_clock(Clock(baseline.real), clock)  # raises before anything is forgotten
        open_already = self._accounts.find(key)
        if open_already is not None and open_already.on_change is not None:
            what = "is kept in a file (--changes), so it stands on the server's own world"
            raise ControlError(Problem("key", what, "", "another key, or reset it"))
        controls = Controls(self._accounts.open(key, baseline=baseline), self._accounts)
        if clock is not None:
            controls.set_clock(clock)
        return controls.about()

    def strangers(self, **filters: Any) -> dict[str, Any]:
        """Return the requests that came without a valid key, filtered as `Controls.requests` is."""
        return _list_requests(self._accounts.unauthenticated, **filters)

    def end_alias(self, key: str) -> dict[str, Any]:
        """Let requests with a key reach its own account again; nothing happens if it was no alias."""
        self._accounts.set_alias(key, None)
        return dict(_DONE)

    def close(self, key: str) -> dict[str, Any]:
        """Forget an account, if it is open; one that a handle in this process refers to is only reset."""
        account = self._accounts.find(key)
        if account is not None and account.is_permanent:
            account.reset()
            account.journal.clear()
        else:
            self._accounts.close(key if account is None else account.key)
        return dict(_DONE)


_DONE: Mapping[str, Any] = {"done": True}


class Controls(RecordControls):
    """The control operations on one account, for the control API and for handles in this process."""

    def __init__(self, account: Account, accounts: Accounts) -> None:
        super().__init__(account)
        self._accounts = accounts

    def about(self) -> dict[str, Any]:
        """Return a summary of the account: seed, counts, last request, assumptions, clock and snapshots."""
        account = self._account
        last = account.journal.last()
        return {
            "key": account.key,
            "seed": account.world.seed,
            "customers": account.world.count_records("customers"),
            "own": account.has_custom_baseline,
            "changed": account.has_changes,
            "requests": len(account.journal),
            "last_request": last.as_json() if last else None,
            "assumed": list(account.assumed),
            "assumptions": dict(account.baseline.assumptions.changed),
            "unused": [active.as_json() for active in account.unused_faults()],
            "clock": self.clock(),
            "snapshots": account.snapshots,
        }

    def reset(self) -> dict[str, Any]:
        """Go back to the state of a new account; only the journal stays."""
        self._account.reset()
        return dict(_DONE)

    def requests(self, **filters: Any) -> dict[str, Any]:
        """Return the account's requests, oldest first, and whether older ones were dropped."""
        return _list_requests(self._account.journal, **filters)

    def forget_requests(self) -> dict[str, Any]:
        """Empty the account's journal, and the list of assumptions that its responses relied on."""
        self._account.journal.clear()
        self._account.assumed.clear()
        return dict(_DONE)

    def faults(self) -> list[dict[str, Any]]:
        """Return the account's faults and stubs as JSON, each with its number and counts."""
        return [active.as_json() for active in self._account.active_faults.all()]

    def add_fault(self, fault: Any) -> dict[str, Any]:
        """Add a fault, given as JSON or text, and return its JSON with its number. Raises `FaultError`."""
        with IMPORT_LOCK:
            from fakekit.faults.registry import read_fault

        return self._account.active_faults.add(read_fault(fault, "fault")).as_json()

    def remove_fault(self, number: Any) -> dict[str, Any]:
        """Remove a fault or stub by its number. Raises `NoRecordError` when there is none."""
        digits = str(number)
        if not (
            digits.isascii() and digits.isdecimal() and self._account.active_faults.remove(int(digits[:18]))
        ):
            raise NoRecordError(Problem("fault", "there is none of this id"))
        return dict(_DONE)

    def clear_faults(self) -> dict[str, Any]:
        """Remove all faults and stubs, also those that the account had from the start."""
        self._account.active_faults.remove()
        return dict(_DONE)

    def stubs(self) -> list[dict[str, Any]]:
        """Return the account's stubs as JSON: the faults of the kind `respond`."""
        return [active.as_json() for active in self._stubs()]

    def add_stub(self, stub: Any) -> dict[str, Any]:
        """Add a stub (``"fault": "respond"`` may be missing), and return its JSON. Raises `FaultError`."""
        with IMPORT_LOCK:
            from fakekit.faults.registry import read_fault

        fault = {"fault": "respond", **stub} if isinstance(stub, Mapping) else stub
        return self._account.active_faults.add(read_fault(fault, "stub")).as_json()

    def clear_stubs(self) -> dict[str, Any]:
        """Remove all stubs; other faults stay."""
        for active in self._stubs():
            self._account.active_faults.remove(active.number)
        return dict(_DONE)

    def clock(self) -> dict[str, Any]:
        """Return the account's time in UTC, to the second, and how it differs from the real time."""
        clock = self._account.clock
        return {
            "now": clock.now().isoformat(timespec="seconds"),
            "frozen": clock.fixed_time is not None,
            "offset": clock.offset.total_seconds(),
        }

    def set_clock(self, how: Any) -> dict[str, Any]:
        """Set the clock (see `clocks.set_clock`), and return what `clock` does. Raises `ClockError`."""
        with IMPORT_LOCK:
            from fakekit.control.clocks import set_clock

        with self._account.lock:
            set_clock(self._account.clock, how)
            return self.clock()

    def snapshots(self) -> dict[str, Any]:
        """Return the names of the account's snapshots, oldest first."""
        return {"snapshots": self._account.snapshots}

    def snapshot(self) -> dict[str, Any]:
        """Keep a copy of the account's changes, and return its name. Raises `SnapshotError`."""
        return {"snapshot": self._account.snapshot()}

    def restore(self, name: str) -> dict[str, Any]:
        """Put the changes back to those of a snapshot. Raises `SnapshotError` for an unknown name."""
        if not self._account.restore(name):
            raise self._no_snapshot()
        return dict(_DONE)

    def drop_snapshot(self, name: str) -> dict[str, Any]:
        """Delete a snapshot. Raises `SnapshotError` for an unknown name."""
        if not self._account.drop_snapshot(name):
            raise self._no_snapshot()
        return dict(_DONE)

    def export(self, what: str = "changes", form: str = "yaml") -> str:
        """Return the account's changes ("changes") or all records ("world") as a fixture file's text.

        Raises `ControlError` for another form, or a world of more than `EXPORTED` customers.
        """
        for value, allowed in ((what, ("changes", "world")), (form, ("yaml", "json"))):
            if value not in allowed:
                raise ControlError(Problem("export", "has no such form", show(value), " or ".join(allowed)))
        customer_count = self._account.world.count_records("customers")
        if what == "world" and customer_count > EXPORTED:
            message = f"is of worlds of at most {EXPORTED:,} customers"
            raise ControlError(
                Problem("export", message, f"{customer_count:,}", "its changes, beside `fakekit generate`")
            )
        with IMPORT_LOCK:
            from fakekit.fixtures.write import as_json, as_yaml

        return "".join((as_json if form == "json" else as_yaml)(contents_of(self._account, what)))

    def alias(self, alias: str) -> dict[str, Any]:
        """Let requests with another key reach this account. Raises `AccountsFullError`."""
        self._accounts.set_alias(alias, self._account.key)
        return dict(_DONE)

    def _stubs(self) -> list[ActiveFault]:
        with IMPORT_LOCK:
            from fakekit.faults.answering import Respond

        return [active for active in self._account.active_faults.all() if isinstance(active.fault, Respond)]

    def _no_snapshot(self) -> SnapshotError:
        """Return the error for an unknown snapshot, which lists the known ones."""
        known = ", ".join(self._account.snapshots)
        return SnapshotError(
            Problem("snapshot", "there is none of this name", "", known and f"one of {known}")
        )


def contents_of(account: Account, what: str) -> Contents:
    """Return what a fixture file of an account holds: its changes ("changes") or all records ("world")."""
    with IMPORT_LOCK:
        from fakekit.fixtures.write import Contents

    world = account.world
    world_text = f"seed {world.seed}, {world.size} customers"
    with account.lock:
        if what == "world":
            records = {name: list(account.records(name)) for name in world.resources}
            return Contents(f"The world of {account.key}: {world_text}.", records, population=0, whole=True)
        records = {name: list(account.changed_records(name)) for name in world.resources}
        removed = {name: account.removed_ids(name) for name in world.resources}
        return Contents(f"What {account.key} changed: {world_text}.", records, removed=removed)


def _list_requests(
    journal: Journal, count: int | None = None, timeout: float = 5.0, **filters: Any
) -> dict[str, Any]:
    """Return a journal's entries that match; with `count`, wait for so many, at most `timeout` seconds.

    filters: method, path, status and since (a request's number, or a time in seconds or ISO 8601).
    """
    since = filters.get("since")
    if isinstance(since, str):
        with IMPORT_LOCK:
            from fakekit.control.values import Since

        since = Since().read(since)

    def matches(entry: JournalEntry) -> bool:
        return (
            filters.get("method") in (None, entry.method)
            and filters.get("status") in (None, entry.status)
            and (not filters.get("path") or match_path(filters["path"], entry.path))
            and (since is None or (entry.time >= since if isinstance(since, float) else entry.number > since))
        )

    entries = journal.wait(matches, count, timeout) if count is not None else journal.entries(matches)
    return {"requests": [entry.as_json() for entry in entries], "truncated": journal.truncated}
