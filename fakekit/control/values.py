"""The arguments of control operations: how a method declares them, and the types that only they have.

Types that faults have too are in `fakekit.faults.settings`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from json import dumps
from typing import Any, TypeVar

from fakekit.accounts.account_key import KEY, KEY_FORM
from fakekit.contract.value_type import ValueType, matching_text
from fakekit.errors import ControlError, Problem
from fakekit.faults.settings import SettingField
from fakekit.settings.declaration import Setting
from fakekit.settings.value_types import ASSUMPTIONS, FAULTS, FLAG, PATHS

Function = TypeVar("Function", bound=Callable[..., object])


def takes(**fields: SettingField) -> Callable[[Function], Function]:
    """Return a decorator that declares the arguments of an operation, beside those in its path.

    It stores them as the attribute ``fields`` of the method, from which `fakekit.control.arguments` validates
    each call, and `fakekit.control.openapi` describes them.

    fields: validate the arguments, by name. If the whole body is one argument (`Operation.body_argument`),
        they only describe its fields.
    """

    def decorator(method: Function) -> Function:
        method.fields = fields  # type: ignore[attr-defined]
        return method

    return decorator


def _parse_boolean(value: object) -> bool:
    """Return a JSON boolean unchanged. Raises ValueError for any other type, also for numbers and words."""
    if not isinstance(value, bool):
        raise ValueError
    return value


def _parse_object(value: object) -> dict[str, object]:
    """Return a shallow copy of a JSON object. Raises ValueError for any other type."""
    if not isinstance(value, Mapping):
        raise ValueError
    return dict(value)


def _parse_faults(value: object) -> list[object]:
    """Return faults, as text or objects, as a new list, also a single one; their content is not checked.

    Raises ValueError for more than 100, or an item that is neither text nor an object.
    """
    items = value if isinstance(value, list | tuple) else [value]
    if len(items) > 100 or not all(isinstance(item, str | Mapping) for item in items):
        raise ValueError
    return list(items)


# The suffix decides between YAML and JSON. Without slashes, as it must not look like a path of the server.
_FILE_NAME = re.compile(r"[\w .-]{1,100}\.(yaml|yml|json)", re.ASCII)


def _parse_files(value: object) -> tuple[tuple[str, str], ...]:
    """Return fixture files as pairs of file name and text; the text is not parsed.

    value: the JSON of one file, which gets the name ``fixtures.json``, or a list of objects with name and
        text. A path is not accepted: clients must not read files on the server's disk.

    Raises ValueError for anything else, `ControlError` for an invalid item of the list.
    """
    if isinstance(value, Mapping):
        return (("fixtures.json", dumps(dict(value))),)
    if not isinstance(value, list):
        raise ValueError
    return tuple(_parse_file(file) for file in value)


def _parse_file(value: Any) -> tuple[str, str]:
    """Return name and text of one fixture file, ``{"name": "shop.yaml", "text": "customers: ..."}``.

    Raises `ControlError` for anything else, and for a name with a folder or another suffix.
    """
    is_file = isinstance(value, Mapping) and set(value) == {"name", "text"}
    if not is_file or not isinstance(value["name"], str) or not isinstance(value["text"], str):
        raise ControlError(Problem("", "must be a list of files, each with name and text"))
    if not _FILE_NAME.fullmatch(value["name"]):
        message = "must be files whose names end in .yaml, .yml or .json, without a folder"
        raise ControlError(Problem("", message))
    return value["name"], value["text"]


def _parse_since(value: object) -> int | float:
    """Return a request's number as an int, also from digits, or a time as a float of seconds since 1970.

    Raises ValueError for anything else.
    """
    if type(value) is int and value >= 0:
        return value
    if (
        isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 18
    ):  # bounded for int()
        return int(value)
    return _as_utc(value).timestamp()


def _as_utc(value: Any) -> datetime:
    """Convert the text of a time in ISO 8601 to a datetime; without a zone it is taken as UTC.

    Raises ValueError for anything else, and for a time outside of the years 1 to 9999.
    """
    try:
        when = datetime.fromisoformat(value)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (TypeError, OverflowError):
        raise ValueError from None


ACCOUNT_KEY = matching_text(KEY.pattern, f"a key: {KEY_FORM}", {"pattern": f"^{KEY.pattern}$"})
"""The key of an account, as the operations `open` and `alias` take it; not the keys of requests."""
BOOLEAN = ValueType(_parse_boolean, "true or false", {"type": "boolean"})
JSON_OBJECT = ValueType(_parse_object, "an object", {"type": "object"})
FAULT_LIST = ValueType(_parse_faults, "a list of at most 100 faults, as JSON or text", {"type": "array"})
FIXTURE_FILES = ValueType(
    _parse_files,
    "the JSON of a fixture file, or a list of files with name and text",
    {"type": ["object", "array"]},
)
_TIME_FORM = "a time, such as 2024-08-04 08:23:45 or 2024-08-04T08:23:45Z"
TIME = ValueType(lambda value: None if value == "now" else _as_utc(value), _TIME_FORM, {"type": "string"})
"""The time at which a clock stops: ``now`` (None), ``2024-08-04 08:23:45`` (UTC) or ISO 8601 with a zone."""
SINCE = ValueType(_parse_since, f"the number of a request, or {_TIME_FORM}", {"type": ["integer", "string"]})
"""Which requests are listed: those after the one with a number, or from a time (ISO 8601) on."""


def account_field(setting: Setting) -> SettingField:
    """Return the field for a setting that the operation ``open`` takes for one account.

    A boolean must be one in JSON too. The texts and paths of files, and the JSON of faults and
    assumptions, have forms of their own.
    """
    note, value_type = setting.help_text, setting.value_type
    if value_type is PATHS:
        return SettingField(
            FIXTURE_FILES, note="fixture files: the JSON of one, or a list of objects with name and text"
        )
    if value_type is ASSUMPTIONS:
        return SettingField(JSON_OBJECT, note="values of assumptions, by name")
    if value_type is FAULTS:
        return SettingField(FAULT_LIST, note="the faults that it starts with, as JSON or text")
    return SettingField(BOOLEAN if value_type is FLAG else value_type, note=note)
