"""The accounts that are open, and which of them makes room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from fakekit.errors import AccountsFullError, Problem
from fakekit.serving.account import Account
from fakekit.world.world import World


class Accounts:
    """The accounts that are open, at most `limit` of them.

    An unchanged account is nothing but its key, so the least recently used of those makes room.
    """

    def __init__(self, world: World, limit: int) -> None:
        self.world, self.limit = world, limit
        self._open: OrderedDict[str, Account] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, key: str, hold: bool = False, writers: int = 0) -> Account:
        """The account of a key, opened on first use. Raises `AccountsFullError`.

        hold: somebody keeps the account itself and not only its key, so it may not make room.
        writers: how many more requests that may change it are under way.
        """
        with self._lock:
            account = self._open.get(key)
            if account is None:
                if len(self._open) >= self.limit:
                    self._make_room()
                account = self._open[key] = Account(key, self.world)
            account.held = account.held or hold
            account.writers += writers
            self._open.move_to_end(key)
            return account

    @contextmanager
    def writing(self, key: str) -> Iterator[Account]:
        """The account of a key for a request that may change it: until it ends it does not make room.

        Nobody else changes it meanwhile. Raises `AccountsFullError`.
        """
        account = self.open(key, writers=1)
        try:
            with account.changing:
                yield account
        finally:
            with self._lock:
                account.writers -= 1

    def close(self, key: str) -> None:
        """Forget an account and its changes, if there is one."""
        with self._lock:
            account = self._open.pop(key, None)
            if account:
                account.closed = True

    def close_all(self) -> None:
        """Forget every account."""
        with self._lock:
            for account in self._open.values():
                account.closed = True
            self._open.clear()

    def __len__(self) -> int:
        return len(self._open)

    def _make_room(self) -> None:
        for key, account in self._open.items():
            if not (account.changed or account.held or account.writers):
                del self._open[key]
                return
        what = f"all {self.limit:,} accounts are in use, so there is no room for a new key"
        raise AccountsFullError(Problem("", what, "", "a larger --max-accounts, or use fewer keys"))
