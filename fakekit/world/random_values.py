"""The random values of one record: names, addresses, dates, whatever the generators of resources ask for.

Randomness has no state: a value per (seed, resource, id, field), so that nothing depends on order.
A seed of ``seed + id`` would make neighbouring worlds overlap and ``hash(str)`` changes with every process,
hence a digest of all four. Picking from Faker's lists by it is 14 times faster than reseeding a Faker for
each record.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TypeVar

from fakekit.world import atlas
from fakekit.world.names import names

T = TypeVar("T")

EPOCH = datetime(2022, 1, 1)
SPAN_MINUTES = 3 * 365 * 24 * 60
"""Records are created in 2022, 2023 and 2024; changed at most 60 days later."""

_LETTERS = str.maketrans({"ɔ": "o", "Ɔ": "O", "ε": "e", "ɛ": "e", "Ɛ": "E", "ŋ": "ng", "ø": "o"})


class RandomSource:
    """The random choices for one record: each field has its own, by name, and it is always the same.

    They depend on seed, resource, id and field only, never on the order of calls.

    >>> random = RandomSource(seed=1, resource="customers", key=42)
    >>> random.integer("day", 365) == random.integer("day", 365)
    True

    seed: that of the world.
    resource: the name of the record's resource: ``customers``.
    key: the record's id.
    """

    __slots__ = ("_base", "key", "seed")

    def __init__(self, seed: int, resource: str, key: int) -> None:
        self.seed, self.key = seed, key
        self._base = blake2b(f"{seed}|{resource}|{key}|".encode(), digest_size=8)

    def integer(self, field: str, limit: int) -> int:
        """Return a number from 0 to ``limit - 1``. The same `field` always gives the same one.

        field: any name for this choice; mostly the field of the record that it is made for.
        """
        digest = self._base.copy()
        digest.update(field.encode())
        return int.from_bytes(digest.digest(), "big") % limit

    def pick(self, field: str, choices: Sequence[T]) -> T:
        """Return one of the choices. The same `field` and choices always give the same one."""
        return choices[self.integer(field, len(choices))]

    def chance(self, field: str, percent: int) -> bool:
        """Return True for about `percent` in a hundred records, else False.

        The same `field` of one record always gives the same result.
        """
        return self.integer(field, 100) < percent


def created_and_updated(random: RandomSource) -> tuple[str, str]:
    """Return a record's ``created_at`` and ``updated_at``: ``2023-05-04 08:23:45``.

    Their choices come from `random`; the second is never earlier than the first.
    """
    created = EPOCH + timedelta(
        minutes=random.integer("created_at", SPAN_MINUTES), seconds=random.integer("created_at.second", 60)
    )
    changed = random.integer("updated_at", 60 * 24 * 60) if random.chance("updated", 60) else 0
    updated = created + timedelta(minutes=changed)
    return str(created), str(updated)


def pick_name(random: RandomSource, locale: str) -> tuple[str, str]:
    """Return a first and a last name that go together, from one locale: ``("Ama", "Mensah")``.

    locale: one of `fakekit.world.names.LOCALES`: ``tw_GH``. The first call imports Faker.
    """
    locale_names = names(locale)
    first, last = locale_names.female if random.chance("gender", 50) else locale_names.male
    return random.pick("first_name", first), random.pick("last_name", last)


def email_local_part(name: str, key: int) -> str:
    """Return what stands before the @ of an e-mail address, made from a name: ``ama.mensah42``.

    key: the record's id; it makes the address unique. At most 48 ASCII characters and the id;
        ``customer42`` for a name without Latin letters.
    """
    normalized = unicodedata.normalize("NFKD", name.translate(_LETTERS)).lower()
    # NFKD splits letters from their marks: "é" becomes "e" and a mark that is not ASCII.
    words = "".join([c if c.isascii() and c.isalnum() else " " if c.isspace() else "" for c in normalized])
    return ".".join(words.split())[:48].strip(".") + str(key) if words.split() else f"customer{key}"


@dataclass(frozen=True)
class CustomerAddress:
    """A customer's address, and the Faker locale of the names that people have there."""

    locale: str
    country: str
    state: str
    city: str
    zip: str
    street: str


def pick_local_address(random: RandomSource) -> CustomerAddress:
    """Return an address in one of Ghana's 16 regions, in a real city of that region."""
    state = random.pick("state", atlas.REGIONS)
    return CustomerAddress(
        locale="tw_GH",
        country="Ghana",
        state=state,
        city=random.pick("city", atlas.CITIES[state]),
        zip="00233",  # Ghana had no zip codes; people write what the vendor's sample has
        street=_street_line(random, atlas.STREETS),
    )


def pick_foreign_address(random: RandomSource) -> CustomerAddress:
    """Return an address in the United Kingdom or the United States, for a customer who lives abroad."""
    locale = "en_GB" if random.chance("country", 50) else "en_US"
    city = random.pick(
        "city", atlas.UNITED_KINGDOM if locale == "en_GB" else tuple(atlas.UNITED_STATES.values())
    )
    street = _street_line(random, atlas.FOREIGN_STREETS)
    return CustomerAddress(locale, city.country, city.state, city.name, city.zip, street)


def pick_phone_number(random: RandomSource, address: CustomerAddress, field: str) -> str:
    """Return a phone number of the address's country that is assigned to nobody.

    field: the name of the record's field, so that two numbers of one record differ.

    Ghana: under 040, see `fakekit.world.atlas`. United Kingdom: 07700 900000 to 900999, which Ofcom keeps
        for drama. United States: 555-0100 to 555-0199, kept for fiction by the numbering plan.
    """
    if address.country == "Ghana":
        return f"{atlas.PHONE_PREFIX}{random.integer(field, 10**7):07}"
    if address.country == "United Kingdom":
        return f"+447700900{random.integer(field, 1000):03}"
    code = next(code for code, city in atlas.UNITED_STATES.items() if city.name == address.city)
    return f"+1{code}55501{random.integer(field, 100):02}"


def _street_line(random: RandomSource, names: tuple[str, ...]) -> str:
    """Return a house number and one of the streets: ``12 Ring Road``."""
    return f"{1 + random.integer('house', 240)} {random.pick('street', names)}"


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
        return (key * self.step + self._start(seed)) % self.count

    def id_of(self, seed: int, number: int) -> int:
        """Return the id, modulo `count`, that a number belongs to: the reverse of `number_of`."""
        return (number - self._start(seed)) * self._reverse_step % self.count

    def _start(self, seed: int) -> int:
        """Return the number of id 0 in the permutation of a seed; all others follow from it by steps."""
        return RandomSource(seed, self.name, 0).integer("code", self.count)
