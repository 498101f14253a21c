"""The field types of the vendor's records, as marshmallow fields that take no liberties.

The JSON type on the wire is part of the contract (``id`` is a number, ``business_code`` a string of
digits), so nothing is coerced: a number where text belongs is refused, and the other way round.
Text formats have no types at all: `plain` reads an unquoted YAML scalar as its field means it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from fakekit.contract.provenance import Truth

_DIGITS = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True)
class Form:
    """A rule that no page states: it warns in fixture files, and refuses only under ``--strict``."""

    pattern: re.Pattern[str]
    what: str

    def holds(self, value: str) -> bool:
        """Whether the value has the usual form."""
        return self.pattern.fullmatch(value) is not None


EMAIL = Form(re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+"), "does not look like an e-mail address")
PHONE = Form(re.compile(r"\+[0-9]{7,15}", re.ASCII), "is not in the international form")
LINK = Form(re.compile(r"(https?://\S+|/\S*|[\w.-]+/\S*)"), "is neither a URL nor a path")
UUID = Form(re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "is not a lower-case UUID")
DIGITS = Form(re.compile(r"[0-9]+", re.ASCII), "is not a string of digits")
SPELLED = Form(re.compile(r"(?s).*\S.*"), "is blank")


def parse_id(text: str) -> int | None:
    """The number that `text` names under the assumption ``id.form``, or None if it names no record."""
    return int(text) if _ID.fullmatch(text) else None


if TYPE_CHECKING:
    _Field = fields.Field[Any]
else:
    _Field = fields.Field  # not generic before marshmallow 4


class Contracted(_Field):
    """What every field of a record declares beside its type. Mixed into marshmallow's own fields."""

    facets: Mapping[str, Any] = {}
    """What JSON Schema can say of the type beyond its name."""

    def __init__(
        self,
        *,
        example: Any,
        truth: Truth,
        note: str = "",
        optional: bool = False,
        owned: str | None = None,
        form: Form | None = None,
    ) -> None:
        """Declare a field.

        example: the value of the vendor's sample; errors offer it as what to write.
        truth: where the field comes from.
        note: what it is, in our words; OpenAPI and JSON Schema show it.
        optional: may be null or left out (null is then what it is, assumption ``customer.nulls``).
        owned: the value that every record of the business has, taken when a file leaves it out.
        form: a rule that no page states.
        """
        self.example, self.truth, self.form = example, truth, form
        metadata: dict[str, Any] = {"examples": [example], "x-fakekit-truth": str(truth)}
        metadata.update(self.facets)
        if note:
            metadata["description"] = note
        presence: dict[str, Any] = {"required": True}
        if optional:
            presence = {"allow_none": True, "load_default": None}
        elif owned is not None:
            presence = {"load_default": owned}
        super().__init__(**presence, metadata=metadata)

    def plain(self, text: str) -> Any:
        """An unquoted YAML scalar as this field reads it; text by default."""
        return text

    def offer(self, value: Any) -> str:
        """What to write instead of a value that was refused: what was meant, or something like it."""
        return f"something like {self.name}: {self.example}"


class Text(Contracted, fields.String):
    """Any text that UTF-8 can carry."""

    default_error_messages = {
        "required": "is required",
        "null": "may not be null",
        "invalid": "must be text",
        "surrogate": "holds half of a surrogate pair, which is not text",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        if type(value) is not str:
            raise self.make_error("invalid")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise self.make_error("surrogate") from None
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


class Timestamp(Text):
    """``YYYY-MM-DD HH:MM:SS``, zero-padded, without a zone (which the vendor never states)."""

    facets = {"pattern": f"^{_TIMESTAMP.pattern}$"}
    default_error_messages = {
        "invalid": "must be a date and time, YYYY-MM-DD HH:MM:SS",
        "calendar": "is not a date and time of the calendar",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        if type(value) is not str or not _TIMESTAMP.fullmatch(value):
            raise self.make_error("invalid")
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise self.make_error("calendar") from None
        if value[11:13] == "24":  # which some Pythons read as midnight
            raise self.make_error("calendar")
        return value

    def offer(self, value: Any) -> str:
        """A date becomes the start of its day."""
        try:
            meant = datetime.fromisoformat(value).replace(tzinfo=None, microsecond=0)
        except (TypeError, ValueError):
            return super().offer(value)
        return f"{self.name}: {meant}"


class Id(Contracted, fields.Integer):
    """A record's own number, as `parse_id` reads it from a path."""

    facets = {"minimum": 1, "maximum": 10**18 - 1}
    default_error_messages = {
        "required": "is required",
        "null": "may not be null",
        "invalid": "must be a whole number",
        "range": "must be between 1 and 999999999999999999",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        if not 1 <= value < 10**18:
            raise self.make_error("range")
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value

    def plain(self, text: str) -> Any:
        """``42`` as the number 42; anything else stays text and is refused by the type."""
        return int(text) if _DIGITS.fullmatch(text) else text

    def offer(self, value: Any) -> str:
        """A number in quotes without them."""
        if isinstance(value, str) and parse_id(value):
            return f"{self.name}: {value} without quotes"
        return f"a number of its own, such as {self.name}: 101"


class Reference(Id):
    """The id of a record of another resource, named by `to`."""

    def __init__(self, to: str, **declared: Any) -> None:
        self.to = to
        super().__init__(**declared)

    def offer(self, value: Any) -> str:
        """A number in quotes without them, else what is meant."""
        own = super().offer(value)
        return own if own.endswith("quotes") else f"the id of one of {self.to}"
