"""The vendor's numbers: ids, codes, switches, money and quantities; `fakekit.contract.ids` reads ids in paths.

Some of them are text in JSON. A record has each in its documented type. A request may send digits in a
string, as PHP clients do, and a quantity as a number (assumption ``body.numbers``); they are converted to the
record's type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from fakekit.contract.fields import Text
from fakekit.contract.ids import ID, parse_id
from fakekit.contract.record_field import RecordField
from fakekit.errors import Cure

_DIGITS = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)  # bounded: int() is slow for thousands of digits
_DECIMAL = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,2})?", re.ASCII)
_QUANTITY = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,3})?", re.ASCII)
_MONEY = re.compile(r"-?[0-9]{1,8}\.[0-9]{2}", re.ASCII)
_LARGEST = 99_999_999.99  # of the tables' decimal(10,2): 8 digits before the point and 2 behind it


class Whole(RecordField, fields.Integer):
    """A record field for a whole number from `minimum` to `maximum`; a request may have it as text, too.

    declared: the arguments of `RecordField`.
    """

    assumed_types = (str,)
    minimum, maximum = 0, 10**18 - 1
    text = re.compile(r"[0-9]{1,18}", re.ASCII)
    """The form of the number when a request sends it as text."""
    default_error_messages = {
        "invalid": "must be a whole number",
        "range": "must be between {minimum} and {maximum}",
    }

    def __init__(self, **declared: Any) -> None:
        self.facets = {"minimum": self.minimum, "maximum": self.maximum}
        self.request_facets = {"type": ["integer", "string"], "pattern": f"^{self.text.pattern}$"}
        super().__init__(**declared)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        """Return the value as a number; marshmallow calls this to load a field.

        A request may also have digits in a string, or a float without a fraction. Raises ValidationError for
        any other type and for a number out of range.
        """
        if self.in_request:
            if isinstance(value, str) and self.text.fullmatch(value):
                value = int(value)
            elif isinstance(value, float) and value.is_integer():
                value = int(value)  # JSON does not tell 1.0 from 1 (RFC 8259, 6)
        if type(value) is not int:
            raise self.make_error("invalid")
        if not self.minimum <= value <= self.maximum:
            raise self.make_error("range", minimum=self.minimum, maximum=self.maximum)
        return value

    def from_plain_text(self, text: str) -> Any:
        """Convert a fixture file's unquoted YAML scalar, ``42``, to a number; other text stays as it is.

        Loading the record then reports it as an error.
        """
        return int(text) if _DIGITS.fullmatch(text) else text

    def suggest_value(self, value: Any) -> Cure | str:
        """Suggest, in an error message, the number without quotes for a number that came as text.

        For any other value suggest the field's example.
        """
        number = parse_id(value) if isinstance(value, str) else None
        if number is not None:
            return Cure.value(str(self.name), number, yaml_note=" without quotes")
        return self.suggest_other()

    def suggest_other(self) -> Cure | str:
        """Return the suggestion for a value that is not a number in quotes: the field's example."""
        return super().suggest_value(None)


class Id(Whole):
    """The id of the record itself, a whole number from 1."""

    minimum, text = 1, ID

    def suggest_other(self) -> Cure | str:
        """Return the suggestion for a value that is not a number in quotes: an unused id, such as 101."""
        return Cure.value(str(self.name), 101, "a number of its own, such as")


class Reference(Id):
    """The id of a record of another resource; a request may only refer to a record that exists.

    target: the name of that resource: ``customer_groups``.
    checked_in_files: whether records of fixture files, too, may only refer to records that exist; off by
        default.
    declared: the arguments of `RecordField`.
    """

    def __init__(self, target: str, *, checked_in_files: bool = False, **declared: Any) -> None:
        self.target, self.checked_in_files = target, checked_in_files
        super().__init__(**declared)

    def suggest_other(self) -> Cure | str:
        """Return the suggestion for a value that is not a number in quotes: the resource with the ids."""
        return f"the id of one of {self.target}"


class TextReference(Text):
    """The id of a record of another resource as a string of digits: ``"42"``.

    target: the name of that resource: ``customers``.
    declared: the arguments of `RecordField`.
    """

    facets = {"pattern": f"^{ID.pattern}$"}
    request_facets = {"type": ["integer", "string"], "minimum": 1, "maximum": 10**18 - 1}
    default_error_messages = {
        "digits": "must be a whole number in a string",
        "whole": "must be a whole number",
    }

    def __init__(self, target: str, **declared: Any) -> None:
        self.target = target
        super().__init__(**declared)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        """Return the id as a string of digits; a request may also have it as a number.

        marshmallow calls this to load a field. Raises ValidationError for anything that is not an id.
        """
        if self.in_request and isinstance(value, int | float) and not isinstance(value, bool):
            value = str(int(value)) if value == value // 1 else ""
        if type(value) is not str or not ID.fullmatch(value):
            raise self.make_error("whole" if self.in_request else "digits")
        return value


class SixDigits(Whole):
    """A number of up to six digits; as text in a request it must have all six: ``"004232"``.

    all_six: whether a number, too, must have all six in a request; by default ``4232`` is ``"004232"``, as an
        answer has it.
    declared: the arguments of `RecordField`.
    """

    assumed_types = ()  # the vendor's tables call it a string, its samples have a number
    maximum, text = 999_999, re.compile(r"[0-9]{6}", re.ASCII)
    default_error_messages = {"six": "must be six digits"}

    def __init__(self, *, all_six: bool = False, **declared: Any) -> None:
        self.all_six = all_six
        super().__init__(**declared)
        if all_six:
            self.request_facets = {**self.request_facets, "minimum": 100_000}

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        """Return the value as a number from 0 to 999999; text in a request must have all six digits.

        marshmallow calls this to load a field. Raises ValidationError for anything else.
        """
        if self.in_request and isinstance(value, str) and not self.text.fullmatch(value):
            raise self.make_error("six")
        number = super()._deserialize(value, attr, data, **kwargs)
        if self.in_request and self.all_six and not isinstance(value, str) and number < 100_000:
            raise self.make_error("six")
        return number


class BinaryNumber(Whole):
    """1 (true) or 0 (false)."""

    maximum, text = 1, re.compile(r"[01]", re.ASCII)


class Quantity(Text):
    """A quantity, as text: ``"2"``, ``"0.125"``; a request may have it as a number, too.

    In a request its text must be a number (assumption ``body.numbers``): the vendor's tables say only string.
    """

    assumed_types = (int, float)
    can_be_negative = True
    request_facets = {
        "type": ["string", "number"],
        "pattern": f"^{_QUANTITY.pattern}$",
        "minimum": -_LARGEST,
        "maximum": _LARGEST,
    }
    default_error_messages = {
        "quantity": "must be a quantity, such as 2: up to 8 digits before the point and 3 behind it"
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        """Return the quantity as text; marshmallow calls this to load a field.

        Text of a request is kept as it is, a number gets no zeros behind the point. Raises ValidationError
        for anything that is not a quantity.
        """
        if not self.in_request:
            return super()._deserialize(value, attr, data, **kwargs)
        if isinstance(value, str) and _QUANTITY.fullmatch(value):
            return value
        if type(value) not in (int, float) or not abs(value) <= _LARGEST or round(value, 3) != value:
            raise self.make_error("quantity")
        return f"{value + 0.0:.3f}".rstrip("0").rstrip(".")  # + 0.0: no -0


class Money(Text):
    """An amount of money, ``decimal(10,2)``, as text: ``"200.00"``."""

    can_be_negative = True
    facets = {"pattern": f"^{_MONEY.pattern}$"}
    request_facets = {
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
        """Return the amount as text with two decimals; a request may also have it as a number.

        marshmallow calls this to load a field. Raises ValidationError for anything that is not an amount.
        """
        if self.in_request:
            return f"{_amount(self, value):.2f}"
        if type(value) is not str or not _MONEY.fullmatch(value):
            raise self.make_error("invalid")
        return value

    def from_plain_text(self, text: str) -> Any:
        """Return a fixture file's unquoted YAML amount as text with two decimals: ``10`` gives ``10.00``.

        Other text is returned unchanged; loading the record then reports it.
        """
        return f"{float(text):.2f}" if _DECIMAL.fullmatch(text) else text


class Price(RecordField, fields.Float):
    """An amount of money, ``decimal(10,2)``, as a number: ``1500.00``."""

    can_be_negative = True
    facets = {"minimum": -_LARGEST, "maximum": _LARGEST}
    request_facets = {"type": ["number", "string"], "pattern": f"^{_DECIMAL.pattern}$"}
    default_error_messages = {
        "invalid": "must be an amount in numbers, such as 10.00",
        "amount": "must be an amount, such as 10.00: up to 8 digits before the point and 2 behind it",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> float:
        """Return the amount as a number with two decimals; a request may also have it as text.

        marshmallow calls this to load a field. Raises ValidationError for anything that is not an amount.
        """
        if not self.in_request and type(value) not in (int, float):
            raise self.make_error("invalid")
        return _amount(self, value)

    def from_plain_text(self, text: str) -> Any:
        """Convert a fixture file's unquoted YAML amount, ``10.5``, to a number; other text stays as it is.

        Loading the record then reports it as an error.
        """
        return float(text) if _DECIMAL.fullmatch(text) else text


def _amount(field: RecordField, value: Any) -> float:
    """Convert a number, or the text of one, to an amount of money with two decimals.

    field: the field that is loaded; its error "amount" (a ValidationError) is raised for a value that is no
        number, out of range, or has more decimals than the inexactness of floats explains.
    """
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = float(value)
    if type(value) not in (int, float) or not abs(value) <= _LARGEST:  # also true for NaN
        raise field.make_error("amount")
    amount = round(float(value), 2) + 0.0  # no -0.00
    if abs(amount - value) > 1e-6:  # 0.1 + 0.2 is an amount, 0.305 is not
        raise field.make_error("amount")
    return amount
