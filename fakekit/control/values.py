"""The arguments of control operations: how a method declares them, and the fields that only they have.

Fields that faults have too are in `fakekit.faults.settings`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from json import dumps
from typing import Any, TypeVar

from marshmallow import ValidationError

from fakekit.accounts.account_key import KEY, KEY_FORM
from fakekit.faults.settings import SettingField, ValueField
from fakekit.settings.declaration import Setting
from fakekit.settings.value_types import ASSUMPTIONS, FAULTS, FLAG, PATHS

Function = TypeVar("Function", bound=Callable[..., Any])


def takes(**fields: SettingField) -> Callable[[Function], Function]:
    """Return a decorator that declares the arguments of an operation, beside those in its path.

    It stores them as the attribute ``fields`` of the method, from which `fakekit.control.arguments` validates
    each call, and `fakekit.control.openapi` describes them.

    fields: validate the arguments, by name. If the whole body is one argument (`Operation.body_argument`),
        they only describe its fields.
    """

    def declare(method: Function) -> Function:
        method.fields = fields  # type: ignore[attr-defined]
        return method

    return declare


class Key(SettingField):
    """An argument that is an API key: ``fk_`` and 1 to 64 letters, digits, ``_`` or ``-``.

    For ``key`` of the operation ``open`` and ``alias`` of ``alias``; not for the keys of requests.
    """

    facets = {"type": "string", "pattern": f"^{KEY.pattern}$"}

    def read(self, value: Any) -> str:
        """Return the key in the arguments of a control operation, unchanged.

        Raises ValidationError for anything else, without repeating the value.
        """
        if not isinstance(value, str) or not KEY.fullmatch(value):
            raise ValidationError(f"must be a key: {KEY_FORM}")
        return value


class BooleanField(SettingField):
    """An argument of a control operation that is a JSON boolean; numbers and words are not accepted."""

    facets = {"type": "boolean"}

    def read(self, value: Any) -> bool:
        """Return a boolean argument of a control operation, ``strict`` of ``open``, unchanged.

        Raises ValidationError for any other type.
        """
        if not isinstance(value, bool):
            raise ValidationError("must be true or false")
        return value


class JsonObject(SettingField):
    """An argument of ``open`` that is a JSON object: ``assumptions`` or ``clock``.

    The operation itself validates its content.
    """

    facets = {"type": "object"}

    def read(self, value: Any) -> dict[str, Any]:
        """Return a shallow copy of the object in the arguments. Raises ValidationError for any other type."""
        if not isinstance(value, Mapping):
            raise ValidationError("must be an object")
        return dict(value)


class FaultList(SettingField):
    """The argument ``faults`` of ``open``: a list of at most 100 faults, or a single one, as text or objects.

    The operation itself validates each.
    """

    facets = {"type": "array"}

    def read(self, value: Any) -> list[Any]:
        """Return the faults of the new account as a new list, also for a single one.

        Raises ValidationError for a longer list, or an item that is neither text nor an object.
        """
        items = value if isinstance(value, list | tuple) else [value]
        if len(items) > 100 or not all(isinstance(item, str | Mapping) for item in items):
            raise ValidationError("must be a list of at most 100 faults, as JSON or text")
        return list(items)


# The suffix decides between YAML and JSON. Without slashes, as it must not look like a path of the server.
_FILE_NAME = re.compile(r"[\w .-]{1,100}\.(yaml|yml|json)", re.ASCII)


class FixtureFiles(SettingField):
    """The argument ``fixtures`` of ``open``: the JSON of one fixture file, or a list of files.

    Each file of the list is an object with its name and text. A path is not accepted: clients must not read
    files on the server's disk.
    """

    facets = {"type": ["object", "array"]}

    def read(self, value: Any) -> tuple[tuple[str, str], ...]:
        """Return the fixture files of the new account as pairs of file name and text; the text is not parsed.

        The JSON of a single file gets the name ``fixtures.json``. Raises ValidationError for anything else,
        also for an invalid file name.
        """
        if isinstance(value, Mapping):
            return (("fixtures.json", dumps(dict(value))),)
        if not isinstance(value, list):
            raise ValidationError("must be the JSON of a fixture file, or a list of files with name and text")
        return tuple(self._file(file) for file in value)

    def _file(self, value: Any) -> tuple[str, str]:
        """Return name and text of one file in the list.

        value: ``{"name": "shop.yaml", "text": "customers: ..."}``.

        Raises ValidationError for anything else, and for a name with a folder or another suffix.
        """
        is_file = isinstance(value, Mapping) and set(value) == {"name", "text"}
        if not is_file or not isinstance(value["name"], str) or not isinstance(value["text"], str):
            raise ValidationError("must be a list of files, each with name and text")
        if not _FILE_NAME.fullmatch(value["name"]):
            raise ValidationError("must be files whose names end in .yaml, .yml or .json, without a folder")
        return value["name"], value["text"]


def account_field(setting: Setting) -> SettingField:
    """Return the field for a setting that the operation ``open`` takes for one account.

    A number or a boolean must be one in JSON too. The texts and paths of files, and the JSON of faults and
    assumptions, have forms of their own.
    """
    note, value_type = setting.help_text, setting.value_type
    if value_type is PATHS:
        return FixtureFiles(note="fixture files: the JSON of one, or a list of objects with name and text")
    if value_type is ASSUMPTIONS:
        return JsonObject(note="values of assumptions, by name")
    if value_type is FAULTS:
        return FaultList(note="the faults that it starts with, as JSON or text")
    return BooleanField(note=note) if value_type is FLAG else ValueField(value_type, note=note)


class TimeField(SettingField):
    """The argument ``freeze`` of the operation `set_clock`.

    It is ``now``, ``2024-08-04 08:23:45`` (UTC) or ISO 8601 with a zone.
    """

    facets = {"type": "string"}

    def read(self, value: Any) -> datetime | None:
        """Return the time at which a clock stops as a datetime in UTC; None for ``now``.

        Raises ValidationError for anything else.
        """
        if value == "now":
            return None
        return as_utc(value)


class Since(SettingField):
    """The filter ``since`` of recorded requests: the number of a request, or a time in ISO 8601.

    The requests after the number, or from the time on, are listed.
    """

    facets = {"type": ["integer", "string"]}

    def read(self, value: Any) -> int | float:
        """Return a request's number as an int, also from digits, or a time as a float of seconds since 1970.

        Raises ValidationError for anything else.
        """
        if type(value) is int and value >= 0:
            return value
        if (
            isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 18
        ):  # bounded for int()
            return int(value)
        return as_utc(value).timestamp()


def as_utc(value: Any) -> datetime:
    """Convert the ISO 8601 text of `TimeField` or `Since` to a datetime; without a zone it is taken as UTC.

    Raises marshmallow's ValidationError for anything else, and for a time outside of the years 1 to 9999.
    """
    try:
        when = datetime.fromisoformat(value)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ValidationError("must be a time, such as 2024-08-04 08:23:45 or 2024-08-04T08:23:45Z") from None
