"""A world: generated records, with those of fixture files on top. It never changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.endpoint import Resource
from fakekit.contract.record_field import RecordField
from fakekit.contract.schema import Record
from fakekit.world.random_values import DEFAULT_OPTIONS, Population, RandomSource, WorldOptions

MAX_CACHED = 4096
"""How many generated records a world caches; others are generated again when they are asked for."""

Address = tuple[str, int]
"""The resource and the id of a record."""


class World:
    """Every record that exists before an account changes anything. It never changes itself.

    resources: those with records of their own, by name.
    seed: any whole number.
    sizes: how many records the settings ask for, by resource; always with a number of customers.
    file_records: the records of fixture files, by resource and id; they win over generated ones.
    removed: resource and id of the records that fixture files remove.
    options: what else the settings say about generated records.
    max_ids: by resource the largest id, also of a removed record; 0 when there never was one.
    max_nested_ids: by resource the largest id that a nested record has, or that is reserved for one: each
        generated record reserves `Resource.spacing` of them.

    Safe to share between threads: nothing in it changes but an LRU cache of generated records.
    """

    def __init__(
        self,
        resources: Mapping[str, Resource],
        seed: int,
        sizes: Mapping[str, int],
        file_records: Mapping[Address, Record],
        removed: Collection[Address] = (),
        options: WorldOptions = DEFAULT_OPTIONS,
    ) -> None:
        self.resources, self.seed, self.sizes = resources, seed, sizes
        self._generated_counts = {
            name: resource.count_generated(sizes) for name, resource in resources.items()
        }
        self.options, self._population = options, Population(self._generated_counts, options)
        self.file_records, self.removed = file_records, dict.fromkeys(removed)
        self._file_ids = {name: sorted(k for n, k in file_records if n == name) for name in resources}
        self.max_ids = dict(self._generated_counts)
        for name, key in (*file_records, *self.removed):
            self.max_ids[name] = max(key, self.max_ids[name])
        self.max_nested_ids = {
            name: (self._generated_counts[name] + 1) * resource.spacing
            for name, resource in resources.items()
            if resource.nested
        }
        for (name, _), record in file_records.items():
            if nested := resources[name].nested:
                ids = [line["id"] for line in record[nested]]
                self.max_nested_ids[name] = max([self.max_nested_ids[name], *ids])
        self._codes = {
            (name, code): key
            for (name, key), record in file_records.items()
            if (code := resources[name].code_of(record)) is not None
        }
        self._hidden = {*self._duplicates(), *self.removed}
        self._derived = lru_cache(MAX_CACHED)(self._derive)

    def find(self, resource: str, key: int) -> Record | None:
        """Return a record by its id; None when there is none, or a fixture file removed it.

        The same arguments always give the same record. Optional references to removed records are null in
        it.
        """
        record = self.file_records.get((resource, key))
        if record is None:
            if not 1 <= key <= self._generated_counts[resource] or (resource, key) in self._hidden:
                return None
            record = self._derived(resource, key)
        return self.clear_references(resource, record, self.removed) if self.removed else record

    def has_record(self, resource: str, key: int) -> bool:
        """Return whether there is a record with this id, as `find` does, without generating it."""
        is_generated = 1 <= key <= self._generated_counts[resource] and (resource, key) not in self._hidden
        return is_generated or (resource, key) in self.file_records

    def clear_references(
        self, resource: str, record: Record, changes: Mapping[Address, Record | None]
    ) -> Record:
        """Return a record with null in place of optional references to removed records.

        changes: by resource and id, None for a record that the fixture files, or an account, removed. A
            customer whose group is removed gets ``customer_group_id`` null.

        The same object when it refers to none of them.
        """
        null_fields = {
            name: None
            for name, target in self.resources[resource].record_schema.optional_references.items()
            if changes.get((target, record[name]), record) is None
        }
        return {**record, **null_fields} if null_fields else record

    def key_of_code(self, resource: str, code: str) -> int | None:
        """Return the only id that a record with a code can have; None for a code that no record has.

        The caller has to look whether there is a record with this id, and whether it has the code.

        code: in its normal form, as `Resource.code_of` returns it.
        """
        code_type = self.resources[resource].code
        if code_type is None:
            return None
        return self._codes.get((resource, code)) or code_type.find_id(self.seed, code)

    def count_generated(self, resource: str) -> int:
        """Return how many records of a resource are generated; their ids are 1 to that number."""
        return self._generated_counts[resource]

    def file_ids(self, resource: str) -> list[int]:
        """Return the ids of a resource's records in fixture files, ascending."""
        return self._file_ids[resource]

    def count_records(self, resource: str) -> int:
        """Return how many records of a resource exist before an account changes anything."""
        generated = self.count_generated(resource)
        hidden = sum(1 for name, key in self._hidden if name == resource and key <= generated)
        return generated - hidden + sum(1 for key in self.file_ids(resource) if key > generated)

    def references_to(self, resource: str) -> Iterator[tuple[str, str, RecordField]]:
        """Yield resource, name and field of each field that refers to records of the resource `resource`."""
        for name, other in self.resources.items():
            for field_name, field in other.record_schema.references.items():
                if field.target == resource:
                    yield name, field_name, field

    def sample(self, resource: str, key: int) -> Record:
        """Return values as a generated record with this id would have, to fill in missing required fields.

        For records that the control API or a handle adds; a POST of the vendor's API gets nothing from here.

        They come from beyond the largest population, so that no generated record has the same.
        """
        # Modulo, as an id in a file may be of any size; not cached, as it is used once.
        record = self._derive(resource, LARGEST_POPULATION + key % 10**12)
        return {**record, "id": key}

    def ids(self, resource: str, after: int = 0) -> Iterator[int]:
        """Yield every id of a resource that exists before an account changes anything, ascending.

        after: only larger ids.
        """
        generated = self.count_generated(resource)
        ids, hidden = range(after + 1, generated + 1), self._hidden
        yield from (key for key in ids if (resource, key) not in hidden) if hidden else ids
        yield from (key for key in self.file_ids(resource) if key > max(generated, after))

    def _duplicates(self) -> Iterator[Address]:
        """Yield resource and id of generated records whose code (of an invoice or item) a file's record has.

        The file's record replaces them: they do not exist.
        """
        for (name, code), key in self._codes.items():
            code_type = self.resources[name].code
            generated_id = code_type.find_id(self.seed, code) if code_type else None
            if not generated_id or generated_id == key or (name, generated_id) in self.file_records:
                continue
            if generated_id <= self.count_generated(name):
                yield name, generated_id

    def _derive(self, resource: str, key: int) -> Record:
        """Generate the record with this id, which may be beyond the population.

        Fields that the generator leaves out have their defaults. `find` caches the result; `sample` does not
        use that cache.
        """
        declared, random = self.resources[resource], RandomSource(self.seed, resource, key, self._population)
        schema = declared.record_schema
        own = {name: generate(random) for name, generate in schema.generators.items()}
        return schema.complete({"id": key, **own, **declared.generate(random)})
