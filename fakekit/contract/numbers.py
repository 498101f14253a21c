"""The vendor's numbers: ids, codes, switches and money, some of which are spelled as text.

In a record each has one spelling, the documented one. In a request digits may come in a string, since
PHP clients send them so (assumption ``body.numbers``); what is kept is the record's spelling.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from fakekit.contract.fields import Contracted, Text

_DIGITS = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,2})?", re.ASCII)
_MONEY = re.compile(r"-?[0-9]{1,8}\.[0-9]{2}", re.ASCII)
_LARGEST = 99_999_999.99


def parse_id(text: str) -> int | None:
    """Return the id that a path segment spells, or None for what cannot be one (``id.form``).

    An id has 1 to 18 digits, without sign or leading zero.
    """
    return int(text) if _ID.fullmatch(text) else None


class Whole(Contracted, fields.Integer):
    """A whole number from `low` to `high`; in a request it may come as digits in a string."""

    counted = True
    low, high = 0, 10**18 - 1
    text = re.compile(r"[0-9]{1,18}", re.ASCII)
    """How it is spelled when it comes as text."""
    default_error_messages = {
        "required": "is required",
        "null": "may not be null",
        "invalid": "must be a whole number",
        "range": "must be between {low} and {high}",
    }

    def __init__(self, **declared: Any) -> None:
        self.facets = {"minimum": self.low, "maximum": self.high}
        self.lenient_facets = {"type": ["integer", "string"], "pattern": f"^{self.text.pattern}$"}
        super().__init__(**declared)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        """Return the number, in a request also of digits in a string; check its range."""
        if self.lenient:
            if isinstance(value, str) and self.text.fullmatch(value):
                value = int(value)
            elif isinstance(value, float) and value.is_integer():
                value = int(value)  # JSON has one kind of number
        if type(value) is not int:
            raise self.make_error("invalid")
        if not self.low <= value <= self.high:
            raise self.make_error("range", low=self.low, high=self.high)
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        """Return the value as it is: records are checked when they are made."""
        return value

    def plain(self, text: str) -> Any:
        """Return ``42`` as the number 42; anything else stays text and is refused by the type."""
        return int(text) if _DIGITS.fullmatch(text) else text

    def suggest_value(self, value: Any) -> str:
        """Return the number without its quotes, for a number that came as text."""
        if isinstance(value, str) and parse_id(value):
            return f"{self.name}: {value} without quotes"
        return super().suggest_value(value)


class Id(Whole):
    """A record's own number, as `parse_id` reads it from a path."""

    low, text = 1, _ID

    def suggest_value(self, value: Any) -> str:
        """Return the number without its quotes, or another id for what is not one."""
        own = super().suggest_value(value)
        return own if own.endswith("quotes") else f"a number of its own, such as {self.name}: 101"


class Reference(Id):
    """The id of a record of another resource.

    to: the name of that resource.
    files: whether records of fixture files, too, may only refer to records that exist. Requests always must.
    """

    def __init__(self, to: str, *, files: bool = False, **declared: Any) -> None:
        self.to, self.files = to, files
        super().__init__(**declared)

    def suggest_value(self, value: Any) -> str:
        """Return the number without its quotes, or of which resource an id is needed."""
        own = super().suggest_value(value)
        return own if own.endswith("quotes") else f"the id of one of {self.to}"


class TextReference(Text):
    """The id of a record of another resource, spelled as a string of digits: ``"42"``."""

    facets = {"pattern": f"^{_ID.pattern}$"}
    lenient_facets = {"type": ["integer", "string"], "minimum": 1, "maximum": 10**18 - 1}
    default_error_messages = {
        "digits": "must be a whole number in a string",
        "whole": "must be a whole number",
    }

    def __init__(self, to: str, **declared: Any) -> None:
        self.to = to
        super().__init__(**declared)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        """Return the id as a string of digits, in a request also of a number."""
        if self.lenient and isinstance(value, int | float) and not isinstance(value, bool):
            value = str(int(value)) if value == value // 1 else ""
        if type(value) is not str or not _ID.fullmatch(value):
            raise self.make_error("whole" if self.lenient else "digits")
        return value


class SixDigits(Whole):
    """A number of up to six digits, which a request spells with all six: ``324232`` or ``"324232"``."""

    counted = False  # the tables call it a string, the samples a number
    high, text = 999_999, re.compile(r"[0-9]{6}", re.ASCII)
    default_error_messages = {"six": "must be six digits"}

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        """Return the number; text in a request must have all six digits."""
        if self.lenient and isinstance(value, str) and not self.text.fullmatch(value):
            raise self.make_error("six")
        return super()._deserialize(value, attr, data, **kwargs)


class BinaryNumber(Whole):
    """1 (true) or 0 (false)."""

    high, text = 1, re.compile(r"[01]", re.ASCII)


class Money(Text):
    """``decimal(10,2)`` spelled as text: ``"200.00"``."""

    facets = {"pattern": f"^{_MONEY.pattern}$"}
    lenient_facets = {
        "type": ["string", "number"],
        "pattern": f"^{_DECIMAL.pattern}$",
        "minimum": -_LARGEST,
        "maximum": _LARGEST,
    }
    default_error_messages = {
        "invalid": 'must be an amount in text, such as "10.00"',
        "amount": "must be an amount, such as 10.00: up to 8 digits before the point and 2 behind it",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        """Return the amount as text with two decimals, in a request also of a number."""
        if self.lenient:
            return f"{_amount(self, value):.2f}"
        if type(value) is not str or not _MONEY.fullmatch(value):
            raise self.make_error("invalid")
        return value

    def plain(self, text: str) -> Any:
        """Return an unquoted amount with two decimals: ``10`` and ``10.5`` are amounts too."""
        return f"{float(text):.2f}" if _DECIMAL.fullmatch(text) else text


class Price(Contracted, fields.Float):
    """``decimal(10,2)`` spelled as a number: ``1500.00``."""

    facets = {"minimum": -_LARGEST, "maximum": _LARGEST}
    lenient_facets = {"type": ["number", "string"], "pattern": f"^{_DECIMAL.pattern}$"}
    default_error_messages = {
        "required": "is required",
        "null": "may not be null",
        "invalid": "must be an amount in numbers, such as 10.00",
        "amount": "must be an amount, such as 10.00: up to 8 digits before the point and 2 behind it",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> float:
        """Return the amount as a number, in a request also of text."""
        if not self.lenient and type(value) not in (int, float):
            raise self.make_error("invalid")
        return _amount(self, value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        """Return the value as it is: records are checked when they are made."""
        return value

    def plain(self, text: str) -> Any:
        """Return an unquoted amount as a number; anything else stays text and is refused by the type."""
        return float(text) if _DECIMAL.fullmatch(text) else text


def _amount(field: Contracted, value: Any) -> float:
    """Return a number, or the text of one, rounded to two decimals.

    Raises the field's error "amount" for one with more decimals than float arithmetic explains, or out of
    range.
    """
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = float(value)
    if type(value) not in (int, float) or not abs(value) <= _LARGEST:  # which NaN is not
        raise field.make_error("amount")
    amount = round(float(value), 2) + 0.0  # no -0.00
    if abs(amount - value) > 1e-6:
        raise field.make_error("amount")
    return amount
