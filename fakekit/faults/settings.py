"""The types of a fault's settings, as marshmallow fields that read JSON and text alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from json import dumps, loads
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields

from fakekit.contract.pattern import METHODS, read_method, read_path
from fakekit.errors import PatternError

if TYPE_CHECKING:
    _Field = fields.Field[Any]
else:
    _Field = fields.Field  # not generic before marshmallow 4

LONGEST_SECONDS = 60.0
"""The longest delay; a longer one is refused."""

_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,20})?)\s*(ms|s)?", re.ASCII)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)  # RFC 9110, 5.6.2
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,4000}", re.ASCII)
_FRAMING = (
    *("content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer"),
    *("trailers", "proxy-authenticate", "proxy-authorization"),
)
"""What frames a message or concerns one connection only (RFC 9110, 7.6.1): a server refuses it of an app."""
_OURS = "fakekit-"

DEEPEST = 100
"""How many levels JSON may have: all that is done to it takes a step into each."""


_MESSAGES: dict[str, Any] = {"required": "is required", "null": "must not be null"}


class SettingField(_Field):
    """One setting of a fault or of a control operation, as a marshmallow field.

    facets: what JSON Schema can say of its values.
    note: what it means, for the generated documentation.
    """

    facets: Mapping[str, Any] = {}

    def __init__(self, *, required: bool = False, note: str = "") -> None:
        metadata = {"description": note, **self.facets}
        super().__init__(required=required, metadata=metadata, error_messages=_MESSAGES)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        """Return what `read` returns; called by marshmallow."""
        return self.read(value)

    def read(self, value: Any) -> Any:
        """Return the setting's value, of JSON or the text of a fault.

        Raises marshmallow's ValidationError for what it cannot be; NotImplementedError in this base class.
        """
        raise NotImplementedError


class Count(SettingField):
    """A whole number from `low` to `high`, also as a string of digits."""

    def __init__(self, low: int, high: int, *, required: bool = False, note: str = "") -> None:
        self.low, self.high = low, high
        self.facets = {"type": "integer", "minimum": low, "maximum": high}
        super().__init__(required=required, note=note)

    def read(self, value: Any) -> int:
        """Return the number. Raises ValidationError for anything else, or one out of range."""
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
            value = int(value)
        if type(value) is not int or not self.low <= value <= self.high:
            raise ValidationError(f"must be a whole number from {self.low:,} to {self.high:,}")
        return value


class Word(SettingField):
    """One of a few words or numbers; a number may come as a string."""

    def __init__(self, *words: str | int, required: bool = False, note: str = "") -> None:
        self.words = words
        self.facets = {"enum": list(words)}
        super().__init__(required=required, note=note)

    def read(self, value: Any) -> str | int:
        """Return the word as it is declared. Raises ValidationError that lists them all."""
        for word in self.words:
            if type(value) in (str, int) and str(value) == str(word):
                return word
        raise ValidationError(f"must be one of {', '.join(map(str, self.words))}")


class Seconds(SettingField):
    """A duration of at most `LONGEST_SECONDS`: ``2``, ``0.5``, ``"2s"``, ``"300ms"``."""

    facets = {"type": ["number", "string"], "minimum": 0, "maximum": LONGEST_SECONDS}

    def read(self, value: Any) -> float:
        """Return the duration in seconds. Raises ValidationError."""
        if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
            value = float(match[1]) / (1000 if match[2] == "ms" else 1)
        if type(value) not in (int, float) or not 0 <= value <= LONGEST_SECONDS:
            raise ValidationError(
                f"must be a time from 0 to {LONGEST_SECONDS:g} seconds, such as 2s or 300ms"
            )
        return float(value)


class Method(SettingField):
    """A method of the vendor's API, in any case of letters; ``*`` is any."""

    facets = {"type": "string", "enum": ["*", *METHODS]}

    def read(self, value: Any) -> str:
        """Return the method in capitals; empty for any. Raises ValidationError."""
        try:
            return read_method(value, METHODS)
        except PatternError as error:
            raise ValidationError(list(error.problems)) from None


class Path(SettingField):
    """A path of the vendor's API: ``customers/1``, ``customers/*``, ``/api/v1/sales/{invoice_code}``."""

    facets = {"type": "string"}

    def read(self, value: Any) -> str:
        """Return the path behind ``/api/v1/``, with ``*`` for each parameter; empty for any.

        Raises ValidationError for what no request's path can match.
        """
        try:
            return read_path(value)
        except PatternError as error:
            raise ValidationError(list(error.problems)) from None


class FieldName(SettingField):
    """A field of a response: its name, at any depth, or the path to it: ``data.customer.id``."""

    facets = {"type": "string"}

    def read(self, value: Any) -> str:
        """Return the path as it came, with dots. Raises ValidationError."""
        if not isinstance(value, str) or not re.fullmatch(
            r"[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,9}", value
        ):
            raise ValidationError("must be the name of a field, or the way to it: data.customer.id")
        return value


class MediaType(SettingField):
    """A media type with at most one parameter: ``text/html; charset=utf-8``."""

    facets = {"type": "string"}

    def read(self, value: Any) -> str:
        """Return the media type as it came. Raises ValidationError."""
        if not isinstance(value, str) or not re.fullmatch(
            r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w-]+)?", value, re.ASCII
        ):
            raise ValidationError("must be a media type, such as text/html")
        return value


class Json(SettingField):
    """Anything that JSON carries, null too, at most `DEEPEST` levels deep."""

    def __init__(self, *, required: bool = False, note: str = "") -> None:
        super().__init__(required=required, note=note)
        self.allow_none = True

    def read(self, value: Any) -> Any:
        """Return a copy of the value, so that the caller's own may change. Raises ValidationError."""
        try:
            text = dumps(value, ensure_ascii=False, allow_nan=False)
            text.encode()
            copy = loads(text)
            if _depth(copy) <= DEEPEST:
                return copy
        except (TypeError, ValueError, RecursionError):
            pass
        raise ValidationError(f"must be JSON, in UTF-8 and at most {DEEPEST} levels deep")


def _depth(value: Any) -> int:
    """Return how many lists and objects are nested in a value; 0 for text, numbers and the like."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if children is None else 1 + max(map(_depth, children), default=0)


class BodyText(SettingField):
    """The text of a response's body, which must be encodable as UTF-8."""

    facets = {"type": "string"}

    def read(self, value: Any) -> str:
        """Return the text as it came. Raises ValidationError."""
        try:
            if isinstance(value, str) and value.encode() is not None:
                return value
        except UnicodeEncodeError:
            pass
        raise ValidationError("must be text")


class Headers(SettingField):
    """Headers by name, except fakekit's own and those that frame the message."""

    facets = {"type": "object", "additionalProperties": {"type": "string"}}

    def read(self, value: Any) -> dict[str, str]:
        """Return a copy of the headers. Raises ValidationError that repeats no value: it may be secret."""
        if not isinstance(value, Mapping) or len(value) > 50:
            raise ValidationError("must be headers by name")
        for name, text in value.items():
            if not (isinstance(name, str) and _HEADER_NAME.fullmatch(name)):
                raise ValidationError("must have names that HTTP allows")
            if not (isinstance(text, str) and _HEADER_VALUE.fullmatch(text)):
                raise ValidationError("must have printable ASCII as their values")  # a name may be a secret
            if name.lower() in _FRAMING:
                raise ValidationError(f"must leave {name.lower()} to fakekit")
            if name.lower().startswith(_OURS):
                raise ValidationError(f"must leave those that begin with {_OURS} to fakekit")
        return dict(value)
