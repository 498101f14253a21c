"""Chance without state: a stream per (seed, resource, id, field), so that nothing depends on order.

A seed of ``seed + id`` would make neighbouring worlds overlap and ``hash(str)`` changes with every
process, hence a keyed digest; reseeding a generator per record would cost five times as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """What chance gives to one record: each field, by name, always the same.

    >>> draw = Draw(seed=1, resource="customers", key=42)
    >>> draw.below("day", 365) == draw.below("day", 365)
    True
    """

    __slots__ = ("_base", "key", "seed")

    def __init__(self, seed: int, resource: str, key: int) -> None:
        self.seed, self.key = seed, key
        self._base = blake2b(f"{seed}|{resource}|{key}|".encode(), digest_size=8)

    def below(self, field: str, limit: int) -> int:
        """A number from 0 to ``limit - 1``."""
        digest = self._base.copy()
        digest.update(field.encode())
        return int.from_bytes(digest.digest(), "big") % limit

    def pick(self, field: str, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self.below(field, len(choices))]

    def chance(self, field: str, percent: int) -> bool:
        """True in `percent` of a hundred records."""
        return self.below(field, 100) < percent


class Shuffle:
    """The numbers from 0 to `count` - 1 in an order of a seed's own, which can be asked both ways.

    What codes are made of: no two ids have the same, and a code leads back to its id without a list.

    step: has no divisor in common with `count`.
    """

    def __init__(self, name: str, count: int, step: int) -> None:
        self.name, self.count, self.step = name, count, step
        self._inverse_step = pow(step, -1, count)

    def number_of(self, seed: int, key: int) -> int:
        """The number of an id."""
        return (key * self.step + self._start(seed)) % self.count

    def id_of(self, seed: int, number: int) -> int:
        """The id, from 0 to `count` - 1, that a number belongs to."""
        return (number - self._start(seed)) * self._inverse_step % self.count

    def _start(self, seed: int) -> int:
        return Draw(seed, self.name, 0).below("code", self.count)
