"""What one account changed, in memory. An account whose state is stored elsewhere has a copy of it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from fakekit.contract.provenance import Truth
from fakekit.contract.schema import Record
from fakekit.world.world import Address

StorePart = Literal["record", "code", "last_id"]
"""What an entry of a store is: of a record, of a code that leads to one, the largest id of a resource."""
Touched = set[tuple[StorePart, Any]]
"""Entries of a store by part and key: address, resource and code, or the name of `ChangeStore.last_ids`."""

_Entry = tuple[dict[Any, Any], Any, Any]
"""A dict of a store, a key of it, and the value under this key."""
_ABSENT = object()
"""What stands for the value under a name that a dict did not have."""


@dataclass(eq=False, repr=False)
class ChangeStore:
    """What one account changed. `Changes` reads it from any thread, and writes with the account's lock held.

    A snapshot is a `copy`, which a restore puts in its place.

    records: the added and changed records by resource and id; None stands for a removed one.
    codes: by resource and code the ids of these records, removed ones too, where records have codes.
    last_ids: by resource the largest id ever used; under ``sales.sales-item`` that of nested records.
    computed: the assumptions by which values of these records were computed, by resource and id.
    sizes: about how many bytes each of these records takes. size_in_bytes: all of them.
    touched: the entries that were written since it was emptied, for who stores them elsewhere; None where
        nobody does.
    """

    records: dict[Address, Record | None] = field(default_factory=dict)
    codes: dict[tuple[str, str], int] = field(default_factory=dict)
    last_ids: dict[str, int] = field(default_factory=dict)
    computed: dict[Address, tuple[Truth, ...]] = field(default_factory=dict)
    sizes: dict[Address, int] = field(default_factory=dict)
    size_in_bytes: int = 0
    touched: Touched | None = None

    def write(
        self,
        address: Address,
        record: Record | None,
        size: int,
        codes: tuple[str, ...],
        last_ids: Mapping[str, int],
        computed: tuple[Truth, ...],
    ) -> Callable[[], None]:
        """Store a record, or that it is removed, as one step; return a function that takes it back.

        The caller takes back the later writes first, or none. A reader does not wait: the record is stored
        before a code leads to it.

        record: None for a removed one.
        size: about how many bytes it takes.
        codes: those that lead to the record, its present one and the one that it had before.
        last_ids: the largest ids under their names, as in the attribute.
        computed: the assumptions by which values of it were computed.
        """
        resource, key = address
        entries: list[_Entry] = [
            (self.sizes, address, size),
            (self.computed, address, computed),
            (self.records, address, record),
            *[(self.codes, (resource, code), key) for code in codes],
            *[(self.last_ids, name, last_id) for name, last_id in last_ids.items()],
        ]
        before = [(values, name, values.get(name, _ABSENT)) for values, name, _ in entries]
        undo = partial(self._undo, before, self.size_in_bytes)
        self.size_in_bytes += size - self.sizes.get(address, 0)
        for values, name, value in entries:
            values[name] = value
        if self.touched is not None:
            self.touched.add(("record", address))
            self.touched.update(("code", (resource, code)) for code in codes)
            self.touched.update(("last_id", name) for name in last_ids)
        return undo

    def _undo(self, before: list[_Entry], size_in_bytes: int) -> None:
        """Take back a write. before: the entries that it changed, as they were, `_ABSENT` for new ones.

        size_in_bytes: of the store before it.
        """
        self.size_in_bytes = size_in_bytes
        for values, name, value in reversed(before):
            if value is _ABSENT:
                del values[name]
            else:
                values[name] = value

    def discard(self, address: Address) -> None:
        """Forget what became of a record, so that it is again as in the world, and the codes that lead to it.

        It must have been written. The largest ids stay. A reader does not wait: a code leads to the record
        until it has its values in the world again.
        """
        self.size_in_bytes -= self.sizes.pop(address)
        del self.records[address], self.computed[address]
        dropped = {name for name, owner in self.codes.items() if (name[0], owner) == address}
        self.codes = {name: owner for name, owner in self.codes.items() if name not in dropped}
        if self.touched is not None:
            self.touched.add(("record", address))
            self.touched.update(("code", name) for name in dropped)

    def copy(self) -> ChangeStore:
        """Return a store with the same content, for a snapshot. A change of one does not reach the other.

        Records are shared, as they never change in place.
        """
        values = dict(self.records), dict(self.codes), dict(self.last_ids), dict(self.computed)
        return ChangeStore(*values, dict(self.sizes), self.size_in_bytes)
