"""The account of one API key: its changes, journal, faults, clock and snapshots."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

from fakekit.accounts.baseline import Baseline
from fakekit.accounts.clock import Clock
from fakekit.accounts.journal import Journal
from fakekit.accounts.resettable import Resettable
from fakekit.accounts.restorable import RestorableChanges
from fakekit.accounts.store import ChangeStore
from fakekit.errors import Problem, SnapshotError
from fakekit.import_lock import Once

if TYPE_CHECKING:
    from fakekit.faults.active import ActiveFault, ActiveFaults, MatchedFaults
    from fakekit.faults.content import RequestContent
    from fakekit.faults.fault import Fault

_FAULTS_LOCK = Lock()
"""Held while an account gets its first faults."""

MAX_CALLBACK_ERRORS = 20
"""How many errors of functions that answer requests are stored for one account."""

MAX_UNREAD = 100
"""How many names that an endpoint does not read are stored for one account."""
MORE_UNREAD = f"further names; the first {MAX_UNREAD} are listed"
"""Stored once for each endpoint in the place of the names beyond `MAX_UNREAD`."""

SNAPSHOTS = 32
"""How many snapshots an account may have at once."""


class Account(RestorableChanges):
    """All that belongs to one API key: its view of the world, journal, faults, clock and snapshots.

    key: the API key, ``fk_demo``; empty for the account that stands for all that changed nothing.
    baseline: the world, assumptions and faults that it starts from and goes back to on `reset`.
    journal: its recorded requests.
    has_custom_baseline: whether its baseline differs from the server's, which it does not by default. The
        registry never closes an account to make room whose baseline differs.
    is_permanent: whether code outside the registry keeps the object (a handle). The
        registry then never closes it to make room.
    request_count: requests in progress that change it or wait for it. While it is above 0 the registry does
        not close it.
    closed: whether it was closed on request. No request sees changes that are made to it now.
    assumed: the names of the assumptions that its responses relied on, in order of first use, as keys.
    with_callbacks: those accounts of the server in which a function of a test is set as a stub, as keys.
    callback_errors: the texts of what such functions raised; at most `MAX_CALLBACK_ERRORS`.
    unread: operation and name of each parameter and field that its requests had and their endpoint does not
        read, as keys; of more than `MAX_UNREAD`, `MORE_UNREAD` is the name of the rest.
    before_reset: what the last reset or `clear_changes` replaced, for `undo_reset`; None where there is
        nothing to undo. The registry sets it to None when all accounts together have no room for a change.
    """

    def __init__(
        self, key: str, baseline: Baseline, journal: Journal, has_custom_baseline: bool = False
    ) -> None:
        super().__init__(baseline.world)
        self.key, self.baseline, self.journal = key, baseline, journal
        self.has_custom_baseline = has_custom_baseline
        self.is_permanent = self.closed = False
        self.request_count = 0
        self.assumed: dict[str, None] = {}
        self.with_callbacks: dict[Account, None] = {}
        self.callback_errors: list[str] = []
        self.unread: dict[tuple[str, str], None] = {}
        self.clock = Clock(baseline.real)
        self._active_faults: ActiveFaults | None = _new_faults(baseline) if baseline.faults else None
        self._snapshots: dict[str, ChangeStore] = {}
        self._last_snapshot = 0
        self.before_reset: Resettable | None = None

    @property
    def active_faults(self) -> ActiveFaults:
        """The faults of the account. They are created on first use, as most accounts never have one."""
        active_faults = self._active_faults
        if active_faults is None:  # not under the account's own lock, which is held while others compute
            made = _new_faults(self.baseline)
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

    def match_faults(self, method: str, path: str, content: RequestContent, key_faults: str) -> MatchedFaults:
        """Return the faults that apply to a request, and count it for those limited to a number of requests.

        method, path: of the request: ``GET``, ``/api/v1/customers/1``.
        content: its query, headers and body, for stubs that ask for them.
        key_faults: the text after the key in the Authorization header, ``fail=503~slow=2s``; empty for a
            plain key.

        Raises `fakekit.errors.FaultError` when `key_faults` cannot be parsed, and
        `AccountsFullError` when all accounts together have no room for them.
        """
        if key_faults and not self.active_faults.has_key_faults(key_faults):
            self.reserve(100 * len(key_faults))  # an object of 600 bytes for each "drop=a"
        return self.active_faults.match(method, path, content, key_faults)

    def add_unread(self, operation: str, names: Iterable[str]) -> None:
        """Store the names that a request had and its endpoint does not read; of too many, that there are.

        operation: that of the endpoint: ``list_customers``.
        """
        for name in names:
            is_stored = len(self.unread) < MAX_UNREAD or (operation, name) in self.unread
            self.unread[operation, name if is_stored else MORE_UNREAD] = None

    def add_callback_error(self, text: str) -> None:
        """Store the text of what a function of the test raised; of too many, the first ones."""
        if len(self.callback_errors) < MAX_CALLBACK_ERRORS:
            self.callback_errors.append(text)

    def unused_faults(self) -> list[ActiveFault]:
        """Return the added faults that applied to no request, or to fewer than their `times`.

        The pytest plugin reports them: a test that adds a fault expects it to apply. Empty without faults.
        """
        active_faults = self._active_faults
        return active_faults.unused() if active_faults is not None else []

    def fault_path_segments(self) -> list[str]:
        """Return the path segments written in the account's faults: ``["customers", "1"]``.

        A test or the settings wrote them, so they are no secrets, and the journal shows them unredacted.
        Faults that keys carry are left out. Empty without faults.
        """
        active_faults = self._active_faults
        return active_faults.path_segments() if active_faults is not None else []

    def add_fault(self, fault: Fault) -> ActiveFault:
        """Add a fault or stub, and return it with its number and counts.

        Raises `FaultError` (503) for one too many, and `AccountsFullError` when all accounts together have no
        room for it.
        """
        self.reserve(fault.size_in_bytes)
        if fault.may_block:
            self.with_callbacks[self] = None
        return self.active_faults.add(fault)

    def remove_faults(self, number: int | None = None) -> bool:
        """Remove the fault with a number, or all faults; return whether there was one."""
        was_removed = self.active_faults.remove(number)
        if not self.may_block():
            self.with_callbacks.pop(self, None)
        return was_removed

    def may_block(self, method: str = "", path: str = "") -> bool:
        """Return whether a function of a test may answer a request, by method and path; without, any."""
        active_faults = self._active_faults
        return active_faults is not None and active_faults.may_block(method, path)

    @property
    def size_in_bytes(self) -> int:
        """About how much memory its changes, snapshots and faults take, also those that a reset replaced."""
        size, before = self._resettable().size_in_bytes, self.before_reset
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
            self._last_snapshot += 1
            name = f"s{self._last_snapshot}"
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
            before = self._resettable()
            was_edited = before.snapshots or before.clock.is_changed or self.has_changed_records()
            if was_edited or (before.faults is not None and before.faults.was_edited):
                self.before_reset = before._replace(replaced_at=self.baseline.real())
            faults = _new_faults(self.baseline) if self.baseline.faults else None
            self._set(Resettable(self.store.empty(), {}, Clock(self.baseline.real), faults))

    def clear_changes(self) -> None:
        """Give every record the values that it has in the world; `undo_reset` brings the changes back."""
        with self.lock:
            if self.has_changed_records():
                self.before_reset = self._resettable()._replace(replaced_at=self.baseline.real())
            super().clear_changes()

    def undo_reset(self) -> bool:
        """Bring back what the last reset or `clear_changes` replaced; return False when there is nothing.

        What a reset replaces and was changed since is lost; after `clear_changes`, only the records. It can
        be undone once.
        """
        with self.lock:
            before, self.before_reset = self.before_reset, None
            if before is not None:
                self._set(before)
            return before is not None

    def _resettable(self) -> Resettable:
        """Return the present state of all that a reset replaces, which the account goes on to use."""
        return Resettable(self.store, self._snapshots, self.clock, self._active_faults)

    def _set(self, state: Resettable) -> None:
        """Replace all that a reset replaces, and count up `version`. The caller holds the lock."""
        self._snapshots, self.clock, self._active_faults = state.snapshots, state.clock, state.faults
        self.with_callbacks.pop(self, None)
        if self.may_block():
            self.with_callbacks[self] = None
        self._replace_changes(state.store)

    @property
    def has_content(self) -> bool:
        """Whether the account must stay open when the registry needs room for another.

        True when it has changes, snapshots, faults, a changed clock or a baseline of its own, or is in use.
        Its journal does not count, nor does what a reset replaced.
        """
        is_used = self.is_permanent or self.request_count or self.has_custom_baseline
        return bool(is_used) or self._resettable().is_changed


@Once
def _active_faults_class() -> type[ActiveFaults]:
    """Import the class: its kinds take a while, and most accounts have none.

    Only the first call takes the lock of imports; who opens an account holds the registry's.
    """
    from fakekit.faults.active import ActiveFaults

    return ActiveFaults


def are_faults_loaded() -> bool:
    """Return whether the first faults of an account are made without importing anything."""
    return _active_faults_class.is_made


def _new_faults(baseline: Baseline) -> ActiveFaults:
    """Return the faults (deliberate failures and delays) that a new or reset account has: its baseline's."""
    return _active_faults_class()(baseline.faults)


def shared_account(baseline: Baseline) -> Account:
    """Return an account for all keys that changed nothing: they see the same, and share cached responses."""
    return Account("", baseline, Journal())
