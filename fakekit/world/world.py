"""A world: the function of a seed, overlaid by what fixture files say. It never changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.endpoint import Resource
from fakekit.contract.schema import Record
from fakekit.world.seed import Draw

REMEMBERED = 4096
"""How many derived records a world keeps at hand; more are derived again when asked for."""

Address = tuple[str, int]
"""What names a record: the resource and its key."""


class World:
    """Everything that exists before anybody changes it.

    resources: by name.
    seed: any whole number.
    size: how many customers the function gives; ids 1 to size.
    overlay: the records that stand in files, which win over the function.

    Safe to share between threads: nothing in it changes but an LRU of derived records.
    """

    def __init__(
        self,
        resources: Mapping[str, Resource],
        seed: int,
        size: int,
        overlay: Mapping[Address, Record],
    ) -> None:
        self.resources, self.seed, self.size = resources, seed, size
        self._overlay = overlay
        self._written = {name: sorted(k for n, k in overlay if n == name) for name in resources}
        self._derived = lru_cache(REMEMBERED)(self._derive)

    def find(self, resource: str, key: int) -> Record | None:
        """A record, or None. The same one for the same arguments, always."""
        written = self._overlay.get((resource, key))
        if written is not None:
            return written
        if not 1 <= key <= self.generated(resource):
            return None
        return self._derived(resource, key)

    def generated(self, resource: str) -> int:
        """How many records of a resource the function gives; their keys are 1 to that number."""
        return self.resources[resource].count(self.size)

    def written(self, resource: str) -> list[int]:
        """The keys of a resource that stand in files, ascending."""
        return self._written[resource]

    def total(self, resource: str) -> int:
        """How many records of a resource there are."""
        generated = self.generated(resource)
        return generated + sum(1 for key in self.written(resource) if key > generated)

    def last(self, resource: str) -> int:
        """The largest key of a resource; 0 when it has no record."""
        return max([self.generated(resource), *self.written(resource)[-1:]])

    def sample(self, resource: str, key: int) -> Record:
        """What the function would give for a key, in a population of any size: values to fill in with.

        From a place beyond the population, so that they are nobody's and never a persona's.
        """
        beyond = self._derive(resource, LARGEST_POPULATION + key % 10**12)
        return {**beyond, self.resources[resource].key: key}

    def keys(self, resource: str) -> Iterator[int]:
        """Every key of a resource, ascending."""
        generated = self.generated(resource)
        yield from range(1, generated + 1)
        yield from (key for key in self.written(resource) if key > generated)

    def _derive(self, resource: str, key: int) -> Record:
        """The function. What it gives passes the same schema as a record from a file."""
        declared = self.resources[resource]
        return declared.schema.read(declared.generate(Draw(self.seed, resource, key)))
