"""The settings of faults and the arguments of operations: one marshmallow field, and the types of values."""

from __future__ import annotations

import re
from base64 import b64decode
from functools import partial
from json import dumps, loads
from typing import Any

from marshmallow import ValidationError

from fakekit.contract.pattern import METHODS, read_method, read_path
from fakekit.contract.record_field import AnyField
from fakekit.contract.strict_json import is_too_deep
from fakekit.contract.value_type import ValueType, matching_text
from fakekit.errors import FakekitError, Problem

MAX_SECONDS = 60.0
"""The longest delay that is accepted."""

_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,20})?)\s*(ms|s)?", re.ASCII)

MAX_DEPTH = 100
"""The deepest nesting of JSON that is accepted: the functions that read it recurse into each level."""


_MESSAGES: dict[str, Any] = {"required": "is required", "null": "must not be null"}


class SettingField(AnyField):
    """One setting of a fault or one argument of a control operation, as a marshmallow field.

    value_type: the type of its values, which are JSON or text; `JSON` alone has null.
    required: whether it must be set.
    note: a description for the generated documentation.
    is_secret: whether its value may be secret, so that no error message shows it.
    """

    def __init__(
        self, value_type: ValueType, *, required: bool = False, note: str = "", is_secret: bool = False
    ) -> None:
        self.value_type, self.note, self.is_secret = value_type, note, is_secret
        super().__init__(required=required, allow_none=value_type is JSON, error_messages=_MESSAGES)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> object:
        """Return the value as its type's Python value; marshmallow calls this to load a field.

        Raises ValidationError, with what is expected instead, for a value that the type does not have.
        """
        try:
            return self.value_type.parse(value)
        except FakekitError as error:
            raise ValidationError(list(error.problems)) from None
        except ValueError:
            raise ValidationError(f"must be {self.value_type.expected}") from None


def first_message(messages: object) -> tuple[str, str]:
    """Return what is wrong with a setting, and what to write instead, from marshmallow's messages on it.

    The first message counts. The second text is empty where nothing is suggested.
    """
    first = messages[0] if isinstance(messages, list) else str(messages)
    return (first.description, first.write) if isinstance(first, Problem) else (first, "")


def _parse_seconds(value: Any) -> float:
    """Return a duration in seconds: ``"300ms"`` gives 0.3.

    Raises ValueError for anything else, and for more than `MAX_SECONDS`.
    """
    if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
        value = float(match[1]) / (1000 if match[2] == "ms" else 1)
    if type(value) not in (int, float) or not 0 <= value <= MAX_SECONDS:
        raise ValueError
    return float(value)


def _parse_json(value: object) -> object:
    """Return a deep copy of a JSON value; later changes of the caller's object do not reach it.

    Raises ValueError for a value that is not JSON, not UTF-8 or nested too deeply.
    """
    try:
        text = dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
        copy = loads(text)
    except (TypeError, RecursionError):
        raise ValueError from None
    if is_too_deep(copy, MAX_DEPTH):
        raise ValueError
    return copy


def _parse_text(value: object) -> str:
    """Return the text of a stub's body unchanged. Raises ValueError for what cannot be encoded as UTF-8."""
    if not isinstance(value, str):
        raise ValueError
    value.encode()
    return value


def _parse_base64(value: Any) -> str:
    """Return the text of the bytes of a stub's body unchanged. Raises ValueError for what is not Base64."""
    try:
        b64decode(value, validate=True)
    except TypeError:
        raise ValueError from None
    return str(value)


SECONDS = ValueType(
    _parse_seconds,
    f"a time from 0 to {MAX_SECONDS:g} seconds, such as 2s or 300ms",
    {"type": ["number", "string"], "minimum": 0, "maximum": MAX_SECONDS},
)
METHOD = ValueType(
    partial(read_method, methods=METHODS), "a method", {"type": "string", "enum": ["*", *METHODS]}
)
PATH = ValueType(read_path, "a path", {"type": "string"})
"""The path of requests: ``customers/1``, ``customers/*``, ``/api/v1/sales/{invoice_code}``."""
FIELD_NAME = matching_text(
    r"[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,9}",
    "the name of a field, or the path to it: data.customer.id",
)
"""A field of a response's body: its name, at any depth, or the path to it."""
MEDIA_TYPE = matching_text(r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w-]+)?", "a media type, such as text/html")
"""A media type, with at most one parameter: ``text/html; charset=utf-8``."""
JSON = ValueType(_parse_json, f"JSON, in UTF-8 and at most {MAX_DEPTH} levels deep")
TEXT = ValueType(_parse_text, "text", {"type": "string"})
BASE64 = ValueType(_parse_base64, "bytes in Base64", {"type": "string", "contentEncoding": "base64"})
"""Bytes in Base64 (RFC 4648, 4)."""
