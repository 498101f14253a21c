"""The changes of one account, on top of the world that all accounts share."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from fakekit.accounts.store import ChangeStore
from fakekit.contract.ids import parse_id
from fakekit.contract.provenance import GENERATED, Truth
from fakekit.contract.schema import FieldProblem, Record, RecordError, UnknownReferenceError
from fakekit.errors import Cure, show
from fakekit.unpatched import RLock
from fakekit.world.world import Address, World

_UNCHANGED: Any = object()


class Changes:
    """A world with one account's changes on top: every record is the world's unless it was changed here.

    world: the records before any change.
    store: holds the changes; None for a new one in memory.
    version: the number of changes so far. A cached result stays valid while it is the same.
    has_changes: whether records were added, changed or removed since the start, or the last reset.
    reserve: called with about how many bytes something takes before it is stored; the registry's raises
        `AccountsFullError` when there is no room.
    undo: in a transaction, functions that take back its changes, in their order; else None.
    lock: reentrant; within ``with account.lock:`` no other thread changes the account.

    Every method may be called from any thread; a check and the change it allows are one step.
    """

    def __init__(self, world: World, store: ChangeStore | None = None) -> None:
        self.world, self.version, self.has_changes = world, 0, False
        self.store = store or ChangeStore()
        self.undo: list[Callable[[], None]] | None = None
        self.reserve: Callable[[int], None] = lambda size: None
        self.lock = RLock()

    def find(self, resource: str, key: int) -> Record | None:
        """Return a record by its id as this account sees it; None when there is none, or it was removed.

        An optional reference to a removed record is null in the result.
        """
        changes = self.store.records
        record: Record | None = changes.get((resource, key), _UNCHANGED)
        if record is _UNCHANGED:
            record = self.world.find(resource, key)
        if record is None or not changes:
            return record
        return self.world.clear_references(resource, record, changes)

    def find_by_path(self, resource: str, path_value: object) -> Record | None:
        """Return the record that a path segment identifies; None when there is no such record.

        path_value: an id in digits or, for a resource whose records have codes, a code: ``Jce84a50``.
        """
        declared = self.world.resources[resource]
        if declared.code is None:
            key = parse_id(path_value) if isinstance(path_value, str) else None
            return self.find(resource, key) if key is not None else None
        code = declared.code.parse(path_value)
        if code is None:
            return None
        key = self.store.codes.get((resource, code)) or self.world.key_of_code(resource, code)
        record = self.find(resource, key) if key is not None else None
        return record if record is not None and declared.code_of(record) == code else None

    def records(self, resource: str, after: int = 0) -> Iterator[Record]:
        """Yield every record of a resource as this account sees it, in ascending order of id.

        after: only records with a larger id.
        """
        # Held for the copy only: a list of many records must not block those that write.
        with self.lock:
            all_changes = dict(self.store.records)
        changes = {key: record for (name, key), record in all_changes.items() if name == resource}
        added = sorted(key for key in changes if key > after and self.world.find(resource, key) is None)
        keys = self.world.ids(resource, after)
        for key in heapq.merge(keys, added) if added else keys:
            record = changes.get(key, _UNCHANGED)
            if record is _UNCHANGED:
                record = self.world.find(resource, key)
            if record is not None:
                yield self.world.clear_references(resource, record, all_changes) if all_changes else record

    def is_removed(self, resource: str, path_value: str) -> bool:
        """Return whether a path segment identifies a record that this account removed; for the note of a 404.

        path_value: an id in digits, or a code.
        """
        code_type = self.world.resources[resource].code
        code = code_type.parse(path_value) or "" if code_type else ""
        key = self.store.codes.get((resource, code)) if code_type else parse_id(path_value)
        return self.is_removed_id(resource, key)

    def is_removed_id(self, resource: str, key: int | None) -> bool:
        """Return whether this account removed the record with this id and did not add it again.

        key: None, for a path segment that is no id, gives False.
        """
        return key is not None and self.store.records.get((resource, key), _UNCHANGED) is None

    def changed_records(self, resource: str) -> Iterator[Record]:
        """Return the added or changed records that still exist, ascending by id, for an export."""
        with self.lock:
            keys = sorted(key for name, key in self.store.records if name == resource)
        return (record for key in keys if (record := self.find(resource, key)) is not None)

    def removed_ids(self, resource: str) -> list[int]:
        """Return the ids of removed records, ascending, without those that were added again; for exports."""
        with self.lock:
            changes = self.store.records.items()
            return sorted(key for (name, key), record in changes if name == resource and record is None)

    def computed(self, addresses: Iterable[Address]) -> tuple[Truth, ...]:
        """Return the assumptions by which values of these records were computed; none for those of files.

        That of generated records is among them, also for one that was edited since.
        """
        changed, written, truths = self.store.records, self.world.file_records, list[Truth]()
        is_generated = False  # rather than a truth for each record: hashing one takes longer than all else
        for address in addresses:
            if address in changed:
                truths += self.store.computed.get(address, ())  # may be gone by now
            elif address not in written:
                is_generated = True
        return tuple(dict.fromkeys([GENERATED, *truths] if is_generated else truths))

    def next_id(self, resource: str) -> int:
        """Return the id for the next added record: one more than every id there ever was."""
        return max(self.store.last_ids.get(resource, 0), self.world.max_ids[resource]) + 1

    def add(
        self,
        resource: str,
        values: Mapping[str, object],
        *,
        is_valid: bool = False,
        computed: tuple[Truth, ...] = (),
    ) -> Record:
        """Add a record and return it as it is stored, with its id and the fields that have defaults.

        values: its fields. Without an ``id`` it gets the next one after every id there ever was.
        is_valid: whether each value is valid already, since a table of the contract has read the request.
        computed: the assumptions by which values of it were computed.

        Raises `RecordError` with every problem of the values, also for an id or code that is taken, and for
        a reference to a record that does not exist.
        """
        with self.lock:
            key = values.get("id")
            if key is None:
                key = self.next_id(resource)
            elif type(key) is int and self.find(resource, key) is not None:
                cure = Cure("", f"PATCH /records/{resource}/{key}", f'change("{resource}", {key}, ...)')
                raise RecordError([FieldProblem("id", "is the id of a record that exists", show(key), cure)])
            elif type(key) is int and self._is_removed_target(resource, key):
                problem = "is the id of a record that was removed, and others may have referred to it"
                raise RecordError([FieldProblem("id", problem, show(key))])
            record = self._validate(resource, {**values, "id": key}, {}, is_valid)
            self.change(resource, record["id"], record, computed)
            return record

    def edit(
        self,
        resource: str,
        key: int,
        values: Record,
        *,
        is_valid: bool = False,
        computed: tuple[Truth, ...] = (),
    ) -> Record | None:
        """Change some fields of a record and return the whole record; None when there is no such record.

        A record with a new code is found by that one only.

        Raises `RecordError` with every problem of the result, also for a code that another record has. The id
        cannot be changed. is_valid, computed: as for `add`.
        """
        with self.lock:
            before = self.find(resource, key)
            if before is None:
                return None
            if values.get("id", key) != key:
                raise RecordError([FieldProblem("id", "cannot be changed", show(values["id"]))])
            record = self._validate(resource, {**before, **values}, before, is_valid)
            truths = dict.fromkeys([*self.computed([(resource, key)]), *computed])
            self.change(resource, key, record, tuple(truths))
            return record

    def remove(self, resource: str, key: int) -> bool:
        """Remove a record; return False when there was none.

        Stored records that refer to it stay; where the reference is optional, `find` returns them with null
        in its place.
        """
        with self.lock:
            if self.find(resource, key) is None:
                return False
            self.change(resource, key, None)
            return True

    def _is_removed_target(self, resource: str, key: int) -> bool:
        """Return whether the id is of a removed record that others may have referred to.

        `add` rejects such an id: the old references would then mean the new record.
        """
        is_removed = self.is_removed_id(resource, key) or (resource, key) in self.world.removed
        return is_removed and any(field.allow_none for _, _, field in self.world.references_to(resource))

    def _validate(
        self, resource: str, values: Mapping[str, object], before: Record, is_valid: bool
    ) -> Record:
        """Return the values as a record, with ids for nested records and default values.

        before: the record before an edit, `{}` for an added one. A reference that is the same as in it is
            not checked.
        is_valid: whether the fields need no validation, only defaults and the check of references.

        Raises `RecordError` for values that break the schema and for a code that another record has,
        `UnknownReferenceError` for references to records that do not exist.
        """
        declared = self.world.resources[resource]
        if declared.nested and isinstance(values.get(declared.nested), list):
            values = self._add_line_ids(resource, values)
        schema = declared.record_schema
        record = schema.complete(values) if is_valid else schema.read(values)
        problems = [
            FieldProblem(name, f"names a record of {field.target} that does not exist", show(record[name]))
            for name, field in declared.record_schema.references.items()
            if record[name] is not None
            and record[name] != before.get(name)
            and self.find(field.target, field.target_id(record[name]) or 0) is None
        ]
        if problems:
            raise UnknownReferenceError(problems)
        owner = self.find_by_path(resource, record[declared.code.field]) if declared.code else None
        if declared.code and owner is not None and owner["id"] != record["id"]:
            value = show(record[declared.code.field])
            raise RecordError([FieldProblem(declared.code.field, "belongs to another record", value)])
        return record

    def _add_line_ids(self, resource: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the values with an id for each nested record (a sale's line) that has none.

        The ids are larger than any that a nested record ever had.
        """
        declared = self.world.resources[resource]
        last_id = self.store.last_ids.get(f"{resource}.{declared.nested}", 0)
        next_ids = count(max(last_id, self.world.max_nested_ids[resource]) + 1)
        lines = [
            {"id": next(next_ids), **line} if isinstance(line, Mapping) and line.get("id") is None else line
            for line in values[declared.nested]
        ]
        return {**values, declared.nested: lines}

    def change(
        self, resource: str, key: int, record: Record | None, computed: tuple[Truth, ...] = ()
    ) -> None:
        """Store a record under an id, or remove it (`record` is None), and count up `version`.

        All changes of records end here; `add`, `edit` and `remove` validate. Raises `AccountsFullError`.
        computed: the assumptions by which values of the record were computed.
        """
        declared = self.world.resources[resource]
        with self.lock:
            size = 200 if record is None else 1000 + len(repr(record))  # about the bytes that it takes
            self.reserve(size)
            pair = (self.find(resource, key), record) if declared.code else (None, None)
            old_code, code = [declared.code_of(r) if r is not None else None for r in pair]
            # Another record may have the old code by now.
            known = {code} if (resource, old_code) in self.store.codes else {code, old_code}
            codes = tuple(filter(None, known))
            last_ids = {resource: max(key, self.store.last_ids.get(resource, 0))}
            if declared.nested and record is not None:
                name = f"{resource}.{declared.nested}"
                used = [nested["id"] for nested in record[declared.nested]]
                last_ids[name] = max([self.store.last_ids.get(name, 0), *used])
            undo = self.store.write((resource, key), record, size, codes, last_ids, computed)
            # In this order: a reader without a lock who has the new version must see that there are changes.
            self.has_changes, self.version = True, self.version + 1
            if self.undo is not None:
                self.undo.append(undo)

    def _replace_changes(self, store: ChangeStore) -> None:
        """Put other changes in the place of all present ones, and count up `version`.

        For a reset (an empty store) and for the copy of a snapshot. The caller holds the lock.
        """
        self.store = store
        self.has_changes, self.version = bool(store.records), self.version + 1
