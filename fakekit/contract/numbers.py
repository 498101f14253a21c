"""The vendor's whole numbers: ids, codes and switches; `fakekit.contract.ids` reads ids in paths.

Some of them are text in JSON. A record has each in its documented type. A request may send digits in a
string, as PHP clients do (assumption ``body.numbers``); they are converted to the record's type.
"""

from __future__ import annotations

import re
from typing import Any

from marshmallow import fields

from fakekit.contract.fields import Text
from fakekit.contract.ids import ID, parse_id
from fakekit.contract.record_field import RecordField
from fakekit.errors import Cure

_DIGITS = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)  # bounded: int() is slow for thousands of digits


class Whole(RecordField, fields.Integer):
    """A record field for a whole number from `minimum` to `maximum`; a request may have it as text, too.

    declared: the arguments of `RecordField`.
    """

    assumed_types: tuple[type, ...] = (str,)
    minimum, maximum = 0, 10**18 - 1
    text = re.compile(r"[0-9]{1,18}", re.ASCII)
    """The form of the number when a request sends it as text."""
    default_error_messages = {
        "invalid": "must be a whole number",
        "range": "must be between {minimum} and {maximum}",
    }

    def __init__(self, **declared: Any) -> None:
        self.facets = {"minimum": self.minimum, "maximum": self.maximum}
        self.request_schemas = (
            {"type": "integer", **self.facets},
            {"type": "string", "pattern": f"^{self.text.pattern}$"},
        )
        super().__init__(**declared)

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> int:
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

    def from_plain_text(self, text: str) -> object:
        """Convert a fixture file's unquoted YAML scalar, ``42``, to a number; other text stays as it is.

        Loading the record then reports it as an error.
        """
        return int(text) if _DIGITS.fullmatch(text) else text

    def suggest_value(self, value: object) -> Cure | str:
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

    def __init__(self, target: str, *, checked_in_files: bool = False, **declared: object) -> None:
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
    request_schemas = (
        {"type": "string", **facets},
        {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    )
    default_error_messages = {
        "digits": "must be a whole number in a string",
        "whole": "must be a whole number",
    }

    def __init__(self, target: str, **declared: Any) -> None:
        self.target = target
        super().__init__(**declared)

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
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

    def __init__(self, *, all_six: bool = False, **declared: object) -> None:
        self.all_six = all_six
        super().__init__(**declared)
        if all_six:
            number, text = self.request_schemas
            self.request_schemas = ({**number, "minimum": 100_000}, text)

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> int:
        """Return the value as a number from 0 to 999999; text in a request must have all six digits.

        marshmallow calls this to load a field. Raises ValidationError for anything else.
        """
        if self.in_request and isinstance(value, str) and not self.text.fullmatch(value):
            raise self.make_error("six")
        number = super()._deserialize(value, *args, **kwargs)
        if self.in_request and self.all_six and not isinstance(value, str) and number < 100_000:
            raise self.make_error("six")
        return number


class BinaryNumber(Whole):
    """1 (true) or 0 (false)."""

    maximum, text = 1, re.compile(r"[01]", re.ASCII)
