"""The open accounts, and the rule by which one is closed to make room for another."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from fakekit.accounts.account import Account
from fakekit.accounts.account_key import DEMO_KEY
from fakekit.accounts.account_state import AccountState
from fakekit.accounts.baseline import Baseline
from fakekit.accounts.capacity import CHANGE_BYTES, JOURNAL_BYTES
from fakekit.accounts.dropped_keys import DroppedKeys
from fakekit.accounts.journal import Journal, JournalEntry
from fakekit.errors import AccountsFullError, Problem
from fakekit.unpatched import Lock

if TYPE_CHECKING:
    from fakekit.accounts.state_store import StateStore

MAX_CUSTOM_WORLDS = 100
"""How many worlds other than the server's may be in use at once."""


class Accounts:
    """The open accounts, by API key; at most `limit` of them.

    When there is no room for a new one, the least recently used account without content is closed, with its
    journal. When all journals together take more than `JOURNAL_BYTES`, the least recently used ones are
    emptied; a journal says so in `truncated`. When the changes of all accounts take more than `CHANGE_BYTES`,
    further ones are refused. Neither limit lets other keys lock ``fk_demo`` out: there is always room for its
    account, and its changes count for themselves.

    baseline: what an account starts from when `open` is given no other.
    unauthenticated: the journal of the requests without a valid key.
    state: where the accounts are stored beyond the memory of this process; None for nowhere.
    with_callbacks: as keys, accounts in which a function of a test is a stub; requests may block then.
    """

    state: StateStore | None = None

    def __init__(self, baseline: Baseline, limit: int) -> None:
        self.baseline, self.world, self.limit = baseline, baseline.world, limit
        self.unauthenticated, self.with_callbacks = Journal(), dict[AccountState, None]()
        self._open: OrderedDict[str, Account] = OrderedDict()  # the least recently used first
        self._keys_by_alias: dict[str, str] = {}
        self._lock = Lock()
        self._journal_bytes, self._change_bytes, self._written = JOURNAL_BYTES, CHANGE_BYTES, 0
        self._reserved = {True: 0, False: 0}  # by whether it is of ``fk_demo``, or of all other accounts
        self._dropped = DroppedKeys()

    def open(
        self, key: str, is_permanent: bool = False, request_count: int = 0, baseline: Baseline | None = None
    ) -> Account:
        """Return the account of a key or alias, as the most recently used.

        One that is not open is created; where there is no room, an account without content is closed for it.

        is_permanent: code outside of the registry keeps the object, so it is never closed to make room.
        request_count: how many requests to add to those in progress that change the account or wait for it.
        baseline: the world, assumptions and faults it starts from; None keeps those of an open account, and
            takes the server's for a new one. With a baseline, an account that is open is closed first, with
            all its content.

        Raises `AccountsFullError` when there is no room, or too many baselines are in use.
        """
        with self._lock:
            key = self._keys_by_alias.get(key, key)
            account = self._open.get(key)
            if baseline is not None:
                self._check_baseline_limit(baseline, key)
            # An account that is opened anew takes the place of the one before.
            if account is None and len(self._open) >= self.limit and key != DEMO_KEY:
                self._close_unused()
            if account is None or baseline is not None:
                is_dropped = key in self._dropped or (self._dropped.is_full and not is_permanent)
                truncated = is_dropped and baseline is None
                self._close(key)
                account = self._open[key] = self._make_account(key, baseline or self.baseline, truncated)
                account.with_callbacks = self.with_callbacks
            account.is_permanent = account.is_permanent or is_permanent
            account.request_count += request_count
            self._open.move_to_end(key)
            return account

    def _make_account(self, key: str, baseline: Baseline, truncated: bool) -> Account:
        """Return a new account. truncated: whether its journal lacks entries, which were dropped for room."""
        account = Account(key, baseline, Journal(truncated), baseline is not self.baseline)
        account.reserve = partial(self._reserve, key == DEMO_KEY)
        return account

    def use(self, key: str, account: Account) -> bool:
        """Mark an account as the most recently used, for a response that is given again from memory.

        Returns False, and marks nothing, when a request with this key (or alias) would now reach another
        account or none. Called by fakekit's own server before it sends a remembered response again.
        """
        with self._lock:
            if self._open.get(self._keys_by_alias.get(key, key)) is not account:
                return False
            self._open.move_to_end(account.key)
            return True

    @contextmanager
    def in_use(self, key: str, known: Account | None = None) -> Iterator[Account]:
        """Return a context manager with the account of a key; within the block it is not closed to make room.

        known: what `open` returned for the key in this request, if it did; usually it is open still.

        Raises `AccountsFullError`.
        """
        account = known
        with self._lock:
            if account is not None and self._open.get(account.key) is account:
                account.request_count += 1
            else:
                account = None
        if account is None:
            account = self.open(key, request_count=1)
        try:
            yield account
        finally:
            with self._lock:
                account.request_count -= 1

    def resolve(self, key: str) -> str:
        """Return the key of the account to which requests with a key go: itself, unless it is an alias."""
        return self._keys_by_alias.get(key, key)

    def find(self, key: str) -> Account | None:
        """Return the account of a key or alias, or None if it is not open. It does not count as use."""
        return self.find_used(self.resolve(key))

    def find_used(self, key: str) -> Account | None:
        """Return the account of a key, no alias, as this process used it last; None if it has not."""
        # Without the lock: dict.get is one step in CPython, and nothing is changed.
        return self._open.get(key)

    def refresh_unauthenticated(self) -> None:
        """Read the requests without a valid key that other processes answered, if there is a store."""

    def list_open(self) -> list[Account]:
        """Return the open accounts, the least recently used first; with a store, all that are stored."""
        return self.list_used()

    def list_used(self) -> list[Account]:
        """Return the accounts that this process has used and not closed, the least recently used first."""
        with self._lock:
            return list(self._open.values())

    def set_alias(self, alias: str, key: str | None) -> None:
        """Send requests with the key `alias` to the account of `key`; None ends it.

        The pytest plugin uses it: the code under test has one key for the whole run, and its requests reach
        the account of the running test. Raises `AccountsFullError` when there are as many aliases as
        accounts may be open.
        """
        with self._lock:
            if key is None:
                self._keys_by_alias.pop(alias, None)
                return
            if len(self._keys_by_alias) >= self.limit and alias not in self._keys_by_alias:
                description = f"{self.limit:,} aliases are in use, the most that there may be"
                raise AccountsFullError(Problem("", description, "", "fewer of them"))
            self._keys_by_alias[alias] = key

    def close(self, key: str) -> bool:
        """Close the account of a key, no alias, and drop all that is in it; return False without any."""
        with self._lock:
            return self._close(key)

    def close_all(self) -> None:
        """Close every account, and empty the journal of unauthenticated requests.

        Aliases, the keys that lead to another key's account, are dropped too.
        """
        with self._lock:
            for key in list(self._open):
                self._close(key)
            self._keys_by_alias.clear()
            self._dropped.clear()
            self.unauthenticated.clear()

    def write_entry(self, account: Account | None, entry: JournalEntry, size: int | None = None) -> int:
        """Write an entry into the journal of an account; None stands for requests without a valid key.

        Returns the number of the request.

        size: the entry's `size_in_bytes`, if the caller knows it; None to compute it.

        Empties the least recently used journals when all together take more than `JOURNAL_BYTES`.
        """
        journal = account.journal if account is not None else self.unauthenticated
        added_bytes = journal.write(entry, size)
        with self._lock:
            self._written += added_bytes
            full = self._written > self._journal_bytes
        if full:
            self._clear_old_journals()
        return entry.number

    def last_number(self) -> int:
        """Return the largest number of a request that the journals were given; 0 before the first one.

        The pytest plugin tells by it which requests came before a test. Numbers follow no clock that a test
        may freeze.
        """
        journals = [self.unauthenticated, *(account.journal for account in self.list_open())]
        return max(journal.last_number for journal in journals)

    def _reserve(self, is_demo: bool, size: int) -> None:
        """Count what an account is about to store; called by the account, with or without its own lock held.

        The count grows with every change. When it is above the limit, the accounts are measured anew:
        ``fk_demo`` alone, or all others. What their resets replaced is dropped first.

        is_demo: whether it is the account of ``fk_demo``.
        size: about how many bytes of memory it takes.

        Raises `AccountsFullError` when it would be above the limit.
        """
        with self._lock:
            if self._reserved[is_demo] + size > self._change_bytes:
                accounts = [each for key, each in self._open.items() if (key == DEMO_KEY) == is_demo]
                for account in accounts:
                    account.before_reset = None
                self._reserved[is_demo] = sum(each.size_in_bytes for each in accounts)
            if self._reserved[is_demo] + size <= self._change_bytes:
                self._reserved[is_demo] += size
                return
        limit = f"{self._change_bytes // 1024**2:,} MiB"
        description = f"changes, snapshots and faults take {limit}, so there is no room for more"
        raise AccountsFullError(Problem("", description, "", "fewer of them (reset or delete accounts)"))

    def __len__(self) -> int:
        return len(self._open)

    def _check_baseline_limit(self, baseline: Baseline, key: str) -> None:
        """Raise `AccountsFullError` if there would be too many worlds beside the server's.

        baseline: the one to add; the server's own always passes.
        key: of the account that gets it; the account's present baseline does not count.
        """
        if baseline is self.baseline:
            return
        others = [account for name, account in self._open.items() if name != key]
        in_use = {account.baseline for account in others if account.has_custom_baseline}
        if len(in_use) >= MAX_CUSTOM_WORLDS and baseline not in in_use:
            limit = f"{MAX_CUSTOM_WORLDS} worlds are in use beside the server's own"
            description = f"{limit}, so there is no room for another"
            write = "fewer of them at once (DELETE forgets an account)"
            raise AccountsFullError(Problem("", description, "", write))

    def _close(self, key: str) -> bool:
        """Close the account of a key and drop all that is in it; return False when it was not open.

        The caller holds the lock.
        """
        account = self._open.pop(key, None)
        self._dropped.discard(key)
        if account is not None:
            account.closed = True
            account.journal.close()
            self.with_callbacks.pop(account, None)
            self._written -= account.journal.size_in_bytes
        return account is not None

    def _close_unused(self) -> None:
        """Close the least recently used account without content. Raises `AccountsFullError` if all have some.

        Content is changes, snapshots, faults, a changed clock, a baseline of its own, or being in use. The
        caller holds the lock.
        """
        for key, account in self._open.items():
            if not account.has_content:
                del self._open[key]
                self._dropped.add(account)
                self._written -= account.journal.size_in_bytes
                return
        description = f"all {self.limit:,} accounts are in use, so there is no room for a new key"
        raise AccountsFullError(Problem("", description, "", "a larger --max-accounts, or use fewer keys"))

    def _clear_old_journals(self) -> None:
        """Empty journals until they take three quarters of `JOURNAL_BYTES`.

        The journal of unauthenticated requests is the first, then those of the least recently used accounts.
        """
        with self._lock:
            ordered = [self.unauthenticated, *(account.journal for account in self._open.values())]
            total_bytes = sum(journal.size_in_bytes for journal in ordered)
            for journal in ordered:
                if total_bytes <= self._journal_bytes * 3 // 4:  # so that the next one is not at the limit
                    break
                total_bytes -= journal.size_in_bytes
                journal.clear_for_space()
            self._written = total_bytes
