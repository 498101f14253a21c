"""The changes of one account, on top of the world that all accounts share."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

from fakekit.contract.endpoint import Resource
from fakekit.contract.ids import parse_id
from fakekit.contract.schema import Record
from fakekit.unpatched import RLock
from fakekit.world.world import Address, World

_UNCHANGED: Any = object()


@dataclass(frozen=True)
class ChangesCopy:
    """An immutable copy of everything that an account changed, made by `Changes.copy_changes`.

    records: the added or changed records; None for a removed one.
    codes: by resource and code the ids of these records, where records have codes.
    removed: resource and id of every record that was ever removed.
    removed_codes: resource and code, for codes that no longer belong to a record.
    last: by resource the largest id ever used; under ``sales.sales-item`` that of nested records.
    """

    records: Mapping[Address, Record | None]
    codes: Mapping[tuple[str, str], int]
    removed: frozenset[Address]
    removed_codes: frozenset[tuple[str, str]]
    last: Mapping[str, int]


class Changes:
    """A world with one account's changes on top: every record is the world's unless it was changed here.

    world: the records before any change.
    version: the number of changes so far. A cached result stays valid while it is the same.

    Every method may be called from any thread; a check and the change it allows are one step.
    """

    def __init__(self, world: World) -> None:
        self.world, self.version = world, 0
        self._changes: dict[Address, Record | None] = {}
        self._codes: dict[tuple[str, str], int] = {}
        self._removed: set[Address] = set()
        self._removed_codes: set[tuple[str, str]] = set()
        self._last: dict[str, int] = {}
        self._lock = RLock()

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """The account's reentrant lock: within ``with account.lock:`` no other thread changes the account."""
        return self._lock

    def find(self, resource: str, key: int) -> Record | None:
        """Return a record by its id as this account sees it; None when there is none, or it was removed.

        An optional reference to a removed record is null in the result.
        """
        record = self._changes.get((resource, key), _UNCHANGED)
        if record is _UNCHANGED:
            record = self.world.find(resource, key)
        return None if record is None else self.world.clear_references(resource, record, self._removed)

    def key_of(self, resource: str, path_value: object) -> int | None:
        """Return the id of the record that a path segment identifies; None when there is no such record.

        path_value: an id in digits or, for a resource whose records have codes, a code: ``Jce84a50``.
        """
        code_type = self._resource_of(resource).code
        code = code_type.parse(path_value) if code_type else None
        key = self._codes.get((resource, code)) if code else None
        if key is None:
            key = self.world.key_of(resource, path_value)
        record = self.find(resource, key) if key is not None else None
        return key if record is not None and self.world.code_of(resource, record) == code else None

    def records(self, resource: str, after: int = 0) -> Iterator[Record]:
        """Yield every record of a resource as this account sees it, in ascending order of id.

        after: only records with a larger id.
        """
        # Held for the copy only: a list of many records must not block those that write.
        with self._lock:
            changes = {key: record for (name, key), record in self._changes.items() if name == resource}
        added = sorted(key for key in changes if self.world.find(resource, key) is None)
        keys = heapq.merge(self.world.ids(resource), added)
        for key in dropwhile(lambda known: known <= after, keys):
            record = changes.get(key, _UNCHANGED)
            if record is _UNCHANGED:
                record = self.world.find(resource, key)
            if record is not None:
                yield self.world.clear_references(resource, record, self._removed)

    def change(self, resource: str, key: int, record: Record | None) -> None:
        """Store a record under an id, or remove it (`record` is None), and count up `version`.

        All changes end here. It validates nothing: callers do, see `fakekit.accounts.checked_changes`.
        """
        with self._lock:
            before = self.find(resource, key)
            old = self.world.code_of(resource, before) if before is not None else None
            new = self.world.code_of(resource, record) if record is not None else None
            if record is None and self.world.find(resource, key) is None:
                self._changes.pop((resource, key), None)  # only this account had it: nothing to hide
            else:
                self._changes[resource, key] = record
            # A reader does not wait: a code leads to its record before and after, whatever comes between.
            if new is not None:
                self._codes[resource, new] = key
                self._removed_codes.discard((resource, new))
            if old is not None and old != new:
                self._codes.pop((resource, old), None)
                self._removed_codes.add((resource, old))
            if record is None:
                self._removed.add((resource, key))
            self._last[resource] = max(key, self._last.get(resource, 0))
            self._track_nested_ids(resource, record)
            self._record_change()

    def is_removed(self, resource: str, path_value: object) -> bool:
        """Return whether a path segment identifies a record that this account removed.

        path_value: an id in digits, or a code. Used for the note of a 404.
        """
        code_type = self._resource_of(resource).code
        if code_type:
            return (resource, code_type.parse(path_value)) in self._removed_codes
        return self.is_removed_id(resource, parse_id(path_value) if isinstance(path_value, str) else None)

    def is_removed_id(self, resource: str, key: int | None) -> bool:
        """Return whether this account removed the record with this id and did not add it again.

        For the note of a 404.

        key: None, for a path segment that is no id, gives False.
        """
        return (resource, key) in self._removed and self.find(resource, key or 0) is None

    def clear_changes(self) -> None:
        """Drop every change, so that the account sees the world as at the start. Counts up `version`."""
        with self._lock:
            self._changes, self._codes, self._last = {}, {}, {}
            self._removed, self._removed_codes = set(), set()
            self._record_change()

    def copy_changes(self) -> ChangesCopy:
        """Return an immutable copy of every change, for a snapshot; `restore_changes` goes back to it."""
        with self._lock:
            removed, codes = frozenset(self._removed), frozenset(self._removed_codes)
            return ChangesCopy(dict(self._changes), dict(self._codes), removed, codes, dict(self._last))

    def restore_changes(self, changes: ChangesCopy) -> None:
        """Replace all changes by those of a snapshot's copy, made by `copy_changes`.

        Changes made after the copy are lost. Counts up `version`.
        """
        with self._lock:
            self._changes, self._codes = dict(changes.records), dict(changes.codes)
            self._removed, self._removed_codes = set(changes.removed), set(changes.removed_codes)
            self._last = dict(changes.last)
            self._record_change()

    def changed_records(self, resource: str) -> Iterator[Record]:
        """Return an iterator over the added or changed records that still exist, in ascending order of id.

        For an export of the account, and for the file of ``--changes``.
        """
        keys = sorted(key for name, key in self._changes if name == resource)
        return (record for key in keys if (record := self.find(resource, key)) is not None)

    def removed_ids(self, resource: str) -> list[int]:
        """Return the ids of removed records, ascending, without those that were added again.

        For an export of the account, and for the file of ``--changes``.
        """
        return sorted(k for name, k in self._removed if name == resource and self.find(resource, k) is None)

    def apply_file(self, records: Mapping[Address, Record], removed: Collection[Address]) -> None:
        """Add the changes in a file of ``--changes`` to the present ones. The caller has validated them.

        records: by resource and id.
        removed: resource and id of the records to remove.
        """
        with self._lock:
            for (resource, key), record in records.items():
                self.change(resource, key, record)
            for resource, key in sorted(removed):
                self.change(resource, key, None)

    def _record_change(self) -> None:
        """Count a change in `version`. The caller holds the lock.

        `Account` overrides this to call `on_change` too.
        """
        self.version += 1

    @property
    def has_changes(self) -> bool:
        """Whether there are changes, or ids that were used up by records added and removed again."""
        return bool(self._changes or self._last)

    def next_id(self, resource: str) -> int:
        """Return the id for the next added record: one more than every id there ever was."""
        return max(self._last.get(resource, 0), self.world.max_id(resource)) + 1

    def _resource_of(self, resource: str) -> Resource:
        """Return the declaration of a resource (schema, code, endpoints) by its name, ``customers``.

        Raises KeyError for an unknown name.
        """
        return self.world.resources[resource]

    def _track_nested_ids(self, resource: str, record: Record | None) -> None:
        """Remember the largest id of a record's nested records, so that it is not given out again.

        record: with, for example, the lines of a sale; None, for a removed record, changes nothing.
        """
        field = self._resource_of(resource).nested
        if field and record is not None:
            name = f"{resource}.{field}"
            self._last[name] = max([self._last.get(name, 0), *(nested["id"] for nested in record[field])])
