"""The control operations on what an account changed: list it, and give records their first values again."""

from __future__ import annotations

from copy import deepcopy
from itertools import islice

from fakekit.contract.endpoint import Resource
from fakekit.contract.schema import Record
from fakekit.contract.value_type import whole_number
from fakekit.control.records import LIMIT, RecordControls
from fakekit.control.results import ChangeList, Done, RecordChange, RecordJson
from fakekit.control.values import takes
from fakekit.faults.settings import TEXT, SettingField


class ChangeControls(RecordControls):
    """The control operations on the changes of one account, beside those on its records."""

    @takes(
        resource=SettingField(TEXT, note="only those of this resource: `customers`"),
        named=SettingField(TEXT, note="only that of one record of the resource, by its id or code"),
        after=SettingField(whole_number(0, 10**18), note="only those with a larger id"),
        limit=LIMIT,
    )
    def changes(self, resource: str = "", named: str = "", after: int = 0, limit: int = 100) -> ChangeList:
        """Return what the account did with records, each with its values in the world and in the account.

        resource: only the changes of this resource; by default those of all.
        named: only that of the record with this id or code, which may be removed; an earlier code counts too.
        after: only those with a larger id. limit: how many at most.

        Raises `NoRecordError` for an unknown resource, and for a record that never existed.
        """
        resources = self._account.world.resources
        states = {name: self._account.change_states(name) for name in resources}
        selected = [self._find_resource(resource)] if resource else list(resources.values())
        only = self._changed_id(selected[0], named) if resource and named else None
        found = (
            change
            for owner in selected
            for key in states[owner.name]
            if key > after and only in (None, key) and (change := self._change(owner, key)) is not None
        )
        counts = {name: len(keys) for name, keys in states.items() if keys}
        return {"counts": counts, "changes": list(islice(found, limit))}

    def restore_record(self, resource: str, named: int | str) -> Done:
        """Give a record the values that it had before any change; one that was added is deleted.

        named: its id or code, also of a removed record.

        Raises `NoRecordError` for a record that never existed, `RefusedRecordError` when another record has
        its code by now.
        """
        owner = self._find_resource(resource)
        key = self._changed_id(owner, named)
        if not self._translate_error(owner, lambda: self._account.restore_record(resource, key)):
            self._raise_missing(owner, named)
        return Done(done=True)

    def clear_changes(self) -> Done:
        """Give all records the values that they had before any change, and delete those that were added.

        Faults, clock, snapshots and recorded requests stay. `undo_reset` brings the changes back.
        """
        self._account.clear_changes()
        return Done(done=True)

    def _changed_id(self, resource: Resource, named: int | str) -> int:
        """Return the id of a record that a control request names, also of a removed one.

        named: its id, or its code or an earlier one.

        Raises `NoRecordError` for a record that never existed.
        """
        key = self._account.changed_id(resource.name, str(named))
        return self._raise_missing(resource, named) if key is None else key

    def _change(self, resource: Resource, key: int) -> RecordChange | None:
        """Return what the account did with the changed record that has this id.

        None for one that the account added and that another request has deleted since it was listed.
        """
        world, account = self._account.world, self._account
        before, now = world.find(resource.name, key), account.find(resource.name, key)
        record = now if now is not None else before
        if record is None:
            return None
        return {
            "resource": resource.name,
            "id": key,
            "named": resource.record_key(record),
            "state": "added" if before is None else "removed" if now is None else "changed",
            "before": self._copy(resource, before),
            "now": self._copy(resource, now),
        }

    def _copy(self, resource: Resource, record: Record | None) -> RecordJson | None:
        """Return a copy of the fields of a record and of its lines; None for no record."""
        return None if record is None else deepcopy(self._with_lines(resource, record))
