"""Keeps an account in memory equal to what a store has of it: reads what is newer, stores what is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from fakekit.accounts.account import Account
from fakekit.accounts.baseline import Baseline
from fakekit.accounts.clock import Clock
from fakekit.accounts.items import (
    FAULT_PARTS,
    STORE_PARTS,
    Values,
    clock_to_json,
    fault_values,
    faults_from_values,
    item_differences,
    items_of_parts,
    names_of_part,
    read_store_item,
    set_clock_from_json,
    store_items,
    touched_items,
    unread_name,
)
from fakekit.accounts.journal import JournalEntry
from fakekit.accounts.resettable import Resettable
from fakekit.accounts.shared_lock import SharedLock
from fakekit.accounts.state_store import AccountRow, AccountWrite, Item, StateStore
from fakekit.accounts.store import ChangeStore
from fakekit.accounts.stored_journal import StoredJournal, entry_to_json
from fakekit.accounts.stored_pieces import StoredPieces
from fakekit.errors import AccountsFullError

_NAME_PARTS = ("assumed", "unread")
"""The parts of items that no response depends on."""
_UNKNOWN = -1
"""The version of an account in memory that may differ from every stored one."""


class StoredAccount:
    """Keeps an account in memory equal to what a `StateStore` has of it; the `Account.stored` of each.

    An account in memory is a copy, which each process has. Its `version` is that of the store, except within
    a block of `writing`.

    journal: that of the account.
    baseline_of: returns what an account starts from, of the settings in its row.
    writes: those of the server for which `writing` has begun; shared by all.
    """

    def __init__(
        self,
        account: Account,
        journal: StoredJournal,
        store: StateStore,
        baseline_of: Callable[[str], Baseline],
        writes: list[StoredAccount],
    ) -> None:
        self.account, self.journal, self._store, self._baseline_of = account, journal, store, baseline_of
        self._writes, self._lock = writes, SharedLock()
        account.store.touched = set()
        self._known_version, self._changes, self._settings = 0, account.store, ""
        self._stored_names = 0  # how many items of `_NAME_PARTS` are in `_values`
        self._values: Values = {}  # the items that are no entry of `ChangeStore`, as they are stored
        self._pieces = StoredPieces()
        self._write: AccountWrite | None = None  # that of the present block of `writing`, or of the last one
        self._has_entry = False  # whether this block stores an entry of the journal
        self._renamed = (_UNKNOWN, _UNKNOWN)  # the versions before and after names were stored last

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Return the context manager of `Account.reading`: no other thread changes the account meanwhile.

        Raises `StateError` when the account has to be read again and the store does not answer.
        """
        while True:
            with self._lock.shared():
                if self._known_version != _UNKNOWN:
                    yield
                    return
            self._read_all()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Return the context manager of `transaction`.

        The store is locked before the account: who has the account's lock computes, and waits for nobody.
        Raises `StateError` when the store does not answer; the account is then as it was before.
        """
        version: int | None = None
        self._writes.append(self)
        with ExitStack() as locks:
            locks.callback(self._writes.remove, self)
            try:
                with self._store.writing(self.account.key) as write:
                    locks.enter_context(self._lock.exclusive())
                    self._read(write.row, write.items)
                    self._write, self._has_entry = write, False
                    with self.journal.clearing_later():
                        yield
                    version, has_entry = self._save(write), self._has_entry
            except BaseException:
                if version is not None or self._is_changed:
                    # All is read again before its next use: the block may have changed any object.
                    self._known_version, self._pieces = _UNKNOWN, StoredPieces()
                self._renamed = _UNKNOWN, _UNKNOWN  # another write may get the version that this one had
                raise
            if self.journal.is_cleared:
                self.journal.clear_memory()
            self._known_version = self.account.version = version
        if has_entry:
            self.journal.note_stored()

    def record(self, entry: JournalEntry) -> int:
        """Store an entry of the journal with what a block of `writing` changes, and return its number."""
        assert self._write is not None  # noqa: S101 (for mypy: within a block)
        self._has_entry = True
        return self._write.add_entry(entry.time, entry_to_json(entry))

    def refresh(self) -> None:
        """Read what other processes stored of the account, and its new requests; raises `StateError`."""
        self.journal.read_new_entries()
        self.read(self._store.find(self.account.key))

    def read(self, row: AccountRow | None) -> None:
        """Make the account equal to what is stored of it now, if it is not.

        row: of the account as it was read, which shows whether it is; None when nothing was stored of it.
            Raises `StateError`.
        """
        while not self._is_known(row):
            row = self._read_all()

    def _is_known(self, row: AccountRow | None) -> bool:
        """Return whether memory has what was stored when a row was read, or something later."""
        version, known = row.version if row is not None else 0, self._known_version
        return version == known or 0 < version < known

    def _read_all(self) -> AccountRow | None:
        """Read row and items, as of one moment, unless another thread does so meanwhile; return the row.

        The account's lock is not held while the store is asked: who writes waits for it, and all connections
        may be in use by those who wait for that write.
        """
        known = self._known_version
        row, items = self._store.read(self.account.key, max(0, known))
        with self._lock.exclusive():
            if self._known_version == known:
                self._read(row, lambda after: items)
        return row

    def _read(self, row: AccountRow | None, load_items: Callable[[int], list[Item]]) -> None:
        """Make the account equal to its row and items. The caller has the lock alone.

        load_items: returns the items that were written after a version.
        """
        version, known = row.version if row is not None else 0, self._known_version
        if version == known:
            return
        account = self.account
        is_deleted = row is None or version < known  # by another process, and maybe used anew
        is_new = is_deleted or known == _UNKNOWN or (row is not None and row.replaced > known)
        self._known_version = _UNKNOWN  # until all is read
        if is_deleted:
            self.journal.clear_memory()
        if (settings := row.settings if row is not None else "") != self._settings:
            self._set_baseline(self._baseline_of(settings), settings)
        items = load_items(0 if is_new else known) if version else []
        store = ChangeStore() if is_new else account.store
        values = {} if is_new else dict(self._values)
        for item in items:
            if item.part in STORE_PARTS:
                read_store_item(store, item)
            elif item.value is None:
                values.pop((item.part, item.name), None)
            else:
                values[item.part, item.name] = item.value
        store.touched = set()
        self._set_state(store, values, is_new)
        account.has_changes, account.version, self._known_version = bool(store.records), version, version

    def _set_baseline(self, baseline: Baseline, settings: str) -> None:
        """Have the account start from other settings, as another process opened it anew with them."""
        account, self._settings = self.account, settings
        account.baseline, account.world = baseline, baseline.world
        account.has_custom_baseline = bool(settings)

    def _set_state(self, store: ChangeStore, values: Values, is_new: bool) -> None:
        """Give the account its records, and all else that the other items say.

        is_new: whether everything was read; otherwise what is as before stays the same object.
        """
        account, before, state = self.account, self._values, self.account.resettable
        clock, faults = state.clock, state.faults
        if is_new or values.get(("clock", "")) != before.get(("clock", "")):
            clock = Clock(account.baseline.real)
            set_clock_from_json(clock, values.get(("clock", "")))
        if is_new or items_of_parts(values, FAULT_PARTS) != items_of_parts(before, FAULT_PARTS):
            faults = faults_from_values(account.baseline, values, state.faults)
        snapshots = self._pieces.read_snapshots(values)
        self._changes = store
        self._set_values(values)
        account.set_resettable(Resettable(store, snapshots, clock, faults))
        account.last_snapshot = int(values.get(("last_snapshot", ""), 0))
        unsaved = [name for name in account.assumed if ("assumed", name) not in before]
        account.assumed = dict.fromkeys([*names_of_part(values, "assumed"), *unsaved])
        known, names = account.unread.copy(), map(unread_name, names_of_part(values, "unread"))
        unsaved_unread = {pair: known[pair] for pair in known if ("unread", " ".join(pair)) not in before}
        account.unread = {pair: known.get(pair, False) for pair in names} | unsaved_unread
        account.before_reset = self._pieces.read_replaced(values, account, state.clock)

    def _save(self, write: AccountWrite) -> int:
        """Store what the block of `writing` changed, if anything; return the account's new version.

        Where there is no room, what a reset replaced makes some. Raises `AccountsFullError`.
        """
        version = write.drop_entries() if self.journal.is_cleared else self._known_version
        try:
            return self._save_items(write, version)
        except AccountsFullError:
            if self.account.before_reset is None:
                raise
            self.account.before_reset = None
            return self._save_items(write, version)

    def _save_items(self, write: AccountWrite, version: int) -> int:
        """Store the items that the block of `writing` changed, if any; return the account's new version.

        Notes the versions before and after it where only names are new.

        version: that of the account if no item changed. Raises `AccountsFullError`.
        """
        account, values = self.account, self._present_values()
        if account.store is not self._changes:
            rest = [Item(part, name, value) for (part, name), value in values.items()]
            version = write.replace([*store_items(account.store), *rest])
        else:
            touched = account.store.touched or set()
            items = [*touched_items(account.store, touched), *item_differences(self._values, values)]
            if not items:
                return version
            before, version = version, write.put(items)
            if all(item.part in _NAME_PARTS for item in items):
                self._renamed = before, version
        account.store.touched = set()
        self._changes = account.store
        self._set_values(values)
        return version

    def _set_values(self, values: Values) -> None:
        """Note what the items that are no entries of the `ChangeStore` are in the store."""
        self._values, self._stored_names = values, sum(part in _NAME_PARTS for part, _ in values)

    @property
    def _is_changed(self) -> bool:
        """Whether a block of `writing` changed something that is not stored."""
        account = self.account
        is_other = account.store is not self._changes or bool(account.store.touched)
        return is_other or self._present_values() != self._values

    def _present_values(self) -> Values:
        """Return all items of the account that are no entries of its `ChangeStore`, as they are now."""
        account = self.account
        state = account.resettable
        values = fault_values(state.faults)
        if state.clock.is_changed:
            values["clock", ""] = clock_to_json(state.clock)
        if account.last_snapshot:
            values["last_snapshot", ""] = str(account.last_snapshot)
        values |= self._pieces.snapshot_values(state.snapshots) | self._pieces.replaced_values(account)
        # Copied first, as other threads add names meanwhile.
        values |= {("assumed", name): "1" for name in list(account.assumed)}
        values |= {("unread", " ".join(pair)): "1" for pair in list(account.unread)}
        return values

    @property
    def is_free(self) -> bool:
        """Whether no other thread uses the account now."""
        return self._lock.is_free

    @property
    def has_new_names(self) -> bool:
        """Whether assumptions and unread names of the account are not stored yet."""
        return len(self.account.assumed) + len(self.account.unread) > self._stored_names

    def save_names(self) -> None:
        """Store the assumptions and unread names of the account that are new. Raises `StateError`."""
        with self.writing():
            pass

    def version_with_names(self, version: int) -> int:
        """Return the version whose records are those of another one, to which only names were added since."""
        return self._renamed[1] if version == self._renamed[0] else version
