"""The changes of one account, compared with the world and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from fakekit.accounts.changes import Changes
from fakekit.accounts.store import ChangeStore
from fakekit.contract.ids import parse_id
from fakekit.contract.schema import FieldProblem, RecordError
from fakekit.errors import show
from fakekit.world.world import Address

ChangeState = Literal["added", "changed", "removed"]
"""What an account did with a record of the world, or with one that the world does not have."""


class RestorableChanges(Changes):
    """A world with one account's changes on top, each of which can be taken back."""

    def change_states(self, resource: str) -> dict[int, ChangeState]:
        """Return by id, ascending, what the account did with the records of a resource.

        A record that it added and removed again is left out: the world has none either.
        """
        with self.lock:
            changes = {key: record for (name, key), record in self.store.records.items() if name == resource}
        states: dict[int, ChangeState] = {}
        for key in sorted(changes):
            in_world = self.world.has_record(resource, key)
            if changes[key] is not None:
                states[key] = "changed" if in_world else "added"
            elif in_world:
                states[key] = "removed"
        return states

    def changed_addresses(self, store: ChangeStore) -> Iterator[Address]:
        """Yield resource and id of the records of a store that differ from the world's.

        One that was added and removed again is left out: the world has none either.

        store: the account's own, or one that a reset replaced.
        """
        with self.lock:
            records = dict(store.records)
        return (key for key, record in records.items() if record is not None or self.world.has_record(*key))

    def has_changed_records(self) -> bool:
        """Return whether a record differs from the world's; see `changed_addresses`."""
        return next(self.changed_addresses(self.store), None) is not None

    def changed_id(self, resource: str, path_value: str) -> int | None:
        """Return the id of the record that a path segment identifies, also of a removed one; None for none.

        path_value: an id in digits, or a code; one that a record had before leads to it, too.
        """
        record = self.find_by_path(resource, path_value)
        if record is not None:
            return int(record["id"])
        code_type = self.world.resources[resource].code
        if code_type is None:
            key = parse_id(path_value)
            return key if self.is_removed_id(resource, key) else None
        return self.store.codes.get((resource, code_type.parse(path_value) or ""))

    def restore_record(self, resource: str, key: int) -> bool:
        """Give a record the values that it has in the world; return False when it never existed.

        A removed record exists again, and an added one is removed; one that is unchanged stays so.

        Raises `RecordError` when another record has its code by now.
        """
        with self.lock:
            original = self.world.find(resource, key)
            if original is None or (resource, key) not in self.store.records:
                return original is not None or self.remove(resource, key)
            declared = self.world.resources[resource]
            owner = self.find_by_path(resource, original[declared.code.field]) if declared.code else None
            if declared.code and owner is not None and owner["id"] != key:
                code = show(original[declared.code.field])
                raise RecordError([FieldProblem(declared.code.field, "belongs to another record", code)])
            self.store.discard((resource, key))
            self.has_changes, self.version = bool(self.store.records), self.version + 1
            return True

    def clear_changes(self) -> None:
        """Give every record the values that it has in the world; added ones exist no longer.

        Their ids are not given to other records.
        """
        with self.lock:
            self._replace_changes(ChangeStore(last_ids=dict(self.store.last_ids)))
