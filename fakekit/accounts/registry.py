"""The accounts that are open, and which of them makes room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from fakekit.accounts.account import Account
from fakekit.accounts.baseline import Ground
from fakekit.accounts.journal import Entry, Journal
from fakekit.errors import AccountsFullError, Problem

JOURNAL_BYTES = 48 * 1024 * 1024
"""About how much the journals of all accounts may take together."""
GROUNDS = 100
"""How many worlds that are not everybody's may be in use at once."""


class Accounts:
    """The accounts that are open, at most `limit` of them.

    An account with nothing in it to keep makes room for another, the least recently used first. So do the
    journals, when they take too much together; a journal says so.

    ground: what an account stands on that was given nothing else.
    strangers: the journal of the requests without a valid key.
    """

    def __init__(self, ground: Ground, limit: int, journal_bytes: int = JOURNAL_BYTES) -> None:
        self.ground, self.world, self.limit = ground, ground.world, limit
        self.strangers = Journal()
        self._open: OrderedDict[str, Account] = OrderedDict()
        self._aliases: dict[str, str] = {}
        self._lock = Lock()
        self._journal_bytes, self._written = journal_bytes, 0
        self._forgot = False

    def open(self, key: str, hold: bool = False, users: int = 0, ground: Ground | None = None) -> Account:
        """The account of a key, opened on first use. Raises `AccountsFullError`.

        hold: somebody keeps the account itself and not only its key, so it may not make room.
        users: how many more requests are under way that change it or wait for it.
        ground: what it stands on, when it is opened; one that is open is forgotten first.
        """
        with self._lock:
            key = self._aliases.get(key, key)
            account = self._open.get(key)
            self._must_have_room_for(ground, key)
            if account is not None and ground is not None:
                self._forget(key)
                account = None
            if account is None:
                if len(self._open) >= self.limit:
                    self._make_room()
                journal = Journal(truncated=self._forgot and not hold and ground is None)
                account = Account(key, ground or self.ground, journal, own=ground not in (None, self.ground))
                self._open[key] = account
            account.held = account.held or hold
            account.users += users
            self._open.move_to_end(key)
            return account

    @contextmanager
    def using(self, key: str) -> Iterator[Account]:
        """The account of a key; until this ends it does not make room. Raises `AccountsFullError`."""
        account = self.open(key, users=1)
        try:
            yield account
        finally:
            with self._lock:
                account.users -= 1

    @contextmanager
    def writing(self, key: str) -> Iterator[Account]:
        """The same for a request that may change it: nobody else does meanwhile."""
        with self.using(key) as account, account.changing:
            yield account

    def known(self, key: str) -> Account | None:
        """The account of a key if it is open; looking does not count as use."""
        return self._open.get(self._aliases.get(key, key))

    def all(self) -> list[Account]:
        """Those that are open, the least recently used first."""
        with self._lock:
            return list(self._open.values())

    def name(self, alias: str, key: str | None) -> None:
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
            return self._forget(key)

    def close_all(self) -> None:
        """Forget every account."""
        with self._lock:
            for key in list(self._open):
                self._forget(key)
            self._aliases.clear()
            self.strangers.forget()

    def write_down(self, account: Account | None, entry: Entry) -> None:
        """Write a request into the journal it belongs to."""
        journal = account.journal if account is not None else self.strangers
        grown = journal.write(entry)
        with self._lock:
            self._written += grown
            full = self._written > self._journal_bytes
        if full:
            self._make_room_in_journals()

    def __len__(self) -> int:
        return len(self._open)

    def _must_have_room_for(self, ground: Ground | None, key: str) -> None:
        """Raises `AccountsFullError`. What the key stands on now, makes room."""
        if ground in (None, self.ground):
            return
        others = {account.ground for name, account in self._open.items() if account.own and name != key}
        if len(others) >= GROUNDS and ground not in others:
            what = f"{GROUNDS} worlds are in use beside the server's own, so there is no room for another"
            raise AccountsFullError(
                Problem("", what, "", "fewer of them at once (DELETE forgets an account)")
            )

    def _forget(self, key: str) -> bool:
        account = self._open.pop(key, None)
        if account is not None:
            account.closed = True
            self._written -= account.journal.weight
        return account is not None

    def _make_room(self) -> None:
        for key, account in self._open.items():
            if not account.kept:
                del self._open[key]
                self._forgot = True
                self._written -= account.journal.weight
                return
        what = f"all {self.limit:,} accounts are in use, so there is no room for a new key"
        raise AccountsFullError(Problem("", what, "", "a larger --max-accounts, or use fewer keys"))

    def _make_room_in_journals(self) -> None:
        """Empty journals, the least recently used accounts' first, to three quarters of what there may be."""
        with self._lock:
            journals = [account.journal for account in self._open.values()]
            weight = sum(journal.weight for journal in journals) + self.strangers.weight
            for journal in [self.strangers, *journals]:
                if weight <= self._journal_bytes * 3 // 4:
                    break
                weight -= journal.weight
                journal.make_room()
            self._written = weight
