"""First and last names from the data of Faker's locales, and a check that they are the ones we know.

The names are class attributes of Faker's public ``Provider`` classes. `RandomSource` (`random_values`)
picks from these lists, so the world stays a function: a shared, reseeded Faker gives wrong records under
threads, and Faker does not promise which value a seed gives.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib import import_module
from json import dumps  # by name: tests patch json.dumps
from typing import Any, NamedTuple

from fakekit._version import WORLD_VERSION
from fakekit.import_lock import Once
from fakekit.unpatched import Lock

LOCALES = ("tw_GH", "en_US", "en_GB")
"""The locales that people of the world have their names from."""

DIGEST = "c0d2f5cd9a11"
"""The start of the SHA-256 of all names that `WORLD_VERSION` is made from."""

OLDEST_TESTED, NEWEST_TESTED = "37.0.0", "40.63.0"
"""Between these versions Faker's names were compared with `DIGEST` by our tests. They limit nothing: the
names of any version are compared when they are loaded, those of an untested one when a server is made."""

_MISSPELLED = {"COmfort", "Eliabeth"}  # the right spelling of both is in the list too
_PERSON = "faker.providers.person"
_SUGGESTION = f"to have the same world, install faker=={NEWEST_TESTED}"
_LOGGER = logging.getLogger("fakekit")
_WARNING_LOGGED = Lock()
"""Acquired, and never released, by the thread that logs the warning: it is logged once per process."""


class Names(NamedTuple):
    """First and last names of one locale; a pair per gender, where last names differ by gender too."""

    female: tuple[tuple[str, ...], tuple[str, ...]]
    male: tuple[tuple[str, ...], tuple[str, ...]]


class _Loaded(NamedTuple):
    """All names, and a warning if they are not those that `WORLD_VERSION` is made from; else ""."""

    by_locale: Mapping[str, Names]
    warning: str


def names(locale: str) -> Names:
    """Return the names of one of `LOCALES`: ``tw_GH``. The first call imports Faker.

    Logs a warning, once per process, if they are not those that `WORLD_VERSION` is made from. Raises
    KeyError for another locale, ImportError when Faker cannot be imported.
    """
    loaded = _load()
    if loaded.warning:
        _log_once(loaded.warning)
    return loaded.by_locale[locale]


def has_loaded_names() -> bool:
    """Return whether `names` returns at once, without importing anything or waiting for who does."""
    return _load.is_made


def load_names() -> None:
    """Import Faker and load all names now, which takes about 40 ms, so that no request has to wait for it.

    Does nothing when they are loaded. Logs the warning of `names`.
    """
    names(LOCALES[0])


def faker_warning() -> str:
    """Return a warning if the installed Faker has other names than our world; "" if it has the same.

    For a version between `OLDEST_TESTED` and `NEWEST_TESTED` only its number is read, about 1 ms; the names
    of another are loaded and compared. A warning is also returned if they cannot be loaded. Logs nothing.
    """
    if _is_checked_version(faker_version()):
        return ""
    try:
        return _load().warning
    except (ImportError, AttributeError) as error:
        return f"the names of Faker {faker_version()} cannot be read ({error}); {_SUGGESTION}"


def log_faker_warning() -> None:
    """Log a warning, once per process, if Faker has other names than our world, or none that can be read.

    Called when a server is made, so that the warning comes before any name is used. Does not import Faker if
    its version was tested; see `faker_warning`.
    """
    warning = faker_warning()
    if warning:
        _log_once(warning)


def faker_version() -> str:
    """Return the version of the installed Faker, ``40.63.0``, for the warnings about its names.

    "unknown" if its metadata are missing.
    """
    from importlib.metadata import PackageNotFoundError, version  # 24 ms, if nothing else imported it

    try:
        return str(version("faker"))
    except PackageNotFoundError:
        return "unknown"


def _is_checked_version(version: str) -> bool:
    """Return whether our tests have compared the names of this version of Faker.

    They have for `OLDEST_TESTED` to `NEWEST_TESTED`.
    """
    return _release(OLDEST_TESTED) <= _release(version) <= _release(NEWEST_TESTED)


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers that a version of Faker begins with: (40, 63, 0); () if it begins with none."""
    parts: list[int] = []
    for part in version.split("."):
        if not part.isdecimal():
            break
        parts.append(int(part))
    return tuple(parts)


def _log_once(warning: str) -> None:
    """Log a warning about Faker's names, unless this process has logged one already, in any thread."""
    if _WARNING_LOGGED.acquire(blocking=False):
        _LOGGER.warning("%s", warning)


@Once
def _load() -> _Loaded:
    """Import Faker's names and return them, with a warning if they do not have `DIGEST`.

    The first call's result is cached. Raises ImportError or AttributeError when Faker has no such names.
    """
    # Faker takes as long as the rest of fakekit to import, and a world of files never needs it.
    by_locale = {locale: _names_of(import_module(f"{_PERSON}.{locale}").Provider) for locale in LOCALES}
    text = dumps([(known.female, known.male) for known in by_locale.values()])
    if sha256(text.encode()).hexdigest().startswith(DIGEST):
        return _Loaded(by_locale, "")
    warning = (
        f"Faker {faker_version()} has other names than those that world version {WORLD_VERSION} is made "
        f"from, so a seed gives customers other names here than elsewhere; {_SUGGESTION}"
    )
    return _Loaded(by_locale, warning)


def _names_of(provider: Any) -> Names:
    """Return the names of a Faker locale's ``Provider`` class, sorted."""
    return Names(
        female=(
            _sorted(provider.first_names_female),
            _sorted(getattr(provider, "last_names_female", provider.last_names)),
        ),
        male=(
            _sorted(provider.first_names_male),
            _sorted(getattr(provider, "last_names_male", provider.last_names)),
        ),
    )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as a sorted tuple without duplicates: a new order or weights in Faker change nothing.

    Those that Faker misspells are left out.
    """
    return tuple(sorted({*names} - _MISSPELLED))
