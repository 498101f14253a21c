"""The types of a fault's settings, as marshmallow fields that validate JSON values and text alike."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from json import dumps, loads
from typing import Any

from marshmallow import ValidationError

from fakekit.contract.pattern import METHODS, read_method, read_path
from fakekit.contract.record_field import AnyField
from fakekit.contract.strict_json import is_deeper
from fakekit.contract.value_type import ValueType, choice, whole_number
from fakekit.errors import PatternError, Problem

MAX_SECONDS = 60.0
"""The longest delay that is accepted."""

_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,20})?)\s*(ms|s)?", re.ASCII)

MAX_DEPTH = 100
"""The deepest nesting of JSON that is accepted: the functions that read it recurse into each level."""


_MESSAGES: dict[str, Any] = {"required": "is required", "null": "must not be null"}


class SettingField(AnyField):
    """One setting of a fault or of a control operation, as a marshmallow field.

    facets: the JSON Schema keywords for its values.
    required: whether it must be set.
    note: a description for the generated documentation.
    is_secret: whether its value may be secret, so that no error message shows it.
    """

    facets: Mapping[str, Any] = {}

    def __init__(self, *, required: bool = False, note: str = "", is_secret: bool = False) -> None:
        self.is_secret = is_secret
        metadata = {"description": note, **self.facets}
        super().__init__(required=required, metadata=metadata, error_messages=_MESSAGES)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        """Return the value as `read`, which each type of setting overrides, validates and converts it.

        marshmallow calls this to load a field.
        """
        return self.read(value)

    def read(self, value: Any) -> Any:
        """Validate the value of a setting and return it in its Python type; each subclass overrides this.

        value: a JSON value, or a string from the text of a fault: ``"2s"``.

        Raises marshmallow's ValidationError for an invalid value; NotImplementedError in this base class.
        """
        raise NotImplementedError


def first_message(messages: object) -> tuple[str, str]:
    """Return what is wrong with a setting, and what to write instead, from marshmallow's messages on it.

    The first message counts. The second text is empty where nothing is suggested.
    """
    first = messages[0] if isinstance(messages, list) else str(messages)
    return (first.description, first.write) if isinstance(first, Problem) else (first, "")


class ValueField(SettingField):
    """A setting of a type that options have too.

    value_type: the type of its values.
    """

    def __init__(self, value_type: ValueType, *, required: bool = False, note: str = "") -> None:
        self.value_type, self.facets = value_type, value_type.schema
        super().__init__(required=required, note=note)

    def read(self, value: Any) -> Any:
        """Return the value of a setting as its type's Python value.

        Raises ValidationError, with what the type expects, for a value that it does not have.
        """
        try:
            return self.value_type.parse(value)
        except ValueError:
            raise ValidationError(f"must be {self.value_type.expected}") from None


class Count(ValueField):
    """A setting that is a whole number from `minimum` to `maximum`; a string of digits is accepted too."""

    def __init__(self, minimum: int, maximum: int, *, required: bool = False, note: str = "") -> None:
        super().__init__(whole_number(minimum, maximum), required=required, note=note)


class ChoiceField(ValueField):
    """A setting that is one of a few words or numbers; a number is accepted as a string too."""

    def __init__(self, *words: str | int, required: bool = False, note: str = "") -> None:
        super().__init__(choice(*words), required=required, note=note)


class Seconds(SettingField):
    """A duration of at most `MAX_SECONDS`: ``2``, ``0.5``, ``"2s"``, ``"300ms"``."""

    facets = {"type": ["number", "string"], "minimum": 0, "maximum": MAX_SECONDS}

    def read(self, value: Any) -> float:
        """Return the duration of a fault, or how long a control request waits, in seconds.

        ``"300ms"`` gives 0.3. Raises ValidationError for anything else, and for more than `MAX_SECONDS`.
        """
        if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
            value = float(match[1]) / (1000 if match[2] == "ms" else 1)
        if type(value) not in (int, float) or not 0 <= value <= MAX_SECONDS:
            raise ValidationError(f"must be a time from 0 to {MAX_SECONDS:g} seconds, such as 2s or 300ms")
        return float(value)


class Method(SettingField):
    """The method of the requests that a fault applies to, in upper or lower case; ``*`` means any.

    It must be one of the vendor's API.
    """

    facets = {"type": "string", "enum": ["*", *METHODS]}

    def read(self, value: Any) -> str:
        """Return a fault's method in capitals; an empty string for ``*``, any method.

        Raises ValidationError for anything else.
        """
        try:
            return read_method(value, METHODS)
        except PatternError as error:
            raise ValidationError(list(error.problems)) from None


class Path(SettingField):
    """The path of the requests that a fault applies to, or that a control request lists.

    A path of the vendor's API: ``customers/1``, ``customers/*``, ``/api/v1/sales/{invoice_code}``.
    """

    facets = {"type": "string"}

    def read(self, value: Any) -> str:
        """Return the path of a fault or a control request's filter, with ``*`` for each parameter.

        ``/api/v1/`` in front is removed. ``*``, which means any path, gives an empty string. Raises
        ValidationError for text that the path of a request cannot match.
        """
        try:
            return read_path(value)
        except PatternError as error:
            raise ValidationError(list(error.problems)) from None


class FieldName(SettingField):
    """A field of a response's body: its name, at any depth, or the path to it: ``data.customer.id``."""

    facets = {"type": "string"}

    def read(self, value: Any) -> str:
        """Return the field that a fault changes, its name or path, unchanged.

        Raises ValidationError for anything else.
        """
        if not isinstance(value, str) or not re.fullmatch(
            r"[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,9}", value
        ):
            raise ValidationError("must be the name of a field, or the path to it: data.customer.id")
        return value


class MediaType(SettingField):
    """The media type that a fault sets, with at most one parameter: ``text/html; charset=utf-8``."""

    facets = {"type": "string"}

    def read(self, value: Any) -> str:
        """Return the media type of a fault unchanged. Raises ValidationError for anything else."""
        if not isinstance(value, str) or not re.fullmatch(
            r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w-]+)?", value, re.ASCII
        ):
            raise ValidationError("must be a media type, such as text/html")
        return value


class Json(SettingField):
    """A setting that is any JSON value, also null, with at most `MAX_DEPTH` levels of nesting."""

    def __init__(self, *, required: bool = False, note: str = "", is_secret: bool = False) -> None:
        super().__init__(required=required, note=note, is_secret=is_secret)
        self.allow_none = True

    def read(self, value: Any) -> Any:
        """Return a deep copy of a stub's JSON body; later changes of the caller's object do not reach it.

        Raises ValidationError for a value that is not JSON, not UTF-8 or nested too deeply.
        """
        try:
            text = dumps(value, ensure_ascii=False, allow_nan=False)
            text.encode()
            copy = loads(text)
            if not is_deeper(copy, MAX_DEPTH):
                return copy
        except (TypeError, ValueError, RecursionError):
            pass
        raise ValidationError(f"must be JSON, in UTF-8 and at most {MAX_DEPTH} levels deep")


class BodyText(SettingField):
    """The text of a stub's body, which must be encodable as UTF-8."""

    facets = {"type": "string"}

    def read(self, value: Any) -> str:
        """Return the text of a stub's body unchanged.

        Raises ValidationError for another type, or text that is not UTF-8.
        """
        try:
            if isinstance(value, str) and value.encode() is not None:
                return value
        except UnicodeEncodeError:
            pass
        raise ValidationError("must be text")


class Base64(SettingField):
    """The bytes of a stub's body, in Base64 (RFC 4648, 4)."""

    facets = {"type": "string", "contentEncoding": "base64"}

    def read(self, value: Any) -> str:
        """Return the text unchanged. Raises ValidationError for what is not Base64."""
        try:
            b64decode(value, validate=True)
        except (TypeError, ValueError):
            raise ValidationError("must be bytes in Base64") from None
        return str(value)
