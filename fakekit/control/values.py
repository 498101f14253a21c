"""Types of values that only the control API reads; the others are in `fakekit.faults.settings`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from json import dumps
from typing import Any

from marshmallow import ValidationError

from fakekit.api.authentication import KEY
from fakekit.faults.settings import SettingField


class Key(SettingField):
    """An API key: ``fk_`` and 1 to 64 letters, digits, ``_`` or ``-``."""

    facets = {"type": "string", "pattern": f"^{KEY.pattern}$"}

    def read(self, value: Any) -> str:
        """Return the key as it came. Raises ValidationError, which does not repeat what is none."""
        if not isinstance(value, str) or not KEY.fullmatch(value):
            raise ValidationError("must be a key: fk_ and 1 to 64 of A-Z a-z 0-9 _ -")
        return value


class BooleanField(SettingField):
    """A boolean; digits and words are not accepted for it."""

    facets = {"type": "boolean"}

    def read(self, value: Any) -> bool:
        """Return the boolean as it came. Raises ValidationError."""
        if not isinstance(value, bool):
            raise ValidationError("must be true or false")
        return value


class Table(SettingField):
    """An object with values by name, which the operation itself checks."""

    facets = {"type": "object"}

    def read(self, value: Any) -> dict[str, Any]:
        """Return a copy of the object. Raises ValidationError for anything that is not one."""
        if not isinstance(value, Mapping):
            raise ValidationError("must be an object")
        return dict(value)


class Words(SettingField):
    """A list of at most 100 texts or objects, or one of them alone, which the operation itself checks."""

    facets = {"type": "array"}

    def read(self, value: Any) -> list[Any]:
        """Return the items as a new list. Raises ValidationError."""
        items = value if isinstance(value, list | tuple) else [value]
        if len(items) > 100 or not all(isinstance(item, str | Mapping) for item in items):
            raise ValidationError("must be a list of at most 100 faults, as JSON or text")
        return list(items)


_FILE_NAME = re.compile(r"[\w .-]{1,100}\.(yaml|yml|json)", re.ASCII)


class Texts(SettingField):
    """Fixture files: one as its JSON, or a list of them, each with its name and its text.

    Never a path: what is on the disk of a server is not for its clients.
    """

    facets = {"type": ["object", "array"]}

    def read(self, value: Any) -> tuple[tuple[str, str], ...]:
        """Return pairs of file name and content; a file given as JSON is named ``fixtures.json``.

        Raises ValidationError.
        """
        if isinstance(value, Mapping):
            return (("fixtures.json", dumps(dict(value))),)
        if not isinstance(value, list):
            raise ValidationError("must be the JSON of a fixture file, or a list of files with name and text")
        return tuple(self._file(file) for file in value)

    def _file(self, value: Any) -> tuple[str, str]:
        """Return name and content of one file. Raises ValidationError, also for a name with a folder."""
        is_file = isinstance(value, Mapping) and set(value) == {"name", "text"}
        if not is_file or not isinstance(value["name"], str) or not isinstance(value["text"], str):
            raise ValidationError("must be a list of files, each with name and text")
        if not _FILE_NAME.fullmatch(value["name"]):
            raise ValidationError("must be files whose names end in .yaml, .yml or .json, without a folder")
        return value["name"], value["text"]


class TimeField(SettingField):
    """A time: ``now``, ``2024-08-04 08:23:45`` (UTC) or ISO 8601 with a zone."""

    facets = {"type": "string"}

    def read(self, value: Any) -> datetime | None:
        """Return the time in UTC, or None for ``now``. Raises ValidationError."""
        if value == "now":
            return None
        return as_utc(value)


class Since(SettingField):
    """A point from which requests are listed: the number of a request, or a time."""

    facets = {"type": ["integer", "string"]}

    def read(self, value: Any) -> int | float:
        """Return the number (an int), or the time in seconds since 1970 (a float). Raises ValidationError."""
        if type(value) is int and value >= 0:
            return value
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 18:
            return int(value)
        return as_utc(value).timestamp()


def as_utc(value: Any) -> datetime:
    """Return an ISO 8601 time in UTC; one without a zone is taken for UTC.

    Raises marshmallow's ValidationError.
    """
    try:
        when = datetime.fromisoformat(value)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ValidationError("must be a time, such as 2024-08-04 08:23:45 or 2024-08-04T08:23:45Z") from None
