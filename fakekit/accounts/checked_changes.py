"""Adding, editing and removing records: the changes of an account, checked against the contract."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, count
from typing import Any

from fakekit.accounts.changes import Changes
from fakekit.contract.schema import FieldProblem, Record, RecordError
from fakekit.errors import show


class UnknownReferenceError(RecordError):
    """A record to add or edit refers, by id, to another one that does not exist."""


class CheckedChanges(Changes):
    """Changes with operations that check their values before they store anything: add, edit, remove."""

    def add(self, resource: str, values: Mapping[str, Any]) -> Record:
        """Add a record and return it as it is stored, with its id and the fields that have defaults.

        values: its fields. Without an ``id`` it gets the next one after every id there ever was.

        Raises `RecordError` with every problem of the values, also for an id or code that is taken, and for
        a reference to a record that does not exist.
        """
        with self._lock:
            key = values.get("id")
            if key is None:
                key = self.next_id(resource)
            elif type(key) is int and self.find(resource, key) is not None:
                raise RecordError([FieldProblem("id", "is the id of a record that exists", show(key))])
            elif type(key) is int and self._is_removed_target(resource, key):
                problem = "is the id of a record that was removed, and others may have referred to it"
                raise RecordError([FieldProblem("id", problem, show(key))])
            record = self._validate(resource, {**values, "id": key}, {})
            code = self.world.code_of(resource, record)
            field = self._resource_of(resource).key_field
            if code is not None and self.key_of(resource, record[field]) is not None:
                raise RecordError([FieldProblem(field, "belongs to another record", show(record[field]))])
            self.change(resource, record["id"], record)
            return record

    def edit(self, resource: str, key: int, values: Mapping[str, Any]) -> Record | None:
        """Change some fields of a record and return the whole record; None when there is no such record.

        Raises `RecordError` with every problem of the result. The id and the code cannot be changed.
        """
        with self._lock:
            before = self.find(resource, key)
            if before is None:
                return None
            problems = [
                FieldProblem(name, "cannot be changed", show(values[name]))
                for name in dict.fromkeys(("id", self._resource_of(resource).key_field))
                if values.get(name, before[name]) != before[name]
            ]
            if problems:
                raise RecordError(problems)
            record = self._validate(resource, {**before, **values}, before)
            self.change(resource, key, record)
            return record

    def remove(self, resource: str, key: int) -> bool:
        """Remove a record; return False when there was none.

        Stored records that refer to it stay; where the reference is optional, `find` returns them with null
        in its place.
        """
        with self._lock:
            if self.find(resource, key) is None:
                return False
            self.change(resource, key, None)
            return True

    def free_code(self, resource: str) -> Any:
        """Return a code (of an invoice or item) that no record has, for a record to be added.

        It is the code of the next id or, if those of 100 ids are taken, one of the spare codes that are
        never generated. Raises KeyError for a resource without codes, `RecordError` when all codes are in
        use.
        """
        code = self.world.resources[resource].code
        if code is None:
            raise KeyError(resource)
        key = self.next_id(resource)
        codes = (code.format_code(self.world.seed, k) for k in range(key, key + 100))
        for free in chain(codes, code.extra_codes):
            if self.key_of(resource, free) is None:
                return free
        raise RecordError([FieldProblem(code.field, "has no free value left")])

    def _is_removed_target(self, resource: str, key: int) -> bool:
        """Return whether the id is of a removed record that others may have referred to.

        `add` rejects such an id: the old references would then mean the new record.
        """
        is_removed = (resource, key) in self._removed or (resource, key) in self.world.removed
        return is_removed and self.world.has_optional_references(resource)

    def _add_line_ids(self, resource: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the values with an id for each nested record (a sale's line) that has none.

        The ids are larger than any that a nested record ever had. Values without nested records are
        returned as they are.
        """
        declared = self._resource_of(resource)
        nested = values.get(declared.nested) if declared.nested else None
        if not isinstance(nested, list):
            return values
        known_ids = (
            self._last.get(f"{resource}.{declared.nested}", 0),
            self.world.max_nested_id(resource, declared.nested),
        )
        next_ids = count(max(*known_ids, (self.world.count_generated(resource) + 1) * declared.spacing) + 1)
        lines = [
            {"id": next(next_ids), **line} if isinstance(line, Mapping) and line.get("id") is None else line
            for line in nested
        ]
        return {**values, declared.nested: lines}

    def _validate(self, resource: str, values: Mapping[str, Any], before: Record) -> Record:
        """Return the values as a record, with ids for nested records and default values.

        before: the record before an edit, `{}` for an added one. A reference that is the same as in it is
            not checked.

        Raises `RecordError` for values that break the schema, `UnknownReferenceError` for references to
        records that do not exist.
        """
        schema = self._resource_of(resource).record_schema
        record = schema.read(self._add_line_ids(resource, values))
        problems = [
            FieldProblem(name, f"names a record of {field.target} that does not exist", show(record[name]))
            for name, field in schema.references().items()
            if record[name] is not None
            and record[name] != before.get(name)
            and self.find(field.target, field.target_id(record[name]) or 0) is None
        ]
        if problems:
            raise UnknownReferenceError(problems)
        return record
