"""First and last names, from the data of Faker's locales.

The names are class attributes of Faker's public ``Provider`` classes. Drawing from these lists by
`fakekit.world.seed.Draw` keeps the world a function: a shared, reseeded generator gives wrong records
under threads, and which value a seed gives is not promised by Faker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from fakekit.import_lock import once

LOCALES = ("tw_GH", "en_US", "en_GB")
"""The locales that people of the world have their names from."""

_PERSON = "faker.providers.person"


@dataclass(frozen=True)
class Names:
    """First and last names of one locale; a pair per gender, where last names differ by gender too."""

    female: tuple[tuple[str, ...], tuple[str, ...]]
    male: tuple[tuple[str, ...], tuple[str, ...]]


def names(locale: str) -> Names:
    """Return the names of one of `LOCALES`, loaded by the first call; KeyError for another locale."""
    return _load()[locale]


def load_names() -> None:
    """Import Faker and load all names now, which takes about 40 ms, so that no request has to.

    Does nothing when they are loaded.
    """
    _load()


@once
def _load() -> Mapping[str, Names]:
    # Faker takes as long as the rest of fakekit to import, and a world of files never needs it.
    return {locale: _names_of(import_module(f"{_PERSON}.{locale}").Provider) for locale in LOCALES}


def _names_of(person: Any) -> Names:
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


def _sorted(found: Iterable[str]) -> tuple[str, ...]:
    """As a sorted tuple without repeats: an order and weights of Faker's own cannot move the world."""
    return tuple(sorted(set(found)))
