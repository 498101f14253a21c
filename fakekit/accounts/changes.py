"""What one account changed, laid over the world that all of them share."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain, count, dropwhile
from threading import RLock
from typing import Any

from fakekit.contract.endpoint import Resource
from fakekit.contract.numbers import parse_id
from fakekit.contract.schema import FieldProblem, Record, RecordError
from fakekit.errors import show
from fakekit.world.world import Address, World

_UNCHANGED: Any = object()


class UnknownReferenceError(RecordError):
    """A record names others that do not exist."""


@dataclass(frozen=True)
class ChangesCopy:
    """A copy of all that an account changed. Records are never changed in place, so they are shared."""

    records: Mapping[Address, Record | None]
    codes: Mapping[tuple[str, str], int]
    removed: frozenset[Address]
    removed_codes: frozenset[tuple[str, str]]
    last: Mapping[str, int]


class Changes:
    """One view of a world: as it is, but for what was changed here.

    version: counts the changes, so that what was derived from a version can be told from what was not.

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
        """Held (``with account.changing:``), nobody else changes it."""
        return self._lock

    def find(self, resource: str, key: int) -> Record | None:
        """A record, or None: what this account changed wins."""
        record = self._changes.get((resource, key), _UNCHANGED)
        if record is _UNCHANGED:
            record = self.world.find(resource, key)
        return None if record is None else self.world.clear_references(resource, record, self._removed)

    def key_of(self, resource: str, path_value: object) -> int | None:
        """The id of the record that a path names so; None when there is none, or cannot be one."""
        code_type = self._owner(resource).code
        code = code_type.read(path_value) if code_type else None
        key = self._codes.get((resource, code)) if code else None
        if key is None:
            key = self.world.key_of(resource, path_value)
        record = self.find(resource, key) if key is not None else None
        return key if record is not None and self.world.code_of(resource, record) == code else None

    def records(self, resource: str, after: int = 0) -> Iterator[Record]:
        """Every record of a resource as it is now, ascending by id; those with a larger id than `after`."""
        with self._lock:
            changes = {key: record for (name, key), record in self._changes.items() if name == resource}
        added = sorted(key for key in changes if self.world.find(resource, key) is None)
        keys = heapq.merge(self.world.keys(resource), added)
        for key in dropwhile(lambda known: known <= after, keys):
            record = changes.get(key, _UNCHANGED)
            if record is _UNCHANGED:
                record = self.world.find(resource, key)
            if record is not None:
                yield self.world.clear_references(resource, record, self._removed)

    def change(self, resource: str, key: int, record: Record | None) -> None:
        """Let a record be this, or (None) be gone. The only way anything ever changes."""
        with self._lock:
            before = self.find(resource, key)
            old = self.world.code_of(resource, before) if before is not None else None
            new = self.world.code_of(resource, record) if record is not None else None
            if record is None and self.world.find(resource, key) is None:
                self._changes.pop((resource, key), None)
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
            self._note_nested(resource, record)
            self._record_change()

    def add(self, resource: str, values: Mapping[str, Any]) -> Record:
        """A new record; its id continues after every id there ever was, unless `values` has one.

        Raises `RecordError` with every problem of the values.
        """
        with self._lock:
            key = values.get("id")
            if key is None:
                key = self.next_key(resource)
            elif type(key) is int and self.find(resource, key) is not None:
                raise RecordError([FieldProblem("id", "is the id of a record that exists", show(key))])
            elif type(key) is int and self._was_deleted_target(resource, key):
                what = "is the id of a record that was removed, and those that named it name nothing now"
                raise RecordError([FieldProblem("id", what, show(key))])
            record = self._checked(resource, {**values, "id": key}, {})
            code = self.world.code_of(resource, record)
            if code is not None and self.key_of(resource, record[self._owner(resource).key]) is not None:
                field = self._owner(resource).key
                raise RecordError([FieldProblem(field, "is another record's", show(record[field]))])
            self.change(resource, record["id"], record)
            return record

    def edit(self, resource: str, key: int, values: Mapping[str, Any]) -> Record | None:
        """A record with some of its fields changed; None when there is no such record.

        Raises `RecordError` with every problem of the result.
        """
        with self._lock:
            before = self.find(resource, key)
            if before is None:
                return None
            problems = [
                FieldProblem(name, "cannot be changed", show(values[name]))
                for name in dict.fromkeys(("id", self._owner(resource).key))
                if values.get(name, before[name]) != before[name]
            ]
            if problems:
                raise RecordError(problems)
            record = self._checked(resource, {**before, **values}, before)
            self.change(resource, key, record)
            return record

    def remove(self, resource: str, key: int) -> bool:
        """Let a record be gone; False when it was not there."""
        with self._lock:
            if self.find(resource, key) is None:
                return False
            self.change(resource, key, None)
            return True

    def is_removed(self, resource: str, path_value: object) -> bool:
        """Whether a path names a record so that this account removed."""
        code_type = self._owner(resource).code
        if code_type:
            return (resource, code_type.read(path_value)) in self._removed_codes
        return self.is_removed_id(resource, parse_id(path_value) if isinstance(path_value, str) else None)

    def _was_deleted_target(self, resource: str, key: int) -> bool:
        """Whether a record was removed that others may have named."""
        is_removed = (resource, key) in self._removed or (resource, key) in self.world.removed
        return is_removed and self.world.is_optional(resource)

    def is_removed_id(self, resource: str, key: int | None) -> bool:
        """The same of an id."""
        return (resource, key) in self._removed and self.find(resource, key or 0) is None

    def clear_changes(self) -> None:
        """Drop every change: all is as it was at the start."""
        with self._lock:
            self._changes, self._codes, self._last = {}, {}, {}
            self._removed, self._removed_codes = set(), set()
            self._record_change()

    def copy_changes(self) -> ChangesCopy:
        """A copy of every change, to go back to."""
        with self._lock:
            removed, codes = frozenset(self._removed), frozenset(self._removed_codes)
            return ChangesCopy(dict(self._changes), dict(self._codes), removed, codes, dict(self._last))

    def restore_changes(self, changes: ChangesCopy) -> None:
        """Let every change be what it was when the copy was made."""
        with self._lock:
            self._changes, self._codes = dict(changes.records), dict(changes.codes)
            self._removed, self._removed_codes = set(changes.removed), set(changes.removed_codes)
            self._last = dict(changes.last)
            self._record_change()

    def changed_records(self, resource: str) -> Iterator[Record]:
        """Those that were added or changed, ascending by id."""
        keys = sorted(key for name, key in self._changes if name == resource)
        return (record for key in keys if (record := self.find(resource, key)) is not None)

    def removed_keys(self, resource: str) -> list[int]:
        """The ids of those that were removed and are not there again."""
        return sorted(k for name, k in self._removed if name == resource and self.find(resource, k) is None)

    def apply_file(self, records: Mapping[Address, Record], removed: Collection[Address]) -> None:
        """Change as a file of changes says, on top of what there is."""
        with self._lock:
            for (resource, key), record in records.items():
                self.change(resource, key, record)
            for resource, key in sorted(removed):
                self.change(resource, key, None)

    def _record_change(self) -> None:
        """Something changed, under the lock."""
        self.version += 1

    @property
    def changed(self) -> bool:
        """Whether anything was changed."""
        return bool(self._changes or self._last)

    def next_key(self, resource: str) -> int:
        """The id that the next added record gets: after every id there ever was, the removed ones too."""
        return max(self._last.get(resource, 0), self.world.last(resource)) + 1

    def free_code(self, resource: str) -> Any:
        """A code that no record has; KeyError for a resource whose records have none."""
        code = self.world.resources[resource].code
        if code is None:
            raise KeyError(resource)
        key = self.next_key(resource)
        codes = (code.spell(self.world.seed, k) for k in range(key, key + 100))
        for free in chain(codes, code.spare):
            if self.key_of(resource, free) is None:
                return free
        raise RecordError([FieldProblem(code.field, "has no value left that no record has")])

    def _owner(self, resource: str) -> Resource:
        return self.world.resources[resource]

    def _note_nested(self, resource: str, record: Record | None) -> None:
        field = self._owner(resource).nested
        if field and record is not None:
            name = f"{resource}.{field}"
            self._last[name] = max([self._last.get(name, 0), *(nested["id"] for nested in record[field])])

    def _with_line_ids(self, resource: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values with an id for each nested record that has none, which nobody had before."""
        owner = self._owner(resource)
        nested = values.get(owner.nested) if owner.nested else None
        if not isinstance(nested, list):
            return values
        used_ids = (
            self._last.get(f"{resource}.{owner.nested}", 0),
            self.world.largest(resource, owner.nested),
        )
        next_ids = count(max(*used_ids, (self.world.generated(resource) + 1) * owner.spacing) + 1)
        lines = [
            {"id": next(next_ids), **line} if isinstance(line, Mapping) and line.get("id") is None else line
            for line in nested
        ]
        return {**values, owner.nested: lines}

    def _checked(self, resource: str, values: Mapping[str, Any], before: Record) -> Record:
        """The values as a record of the contract; what it names anew must exist."""
        schema = self._owner(resource).shape
        record = schema.read(self._with_line_ids(resource, values))
        problems = [
            FieldProblem(name, f"names a record of {field.to} that does not exist", show(record[name]))
            for name, field in schema.references().items()
            if record[name] is not None
            and record[name] != before.get(name)
            and self.find(field.to, field.target(record[name]) or 0) is None
        ]
        if problems:
            raise UnknownReferenceError(problems)
        return record
