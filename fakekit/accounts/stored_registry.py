"""The accounts of a server that keeps them in a store: they outlive it, and other processes share them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fakekit.accounts.account import Account
from fakekit.accounts.baseline import Baseline
from fakekit.accounts.journal import JournalEntry
from fakekit.accounts.pending_entries import PendingEntries
from fakekit.accounts.registry import Accounts
from fakekit.accounts.state_store import (
    AccountRow,
    StateStore,
    StoreBusyError,
    UnusableSettingsError,
)
from fakekit.accounts.stored_account import StoredAccount
from fakekit.accounts.stored_journal import StoredJournal
from fakekit.errors import AccountsFullError, Problem
from fakekit.log import LOGGER
from fakekit.unpatched import Lock


class StoredAccounts(Accounts):
    """The accounts of a server, as the store has them; those that are in use are in memory, too.

    The least recently used ones make room in memory. In the store, its own limits apply.

    state: the store.
    baseline_of: returns what an account starts from, of the settings in its row; see
        `Baselines.for_stored`.
    writes: those whose writes are in progress; a thread that must not wait looks here first.
    """

    unauthenticated: StoredJournal

    def __init__(
        self, baseline: Baseline, limit: int, state: StateStore, baseline_of: Callable[[str], Baseline]
    ) -> None:
        super().__init__(baseline, limit)
        self.state = self._state = state
        self._baseline_of, self._commit_lock = baseline_of, Lock()
        self.writes: list[StoredAccount] = []
        self.unauthenticated = StoredJournal(state, "", self._commit_lock)
        self._last_number = state.last_number()
        self._own_since = self._last_number + 1  # all numbers from here on were given by this process

    def open(
        self, key: str, is_permanent: bool = False, request_count: int = 0, baseline: Baseline | None = None
    ) -> Account:
        """Return the account of a key or alias as it is stored now; see `Accounts.open`.

        baseline: deletes what is stored of the account first.

        Raises `StateError` when the store does not answer, also `AccountsFullError`.
        """
        key, row = self._find_row(key)
        if baseline is not None:
            with self._lock:
                self._check_baseline_limit(baseline, key)
            with self._state.writing(key) as write:
                write.replace([], baseline.settings)
            super().close(key)
            row = self._state.find(key)
        elif row is None and is_permanent:
            with self._state.writing(key) as write:
                if write.row is None:  # its journal will miss nothing, whatever was dropped for room before
                    write.replace([], "")
            row = self._state.find(key)
        elif row is None:
            self._state.check_room(key)
        account = super().open(key, is_permanent, request_count)
        try:
            if account.stored is not None:
                account.stored.read(row)
        except BaseException:
            with self._lock:
                account.request_count -= request_count
            raise
        return account

    def _make_account(self, key: str, baseline: Baseline, truncated: bool) -> Account:
        """Return a new account in memory, into which nothing is read yet."""
        journal = StoredJournal(self._state, key, self._commit_lock)
        account = Account(key, baseline, journal)
        account.stored = StoredAccount(account, journal, self._state, self._baseline_of, self.writes)
        return account

    def use(self, key: str, account: Account) -> bool:
        """Mark an account in memory as the most recently used; see `Accounts.use`.

        Whether the key leads to it is checked when the entry of the request is stored.
        """
        with self._lock:
            if self._open.get(account.key) is not account:
                return False
            self._open.move_to_end(account.key)
            return True

    def is_free(self, authorization: str) -> bool:
        """Return whether a GET has to wait for nobody: its account is in memory, without faults, and unused.

        authorization: the value of its header; False for one with faults or an alias.
        """
        account = self._open.get(authorization.removeprefix("Bearer "))
        if account is None or account.has_faults or self.writes:
            return False
        return account.stored is not None and account.stored.is_free

    def version_to_remember(self, account: Account, version: int) -> int:
        """Return the version by which the response to a request holds whose entry was just stored.

        version: of the account when it was computed. With the entry, names may have been stored.
        """
        return account.stored.version_with_names(version) if account.stored is not None else version

    def find(self, key: str) -> Account | None:
        """Return the account of a key or alias as it is stored now; None when nothing is stored of it.

        Raises `StateError`.
        """
        key, row = self._find_row(key)
        known = self.find_used(key)
        if row is None and known is None:
            return None
        account = known if known is not None else super().open(key)
        account.refresh()
        return account

    def resolve(self, key: str) -> str:
        """Return the key of the account to which requests with a key go. Raises `StateError`."""
        return self._find_row(key)[0]

    def _find_row(self, key: str) -> tuple[str, AccountRow | None]:
        """Return the key of the account to which requests with a key go, and its row. Raises `StateError`."""
        row = self._state.find(key)
        if row is not None and row.alias_of:
            return row.alias_of, self._state.find(row.alias_of)
        return key, row

    def list_open(self) -> list[Account]:
        """Return all accounts, stored ones and those in memory, the least recently used first.

        One with settings that this server cannot use is left out, with a line in the log. Raises
        `StateError`.
        """
        stored = [row.key for row in self._state.rows() if not row.alias_of]
        keys = [account.key for account in self.list_used() if account.key not in stored] + stored
        accounts = []
        for key in keys:
            try:
                account = self.find(key)
            except UnusableSettingsError as error:
                LOGGER.warning("%s is not listed: %s", key, error)
                continue
            accounts += [account] if account is not None else []
        return accounts

    def refresh_unauthenticated(self) -> None:
        """Read the requests without a valid key that other processes answered. Raises `StateError`."""
        self.unauthenticated.read_new_entries()

    def set_alias(self, alias: str, key: str | None) -> None:
        """Send requests with the key `alias` to the account of `key`; None ends it. See `Accounts.set_alias`.

        Raises `StateError`.
        """
        with self._state.writing(alias) as write:
            if key is not None or (write.row is not None and write.row.alias_of):
                write.set_alias(key or "")

    def close(self, key: str) -> bool:
        """Delete the account of a key, in the store too; return False when there was none.

        Raises `StateError`.
        """
        was_stored = self._state.drop(key)
        return super().close(key) or was_stored

    def close_all(self) -> None:
        """Close every account in memory and all connections, when the server ends; what is stored stays."""
        with self._lock:
            for key in list(self._open):
                self._close(key)
            self.unauthenticated = StoredJournal(self._state, "", self._commit_lock)
        self._state.close()

    def commit(self, pending: Sequence[PendingEntries], waits: bool = True) -> list[list[int]]:
        """Store entries of journals, all or none, and return the numbers of each; 0 for what does not hold.

        Then they are in the journals in memory, too, or are read when somebody asks for them. Raises
        `StateError` and `AccountsFullError`; then nothing is stored.

        waits: False raises `StoreBusyError` where that may take more than a few milliseconds.
        """
        for account in {each.account for each in pending}:
            stored = account.stored if account is not None else None
            if stored is not None and stored.has_new_names:
                if not waits:
                    raise StoreBusyError
                stored.save_names()
        with self._commit_lock:
            numbers = self._state.write_entries([each.stored for each in pending], waits)
            if given := list(filter(None, numbers)):  # in ascending order
                if given[0] != self._last_number + 1 or given[-1] - given[0] >= len(given):
                    self._own_since = given[-1]
                self._last_number = given[-1]
            results, start = list[list[int]](), 0
            for each in pending:
                result = numbers[start : start + len(each.entries)]
                start += len(result)
                results.append(result)
                if any(result):
                    self._write_to_memory(each, result)
        return results

    def _write_to_memory(self, pending: PendingEntries, numbers: Sequence[int]) -> None:
        """Write stored entries to memory, unless one of another process may be missing before them.

        Those of responses that are given again only where somebody waits for them: it would take a tenth of
        the time of a request. Who looks later reads them from the store.
        """
        account, journal = pending.account, self.unauthenticated
        if account is not None:  # it may have made room, and be in memory anew
            account = self._open.get(account.key)
            if account is None or account.stored is None:
                return
            journal = account.stored.journal
        if pending.stored.repeats and not journal.has_listeners:
            journal.is_behind = True
        for entry in pending.numbered(numbers):
            # Looked at for each one: to write it may have made room in this journal, and DELETE may clear it.
            if journal.is_behind or journal.known_number < self._own_since - 1:
                return
            journal.known_number = entry.number
            super().write_entry(account, entry)

    def write_entry(self, account: Account | None, entry: JournalEntry, size: int | None = None) -> int:
        """Store one entry, and return the number that its request got; see `commit`.

        size: is not used.

        Raises `AccountsFullError` where others have taken the room for its account meanwhile.
        """
        ((number,),) = self.commit([PendingEntries.of(account, entry)])
        if not number:
            raise no_room_error()
        return number

    def poll(self) -> None:
        """Read the entries for which somebody waits, unless others are being stored; raises `StateError`."""
        journals = [account.stored.journal for account in super().list_open() if account.stored is not None]
        for journal in (self.unauthenticated, *journals):
            if journal.has_listeners:
                journal.read_new_entries(waits=False)

    def last_number(self) -> int:
        """Return the largest number that a request ever got; 0 before the first. Raises `StateError`."""
        return self._state.last_number()

    def _close_unused(self) -> None:
        """Close the least recently used account that is not in use, in memory only.

        Raises `AccountsFullError` if all are in use.
        """
        super()._close_unused()
        self._dropped.clear()  # its journal is read from the store


def no_room_error() -> AccountsFullError:
    """Return the error for an entry that was left out, though there was room when its request came."""
    return AccountsFullError(Problem("", "other new keys have taken the room for the account of this one"))
