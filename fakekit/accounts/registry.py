"""The accounts that are open, and which of them makes room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from fakekit.accounts.account import Account
from fakekit.accounts.baseline import Baseline
from fakekit.accounts.journal import Journal, JournalEntry
from fakekit.errors import AccountsFullError, Problem

JOURNAL_BYTES = 48 * 1024 * 1024
"""About how much the journals of all accounts may take together."""
MAX_CUSTOM_WORLDS = 100
"""How many worlds other than the server's may be in use at once."""


class Accounts:
    """The accounts that are open, at most `limit` of them.

    An account with nothing in it to keep makes room for another, the least recently used first. So do the
    journals, when they take too much together; a journal says so.

    baseline: what an account starts from that was given nothing else.
    unauthenticated: the journal of the requests without a valid key.
    """

    def __init__(self, baseline: Baseline, limit: int, journal_bytes: int = JOURNAL_BYTES) -> None:
        self.baseline, self.world, self.limit = baseline, baseline.world, limit
        self.unauthenticated = Journal()
        self._open: OrderedDict[str, Account] = OrderedDict()
        self._aliases: dict[str, str] = {}
        self._lock = Lock()
        self._journal_bytes, self._written = journal_bytes, 0
        self._has_deleted = False

    def open(
        self, key: str, is_held: bool = False, users: int = 0, baseline: Baseline | None = None
    ) -> Account:
        """The account of a key, opened on first use. Raises `AccountsFullError`.

        is_held: somebody keeps the account itself and not only its key, so it may not make room.
        users: how many more requests are under way that change it or wait for it.
        baseline: what it starts from, when it is opened; one that is open is forgotten first.
        """
        with self._lock:
            key = self._aliases.get(key, key)
            account = self._open.get(key)
            self._check_baseline_limit(baseline, key)
            if account is not None and baseline is not None:
                self._delete(key)
                account = None
            if account is None:
                if len(self._open) >= self.limit:
                    self._delete_unused()
                journal = Journal(truncated=self._has_deleted and not is_held and baseline is None)
                account = Account(
                    key,
                    baseline or self.baseline,
                    journal,
                    has_own_baseline=baseline not in (None, self.baseline),
                )
                self._open[key] = account
            account.is_held = account.is_held or is_held
            account.users += users
            self._open.move_to_end(key)
            return account

    @contextmanager
    def in_use(self, key: str) -> Iterator[Account]:
        """The account of a key; until this ends it does not make room. Raises `AccountsFullError`."""
        account = self.open(key, users=1)
        try:
            yield account
        finally:
            with self._lock:
                account.users -= 1

    @contextmanager
    def open_for_write(self, key: str) -> Iterator[Account]:
        """The same for a request that may change it: nobody else does meanwhile."""
        with self.in_use(key) as account, account.lock:
            yield account

    def find(self, key: str) -> Account | None:
        """The account of a key if it is open; looking does not count as use."""
        return self._open.get(self._aliases.get(key, key))

    def all(self) -> list[Account]:
        """Those that are open, the least recently used first."""
        with self._lock:
            return list(self._open.values())

    def alias(self, alias: str, key: str | None) -> None:
        """Let requests with one key come to the account of another; None ends it.

        Raises `AccountsFullError` when there are too many such keys.
        """
        with self._lock:
            if key is None:
                self._aliases.pop(alias, None)
                return
            if len(self._aliases) >= self.limit and alias not in self._aliases:
                raise AccountsFullError(
                    Problem("", f"{self.limit:,} keys stand for others", "", "fewer of them")
                )
            self._aliases[alias] = key

    def close(self, key: str) -> bool:
        """Forget an account and all that is in it; whether there was one."""
        with self._lock:
            return self._delete(key)

    def close_all(self) -> None:
        """Forget every account."""
        with self._lock:
            for key in list(self._open):
                self._delete(key)
            self._aliases.clear()
            self.unauthenticated.clear()

    def write_down(self, account: Account | None, entry: JournalEntry) -> None:
        """Write a request into the journal it belongs to."""
        journal = account.journal if account is not None else self.unauthenticated
        added_bytes = journal.write(entry)
        with self._lock:
            self._written += added_bytes
            full = self._written > self._journal_bytes
        if full:
            self._shrink_journals()

    def __len__(self) -> int:
        return len(self._open)

    def _check_baseline_limit(self, baseline: Baseline | None, key: str) -> None:
        """Raises `AccountsFullError`. What the key stands on now, makes room."""
        if baseline in (None, self.baseline):
            return
        in_use = {
            account.baseline
            for name, account in self._open.items()
            if account.has_own_baseline and name != key
        }
        if len(in_use) >= MAX_CUSTOM_WORLDS and baseline not in in_use:
            limit = f"{MAX_CUSTOM_WORLDS} worlds are in use beside the server's own"
            what = f"{limit}, so there is no room for another"
            raise AccountsFullError(
                Problem("", what, "", "fewer of them at once (DELETE forgets an account)")
            )

    def _delete(self, key: str) -> bool:
        account = self._open.pop(key, None)
        if account is not None:
            account.closed = True
            self._written -= account.journal.size_in_bytes
        return account is not None

    def _delete_unused(self) -> None:
        for key, account in self._open.items():
            if not account.has_content:
                del self._open[key]
                self._has_deleted = True
                self._written -= account.journal.size_in_bytes
                return
        what = f"all {self.limit:,} accounts are in use, so there is no room for a new key"
        raise AccountsFullError(Problem("", what, "", "a larger --max-accounts, or use fewer keys"))

    def _shrink_journals(self) -> None:
        """Empty journals, the least recently used accounts' first, to three quarters of what there may be."""
        with self._lock:
            journals = [account.journal for account in self._open.values()]
            weight = sum(journal.size_in_bytes for journal in journals) + self.unauthenticated.size_in_bytes
            for journal in [self.unauthenticated, *journals]:
                if weight <= self._journal_bytes * 3 // 4:
                    break
                weight -= journal.size_in_bytes
                journal.clear_for_space()
            self._written = weight
