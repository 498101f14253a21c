"""The changes of one account, on top of the world that all accounts share."""

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
    """A record refers to another one, by id, that does not exist."""


@dataclass(frozen=True)
class ChangesCopy:
    """An immutable copy of all that an account changed, made by `Changes.changes`.

    records: the new or changed records, None for a removed one. codes: the ids of the codes they have.
    removed: the ids that were ever removed. gone_codes: the codes that name no record any more.
    last: by resource the largest id ever used; under ``sales.sales-item`` that of nested records.
    """

    records: Mapping[Address, Record | None]
    codes: Mapping[tuple[str, str], int]
    removed: frozenset[Address]
    removed_codes: frozenset[tuple[str, str]]
    last: Mapping[str, int]


class Changes:
    """A world with one account's changes on top: every record is the world's unless it was changed here.

    version: the number of changes so far. What was computed from the account is current while it is the same.

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
        """The account's lock: within ``with account.lock:`` no other thread changes it."""
        return self._lock

    def find(self, resource: str, key: int) -> Record | None:
        """Return a record by its id as this account sees it; None when there is none, or it was removed."""
        record = self._changes.get((resource, key), _UNCHANGED)
        if record is _UNCHANGED:
            record = self.world.find(resource, key)
        return None if record is None else self.world.clear_references(resource, record, self._removed)

    def key_of(self, resource: str, path_value: object) -> int | None:
        """Return the id of the record that a path segment names, or None when it names none.

        path_value: an id as digits or, for a resource whose records are named by a code, that code.
        """
        code_type = self._owner(resource).code
        code = code_type.read(path_value) if code_type else None
        key = self._codes.get((resource, code)) if code else None
        if key is None:
            key = self.world.key_of(resource, path_value)
        record = self.find(resource, key) if key is not None else None
        return key if record is not None and self.world.code_of(resource, record) == code else None

    def records(self, resource: str, after: int = 0) -> Iterator[Record]:
        """Yield every record of a resource as it is now, ascending by id, from the first id above `after`."""
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
        """Store a record under an id, or remove it (`record` None); the only way anything changes.

        Checks nothing: `add`, `edit` and `remove` do. Counts up `version`.
        """
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
        """Add a record and return it as it is stored, with its id and the fields that have defaults.

        values: its fields. Without an ``id`` it gets the next one after every id there ever was.

        Raises `RecordError` with every problem of the values; so are a taken id or code, a reference to
        nothing.
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
        """Change some fields of a record and return the whole of it; None when there is no such record.

        Raises `RecordError` with every problem of the result; the id and the code cannot be changed.
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
        """Remove a record; return False when there was none. Records that refer to it stay as they are."""
        with self._lock:
            if self.find(resource, key) is None:
                return False
            self.change(resource, key, None)
            return True

    def is_removed(self, resource: str, path_value: object) -> bool:
        """Return whether a path segment named a record that this account removed."""
        code_type = self._owner(resource).code
        if code_type:
            return (resource, code_type.read(path_value)) in self._removed_codes
        return self.is_removed_id(resource, parse_id(path_value) if isinstance(path_value, str) else None)

    def _was_deleted_target(self, resource: str, key: int) -> bool:
        """Return whether the id is of a removed record that others may refer to, so it stays taken."""
        is_removed = (resource, key) in self._removed or (resource, key) in self.world.removed
        return is_removed and self.world.is_optional(resource)

    def is_removed_id(self, resource: str, key: int | None) -> bool:
        """Return whether this account removed the record with this id and did not add it again."""
        return (resource, key) in self._removed and self.find(resource, key or 0) is None

    def clear_changes(self) -> None:
        """Drop every change, so that the account sees the world as it was at the start."""
        with self._lock:
            self._changes, self._codes, self._last = {}, {}, {}
            self._removed, self._removed_codes = set(), set()
            self._record_change()

    def copy_changes(self) -> ChangesCopy:
        """Return a copy of every change, for `restore`."""
        with self._lock:
            removed, codes = frozenset(self._removed), frozenset(self._removed_codes)
            return ChangesCopy(dict(self._changes), dict(self._codes), removed, codes, dict(self._last))

    def restore_changes(self, changes: ChangesCopy) -> None:
        """Put every change back to what it was when the copy was made; later ones are dropped."""
        with self._lock:
            self._changes, self._codes = dict(changes.records), dict(changes.codes)
            self._removed, self._removed_codes = set(changes.removed), set(changes.removed_codes)
            self._last = dict(changes.last)
            self._record_change()

    def changed_records(self, resource: str) -> Iterator[Record]:
        """Yield the records that were added or changed and still exist, ascending by id."""
        keys = sorted(key for name, key in self._changes if name == resource)
        return (record for key in keys if (record := self.find(resource, key)) is not None)

    def removed_keys(self, resource: str) -> list[int]:
        """Return the ids of the records that were removed and do not exist again, ascending."""
        return sorted(k for name, k in self._removed if name == resource and self.find(resource, k) is None)

    def apply_file(self, records: Mapping[Address, Record], removed: Collection[Address]) -> None:
        """Apply the changes of a file, checked by whoever read it, on top of those there are."""
        with self._lock:
            for (resource, key), record in records.items():
                self.change(resource, key, record)
            for resource, key in sorted(removed):
                self.change(resource, key, None)

    def _record_change(self) -> None:
        """Count a change; called with the lock held. `Account` overrides it to tell its keeper too."""
        self.version += 1

    @property
    def changed(self) -> bool:
        """Whether there are changes, or ids were used up by records that are gone again."""
        return bool(self._changes or self._last)

    def next_key(self, resource: str) -> int:
        """Return the id that the next added record gets: one more than every id there ever was."""
        return max(self._last.get(resource, 0), self.world.last(resource)) + 1

    def free_code(self, resource: str) -> Any:
        """Return a code that no record has: the next id's or, if 100 ids' are taken, a spare one.

        Raises KeyError for a resource without codes, `RecordError` when all codes are in use.
        """
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
        """Remember the largest id of a record's nested records, so that it is not given out again."""
        field = self._owner(resource).nested
        if field and record is not None:
            name = f"{resource}.{field}"
            self._last[name] = max([self._last.get(name, 0), *(nested["id"] for nested in record[field])])

    def _with_line_ids(self, resource: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the values with an id that no record ever had for each nested record that has none."""
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
        """Return the values as a record; only a reference that `before` has may be to nothing."""
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
