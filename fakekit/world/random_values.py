"""The random values of one record, for whatever the generators of resources ask for.

Randomness has no state: a value per (seed, resource, id, field), so that nothing depends on order.
A seed of ``seed + id`` would make neighbouring worlds overlap and ``hash(str)`` changes with every process,
hence a digest of all four. Picking from Faker's lists by it is 14 times faster than reseeding a Faker for
each record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeVar

from fakekit.contract import INVOICE_PREFIX

T = TypeVar("T")

PhoneKind = Literal["unassigned", "valid"]
"""Which phone numbers customers have: those of nobody, or those that other software accepts."""


class WorldOptions(NamedTuple):
    """What the settings say about the values of generated records.

    phones: the kind of phone numbers.
    invoice_prefix: what the invoice numbers of sales begin with.
    """

    phones: PhoneKind = "unassigned"
    invoice_prefix: str = INVOICE_PREFIX


DEFAULT_OPTIONS = WorldOptions()


class Population(NamedTuple):
    """What a record may depend on beside the seed and its id.

    counts: how many records of each resource are generated, by name; a resource that is absent has any
        number of them.
    options: those of the settings.
    """

    counts: Mapping[str, int] = MappingProxyType({})
    options: WorldOptions = DEFAULT_OPTIONS


_ANY_POPULATION = Population()


class RandomSource:
    """The random choices for one record: each field has its own, by name, and it is always the same.

    They depend on seed, resource, id and field only, never on the order of calls.

    >>> random = RandomSource(seed=1, resource="customers", key=42)
    >>> random.integer("day", 365) == random.integer("day", 365)
    True

    seed: that of the world.
    resource: the name of the record's resource: ``customers``.
    key: the record's id.
    population: that of the world; only references to other records, and phone numbers, depend on it.
    """

    __slots__ = ("_base", "key", "population", "seed")

    def __init__(self, seed: int, resource: str, key: int, population: Population = _ANY_POPULATION) -> None:
        self.seed, self.key, self.population = seed, key, population
        self._base = blake2b(f"{seed}|{resource}|{key}|".encode(), digest_size=8)

    def integer(self, field: str, limit: int) -> int:
        """Return a number from 0 to ``limit - 1``. The same `field` always gives the same one.

        field: any name for this choice; mostly the field of the record that it is made for.
        """
        digest = self._base.copy()
        digest.update(field.encode())
        return int.from_bytes(digest.digest(), "big") % limit

    def integers(self, field: str, *limits: int) -> list[int]:
        """Return a number from 0 to ``limit - 1`` for each limit, in the time of a single one.

        A further limit at the end changes none of the others. Their product must be much less than 2**64.
        """
        value, numbers = self.integer(field, 1 << 64), []
        for limit in limits:
            numbers.append(value % limit)  # divmod would take twice as long
            value //= limit
        return numbers

    def null_fields(self, limits_by_name: Mapping[str, int]) -> dict[str, None]:
        """Return the optional fields that are null in this record, each with None.

        limits_by_name: by name, in how many of a hundred records a field is null; at most eight.
        """
        numbers = self.integers("null fields", *[100] * len(limits_by_name))
        return {
            name: None
            for (name, percent), number in zip(limits_by_name.items(), numbers, strict=True)
            if number < percent
        }

    def pick(self, field: str, choices: Sequence[T]) -> T:
        """Return one of the choices. The same `field` and choices always give the same one."""
        return choices[self.integer(field, len(choices))]

    def is_chosen(self, field: str, percent: int) -> bool:
        """Return True for about `percent` in a hundred records, else False.

        The same `field` of one record always gives the same result.
        """
        return self.integer(field, 100) < percent

    def pick_id(self, field: str, resource: str, last: int) -> int:
        """Return the id of a generated record of another resource, from 2: record 1 is the documented one.

        The same `field` and `last` always give the same one, except where the population ends before it: then
        it is one of those that there are. If fewer than two are generated, no record has the id; callers see
        to that by `population.counts`.

        last: the largest id that is suitable, such as that of the last record that was there at the time.
        """
        key = 2 + self.integer(field, max(last - 1, 1))
        count = self.population.counts.get(resource, key)
        return key if key <= count or count < 2 else 2 + self.integer(f"{field} of few", count - 1)


class Shuffle:
    """A permutation of the numbers 0 to `count` - 1 that depends on the seed and can be inverted.

    Item and invoice codes are made with it: no two ids below `count` have the same code, and a code leads
    back to its id without a list.

    name: so that two permutations of one seed differ.
    step: must have no divisor in common with `count`. Raises ValueError otherwise.
    """

    def __init__(self, name: str, count: int, step: int) -> None:
        self.name, self.count, self.step = name, count, step
        self._reverse_step = pow(step, -1, count)

    def number_of(self, seed: int, key: int) -> int:
        """Return the number of an id, from 0 to `count` - 1: the variable part of its code.

        Two ids have the same number only if they differ by a multiple of `count`.
        """
        return (key * self.step + _start(self.name, seed, self.count)) % self.count

    def id_of(self, seed: int, number: int) -> int:
        """Return the id, modulo `count`, that a number belongs to: the reverse of `number_of`."""
        return (number - _start(self.name, seed, self.count)) * self._reverse_step % self.count


@lru_cache(64)
def _start(name: str, seed: int, count: int) -> int:
    """Return the number of id 0 in the permutation of a seed; all others follow from it by steps."""
    return RandomSource(seed, name, 0).integer("code", count)
