"""Names, from the data of Faker's locales, read through its public Generator and Provider.

Drawing from the lists by `fakekit.world.seed.Draw` keeps the world a function: a shared, reseeded
generator gives wrong records under threads, and which value a seed gives is not promised by Faker.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from fakekit.world.seed import Draw

_PERSON = "faker.providers.person"
_LETTERS = str.maketrans({"ɔ": "o", "Ɔ": "O", "ε": "e", "ɛ": "e", "Ɛ": "E", "ŋ": "ng", "ø": "o"})


@dataclass(frozen=True)
class Names:
    """First and last names of one locale; a pair per gender, where last names differ by gender too."""

    female: tuple[tuple[str, ...], tuple[str, ...]]
    male: tuple[tuple[str, ...], tuple[str, ...]]


@cache
def names(locale: str) -> Names:
    """The names that Faker has for a locale: ``names("tw_GH")``."""
    from faker import Factory  # takes as long as the rest of fakekit; a world of files never needs it

    person: Any = Factory.create(locale, providers=[_PERSON]).provider(_PERSON)
    return Names(
        female=(
            _sorted(person.first_names_female),
            _sorted(getattr(person, "last_names_female", person.last_names)),
        ),
        male=(
            _sorted(person.first_names_male),
            _sorted(getattr(person, "last_names_male", person.last_names)),
        ),
    )


def person(draw: Draw, locale: str) -> tuple[str, str]:
    """A first and a last name that go together."""
    known = names(locale)
    first, last = known.female if draw.chance("gender", 50) else known.male
    return draw.pick("first_name", first), draw.pick("last_name", last)


def mailbox(name: str, key: int) -> str:
    """An ASCII mailbox made from a name, unique by the record's id: ``ama.mensah42``."""
    folded = unicodedata.normalize("NFKD", name.translate(_LETTERS)).lower()
    words = "".join(c if c.isascii() and c.isalnum() else " " if c.isspace() else "" for c in folded)
    return ".".join(words.split())[:48].strip(".") + str(key) if words.split() else f"customer{key}"


def _sorted(found: Iterable[str]) -> tuple[str, ...]:
    """As a sorted tuple without repeats: an order and weights of Faker's own cannot move the world."""
    return tuple(sorted(set(found)))
