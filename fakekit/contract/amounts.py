"""The vendor's decimal numbers: amounts of money and quantities, which every body reads in the same way.

A record has each in its documented type, text or number; a request may send either (for a quantity the
assumption ``body.numbers``).
"""

from __future__ import annotations

import re
from math import ulp
from typing import Any

from marshmallow import fields

from fakekit.contract.fields import Text
from fakekit.contract.record_field import RecordField

_DECIMAL = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,2})?", re.ASCII)
_MONEY = re.compile(r"-?[0-9]{1,8}\.[0-9]{2}", re.ASCII)
QUANTITY = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,3})?", re.ASCII)
"""What the text of a quantity in a request is."""
LARGEST = 99_999_999.99  # of the tables' decimal(10,2): 8 digits before the point and 2 behind it
_AMOUNT_TEXT = {"type": "string", "pattern": f"^{_DECIMAL.pattern}$"}
_AMOUNT = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST, "multipleOf": 0.01}
"""The JSON Schemas of an amount in a request. Responses have no ``multipleOf``: many validators divide
floats, and find that 8.13 is no multiple of 0.01."""


class Quantity(Text):
    """A quantity, as text: ``"2"``, ``"0.125"``; a request may have it as a number, too.

    In a request its text must be a number (assumption ``body.numbers``): the vendor's tables say only string.
    """

    assumed_types = (int, float)
    is_signed = True
    request_schemas = (
        {"type": "string", "pattern": f"^{QUANTITY.pattern}$"},
        {"type": "number", "minimum": -LARGEST, "maximum": LARGEST, "multipleOf": 0.001},
    )
    default_error_messages = {
        "amount": "must be a quantity, such as 2: up to 8 digits before the point and 3 behind it"
    }

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        """Return the quantity as text; marshmallow calls this to load a field.

        Text of a request is kept as it is, a number gets no zeros behind the point. Raises ValidationError
        for anything that is not a quantity.
        """
        if not self.in_request:
            return super()._deserialize(value, *args, **kwargs)
        if isinstance(value, str) and QUANTITY.fullmatch(value):
            return value
        return f"{_read_decimal(self, value, 3):.3f}".rstrip("0").rstrip(".")


_AMOUNT_ERROR = "must be an amount, such as 10.00: up to 8 digits before the point and 2 behind it"


class Money(Text):
    """An amount of money, ``decimal(10,2)``, as text: ``"200.00"``."""

    is_signed = True
    facets = {"pattern": f"^{_MONEY.pattern}$"}
    request_schemas = (_AMOUNT_TEXT, _AMOUNT)
    default_error_messages = {
        "invalid": 'must be an amount in text, such as "10.00"',
        "amount": _AMOUNT_ERROR,
    }

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        """Return the amount as text with two decimals; a request may also have it as a number.

        marshmallow calls this to load a field. Raises ValidationError for anything that is not an amount.
        """
        if self.in_request:
            return f"{_amount(self, value):.2f}"
        if type(value) is not str or not _MONEY.fullmatch(value):
            raise self.make_error("invalid")
        return value

    def from_plain_text(self, text: str) -> object:
        """Return a fixture file's unquoted YAML amount as text with two decimals: ``10`` gives ``10.00``.

        Other text is returned unchanged; loading the record then reports it.
        """
        return f"{float(text):.2f}" if _DECIMAL.fullmatch(text) else text


class Price(RecordField, fields.Float):
    """An amount of money, ``decimal(10,2)``, as a number: ``1500.00``."""

    is_signed = True
    facets = {"minimum": -LARGEST, "maximum": LARGEST}
    request_schemas = (_AMOUNT, _AMOUNT_TEXT)
    default_error_messages = {
        "invalid": "must be an amount in numbers, such as 10.00",
        "amount": _AMOUNT_ERROR,
    }

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> float:
        """Return the amount as a number with two decimals; a request may also have it as text.

        marshmallow calls this to load a field. Raises ValidationError for anything that is not an amount.
        """
        if not self.in_request and type(value) not in (int, float):
            raise self.make_error("invalid")
        return _amount(self, value)

    def from_plain_text(self, text: str) -> object:
        """Convert a fixture file's unquoted YAML amount, ``10.5``, to a number; other text stays as it is.

        Loading the record then reports it as an error.
        """
        return float(text) if _DECIMAL.fullmatch(text) else text


def _amount(field: RecordField, value: object) -> float:
    """Convert a number, or the text of one, to an amount of money with two decimals.

    field: the field that is loaded. Raises its error "amount" (a ValidationError) for other values.
    """
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = float(value)
    return _read_decimal(field, value, 2)


def _read_decimal(field: RecordField, value: Any, digits: int) -> float:
    """Return a number with at most so many digits behind the point.

    field: the field that is loaded; its error "amount" (a ValidationError) is raised for a value that is no
        number, out of range, or has more decimals than the inexactness of floats explains.
    """
    if type(value) not in (int, float) or not abs(value) <= LARGEST:  # also true for NaN
        raise field.make_error("amount")
    number = round(float(value), digits) + 0.0  # no -0.00
    # 0.1 + 0.2 is an amount, 0.305 is not. A sum of large floats is a few ulps from one.
    if abs(number - value) > max(1e-9, 8 * ulp(value)):
        raise field.make_error("amount")
    return number
