"""Accounts: what each key changed, and nothing else."""

from __future__ import annotations

import threading
from collections import OrderedDict

from fakekit.contract.schema import Record
from fakekit.errors import AccountsFullError, Problem
from fakekit.world.world import Address, World


class Account:
    """One key's view: the world all keys share, overlaid by what this key changed.

    version: counts the changes, so that what was derived from a version can be told from what was not.
    """

    def __init__(self, key: str, world: World) -> None:
        self.key, self.world, self.version = key, world, 0
        self._changes: dict[Address, Record | None] = {}
        self._lock = threading.RLock()

    def find(self, resource: str, key: int) -> Record | None:
        """A record, or None: what this account changed wins."""
        address = (resource, key)
        changes = self._changes
        return changes[address] if address in changes else self.world.find(resource, key)

    def change(self, resource: str, key: int, record: Record | None) -> None:
        """Let a record be this, or (None) be gone. The only way anything ever changes."""
        with self._lock:
            self._changes = {**self._changes, (resource, key): record}
            self.version += 1

    @property
    def changed(self) -> bool:
        """Whether this account differs from the world."""
        return bool(self._changes)


class Accounts:
    """The accounts that are open, at most `limit` of them.

    An unchanged account is nothing but its key, so the least recently used of those makes room.
    """

    def __init__(self, world: World, limit: int) -> None:
        self.world, self.limit = world, limit
        self._open: OrderedDict[str, Account] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, key: str) -> Account:
        """The account of a key, opened on first use. Raises `AccountsFullError`."""
        with self._lock:
            account = self._open.get(key)
            if account is None:
                if len(self._open) >= self.limit:
                    self._make_room()
                account = self._open[key] = Account(key, self.world)
            self._open.move_to_end(key)
            return account

    def __len__(self) -> int:
        return len(self._open)

    def _make_room(self) -> None:
        for key, account in self._open.items():
            if not account.changed:
                del self._open[key]
                return
        what = f"all {self.limit:,} accounts hold changes, so there is no room for a new key"
        raise AccountsFullError(Problem("", what, "", "a larger --max-accounts, or use fewer keys"))
