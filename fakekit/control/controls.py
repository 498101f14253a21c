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

# What takes a while to import and not every test asks for, is imported where it is asked for.

EXPORTED = 10_000
"""How many customers a world may have that is exported: it is worded in one go, while its account waits."""

BaselineFor = Callable[[Mapping[str, Any]], Baseline]
"""From the settings of an account of its own to its baseline."""


class ServerControls:
    """What may be done to a server: open accounts, and look at them.

    >>> ServerControls(accounts, ground_for).open(key="fk_mine", seed=7)["seed"]
    7
    """

    def __init__(self, accounts: Accounts, baseline_for: BaselineFor) -> None:
        self._accounts, self._baseline_for = accounts, baseline_for

    def accounts(self) -> list[dict[str, Any]]:
        """Those that are open, the most recently used first."""
        return [Controls(account, self._accounts).about() for account in reversed(self._accounts.all())]

    def open(self, key: str | None = None, clock: Any = None, **values: Any) -> dict[str, Any]:
        """An account with these settings; one that is open under this key is forgotten."""
        import secrets

        with IMPORT_LOCK:
            from fakekit.control.clocks import set_clock

        key = key or f"fk_{secrets.token_hex(8)}"
        if "assumptions" in values:
            values["assumptions"] = read_changes(TABLE, values["assumptions"], "assumptions")
        baseline = self._baseline_for(values) if values else self._accounts.baseline
        if clock is not None:
            set_clock(
                Clock(baseline.real), clock
            )  # what is wrong with it is told before anything is forgotten
        open_already = self._accounts.find(key)
        if open_already is not None and open_already.on_change is not None:
            what = "is kept in a file (--changes), so it stands on the server's own world"
            raise ControlError(Problem("key", what, "", "another key, or reset it"))
        controls = Controls(self._accounts.open(key, baseline=baseline), self._accounts)
        if clock is not None:
            controls.set_clock(clock)
        return controls.about()

    def strangers(self, **filters: Any) -> dict[str, Any]:
        """The requests without a valid key."""
        return _list_requests(self._accounts.unauthenticated, **filters)

    def end_alias(self, key: str) -> dict[str, Any]:
        """Let a key mean its own account again."""
        self._accounts.alias(key, None)
        return dict(_DONE)

    def close(self, key: str) -> dict[str, Any]:
        """Forget an account; one that a handle in this process holds is made as new instead."""
        account = self._accounts.find(key)
        if account is not None and account.is_held:
            account.reset()
            account.journal.clear()
        else:
            self._accounts.close(key if account is None else account.key)
        return dict(_DONE)


_DONE: Mapping[str, Any] = {"done": True}


class Controls(RecordControls):
    """What may be done to one account."""

    def __init__(self, account: Account, accounts: Accounts) -> None:
        super().__init__(account)
        self._accounts = accounts

    def about(self) -> dict[str, Any]:
        """What there is to know of it."""
        account = self._account
        last = account.journal.last()
        return {
            "key": account.key,
            "seed": account.world.seed,
            "customers": account.world.total("customers"),
            "own": account.has_own_baseline,
            "changed": account.changed,
            "requests": len(account.journal),
            "last_request": last.as_json() if last else None,
            "assumed": list(account.assumed),
            "assumptions": dict(account.baseline.assumptions.changed),
            "unused": [active.as_json() for active in account.unused()],
            "clock": self.clock(),
            "snapshots": account.snapshots,
        }

    def reset(self) -> dict[str, Any]:
        """As it was when it was opened; the journal stays."""
        self._account.reset()
        return dict(_DONE)

    def requests(self, **filters: Any) -> dict[str, Any]:
        """Its requests, oldest first, and whether there were more than the journal holds."""
        return _list_requests(self._account.journal, **filters)

    def forget_requests(self) -> dict[str, Any]:
        """Empty its journal."""
        self._account.journal.clear()
        self._account.assumed.clear()
        return dict(_DONE)

    def faults(self) -> list[dict[str, Any]]:
        """Its faults and stubs, and their counts."""
        return [active.as_json() for active in self._account.active_faults.all()]

    def add_fault(self, fault: Any) -> dict[str, Any]:
        """Add a fault, of its JSON or text."""
        with IMPORT_LOCK:
            from fakekit.faults.registry import read_fault

        return self._account.active_faults.add(read_fault(fault, "fault")).as_json()

    def remove_fault(self, number: Any) -> dict[str, Any]:
        """Take one away."""
        digits = str(number)
        if not (
            digits.isascii() and digits.isdecimal() and self._account.active_faults.remove(int(digits[:18]))
        ):
            raise NoRecordError(Problem("fault", "there is none of this id"))
        return dict(_DONE)

    def clear_faults(self) -> dict[str, Any]:
        """Take all away."""
        self._account.active_faults.remove()
        return dict(_DONE)

    def stubs(self) -> list[dict[str, Any]]:
        """Its stubs: the faults of the kind `respond`."""
        return [active.as_json() for active in self._stubs()]

    def add_stub(self, stub: Any) -> dict[str, Any]:
        """Add a stub."""
        with IMPORT_LOCK:
            from fakekit.faults.registry import read_fault

        fault = {"fault": "respond", **stub} if isinstance(stub, Mapping) else stub
        return self._account.active_faults.add(read_fault(fault, "stub")).as_json()

    def clear_stubs(self) -> dict[str, Any]:
        """Take all stubs away."""
        for active in self._stubs():
            self._account.active_faults.remove(active.number)
        return dict(_DONE)

    def clock(self) -> dict[str, Any]:
        """What time it is for the account."""
        clock = self._account.clock
        return {
            "now": clock.now().isoformat(timespec="seconds"),
            "frozen": clock.frozen is not None,
            "offset": clock.offset.total_seconds(),
        }

    def set_clock(self, how: Any) -> dict[str, Any]:
        """Freeze or move it; with nothing said, the real time again. Raises `ClockError`."""
        with IMPORT_LOCK:
            from fakekit.control.clocks import set_clock

        with self._account.lock:
            set_clock(self._account.clock, how)
            return self.clock()

    def snapshots(self) -> dict[str, Any]:
        """The names of its snapshots."""
        return {"snapshots": self._account.snapshots}

    def snapshot(self) -> dict[str, Any]:
        """Keep a copy of what it changed. Raises `SnapshotError`."""
        return {"snapshot": self._account.snapshot()}

    def restore(self, name: str) -> dict[str, Any]:
        """Go back to a snapshot. Raises `SnapshotError`."""
        if not self._account.restore(name):
            raise self._no_snapshot()
        return dict(_DONE)

    def drop_snapshot(self, name: str) -> dict[str, Any]:
        """Forget a snapshot. Raises `SnapshotError`."""
        if not self._account.drop_snapshot(name):
            raise self._no_snapshot()
        return dict(_DONE)

    def export(self, what: str = "changes", form: str = "yaml") -> str:
        """Its changes, or its whole world, as the text of a fixture file."""
        for value, allowed in ((what, ("changes", "world")), (form, ("yaml", "json"))):
            if value not in allowed:
                raise ControlError(Problem("export", "has no such form", show(value), " or ".join(allowed)))
        customer_count = self._account.world.total("customers")
        if what == "world" and customer_count > EXPORTED:
            message = f"is of worlds of at most {EXPORTED:,} customers"
            raise ControlError(
                Problem("export", message, f"{customer_count:,}", "its changes, beside `fakekit generate`")
            )
        with IMPORT_LOCK:
            from fakekit.fixtures.write import as_json, as_yaml

        return "".join((as_json if form == "json" else as_yaml)(contents_of(self._account, what)))

    def alias(self, alias: str) -> dict[str, Any]:
        """Let requests with another key come to this account."""
        self._accounts.alias(alias, self._account.key)
        return dict(_DONE)

    def _stubs(self) -> list[ActiveFault]:
        with IMPORT_LOCK:
            from fakekit.faults.answering import Respond

        return [active for active in self._account.active_faults.all() if isinstance(active.fault, Respond)]

    def _no_snapshot(self) -> SnapshotError:
        known = ", ".join(self._account.snapshots)
        return SnapshotError(
            Problem("snapshot", "there is none of this name", "", known and f"one of {known}")
        )


def contents_of(account: Account, what: str) -> Contents:
    """What a fixture file of an account holds."""
    with IMPORT_LOCK:
        from fakekit.fixtures.write import Contents

    world = account.world
    world_text = f"seed {world.seed}, {world.size} customers"
    with account.lock:
        if what == "world":
            records = {name: list(account.records(name)) for name in world.resources}
            return Contents(f"The world of {account.key}: {world_text}.", records, population=0, whole=True)
        records = {name: list(account.changed_records(name)) for name in world.resources}
        removed = {name: account.removed_keys(name) for name in world.resources}
        return Contents(f"What {account.key} changed: {world_text}.", records, removed=removed)


def _list_requests(
    journal: Journal, count: int | None = None, timeout: float = 5.0, **filters: Any
) -> dict[str, Any]:
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
