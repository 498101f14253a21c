"""Accounts: what each key changed, and nothing else."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from fakekit.contract.schema import FieldProblem, Record, RecordError
from fakekit.errors import AccountsFullError, Problem, show
from fakekit.world.world import Address, World

_UNCHANGED: Any = object()


class Account:
    """One key's view: the world all keys share, overlaid by what this key changed.

    held: somebody keeps the account itself, so it may not make room for another.
    closed: it was forgotten; what is changed in it now, no request will see.
    version: counts the changes, so that what was derived from a version can be told from what was not.

    Every method may be called from any thread; a check and the change it allows are one step.
    """

    def __init__(self, key: str, world: World) -> None:
        self.key, self.world, self.version = key, world, 0
        self.held = self.closed = False
        self._changes: dict[Address, Record | None] = {}
        self._last: dict[str, int] = {}
        self._lock = threading.RLock()

    def find(self, resource: str, key: int) -> Record | None:
        """A record, or None: what this account changed wins."""
        changed = self._changes.get((resource, key), _UNCHANGED)
        return self.world.find(resource, key) if changed is _UNCHANGED else changed

    def change(self, resource: str, key: int, record: Record | None) -> None:
        """Let a record be this, or (None) be gone. The only way anything ever changes."""
        with self._lock:
            self._changes[resource, key] = record
            self._last[resource] = max(key, self._last.get(resource, 0))
            self.version += 1

    def add(self, resource: str, values: Mapping[str, Any]) -> Record:
        """A new record; its id continues after every id there ever was, unless `values` has one.

        Raises `RecordError` with every problem of the values.
        """
        declared = self.world.resources[resource]
        with self._lock:
            key = values.get(declared.key)
            if key is None:
                key = self.next_key(resource)
            elif type(key) is int and self.find(resource, key) is not None:
                problem = FieldProblem(
                    declared.key, f"is the {declared.key} of a record that exists", show(key)
                )
                raise RecordError([problem])
            record = self._checked(resource, {**values, declared.key: key})
            self.change(resource, record[declared.key], record)
            return record

    def edit(self, resource: str, key: int, values: Mapping[str, Any]) -> Record | None:
        """A record with some of its fields changed; None when there is no such record.

        Raises `RecordError` with every problem of the result.
        """
        declared = self.world.resources[resource]
        with self._lock:
            before = self.find(resource, key)
            if before is None:
                return None
            if values.get(declared.key, key) != key:
                problem = FieldProblem(declared.key, "cannot be changed", show(values[declared.key]))
                raise RecordError([problem])
            record = self._checked(resource, {**before, **values})
            self.change(resource, key, record)
            return record

    def remove(self, resource: str, key: int) -> bool:
        """Let a record be gone; False when it was not there."""
        with self._lock:
            if self.find(resource, key) is None:
                return False
            self.change(resource, key, None)
            return True

    def reset(self) -> None:
        """Drop every change: the account is as it was when it was opened."""
        with self._lock:
            self._changes = {}
            self._last = {}
            self.version += 1

    @property
    def changed(self) -> bool:
        """Whether this account differs from the world."""
        return bool(self._changes)

    def next_key(self, resource: str) -> int:
        """The id that the next added record gets: after every id there ever was, the removed ones too."""
        return max(self._last.get(resource, 0), self.world.last(resource)) + 1

    def _checked(self, resource: str, values: Mapping[str, Any]) -> Record:
        """The values as a record of the contract, its references included."""
        schema = self.world.resources[resource].schema
        record = schema.read(values)
        problems = [
            FieldProblem(name, f"names a record of {target} that does not exist", show(record[name]))
            for name, target in schema.references().items()
            if record[name] is not None and self.find(target, record[name]) is None
        ]
        if problems:
            raise RecordError(problems)
        return record


class Accounts:
    """The accounts that are open, at most `limit` of them.

    An unchanged account is nothing but its key, so the least recently used of those makes room.
    """

    def __init__(self, world: World, limit: int) -> None:
        self.world, self.limit = world, limit
        self._open: OrderedDict[str, Account] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, key: str, hold: bool = False) -> Account:
        """The account of a key, opened on first use. Raises `AccountsFullError`.

        hold: somebody keeps the account itself and not only its key, so it may not make room.
        """
        with self._lock:
            account = self._open.get(key)
            if account is None:
                if len(self._open) >= self.limit:
                    self._make_room()
                account = self._open[key] = Account(key, self.world)
            account.held = account.held or hold
            self._open.move_to_end(key)
            return account

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
            if not (account.changed or account.held):
                del self._open[key]
                return
        what = f"all {self.limit:,} accounts are in use, so there is no room for a new key"
        raise AccountsFullError(Problem("", what, "", "a larger --max-accounts, or use fewer keys"))
