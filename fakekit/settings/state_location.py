"""Where accounts are stored: the value of the setting ``state``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fakekit.errors import HIDDEN, Problem, SettingsError

MEMORY = "memory"
"""What the setting is where accounts live in the memory of one process."""

EXPECTED = "memory, the name of a file, or postgresql://USER@HOST/DATABASE"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
# libpq takes both spellings (PostgreSQL 17, 34.1.1.2, Connection URIs).
_DATABASE_SCHEMES = ("postgresql", "postgres")
_KEYWORDS = re.compile(r"\s*(host|hostaddr|port|dbname|user|password|passfile|service)\s*=")
"""How a connection string of libpq begins, which is no URL: ``host=db dbname=fake``."""


@dataclass(frozen=True, repr=False)
class StateLocation:
    """Where accounts are stored: a file, or a database. Its `str` and `repr` show no password.

    text: the path of the file, or the URL of the database with its password, if it has one.
    """

    text: str

    @property
    def is_file(self) -> bool:
        """Whether it is a file of this machine, and not a database that a server has."""
        return _SCHEME.match(self.text) is None

    @property
    def has_password(self) -> bool:
        """Whether `str` leaves out a part of it, which may be a password."""
        return str(self) != self.text

    def in_folder(self, folder: Path) -> StateLocation:
        """Return the location with the path of its file taken from a folder; one of a database unchanged."""
        return StateLocation(str(folder / self.text)) if self.is_file else self

    def __str__(self) -> str:
        """Return the location without the password and the parameters of its URL.

        >>> str(StateLocation("postgresql://ama:secret@db/fake?sslpassword=secret"))
        'postgresql://ama:...@db/fake?...'
        """
        if self.is_file:
            return self.text
        # Behind "?" a password may stand, too. A password with @ or / in it breaks RFC 3986, yet is one.
        scheme, user, password, rest = _split_url(self.text)
        location, has_parameters, _ = rest.partition("?")
        return f"{scheme}{user}{password and ':' + HIDDEN}{location}{has_parameters and '?' + HIDDEN}"

    def __repr__(self) -> str:
        """Return the location as in an expression, without its password."""
        return f"StateLocation({str(self)!r})"


def _split_url(url: str) -> tuple[str, str, str, str]:
    """Return the scheme of a URL with ``://``, its user, its password, and the rest from the ``@`` on.

    User and password are empty where there are none.
    """
    scheme = _SCHEME.match(url)
    start = scheme.end() if scheme else 0
    user_info, at, rest = url[start:].rpartition("@")
    user, _, password = user_info.partition(":")
    return url[:start], user, password, at + rest


def parse_state(value: object) -> StateLocation | None:
    """Return a value of the setting ``state``; None for ``memory``.

    Raises ValueError for blank text and other types.
    """
    if isinstance(value, StateLocation):
        return value
    text = str(value) if isinstance(value, Path) else value
    if not isinstance(text, str) or not text.strip():
        raise ValueError
    return None if text.strip() == MEMORY else StateLocation(text.strip())


def check_state(location: StateLocation | None, source: str) -> StateLocation | None:
    """Return a value of the setting ``state`` unchanged.

    source: where it was set, for the error: ``--state``.

    Raises `SettingsError` for the URL of what is no PostgreSQL, and for a connection string of libpq.
    """
    if location is None:
        return None
    scheme = _SCHEME.match(location.text)
    if scheme is not None and scheme[1] not in _DATABASE_SCHEMES:
        is_sqlite = scheme[1].startswith("sqlite")
        write = "the file's name alone" if is_sqlite else "postgresql://USER@HOST/DATABASE"
        raise SettingsError(Problem(source, f"must be {EXPECTED}", str(location), write))
    if _KEYWORDS.match(location.text):
        raise SettingsError(
            Problem(source, "is a connection string, not a URL", "", "postgresql://USER@HOST/DATABASE")
        )
    return location
