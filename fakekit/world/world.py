"""A world: the function of a seed, overlaid by what fixture files say. It never changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.endpoint import Resource
from fakekit.contract.numbers import parse_id
from fakekit.contract.schema import Record
from fakekit.world.seed import Draw

MAX_CACHED = 4096
"""How many derived records a world keeps at hand; more are derived again when asked for."""

Address = tuple[str, int]
"""What names a record: the resource and its id."""


class World:
    """Everything that exists before anybody changes it.

    resources: those with records of their own, by name.
    seed: any whole number.
    size: how many customers the function gives; ids 1 to size.
    file_records: the records that stand in files, which win over the function.
    removed: the records of the function that files say are gone.

    Safe to share between threads: nothing in it changes but an LRU of derived records.
    """

    def __init__(
        self,
        resources: Mapping[str, Resource],
        seed: int,
        size: int,
        file_records: Mapping[Address, Record],
        removed: Collection[Address] = (),
    ) -> None:
        self.resources, self.seed, self.size = resources, seed, size
        self._file_records, self.removed = file_records, frozenset(removed)
        self._written = {name: sorted(k for n, k in file_records if n == name) for name in resources}
        self._codes = {
            (name, code): key
            for (name, key), record in file_records.items()
            if (code := self.code_of(name, record)) is not None
        }
        self._hidden = {*self._duplicates(), *self.removed}
        self._largest = lru_cache(16)(self._compute_largest)
        self._derived = lru_cache(MAX_CACHED)(self._derive)

    def find(self, resource: str, key: int) -> Record | None:
        """A record, or None. The same one for the same arguments, always."""
        written = self._file_records.get((resource, key))
        if written is not None:
            return self.clear_references(resource, written, self.removed)
        if not 1 <= key <= self.generated(resource) or (resource, key) in self._hidden:
            return None
        return self.clear_references(resource, self._derived(resource, key), self.removed)

    def clear_references(self, resource: str, record: Record, removed: Collection[Address]) -> Record:
        """A record without what it may be without and what is gone: a customer of a deleted group."""
        if not removed:
            return record
        emptied = {
            name: None
            for name, field in self.resources[resource].shape.references().items()
            if field.allow_none and (field.to, record[name]) in removed
        }
        return {**record, **emptied} if emptied else record

    def key_of(self, resource: str, path_value: object) -> int | None:
        """The id of the record that a path names so; None when there is none, or cannot be one."""
        code_type = self.resources[resource].code
        if code_type is None:
            return parse_id(path_value) if isinstance(path_value, str) else None
        code = code_type.read(path_value)
        if code is None:
            return None
        key = self._codes.get((resource, code)) or code_type.locate(self.seed, code)
        record = self.find(resource, key) if key else None
        return key if record is not None and self.code_of(resource, record) == code else None

    def code_of(self, resource: str, record: Record) -> str | None:
        """The one spelling of a record's code, for resources whose records have one."""
        code_type = self.resources[resource].code
        return code_type.read(record[code_type.field]) if code_type else None

    def generated(self, resource: str) -> int:
        """How many records of a resource the function gives; their ids are 1 to that number."""
        return self.resources[resource].count(self.size)

    def written(self, resource: str) -> list[int]:
        """The ids of a resource that stand in files, ascending."""
        return self._written[resource]

    def total(self, resource: str) -> int:
        """How many records of a resource there are."""
        generated = self.generated(resource)
        hidden = sum(1 for name, key in self._hidden if name == resource and key <= generated)
        return generated - hidden + sum(1 for key in self.written(resource) if key > generated)

    def last(self, resource: str) -> int:
        """The largest id of a resource; 0 when it has no record."""
        removed = [key for name, key in self.removed if name == resource]
        return max([self.generated(resource), *self.written(resource)[-1:], *removed])

    def largest(self, resource: str, field: str) -> int:
        """The largest id of the records in a field of the records that stand in files."""
        return self._largest(resource, field)

    def is_optional(self, resource: str) -> bool:
        """Whether records of others may name one of these, or none."""
        return any(
            field.to == resource and field.allow_none
            for other in self.resources.values()
            for field in other.shape.references().values()
        )

    def _compute_largest(self, resource: str, field: str) -> int:
        records = [record for (name, _), record in self._file_records.items() if name == resource]
        return max((nested["id"] for record in records for nested in record[field]), default=0)

    def sample(self, resource: str, key: int) -> Record:
        """What the function would give for an id, in a population of any size: values to fill in with.

        From a place beyond the population, so that they are nobody's and never a persona's.
        """
        record = self._derive(resource, LARGEST_POPULATION + key % 10**12)
        return {**record, "id": key}

    def keys(self, resource: str) -> Iterator[int]:
        """Every id of a resource, ascending."""
        generated = self.generated(resource)
        yield from (key for key in range(1, generated + 1) if (resource, key) not in self._hidden)
        yield from (key for key in self.written(resource) if key > generated)

    def _duplicates(self) -> Iterator[Address]:
        """Generated records whose code a record in a file has: the file wins, and they are not there."""
        for (name, code), key in self._codes.items():
            code_type = self.resources[name].code
            located = code_type.locate(self.seed, code) if code_type else None
            if not located or located == key or (name, located) in self._file_records:
                continue
            if located <= self.generated(name):
                yield name, located

    def _derive(self, resource: str, key: int) -> Record:
        """The function. What it gives passes the same schema as a record from a file."""
        declared = self.resources[resource]
        return declared.shape.read(declared.generate(Draw(self.seed, resource, key)))
