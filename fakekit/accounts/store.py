"""Where the changes of one account are kept: in memory. Another class can keep them elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from fakekit.contract.provenance import Truth
from fakekit.contract.schema import Record
from fakekit.world.world import Address

_Entry = tuple[dict[Any, Any], Any, Any]
"""A dict of a store, a key of it, and the value under this key."""
_ABSENT = object()
"""What stands for the value under a name that a dict did not have."""


class ChangeStore(Protocol):
    """What one account changed. `Changes` reads it from any thread, and writes with the account's lock held.

    `Changes` is given one, by default a `MemoryStore`. A snapshot is a `copy`, which a restore puts in its
    place.
    """

    @property
    def records(self) -> Mapping[Address, Record | None]:
        """The added and changed records by resource and id; None stands for a removed one."""

    @property
    def codes(self) -> Mapping[tuple[str, str], int]:
        """By resource and code the ids of these records, removed ones too, where records have codes."""

    @property
    def last_ids(self) -> Mapping[str, int]:
        """By resource the largest id ever used; under ``sales.sales-item`` that of nested records."""

    @property
    def computed(self) -> Mapping[Address, tuple[Truth, ...]]:
        """The assumptions by which values of these records were computed, by resource and id."""

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

        The caller takes back the later writes first, or none.

        size: about how many bytes of memory it takes.
        codes: those that the record has and had before. last_ids: the entries that change.
        computed: the assumptions by which values of the record were computed.
        """

    def discard(self, address: Address) -> None:
        """Forget what became of a record, and the codes that lead to it, as one step.

        The largest ids stay: the id of an added record is not given to another one.
        """

    @property
    def size_in_bytes(self) -> int:
        """About how much memory the changes take, for the limit of all accounts together."""

    def empty(self) -> ChangeStore:
        """Return a store of the same kind without any change, for a reset."""

    def without_records(self) -> ChangeStore:
        """Return a store of the same kind without any change that has the same largest ids.

        As after a `discard` of every record, the id of an added one is not given to another.
        """

    def copy(self) -> ChangeStore:
        """Return a store with the same content, for a snapshot. A change of one does not reach the other."""


@dataclass(eq=False, repr=False)
class MemoryStore:
    """A `ChangeStore` in the memory of this process."""

    records: dict[Address, Record | None] = field(default_factory=dict)
    codes: dict[tuple[str, str], int] = field(default_factory=dict)
    last_ids: dict[str, int] = field(default_factory=dict)
    computed: dict[Address, tuple[Truth, ...]] = field(default_factory=dict)
    sizes: dict[Address, int] = field(default_factory=dict)
    size_in_bytes: int = 0

    def write(
        self,
        address: Address,
        record: Record | None,
        size: int,
        codes: tuple[str, ...],
        last_ids: Mapping[str, int],
        computed: tuple[Truth, ...],
    ) -> Callable[[], None]:
        """Store a record or that it is removed, its codes and the largest ids; see `ChangeStore`.

        A reader does not wait: the record is stored before a code leads to it.
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
        """Forget what became of a record, and the codes that lead to it; see `ChangeStore`.

        A reader does not wait: a code leads to the record until it has its values in the world again.
        """
        self.size_in_bytes -= self.sizes.pop(address)
        del self.records[address], self.computed[address]
        self.codes = {name: owner for name, owner in self.codes.items() if (name[0], owner) != address}

    def empty(self) -> MemoryStore:
        """Return a new store without any change."""
        return MemoryStore()

    def without_records(self) -> MemoryStore:
        """Return a new store without any change that has the same largest ids; see `ChangeStore`."""
        return MemoryStore(last_ids=dict(self.last_ids))

    def copy(self) -> MemoryStore:
        """Return a store with the same content; records are shared, as they never change in place."""
        values = dict(self.records), dict(self.codes), dict(self.last_ids), dict(self.computed)
        return MemoryStore(*values, dict(self.sizes), self.size_in_bytes)
